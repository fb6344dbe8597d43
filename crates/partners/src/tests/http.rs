//! The routes as a client meets them: who may, what is not there, one way from a region to a payment.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use kernel::UnitId;
use kernel::id::public;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::testing::{House, house};

pub(super) struct Client {
    router: axum::Router,
    token: String,
}

impl Client {
    pub(super) async fn call(&self, method: &str, path: &str, body: Body) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        let request = request.body(body).expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call("GET", path, Body::empty()).await
    }
    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call("POST", path, Body::from(body.to_string())).await
    }
}

async fn client(house: &House, router: &axum::Router, (name, role): (&str, Role)) -> Client {
    someone(house, router, (name, house.unit, vec![role])).await
}

/// Somebody with these roles in a unit.
pub(super) async fn someone(
    house: &House,
    router: &axum::Router,
    (name, unit, roles): (&str, UnitId, Vec<Role>),
) -> Client {
    let user = NewUser {
        name: name.to_owned(),
        kind: ActorKind::Person,
        unit,
        roles,
        token: Some(NewToken {
            name: "desk".into(),
            days: None,
        }),
        personal: Personal::default(),
    };
    let added = add_user(&house.services, &Actor::operator(), user)
        .await
        .expect("added");
    Client {
        router: router.clone(),
        token: added.token.expect("a token").text,
    }
}

db::both!(
    every_route_is_guarded_and_an_agreement_goes_from_draft_to_progress_over_http,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let (router, openapi) = guard::finish(crate::routes(&house.ports), house.services.clone());
        let access = guard::access_list(&openapi);
        assert!(
            access.iter().all(|line| !line.ends_with(guard::UNGUARDED)),
            "{access:?}"
        );
        let open: Vec<&String> = access.iter().filter(|line| line.ends_with(" public")).collect();
        assert_eq!(open.len(), 1, "only a shop's sums are for everybody: {open:?}");
        let officer = client(&house, &router, ("officer", Role::FundraisingOfficer)).await;
        let leader = client(&house, &router, ("leader", Role::Leader)).await;
        let volunteer = client(&house, &router, ("volunteer", Role::GoodsVolunteer)).await;
        let auditor = client(&house, &router, ("auditor", Role::Auditor)).await;
        let unit = public(&*house.services.keys, house.unit);
        let region = public(&*house.services.keys, house.region.id);

        let (status, regions) = auditor.get(&format!("/api/v1/partnership/{unit}/regions")).await;
        assert_eq!(
            (status, regions[0]["region"].as_str()),
            (StatusCode::OK, Some("522300"))
        );
        assert!(
            !regions.to_string().contains("13800000000"),
            "the contact is masked: {regions}"
        );
        let (status, _) = volunteer.get(&format!("/api/v1/partnership/{unit}/regions")).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let contact = format!("/api/v1/partnership/regions/{region}/contact/reveal");
        let why = json!({ "reason": "reach" });
        assert_eq!(auditor.post(&contact, why.clone()).await.0, StatusCode::FORBIDDEN);
        assert_eq!(officer.post(&contact, why).await.1["contact"], "王示例 13800000000");
        let curious = officer.post(&contact, json!({ "reason": "curious" })).await;
        assert_eq!(curious.0, StatusCode::BAD_REQUEST, "a reason is one of the words");
        let mut at = house.services.db.snapshot().await.expect("a view");
        let sql = "SELECT body FROM fact WHERE kind = 'partner.contact_revealed'";
        let told = db::Reads::query(&mut at, sql, vec![]).await.expect("facts");
        assert_eq!(told.len(), 1, "what was opened stands in the trail, once");
        drop(at);
        let (status, _) = auditor.get("/api/v1/partnership/agreements/nobody").await;
        assert_eq!(status, StatusCode::NOT_FOUND);

        let agreement = json!({ "key": "a1", "region": region, "title": "协作协议", "terms": {
            "first_day": "2026-01-01", "last_day": "2027-12-31",
            "pairs": [{ "ours": "330203", "theirs": "522301" }],
            "targets": [{ "kind": "money", "year": 2026, "target_fen": 100_000 }] } });
        let drafts = format!("/api/v1/partnership/{unit}/agreements");
        assert_eq!(auditor.post(&drafts, agreement.clone()).await.0, StatusCode::FORBIDDEN);
        let (status, drafted) = officer.post(&drafts, agreement).await;
        assert_eq!(status, StatusCode::CREATED, "{drafted}");
        let id = drafted["id"].as_str().expect("an id").to_owned();
        let path = |rest: &str| format!("/api/v1/partnership/agreements/{id}/{rest}");
        let upload = format!("/api/v1/partnership/{unit}/files");
        let (status, refused) = officer.call("POST", &upload, Body::from("#!/bin/sh")).await;
        assert_eq!(
            (status, refused["field"].as_str()),
            (StatusCode::BAD_REQUEST, Some("file"))
        );
        let (status, file) = officer.call("POST", &upload, Body::from("%PDF-1.7 signed")).await;
        assert_eq!(status, StatusCode::CREATED, "{file}");
        let signed = json!({ "signed_on": "2026-05-08", "file": file["id"] });
        assert_eq!(
            officer.post(&path("signature"), signed.clone()).await.0,
            StatusCode::FORBIDDEN
        );
        let (status, answer) = leader.post(&path("signature"), signed).await;
        assert_eq!(
            (status, answer["state"].as_str()),
            (StatusCode::OK, Some("signed")),
            "{answer}"
        );
        let (status, _) = officer.post(&path("start"), json!({})).await;
        assert_eq!(status, StatusCode::OK);

        house.money(50_000).await;
        let fund = public(&*house.services.keys, crate::testing::fund());
        let payment = json!({ "key": "m1", "kind": "money", "fund": fund, "restriction": "restricted", "amount_fen": 20_000,
            "purpose": "卫生室改造" });
        let (status, proposed) = officer.post(&path("payments"), payment).await;
        assert_eq!(status, StatusCode::CREATED, "{proposed}");
        let pay = format!(
            "/api/v1/partnership/payments/{}/paid",
            proposed["id"].as_str().expect("an id")
        );
        let from = json!({ "paid_from": "bank" });
        assert_eq!(officer.post(&pay, from.clone()).await.0, StatusCode::FORBIDDEN);
        let finance = client(&house, &router, ("finance", Role::FinanceOfficer)).await;
        let (status, paid) = finance.post(&pay, from).await;
        assert_eq!(
            (status, paid["state"].as_str()),
            (StatusCode::OK, Some("paid")),
            "{paid}"
        );
        let (_, progress) = auditor.get(&path("progress")).await;
        assert_eq!(
            (
                progress["lines"][0]["done_fen"].as_i64(),
                progress["lines"][0]["per_mille"].as_i64()
            ),
            (Some(20_000), Some(200)),
            "{progress}"
        );
        let (_, rows) = auditor.get(&path("rows")).await;
        assert_eq!(rows[0]["journal"], paid["journal"]);

        let (_, list) = officer
            .post(&path("lists"), json!({ "key": "l", "title": "冬衣", "school": "一小" }))
            .await;
        let children = format!(
            "/api/v1/partnership/lists/{}/children",
            list["id"].as_str().expect("an id")
        );
        let sheet = "姓名,年级,身高,鞋号,监护人,同意日期\n王小明,三1,128,210,,2026-03-01\n";
        let (status, refused) = officer.call("POST", &children, Body::from(sheet)).await;
        assert_eq!(
            (status, refused["refused"][0]["field"].as_str()),
            (StatusCode::OK, Some("guardian")),
            "{refused}"
        );
        assert_eq!(
            volunteer.call("POST", &children, Body::from(sheet)).await.0,
            StatusCode::FORBIDDEN
        );

        let shops = format!("/api/v1/partnership/{unit}/shops");
        let (status, shop) = officer.post(&shops, json!({ "key": "s", "name": "爱心超市" })).await;
        assert_eq!(status, StatusCode::CREATED, "{shop}");
        let shop = shop["id"].as_str().expect("an id");
        let resident = json!({ "key": "r", "name": "赵示例", "phone": "13800000001" });
        let residents = format!("/api/v1/partnership/shops/{shop}/residents");
        let (status, added) = volunteer.post(&residents, resident).await;
        assert_eq!(
            (status, added["points"].as_i64()),
            (StatusCode::CREATED, Some(0)),
            "{added}"
        );
        let (status, totals) = volunteer.get(&format!("/api/v1/points-shops/{shop}/totals")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(totals["residents"].is_null(), "one resident is nobody's sum: {totals}");
    }
);
