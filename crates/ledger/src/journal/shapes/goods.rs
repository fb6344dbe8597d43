//! Valued goods: in Dr 1201 存货 / Cr what they are; out Dr what became of them / Cr 1201. Goods of others: Dr 1801 / Cr 2601
//! and back, neither income nor expense (art. 58, 66). Goods stand in no fund, so that they never count as money of one.

use std::collections::BTreeMap;

use kernel::{Fen, UnitId};

use super::When;
use crate::chart::{AccountCode, Restriction};
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// Whose goods they are, and how limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holding {
    /// The body's own, limited by their giver or not.
    Own(Restriction),
    /// Another's, only held for him (受托代理).
    Agency,
}

/// What valued goods did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GoodsFlow {
    /// Given (4101).
    Given,
    /// From another level of the society: no donation a second time (4901).
    Transferred,
    /// Handed over by an authority (4401).
    Granted,
    /// Found by a count (4901).
    Found,
    /// Left for the work, or was sold for it (5101).
    Used,
    /// Came back from a receiver (5101).
    Returned,
    /// Destroyed or missing (5301).
    Lost,
    /// Became part of a kit, or a kit was made of it: inside the store.
    Assembled,
}

impl GoodsFlow {
    /// Whether it brings goods into the store.
    const fn comes_in(self) -> bool {
        matches!(
            self,
            Self::Given | Self::Transferred | Self::Granted | Self::Found | Self::Returned
        )
    }
    fn account(self, restriction: Restriction) -> AccountCode {
        let restricted = restriction == Restriction::Restricted;
        let of = |free, limited| if restricted { limited } else { free };
        match self {
            Self::Given => of(AccountCode::DONATIONS_UNRESTRICTED, AccountCode::DONATIONS_RESTRICTED),
            Self::Transferred | Self::Found => of(
                AccountCode::OTHER_INCOME_UNRESTRICTED,
                AccountCode::OTHER_INCOME_RESTRICTED,
            ),
            Self::Granted => of(AccountCode::GRANTS_UNRESTRICTED, AccountCode::GRANTS_RESTRICTED),
            Self::Used | Self::Returned => of(AccountCode::PROGRAMME_UNRESTRICTED, AccountCode::PROGRAMME_RESTRICTED),
            Self::Lost => of(AccountCode::MANAGEMENT_UNRESTRICTED, AccountCode::MANAGEMENT_RESTRICTED),
            Self::Assembled => AccountCode::INVENTORIES,
        }
    }
}

/// Valued goods of one holding that moved together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    /// Whose books.
    pub unit: UnitId,
    /// Whose goods.
    pub holding: Holding,
    /// What they did, with the value that did it; never below zero.
    pub flows: BTreeMap<GoodsFlow, Fen>,
}

/// The journal; none where nothing of value crossed the store's door.
///
/// # Errors
/// [`JournalError`].
pub fn journal(what: &Goods, when: When) -> Result<Option<Journal>, JournalError> {
    let (store, restriction) = match what.holding {
        Holding::Own(restriction) => (AccountCode::INVENTORIES, restriction),
        Holding::Agency => (AccountCode::AGENCY_ASSETS, Restriction::None),
    };
    let mut sums: BTreeMap<AccountCode, Fen> = BTreeMap::new();
    let mut came_in = false;
    for (flow, value) in &what.flows {
        if value.get() < 0 {
            return Err(JournalError::NotPositive);
        }
        let other = match what.holding {
            Holding::Own(_) => flow.account(restriction),
            Holding::Agency => AccountCode::AGENCY_LIABILITY,
        };
        let debit = if flow.comes_in() { *value } else { value.negated()? };
        came_in |= flow.comes_in() && value.is_positive();
        let at_store = sums.entry(store).or_default();
        *at_store = at_store.plus(debit)?;
        let beside = sums.entry(other).or_default();
        *beside = beside.minus(debit)?;
    }
    let entries: Vec<Entry> = sums
        .into_iter()
        .filter(|(_, amount)| *amount != Fen::ZERO)
        .map(|(code, amount)| Entry {
            dims: Dimensions::general(what.unit, code),
            amount,
        })
        .collect();
    if entries.is_empty() {
        return Ok(None);
    }
    let kind = if came_in {
        JournalKind::GoodsReceived
    } else {
        JournalKind::GoodsIssued
    };
    Journal::new(kind, when.id, when.posting_day, when.business_day, entries).map(Some)
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;
    use kernel::{BusinessDay, JournalId, SeededRng};

    use super::*;

    fn posted(holding: Holding, flows: &[(GoodsFlow, i64)]) -> Vec<(&'static str, i64)> {
        let day = BusinessDay::parse("2026-05-08").expect("a day");
        let when = When {
            id: JournalId::new(day.start(), &SeededRng::new(1)),
            posting_day: day,
            business_day: day,
        };
        let what = Goods {
            unit: UnitId::from_bytes([7; 16]),
            holding,
            flows: flows.iter().map(|(flow, fen)| (*flow, Fen::new(*fen))).collect(),
        };
        let journal = journal(&what, when).expect("a journal");
        let entries = journal.map_or(Vec::new(), |journal| journal.entries().to_vec());
        assert!(
            entries.iter().all(|entry| entry.dims.fund.is_none()),
            "goods are in no fund"
        );
        entries
            .iter()
            .map(|entry| (entry.dims.code.as_str(), entry.amount.get()))
            .collect()
    }

    #[test]
    fn a_gift_of_goods_is_income_by_its_limit_and_an_others_parcel_is_none() {
        use GoodsFlow::*;
        let free = Holding::Own(Restriction::Unrestricted);
        let limited = Holding::Own(Restriction::Restricted);
        assert_eq!(posted(free, &[(Given, 500)]), [("1201", 500), ("410101", -500)]);
        assert_eq!(posted(limited, &[(Given, 500)]), [("1201", 500), ("410102", -500)]);
        assert_eq!(
            posted(Holding::Agency, &[(Given, 500)]),
            [("1801", 500), ("2601", -500)]
        );
        assert_eq!(posted(Holding::Agency, &[(Used, 500)]), [("1801", -500), ("2601", 500)]);
        assert_eq!(
            posted(free, &[(Transferred, 9)]),
            [("1201", 9), ("490101", -9)],
            "no donation twice"
        );
        assert_eq!(posted(free, &[(Granted, 9)]), [("1201", 9), ("440101", -9)]);
    }

    #[test]
    fn what_leaves_is_a_cost_and_what_comes_back_takes_it_off() {
        use GoodsFlow::*;
        let limited = Holding::Own(Restriction::Restricted);
        assert_eq!(posted(limited, &[(Used, 70)]), [("1201", -70), ("510102", 70)]);
        assert_eq!(posted(limited, &[(Lost, 70)]), [("1201", -70), ("530102", 70)]);
        assert_eq!(posted(limited, &[(Returned, 30)]), [("1201", 30), ("510102", -30)]);
        assert_eq!(
            posted(limited, &[(Given, 100), (Used, 100)]),
            [("410102", -100), ("510102", 100)],
            "valued after it had left"
        );
        assert!(
            posted(limited, &[(Assembled, 70)]).is_empty(),
            "a kit stays in the store"
        );
        assert!(posted(limited, &[(Given, 0)]).is_empty());
    }
}
