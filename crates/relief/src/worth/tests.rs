//! Value through the actions of the stock, on both databases: what is held is what the books say, after every step.

use std::collections::BTreeMap;

use db::testing::TestDb;
use kernel::Fen;
use ledger::queries::{Part, Period, cash_flow, trial_balance};
use platform::identity::Scope;

use super::queries;
use crate::dispatch::actions::{Carry, carry, give_back};
use crate::stock::actions::{self, Recorded};
use crate::stock::model::ValueBasis;
use crate::stock::{NewLot, Source, Step};
use crate::testing::{House, house};
use crate::{DispatchId, LotId};

/// Closing balances by account, zeros left out.
async fn books(house: &House) -> BTreeMap<&'static str, i64> {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let period = Period {
        from: house.today(),
        to: house.today(),
    };
    let scope = Scope::Everything;
    let part = Part::of(&scope, &house.services.tree);
    let found = trial_balance::read(&mut at, &part, period)
        .await
        .expect("a trial balance");
    assert!(found.closing.agree());
    let lines = found.lines.iter().filter(|line| line.closing != Fen::ZERO);
    lines.map(|line| (line.code.as_str(), line.closing.get())).collect()
}

/// Movements, worth and books agree; gives what is held.
async fn sound(house: &House) -> i64 {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let found = queries::recount(&mut at).await.expect("a recount");
    assert!(found.agrees(), "{found:?}");
    let books = ledger::recount(&mut at).await.expect("the books");
    assert!(books.agrees(), "{books:?}");
    found.value.get()
}

fn valued(house: &House, (key, quantity): (&str, i64), fen: i64) -> NewLot {
    NewLot {
        value: Some(Fen::new(fen)),
        basis: ValueBasis::Voucher,
        ..house.new_lot(key, quantity)
    }
}

/// What an order sent was worth, and its lots without a value; for who counts what went to a partner region.
async fn sent(house: &House, order: DispatchId) -> (i64, i64) {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let worth = queries::of_order(&mut at, order)
        .await
        .expect("read")
        .expect("an order");
    (worth.value.get(), worth.unvalued)
}

async fn decided(house: &House, (lot, step): (LotId, Step), quantity: i64) {
    let wanted = Recorded {
        lot,
        step,
        quantity,
        key: format!("{lot:?}{step:?}"),
        reason: "理事会决定".into(),
        device_at: None,
    };
    actions::record(&house.services, &house.boss, &wanted)
        .await
        .expect("a step");
}

db::both!(
    a_valued_gift_is_income_when_it_is_stocked_and_a_cost_when_it_leaves,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let lot = house.stock(&valued(&house, ("a", 300), 100_000)).await;
        house.stocked("without a value", 50).await;
        assert_eq!(
            books(&house).await,
            BTreeMap::from([("1201", 100_000), ("410101", -100_000)])
        );
        let party = house.party("第一医院").await;
        let order = house.ordered(party, 350).await;
        carry(&house.services, &house.keeper, order, Carry::Issue)
            .await
            .expect("picked");
        assert_eq!(sound(&house).await, 100_000, "picked is still held");
        carry(&house.services, &house.keeper, order, Carry::Load)
            .await
            .expect("gone");
        assert_eq!(
            books(&house).await,
            BTreeMap::from([("410101", -100_000), ("510101", 100_000)])
        );
        assert_eq!(sent(&house, order).await, (100_000, 1));
        let receive = Carry::Receive {
            came: BTreeMap::new(),
            reason: String::new(),
        };
        carry(&house.services, &house.keeper, order, receive)
            .await
            .expect("there");
        let back = (lot, house.place, 30);
        give_back(&house.services, &house.keeper, order, back, ("back", "用不上"))
            .await
            .expect("back");
        assert_eq!(sound(&house).await, 0, "at the door it is not yet ours again");
        house.step(lot, Step::Restock(house.place), 30).await;
        assert_eq!(
            books(&house).await,
            BTreeMap::from([("1201", 10_000), ("410101", -100_000), ("510101", 90_000)])
        );
        assert_eq!(sent(&house, order).await, (90_000, 1), "as the books have it");
        decided(&house, (lot, Step::Scrap(house.place)), 10).await;
        decided(&house, (lot, Step::Sell(house.place)), 20).await;
        assert_eq!(
            books(&house).await,
            BTreeMap::from([("410101", -100_000), ("510101", 96_667), ("530101", 3_333)])
        );
        assert_eq!(sound(&house).await, 0);
        let mut at = house.services.db.snapshot().await.expect("a view");
        let scope = Scope::Everything;
        let part = Part::of(&scope, &house.services.tree);
        let flow = cash_flow::read(&mut at, &part, house.today())
            .await
            .expect("a statement");
        assert!(flow.lines.iter().all(|line| line.now == Fen::ZERO), "no money moved");
    }
);

db::both!(
    goods_by_their_source_and_designation_stand_on_their_own_accounts,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let party = house.party("第一医院").await;
        let cases = [
            (Source::Donation, Some(party), 1_000),
            (Source::TransferIn, None, 200),
            (Source::Customs, None, 30),
            (Source::HeldForAddressee, None, 4),
            (Source::Budget, None, 70_000),
            (Source::AidFund, None, 80_000),
        ];
        for (at, (source, designated_for, fen)) in cases.into_iter().enumerate() {
            let new = NewLot {
                source,
                designated_for,
                ..valued(&house, (&format!("lot {at}"), 7), fen)
            };
            house.stock(&new).await;
        }
        assert_eq!(
            books(&house).await,
            BTreeMap::from([
                ("1201", 1_230),
                ("1801", 4),
                ("2601", -4),
                ("410102", -1_000),
                ("440101", -30),
                ("490101", -200),
            ]),
            "what was bought is in the books by its purchase"
        );
        assert_eq!(sound(&house).await, 1_234);
    }
);

db::both!(
    what_a_count_misses_or_finds_is_in_the_books_and_a_kit_is_worth_its_parts,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stock(&valued(&house, ("a", 10), 1_000)).await;
        for (counted, left) in [(7, 700), (9, 900)] {
            let (id, _) = actions::count(s, &house.keeper, (lot, house.place), counted)
                .await
                .expect("a count");
            actions::settle_count(s, &house.leaders[0], id, "盘点差异")
                .await
                .expect("settled");
            assert_eq!(sound(&house).await, left);
        }
        assert_eq!(
            books(&house).await,
            BTreeMap::from([("1201", 900), ("410101", -1_000), ("490101", -200), ("530101", 300)])
        );
        let kit = house.kit(2).await;
        let before = books(&house).await;
        let made = actions::make_kits(s, &house.keeper, (house.unit, kit), (house.place, 3), "kits").await;
        let made = made.expect("three kits");
        assert_eq!(made.value, Some(Fen::new(600)));
        assert_eq!(
            books(&house).await,
            before,
            "inside the store nothing is earned or spent"
        );
        assert_eq!(sound(&house).await, 900);
        decided(&house, (made.id, Step::Scrap(house.place)), 1).await;
        assert_eq!(sound(&house).await, 700);
        let lost = books(&house).await["530101"];
        assert_eq!(lost, 500, "a third of the kits");
    }
);
