//! Stock through its actions, on both databases.

use std::collections::BTreeMap;

use db::testing::TestDb;
use kernel::Fen;
use platform::Services;
use platform::identity::{Actor, Role};

use super::actions::{self, Counted, Outcome, Recorded};
use super::model::{LotState, NewLot, Source, Step, ValueBasis};
use super::queries;
use crate::LotId;
use crate::error::ReliefError;
use crate::testing::{House, house};
use crate::vouchers::{Record, paper};

fn recorded(lot: LotId, step: Step, quantity: i64, key: &str) -> Recorded {
    Recorded {
        lot,
        step,
        quantity,
        key: key.to_owned(),
        reason: String::new(),
        device_at: None,
    }
}

async fn states(house: &House, lot: LotId) -> BTreeMap<LotState, i64> {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let rows = queries::on_hand(&mut at, house.unit).await.expect("rows");
    let mut sums = BTreeMap::new();
    for row in rows.into_iter().filter(|row| row.lot.id == lot) {
        *sums.entry(row.state).or_default() += row.quantity;
    }
    sums
}

async fn sound(services: &Services) {
    let mut at = services.db.snapshot().await.expect("a view");
    let found = crate::recount(&mut at).await.expect("a recount");
    assert!(found.agrees(), "{found:?}");
}

db::both!(
    goods_go_from_announced_to_stocked_and_the_same_record_twice_changes_nothing,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let lot = house.announced("a", 10).await;
        let step = recorded(lot, Step::Arrive(house.place), 6, "phone-1/1");
        let first = actions::record(&house.services, &house.keeper, &step).await;
        assert_eq!(first.expect("written"), Outcome::Written);
        let again = actions::record(&house.services, &house.keeper, &step).await;
        assert_eq!(again.expect("known"), Outcome::Known);
        let other = recorded(lot, Step::Arrive(house.place), 5, "phone-1/1");
        let refused = actions::record(&house.services, &house.keeper, &other).await;
        assert!(matches!(refused, Err(ReliefError::Taken(_))));
        let more = recorded(lot, Step::Arrive(house.place), 5, "phone-1/2");
        let refused = actions::record(&house.services, &house.keeper, &more).await;
        assert!(matches!(refused, Err(ReliefError::Short { wanted: 5, there: 4 })));
        assert_eq!(
            states(&house, lot).await,
            BTreeMap::from([(LotState::Announced, 4), (LotState::Arrived, 6)])
        );
        // The announcement too comes twice.
        let same = house.new_lot("a", 10);
        let known = actions::announce(&house.services, &house.keeper, &same)
            .await
            .expect("known");
        assert_eq!(known.id, lot);
        let other = house.new_lot("a", 11);
        let refused = actions::announce(&house.services, &house.keeper, &other).await;
        assert!(matches!(refused, Err(ReliefError::Taken(_))));
        sound(&house.services).await;
    }
);

db::both!(
    units_that_the_item_does_not_know_are_refused_and_nothing_is_guessed,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let mut new = house.new_lot("a", 10);
        new.unit_word = "件".into();
        let refused = actions::announce(&house.services, &house.keeper, &new).await;
        assert!(matches!(refused, Err(ReliefError::Units(word)) if word == "件"));
        new.unit_word = "箱".into();
        let lot = actions::announce(&house.services, &house.keeper, &new)
            .await
            .expect("a lot");
        assert_eq!(lot.per_base, 480);
    }
);

db::both!(
    goods_with_too_little_shelf_life_are_accepted_only_by_the_head_with_a_reason,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let mut new = house.new_lot("a", 10);
        new.expires_on = Some(house.today().plus_days(90));
        let lot = actions::announce(&house.services, &house.keeper, &new)
            .await
            .expect("a lot")
            .id;
        let arrive = recorded(lot, Step::Arrive(house.place), 10, "1");
        actions::record(&house.services, &house.keeper, &arrive)
            .await
            .expect("at the door");
        let mut inspect = recorded(lot, Step::Inspect(house.place), 10, "2");
        let refused = actions::record(&house.services, &house.keeper, &inspect).await;
        assert!(matches!(refused, Err(ReliefError::ShelfLife { months: 6, .. })));
        inspect.reason = "一级响应，当日用于定点医院".into();
        let alone = actions::record(&house.services, &house.keeper, &inspect).await;
        assert!(
            matches!(alone, Err(ReliefError::Forbidden(_))),
            "an exception is the head's"
        );
        let taken = actions::record(&house.services, &house.boss, &inspect).await;
        assert_eq!(taken.expect("an emergency"), Outcome::Written);
    }
);

db::both!(
    a_count_is_blind_and_its_difference_is_explained_by_another_person,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let lot = house.stocked("a", 100).await;
        let spot = (lot, house.place);
        let (_, agrees) = actions::count(&house.services, &house.keeper, spot, 100)
            .await
            .expect("a count");
        assert_eq!(agrees, Counted::Agrees);
        let (id, differs) = actions::count(&house.services, &house.keeper, spot, 97)
            .await
            .expect("a count");
        assert_eq!(differs, Counted::Differs);
        let by_keeper = actions::settle_count(&house.services, &house.keeper, id, "破损").await;
        assert!(matches!(by_keeper, Err(ReliefError::Forbidden(_))));
        let both = platform::testing::actor(
            &house.services,
            &[(Role::Storekeeper, house.unit), (Role::Leader, house.unit)],
        );
        let (own, _) = actions::count(&house.services, &both, spot, 103)
            .await
            .expect("a count");
        let refused = actions::settle_count(&house.services, &both, own, "多出").await;
        assert!(matches!(refused, Err(ReliefError::SamePerson)));
        actions::settle_count(&house.services, &house.leaders[0], id, "三只破损，已拍照")
            .await
            .expect("settled");
        assert_eq!(
            states(&house, lot).await,
            BTreeMap::from([(LotState::Stocked, 97), (LotState::Lost, 3)])
        );
        let twice = actions::settle_count(&house.services, &house.leaders[0], id, "再来").await;
        assert!(matches!(twice, Err(ReliefError::State { .. })));
        sound(&house.services).await;
    }
);

db::both!(
    a_kit_is_made_of_what_expires_first_and_expires_with_it,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let day = |days| Some(house.today().plus_days(days));
        for (key, expires, quantity) in [("late", day(800), 50), ("soon", day(300), 5), ("never", None, 50)] {
            let mut new = house.new_lot(key, quantity);
            new.expires_on = expires;
            house.stock(&new).await;
        }
        let kit = house.kit(3).await;
        let lot = actions::make_kits(s, &house.keeper, (house.unit, kit), (house.place, 4), "kits-1").await;
        let lot = lot.expect("four kits");
        assert_eq!(lot.expires_on, day(300), "five of the earliest and seven of the next");
        let again = actions::make_kits(s, &house.keeper, (house.unit, kit), (house.place, 4), "kits-1").await;
        assert_eq!(again.expect("known").id, lot.id);
        let refused = actions::make_kits(s, &house.keeper, (house.unit, kit), (house.place, 400), "kits-2").await;
        assert!(matches!(refused, Err(ReliefError::Short { .. })));
        sound(s).await;
    }
);

db::both!(
    bought_goods_are_stocked_at_their_cost_outside_the_books_and_come_out_whole_or_not_at_all,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let new = NewLot {
            source: Source::AidFund,
            donor: String::new(),
            value: Some(Fen::new(88_000)),
            basis: ValueBasis::Purchase,
            expected_on: None,
            ..house.new_lot("purchase:1", 8)
        };
        let gift = NewLot {
            source: Source::Donation,
            ..new.clone()
        };
        let short_lived = NewLot {
            expires_on: Some(house.today().plus_days(30)),
            ..new.clone()
        };
        let evidence = "CG-2026-0001";
        for wrong in [&gift, &short_lived] {
            let mut tx = s.db.begin().await.expect("a transaction");
            let refused = actions::take_in(&mut tx, s, &house.keeper, (wrong, evidence)).await;
            assert!(matches!(
                refused,
                Err(ReliefError::Invalid { field: "source", .. } | ReliefError::ShelfLife { .. })
            ));
        }
        let mut tx = s.db.begin().await.expect("a transaction");
        let taken = actions::take_in(&mut tx, s, &house.keeper, (&new, evidence)).await;
        tx.commit().await.expect("committed");
        let taken = taken.expect("taken in");
        assert_eq!(taken.paper, "RK-2026-0001");
        assert_eq!(
            states(&house, taken.lot).await,
            BTreeMap::from([(LotState::Stocked, 8)])
        );
        sound(s).await;
        let note = paper(s, &house.keeper, Record::Move(taken.lot, 1))
            .await
            .expect("a note");
        assert!(note.bytes.starts_with(b"%PDF-"));

        let there = actions::add_place(s, &house.keeper, house.unit, ("B", "二号库"))
            .await
            .expect("a place");
        let moved = |from, to, key| recorded(taken.lot, Step::Relocate { from, to }, 3, key);
        let away = moved(house.place, there, "away");
        actions::record(s, &house.keeper, &away).await.expect("moved");
        let out = async |by: &Actor| {
            let mut tx = s.db.begin().await.expect("a transaction");
            let pieces = (taken.lot, house.place, 8);
            actions::take_out(&mut tx, s, by, pieces, "规格录错").await?;
            tx.commit().await?;
            Ok::<_, ReliefError>(())
        };
        let short = out(&house.leaders[0]).await;
        assert!(matches!(short, Err(ReliefError::Short { wanted: 8, there: 5 })));
        let back = moved(there, house.place, "back");
        actions::record(s, &house.keeper, &back).await.expect("moved back");
        assert!(matches!(out(&house.keeper).await, Err(ReliefError::Forbidden(_))));
        out(&house.leaders[0]).await.expect("taken out");
        assert_eq!(states(&house, taken.lot).await.values().sum::<i64>(), 0);
        sound(s).await;
    }
);

db::both!(
    a_row_that_somebody_tampered_with_is_found_be_it_stock_value_or_a_paper,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let mut new = house.new_lot("a", 100);
        (new.value, new.basis) = (Some(Fen::new(50_000)), ValueBasis::Appraisal);
        let lot = house.stock(&new).await;
        sound(s).await;
        let tampered = async |sql: &str| {
            let mut tx = s.db.begin().await.expect("a transaction");
            tx.execute(sql, db::params![(lot,)]).await.expect("tampered");
            let found = crate::recount(&mut tx).await.expect("a recount");
            (found.stock.agrees(), found.worth.agrees(), found.papers)
        };
        let more = "UPDATE goods_balance SET quantity = 101 WHERE lot_id = ?1 AND state = 'stocked'";
        assert!(!tampered(more).await.0);
        let dearer = "UPDATE goods_worth SET held_fen = held_fen + 1 WHERE lot_id = ?1";
        assert_eq!(tampered(dearer).await, (true, false, 0));
        let noteless = "DELETE FROM goods_paper WHERE subject = ?1";
        assert_eq!(
            tampered(noteless).await,
            (true, true, 2),
            "no note, and a gap in the series"
        );
        // A movement cannot be changed, but one could be smuggled in.
        let moved = |from: &str, to: &str, paper: &str| {
            format!(
                "INSERT INTO goods_move (lot_id, n, unit_id, move_key, from_state, from_holder, to_state, to_holder, quantity,
                   paper, reason, actor_id, moved_at) SELECT lot_id, 9, unit_id, 'smuggled', '{from}', to_holder, '{to}',
                   to_holder, 1, '{paper}', '', actor_id, moved_at FROM goods_move WHERE lot_id = ?1 AND n = 4"
            )
        };
        for (from, to, paper, papers) in [
            ("stocked", "lost", "", 1),
            ("stocked", "scrapped", "BF-2026-0009", 1),
            ("stocked", "distributed", "2026-0001", 1),
            ("stocked", "lost", "count 00", 1),
            ("stocked", "stocked", "", 0),
        ] {
            let found = tampered(&moved(from, to, paper)).await;
            assert_eq!(found.2, papers, "{from} {to} {paper}");
        }
        sound(s).await;
    }
);

db::both!(
    a_great_value_needs_its_evidence_and_a_second_person_before_it_is_booked,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let mut new = house.new_lot("great", 10);
        (new.value, new.basis) = (Some(Fen::new(10_000_001)), ValueBasis::Voucher);
        new.evidence = String::new();
        let bare = actions::announce(s, &house.keeper, &new).await;
        assert!(matches!(
            bare,
            Err(ReliefError::Invalid {
                field: "value_evidence",
                ..
            })
        ));
        new.evidence = "发票 00001234".into();
        let (boss, other) = (&house.boss, &house.leaders[0]);
        let lot = actions::announce(s, boss, &new).await.expect("announced");
        assert_eq!(lot.value, None);
        let lot = house.stock(&new).await;
        let waiting = async || {
            let mut at = s.db.snapshot().await.expect("a view");
            let rows = queries::unvalued(&mut at, house.unit).await.expect("rows");
            rows.into_iter()
                .map(|row| row.claim.map(|claim| claim.0))
                .collect::<Vec<_>>()
        };
        house.stocked("without", 5).await;
        assert_eq!(waiting().await, [Some(Fen::new(10_000_001)), None]);
        let kit = house.kit(8).await;
        let kits = actions::make_kits(s, &house.keeper, (house.unit, kit), (house.place, 1), "kits").await;
        assert!(
            matches!(kits, Err(ReliefError::State { wanted: "valued", .. })),
            "kits would take it along without its value"
        );
        let own = actions::confirm_value(s, boss, lot).await;
        assert!(matches!(own, Err(ReliefError::SamePerson)));
        let keeper = actions::confirm_value(s, &house.keeper, lot).await;
        assert!(matches!(keeper, Err(ReliefError::Forbidden(_))));
        actions::confirm_value(s, other, lot).await.expect("confirmed");
        assert_eq!(waiting().await, [None], "the other is still to be appraised");
        let twice = actions::confirm_value(s, other, lot).await;
        assert!(matches!(twice, Err(ReliefError::State { .. })));
        let mut at = s.db.snapshot().await.expect("a view");
        let worth = crate::worth::queries::recount(&mut at).await.expect("a recount");
        assert_eq!(worth.value, Fen::new(10_000_001));
        sound(s).await;
    }
);

db::both!(
    where_the_house_asks_for_it_another_person_inspects_and_a_certificate_must_be_there,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        for key in ["goods.inspect_by_another", "goods.certificate_required"] {
            let rule = platform::parameters::Override {
                key: key.into(),
                from: house.today(),
                to: None,
                value: "1".into(),
                legal_ref: "本会决定".into(),
            };
            platform::parameters::set(s, &Actor::operator(), rule)
                .await
                .expect("set");
        }
        let mut new = house.new_lot("bare", 10);
        new.has_certificate = false;
        let lot = actions::announce(s, &house.keeper, &new).await.expect("a lot").id;
        actions::record(s, &house.keeper, &recorded(lot, Step::Arrive(house.place), 10, "1"))
            .await
            .expect("at the door");
        let mut inspect = recorded(lot, Step::Inspect(house.place), 10, "2");
        let own = actions::record(s, &house.keeper, &inspect).await;
        assert!(matches!(own, Err(ReliefError::SamePerson)));
        let other = platform::testing::actor(s, &[(Role::Storekeeper, house.unit)]);
        let bare = actions::record(s, &other, &inspect).await;
        assert!(matches!(bare, Err(ReliefError::Certificate)));
        inspect.reason = "一级响应，急用".into();
        actions::record(s, &house.boss, &inspect).await.expect("an exception");
    }
);

db::both!(
    a_parcel_is_handed_to_its_addressee_who_signs_and_is_held_no_longer,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let mut new = house.new_lot("parcel", 3);
        (new.source, new.value, new.basis) = (Source::HeldForAddressee, Some(Fen::new(900)), ValueBasis::Voucher);
        let lot = house.stock(&new).await;
        let out = actions::HandedParcel {
            lot,
            place: house.place,
            quantity: 3,
            key: "handed",
            signer: "张医生",
            drawn: "10,10 200,80",
            proof: crate::dispatch::model::Proof::Signature,
        };
        let gift = actions::HandedParcel {
            lot: house.stocked("gift", 3).await,
            ..out.clone()
        };
        let no_parcel = actions::hand_parcel(s, &house.keeper, &gift).await;
        assert!(matches!(no_parcel, Err(ReliefError::State { state: "donation", .. })));
        let handed = actions::hand_parcel(s, &house.keeper, &out).await;
        assert_eq!(handed.expect("handed"), Outcome::Written);
        let again = actions::hand_parcel(s, &house.keeper, &out).await;
        assert_eq!(again.expect("known"), Outcome::Known);
        assert_eq!(states(&house, lot).await, BTreeMap::from([(LotState::Distributed, 3)]));
        let mut at = s.db.snapshot().await.expect("a view");
        let worth = crate::worth::queries::recount(&mut at).await.expect("a recount");
        assert_eq!(worth.value, Fen::ZERO, "nothing is held for anybody");
        sound(s).await;
    }
);
