//! Decisions of the two lists: who gets what, whether it adds up, what is stale. Pure.

use std::collections::{BTreeMap, HashMap};

use kernel::{BusinessDay, Instant};

use super::model::{Ask, NewRequest, Offer, Request, Share, Wanted, Why};
use crate::error::{ReliefError, invalid};
use crate::stock::rules::{check_quantity, check_text};
use crate::{ItemId, LotId, PlaceId};

/// After so many hours a request must be confirmed before it counts as fresh.
pub const FRESH_HOURS: i64 = 48;
const HOUR_MICROS: i64 = 3_600_000_000;

/// What is still open of a request for goods; nothing for money or what is met.
pub fn open_ask(request: &Request) -> Option<Ask> {
    let Wanted::Goods { item, quantity, .. } = &request.wanted else {
        return None;
    };
    let open = quantity.saturating_mul(request.per_base) - request.granted;
    (open > 0).then_some(Ask {
        request: request.id,
        party: request.party,
        item: *item,
        open,
        priority: request.priority,
        needed_by: request.needed_by,
    })
}

/// Checks a request.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_request(new: &NewRequest) -> Result<(), ReliefError> {
    check_text("key", &new.key, 1)?;
    check_text("basis", &new.basis, 1)?;
    match &new.wanted {
        Wanted::Goods { quantity, .. } => check_quantity(*quantity),
        Wanted::Money(amount) if amount.get() > 0 => Ok(()),
        Wanted::Money(_) => Err(invalid("amount_fen", "more than zero is expected")),
    }
}

/// Whether a request must be confirmed again.
pub const fn is_stale(confirmed_at: Instant, now: Instant) -> bool {
    now.micros() - confirmed_at.micros() > FRESH_HOURS * HOUR_MICROS
}

/// From when to when goods must have arrived to stand on the list of a day: from the cut-off hour of the day before to
/// that of the day itself.
pub fn arrivals_of(day: BusinessDay, cut_off_hour: i64) -> (Instant, Instant) {
    let at = |day: BusinessDay| day.start().plus_micros(cut_off_hour * HOUR_MICROS);
    (at(day.plus_days(-1)), at(day))
}

/// Proposes who gets what: what expires first goes first, what was given for somebody goes there, the rest in fair
/// shares by need and priority, in whole boxes; what nobody needs stays. Every offer is told to the last piece.
pub fn propose(mut offers: Vec<Offer>, asks: Vec<Ask>) -> Vec<Share> {
    offers.sort_by_key(|offer| (offer.expires_on.is_none(), offer.expires_on, offer.lot, offer.place));
    let mut needs: HashMap<ItemId, Vec<Ask>> = HashMap::new();
    for ask in asks {
        needs.entry(ask.item).or_default().push(ask);
    }
    for open in needs.values_mut() {
        open.sort_by_key(|ask| (ask.priority, ask.needed_by.is_none(), ask.needed_by, ask.request));
    }
    let mut shares = Vec::new();
    for offer in &offers {
        let open = needs.entry(offer.item).or_default();
        share_out(offer, open, &mut shares);
        open.retain(|ask| ask.open > 0);
    }
    shares
}

fn share_out(offer: &Offer, open: &mut [Ask], shares: &mut Vec<Share>) {
    let share = |ask: Option<&Ask>, party, quantity, why| Share {
        lot: offer.lot,
        place: offer.place,
        party,
        request: ask.map(|ask| ask.request),
        quantity,
        why,
    };
    if let Some(party) = offer.designated_for {
        let ask = open.iter_mut().find(|ask| ask.party == party);
        shares.push(share(ask.as_deref(), Some(party), offer.available, Why::Designated));
        if let Some(ask) = ask {
            ask.open -= offer.available.saturating_mul(offer.per_base);
        }
        return;
    }
    let per_box = offer.per_box.max(1);
    let box_base = per_box.saturating_mul(offer.per_base.max(1));
    let given = boxes(offer.available / per_box, box_base, open);
    let mut left = offer.available;
    for (ask, boxes) in open.iter_mut().zip(given) {
        if boxes > 0 {
            let quantity = boxes * per_box;
            shares.push(share(Some(&*ask), Some(ask.party), quantity, Why::FairShare));
            ask.open -= boxes.saturating_mul(box_base);
            left -= quantity;
        }
    }
    if left > 0 {
        shares.push(share(None, None, left, Why::Stays));
    }
}

/// How many of `there` boxes each need gets: in proportion to its weight, never more than it needs, the last single
/// boxes to those whose share was cut most, then in the order given.
fn boxes(there: i64, box_base: i64, open: &[Ask]) -> Vec<i64> {
    let needed = |ask: &Ask| (ask.open.max(0) + box_base - 1) / box_base;
    let weight = |ask: &Ask| i128::from(ask.open.max(0)) * ask.priority.weight();
    let most: Vec<i64> = open.iter().map(needed).collect();
    let mut given = vec![0; open.len()];
    let mut left = there;
    while left > 0 {
        let active: Vec<usize> = (0..open.len()).filter(|&at| given[at] < most[at]).collect();
        let total: i128 = active.iter().map(|&at| weight(&open[at])).sum();
        if total == 0 {
            break;
        }
        let round = left;
        let mut cut: Vec<(i128, usize)> = Vec::new();
        for &at in &active {
            let fair = i128::from(round) * weight(&open[at]);
            let whole = i64::try_from(fair / total)
                .unwrap_or(i64::MAX)
                .min(most[at] - given[at]);
            given[at] += whole;
            left -= whole;
            cut.push((-(fair % total), at));
        }
        if left == round {
            // Less than a box each: single boxes, the largest rest first.
            cut.sort_unstable();
            for (_, at) in cut {
                if left == 0 {
                    break;
                }
                given[at] += 1;
                left -= 1;
            }
        }
    }
    given
}

/// Whether destinations add up to what lies there, lot by lot and place by place.
///
/// # Errors
/// [`ReliefError::Sum`] for the first that does not.
pub fn check_sums(
    shares: impl IntoIterator<Item = ((LotId, PlaceId), i64)>,
    there: &BTreeMap<(LotId, PlaceId), i64>,
) -> Result<(), ReliefError> {
    let mut found: BTreeMap<(LotId, PlaceId), i64> = BTreeMap::new();
    for (spot, quantity) in shares {
        let sum = found.entry(spot).or_default();
        *sum = sum.saturating_add(quantity);
    }
    for (spot, sum) in &found {
        let lot = there.get(spot).copied().unwrap_or_default();
        if lot != *sum {
            return Err(ReliefError::Sum { found: *sum, lot });
        }
    }
    Ok(())
}

/// A request comes again at most this many days later.
const AGAIN_DAYS_MAX: i64 = 366;

/// Checks how often a request comes again, and until when.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_again((every_days, until): (i64, BusinessDay), today: BusinessDay) -> Result<(), ReliefError> {
    if !(1..=AGAIN_DAYS_MAX).contains(&every_days) {
        return Err(invalid("every_days", "1 to 366 days are expected"));
    }
    let days = until.days_since(today);
    if (every_days..=AGAIN_DAYS_MAX).contains(&days) {
        Ok(())
    } else {
        Err(invalid("until", "a day within the year to come is expected"))
    }
}

#[cfg(test)]
mod tests;
