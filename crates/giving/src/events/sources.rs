//! JSON of villages, shops and firms for staff: the list, a name that is mended, an end with its reason.

use axum::extract::{Path, State};
use kernel::id::{Id, from_public, public};
use kernel::{Instant, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions;
use super::model::{NewSource, Source, SourceId, SourceKind};
use super::queries::{self, Wanted};

/// Who needs the list: who keeps it, and who says whence takings came.
const LISTING: &[Permission] = &[Permission::ProjectManage, Permission::GiftRecord];

/// The routes of this part of the slice.
pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff_any(LISTING, routes!(list_sources))
        .staff(Permission::ProjectManage, routes!(correct_source))
        .staff(Permission::ProjectManage, routes!(end_source))
}

/// A village, shop or firm.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceOut {
    /// Public id.
    pub source: String,
    /// The public id of its county.
    pub unit: String,
    /// village, shop or firm.
    pub kind: SourceKind,
    /// Its name.
    pub name: String,
    /// Since when it is known.
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
    /// When it was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is right.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CorrectSource {
    /// village, shop or firm.
    pub kind: SourceKind,
    /// Its name, 1 to 60 characters.
    pub name: String,
}

/// An end.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EndSource {
    /// Why, 1 to 500 characters.
    pub reason: String,
}

/// `?limit=&cursor=&unit=&kind=&ended=`.
#[derive(Debug, Deserialize)]
struct SourcesQuery {
    limit: Option<u16>,
    cursor: Option<String>,
    unit: Option<String>,
    kind: Option<String>,
    ended: Option<bool>,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn out(s: &Services, source: Source) -> SourceOut {
    let (ended_at, reason) = source.ended.unzip();
    SourceOut {
        source: public(&*s.keys, source.id),
        unit: public(&*s.keys, source.unit),
        kind: source.kind,
        name: source.name,
        since: source.created_at,
        ended_at,
        reason,
    }
}

/// The villages, shops and firms of my units, in order of registering; those that were ended only when asked for.
#[utoipa::path(get, path = "/api/v1/giving-sources", tag = "events",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query),
        ("unit" = Option<String>, Query, description = "public id of one county"),
        ("kind" = Option<String>, Query, description = "village, shop or firm"),
        ("ended" = Option<bool>, Query, description = "true: those that were ended")),
    responses((status = 200, body = Listing<SourceOut>)))]
async fn list_sources(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<SourcesQuery>,
) -> Result<Json<Listing<SourceOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<SourceId>(&s, &text)).transpose()?;
    let unit = query
        .unit
        .as_deref()
        .map(|text| id_of::<UnitId>(&s, text))
        .transpose()?;
    let kind = query.kind.as_deref().map(str::parse::<SourceKind>).transpose();
    let wanted = Wanted {
        unit,
        kind: kind.map_err(|error| Problem::invalid("kind", error))?,
        ended: query.ended.unwrap_or(false),
    };
    let scope = actor.scope_for_any(LISTING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::sources(&mut at, (&scope, &s.tree), wanted, after, limit as i64 + 1)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let items = found.into_iter().map(|source| out(&s, source)).collect();
    Ok(Json(Listing::cut(items, limit, |one: &SourceOut| one.source.clone())))
}

/// Mends kind and name; what it gave stays with it.
#[utoipa::path(put, path = "/api/v1/giving-sources/{source}", tag = "events",
    params(("source" = String, Path, description = "public id")), request_body = CorrectSource,
    responses((status = 200, body = SourceOut)))]
async fn correct_source(
    State(s): State<Services>,
    actor: Actor,
    Path(source): Path<String>,
    Json(body): Json<CorrectSource>,
) -> Result<Json<SourceOut>, Problem> {
    let right = NewSource {
        kind: body.kind,
        name: body.name,
    };
    let source = actions::correct_source(&s, &actor, id_of(&s, &source)?, right).await?;
    Ok(Json(out(&s, source)))
}

/// Ends a village, shop or firm that is there no more; registering the same name again begins it anew.
#[utoipa::path(post, path = "/api/v1/giving-sources/{source}/end", tag = "events",
    params(("source" = String, Path, description = "public id")), request_body = EndSource,
    responses((status = 200, body = SourceOut)))]
async fn end_source(
    State(s): State<Services>,
    actor: Actor,
    Path(source): Path<String>,
    Json(body): Json<EndSource>,
) -> Result<Json<SourceOut>, Problem> {
    let source = actions::end_source(&s, &actor, id_of(&s, &source)?, &body.reason).await?;
    Ok(Json(out(&s, source)))
}
