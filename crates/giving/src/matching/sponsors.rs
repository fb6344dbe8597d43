//! JSON of sponsors, and of the signed agreements behind their pools.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use kernel::UnitId;
use kernel::id::{from_public, public};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::extract::read_body;
use web::{Json, Problem, Query};

use super::actions;
use super::model::Sponsor;
use super::queries;

/// A scan of some pages; larger ones are handed in with `qiao match set-up`.
const AGREEMENT_BYTES_MAX: usize = 20 * 1024 * 1024;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::MatchManage, routes!(list_sponsors, add_sponsor))
        .staff(Permission::MatchManage, routes!(keep_agreement))
}

/// A new sponsor.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AddSponsor {
    /// The public id of the unit it has its agreement with.
    pub unit: String,
    /// Its public name.
    pub name: String,
}

/// A sponsor.
#[derive(Debug, Serialize, ToSchema)]
pub struct SponsorOut {
    /// Public id.
    pub id: String,
    /// The public id of the unit it has its agreement with.
    pub unit: String,
    /// Its public name.
    pub name: String,
}

/// An agreement that was kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementOut {
    /// The public id of its file; a pool names it.
    pub agreement: String,
}

/// `?unit=`.
#[derive(Debug, Deserialize)]
struct OfUnit {
    unit: String,
}

fn unit_of(s: &Services, text: &str) -> Result<UnitId, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid("unit", error))
}

fn out(s: &Services, sponsor: Sponsor) -> SponsorOut {
    SponsorOut {
        id: public(&*s.keys, sponsor.id),
        unit: public(&*s.keys, sponsor.unit),
        name: sponsor.name,
    }
}

/// The sponsors of my units, by name.
#[utoipa::path(get, path = "/api/v1/match/sponsors", tag = "matching",
    responses((status = 200, body = [SponsorOut])))]
async fn list_sponsors(State(s): State<Services>, actor: Actor) -> Result<Json<Vec<SponsorOut>>, Problem> {
    let scope = actor.scope_for(Permission::MatchManage);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::sponsors(&mut at, &scope, &s.tree)
        .await
        .map_err(|e| problems::of_db(&e))?;
    Ok(Json(found.into_iter().map(|sponsor| out(&s, sponsor)).collect()))
}

/// Adds a sponsor.
#[utoipa::path(post, path = "/api/v1/match/sponsors", tag = "matching", request_body = AddSponsor,
    responses((status = 201, body = SponsorOut)))]
async fn add_sponsor(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<AddSponsor>,
) -> Result<(StatusCode, Json<SponsorOut>), Problem> {
    let unit = unit_of(&s, &body.unit)?;
    let sponsor = actions::add_sponsor(&s, &actor, unit, &body.name).await?;
    Ok((StatusCode::CREATED, Json(out(&s, sponsor))))
}

/// Keeps a signed agreement as it is, at most 20 MiB; a pool that is made under it names it.
#[utoipa::path(post, path = "/api/v1/match/agreements", tag = "matching",
    params(("unit" = String, Query, description = "public id of the unit that signed it")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = AgreementOut), (status = 413, description = "too many bytes")))]
async fn keep_agreement(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<OfUnit>,
    request: Request,
) -> Result<(StatusCode, Json<AgreementOut>), Problem> {
    let unit = unit_of(&s, &query.unit)?;
    let paper = read_body(request.into_body(), AGREEMENT_BYTES_MAX).await?;
    let file = actions::keep_agreement(&s, &actor, unit, &paper).await?;
    let agreement = public(&*s.keys, file);
    Ok((StatusCode::CREATED, Json(AgreementOut { agreement })))
}
