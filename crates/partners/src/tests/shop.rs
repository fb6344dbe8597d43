//! Points earned by service and spent in a shop.

use db::testing::TestDb;

use crate::error::PartnerError;
use crate::points::actions::{self, Decision};
use crate::points::{Basket, NewResident, NewService, Resident, ServiceKind, Shop, queries, rules};
use crate::testing::{House, house};

async fn shop(house: &House) -> Shop {
    actions::open_shop(
        &house.services,
        &house.officer,
        (house.unit, None),
        ("s1", "示范村爱心超市"),
    )
    .await
    .expect("a shop")
}

async fn resident(house: &House, shop: &Shop, n: u32) -> Resident {
    let new = NewResident {
        shop: shop.id,
        key: format!("r{n}"),
        name: "赵示例".into(),
        phone: format!("138000000{n:02}"),
    };
    actions::add_resident(&house.services, &house.officer, &new)
        .await
        .expect("a resident")
}

fn service(resident: &Resident, key: &str, minutes: i64, house: &House) -> NewService {
    NewService {
        resident: resident.id,
        key: key.to_owned(),
        kind: ServiceKind::Environment,
        minutes,
        day: house.today(),
    }
}

db::both!(
    points_are_earned_once_another_confirms_spent_off_the_shelf_and_undone_by_mirrors,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let shop = shop(&house).await;
        let one = resident(&house, &shop, 1).await;
        let twin = NewResident {
            shop: shop.id,
            key: "other".into(),
            name: "钱示例".into(),
            phone: "138 0000 0001".into(),
        };
        let twin = actions::add_resident(s, &house.officer, &twin).await;
        assert!(
            matches!(twin, Err(PartnerError::Taken("resident"))),
            "one telephone, one resident"
        );
        let done = actions::record(s, &house.officer, &service(&one, "d1", 90, &house))
            .await
            .expect("recorded");
        let own = actions::decide(s, &house.officer, done.id, Decision::Confirm).await;
        assert!(matches!(own, Err(PartnerError::SamePerson(_))));
        let confirmed = actions::decide(s, &house.second, done.id, Decision::Confirm)
            .await
            .expect("confirmed");
        assert_eq!(confirmed.points, Some(15));
        let twice = actions::decide(s, &house.second, done.id, Decision::Confirm).await;
        assert!(matches!(twice, Err(PartnerError::State { .. })));

        let shelf = actions::offer(s, &house.officer, shop.id, ("大米 5 kg", "袋", 10))
            .await
            .expect("a shelf");
        let basket = |key: &str, pieces| Basket {
            resident: one.id,
            key: key.to_owned(),
            lines: vec![(shelf.id, pieces)],
        };
        let bare = actions::spend(s, &house.officer, &basket("b1", 1)).await;
        assert!(matches!(
            bare,
            Err(PartnerError::Shelf {
                there: 0,
                wanted: 1,
                ..
            })
        ));
        actions::stock(s, &house.officer, shelf.id, ("in", 5, "采购"))
            .await
            .expect("filled");
        let filled = actions::stock(s, &house.officer, shelf.id, ("in", 5, "采购"))
            .await
            .expect("known");
        assert_eq!(filled.stock, 5);
        let poor = actions::spend(s, &house.officer, &basket("b1", 2)).await;
        assert!(matches!(poor, Err(PartnerError::Points { there: 15, wanted: 20 })));
        let sale = actions::spend(s, &house.officer, &basket("b1", 1)).await.expect("sold");
        assert_eq!(
            actions::spend(s, &house.officer, &basket("b1", 1))
                .await
                .expect("known"),
            sale
        );
        let undone = actions::undo_service(s, &house.officer, done.id, "重复登记").await;
        assert!(
            matches!(undone, Err(PartnerError::Points { there: 5, wanted: 15 })),
            "never below zero"
        );
        for _ in 0..2 {
            actions::undo(s, &house.officer, sale.id, "退货")
                .await
                .expect("undone, and known");
        }
        actions::undo_service(s, &house.officer, done.id, "重复登记")
            .await
            .expect("undone");

        let mut at = s.db.snapshot().await.expect("a view");
        let confirmed = queries::confirmed(&mut at, shop.id).await.expect("services");
        let said: Vec<_> = confirmed.iter().map(|(one, undone)| (one.id, *undone)).collect();
        assert_eq!(said, [(done.id, true)], "what was undone still stands, and says so");
        let entries = queries::entries(&mut at, one.id).await.expect("entries");
        let points: Vec<i64> = entries.iter().rev().map(|entry| entry.points).collect();
        assert_eq!(points, [15, -10, 10, -15]);
        let shelves = queries::shelves(&mut at, shop.id).await.expect("shelves");
        assert_eq!(shelves[0].stock, 5);
        assert_eq!(queries::recount(&mut at).await.expect("a recount"), 0);
        let totals = queries::totals(&mut at, shop.id).await.expect("totals");
        assert_eq!((totals.services, totals.earned, totals.spent), (0, 0, 0));
    }
);

db::both!(
    a_shops_sums_are_told_from_five_residents_on,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let shop = shop(&house).await;
        for n in 1..=5 {
            let one = resident(&house, &shop, n).await;
            let done = actions::record(s, &house.officer, &service(&one, &format!("d{n}"), 60, &house)).await;
            actions::decide(s, &house.second, done.expect("recorded").id, Decision::Confirm)
                .await
                .expect("confirmed");
            let mut at = s.db.snapshot().await.expect("a view");
            let totals = queries::totals(&mut at, shop.id).await.expect("totals");
            assert_eq!(totals.residents, i64::from(n));
            assert_eq!(rules::shown(totals, 5).is_some(), n == 5);
        }
    }
);
