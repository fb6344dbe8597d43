//! Requests that come again, and plans that the house's approvals decide, on both databases.

use db::testing::TestDb;
use governance::approvals::actions::{self as approvals, NewAct};
use governance::approvals::model::Verdict;
use governance::approvals::{ApprovalError, CaseId, Policy};
use kernel::id::Id as _;
use kernel::{Fen, UnitId};
use platform::facts::Reactions;
use platform::identity::actions::{NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role};
use serde_json::json;

use super::actions::{Again, Destination, Said, ask, ask_again, change, decide, propose, repeat, say};
use super::approval::{self, AskError, Asking, PlansDecided};
use super::model::{NewRequest, PlanDecision, PlanState, Priority, Request, Wanted};
use super::queries;
use crate::error::ReliefError;
use crate::stock::actions::{self as stock, Recorded};
use crate::stock::{LotState, Spot, Step};
use crate::testing::{House, house, society};
use crate::{PartyId, PlanId, RequestId};

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

/// One stage, a leader within ten minutes; in a hurry the same.
fn policy() -> Policy {
    let document = json!({
        "title": "十分钟调拨", "required": true, "fast_lane": {"stages": ["decision"], "papers_within_s": 86400},
        "stages": [{"key": "decision", "title": "负责人决定", "limit_s": 600,
            "who": {"kind": "role", "role": "leader", "at": "own"}, "how": {"kind": "any"}}]});
    serde_json::from_value(document).expect("a policy")
}

async fn person(house: &House, name: &str, role: Role) -> Actor {
    let (s, unit) = (&house.services, house.unit);
    let user = NewUser {
        name: name.into(),
        kind: ActorKind::Person,
        unit,
        roles: vec![role],
        token: None,
        personal: Personal::default(),
    };
    let added = add_user(s, &Actor::operator(), user).await.expect("a user");
    Actor::with_roles(added.id, name, ActorKind::Person, &[(role, unit)], &s.tree)
}

/// A proposed plan of everything in store for one receiver who asked for it.
async fn proposed(house: &House, desk: &Actor, key: &str) -> PlanId {
    let wanted = NewRequest {
        unit: house.unit,
        key: key.to_owned(),
        party: house.party(key).await,
        wanted: Wanted::Goods {
            item: house.item,
            unit_word: "只".into(),
            quantity: 1_000_000,
        },
        priority: Priority::Urgent,
        basis: "发热门诊".into(),
        needed_by: None,
    };
    ask(&house.services, &house.keeper, &wanted).await.expect("asked");
    propose(&house.services, desk, house.unit).await.expect("a plan").0
}

async fn says(house: &House, leader: &Actor, case: CaseId, verdict: Verdict) {
    let act = NewAct {
        stage: "decision".into(),
        verdict,
        words: "同意按方案执行".into(),
        scores: Default::default(),
    };
    approvals::act(&house.services, leader, case, act)
        .await
        .expect("decided");
    let reactions = Reactions::new(vec![Box::new(PlansDecided)]);
    platform::testing::placed(&house.services).await;
    reactions.drain(&house.services).await.expect("carried out");
}

async fn stands(house: &House, plan: PlanId) -> (PlanState, usize) {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let (plan, _) = queries::plan(&mut at, plan).await.expect("read").expect("the plan");
    let orders = crate::dispatch::queries::orders(&mut at, house.unit)
        .await
        .expect("orders");
    (plan.state, orders.len())
}

db::both!(
    where_a_policy_demands_it_a_plan_is_decided_by_its_case_alone_and_its_orders_stand_at_once,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = society(test.db.clone()).await;
        let s = &house.services;
        let (desk, leader) = (
            person(&house, "desk", Role::DonationDesk).await,
            person(&house, "leader", Role::Leader).await,
        );
        let lot = house.stocked("a", 4_800).await;
        let plan = proposed(&house, &desk, "示范市第一人民医院").await;
        let free = approval::ask(s, &desk, plan, Asking::default()).await;
        assert!(matches!(free, Err(AskError::Plan(ReliefError::ByGroup))));
        approvals::publish(s, &Actor::operator(), house.unit, approval::DISPATCH, policy())
            .await
            .expect("published");
        let alone = decide(s, &leader, plan, (PlanDecision::Approve, "")).await;
        assert!(matches!(alone, Err(ReliefError::ByCase)));

        let asking = Asking {
            summary: "发热门诊口罩告急".into(),
            hurry: Some("库存不足一日".into()),
            ..Asking::default()
        };
        let case = approval::ask(s, &desk, plan, asking.clone()).await.expect("a case");
        assert_eq!(stands(&house, plan).await, (PlanState::Asked, 0));
        let twice = approval::ask(s, &desk, plan, asking.clone()).await;
        assert!(matches!(
            twice,
            Err(AskError::Plan(ReliefError::State { state: "asked", .. }))
        ));
        let late = change(s, &desk, plan, ((lot, house.place), &[]), "改").await;
        assert!(matches!(late, Err(ReliefError::State { state: "asked", .. })));
        says(&house, &leader, case, Verdict::Approve).await;
        assert_eq!(stands(&house, plan).await, (PlanState::Approved, 1));
        let mut at = s.db.snapshot().await.expect("a view");
        let shelf = crate::stock::store::in_spot(&mut at, lot, Spot::at(LotState::Stocked, house.place)).await;
        assert_eq!(shelf.expect("read"), 0, "its goods are set aside");

        // What the store no longer holds is left to the desk, who may mend it and ask again; a refusal ends a plan.
        let lot = house.stocked("b", 960).await;
        let plan = proposed(&house, &desk, "示范市第二人民医院").await;
        let case = approval::ask(s, &desk, plan, asking.clone()).await.expect("a case");
        let scrap = Recorded {
            lot,
            step: Step::Scrap(house.place),
            quantity: 60,
            key: "wet".into(),
            reason: "受潮".into(),
            device_at: None,
        };
        stock::record(s, &house.boss, &scrap).await.expect("scrapped");
        says(&house, &leader, case, Verdict::Approve).await;
        assert_eq!(stands(&house, plan).await, (PlanState::Proposed, 1));
        let again = approval::ask(s, &desk, plan, asking.clone()).await;
        assert!(matches!(
            again,
            Err(AskError::Plan(ReliefError::Sum { found: 960, lot: 900 }))
        ));
        let (plan, _) = propose(s, &desk, house.unit).await.expect("a plan");
        let case = approval::ask(s, &desk, plan, asking).await.expect("a case");
        let own = approvals::act(
            s,
            &desk,
            case,
            NewAct {
                stage: "decision".into(),
                verdict: Verdict::Approve,
                words: String::new(),
                scores: Default::default(),
            },
        )
        .await;
        assert!(
            matches!(own, Err(ApprovalError::Refused(_))),
            "who asked does not decide"
        );
        says(&house, &leader, case, Verdict::Refuse).await;
        assert_eq!(stands(&house, plan).await, (PlanState::Refused, 1));
    }
);

db::both!(
    a_changed_line_stays_with_its_unit_its_request_and_the_one_the_donor_meant,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let (ours, theirs) = (UnitId::from_bytes([8; 16]), UnitId::from_bytes([9; 16]));
        let city = Some(house.unit);
        s.tree.replace(vec![(house.unit, None), (ours, city), (theirs, city)]);
        let desk = platform::testing::actor(s, &[(Role::DonationDesk, ours)]);
        let [one, two, other] = ["第一医院", "第二医院", "邻县医院"];
        let party = async |unit: UnitId, name: &str| {
            let party = stock::add_party(s, &house.keeper, unit, (name, "420100")).await;
            party.expect("a receiver")
        };
        let (one, two, other) = (
            party(ours, one).await,
            party(ours, two).await,
            party(theirs, other).await,
        );
        let mut lots = Vec::new();
        for (unit, key, meant) in [(ours, "a", None), (ours, "meant", Some(one)), (theirs, "b", None)] {
            let mut new = house.new_lot(key, 100);
            (new.unit, new.designated_for) = (unit, meant);
            lots.push(house.stock(&new).await);
        }
        let asked = async |unit: UnitId, key: &str, wanted: Wanted| {
            let new = NewRequest {
                unit,
                key: key.to_owned(),
                party: if unit == ours { one } else { other },
                wanted,
                priority: Priority::Normal,
                basis: "门诊".into(),
                needed_by: None,
            };
            ask(s, &house.keeper, &new).await.expect("asked").id
        };
        let item = crate::testing::another_item(&house, "乳胶手套", "")
            .await
            .expect("an item");
        let of = |item, quantity| Wanted::Goods {
            item,
            unit_word: "只".into(),
            quantity,
        };
        let gloves = asked(ours, "gloves", of(item, 50)).await;
        let masks = asked(ours, "masks", of(house.item, 50)).await;
        let money = asked(ours, "money", Wanted::Money(Fen::new(5_000))).await;
        let far = asked(theirs, "far", of(house.item, 50)).await;
        let (plan, shares) = propose(s, &desk, ours).await.expect("a plan");
        assert!(shares.iter().all(|share| share.lot != lots[2]), "only its own lots");
        let to = async |lot: usize, party: Option<PartyId>, request: Option<RequestId>| {
            let all = [Destination {
                party,
                request,
                quantity: 100,
            }];
            change(s, &desk, plan, ((lots[lot], house.place), &all), "急需").await
        };
        assert!(matches!(
            to(2, Some(one), None).await,
            Err(ReliefError::NotFound("lot"))
        ));
        assert!(matches!(
            to(0, Some(other), None).await,
            Err(ReliefError::NotFound("receiver"))
        ));
        assert!(matches!(
            to(0, Some(one), Some(far)).await,
            Err(ReliefError::NotFound("request"))
        ));
        for (request, what) in [(money, "money"), (gloves, "item")] {
            let refused = to(0, Some(one), Some(request)).await;
            assert!(matches!(refused, Err(ReliefError::RequestDiffers(said)) if said == what));
        }
        let refused = to(0, Some(two), Some(masks)).await;
        assert!(matches!(refused, Err(ReliefError::RequestDiffers("receiver"))));
        assert!(matches!(to(1, Some(two), None).await, Err(ReliefError::Designated)));
        let nobody = change(s, &desk, plan, ((lots[0], house.place), &[]), "漏写").await;
        assert!(matches!(nobody, Err(ReliefError::Sum { found: 0, lot: 100 })));
        to(1, None, None).await.expect("it may stay");
        to(0, Some(one), Some(masks)).await.expect("it fits");
        say(s, &house.keeper, masks, Said::Withdrawn).await.expect("withdrawn");
        let late = to(0, Some(one), Some(masks)).await;
        assert!(matches!(late, Err(ReliefError::RequestDiffers("state"))));

        // What was written before lines were looked at is found when the group decides.
        let mut tx = s.db.begin().await.expect("a transaction");
        let sql = "UPDATE goods_lot SET designated_for = ?2 WHERE id = ?1";
        tx.execute(sql, db::params![(lots[0],), (two,)])
            .await
            .expect("meant for another");
        tx.commit().await.expect("committed");
        let leader = platform::testing::actor(s, &[(Role::Leader, ours)]);
        let decided = decide(s, &leader, plan, (PlanDecision::Approve, "")).await;
        assert!(matches!(decided, Err(ReliefError::Designated)));
    }
);
