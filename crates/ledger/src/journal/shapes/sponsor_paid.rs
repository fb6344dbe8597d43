//! A sponsor pays what it owes for its matches: Cr 1122 in the funds that got them, Dr the bank, or money of the sponsor's
//! that was held to be passed on and now is: Dr 2601, Cr the agency part of its asset, Dr the own part.

use kernel::{Channel, Fen, FundId, UnitId};

use super::When;
use crate::chart::{AccountCode, Restriction};
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// Where the sponsor's money comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Money {
    /// It arrived in the bank.
    Arrived,
    /// It was held to be passed on.
    Held {
        /// In which fund.
        fund: FundId,
        /// How it had come: it lies where money of this channel lies.
        channel: Channel,
    },
}

/// What one fund gets of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SponsorShare {
    /// The fund.
    pub fund: FundId,
    /// Whose limits its money bears; [`Restriction::None`] for money only passed on.
    pub restriction: Restriction,
    /// How much, not zero; below zero where a match shrank after it was paid: then it goes to the other funds.
    pub amount: Fen,
}

/// The journal of a sponsor's payment.
///
/// # Errors
/// [`JournalError`].
pub fn journal(unit: UnitId, shares: &[SponsorShare], money: Money, when: When) -> Result<Journal, JournalError> {
    let dims = |code, fund| Dimensions::general(unit, code).in_fund(Some(fund));
    let mut entries = Vec::with_capacity(shares.len() * 2 + 2);
    let channel = match money {
        Money::Arrived => Channel::Bank,
        Money::Held { channel, .. } => channel,
    };
    if let Money::Held { fund, channel } = money {
        let all = Fen::sum(shares.iter().map(|share| share.amount))?;
        let asset = dims(AccountCode::agency_asset_of(channel), fund);
        entries.extend(moved(dims(AccountCode::AGENCY_LIABILITY, fund), asset, all)?);
    }
    for share in shares {
        let (asset, owed) = if share.restriction == Restriction::None {
            (
                AccountCode::agency_asset_of(channel),
                AccountCode::agency_asset_of(Channel::Match),
            )
        } else {
            (AccountCode::asset_of(channel), AccountCode::asset_of(Channel::Match))
        };
        entries.extend(moved(dims(asset, share.fund), dims(owed, share.fund), share.amount)?);
    }
    Journal::new(
        JournalKind::Settlement,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}

/// Debit and credit of an amount; the other way round below zero, nothing at zero.
fn moved(debit: Dimensions, credit: Dimensions, amount: Fen) -> Result<Vec<Entry>, JournalError> {
    if amount == Fen::ZERO {
        return Ok(Vec::new());
    }
    let (debit, credit, amount) = if amount.is_positive() {
        (debit, credit, amount)
    } else {
        (credit, debit, amount.negated()?)
    };
    Ok(vec![Entry::debit(debit, amount), Entry::credit(credit, amount)?])
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;
    use kernel::{Instant, JournalId, SeededRng};

    use super::*;

    fn told(shares: &[(u8, Restriction, i64)], money: Money) -> Vec<(u8, &'static str, i64)> {
        let now = Instant::parse_rfc3339("2026-05-20T01:00:00Z").expect("a time");
        let when = When {
            id: JournalId::new(now, &SeededRng::new(1)),
            posting_day: now.business_day(),
            business_day: now.business_day(),
        };
        let share = |(fund, restriction, fen): &(u8, Restriction, i64)| SponsorShare {
            fund: FundId::from_bytes([*fund; 16]),
            restriction: *restriction,
            amount: Fen::new(*fen),
        };
        let shares: Vec<_> = shares.iter().map(share).collect();
        let journal = journal(UnitId::from_bytes([1; 16]), &shares, money, when).expect("a journal");
        let fund = |entry: &Entry| entry.dims.fund.map_or(0, |fund| fund.bytes()[0]);
        let entries = journal.entries().iter();
        entries
            .map(|e| (fund(e), e.dims.code.as_str(), e.amount.get()))
            .collect()
    }

    #[test]
    fn money_that_arrived_settles_each_fund_and_takes_back_where_a_match_shrank() {
        let shares = [(1, Restriction::Restricted, 100), (2, Restriction::Restricted, -30)];
        assert_eq!(
            told(&shares, Money::Arrived),
            [(1, "1002", 100), (1, "1122", -100), (2, "1122", 30), (2, "1002", -30)]
        );
    }

    #[test]
    fn money_that_was_held_stops_being_others() {
        let held = Money::Held {
            fund: FundId::from_bytes([9; 16]),
            channel: Channel::Wechat,
        };
        assert_eq!(
            told(&[(1, Restriction::Unrestricted, 100), (2, Restriction::None, 5)], held),
            [
                (9, "2601", 105),
                (9, "100902", -105),
                (1, "100901", 100),
                (1, "1122", -100),
                (2, "100902", 5),
                (2, "1122", -5)
            ]
        );
    }
}
