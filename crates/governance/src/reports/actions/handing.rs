//! Handing in: drafts, reports, corrections.

use kernel::UnitId;
use kernel::id::Id as _;
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::{fact_id, in_scope};
use crate::reports::error::ReportError;
use crate::reports::model::{Answers, Due, Entry, Form, Slot, SlotId, Standing};
use crate::reports::rules::{self, Refusal};
use crate::reports::store;

/// What a unit says at an hour.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// Nothing to report (零报告).
    Nothing,
    /// Answers.
    Answers(Answers),
}

/// A report about to be handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct HandIn {
    /// The hour.
    pub slot: SlotId,
    /// The unit.
    pub unit: UnitId,
    /// What it says.
    pub said: Said,
    /// The version that was seen, 0 when none: two people do not pass each other unseen.
    pub after: i64,
    /// Why, for a correction.
    pub reason: String,
}

/// Keeps what a unit is writing. It is nobody's report yet: it has no fact.
///
/// # Errors
/// [`ReportError`]: not there, closed, not open yet, no fields of this form.
pub async fn keep_draft(
    services: &Services,
    by: &Actor,
    (slot, unit): (SlotId, UnitId),
    answers: &Answers,
) -> Result<(), ReportError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let (slot, form, _) = owed(&mut tx, by, (slot, unit)).await?;
    if now < slot.opens_at {
        return Err(Refusal::NotOpen(slot.opens_at).into());
    }
    rules::check_draft(&form, answers)?;
    store::keep_draft(&mut tx, (slot.id, unit), answers, (by.id, now)).await?;
    Ok(tx.commit().await?)
}

/// Hands a report in; a correction is another version. The same words by the same person again are the same report.
/// Fact `report.handed_in` or `report.corrected`.
///
/// # Errors
/// [`ReportError`]: not there, closed, not open yet, out of shape, somebody handed in meanwhile, nothing corrected.
pub async fn hand_in(services: &Services, by: &Actor, new: HandIn) -> Result<Entry, ReportError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let (slot, form, due) = owed(&mut tx, by, (new.slot, new.unit)).await?;
    let (answers, is_nothing) = match &new.said {
        Said::Nothing => (Answers::new(), true),
        Said::Answers(answers) => (rules::checked(&form, answers)?, false),
    };
    let last = store::entries(&mut tx, slot.id, new.unit).await?.pop();
    let same = last
        .as_ref()
        .is_some_and(|last| last.answers == answers && last.is_nothing == is_nothing);
    if let Some(last) = last.filter(|last| same && last.by == by.id && last.version == new.after + 1) {
        return Ok(last);
    }
    if due.last_version != new.after {
        return Err(ReportError::Changed);
    }
    rules::may_hand_in(&slot, due.last_version, &new.reason, now)?;
    if same {
        return Err(Refusal::Unchanged.into());
    }
    let entry = Entry {
        version: due.last_version + 1,
        answers,
        is_nothing,
        reason: if due.last_version > 0 {
            new.reason.trim().to_owned()
        } else {
            String::new()
        },
        by: by.id,
        at: now,
    };
    if !store::hand_in(&mut tx, (slot.id, new.unit), &entry).await? {
        return Err(ReportError::Changed);
    }
    let standing = rules::standing(&slot, due.first_at.or(Some(now)), now);
    let fact = NewFact {
        unit: new.unit,
        kind: if entry.version == 1 {
            "report.handed_in"
        } else {
            "report.corrected"
        },
        subject: slot.id.bytes(),
        actor: Some(by.id),
        body: json!({
            "form": fact_id(slot.form),
            "due_at": slot.due_at,
            "version": entry.version,
            "nothing": is_nothing,
            "late": standing == Standing::Late,
        }),
    };
    conclude(tx, fact, services).await?;
    Ok(entry)
}

/// What a unit owes at an hour, with the form as it was planned, if the actor reports for the unit.
async fn owed(tx: &mut db::Tx, by: &Actor, (slot, unit): (SlotId, UnitId)) -> Result<(Slot, Form, Due), ReportError> {
    in_scope(by, Permission::DutyReport, unit, "report")?;
    let missing = || ReportError::NotFound("report");
    let slot = store::slot(tx, slot).await?.ok_or_else(missing)?;
    let due = store::due(tx, slot.id, unit).await?.ok_or_else(missing)?;
    let form = store::form(tx, slot.form).await?.ok_or_else(missing)?;
    if form.closed_at.is_some() {
        return Err(Refusal::Closed.into());
    }
    let document = store::version(tx, slot.form, slot.version).await?.ok_or_else(missing)?;
    Ok((slot, document.form, due))
}
