//! Sales through their actions, on both databases.

use db::testing::TestDb;
use giving::projects::actions::general_fund;
use kernel::{Channel, Fen, FundId, JournalId};
use platform::identity::{Actor, Role};

use super::actions::{sell, undo};
use super::model::NewSale;
use crate::LotId;
use crate::error::ReliefError;
use crate::stock::model::ValueBasis;
use crate::stock::{LotState, NewLot, Source, Spot, store as stock};
use crate::testing::{House, house};
use crate::vouchers::{Record, paper};

fn sale(house: &House, lot: LotId, key: &str, (quantity, fen): (i64, i64)) -> NewSale {
    NewSale {
        lot,
        key: key.to_owned(),
        place: house.place,
        quantity,
        amount: Fen::new(fen),
        paid_into: Channel::Bank,
        fund: None,
        buyer: "示例贸易有限公司".into(),
        reason: "超过实际需要，不易储存".into(),
    }
}

fn valued(house: &House, key: &str) -> NewLot {
    NewLot {
        value: Some(Fen::new(1_000)),
        basis: ValueBasis::Voucher,
        ..house.new_lot(key, 100)
    }
}

async fn posted(house: &House, journal: JournalId) -> Vec<(&'static str, i64, Option<FundId>)> {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let entries = ledger::entries(&mut at, journal).await.expect("entries");
    let said = |entry: &ledger::Entry| (entry.dims.code.as_str(), entry.amount.get(), entry.dims.fund);
    entries.iter().map(said).collect()
}

async fn at_spot(house: &House, lot: LotId, state: LotState) -> i64 {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let spot = Spot::at(state, house.place);
    stock::in_spot(&mut at, lot, spot).await.expect("read")
}

/// Movements, worth and books agree.
async fn sound(house: &House) {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let found = crate::worth::queries::recount(&mut at).await.expect("a recount");
    assert!(found.agrees(), "{found:?}");
    let books = ledger::recount(&mut at).await.expect("the books");
    assert!(books.agrees(), "{books:?}");
    let stock = crate::stock::queries::recount(&mut at).await.expect("a recount");
    assert!(stock.agrees());
}

fn leader(house: &House) -> Actor {
    platform::testing::actor(&house.services, &[(Role::Leader, house.unit)])
}

db::both!(
    a_sale_moves_the_goods_and_books_their_proceeds_in_one_step_and_is_known_again,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stock(&valued(&house, "a")).await;
        let new = sale(&house, lot, "1", (40, 36_000));
        let keeper = sell(s, &house.keeper, &new).await;
        assert!(
            matches!(keeper, Err(ReliefError::Forbidden(_))),
            "who keeps the store sells nothing"
        );
        let sold = sell(s, &house.leaders[0], &new).await.expect("sold");
        assert_eq!(sell(s, &house.leaders[1], &new).await.expect("known"), sold);
        let dearer = sale(&house, lot, "1", (40, 36_001));
        let taken = sell(s, &house.leaders[0], &dearer).await;
        assert!(matches!(taken, Err(ReliefError::Taken("sale"))));
        let fund = Some(sold.fund);
        assert_eq!(
            posted(&house, sold.journal).await,
            [("1002", 36_000, fund), ("450101", -36_000, fund)]
        );
        assert_eq!(at_spot(&house, lot, LotState::Sold).await, 40);
        let more = sell(s, &house.leaders[0], &sale(&house, lot, "2", (61, 1))).await;
        assert!(matches!(more, Err(ReliefError::Short { wanted: 61, there: 60 })));
        sound(&house).await;
        let note = paper(s, &house.keeper, Record::Move(lot, sold.n))
            .await
            .expect("a note");
        assert_eq!(note.file_name, "sale_note-BM-2026-0001.pdf");
        assert!(note.bytes.starts_with(b"%PDF-"));
        if let Some(folder) = option_env!("GOODS_SAMPLES") {
            std::fs::write(format!("{folder}/{}", note.file_name), &note.bytes).expect("written");
        }
    }
);

db::both!(
    a_sale_is_undone_once_by_another_and_goods_money_and_books_are_as_before,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stock(&valued(&house, "a")).await;
        let sold = sell(s, &house.leaders[0], &sale(&house, lot, "1", (40, 36_000)))
            .await
            .expect("sold");
        let own = undo(s, &house.leaders[0], sold.id, "买方退货").await;
        assert!(
            matches!(own, Err(ReliefError::SamePerson)),
            "who sold does not pay back"
        );
        let wordless = undo(s, &house.leaders[1], sold.id, " ").await;
        assert!(matches!(wordless, Err(ReliefError::Invalid { field: "reason", .. })));
        let back = undo(s, &house.leaders[1], sold.id, "买方退货").await.expect("undone");
        let undone = back.undone.expect("how");
        let fund = Some(sold.fund);
        assert_eq!(
            posted(&house, undone.journal).await,
            [("1002", -36_000, fund), ("450101", 36_000, fund)]
        );
        assert_eq!(at_spot(&house, lot, LotState::Sold).await, 0);
        assert_eq!(at_spot(&house, lot, LotState::Stocked).await, 100);
        let again = undo(s, &leader(&house), sold.id, "又退").await;
        assert!(matches!(again, Err(ReliefError::State { state: "undone", .. })));
        sound(&house).await;
        let note = paper(s, &house.keeper, Record::Move(lot, undone.n))
            .await
            .expect("a note");
        assert_eq!(note.file_name, "sale_return-BC-2026-0001.pdf");
        // The same goods may be sold again.
        sell(s, &house.leaders[0], &sale(&house, lot, "2", (100, 90_000)))
            .await
            .expect("sold again");
        sound(&house).await;
    }
);

db::both!(
    money_of_limited_goods_names_its_fund_and_parcels_and_what_expired_are_not_sold,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let mut meant = valued(&house, "meant");
        meant.designated_for = Some(house.party("示例第一医院").await);
        let meant = house.stock(&meant).await;
        let mut new = sale(&house, meant, "1", (10, 5_000));
        let nameless = sell(s, &house.leaders[0], &new).await;
        assert!(matches!(nameless, Err(ReliefError::Invalid { field: "fund", .. })));
        new.fund = Some(kernel::id::Id::from_bytes([9; 16]));
        let unknown = sell(s, &house.leaders[0], &new).await;
        assert!(matches!(unknown, Err(ReliefError::NotFound("fund"))));
        let mut tx = s.db.begin().await.expect("a transaction");
        let fund = general_fund(&mut tx, s, house.unit).await.expect("a fund");
        tx.commit().await.expect("committed");
        new.fund = Some(fund);
        let sold = sell(s, &house.leaders[0], &new).await.expect("sold");
        assert_eq!(
            posted(&house, sold.journal).await,
            [("1002", 5_000, Some(fund)), ("450102", -5_000, Some(fund))]
        );
        let mut parcel = house.new_lot("parcel", 5);
        parcel.source = Source::HeldForAddressee;
        let parcel = house.stock(&parcel).await;
        let held = sell(s, &house.leaders[0], &sale(&house, parcel, "2", (5, 100))).await;
        assert!(matches!(held, Err(ReliefError::HeldFor)));
        let fresh = house.stocked("fresh", 5).await;
        house.at(house.today().plus_days(731), 600);
        let old = sell(s, &house.leaders[0], &sale(&house, fresh, "3", (5, 100))).await;
        assert!(matches!(old, Err(ReliefError::Expired(_))));
        sound(&house).await;
    }
);

db::both!(
    money_that_was_spent_meanwhile_cannot_be_paid_back,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stocked("a", 100).await;
        let sold = sell(s, &house.leaders[0], &sale(&house, lot, "1", (10, 5_000)))
            .await
            .expect("sold");
        let finance = platform::testing::actor(s, &[(Role::FinanceOfficer, house.unit)]);
        let slip = ledger::actions::Slip {
            key: "spent".into(),
            unit: house.unit,
            business_day: house.today(),
            memo_code: None,
        };
        let spent = ledger::actions::Spending {
            fund: Some(sold.fund),
            project: None,
            campaign: None,
            on: ledger::actions::SpentOn::Programme,
            restriction: ledger::Restriction::Unrestricted,
            paid_from: Channel::Bank,
            amount: Fen::new(1),
        };
        ledger::actions::record_expenditure(s, &finance, slip, spent)
            .await
            .expect("spent");
        let refused = undo(s, &house.leaders[1], sold.id, "买方退货").await;
        assert!(matches!(
            refused,
            Err(ReliefError::Books(ledger::LedgerError::FundLacks { .. }))
        ));
        assert_eq!(at_spot(&house, lot, LotState::Sold).await, 10, "nothing of it was done");
    }
);
