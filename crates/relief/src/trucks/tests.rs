//! Loading a vehicle up to its manifest, on both databases.

use db::testing::TestDb;

use super::actions::{NewVehicle, add_vehicle, leave, open, put_on, take_off};
use super::model::Load;
use super::queries;
use crate::DispatchId;
use crate::catalogue::actions::set_pack;
use crate::dispatch::actions::{Carry, carry};
use crate::dispatch::model::DispatchState;
use crate::error::ReliefError;
use crate::testing::{House, house};
use crate::vouchers::{Record, paper};

/// So many masks, ordered for a hospital and issued.
async fn issued(house: &House, name: &str, quantity: i64) -> DispatchId {
    house.stocked(name, quantity).await;
    let order = house.ordered(house.party(name).await, quantity).await;
    carry(&house.services, &house.keeper, order, Carry::Issue)
        .await
        .expect("issued");
    order
}

db::both!(
    a_vehicle_takes_what_it_carries_and_leaves_with_all_its_orders_and_one_manifest,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let (s, keeper) = (&house.services, &house.keeper);
        let load = |boxes: i64| Load {
            grams: 9_000 * boxes,
            cubic_cm: 60_000 * boxes,
        };
        let new = NewVehicle {
            unit: house.unit,
            name: "邮政厢货 3 号",
            carrier: "示范市邮政分公司",
            carries: load(15),
        };
        let vehicle = add_vehicle(s, keeper, new).await.expect("a vehicle");
        let trip = open(s, keeper, vehicle.id, "monday").await.expect("a journey");
        let again = open(s, keeper, vehicle.id, "monday").await.expect("the same");
        assert_eq!(trip, again);
        let first = issued(&house, "示范市第一人民医院", 4_800).await;
        let unweighed = put_on(s, keeper, trip.id, first).await;
        assert!(matches!(unweighed, Err(ReliefError::Unweighed(item)) if item == "医用防护口罩"));
        let odd = set_pack(s, keeper, house.item, ("桶", load(1))).await;
        assert!(matches!(odd, Err(ReliefError::Units(_))));
        set_pack(s, keeper, house.item, ("箱", load(1))).await.expect("weighed");
        assert_eq!(put_on(s, keeper, trip.id, first).await.expect("ten boxes"), load(10));
        assert_eq!(put_on(s, keeper, trip.id, first).await.expect("known"), load(10));
        let second = issued(&house, "示范市第二人民医院", 2_881).await;
        let heavy = put_on(s, keeper, trip.id, second).await;
        let Err(ReliefError::Overweight { grams, most }) = heavy else {
            panic!("seven boxes, the last begun, are two too many: {heavy:?}")
        };
        assert_eq!((grams, most), (153_000, 135_000));
        let third = issued(&house, "示范市第三人民医院", 480).await;
        put_on(s, keeper, trip.id, third).await.expect("one more");
        let other = open(s, keeper, vehicle.id, "tuesday").await.expect("a journey");
        let twice = put_on(s, keeper, other.id, third).await;
        assert!(matches!(twice, Err(ReliefError::Taken("journey"))));
        let alone = carry(s, keeper, third, Carry::Load).await;
        assert!(matches!(
            alone,
            Err(ReliefError::State {
                state: "on a vehicle",
                ..
            })
        ));
        take_off(s, keeper, trip.id, third).await.expect("taken off");
        put_on(s, keeper, other.id, third).await.expect("on the other");

        let early = paper(s, keeper, Record::Trip(trip.id)).await;
        assert!(matches!(early, Err(ReliefError::NotFound("paper"))));
        assert_eq!(leave(s, keeper, trip.id).await.expect("gone"), "ZC-2026-0001");
        let late = put_on(s, keeper, trip.id, second).await;
        assert!(matches!(late, Err(ReliefError::State { state: "left", .. })));
        let manifest = paper(s, keeper, Record::Trip(trip.id)).await.expect("a manifest");
        assert!(manifest.bytes.starts_with(b"%PDF-"));
        assert_eq!(manifest.file_name, "manifest-ZC-2026-0001.pdf");
        if let Some(folder) = option_env!("GOODS_SAMPLES") {
            std::fs::write(format!("{folder}/{}", manifest.file_name), &manifest.bytes).expect("written");
        }
        let mut at = s.db.snapshot().await.expect("a view");
        let (_, on) = queries::trip(&mut at, trip.id)
            .await
            .expect("read")
            .expect("the journey");
        let on: Vec<_> = on.iter().map(|one| (one.state, one.load)).collect();
        assert_eq!(on, [(DispatchState::InTransit, load(10))]);
        assert_eq!(crate::vouchers::queries::recount(&mut at).await.expect("a recount"), 0);
    }
);
