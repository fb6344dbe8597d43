//! Deciding about a hold.

use db::Tx;
use kernel::GiftId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use platform::jobs::{self, NewJob};
use serde_json::json;

use super::error::ScreeningError;
use super::jobs::SETTLE;
use super::model::{Decision, Hold, HoldState};
use super::store;
use crate::matching::Reason;
use crate::matching::actions as matching;

/// The kind of the fact that a gift is held.
pub const HELD: &str = "screening.held";
/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[HELD, "screening.cleared", "screening.kept"];
/// The longest reason: a few sentences.
const REASON_CHARS_MAX: usize = 500;

/// Decides about a hold, with the reason; needs [`Permission::GiftReview`] where the project is. A kept hold may be
/// cleared later, for instance after a complaint; a cleared one stays cleared. The same decision again is answered with
/// the first. Matches that waited are then decided or refused by a job; what was matched before the gift was held goes
/// back when it is kept, and does not come again. Facts `screening.cleared`, `screening.kept`.
///
/// # Errors
/// [`ScreeningError`]: not allowed, no such hold, cleared before.
pub async fn decide(
    services: &Services,
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
            "screening.cleared"
        }
        Decision::Keep => {
            hold.state = HoldState::Kept { by: by_id, at, reason };
            // Pools are held before anything else is written, as the intake holds them.
            let what = matching::Refunded {
                gift,
                refunded: hold.amount,
                why: Reason::Refused,
            };
            matching::shrink(&mut tx, services, by.id, what)
                .await
                .map_err(Box::new)?;
            "screening.kept"
        }
    };
    store::decide(&mut tx, &hold).await?;
    settle_matches(&mut tx, services, by, (&hold, decision)).await?;
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
    conclude(tx, fact, services).await?;
    Ok(hold)
}

/// Hands the matches that wait to the job: they are decided over the wide path, in a transaction of their own.
async fn settle_matches(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (hold, decision): (&Hold, Decision),
) -> Result<(), ScreeningError> {
    let decisions = crate::matching::store::of_gift(tx, hold.gift).await?;
    if !decisions.iter().any(|one| one.reason == Reason::Held) {
        return Ok(());
    }
    let gift = hex(&hold.gift.bytes());
    let cleared = decision == Decision::Clear;
    let job = NewJob {
        unit: hold.unit,
        kind: SETTLE,
        input: json!({ "gift": gift, "cleared": cleared }),
        by: by.id,
        not_before: None,
        once_key: Some(format!("{SETTLE}:{gift}:{cleared}")),
    };
    jobs::enqueue(tx, job, services).await?;
    Ok(())
}
