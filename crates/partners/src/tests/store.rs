//! What was bought becomes a lot of the store, once, and comes out again.

use db::testing::TestDb;
use kernel::Fen;
use kernel::id::Id as _;

use super::way::{invoiced, purchase_of, quoted};
use crate::error::PartnerError;
use crate::purchases::{Stocking, actions as purchases, queries};
use crate::testing::house;
use crate::{StoreItemId, StorePlaceId};

fn at_place(byte: u8) -> Stocking {
    Stocking {
        item: StoreItemId::from_bytes([1; 16]),
        place: StorePlaceId::from_bytes([byte; 16]),
        per_box: 1,
        batch: String::new(),
        expires_on: None,
        has_certificate: true,
    }
}

db::both!(
    what_was_bought_becomes_one_lot_worth_what_it_cost_and_another_person_takes_it_out,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let (s, ports) = (&house.services, &house.ports);
        let agreement = house.running("a1").await;
        let new = purchase_of(agreement.id, "p1", 10);
        let id = purchases::ask(s, &house.officer, &new).await.expect("a purchase").id;
        let early = purchases::stock(ports, &house.officer, (id, &at_place(2))).await;
        assert!(matches!(
            early,
            Err(PartnerError::State {
                state: "collecting",
                ..
            })
        ));
        quoted(&house, id).await;
        invoiced(&house, id, 8).await;
        let stocked = purchases::stock(ports, &house.officer, (id, &at_place(2)))
            .await
            .expect("in the store");
        assert_eq!((stocked.quantity, stocked.value), (8, Fen::new(88_000)));
        let again = purchases::stock(ports, &house.second, (id, &at_place(2))).await;
        assert_eq!(again.expect("known"), stocked);
        let elsewhere = purchases::stock(ports, &house.officer, (id, &at_place(3))).await;
        assert!(matches!(elsewhere, Err(PartnerError::Taken(_))));
        {
            let lots = house.shelves.0.lock().expect("lots");
            assert_eq!(lots.len(), 1, "one lot, however often it is sent");
            assert_eq!((lots[0].quantity, lots[0].unit_word.as_str()), (8, "床"));
            assert!(lots[0].evidence.starts_with("CG-2026-"), "{}", lots[0].evidence);
        }
        let own = purchases::unstock(ports, &house.officer, (id, "放错")).await;
        assert!(matches!(own, Err(PartnerError::Forbidden(_))));
        let out = purchases::unstock(ports, &house.leader, (id, "放错库位"))
            .await
            .expect("taken out");
        assert!(!out.stands());
        let twice = purchases::unstock(ports, &house.leader, (id, "放错库位")).await;
        assert!(matches!(twice, Err(PartnerError::State { .. })));
        let anew = purchases::stock(ports, &house.officer, (id, &at_place(3)))
            .await
            .expect("anew");
        assert_eq!(anew.n, 2);
        assert_ne!(anew.lot, stocked.lot);
        let lots = house.shelves.0.lock().expect("lots");
        assert_ne!(lots[0].key, lots[1].key);
    }
);

db::both!(
    what_the_store_refuses_leaves_the_purchase_as_it_was,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let agreement = house.running("a1").await;
        let mut new = purchase_of(agreement.id, "p1", 10);
        new.unit_word = "箱".into();
        let id = purchases::ask(s, &house.officer, &new).await.expect("a purchase").id;
        quoted(&house, id).await;
        invoiced(&house, id, 10).await;
        let refused = purchases::stock(&house.ports, &house.officer, (id, &at_place(2))).await;
        assert!(matches!(refused, Err(PartnerError::Store(_))));
        let mut at = s.db.snapshot().await.expect("a view");
        let none = queries::stocked(&mut at, id).await.expect("read");
        assert_eq!(none, None);
    }
);
