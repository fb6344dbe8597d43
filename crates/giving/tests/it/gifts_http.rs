//! The routes of gifts as a client meets them.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use std::collections::HashSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use giving::State;
use giving::donations::api;
use giving::donations::intake::{RETRY_AFTER_SECONDS, start_with_room};
use giving::donations::totals::{self, Of};
use giving::testing::{World, world};
use kernel::id::public;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, Scope, guard};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::client::Client;

/// A signed notice of ten yuan.
fn notice(world: &World, trade_no: &str) -> Request<Body> {
    let body = json!({ "trade_no": trade_no, "amount_fen": 1_000, "paid_at": world.services().now() }).to_string();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, world.notice.1.as_bytes());
    let signature = data_encoding::HEXLOWER.encode(ring::hmac::sign(&key, body.as_bytes()).as_ref());
    let request = Request::post("/api/v1/notices/notice").header("x-signature", signature);
    request.body(Body::from(body)).unwrap()
}

/// Status, `Retry-After` and document.
async fn sent(router: axum::Router, request: Request<Body>) -> (StatusCode, Option<String>, Value) {
    let response = router.oneshot(request).await.unwrap();
    let wait = response
        .headers()
        .get("retry-after")
        .map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, wait, serde_json::from_slice(&bytes).unwrap())
}

db::both!(
    a_full_queue_turns_away_at_once_and_the_same_notice_later_counts_once,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let (intake, writer) = start_with_room(world.services(), 2).await.unwrap();
        let giving = State {
            intake,
            ..world.giving.clone()
        };
        let (router, _) = guard::finish(api::routes(&giving), world.services().clone());
        drop(giving);
        // Whoever holds the write permit on SQLite, or the table of gifts on PostgreSQL, holds the writer.
        let mut tx = world.services().db.begin().await.unwrap();
        if test.db.backend() == db::Backend::Postgres {
            tx.execute("LOCK TABLE gift IN SHARE ROW EXCLUSIVE MODE", vec![])
                .await
                .unwrap();
        }
        let mut answers = Vec::new();
        while !answers.iter().any(tokio::task::JoinHandle::is_finished) {
            let n = answers.len();
            assert!(n < 100, "nobody is turned away");
            answers.push(tokio::spawn(sent(router.clone(), notice(&world, &format!("N{n}")))));
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        tx.rollback().await.unwrap();
        let (mut gifts, mut refused, sent_all) = (HashSet::new(), Vec::new(), answers.len() as i64);
        for (n, answer) in answers.into_iter().enumerate() {
            match answer.await.unwrap() {
                (StatusCode::OK, _, taken) => assert!(gifts.insert(taken["gift"].to_string()), "{taken}"),
                (StatusCode::SERVICE_UNAVAILABLE, wait, problem) => {
                    assert_eq!(wait, Some(RETRY_AFTER_SECONDS.to_string()), "{problem}");
                    refused.push(format!("N{n}"));
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(
            gifts.len() > 2,
            "what the writer holds and what fits into the queue waits"
        );
        assert!(!refused.is_empty());
        for trade_no in refused {
            let mut again = async || {
                let (status, _, taken) = sent(router.clone(), notice(&world, &trade_no)).await;
                assert_eq!(status, StatusCode::OK, "{taken}");
                gifts.insert(taken["gift"].to_string())
            };
            assert!(again().await, "nothing was kept of what was turned away");
            assert!(!again().await, "once taken it is known");
        }
        let mut at = world.services().db.snapshot().await.unwrap();
        let tree = &world.services().tree;
        let sums = totals::sums(&mut at, Of::Everything, &Scope::Everything, tree)
            .await
            .unwrap();
        assert_eq!((sums.gifts, sums.sum_fen.get()), (sent_all, sent_all * 1_000));
        drop((at, router));
        writer.stop(std::time::Duration::from_secs(5));
        world.stop();
    }
);

db::both!(
    gifts_can_be_ordered_paid_looked_up_and_given_back_over_http,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let (router, openapi) = guard::finish(api::routes(&world.giving), services.clone());
        let access = guard::access_list(&openapi);
        assert!(
            access.iter().all(|line| !line.ends_with(guard::UNGUARDED)),
            "{access:?}"
        );
        let token = async |name: &str| {
            let new = NewUser {
                name: name.to_owned(),
                kind: ActorKind::Person,
                unit: world.city,
                roles: vec![Role::FinanceOfficer],
                token: Some(NewToken {
                    name: "test".into(),
                    days: None,
                }),
                personal: Personal::default(),
            };
            add_user(&services, &Actor::operator(), new)
                .await
                .unwrap()
                .token
                .unwrap()
                .text
        };
        let anyone = Client {
            router: router.clone(),
            token: None,
        };
        let first = Client {
            router: router.clone(),
            token: Some(token("first").await),
        };
        let second = Client {
            router,
            token: Some(token("second").await),
        };

        let wish = json!({ "project": "aed", "amount_fen": 2_000, "payer": { "name": "测试丁" } });
        let (status, order) = anyone.call("POST", "/api/v1/orders", Some(wish)).await;
        assert_eq!(status, StatusCode::CREATED, "{order}");
        assert_eq!(
            (order["state"].as_str(), order["account"].as_str()),
            (Some("created"), Some("notice"))
        );
        let path = format!("/api/v1/orders/{}", order["order"].as_str().unwrap());

        let trade_no = order["trade_no"].as_str().unwrap();
        let notice = json!({ "trade_no": trade_no, "amount_fen": 2_000, "paid_at": services.now() }).to_string();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, world.notice.1.as_bytes());
        let signature = data_encoding::HEXLOWER.encode(ring::hmac::sign(&key, notice.as_bytes()).as_ref());
        let request = Request::post("/api/v1/notices/notice").header("x-signature", signature);
        let response = anyone
            .router
            .clone()
            .oneshot(request.body(Body::from(notice)).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let (_, paid) = anyone.call("GET", &path, None).await;
        assert_eq!(
            (paid["state"].as_str(), paid["project"].as_str()),
            (Some("paid"), Some("aed"))
        );
        let gift = paid["gift"].as_str().unwrap().to_owned();

        let day = world.today();
        let asked = json!({ "trade_no": trade_no, "amount_fen": 2_000, "day": day });
        let (status, found) = anyone.call("POST", "/api/v1/lookup", Some(asked)).await;
        assert_eq!(
            (status, found["items"][0]["gift"].as_str()),
            (StatusCode::OK, Some(gift.as_str())),
            "{found}"
        );
        assert_eq!(found["items"][0]["name"], "测**");
        let wrong = json!({ "trade_no": trade_no, "amount_fen": 1, "day": day });
        let mut refused = false;
        for _ in 0..20 {
            let (status, found) = anyone.call("POST", "/api/v1/lookup", Some(wrong.clone())).await;
            refused |= status == StatusCode::TOO_MANY_REQUESTS;
            assert!(refused || found["items"] == json!([]), "{found}");
        }
        assert!(refused, "whoever tries numbers out is stopped");

        let campaign = format!("/api/v1/campaigns/{}/totals", public(&*services.keys, world.campaign));
        let (_, totals) = anyone.call("GET", &campaign, None).await;
        assert_eq!(
            (totals["gifts"].as_i64(), totals["sum_fen"].as_i64()),
            (Some(1), Some(2_000)),
            "{totals}"
        );
        assert_eq!(totals["latest"][0]["name"], "测**");
        assert_eq!(totals["units"][0]["rank"], 1);
        let (_, totals) = anyone.call("GET", "/api/v1/projects/aed/totals", None).await;
        assert_eq!(totals["refunds"], json!({ "count": 0, "sum_fen": 0 }));

        for path in [
            "/api/v1/gifts",
            "/api/v1/reviews",
            "/api/v1/refunds",
            "/api/v1/reports/totals",
        ] {
            assert_eq!(
                anyone.call("GET", path, None).await.0,
                StatusCode::UNAUTHORIZED,
                "{path}"
            );
            assert_eq!(first.call("GET", path, None).await.0, StatusCode::OK, "{path}");
        }
        let (_, list) = first.call("GET", "/api/v1/gifts?project=aed&limit=5", None).await;
        assert_eq!(list["items"][0]["gift"].as_str(), Some(gift.as_str()), "{list}");
        let ask = json!({ "amount_fen": 500, "reason": "wrong_payment", "key": "k" });
        let (status, refund) = first
            .call("POST", &format!("/api/v1/gifts/{gift}/refunds"), Some(ask))
            .await;
        assert_eq!(status, StatusCode::CREATED, "{refund}");
        let approve = format!("/api/v1/refunds/{}/approve", refund["refund"].as_str().unwrap());
        assert_eq!(
            first.call("POST", &approve, None).await.0,
            StatusCode::FORBIDDEN,
            "who asked may not approve"
        );
        let (status, refund) = second.call("POST", &approve, None).await;
        assert_eq!(
            (status, refund["state"].as_str()),
            (StatusCode::OK, Some("approved")),
            "{refund}"
        );
        let (_, one) = first.call("GET", &format!("/api/v1/gifts/{gift}"), None).await;
        assert_eq!(
            (one["standing"].as_str(), one["refunded_fen"].as_i64()),
            (Some("partly_refunded"), Some(500))
        );

        let cash = json!({ "account": "cash", "project": "general", "amount_fen": 100, "key": "slip 1" });
        let (status, entered) = first.call("POST", "/api/v1/gifts", Some(cash.clone())).await;
        assert_eq!(
            (status, entered["outcome"].as_str()),
            (StatusCode::CREATED, Some("recorded")),
            "{entered}"
        );
        assert_eq!(first.call("POST", "/api/v1/gifts", Some(cash)).await.0, StatusCode::OK);
        let (_, report) = first.call("GET", "/api/v1/reports/totals", None).await;
        assert_eq!(
            (report["gifts"].as_i64(), report["refunds"]["sum_fen"].as_i64()),
            (Some(2), Some(500)),
            "{report}"
        );

        let third = json!({ "account": "cash", "project": "general", "amount_fen": 300, "key": "slip 2" });
        assert_eq!(
            first.call("POST", "/api/v1/gifts", Some(third)).await.0,
            StatusCode::CREATED
        );
        for (sort, wanted) in [
            ("smallest", [100, 300, 2_000]),
            ("largest", [2_000, 300, 100]),
            ("oldest", [2_000, 100, 300]),
            ("newest", [300, 100, 2_000]),
        ] {
            let (mut path, mut seen) = (format!("/api/v1/gifts?limit=1&sort={sort}"), Vec::new());
            for _ in 0..4 {
                let (_, page) = first.call("GET", &path, None).await;
                let items = page["items"].as_array().unwrap().iter();
                seen.extend(items.map(|gift| gift["amount_fen"].as_i64().unwrap()));
                let Some(next) = page["next"].as_str() else { break };
                path = format!("/api/v1/gifts?limit=1&sort={sort}&cursor={next}");
            }
            assert_eq!(seen, wanted, "page by page, {sort} first");
        }
        let (status, unknown) = first.call("GET", "/api/v1/refunds?sort=amount", None).await;
        assert!(status.is_client_error() && unknown["field"] == "sort", "{unknown}");
        let (_, largest) = first
            .call("GET", "/api/v1/refunds?state=approved&sort=largest", None)
            .await;
        assert_eq!(largest["items"][0]["amount_fen"], 500, "{largest}");
        world.stop();
    }
);
