//! Erasing one person by an officer: looking first, then doing it. Donors use the pages.

use axum::extract::State;
use kernel::GiftId;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions;
use super::model::Report;
use crate::data_copies::api::after;
use crate::donations::sealed::ErasureReason;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::PersonalManage, routes!(preview_personal_erasure))
        .staff(Permission::PersonalManage, routes!(erase_person))
}

/// Whose data it is. No `Debug`: it is personal.
#[derive(Deserialize, ToSchema)]
pub struct PreviewPersonalErasure {
    /// Her telephone or e-mail.
    pub contact: String,
    /// `next` of the part before, for who has given more often than one part holds.
    #[serde(default)]
    pub after: Option<String>,
}

/// Whose data is destroyed, and why. No `Debug`: it is personal.
#[derive(Deserialize, ToSchema)]
pub struct ErasePerson {
    /// Her telephone or e-mail. Make sure that it is she who asks.
    pub contact: String,
    /// Why; it stays in the audit trail.
    pub reason: ErasureReason,
    /// `next` of the part before, for who has given more often than one part holds.
    #[serde(default)]
    pub after: Option<String>,
}

/// What erasing a donor would destroy in my units, and what would be kept by which rule; changes nothing.
#[utoipa::path(post, path = "/api/v1/personal-erasures/preview", tag = "gifts", request_body = PreviewPersonalErasure,
    responses((status = 200, body = Report), (status = 404, description = "nothing is held in my units")))]
async fn preview_personal_erasure(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<PreviewPersonalErasure>,
) -> Result<Json<Report>, Problem> {
    let before = from(&s, body.after)?;
    Ok(Json(actions::preview(&s, &actor, &body.contact, before).await?))
}

/// Destroys for ever all that is personal about a donor in my units: gifts, mandates, news agreed to, teams begun, unpaid
/// orders. What a receipt or an open refund needs is kept sealed and no longer shown; the report says so. Safe to repeat.
#[utoipa::path(post, path = "/api/v1/personal-erasures", tag = "gifts", request_body = ErasePerson,
    responses((status = 200, body = Report)))]
async fn erase_person(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<ErasePerson>,
) -> Result<Json<Report>, Problem> {
    let before = from(&s, body.after)?;
    let report = actions::erase(&s, &actor, (&body.contact, body.reason), before).await?;
    Ok(Json(report))
}

fn from(s: &Services, text: Option<String>) -> Result<Option<GiftId>, Problem> {
    text.map(|text| after(s, &text)).transpose()
}
