//! Signatures at the hand-over, on both databases.

use std::collections::BTreeMap;

use db::testing::TestDb;
use db::{Reads as _, params};

use super::actions::{Carry, DRAWN_PLACE, HandOut, SIGNER_PLACE, carry, hand_out};
use super::model::Proof;
use super::queries;
use crate::error::ReliefError;
use crate::testing::house;

const DRAWN: &str = "40,60 90,120 200,80;220,90 222,91";

db::both!(
    a_drawn_signature_is_kept_sealed_beside_its_name_and_what_is_no_drawing_is_refused,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stocked("gift", 100).await;
        let party = house.party("示范市第一人民医院").await;
        let id = house.ordered(party, 40).await;
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
        let out = |key: &'static str, drawn: &'static str| HandOut {
            lot,
            quantity: 5,
            signer: "王小明",
            drawn,
            proof: Proof::Signature,
            recipient: None,
            code: "",
            key,
        };
        let markup = hand_out(s, &house.keeper, id, out("m", "<svg onload=alert(1)>")).await;
        assert!(matches!(markup, Err(ReliefError::Invalid { field: "drawn", .. })));
        for _ in 0..2 {
            hand_out(s, &house.keeper, id, out("1", DRAWN)).await.expect("drawn");
        }
        hand_out(s, &house.keeper, id, out("2", ""))
            .await
            .expect("a name alone");

        let mut at = s.db.snapshot().await.expect("a view");
        let row = at
            .query_one(
                "SELECT drawn_sealed FROM goods_signature WHERE dispatch_id = ?1 AND drawn_sealed IS NOT NULL",
                params![(id,)],
            )
            .await;
        let sealed = row.expect("read").expect("a row").bytes("drawn_sealed").expect("bytes");
        assert!(!String::from_utf8_lossy(&sealed).contains(DRAWN));
        let shown = queries::signatures(&mut at, id).await.expect("rows");
        let open = |sealed: &[u8], place| s.keys.open(sealed, place).expect("ours");
        let drawn: Vec<Option<Vec<u8>>> = shown
            .iter()
            .map(|one| one.drawn_sealed.as_deref().map(|sealed| open(sealed, DRAWN_PLACE)))
            .collect();
        assert_eq!(
            drawn.iter().flatten().collect::<Vec<_>>(),
            [DRAWN.as_bytes()],
            "written down once"
        );
        assert_eq!(drawn.len(), 2);
        for one in &shown {
            assert_eq!(open(&one.signer_sealed, SIGNER_PLACE), "王小明".as_bytes());
        }
    }
);
