//! The failures of `rules.md` 5.5 as a table: each is refused, with the words that would have prevented it. Rows that need
//! other contexts stand there:
//!
//! | failure | test |
//! |---|---|
//! | a correction with a wrong date, notices typed by hand | `proof/tests/notices.rs`: drafted, decided by two, numbered, corrected |
//! | a backlog that nobody saw, and watching that came late | `watch/tests.rs`: breaches at 2 h and 24 h are facts, which supervisors' rules look at |
//! | gifts before their campaign, 0.1 yuan repeats, borrowed and test-looking names | `giving/tests/it/together.rs`, `giving/src/screening/rules.rs` |

use db::testing::TestDb;
use kernel::id::Id as _;
use platform::identity::Role;
use web::Locale;

use crate::catalogue::{actions as catalogue, queries as names};
use crate::dispatch::actions::{Carry, carry};
use crate::error::ReliefError;
use crate::lists::actions::{Destination, ask, change, decide, propose};
use crate::lists::model::{NewRequest, PlanDecision, Priority, Wanted};
use crate::stock::Source;
use crate::stock::actions::{self, Recorded};
use crate::stock::model::Step;
use crate::stock::{Lot, LotState};
use crate::testing::{House, another_item, house};

/// What the reader is told, in Chinese.
fn told(problem: &web::Problem) -> String {
    let body = problem.body(Locale::ZhHans);
    format!("{} {}", body.title, body.detail)
}

/// What happened, what the house said, and a word that must stand in it.
struct Case {
    what: &'static str,
    said: Result<(), ReliefError>,
    kind: &'static str,
    words: &'static str,
}

async fn proposed(house: &House, party: crate::PartyId) -> (crate::PlanId, crate::LotId) {
    let lot = house.stocked("wuhan", 36_000).await;
    let wanted = NewRequest {
        unit: house.unit,
        key: "ask".into(),
        party,
        wanted: Wanted::Goods {
            item: house.item,
            unit_word: "只".into(),
            quantity: 36_000,
        },
        priority: Priority::Urgent,
        basis: "发热门诊".into(),
        needed_by: None,
    };
    ask(&house.services, &house.keeper, &wanted).await.expect("asked");
    let (plan, _) = propose(&house.services, &house.desk, house.unit).await.expect("a plan");
    (plan, lot)
}

async fn expired(house: &House) -> Result<(), ReliefError> {
    let mut new = house.new_lot("old", 10);
    new.expires_on = Some(house.today().plus_days(200));
    let lot = house.stock(&new).await;
    let found = crate::stock::store::lot(&mut house.services.db.snapshot().await?, lot).await?;
    let lot: Lot = found.expect("the lot");
    crate::stock::rules::check_may_leave(&lot, house.today().plus_days(201))
}

db::both!(
    each_failure_of_2020_is_refused_with_the_words_that_would_have_prevented_it,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let (one, two) = (house.party("示例第一医院").await, house.party("示例第二医院").await);
        let kn95 = another_item(&house, "自吸过滤式口罩", "GB 2626-2019 KN95")
            .await
            .expect("an item");
        let (plan, lot) = proposed(&house, one).await;
        let to = |party, quantity| Destination {
            party: Some(party),
            request: None,
            quantity,
        };
        let spot = (lot, house.place);
        let volunteer = platform::testing::actor(s, &[(Role::GoodsVolunteer, house.unit)]);
        let mut parcel = house.new_lot("parcel", 3_000);
        parcel.source = Source::HeldForAddressee;
        let parcel = house.stock(&parcel).await;
        let mut at = s.db.snapshot().await.expect("a view");
        let parcel_lot = crate::stock::store::lot(&mut at, parcel)
            .await
            .expect("read")
            .expect("the parcel");
        let free_text = match names::resolve(&mut at, house.unit, "N95 口罩（进口）")
            .await
            .expect("read")
        {
            None => Err(ReliefError::Unmapped("N95 口罩（进口）".into())),
            Some(_) => Ok(()),
        };
        drop(at);
        let cases = [
            Case {
                what: "the table said N95, the goods were KN95",
                said: catalogue::set_alias(s, &house.keeper, "KN95口罩", house.item)
                    .await
                    .map(drop),
                kind: "goods-grade-differs",
                words: "KN95",
            },
            Case {
                what: "and the other way round",
                said: catalogue::set_alias(s, &house.keeper, "N95口罩", kn95).await.map(drop),
                kind: "goods-grade-differs",
                words: "KN95",
            },
            Case {
                what: "a name of nobody's catalogue was published",
                said: free_text,
                kind: "goods-unmapped",
                words: "目录",
            },
            Case {
                what: "16,000 and 16,000 of 36,000",
                said: change(
                    s,
                    &house.desk,
                    plan,
                    (spot, &[to(one, 16_000), to(two, 16_000)]),
                    "更正",
                )
                .await,
                kind: "goods-sum-differs",
                words: "32000",
            },
            Case {
                what: "3,000 masks sent to a person were booked as a donation and shared out",
                said: crate::stock::rules::check_may_leave(&parcel_lot, house.today()),
                kind: "goods-held-for-addressee",
                words: "代收",
            },
            Case {
                what: "who proposed it approved it",
                said: {
                    let both =
                        platform::testing::actor(s, &[(Role::DonationDesk, house.unit), (Role::Leader, house.unit)]);
                    let (own, _) = propose(s, &both, house.unit).await.expect("a plan");
                    decide(s, &both, own, (PlanDecision::Approve, "")).await.map(drop)
                },
                kind: "goods-same-person",
                words: "另一",
            },
            Case {
                what: "a volunteer decided",
                said: decide(s, &volunteer, plan, (PlanDecision::Approve, "")).await.map(drop),
                kind: "missing-permission",
                words: "没有权限",
            },
            Case {
                what: "goods left on a plan that nobody had approved: there is no order",
                said: {
                    let unapproved = crate::DispatchId::from_bytes(plan.bytes());
                    carry(s, &house.keeper, unapproved, Carry::Issue).await.map(drop)
                },
                kind: "not-found",
                words: "没有",
            },
            Case {
                what: "a targeted gift was handed to another",
                said: {
                    let mut meant = house.new_lot("meant", 20);
                    meant.designated_for = Some(one);
                    let meant = house.stock(&meant).await;
                    let (other, _) = propose(s, &house.desk, house.unit).await.expect("a plan");
                    let spot = (meant, house.place);
                    change(s, &house.desk, other, (spot, &[to(two, 20)]), "更急").await
                },
                kind: "goods-designated",
                words: "指定",
            },
            Case {
                what: "goods past their day left",
                said: expired(&house).await,
                kind: "goods-expired",
                words: "有效期",
            },
            Case {
                what: "boxes and pieces were added",
                said: {
                    let mut new = house.new_lot("pieces", 5);
                    new.unit_word = "件".into();
                    actions::announce(s, &house.keeper, &new).await.map(drop)
                },
                kind: "goods-units-differ",
                words: "件",
            },
            Case {
                what: "more was taken from the shelf than lay there",
                said: {
                    let wanted = Recorded {
                        lot,
                        step: Step::Relocate {
                            from: house.place,
                            to: house.place,
                        },
                        quantity: 36_001,
                        key: "too-many".into(),
                        reason: String::new(),
                        device_at: None,
                    };
                    actions::record(s, &volunteer, &wanted).await.map(drop)
                },
                kind: "goods-not-enough",
                words: "36000",
            },
        ];
        for case in cases {
            let problem = web::Problem::from(case.said.expect_err(case.what));
            assert_eq!(problem.kind().slug, case.kind, "{}", case.what);
            let words = told(&problem);
            assert!(words.contains(case.words), "{}: {words}", case.what);
        }
        // A parcel stays out of every plan.
        let (_, shares) = propose(s, &house.desk, house.unit).await.expect("a plan");
        assert!(shares.iter().all(|share| share.lot != parcel));
        // An order without a decided plan does not exist: nothing was set aside.
        let mut at = s.db.snapshot().await.expect("a view");
        let rows = crate::stock::queries::on_hand(&mut at, house.unit).await.expect("rows");
        assert!(rows.iter().all(|row| row.state != LotState::Reserved));
    }
);
