//! How many quotes, whose, who may choose, what was received: pure decisions.

use kernel::{ActorId, Fen, MoneyError};

use super::model::{Fewer, Purchase, PurchaseState, Quote, Receipt, Stocked};
use crate::error::{PartnerError, invalid};

/// What the parameters of the day ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// At least so many quotes…
    pub quotes: i64,
    /// …once the lowest of them comes to as much as this.
    pub from: Fen,
}

/// Refuses a purchase that is not in this state.
///
/// # Errors
/// [`PartnerError::State`].
pub fn in_state(purchase: &Purchase, wanted: PurchaseState) -> Result<(), PartnerError> {
    if purchase.state == wanted {
        Ok(())
    } else {
        Err(PartnerError::State {
            state: purchase.state.as_str(),
            wanted: wanted.as_str(),
        })
    }
}

/// The quotes that stand.
pub fn standing(quotes: &[Quote]) -> impl Iterator<Item = &Quote> {
    quotes.iter().filter(|quote| quote.stands())
}

/// Whether a further quote is independent of those that stand: another supplier, another owner.
///
/// # Errors
/// [`PartnerError::Conflict`].
pub fn is_independent(quotes: &[Quote], new: &Quote) -> Result<(), PartnerError> {
    for known in standing(quotes) {
        if known.supplier == new.supplier {
            return Err(PartnerError::Conflict("has a quote in this purchase already"));
        }
        if known.owner == new.owner {
            return Err(PartnerError::Conflict("has the same owner as another that quoted"));
        }
    }
    Ok(())
}

/// How many quotes this purchase needs: all that are asked for once the lowest comes to the threshold, else one.
///
/// # Errors
/// [`MoneyError`].
pub fn needed(purchase: &Purchase, quotes: &[Quote], wanted: Wanted) -> Result<i64, MoneyError> {
    let Some(lowest) = standing(quotes).map(|quote| quote.price).min() else {
        return Ok(wanted.quotes);
    };
    let total = super::model::times(lowest, purchase.quantity)?;
    Ok(if total < wanted.from { 1 } else { wanted.quotes })
}

/// Whether this person may approve that fewer quotes are enough.
///
/// # Errors
/// [`PartnerError::State`] when nobody asked, [`PartnerError::SamePerson`].
pub fn may_approve_fewer(fewer: Option<&Fewer>, quotes: &[Quote], by: ActorId) -> Result<(), PartnerError> {
    let fewer = fewer.ok_or(PartnerError::State {
        state: "without a reason for fewer quotes",
        wanted: "asked for with a reason",
    })?;
    if fewer.asked_by == by {
        return Err(PartnerError::SamePerson("asked for it"));
    }
    collected_by_another(quotes, by)
}

fn collected_by_another(quotes: &[Quote], by: ActorId) -> Result<(), PartnerError> {
    if standing(quotes).any(|quote| quote.collected_by == by) {
        return Err(PartnerError::SamePerson("collected a quote"));
    }
    Ok(())
}

/// Whether this person may choose this quote, with these words.
///
/// # Errors
/// [`PartnerError::Quotes`] with too few, [`PartnerError::SamePerson`] for who collected, [`PartnerError::Invalid`] for
/// another than the lowest without a reason.
pub fn may_choose(
    purchase: &Purchase,
    quotes: &[Quote],
    (n, why): (i64, &str),
    (by, wanted): (ActorId, Wanted),
) -> Result<(), PartnerError> {
    in_state(purchase, PurchaseState::Collecting)?;
    collected_by_another(quotes, by)?;
    let found = standing(quotes).count() as i64;
    let needed = needed(purchase, quotes, wanted)?;
    let fewer_are_enough = purchase.fewer.as_ref().is_some_and(|fewer| fewer.approved_by.is_some());
    if found == 0 || (found < needed && !fewer_are_enough) {
        return Err(PartnerError::Quotes { found, wanted: needed });
    }
    let chosen = standing(quotes)
        .find(|quote| quote.n == n)
        .ok_or(PartnerError::NotFound("quote"))?;
    let lowest = standing(quotes).map(|quote| quote.price).min();
    if lowest.is_some_and(|lowest| chosen.price > lowest) && why.trim().is_empty() {
        return Err(invalid("reason", "why not the lowest"));
    }
    Ok(())
}

/// What is received once this person signed for it too: nothing with the first, the count with the second.
///
/// # Errors
/// [`PartnerError::Counts`] when two counted differently, [`PartnerError::Invalid`] for more than was ordered or fewer without
/// words.
pub fn received(purchase: &Purchase, before: &[Receipt], now: &Receipt) -> Result<Option<i64>, PartnerError> {
    in_state(purchase, PurchaseState::Ordered)?;
    if !(0..=purchase.quantity).contains(&now.quantity) {
        return Err(invalid("quantity", "at most as many as were ordered"));
    }
    if now.quantity < purchase.quantity && now.words.trim().is_empty() {
        return Err(invalid("words", "why fewer came than were ordered"));
    }
    let other = before.iter().find(|receipt| receipt.by != now.by);
    match other {
        None => Ok(None),
        Some(other) if other.quantity == now.quantity => Ok(Some(now.quantity)),
        Some(other) => Err(PartnerError::Counts {
            first: other.quantity,
            second: now.quantity,
        }),
    }
}

/// Whether what was delivered may be put into the store: received, and not bought for children who are handed it there.
///
/// # Errors
/// [`PartnerError::State`].
pub fn may_stock(purchase: &Purchase) -> Result<(), PartnerError> {
    use PurchaseState as S;
    if !matches!(purchase.state, S::Received | S::Invoiced | S::Paid) {
        return Err(PartnerError::State {
            state: purchase.state.as_str(),
            wanted: "received",
        });
    }
    if purchase.list.is_some() {
        return Err(PartnerError::State {
            state: "for children, who are handed it there",
            wanted: "for the store",
        });
    }
    Ok(())
}

/// The lot by which the store has it, if this person may take it out again: another than who put it in.
///
/// # Errors
/// [`PartnerError::State`] when nothing of it is in the store, [`PartnerError::SamePerson`].
pub fn may_unstock(stocked: Option<Stocked>, by: ActorId) -> Result<Stocked, PartnerError> {
    let standing = stocked.filter(Stocked::stands).ok_or(PartnerError::State {
        state: "not in the store",
        wanted: "in the store",
    })?;
    if standing.by == by {
        return Err(PartnerError::SamePerson("put it into the store"));
    }
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;
    use kernel::{BusinessDay, Instant, UnitId};

    use super::*;
    use crate::agreements::TargetKind;
    use crate::{AgreementId, HandedId, PurchaseId, SupplierId};

    const WANTED: Wanted = Wanted {
        quotes: 3,
        from: Fen::new(100_000),
    };

    fn who(byte: u8) -> ActorId {
        ActorId::from_bytes([byte; 16])
    }

    fn purchase(quantity: i64) -> Purchase {
        Purchase {
            id: PurchaseId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([1; 16]),
            agreement: AgreementId::from_bytes([1; 16]),
            need: None,
            list: None,
            kind: TargetKind::Goods,
            item: "保暖内衣".into(),
            spec: String::new(),
            unit_word: "套".into(),
            quantity,
            state: PurchaseState::Collecting,
            asked_by: who(1),
            asked_on: BusinessDay::parse("2026-05-08").expect("a day"),
            fewer: None,
            chosen: None,
            chosen_by: None,
            number: None,
            ordered_at: None,
            due_on: None,
            invoice: None,
            payment: None,
            called_off: None,
        }
    }

    fn quote(n: i64, price: i64) -> Quote {
        let byte = u8::try_from(n).expect("few");
        Quote {
            n,
            supplier: SupplierId::from_bytes([byte; 16]),
            supplier_name: format!("示例商店 {n}"),
            owner: vec![byte],
            price: Fen::new(price),
            file: HandedId::from_bytes([9; 16]),
            collected_by: who(1),
            collected_at: Instant::from_micros(0),
            struck: None,
        }
    }

    #[test]
    fn three_quotes_from_the_threshold_on_one_below_it_and_fewer_only_when_approved() {
        let few = [quote(1, 1_000), quote(2, 1_100)];
        let choose = |purchase: &Purchase, quotes: &[Quote]| may_choose(purchase, quotes, (1, ""), (who(2), WANTED));
        let big = purchase(100);
        assert!(matches!(
            choose(&big, &few),
            Err(PartnerError::Quotes { found: 2, wanted: 3 })
        ));
        assert!(
            choose(&purchase(99), &few).is_ok(),
            "99,000 fen are below the threshold"
        );
        let mut asked = purchase(100);
        asked.fewer = Some(Fewer {
            why: "本地仅两家".into(),
            asked_by: who(1),
            approved_by: None,
        });
        assert!(choose(&asked, &few).is_err(), "asked for is not approved");
        assert!(matches!(
            may_approve_fewer(asked.fewer.as_ref(), &few, who(1)),
            Err(PartnerError::SamePerson(_))
        ));
        assert!(may_approve_fewer(asked.fewer.as_ref(), &few, who(2)).is_ok());
        if let Some(fewer) = &mut asked.fewer {
            fewer.approved_by = Some(who(2));
        }
        assert!(choose(&asked, &few).is_ok());
        assert!(choose(&asked, &[]).is_err(), "none at all is never enough");
        let mut three = vec![quote(1, 1_000), quote(2, 1_100), quote(3, 1_200)];
        assert!(choose(&big, &three).is_ok());
        three[2].struck = Some("过期".into());
        assert!(choose(&big, &three).is_err(), "a struck quote does not count");
    }

    #[test]
    fn who_collected_does_not_choose_and_another_than_the_lowest_needs_a_reason() {
        let three = [quote(1, 1_000), quote(2, 1_100), quote(3, 1_200)];
        let by = |who, n, why| may_choose(&purchase(100), &three, (n, why), (who, WANTED));
        assert!(matches!(by(who(1), 1, ""), Err(PartnerError::SamePerson(_))));
        assert!(matches!(
            by(who(2), 2, " "),
            Err(PartnerError::Invalid { field: "reason", .. })
        ));
        assert!(by(who(2), 2, "交货快十天").is_ok());
        assert!(matches!(by(who(2), 9, "x"), Err(PartnerError::NotFound("quote"))));
    }

    #[test]
    fn two_quotes_of_one_owner_are_one() {
        let known = [quote(1, 1_000)];
        let mut same = quote(2, 900);
        same.owner = vec![1];
        assert!(matches!(is_independent(&known, &same), Err(PartnerError::Conflict(_))));
        let mut again = quote(3, 900);
        again.supplier = known[0].supplier;
        assert!(matches!(is_independent(&known, &again), Err(PartnerError::Conflict(_))));
        assert!(is_independent(&known, &quote(2, 900)).is_ok());
    }

    #[test]
    fn what_two_people_counted_alike_is_received() {
        let mut ordered = purchase(10);
        ordered.state = PurchaseState::Ordered;
        let count = |byte, quantity, words: &str| Receipt {
            by: who(byte),
            quantity,
            words: words.into(),
            signed_at: Instant::from_micros(0),
        };
        let first = count(1, 10, "");
        assert!(matches!(received(&ordered, &[], &first), Ok(None)));
        let before = [first.clone()];
        assert!(
            matches!(received(&ordered, &before, &first), Ok(None)),
            "one person is one"
        );
        assert!(matches!(received(&ordered, &before, &count(2, 10, "")), Ok(Some(10))));
        assert!(matches!(
            received(&ordered, &before, &count(2, 9, "破损一套")),
            Err(PartnerError::Counts { first: 10, second: 9 })
        ));
        assert!(received(&ordered, &[], &count(2, 9, "")).is_err(), "fewer needs words");
        assert!(received(&ordered, &[], &count(2, 11, "")).is_err());
    }

    #[test]
    fn what_was_received_goes_into_the_store_and_comes_out_by_another_persons_hand() {
        use PurchaseState as S;
        let in_state = |state| {
            let mut one = purchase(10);
            one.state = state;
            may_stock(&one).is_ok()
        };
        assert!([S::Received, S::Invoiced, S::Paid].into_iter().all(in_state));
        let early = [S::Collecting, S::Chosen, S::Ordered, S::CalledOff];
        assert!(!early.into_iter().any(in_state));
        let mut fitted = purchase(10);
        (fitted.state, fitted.list) = (S::Received, Some(crate::ListId::from_bytes([1; 16])));
        assert!(may_stock(&fitted).is_err(), "children are handed it there");
        let stocked = Stocked {
            n: 1,
            item: crate::StoreItemId::from_bytes([1; 16]),
            place: crate::StorePlaceId::from_bytes([2; 16]),
            lot: crate::StoreLotId::from_bytes([3; 16]),
            quantity: 10,
            value: Fen::new(1_000),
            paper: "RK-2026-0001".into(),
            by: who(1),
            at: Instant::from_micros(0),
            undone: None,
        };
        let again = Stocked {
            undone: Some("放错库位".into()),
            ..stocked.clone()
        };
        assert!(may_unstock(Some(stocked.clone()), who(2)).is_ok());
        assert!(matches!(
            may_unstock(Some(stocked), who(1)),
            Err(PartnerError::SamePerson(_))
        ));
        assert!(may_unstock(Some(again), who(2)).is_err());
        assert!(may_unstock(None, who(2)).is_err());
    }
}
