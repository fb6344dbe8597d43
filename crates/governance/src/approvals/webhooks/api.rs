//! The webhook of a unit: looking, setting, trying.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::UnitId;
use kernel::id::{from_public, public};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions::{self, NewWebhook};
use super::model::Webhook;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::ApprovalManage, routes!(get_case_webhook))
        .staff(Permission::ApprovalManage, routes!(put_case_webhook))
        .staff(Permission::ApprovalManage, routes!(test_case_webhook))
}

/// A unit's webhook for cases.
#[derive(Serialize, ToSchema)]
pub struct CaseWebhookOut {
    /// The unit.
    pub unit: String,
    /// Where to; nothing while none is set.
    pub address: Option<String>,
    /// Whether anything is told.
    pub is_on: bool,
    /// When it was last set.
    #[schema(value_type = Option<String>)]
    pub set_at: Option<kernel::Instant>,
    /// When something was last delivered or tried.
    #[schema(value_type = Option<String>)]
    pub last_at: Option<kernel::Instant>,
    /// What was answered then: below 300 it was taken; nothing when no answer came.
    pub last_status: Option<i64>,
    /// The secret, once, where the house made it just now. Enter it at the other side.
    pub secret: Option<String>,
}

/// A unit's webhook as it shall be. No `Debug`: it holds a secret.
#[derive(Deserialize, ToSchema)]
pub struct PutCaseWebhook {
    /// Where to: `https://…`.
    pub address: String,
    /// The secret that the other side made, 16 to 200 characters; the one before stays when this is left out, and the
    /// house makes the first.
    #[serde(default)]
    pub secret: Option<String>,
    /// Whether anything is told.
    pub is_on: bool,
}

fn out(s: &Services, unit: UnitId, webhook: Option<Webhook>, secret: Option<String>) -> CaseWebhookOut {
    let set = webhook.as_ref();
    CaseWebhookOut {
        unit: public(&*s.keys, unit),
        is_on: set.is_some_and(|webhook| webhook.is_on),
        set_at: set.map(|webhook| webhook.set_at),
        last_at: set.and_then(|webhook| webhook.last_at),
        last_status: set.and_then(|webhook| webhook.last_status),
        address: webhook.map(|webhook| webhook.address),
        secret,
    }
}

fn id_of(s: &Services, text: &str) -> Result<UnitId, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// Where a unit has its cases told to another program.
#[utoipa::path(get, path = "/api/v1/units/{unit}/case-webhook", tag = "approvals", params(("unit" = String, Path)),
    responses((status = 200, body = CaseWebhookOut)))]
async fn get_case_webhook(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<CaseWebhookOut>, Problem> {
    let unit = id_of(&s, &unit)?;
    let webhook = actions::webhook(&s, &actor, unit).await?;
    Ok(Json(out(&s, unit, webhook, None)))
}

/// Sets it, or switches it off. What happens to the unit's cases, and to those of units below without one of their own,
/// is then posted there: `X-Signature: hex(HMAC-SHA256(secret, body))`, JSON without anything personal.
#[utoipa::path(put, path = "/api/v1/units/{unit}/case-webhook", tag = "approvals", params(("unit" = String, Path)),
    request_body = PutCaseWebhook, responses((status = 200, body = CaseWebhookOut)))]
async fn put_case_webhook(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<PutCaseWebhook>,
) -> Result<Json<CaseWebhookOut>, Problem> {
    let unit = id_of(&s, &unit)?;
    let new = NewWebhook {
        address: body.address,
        secret: body.secret,
        is_on: body.is_on,
    };
    let (webhook, secret) = actions::set(&s, &actor, unit, new).await?;
    Ok(Json(out(&s, unit, Some(webhook), secret)))
}

/// Sends a test there in a moment; how it went stands in `last_at` and `last_status`.
#[utoipa::path(post, path = "/api/v1/units/{unit}/case-webhook/test", tag = "approvals",
    params(("unit" = String, Path)), responses((status = 204), (status = 404, description = "none is on")))]
async fn test_case_webhook(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::attempt(&s, &actor, id_of(&s, &unit)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
