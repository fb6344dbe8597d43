//! Gifts after the intake: orders, counter, review, refunds, imports taken back, look-ups, totals; on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use db::{Reads as _, params};
use giving::donations::counter::{self, CounterGift};
use giving::donations::error::DonationError;
use giving::donations::imports::{self, NewImport};
use giving::donations::intake::phone_index;
use giving::donations::orders::{self, NewOrder, OrderState};
use giving::donations::queries::{self, GiftFilter, Standing};
use giving::donations::receipts::ReceiptWish;
use giving::donations::refunds::{self, RefundReason, RefundState};
use giving::donations::review::{self, Dismissal, ReviewState};
use giving::donations::totals::{self, Of, Sums};
use giving::donations::{Incoming, Outcome, Payer, recount};
use giving::projects::Project;
use giving::testing::{World, world};
use kernel::id::Id as _;
use kernel::{Channel, Fen, GiftId, ImportId, Order, ReviewId};
use ledger::queries::gifts::Side;
use platform::identity::{Permission, Scope};

fn recorded(outcome: Outcome) -> GiftId {
    match outcome {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

fn held(outcome: Outcome) -> ReviewId {
    match outcome {
        Outcome::Held { review, .. } => review,
        other => panic!("a held line was expected, not {other:?}"),
    }
}

async fn sums(world: &World, of: Of) -> Sums {
    let mut at = world.services().db.snapshot().await.unwrap();
    totals::sums(&mut at, of, &Scope::Everything, &world.services().tree)
        .await
        .unwrap()
}

/// Every journal zero, balances and totals as recounted, totals as in the books.
async fn all_agrees(world: &World) {
    let mut at = world.services().db.snapshot().await.unwrap();
    let books = ledger::recount(&mut at).await.unwrap();
    assert!(books.agrees(), "{books:?}");
    let gifts = recount(&mut at).await.unwrap();
    assert!(gifts.agrees(), "{gifts:?}");
}

/// The closing balance of an account of the chart, debit above zero.
async fn balance(world: &World, code: &str) -> i64 {
    let mut at = world.services().db.snapshot().await.unwrap();
    let sql = "SELECT CAST(COALESCE(SUM(b.debit_fen - b.credit_fen), 0) AS BIGINT) AS fen
        FROM book_balance b JOIN book_account a ON a.id = b.account_id WHERE a.code = ?1";
    at.query_one(sql, params![code])
        .await
        .unwrap()
        .unwrap()
        .int("fen")
        .unwrap()
}

async fn approved(world: &World, gift: GiftId, fen: i64, key: &str) {
    let what = (gift, Fen::new(fen), RefundReason::WrongPayment);
    let refund = refunds::request(world.services(), &world.officer, what, key)
        .await
        .unwrap();
    refunds::approve(world.services(), &world.second, refund.id)
        .await
        .unwrap();
}

db::both!(
    totals_are_gross_of_refunds_and_told_by_channel_day_project_and_unit,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let first = recorded(world.submit(world.incoming(&world.general, "N1", 100)).await);
        world.submit(world.incoming(&world.restricted, "N2", 2_000)).await;
        let mut earlier = world.incoming(&world.sub, "N3", 2_000);
        earlier.business_day = world.today().plus_days(-1);
        world.submit(earlier).await;
        world.submit(world.incoming(&world.agency, "N4", 7)).await;
        approved(&world, first, 40, "k").await;

        let mut at = world.services().db.snapshot().await.unwrap();
        let (everything, tree) = (Scope::Everything, &world.services().tree);
        let all = totals::totals(&mut at, Of::Everything, &everything, tree)
            .await
            .unwrap();
        assert_eq!((all.sums.gifts, all.sums.sum_fen.get()), (4, 4_107));
        assert_eq!((all.sums.refunds.count, all.sums.refunds.sum_fen.get()), (1, 40));
        assert_eq!(
            all.by_channel.len(),
            8,
            "every channel is told, also those without gifts"
        );
        let notices = all.by_channel.iter().find(|c| c.channel == Channel::Notice).unwrap();
        assert_eq!((notices.gifts, notices.sum_fen.get()), (4, 4_107));
        let days: Vec<_> = all.by_day.iter().map(|d| (d.day, d.gifts, d.sum_fen.get())).collect();
        assert_eq!(
            days,
            [(world.today().plus_days(-1), 1, 2_000), (world.today(), 3, 2_107)]
        );

        let campaign = Of::Campaign(world.campaign);
        assert_eq!(
            sums(&world, campaign).await.sum_fen,
            Fen::new(4_007),
            "the general project is in no campaign"
        );
        assert_eq!(sums(&world, Of::Project(world.sub.id)).await.gifts, 1);
        let ranked = totals::by_unit(&mut at, campaign, &everything, tree).await.unwrap();
        let ranked: Vec<_> = ranked.iter().map(|u| (u.unit, u.rank, u.sums.sum_fen.get())).collect();
        assert_eq!(ranked, [(world.city, 1, 2_007), (world.county, 2, 2_000)]);
        let projects = totals::by_project(&mut at, campaign, &everything, tree).await.unwrap();
        assert_eq!(
            projects.iter().map(|p| p.sums.sum_fen.get()).collect::<Vec<_>>(),
            [2_000, 2_000, 7]
        );
        assert!(
            projects[0].project < projects[1].project,
            "equal sums stand in the order of making"
        );
        let county = world.county_officer.scope_for(Permission::ReportRead);
        let seen = totals::sums(&mut at, Of::Everything, &county, tree).await.unwrap();
        assert_eq!((seen.gifts, seen.sum_fen.get()), (1, 2_000), "a county sees its own");
        drop(at);
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    a_refund_needs_two_people_and_goes_back_the_way_the_gift_came,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let gift = recorded(world.submit(world.incoming(&world.restricted, "N1", 1_000)).await);
        assert_eq!(
            (balance(&world, "100901").await, balance(&world, "410102").await),
            (1_000, -1_000)
        );
        let what = (gift, Fen::new(600), RefundReason::DuplicatePayment);
        let refund = refunds::request(&services, &world.officer, what, "form 1")
            .await
            .unwrap();
        let again = refunds::request(&services, &world.officer, what, "form 1")
            .await
            .unwrap();
        assert_eq!(refund, again, "a double click is one request");
        let other = (gift, Fen::new(100), RefundReason::DuplicatePayment);
        let reused = refunds::request(&services, &world.officer, other, "form 1").await;
        assert!(matches!(reused, Err(DonationError::KeyReused)), "{reused:?}");
        let too_much = (gift, Fen::new(401), RefundReason::WrongPayment);
        let refused = refunds::request(&services, &world.second, too_much, "form 2").await;
        assert!(matches!(refused, Err(DonationError::RefundTooMuch { remaining }) if remaining == Fen::new(400)));

        let alone = refunds::approve(&services, &world.officer, refund.id).await;
        assert!(matches!(alone, Err(DonationError::FourEyes)), "{alone:?}");
        let outside = refunds::approve(&services, &world.county_officer, refund.id).await;
        assert!(matches!(outside, Err(DonationError::NotFound(_))), "{outside:?}");
        assert_eq!(sums(&world, Of::Everything).await.refunds.count, 0);
        let approval = refunds::approve(&services, &world.second, refund.id).await.unwrap();
        assert_eq!(
            refunds::approve(&services, &world.second, refund.id).await.unwrap(),
            approval
        );
        let late = refunds::reject(&services, &world.second, refund.id).await;
        assert!(
            matches!(late, Err(DonationError::AlreadyDecided("approved"))),
            "{late:?}"
        );
        assert_eq!(
            (balance(&world, "100901").await, balance(&world, "410102").await),
            (400, -400)
        );

        let mut at = services.db.snapshot().await.unwrap();
        let facts = queries::gift(&mut at, gift).await.unwrap().unwrap();
        assert_eq!(
            (facts.refunded, facts.standing),
            (Fen::new(600), Standing::PartlyRefunded)
        );
        assert_eq!(facts.amount, Fen::new(1_000), "the gift itself is never changed");
        let of_gift = platform::facts::by_subject(&mut at, refund.id.bytes(), 10)
            .await
            .unwrap();
        let mut kinds: Vec<_> = of_gift.iter().map(|fact| fact.kind.clone()).collect();
        // On PostgreSQL facts without a place, which the sequencer gives, are not read yet.
        kinds.sort();
        if test.db.backend() == db::Backend::Sqlite {
            assert_eq!(kinds, ["refund.approved", "refund.requested"]);
        }
        drop(at);

        let rest = (gift, Fen::new(400), RefundReason::WrongPayment);
        let rest = refunds::request(&services, &world.second, rest, "form 3")
            .await
            .unwrap();
        let rejected = refunds::reject(&services, &world.officer, rest.id).await.unwrap();
        assert!(matches!(rejected.state, RefundState::Rejected { .. }));
        approved(&world, gift, 400, "form 4").await;
        assert_eq!(balance(&world, "410102").await, 0);
        let agency = recorded(world.submit(world.incoming(&world.agency, "N2", 50)).await);
        approved(&world, agency, 50, "form 5").await;
        assert_eq!(
            balance(&world, "2601").await,
            0,
            "money held for others goes back as such"
        );
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    refunds_decided_at_once_never_exceed_the_gift,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let gift = recorded(world.submit(world.incoming(&world.general, "N1", 100)).await);
        let ask = |n: u32| {
            let (services, officer) = (services.clone(), world.officer.clone());
            tokio::spawn(async move {
                let what = (gift, Fen::new(60), RefundReason::WrongPayment);
                refunds::request(&services, &officer, what, &format!("k{n}")).await
            })
        };
        let asked: Vec<_> = [ask(1), ask(2), ask(3)].into_iter().collect();
        let mut ids = Vec::new();
        for one in asked {
            if let Ok(refund) = one.await.unwrap() {
                ids.push(refund.id);
            }
        }
        assert_eq!(ids.len(), 1, "60 of 100 fits once");
        let approve = || {
            let (services, second, id) = (services.clone(), world.second.clone(), ids[0]);
            tokio::spawn(async move { refunds::approve(&services, &second, id).await })
        };
        let both = [approve(), approve(), approve()];
        let mut journals = Vec::new();
        for one in both {
            journals.push(one.await.unwrap().unwrap().journal);
        }
        journals.dedup();
        assert_eq!(journals.len(), 1, "one refund is booked once");
        assert_eq!(sums(&world, Of::Everything).await.refunds.sum_fen, Fen::new(60));
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    what_is_held_becomes_a_gift_of_its_own_or_is_dismissed,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let known = recorded(world.submit(world.incoming(&world.general, "N1", 35)).await);
        let first = held(world.submit(world.incoming(&world.general, "N1", 2_300)).await);
        let second = held(world.submit(world.incoming(&world.general, "N1", 99)).await);
        let third = held(world.submit(world.incoming(&world.general, "N1", 98)).await);
        let scope = world.officer.scope_for(Permission::GiftReview);
        let mut at = services.db.snapshot().await.unwrap();
        let waiting = review::list(&mut at, None, (&scope, &services.tree), None, 10)
            .await
            .unwrap();
        // Ids of one moment have no order among themselves.
        let mut all = [first, second, third];
        all.sort();
        assert_eq!(waiting.iter().map(|h| h.id).collect::<Vec<_>>(), all);
        drop(at);

        let outside = review::accept(&world.giving, &world.county_officer, first).await;
        assert!(matches!(outside, Err(DonationError::NotFound(_))), "{outside:?}");
        let accepted = review::accept(&world.giving, &world.officer, first).await.unwrap();
        assert_eq!(
            review::accept(&world.giving, &world.officer, first).await.unwrap(),
            accepted,
            "the same again"
        );
        let next = review::accept(&world.giving, &world.officer, third).await.unwrap();
        let mut at = services.db.snapshot().await.unwrap();
        let facts = queries::gift(&mut at, accepted.gift).await.unwrap().unwrap();
        assert_eq!(
            (facts.trade_no.as_str(), facts.amount.get(), facts.source.as_str()),
            ("N1#2", 2_300, "review")
        );
        assert_eq!(facts.shown_name.as_deref(), Some("测**"), "the payer came along");
        assert_eq!(
            queries::gift(&mut at, next.gift).await.unwrap().unwrap().trade_no,
            "N1#3"
        );
        drop(at);

        review::dismiss(&services, &world.officer, second, Dismissal::WrongAmountTold)
            .await
            .unwrap();
        review::dismiss(&services, &world.officer, second, Dismissal::WrongAmountTold)
            .await
            .unwrap();
        let otherwise = review::accept(&world.giving, &world.officer, second).await;
        assert!(
            matches!(otherwise, Err(DonationError::AlreadyDecided("dismissed"))),
            "{otherwise:?}"
        );
        let otherwise = review::dismiss(&services, &world.officer, first, Dismissal::Test).await;
        assert!(
            matches!(otherwise, Err(DonationError::AlreadyDecided("accepted"))),
            "{otherwise:?}"
        );
        let mut at = services.db.snapshot().await.unwrap();
        let decided = review::find(&mut at, second).await.unwrap().unwrap();
        assert_eq!(
            decided.state,
            ReviewState::Dismissed {
                reason: Dismissal::WrongAmountTold
            }
        );
        assert_ne!(accepted.gift, known);
        drop(at);
        assert_eq!(sums(&world, Of::Everything).await.sum_fen, Fen::new(35 + 2_300 + 98));
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    an_order_completes_its_payment_even_late_and_with_another_amount,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let wish = |project: &Project, fen| NewOrder {
            project: project.code.clone(),
            amount: Fen::new(fen),
            payer: Payer {
                name: Some("测试乙".into()),
                phone: Some("138 0000 0001".into()),
                ..Payer::default()
            },
            anonymous: true,
            receipt: None,
        };
        let order = orders::place(&world.giving, wish(&world.sub, 2_000)).await.unwrap();
        assert_eq!(
            order.account, world.notice.0.id,
            "a county without an account is paid to the city's"
        );
        assert!(orders::place(&world.giving, wish(&world.sub, 0)).await.is_err());
        let mut paid = world.incoming(&world.general, &order.trade_no, 1_900);
        paid.payer = Payer::default();
        world.at(order.expires_at.plus_micros(1));
        let found = orders::complete(&mut paid, &world.giving).await.unwrap().unwrap();
        assert_eq!((paid.project, paid.anonymous), (world.sub.id, true));
        let amount = paid.amount;
        let outcome = world.submit(paid).await;
        let gift = recorded(outcome);
        orders::settle(&world.giving, &found, amount, outcome).await;

        let mut at = services.db.snapshot().await.unwrap();
        let payment = orders::store::payment_of(&mut at, &order).await.unwrap();
        let state = orders::state_of(&order, &[], payment, services.now());
        assert_eq!(
            state,
            OrderState::Paid {
                gift,
                amount: Fen::new(1_900)
            }
        );
        let facts = queries::gift(&mut at, gift).await.unwrap().unwrap();
        assert_eq!((facts.anonymous, facts.shown_name), (true, None));
        let sql = "SELECT said FROM gift_difference WHERE unit_id = ?1 AND gift_id = ?2 AND field = 'order_amount_fen'";
        let said = at
            .query_one(sql, params![(world.city,), (gift,)])
            .await
            .unwrap()
            .unwrap()
            .text("said")
            .unwrap();
        assert_eq!(said, "2000");
        let index = phone_index(&services.keys, "13800000001");
        let by_phone = queries::by_phone(&mut at, &index, Fen::new(1_900), facts.business_day)
            .await
            .unwrap();
        assert_eq!(
            by_phone.iter().map(|g| g.id).collect::<Vec<_>>(),
            [gift],
            "the order's telephone finds the gift"
        );
        drop(at);
        let unpaid = orders::place(&world.giving, wish(&world.general, 5)).await.unwrap();
        let mut at = services.db.snapshot().await.unwrap();
        let payment = orders::store::payment_of(&mut at, &unpaid).await.unwrap();
        assert_eq!(
            orders::state_of(&unpaid, &[], payment, unpaid.expires_at),
            OrderState::Expired
        );
        drop(at);
        world.stop();
    }
);

db::both!(
    the_counter_takes_cash_and_transfers_once_each,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let entry = |account, fen, key: &str, bank_no: Option<&str>| CounterGift {
            account,
            project: world.restricted.id,
            amount: Fen::new(fen),
            bank_no: bank_no.map(str::to_owned),
            key: key.to_owned(),
            paid_at: None,
            payer: Payer {
                name: Some("测试丙".into()),
                on_behalf_of: Some("测试小学".into()),
                ..Payer::default()
            },
            anonymous: false,
            receipt: None,
        };
        let enter = async |by, gift| counter::enter(&world.giving, by, gift).await;
        let gift = recorded(
            enter(&world.officer, entry(world.cash.id, 500, "a", None))
                .await
                .unwrap(),
        );
        let again = enter(&world.officer, entry(world.cash.id, 500, "a", None))
            .await
            .unwrap();
        assert_eq!(again, Outcome::Known(gift), "a double click is one gift");
        let slip = recorded(
            enter(&world.officer, entry(world.bank.id, 500, "b", Some("BANK-1")))
                .await
                .unwrap(),
        );
        let other = enter(&world.officer, entry(world.bank.id, 600, "c", Some("BANK-1")))
            .await
            .unwrap();
        assert!(
            matches!(other, Outcome::Held { known, .. } if known == slip),
            "{other:?}"
        );
        let notice = enter(&world.officer, entry(world.notice.0.id, 1, "d", None)).await;
        assert!(matches!(notice, Err(DonationError::NotACounterAccount)), "{notice:?}");
        let outside = enter(&world.county_officer, entry(world.cash.id, 1, "e", None)).await;
        assert!(matches!(outside, Err(DonationError::Forbidden(_))), "{outside:?}");
        giving::projects::actions::end(world.services(), &platform::identity::Actor::operator(), world.sub.id)
            .await
            .unwrap();
        let mut closed = entry(world.cash.id, 1, "f", None);
        closed.project = world.sub.id;
        assert!(matches!(
            enter(&world.officer, closed).await,
            Err(DonationError::ProjectClosed(_))
        ));
        assert_eq!(
            (balance(&world, "1001").await, balance(&world, "1002").await),
            (500, 500)
        );
        let mut at = world.services().db.snapshot().await.unwrap();
        let facts = queries::gift(&mut at, gift).await.unwrap().unwrap();
        assert!(facts.trade_no.starts_with("C20260508-"), "{}", facts.trade_no);
        drop(at);
        all_agrees(&world).await;
        world.stop();
    }
);

async fn import(world: &World, project: &Project, lines: &[(&str, i64)]) -> (ImportId, Vec<Outcome>) {
    let new = NewImport {
        unit: world.city,
        project: project.id,
        account: world.bank.id,
        profile: "test",
        file_sha256: [7; 32],
        actor: world.officer.id,
    };
    let id = imports::begin(&new, world.services()).await.unwrap();
    let gifts = lines.iter().map(|(number, fen)| {
        let mut incoming = world.incoming(project, number, *fen);
        incoming.account = world.bank.id;
        world.prepared(incoming)
    });
    let outcomes = world
        .giving
        .intake
        .submit_many(gifts.collect(), Some(id))
        .await
        .unwrap();
    imports::end(
        id,
        &new,
        &serde_json::json!({ "gifts_new": outcomes.len() }),
        world.services(),
    )
    .await
    .unwrap();
    (id, outcomes)
}

db::both!(
    an_import_can_be_taken_back_and_imported_elsewhere,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        // More than one part, so that the walk from part to part is walked.
        let numbers: Vec<String> = (0..620).map(|n| format!("B{n:04}")).collect();
        let lines: Vec<(&str, i64)> = numbers.iter().map(|n| (n.as_str(), 10)).collect();
        world.submit(world.incoming(&world.general, "N1", 5)).await;
        let (id, outcomes) = import(&world, &world.restricted, &lines).await;
        let refunded = recorded(outcomes[3]);
        approved(&world, refunded, 4, "k").await;
        let outside = refunds::take_back_import(&services, &world.county_officer, id).await;
        assert!(matches!(outside, Err(DonationError::NotFound(_))), "{outside:?}");
        let done = refunds::take_back_import(&services, &world.officer, id).await.unwrap();
        assert_eq!(
            (done.gifts, done.sum.get(), done.kept),
            (619, 6_190, 1),
            "where money moved a person must look"
        );
        assert_eq!(
            refunds::take_back_import(&services, &world.officer, id).await.unwrap(),
            done,
            "nothing more"
        );
        let all = sums(&world, Of::Everything).await;
        assert_eq!((all.gifts, all.sum_fen.get()), (2, 15));
        assert_eq!(
            (all.refunds.count, all.refunds.sum_fen.get()),
            (1, 4),
            "taking back is no refund"
        );
        assert_eq!(balance(&world, "1002").await, 6);
        all_agrees(&world).await;

        let mut at = services.db.snapshot().await.unwrap();
        let taken = queries::gift(&mut at, recorded(outcomes[0])).await.unwrap().unwrap();
        assert_eq!(taken.standing, Standing::TakenBack);
        assert!(taken.trade_no.starts_with("B0000~"), "{}", taken.trade_no);
        let latest = queries::latest_of_project(&mut at, world.restricted.id, 50)
            .await
            .unwrap();
        assert_eq!(
            latest.iter().map(|g| g.id).collect::<Vec<_>>(),
            [refunded],
            "no public list shows the others"
        );
        drop(at);
        let what = (recorded(outcomes[0]), Fen::new(1), RefundReason::WrongPayment);
        let refused = refunds::request(&services, &world.officer, what, "k2").await;
        assert!(matches!(refused, Err(DonationError::TakenBack)), "{refused:?}");

        let (again, outcomes) = import(&world, &world.general, &lines).await;
        let new = outcomes.iter().filter(|o| matches!(o, Outcome::Recorded(_))).count();
        assert_eq!(new, 619, "the numbers are free again, but for the one that stayed");
        refunds::take_back_import(&services, &world.officer, again)
            .await
            .unwrap();
        assert_eq!(sums(&world, Of::Everything).await.sum_fen, Fen::new(15));
        all_agrees(&world).await;
        world.stop();
    }
);

db::both!(
    a_gift_is_found_only_by_all_that_its_donor_knows,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let gift = recorded(world.submit(world.incoming(&world.restricted, "N1", 2_000)).await);
        let day = world.today();
        let mut at = services.db.snapshot().await.unwrap();
        let accounts: Vec<_> = governance::network::store::all_accounts(&mut at).await.unwrap();
        let accounts: Vec<_> = accounts.iter().map(|a| (a.unit_id, a.id)).collect();
        let found = queries::by_trade_no(&mut at, &accounts, ("N1", Fen::new(2_000), day))
            .await
            .unwrap();
        assert_eq!(found.map(|g| g.id), Some(gift));
        for wrong in [
            ("N1", Fen::new(2_001), day),
            ("N1", Fen::new(2_000), day.plus_days(1)),
            ("N", Fen::new(2_000), day),
        ] {
            assert_eq!(
                queries::by_trade_no(&mut at, &accounts, wrong).await.unwrap(),
                None,
                "{wrong:?}"
            );
        }
        let index = phone_index(&services.keys, "138-0000-0000");
        assert_eq!(
            queries::by_phone(&mut at, &index, Fen::new(2_000), day)
                .await
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            queries::by_phone(&mut at, &index, Fen::new(1), day)
                .await
                .unwrap()
                .len(),
            0
        );
        assert_eq!(queries::of_phone(&mut at, &index, day, 1).await.unwrap().len(), 1);
        assert_eq!(
            queries::of_phone(&mut at, &index, day.plus_days(60), 1)
                .await
                .unwrap()
                .len(),
            0
        );
        assert_eq!(
            queries::of_phone(&mut at, &index, day.plus_days(60), 3)
                .await
                .unwrap()
                .len(),
            1
        );
        drop(at);
        world.stop();
    }
);

db::both!(
    staff_see_the_gifts_of_their_units_page_by_page,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let mut all = Vec::new();
        for n in 0..7 {
            let project = if n % 2 == 0 { &world.restricted } else { &world.sub };
            world.at(world.clock_plus(1_000_000));
            let mut incoming = world.incoming(project, &format!("N{n}"), 10 + n);
            incoming.anonymous = n == 6;
            all.push(recorded(world.submit(incoming).await));
        }
        approved(&world, all[2], 12, "k").await;
        all.reverse();
        let list = async |filter: GiftFilter, scope: Scope, after, limit| {
            let mut at = services.db.snapshot().await.unwrap();
            queries::list(
                &mut at,
                (&filter, Order::Newest),
                (&scope, &services.tree),
                after,
                limit,
            )
            .await
            .unwrap()
            .unwrap()
        };
        let city = || world.officer.scope_for(Permission::GiftRead);
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = list(GiftFilter::default(), city(), after, 3).await;
            seen.extend(page.items.iter().map(|g| g.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all, "newest first, each once");
        let county = list(
            GiftFilter::default(),
            world.county_officer.scope_for(Permission::GiftRead),
            None,
            10,
        )
        .await;
        assert!(county.items.iter().all(|g| g.project == world.sub.id));
        assert_eq!(
            county.items.len(),
            3,
            "the county's projects, although the city's books hold the money"
        );
        let only = |change: fn(&World, &mut GiftFilter)| {
            let mut filter = GiftFilter::default();
            change(&world, &mut filter);
            list(filter, city(), None, 10)
        };
        assert_eq!(only(|w, f| f.project = Some(w.sub.id)).await.items.len(), 3);
        assert_eq!(only(|w, f| f.account = Some(w.cash.id)).await.items.len(), 0);
        assert_eq!(only(|_, f| f.channel = Some(Channel::Notice)).await.items.len(), 7);
        assert_eq!(only(|w, f| f.days = Some((w.today(), w.today()))).await.items.len(), 7);
        assert_eq!(
            only(|w, f| f.days = Some((w.today().plus_days(1), w.today().plus_days(9))))
                .await
                .items
                .len(),
            0
        );
        assert_eq!(only(|_, f| f.standing = Some(Standing::Refunded)).await.items.len(), 1);
        assert_eq!(only(|_, f| f.standing = Some(Standing::Confirmed)).await.items.len(), 6);
        let mut at = services.db.snapshot().await.unwrap();
        let latest = queries::latest_of_campaign(&mut at, world.campaign, 5).await.unwrap();
        assert_eq!(latest.iter().map(|g| g.id).collect::<Vec<_>>(), all[..5]);
        assert_eq!(latest[0].shown_name, None, "an anonymous gift shows no name");
        assert_eq!(latest[1].shown_name.as_deref(), Some("测**"));
        drop(at);
        world.stop();
    }
);

db::both!(
    a_total_that_was_tampered_with_is_found,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        world.submit(world.incoming(&world.restricted, "N1", 2_000)).await;
        all_agrees(&world).await;
        let mut tx = world.services().db.begin().await.unwrap();
        tx.execute("UPDATE gift_total SET sum_fen = sum_fen + 1", vec![])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut at = world.services().db.snapshot().await.unwrap();
        let found = recount(&mut at).await.unwrap();
        assert!(!found.agrees());
        assert_eq!(found.totals.iter().map(|d| d.sum.get()).collect::<Vec<_>>(), [1]);
        assert_eq!(
            found
                .books
                .iter()
                .map(|d| (d.totals.get(), d.books.get()))
                .collect::<Vec<_>>(),
            [(2_001, 2_000)]
        );
        drop(at);
        world.stop();
    }
);

db::both!(
    money_of_others_that_was_tampered_with_in_the_books_is_found,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        world.submit(world.incoming(&world.agency, "N1", 2_000)).await;
        world.submit(world.incoming(&world.restricted, "N2", 500)).await;
        all_agrees(&world).await;
        // A hand that knows the tables: journal and balances still agree with each other, a fen of what is owed is gone.
        let drop_guard = match test.db.backend() {
            db::Backend::Sqlite => "DROP TRIGGER posting_no_update",
            db::Backend::Postgres => "DROP TRIGGER posting_append_only ON posting",
        };
        let of_agency = "IN (SELECT b.id FROM book_account b WHERE b.fund_id = ?1)";
        let less = |column: &str| format!("{column} = CASE WHEN {column} > 0 THEN {column} - 1 ELSE {column} END");
        let posting = format!(
            "UPDATE posting SET amount_fen = CASE WHEN amount_fen > 0 THEN amount_fen - 1 ELSE amount_fen + 1 END
             WHERE account_id {of_agency}"
        );
        let balance = format!(
            "UPDATE book_balance SET {}, {} WHERE account_id {of_agency}",
            less("debit_fen"),
            less("credit_fen")
        );
        let mut tx = world.services().db.begin().await.unwrap();
        tx.execute(drop_guard, vec![]).await.unwrap();
        for sql in [&posting, &balance] {
            let changed = tx.execute(sql, params![(world.agency.fund,)]).await.unwrap();
            assert_eq!(changed, 2, "{sql}");
        }
        tx.commit().await.unwrap();
        let mut at = world.services().db.snapshot().await.unwrap();
        assert!(
            ledger::recount(&mut at).await.unwrap().agrees(),
            "each journal is still zero"
        );
        let found = recount(&mut at).await.unwrap();
        assert!(found.totals.is_empty() && !found.agrees(), "{found:?}");
        let of_projects: Vec<_> = found
            .books
            .iter()
            .map(|d| (d.project, d.totals.get(), d.books.get()))
            .collect();
        assert_eq!(of_projects, [(world.agency.id, 2_000, 1_999)]);
        let of_units: Vec<_> = found
            .units
            .iter()
            .map(|d| (d.unit, d.project, d.side, d.gifts.get(), d.books.get()))
            .collect();
        assert_eq!(of_units, [(world.city, world.agency.id, Side::Held, 2_000, 1_999)]);
        drop(at);
        world.stop();
    }
);

db::both!(
    a_repeat_with_another_wish_for_a_receipt_is_kept_beside_the_first,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let says = |trade_no: &str, wish| Incoming {
            receipt: wish,
            ..world.incoming(&world.general, trade_no, 500)
        };
        let wanted = Some(ReceiptWish::Wanted);
        let silent = recorded(world.submit(says("N1", None)).await);
        let waived = recorded(world.submit(says("N2", Some(ReceiptWish::Waived))).await);
        for (trade_no, wish, gift) in [
            ("N1", Some(ReceiptWish::Pending), silent),
            ("N2", Some(ReceiptWish::Waived), waived),
            ("N2", None, waived),
            ("N2", wanted, waived),
            ("N2", wanted, waived),
        ] {
            assert_eq!(world.submit(says(trade_no, wish)).await, Outcome::Known(gift));
        }
        let mut at = world.services().db.snapshot().await.unwrap();
        let sql = "SELECT gift_id, said FROM gift_difference WHERE field = 'receipt'";
        let rows = at.query(sql, params![]).await.unwrap();
        let kept: Vec<_> = rows
            .iter()
            .map(|row| (row.id::<GiftId>("gift_id").unwrap(), row.text("said").unwrap()))
            .collect();
        assert_eq!(kept, [(waived, "wanted".to_owned())], "the first record stands");
        drop(at);
        world.stop();
    }
);
