//! Sealing anew, one round at a time.

use db::DbError;
use kernel::id::{Id as _, hex};
use kernel::{ActorId, JobId};

use super::store::{self, Value};
use super::{SealedColumn, jobs};
use crate::keys::KeyError;
use crate::{Services, settings};

/// Values of one round: a transaction of some tens of milliseconds, so that gifts get through between two.
pub(super) const ROUND: i64 = 200;

/// Why a round failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum RoundError {
    /// A value cannot be opened: its key is not in the file.
    #[error("a value of {0} cannot be opened: {1}")]
    Key(&'static str, KeyError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What a round did.
pub(super) struct Round {
    /// Values that were looked at.
    pub seen: i64,
    /// Values that were sealed anew.
    pub sealed_anew: u64,
}

/// The name under which the walk keeps its place; each newest key begins anew.
fn place_name(of: SealedColumn, newest: u8) -> String {
    format!("rewrap.{newest}.{}", of.table)
}

/// One round over a column: opens what older keys sealed after the walk's place, seals it with the newest, and moves
/// the place in the same transaction.
pub(super) async fn round(services: &Services, of: SealedColumn) -> Result<Round, RoundError> {
    let newest = services.keys.newest_number();
    let name = place_name(of, newest);
    // Read and sealed before the transaction begins: on SQLite the write permit is held for the writing alone.
    let found = {
        let mut at = services.db.snapshot().await?;
        let after = store::place(&mut at, &name)
            .await?
            .as_deref()
            .map_or_else(store::beginning, parsed);
        store::older(&mut at, of, (newest, after), ROUND).await?
    };
    let Some(last) = found.last().map(|value| value.id) else {
        return Ok(Round {
            seen: 0,
            sealed_anew: 0,
        });
    };
    let anew = |was: &Value| {
        let plain = services.keys.open(&was.sealed, of.place)?;
        Ok(services.keys.seal(&plain, of.place, &*services.rng))
    };
    let mut sealed = Vec::with_capacity(found.len());
    for was in &found {
        sealed.push(anew(was).map_err(|error| RoundError::Key(of.table, error))?);
    }
    let mut tx = services.db.begin().await?;
    let mut sealed_anew = 0;
    for (was, value) in found.iter().zip(sealed) {
        sealed_anew += store::replace(&mut tx, of, was, value).await?;
    }
    settings::put(&mut tx, &name, &hex(&last.bytes())).await?;
    tx.commit().await?;
    Ok(Round {
        seen: found.len() as i64,
        sealed_anew,
    })
}

fn parsed(text: &str) -> ActorId {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .map_or_else(store::beginning, ActorId::from_bytes)
}

/// Lets the walk begin again: values were found behind its place, which another node with an older file wrote.
pub(super) async fn begin_again(services: &Services, columns: &[SealedColumn]) -> Result<(), DbError> {
    let newest = services.keys.newest_number();
    let mut tx = services.db.begin().await?;
    for of in columns {
        settings::put(&mut tx, &place_name(*of, newest), "").await?;
    }
    tx.commit().await
}

/// Puts the job in line once for each newest key, if the file holds older ones; the server calls it at its start.
///
/// # Errors
/// Any [`DbError`].
pub async fn put_in_line(services: &Services) -> Result<Option<JobId>, DbError> {
    let Some(unit) = services.tree.roots().first().copied() else {
        return Ok(None);
    };
    if services.keys.numbers().len() < 2 {
        return Ok(None);
    }
    let mut tx = services.db.begin().await?;
    let id = crate::jobs::enqueue(&mut tx, jobs::job(unit, services.keys.newest_number()), services).await?;
    tx.commit().await?;
    Ok(Some(id))
}
