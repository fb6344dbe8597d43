//! Whatever the rule and whoever gives: no pool is overdrawn, every cap holds, and no refund pays twice.

use kernel::Fen;
use proptest::prelude::*;

use super::super::super::model::*;
use super::super::*;
use super::*;

fn any_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        (1i64..3_000).prop_map(|permille| Kind::Ratio { permille }),
        (1i64..5_000).prop_map(|fen| Kind::PerAction {
            each_fen: Fen::new(fen)
        }),
        (1i64..1_000, 0i64..5_000, 1i64..=1_000).prop_map(|(from, more, chance_permille)| Kind::Random {
            from_fen: Fen::new(from),
            to_fen: Fen::new(from + more),
            chance_permille,
        }),
        (1i64..500, 1i64..2_000, 1i64..2_000).prop_map(|(from, low, high)| Kind::Tiers {
            tiers: vec![
                Tier {
                    from_fen: Fen::new(1),
                    permille: low
                },
                Tier {
                    from_fen: Fen::new(1 + from),
                    permille: high
                },
            ],
        }),
    ]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let cap = || proptest::option::of((1i64..20_000).prop_map(Fen::new));
    let caps = (cap(), cap(), cap(), cap(), cap(), cap(), cap(), cap());
    (any_kind(), caps, 0i64..1_000, 1i64..50, any::<bool>(), any::<bool>()).prop_map(
        |(kind, caps, bonus, round, whole, to_sponsor)| Rule {
            caps: Caps {
                gift_fen: caps.0,
                person_day_fen: caps.1,
                person_project_fen: caps.2,
                person_fen: caps.3,
                project_day_fen: caps.4,
                project_fen: caps.5,
                unit_fen: caps.6,
                pool_day_fen: caps.7.filter(|_| !whole),
                pool_days: caps
                    .7
                    .map(|most_fen| DayShare {
                        on: day_of(1),
                        most_fen,
                    })
                    .into_iter()
                    .collect(),
            },
            bonus: vec![Bonus {
                permille: bonus,
                from_fen: Fen::new(100),
                projects: Vec::new(),
            }],
            round_to_fen: Fen::new(round),
            partial: if whole {
                Partial::WholeOrNothing
            } else {
                Partial::Allowed
            },
            on_refund: if to_sponsor {
                OnRefund::ToSponsor
            } else {
                OnRefund::ToPool
            },
            ..rule(kind)
        },
    )
}

/// A gift: amount, person, project, day; or the refund of a part of an earlier one.
#[derive(Debug, Clone)]
enum Step {
    Give(i64, Option<u8>, u8, i64),
    Refund(usize, i64),
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let give = (1i64..30_000, proptest::option::of(0u8..4), 0u8..3, 0i64..2)
        .prop_map(|(fen, person, project, day)| Step::Give(fen, person, project, day));
    let refund = (0usize..40, 1i64..=1_000).prop_map(|(which, permille)| Step::Refund(which, permille));
    proptest::collection::vec(prop_oneof![4 => give, 1 => refund], 1..60)
}

struct Standing {
    gift: (i64, Option<u8>, u8, i64),
    granted: Fen,
    shrunk: Fen,
    refunded: i64,
    public_id: String,
}

fn candidate_of(standing: &Standing) -> Candidate<'_> {
    let (fen, person, project, day) = standing.gift;
    Candidate {
        public_id: &standing.public_id,
        person: person.map(|n| Person([n; 16])),
        project: [project; 16],
        paid_at: Instant::from_micros(TEN + day * 24 * HOUR),
        ..gift(fen)
    }
}

proptest! {
    #[test]
    fn no_pool_is_overdrawn_and_every_cap_holds(rule in any_rule(), locked in 1i64..200_000, steps in any_steps()) {
        let mut tally = tally(locked);
        let mut all: Vec<Standing> = Vec::new();
        for step in steps {
            match step {
                Step::Give(fen, person, project, day) => {
                    let mut one = Standing {
                        gift: (fen, person, project, day),
                        granted: Fen::ZERO,
                        shrunk: Fen::ZERO,
                        refunded: 0,
                        public_id: format!("{:026}", all.len()),
                    };
                    let verdict = decide(&rule, Some(&[7; 32]), &mut tally, &candidate_of(&one));
                    prop_assert!(verdict.given <= verdict.offered);
                    one.granted = verdict.given;
                    all.push(one);
                }
                Step::Refund(which, permille) => {
                    let Some(one) = all.get_mut(which) else { continue };
                    let part = ((one.gift.0 - one.refunded) * permille / 1_000).max(0);
                    one.refunded += part;
                    let back = shrinks_by(one.granted, one.shrunk, Fen::new(one.refunded), Fen::new(one.gift.0));
                    one.shrunk = one.shrunk.plus(back).unwrap();
                    let to_pool = rule.on_refund == OnRefund::ToPool;
                    let one = &*one;
                    tally.shrink(&rule, &candidate_of(one), (Fen::new(part), back), to_pool);
                }
            }
        }
        let net = |one: &Standing| one.granted.get() - one.shrunk.get();
        let sum = |keep: &dyn Fn(&Standing) -> bool| all.iter().filter(|one| keep(one)).map(net).sum::<i64>();
        prop_assert_eq!(sum(&|_| true), tally.sums.given.get());
        prop_assert!(tally.sums.given.get() + tally.sums.returned.get() <= locked);
        let under = |cap: Option<Fen>, found: i64| cap.is_none_or(|cap| found <= cap.get());
        prop_assert!(under(rule.caps.unit_fen, sum(&|_| true)));
        for project in 0..3u8 {
            prop_assert!(under(rule.caps.project_fen, sum(&|o| o.gift.2 == project)));
            for day in 0..2 {
                prop_assert!(under(rule.caps.of_pool_on(day_of(day)), sum(&|o| o.gift.3 == day)));
                prop_assert!(under(rule.caps.project_day_fen, sum(&|o| o.gift.2 == project && o.gift.3 == day)));
            }
        }
        for person in 0..4u8 {
            let of = |o: &Standing| o.gift.1 == Some(person);
            prop_assert!(under(rule.caps.person_fen, sum(&of)));
            for project in 0..3u8 {
                prop_assert!(under(rule.caps.person_project_fen, sum(&|o| of(o) && o.gift.2 == project)));
            }
            for day in 0..2 {
                prop_assert!(under(rule.caps.person_day_fen, sum(&|o| of(o) && o.gift.3 == day)));
            }
        }
        prop_assert!(all.iter().all(|one| under(rule.caps.gift_fen, one.granted.get())));
    }

    #[test]
    fn refund_then_regift_never_exceeds_the_first_match(rule in any_rule(), locked in 1i64..200_000, fen in 1i64..30_000, before in 0i64..100_000) {
        let mut tally = tally(locked);
        // Someone else empties a part of the pool first and is refunded later, so that more is left the second time.
        let other = Standing { gift: (before.max(1), Some(9), 9, 1), granted: Fen::ZERO, shrunk: Fen::ZERO, refunded: 0, public_id: format!("{:026}", 1) };
        let taken = decide(&rule, Some(&[7; 32]), &mut tally, &candidate_of(&other)).given;
        let first = Standing { gift: (fen, Some(1), 1, 0), granted: Fen::ZERO, shrunk: Fen::ZERO, refunded: 0, public_id: format!("{:026}", 2) };
        let got = decide(&rule, Some(&[7; 32]), &mut tally, &candidate_of(&first)).given;
        tally.shrink(&rule, &candidate_of(&first), (refunded_base(&rule, Fen::new(fen), Fen::new(fen)), got), true);
        tally.shrink(&rule, &candidate_of(&other), (Fen::new(other.gift.0), taken), true);
        let again = Standing { public_id: format!("{:026}", 3), ..first };
        let then = decide(&rule, Some(&[7; 32]), &mut tally, &candidate_of(&again)).given;
        prop_assert!(then <= got, "{then} after {got}");
    }

    #[test]
    fn sharing_out_gives_all_or_all_that_caps_allow(pool in 0i64..1_000_000, weights in proptest::collection::vec(0i64..10_000, 0..40), most in proptest::option::of(1i64..50_000)) {
        let weights: Vec<Fen> = weights.into_iter().map(Fen::new).collect();
        let shares = proportional(Fen::new(pool), &weights, most.map(Fen::new));
        let sum: i64 = shares.iter().map(|share| share.get()).sum();
        let takers = weights.iter().filter(|weight| weight.is_positive()).count() as i64;
        let can = most.map_or(i64::MAX, |most| most.saturating_mul(takers));
        let expected = if takers == 0 { 0 } else { pool.min(can) };
        prop_assert_eq!(sum, expected);
        prop_assert!(shares.iter().all(|share| most.is_none_or(|most| share.get() <= most)));
    }
}
