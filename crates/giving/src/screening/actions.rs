//! Deciding about a hold.

use std::sync::Arc;

use kernel::GiftId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, append};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::error::ScreeningError;
use super::matches::MatchHolds;
use super::model::{Decision, Hold, HoldState};
use super::store;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["screening.held", "screening.cleared", "screening.kept"];
/// The longest reason: a few sentences.
const REASON_CHARS_MAX: usize = 500;

/// Decides about a hold, with the reason; needs [`Permission::GiftReview`] where the project is. A kept hold may be
/// cleared later, for instance after a complaint; a cleared one stays cleared. The same decision again is answered with
/// the first. Facts `screening.cleared`, `screening.kept`.
///
/// # Errors
/// [`ScreeningError`]: not allowed, no such hold, cleared before.
pub async fn decide(
    services: &Services,
    matches: &Arc<dyn MatchHolds>,
    by: &Actor,
    (gift, decision, reason): (GiftId, Decision, &str),
) -> Result<Hold, ScreeningError> {
    by.require_somewhere(Permission::GiftReview)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(ScreeningError::Invalid {
            field: "reason",
            why: "1 to 500 characters: what was looked at and found",
        });
    }
    let mut tx = services.db.begin().await?;
    let mut hold = store::lock(&mut tx, gift)
        .await?
        .filter(|hold| by.require(Permission::GiftReview, hold.unit).is_ok())
        .ok_or(ScreeningError::NotFound("hold"))?;
    match (&hold.state, decision) {
        (HoldState::Cleared { .. }, Decision::Clear) | (HoldState::Kept { .. }, Decision::Keep) => return Ok(hold),
        (HoldState::Cleared { .. }, Decision::Keep) => return Err(ScreeningError::Decided("cleared")),
        (HoldState::Waiting | HoldState::Kept { .. }, _) => {}
    }
    let (by_id, at, reason) = (by.id, services.now(), reason.to_owned());
    let kind = match decision {
        Decision::Clear => {
            hold.state = HoldState::Cleared { by: by_id, at, reason };
            matches.release(&mut tx, gift).await?;
            "screening.cleared"
        }
        Decision::Keep => {
            hold.state = HoldState::Kept { by: by_id, at, reason };
            matches.refuse(&mut tx, gift).await?;
            "screening.kept"
        }
    };
    store::decide(&mut tx, &hold).await?;
    let fact = NewFact {
        unit: hold.unit,
        kind,
        subject: gift.bytes(),
        actor: Some(by.id),
        body: json!({
            "project": hex(&hold.project.bytes()),
            "amount_fen": hold.amount,
            "signal": hold.signal,
        }),
    };
    append(&mut tx, fact, services).await?;
    tx.commit().await?;
    services.facts_written.notify_waiters();
    Ok(hold)
}
