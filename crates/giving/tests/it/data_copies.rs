//! Copies of personal data: a donor's own, an officer's with a reason; on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::http::StatusCode;
use db::{Reads as _, params};
use giving::data_copies::{CopyError, CopyReason, Form, actions, api};
use giving::donations::sealed::{self, ErasureReason};
use giving::donations::{Outcome, Payer};
use giving::my_gifts::{Session, rules};
use giving::projects::{self, Project};
use giving::testing::{World, world};
use governance::network::{Books, NewAccount, NewUnit, actions as network};
use kernel::{Channel, GiftId};
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use serde_json::{Value, json};
use web::Locale;

use crate::client::Client;

const PHONE: &str = "13800000007";

async fn gift(w: &World, trade_no: &str, phone: &str) -> GiftId {
    let mut incoming = w.incoming(&w.restricted, trade_no, 12_345);
    incoming.payer = Payer {
        name: Some("测试丁".into()),
        phone: Some(phone.into()),
        memo: Some("给孩子们".into()),
        ..Payer::default()
    };
    match w.submit(incoming).await {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

fn session(w: &World, phone: &str) -> Session {
    let contact = rules::contact(phone).unwrap();
    Session {
        kind: contact.kind,
        index: rules::index(&w.services().keys, &contact),
        expires_at: w.clock_plus(1_000_000),
    }
}

async fn facts(w: &World) -> Vec<Value> {
    let mut at = w.services().db.snapshot().await.unwrap();
    let sql = "SELECT body FROM fact WHERE kind = ?1 ORDER BY id";
    let rows = at.query(sql, params!["personal.copied"]).await.unwrap();
    let read = |row: &db::Row| serde_json::from_str(&row.text("body").unwrap()).unwrap();
    rows.iter().map(read).collect()
}

async fn client(w: &World, router: &axum::Router, (name, unit, role): (&str, kernel::UnitId, Role)) -> Client {
    let user = NewUser {
        name: name.into(),
        kind: ActorKind::Person,
        unit,
        roles: vec![role],
        token: Some(NewToken {
            name: "laptop".into(),
            days: None,
        }),
        personal: Personal::default(),
    };
    let added = add_user(w.services(), &Actor::operator(), user).await.unwrap();
    Client {
        router: router.clone(),
        token: Some(added.token.unwrap().text),
    }
}

db::both!(
    a_donor_gets_all_of_her_own_and_nothing_of_anybody_else,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let own = gift(&w, "C1", PHONE).await;
        gift(&w, "C2", PHONE).await;
        gift(&w, "C3", "13800000008").await;
        let mine = session(&w, PHONE);
        let copy = async |form| {
            let given = actions::own(w.services(), &mine, None, (form, Locale::ZhHans))
                .await
                .unwrap();
            String::from_utf8(given.bytes).unwrap()
        };
        let read: Value = serde_json::from_str(&copy(Form::Json).await).unwrap();
        assert_eq!(read["gifts"].as_array().unwrap().len(), 2, "{read}");
        let mut all = read["gifts"].as_array().unwrap().iter();
        let last = all.find(|gift| gift["trade_no"] == json!("C1")).unwrap();
        for (key, wanted) in [
            ("name", json!("测试丁")),
            ("phone", json!(PHONE)),
            ("memo", json!("给孩子们")),
            ("amount_fen", json!(12_345)),
            ("project", json!("演示项目aed")),
        ] {
            assert_eq!(last[key], wanted, "{key}");
        }
        assert_eq!(read["next"], Value::Null);
        let html = copy(Form::Html).await;
        assert!(
            html.contains("测试丁") && html.contains("123.45") && !html.contains("13800000008"),
            "{html}"
        );
        assert!(copy(Form::Csv).await.contains("给孩子们"));

        // What was erased is not there to be copied; the other gift is.
        sealed::erase(w.services(), &Actor::operator(), own, ErasureReason::GiverAsked)
            .await
            .unwrap();
        let read: Value = serde_json::from_str(&copy(Form::Json).await).unwrap();
        assert_eq!(read["gifts"].as_array().unwrap().len(), 1);

        let told = facts(&w).await;
        assert_eq!(told.len(), 4, "each copy leaves a fact");
        let mut counts: Vec<i64> = told.iter().map(|fact| fact["gifts"].as_i64().unwrap()).collect();
        counts.sort_unstable();
        assert_eq!(counts, [1, 2, 2, 2]);
        assert!(
            told.iter().all(|fact| fact["reason"].is_null()),
            "a donor needs no reason"
        );
        let words = serde_json::to_string(&told).unwrap();
        assert!(!words.contains(PHONE) && !words.contains("测试"), "{words}");
        w.stop();
    }
);

db::both!(
    an_officer_takes_a_copy_with_a_reason_of_what_stands_in_her_units,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        gift(&w, "C1", PHONE).await;
        let (router, openapi) = guard::finish(api::routes(), w.services().clone());
        let access = guard::access_list(&openapi);
        assert!(
            access.iter().all(|line| !line.ends_with(guard::UNGUARDED)),
            "{access:?}"
        );
        let leader = client(&w, &router, ("leader", w.city, Role::Leader)).await;
        let county = client(&w, &router, ("county", w.county, Role::Leader)).await;
        let officer = client(&w, &router, ("officer", w.city, Role::FundraisingOfficer)).await;
        let path = "/api/v1/personal-copies";
        let asked = json!({"contact": "138-0000-0007", "reason": "donor_asked", "form": "json"});
        let (status, copy) = leader.call("POST", path, Some(asked.clone())).await;
        assert_eq!(
            (status, &copy["gifts"][0]["name"]),
            (StatusCode::OK, &json!("测试丁")),
            "{copy}"
        );
        assert_eq!(
            officer.call("POST", path, Some(asked.clone())).await.0,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            county.call("POST", path, Some(asked)).await.0,
            StatusCode::NOT_FOUND,
            "the money stands in the city’s books"
        );
        let unknown = json!({"contact": "13800000099", "reason": "donor_asked", "form": "json"});
        assert_eq!(leader.call("POST", path, Some(unknown)).await.0, StatusCode::NOT_FOUND);
        for (field, body) in [
            (
                "contact",
                json!({"contact": "张三", "reason": "donor_asked", "form": "json"}),
            ),
            ("reason", json!({"contact": PHONE, "reason": "curious", "form": "json"})),
            (
                "after",
                json!({"contact": PHONE, "reason": "donor_asked", "form": "json", "after": "x"}),
            ),
        ] {
            let (status, answer) = leader.call("POST", path, Some(body)).await;
            assert_eq!(
                (status, &answer["field"]),
                (StatusCode::BAD_REQUEST, &json!(field)),
                "{answer}"
            );
        }
        let told = facts(&w).await;
        assert_eq!(told.len(), 1, "only what was given is told");
        assert_eq!(told[0]["reason"], json!("donor_asked"));
        let nobody = actions::taken(
            w.services(),
            &w.county_officer,
            (PHONE, CopyReason::DonorAsked),
            None,
            (Form::Json, Locale::En),
        )
        .await;
        assert!(matches!(nobody, Err(CopyError::Forbidden(_))));
        w.stop();
    }
);

db::both!(
    an_officer_finds_what_stands_in_her_units_behind_many_newer_gifts_elsewhere,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let by = Actor::operator();
        let new = NewUnit {
            parent: Some(w.city),
            name: "平邑县演示会".into(),
            short_name: String::new(),
            region: "371326".parse().unwrap(),
            books: Books::Own,
            brand_color: String::new(),
            contact: "测试电话".into(),
        };
        let apart = network::create_unit(w.services(), &by, new).await.unwrap().id;
        let new = NewAccount {
            unit: apart,
            channel: Channel::Notice,
            name: "测试账户apart".into(),
            code: "apart".into(),
            number: "0000000000000000".into(),
            opened_on: w.today(),
        };
        let account = network::add_account(w.services(), &by, new).await.unwrap().account;
        let general = projects::actions::create_general(w.services(), &by, apart, "apart-general", "人道救助")
            .await
            .unwrap();
        let hers = |project: &Project, trade_no: &str| {
            let mut incoming = w.incoming(project, trade_no, 100);
            incoming.payer.phone = Some(PHONE.into());
            incoming
        };
        let mut first = hers(&general, "C0");
        first.account = account.id;
        assert!(matches!(w.submit(first).await, Outcome::Recorded(_)));
        w.at(w.clock_plus(60_000_000));
        for n in 1..=101 {
            let outcome = w.submit(hers(&w.restricted, &format!("C{n}"))).await;
            assert!(matches!(outcome, Outcome::Recorded(_)), "{outcome:?}");
        }

        let (router, _) = guard::finish(api::routes(), w.services().clone());
        let leader = client(&w, &router, ("leader", apart, Role::Leader)).await;
        let path = "/api/v1/personal-copies";
        let asked = json!({"contact": PHONE, "reason": "donor_asked", "form": "json"});
        let (status, copy) = leader.call("POST", path, Some(asked)).await;
        assert_eq!(status, StatusCode::OK, "{copy}");
        assert_eq!(copy["gifts"].as_array().map(Vec::len), Some(1), "{copy}");
        assert_eq!(
            (&copy["gifts"][0]["trade_no"], &copy["next"]),
            (&json!("C0"), &Value::Null)
        );

        // Whoever sees all of them gets them in parts, none longer than one holds.
        let mine = session(&w, PHONE);
        let given = actions::own(w.services(), &mine, None, (Form::Json, Locale::En)).await;
        let part: Value = serde_json::from_slice(&given.unwrap().bytes).unwrap();
        assert_eq!(part["gifts"].as_array().map(Vec::len), Some(100));
        let after = api::after(w.services(), part["next"].as_str().unwrap()).unwrap();
        let given = actions::own(w.services(), &mine, Some(after), (Form::Json, Locale::En)).await;
        let part: Value = serde_json::from_slice(&given.unwrap().bytes).unwrap();
        assert_eq!(
            (part["gifts"].as_array().map(Vec::len), &part["next"]),
            (Some(2), &Value::Null)
        );
        w.stop();
    }
);
