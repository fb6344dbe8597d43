//! JSON of the donation line.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use giving::State as Giving;
use giving::donations::orders::link;
use kernel::OrderId;
use kernel::id::{Id as _, public};
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Problem};

use super::actions::{self, NewCall};
use super::model::{Answer, Call, CallOutcome, Script};
use super::rules::STEPS_MAX;
use crate::LotId;
use crate::error::invalid;
use crate::http::id_of;

/// Who sees that calls were answered: those who answer them, and those who read goods.
const READING: &[Permission] = &[Permission::GoodsRecord, Permission::GoodsRead];

/// The routes of this slice.
pub fn routes(giving: &Giving) -> OpenApiRouter<Services> {
    let with_intake = |routes: UtoipaMethodRouter<Giving>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(giving.clone()))
    };
    OpenApiRouter::new()
        .staff(Permission::GoodsRecord, routes!(show_script))
        .staff(Permission::GoodsManage, routes!(publish_script))
        .staff(Permission::GoodsRecord, with_intake(routes!(answer_call)))
        .staff_any(READING, routes!(list_calls))
        .staff(Permission::GoodsManage, routes!(show_call))
}

/// A script in force.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsScriptOut)]
struct ScriptOut {
    /// Public id of the unit that published it; none: it ships.
    unit: Option<String>,
    /// 1, 2, 3 …
    version: i64,
    /// The script.
    script: Script,
}

/// The script by which calls of a unit are answered.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/script", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = ScriptOut)))]
async fn show_script(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<ScriptOut>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actor.require(Permission::GoodsRecord, unit)?;
    let known = actions::in_force(&s, unit).await?;
    Ok(Json(ScriptOut {
        unit: known.unit.map(|unit| public(&*s.keys, unit)),
        version: known.version,
        script: known.script,
    }))
}

/// The version of a script.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsScriptVersion)]
struct ScriptVersion {
    /// 1, 2, 3 …
    version: i64,
}

/// Publishes a script for a unit and all below that have none of their own: every way must end and ask for what its end
/// needs.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/script", tag = "goods", params(("unit" = String, Path)),
    request_body = Script, responses((status = 201, body = ScriptVersion)))]
async fn publish_script(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<Script>,
) -> Result<(StatusCode, Json<ScriptVersion>), Problem> {
    let version = actions::publish(&s, &actor, id_of(&s, &unit)?, &body).await?;
    Ok((StatusCode::CREATED, Json(ScriptVersion { version })))
}

/// A call to be written down.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsAnswerCall)]
struct AnswerCall {
    /// What makes it the same call when it is sent again.
    key: String,
    /// The version of the script by which it was led.
    version: i64,
    /// What was said, step by step; kept sealed.
    answers: Vec<Answer>,
}

/// A call; what was said is not in it.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsCallOut)]
struct CallOut {
    /// Its public id.
    id: String,
    /// `goods`, `money`, `none`.
    outcome: CallOutcome,
    /// Public id of the announced lot.
    lot: Option<String>,
    /// Public id of the order.
    order: Option<String>,
    /// The address at which its donor pays the order, with the mark that lets her; only for who answered the call or
    /// opens what was said, never in a list. It leads nowhere once the order is paid or its week is over.
    pay_link: Option<String>,
    /// When it was answered.
    #[schema(value_type = String, format = DateTime)]
    answered_at: Instant,
}

fn call_out(s: &Services, call: &Call) -> CallOut {
    let of = |outcome| call.subject.filter(|_| call.outcome == outcome);
    CallOut {
        id: public(&*s.keys, call.id),
        outcome: call.outcome,
        lot: of(CallOutcome::Goods).map(|bytes| public(&*s.keys, LotId::from_bytes(bytes))),
        order: of(CallOutcome::Money).map(|bytes| public(&*s.keys, OrderId::from_bytes(bytes))),
        pay_link: None,
        answered_at: call.answered_at,
    }
}

/// A call for who heard what was said: with the link by which its order is paid.
fn heard_out(s: &Services, call: &Call) -> CallOut {
    CallOut {
        pay_link: call
            .subject
            .filter(|_| call.outcome == CallOutcome::Money)
            .map(|bytes| format!("{}{}", s.base_url, link::path(&s.keys, OrderId::from_bytes(bytes)))),
        ..call_out(s, call)
    }
}

/// Writes a call down with what it ended in: an announced gift of goods, an order of money, or words for a colleague.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/calls", tag = "goods", params(("unit" = String, Path)),
    request_body = AnswerCall, responses((status = 201, body = CallOut),
        (status = 409, description = "another version of the script is in force, key taken, unit unknown, project closed")))]
async fn answer_call(
    State(giving): State<Giving>,
    Extension(actor): Extension<Actor>,
    Path(unit): Path<String>,
    Json(body): Json<AnswerCall>,
) -> Result<(StatusCode, Json<CallOut>), Problem> {
    let s = &giving.services;
    if body.answers.len() > STEPS_MAX {
        return Err(invalid("answers", "at most one answer a step").into());
    }
    let new = NewCall {
        unit: id_of(s, &unit)?,
        key: &body.key,
        version: body.version,
        answers: &body.answers,
    };
    let call = actions::answer(&giving, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(heard_out(s, &call))))
}

/// The calls of a unit, the newest first; what was said is not in them.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/calls", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [CallOut])))]
async fn list_calls(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<CallOut>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    if !actor.scope_for_any(READING).contains(unit, &s.tree) {
        return Err(Problem::not_found());
    }
    let rows = actions::calls(&s, unit).await?;
    Ok(Json(rows.iter().map(|call| call_out(&s, call)).collect()))
}

/// A call with what was said.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsHeardOut)]
struct HeardOut {
    /// The call.
    call: CallOut,
    /// What was said, step by step.
    answers: Vec<Answer>,
}

/// A call with what was said, for who keeps the store and must call back.
#[utoipa::path(get, path = "/api/v1/goods/calls/{call}", tag = "goods", params(("call" = String, Path)),
    responses((status = 200, body = HeardOut)))]
async fn show_call(
    State(s): State<Services>,
    actor: Actor,
    Path(call): Path<String>,
) -> Result<Json<HeardOut>, Problem> {
    let (call, answers) = actions::heard(&s, &actor, id_of(&s, &call)?).await?;
    Ok(Json(HeardOut {
        call: heard_out(&s, &call),
        answers,
    }))
}
