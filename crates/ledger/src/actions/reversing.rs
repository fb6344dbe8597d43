//! Undoing a journal by its mirror.

use db::DbError;
use kernel::id::{Id as _, hex};
use kernel::{Fen, JournalId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::{Also, Booked, Slip, book};
use crate::LedgerError;
use crate::chart::AccountCode;
use crate::journal::shapes::reversal;
use crate::journal::store;
use crate::journal::{Entry, JournalKind};

/// Undoes a journal by its mirror. Not for gifts and refunds, which have their own ways back. Fact
/// `books.journal_reversed`. Money of a sponsor's that was held to be passed on and comes back by it is held back in the
/// same transaction (the holder is the journal undone), until the matching pool that it stands behind, having read the
/// fact, says what it needs: no payout comes in between.
///
/// # Errors
/// [`LedgerError`]; also [`LedgerError::NoJournal`], [`LedgerError::AlreadyReversed`], [`LedgerError::NotReversible`].
pub async fn reverse_journal(
    services: &Services,
    by: &Actor,
    slip: Slip,
    of: JournalId,
) -> Result<Booked, LedgerError> {
    by.require(Permission::BooksPost, slip.unit)?;
    let (kind, entries) = reversible(services, &slip, of).await?;
    let told = json!({ "reverses": hex(&of.bytes()) });
    let also = returned(kind, &entries, of);
    let booked = book(services, by, (slip, also), "books.journal_reversed", told, |when| {
        reversal::journal(of, &entries, when)
    })
    .await;
    match booked {
        // The key was new and the journal's id is: what is taken is the one place for its reversal.
        Err(LedgerError::Db(DbError::Duplicate(_))) => Err(LedgerError::AlreadyReversed),
        other => other,
    }
}

async fn reversible(services: &Services, slip: &Slip, of: JournalId) -> Result<(JournalKind, Vec<Entry>), LedgerError> {
    let mut at = services.db.snapshot().await?;
    let entries = store::entries(&mut at, of).await?;
    let kind = store::kind_of(&mut at, of).await?;
    match (kind, entries.first()) {
        (Some(kind), Some(first)) if first.dims.unit == slip.unit => {
            if kind.is_undone_elsewhere() {
                return Err(LedgerError::NotReversible);
            }
            Ok((kind, entries))
        }
        _ => Err(LedgerError::NoJournal),
    }
}

/// What a sponsor's payment had taken out of money held for others: the one settlement that lessens what is owed to others
/// (2601).
fn returned(kind: JournalKind, entries: &[Entry], of: JournalId) -> Also {
    let taken = |entry: &&Entry| entry.dims.code == AccountCode::AGENCY_LIABILITY && entry.amount > Fen::ZERO;
    match (kind, entries.iter().find(taken)) {
        (JournalKind::Settlement, Some(entry)) => entry.dims.fund.map_or(Also::Nothing, |fund| Also::Returns {
            fund,
            amount: entry.amount,
            taken_by: of,
        }),
        _ => Also::Nothing,
    }
}
