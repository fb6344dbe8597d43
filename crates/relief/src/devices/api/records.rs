//! Records that were refused, for officers.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::Actor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Problem, Query, Reader};

use super::super::model::{Outcome, Record};
use super::super::queries::{Shown, ShownRecord};
use super::super::{RECORD_PLACE, actions, queries, rules};
use super::{OFFICERS, RefusalOut, refusal_out};
use crate::error::{ReliefError, invalid};
use crate::http::{id_of, of_db};

/// Which records are shown.
#[derive(Deserialize)]
pub(super) struct RecordsQuery {
    /// `waiting` (by default) or `settled`.
    #[serde(default)]
    shown: Option<String>,
}

/// A record as officers see it.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsRefusedRecord)]
pub(super) struct RecordOut {
    /// Its public id.
    id: String,
    /// The phone's name.
    device_name: String,
    /// Public id of the person who enrolled the phone.
    holder: String,
    /// What was signed; who signed for goods is masked, and the signature itself left out.
    record: Record,
    /// What became of it.
    outcome: Outcome,
    /// Why it was refused.
    refusal: Option<RefusalOut>,
    /// When the phone says that it happened.
    #[schema(value_type = String, format = DateTime)]
    device_at: Instant,
    /// When it happened by this house's clock, as well as can be said.
    #[schema(value_type = String, format = DateTime)]
    reckoned_at: Instant,
    /// When it was handed in.
    #[schema(value_type = String, format = DateTime)]
    received_at: Instant,
    /// An officer's words that settled it.
    settled_words: String,
}

fn record_out(s: &Services, reader: &Reader, shown: &ShownRecord) -> Result<RecordOut, ReliefError> {
    let text = s.keys.open(&shown.row.sealed, RECORD_PLACE)?;
    // What no program of ours wrote may not be readable; it is shown as empty and settled in words.
    let mut record: Record = serde_json::from_slice(&text).unwrap_or_default();
    if !record.signer.is_empty() {
        record.signer = giving::donations::mask::name(&record.signer);
    }
    record.drawn.clear();
    let row = &shown.row;
    Ok(RecordOut {
        id: public(&*s.keys, row.id),
        device_name: shown.device_name.clone(),
        holder: public(&*s.keys, shown.holder),
        record,
        outcome: row.outcome,
        refusal: row.refusal.as_ref().map(|why| refusal_out(reader, why)),
        device_at: row.device_at,
        reckoned_at: rules::reckoned(row.device_at, row.offset_ms),
        received_at: row.received_at,
        settled_words: row.settled_words.clone(),
    })
}

/// Records of phones that wait for an officer, the oldest first; or those that officers settled, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/records", tag = "goods",
    params(("unit" = String, Path), ("shown" = Option<String>, Query, description = "waiting or settled")),
    responses((status = 200, body = [RecordOut])))]
pub(super) async fn list_records(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Query(query): Query<RecordsQuery>,
    reader: Reader,
) -> Result<Json<Vec<RecordOut>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    if !actor.scope_for_any(OFFICERS).contains(unit, &s.tree) {
        return Err(Problem::not_found());
    }
    let shown = match query.shown.as_deref() {
        None | Some("waiting") => Shown::Waiting,
        Some("settled") => Shown::Settled,
        Some(_) => return Err(invalid("shown", "waiting or settled is expected").into()),
    };
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let rows = queries::records(&mut at, unit, shown).await.map_err(of_db)?;
    let out: Result<Vec<_>, ReliefError> = rows.iter().map(|row| record_out(&s, &reader, row)).collect();
    Ok(Json(out?))
}

/// A record to be carried out after all.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsRedoRecord)]
pub(super) struct Redo {
    /// Why, where that must be said: a loss, goods accepted against the rule of shelf life.
    #[serde(default)]
    reason: String,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsRedone)]
pub(super) struct Redone {
    /// `taken`, `known`; `refused` again, with the new reason in the list.
    outcome: Outcome,
}

/// Carries a refused record out after all.
#[utoipa::path(post, path = "/api/v1/goods/records/{record}/redo", tag = "goods", params(("record" = String, Path)),
    request_body = Redo, responses((status = 200, body = Redone), (status = 409, description = "settled already")))]
pub(super) async fn redo(
    State(s): State<Services>,
    actor: Actor,
    Path(record): Path<String>,
    Json(body): Json<Redo>,
) -> Result<Json<Redone>, Problem> {
    let outcome = actions::redo(&s, &actor, id_of(&s, &record)?, &body.reason).await?;
    Ok(Json(Redone { outcome }))
}

/// A record to be settled in words.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsSettleRecord)]
pub(super) struct Settle {
    /// What was done instead.
    words: String,
}

/// Settles a refused record in words; nothing moves.
#[utoipa::path(post, path = "/api/v1/goods/records/{record}/settle", tag = "goods", params(("record" = String, Path)),
    request_body = Settle, responses((status = 204), (status = 409, description = "settled already")))]
pub(super) async fn settle(
    State(s): State<Services>,
    actor: Actor,
    Path(record): Path<String>,
    Json(body): Json<Settle>,
) -> Result<StatusCode, Problem> {
    actions::settle(&s, &actor, id_of(&s, &record)?, &body.words).await?;
    Ok(StatusCode::NO_CONTENT)
}
