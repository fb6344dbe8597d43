//! Staff JSON: the days that differ, and changing them.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::BusinessDay;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::{CalendarDay, DayWord, own_days, set};
use crate::identity::{Actor, GuardedRoutes as _, Permission};
use crate::{Services, problems};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .signed_in(routes!(get_calendar))
        .staff(Permission::ParameterManage, routes!(set_calendar))
}

/// A day that differs from the shipped calendar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DayIo {
    /// `YYYY-MM-DD`.
    #[schema(value_type = String)]
    pub day: BusinessDay,
    /// What it is.
    pub kind: DayWord,
    /// Why.
    #[serde(default)]
    pub note: String,
}

/// Days of the calendar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DaysIo {
    /// The days.
    pub days: Vec<DayIo>,
}

/// The days that were entered here, beside the shipped calendar.
#[utoipa::path(get, path = "/api/v1/calendar", tag = "calendar", responses((status = 200, body = DaysIo)))]
async fn get_calendar(State(s): State<Services>) -> Result<Json<DaysIo>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let days = own_days(&mut at).await.map_err(|e| problems::of_db(&e))?;
    let days = days
        .into_iter()
        .map(|d| DayIo {
            day: d.day,
            kind: d.kind,
            note: d.note,
        })
        .collect();
    Ok(Json(DaysIo { days }))
}

/// Enters days, such as next year's holidays; each replaces what was said of it before.
#[utoipa::path(post, path = "/api/v1/calendar", tag = "calendar", request_body = DaysIo,
    responses((status = 204)))]
async fn set_calendar(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<DaysIo>,
) -> Result<StatusCode, Problem> {
    let days: Vec<CalendarDay> = body
        .days
        .into_iter()
        .map(|d| CalendarDay {
            day: d.day,
            kind: d.kind,
            note: d.note,
        })
        .collect();
    set(&s, &actor, &days).await?;
    Ok(StatusCode::NO_CONTENT)
}
