//! Direct deliveries, on both databases.

use db::testing::TestDb;
use kernel::Fen;
use kernel::id::Id as _;

use super::actions::{SignedList, book, count_first, count_second};
use super::model::{NewStraight, StraightState};
use super::queries;
use crate::PlaceId;
use crate::dispatch::{DispatchState, queries as dispatch};
use crate::error::ReliefError;
use crate::lists::actions::{Said, ask, say};
use crate::lists::model::{NewRequest, Priority, Wanted};
use crate::stock::actions::{announce, confirm_value};
use crate::stock::model::ValueBasis;
use crate::stock::{LotState, queries as stock};
use crate::testing::house;

db::both!(
    what_never_enters_the_store_is_counted_by_two_and_booked_in_and_out_at_once_by_a_third,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.announced("gift", 100).await;
        let party = house.party("示例第一医院").await;
        let new = |key: &str, quantity| NewStraight {
            key: key.to_owned(),
            lot,
            place: house.place,
            party,
            request: None,
            quantity,
        };
        let many = count_first(s, &house.keeper, &new("m", 101)).await;
        assert!(matches!(
            many,
            Err(ReliefError::Short {
                wanted: 101,
                there: 100
            })
        ));
        let id = count_first(s, &house.keeper, &new("a", 40)).await.expect("counted");
        assert_eq!(count_first(s, &house.keeper, &new("a", 40)).await.expect("known"), id);
        let list = SignedList {
            number: "QS-7",
            signer: "王小明",
        };
        let early = book(s, &house.leaders[0], id, list).await;
        assert!(matches!(
            early,
            Err(ReliefError::State {
                state: "counted_once",
                ..
            })
        ));
        let alone = count_second(s, &house.keeper, id, 40).await;
        assert!(matches!(alone, Err(ReliefError::SamePerson)));
        let other = count_second(s, &house.boss, id, 41).await;
        assert!(matches!(other, Err(ReliefError::Invalid { field: "quantity", .. })));
        count_second(s, &house.boss, id, 40).await.expect("the same number");
        let counted = book(s, &house.boss, id, list).await;
        assert!(
            matches!(counted, Err(ReliefError::SamePerson)),
            "who counted books nothing"
        );
        let number = book(s, &house.leaders[0], id, list).await.expect("booked").number;
        let twice = book(s, &house.leaders[0], id, list).await;
        assert!(matches!(twice, Err(ReliefError::State { state: "booked", .. })));

        let mut at = s.db.snapshot().await.expect("a view");
        let there = stock::on_hand(&mut at, house.unit).await.expect("read");
        let there: Vec<_> = there.iter().map(|one| (one.state, one.quantity)).collect();
        assert_eq!(
            there,
            [(LotState::Announced, 60), (LotState::Distributed, 40)],
            "nothing is lost or made"
        );
        let moved = stock::moves(&mut at, lot).await.expect("read");
        let virtual_ways = moved
            .iter()
            .filter(|one| one.reason.contains("虚拟") && !one.paper.is_empty());
        assert_eq!(virtual_ways.count(), 8, "each with its paper, marked");
        let orders = dispatch::orders(&mut at, house.unit).await.expect("read");
        assert_eq!((orders[0].state, orders[0].paper()), (DispatchState::Received, number));
        let shown = queries::straight(&mut at, house.unit).await.expect("read");
        assert_eq!(
            (shown[0].one.state, shown[0].list_number.as_str()),
            (StraightState::Booked, "QS-7")
        );
    }
);

db::both!(
    a_value_that_waits_is_told_of_what_went_straight_and_a_key_names_one_delivery,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let mut great = house.new_lot("great", 10);
        (great.value, great.basis) = (Some(Fen::new(10_000_001)), ValueBasis::Voucher);
        great.evidence = "发票 00001234".into();
        let lot = announce(s, &house.keeper, &great).await.expect("announced").id;
        let new = NewStraight {
            key: "a".to_owned(),
            lot,
            place: house.place,
            party: house.party("示例第一医院").await,
            request: None,
            quantity: 10,
        };
        let id = count_first(s, &house.keeper, &new).await.expect("counted");
        let elsewhere = NewStraight {
            place: PlaceId::from_bytes([7; 16]),
            ..new.clone()
        };
        let other = count_first(s, &house.keeper, &elsewhere).await;
        assert!(matches!(other, Err(ReliefError::Taken("direct delivery"))));
        count_second(s, &house.boss, id, 10).await.expect("the same number");
        let waiting = async || {
            let mut at = s.db.snapshot().await.expect("a view");
            let rows = stock::unvalued(&mut at, house.unit).await.expect("rows");
            rows.into_iter()
                .map(|row| (row.quantity, row.claim.is_some()))
                .collect::<Vec<_>>()
        };
        assert!(waiting().await.is_empty(), "it has not come yet");
        let list = SignedList {
            number: "QS-8",
            signer: "王小明",
        };
        book(s, &house.leaders[0], id, list).await.expect("booked");
        assert_eq!(waiting().await, [(0, true)], "gone, and its value still waits");
        confirm_value(s, &house.leaders[0], lot).await.expect("confirmed");
        assert!(waiting().await.is_empty());
    }
);

db::both!(
    a_request_withdrawn_after_the_counts_keeps_nothing_from_being_booked_and_is_granted_nothing,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.announced("gift", 100).await;
        let party = house.party("示例第一医院").await;
        let wanted = NewRequest {
            unit: house.unit,
            key: "need".to_owned(),
            party,
            wanted: Wanted::Goods {
                item: house.item,
                unit_word: "只".to_owned(),
                quantity: 40,
            },
            priority: Priority::Urgent,
            basis: "急诊".to_owned(),
            needed_by: None,
        };
        let request = ask(s, &house.keeper, &wanted).await.expect("asked").id;
        let new = |key: &str| NewStraight {
            key: key.to_owned(),
            lot,
            place: house.place,
            party,
            request: Some(request),
            quantity: 40,
        };
        let id = count_first(s, &house.keeper, &new("a")).await.expect("counted");
        count_second(s, &house.boss, id, 40).await.expect("the same number");
        say(s, &house.keeper, request, Said::Withdrawn)
            .await
            .expect("withdrawn");
        let late = count_first(s, &house.keeper, &new("b")).await;
        assert!(
            matches!(late, Err(ReliefError::NotFound("request"))),
            "nothing new is begun for it"
        );
        let gone = async || {
            let mut at = s.db.snapshot().await.expect("a view");
            queries::straight(&mut at, house.unit).await.expect("read")[0].is_request_gone
        };
        assert!(gone().await, "the list says it before it is booked");
        let list = SignedList {
            number: "QS-9",
            signer: "王小明",
        };
        let booked = book(s, &house.leaders[0], id, list).await.expect("booked");
        assert!(booked.is_request_gone && gone().await);
        let mut at = s.db.snapshot().await.expect("a view");
        let asked = crate::lists::request(&mut at, request)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(asked.granted, 0);
        let moved = stock::moves(&mut at, lot).await.expect("read");
        assert!(
            moved.iter().any(|one| one.reason.contains("需求已撤回")),
            "papers say so"
        );
    }
);
