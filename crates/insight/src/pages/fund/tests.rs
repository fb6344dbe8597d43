//! A fund's page and its file, over HTTP, on both databases.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use giving::funds::model::Agreement;
use giving::funds::{Founder, FundKind, MinimumRule, NewFund, actions};
use giving::testing::{World, world};
use http_body_util::BodyExt as _;
use kernel::Fen;
use platform::identity::Actor;
use tower::ServiceExt as _;

async fn get(w: &World, path: &str) -> (StatusCode, String) {
    let request = Request::get(path)
        .header(header::ACCEPT, "text/html")
        .body(Body::empty());
    let router = super::routes(w.services().clone());
    let response = router.oneshot(request.expect("a request")).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

fn agreed(w: &World) -> NewFund {
    NewFund {
        project: "aed".into(),
        rest_to: "aed-county".into(),
        agreement: Agreement {
            kind: FundKind::Community,
            founder: Founder::Unit,
            name: "临沂市演示会晨光基金".into(),
            purpose: "助学".into(),
            purpose_en: "For pupils".into(),
            spending: "管委会过半数同意".into(),
            spending_en: String::new(),
            number: "JJ-2026-001".into(),
            signed_on: w.today(),
            fee_bp: 250,
            principal: Fen::ZERO,
            minimum: Fen::new(50_000),
            minimum_rule: MinimumRule::Refuse,
            report: (3, 28),
            dormant_months: 12,
            rest_words: "转入县级项目".into(),
        },
    }
}

db::both!(
    a_fund_shows_what_the_books_hold_and_a_draft_shows_nothing,
    &proof::all_migrations(),
    async |test: TestDb| {
        let w = world(test.db.clone()).await;
        let draft = actions::agree(w.services(), &Actor::operator(), agreed(&w))
            .await
            .expect("agreed");
        assert_eq!(
            get(&w, "/f/aed").await.0,
            StatusCode::NOT_FOUND,
            "a draft is nobody’s business"
        );
        actions::open(w.services(), &w.officer, draft.fund)
            .await
            .expect("opened");
        w.submit(w.incoming(&w.restricted, "A1", 12_345_600)).await;
        let (status, html) = get(&w, "/f/aed").await;
        assert_eq!(status, StatusCode::OK);
        for wanted in [
            "临沂市演示会晨光基金",
            "123,456",
            "2.5%",
            "JJ-2026-001",
            "/p/aed/give",
            "/f/aed/statement.csv",
        ] {
            assert!(html.contains(wanted), "{wanted}");
        }
        let (status, csv) = get(&w, "/f/aed/statement.csv").await;
        assert_eq!(status, StatusCode::OK);
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "日期,摘要,收入（元）,支出（元）,余额（元）");
        assert!(lines[1].contains("期初余额") && lines[1].ends_with("0.00"), "{csv}");
        assert!(lines[2].ends_with("123456.00,0.00,123456.00"), "{csv}");
        let backwards = get(&w, "/f/aed/statement.csv?from=2026-05-02&to=2026-05-01").await.0;
        assert_eq!(backwards, StatusCode::BAD_REQUEST);
        assert_eq!(
            get(&w, "/f/general").await.0,
            StatusCode::NOT_FOUND,
            "a project without a fund of its own"
        );
        w.stop();
    }
);
