//! What a unit owes, its drafts, reports and corrections.

use std::collections::{BTreeMap, btree_map};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{ActorId, Instant, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, queries as identity, rules as powers};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::forms::{READING, SlotOut, slot_out};
use crate::duty::api::id_of;
use crate::reports::actions::{self, HandIn, Said};
use crate::reports::model::{Answers, Entry, Form, SlotId, Standing};
use crate::reports::{queries, rules};

/// Hours owed by one person's units, at most: more are not handed in by hand.
const OWED_MAX: i64 = 200;

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::DutyReport, routes!(list_owed))
        .staff_any(READING, routes!(get_report))
        .staff(Permission::DutyReport, routes!(keep_draft))
        .staff(Permission::DutyReport, routes!(hand_in))
}

/// An hour that one of my units owes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportOwedOut)]
pub struct OwedOut {
    /// The public id of the unit.
    pub unit: String,
    /// The public id of the form.
    pub form: String,
    /// What the form is called, in Chinese and English.
    pub title: crate::reports::model::Words,
    /// The hour.
    pub slot: SlotOut,
    /// waiting or missing.
    pub standing: Standing,
}

/// What the units owe in which I work myself: open hours without a report, the earliest first.
#[utoipa::path(get, path = "/api/v1/duty/owed", tag = "duty", responses((status = 200, body = Vec<OwedOut>)))]
async fn list_owed(State(s): State<Services>, actor: Actor) -> Result<Json<Vec<OwedOut>>, Problem> {
    let mine = own_units(&actor, Permission::DutyReport);
    let now = s.now();
    let of_db = |e: db::DbError| problems::of_db(&e);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let owed = queries::owed(&mut at, &mine, (now, OWED_MAX)).await.map_err(of_db)?;
    let mut forms = BTreeMap::new();
    let mut items = Vec::with_capacity(owed.len());
    for (unit, slot) in owed {
        // Few forms are owed at a time, and each is read once.
        if let btree_map::Entry::Vacant(place) = forms.entry(slot.form) {
            place.insert(queries::form(&mut at, slot.form).await.map_err(of_db)?);
        }
        // A closed form is owed by nobody.
        let Some(Some(form)) = forms.get(&slot.form) else {
            continue;
        };
        if form.closed_at.is_some() {
            continue;
        }
        items.push(OwedOut {
            unit: public(&*s.keys, unit),
            form: public(&*s.keys, form.id),
            title: form.document.form.title.clone(),
            slot: slot_out(&s, &slot),
            standing: rules::standing(&slot, None, now),
        });
    }
    Ok(Json(items))
}

/// The units in which the actor herself holds a role that allows this: what waits for her, not for those below.
pub(crate) fn own_units(actor: &Actor, permission: Permission) -> Vec<UnitId> {
    let allowing = actor.roles.iter().filter(|(role, _)| powers::allows(*role, permission));
    let mut units: Vec<UnitId> = allowing.map(|(_, unit)| *unit).collect();
    units.sort_unstable();
    units.dedup();
    units
}

/// What was handed in once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportEntryOut)]
pub struct EntryOut {
    /// 1, 2, 3 …
    pub version: i64,
    /// The answers.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub answers: Answers,
    /// Nothing to report (零报告).
    pub is_nothing: bool,
    /// Why it was corrected; empty for the first.
    pub reason: String,
    /// The user's name.
    pub by: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Instant,
}

/// What is being written and was not handed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportDraftOut)]
pub struct DraftOut {
    /// The answers so far; not checked.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub answers: Answers,
    /// The user's name.
    pub by: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Instant,
}

/// A unit's report for an hour, with all that was handed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportOut)]
pub struct ReportOut {
    /// The public id of the unit.
    pub unit: String,
    /// The public id of the form.
    pub form_id: String,
    /// The form, as the hour was planned.
    pub form: Form,
    /// The hour.
    pub slot: SlotOut,
    /// Where the unit stands.
    pub standing: Standing,
    /// Whether the form is closed.
    pub is_closed: bool,
    /// All versions, the first first.
    pub entries: Vec<EntryOut>,
    /// The draft, for who may hand in.
    pub draft: Option<DraftOut>,
}

/// A unit's report for an hour.
#[utoipa::path(get, path = "/api/v1/duty/reports/{slot}/{unit}", tag = "duty",
    params(("slot" = String, Path), ("unit" = String, Path)), responses((status = 200, body = ReportOut)))]
async fn get_report(
    State(s): State<Services>,
    actor: Actor,
    Path((slot, unit)): Path<(String, String)>,
) -> Result<Json<ReportOut>, Problem> {
    shown(&s, &actor, (id_of(&s, &slot)?, id_of(&s, &unit)?)).await
}

async fn shown(s: &Services, actor: &Actor, (slot, unit): (SlotId, UnitId)) -> Result<Json<ReportOut>, Problem> {
    let of_db = |e: db::DbError| problems::of_db(&e);
    if !actor.scope_for_any(READING).contains(unit, &s.tree) {
        return Err(Problem::not_found());
    }
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let slot = queries::slot(&mut at, slot).await.map_err(of_db)?;
    let slot = slot.ok_or_else(Problem::not_found)?;
    let due = queries::due(&mut at, slot.id, unit).await.map_err(of_db)?;
    let due = due.ok_or_else(Problem::not_found)?;
    let form = queries::form(&mut at, slot.form).await.map_err(of_db)?;
    let document = queries::version(&mut at, slot.form, slot.version)
        .await
        .map_err(of_db)?;
    let document = document.ok_or_else(Problem::not_found)?;
    let entries = queries::entries(&mut at, slot.id, unit).await.map_err(of_db)?;
    let draft = due
        .draft
        .filter(|_| actor.require(Permission::DutyReport, unit).is_ok());
    let mut people: Vec<ActorId> = entries.iter().map(|entry| entry.by).collect();
    people.extend(draft.as_ref().map(|draft| draft.by));
    people.sort_unstable();
    people.dedup();
    let names = identity::names(&mut at, &people).await.map_err(of_db)?;
    let name = |who: ActorId| names.get(&who).cloned().unwrap_or_default();
    let entry_out = |entry: Entry| EntryOut {
        version: entry.version,
        answers: entry.answers,
        is_nothing: entry.is_nothing,
        reason: entry.reason,
        by: name(entry.by),
        at: entry.at,
    };
    Ok(Json(ReportOut {
        unit: public(&*s.keys, unit),
        form_id: public(&*s.keys, slot.form),
        form: document.form,
        standing: rules::standing(&slot, due.first_at, s.now()),
        slot: slot_out(s, &slot),
        is_closed: form.is_none_or(|form| form.closed_at.is_some()),
        draft: draft.map(|draft| DraftOut {
            answers: draft.answers,
            by: name(draft.by),
            at: draft.at,
        }),
        entries: entries.into_iter().map(entry_out).collect(),
    }))
}

/// What is being written.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReportDraftIn)]
pub struct DraftIn {
    /// The answers so far.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub answers: Answers,
}

/// Keeps what is being written; it is nobody's report yet.
#[utoipa::path(put, path = "/api/v1/duty/reports/{slot}/{unit}/draft", tag = "duty",
    params(("slot" = String, Path), ("unit" = String, Path)), request_body = DraftIn, responses((status = 204)))]
async fn keep_draft(
    State(s): State<Services>,
    actor: Actor,
    Path((slot, unit)): Path<(String, String)>,
    Json(body): Json<DraftIn>,
) -> Result<StatusCode, Problem> {
    let at = (id_of(&s, &slot)?, id_of(&s, &unit)?);
    actions::keep_draft(&s, &actor, at, &body.answers).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A report to be handed in, or a correction.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReportHandIn)]
pub struct HandInIn {
    /// The answers; absent with `nothing`.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, serde_json::Value>>)]
    pub answers: Option<Answers>,
    /// Nothing to report (零报告).
    #[serde(default)]
    pub nothing: bool,
    /// The version that was seen; 0: none.
    #[serde(default)]
    pub after: i64,
    /// Why, for a correction.
    #[serde(default)]
    pub reason: String,
}

/// Hands a report in; a correction is another version.
#[utoipa::path(post, path = "/api/v1/duty/reports/{slot}/{unit}", tag = "duty",
    params(("slot" = String, Path), ("unit" = String, Path)), request_body = HandInIn,
    responses((status = 200, body = ReportOut)))]
async fn hand_in(
    State(s): State<Services>,
    actor: Actor,
    Path((slot, unit)): Path<(String, String)>,
    Json(body): Json<HandInIn>,
) -> Result<Json<ReportOut>, Problem> {
    let (slot, unit) = (id_of(&s, &slot)?, id_of(&s, &unit)?);
    let said = match (body.answers, body.nothing) {
        (Some(answers), false) => Said::Answers(answers),
        (None, true) => Said::Nothing,
        _ => return Err(Problem::invalid("answers", "answers, or “nothing” alone")),
    };
    let new = HandIn {
        slot,
        unit,
        said,
        after: body.after,
        reason: body.reason,
    };
    actions::hand_in(&s, &actor, new).await?;
    shown(&s, &actor, (slot, unit)).await
}
