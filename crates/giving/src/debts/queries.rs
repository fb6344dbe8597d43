//! Reads for showing and for deciding: a pool's debt.

use std::collections::BTreeMap;

use db::Reads;
use kernel::{Fen, FundId, JournalId, UnitId};
use ledger::{LedgerError, Restriction};

use super::model::{Debt, Owed};
use super::store;
use crate::matching::Pool;

/// What the sponsor of a pool owes, fund by fund, and what it paid; `books` are those that the matches stand in.
///
/// # Errors
/// The database's, or sums too large.
pub async fn debt(at: &mut impl Reads, books: UnitId, pool: &Pool) -> Result<Debt, LedgerError> {
    let mut funds: BTreeMap<(FundId, &'static str), Owed> = BTreeMap::new();
    let nothing = |fund, restriction: Restriction| Owed {
        fund,
        restriction,
        matched: Fen::ZERO,
        settled: Fen::ZERO,
    };
    for (fund, restriction, matched) in store::matched(at, pool).await? {
        let one = funds.entry((fund, restriction.as_str()));
        one.or_insert_with(|| nothing(fund, restriction)).matched = matched;
    }
    let mut reversed: BTreeMap<JournalId, bool> = BTreeMap::new();
    for (journal, share) in store::shares(at, pool).await? {
        let is_reversed = match reversed.get(&journal) {
            Some(known) => *known,
            None => ledger::is_reversed(at, books, journal).await?,
        };
        reversed.insert(journal, is_reversed);
        if is_reversed {
            continue;
        }
        let one = funds.entry((share.fund, share.restriction.as_str()));
        let one = one.or_insert_with(|| nothing(share.fund, share.restriction));
        one.settled = one.settled.plus(share.amount)?;
    }
    Ok(Debt {
        funds: funds.into_values().collect(),
        settlements: store::settlements(at, pool).await?,
    })
}
