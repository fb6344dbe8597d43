//! Totals that the society states, held against the entries.

use giving::donations::refunds::{self, RefundReason};
use kernel::Fen;
use platform::facts::{NewFact, conclude};
use platform::identity::Actor;
use serde_json::json;

use super::super::leaf::{Figures, Leaf, PublicId, Stated};
use super::super::stated::{STATED, Statement};
use super::super::totals::{Fold, Totals};
use super::super::verify::{verify_totals, verify_totals_then};
use super::*;

/// Two days later, past every waiting.
const TWO_DAYS: i64 = 2 * 24 * 60 * 60 * 1_000_000;

fn totals(s: &Setting) -> Totals {
    let mut folder = s.log.files().clone();
    verify_totals(&mut folder, &s.policy(), &[]).expect("the log holds").1
}

async fn state(s: &Setting) -> usize {
    let stated = s.log.state(s.world.services(), &Actor::operator(), None).await;
    let stated = stated.expect("stated").len();
    s.placed().await;
    s.drain().await.expect("a round");
    stated
}

db::both!(
    what_the_books_say_is_stated_once_and_is_what_the_entries_say,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let gifts = s.gifts(7).await;
        let (services, officer, second) = (
            s.world.services().clone(),
            s.world.officer.clone(),
            s.world.second.clone(),
        );
        let asked = (gifts[1], Fen::new(30), RefundReason::WrongPayment);
        let refund = refunds::request(&services, &officer, asked, "a").await.expect("asked");
        refunds::approve(&services, &second, refund.id).await.expect("approved");
        s.placed().await;
        s.drain().await.expect("a round");
        // Two of another project wait, one came this very moment: nothing of them is told.
        let general = s.world.general.clone();
        for fen in [5_000, 6_000] {
            s.gift(&general, fen).await;
        }
        s.placed().await;
        s.drain().await.expect("a round");
        s.gift(&general, 7_000).await;
        s.placed().await;
        let books = s.log.books(&services).await.expect("a quiet moment");
        let [city] = &books.units[..] else {
            panic!("one unit has gifts: {books:?}")
        };
        assert_eq!((city.told.gifts, city.told.given, city.told.refunded), (7, 721, 30));
        assert_eq!((city.waiting.gifts, city.waiting.given), (3, 18_000));
        assert_eq!((books.size, city.unit), (8, s.world.city));
        assert_eq!(state(&s).await, 1);
        assert_eq!(state(&s).await, 0, "the same figures are not stated again");
        let all = totals(&s);
        assert_eq!((all.stated, all.differ.len()), (1, 0), "{:?}", all.differ);
        // They go in together, and the next statement holds them.
        s.world.at(s.world.clock_plus(TWO_DAYS));
        for n in 0..2 {
            s.gift(&general, 8_000 + n).await;
        }
        s.world.at(s.world.clock_plus(TWO_DAYS));
        s.placed().await;
        s.drain().await.expect("a round");
        s.world.at(s.world.clock_plus(TWO_DAYS));
        s.drain().await.expect("a round");
        assert_eq!(state(&s).await, 1);
        let all = totals(&s);
        assert_eq!((all.stated, all.differ.len()), (2, 0), "{:?}", all.differ);
        assert_eq!(s.verified().kinds["totals.stated"], 2);
        s.world.stop();
    }
);

db::both!(
    a_lie_that_is_stated_is_found_with_its_difference,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(6).await;
        s.drain().await.expect("a round");
        let services = s.world.services().clone();
        let books = s.log.books(&services).await.expect("a quiet moment");
        let mut says = books.units[0].told;
        says.given += 1_000_000;
        let body = Statement {
            day: s.world.today(),
            size: books.size,
            says,
        };
        let fact = NewFact {
            unit: s.world.city,
            kind: STATED,
            subject: [7; 16],
            actor: None,
            body: json!(body),
        };
        let tx = s.db.begin().await.expect("a transaction");
        conclude(tx, fact, &services).await.expect("written");
        s.placed().await;
        assert_eq!(s.drain().await.expect("a round"), 1, "a lie is logged like a truth");
        let all = totals(&s);
        let [lie] = &all.differ[..] else {
            panic!("one lie: {:?}", all.differ)
        };
        assert_eq!((lie.entry, lie.size), (6, 6));
        let words = lie.words();
        assert!(
            words.contains("given 1000615, the entries say 615, which is +1000000"),
            "{words}"
        );
        assert!(all.to_text().expect("a text").contains("\"differ\""));
        s.world.stop();
    }
);

db::both!(
    who_may_not_post_in_a_unit_states_nothing_of_it,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(6).await;
        s.drain().await.expect("a round");
        let (services, city) = (s.world.services().clone(), s.world.city);
        for unit in [Some(city), None] {
            let refused = s.log.state(&services, &s.world.county_officer, unit).await;
            assert!(matches!(refused, Err(LogError::Forbidden(_))), "{refused:?}");
        }
        let stated = s
            .log
            .state(&services, &s.world.officer, Some(city))
            .await
            .expect("allowed");
        assert_eq!(stated.len(), 1);
        s.world.stop();
    }
);

db::both!(
    the_sums_at_an_earlier_size_are_those_of_its_entries,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(6).await;
        s.drain().await.expect("a round");
        s.gifts(3).await;
        s.drain().await.expect("a round");
        let mut folder = s.log.files().clone();
        let policy = s.policy();
        for (size, gifts) in [(0, None), (6, Some(6)), (9, Some(9))] {
            let (_, _, then) = verify_totals_then(&mut folder, &policy, (&[], size)).expect("it holds");
            let then = then.expect("there are so many");
            assert_eq!(then.units.values().next().map(|unit| unit.gifts), gifts);
        }
        let (_, _, then) = verify_totals_then(&mut folder, &policy, (&[], 10)).expect("it holds");
        assert_eq!(then, None);
        s.world.stop();
    }
);

db::both!(
    the_night_states_once_the_log_has_stood_for_a_night,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let (services, by) = (s.world.services().clone(), Actor::operator());
        assert_eq!(s.log.state_nightly(&services, &by).await.expect("nothing yet"), 0);
        s.gifts(6).await;
        s.drain().await.expect("a round");
        assert_eq!(s.log.state_nightly(&services, &by).await.expect("its first day"), 0);
        s.world.at(s.world.clock_plus(TWO_DAYS));
        assert_eq!(s.log.state_nightly(&services, &by).await.expect("stated"), 1);
        assert_eq!(s.log.state_nightly(&services, &by).await.expect("once"), 0);
        s.world.stop();
    }
);

fn stated(n: u8, size: u64, gifts: i64) -> Leaf {
    Leaf::Stated(Stated {
        id: PublicId::from_bytes(&[n; 16]),
        unit: PublicId::from_bytes(&[200; 16]),
        day: kernel::BusinessDay::from_number(20_261_122).expect("a day"),
        size,
        says: Figures {
            gifts,
            ..Figures::default()
        },
    })
}

#[test]
fn a_statement_of_entries_that_are_not_there_is_a_difference_and_stops_nothing() {
    let mut fold = Fold::default();
    for leaf in [stated(1, 0, 0), stated(2, 1, 0), stated(3, 9, 0), stated(4, 2, 1)] {
        fold.take(&leaf).expect("it goes on");
    }
    let found: Vec<(u64, bool)> = fold.differ().iter().map(|lie| (lie.entry, lie.log.is_some())).collect();
    assert_eq!(found, [(2, false), (3, true)]);
    assert!(
        fold.differ()[0]
            .words()
            .contains("does not speak of the entries before it")
    );
}
