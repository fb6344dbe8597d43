//! Reads for showing and for deciding: a pool's debt.

use std::collections::BTreeMap;

use db::Reads;
use kernel::{Fen, FundId, JournalId, UnitId};
use ledger::journal::shapes::sponsor_paid::SponsorShare;
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
    for share in standing(at, books, pool).await? {
        let one = funds.entry((share.fund, share.restriction.as_str()));
        let one = one.or_insert_with(|| nothing(share.fund, share.restriction));
        one.settled = one.settled.plus(share.amount)?;
    }
    Ok(Debt {
        funds: funds.into_values().collect(),
        settlements: store::settlements(at, pool).await?,
    })
}

/// What the funds got and keep: shares whose journal is not reversed in the books.
pub(super) async fn standing(
    at: &mut impl Reads,
    books: UnitId,
    pool: &Pool,
) -> Result<Vec<SponsorShare>, LedgerError> {
    let shares = store::shares(at, pool).await?;
    let mut journals: Vec<JournalId> = shares.iter().map(|(journal, _)| *journal).collect();
    journals.dedup();
    let reversed = ledger::reversed_of(at, books, &journals).await?;
    let stands = |(journal, share): (JournalId, SponsorShare)| (!reversed.contains(&journal)).then_some(share);
    Ok(shares.into_iter().filter_map(stands).collect())
}
