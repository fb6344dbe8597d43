//! A list of recipients, their codes and who still waits, on both databases.

use std::collections::BTreeMap;

use db::testing::TestDb;

use super::actions::{make_list, recipients, slips};
use super::model::Person;
use crate::dispatch::actions::{Carry, HandOut, carry, hand_out};
use crate::dispatch::model::Proof;
use crate::error::ReliefError;
use crate::testing::house;

db::both!(
    who_is_on_the_list_takes_her_number_with_her_own_code_once_and_who_has_not_signed_is_told,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stocked("gift", 100).await;
        let party = house.party("示例第一医院").await;
        let id = house.ordered(party, 10).await;
        let person = |name: &str, quantity| Person {
            name: name.to_owned(),
            quantity,
        };
        let people = [person("王小明", 4), person("李小红", 6)];
        let many = make_list(s, &house.keeper, (id, lot), &[person("王小明", 11)]).await;
        assert!(matches!(many, Err(ReliefError::Short { wanted: 11, there: 10 })));
        let desk = make_list(s, &house.desk, (id, lot), &people).await;
        assert!(matches!(desk, Err(ReliefError::Forbidden(_))));
        make_list(s, &house.keeper, (id, lot), &people).await.expect("a list");
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
        let given = slips(s, &house.keeper, id).await.expect("slips");
        assert_eq!(
            given.iter().map(|slip| slip.name.as_str()).collect::<Vec<_>>(),
            ["王小明", "李小红"]
        );
        let out = |key: &'static str, code: &'static str, quantity| HandOut {
            lot,
            quantity,
            signer: "",
            drawn: "",
            proof: Proof::Code,
            recipient: None,
            code,
            key,
        };
        let code: &'static str = Box::leak(given[0].code.clone().into_boxed_str());
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for bad in ["", wrong] {
            let refused = hand_out(s, &house.keeper, id, out("x", bad, 4)).await;
            assert!(matches!(refused, Err(ReliefError::WrongCode)));
        }
        let number = hand_out(s, &house.keeper, id, out("y", code, 5)).await;
        assert!(matches!(number, Err(ReliefError::Invalid { field: "quantity", .. })));
        for _ in 0..2 {
            hand_out(s, &house.keeper, id, out("1", code, 4))
                .await
                .expect("handed over");
        }
        let again = hand_out(s, &house.keeper, id, out("2", code, 4)).await;
        assert!(matches!(again, Err(ReliefError::WrongCode)), "a code works once");
        for _ in 0..50 {
            let guessed = hand_out(s, &house.keeper, id, out("x", wrong, 6)).await;
            assert!(matches!(guessed, Err(ReliefError::WrongCode)));
        }
        let leaked = |code: &str| -> &'static str { Box::leak(code.to_owned().into_boxed_str()) };
        let late = hand_out(s, &house.keeper, id, out("g", leaked(&given[1].code), 6)).await;
        assert!(matches!(late, Err(ReliefError::WrongCode)), "guessing ends the codes");
        make_list(s, &house.keeper, (id, lot), &people[1..])
            .await
            .expect("a list made anew");
        let anew = slips(s, &house.keeper, id).await.expect("slips");
        let number = hand_out(s, &house.keeper, id, out("g", leaked(&anew[0].code), 5)).await;
        assert!(matches!(number, Err(ReliefError::Invalid { field: "quantity", .. })));
        let open = |rows: &[crate::recipients::model::Recipient]| {
            let open = rows.iter().filter(|row| row.signed_at.is_none());
            open.map(|row| (row.n, row.quantity)).collect::<Vec<_>>()
        };
        let rows = recipients(s, &house.keeper, id).await.expect("read");
        assert_eq!(open(&rows), [(2, 6)]);
        assert!(
            rows.iter()
                .all(|row| !row.shown.contains("小明") && !row.shown.contains("小红"))
        );

        let signed = HandOut {
            proof: Proof::Signature,
            recipient: Some(rows[1].id),
            ..out("3", "", 6)
        };
        hand_out(s, &house.keeper, id, signed).await.expect("signed for");
        let rows = recipients(s, &house.keeper, id).await.expect("read");
        assert!(open(&rows).is_empty());
    }
);
