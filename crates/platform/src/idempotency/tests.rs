//! The same request twice, another under the same key, a crash in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode};
use db::testing::TestDb;
use db::{Reads as _, params};
use kernel::id::Id as _;
use kernel::{FixedClock, UnitId};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{HEADER, KEPT_DAYS, LOST_AFTER_MICROS, REPLAYED, forget_old};
use crate::identity::actions::{NewToken, NewUser, Personal, add_user};
use crate::identity::{Actor, ActorKind, GuardedRoutes as _, Permission, Role, guard};
use crate::testing::{self, NOW};
use crate::{Services, all_migrations};

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Adds a user named by the body's `name`; refuses an empty one. Counts how often it is called for `counted`.
#[utoipa::path(post, path = "/do", responses((status = 200)))]
async fn act(
    State(s): State<Services>,
    actor: Actor,
    web::Json(body): web::Json<Value>,
) -> Result<web::Json<Value>, web::Problem> {
    let name = body["name"].as_str().unwrap_or_default().to_owned();
    if name.starts_with("counted") {
        CALLS.fetch_add(1, Ordering::SeqCst);
    }
    let unit = UnitId::from_bytes([1; 16]);
    let personal = Personal::default();
    let new = NewUser {
        name: name.clone(),
        kind: ActorKind::Machine,
        unit,
        roles: vec![],
        token: None,
        personal,
    };
    add_user(&s, &actor, new).await?;
    Ok(web::Json(json!({ "secret": format!("of {name}") })))
}

async fn app(test: &TestDb) -> (Router, Services, Arc<FixedClock>, String) {
    let clock = Arc::new(FixedClock::at(NOW));
    let services = testing::services_at(test.db.clone(), std::path::Path::new("/nowhere"), Arc::clone(&clock));
    let unit = UnitId::from_bytes([1; 16]);
    services.tree.replace(vec![(unit, None)]);
    let token = Some(NewToken {
        name: "t".into(),
        days: None,
    });
    let (roles, personal) = (vec![Role::Administrator], Personal::default());
    let new = NewUser {
        name: "admin".into(),
        kind: ActorKind::Person,
        unit,
        roles,
        token,
        personal,
    };
    let added = add_user(&services, &Actor::operator(), new).await.expect("added");
    let routes = OpenApiRouter::new().staff(Permission::UserManage, routes!(act));
    let (router, _) = guard::finish(routes, services.clone());
    (router, services, clock, added.token.expect("asked for").text)
}

async fn send(app: &Router, token: &str, key: &str, name: &str) -> (StatusCode, bool, Value) {
    let request = Request::post("/do")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header(HEADER, key)
        .body(Body::from(json!({ "name": name }).to_string()))
        .expect("a request");
    let response = app.clone().oneshot(request).await.expect("an answer");
    let (status, replayed) = (response.status(), response.headers().contains_key(REPLAYED));
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, replayed, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_does_nothing() {
    let test = TestDb::sqlite(&all_migrations()).await;
    let (app, services, _, token) = app(&test).await;
    let first = send(&app, &token, "k1", "counted one").await;
    assert_eq!(first, (StatusCode::OK, false, json!({ "secret": "of counted one" })));
    let second = send(&app, &token, "k1", "counted one").await;
    assert_eq!(second, (StatusCode::OK, true, json!({ "secret": "of counted one" })));
    assert_eq!(CALLS.load(Ordering::SeqCst), 1);

    let mut at = services.db.snapshot().await.expect("a snapshot");
    let row = at
        .query_one("SELECT answer_sealed FROM idempotency_key", vec![])
        .await
        .expect("read")
        .expect("kept");
    let sealed = row.bytes("answer_sealed").expect("bytes");
    assert!(!sealed.windows(6).any(|w| w == b"secret"), "the kept answer is sealed");
}

db::both!(
    the_same_key_with_another_request_is_refused,
    &all_migrations(),
    async |test: TestDb| {
        let (app, _, _, token) = app(&test).await;
        assert_eq!(send(&app, &token, "k", "one").await.0, StatusCode::OK);
        let (status, _, problem) = send(&app, &token, "k", "two").await;
        assert_eq!(
            (status, problem["type"].as_str()),
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                Some("/problems/idempotency-key-reused")
            )
        );
        let (status, _, problem) = send(&app, &token, "a b", "two").await;
        assert_eq!(
            (status, problem["field"].as_str()),
            (StatusCode::BAD_REQUEST, Some(HEADER))
        );
    }
);

db::both!(
    a_refusal_frees_the_key_for_the_corrected_request,
    &all_migrations(),
    async |test: TestDb| {
        let (app, _, _, token) = app(&test).await;
        assert_eq!(send(&app, &token, "k", "").await.0, StatusCode::BAD_REQUEST);
        assert_eq!(send(&app, &token, "k", "one").await.0, StatusCode::OK);
    }
);

db::both!(
    an_interrupted_request_is_never_done_again_by_its_key,
    &all_migrations(),
    async |test: TestDb| {
        let (app, services, clock, token) = app(&test).await;
        assert_eq!(send(&app, &token, "k", "one").await.0, StatusCode::OK);
        // As a crash leaves it: taken, not answered.
        let mut tx = services.db.begin().await.expect("a transaction");
        let sql = "UPDATE idempotency_key SET status = NULL, answer_sealed = NULL WHERE key = ?1";
        tx.execute(sql, params!["k"]).await.expect("forgotten");
        tx.commit().await.expect("committed");
        let (status, _, problem) = send(&app, &token, "k", "one").await;
        assert_eq!(
            (status, problem["type"].as_str()),
            (StatusCode::CONFLICT, Some("/problems/idempotency-key-running"))
        );
        clock.set(NOW.plus_micros(LOST_AFTER_MICROS));
        let (status, _, problem) = send(&app, &token, "k", "one").await;
        assert_eq!(
            (status, problem["type"].as_str()),
            (StatusCode::CONFLICT, Some("/problems/idempotency-outcome-unknown"))
        );

        let mut tx = services.db.begin().await.expect("a transaction");
        let later = NOW.plus_micros((KEPT_DAYS * 86_400 + 1) * 1_000_000);
        assert_eq!(forget_old(&mut tx, later).await.expect("forgotten"), 1);
    }
);
