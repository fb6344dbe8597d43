//! The rules as a specification.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

mod properties;

use kernel::id::hex;
use kernel::{BusinessDay, Channel, Fen, Instant, RegionCode};

use super::super::model::{
    Base, Bonus, Candidate, Cap, Caps, Daily, DayShare, Eligible, Elsewhere, Kind, MinuteOfDay, Partial, PayerKind,
    Payers, Person, Reason, Review, Rule, Span, Stacking, Tallies, Tier, Window,
};
use super::*;

/// 2026-05-08 10:00 in Beijing.
const TEN: i64 = 1_778_205_600_000_000;
const HOUR: i64 = 3_600_000_000;

/// The day so many days after the first.
fn day_of(n: i64) -> BusinessDay {
    Instant::from_micros(TEN + n * 24 * HOUR).business_day()
}

fn rule(kind: Kind) -> Rule {
    Rule {
        eligible: Default::default(),
        window: Window {
            spans: vec![Span {
                from: Instant::from_micros(TEN),
                to: Instant::from_micros(TEN + 48 * HOUR),
            }],
            daily: None,
        },
        base: Base::default(),
        kind,
        bonus: Vec::new(),
        round_to_fen: Fen::new(1),
        caps: Caps::default(),
        partial: Partial::Allowed,
        stacking: Stacking::Adds,
        on_refund: Default::default(),
        hold_from_fen: None,
    }
}

fn one_to_one() -> Rule {
    rule(Kind::Ratio { permille: 1_000 })
}

fn tally(locked: i64) -> Tally {
    Tally::over(Tallies {
        locked: Fen::new(locked),
        ..Tallies::default()
    })
}

fn gift(fen: i64) -> Candidate<'static> {
    Candidate {
        public_id: "aaaaaaaaaaaaaaaaaaaaaaaaaa",
        project: [1; 16],
        project_code: "aed",
        unit: [2; 16],
        region: None,
        channel: Channel::Wechat,
        amount: Fen::new(fen),
        paid_at: Instant::from_micros(TEN),
        person: Some(Person([3; 16])),
        payer_kind: PayerKind::Person,
        review: Review::No,
        elsewhere: Elsewhere::Nothing,
    }
}

fn given(rule: &Rule, tally: &mut Tally, gift: &Candidate<'_>) -> (i64, Reason, Option<Cap>) {
    let verdict = decide(rule, Some(&[7; 32]), tally, gift);
    (verdict.given.get(), verdict.reason, verdict.cap)
}

#[test]
fn the_last_match_is_partial_and_the_next_finds_the_pool_empty() {
    let (rule, mut tally) = (one_to_one(), tally(150));
    assert_eq!(given(&rule, &mut tally, &gift(100)), (100, Reason::Matched, None));
    assert_eq!(given(&rule, &mut tally, &gift(100)), (50, Reason::Cut, Some(Cap::Pool)));
    assert_eq!(
        given(&rule, &mut tally, &gift(100)),
        (0, Reason::PoolEmpty, Some(Cap::Pool))
    );
    assert_eq!(tally.sums.left(), Fen::ZERO);
}

#[test]
fn whole_or_nothing_gives_no_part_but_the_gifts_own_cap_is_whole() {
    let mut rule = one_to_one();
    rule.partial = Partial::WholeOrNothing;
    rule.caps.gift_fen = Some(Fen::new(80));
    let mut tally = tally(150);
    assert_eq!(given(&rule, &mut tally, &gift(100)), (80, Reason::Cut, Some(Cap::Gift)));
    assert_eq!(
        given(&rule, &mut tally, &gift(100)),
        (0, Reason::NoPart, Some(Cap::Pool))
    );
    assert_eq!(given(&rule, &mut tally, &gift(70)), (70, Reason::Matched, None));
}

#[test]
fn the_window_is_tested_against_the_time_of_payment_and_the_hours_of_beijing() {
    let mut rule = one_to_one();
    rule.window.daily = Some(Daily {
        open: MinuteOfDay(10 * 60),
        close: MinuteOfDay(24 * 60),
    });
    let mut tally = tally(1_000);
    let mut at = |micros: i64| {
        let paid = Candidate {
            paid_at: Instant::from_micros(micros),
            ..gift(10)
        };
        given(&rule, &mut tally, &paid).1
    };
    assert_eq!(at(TEN - 1), Reason::OutsideWindow);
    assert_eq!(at(TEN), Reason::Matched);
    assert_eq!(at(TEN + 14 * HOUR - 1), Reason::Matched);
    assert_eq!(at(TEN + 14 * HOUR), Reason::OutsideHours);
    assert_eq!(at(TEN + 24 * HOUR - 1), Reason::OutsideHours);
    assert_eq!(at(TEN + 24 * HOUR), Reason::Matched);
    assert_eq!(at(TEN + 48 * HOUR), Reason::OutsideWindow);
}

#[test]
fn each_cap_cuts_what_the_ones_before_left() {
    let caps = Caps {
        gift_fen: Some(Fen::new(90)),
        person_day_fen: Some(Fen::new(120)),
        person_project_fen: Some(Fen::new(150)),
        person_fen: Some(Fen::new(200)),
        project_day_fen: Some(Fen::new(260)),
        project_fen: Some(Fen::new(300)),
        unit_fen: Some(Fen::new(310)),
        ..Caps::default()
    };
    let rule = Rule { caps, ..one_to_one() };
    let mut tally = tally(1_000);
    let day = 24 * HOUR;
    let by = |person: u8, project: u8, on: i64| Candidate {
        person: Some(Person([person; 16])),
        project: [project; 16],
        paid_at: Instant::from_micros(TEN + on),
        ..gift(100)
    };
    let cut = |sum, cap| (sum, Reason::Cut, Some(cap));
    let gone = |cap| (0, Reason::CapReached, Some(cap));
    assert_eq!(given(&rule, &mut tally, &by(1, 1, 0)), cut(90, Cap::Gift));
    assert_eq!(given(&rule, &mut tally, &by(1, 1, 0)), cut(30, Cap::PersonDay));
    assert_eq!(given(&rule, &mut tally, &by(1, 1, 0)), gone(Cap::PersonDay));
    assert_eq!(given(&rule, &mut tally, &by(1, 1, day)), cut(30, Cap::PersonProject));
    assert_eq!(given(&rule, &mut tally, &by(1, 2, day)), cut(50, Cap::Person));
    assert_eq!(given(&rule, &mut tally, &by(2, 1, day)), cut(90, Cap::Gift));
    assert_eq!(given(&rule, &mut tally, &by(3, 1, day)), cut(20, Cap::Unit));
    assert_eq!(given(&rule, &mut tally, &by(4, 3, day)), gone(Cap::Unit));
}

#[test]
fn each_day_of_a_pool_has_its_own_share_and_it_comes_before_the_rest_of_the_pool() {
    let mut rule = one_to_one();
    rule.caps.pool_day_fen = Some(Fen::new(150));
    rule.caps.pool_days = vec![DayShare {
        on: day_of(1),
        most_fen: Fen::new(40),
    }];
    assert_eq!(rule.check(), Ok(()));
    let mut tally = tally(1_000);
    let on = |day: i64, project: u8| Candidate {
        paid_at: Instant::from_micros(TEN + day * 24 * HOUR),
        project: [project; 16],
        ..gift(100)
    };
    assert_eq!(given(&rule, &mut tally, &on(0, 1)), (100, Reason::Matched, None));
    let cut = |sum| (sum, Reason::Cut, Some(Cap::PoolDay));
    assert_eq!(given(&rule, &mut tally, &on(0, 2)), cut(50), "whatever the project");
    assert_eq!(
        given(&rule, &mut tally, &on(0, 3)),
        (0, Reason::CapReached, Some(Cap::PoolDay))
    );
    assert_eq!(
        given(&rule, &mut tally, &on(1, 1)),
        cut(40),
        "the named day has its own share"
    );
    // A late notice is of the day on which was paid; what is given back is free again on that day alone.
    tally.shrink(&rule, &on(0, 1), (Fen::new(100), Fen::new(100)), true);
    assert_eq!(
        given(
            &rule,
            &mut tally,
            &Candidate {
                person: None,
                ..on(0, 1)
            }
        )
        .0,
        100
    );
    assert_eq!(given(&rule, &mut tally, &on(1, 2)).0, 0);

    tally.sums.locked = tally.sums.given.plus(Fen::new(10)).unwrap();
    rule.caps.pool_days[0].most_fen = Fen::new(50);
    let both = Candidate {
        person: None,
        ..on(1, 1)
    };
    assert_eq!(
        given(&rule, &mut tally, &both),
        (10, Reason::Cut, Some(Cap::PoolDay)),
        "of two that leave the same the day is named"
    );
    let mut at_close = self::rule(Kind::Proportional);
    at_close.caps.pool_day_fen = Some(Fen::new(1));
    assert_eq!(at_close.check().unwrap_err().field, "caps.pool_days");
}

#[test]
fn a_rule_may_ask_for_projects_of_some_counties() {
    let mut rule = one_to_one();
    rule.eligible.counties = vec![RegionCode::parse("371300").unwrap()];
    let mut tally = tally(1_000);
    let mut of = |code: Option<&str>| {
        let there = Candidate {
            region: code.map(|code| RegionCode::parse(code).unwrap()),
            ..gift(10)
        };
        given(&rule, &mut tally, &there).1
    };
    assert_eq!(of(Some("371323")), Reason::Matched, "a county of the city");
    assert_eq!(of(Some("370800")), Reason::County);
    assert_eq!(of(None), Reason::County);
    let text = serde_json::to_string(&rule).unwrap();
    assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule);
}

#[test]
fn a_payer_nobody_knows_counts_only_for_the_caps_that_need_no_person() {
    let mut rule = one_to_one();
    rule.caps.person_fen = Some(Fen::new(10));
    rule.caps.project_fen = Some(Fen::new(150));
    let mut tally = tally(1_000);
    let unknown = Candidate {
        person: None,
        ..gift(100)
    };
    assert_eq!(given(&rule, &mut tally, &unknown), (100, Reason::Matched, None));
    assert_eq!(
        given(&rule, &mut tally, &unknown),
        (50, Reason::Cut, Some(Cap::Project))
    );
    rule.eligible.payers = Payers::Known;
    assert_eq!(given(&rule, &mut tally, &unknown), (0, Reason::PayerUnknown, None));
}

#[test]
fn who_and_what_is_not_eligible_hears_exactly_why() {
    let mut rule = one_to_one();
    rule.eligible.channels = vec![Channel::Alipay];
    assert_eq!(given(&rule, &mut tally(9), &gift(1)).1, Reason::Channel);
    let mut rule = one_to_one();
    rule.eligible.payer_kinds = vec![PayerKind::Organisation];
    assert_eq!(given(&rule, &mut tally(9), &gift(1)).1, Reason::PayerKind);
    let mut rule = one_to_one();
    rule.eligible.excluded = vec![hex(&[3; 16])];
    assert_eq!(given(&rule, &mut tally(9), &gift(1)).1, Reason::Excluded);
    let mut rule = one_to_one();
    rule.base.minimum_fen = Fen::new(2);
    assert_eq!(given(&rule, &mut tally(9), &gift(1)).1, Reason::BelowMinimum);
    let mut rule = one_to_one();
    rule.eligible.payers = Payers::FirstGift;
    let mut tally = tally(9);
    assert_eq!(given(&rule, &mut tally, &gift(1)).1, Reason::Matched);
    assert_eq!(given(&rule, &mut tally, &gift(1)).1, Reason::NotFirst);
}

#[test]
fn pools_add_up_unless_one_wants_to_be_alone() {
    let adds = one_to_one();
    let alone = Rule {
        stacking: Stacking::Alone,
        ..one_to_one()
    };
    let after = |elsewhere| Candidate { elsewhere, ..gift(1) };
    assert_eq!(given(&adds, &mut tally(9), &after(Elsewhere::Given)).1, Reason::Matched);
    assert_eq!(
        given(&adds, &mut tally(9), &after(Elsewhere::GivenAlone)).1,
        Reason::OtherPool
    );
    assert_eq!(
        given(&alone, &mut tally(9), &after(Elsewhere::Given)).1,
        Reason::OtherPool
    );
    let verdict = decide(&alone, None, &mut tally(9), &gift(1));
    assert_eq!(verdict.seen_elsewhere(&alone), Elsewhere::GivenAlone);
}

#[test]
fn ratio_tiers_action_bonus_and_rounding_give_whole_fen_rounded_down() {
    let half = rule(Kind::Ratio { permille: 500 });
    assert_eq!(given(&half, &mut tally(99), &gift(3)).0, 1);
    let tier = |from, permille| Tier {
        from_fen: Fen::new(from),
        permille,
    };
    let tiers = rule(Kind::Tiers {
        tiers: vec![tier(10, 100), tier(100, 1_000)],
    });
    assert_eq!(given(&tiers, &mut tally(999), &gift(9)).1, Reason::TooSmall);
    assert_eq!(given(&tiers, &mut tally(999), &gift(99)).0, 9);
    assert_eq!(given(&tiers, &mut tally(999), &gift(100)).0, 100);
    let each = rule(Kind::PerAction { each_fen: Fen::new(50) });
    assert_eq!(given(&each, &mut tally(99), &gift(1)).0, 50);
    let mut bonus = one_to_one();
    bonus.bonus = vec![Bonus {
        permille: 300,
        from_fen: Fen::new(50),
        projects: Vec::new(),
    }];
    bonus.round_to_fen = Fen::new(10);
    bonus.base.ignore_above_fen = Some(Fen::new(70));
    assert_eq!(given(&bonus, &mut tally(999), &gift(49)).0, 40);
    assert_eq!(given(&bonus, &mut tally(999), &gift(1_000)).0, 90);
}

#[test]
fn a_draw_depends_on_seed_and_public_id_alone() {
    let random = rule(Kind::Random {
        from_fen: Fen::new(1),
        to_fen: Fen::new(99),
        chance_permille: 500,
    });
    let mut wins = 0;
    for n in 0..400 {
        let id = format!("{n:026}");
        let one = Candidate {
            public_id: &id,
            ..gift(100)
        };
        let first = decide(&random, Some(&[7; 32]), &mut tally(99), &one);
        let again = decide(&random, Some(&[7; 32]), &mut tally(99), &one);
        assert_eq!(first, again);
        assert!((0..=99).contains(&first.given.get()));
        wins += usize::from(first.given.is_positive());
    }
    assert!((120..=280).contains(&wins), "{wins} of 400 won");
    // RFC 4231, test case 2, shows that the draw is plain HMAC-SHA256; here with our kind of key.
    let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
    assert_eq!(draw(&[7; 32], "a").as_slice(), hmac::sign(&key, b"a").as_ref());
}

#[test]
fn a_sealed_draw_is_believed_only_within_its_rule() {
    let random = rule(Kind::Random {
        from_fen: Fen::new(10),
        to_fen: Fen::new(99),
        chance_permille: 500,
    });
    let told = |fen: Option<i64>| {
        let verdict = decide_by(&random, Draws::Recorded(fen.map(Fen::new)), &mut tally(60), &gift(100));
        (verdict.offered.get(), verdict.given.get(), verdict.reason)
    };
    assert_eq!(told(Some(42)), (42, 42, Reason::Matched));
    assert_eq!(told(Some(90)), (90, 60, Reason::Cut), "caps are computed");
    assert_eq!(told(Some(500)).0, 99, "no draw gives more than the rule");
    assert_eq!(told(Some(3)).0, 10, "nor less");
    assert_eq!(told(None).2, Reason::NotDrawn);
}

#[test]
fn a_held_match_waits_and_is_decided_when_released() {
    let mut rule = one_to_one();
    rule.hold_from_fen = Some(Fen::new(100));
    let mut tally = tally(1_000);
    let verdict = decide(&rule, None, &mut tally, &gift(100));
    assert_eq!((verdict.given, verdict.reason), (Fen::ZERO, Reason::Held));
    assert_eq!(verdict.seen_elsewhere(&rule), Elsewhere::Given);
    let released = Candidate {
        review: Review::Released,
        ..gift(100)
    };
    assert_eq!(given(&rule, &mut tally, &released), (100, Reason::Matched, None));
}

#[test]
fn a_rule_for_monthly_donors_takes_gifts_of_a_mandate_and_says_so_to_others() {
    use PayerKind::{Monthly, MonthlyOrganisation, Organisation, Person};
    let by = |payer_kind| Candidate {
        payer_kind,
        ..gift(100)
    };
    let reason = |wanted: &[PayerKind], kind| {
        let mut rule = one_to_one();
        rule.eligible.payer_kinds = wanted.to_vec();
        given(&rule, &mut tally(1_000), &by(kind)).1
    };
    assert_eq!(reason(&[Monthly], Monthly), Reason::Matched);
    assert_eq!(reason(&[Monthly], MonthlyOrganisation), Reason::Matched);
    assert_eq!(reason(&[Monthly], Person), Reason::NotMonthly);
    assert_eq!(reason(&[MonthlyOrganisation], Monthly), Reason::PayerKind);
    assert_eq!(
        reason(&[Person], Monthly),
        Reason::Matched,
        "a monthly donor is a person too"
    );
    assert_eq!(reason(&[Person], Organisation), Reason::PayerKind);
    assert_eq!(reason(&[], Monthly), Reason::Matched);

    let old = r#"{"payer_kinds":["person"]}"#;
    let old: Eligible = serde_json::from_str(old).unwrap();
    assert_eq!(old.told(Monthly), Person, "who does not ask for it is not told");
    let asks: Eligible = serde_json::from_str(r#"{"payer_kinds":["monthly"]}"#).unwrap();
    assert_eq!(asks.told(Monthly), Monthly);
}

#[test]
fn giving_again_after_a_refund_never_brings_more_than_the_first_time() {
    let (rule, mut tally) = (one_to_one(), tally(60));
    let first = given(&rule, &mut tally, &gift(100));
    assert_eq!(first, (60, Reason::Cut, Some(Cap::Pool)));
    // Half of it goes back, then the other half; the pool is whole again.
    for (refunded, shrunk, back) in [(50, 0, 30), (100, 30, 30)] {
        let by = shrinks_by(Fen::new(60), Fen::new(shrunk), Fen::new(refunded), Fen::new(100));
        assert_eq!(by, Fen::new(back));
        tally.shrink(&rule, &gift(100), (Fen::new(50), by), true);
    }
    tally.sums.locked = Fen::new(1_000);
    assert_eq!(
        given(&rule, &mut tally, &gift(50)),
        (30, Reason::Cut, Some(Cap::Regift))
    );
    assert_eq!(
        given(&rule, &mut tally, &gift(50)),
        (30, Reason::Cut, Some(Cap::Regift))
    );
    assert_eq!(given(&rule, &mut tally, &gift(50)), (50, Reason::Matched, None));
}

#[test]
fn the_pool_is_shared_out_to_the_last_fen_and_caps_are_shared_among_the_others() {
    let fen = |all: &[i64]| all.iter().map(|n| Fen::new(*n)).collect::<Vec<_>>();
    assert_eq!(proportional(Fen::new(100), &fen(&[1, 1, 1]), None), fen(&[34, 33, 33]));
    assert_eq!(proportional(Fen::new(100), &fen(&[0, 5]), None), fen(&[0, 100]));
    let capped = proportional(Fen::new(100), &fen(&[80, 10, 10]), Some(Fen::new(40)));
    assert_eq!(capped, fen(&[40, 30, 30]));
    assert_eq!(
        proportional(Fen::new(100), &fen(&[1, 1]), Some(Fen::new(10))),
        fen(&[10, 10])
    );
}

#[test]
fn many_small_givers_outweigh_one_large_one() {
    let quadratic = rule(Kind::Quadratic {
        project_permille_max: 1_000,
    });
    let mut gifts: Vec<Counted<'_>> = (0..10u8)
        .map(|n| Counted {
            project: "many",
            person: Some([n; 16]),
            base: Fen::new(10_000),
        })
        .collect();
    gifts.push(Counted {
        project: "one",
        person: Some([99; 16]),
        base: Fen::new(100_000),
    });
    let awards = awards(&quadratic, Fen::new(1_100), &gifts);
    let sums: Vec<(&str, i64)> = awards.iter().map(|a| (a.project.as_str(), a.sum.get())).collect();
    // (10 · √100)² = 10,000 against (√1000)² = 1,000 in yuan.
    assert_eq!(sums, [("many", 1_000), ("one", 100)]);
}

#[test]
fn prizes_go_by_score_and_of_equal_scores_to_the_larger_sum() {
    let prize = |rank, sum| super::super::model::Prize {
        from_rank: rank,
        to_rank: rank,
        each_fen: Fen::new(sum),
    };
    let score = rule(Kind::Score {
        sum_points: 80,
        count_points: 20,
        extra: Vec::new(),
        prizes: vec![prize(1, 500), prize(2, 100)],
    });
    let one = |project, fen| Counted {
        project,
        person: None,
        base: Fen::new(fen),
    };
    let gifts = [one("b", 50), one("b", 50), one("a", 99), one("c", 1)];
    let awards = awards(&score, Fen::new(1_000), &gifts);
    let sums: Vec<(&str, i64)> = awards.iter().map(|a| (a.project.as_str(), a.sum.get())).collect();
    assert_eq!(sums, [("b", 500), ("a", 100)]);
}

#[test]
fn a_rule_that_makes_no_sense_is_refused_by_its_part() {
    let refused = |rule: Rule| rule.check().unwrap_err().field;
    assert_eq!(one_to_one().check(), Ok(()));
    assert_eq!(refused(rule(Kind::Ratio { permille: 0 })), "kind");
    let mut backwards = one_to_one();
    backwards.window.spans[0].to = backwards.window.spans[0].from;
    assert_eq!(refused(backwards), "window.spans");
    let mut cap = one_to_one();
    cap.caps.unit_fen = Some(Fen::ZERO);
    assert_eq!(refused(cap), "caps");
    let text = serde_json::to_string(&one_to_one()).unwrap();
    assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), one_to_one());
}

#[test]
fn every_reason_and_cap_has_words_in_both_languages() {
    for key in super::super::words::reason_keys() {
        assert!(web::Locale::ZhHans.knows(&key) && web::Locale::En.knows(&key), "{key}");
    }
    for locale in web::Locale::ALL {
        for kind in [
            Kind::Proportional,
            Kind::Quadratic {
                project_permille_max: 200,
            },
            Kind::Ratio { permille: 1_050 },
        ] {
            let lines = super::super::words::rule(locale, &rule(kind));
            assert!(lines.iter().all(|line| !line.contains("match.")), "{lines:?}");
        }
    }
}
