//! JSON of import profiles; a profile itself is TOML.

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::id::from_public;
use kernel::{Channel, UnitId};
use platform::identity::{Actor, GuardedRoutes as _, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::extract::read_body;
use web::{Json, Problem, Query};

use super::actions::{self, PROFILE_BYTES_MAX};
use crate::bills::Profile;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GiftImport, routes!(list_profiles))
        .staff(Permission::GiftImport, routes!(get_profile))
        .staff(Permission::GiftImport, routes!(put_profile))
        .staff(Permission::GiftImport, routes!(delete_profile))
}

/// Whose profiles.
#[derive(Debug, Deserialize)]
struct OfUnit {
    /// The unit's public id; the first unit of the installation when nothing is said.
    unit: Option<String>,
}

/// A profile.
#[derive(Debug, Serialize, ToSchema)]
struct ProfileOut {
    /// Its name, as imports say it.
    name: String,
    /// What it reads, in Chinese.
    title_zh: String,
    /// What it reads, in English.
    title_en: String,
    /// The channel of its gifts.
    #[schema(value_type = String)]
    channel: Channel,
    /// Whether it comes with the programme.
    built_in: bool,
}

/// The profiles a unit can import with.
#[derive(Debug, Serialize, ToSchema)]
struct ProfilesOut {
    /// Those that come with the programme, then the unit's own.
    items: Vec<ProfileOut>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Programme,
    Unit,
}

fn out(profile: &Profile, from: From) -> ProfileOut {
    ProfileOut {
        name: profile.name().to_owned(),
        title_zh: profile.title_zh().to_owned(),
        title_en: profile.title_en().to_owned(),
        channel: profile.channel(),
        built_in: from == From::Programme,
    }
}

fn unit_of(s: &Services, actor: &Actor, of: &OfUnit) -> Result<UnitId, Problem> {
    let unit = match &of.unit {
        Some(text) => from_public(&*s.keys, text).map_err(|error| Problem::invalid("unit", error))?,
        None => s.tree.roots().first().copied().ok_or_else(Problem::internal)?,
    };
    actor.require(Permission::GiftImport, unit)?;
    Ok(unit)
}

/// The profiles a unit can import with.
#[utoipa::path(get, path = "/api/v1/import-profiles", tag = "gifts",
    params(("unit" = Option<String>, Query, description = "public id")), responses((status = 200, body = ProfilesOut)))]
async fn list_profiles(
    State(s): State<Services>,
    actor: Actor,
    Query(of): Query<OfUnit>,
) -> Result<Json<ProfilesOut>, Problem> {
    let unit = unit_of(&s, &actor, &of)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let own = actions::own(&mut at, unit).await.map_err(|e| problems::of_db(&e))?;
    let built_in = Profile::built_in().iter().map(|profile| out(profile, From::Programme));
    let items = built_in
        .chain(own.iter().map(|profile| out(profile, From::Unit)))
        .collect();
    Ok(Json(ProfilesOut { items }))
}

/// The text of a unit's own profile.
#[utoipa::path(get, path = "/api/v1/import-profiles/{name}", tag = "gifts",
    params(("name" = String, Path), ("unit" = Option<String>, Query)),
    responses((status = 200, content_type = "application/toml", description = "the profile")))]
async fn get_profile(
    State(s): State<Services>,
    actor: Actor,
    Path(name): Path<String>,
    Query(of): Query<OfUnit>,
) -> Result<Response, Problem> {
    let unit = unit_of(&s, &actor, &of)?;
    let text = actions::own_text(&s, unit, &name)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let text = text.ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], text).into_response())
}

/// Keeps a profile of the unit's own: the same file, with the same checks, that `--profile FILE` takes.
#[utoipa::path(put, path = "/api/v1/import-profiles/{name}", tag = "gifts",
    params(("name" = String, Path, description = "the `name` in the file"), ("unit" = Option<String>, Query)),
    request_body(content = String, content_type = "application/toml"),
    responses((status = 200, body = ProfileOut), (status = 400, description = "what is wrong with the file")))]
async fn put_profile(
    State(s): State<Services>,
    actor: Actor,
    Path(name): Path<String>,
    Query(of): Query<OfUnit>,
    request: Request,
) -> Result<Json<ProfileOut>, Problem> {
    let unit = unit_of(&s, &actor, &of)?;
    let bytes = read_body(request.into_body(), PROFILE_BYTES_MAX).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Problem::invalid("profile", "UTF-8 is expected"))?;
    let profile = actions::set(&s, &actor, unit, &name, text).await?;
    Ok(Json(out(&profile, From::Unit)))
}

/// Takes a profile of the unit's own away.
#[utoipa::path(delete, path = "/api/v1/import-profiles/{name}", tag = "gifts",
    params(("name" = String, Path), ("unit" = Option<String>, Query)), responses((status = 204)))]
async fn delete_profile(
    State(s): State<Services>,
    actor: Actor,
    Path(name): Path<String>,
    Query(of): Query<OfUnit>,
) -> Result<StatusCode, Problem> {
    let unit = unit_of(&s, &actor, &of)?;
    actions::remove(&s, &actor, unit, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
