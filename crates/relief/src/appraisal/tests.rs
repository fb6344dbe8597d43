//! Appraisals through their actions, on both databases.

use db::testing::TestDb;
use kernel::Fen;

use super::model::{Answer, AppraisalState};
use super::{actions, queries, rules};
use crate::error::ReliefError;
use crate::stock::model::ValueBasis;
use crate::stock::{NewLot, Source, Step};
use crate::testing::{House, house};
use crate::worth;

fn worth_of(fen: i64, report: &str) -> Answer {
    Answer::Worth {
        value: Fen::new(fen),
        report: report.to_owned(),
    }
}

/// What the books hold of goods; they agree with what is there.
async fn held(house: &House) -> i64 {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let found = worth::queries::recount(&mut at).await.expect("a recount");
    assert!(found.agrees(), "{found:?}");
    found.value.get()
}

db::both!(
    what_the_appraiser_says_once_becomes_the_lots_value_and_is_in_the_books_at_once,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stocked("a", 300).await;
        assert_eq!(held(&house).await, 0, "registered by number only");
        let asked = |key: &'static str| actions::order(s, &house.keeper, lot, (key, "示例资产评估有限公司"));
        let order = asked("1").await.expect("ordered");
        assert_eq!(asked("1").await.expect("known").id, order.id);
        assert!(matches!(asked("2").await, Err(ReliefError::Taken(_))), "one at a time");
        let link = rules::link(&s.keys, order.id);
        let mut at = s.db.snapshot().await.expect("a view");
        let shown = queries::asked(&mut at, order.id).await.expect("read").expect("there");
        drop(at);
        assert_eq!((shown.pieces, shown.item.as_str()), (300, "医用防护口罩"));
        // A piece is scrapped before the answer comes.
        let scrap = crate::stock::actions::Recorded {
            lot,
            step: Step::Scrap(house.place),
            quantity: 3,
            key: "scrap".into(),
            reason: "破损".into(),
            device_at: None,
        };
        crate::stock::actions::record(s, &house.boss, &scrap)
            .await
            .expect("scrapped");
        let said = worth_of(90_000, "评报字〔2026〕第 12 号");
        let nothing = actions::answer(s, &link, &worth_of(0, "x")).await;
        assert!(matches!(nothing, Err(ReliefError::Invalid { field: "value", .. })));
        for _ in 0..2 {
            let state = actions::answer(s, &link, &said).await.expect("taken");
            assert_eq!(state, AppraisalState::Valued);
        }
        let other = actions::answer(s, &link, &worth_of(90_001, "评报字〔2026〕第 12 号")).await;
        assert!(matches!(other, Err(ReliefError::State { state: "valued", .. })));
        assert_eq!(held(&house).await, 89_100, "297 of 300 pieces");
        assert!(matches!(
            asked("3").await,
            Err(ReliefError::State { state: "valued", .. })
        ));
    }
);

db::both!(
    what_cannot_be_appraised_stays_without_a_value_and_a_false_or_late_link_leads_nowhere,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stocked("a", 10).await;
        let order = actions::order(s, &house.keeper, lot, ("1", "示例资产评估有限公司"))
            .await
            .expect("ordered");
        let link = rules::link(&s.keys, order.id);
        let forged = format!("{}A", &link[..link.len() - 1]);
        let forged = if forged == link {
            format!("{}B", &link[..link.len() - 1])
        } else {
            forged
        };
        for false_link in [forged.as_str(), "", "abc", &link[..30]] {
            let refused = actions::answer(s, false_link, &worth_of(1, "x")).await;
            assert!(matches!(refused, Err(ReliefError::NotFound(_))), "{false_link}");
        }
        let why = Answer::Impossible {
            why: "无市场可比对象".into(),
        };
        let state = actions::answer(s, &link, &why).await.expect("taken");
        assert_eq!(state, AppraisalState::Impossible);
        assert_eq!(held(&house).await, 0);
        let late = actions::withdraw(s, &house.keeper, order.id, "换一家").await;
        assert!(matches!(
            late,
            Err(ReliefError::State {
                state: "impossible",
                ..
            })
        ));
        // Another appraiser may be asked, and his order be taken back before he says anything.
        let other = actions::order(s, &house.keeper, lot, ("taken back", "另一家评估公司"))
            .await
            .expect("ordered");
        for _ in 0..2 {
            let back = actions::withdraw(s, &house.keeper, other.id, "换一家")
                .await
                .expect("back");
            assert_eq!(back.state, AppraisalState::Withdrawn);
        }
        let dead = actions::answer(s, &rules::link(&s.keys, other.id), &worth_of(5, "x")).await;
        assert!(matches!(dead, Err(ReliefError::State { state: "withdrawn", .. })));
        // Another appraiser may be asked; his link ends after two weeks.
        let again = actions::order(s, &house.keeper, lot, ("2", "另一家评估公司"))
            .await
            .expect("ordered");
        house.at(house.today().plus_days(15), 0);
        let late = actions::answer(s, &rules::link(&s.keys, again.id), &worth_of(5, "x")).await;
        assert!(matches!(late, Err(ReliefError::State { state: "ended", .. })));
    }
);

db::both!(
    bought_and_valued_goods_are_not_appraised_and_only_the_store_orders_it,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let bought = NewLot {
            source: Source::Budget,
            ..house.new_lot("bought", 1)
        };
        let valued = NewLot {
            value: Some(Fen::new(5)),
            basis: ValueBasis::Voucher,
            ..house.new_lot("valued", 1)
        };
        for (new, word) in [(bought, "bought"), (valued, "valued")] {
            let lot = house.stock(&new).await;
            let refused = actions::order(s, &house.keeper, lot, (word, "评估公司")).await;
            assert!(matches!(refused, Err(ReliefError::State { state, .. }) if state == word));
        }
        let lot = house.stocked("a", 1).await;
        let refused = actions::order(s, &house.desk, lot, ("1", "评估公司")).await;
        assert!(matches!(refused, Err(ReliefError::Forbidden(_))));
    }
);
