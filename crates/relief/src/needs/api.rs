//! JSON of imported needs that become requests.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions;
use super::model::{Bulk, Requested, ToAsk};
use crate::http::id_of;
use crate::lists::model::Priority;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsImport, routes!(request_needs))
        .staff(Permission::GoodsImport, routes!(answer_need))
}

/// How imported lines become requests.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsRequestNeeds)]
struct RequestNeeds {
    /// The unit that a number without one is in; none: such numbers stay where they are.
    #[serde(default)]
    unit_word: Option<String>,
    /// How pressing they are; normal by default.
    #[serde(default)]
    priority: Option<Priority>,
}

/// A line that needs an answer: how many?
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsNeedToAsk)]
struct NeedToAsk {
    /// Its public id.
    line: String,
    /// Who is in need.
    receiver: String,
    /// City and district.
    place: String,
    /// What, as published.
    words: String,
    /// The unit that the item is counted in.
    base_unit: String,
}

/// What became of the imported lines.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsNeedsRequested)]
struct NeedsRequested {
    /// Lines that became requests now.
    made: i64,
    /// Receivers that were not known.
    receivers_new: i64,
    /// Lines that are left for the next call.
    left: i64,
    /// Lines whose amount was not given.
    not_given: i64,
    /// The first of them.
    to_ask: Vec<NeedToAsk>,
    /// Texts that nobody mapped to the catalogue, with their lines.
    unmapped: BTreeMap<String, i64>,
    /// Lines whose number has no unit.
    without_unit: i64,
    /// Items with a word that is no unit of theirs, with their lines.
    unknown_units: BTreeMap<String, i64>,
}

fn out(s: &Services, done: Requested) -> NeedsRequested {
    let ask = |ask: ToAsk| NeedToAsk {
        line: public(&*s.keys, ask.line),
        receiver: ask.party,
        place: ask.place,
        words: ask.words,
        base_unit: ask.base_unit,
    };
    NeedsRequested {
        made: done.made,
        receivers_new: done.parties,
        left: done.left,
        not_given: done.not_given,
        to_ask: done.to_ask.into_iter().map(ask).collect(),
        unmapped: done.unmapped,
        without_unit: done.without_unit,
        unknown_units: done.unknown_units,
    }
}

/// Turns imported lines of needs into requests, each once: those that say how many of what. The others are told.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/needs/requests", tag = "goods", params(("unit" = String, Path)),
    request_body = RequestNeeds, responses((status = 200, body = NeedsRequested)))]
async fn request_needs(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<RequestNeeds>,
) -> Result<Json<NeedsRequested>, Problem> {
    let bulk = Bulk {
        unit: id_of(&s, &unit)?,
        unit_word: body.unit_word.filter(|word| !word.trim().is_empty()),
        priority: body.priority.unwrap_or(Priority::Normal),
    };
    let done = actions::request_all(&s, &actor, &bulk).await?;
    Ok(Json(out(&s, done)))
}

/// How many a line asks for.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsAnswerNeed)]
struct AnswerNeed {
    /// How many.
    quantity: i64,
    /// The unit of the number.
    unit_word: String,
    /// How pressing it is; normal by default.
    #[serde(default)]
    priority: Option<Priority>,
}

/// The request that a line became.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsNeedAnswered)]
struct NeedAnswered {
    /// Its public id.
    request: String,
}

/// Answers how many an imported line asks for, so that it becomes a request.
#[utoipa::path(post, path = "/api/v1/goods/needs/{line}/request", tag = "goods", params(("line" = String, Path)),
    request_body = AnswerNeed, responses((status = 201, body = NeedAnswered), (status = 409, description = "not mapped, unit unknown")))]
async fn answer_need(
    State(s): State<Services>,
    actor: Actor,
    Path(line): Path<String>,
    Json(body): Json<AnswerNeed>,
) -> Result<(StatusCode, Json<NeedAnswered>), Problem> {
    let priority = body.priority.unwrap_or(Priority::Normal);
    let said = (body.quantity, body.unit_word.as_str());
    let request = actions::answer(&s, &actor, id_of(&s, &line)?, said, priority).await?;
    let request = public(&*s.keys, request);
    Ok((StatusCode::CREATED, Json(NeedAnswered { request })))
}
