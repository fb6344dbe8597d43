//! Codes from the printer to the page, on both databases.

use db::testing::TestDb;

use super::actions::{NewSheet, fill, labels, print, put, send_by};
use super::model::BoxKind;
use super::queries;
use crate::dispatch::actions::{Carry, carry};
use crate::error::ReliefError;
use crate::stock::Source;
use crate::testing::house;

db::both!(
    codes_are_printed_first_filled_once_and_a_boxs_page_tells_its_way_and_no_recipient,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let (s, keeper) = (&house.services, &house.keeper);
        let new = |key, kind, labels| NewSheet {
            unit: house.unit,
            key,
            kind,
            labels,
        };
        let (sheet, boxes) = print(s, keeper, new("a", BoxKind::Box, 3)).await.expect("a sheet");
        let again = print(s, keeper, new("a", BoxKind::Box, 3)).await.expect("known");
        assert_eq!((sheet, &boxes), (again.0, &again.1));
        let (_, pallets) = print(s, keeper, new("b", BoxKind::Pallet, 1)).await.expect("a sheet");
        assert_eq!(
            (boxes[0].label(), pallets[0].label()),
            ("X2026-000001".into(), "T2026-000004".into())
        );
        assert!(labels(s, keeper, sheet).await.expect("a PDF").starts_with(b"%PDF-"));

        let lot = house.stocked("gift", 960).await;
        fill(s, keeper, boxes[0].id, (lot, 480)).await.expect("filled");
        fill(s, keeper, boxes[0].id, (lot, 480)).await.expect("known");
        let other = fill(s, keeper, boxes[0].id, (lot, 479)).await;
        assert!(matches!(other, Err(ReliefError::Taken("box"))));
        let more = fill(s, keeper, boxes[1].id, (lot, 481)).await;
        assert!(matches!(
            more,
            Err(ReliefError::Short {
                wanted: 481,
                there: 480
            })
        ));
        let parcel = crate::stock::NewLot {
            source: Source::HeldForAddressee,
            ..house.new_lot("parcel", 5)
        };
        let held = fill(s, keeper, boxes[2].id, (house.stock(&parcel).await, 5)).await;
        assert!(matches!(held, Err(ReliefError::HeldFor)), "its page would be public");

        put(s, keeper, boxes[0].id, Some(pallets[0].id))
            .await
            .expect("on the pallet");
        let upside_down = put(s, keeper, pallets[0].id, Some(boxes[0].id)).await;
        assert!(matches!(upside_down, Err(ReliefError::State { state: "box", .. })));
        let party = house.party("示范市第一人民医院").await;
        let order = house.ordered(party, 960).await;
        let empty = send_by(s, keeper, boxes[1].id, order).await;
        assert!(matches!(empty, Err(ReliefError::State { state: "empty", .. })));
        send_by(s, keeper, boxes[0].id, order).await.expect("on its way");
        for step in [Carry::Issue, Carry::Load] {
            carry(s, keeper, order, step).await.expect("a step");
        }
        let mut at = s.db.snapshot().await.expect("a view");
        let story = queries::story(&mut at, boxes[0].id)
            .await
            .expect("read")
            .expect("a story");
        let goods = story.goods.as_ref().expect("goods");
        assert_eq!((goods.quantity, goods.unit_word.as_str()), (480, "只"));
        assert!(story.way.left_at.is_some() && story.way.received_at.is_none());
        assert_eq!(
            story.way.region.map(|region| region.to_string()),
            Some("420100".to_owned())
        );
        assert!(!format!("{story:?}").contains("医院"), "no recipient");
        let on = queries::story(&mut at, pallets[0].id)
            .await
            .expect("read")
            .expect("a story");
        assert_eq!(on.inside, [("医用防护口罩".to_owned(), "只".to_owned(), 480, 1)]);
        let label = queries::by_label(&mut at, (2026, 1)).await.expect("read");
        assert_eq!(label, Some(boxes[0].id));
        let sheets = queries::sheets(&mut at, house.unit).await.expect("sheets");
        let shown: Vec<_> = sheets.iter().map(|one| (one.first.as_str(), one.filled)).collect();
        assert_eq!(shown, [("T2026-000004", 0), ("X2026-000001", 1)]);
    }
);
