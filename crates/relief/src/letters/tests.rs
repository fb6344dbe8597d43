//! Letters of donors, on both databases.

use db::testing::TestDb;
use kernel::Fen;

use super::actions::make;
use super::model::{LetterKind, NewLetter};
use crate::error::ReliefError;
use crate::stock::model::ValueBasis;
use crate::stock::{NewLot, Source};
use crate::testing::house;
use crate::vouchers::{Record, paper};

db::both!(
    a_lot_has_one_letter_and_one_agreement_and_their_papers_ask_for_who_keeps_the_store,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let (s, keeper) = (&house.services, &house.keeper);
        let gift = NewLot {
            value: Some(Fen::new(1_234_500)),
            basis: ValueBasis::Voucher,
            ..house.new_lot("a", 4_800)
        };
        let lot = house.stock(&gift).await;
        let new = |kind, contact| NewLetter {
            lot,
            kind,
            contact,
            phone: "13800000001",
        };
        let letter = make(s, keeper, &new(LetterKind::Letter, "王小明"))
            .await
            .expect("a letter");
        let again = make(s, keeper, &new(LetterKind::Letter, "王小明"))
            .await
            .expect("the same");
        assert_eq!(letter, again);
        let other = make(s, keeper, &new(LetterKind::Letter, "李小红")).await;
        assert!(matches!(other, Err(ReliefError::Taken("letter"))));
        let agreement = make(s, keeper, &new(LetterKind::Agreement, "王小明"))
            .await
            .expect("an agreement");
        for (id, name) in [(letter, "JH-2026-0001"), (agreement, "JX-2026-0001")] {
            let drawn = paper(s, keeper, Record::Letter(id)).await.expect("a paper");
            assert!(drawn.bytes.starts_with(b"%PDF-") && drawn.file_name.contains(name));
            if let Some(folder) = option_env!("GOODS_SAMPLES") {
                std::fs::write(format!("{folder}/{}", drawn.file_name), &drawn.bytes).expect("written");
            }
            let refused = paper(s, &house.desk, Record::Letter(id)).await;
            assert!(matches!(refused, Err(ReliefError::Forbidden(_))));
        }
        let bought = NewLot {
            source: Source::Budget,
            ..house.new_lot("b", 10)
        };
        let none = NewLetter {
            lot: house.stock(&bought).await,
            ..new(LetterKind::Letter, "王小明")
        };
        let none = make(s, keeper, &none).await;
        assert!(matches!(none, Err(ReliefError::State { state: "budget", .. })));
    }
);
