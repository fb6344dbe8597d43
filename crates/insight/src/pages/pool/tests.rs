//! A pool's page and the ways to it, over HTTP, on both databases.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use giving::matching::actions::{self, NewPool};
use giving::matching::{Backing, Pool};
use giving::testing::{World, world};
use http_body_util::BodyExt as _;
use kernel::Fen;
use kernel::id::public;
use platform::identity::Actor;
use tower::ServiceExt as _;

async fn asked(w: &World, (path, language): (&str, &str)) -> (StatusCode, String) {
    let request = Request::get(path)
        .header(header::ACCEPT, "text/html")
        .header(header::ACCEPT_LANGUAGE, language)
        .body(Body::empty());
    let router = super::routes(w.services().clone());
    let response = router.oneshot(request.expect("a request")).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn get(w: &World, path: &str) -> (StatusCode, String) {
    asked(w, (path, "zh")).await
}

/// A pool of a hundred yuan with its rule written: one yuan for one yuan, all that is asked for is its spans.
async fn drafted(w: &World) -> Pool {
    let (services, by) = (w.services(), Actor::operator());
    let sponsor = actions::add_sponsor(services, &by, w.city, "测试企业甲")
        .await
        .expect("a sponsor");
    let file = actions::keep_agreement(services, &by, w.city, b"signed")
        .await
        .expect("an agreement");
    let new = NewPool {
        unit: w.city,
        code: "even".into(),
        title: "一元配一元".into(),
        sponsor: sponsor.id,
        account: w.bank.id,
        campaign: Some(w.campaign),
        priority: 0,
        backing: Backing::Agreement {
            file,
            signed_on: w.today(),
        },
        locked: Fen::new(10_000),
    };
    let pool = actions::create_pool(services, &by, new).await.expect("a pool");
    let mut rule = super::sample_rule();
    rule.eligible.payers = giving::matching::model::Payers::Any;
    rule.window.spans[0].from = w.clock_plus(-3_600_000_000);
    rule.window.spans[0].to = w.clock_plus(3_600_000_000);
    actions::write_rule(services, &by, pool.id, &rule)
        .await
        .expect("a rule")
}

db::both!(
    a_pool_has_a_page_once_it_is_published_and_shows_what_it_decided,
    &proof::all_migrations(),
    async |test: TestDb| {
        let w = world(test.db.clone()).await;
        let by = Actor::operator();
        let pool = drafted(&w).await;
        assert_eq!(get(&w, "/pools/even").await.0, StatusCode::NOT_FOUND, "a draft");
        assert_eq!(get(&w, "/pools/nowhere").await.0, StatusCode::NOT_FOUND);
        let campaign = format!("/c/{}/pools", public(&*w.services().keys, w.campaign));
        assert!(get(&w, &campaign).await.1.contains("还没有公布的配捐池"));

        actions::publish(w.services(), &by, pool.id).await.expect("published");
        let (status, html) = get(&w, "/pools/even").await;
        assert_eq!(status, StatusCode::OK);
        for wanted in ["尚未开放", "测试企业甲", "每捐 1 元，配 1 元。", "结束后公开"] {
            assert!(html.contains(wanted), "{wanted}");
        }

        actions::open(&w.giving, &by, pool.id).await.expect("opened");
        w.submit(w.incoming(&w.restricted, "A1", 2_500)).await;
        let (_, html) = get(&w, "/pools/even").await;
        for wanted in [
            "配捐中",
            "已配捐 25.00 元",
            "/p/aed",
            "/api/v1/match/pools/even/decisions?format=csv",
            "qiao match replay --url ",
            &campaign,
        ] {
            assert!(html.contains(wanted), "{wanted}");
        }
        assert!(!html.contains("测试甲"), "no donor is named");
        let (_, english) = asked(&w, ("/pools/even", "en")).await;
        assert!(english.contains("Matched ¥25.00") && english.contains("Matching now"));
        let (_, older) = get(&w, "/pools/even?before=1").await;
        assert!(older.contains("没有更早的决定"), "nothing came before the first");

        w.submit(w.incoming(&w.restricted, "A2", 9_000)).await;
        assert!(get(&w, "/pools/even").await.1.contains("已配完"));
        let closed = actions::close(&w.giving, &by, pool.id).await.expect("closed");
        let (_, html) = get(&w, "/pools/even").await;
        let seed = kernel::id::hex(&closed.seed.expect("a seed"));
        assert!(html.contains("已结束") && html.contains(&seed), "the seed is public");
        let (_, list) = get(&w, &campaign).await;
        for wanted in ["href=\"/pools/even\"", "100.00 元", "qiao match replay --of "] {
            assert!(list.contains(wanted), "{wanted}");
        }
        let unit = format!("/u/{}/pools", public(&*w.services().keys, w.city));
        assert!(get(&w, &unit).await.1.contains("/pools/even"));
        w.stop();
    }
);
