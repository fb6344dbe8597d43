//! Who stands alone, who is put together, who waits.

use super::*;
use kernel::{BusinessDay, Channel, Instant, SeededRng};
use proptest::prelude::*;

fn day(number: i64) -> BusinessDay {
    BusinessDay::from_number(number).expect("a day")
}

fn limits() -> Limits {
    Limits {
        crowd_min: 5,
        batch_min: 1,
        batch_before: Instant::from_micros(0),
        today: day(20_261_122),
        held_before: Instant::from_micros(1_000),
    }
}

fn ident(n: u16) -> Ident {
    let mut ident = [0; 16];
    ident[14..].copy_from_slice(&n.to_be_bytes());
    ident
}

fn gift(n: u16, project: u8, on: BusinessDay, held_at: i64) -> Candidate {
    let leaf = Leaf::Received(Received {
        id: PublicId::from_bytes(&ident(n)),
        unit: PublicId::from_bytes(&[1; 16]),
        proj: PublicId::from_bytes(&[project; 16]),
        chan: Channel::Wechat,
        day: on,
        amt: Fen::new(100 + i64::from(n)),
        c: BTreeMap::new(),
        pool: None,
    });
    Candidate {
        ident: ident(n),
        leaf,
        waits_for: None,
        held_at: Instant::from_micros(held_at),
        payer: None,
    }
}

fn erased(n: u16, of: u16) -> Candidate {
    let id = |n| PublicId::from_bytes(&ident(n));
    Candidate {
        ident: ident(n),
        leaf: Leaf::Erased(super::super::leaf::Erased { id: id(n), of: id(of) }),
        waits_for: Some(ident(of)),
        held_at: Instant::from_micros(0),
        payer: None,
    }
}

fn decided(candidates: Vec<Candidate>, known: &Known) -> Decision {
    decide(candidates, known, &limits(), &SeededRng::new(1)).expect("decided")
}

#[test]
fn four_wait_the_fifth_frees_them_and_later_ones_pass_at_once() {
    let today = limits().today;
    let four: Vec<Candidate> = (0..4).map(|n| gift(n, 9, today, 0)).collect();
    let decision = decided(four.clone(), &Known::default());
    assert!(
        decision.entries.is_empty() && decision.keep.len() == 4,
        "the day is not over"
    );
    let mut five = four;
    five.push(gift(4, 9, today, 0));
    let decision = decided(five, &Known::default());
    assert_eq!((decision.entries.len(), decision.keep.len()), (5, 0));
    let mut known = Known::default();
    let group = Group {
        project: PublicId::from_bytes(&[9; 16]),
        day: today,
        is_match: false,
    };
    known.crowd.insert(group, 5);
    assert_eq!(decided(vec![gift(6, 9, today, 0)], &known).entries.len(), 1);
    assert_eq!(
        decided(vec![gift(6, 8, today, 0)], &known).entries.len(),
        0,
        "another project"
    );
}

#[test]
fn few_of_past_days_go_in_as_a_bundle_once_they_are_enough() {
    let past = day(20_261_121);
    let few: Vec<Candidate> = (0..6).map(|n| gift(n, n as u8 / 2, past, 0)).collect();
    let decision = decided(few, &Known::default());
    assert!(decision.keep.is_empty());
    let [
        NewEntry {
            leaf: Leaf::Bundle(bundle),
            idents,
        },
    ] = &decision.entries[..]
    else {
        panic!("one bundle: {decision:?}")
    };
    assert_eq!((bundle.sum, bundle.members.len()), (Fen::new(615), 6));
    assert_eq!((bundle.from, bundle.to), (past, past));
    let places: Vec<i64> = decision.entries[0].places().map(|(_, place)| place).collect();
    assert_eq!(places, [1, 2, 3, 4, 5, 6]);
    for (member, ident) in bundle.members.iter().zip(idents) {
        assert_eq!(
            member.id,
            PublicId::from_bytes(ident),
            "facts stand in the order of the members"
        );
    }
    assert!(decision.entries[0].leaf.encode().is_ok());
    let four: Vec<Candidate> = (0..4).map(|n| gift(n, n as u8, past, 0)).collect();
    assert_eq!(decided(four, &Known::default()).keep.len(), 4, "too few for any bundle");
    let fresh: Vec<Candidate> = (0..6).map(|n| gift(n, n as u8, past, 2_000)).collect();
    assert_eq!(
        decided(fresh, &Known::default()).keep.len(),
        6,
        "others of their group may still come"
    );
}

#[test]
fn what_speaks_of_a_gift_comes_after_it() {
    let today = limits().today;
    let mut all: Vec<Candidate> = vec![erased(90, 3), erased(91, 77)];
    all.extend((0..5).map(|n| gift(n, 9, today, 0)));
    let decision = decided(all, &Known::default());
    assert_eq!(decision.entries.len(), 6);
    assert_eq!(decision.entries[5].idents, [ident(90)], "after all gifts");
    assert_eq!(decision.keep.iter().map(|c| c.ident).collect::<Vec<_>>(), [ident(91)]);
    let mut known = Known::default();
    known.idents.insert(ident(77));
    assert_eq!(decided(vec![erased(91, 77)], &known).entries.len(), 1);
}

#[test]
fn five_gifts_of_one_payer_are_no_crowd_on_their_day_or_in_a_bundle() {
    let today = limits().today;
    let of = |n: u16, payer: u8, on: BusinessDay| Candidate {
        payer: Some([payer; 16]),
        ..gift(n, 1, on, 0)
    };
    for on in [today, today.plus_days(-1)] {
        let all = |last: u8| {
            (1..=7)
                .map(|n| of(n, if n < 4 { 1 } else { last + n as u8 }, on))
                .collect::<Vec<_>>()
        };
        let one: Vec<_> = (1..=7).map(|n| of(n, 1, on)).collect();
        let alone = decided(one, &Known::default());
        assert_eq!((alone.entries.len(), alone.keep.len()), (0, 7), "{on}");
        let some = decided(all(10), &Known::default());
        assert_eq!((some.entries.len(), some.keep.len()), (7, 0), "five payers on {on}");
    }
}

#[test]
fn a_small_batch_waits_for_others_or_for_its_time() {
    let paced = |held_at: i64, count: u16| {
        let known = Known {
            crowd: [(Group::of(gift(1, 1, limits().today, 0).leaf.gift().expect("a gift")), 5)].into(),
            ..Known::default()
        };
        let limits = Limits {
            batch_min: 5,
            batch_before: Instant::from_micros(500),
            ..limits()
        };
        let all = (1..=count).map(|n| gift(n, 1, limits.today, held_at)).collect();
        let decision = decide(all, &known, &limits, &SeededRng::new(1)).expect("decided");
        (decision.entries.len(), decision.keep.len())
    };
    assert_eq!(paced(501, 1), (0, 1), "one alone would tell its second");
    assert_eq!(paced(501, 4), (0, 4));
    assert_eq!(paced(501, 5), (5, 0));
    assert_eq!(paced(500, 1), (1, 0), "it has waited long enough");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nobody_is_lost_or_doubled_and_no_small_group_stands_alone(
        gifts in prop::collection::vec((0u8..6, 0i64..4, 0i64..2_000), 0..120), seed in any::<u64>()) {
        let all: Vec<Candidate> = gifts.iter().enumerate()
            .map(|(n, (project, back, held))| gift(n as u16, *project, limits().today.plus_days(-back), *held)).collect();
        let decision = decide(all.clone(), &Known::default(), &limits(), &SeededRng::new(seed)).expect("decided");
        let mut out: Vec<Ident> = decision.entries.iter().flat_map(|e| e.idents.clone()).collect();
        out.extend(decision.keep.iter().map(|c| c.ident));
        out.sort_unstable();
        let mut wanted: Vec<Ident> = all.iter().map(|c| c.ident).collect();
        wanted.sort_unstable();
        prop_assert_eq!(out, wanted);
        let mut alone: BTreeMap<Group, usize> = BTreeMap::new();
        for entry in &decision.entries {
            match &entry.leaf {
                Leaf::Received(gift) => *alone.entry(Group::of(gift)).or_default() += 1,
                Leaf::Bundle(bundle) => prop_assert!(bundle.members.len() >= 5),
                other => prop_assert!(false, "{:?}", other),
            }
        }
        prop_assert!(alone.values().all(|n| *n >= 5), "{:?}", alone);
    }
}
