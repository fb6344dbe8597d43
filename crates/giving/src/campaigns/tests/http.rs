//! A campaign through HTTP, on both databases.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use kernel::id::public;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::guard::{self, UNGUARDED};
use platform::identity::{Actor, ActorKind, Role};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{house, new_campaign, noon};
use crate::all_migrations;
use crate::campaigns::api;

async fn call(app: &Router, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> (StatusCode, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string()));
    let response = app
        .clone()
        .oneshot(request.body(body).expect("a request"))
        .await
        .expect("an answer");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

db::both!(
    an_officer_runs_a_campaign_through_http_and_the_public_sees_it_once_filed,
    &all_migrations(),
    async |test: TestDb| {
        let house = house(&test).await;
        let services = &house.services;
        let user = NewUser {
            name: "officer".into(),
            kind: ActorKind::Person,
            unit: house.city.id,
            roles: vec![Role::FundraisingOfficer],
            token: Some(NewToken {
                name: "laptop".into(),
                days: None,
            }),
            personal: Personal::default(),
        };
        let added = add_user(services, &Actor::operator(), user).await.expect("added");
        let token = added.token.expect("a token").text;
        let token = Some(token.as_str());
        let routes = api::routes().merge(crate::projects::api::routes());
        let (app, openapi) = guard::finish(routes, services.clone());
        let access = guard::access_list(&openapi);
        assert_eq!(access.len(), 24);
        assert!(!access.iter().any(|line| line.ends_with(UNGUARDED)), "{access:?}");

        let plan = new_campaign(house.city.id).plan;
        let unit = public(&*services.keys, house.city.id);
        let body = json!({"unit": unit, "plan": plan, "online": true, "themes": ["救在身边"]});
        let (status, made) = call(&app, "POST", "/api/v1/campaigns", token, Some(body.clone())).await;
        assert_eq!(
            (status, made["state"].as_str()),
            (StatusCode::CREATED, Some("draft")),
            "{made}"
        );
        assert_eq!(
            call(&app, "POST", "/api/v1/campaigns", None, Some(body)).await.0,
            StatusCode::UNAUTHORIZED
        );
        let id = made["id"].as_str().expect("an id").to_owned();
        let path = |rest: &str| format!("/api/v1/campaigns/{id}{rest}");
        assert_eq!(
            call(&app, "GET", &path(""), None, None).await.0,
            StatusCode::NOT_FOUND,
            "a draft is nobody's"
        );
        let (status, staff) = call(&app, "GET", &format!("/api/v1/staff/campaigns/{id}"), token, None).await;
        assert_eq!(
            (status, &staff["warnings"]),
            (StatusCode::OK, &json!(["online_without_platform"]))
        );
        let (status, body) = call(&app, "POST", &path("/open"), token, None).await;
        assert_eq!(
            (status, body["type"].as_str()),
            (StatusCode::CONFLICT, Some("/problems/campaign-not-filed"))
        );

        let filing = json!({"number": "DEMO1", "filed_on": "2026-04-20", "authority": "某市民政局"});
        let (status, filed) = call(&app, "POST", &path("/filing"), token, Some(filing)).await;
        assert_eq!(
            (status, filed["state"].as_str()),
            (StatusCode::OK, Some("filed")),
            "{filed}"
        );
        let (status, body) = call(&app, "POST", &path("/open"), token, None).await;
        assert_eq!(
            (status, body["type"].as_str()),
            (StatusCode::CONFLICT, Some("/problems/campaign-not-its-day"))
        );
        house.clock.set(noon("2026-05-06"));
        let (status, body) = call(&app, "POST", &path("/open"), token, None).await;
        assert_eq!(
            (status, body["type"].as_str()),
            (StatusCode::CONFLICT, Some("/problems/campaign-needs-platform"))
        );
        let link =
            json!({"platform_code": "some-platform", "url": "https://platform.example/1", "listed_on": "2026-05-06"});
        let (status, _) = call(&app, "PUT", &path("/platform-links"), token, Some(link)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (status, opened) = call(&app, "POST", &path("/open"), token, None).await;
        assert_eq!((status, opened["state"].as_str()), (StatusCode::OK, Some("open")));

        let project = json!({"unit": unit, "campaign": id, "code": "aed", "title": "救在身边", "region_code": "371300",
        "nature": "restricted", "target_fen": 100, "choices": [{"amount_fen": 2000, "words": "一个急救包"}]});
        let (status, made) = call(&app, "POST", "/api/v1/projects", token, Some(project)).await;
        assert_eq!(
            (status, made["state"].as_str()),
            (StatusCode::CREATED, Some("draft")),
            "{made}"
        );
        let project = made["id"].as_str().expect("an id").to_owned();
        assert_eq!(
            call(&app, "GET", "/api/v1/projects/aed", None, None).await.0,
            StatusCode::NOT_FOUND
        );
        call(&app, "POST", &format!("/api/v1/projects/{project}/open"), token, None).await;
        let raise = json!({"target_fen": 200, "reason": "首日即已筹满"});
        let (status, _) = call(
            &app,
            "POST",
            &format!("/api/v1/projects/{project}/target"),
            token,
            Some(raise),
        )
        .await;
        assert_eq!(status, StatusCode::OK);
        let (status, page) = call(&app, "GET", "/api/v1/projects/aed", None, None).await;
        assert_eq!(
            (
                status,
                page["target_fen"].as_i64(),
                page["targets"].as_array().map(Vec::len)
            ),
            (StatusCode::OK, Some(200), Some(2))
        );

        let (status, page) = call(&app, "GET", &path(""), None, None).await;
        assert_eq!(
            (status, page["filing"]["number"].as_str()),
            (StatusCode::OK, Some("DEMO1"))
        );
        assert_eq!(page["projects"][0]["code"], "aed");
        let (_, list) = call(&app, "GET", "/api/v1/campaigns", token, None).await;
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    }
);
