//! Scripts, and calls that walk them, on both databases.

use std::collections::BTreeMap;

use db::testing::TestDb;
use db::{Reads as _, params};
use giving::donations::orders;
use giving::testing::world;
use kernel::id::{Id as _, public};
use kernel::{Fen, OrderId};
use platform::identity::Role;

use super::actions::{CallError, NewCall, answer, calls, heard, in_force, publish};
use super::model::{Answer, CallOutcome, Script};
use super::rules;
use crate::catalogue::{self, NewItem};
use crate::error::ReliefError;
use crate::lists::model::Listed;
use crate::stock::actions::add_place;

fn shipped() -> Script {
    serde_json::from_str(include_str!("shipped/donation_line.v1.json")).expect("the script that ships")
}

fn said(answers: &[(&str, &str)]) -> Vec<Answer> {
    let answer = |(step, value): &(&str, &str)| Answer {
        step: (*step).into(),
        value: (*value).into(),
    };
    answers.iter().map(answer).collect()
}

fn why(result: Result<(), ReliefError>) -> &'static str {
    match result {
        Err(ReliefError::Invalid { why, .. }) => why,
        _ => "",
    }
}

#[test]
fn the_script_that_ships_is_whole_and_a_broken_one_is_not() {
    let script = shipped();
    assert!(rules::check(&script).is_ok());
    type Change = fn(&mut Script);
    let broken = |change: Change| {
        let mut script = shipped();
        change(&mut script);
        why(rules::check(&script))
    };
    let cases: [(Change, &str); 6] = [
        (|s| s.steps[1].next = Some("nowhere".into()), "not there"),
        (|s| s.steps[1].next = Some("what".into()), "comes back"),
        (|s| s.steps[0].options[0].next = "goods_phone".into(), "without all"),
        (|s| s.steps[2].key = "item".into(), "key of its own"),
        (|s| s.steps[0].options.clear(), "a choice has options"),
        (|s| s.steps[3].fills = Some(super::model::Fills::Donor), "another way"),
    ];
    for (change, word) in cases {
        assert!(broken(change).contains(word), "{} / {word}", broken(change));
    }
}

#[test]
fn a_call_walks_its_script_step_by_step_to_an_end() {
    let script = shipped();
    let question = [("what", "other"), ("words", "如何开具票据"), ("words_name", "王小明")];
    let whole = [&question[..], &[("words_phone", "13800000001")]].concat();
    let walked = rules::walk(&script, &said(&whole)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(walked.outcome, CallOutcome::None);
    for answers in [
        question.to_vec(),
        [&question[..], &[("words_phone", "打不通")]].concat(),
        [&whole[..], &[("words_end", "再见")]].concat(),
        vec![("words", "跳过开头")],
        vec![("what", "both")],
    ] {
        let refused = rules::walk(&script, &said(&answers));
        assert!(matches!(
            refused.err(),
            Some(ReliefError::Invalid { field: "answers", .. })
        ));
    }
}

db::both!(
    a_call_ends_in_an_announced_gift_or_an_order_and_what_was_said_is_sealed,
    &crate::all_migrations(),
    async |test: TestDb| {
        let w = world(test.db.clone()).await;
        let s = w.services();
        let keeper = platform::testing::actor(s, &[(Role::Storekeeper, w.city)]);
        let volunteer = platform::testing::actor(s, &[(Role::GoodsVolunteer, w.city)]);
        let new = NewItem {
            unit: w.city,
            code: "1060201".into(),
            name: "医用防护口罩".into(),
            grade: "GB 19083-2010 N95".into(),
            base_unit: "只".into(),
            units: BTreeMap::new(),
            shelf_life_months: None,
            parts: Vec::new(),
        };
        let item = catalogue::actions::add_item(s, &keeper, new).await.expect("an item").id;
        let place = add_place(s, &keeper, w.city, ("A", "一号库")).await.expect("a place");
        let (item, place) = (public(&*s.keys, item), public(&*s.keys, place));
        let day = s.now().business_day().plus_days(1);
        let day_text = day.to_string();
        let answers = said(&[
            ("what", "goods"),
            ("item", &item),
            ("unit_word", "只"),
            ("quantity", "4800"),
            ("expected_on", &day_text),
            ("place", &place),
            ("certificate", "yes"),
            ("goods_donor", "王小明"),
            ("goods_phone", "13800000001"),
        ]);
        let version = in_force(s, w.city).await.expect("a script").version;
        let call = |key: &'static str, answers| NewCall {
            unit: w.city,
            key,
            version,
            answers,
        };
        let first = answer(&w.giving, &volunteer, &call("a", &answers))
            .await
            .expect("a call");
        assert_eq!(first.outcome, CallOutcome::Goods);
        let again = answer(&w.giving, &volunteer, &call("a", &answers))
            .await
            .expect("known");
        assert_eq!(again, first);
        let other = answer(&w.giving, &volunteer, &call("a", &answers[..0])).await;
        assert!(matches!(other, Err(CallError::Goods(ReliefError::Taken("call")))));
        let (_, lines) = crate::lists::actions::draw_list(s, &keeper, w.city, day)
            .await
            .expect("list one");
        assert_eq!(
            (lines[0].quantity, lines[0].listed),
            (4_800, Listed::Expected),
            "it stands on tomorrow's list"
        );

        let money = said(&[
            ("what", "money"),
            ("project", "general"),
            ("amount", "1,000.50"),
            ("money_donor", "李小红"),
            ("money_phone", "13800000002"),
            ("anonymous", "yes"),
        ]);
        let paid = answer(&w.giving, &volunteer, &call("b", &money)).await.expect("a call");
        let id = OrderId::from_bytes(paid.subject.expect("an order"));
        let mut at = s.db.snapshot().await.expect("a view");
        let order = orders::find(&mut at, id).await.expect("read").expect("the order");
        assert_eq!((order.amount, order.anonymous), (Fen::new(100_050), true));

        let row = at
            .query_one(
                "SELECT answers_sealed FROM goods_call WHERE id = ?1",
                params![(paid.id,)],
            )
            .await;
        let sealed = row
            .expect("read")
            .expect("a row")
            .bytes("answers_sealed")
            .expect("bytes");
        assert!(!String::from_utf8_lossy(&sealed).contains("13800000002"));
        drop(at);
        assert_eq!(calls(s, w.city).await.expect("calls").len(), 2);
        let (_, told) = heard(s, &keeper, paid.id).await.expect("heard");
        assert!(told == money);
        assert!(
            heard(s, &volunteer, paid.id).await.is_err(),
            "who answers does not listen again"
        );

        let mut script = shipped();
        script.title = "本会应答流程".into();
        let version = publish(s, &keeper, w.city, &script).await.expect("published");
        publish(s, &keeper, w.city, &script).await.expect("another");
        let old = NewCall {
            version,
            ..call("c", &money)
        };
        let old = answer(&w.giving, &volunteer, &old).await;
        assert!(matches!(old, Err(CallError::Goods(ReliefError::State { .. }))));
        w.stop();
    }
);
