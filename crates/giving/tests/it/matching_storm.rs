//! Random rules of every kind and random streams through two intakes on one database, eight callers, refunds between:
//! what done-when 2 of the giving day asks. What each cap allows is summed here from the stored decisions themselves.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use std::sync::Arc;

use db::{Reads, Snapshot, params};
use giving::State;
use giving::donations::Outcome;
use giving::donations::intake::{self, prepare};
use giving::matching::model::{Bonus, Caps, Kind, OnRefund, Partial, Payers, Prize, Stacking, Tier};
use giving::matching::{Pool, PoolState, Rule, actions, queries};
use giving::projects::Project;
use giving::testing::{World, world};
use kernel::{Fen, GiftId, Rng, SeededRng};
use platform::identity::Actor;
use proptest::prelude::{Just, Strategy, any};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::matching::{all_agrees, by_phone, opened, refunded, rule};

/// A day, in microseconds.
const DAY: i64 = 86_400_000_000;

fn any_kind() -> impl Strategy<Value = Kind> {
    let tier = |from, permille| Tier {
        from_fen: Fen::new(from),
        permille,
    };
    let prize = |from_rank, to_rank, fen| Prize {
        from_rank,
        to_rank,
        each_fen: Fen::new(fen),
    };
    proptest::prop_oneof![
        (100i64..2_000).prop_map(|permille| Kind::Ratio { permille }),
        (100i64..900, 1i64..900, 50i64..300).prop_map(move |(low, more, from)| Kind::Tiers {
            tiers: vec![tier(1, low), tier(from, low + more)],
        }),
        (1i64..200).prop_map(|fen| Kind::PerAction {
            each_fen: Fen::new(fen)
        }),
        (1i64..100).prop_map(|fen| Kind::Random {
            from_fen: Fen::new(fen),
            to_fen: Fen::new(fen * 3),
            chance_permille: 600,
        }),
        Just(Kind::Proportional),
        (300i64..=1_000).prop_map(|most| Kind::Quadratic {
            project_permille_max: most
        }),
        (0i64..100, 1i64..4_000).prop_map(move |(points, fen)| Kind::Score {
            sum_points: points,
            count_points: 100 - points,
            extra: Vec::new(),
            prizes: vec![prize(1, 1, fen), prize(2, 3, fen / 2 + 1)],
        }),
    ]
}

/// Any rule: every kind, each of the seven caps or not, a minimum, a bonus, matches that wait, pools that add up or not.
fn any_rule(runner: &mut TestRunner) -> Rule {
    let cap = || proptest::option::of((50i64..4_000).prop_map(Fen::new));
    let payers = proptest::sample::select(vec![Payers::Any, Payers::Any, Payers::Known, Payers::FirstGift]);
    let strategy = (
        any_kind(),
        proptest::array::uniform7(cap()),
        proptest::option::of((1i64..500, 0i64..300)),
        (0i64..120, proptest::option::of(350i64..500), 1i64..10),
        (any::<bool>(), any::<bool>(), any::<bool>()),
        payers,
    );
    let drawn = strategy.new_tree(runner).unwrap().current();
    let (kind, caps, bonus, (minimum, hold, round), (alone, to_sponsor, whole), payers) = drawn;
    let mut made = rule(kind);
    made.window.spans[0].from = platform::testing::NOW.plus_micros(-2 * DAY);
    let [gift, person_day, person_project, person, project_day, project, unit] = caps;
    made.caps = Caps {
        gift_fen: gift,
        person_day_fen: person_day,
        person_project_fen: person_project,
        person_fen: person,
        project_day_fen: project_day,
        project_fen: project,
        unit_fen: unit,
        ..Caps::default()
    };
    made.bonus.extend(bonus.map(|(permille, from)| Bonus {
        permille,
        from_fen: Fen::new(from),
        projects: Vec::new(),
    }));
    made.base.minimum_fen = Fen::new(minimum);
    made.hold_from_fen = hold.map(Fen::new);
    made.round_to_fen = Fen::new(round);
    made.eligible.payers = payers;
    made.stacking = if alone { Stacking::Alone } else { Stacking::Adds };
    made.on_refund = if to_sponsor {
        OnRefund::ToSponsor
    } else {
        OnRefund::ToPool
    };
    made.partial = if whole {
        Partial::WholeOrNothing
    } else {
        Partial::Allowed
    };
    made.check().unwrap();
    made
}

/// Three of them: one that decides at once, one that is shared out at its close, one of either.
fn three_rules(seed: u64) -> Vec<Rule> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let mut such = |wanted: fn(&Rule) -> bool| {
        loop {
            let made = any_rule(&mut runner);
            if wanted(&made) {
                return made;
            }
        }
    };
    vec![
        such(|rule| !rule.is_at_close()),
        such(|rule| rule.is_at_close()),
        such(|_| true),
    ]
}

/// A new gift to a project, paid so many days ago.
async fn give(
    (world, giving): (&World, &State),
    project: &Project,
    trade_no: &str,
    (fen, phone): (i64, Option<&str>),
    days: i64,
) -> GiftId {
    let mut gift = by_phone(world, project, trade_no, (fen, phone));
    gift.paid_at = gift.paid_at.plus_micros(-days * DAY);
    gift.business_day = gift.paid_at.business_day();
    let prepared = prepare(gift, &giving.services).unwrap();
    let Outcome::Recorded(gift) = giving.intake.submit(prepared).await.unwrap() else {
        panic!("a new gift");
    };
    gift
}

/// One caller: gifts of two days to three projects, some given back in part or whole; at the end a payer of its own who
/// gives, is given all back, and gives the same again.
async fn calls(world: Arc<World>, giving: State, (seed, caller): (u64, u64)) {
    let rng = SeededRng::new(seed * 100 + caller);
    let pick = |n: u64| Rng::below(&rng, n);
    let projects = [&world.restricted, &world.sub, &world.general];
    let mut own = Vec::new();
    for n in 0..28u64 {
        if pick(5) == 0 && !own.is_empty() {
            let (gift, fen) = own.swap_remove(pick(own.len() as u64) as usize);
            let back = if pick(2) == 0 { fen } else { 1 + pick(fen as u64) as i64 };
            refunded(&world, gift, back, &format!("r{caller}-{n}")).await;
            continue;
        }
        let fen = 1 + pick(500) as i64;
        let phone = format!("1380000000{}", pick(5));
        let phone = (pick(4) > 0).then_some(phone.as_str());
        let (project, days) = (projects[pick(3) as usize], pick(2) as i64);
        let number = format!("N{caller}-{n}");
        let gift = give((&world, &giving), project, &number, (fen, phone), days).await;
        own.push((gift, fen));
    }
    let (fen, phone) = (200 + pick(200) as i64, format!("1390000000{caller}"));
    let own = (fen, Some(phone.as_str()));
    let first = give((&world, &giving), projects[0], &format!("A{caller}"), own, 0).await;
    refunded(&world, first, fen, &format!("a{caller}")).await;
    give((&world, &giving), projects[0], &format!("B{caller}"), own, 0).await;
}

/// What was given at most for one of what a cap is of.
async fn most(at: &mut Snapshot, pool: &Pool, (by, only): (&str, &str)) -> Fen {
    let sql = format!(
        "SELECT CAST(COALESCE(MAX(s.fen), 0) AS BIGINT) AS most FROM (SELECT SUM(d.given_fen) AS fen
         FROM match_decision d JOIN project p ON p.id = d.project_id LEFT JOIN gift g ON g.id = d.gift_id
         WHERE d.pool_id = ?1 AND {only} GROUP BY {by}) s"
    );
    let row = at.query_one(&sql, params![(pool.id,)]).await.unwrap().unwrap();
    row.fen("most").unwrap()
}

/// How many decisions there are such as must not be.
async fn count(at: &mut Snapshot, pool: &Pool, such: &str) -> i64 {
    let sql = format!(
        "SELECT COUNT(*) AS n FROM match_decision d LEFT JOIN gift g ON g.id = d.gift_id
         WHERE d.pool_id = ?1 AND {such}"
    );
    let row = at.query_one(&sql, params![(pool.id,)]).await.unwrap().unwrap();
    row.int("n").unwrap()
}

/// Every cap, the minimum, what waits and the pool, by the decisions themselves.
async fn every_cap_holds(at: &mut Snapshot, pool: &Pool, rule: &Rule) {
    // The Beijing day of payment; an award to a project is of no day.
    let day = "COALESCE((g.paid_at + 28800000000) / 86400000000, 0)";
    let [person_day, project_day] = [format!("d.person, {day}"), format!("d.project_id, {day}")];
    let caps = &rule.caps;
    for (cap, by, only) in [
        (caps.gift_fen, "d.gift_id", "d.gift_id IS NOT NULL"),
        (caps.gift_fen, "d.number", "d.gift_id IS NULL"),
        (caps.person_day_fen, person_day.as_str(), "d.person IS NOT NULL"),
        (
            caps.person_project_fen,
            "d.person, d.project_id",
            "d.person IS NOT NULL",
        ),
        (caps.person_fen, "d.person", "d.person IS NOT NULL"),
        (caps.project_day_fen, project_day.as_str(), "1 = 1"),
        (caps.project_fen, "d.project_id", "1 = 1"),
        (caps.unit_fen, "p.unit_id", "1 = 1"),
        (Some(pool.locked), "d.pool_id", "1 = 1"),
    ] {
        let Some(cap) = cap else { continue };
        let most = most(at, pool, (by, only)).await;
        assert!(
            most <= cap,
            "{}: {most} for one of {by}, {cap} at most: {rule:?}",
            pool.code
        );
    }
    let minimum = rule.base.minimum_fen.get();
    let small = format!("d.given_fen > 0 AND g.amount_fen < {minimum}");
    assert_eq!(count(at, pool, &small).await, 0, "below the minimum: {rule:?}");
    if let Some(from) = rule.hold_from_fen {
        let unasked = format!(
            "d.given_fen > 0 AND d.act <> 'released' AND g.amount_fen >= {} AND NOT EXISTS (SELECT 1
             FROM match_decision e WHERE e.pool_id = d.pool_id AND e.gift_id = d.gift_id AND e.act = 'released')",
            from.get()
        );
        assert_eq!(count(at, pool, &unasked).await, 0, "nobody released it: {rule:?}");
    }
    assert_eq!(count(at, pool, "(d.before_fen < 0 OR d.after_fen < 0)").await, 0);
    let view = queries::pool(at, &pool.code).await.unwrap().unwrap();
    let taken = view.tallies.given.plus(view.tallies.returned).unwrap();
    assert!(taken <= pool.locked, "{view:?}");
    let sql = "SELECT COUNT(*) AS n, CAST(COALESCE(SUM(given_fen), 0) AS BIGINT) AS sum_fen,
        CAST(COALESCE(MAX(number), 0) AS BIGINT) AS last FROM match_decision WHERE pool_id = ?1";
    let row = at.query_one(sql, params![(pool.id,)]).await.unwrap().unwrap();
    let given = view.tallies.given;
    assert_eq!(row.fen("sum_fen").unwrap(), given, "published total = sum of decisions");
    let (rows, last) = (row.int("n").unwrap(), row.int("last").unwrap());
    assert_eq!(rows, last, "running numbers have no gap");
    assert!(rows > 0);
}

/// Who was given a gift back and gives the same again gets no more than the first time. A gift that another pool had
/// matched alone never was this pool's.
async fn giving_again_brings_no_more(at: &mut Snapshot, pool: &Pool) {
    let sql = "SELECT g.trade_no, CAST(SUM(CASE WHEN d.given_fen > 0 THEN d.given_fen ELSE 0 END) AS BIGINT) AS got,
            SUM(CASE WHEN d.reason = 'other_pool' THEN 1 ELSE 0 END) AS elsewhere
        FROM match_decision d JOIN gift g ON g.id = d.gift_id
        WHERE d.pool_id = ?1 AND (g.trade_no LIKE 'A%' OR g.trade_no LIKE 'B%') GROUP BY g.trade_no";
    let rows = at.query(sql, params![(pool.id,)]).await.unwrap();
    let of = |trade_no: String| {
        let row = rows.iter().find(|row| row.text("trade_no").unwrap() == trade_no);
        let row = row.unwrap_or_else(|| panic!("{trade_no}"));
        (row.fen("got").unwrap(), row.int("elsewhere").unwrap())
    };
    for caller in 0..8 {
        let ((first, elsewhere), (again, _)) = (of(format!("A{caller}")), of(format!("B{caller}")));
        assert!(again <= first || elsewhere > 0, "{}: {first}, then {again}", pool.code);
    }
}

async fn storm(world: World, seed: u64, intakes: usize) {
    let rules = three_rules(seed);
    let mut pools = Vec::new();
    for (n, rule) in rules.iter().enumerate() {
        pools.push(opened(&world, &format!("pool-{n}"), 6_000, rule).await);
    }
    let (second, handle) = intake::start(world.services()).await.unwrap();
    let world = Arc::new(world);
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..8u64 {
        let giving = State {
            intake: if intakes == 2 && caller % 2 == 1 {
                second.clone()
            } else {
                world.giving.intake.clone()
            },
            services: world.services().clone(),
            gateways: Arc::default(),
        };
        callers.spawn(calls(Arc::clone(&world), giving, (seed, caller)));
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    drop(second);
    let world = Arc::try_unwrap(world).ok().unwrap();
    handle.stop(std::time::Duration::from_secs(5));
    let by = Actor::operator();
    for pool in &pools {
        let mut at = world.services().db.snapshot().await.unwrap();
        let held = queries::held(&mut at, pool).await.unwrap();
        drop(at);
        for (n, waiting) in held.iter().take(12).enumerate() {
            let gift = waiting.gift.unwrap();
            if n % 3 == 2 {
                actions::refuse(&world.giving, &by, pool.id, gift).await.unwrap();
            } else {
                actions::release(&world.giving, &by, pool.id, gift).await.unwrap();
            }
        }
    }
    all_agrees(&world).await;
    for pool in &pools {
        if actions::close(&world.giving, &by, pool.id).await.unwrap().state == PoolState::Closing {
            actions::share_out(&world.giving, &by, pool.id).await.unwrap();
        }
    }
    let mut at = world.services().db.snapshot().await.unwrap();
    for (pool, rule) in pools.iter().zip(&rules) {
        every_cap_holds(&mut at, pool, rule).await;
        if !rule.is_at_close() {
            giving_again_brings_no_more(&mut at, pool).await;
        }
    }
    drop(at);
    all_agrees(&world).await;
    world.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_on_two_intakes_over_postgres_never_overdraw_and_replay_identically() {
    for seed in 1..=4 {
        let test = db::testing::TestDb::postgres(&giving::all_migrations()).await;
        storm(world(test.db.clone()).await, seed, 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_over_sqlite_never_overdraw_and_replay_identically() {
    for seed in 1..=3 {
        let test = db::testing::TestDb::sqlite(&giving::all_migrations()).await;
        storm(world(test.db.clone()).await, seed, 1).await;
    }
}
