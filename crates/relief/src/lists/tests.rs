//! Requests that come again, on both databases.

use db::testing::TestDb;
use kernel::Fen;

use super::actions::{Again, Said, ask, ask_again, repeat, say};
use super::model::{NewRequest, Priority, Request, Wanted};
use super::queries;
use crate::error::ReliefError;
use crate::testing::{House, house};

async fn asked(house: &House, key: &str) -> Request {
    let wanted = NewRequest {
        unit: house.unit,
        key: key.to_owned(),
        party: house.party(key).await,
        wanted: Wanted::Money(Fen::new(5_000)),
        priority: Priority::Normal,
        basis: "每周透析病人交通补助".into(),
        needed_by: None,
    };
    ask(&house.services, &house.keeper, &wanted).await.expect("asked")
}

async fn open(house: &House) -> usize {
    let mut at = house.services.db.snapshot().await.expect("a view");
    queries::list_two(&mut at, house.unit).await.expect("requests").len()
}

db::both!(
    a_request_comes_again_on_its_days_until_its_last_one_and_never_twice_for_a_day,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let first = asked(&house, "a").await;
        let today = house.today();
        let weekly = |days| {
            Some(Again {
                every_days: 7,
                until: today.plus_days(days),
            })
        };
        let short = repeat(s, &house.keeper, first.id, weekly(6)).await;
        assert!(matches!(short, Err(ReliefError::Invalid { field: "until", .. })));
        repeat(s, &house.keeper, first.id, weekly(20)).await.expect("weekly");
        assert_eq!((ask_again(s).await.expect("none yet"), open(&house).await), (0, 1));
        for (day, new, all) in [(7, 1, 2), (7, 0, 2), (13, 0, 2), (15, 1, 3), (21, 0, 3), (60, 0, 3)] {
            house.at(today.plus_days(day), 17 * 60);
            assert_eq!(ask_again(s).await.expect("asked again"), new, "day {day}");
            assert_eq!(open(&house).await, all, "day {day}");
        }
    }
);

db::both!(
    what_was_taken_back_or_stopped_comes_no_more,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let (withdrawn, stopped) = (asked(&house, "a").await, asked(&house, "b").await);
        let daily = Some(Again {
            every_days: 1,
            until: house.today().plus_days(30),
        });
        for request in [&withdrawn, &stopped] {
            repeat(s, &house.keeper, request.id, daily).await.expect("daily");
        }
        say(s, &house.keeper, withdrawn.id, Said::Withdrawn)
            .await
            .expect("withdrawn");
        repeat(s, &house.keeper, stopped.id, None).await.expect("stopped");
        house.at(house.today().plus_days(2), 600);
        assert_eq!(ask_again(s).await.expect("nothing"), 0);
        let late = repeat(s, &house.keeper, withdrawn.id, daily).await;
        assert!(matches!(late, Err(ReliefError::State { state: "withdrawn", .. })));
    }
);
