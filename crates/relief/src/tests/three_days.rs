//! Lists and plans step by step (M-19): corrected and frozen, changed with a reason, decided by three, refused once the
//! store changed. The days as a whole are in [`super::hangzhou`].

use std::collections::BTreeMap;

use db::testing::TestDb;
use kernel::BusinessDay;
use platform::jobs::Runner;

use crate::catalogue;
use crate::dispatch::actions::{Carry, carry, give_back};
use crate::dispatch::{DispatchState, queries as dispatch};
use crate::error::ReliefError;
use crate::lists::actions::Destination;
use crate::lists::actions::{Said, ask, change, decide, draw_list, propose, say};
use crate::lists::jobs::{CorrectLists, DrawListOne, NIGHTLY};
use crate::lists::model::{ChangedLine, Listed, NewRequest, PlanDecision, PlanState, Priority, Wanted, Why};
use crate::lists::queries as lists;
use crate::stock::actions::expect_on;
use crate::stock::queries as stock;
use crate::stock::{LotState, Step};
use crate::testing::{House, house};
use crate::{DispatchId, PartyId};

fn request(house: &House, key: &str, party: PartyId, (quantity, priority): (i64, Priority)) -> NewRequest {
    NewRequest {
        unit: house.unit,
        key: key.to_owned(),
        party,
        wanted: Wanted::Goods {
            item: house.item,
            unit_word: "只".into(),
            quantity,
        },
        priority,
        basis: "隔离病区60张床，每床每日4只".into(),
        needed_by: None,
    }
}

async fn orders(house: &House) -> Vec<DispatchId> {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let all = dispatch::orders(&mut at, house.unit).await.expect("orders");
    let open = all.into_iter().filter(|order| order.state == DispatchState::Ordered);
    open.map(|order| order.id).collect()
}

db::both!(
    a_list_is_corrected_as_things_arrive_and_frozen_when_its_day_ends,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let (s, day) = (&house.services, house.today());
        let lot = house.announced("a", 10).await;
        let draw = async || draw_list(s, &house.keeper, house.unit, day).await;
        assert_eq!(draw().await.expect("a list").0, 1);
        assert_eq!(
            draw().await.expect("the same").0,
            1,
            "nothing changed, so no new version"
        );
        house.step(lot, Step::Arrive(house.place), 10).await;
        let (version, lines) = draw().await.expect("corrected");
        assert_eq!((version, lines[0].listed), (2, Listed::Arrived));
        house.at(day.plus_days(1), 60);
        assert!(matches!(draw().await, Err(ReliefError::Frozen(frozen)) if frozen == day));
        let mut at = s.db.snapshot().await.expect("a view");
        let kept = lists::list_one(&mut at, house.unit, day)
            .await
            .expect("a list")
            .expect("kept");
        assert_eq!((kept.version, kept.lines), (2, lines));
    }
);

db::both!(
    tomorrows_list_is_drawn_in_the_evening_and_corrected_within_a_minute,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let (today, tomorrow) = (house.today(), house.today().plus_days(1));
        let runner = Runner::new(vec![Box::new(DrawListOne), Box::new(CorrectLists)]).with_nightly(vec![NIGHTLY]);
        let version = async |day: BusinessDay| {
            let mut at = s.db.snapshot().await.expect("a view");
            let kept = lists::list_one(&mut at, house.unit, day).await.expect("read");
            kept.map(|list| (list.version, list.lines.len()))
        };
        let lot = house.announced("a", 10).await;
        expect_on(s, &house.keeper, lot, tomorrow)
            .await
            .expect("awaited tomorrow");
        assert_eq!(
            runner.drain(s).await.expect("nothing due"),
            0,
            "no list, nothing to correct"
        );

        house.at(today, 17 * 60 + 1);
        runner.put_nightly_in_line(s).await.expect("in line");
        runner.drain(s).await.expect("drawn");
        assert_eq!(version(tomorrow).await, Some((1, 1)));

        // Three lots within a minute are one correction.
        for word in ["b", "c", "d"] {
            let lot = house.announced(word, 5).await;
            expect_on(s, &house.keeper, lot, tomorrow).await.expect("awaited");
        }
        assert_eq!(runner.drain(s).await.expect("not yet"), 0, "the minute is not over");
        house.at(today, 17 * 60 + 2);
        assert_eq!(runner.drain(s).await.expect("corrected"), 1);
        assert_eq!(version(tomorrow).await, Some((2, 4)));
        assert_eq!(version(today).await, None, "nobody drew today’s");
    }
);

db::both!(
    the_desk_changes_a_line_with_a_reason_and_the_group_decides,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stocked("a", 100).await;
        let (one, two) = (house.party("示例第一医院").await, house.party("示例第二医院").await);
        let made = ask(s, &house.keeper, &request(&house, "r1", one, (60, Priority::Normal)))
            .await
            .expect("asked");
        let (plan, shares) = propose(s, &house.desk, house.unit).await.expect("a plan");
        let whys: Vec<(Why, i64)> = shares.iter().map(|share| (share.why, share.quantity)).collect();
        assert_eq!(whys, [(Why::FairShare, 60), (Why::Stays, 40)]);
        let to = |party, quantity| Destination {
            party,
            request: None,
            quantity,
        };
        let spot = (lot, house.place);
        let uneven = [to(Some(one), 60), to(Some(two), 30)];
        let refused = change(s, &house.desk, plan, (spot, &uneven), "二院告急").await;
        assert!(matches!(refused, Err(ReliefError::Sum { found: 90, lot: 100 })));
        let even = [to(Some(one), 60), to(Some(two), 40)];
        change(s, &house.desk, plan, (spot, &even), "二院告急")
            .await
            .expect("changed");
        let mut at = s.db.snapshot().await.expect("a view");
        let told = lists::events(&mut at, plan).await.expect("read").remove(0);
        drop(at);
        let of = |lines: &[ChangedLine]| lines.iter().map(|line| line.quantity).collect::<Vec<_>>();
        assert_eq!(
            (told.words.as_str(), of(&told.before), of(&told.after)),
            ("二院告急", vec![60, 40], vec![60, 40])
        );
        assert_eq!((told.by, told.before[1].receiver.as_deref()), (house.desk.id, None));
        assert_eq!(told.after[1].receiver.as_deref(), Some("示例第二医院"));
        assert!(
            matches!(
                decide(s, &house.desk, plan, (PlanDecision::Approve, "")).await,
                Err(ReliefError::Forbidden(_))
            ),
            "the desk proposes and decides nothing"
        );
        let first = decide(s, &house.leaders[0], plan, (PlanDecision::Approve, ""))
            .await
            .expect("one");
        assert_eq!(first, PlanState::Proposed);
        let twice = decide(s, &house.leaders[0], plan, (PlanDecision::Approve, "")).await;
        assert!(matches!(twice, Err(ReliefError::SamePerson)));
        let late = change(s, &house.desk, plan, (spot, &even), "又改").await;
        assert!(
            matches!(late, Err(ReliefError::State { .. })),
            "nothing changes under who decides"
        );
        for leader in &house.leaders[1..] {
            decide(s, leader, plan, (PlanDecision::Approve, ""))
                .await
                .expect("a decision");
        }
        assert_eq!(orders(&house).await.len(), 2);
        // A part is missing at the receiver, a part comes back.
        let order = orders(&house).await[0];
        for step in [Carry::Issue, Carry::Load] {
            carry(s, &house.keeper, order, step).await.expect("a step");
        }
        let receive = |reason: &str| Carry::Receive {
            came: BTreeMap::from([(1, 30)]),
            reason: reason.to_owned(),
        };
        let refused = carry(s, &house.keeper, order, receive("")).await;
        assert!(matches!(refused, Err(ReliefError::Invalid { field: "reason", .. })));
        carry(s, &house.keeper, order, receive("途中受潮"))
            .await
            .expect("received");
        let back = (lot, house.place, 5);
        give_back(s, &house.keeper, order, back, ("back-1", "用不上"))
            .await
            .expect("back");
        give_back(s, &house.keeper, order, back, ("back-1", "用不上"))
            .await
            .expect("known");
        let mut at = s.db.snapshot().await.expect("a view");
        assert!(stock::recount(&mut at).await.expect("a recount").agrees());
        drop(at);
        // What the request got is on it; calling an order off gives it back.
        say(s, &house.keeper, made.id, Said::StillNeeded)
            .await
            .expect("confirmed");
        let other = orders(&house).await[0];
        let off = Carry::CallOff {
            reason: "对方已从别处得到".into(),
        };
        assert_eq!(
            carry(s, &house.keeper, other, off).await.expect("off"),
            DispatchState::CalledOff
        );
    }
);

db::both!(
    a_plan_is_refused_once_the_store_changed_under_it,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stocked("a", 100).await;
        let party = house.party("示例第一医院").await;
        ask(s, &house.keeper, &request(&house, "r1", party, (60, Priority::Normal)))
            .await
            .expect("asked");
        let (plan, _) = propose(s, &house.desk, house.unit).await.expect("a plan");
        let mut scrap = crate::stock::actions::Recorded {
            lot,
            step: Step::Scrap(house.place),
            quantity: 1,
            key: "scrap".into(),
            reason: "破损".into(),
            device_at: None,
        };
        crate::stock::actions::record(s, &house.boss, &scrap)
            .await
            .expect("scrapped");
        let refused = decide(s, &house.leaders[0], plan, (PlanDecision::Approve, "")).await;
        assert!(matches!(refused, Err(ReliefError::Sum { found: 100, lot: 99 })));
        scrap.key = "again".into();
        let forbidden = crate::stock::actions::record(s, &house.keeper, &scrap).await;
        assert!(
            matches!(forbidden, Err(ReliefError::Forbidden(_))),
            "who records does not decide"
        );
        let said = decide(s, &house.leaders[0], plan, (PlanDecision::Refuse, "库存有变，请重拟")).await;
        assert_eq!(said.expect("refused"), PlanState::Refused);
    }
);

db::both!(
    three_who_approve_at_the_same_moment_make_one_set_of_orders,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        house.stocked("a", 100).await;
        let party = house.party("示例第一医院").await;
        ask(s, &house.keeper, &request(&house, "r1", party, (100, Priority::Normal)))
            .await
            .expect("asked");
        // Two plans over one shelf, decided at once: the goods go out by one of them alone.
        let (one, _) = propose(s, &house.desk, house.unit).await.expect("a plan");
        let (two, _) = propose(s, &house.desk, house.unit).await.expect("a plan");
        let mut deciding = Vec::new();
        for plan in [one, two] {
            for leader in &house.leaders {
                let (s, leader) = (s.clone(), leader.clone());
                deciding.push(tokio::spawn(async move {
                    decide(&s, &leader, plan, (PlanDecision::Approve, "")).await
                }));
            }
        }
        let mut approved = 0;
        for one in deciding {
            match one.await.expect("it ends") {
                Ok(state) => approved += usize::from(state == PlanState::Approved),
                Err(error) => assert!(matches!(error, ReliefError::Sum { .. }), "{error}"),
            }
        }
        assert_eq!((approved, orders(&house).await.len()), (1, 1));
        let mut at = s.db.snapshot().await.expect("a view");
        assert!(stock::recount(&mut at).await.expect("a recount").agrees());
        let rows = stock::on_hand(&mut at, house.unit).await.expect("rows");
        let reserved: i64 = rows
            .iter()
            .filter(|r| r.state == LotState::Reserved)
            .map(|r| r.quantity)
            .sum();
        assert_eq!(reserved, 100);
    }
);

db::both!(
    norms_tell_what_is_too_little,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let norm = catalogue::Norm {
            min: 5_000,
            normal: 5_000,
            max: 10_000,
        };
        let what = (house.unit, house.item);
        catalogue::actions::set_norm(&house.services, &house.keeper, what, norm)
            .await
            .expect("set");
        let mut new = house.new_lot("boxes", 10);
        new.unit_word = "箱".into();
        house.stock(&new).await;
        let mut at = house.services.db.snapshot().await.expect("a view");
        let norms = catalogue::queries::norms(&mut at, house.unit).await.expect("norms");
        assert_eq!(norms[0].there, 4_800, "ten boxes of 480");
        assert_eq!(norms[0].alert, Some(catalogue::model::NormAlert::TooLittle));
    }
);
