//! Through HTTP: who may call, who sees what, what a case looks like.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use kernel::id::public;
use platform::identity::Role;
use platform::identity::guard::{self, UNGUARDED};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::house::World;
use crate::all_migrations;
use crate::approvals::{Subjects, api};

pub(super) async fn call(
    app: &Router,
    method: &str,
    path: &str,
    token: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
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

/// The text of an answer with its type.
async fn page(app: &Router, path: &str, token: &str) -> (String, String) {
    let request = Request::builder()
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = request.body(Body::empty()).expect("a request");
    let response = app.clone().oneshot(request).await.expect("an answer");
    let kind = response.headers()[header::CONTENT_TYPE]
        .to_str()
        .expect("a type")
        .to_owned();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (kind, String::from_utf8(bytes.to_vec()).expect("text"))
}

pub(super) fn kind_of(answer: &Value) -> &str {
    answer["type"]
        .as_str()
        .unwrap_or_default()
        .trim_start_matches("/problems/")
}

db::both!(
    a_refund_is_decided_by_two_through_http_and_hidden_from_other_units,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let (_, asker) = world.somebody("asker", world.county, &[Role::FundraisingOfficer]).await;
        let (_, finance) = world.somebody("finance", world.county, &[Role::FinanceOfficer]).await;
        let (leader, head) = world.somebody("head", world.county, &[Role::Leader]).await;
        let (_, stranger) = world.somebody("stranger", world.other, &[Role::Leader]).await;
        let (_, auditor) = world.somebody("auditor", world.city, &[Role::Auditor]).await;
        let (_, machine) = world.somebody("machine", world.city, &[Role::GoodsVolunteer]).await;
        let (app, openapi) = guard::finish(api::routes(&Subjects::default()), world.services.clone());
        let access = guard::access_list(&openapi);
        assert!(!access.iter().any(|line| line.ends_with(UNGUARDED)), "{access:?}");

        let unit = public(&*world.services.keys, world.county);
        let subject = public(
            &*world.services.keys,
            kernel::GiftId::new(world.services.now(), &*world.services.rng),
        );
        let body = json!({"unit": unit, "subject_kind": "refund", "subject": subject, "title": "重复支付",
            "summary": "同一笔付了<两次>", "details": {"amount_fen": 10_000}});
        for (token, status) in [(&machine, 403), (&auditor, 403), (&stranger, 403)] {
            let (got, answer) = call(&app, "POST", "/api/v1/approvals", token, Some(body.clone())).await;
            assert_eq!((got.as_u16(), kind_of(&answer)), (status, "missing-permission"));
        }
        let (status, case) = call(&app, "POST", "/api/v1/approvals", &asker, Some(body.clone())).await;
        assert_eq!(status, StatusCode::CREATED, "{case}");
        assert_eq!(
            (&case["state"], &case["details"]["amount_fen"]),
            (&json!("open"), &json!(10_000))
        );
        assert_eq!(
            (&case["stages"][0]["state"], &case["stages"][0]["seconds_left"]),
            (&json!("open"), &json!(600))
        );
        let (status, answer) = call(&app, "POST", "/api/v1/approvals", &asker, Some(body)).await;
        assert_eq!((status.as_u16(), kind_of(&answer)), (409, "approval-under-way"));

        let who = format!("/api/v1/approvals/deciders?unit={unit}&kind=refund");
        let (status, found) = call(&app, "GET", &who, &auditor, None).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        let items = found["items"].as_array().expect("lines");
        let names: Vec<&str> = items.iter().filter_map(|one| one["name"].as_str()).collect();
        assert!(names.contains(&"head") && !names.contains(&"stranger"), "{found}");
        assert_eq!(call(&app, "GET", &who, &machine, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(call(&app, "GET", &who, &stranger, None).await.0, StatusCode::NOT_FOUND);
        let (kind, csv) = page(&app, &format!("{who}&as=csv"), &auditor).await;
        assert!(kind.starts_with("text/csv") && csv.contains("head"), "{csv}");

        let path = format!("/api/v1/approvals/{}", case["id"].as_str().expect("an id"));
        let act = format!("{path}/act");
        let (status, _) = call(&app, "GET", &path, &stranger, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "another unit’s case is not there");
        let approve = |stage: &str| json!({"stage": stage, "verdict": "approve"});
        let (status, _) = call(&app, "POST", &act, &stranger, Some(approve("leader"))).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, _) = call(&app, "POST", &act, &auditor, Some(approve("leader"))).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let (status, seen) = call(&app, "GET", &path, &auditor, None).await;
        assert_eq!(
            (status, &seen["title"]),
            (StatusCode::OK, &json!("重复支付")),
            "who audits reads"
        );
        let (_, list) = call(&app, "GET", "/api/v1/approvals", &stranger, None).await;
        assert_eq!(list, json!({"items": [], "next": null}));
        let (status, answer) = call(&app, "POST", &act, &asker, Some(approve("finance"))).await;
        assert_eq!((status.as_u16(), kind_of(&answer)), (403, "approval-concerned"));
        let (status, answer) = call(&app, "POST", &act, &finance, Some(approve("leader"))).await;
        assert_eq!((status.as_u16(), kind_of(&answer)), (403, "approval-not-yours"));

        let (_, waiting) = call(&app, "GET", "/api/v1/approvals/waiting", &finance, None).await;
        assert_eq!(
            (&waiting["items"][0]["stage"], waiting["items"].as_array().map(Vec::len)),
            (&json!("finance"), Some(1))
        );
        let (status, case) = call(&app, "POST", &act, &finance, Some(approve("finance"))).await;
        assert_eq!((status, &case["state"]), (StatusCode::OK, &json!("open")));
        let (status, answer) = call(&app, "POST", &act, &finance, Some(approve("finance"))).await;
        assert_eq!((status.as_u16(), kind_of(&answer)), (409, "approval-stage-not-open"));
        let silent = json!({"stage": "leader", "verdict": "refuse"});
        let (status, answer) = call(&app, "POST", &act, &head, Some(silent)).await;
        assert_eq!((status.as_u16(), answer["field"].as_str()), (400, Some("words")));
        let (status, case) = call(&app, "POST", &act, &head, Some(approve("leader"))).await;
        assert_eq!((status, &case["state"]), (StatusCode::OK, &json!("approved")));
        let history = case["history"].as_array().expect("a history");
        let kinds: Vec<&str> = history.iter().filter_map(|entry| entry["kind"].as_str()).collect();
        assert_eq!(kinds, ["submitted", "opened", "opened", "acted", "acted"]);
        assert_eq!(history[4]["by"]["name"], leader.name.as_str());
        let (kind, text) = page(&app, &format!("{path}/minutes?format=text"), &auditor).await;
        assert!(kind.starts_with("text/plain"), "{kind}");
        for part in [
            "重复支付",
            "同一笔付了<两次>",
            "申请人：asker",
            "finance：同意",
            "head：同意",
            "结果：通过",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let (kind, html) = page(&app, &format!("{path}/minutes?lang=en"), &auditor).await;
        assert!(
            kind.starts_with("text/html") && html.contains("&lt;两次&gt;") && !html.contains("<两次>"),
            "{html}"
        );
        let (status, _) = call(&app, "GET", &format!("{path}/minutes"), &stranger, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (_, list) = call(&app, "GET", "/api/v1/approvals?state=approved", &auditor, None).await;
        assert_eq!(list["items"][0]["id"], case["id"]);
    }
);

db::both!(
    a_policy_is_published_and_read_through_http,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let (_, officer) = world
            .somebody("officer", world.county, &[Role::FundraisingOfficer])
            .await;
        let (_, head) = world.somebody("head", world.county, &[Role::Leader]).await;
        let (app, _) = guard::finish(api::routes(&Subjects::default()), world.services.clone());
        let unit = public(&*world.services.keys, world.county);
        let city = public(&*world.services.keys, world.city);
        let read = format!("/api/v1/approvals/policies?unit={unit}");
        let (_, shipped) = call(&app, "GET", &read, &officer, None).await;
        let of = |list: &Value, kind: &str| {
            let items = list["items"].as_array().expect("items").clone();
            items
                .into_iter()
                .find(|item| item["subject_kind"] == kind)
                .expect("of this kind")
        };
        let mut policy = of(&shipped, "refund");
        assert_eq!((&policy["unit"], &policy["version"]), (&Value::Null, &json!(1)));
        policy["policy"]["required"] = json!(true);
        let body = |unit: &str, policy: &Value| json!({"unit": unit, "subject_kind": "refund", "policy": policy});
        let path = "/api/v1/approvals/policies";
        let (status, answer) = call(&app, "POST", path, &officer, Some(body(&unit, &policy["policy"]))).await;
        assert_eq!((status.as_u16(), kind_of(&answer)), (403, "missing-permission"));
        let (status, _) = call(&app, "POST", path, &head, Some(body(&city, &policy["policy"]))).await;
        assert_eq!(
            status,
            StatusCode::FORBIDDEN,
            "who leads a county writes no rules for the city"
        );
        let (status, made) = call(&app, "POST", path, &head, Some(body(&unit, &policy["policy"]))).await;
        assert_eq!(
            (status, &made["version"], &made["unit"]),
            (StatusCode::CREATED, &json!(1), &json!(unit))
        );
        let (_, now) = call(&app, "GET", &read, &officer, None).await;
        assert_eq!(of(&now, "refund")["policy"]["required"], true);
        policy["policy"]["stages"][0]["limit_s"] = json!(1);
        let (status, answer) = call(&app, "POST", path, &head, Some(body(&unit, &policy["policy"]))).await;
        assert_eq!(
            (status.as_u16(), answer["field"].as_str()),
            (400, Some("stages.finance.limit_s"))
        );
        let elsewhere = format!("/api/v1/approvals/policies?unit={city}");
        let (status, _) = call(&app, "GET", &elsewhere, &officer, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
);

#[test]
fn every_problem_has_its_words_in_both_languages() {
    for kind in crate::approvals::error::KINDS {
        for locale in web::Locale::ALL {
            for part in ["title", "detail"] {
                assert!(
                    locale.knows(&format!("problem.{}.{part}", kind.slug)),
                    "{} {part}",
                    kind.slug
                );
            }
        }
    }
}
