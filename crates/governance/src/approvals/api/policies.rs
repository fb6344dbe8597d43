//! Policies: what is in force, what is published, and the versions that were.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::UnitId;
use kernel::id::Id as _;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::field_of;
use super::views::{PolicyOut, policy_out};
use crate::approvals::actions;
use crate::approvals::model::PolicyVersion;
use crate::approvals::policy::Policy;
use crate::approvals::{queries, shipped};

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::ApprovalRead, routes!(list_policies))
        .staff(Permission::ApprovalManage, routes!(publish_policy))
        .staff(Permission::ApprovalRead, routes!(list_policy_versions))
        .staff(Permission::ApprovalRead, routes!(get_policy_version))
}

/// A policy to be published.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalPublishPolicy)]
pub struct PublishPolicy {
    /// The public id of the unit; it holds for all below that publish none.
    pub unit: String,
    /// The kind of thing it decides about: `project_admission`.
    pub subject_kind: String,
    /// The document.
    pub policy: Policy,
}

/// `?unit=`.
#[derive(Debug, Deserialize)]
struct PoliciesQuery {
    unit: String,
}

/// `?unit=&limit=&cursor=`: without a unit the versions that ship.
#[derive(Debug, Deserialize)]
struct VersionsQuery {
    unit: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// `?unit=`: without one the version that ships.
#[derive(Debug, Deserialize)]
struct VersionQuery {
    unit: Option<String>,
}

/// A version of a policy in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalPolicyVersionOut)]
pub struct PolicyVersionOut {
    /// 1, 2, 3 …
    pub version: i64,
    /// When; nothing for what ships.
    #[schema(value_type = Option<String>)]
    pub published_at: Option<kernel::Instant>,
    /// Its name.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// Whether what it is about needs an approved case at all.
    pub required: bool,
    /// How many stages it has.
    pub stages: usize,
}

fn version_out(version: &PolicyVersion) -> PolicyVersionOut {
    PolicyVersionOut {
        version: version.version,
        published_at: version.published_at,
        title: version.policy.title.clone(),
        title_en: version.policy.title_en.clone(),
        required: version.policy.required,
        stages: version.policy.stages.len(),
    }
}

/// The unit whose versions are asked for, if its policies are the reader's: she reads cases in it or below it, where
/// they hold. What ships is everybody's.
fn unit_of(s: &Services, actor: &Actor, unit: Option<&str>) -> Result<UnitId, Problem> {
    let Some(text) = unit else {
        return Ok(UnitId::from_bytes(shipped::UNIT));
    };
    let unit: UnitId = field_of(s, "unit", text)?;
    let scope = actor.scope_for(Permission::ApprovalRead);
    let holds_for_her = s
        .tree
        .subtree(unit)
        .into_iter()
        .any(|below| scope.contains(below, &s.tree));
    if holds_for_her {
        Ok(unit)
    } else {
        Err(Problem::not_found())
    }
}

/// The policies in force in a unit.
#[utoipa::path(get, path = "/api/v1/approvals/policies", tag = "approvals",
    params(("unit" = String, Query, description = "public id")),
    responses((status = 200, body = Listing<PolicyOut>)))]
async fn list_policies(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<PoliciesQuery>,
) -> Result<Json<Listing<PolicyOut>>, Problem> {
    let unit: UnitId = field_of(&s, "unit", &query.unit)?;
    if !actor.scope_for(Permission::ApprovalRead).contains(unit, &s.tree) {
        return Err(Problem::not_found());
    }
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let line = s.tree.ancestors(unit);
    let policies = queries::policies(&mut at, &line)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let items = policies.into_iter().map(|policy| policy_out(&s, policy)).collect();
    Ok(Json(Listing { items, next: None }))
}

/// Publishes a version of a policy; running cases keep theirs.
#[utoipa::path(post, path = "/api/v1/approvals/policies", tag = "approvals", request_body = PublishPolicy,
    responses((status = 201, body = PolicyOut)))]
async fn publish_policy(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<PublishPolicy>,
) -> Result<(StatusCode, Json<PolicyOut>), Problem> {
    let unit = field_of(&s, "unit", &body.unit)?;
    let version = actions::publish(&s, &actor, unit, &body.subject_kind, body.policy).await?;
    Ok((StatusCode::CREATED, Json(policy_out(&s, version))))
}

/// The versions that a unit published for a kind of thing, the newest first.
#[utoipa::path(get, path = "/api/v1/approvals/policies/{subject_kind}/versions", tag = "approvals",
    params(("subject_kind" = String, Path),
        ("unit" = Option<String>, Query, description = "public id of the unit that published them; without one those that ship"),
        ("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<PolicyVersionOut>)))]
async fn list_policy_versions(
    State(s): State<Services>,
    actor: Actor,
    Path(kind): Path<String>,
    Query(query): Query<VersionsQuery>,
) -> Result<Json<Listing<PolicyVersionOut>>, Problem> {
    let unit = unit_of(&s, &actor, query.unit.as_deref())?;
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let before: Option<i64> = page.after()?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let versions = queries::versions(&mut at, unit, &kind, (before, limit as i64 + 1)).await;
    let items = versions.map_err(|e| problems::of_db(&e))?;
    let items = items.iter().map(version_out).collect();
    Ok(Json(Listing::cut(items, limit, |one: &PolicyVersionOut| one.version)))
}

/// One version of a policy, word for word: also what cases under way keep after a newer one was published.
#[utoipa::path(get, path = "/api/v1/approvals/policies/{subject_kind}/versions/{version}", tag = "approvals",
    params(("subject_kind" = String, Path), ("version" = i64, Path),
        ("unit" = Option<String>, Query, description = "public id of the unit that published it; without one what ships")),
    responses((status = 200, body = PolicyOut)))]
async fn get_policy_version(
    State(s): State<Services>,
    actor: Actor,
    Path((kind, version)): Path<(String, String)>,
    Query(query): Query<VersionQuery>,
) -> Result<Json<PolicyOut>, Problem> {
    let version: i64 = version.parse().map_err(|_| Problem::not_found())?;
    let unit = unit_of(&s, &actor, query.unit.as_deref())?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::policy(&mut at, unit, &kind, version).await;
    let found = found.map_err(|e| problems::of_db(&e))?.ok_or_else(Problem::not_found)?;
    Ok(Json(policy_out(&s, found)))
}
