//! Shares by rule, by hand and by chance.

use kernel::id::Id as _;
use proptest::prelude::*;

use super::*;
use crate::lists::model::Priority;
use crate::{PartyId, RequestId};

fn offer(n: u8, available: i64, per_box: i64) -> Offer {
    Offer {
        lot: LotId::from_bytes([n; 16]),
        place: PlaceId::from_bytes([1; 16]),
        item: ItemId::from_bytes([9; 16]),
        available,
        per_base: 1,
        per_box,
        expires_on: None,
        designated_for: None,
    }
}

fn ask(n: u8, open: i64, priority: Priority) -> Ask {
    Ask {
        request: RequestId::from_bytes([n; 16]),
        party: PartyId::from_bytes([n; 16]),
        item: ItemId::from_bytes([9; 16]),
        open,
        priority,
        needed_by: None,
        is_stale: false,
    }
}

#[test]
fn a_stale_need_gets_what_fresh_ones_leave_and_its_line_says_so() {
    let mut old = ask(1, 100, Priority::Urgent);
    old.is_stale = true;
    let fresh = ask(2, 80, Priority::Normal);
    let shares = propose(
        vec![offer(1, 100, 1)],
        vec![old.clone(), fresh.clone()],
        &Whereabouts::default(),
    );
    let said: Vec<_> = shares.iter().map(|share| (share.quantity, share.why)).collect();
    assert_eq!(said, [(80, Why::FairShare), (20, Why::Stale)], "the urgent one too");
    let shares = propose(vec![offer(1, 50, 1)], vec![old, fresh], &Whereabouts::default());
    assert_eq!([given(&shares, 1), given(&shares, 2)], [0, 50]);
}

fn given(shares: &[Share], party: u8) -> i64 {
    let of = shares
        .iter()
        .filter(|share| share.party == Some(PartyId::from_bytes([party; 16])));
    of.map(|share| share.quantity).sum()
}

#[test]
fn equal_needs_get_equal_shares_and_an_urgent_one_four_times_as_much() {
    let asks = vec![
        ask(1, 1_000, Priority::Normal),
        ask(2, 1_000, Priority::Normal),
        ask(3, 1_000, Priority::Urgent),
    ];
    let shares = propose(vec![offer(1, 600, 1)], asks, &Whereabouts::default());
    assert_eq!([1, 2, 3].map(|n| given(&shares, n)), [100, 100, 400]);
}

#[test]
fn boxes_stay_whole_and_what_is_no_box_stays_in_store() {
    let shares = propose(
        vec![offer(1, 1_050, 100)],
        vec![ask(1, 250, Priority::Normal), ask(2, 250, Priority::Normal)],
        &Whereabouts::default(),
    );
    assert_eq!(
        [given(&shares, 1), given(&shares, 2)],
        [300, 300],
        "the last box is whole"
    );
    let stays: i64 = shares.iter().filter(|s| s.party.is_none()).map(|s| s.quantity).sum();
    assert_eq!(stays, 450);
}

#[test]
fn a_single_box_goes_to_the_most_pressing() {
    let shares = propose(
        vec![offer(1, 100, 100)],
        vec![ask(1, 100, Priority::Normal), ask(2, 100, Priority::Urgent)],
        &Whereabouts::default(),
    );
    assert_eq!([given(&shares, 1), given(&shares, 2)], [0, 100]);
}

/// Goods lie in one county; receivers are elsewhere.
fn whereabouts(parties: &[(u8, &str)]) -> Whereabouts {
    let code = |text: &str| RegionCode::parse(text).expect("a region");
    Whereabouts {
        home: Some(code("420102")),
        places: HashMap::new(),
        parties: parties
            .iter()
            .map(|(n, text)| (PartyId::from_bytes([*n; 16]), code(text)))
            .collect(),
    }
}

#[test]
fn the_last_box_of_equal_needs_goes_to_the_nearest_and_the_line_says_so() {
    let asks = || vec![ask(1, 500, Priority::Normal), ask(2, 500, Priority::Normal)];
    let far_first = whereabouts(&[(1, "330106"), (2, "420102")]);
    let shares = propose(vec![offer(1, 300, 100)], asks(), &far_first);
    assert_eq!([1, 2].map(|n| given(&shares, n)), [100, 200]);
    let whys: Vec<(Option<u8>, Why)> = shares
        .iter()
        .map(|share| (share.party.map(|party| party.bytes()[0]), share.why))
        .collect();
    assert_eq!(whys, [(Some(2), Why::Nearest), (Some(1), Why::FairShare)]);
    let alike = whereabouts(&[(1, "420102"), (2, "420102")]);
    let shares = propose(vec![offer(1, 300, 100)], asks(), &alike);
    assert_eq!([1, 2].map(|n| given(&shares, n)), [200, 100], "no nearer: as they came");
    assert!(shares.iter().all(|share| share.why == Why::FairShare));
}

#[test]
fn a_more_pressing_or_a_larger_need_is_before_a_nearer_one() {
    let near_second = whereabouts(&[(1, "330106"), (2, "420102")]);
    let pressing = vec![ask(1, 100, Priority::Urgent), ask(2, 100, Priority::Normal)];
    let shares = propose(vec![offer(1, 100, 100)], pressing, &near_second);
    assert_eq!([1, 2].map(|n| given(&shares, n)), [100, 0]);
    let larger = vec![ask(1, 200, Priority::Normal), ask(2, 100, Priority::Normal)];
    let shares = propose(vec![offer(1, 100, 100)], larger, &near_second);
    assert_eq!([1, 2].map(|n| given(&shares, n)), [100, 0]);
    assert!(shares.iter().all(|share| share.why != Why::Nearest));
}

#[test]
fn a_place_with_a_region_of_its_own_is_looked_from_there() {
    let mut known = whereabouts(&[(1, "330106"), (2, "420102")]);
    let there = RegionCode::parse("330106").expect("a region");
    known.places.insert(PlaceId::from_bytes([1; 16]), there);
    let asks = vec![ask(1, 500, Priority::Normal), ask(2, 500, Priority::Normal)];
    let shares = propose(vec![offer(1, 300, 100)], asks, &known);
    assert_eq!([1, 2].map(|n| given(&shares, n)), [200, 100]);
}

#[test]
fn what_was_given_for_somebody_goes_there_asked_for_or_not() {
    let mut meant = offer(1, 70, 1);
    meant.designated_for = Some(PartyId::from_bytes([2; 16]));
    let shares = propose(
        vec![meant.clone()],
        vec![ask(1, 500, Priority::Urgent)],
        &Whereabouts::default(),
    );
    assert_eq!([given(&shares, 1), given(&shares, 2)], [0, 70]);
    assert_eq!((shares[0].why, shares[0].request), (Why::Designated, None));
    let shares = propose(
        vec![meant, offer(3, 100, 1)],
        vec![ask(2, 100, Priority::Normal)],
        &Whereabouts::default(),
    );
    assert_eq!(given(&shares, 2), 100, "what was given for it is taken off its need");
}

#[test]
fn what_expires_first_goes_first() {
    let (mut early, mut late) = (offer(1, 50, 1), offer(2, 50, 1));
    early.expires_on = BusinessDay::parse("2026-12-01").ok();
    late.expires_on = BusinessDay::parse("2027-12-01").ok();
    let shares = propose(
        vec![late.clone(), early.clone()],
        vec![ask(1, 50, Priority::Normal)],
        &Whereabouts::default(),
    );
    let first = shares.iter().find(|share| share.party.is_some()).expect("a share");
    assert_eq!(first.lot, early.lot);
}

#[test]
fn sixteen_thousand_twice_is_not_eighteen_thousand_twice() {
    let (lot, place) = (LotId::from_bytes([1; 16]), PlaceId::from_bytes([1; 16]));
    let there = BTreeMap::from([((lot, place), 36_000)]);
    assert!(check_sums([((lot, place), 18_000), ((lot, place), 18_000)], &there).is_ok());
    let refused = check_sums([((lot, place), 16_000), ((lot, place), 16_000)], &there);
    assert!(matches!(
        refused,
        Err(ReliefError::Sum {
            found: 32_000,
            lot: 36_000
        })
    ));
}

#[test]
fn a_request_is_stale_after_two_days() {
    let start = Instant::from_micros(0);
    assert!(!is_stale(start, start.plus_micros(48 * HOUR_MICROS)));
    assert!(is_stale(start, start.plus_micros(48 * HOUR_MICROS + 1)));
}

#[test]
fn the_list_of_a_day_begins_at_four_in_the_afternoon_before() {
    let day = BusinessDay::parse("2026-02-02").expect("a day");
    let (from, to) = arrivals_of(day, 16);
    assert_eq!(from.to_rfc3339(), "2026-02-01T08:00:00Z");
    assert_eq!(to.to_rfc3339(), "2026-02-02T08:00:00Z");
}

#[test]
fn ten_thousand_lots_and_two_thousand_requests_add_up() {
    let item = |n: usize| ItemId::from_bytes([(n % 50) as u8; 16]);
    let id = |n: usize| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&(n as u64 + 1).to_be_bytes());
        bytes
    };
    let offers: Vec<Offer> = (0..10_000)
        .map(|n| Offer {
            lot: LotId::from_bytes(id(n)),
            item: item(n),
            ..offer(1, 40 + (n % 90) as i64, 1 + (n % 12) as i64)
        })
        .collect();
    let asks: Vec<Ask> = (0..2_000)
        .map(|n| Ask {
            request: RequestId::from_bytes(id(n)),
            party: PartyId::from_bytes(id(n % 300)),
            item: item(n * 7),
            ..ask(1, 100 + (n % 700) as i64, Priority::ALL[n % 3])
        })
        .collect();
    let there: BTreeMap<_, _> = offers.iter().map(|o| ((o.lot, o.place), o.available)).collect();
    let shares = propose(offers, asks, &Whereabouts::default());
    assert!(check_sums(shares.iter().map(|s| ((s.lot, s.place), s.quantity)), &there).is_ok());
    let told: i64 = shares.iter().map(|share| share.quantity).sum();
    assert_eq!(told, there.values().sum::<i64>());
}

proptest! {
    #[test]
    fn every_piece_is_told_no_need_is_overfilled_by_a_box_and_no_box_is_opened(
        offers in prop::collection::vec((1i64..5_000, 1i64..60, 0u8..4), 1..12),
        asks in prop::collection::vec((1i64..4_000, 0usize..3), 0..20),
    ) {
        let offers: Vec<Offer> = offers.iter().enumerate().map(|(n, (available, per_box, meant))| {
            let mut made = offer(n as u8 + 1, *available, *per_box);
            made.designated_for = (*meant == 1).then(|| PartyId::from_bytes([200; 16]));
            made
        }).collect();
        let asks: Vec<Ask> = asks.iter().enumerate()
            .map(|(n, (open, priority))| ask(n as u8 + 1, *open, Priority::ALL[*priority])).collect();
        let shares = propose(offers.clone(), asks.clone(), &Whereabouts::default());
        let there: BTreeMap<_, _> = offers.iter().map(|o| ((o.lot, o.place), o.available)).collect();
        prop_assert!(check_sums(shares.iter().map(|s| ((s.lot, s.place), s.quantity)), &there).is_ok());
        let told: i64 = shares.iter().map(|s| s.quantity).sum();
        prop_assert_eq!(told, offers.iter().map(|o| o.available).sum::<i64>());
        for share in &shares {
            prop_assert!(share.quantity > 0);
            let of = offers.iter().find(|o| o.lot == share.lot).expect("its offer");
            if share.why == Why::FairShare {
                prop_assert_eq!(share.quantity % of.per_box, 0);
            }
        }
        for ask in &asks {
            let got: i64 = shares.iter().filter(|s| s.request == Some(ask.request)).map(|s| s.quantity).sum();
            let largest = offers.iter().map(|o| o.per_box).max().unwrap_or(1);
            prop_assert!(got < ask.open + largest, "{got} for {}", ask.open);
        }
    }
}
