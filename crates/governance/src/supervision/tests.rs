//! Own lists, rules and what they raise, on both databases.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use db::Snapshot;
use db::testing::TestDb;
use kernel::id::{Id as _, hex, public};
use kernel::{Clock as _, Fen, FixedClock, JournalId, ProjectId, UnitId};
use platform::facts::{NewFact, Reactions, conclude};
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use platform::{Services, testing};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::network::actions::create_unit;
use crate::network::{Books, NewUnit};

/// A made-up project, and a delivery of a made-up item.
const PROJECT: [u8; 16] = [7; 16];
const LOT: [u8; 16] = [3; 16];
const ITEM: [u8; 16] = [4; 16];

/// Knows one project of a unit, which received 1,000 yuan.
struct Told(HashMap<[u8; 16], UnitId>);

impl Sight for Told {
    fn thing<'a>(&'a self, _: &'a mut Snapshot, _: ThingKind, id: [u8; 16]) -> Seen<'a, Option<Known>> {
        let known = self.0.get(&id).map(|unit| Known {
            unit: *unit,
            name: "演示项目".into(),
        });
        Box::pin(async move { Ok(known) })
    }
    fn received<'a>(&'a self, _: &'a mut Snapshot, _: ProjectId) -> Seen<'a, Fen> {
        Box::pin(async { Ok(Fen::new(100_000)) })
    }
    fn item_of<'a>(&'a self, _: &'a mut Snapshot, lot: [u8; 16]) -> Seen<'a, Option<[u8; 16]>> {
        Box::pin(async move { Ok((lot == LOT).then_some(ITEM)) })
    }
}

struct House {
    services: Services,
    clock: Arc<FixedClock>,
    city: UnitId,
    county: UnitId,
    sight: Arc<dyn Sight>,
    router: axum::Router,
}

impl House {
    async fn new(test: &TestDb) -> Self {
        let clock = Arc::new(FixedClock::at(testing::NOW));
        let services = testing::services_at(test.db.clone(), Path::new("/nowhere"), Arc::clone(&clock));
        let enter = async |parent: Option<UnitId>, name: &str, region: &str| {
            let new = NewUnit {
                parent,
                name: name.into(),
                short_name: String::new(),
                region: region.parse().expect("a region"),
                books: if parent.is_none() { Books::Own } else { Books::Above },
                brand_color: String::new(),
                contact: String::new(),
            };
            create_unit(&services, &Actor::operator(), new)
                .await
                .expect("entered")
                .id
        };
        let city = enter(None, "临沂市演示会", "371300").await;
        let county = enter(Some(city), "沂水县演示会", "371323").await;
        let sight: Arc<dyn Sight> = Arc::new(Told([(PROJECT, city)].into()));
        let (router, openapi) = guard::finish(api::routes(&sight), services.clone());
        let access = guard::access_list(&openapi);
        assert!(
            access.iter().all(|line| !line.ends_with(guard::UNGUARDED)),
            "{access:?}"
        );
        Self {
            services,
            clock,
            city,
            county,
            sight,
            router,
        }
    }

    async fn token(&self, name: &str, unit: UnitId, role: Role) -> String {
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
        let added = add_user(&self.services, &Actor::operator(), user).await.expect("added");
        added.token.expect("a token").text
    }

    async fn call(&self, token: &str, (method, path): (&str, &str), body: Value) -> (StatusCode, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/supervision/{path}"))
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn happens(&self, unit: UnitId, kind: &'static str, subject: [u8; 16], body: Value) {
        let tx = self.services.db.begin().await.expect("a transaction");
        let fact = NewFact {
            unit,
            kind,
            subject,
            actor: None,
            body,
        };
        conclude(tx, fact, &self.services).await.expect("written");
        self.clock.set(self.clock.now().plus_micros(1_000));
    }

    async fn look(&self) {
        testing::placed(&self.services).await;
        let reactions = Reactions::new(vec![Box::new(Watching::new(Arc::clone(&self.sight)))]);
        reactions.drain(&self.services).await.expect("looked");
    }

    fn public(&self, unit: UnitId) -> String {
        public(&*self.services.keys, unit)
    }

    /// The titles of the rules whose alerts wait.
    async fn titles(&self, token: &str) -> Vec<String> {
        let (status, listed) = self.call(token, ("GET", "alerts"), Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{listed}");
        let items = listed["items"].as_array().expect("alerts").iter();
        items
            .map(|one| one["title"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

db::both!(
    a_rule_raises_an_alert_once_for_what_happens_after_it_and_in_its_unit,
    &crate::all_migrations(),
    async |test: TestDb| {
        let h = House::new(&test).await;
        let eyes = h.token("eyes", h.city, Role::Auditor).await;
        let county = h.token("county eyes", h.county, Role::Auditor).await;
        let refund = |over: i64| json!({"kind": "refund_over", "over_fen": over, "when": "approved"});
        let amount = |fen: i64| json!({"gift": hex(&[1; 16]), "project": hex(&PROJECT), "amount_fen": fen});
        h.happens(h.city, "refund.approved", [20; 16], amount(900_000)).await;
        let rule = json!({"unit": h.public(h.city), "title": "大额退款", "condition": refund(100_000)});
        let (status, set) = h.call(&eyes, ("POST", "rules"), rule.clone()).await;
        assert_eq!(status, StatusCode::CREATED, "{set}");
        assert_eq!(set["condition"], refund(100_000));
        let (status, _) = h.call(&county, ("POST", "rules"), rule).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "a rule looks at units one may see");
        let own = json!({"unit": h.public(h.county), "title": "县里退款", "condition": refund(0)});
        assert_eq!(h.call(&county, ("POST", "rules"), own).await.0, StatusCode::CREATED);

        h.happens(h.city, "refund.approved", [21; 16], amount(100_000)).await;
        h.happens(h.county, "refund.approved", [22; 16], amount(100_001)).await;
        h.happens(h.city, "gift.confirmed", [23; 16], amount(999_999)).await;
        h.look().await;
        h.look().await;
        assert_eq!(
            h.titles(&eyes).await,
            ["大额退款"],
            "one, above, after the rule, of a unit below"
        );
        assert_eq!(h.titles(&county).await, ["县里退款"], "each has her own");
        let (_, listed) = h.call(&eyes, ("GET", "alerts"), Value::Null).await;
        let alert = &listed["items"][0];
        assert_eq!(
            (&alert["fact_kind"], &alert["amount_fen"]),
            (&json!("refund.approved"), &json!(100_001))
        );

        // Nobody sees or marks another's.
        let seen = format!("alerts/{}/seen", alert["id"].as_str().expect("an id"));
        let (status, _) = h.call(&county, ("POST", &seen), json!({"note": "不是我的"})).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, marked) = h.call(&eyes, ("POST", &seen), json!({"note": "已问财务"})).await;
        assert_eq!((status, &marked["note"]), (StatusCode::OK, &json!("已问财务")));
        assert!(h.titles(&eyes).await.is_empty());
        let (_, kept) = h.call(&eyes, ("GET", "alerts?state=seen"), Value::Null).await;
        assert_eq!(kept["items"][0]["note"], json!("已问财务"));

        let end = format!("rules/{}/end", set["id"].as_str().expect("an id"));
        assert_eq!(
            h.call(&county, ("POST", &end), json!({})).await.0,
            StatusCode::NOT_FOUND
        );
        let (status, ended) = h.call(&eyes, ("POST", &end), json!({})).await;
        assert!(status == StatusCode::OK && !ended["ended_at"].is_null(), "{ended}");
        h.happens(h.city, "refund.approved", [24; 16], amount(900_000)).await;
        h.look().await;
        assert!(h.titles(&eyes).await.is_empty(), "an ended rule looks at nothing");
        let (status, _) = h.call(&eyes, ("GET", "alerts?state=all"), Value::Null).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
);

db::both!(
    spending_undoing_goods_and_watched_things_are_noticed,
    &crate::all_migrations(),
    async |test: TestDb| {
        let h = House::new(&test).await;
        let eyes = h.token("eyes", h.city, Role::Auditor).await;
        let item = public(&*h.services.keys, model::ThingId::from_bytes(ITEM));
        for (title, condition) in [
            ("支出过半", json!({"kind": "spending_share", "over_percent": 50})),
            ("冲销", json!({"kind": "journal_reversed"})),
            (
                "夜间出库",
                json!({"kind": "goods_out_of_hours", "item": item, "from_hour": 9, "to_hour": 17}),
            ),
            ("关注", json!({"kind": "watched"})),
        ] {
            let rule = json!({"unit": h.public(h.city), "title": title, "condition": condition});
            let (status, answer) = h.call(&eyes, ("POST", "rules"), rule).await;
            assert_eq!(status, StatusCode::CREATED, "{answer}");
        }
        let wrong = json!({"unit": h.public(h.city), "title": "时段", "condition":
            {"kind": "goods_out_of_hours", "from_hour": 17, "to_hour": 9}});
        let (status, answer) = h.call(&eyes, ("POST", "rules"), wrong).await;
        assert_eq!((status, &answer["field"]), (StatusCode::BAD_REQUEST, &json!("to_hour")));

        let spent = |fen: i64| {
            json!({"business_day": "2026-05-08", "what":
            {"fund": null, "project": hex(&PROJECT), "on": "programme", "amount_fen": fen}})
        };
        let journal = |n: u8| JournalId::from_bytes([n; 16]).bytes();
        h.happens(h.city, "books.expenditure_recorded", journal(40), spent(40_000))
            .await;
        h.look().await;
        assert!(h.titles(&eyes).await.is_empty(), "40 of 100");
        h.happens(h.city, "books.expenditure_recorded", journal(41), spent(20_000))
            .await;
        h.look().await;
        assert_eq!(h.titles(&eyes).await, ["支出过半"], "60 of 100");
        let undone = json!({"business_day": "2026-05-08", "what": {"reverses": hex(&journal(41))}});
        h.happens(h.city, "books.journal_reversed", journal(42), undone).await;
        h.look().await;
        h.happens(h.city, "books.expenditure_recorded", journal(43), spent(10_000))
            .await;
        h.look().await;
        assert_eq!(
            h.titles(&eyes).await,
            ["冲销", "支出过半"],
            "what was undone is not spent: 50 of 100"
        );

        // Eight in the morning is before nine.
        let moved =
            |lot: [u8; 16]| json!({"moves": [{"lot": hex(&lot), "from": "stocked", "to": "issued", "quantity": 1}]});
        h.happens(h.city, "goods.issued", [50; 16], moved([9; 16])).await;
        h.happens(h.city, "goods.issued", [51; 16], moved(LOT)).await;
        h.look().await;
        assert_eq!(h.titles(&eyes).await[0], "夜间出库");
        assert_eq!(h.titles(&eyes).await.len(), 3, "another item is none of the rule’s");

        let thing = json!({"kind": "project", "thing": public(&*h.services.keys, ProjectId::from_bytes(PROJECT)), "note": "盯紧"});
        let (status, listed) = h.call(&eyes, ("POST", "watched"), thing.clone()).await;
        assert_eq!((status, &listed["note"]), (StatusCode::CREATED, &json!("盯紧")));
        h.happens(h.city, "project.target_raised", PROJECT, json!({})).await;
        h.look().await;
        assert_eq!(h.titles(&eyes).await[0], "关注");

        // A list is its owner's alone, and so are her notes: no fact holds a word of them.
        let county = h.token("county eyes", h.county, Role::Auditor).await;
        assert_eq!(
            h.call(&county, ("POST", "watched"), thing.clone()).await.0,
            StatusCode::NOT_FOUND
        );
        let (_, theirs) = h.call(&county, ("GET", "watched"), Value::Null).await;
        assert_eq!(theirs["items"], json!([]));
        let officer = h.token("officer", h.city, Role::FundraisingOfficer).await;
        assert_eq!(
            h.call(&officer, ("GET", "watched"), Value::Null).await.0,
            StatusCode::FORBIDDEN
        );
        let (_, again) = h.call(&eyes, ("POST", "watched"), thing).await;
        assert_eq!(again["id"], listed["id"], "once on the list");
        let entry = format!("watched/{}", listed["id"].as_str().expect("an id"));
        let address = format!("{entry}/note");
        let note = ("PUT", address.as_str());
        assert_eq!(
            h.call(&county, note, json!({"note": "改"})).await.0,
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            h.call(&eyes, note, json!({"note": "再看"})).await.1["note"],
            json!("再看")
        );
        let sql = "SELECT COUNT(*) AS n FROM fact WHERE kind LIKE 'supervision.%' AND body <> '{}'";
        let mut at = h.services.db.snapshot().await.expect("a snapshot");
        let told = db::Reads::query_one(&mut at, sql, vec![])
            .await
            .expect("counted")
            .expect("a row");
        assert_eq!(told.int("n").expect("a number"), 0);
        drop(at);
        assert_eq!(
            h.call(&county, ("DELETE", &entry), Value::Null).await.0,
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            h.call(&eyes, ("DELETE", &entry), Value::Null).await.0,
            StatusCode::NO_CONTENT
        );
        let (_, mine) = h.call(&eyes, ("GET", "watched"), Value::Null).await;
        assert_eq!(mine["items"], json!([]));
    }
);
