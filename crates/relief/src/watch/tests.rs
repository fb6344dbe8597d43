//! Breaches of the clock and of norms, on both databases.

use db::testing::TestDb;
use kernel::id::Id as _;
use platform::identity::Actor;
use platform::parameters::Override;

use super::actions::look;
use super::model::Breach;
use super::queries::going;
use super::store;
use crate::catalogue::actions::set_norm;
use crate::catalogue::model::Norm;
use crate::stock::Step;
use crate::testing::{House, house};

async fn told(house: &House) -> (usize, usize, Vec<(Breach, i64)>) {
    let looked = look(&house.services).await.expect("a look");
    let mut at = house.services.db.snapshot().await.expect("a view");
    let mut open: Vec<_> = going(&mut at, house.unit).await.expect("breaches");
    open.sort_by_key(|one| one.kind);
    let open = open.into_iter().map(|one| (one.kind, one.quantity)).collect();
    (looked.began.values().sum(), looked.ended, open)
}

db::both!(
    goods_that_wait_two_hours_warn_and_a_day_alarm_once_while_the_emergency_lasts,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let (s, today) = (&house.services, house.today());
        house.at(today, 600);
        house.stocked("a", 100).await;
        house.at(today, 600 + 121);
        assert_eq!(told(&house).await, (0, 0, vec![]), "in quiet times goods may lie");
        let emergency = Override {
            key: "emergency.goods_clock".into(),
            from: today,
            to: None,
            value: "1".into(),
            legal_ref: "一级响应".into(),
        };
        platform::parameters::set(s, &Actor::operator(), emergency)
            .await
            .expect("set");
        house.at(today, 600 + 119);
        assert_eq!(told(&house).await, (0, 0, vec![]));
        house.at(today, 600 + 121);
        assert_eq!(told(&house).await, (1, 0, vec![(Breach::WaitsWarn, 100)]));
        assert_eq!(told(&house).await.0, 0, "once");
        house.at(today.plus_days(1), 601);
        let both = vec![(Breach::WaitsWarn, 100), (Breach::WaitsAlarm, 100)];
        assert_eq!(told(&house).await, (1, 0, both));
        house.ordered(house.party("第一医院").await, 100).await;
        assert_eq!(told(&house).await, (0, 2, vec![]), "set aside, it waits no more");
    }
);

db::both!(
    goods_that_nobody_looks_at_warn_on_the_second_working_day_and_alarm_after_it_each_arrival_for_itself,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        // A Friday; the Saturday is worked in exchange, so that the second working day after it is the Monday.
        let friday = house.today();
        house.at(friday, 600);
        let lot = house.announced("a", 100).await;
        house.step(lot, Step::Arrive(house.place), 40).await;
        house.at(friday.plus_days(2), 600);
        let more = crate::stock::actions::Recorded {
            lot,
            step: Step::Arrive(house.place),
            quantity: 60,
            key: "the rest, on Sunday".into(),
            reason: String::new(),
            device_at: None,
        };
        crate::stock::actions::record(&house.services, &house.keeper, &more)
            .await
            .expect("arrived");
        assert_eq!(told(&house).await, (0, 0, vec![]));
        house.at(friday.plus_days(3), 600);
        assert_eq!(told(&house).await, (1, 0, vec![(Breach::InspectDue, 100)]));
        house.step(lot, Step::Inspect(house.place), 40).await;
        assert_eq!(told(&house).await, (0, 1, vec![]), "the rest came later and has time");
        house.at(friday.plus_days(5), 600);
        let both = vec![(Breach::InspectDue, 60), (Breach::InspectLate, 60)];
        assert_eq!(told(&house).await, (2, 0, both), "Tuesday was its last day");
    }
);

db::both!(
    a_norm_alerts_both_ways_and_says_when_it_is_kept_again,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let norm = Norm {
            min: 50,
            normal: 80,
            max: 120,
        };
        set_norm(s, &house.keeper, (house.unit, house.item), norm)
            .await
            .expect("a norm");
        assert_eq!(told(&house).await, (1, 0, vec![(Breach::TooLittle, 0)]));
        let lot = house.stocked("a", 100).await;
        assert_eq!(told(&house).await, (0, 1, vec![]));
        house.stocked("b", 21).await;
        assert_eq!(told(&house).await, (1, 0, vec![(Breach::TooMuch, 121)]));
        let scrap = crate::stock::actions::Recorded {
            lot,
            step: Step::Scrap(house.place),
            quantity: 1,
            key: "wet".into(),
            reason: "受潮".into(),
            device_at: None,
        };
        crate::stock::actions::record(s, &house.boss, &scrap)
            .await
            .expect("scrapped");
        assert_eq!(told(&house).await, (0, 1, vec![]));
    }
);

db::both!(
    of_two_looks_at_once_one_says_that_a_breach_began_and_one_that_it_ended,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let now = house.services.now();
        let key = (Breach::TooLittle, house.item.bytes());
        let mut tx = house.services.db.begin().await.expect("a transaction");
        let mut written = Vec::new();
        for later in [0, 1] {
            let at = now.plus_micros(later);
            written.push(store::begin(&mut tx, house.unit, (key, 0), at).await.expect("begun"));
        }
        for _ in 0..2 {
            let ended = store::end(&mut tx, house.unit, (key, now), now).await;
            written.push(ended.expect("ended"));
        }
        assert_eq!(written, [true, false, true, false]);
    }
);
