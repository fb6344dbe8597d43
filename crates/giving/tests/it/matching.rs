//! Matching through the real intake, on both databases: decided in the gift's own transaction, shrunk with refunds,
//! shared out at the close, replayed to the fen.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use db::{Reads as _, params};
use giving::donations::refunds::{self, RefundReason};
use giving::donations::totals::{self, Of};
use giving::donations::{DonationError, Incoming, Outcome, Payer, recount};
use giving::matching::actions::{self, NewPool};
use giving::matching::model::{Base, Caps, Eligible, Kind, OnRefund, Partial, Payers, Span, Stacking, Window};
use giving::matching::rules::{Difference, RecordedGift, replay};
use giving::matching::{Backing, Cap, MatchError, Pool, PoolState, Reason, Rule, export, queries, store, words};
use giving::projects::Project;
use giving::testing::{World, world};
use kernel::{Channel, Fen, GiftId};
use platform::identity::{Actor, Scope};
use web::Locale;

pub(crate) fn rule(kind: Kind) -> Rule {
    let now = platform::testing::NOW;
    let span = Span {
        from: now.plus_micros(-3_600_000_000),
        to: now.plus_micros(72 * 3_600_000_000),
    };
    Rule {
        eligible: Eligible::default(),
        window: Window {
            spans: vec![span],
            daily: None,
        },
        base: Base::default(),
        kind,
        bonus: Vec::new(),
        round_to_fen: Fen::new(1),
        caps: Caps::default(),
        partial: Partial::Allowed,
        stacking: Stacking::Adds,
        on_refund: OnRefund::ToPool,
        hold_from_fen: None,
    }
}

pub(crate) fn one_to_one() -> Rule {
    rule(Kind::Ratio { permille: 1_000 })
}

async fn drafted(world: &World, code: &str, locked: i64, rule: &Rule) -> Pool {
    let (services, by) = (world.services(), Actor::operator());
    let sponsor = actions::add_sponsor(services, &by, world.city, &format!("测试企业{code}"))
        .await
        .unwrap();
    let mut tx = services.db.begin().await.unwrap();
    let about = platform::files::About {
        unit: world.city,
        media_type: "application/pdf".into(),
        sealed: platform::files::Sealed::Plain,
    };
    let written = platform::files::Written {
        sha256: [code.len() as u8; 32],
        length: 1,
    };
    let file = platform::files::record(&mut tx, &about, written, services)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let new = NewPool {
        unit: world.city,
        code: code.into(),
        title: format!("配捐池{code}"),
        sponsor: sponsor.id,
        account: world.bank.id,
        campaign: None,
        priority: 0,
        backing: Backing::Agreement {
            file,
            signed_on: world.today(),
        },
        locked: Fen::new(locked),
    };
    let pool = actions::create_pool(services, &by, new).await.unwrap();
    actions::write_rule(services, &by, pool.id, rule).await.unwrap()
}

pub(crate) async fn opened(world: &World, code: &str, locked: i64, rule: &Rule) -> Pool {
    let by = Actor::operator();
    let pool = drafted(world, code, locked, rule).await;
    actions::publish(world.services(), &by, pool.id).await.unwrap();
    actions::open(&world.giving, &by, pool.id).await.unwrap()
}

pub(crate) fn by_phone(
    world: &World,
    project: &Project,
    trade_no: &str,
    (fen, phone): (i64, Option<&str>),
) -> Incoming {
    Incoming {
        payer: Payer {
            name: Some("测试甲".into()),
            phone: phone.map(str::to_owned),
            ..Payer::default()
        },
        ..world.incoming(project, trade_no, fen)
    }
}

async fn give(world: &World, trade_no: &str, fen: i64, phone: Option<&str>) -> GiftId {
    match world
        .submit(by_phone(world, &world.restricted, trade_no, (fen, phone)))
        .await
    {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

pub(crate) async fn said(world: &World, gift: GiftId) -> Vec<(i64, Reason, Option<Cap>)> {
    let mut at = world.services().db.snapshot().await.unwrap();
    let all = queries::of_gift(&mut at, gift).await.unwrap();
    all.iter()
        .map(|one| (one.decision.given.get(), one.decision.reason, one.decision.cap))
        .collect()
}

pub(crate) async fn refunded(world: &World, gift: GiftId, fen: i64, key: &str) {
    let what = (gift, Fen::new(fen), RefundReason::WrongPayment);
    let refund = refunds::request(world.services(), &world.officer, what, key)
        .await
        .unwrap();
    refunds::approve(world.services(), &world.second, refund.id)
        .await
        .unwrap();
}

/// Books and totals agree, the published sums are those of the decisions, the replay is identical.
pub(crate) async fn all_agrees(world: &World) {
    let services = world.services();
    let mut at = services.db.snapshot().await.unwrap();
    let books = ledger::recount(&mut at).await.unwrap();
    assert!(books.agrees(), "{books:?}");
    let gifts = recount(&mut at).await.unwrap();
    assert!(gifts.agrees(), "{gifts:?}");
    let tree = &services.tree;
    let matched = totals::matched(&mut at, Of::Everything, &Scope::Everything, tree)
        .await
        .unwrap();
    let net = matched.sum_fen.minus(matched.refunds.sum_fen).unwrap();
    let views = queries::list(&mut at, &Scope::Everything, tree, None, 500)
        .await
        .unwrap();
    let given = Fen::sum(views.iter().map(|view| view.tallies.given)).unwrap();
    assert_eq!(net, given, "what the totals and the pools say was matched");
    for seeds in [true, false] {
        let found = differences(world, seeds).await;
        assert!(found.is_empty(), "with the seeds shown ({seeds}): {found:#?}");
    }
}

/// What a recomputation finds, by the house itself, which may look at the seeds, or by the public before a close.
async fn differences(world: &World, with_seeds: bool) -> Vec<Difference> {
    let services = world.services();
    let mut at = services.db.snapshot().await.unwrap();
    let views = queries::list(&mut at, &Scope::Everything, &services.tree, None, 500)
        .await
        .unwrap();
    let (mut pools, mut rows, mut gifts) = (Vec::new(), Vec::new(), Vec::<RecordedGift>::new());
    for view in views {
        let mut record = export::pool_record(&view).unwrap();
        let seed = store::seed(&mut at, view.pool.id, &services.keys).await.unwrap();
        record.seed = with_seeds.then(|| kernel::id::hex(&seed));
        pools.push(record);
        let mut after = 0;
        loop {
            let page = export::page(&mut at, services, &view.pool, after).await.unwrap();
            let Some((last, _)) = page.last() else { break };
            after = last.number;
            for (row, gift) in page {
                rows.push(row);
                gifts.extend(gift);
            }
        }
    }
    // Through their text, as they are exported.
    let rows = serde_json::from_str(&serde_json::to_string(&rows).unwrap()).unwrap();
    let rows: Vec<_> = rows;
    replay(&pools, &rows, &gifts).differences
}

db::both!(
    a_gift_is_matched_in_its_own_transaction_and_says_so,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let early = give(&world, "N0", 100, None).await;
        let pool = opened(&world, "hot", 150, &one_to_one()).await;
        let first = give(&world, "N1", 100, None).await;
        let second = give(&world, "N2", 100, None).await;
        let third = give(&world, "N3", 100, None).await;
        let again = world
            .submit(by_phone(&world, &world.restricted, "N1", (100, None)))
            .await;
        assert_eq!(again, Outcome::Known(first));
        assert_eq!(said(&world, early).await, []);
        assert_eq!(said(&world, first).await, [(100, Reason::Matched, None)]);
        assert_eq!(said(&world, second).await, [(50, Reason::Cut, Some(Cap::Pool))]);
        assert_eq!(said(&world, third).await, [(0, Reason::PoolEmpty, Some(Cap::Pool))]);

        let mut at = world.services().db.snapshot().await.unwrap();
        let tree = &world.services().tree;
        let people = totals::sums(&mut at, Of::Everything, &Scope::Everything, tree)
            .await
            .unwrap();
        assert_eq!((people.gifts, people.sum_fen), (4, Fen::new(400)));
        let matched = totals::matched(&mut at, Of::Everything, &Scope::Everything, tree)
            .await
            .unwrap();
        assert_eq!((matched.gifts, matched.sum_fen), (2, Fen::new(150)));
        let of_gift = queries::of_gift(&mut at, second).await.unwrap();
        let words = words::decision(Locale::En, &of_gift[0].decision);
        assert_eq!(
            words,
            "Matched ¥0.50 (the rule offers ¥1.00; cut by the rest of the pool)"
        );
        let sponsors = of_gift[0].decision.match_gift.unwrap();
        let from = queries::of_match(&mut at, sponsors).await.unwrap().unwrap();
        assert_eq!((from.pool.as_str(), from.decision.gift), ("hot", Some(second)));
        let gift = giving::donations::queries::gift(&mut at, sponsors)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((gift.channel, gift.source.as_str()), (Channel::Match, "match"));
        assert_eq!(gift.shown_name.as_deref(), Some("测试企业hot"));
        let sql = "SELECT COUNT(*) AS n FROM fact WHERE kind = 'gift.confirmed'";
        assert_eq!(at.query_one(sql, vec![]).await.unwrap().unwrap().int("n").unwrap(), 6);
        let view = queries::of_project(&mut at, world.restricted.id, tree).await.unwrap();
        assert_eq!(view.len(), 1);
        assert_eq!(view[0].tallies.left(), Fen::ZERO);
        drop(at);
        let closed = actions::close(&world.giving, &Actor::operator(), pool.id)
            .await
            .unwrap();
        assert_eq!(closed.state, PoolState::Closed);
        let seed: [u8; 32] = closed.seed.unwrap().try_into().unwrap();
        assert_eq!(Some(giving::matching::rules::commitment(&seed)), closed.commitment);
        let late = give(&world, "N4", 100, None).await;
        assert_eq!(said(&world, late).await, []);
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    a_refund_shrinks_the_match_in_proportion_and_giving_again_brings_no_more,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let mut capped = one_to_one();
        capped.caps.person_fen = Some(Fen::new(90));
        opened(&world, "hot", 100_000, &capped).await;
        let phone = Some("13800000001");
        let first = give(&world, "N1", 100, phone).await;
        assert_eq!(said(&world, first).await, [(90, Reason::Cut, Some(Cap::Person))]);
        refunded(&world, first, 50, "r1").await;
        assert_eq!(said(&world, first).await.last(), Some(&(-45, Reason::Refunded, None)));
        let again = give(&world, "N2", 50, phone).await;
        assert_eq!(said(&world, again).await, [(45, Reason::Cut, Some(Cap::Person))]);
        refunded(&world, first, 50, "r2").await;
        assert_eq!(said(&world, first).await.last(), Some(&(-45, Reason::Refunded, None)));
        let mut at = world.services().db.snapshot().await.unwrap();
        let view = queries::pool(&mut at, "hot").await.unwrap().unwrap();
        assert_eq!(view.tallies.given, Fen::new(45));
        drop(at);
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    a_held_match_waits_for_a_person_and_the_gift_does_not,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let mut held = one_to_one();
        held.hold_from_fen = Some(Fen::new(500));
        let pool = opened(&world, "hot", 10_000, &held).await;
        let by = Actor::operator();
        let large = give(&world, "N1", 500, None).await;
        let larger = give(&world, "N2", 600, None).await;
        assert_eq!(said(&world, large).await, [(0, Reason::Held, None)]);
        let mut at = world.services().db.snapshot().await.unwrap();
        assert_eq!(queries::held(&mut at, &pool).await.unwrap().len(), 2);
        drop(at);
        refunded(&world, large, 100, "r1").await;
        let released = actions::release(&world.giving, &by, pool.id, large).await.unwrap();
        assert_eq!((released.given, released.reason), (Fen::new(400), Reason::Matched));
        let again = actions::release(&world.giving, &by, pool.id, large).await.unwrap();
        assert_eq!(again.number, released.number);
        let refused = actions::refuse(&world.giving, &by, pool.id, larger).await.unwrap();
        assert_eq!((refused.given, refused.reason), (Fen::ZERO, Reason::Refused));
        let then = actions::release(&world.giving, &by, pool.id, larger).await;
        assert!(matches!(then, Err(MatchError::NotHeld)), "{then:?}");
        refunded(&world, large, 400, "r2").await;
        assert_eq!(said(&world, large).await.last(), Some(&(-400, Reason::Refunded, None)));
        let mut at = world.services().db.snapshot().await.unwrap();
        assert_eq!(queries::held(&mut at, &pool).await.unwrap().len(), 0);
        drop(at);
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    a_pool_is_shared_out_at_its_close_to_the_last_fen,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let by = Actor::operator();
        let even = opened(&world, "even", 1_000, &rule(Kind::Proportional)).await;
        let quadratic = Kind::Quadratic {
            project_permille_max: 1_000,
        };
        let wide = opened(&world, "wide", 1_000, &rule(quadratic)).await;
        let mut gifts = Vec::new();
        for n in 0..3 {
            let phone = format!("1380000000{n}");
            gifts.push(give(&world, &format!("N{n}"), 100, Some(&phone)).await);
        }
        let other = by_phone(&world, &world.sub, "N9", (300, Some("13800000009")));
        world.submit(other).await;
        refunded(&world, gifts[2], 100, "r1").await;
        for pool in [&even, &wide] {
            let closing = actions::close(&world.giving, &by, pool.id).await.unwrap();
            assert_eq!(closing.state, PoolState::Closing);
            actions::share_out(&world.giving, &by, pool.id).await.unwrap();
            assert_eq!(actions::share_out(&world.giving, &by, pool.id).await.unwrap(), 0);
        }
        let shared = said(&world, gifts[0]).await;
        assert_eq!(shared.iter().filter(|one| one.0 == 200).count(), 1, "{shared:?}");
        let mut at = world.services().db.snapshot().await.unwrap();
        for code in ["even", "wide"] {
            let view = queries::pool(&mut at, code).await.unwrap().unwrap();
            assert_eq!(
                (view.pool.state, view.tallies.left()),
                (PoolState::Closed, Fen::ZERO),
                "{code}"
            );
        }
        drop(at);
        // After the close the sponsor gets it back.
        refunded(&world, gifts[0], 100, "r2").await;
        let mut at = world.services().db.snapshot().await.unwrap();
        let view = queries::pool(&mut at, "even").await.unwrap().unwrap();
        assert_eq!((view.tallies.returned, view.tallies.left()), (Fen::new(200), Fen::ZERO));
        drop(at);
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    money_behind_a_pool_must_be_there_and_is_locked_once,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let (services, by) = (world.services(), Actor::operator());
        let agency = world.submit(world.incoming(&world.agency, "N1", 1_000)).await;
        let income = world.submit(world.incoming(&world.general, "N2", 1_000)).await;
        let (Outcome::Recorded(agency), Outcome::Recorded(income)) = (agency, income) else {
            panic!("two new gifts");
        };
        let sponsor = actions::add_sponsor(services, &by, world.city, "测试企业")
            .await
            .unwrap();
        let new = |code: &str, gift, locked| NewPool {
            unit: world.city,
            code: code.into(),
            title: "配捐池".into(),
            sponsor: sponsor.id,
            account: world.bank.id,
            campaign: Some(world.campaign),
            priority: 1,
            backing: Backing::Gift(gift),
            locked: Fen::new(locked),
        };
        let refused = actions::create_pool(services, &by, new("one", income, 10)).await;
        assert!(matches!(refused, Err(MatchError::NotPassedOn)), "{refused:?}");
        let pool = actions::create_pool(services, &by, new("one", agency, 600))
            .await
            .unwrap();
        let refused = actions::create_pool(services, &by, new("two", agency, 401)).await;
        assert!(
            matches!(refused, Err(MatchError::NotCovered(left)) if left == Fen::new(400)),
            "{refused:?}"
        );
        let refused = actions::create_pool(services, &by, new("one", agency, 1)).await;
        assert!(matches!(refused, Err(MatchError::CodeTaken(_))), "{refused:?}");
        let refused = actions::publish(services, &by, pool.id).await;
        assert!(matches!(refused, Err(MatchError::State("draft"))), "{refused:?}");
        let refused = actions::write_rule(services, &world.officer, pool.id, &one_to_one()).await;
        assert!(matches!(refused, Err(MatchError::Forbidden(_))), "{refused:?}");
        actions::write_rule(services, &by, pool.id, &one_to_one())
            .await
            .unwrap();
        actions::publish(services, &by, pool.id).await.unwrap();
        actions::open(&world.giving, &world.officer, pool.id).await.unwrap();
        let refused = actions::write_rule(services, &by, pool.id, &one_to_one()).await;
        assert!(matches!(refused, Err(MatchError::State("open"))), "{refused:?}");
        // Outside the campaign the pool has nothing to say.
        let general = world.submit(world.incoming(&world.general, "N3", 10)).await;
        let Outcome::Recorded(general) = general else {
            panic!("a new gift")
        };
        assert_eq!(said(&world, general).await, []);
        // What the pool has promised stays; the rest of the gift may go back, and all of it that was not given once it is closed.
        let ask = |fen: i64, key: &'static str| {
            let what = (agency, Fen::new(fen), RefundReason::WrongPayment);
            refunds::request(services, &world.officer, what, key)
        };
        let refused = ask(401, "k1").await;
        assert!(
            matches!(refused, Err(DonationError::BacksPool { free }) if free == Fen::new(400)),
            "{refused:?}"
        );
        refunded(&world, agency, 400, "k2").await;
        assert!(matches!(ask(1, "k3").await, Err(DonationError::BacksPool { free }) if free == Fen::ZERO));
        give(&world, "N4", 250, None).await;
        actions::close(&world.giving, &by, pool.id).await.unwrap();
        assert!(matches!(ask(351, "k4").await, Err(DonationError::BacksPool { free }) if free == Fen::new(350)));
        refunded(&world, agency, 350, "k5").await;
        world.stop();
    }
);

db::both!(
    first_gifts_excluded_payers_and_draws_are_decided_from_what_is_kept,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services();
        let mut first = one_to_one();
        first.eligible.payers = Payers::FirstGift;
        opened(&world, "first", 10_000, &first).await;
        let random = Kind::Random {
            from_fen: Fen::new(1),
            to_fen: Fen::new(50),
            chance_permille: 500,
        };
        opened(&world, "random", 10_000, &rule(random)).await;
        let one = give(&world, "N1", 10, Some("13800000001")).await;
        let two = give(&world, "N2", 10, Some("138 0000 0001")).await;
        let three = give(&world, "N3", 10, None).await;
        let reasons = |all: Vec<(i64, Reason, Option<Cap>)>| all[0].1;
        assert_eq!(reasons(said(&world, one).await), Reason::Matched);
        assert_eq!(reasons(said(&world, two).await), Reason::NotFirst);
        assert_eq!(reasons(said(&world, three).await), Reason::PayerUnknown);
        for n in 10..60 {
            give(&world, &format!("N{n}"), 10, None).await;
        }
        let mut at = services.db.snapshot().await.unwrap();
        let drawn = queries::pool(&mut at, "random").await.unwrap().unwrap().tallies;
        assert!((5..48).contains(&drawn.matches), "{drawn:?}");
        drop(at);
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    a_changed_decision_is_found_by_the_replay,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let pool = opened(&world, "hot", 10_000, &one_to_one()).await;
        give(&world, "N1", 100, None).await;
        give(&world, "N2", 100, None).await;
        let mut tx = world.services().db.begin().await.unwrap();
        let sql = "UPDATE match_decision SET given_fen = 101 WHERE pool_id = ?1 AND number = 2";
        tx.execute(sql, params![(pool.id,)]).await.unwrap();
        tx.commit().await.unwrap();
        let found = differences(&world, true).await;
        let given = found.iter().find(|d| d.number == 2 && d.what == "given").unwrap();
        assert_eq!((given.recorded.as_str(), given.computed.as_str()), ("1.01", "1.00"));

        world.stop();
    }
);

/// Six gifts of one payer within the window of screening: it marks the payer after they were matched.
async fn a_burst(world: &World, name: &str) -> Vec<GiftId> {
    let mut burst = Vec::new();
    for n in 0..6 {
        let mut gift = by_phone(
            world,
            &world.restricted,
            &format!("{name}{n}"),
            (2_000, Some("13800000001")),
        );
        gift.payer.name = Some("王小明".into());
        match world.submit(gift).await {
            Outcome::Recorded(gift) => burst.push(gift),
            other => panic!("{other:?}"),
        }
    }
    burst
}

async fn screened(world: &World) {
    let all = platform::facts::Reactions::new(vec![Box::new(giving::screening::Screening)]);
    crate::together::drained(world, &all).await;
}

db::both!(
    a_marked_payers_match_waits_and_what_a_reviewer_keeps_goes_back,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        use giving::screening::actions::decide;
        use giving::screening::model::Decision;
        let world = world(test.db.clone()).await;
        opened(&world, "open-hand", 1_000_000, &one_to_one()).await;
        let burst = a_burst(&world, "B").await;
        assert_eq!(
            said(&world, burst[5]).await,
            [(2_000, Reason::Matched, None)],
            "decided with the gift"
        );
        screened(&world).await;
        world.at(world.clock_plus(2_000_000));
        let mut seventh = by_phone(&world, &world.restricted, "B6", (2_000, Some("138 0000 0001")));
        seventh.payer.name = Some("王小明".into());
        let mut eighth = seventh.clone();
        eighth.trade_no = "B7".into();
        let (Outcome::Recorded(seventh), Outcome::Recorded(eighth)) =
            (world.submit(seventh).await, world.submit(eighth).await)
        else {
            panic!("the gift never waits")
        };
        assert_eq!(said(&world, seventh).await, [(0, Reason::Held, None)], "its match does");
        let fine = give(&world, "FINE", 2_000, Some("13800000002")).await;
        assert_eq!(said(&world, fine).await, [(2_000, Reason::Matched, None)]);
        screened(&world).await;

        let services = world.services();
        let by = &world.officer;
        for (gift, decision) in [
            (burst[0], Decision::Keep),
            (burst[1], Decision::Clear),
            (seventh, Decision::Clear),
            (eighth, Decision::Keep),
        ] {
            decide(services, by, (gift, decision, "查过付款记录")).await.unwrap();
        }
        let mut at = services.db.snapshot().await.unwrap();
        let sql = "SELECT COUNT(*) AS n FROM job WHERE kind = 'screening_settle_matches'";
        let jobs = at.query_one(sql, params![]).await.unwrap().unwrap().int("n").unwrap();
        assert_eq!(jobs, 2, "one for each match that waits");
        drop(at);
        let settle = async |gift, act| {
            actions::settle_waiting(&world.giving, &Actor::operator(), gift, act)
                .await
                .unwrap()
        };
        use giving::matching::Act;
        assert_eq!(settle(seventh, Act::Released).await, 1);
        assert_eq!(settle(seventh, Act::Released).await, 1, "the same again is the same");
        assert_eq!(settle(eighth, Act::Refused).await, 1);
        let given = async |gift| said(&world, gift).await.iter().map(|one| one.0).sum::<i64>();
        assert_eq!(given(burst[0]).await, 0, "kept: it went back");
        assert_eq!(said(&world, burst[0]).await[1], (-2_000, Reason::Refused, None));
        assert_eq!(given(burst[1]).await, 2_000, "cleared: it stays");
        assert_eq!((given(seventh).await, given(eighth).await), (2_000, 0));
        all_agrees(&world).await;

        // A refund of a kept gift takes nothing from its pool a second time.
        refunded(&world, burst[0], 700, "part of a kept one").await;
        refunded(&world, burst[1], 1_000, "half of a cleared one").await;
        assert_eq!((given(burst[0]).await, given(burst[1]).await), (0, 1_000));
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    a_sponsors_own_gift_moves_no_board,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        use giving::boards::queries::{When, boards};
        use giving::boards::{Counting, Kind as By};
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let by = Actor::operator();
        let held = give_to_agency(&world, "OWN", 500_000).await;
        give(&world, "ONE", 2_000, None).await;
        let sponsor = actions::add_sponsor(&services, &by, world.city, "蒙山果业合作社")
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
            backing: Backing::Gift(held),
            locked: Fen::new(400_000),
        };
        actions::create_pool(&services, &by, new).await.unwrap();
        let all = platform::facts::Reactions::new(vec![Box::new(Counting)]);
        platform::testing::placed(&services).await;
        all.drain(&services).await.unwrap();
        let mut at = services.db.snapshot().await.unwrap();
        let sql = "SELECT CAST(COALESCE(SUM(sum_fen), 0) AS BIGINT) AS sum_fen FROM board_cell";
        let counted = at
            .query_one(sql, params![])
            .await
            .unwrap()
            .unwrap()
            .fen("sum_fen")
            .unwrap();
        assert_eq!(counted, Fen::new(2_000), "only what was given by others");
        let of = (world.campaign, world.city);
        let board = boards(&mut at, &services.tree, of, &[By::Project], When::Live(world.today()))
            .await
            .unwrap();
        assert_eq!(board[0].lines.len(), 1);
        world.stop();
    }
);

async fn give_to_agency(world: &World, trade_no: &str, fen: i64) -> GiftId {
    match world
        .submit(by_phone(world, &world.agency, trade_no, (fen, None)))
        .await
    {
        Outcome::Recorded(gift) => gift,
        other => panic!("{other:?}"),
    }
}
