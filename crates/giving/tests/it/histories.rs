//! Random histories of gifts, and after each: every journal is zero, no fund pays for another, totals = recount = books,
//! and what pages say per project, unit, way in and day is what the postings say.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use db::testing::TestDb;
use db::{Reads, Row, params};
use giving::donations::counter::{self, CounterGift};
use giving::donations::error::DonationError;
use giving::donations::imports::{self, NewImport};
use giving::donations::orders::{self, NewOrder};
use giving::donations::refunds::{self, RefundReason};
use giving::donations::review::{self, Dismissal};
use giving::donations::totals::{self, Of};
use giving::donations::{Outcome, Payer, recount};
use giving::projects::error::ProjectError;
use giving::projects::{self, Project};
use giving::testing::{World, world};
use kernel::{Fen, GiftId, ImportId, ProjectId, RefundId, ReviewId, UnitId};
use ledger::AccountCode;
use platform::identity::{Actor, Scope};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Numbers are few, so that repeats and other amounts for a known number happen all the time.
const NUMBERS: u8 = 8;
const AMOUNTS: [i64; 3] = [1, 2_000, 33_333];

/// One thing that may happen. Picks are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    /// A notice, maybe a repeat, maybe with another amount, maybe older than the last one.
    Notice {
        number: u8,
        amount: u8,
        project: u8,
        days_ago: u8,
    },
    /// An order that is paid, late or early, as wished or not.
    Order {
        project: u8,
        wished: u8,
        paid: u8,
        late: bool,
    },
    /// An entry at the counter.
    Counter {
        key: u8,
        amount: u8,
        project: u8,
    },
    /// An import of lines whose numbers may be known.
    Import {
        numbers: Vec<u8>,
        amount: u8,
        project: u8,
    },
    TakeBack {
        pick: u8,
    },
    Request {
        pick: u8,
        percent: u8,
        key: u8,
    },
    Approve {
        pick: u8,
        second: bool,
    },
    Reject {
        pick: u8,
        second: bool,
    },
    Accept {
        pick: u8,
    },
    Dismiss {
        pick: u8,
    },
    RaiseTarget {
        project: u8,
    },
    NextDay,
}

fn step() -> impl Strategy<Value = Step> {
    let (number, amount, project, pick) = (0..NUMBERS, 0..3u8, 0..4u8, any::<u8>());
    prop_oneof![
        6 => (number.clone(), amount.clone(), project.clone(), 0..3u8)
            .prop_map(|(number, amount, project, days_ago)| Step::Notice { number, amount, project, days_ago }),
        2 => (project.clone(), amount.clone(), amount.clone(), any::<bool>())
            .prop_map(|(project, wished, paid, late)| Step::Order { project, wished, paid, late }),
        1 => (0..3u8, amount.clone(), project.clone())
            .prop_map(|(key, amount, project)| Step::Counter { key, amount, project }),
        2 => (vec(number, 1..6), amount, project.clone())
            .prop_map(|(numbers, amount, project)| Step::Import { numbers, amount, project }),
        2 => pick.prop_map(|pick| Step::TakeBack { pick }),
        4 => (any::<u8>(), 1..=100u8, 0..6u8).prop_map(|(pick, percent, key)| Step::Request { pick, percent, key }),
        4 => (any::<u8>(), any::<bool>()).prop_map(|(pick, second)| Step::Approve { pick, second }),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(pick, second)| Step::Reject { pick, second }),
        2 => any::<u8>().prop_map(|pick| Step::Accept { pick }),
        1 => any::<u8>().prop_map(|pick| Step::Dismiss { pick }),
        1 => project.prop_map(|project| Step::RaiseTarget { project }),
        1 => Just(Step::NextDay),
    ]
}

/// What has happened, kept apart from the program's own sums.
#[derive(Default)]
struct Told {
    gifts: Vec<(GiftId, i64)>,
    imports: Vec<ImportId>,
    reviews: Vec<ReviewId>,
    refunds: Vec<(RefundId, i64)>,
    approved: HashSet<RefundId>,
    count: i64,
    sum: i64,
    refunded: i64,
    raises: i64,
    targets: HashMap<ProjectId, Fen>,
}

impl Told {
    fn hear(&mut self, outcome: Outcome, amount: i64) {
        match outcome {
            Outcome::Recorded(gift) => {
                self.gifts.push((gift, amount));
                self.count += 1;
                self.sum += amount;
            }
            Outcome::Held { review, .. } => self.reviews.push(review),
            Outcome::Known(gift) => assert!(self.gifts.contains(&(gift, amount)), "known, but never told"),
        }
    }
}

fn pick<T: Copy>(all: &[T], at: u8) -> Option<T> {
    if all.is_empty() {
        None
    } else {
        all.get(usize::from(at) % all.len()).copied()
    }
}

fn project(world: &World, at: u8) -> &Project {
    [&world.general, &world.restricted, &world.sub, &world.agency][usize::from(at) % 4]
}

fn amount(at: u8) -> i64 {
    AMOUNTS[usize::from(at) % AMOUNTS.len()]
}

fn person(world: &World, second: bool) -> &Actor {
    if second { &world.second } else { &world.officer }
}

async fn take(world: &World, told: &mut Told, step: Step) {
    let services = world.services().clone();
    match step {
        Step::Notice {
            number,
            amount: at,
            project: p,
            days_ago,
        } => {
            let mut incoming = world.incoming(project(world, p), &format!("N{number}"), amount(at));
            incoming.paid_at = incoming.paid_at.plus_micros(-i64::from(days_ago) * 86_400_000_000);
            incoming.business_day = incoming.paid_at.business_day();
            told.hear(world.submit(incoming).await, amount(at));
        }
        Step::Order {
            project: p,
            wished,
            paid,
            late,
        } => order(world, told, (p, wished, paid, late)).await,
        Step::Counter {
            key,
            amount: at,
            project: p,
        } => {
            let gift = CounterGift {
                account: world.cash.id,
                project: project(world, p).id,
                amount: Fen::new(amount(at)),
                bank_no: None,
                key: format!("slip {key}"),
                paid_at: None,
                payer: Payer::default(),
                anonymous: true,
                receipt: None,
            };
            match counter::enter(&world.giving, &world.officer, gift).await {
                Ok(outcome) => told.hear(outcome, amount(at)),
                Err(error) => assert!(matches!(error, DonationError::ProjectClosed(_)), "{error:?}"),
            }
        }
        Step::Import {
            numbers,
            amount: at,
            project: p,
        } => import(world, told, &numbers, (at, p)).await,
        Step::TakeBack { pick: at } => {
            let Some(id) = pick(&told.imports, at) else { return };
            let before = all(world).await;
            let done = refunds::take_back_import(&services, &world.officer, id).await.unwrap();
            let after = all(world).await;
            // The first call takes what it reports, a repeat takes nothing.
            let (gifts, sum) = (before.0 - after.0, before.1 - after.1);
            assert!((gifts, sum) == (done.gifts, done.sum.get()) || (gifts, sum) == (0, 0));
            told.count -= gifts;
            told.sum -= sum;
        }
        Step::Request { pick: at, percent, key } => {
            let Some((gift, amount)) = pick(&told.gifts, at) else {
                return;
            };
            let part = (amount * i64::from(percent) / 100).max(1);
            let what = (gift, Fen::new(part), RefundReason::WrongPayment);
            // A key seen before with another request, too much and taken back gifts are refused, and that is all.
            if let Ok(refund) = refunds::request(&services, &world.officer, what, &format!("k{key}")).await {
                told.refunds.push((refund.id, part));
            }
        }
        Step::Approve { pick: at, second } => {
            let Some((id, part)) = pick(&told.refunds, at) else {
                return;
            };
            let decided = refunds::approve(&services, person(world, second), id).await;
            assert!(
                second || matches!(decided, Err(DonationError::FourEyes)),
                "who asked never approves"
            );
            if decided.is_ok() && told.approved.insert(id) {
                told.refunded += part;
            }
        }
        Step::Reject { pick: at, second } => {
            let Some((id, _)) = pick(&told.refunds, at) else { return };
            let decided = refunds::reject(&services, person(world, second), id).await;
            assert!(
                decided.is_err() || !told.approved.contains(&id),
                "what was booked is not rejected"
            );
        }
        Step::Accept { pick: at } => {
            let Some(id) = pick(&told.reviews, at) else { return };
            accept(world, told, id).await;
        }
        Step::Dismiss { pick: at } => {
            let Some(id) = pick(&told.reviews, at) else { return };
            let _ = review::dismiss(&services, &world.officer, id, Dismissal::WrongAmountTold).await;
        }
        Step::RaiseTarget { project: p } => raise(world, told, p).await,
        Step::NextDay => world.at(world.clock_plus(86_400_000_000)),
    }
}

/// A raise goes always up and no project of the society ends: only the general one, which has no target, refuses it.
async fn raise(world: &World, told: &mut Told, p: u8) {
    told.raises += 1;
    let (target, by, id) = (
        Fen::new(1_000_000 + told.raises),
        Actor::operator(),
        project(world, p).id,
    );
    match projects::actions::raise_target(world.services(), &by, id, target, "紧急提额").await {
        Ok(raised) => {
            assert_eq!(raised.target, Some(target));
            told.targets.insert(id, target);
        }
        Err(error) => assert!(
            id == world.general.id && matches!(error, ProjectError::NoTarget),
            "{error:?}"
        ),
    }
}

async fn accept(world: &World, told: &mut Told, id: ReviewId) {
    match review::accept(&world.giving, &world.officer, id).await {
        Ok(accepted) if !told.gifts.iter().any(|(gift, _)| *gift == accepted.gift) => {
            let mut at = world.services().db.snapshot().await.unwrap();
            let held = review::find(&mut at, id).await.unwrap().unwrap();
            told.hear(Outcome::Recorded(accepted.gift), held.amount.get());
        }
        Ok(_) => {}
        Err(error) => assert!(matches!(error, DonationError::AlreadyDecided("dismissed")), "{error:?}"),
    }
}

async fn order(world: &World, told: &mut Told, (p, wished, paid, late): (u8, u8, u8, bool)) {
    let wish = NewOrder {
        project: project(world, p).code.clone(),
        amount: Fen::new(amount(wished)),
        payer: Payer {
            name: Some("测试丁".into()),
            ..Payer::default()
        },
        anonymous: false,
        receipt: None,
    };
    // A campaign that is over takes no more orders.
    let Ok(order) = orders::place(&world.giving, wish).await else {
        return;
    };
    if late {
        world.at(order.expires_at.plus_micros(1));
    }
    let mut incoming = world.incoming(&world.general, &order.trade_no, amount(paid));
    orders::complete(&mut incoming, &world.giving).await.unwrap().unwrap();
    assert_eq!(incoming.project, project(world, p).id);
    let (fen, outcome) = (incoming.amount, world.submit(incoming).await);
    orders::settle(&world.giving, &order, fen, outcome).await;
    told.hear(outcome, fen.get());
}

async fn import(world: &World, told: &mut Told, numbers: &[u8], (at, p): (u8, u8)) {
    let new = NewImport {
        unit: world.city,
        project: project(world, p).id,
        account: world.notice.0.id,
        profile: "test",
        file_sha256: [7; 32],
        actor: world.officer.id,
    };
    let id = imports::begin(&new, world.services()).await.unwrap();
    let gifts = numbers
        .iter()
        .map(|number| world.prepared(world.incoming(project(world, p), &format!("N{number}"), amount(at))));
    let outcomes = world
        .giving
        .intake
        .submit_many(gifts.collect(), Some(id))
        .await
        .unwrap();
    imports::end(id, &new, &serde_json::json!({}), world.services())
        .await
        .unwrap();
    told.imports.push(id);
    for outcome in outcomes {
        told.hear(outcome, amount(at));
    }
}

/// Gifts, sum, refunds as the totals have them.
async fn all(world: &World) -> (i64, i64, i64) {
    let mut at = world.services().db.snapshot().await.unwrap();
    let tree = &world.services().tree;
    let sums = totals::sums(&mut at, Of::Everything, &Scope::Everything, tree)
        .await
        .unwrap();
    (sums.gifts, sums.sum_fen.get(), sums.refunds.sum_fen.get())
}

/// Credit of what gifts count as: income, or what is owed to others.
const CREDITED: &str = "a.code IN ('410101', '410102', '2601')";
/// Where the money lies.
const LIES: &str = "a.code LIKE '10%'";
/// Gifts, less those of imports that were taken back.
const GIVEN: &str = "p.kind IN ('gift_received', 'agency_received', 'reversal')";
const GIVEN_BACK: &str = "p.kind = 'gift_refunded'";

/// What the postings sum to under each key, debit above zero, zeros left out.
async fn booked<K: Eq + Hash>(
    at: &mut impl Reads,
    key: &str,
    (accounts, kinds): (&str, &str),
    read: impl Fn(&Row) -> K,
) -> HashMap<K, i64> {
    let sql = format!(
        "SELECT {key} AS k, CAST(SUM(p.amount_fen) AS BIGINT) AS fen FROM posting p
         JOIN book_account a ON a.id = p.account_id LEFT JOIN project j ON j.id = a.project_id
         WHERE {accounts} AND {kinds} GROUP BY {key} HAVING SUM(p.amount_fen) <> 0"
    );
    let rows = at.query(&sql, vec![]).await.unwrap();
    rows.iter().map(|row| (read(row), row.int("fen").unwrap())).collect()
}

/// The same of what pages are made from.
fn shown<K: Eq + Hash>(lines: impl IntoIterator<Item = (K, i64)>) -> HashMap<K, i64> {
    let mut sums: HashMap<K, i64> = HashMap::new();
    for (key, fen) in lines {
        *sums.entry(key).or_default() += fen;
    }
    sums.retain(|_, fen| *fen != 0);
    sums
}

async fn pages_say_what_the_books_say(world: &World) {
    let mut at = world.services().db.snapshot().await.unwrap();
    let (scope, tree) = (Scope::Everything, &world.services().tree);
    let all = Of::Everything;
    let projects = totals::by_project(&mut at, all, &scope, tree).await.unwrap();
    let units = totals::by_unit(&mut at, all, &scope, tree).await.unwrap();
    let report = totals::totals(&mut at, all, &scope, tree).await.unwrap();

    let project = |row: &Row| row.id::<ProjectId>("k").unwrap();
    let of_books = booked(&mut at, "a.project_id", (CREDITED, GIVEN), project).await;
    let of_pages = shown(projects.iter().map(|one| (one.project, -one.sums.sum_fen.get())));
    assert_eq!(of_pages, of_books, "gifts by project");
    let of_books = booked(&mut at, "a.project_id", (CREDITED, GIVEN_BACK), project).await;
    let of_pages = shown(projects.iter().map(|one| (one.project, one.sums.refunds.sum_fen.get())));
    assert_eq!(of_pages, of_books, "refunds by project");
    let unit = |row: &Row| row.id::<UnitId>("k").unwrap();
    let of_books = booked(&mut at, "j.unit_id", (CREDITED, GIVEN), unit).await;
    let of_pages = shown(units.iter().map(|one| (one.unit, -one.sums.sum_fen.get())));
    assert_eq!(of_pages, of_books, "gifts by unit");
    let of_books = booked(&mut at, "SUBSTR(a.code, 1, 4)", (LIES, GIVEN), |row| {
        row.text("k").unwrap()
    })
    .await;
    let lies = |channel| AccountCode::asset_of(channel).level1().to_owned();
    let of_pages = shown(
        report
            .by_channel
            .iter()
            .map(|one| (lies(one.channel), one.sum_fen.get())),
    );
    assert_eq!(of_pages, of_books, "gifts by the ways they came");
    let of_books = booked(&mut at, "p.business_day", (LIES, GIVEN), |row| row.day("k").unwrap()).await;
    let of_pages = shown(report.by_day.iter().map(|one| (one.day, one.sum_fen.get())));
    assert_eq!(of_pages, of_books, "gifts by day");
}

async fn check(world: &World, told: &Told) {
    pages_say_what_the_books_say(world).await;
    let mut at = world.services().db.snapshot().await.unwrap();
    for (project, target) in &told.targets {
        let sql = "SELECT target_fen FROM project WHERE id = ?1";
        let row = at.query_one(sql, params![(*project,)]).await.unwrap().unwrap();
        assert_eq!(row.fen("target_fen").unwrap(), *target, "the last raise stands");
    }
    let books = ledger::recount(&mut at).await.unwrap();
    assert!(books.agrees(), "the books: {books:?}");
    let gifts = recount(&mut at).await.unwrap();
    assert!(gifts.agrees(), "the totals: {gifts:?}");
    // Nothing that happens to a gift may move money between funds, whatever the journal calls itself.
    let crossing = "SELECT p.journal_id, a.fund_id FROM posting p JOIN book_account a ON a.id = p.account_id
        GROUP BY p.journal_id, a.fund_id HAVING SUM(p.amount_fen) <> 0 LIMIT 1";
    assert!(
        at.query_one(crossing, vec![]).await.unwrap().is_none(),
        "a journal crosses funds"
    );
    let restricted = "SELECT COUNT(*) AS n FROM book_account a JOIN project p ON p.id = a.project_id
        WHERE (a.code LIKE '41%' AND (a.restriction <> p.restriction OR a.fund_id <> p.fund_id))
           OR (a.code LIKE '41%' AND p.restriction = 'agency')";
    let strays = at
        .query_one(restricted, vec![])
        .await
        .unwrap()
        .unwrap()
        .int("n")
        .unwrap();
    assert_eq!(
        strays, 0,
        "income stands under another restriction or fund than its project's"
    );
    let over =
        "SELECT COUNT(*) AS n FROM gift g WHERE g.amount_fen < (SELECT CAST(COALESCE(SUM(r.amount_fen), 0) AS BIGINT)
        FROM gift_refund r WHERE r.unit_id = g.unit_id AND r.gift_id = g.id AND r.state <> ?1)";
    let over = at
        .query_one(over, params!["rejected"])
        .await
        .unwrap()
        .unwrap()
        .int("n")
        .unwrap();
    assert_eq!(over, 0, "more is given back than was given");
    drop(at);
    assert_eq!(
        all(world).await,
        (told.count, told.sum, told.refunded),
        "what was told is what stands"
    );
}

fn histories(cases: u32, open: impl AsyncFn() -> TestDb) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&vec(step(), 1..24), |steps| {
        runtime.block_on(async {
            let test = open().await;
            let world = world(test.db.clone()).await;
            let mut told = Told::default();
            // Whatever else happens, one target is raised.
            raise(&world, &mut told, 2).await;
            assert!(told.targets.contains_key(&world.sub.id));
            for step in steps {
                take(&world, &mut told, step).await;
            }
            check(&world, &told).await;
            world.stop();
        });
        Ok(())
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
}

#[test]
fn every_history_leaves_the_books_whole_on_sqlite() {
    histories(64, async || TestDb::sqlite(&giving::all_migrations()).await);
}

#[test]
fn every_history_leaves_the_books_whole_on_postgres() {
    histories(8, async || TestDb::postgres(&giving::all_migrations()).await);
}
