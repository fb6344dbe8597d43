//! What sponsors owe for their matches is settled when the money comes, on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::http::StatusCode;
use db::{Reads as _, params};
use giving::debts::actions::{Paid, settle};
use giving::donations::Outcome;
use giving::matching::actions::{self, NewPool};
use giving::matching::{Backing, MatchError, Pool, store};
use giving::projects::Project;
use giving::testing::{World, world};
use kernel::id::Id as _;
use kernel::{Channel, Fen, FundId, GiftId};
use ledger::LedgerError;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use serde_json::json;

use crate::client::Client;
use crate::matching::{all_agrees, by_phone, one_to_one, opened, refunded};

async fn give(world: &World, project: &Project, trade_no: &str, fen: i64) -> GiftId {
    match world.submit(by_phone(world, project, trade_no, (fen, None))).await {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

fn paid(world: &World, key: &str, fen: i64) -> Paid {
    Paid {
        key: key.to_owned(),
        amount: Fen::new(fen),
        on: world.today(),
        memo_code: Some("BANK-1".into()),
    }
}

/// What stands in the books on an account, of one fund or of all.
async fn booked(world: &World, code: &str, fund: Option<FundId>) -> i64 {
    let sql = "SELECT CAST(COALESCE(SUM(b.debit_fen - b.credit_fen), 0) AS BIGINT) AS fen
        FROM book_account a JOIN book_balance b ON b.unit_id = a.unit_id AND b.account_id = a.id
        WHERE a.code = ?1 AND (a.fund_id = ?2 OR ?3 = 0)";
    let of = fund.unwrap_or(world.restricted.fund);
    let mut at = world.services().db.snapshot().await.unwrap();
    let row = at.query_one(sql, params![code, (of,), i64::from(fund.is_some())]).await;
    row.unwrap().unwrap().int("fen").unwrap()
}

async fn owes(world: &World, pool: &Pool) -> i64 {
    let refused = settle(
        world.services(),
        &world.officer,
        pool.id,
        paid(world, "too-much", 1_000_000_000),
    )
    .await;
    match refused {
        Err(MatchError::OwesLess(owed)) => owed.get(),
        other => panic!("{other:?}"),
    }
}

db::both!(
    a_sponsor_pays_in_parts_and_every_fund_gets_what_its_matches_are_owed,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let (services, officer) = (world.services().clone(), world.officer.clone());
        let pool = opened(&world, "hot", 100_000, &one_to_one()).await;
        let (own, sub) = (world.restricted.fund, world.sub.fund);
        give(&world, &world.restricted, "N1", 100).await;
        let large = give(&world, &world.sub, "N2", 300).await;
        give(&world, &world.general, "N3", 40).await;
        assert_eq!(booked(&world, "1122", None).await, 440);
        assert_eq!(owes(&world, &pool).await, 440);

        let stranger = settle(&services, &world.county_officer, pool.id, paid(&world, "s0", 1)).await;
        assert!(matches!(stranger, Err(MatchError::NotFound("pool"))), "{stranger:?}");
        let first = settle(&services, &officer, pool.id, paid(&world, "s1", 440))
            .await
            .unwrap();
        let again = settle(&services, &officer, pool.id, paid(&world, "s1", 440))
            .await
            .unwrap();
        assert_eq!((first.number, &first), (1, &again));
        let other = settle(&services, &officer, pool.id, paid(&world, "s1", 439)).await;
        assert!(
            matches!(other, Err(MatchError::Books(LedgerError::KeyReused))),
            "{other:?}"
        );
        for fund in [own, sub, world.general.fund] {
            assert_eq!(booked(&world, "1122", Some(fund)).await, 0);
        }
        assert_eq!(
            (
                booked(&world, "1002", Some(own)).await,
                booked(&world, "1002", None).await
            ),
            (100, 440)
        );

        // Its match goes back after it was paid: the money moves to what is matched next.
        refunded(&world, large, 300, "r1").await;
        assert_eq!(booked(&world, "1122", None).await, -300);
        assert_eq!(owes(&world, &pool).await, 0);
        give(&world, &world.restricted, "N4", 500).await;
        assert_eq!(owes(&world, &pool).await, 200);
        settle(&services, &officer, pool.id, paid(&world, "s2", 50))
            .await
            .unwrap();
        assert_eq!(
            (
                booked(&world, "1122", Some(own)).await,
                booked(&world, "1122", Some(sub)).await
            ),
            (150, 0)
        );
        assert_eq!(
            (
                booked(&world, "1002", Some(own)).await,
                booked(&world, "1002", Some(sub)).await
            ),
            (450, 0)
        );
        settle(&services, &officer, pool.id, paid(&world, "s3", 150))
            .await
            .unwrap();
        assert_eq!((owes(&world, &pool).await, booked(&world, "1122", None).await), (0, 0));
        assert_eq!(booked(&world, "1002", None).await, 640, "all that the sponsor paid");

        let mut at = services.db.snapshot().await.unwrap();
        let sql = "SELECT journal_id FROM match_settled_share WHERE number = 3";
        let journal = at
            .query_one(sql, vec![])
            .await
            .unwrap()
            .unwrap()
            .id("journal_id")
            .unwrap();
        let sql = "SELECT COUNT(*) AS n FROM fact WHERE kind = 'pool.debt_settled'";
        assert_eq!(at.query_one(sql, vec![]).await.unwrap().unwrap().int("n").unwrap(), 3);
        drop(at);
        let slip = ledger::actions::Slip {
            key: "mistaken".into(),
            unit: world.city,
            business_day: world.today(),
            memo_code: None,
        };
        ledger::actions::reverse_journal(&services, &officer, slip, journal)
            .await
            .unwrap();
        assert_eq!(
            (owes(&world, &pool).await, booked(&world, "1122", None).await),
            (150, 150)
        );
        settle(&services, &officer, pool.id, paid(&world, "s4", 150))
            .await
            .unwrap();
        assert_eq!((owes(&world, &pool).await, booked(&world, "1122", None).await), (0, 0));
        all_agrees(&world).await;
        world.stop();
    }
);

async fn on_a_gift(world: &World, gift: GiftId, locked: i64) -> Pool {
    let (services, by) = (world.services(), Actor::operator());
    let sponsor = actions::add_sponsor(services, &by, world.city, "测试企业")
        .await
        .unwrap();
    let new = NewPool {
        unit: world.city,
        code: "own-gift".into(),
        title: "配捐池".into(),
        sponsor: sponsor.id,
        account: world.bank.id,
        campaign: None,
        priority: 0,
        backing: Backing::Gift(gift),
        locked: Fen::new(locked),
    };
    let pool = actions::create_pool(services, &by, new).await.unwrap();
    actions::write_rule(services, &by, pool.id, &one_to_one())
        .await
        .unwrap();
    actions::publish(services, &by, pool.id).await.unwrap();
    actions::open(&world.giving, &by, pool.id).await.unwrap()
}

db::both!(
    money_held_for_a_sponsor_becomes_the_matched_funds_own_while_it_is_there,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let (services, officer) = (world.services().clone(), world.officer.clone());
        let by = Actor::operator();
        let held = give(&world, &world.agency, "OWN", 5_000).await;
        let pool = on_a_gift(&world, held, 4_000).await;
        give(&world, &world.restricted, "N1", 2_000).await;
        give(&world, &world.sub, "N2", 300).await;
        assert_eq!(
            (booked(&world, "1122", None).await, booked(&world, "2601", None).await),
            (2_300, -5_000)
        );
        settle(&services, &officer, pool.id, paid(&world, "s1", 2_000))
            .await
            .unwrap();
        assert_eq!(
            (booked(&world, "1122", None).await, booked(&world, "2601", None).await),
            (300, -3_000)
        );
        assert_eq!(booked(&world, "100902", None).await, 3_000);
        assert_eq!(booked(&world, "100901", None).await, 2_300 + 2_000);

        let ask = async |key: &str, fen: i64| {
            let what = ledger::payouts::Ask {
                fund: world.agency.fund,
                channel: Channel::Notice,
                amount: Fen::new(fen),
            };
            let slip = ledger::actions::Slip {
                key: key.into(),
                unit: world.city,
                business_day: world.today(),
                memo_code: None,
            };
            ledger::payouts::ask(&services, &officer, slip, what).await
        };
        let locked = |asked: &Result<_, LedgerError>, of: i64, free: i64| matches!(asked, Err(LedgerError::Locked { locked, available }) if (locked.get(), available.get()) == (of, free));
        let refused = ask("passed-on", 1_001).await;
        assert!(
            locked(&refused, 2_000, 1_000),
            "the open pool may still give: {refused:?}"
        );
        let payout = ask("passed-on", 1_000).await.unwrap();
        ledger::payouts::approve(&services, &world.second, payout.id)
            .await
            .unwrap();
        actions::close(&world.giving, &by, pool.id).await.unwrap();
        let refused = ask("the-rest", 1_701).await;
        assert!(locked(&refused, 300, 1_700), "closed, only what it owes: {refused:?}");
        let payout = ask("the-rest", 1_700).await.unwrap();
        ledger::payouts::approve(&services, &world.second, payout.id)
            .await
            .unwrap();
        settle(&services, &officer, pool.id, paid(&world, "s2", 300))
            .await
            .unwrap();
        assert_eq!((owes(&world, &pool).await, booked(&world, "1122", None).await), (0, 0));
        assert_eq!(booked(&world, "2601", None).await, 0);
        all_agrees(&world).await;
        world.stop();
    }
);

/// What is held back of the agency fund, holder by holder.
async fn holds(world: &World) -> Vec<(Vec<u8>, i64)> {
    let sql = "SELECT holder, held_fen FROM book_agency_hold ORDER BY holder";
    let mut at = world.services().db.snapshot().await.unwrap();
    let rows = at.query(sql, vec![]).await.unwrap();
    let one = |row: &db::Row| (row.bytes("holder").unwrap(), row.int("held_fen").unwrap());
    rows.iter().map(one).collect()
}

db::both!(
    a_reversed_settlement_locks_its_money_again_before_anybody_can_pay_it_out,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let (services, officer) = (world.services().clone(), world.officer.clone());
        let held = give(&world, &world.agency, "OWN", 5_000).await;
        let pool = on_a_gift(&world, held, 4_000).await;
        give(&world, &world.restricted, "N1", 2_000).await;
        actions::close(&world.giving, &Actor::operator(), pool.id)
            .await
            .unwrap();
        settle(&services, &officer, pool.id, paid(&world, "s1", 500))
            .await
            .unwrap();
        settle(&services, &officer, pool.id, paid(&world, "s2", 1_500))
            .await
            .unwrap();
        assert_eq!(holds(&world).await, [], "all is settled");

        let slip = |key: &str| ledger::actions::Slip {
            key: key.into(),
            unit: world.city,
            business_day: world.today(),
            memo_code: None,
        };
        let mut at = services.db.snapshot().await.unwrap();
        let sql = "SELECT journal_id FROM match_settled_share WHERE number = 2";
        let row = at.query_one(sql, vec![]).await.unwrap().unwrap();
        let journal: kernel::JournalId = row.id("journal_id").unwrap();
        drop(at);
        ledger::actions::reverse_journal(&services, &officer, slip("mistaken"), journal)
            .await
            .unwrap();
        // Nobody has read the fact yet: the books hold it for the journal that was undone.
        assert_eq!(holds(&world).await, [(journal.bytes().to_vec(), 1_500)]);
        let ask = async |key: &str, fen: i64| {
            let what = ledger::payouts::Ask {
                fund: world.agency.fund,
                channel: Channel::Notice,
                amount: Fen::new(fen),
            };
            ledger::payouts::ask(&services, &officer, slip(key), what).await
        };
        let is_locked = |asked: &Result<_, LedgerError>| matches!(asked, Err(LedgerError::Locked { locked, available }) if (locked.get(), available.get()) == (1_500, 3_000));
        let refused = ask("too-much", 3_001).await;
        assert!(is_locked(&refused), "{refused:?}");
        let reaction = || platform::facts::Reactions::new(vec![Box::new(giving::debts::SettlementsReversed)]);
        crate::together::drained(&world, &reaction()).await;
        assert_eq!(holds(&world).await, [(pool.id.bytes().to_vec(), 1_500)]);
        let refused = ask("too-much", 3_001).await;
        assert!(is_locked(&refused), "{refused:?}");
        assert_eq!(owes(&world, &pool).await, 1_500);
        // Read once more from the beginning, it finds its work done.
        let mut tx = services.db.begin().await.unwrap();
        let again = "DELETE FROM reaction_cursor WHERE name = 'settlements_reversed'";
        tx.execute(again, vec![]).await.unwrap();
        tx.commit().await.unwrap();
        crate::together::drained(&world, &reaction()).await;
        assert_eq!(holds(&world).await, [(pool.id.bytes().to_vec(), 1_500)]);
        settle(&services, &officer, pool.id, paid(&world, "s3", 1_500))
            .await
            .unwrap();
        assert_eq!(holds(&world).await, []);
        assert!(ask("all", 3_000).await.is_ok());
        all_agrees(&world).await;
        world.stop();
    }
);

async fn client(world: &World, router: &axum::Router, (name, role): (&str, Role)) -> Client {
    let new = NewUser {
        name: name.to_owned(),
        kind: ActorKind::Person,
        unit: world.city,
        roles: vec![role],
        token: Some(NewToken {
            name: "test".into(),
            days: None,
        }),
        personal: Personal::default(),
    };
    let added = add_user(world.services(), &Actor::operator(), new).await.unwrap();
    Client {
        router: router.clone(),
        token: Some(added.token.unwrap().text),
    }
}

db::both!(
    the_debt_is_read_and_settled_by_those_who_keep_the_books,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let (router, _) = guard::finish(giving::debts::api::routes(), world.services().clone());
        let officer = client(&world, &router, ("officer", Role::FinanceOfficer)).await;
        let raiser = client(&world, &router, ("raiser", Role::FundraisingOfficer)).await;
        let pool = opened(&world, "hot", 100_000, &one_to_one()).await;
        give(&world, &world.restricted, "N1", 100).await;
        let (debt, settlements) = ("/api/v1/match/pools/hot/debt", "/api/v1/match/pools/hot/settlements");
        let (status, told) = officer.call("GET", debt, None).await;
        assert_eq!(
            (status, &told["owed_fen"], &told["pool"]),
            (StatusCode::OK, &json!(100), &json!("hot"))
        );
        let body = |fen: i64| json!({ "key": "k", "amount_fen": fen, "paid_on": world.today(), "memo_code": "B1" });
        assert_eq!(
            raiser.call("POST", settlements, Some(body(60))).await.0,
            StatusCode::FORBIDDEN
        );
        let (status, told) = officer.call("POST", settlements, Some(body(101))).await;
        assert_eq!(
            (status, &told["type"]),
            (StatusCode::CONFLICT, &json!("/problems/sponsor-owes-less"))
        );
        let (status, first) = officer.call("POST", settlements, Some(body(60))).await;
        assert_eq!((status, &first["number"]), (StatusCode::CREATED, &json!(1)));
        assert_eq!(
            officer.call("POST", settlements, Some(body(60))).await,
            (status, first.clone())
        );
        let (_, told) = officer.call("GET", debt, None).await;
        assert_eq!((&told["settled_fen"], &told["owed_fen"]), (&json!(60), &json!(40)));
        assert_eq!(told["settlements"], json!([first]));
        let tomorrow = json!({ "key": "l", "amount_fen": 1, "paid_on": world.today().plus_days(1) });
        assert_eq!(
            officer.call("POST", settlements, Some(tomorrow)).await.0,
            StatusCode::BAD_REQUEST
        );
        assert_eq!(
            officer.call("GET", "/api/v1/match/pools/none/debt", None).await.0,
            StatusCode::NOT_FOUND
        );
        let mut at = world.services().db.snapshot().await.unwrap();
        let tallies = store::tallies(&mut at, world.city, pool.id).await.unwrap();
        assert_eq!(tallies.given, Fen::new(100), "what was matched is not changed");
        drop(at);
        world.stop();
    }
);
