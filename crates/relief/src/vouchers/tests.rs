//! Papers through their records, on both databases.

use std::collections::BTreeMap;

use db::testing::TestDb;
use kernel::Fen;
use platform::identity::Role;

use super::actions::paper;
use super::{PaperKind, Record, queries};
use crate::dispatch::actions::{Carry, HandOut, carry, hand_out};
use crate::dispatch::model::Proof;
use crate::error::ReliefError;
use crate::stock::actions::{self, Recorded};
use crate::stock::model::ValueBasis;
use crate::stock::{NewLot, Step};
use crate::testing::{House, house};
use crate::{DispatchId, LotId};

async fn papers_of(house: &House) -> BTreeMap<String, Record> {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let found = queries::papers(&mut at, house.unit).await.expect("papers");
    found
        .into_iter()
        .map(|one| (one.kind.number(one.number), one.record))
        .collect()
}

async fn drawn(house: &House, record: Record) -> Vec<u8> {
    let paper = paper(&house.services, &house.keeper, record).await.expect("a paper");
    assert!(paper.bytes.starts_with(b"%PDF-"));
    assert_eq!(
        ring::digest::digest(&ring::digest::SHA256, &paper.bytes).as_ref(),
        paper.sha256
    );
    // For whoever wants to look at them: GOODS_SAMPLES=/tmp/papers at build time.
    if let Some(folder) = option_env!("GOODS_SAMPLES") {
        std::fs::write(format!("{folder}/{}", paper.file_name), &paper.bytes).expect("written");
    }
    paper.bytes
}

async fn sign(house: &House, id: DispatchId, lot: LotId, (key, signer, drawn): (&str, &str, &str)) {
    let out = HandOut {
        lot,
        quantity: 5,
        signer,
        drawn,
        proof: Proof::Signature,
        recipient: None,
        code: "",
        key,
    };
    hand_out(&house.services, &house.keeper, id, out).await.expect("signed");
}

fn gift(house: &House) -> NewLot {
    NewLot {
        value: Some(Fen::new(1_234_500)),
        basis: ValueBasis::Voucher,
        spec: "独立包装 12cm".into(),
        batch: "20260401".into(),
        donor: "陈晓燕".into(),
        ..house.new_lot("a", 4_800)
    }
}

db::both!(
    each_record_has_its_number_and_its_paper_stays_as_it_was_drawn_first,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stock(&gift(&house)).await;
        house.stocked("b", 10).await;
        let scrap = Recorded {
            lot,
            step: Step::Scrap(house.place),
            quantity: 20,
            key: "scrap".into(),
            reason: "受潮，已拍照".into(),
            device_at: None,
        };
        actions::record(s, &house.boss, &scrap).await.expect("scrapped");
        let known = actions::record(s, &house.boss, &scrap).await;
        assert_eq!(
            known.expect("known"),
            actions::Outcome::Known,
            "and takes no second number"
        );
        let (count, _) = actions::count(s, &house.keeper, (lot, house.place), 4_779)
            .await
            .expect("a count");
        let papers = papers_of(&house).await;
        assert_eq!(
            papers.keys().collect::<Vec<_>>(),
            ["BF-2026-0001", "PD-2026-0001", "RK-2026-0001", "RK-2026-0002"]
        );
        let waits = paper(s, &house.keeper, Record::Count(count)).await;
        assert!(matches!(waits, Err(ReliefError::State { wanted: "settled", .. })));
        actions::settle_count(s, &house.leaders[0], count, "一只破损")
            .await
            .expect("settled");
        let mut bytes = Vec::new();
        for (number, record) in &papers {
            let first = drawn(&house, *record).await;
            house.at(house.today().plus_days(1), 600);
            assert!(
                drawn(&house, *record).await == first,
                "{number} is the same a day later"
            );
            bytes.push(first);
        }
        bytes.dedup();
        assert_eq!(bytes.len(), 4, "and no two are alike");
        // What is changed in the catalogue or the lot later does not reach a paper that was drawn.
        let mut at = s.db.snapshot().await.expect("a view");
        assert_eq!(queries::recount(&mut at).await.expect("a recount"), 0);
    }
);

db::both!(
    a_hand_over_list_goes_out_blank_and_gets_an_edition_with_each_signature,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stock(&gift(&house)).await;
        let id = house.ordered(house.party("示范市第一人民医院").await, 4_800).await;
        drawn(&house, Record::Order(id)).await;
        let early = paper(s, &house.keeper, Record::HandOver(id)).await;
        assert!(matches!(early, Err(ReliefError::State { state: "ordered", .. })));
        for step in [
            Carry::Issue,
            Carry::Load,
            Carry::Receive {
                came: BTreeMap::new(),
                reason: String::new(),
            },
        ] {
            carry(s, &house.keeper, id, step).await.expect("a step");
        }
        let blank = drawn(&house, Record::HandOver(id)).await;
        sign(&house, id, lot, ("1", "李建国", "")).await;
        sign(&house, id, lot, ("2", "王秀英", "")).await;
        let signed = drawn(&house, Record::HandOver(id)).await;
        assert!(signed != blank);
        assert!(drawn(&house, Record::HandOver(id)).await == signed);
        sign(&house, id, lot, ("3", "张国强", "10,10 200,80;30,90 60,20")).await;
        let auditor = platform::testing::actor(&house.services, &[(Role::Auditor, house.unit)]);
        let words = paper(&house.services, &auditor, Record::HandOver(id)).await;
        let words = words.expect("a list");
        assert!(
            drawn(&house, Record::HandOver(id)).await != words.bytes,
            "strokes are shown to who keeps the store alone"
        );
        assert_eq!(words.file_name, "hand_over_list-2026-0001-3.pdf");
    }
);

db::both!(
    a_receipt_note_names_its_donor_only_to_who_keeps_the_store,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        house.stock(&gift(&house)).await;
        let record = papers_of(&house).await["RK-2026-0001"];
        let refused = paper(s, &house.desk, record).await;
        assert!(
            matches!(refused, Err(ReliefError::Forbidden(_))),
            "the desk is outside the house"
        );
        let elsewhere = platform::testing::actor(s, &[(Role::Storekeeper, kernel::id::Id::from_bytes([9; 16]))]);
        let refused = paper(s, &elsewhere, record).await;
        assert!(matches!(refused, Err(ReliefError::NotFound(_))));
        drawn(&house, record).await;
        let Record::Move(lot, n) = record else {
            panic!("a movement")
        };
        let none = paper(s, &house.keeper, Record::Move(lot, n - 1)).await;
        assert!(
            matches!(none, Err(ReliefError::NotFound("paper"))),
            "inspecting has no paper"
        );
        assert_eq!(PaperKind::SaleNote.number((2026, 12)), "BM-2026-0012");
    }
);
