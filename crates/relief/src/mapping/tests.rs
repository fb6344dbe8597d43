//! Mapping texts through its actions, on both databases.

use db::testing::TestDb;

use super::actions::{map, undo};
use super::model::Text;
use super::queries;
use crate::ItemId;
use crate::error::ReliefError;
use crate::tables::actions::{OnRefused, Order, take_in};
use crate::tables::model::{Found, Line, Quantity, TableKind};
use crate::testing::{House, another_item, house};

async fn imported(house: &House, texts: &[(&str, &str)]) {
    let line = |(row, (item, spec)): (usize, &(&str, &str))| Line {
        row: row as u32 + 2,
        day: None,
        day_words: String::new(),
        party: format!("示例单位 {row}"),
        place: String::new(),
        detail: String::new(),
        item: (*item).into(),
        spec: (*spec).into(),
        unit: "只".into(),
        quantity: Quantity::Own(10),
    };
    let found = Found {
        tables: 1,
        lines: texts.iter().enumerate().map(line).collect(),
        ..Found::default()
    };
    let order = Order {
        unit: house.unit,
        kind: TableKind::In,
        refused: OnRefused::ChangeNothing,
    };
    let sheets = [("接收".to_owned(), found)];
    take_in(&house.services, &house.keeper, order, &sheets)
        .await
        .expect("taken in");
}

async fn texts(house: &House) -> Vec<(String, i64, Option<ItemId>)> {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let texts = queries::texts(&mut at, house.unit, TableKind::In).await.expect("texts");
    let said = |text: Text| (text.words, text.lines, text.item);
    texts.into_iter().map(said).collect()
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

db::both!(
    texts_that_are_alike_are_mapped_together_and_taken_back_together,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        imported(
            &house,
            &[
                ("N95口罩", ""),
                ("n95 口罩", ""),
                ("口罩", "9501 N95"),
                ("口罩", "KN95"),
                ("84消毒液", ""),
            ],
        )
        .await;
        let unmapped = texts(&house).await;
        let shown: Vec<(&str, i64)> = unmapped
            .iter()
            .map(|(words, lines, _)| (words.as_str(), *lines))
            .collect();
        assert_eq!(
            shown,
            [("N95口罩", 2), ("84消毒液", 1), ("口罩 KN95", 1), ("口罩 N95", 1)]
        );
        let what = (house.unit, house.item);
        let mixed = map(s, &house.keeper, what, &words(&["口罩 N95", "口罩 KN95"])).await;
        assert!(matches!(mixed, Err(ReliefError::Grade { .. })), "all of them or none");
        assert!(texts(&house).await.iter().all(|(_, _, item)| item.is_none()));
        let both = words(&["N95口罩", "口罩 N95"]);
        let forbidden = map(s, &house.desk, what, &both).await;
        assert!(matches!(forbidden, Err(ReliefError::Forbidden(_))));
        let mapping = map(s, &house.keeper, what, &both).await.expect("mapped").expect("new");
        let again = map(s, &house.keeper, what, &both).await.expect("known");
        assert_eq!(again, None, "nothing to say twice");
        let mapped = texts(&house).await;
        let items = |texts: &[(String, i64, Option<ItemId>)]| texts.iter().filter(|text| text.2.is_some()).count();
        assert_eq!(items(&mapped), 2);
        assert!(
            mapped[0].2.is_none() && mapped[3].2.is_some(),
            "what waits stands first"
        );
        assert_eq!(undo(s, &house.keeper, mapping.id).await.expect("taken back"), 2);
        assert_eq!(items(&texts(&house).await), 0);
        let twice = undo(s, &house.keeper, mapping.id).await;
        assert!(matches!(twice, Err(ReliefError::State { state: "undone", .. })));
    }
);

db::both!(
    what_was_said_otherwise_since_stays_and_what_stood_before_comes_back,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        imported(&house, &[("口罩", "")]).await;
        let other = another_item(&house, "一次性医用口罩", "").await.expect("an item");
        let text = words(&["口罩"]);
        let of = async || texts(&house).await[0].2;
        let one = map(s, &house.keeper, (house.unit, house.item), &text).await;
        let one = one.expect("mapped").expect("new");
        // What is said in one millisecond has no order.
        house.clock.set(s.now().plus_micros(1_000_000));
        let two = map(s, &house.keeper, (house.unit, other), &text).await;
        let two = two.expect("mapped").expect("new");
        assert_eq!(undo(s, &house.keeper, one.id).await.expect("taken back"), 0);
        assert_eq!(of().await, Some(other), "the later word stands");
        assert_eq!(undo(s, &house.keeper, two.id).await.expect("taken back"), 1);
        assert_eq!(of().await, None, "the first was taken back: nothing stood before");
        let mut at = s.db.snapshot().await.expect("a view");
        let listed = queries::mappings(&mut at, house.unit).await.expect("mappings");
        assert!(
            listed
                .iter()
                .all(|one| one.mapping.undone_at.is_some() && one.texts == 1)
        );
        assert_eq!(listed[0].item_name, "一次性医用口罩");
    }
);
