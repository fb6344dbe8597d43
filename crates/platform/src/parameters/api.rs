//! Staff JSON: the table of dated numbers, setting and withdrawing values.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{BusinessDay, Parameter, Seen};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem, Query};

use super::{Override, load, set, withdraw};
use crate::identity::{Actor, GuardedRoutes as _, Permission};
use crate::{Services, problems};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .signed_in(routes!(get_parameters))
        .staff(Permission::ParameterManage, routes!(set_parameter))
        .staff(Permission::ParameterManage, routes!(withdraw_parameter))
}

/// Which rows are wanted.
#[derive(Debug, Deserialize)]
struct On {
    day: Option<BusinessDay>,
}

/// A dated value.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParameterOut {
    /// Its key.
    pub key: String,
    /// The value as text: `10`, `70%`, `true`, `100,300`, `unset`.
    pub value: String,
    /// What it counts.
    pub unit: String,
    /// First day.
    #[schema(value_type = Option<String>)]
    pub from: Option<BusinessDay>,
    /// Last day.
    #[schema(value_type = Option<String>)]
    pub to: Option<BusinessDay>,
    /// How surely it is known.
    #[schema(value_type = String)]
    pub seen: Seen,
    /// The law or rule it comes from.
    pub legal_ref: String,
}

/// The table.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParametersOut {
    /// Its rows, by key and time: a few hundred at most, so it is given whole.
    pub items: Vec<ParameterOut>,
}

/// A new dated value.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SetParameter {
    /// A key of the table.
    pub key: String,
    /// First day, `YYYY-MM-DD`.
    #[schema(value_type = String)]
    pub from: BusinessDay,
    /// Last day; until further notice when left out.
    #[schema(value_type = Option<String>)]
    pub to: Option<BusinessDay>,
    /// The value as text, of the same kind as the shipped one.
    pub value: String,
    /// The law, rule or decision it comes from.
    pub legal_ref: String,
}

/// Which value is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
pub struct WithdrawParameter {
    /// Its key.
    pub key: String,
    /// Its first day.
    #[schema(value_type = String)]
    pub from: BusinessDay,
}

/// The dated numbers of the law as this installation reads them; with `day`, those that hold on it.
#[utoipa::path(get, path = "/api/v1/parameters", tag = "parameters", params(("day" = Option<String>, Query)),
    responses((status = 200, body = ParametersOut)))]
async fn get_parameters(State(s): State<Services>, Query(on): Query<On>) -> Result<Json<ParametersOut>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let table = load(&mut at).await?;
    let wanted = table
        .rows()
        .iter()
        .filter(|row| on.day.is_none_or(|day| row.holds_on(day)));
    Ok(Json(ParametersOut {
        items: wanted.map(out).collect(),
    }))
}

fn out(row: &Parameter) -> ParameterOut {
    ParameterOut {
        key: row.key.clone(),
        value: row.value.to_string(),
        unit: row.unit.clone(),
        from: row.from,
        to: row.to,
        seen: row.seen,
        legal_ref: row.legal_ref.clone(),
    }
}

/// Sets a value for a span of days.
#[utoipa::path(post, path = "/api/v1/parameters", tag = "parameters", request_body = SetParameter,
    responses((status = 204)))]
async fn set_parameter(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<SetParameter>,
) -> Result<StatusCode, Problem> {
    let SetParameter {
        key,
        from,
        to,
        value,
        legal_ref,
    } = body;
    set(
        &s,
        &actor,
        Override {
            key,
            from,
            to,
            value,
            legal_ref,
        },
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraws a value that was set here; the shipped one is read again for its days.
#[utoipa::path(post, path = "/api/v1/parameters/withdraw", tag = "parameters", request_body = WithdrawParameter,
    responses((status = 204)))]
async fn withdraw_parameter(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<WithdrawParameter>,
) -> Result<StatusCode, Problem> {
    withdraw(&s, &actor, &body.key, body.from).await?;
    Ok(StatusCode::NO_CONTENT)
}
