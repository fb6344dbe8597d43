//! Named and community funds: agreement, floor, fees, alerts, close; on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use giving::donations::Outcome;
use giving::funds::actions::{Amendment, Verdict};
use giving::funds::model::{Agreement, NamedFund};
use giving::funds::queries::{LineKind, Statement};
use giving::funds::{AlertKind, Founder, FundError, FundKind, FundState, MinimumRule, NewFund, actions, queries};
use giving::testing::{World, world};
use kernel::{Channel, Fen};
use ledger::actions::{Slip, Spending, SpentOn, record_expenditure};
use ledger::{LedgerError, Restriction};
use platform::identity::{Actor, Scope};

const DAY_MICROS: i64 = 86_400_000_000;

fn pass(w: &World, days: i64) {
    w.at(w.clock_plus(days * DAY_MICROS));
}

fn agreement(w: &World) -> Agreement {
    Agreement {
        kind: FundKind::Community,
        founder: Founder::Unit,
        name: "临沂市演示会晨光基金".into(),
        purpose: "助学".into(),
        purpose_en: "For pupils".into(),
        spending: "管委会过半数同意".into(),
        spending_en: String::new(),
        number: "JJ-2026-001".into(),
        signed_on: w.today(),
        fee_bp: 0,
        principal: Fen::ZERO,
        minimum: Fen::ZERO,
        minimum_rule: MinimumRule::Refuse,
        report: (3, 28),
        dormant_months: 12,
        rest_words: "转入县级项目".into(),
    }
}

/// A fund at work, fed by the restricted project.
async fn open_fund(w: &World, change: impl FnOnce(&mut Agreement)) -> NamedFund {
    let mut agreement = agreement(w);
    change(&mut agreement);
    let new = NewFund {
        project: "aed".into(),
        agreement,
        rest_to: "aed-county".into(),
    };
    let draft = actions::agree(w.services(), &Actor::operator(), new).await.unwrap();
    actions::open(w.services(), &w.officer, draft.fund).await.unwrap()
}

async fn give(w: &World, number: &str, fen: i64) {
    let outcome = w.submit(w.incoming(&w.restricted, number, fen)).await;
    assert!(matches!(outcome, Outcome::Recorded(_)));
}

async fn spend(w: &World, key: &str, fen: i64) -> Result<(), LedgerError> {
    let slip = Slip {
        key: key.to_owned(),
        unit: w.city,
        business_day: w.today(),
        memo_code: Some("V-1".into()),
    };
    let what = Spending {
        fund: Some(w.restricted.fund),
        project: Some(w.restricted.id),
        campaign: Some(w.campaign),
        on: SpentOn::Programme,
        restriction: Restriction::Restricted,
        paid_from: Channel::Notice,
        amount: Fen::new(fen),
    };
    record_expenditure(w.services(), &w.officer, slip, what).await.map(drop)
}

async fn holds(w: &World) -> i64 {
    let mut at = w.services().db.snapshot().await.unwrap();
    let today = w.today();
    ledger::funds::queries::position(&mut at, w.restricted.fund, today)
        .await
        .unwrap()
        .money
        .get()
}

async fn statement(w: &World) -> Statement {
    let mut at = w.services().db.snapshot().await.unwrap();
    let days = (w.today().plus_days(-400), w.today());
    queries::statement(&mut at, w.restricted.fund, days).await.unwrap()
}

async fn alerts(w: &World) -> Vec<AlertKind> {
    let mut at = w.services().db.snapshot().await.unwrap();
    let all = queries::alerts(&mut at, (&Scope::Everything, &w.services().tree))
        .await
        .unwrap();
    all.into_iter().map(|alert| alert.kind).collect()
}

async fn books_agree(w: &World) {
    let mut at = w.services().db.snapshot().await.unwrap();
    assert!(ledger::recount(&mut at).await.unwrap().agrees());
}

db::both!(
    an_agreement_is_written_by_one_and_opened_by_another,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let services = w.services();
        let by = Actor::operator();
        let new = |project: &str, rest: &str| NewFund {
            project: project.into(),
            agreement: agreement(&w),
            rest_to: rest.into(),
        };
        for (project, rest) in [
            ("general", "aed"),
            ("passed-on", "aed"),
            ("aed", "aed"),
            ("aed", "general"),
        ] {
            let refused = actions::agree(services, &by, new(project, rest)).await;
            assert!(matches!(refused, Err(FundError::NotFit)), "{project} to {rest}");
        }
        let draft = actions::agree(services, &by, new("aed", "aed-county")).await.unwrap();
        assert_eq!(
            actions::agree(services, &by, new("aed", "aed-county")).await.unwrap(),
            draft,
            "the same again"
        );
        let mut other = new("aed", "aed-county");
        other.agreement.fee_bp = 300;
        assert!(matches!(
            actions::agree(services, &by, other).await,
            Err(FundError::Exists)
        ));
        assert!(matches!(
            actions::open(services, &by, draft.fund).await,
            Err(FundError::FourEyes)
        ));
        let county = actions::open(services, &w.county_officer, draft.fund).await;
        assert!(matches!(county, Err(FundError::NotFound(_))), "not of her unit");
        let open = actions::open(services, &w.officer, draft.fund).await.unwrap();
        assert_eq!(open.state.as_str(), "open");
        let again = actions::open(services, &w.second, draft.fund).await;
        assert!(matches!(again, Err(FundError::State("open"))));
        w.stop();
    }
);

db::both!(
    a_named_fund_opens_once_what_its_founder_must_begin_with_is_there,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let services = w.services();
        let named = |founder| {
            let mut agreement = agreement(&w);
            (agreement.kind, agreement.founder) = (FundKind::Named, founder);
            agreement
        };
        let new = NewFund {
            project: "aed".into(),
            agreement: named(Founder::Person),
            rest_to: "aed-county".into(),
        };
        let draft = actions::agree(services, &Actor::operator(), new).await.unwrap();
        assert_eq!(draft.agreement.founder, Founder::Person);
        give(&w, "A1", 299_999).await;
        let refused = actions::open(services, &w.officer, draft.fund).await;
        let said = match refused {
            Err(FundError::InitialMissing { wanted, holds }) => (wanted.get(), holds.get()),
            other => panic!("{other:?}"),
        };
        assert_eq!(said, (300_000, 299_999));
        // The society's own rule wants less.
        let own = platform::parameters::Override {
            key: "fund.initial_person_yuan".into(),
            from: w.today(),
            to: None,
            value: "2000".into(),
            legal_ref: "本会冠名基金管理办法".into(),
        };
        platform::parameters::set(services, &Actor::operator(), own)
            .await
            .unwrap();
        let open = actions::open(services, &w.officer, draft.fund).await.unwrap();
        assert_eq!(open.state.as_str(), "open");
        w.stop();
    }
);

db::both!(
    an_amendment_is_a_new_version_agreed_by_two_and_the_old_one_is_kept,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let (services, by) = (w.services(), Actor::operator());
        let fund = open_fund(&w, |a| a.fee_bp = 1_000).await;
        give(&w, "A1", 10_000).await;
        pass(&w, 1);
        let amended = |number: &str, minimum: i64| Amendment {
            agreement: Agreement {
                number: number.into(),
                signed_on: w.today(),
                fee_bp: 200,
                minimum: Fen::new(minimum),
                ..fund.agreement.clone()
            },
            rest_to: "aed-county".into(),
        };
        let same_paper = actions::propose_amendment(services, &by, fund.fund, amended("JJ-2026-001", 1)).await;
        assert!(matches!(
            same_paper,
            Err(FundError::Invalid {
                field: "agreement_no",
                ..
            })
        ));
        let first = actions::propose_amendment(services, &by, fund.fund, amended("JJ-A", 4_000)).await;
        let first = first.unwrap();
        let again = actions::propose_amendment(services, &by, fund.fund, amended("JJ-A", 4_000)).await;
        assert_eq!((first.number, &first), (2, &again.unwrap()), "the same again");
        let other = actions::propose_amendment(services, &by, fund.fund, amended("JJ-B", 5_000)).await;
        assert!(matches!(other, Err(FundError::AmendmentWaits)));
        spend(&w, "before", 1_000).await.unwrap();
        let own = actions::decide_amendment(services, &by, fund.fund, (2, Verdict::Agree)).await;
        assert!(matches!(own, Err(FundError::FourEyes)));
        let county = actions::decide_amendment(services, &w.county_officer, fund.fund, (2, Verdict::Agree)).await;
        assert!(matches!(county, Err(FundError::NotFound(_))));
        for _ in 0..2 {
            let agreed = actions::decide_amendment(services, &w.officer, fund.fund, (2, Verdict::Agree)).await;
            assert_eq!(agreed.unwrap().state.as_str(), "in_force");
        }
        let low = spend(&w, "after", 5_001).await;
        assert!(
            matches!(low, Err(LedgerError::BelowFloor { .. })),
            "its floor is kept: {low:?}"
        );
        let refused = actions::propose_amendment(services, &by, fund.fund, amended("JJ-B", 5_000)).await;
        let number = refused.unwrap().number;
        let refused = actions::decide_amendment(services, &w.officer, fund.fund, (number, Verdict::Refuse)).await;
        assert_eq!(refused.unwrap().state.as_str(), "refused");

        // Gifts bear the fee of their own days: a tenth of the first, a fiftieth of the second.
        give(&w, "A2", 10_000).await;
        pass(&w, 35);
        actions::look_after(services).await.unwrap();
        let mut at = services.db.snapshot().await.unwrap();
        let now = queries::fund(&mut at, fund.fund).await.unwrap().unwrap();
        assert_eq!((now.agreement.number.as_str(), now.agreement.fee_bp), ("JJ-A", 200));
        let versions = queries::versions(&mut at, &now).await.unwrap();
        let told: Vec<_> = versions
            .iter()
            .map(|one| (one.number, one.state.as_str(), one.agreement.number.as_str()))
            .collect();
        let kept = [
            (3, "refused", "JJ-B"),
            (2, "in_force", "JJ-A"),
            (1, "past", "JJ-2026-001"),
        ];
        assert_eq!(told, kept);
        assert_eq!(versions[2].agreement, fund.agreement, "word for word");
        let view = queries::view(&mut at, now, w.today()).await.unwrap();
        let fees: i64 = view.fees.iter().map(|fee| fee.fee.get()).sum();
        assert_eq!(fees, 1_000 + 200);
        drop(at);
        books_agree(&w).await;
        w.stop();
    }
);

db::both!(
    eight_spenders_at_once_never_overdraw_a_fund,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        open_fund(&w, |_| ()).await;
        give(&w, "A1", 100_000).await;
        let keys: Vec<String> = (0..8).map(|n| format!("spend-{n}")).collect();
        let all = tokio::join!(
            spend(&w, &keys[0], 30_000),
            spend(&w, &keys[1], 30_000),
            spend(&w, &keys[2], 30_000),
            spend(&w, &keys[3], 30_000),
            spend(&w, &keys[4], 30_000),
            spend(&w, &keys[5], 30_000),
            spend(&w, &keys[6], 30_000),
            spend(&w, &keys[7], 30_000),
        );
        let all = [all.0, all.1, all.2, all.3, all.4, all.5, all.6, all.7];
        assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 3, "{all:?}");
        let lacks = |one: &&Result<(), LedgerError>| matches!(one, Err(LedgerError::FundLacks { .. }));
        assert_eq!(all.iter().filter(lacks).count(), 5, "{all:?}");
        assert_eq!(holds(&w).await, 10_000);
        let said = statement(&w).await;
        assert_eq!(said.closing, Fen::new(10_000), "the statement says what the books say");
        books_agree(&w).await;
        w.stop();
    }
);

db::both!(
    a_minimum_is_kept_by_every_booking_or_told,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        open_fund(&w, |a| a.minimum = Fen::new(40_000)).await;
        give(&w, "A1", 100_000).await;
        let (a, b) = tokio::join!(spend(&w, "one", 40_000), spend(&w, "two", 40_000));
        let refused = [a, b].into_iter().find_map(Result::err).expect("one of the two");
        let LedgerError::BelowFloor { floor, available } = refused else {
            panic!("{refused:?}")
        };
        assert_eq!((floor, available), (Fen::new(40_000), Fen::new(20_000)));
        spend(&w, "three", 20_000).await.unwrap();
        assert!(matches!(
            spend(&w, "four", 1).await,
            Err(LedgerError::BelowFloor { .. })
        ));
        assert_eq!(holds(&w).await, 40_000);
        w.stop();
    }
);

db::both!(
    a_minimum_that_only_alerts_is_told_until_it_is_mended,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let alerting = |a: &mut Agreement| {
            a.minimum = Fen::new(40_000);
            a.minimum_rule = MinimumRule::Alert;
        };
        open_fund(&w, alerting).await;
        give(&w, "A1", 100_000).await;
        spend(&w, "one", 70_000).await.unwrap();
        let services = w.services();
        let (a, b) = tokio::join!(actions::look_after(services), actions::look_after(services));
        assert_eq!(a.unwrap().alerted + b.unwrap().alerted, 1, "told once");
        assert_eq!(alerts(&w).await, [AlertKind::BelowMinimum]);
        give(&w, "A2", 10_000).await;
        assert_eq!(actions::look_after(services).await.unwrap().ended, 1);
        assert_eq!(alerts(&w).await, []);
        spend(&w, "two", 10_000).await.unwrap();
        assert_eq!(
            actions::look_after(services).await.unwrap().alerted,
            1,
            "and again on the same day"
        );
        w.stop();
    }
);

db::both!(
    the_fee_of_a_month_is_one_journal_however_often_it_is_taken,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let fund = open_fund(&w, |a| a.fee_bp = 250).await;
        give(&w, "A1", 100_001).await;
        let services = w.services();
        assert_eq!(
            actions::look_after(services).await.unwrap().fees,
            0,
            "the month is not over"
        );
        pass(&w, 35);
        let (a, b) = tokio::join!(actions::look_after(services), actions::look_after(services));
        assert_eq!(a.unwrap().fees + b.unwrap().fees, 1);
        assert_eq!(holds(&w).await, 100_001 - 2_500, "2.5 %, rounded down");
        let mut at = services.db.snapshot().await.unwrap();
        let view = queries::view(&mut at, fund.clone(), w.today()).await.unwrap();
        assert_eq!(view.fees.len(), 1);
        let entries = ledger::entries(&mut at, view.fees[0].journal.unwrap()).await.unwrap();
        assert_eq!(entries.len(), 4, "out of the fund, into the host’s general money");
        let general = ledger::funds::queries::position(&mut at, w.general.fund, w.today())
            .await
            .unwrap();
        assert_eq!(
            (general.money, general.unrestricted),
            (Fen::new(2_500), Fen::new(2_500))
        );
        drop(at);
        let said = statement(&w).await;
        let kinds: Vec<LineKind> = said.lines.iter().map(|line| line.kind).collect();
        assert_eq!(kinds, [LineKind::Gifts, LineKind::Moved]);
        books_agree(&w).await;
        w.stop();
    }
);

db::both!(
    a_fee_that_the_fund_cannot_bear_waits_and_is_told,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        open_fund(&w, |a| a.fee_bp = 1_000).await;
        give(&w, "A1", 100_000).await;
        spend(&w, "one", 95_000).await.unwrap();
        let services = w.services();
        pass(&w, 35);
        let looked = actions::look_after(services).await.unwrap();
        assert_eq!((looked.fees, looked.alerted), (0, 1));
        assert_eq!(alerts(&w).await, [AlertKind::FeeWaiting]);
        // Money that comes in a later month bears the earlier month's fee.
        let late = w.incoming(&w.restricted, "A2", 20_000);
        w.submit(late).await;
        let looked = actions::look_after(services).await.unwrap();
        assert_eq!((looked.fees, looked.ended), (1, 1));
        assert_eq!(holds(&w).await, 25_000 - 10_000);
        books_agree(&w).await;
        w.stop();
    }
);

db::both!(
    a_sleeping_fund_and_a_missing_report_are_told_until_somebody_acts,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let fund = open_fund(&w, |a| a.dormant_months = 2).await;
        give(&w, "A1", 100_000).await;
        let services = w.services();
        let by = Actor::operator();
        pass(&w, 70);
        actions::look_after(services).await.unwrap();
        assert_eq!(alerts(&w).await, [AlertKind::Dormant]);
        spend(&w, "one", 10_000).await.unwrap();
        actions::look_after(services).await.unwrap();
        assert_eq!(alerts(&w).await, [], "it moved");
        let year = i64::from(w.today().year());
        let due = kernel::BusinessDay::from_number((year + 1) * 10_000 + 328).unwrap();
        pass(&w, due.days_since(w.today()) - 30);
        actions::look_after(services).await.unwrap();
        assert!(alerts(&w).await.contains(&AlertKind::ReportDue));
        let later = actions::report(services, &by, fund.fund, (year + 9, "年报", "")).await;
        assert!(matches!(later, Err(FundError::Invalid { field: "year", .. })));
        actions::report(services, &by, fund.fund, (year, "年报", ""))
            .await
            .unwrap();
        actions::report(services, &by, fund.fund, (year, "年报", ""))
            .await
            .unwrap();
        let other = actions::report(services, &by, fund.fund, (year, "另一份", "")).await;
        assert!(matches!(other, Err(FundError::Exists)), "what was published stays");
        actions::look_after(services).await.unwrap();
        assert!(!alerts(&w).await.contains(&AlertKind::ReportDue));
        w.stop();
    }
);

db::both!(
    a_closed_fund_holds_nothing_its_rest_went_where_was_agreed_and_what_comes_late_is_told,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let fund = open_fund(&w, |a| a.minimum = Fen::new(50_000)).await;
        give(&w, "A1", 80_000).await;
        w.submit({
            let mut by_cash = w.incoming(&w.restricted, "A2", 5_000);
            by_cash.account = w.cash.id;
            by_cash
        })
        .await;
        let services = w.services();
        let early = actions::close(services, &w.officer, fund.fund).await;
        assert!(matches!(early, Err(FundError::State("open"))), "nobody asked");
        assert_eq!(holds(&w).await, 85_000, "and its floor is kept still");
        assert!(matches!(
            spend(&w, "x", 60_000).await,
            Err(LedgerError::BelowFloor { .. })
        ));
        let by = Actor::operator();
        actions::ask_close(services, &by, fund.fund, "协议到期").await.unwrap();
        assert!(matches!(
            actions::close(services, &by, fund.fund).await,
            Err(FundError::FourEyes)
        ));
        let (a, b) = tokio::join!(
            actions::close(services, &w.officer, fund.fund),
            actions::close(services, &w.second, fund.fund)
        );
        let closed = [a, b].into_iter().filter_map(Result::ok).collect::<Vec<_>>();
        assert_eq!(closed.len(), 1, "closed once");
        assert!(matches!(closed[0].state, FundState::Closed { rest, .. } if rest == Fen::new(85_000)));
        assert_eq!(holds(&w).await, 0);
        let mut at = services.db.snapshot().await.unwrap();
        let rest = ledger::funds::queries::position(&mut at, w.sub.fund, w.today())
            .await
            .unwrap();
        assert_eq!(
            (rest.money, rest.restricted),
            (Fen::new(85_000), Fen::new(85_000)),
            "restricted still"
        );
        drop(at);
        assert_eq!(statement(&w).await.closing, Fen::ZERO);
        actions::look_after(services).await.unwrap();
        assert_eq!(alerts(&w).await, []);
        // A payment made before the close comes in late: it is a gift, and somebody is told.
        give(&w, "A3", 700).await;
        actions::look_after(services).await.unwrap();
        assert_eq!(alerts(&w).await, [AlertKind::MoneyAfterClose]);
        books_agree(&w).await;
        w.stop();
    }
);
