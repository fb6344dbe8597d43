//! Offers beside needs before anything is decided: what was given for somebody first, then the most pressing need, and
//! among equals the nearest. Announced goods stand here too, so that they can go straight to who needs them (M-20). Pure.

use std::cmp::Reverse;
use std::collections::HashMap;

use kernel::{RegionCode, RegionLevel};

use super::model::{Ask, Offer};
use crate::word::words;
use crate::{ItemId, LotId, PartyId, PlaceId, RequestId};

words! {
    /// How far a receiver is from where goods lie.
    #[schema(as = GoodsNearness)]
    Nearness {
        /// In the same county.
        County = "county",
        /// In the same city.
        City = "city",
        /// In the same province.
        Province = "province",
        /// Farther away.
        Farther = "farther",
        /// Where either is, nobody has said.
        Unknown = "unknown",
    }
}

words! {
    /// Why an offer and a need stand together.
    #[schema(as = GoodsMatchWhy)]
    MatchWhy {
        /// The donor meant it for this receiver.
        Designated = "designated",
        /// The most pressing need, and the nearest among equals.
        Need = "need",
    }
}

/// How far it is from one region to another, by their codes.
pub fn nearness(from: Option<RegionCode>, to: Option<RegionCode>) -> Nearness {
    let (Some(from), Some(to)) = (from, to) else {
        return Nearness::Unknown;
    };
    let same = |level| above(from, level).is_some_and(|region| above(to, level) == Some(region));
    if same(RegionLevel::County) {
        Nearness::County
    } else if same(RegionLevel::City) {
        Nearness::City
    } else if same(RegionLevel::Province) {
        Nearness::Province
    } else {
        Nearness::Farther
    }
}

/// The region of this level that a region is or lies in.
fn above(region: RegionCode, level: RegionLevel) -> Option<RegionCode> {
    let mut at = Some(region);
    while let Some(here) = at {
        if here.level() <= level {
            return (here.level() == level).then_some(here);
        }
        at = here.parent();
    }
    None
}

/// An offer beside a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The lot.
    pub lot: LotId,
    /// Where it lies or is expected.
    pub place: PlaceId,
    /// For whom.
    pub party: PartyId,
    /// The request it answers.
    pub request: Option<RequestId>,
    /// How many of the lot's unit.
    pub quantity: i64,
    /// How far it is.
    pub nearness: Nearness,
    /// Why.
    pub why: MatchWhy,
}

/// Brings offers and needs together, each with the region of its place or receiver. What expires first is matched first;
/// no need gets more than it asked for, except what was given for it; boxes stay whole.
pub fn match_up(
    mut offers: Vec<(Offer, Option<RegionCode>)>,
    asks: Vec<(Ask, Option<RegionCode>)>,
    regions: &HashMap<PartyId, RegionCode>,
) -> Vec<Match> {
    offers.sort_by_key(|(offer, _)| {
        let meant = offer.designated_for.is_some();
        (
            Reverse(meant),
            offer.expires_on.is_none(),
            offer.expires_on,
            offer.lot,
            offer.place,
        )
    });
    let mut needs: HashMap<ItemId, Vec<(Ask, Option<RegionCode>)>> = HashMap::new();
    for ask in asks {
        needs.entry(ask.0.item).or_default().push(ask);
    }
    let mut found = Vec::new();
    for (offer, from) in &offers {
        let open = needs.entry(offer.item).or_default();
        match offer.designated_for {
            Some(party) => {
                let ask = open.iter_mut().map(|(ask, _)| ask).find(|ask| ask.party == party);
                let nearness = nearness(*from, regions.get(&party).copied());
                found.push(matched(
                    offer,
                    (party, ask.as_deref()),
                    offer.available,
                    (nearness, MatchWhy::Designated),
                ));
                if let Some(ask) = ask {
                    ask.open -= offer.available.saturating_mul(offer.per_base);
                }
            }
            None => share(offer, *from, open, &mut found),
        }
        open.retain(|(ask, _)| ask.open > 0);
    }
    found
}

fn matched(
    offer: &Offer,
    (party, ask): (PartyId, Option<&Ask>),
    quantity: i64,
    (nearness, why): (Nearness, MatchWhy),
) -> Match {
    Match {
        lot: offer.lot,
        place: offer.place,
        party,
        request: ask.map(|ask| ask.request),
        quantity,
        nearness,
        why,
    }
}

fn share(offer: &Offer, from: Option<RegionCode>, open: &mut [(Ask, Option<RegionCode>)], found: &mut Vec<Match>) {
    open.sort_by_key(|(ask, to)| {
        let soon = (ask.needed_by.is_none(), ask.needed_by);
        (ask.priority, nearness(from, *to), soon, ask.request)
    });
    let per_box = offer.per_box.max(1);
    let box_base = per_box.saturating_mul(offer.per_base.max(1));
    let mut boxes = offer.available / per_box;
    for (ask, to) in open {
        let wanted = ask.open.max(0).saturating_add(box_base - 1) / box_base;
        let given = wanted.min(boxes);
        if given == 0 {
            break;
        }
        let why = (nearness(from, *to), MatchWhy::Need);
        found.push(matched(offer, (ask.party, Some(&*ask)), given * per_box, why));
        ask.open -= given.saturating_mul(box_base);
        boxes -= given;
    }
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;

    use super::*;
    use crate::lists::model::Priority;

    fn region(code: &str) -> Option<RegionCode> {
        RegionCode::parse(code).ok()
    }

    fn offer(n: u8, available: i64, per_box: i64) -> (Offer, Option<RegionCode>) {
        let offer = Offer {
            lot: LotId::from_bytes([n; 16]),
            place: PlaceId::from_bytes([1; 16]),
            item: ItemId::from_bytes([9; 16]),
            available,
            per_base: 1,
            per_box,
            expires_on: None,
            designated_for: None,
        };
        (offer, region("420102"))
    }

    fn ask(n: u8, open: i64, priority: Priority, to: &str) -> (Ask, Option<RegionCode>) {
        let ask = Ask {
            request: RequestId::from_bytes([n; 16]),
            party: PartyId::from_bytes([n; 16]),
            item: ItemId::from_bytes([9; 16]),
            open,
            priority,
            needed_by: None,
            is_stale: false,
        };
        (ask, region(to))
    }

    fn got(found: &[Match]) -> Vec<(u8, i64, Nearness)> {
        found
            .iter()
            .map(|one| (one.party.bytes()[0], one.quantity, one.nearness))
            .collect()
    }

    #[test]
    fn distance_is_read_from_the_codes() {
        for (to, far) in [
            ("420102", Nearness::County),
            ("420102001", Nearness::County),
            ("420103", Nearness::City),
            ("420100", Nearness::City),
            ("421002", Nearness::Province),
            ("420000", Nearness::Province),
            ("330106", Nearness::Farther),
        ] {
            assert_eq!(nearness(region("420102"), region(to)), far, "{to}");
        }
        assert_eq!(nearness(None, region("420102")), Nearness::Unknown);
    }

    #[test]
    fn the_nearest_of_equal_needs_is_first_and_an_urgent_one_farther_away_before_it() {
        let asks = vec![
            ask(1, 100, Priority::Normal, "330106"),
            ask(2, 100, Priority::Normal, "420103"),
            ask(3, 100, Priority::Normal, "420102"),
            ask(4, 50, Priority::Urgent, "330106"),
        ];
        let found = match_up(vec![offer(1, 260, 1)], asks, &HashMap::new());
        let far = Nearness::Farther;
        assert_eq!(
            got(&found),
            [
                (4, 50, far),
                (3, 100, Nearness::County),
                (2, 100, Nearness::City),
                (1, 10, far)
            ]
        );
    }

    #[test]
    fn what_was_given_for_somebody_is_taken_off_its_need_first_and_boxes_stay_whole() {
        let mut meant = offer(2, 70, 1);
        meant.0.designated_for = Some(PartyId::from_bytes([1; 16]));
        let asks = vec![
            ask(1, 100, Priority::Normal, "420102"),
            ask(2, 100, Priority::Normal, "420103"),
        ];
        let found = match_up(vec![offer(1, 90, 40), meant], asks, &HashMap::new());
        let shown: Vec<_> = found
            .iter()
            .map(|one| (one.party.bytes()[0], one.quantity, one.why))
            .collect();
        assert_eq!(
            shown,
            [
                (1, 70, MatchWhy::Designated),
                (1, 40, MatchWhy::Need),
                (2, 40, MatchWhy::Need)
            ],
            "thirty are open: one whole box; ten pieces stay"
        );
    }
}
