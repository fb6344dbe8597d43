//! What a movement does to a lot's value. Pure.

use std::collections::BTreeMap;

use kernel::{Fen, MoneyError};
use ledger::Restriction;
use ledger::journal::shapes::goods::{GoodsFlow, Holding};

use super::model::{Crossing, Origin, Valued, Worth};
use crate::stock::{Lot, LotState, Source};

/// Whether goods in this state are the store's to answer for.
const fn is_held(state: LotState) -> bool {
    matches!(state, LotState::Stocked | LotState::Reserved | LotState::Issued)
}

/// Whose a lot is in the books; none for what was bought, which the purchase booked.
pub fn holding(lot: &Lot) -> Option<Holding> {
    let restriction = if lot.designated_for.is_some() {
        Restriction::Restricted
    } else {
        Restriction::Unrestricted
    };
    match lot.source {
        Source::Donation | Source::TransferIn | Source::Customs | Source::Kit => Some(Holding::Own(restriction)),
        Source::HeldForAddressee => Some(Holding::Agency),
        Source::Budget | Source::AidFund => None,
    }
}

/// How a lot of this source comes in.
pub const fn origin(source: Source) -> Origin {
    match source {
        Source::TransferIn => Origin::Transferred,
        Source::Customs => Origin::Granted,
        Source::Kit => Origin::Made,
        _ => Origin::Given,
    }
}

/// What a movement is to the books; nothing for what stays inside or outside.
pub fn flow(one: &Crossing, origin: Origin) -> Option<GoodsFlow> {
    let inside = |state: Option<LotState>| state.is_some_and(is_held);
    match (inside(one.from), inside(one.to)) {
        (false, true) => Some(match (one.from, origin) {
            (Some(LotState::Returned | LotState::Sold), _) => GoodsFlow::Returned,
            (None, Origin::Made) if one.n == 1 => GoodsFlow::Assembled,
            (None, _) => GoodsFlow::Found,
            (Some(_), Origin::Transferred) => GoodsFlow::Transferred,
            (Some(_), Origin::Granted) => GoodsFlow::Granted,
            (Some(_), Origin::Given | Origin::Made) => GoodsFlow::Given,
        }),
        (true, false) => Some(match one.to {
            Some(LotState::Assembled) => GoodsFlow::Assembled,
            Some(LotState::Scrapped | LotState::Lost) | None => GoodsFlow::Lost,
            Some(_) => GoodsFlow::Used,
        }),
        _ => None,
    }
}

/// `of` shared out: what so many of so many pieces come to, the rest of a fen left to those after them.
pub(super) fn part(of: Fen, (some, all): (i64, i64)) -> Fen {
    let share = i128::from(of.get()) * i128::from(some) / i128::from(all.max(1));
    Fen::new(i64::try_from(share).unwrap_or(i64::MAX))
}

impl Worth {
    /// Takes a movement in, and gives what it did and the value that did it.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum does not fit.
    pub fn take(&mut self, one: &Crossing, lot: &Valued) -> Result<Option<(GoodsFlow, Fen)>, MoneyError> {
        self.upto = one.n;
        let Some(flow) = flow(one, lot.origin) else {
            return Ok(None);
        };
        let comes_in = one.to.is_some_and(is_held);
        let value = if !comes_in {
            let value = part(self.value, (one.quantity, self.held));
            self.value = self.value.minus(value)?;
            self.held -= one.quantity;
            return Ok(Some((flow, value)));
        } else if matches!(flow, GoodsFlow::Returned | GoodsFlow::Found) {
            part(lot.value, (one.quantity, lot.pieces))
        } else {
            let before = part(lot.value, (self.entered, lot.pieces));
            self.entered += one.quantity;
            part(lot.value, (self.entered, lot.pieces)).minus(before)?
        };
        self.value = self.value.plus(value)?;
        self.held += one.quantity;
        Ok(Some((flow, value)))
    }

    /// Takes movements in, in their order, and adds up what they did.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum does not fit.
    pub fn take_all(&mut self, moves: &[Crossing], lot: &Valued) -> Result<BTreeMap<GoodsFlow, Fen>, MoneyError> {
        let mut flows: BTreeMap<GoodsFlow, Fen> = BTreeMap::new();
        for one in moves {
            if let Some((flow, value)) = self.take(one, lot)? {
                let sum = flows.entry(flow).or_default();
                *sum = sum.plus(value)?;
            }
        }
        Ok(flows)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step(n: i64, from: Option<LotState>, to: LotState, quantity: i64) -> Crossing {
        Crossing {
            n,
            from,
            to: Some(to),
            quantity,
        }
    }

    fn valued(fen: i64, pieces: i64) -> Valued {
        Valued {
            value: Fen::new(fen),
            pieces,
            origin: Origin::Given,
        }
    }

    #[test]
    fn a_lots_last_piece_takes_the_last_fen_with_it() {
        use LotState as S;
        let lot = valued(1_000, 3);
        let mut worth = Worth::default();
        let came = worth.take(&step(1, Some(S::Inspected), S::Stocked, 2), &lot);
        assert_eq!(came, Ok(Some((GoodsFlow::Given, Fen::new(666)))));
        let rest = worth.take(&step(2, Some(S::Inspected), S::Stocked, 1), &lot);
        assert_eq!(rest, Ok(Some((GoodsFlow::Given, Fen::new(334)))));
        assert_eq!(
            worth.take(&step(3, Some(S::Stocked), S::Reserved, 3), &lot),
            Ok(None),
            "set aside is still held"
        );
        let gone: Vec<i64> = [4, 5, 6]
            .map(|n| {
                worth
                    .take(&step(n, Some(S::Issued), S::InTransit, 1), &lot)
                    .expect("fits")
                    .expect("gone")
                    .1
                    .get()
            })
            .to_vec();
        assert_eq!(gone, [333, 333, 334]);
        assert_eq!((worth.held, worth.value, worth.upto), (0, Fen::ZERO, 6));
    }

    #[test]
    fn every_way_out_and_in_has_its_account() {
        use LotState as S;
        let out = |to| flow(&step(5, Some(S::Stocked), to, 1), Origin::Given);
        assert_eq!(out(S::Scrapped), Some(GoodsFlow::Lost));
        assert_eq!(out(S::Lost), Some(GoodsFlow::Lost));
        assert_eq!(out(S::Sold), Some(GoodsFlow::Used));
        assert_eq!(out(S::Assembled), Some(GoodsFlow::Assembled));
        assert_eq!(out(S::Reserved), None);
        let back = step(5, Some(S::Returned), S::Stocked, 1);
        assert_eq!(flow(&back, Origin::Given), Some(GoodsFlow::Returned));
        let unsold = step(5, Some(S::Sold), S::Stocked, 1);
        assert_eq!(
            flow(&unsold, Origin::Given),
            Some(GoodsFlow::Returned),
            "a sale undone is no second gift"
        );
        let given = step(5, Some(S::Inspected), S::Stocked, 1);
        assert_eq!(flow(&given, Origin::Transferred), Some(GoodsFlow::Transferred));
        assert_eq!(
            flow(&step(1, None, S::Stocked, 1), Origin::Made),
            Some(GoodsFlow::Assembled)
        );
        assert_eq!(
            flow(&step(9, None, S::Stocked, 1), Origin::Made),
            Some(GoodsFlow::Found)
        );
        assert_eq!(
            flow(&step(2, Some(S::InTransit), S::Lost, 1), Origin::Given),
            None,
            "it had left before"
        );
    }

    proptest! {
        #[test]
        fn value_is_conserved_over_any_parts(
            fen in 1i64..1_000_000_000_000, parts in prop::collection::vec((1i64..5_000, 1i64..5_000), 1..20)
        ) {
            use LotState as S;
            let pieces: i64 = parts.iter().map(|(came, _)| came).sum();
            let lot = valued(fen, pieces);
            let (mut worth, mut n, mut came_in, mut went) = (Worth::default(), 0, 0, 0);
            for (came, goes) in parts {
                n += 1;
                came_in += worth.take(&step(n, Some(S::Inspected), S::Stocked, came), &lot).expect("fits").expect("crosses").1.get();
                let goes = goes.min(worth.held);
                n += 1;
                went += worth.take(&step(n, Some(S::Issued), S::InTransit, goes), &lot).expect("fits").expect("crosses").1.get();
                prop_assert_eq!(worth.value.get(), came_in - went);
                prop_assert!(worth.value.get() >= 0);
            }
            prop_assert_eq!(came_in, fen);
            if worth.held > 0 {
                went += worth.take(&step(n + 1, Some(S::Stocked), S::Scrapped, worth.held), &lot).expect("fits").expect("crosses").1.get();
            }
            prop_assert_eq!((went, worth.value.get()), (fen, 0));
        }
    }
}
