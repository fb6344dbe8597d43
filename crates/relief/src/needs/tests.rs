//! Imported needs through their actions, on both databases.

use db::testing::TestDb;
use platform::identity::{Actor, Role};

use super::actions::{answer, request_all};
use super::model::{Bulk, Requested};
use crate::catalogue::actions::set_alias;
use crate::error::ReliefError;
use crate::lists::model::{Priority, Request, Wanted};
use crate::lists::queries::list_two;
use crate::tables::actions::{OnRefused, Order, take_in};
use crate::tables::model::{Found, Line, Quantity, TableKind};
use crate::testing::{House, society};

fn line(
    row: u32,
    (party, place): (&str, &str),
    (item, spec): (&str, &str),
    (quantity, unit): (Quantity, &str),
) -> Line {
    Line {
        row,
        day: None,
        day_words: String::new(),
        party: party.into(),
        place: place.into(),
        detail: String::new(),
        item: item.into(),
        spec: spec.into(),
        unit: unit.into(),
        quantity,
    }
}

async fn imported(house: &House, lines: Vec<Line>) {
    let found = Found {
        tables: 1,
        lines,
        ..Found::default()
    };
    let order = Order {
        unit: house.unit,
        kind: TableKind::Needs,
        refused: OnRefused::ChangeNothing,
    };
    let sheets = [("需求".to_owned(), found)];
    take_in(&house.services, &house.keeper, order, &sheets)
        .await
        .expect("taken in");
}

async fn asked(house: &House, unit_word: Option<&str>) -> Requested {
    let bulk = Bulk {
        unit: house.unit,
        unit_word: unit_word.map(str::to_owned),
        priority: Priority::High,
    };
    request_all(&house.services, &house.keeper, &bulk).await.expect("asked")
}

async fn requests(house: &House) -> Vec<Request> {
    let mut at = house.services.db.snapshot().await.expect("a view");
    list_two(&mut at, house.unit).await.expect("requests")
}

fn goods(request: &Request) -> (&str, i64, &str) {
    match &request.wanted {
        Wanted::Goods {
            unit_word, quantity, ..
        } => (request.party_name.as_str(), *quantity, unit_word.as_str()),
        Wanted::Money(_) => panic!("goods were asked for"),
    }
}

db::both!(
    lines_with_an_amount_become_requests_once_and_the_others_are_told,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = society(test.db.clone()).await;
        let s = &house.services;
        let (first, second) = (("示例第一医院", "武汉市江岸区"), ("示例第二医院", "黄冈市"));
        imported(
            &house,
            vec![
                line(2, first, ("N95口罩", ""), (Quantity::Own(300), "只")),
                line(3, first, ("N95口罩", "蝶形"), (Quantity::Own(2), "箱")),
                line(4, second, ("N95口罩", ""), (Quantity::NotGiven, "")),
                line(5, second, ("口罩", "N95"), (Quantity::Own(500), "")),
                line(6, second, ("口罩", "KN95"), (Quantity::Own(70), "只")),
                line(7, second, ("N95口罩", ""), (Quantity::Own(9), "瓶")),
                line(8, second, ("N95口罩", ""), (Quantity::Nothing, "")),
            ],
        )
        .await;
        let nothing = asked(&house, None).await;
        assert_eq!(
            (nothing.made, nothing.unmapped.len()),
            (0, 3),
            "nobody has said what the texts mean"
        );
        for words in ["N95口罩", "口罩 N95"] {
            set_alias(s, &house.keeper, words, house.item).await.expect("mapped");
        }
        let done = asked(&house, None).await;
        assert_eq!((done.made, done.parties, done.left), (2, 1, 0));
        assert_eq!((done.not_given, done.without_unit), (1, 1));
        assert_eq!(
            done.unmapped.into_iter().collect::<Vec<_>>(),
            [("口罩 KN95".to_owned(), 1)]
        );
        assert_eq!(
            done.unknown_units.into_iter().collect::<Vec<_>>(),
            [("医用防护口罩 瓶".to_owned(), 1)]
        );
        assert_eq!(done.to_ask[0].party, "示例第二医院");
        let again = asked(&house, None).await;
        assert_eq!((again.made, again.not_given), (0, 1), "no line asks twice");
        // The number without a unit is in pieces, somebody says now.
        let more = asked(&house, Some("只")).await;
        assert_eq!((more.made, more.parties), (1, 1));
        let made = requests(&house).await;
        let mut said: Vec<_> = made.iter().map(goods).collect();
        said.sort_unstable();
        assert_eq!(
            said,
            [
                ("示例第一医院", 2, "箱"),
                ("示例第一医院", 300, "只"),
                ("示例第二医院", 500, "只")
            ]
        );
        assert!(made.iter().all(|request| request.priority == Priority::High));
        let mut at = s.db.snapshot().await.expect("a view");
        let parties = crate::stock::queries::parties(&mut at, house.unit)
            .await
            .expect("parties");
        let mut regions: Vec<(&str, &str)> = parties
            .iter()
            .map(|party| (party.name.as_str(), party.code.as_str()))
            .collect();
        regions.sort_unstable();
        assert_eq!(regions, [("示例第一医院", "420102"), ("示例第二医院", "421100")]);
    }
);

db::both!(
    the_answer_to_how_many_makes_the_request_and_is_taken_once,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = society(test.db.clone()).await;
        let s = &house.services;
        let party = ("示例第一医院", "武汉市江岸区");
        imported(&house, vec![line(2, party, ("N95口罩", ""), (Quantity::NotGiven, ""))]).await;
        set_alias(s, &house.keeper, "N95口罩", house.item)
            .await
            .expect("mapped");
        let question = asked(&house, Some("只")).await.to_ask.remove(0);
        let said = async |by: &Actor, word: &str| answer(s, by, question.line, (800, word), Priority::Normal).await;
        let asker = platform::testing::actor(s, &[(Role::Requester, house.unit)]);
        let forbidden = said(&asker, "只").await;
        assert!(matches!(forbidden, Err(ReliefError::Forbidden(_))));
        let unknown = said(&house.keeper, "瓶").await;
        assert!(matches!(unknown, Err(ReliefError::Units(_))));
        said(&house.keeper, "只").await.expect("answered");
        let twice = said(&house.keeper, "只").await;
        assert!(matches!(twice, Err(ReliefError::NotFound("line"))));
        let made = requests(&house).await;
        assert_eq!(
            made.iter().map(goods).collect::<Vec<_>>(),
            [("示例第一医院", 800, "只")]
        );
        assert_eq!(asked(&house, Some("只")).await.not_given, 0);
    }
);

db::both!(
    two_hospitals_of_one_name_in_two_places_are_two_receivers,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = society(test.db.clone()).await;
        let s = &house.services;
        set_alias(s, &house.keeper, "N95口罩", house.item)
            .await
            .expect("mapped");
        let item = ("N95口罩", "");
        imported(
            &house,
            vec![
                line(2, ("人民医院", "武汉市江岸区"), item, (Quantity::Own(1), "只")),
                line(3, ("人民医院", "黄冈市"), item, (Quantity::Own(2), "只")),
                line(4, ("人民医院", "黄冈市"), item, (Quantity::Own(3), "只")),
            ],
        )
        .await;
        let done = asked(&house, None).await;
        assert_eq!((done.made, done.parties), (3, 2));
        let made = requests(&house).await;
        let mut names: Vec<_> = made.iter().map(|request| request.party_name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["人民医院", "人民医院（黄冈市）", "人民医院（黄冈市）"]);
    }
);
