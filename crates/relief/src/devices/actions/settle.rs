//! What an officer does with a record that was refused: carries it out after all, or settles it in words.

use db::{DbError, Tx};
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::RECORD_PLACE;
use super::super::model::{Applied, Device, Outcome, Record, RecordKind};
use super::super::store::{self, RecordRow};
use super::apply::{Order, apply};
use super::refusal;
use crate::RecordId;
use crate::error::{ReliefError, in_scope};
use crate::stock::rules::check_text;
use crate::told::{Told, finish};

/// Tries to write down what became of a record.
const TRIES_MAX: usize = 5;

/// Writes down that a record was carried out, or that what it says had been done.
pub(super) async fn write_applied(
    tx: &mut Tx,
    (unit, id): (UnitId, RecordId),
    applied: &Applied,
    now: Instant,
) -> Result<(), DbError> {
    // What was done before and no record holds was done at a desk.
    if applied.is_new && store::set_taken(tx, id, applied, now).await? {
        return Ok(());
    }
    let first = store::first(tx, unit, &applied.effect).await?;
    let known = Applied {
        done_at: first.and_then(|first| first.at).or(applied.done_at),
        ..applied.clone()
    };
    store::set_known(tx, id, &known).await
}

/// Who may settle a record: what is lost is decided by who approves, everything else by who keeps the store.
const fn settles(kind: Option<RecordKind>) -> Permission {
    match kind {
        Some(RecordKind::Lost) => Permission::GoodsApprove,
        _ => Permission::GoodsManage,
    }
}

/// A record that waits, with what was signed and its phone.
async fn waiting(services: &Services, by: &Actor, id: RecordId) -> Result<(RecordRow, Record, Device), ReliefError> {
    let mut at = services.db.snapshot().await?;
    let row = store::record(&mut at, id)
        .await?
        .ok_or(ReliefError::NotFound("record"))?;
    let device = store::device(&mut at, row.device)
        .await?
        .ok_or(ReliefError::NotFound("phone"))?;
    drop(at);
    let text = services.keys.open(&row.sealed, RECORD_PLACE)?;
    let record: Record = serde_json::from_slice(&text)
        .map_err(|error| DbError::Other(format!("a phone's record cannot be read: {error}")))?;
    in_scope(by, settles(record.kind.parse().ok()), (row.unit, "record"))?;
    if !matches!(row.outcome, Outcome::Refused | Outcome::Pending) {
        return Err(ReliefError::State {
            state: row.outcome.as_str(),
            wanted: "refused",
        });
    }
    Ok((row, record, device))
}

/// Carries a refused record out after all, as the officer who says so. Refused again, it stays where it is, with the new
/// reason.
///
/// # Errors
/// Whatever refuses it.
pub async fn redo(services: &Services, by: &Actor, id: RecordId, reason: &str) -> Result<Outcome, ReliefError> {
    check_text("reason", reason, 0)?;
    let (row, record, device) = waiting(services, by, id).await?;
    let kind: RecordKind = record.kind.parse().map_err(|_| ReliefError::NotFound("kind"))?;
    let order = Order {
        device: &device,
        id,
        record: &record,
        kind,
        reason: reason.trim(),
    };
    match apply(services, by, &order).await {
        Ok(applied) => write_down(services, by, &row, &applied).await,
        Err(error) => {
            // Kept with the new reason; what is our own fault is told as it is and changes nothing.
            let told = refusal(error)?;
            let mut tx = services.db.begin().await?;
            store::lock_record(&mut tx, id).await?;
            store::set_refused(&mut tx, id, &told).await?;
            tx.commit().await?;
            Ok(Outcome::Refused)
        }
    }
}

async fn write_down(
    services: &Services,
    by: &Actor,
    row: &RecordRow,
    applied: &Applied,
) -> Result<Outcome, ReliefError> {
    let mut tries = 1;
    loop {
        match write_once(services, by, row, applied).await {
            Err(ReliefError::Db(DbError::Duplicate(_) | DbError::Contended(_))) if tries < TRIES_MAX => tries += 1,
            settled => return settled,
        }
    }
}

async fn write_once(
    services: &Services,
    by: &Actor,
    row: &RecordRow,
    applied: &Applied,
) -> Result<Outcome, ReliefError> {
    let mut tx = services.db.begin().await?;
    store::lock_record(&mut tx, row.id).await?;
    write_applied(&mut tx, (row.unit, row.id), applied, services.now()).await?;
    let now = store::record(&mut tx, row.id)
        .await?
        .ok_or(ReliefError::NotFound("record"))?;
    let told = Told {
        unit: row.unit,
        kind: "goods.record_redone",
        subject: row.id,
        body: json!({ "outcome": now.outcome }),
    };
    finish(tx, services, by, told).await?;
    Ok(now.outcome)
}

/// Settles a refused record in words: counted again at a desk, a mistake, done by hand. It stays in the list of what was.
///
/// # Errors
/// [`ReliefError::State`] once it is settled, [`ReliefError::Invalid`] without words.
pub async fn settle(services: &Services, by: &Actor, id: RecordId, words: &str) -> Result<(), ReliefError> {
    check_text("words", words, 1)?;
    let (row, ..) = waiting(services, by, id).await?;
    let mut tx = services.db.begin().await?;
    let now = store::lock_record(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("record"))?;
    if !matches!(now.outcome, Outcome::Refused | Outcome::Pending) {
        return Err(ReliefError::State {
            state: now.outcome.as_str(),
            wanted: "refused",
        });
    }
    store::set_settled(&mut tx, id, words.trim(), (by.id, services.now())).await?;
    let told = Told {
        unit: row.unit,
        kind: "goods.record_settled",
        subject: id,
        body: json!({}),
    };
    Ok(finish(tx, services, by, told).await?)
}
