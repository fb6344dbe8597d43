//! Goods that a phone records and nobody announced.

use super::*;

db::both!(
    goods_that_nobody_announced_become_one_lot_at_the_door_whichever_phone_scans_the_box_first,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let new = NewSheet {
            unit: house.unit,
            key: "empty",
            kind: BoxKind::Box,
            labels: 1,
        };
        let (_, codes) = print(s, &house.keeper, new).await.expect("a sheet");
        let (mut first, mut second) = (
            enrolled(&house, "一号机", 0).await,
            enrolled(&house, "二号机", 60_000).await,
        );
        let found = Record {
            item: "医用防护口罩".into(),
            unit_word: "箱".into(),
            quantity: Some(3),
            donor: "示例公司".into(),
            certificate: true,
            expires_on: house.today().plus_days(700).to_string(),
            sha256: "ab".repeat(32),
            ..scan(&house, "unannounced", &codes[0])
        };
        let signed = first.signed(s, found.clone());
        let taken = first.hand_in(&house, vec![signed.clone()]).await.answers.remove(0);
        assert_eq!((taken.outcome, taken.wants_photo), (Outcome::Taken, true));
        let again = first.hand_in(&house, vec![signed]).await.answers.remove(0);
        assert_eq!(again.outcome, Outcome::Taken, "a repeat is answered as it was");
        let known = second.one(&house, found.clone()).await;
        assert_eq!(known.outcome, Outcome::Known, "{:?}", known.refusal);
        let other = Record {
            quantity: Some(4),
            ..found.clone()
        };
        let differs = second.one(&house, other).await.refusal.expect("why");
        assert_eq!(differs.slug, "goods-box-differs");
        assert_eq!(states(&house).await, BTreeMap::from([(LotState::Arrived, 3)]));
        // Words that the catalogue does not know wait until an officer has said what they mean.
        let unknown = Record {
            item: "蓝色口罩".into(),
            code: String::new(),
            sha256: String::new(),
            ..found
        };
        let waits = first.one(&house, unknown).await;
        assert_eq!(waits.refusal.map(|why| why.slug), Some("goods-unmapped".to_owned()));
        crate::catalogue::actions::set_alias(s, &house.keeper, "蓝色口罩", house.item)
            .await
            .expect("said");
        assert_eq!(
            redo(s, &house.keeper, waits.id, "").await.expect("done"),
            Outcome::Taken
        );
        assert_eq!(states(&house).await, BTreeMap::from([(LotState::Arrived, 6)]));
        let mut at = s.db.snapshot().await.expect("a view");
        let along = queries::along(&mut at, house.unit, s.now()).await.expect("along");
        assert_eq!(along.items[0].units, ["只", "箱"]);
    }
);
