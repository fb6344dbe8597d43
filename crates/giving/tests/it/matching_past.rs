//! What a rule would have done on a past stream, against what pools under the same rules did; and what a stranger can
//! recompute.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::http::StatusCode;
use db::{Reads as _, params};
use giving::donations::{Outcome, Source};
use giving::matching::actions;
use giving::matching::model::{Kind, Prize};
use giving::matching::queries::{self, Past, PastOf, PastStream};
use giving::matching::rules::{PastGift, Plan, PoolRecord, RecordedGift, RecordedRow, replay};
use giving::matching::{PayerKind, Rule};
use giving::testing::{World, world};
use kernel::Fen;
use platform::identity::Actor;

use crate::client::Client;
use crate::matching::{by_phone, one_to_one, opened, refunded, rule};

async fn past(world: &World, past: Past) -> Vec<PastGift> {
    let services = world.services();
    let mut at = services.db.snapshot().await.unwrap();
    let mut stream = PastStream::open(&mut at, services, &past).await.unwrap();
    let mut all = Vec::new();
    loop {
        let page = stream.next_page(&mut at, services).await.unwrap();
        if page.is_empty() {
            return all;
        }
        // Through their text, as they are exported.
        all.extend(page.iter().map(|gift| {
            let text = serde_json::to_string(gift).unwrap();
            serde_json::from_str::<PastGift>(&text).unwrap()
        }));
    }
}

const ALL: Past = Past {
    of: PastOf::Everything,
    from: None,
    to: None,
};

fn rules() -> Vec<(&'static str, Rule)> {
    let mut by_person = one_to_one();
    by_person.caps.person_fen = Some(Fen::new(250));
    let mut even = rule(Kind::Proportional);
    even.caps.gift_fen = Some(Fen::new(400));
    even.caps.person_fen = Some(Fen::new(500));
    let quadratic = rule(Kind::Quadratic {
        project_permille_max: 700,
    });
    let prize = |rank, fen| Prize {
        from_rank: rank,
        to_rank: rank,
        each_fen: Fen::new(fen),
    };
    let score = rule(Kind::Score {
        sum_points: 60,
        count_points: 40,
        extra: Vec::new(),
        prizes: vec![prize(1, 500), prize(2, 200)],
    });
    // Prizes that no rank reaches: nobody gets anything, and what is left is not shared out otherwise.
    let out_of_reach = rule(Kind::Score {
        sum_points: 60,
        count_points: 40,
        extra: Vec::new(),
        prizes: vec![prize(9, 500)],
    });
    vec![
        ("ratio", by_person),
        ("even", even),
        ("quadratic", quadratic),
        ("score", score),
        ("far", out_of_reach),
    ]
}

db::both!(
    a_plan_of_the_past_gives_each_project_what_the_pool_gave_it,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let by = Actor::operator();
        let mut pools = Vec::new();
        for (code, rule) in rules() {
            pools.push((opened(&world, code, 2_000, &rule).await, rule));
        }
        let mut gifts = Vec::new();
        for (n, (fen, phone)) in [(100, 1), (333, 2), (200, 1), (77, 3), (500, 4), (150, 2)]
            .into_iter()
            .enumerate()
        {
            let project = if n % 2 == 0 { &world.restricted } else { &world.sub };
            let phone = format!("1380000000{phone}");
            let gift = by_phone(&world, project, &format!("N{n}"), (fen, Some(&phone)));
            let Outcome::Recorded(gift) = world.submit(gift).await else {
                panic!("a new gift")
            };
            gifts.push(gift);
        }
        refunded(&world, gifts[4], 500, "the only one of its payer").await;
        for (pool, rule) in &pools {
            actions::close(&world.giving, &by, pool.id).await.unwrap();
            if rule.is_at_close() {
                actions::share_out(&world.giving, &by, pool.id).await.unwrap();
            }
        }
        let stream = past(&world, ALL).await;
        assert_eq!(stream.len(), gifts.len(), "matches are no gifts of the stream");
        assert!(stream.iter().all(|gift| gift.person.is_some()));
        assert_eq!(stream[0].person, stream[2].person, "one payer, one name");
        let again = past(&world, ALL).await;
        assert_ne!(stream[0].person, again[0].person, "a name of one export only");
        let mut at = world.services().db.snapshot().await.unwrap();
        for (pool, rule) in &pools {
            let mut plan = Plan::new(rule, Fen::new(2_000));
            for gift in &stream {
                plan.take(gift, gift.payer());
            }
            let planned = plan.finish();
            let view = queries::pool(&mut at, &pool.code).await.unwrap().unwrap();
            assert_eq!(planned.given_fen, view.tallies.given, "{}", pool.code);
            assert_eq!(planned.given_fen.is_positive(), pool.code != "far", "{planned:?}");
            for one in &planned.projects {
                let sql = "SELECT CAST(SUM(d.given_fen) AS BIGINT) AS given FROM match_decision d
                    JOIN project p ON p.id = d.project_id WHERE d.pool_id = ?1 AND p.code = ?2";
                let row = at.query_one(sql, params![(pool.id,), &one.project]).await.unwrap();
                assert_eq!(row.unwrap().fen("given").unwrap(), one.given_fen, "{one:?}");
            }
        }
        drop(at);

        let mut imported = by_phone(&world, &world.general, "FILE-1", (900, None));
        imported.source = Source::Import;
        imported.payer.name = Some("示例有限公司".into());
        world.submit(imported).await;
        let of = PastOf::Project(world.general.id);
        let found = past(&world, Past { of, ..ALL }).await;
        assert_eq!(found.len(), 1, "an import is part of the past");
        assert_eq!(
            (found[0].gift.amount_fen, &found[0].person, found[0].payer_kind),
            (Fen::new(900), &None, Some(PayerKind::Organisation))
        );
        let of = PastOf::Campaign(world.campaign);
        assert_eq!(past(&world, Past { of, ..ALL }).await.len(), gifts.len());
        let today = Some(world.today());
        let day = |from, to| past(&world, Past { from, to, ..ALL });
        assert_eq!(day(today, today).await.len(), gifts.len() + 1);
        assert_eq!(day(today.map(|day| day.plus_days(1)), None).await, []);
        assert_eq!(day(None, today.map(|day| day.plus_days(-1))).await, []);
        world.stop();
    }
);

db::both!(
    a_stranger_recomputes_a_pool_from_what_is_public_alone,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let by = Actor::operator();
        let mut all = rules();
        all.push((
            "drawn",
            rule(Kind::Random {
                from_fen: Fen::new(5),
                to_fen: Fen::new(90),
                chance_permille: 600,
            }),
        ));
        let mut pools = Vec::new();
        for (code, rule) in all {
            pools.push((opened(&world, code, 2_000, &rule).await, rule));
        }
        let mut given = Vec::new();
        for n in 0..6 {
            let phone = format!("1380000000{}", n % 3);
            let mut gift = by_phone(&world, &world.sub, &format!("N{n}"), (100 + n, Some(&phone)));
            gift.paid_at = gift.paid_at.plus_micros(-7_500_000);
            let Outcome::Recorded(gift) = world.submit(gift).await else {
                panic!("a new gift")
            };
            given.push(gift);
        }
        refunded(&world, given[1], 50, "half of it").await;
        let routes = giving::matching::api::routes(&world.giving);
        let (router, _) = platform::identity::guard::finish(routes, world.services().clone());
        let stranger = Client { router, token: None };
        for (pool, rule) in &pools {
            actions::close(&world.giving, &by, pool.id).await.unwrap();
            if rule.is_at_close() {
                actions::share_out(&world.giving, &by, pool.id).await.unwrap();
            }
            let (_, shown) = stranger
                .call("GET", &format!("/api/v1/match/pools/{}", pool.code), None)
                .await;
            let path = |name: &str| shown[name].as_str().unwrap().to_owned();
            let (status, decisions) = stranger.text("GET", &path("decisions_path"), None).await;
            assert_eq!(status, StatusCode::OK);
            let (status, gifts) = stranger.text("GET", &path("gifts_path"), None).await;
            assert_eq!(status, StatusCode::OK);
            for text in [&decisions, &gifts] {
                assert!(!text.contains("测试甲") && !text.contains("1380000"), "{text}");
            }
            let (record, rows) = decisions.split_once('\n').unwrap();
            let record: PoolRecord = serde_json::from_str(record).unwrap();
            let rows: Vec<RecordedRow> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let mut gifts: Vec<RecordedGift> = gifts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(gifts.len(), given.len(), "each once, however many rows tell of it");
            let to_the_minute = |gift: &RecordedGift| gift.paid_at.micros() % 60_000_000 == 0;
            assert!(
                gifts.iter().all(to_the_minute),
                "the moment of a payment tells who paid"
            );
            let found = replay(std::slice::from_ref(&record), &rows, &gifts);
            assert_eq!(
                (found.differences, found.sealed_draws),
                (Vec::new(), 0),
                "{}",
                pool.code
            );
            if pool.code == "ratio" {
                gifts[0].amount_fen = Fen::new(99);
                assert!(!replay(&[record], &rows, &gifts).differences.is_empty());
                let csv = path("gifts_path") + "?format=csv";
                let (_, csv) = stranger.text("GET", &csv, None).await;
                assert_eq!(csv.lines().count(), 1 + given.len(), "{csv}");
                assert!(csv.starts_with("gift,project,"), "{csv}");
            }
        }
        let none = stranger.text("GET", "/api/v1/match/pools/no-such/gifts", None).await;
        assert_eq!(none.0, StatusCode::NOT_FOUND);
        world.stop();
    }
);
