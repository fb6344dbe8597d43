//! Decisions of the two lists: who gets what, whether it adds up, what is stale. Pure.

use std::collections::{BTreeMap, HashMap};

use kernel::{BusinessDay, Instant, RegionCode, UnitId};

use super::matching::{Nearness, nearness};
use super::model::{Ask, NewRequest, Offer, Priority, Request, RequestState, Share, Wanted, Why};
use crate::error::{ReliefError, invalid};
use crate::stock::Lot;
use crate::stock::rules::{check_quantity, check_text};
use crate::{ItemId, LotId, PartyId, PlaceId};

/// After so many hours a request must be confirmed before it counts as fresh.
pub const FRESH_HOURS: i64 = 48;
const HOUR_MICROS: i64 = 3_600_000_000;

/// What is still open of a request for goods now; nothing for money or what is met.
pub fn open_ask(request: &Request, now: Instant) -> Option<Ask> {
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
        is_stale: is_stale(request.confirmed_at, now),
    })
}

/// Where a request is: what was granted beside what was asked for.
pub fn state_of(request: &Request) -> RequestState {
    let asked = match &request.wanted {
        Wanted::Goods { quantity, .. } => quantity.saturating_mul(request.per_base),
        Wanted::Money(amount) => amount.get(),
    };
    match request.granted {
        _ if request.withdrawn_at.is_some() => RequestState::Withdrawn,
        granted if granted >= asked => RequestState::Granted,
        granted if granted > 0 => RequestState::Partly,
        _ => RequestState::Open,
    }
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

/// Where goods lie and where receivers are; what is not in it, nobody has said.
#[derive(Debug, Clone, Default)]
pub struct Whereabouts {
    /// Where the unit is: its places without a region of their own lie there.
    pub home: Option<RegionCode>,
    /// The regions of places.
    pub places: HashMap<PlaceId, RegionCode>,
    /// The regions of receivers.
    pub parties: HashMap<PartyId, RegionCode>,
}

impl Whereabouts {
    fn region_of(&self, place: PlaceId) -> Option<RegionCode> {
        self.places.get(&place).copied().or(self.home)
    }
    fn nearness(&self, from: Option<RegionCode>, party: PartyId) -> Nearness {
        nearness(from, self.parties.get(&party).copied())
    }
}

/// Proposes who gets what: what expires first goes first, what was given for somebody goes there, the rest in fair
/// shares by need and priority, in whole boxes, the last ones among equals to the nearest; stale needs get what fresh ones
/// leave; what nobody needs stays. Every offer is told to the last piece.
pub fn propose(mut offers: Vec<Offer>, asks: Vec<Ask>, whereabouts: &Whereabouts) -> Vec<Share> {
    offers.sort_by_key(|offer| (offer.expires_on.is_none(), offer.expires_on, offer.lot, offer.place));
    let mut needs: HashMap<ItemId, Vec<Ask>> = HashMap::new();
    for ask in asks {
        needs.entry(ask.item).or_default().push(ask);
    }
    let mut shares = Vec::new();
    let mut seen_from: HashMap<ItemId, Option<RegionCode>> = HashMap::new();
    for offer in &offers {
        let open = needs.entry(offer.item).or_default();
        let from = whereabouts.region_of(offer.place);
        // Thousands of lots lie in the same region: their needs stand in order already.
        if seen_from.insert(offer.item, from) != Some(from) {
            open.sort_by_cached_key(|ask| {
                (
                    ask.is_stale,
                    equal_by(ask),
                    whereabouts.nearness(from, ask.party),
                    ask.request,
                )
            });
        }
        share_out(offer, open, (from, whereabouts), &mut shares);
        open.retain(|ask| ask.open > 0);
    }
    shares
}

/// What makes two needs equal before their size is looked at: how pressing, and how soon.
fn equal_by(ask: &Ask) -> (Priority, bool, Option<BusinessDay>) {
    (ask.priority, ask.needed_by.is_none(), ask.needed_by)
}

fn share_out(
    offer: &Offer,
    open: &mut [Ask],
    (from, whereabouts): (Option<RegionCode>, &Whereabouts),
    shares: &mut Vec<Share>,
) {
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
    let far = |ask: &Ask| whereabouts.nearness(from, ask.party);
    let mut left = offer.available;
    // Fresh needs stand before stale ones, which get what those leave.
    let fresh = open.iter().take_while(|ask| !ask.is_stale).count();
    let (fresh, stale) = open.split_at_mut(fresh);
    for open in [fresh, stale] {
        let given = boxes(left / per_box, box_base, open);
        let nearest = given.nearest(open, far);
        for ((at, ask), boxes) in open.iter_mut().enumerate().zip(given.boxes) {
            if boxes > 0 {
                let quantity = boxes * per_box;
                let why = match (ask.is_stale, nearest.contains(&at)) {
                    (true, _) => Why::Stale,
                    (false, true) => Why::Nearest,
                    (false, false) => Why::FairShare,
                };
                shares.push(share(Some(&*ask), Some(ask.party), quantity, why));
                ask.open -= boxes.saturating_mul(box_base);
                left -= quantity;
            }
        }
    }
    if left > 0 {
        shares.push(share(None, None, left, Why::Stays));
    }
}

/// Boxes by need, and how the last ones were dealt.
struct Dealt {
    /// How many boxes each need gets.
    boxes: Vec<i64>,
    /// What the shares were cut by where the last single boxes did not reach everybody: need by need, in the order in
    /// which they were dealt, with how many got one.
    last: Option<(Vec<(i128, usize)>, usize)>,
}

impl Dealt {
    /// The needs that got a last box before an equal one only because they are nearer.
    fn nearest(&self, open: &[Ask], far: impl Fn(&Ask) -> Nearness) -> Vec<usize> {
        let Some((cut, reached)) = &self.last else {
            return Vec::new();
        };
        let (got, left_out) = cut.split_at(*reached);
        // In order of their cuts: only those at the edge were cut by the same.
        let edge = |(cut, _): &&(i128, usize)| got.last().is_some_and(|(of, _)| of == cut);
        let like = |(_, at): &(i128, usize)| (equal_by(&open[*at]), far(&open[*at]));
        let passed: Vec<_> = left_out.iter().take_while(edge).map(like).collect();
        let is_nearer = |one: &&(i128, usize)| {
            let (equal, own) = like(one);
            passed.iter().any(|(other, away)| *other == equal && own < *away)
        };
        let at_edge = got.iter().rev().take_while(edge);
        at_edge.filter(is_nearer).map(|(_, at)| *at).collect()
    }
}

/// How many of `there` boxes each need gets: in proportion to its weight, never more than it needs, the last single
/// boxes to those whose share was cut most, then in the order given.
fn boxes(there: i64, box_base: i64, open: &[Ask]) -> Dealt {
    let needed = |ask: &Ask| (ask.open.max(0) + box_base - 1) / box_base;
    let weight = |ask: &Ask| i128::from(ask.open.max(0)) * ask.priority.weight();
    let most: Vec<i64> = open.iter().map(needed).collect();
    let mut given = vec![0; open.len()];
    let mut last = None;
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
            let reached = usize::try_from(left).map_or(cut.len(), |left| left.min(cut.len()));
            for (_, at) in &cut[..reached] {
                given[*at] += 1;
                left -= 1;
            }
            if reached < cut.len() {
                last = Some((cut, reached));
            }
        }
    }
    Dealt { boxes: given, last }
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

/// Whether a line fits what it shares out: the lot is of this unit, goes to nobody but the receiver it was meant for, and
/// the request it answers is of this unit, was not withdrawn, asks for this item and names this receiver.
///
/// # Errors
/// [`ReliefError::NotFound`] for another unit's lot or request, as if it were not there; [`ReliefError::Designated`];
/// [`ReliefError::RequestDiffers`].
pub fn check_share(unit: UnitId, share: &Share, (lot, request): (&Lot, Option<&Request>)) -> Result<(), ReliefError> {
    if lot.unit != unit {
        return Err(ReliefError::NotFound("lot"));
    }
    if share.party.is_some() && lot.designated_for.is_some_and(|meant| share.party != Some(meant)) {
        return Err(ReliefError::Designated);
    }
    let Some(request) = request else { return Ok(()) };
    if request.unit != unit {
        return Err(ReliefError::NotFound("request"));
    }
    if request.withdrawn_at.is_some() {
        return Err(ReliefError::RequestDiffers("state"));
    }
    match &request.wanted {
        Wanted::Money(_) => Err(ReliefError::RequestDiffers("money")),
        Wanted::Goods { item, .. } if *item != lot.item => Err(ReliefError::RequestDiffers("item")),
        Wanted::Goods { .. } if share.party != Some(request.party) => Err(ReliefError::RequestDiffers("receiver")),
        Wanted::Goods { .. } => Ok(()),
    }
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
