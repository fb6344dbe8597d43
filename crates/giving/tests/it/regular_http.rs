//! The routes of regular giving and of funds as a client meets them.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::http::StatusCode;
use giving::testing::{World, world};
use platform::Services;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use crate::client::Client;

async fn client(w: &World, router: &axum::Router, (name, role): (&str, Role)) -> Client {
    let new = NewUser {
        name: name.to_owned(),
        kind: ActorKind::Person,
        unit: w.city,
        roles: vec![role],
        token: Some(NewToken {
            name: "test".into(),
            days: None,
        }),
        personal: Personal::default(),
    };
    let added = add_user(w.services(), &Actor::operator(), new).await.unwrap();
    Client {
        router: router.clone(),
        token: Some(added.token.unwrap().text),
    }
}

fn router(w: &World) -> axum::Router {
    let services: Services = w.services().clone();
    let routes: OpenApiRouter<Services> = OpenApiRouter::new()
        .merge(giving::recurring::api::routes(&w.giving))
        .merge(giving::funds::api::routes());
    let (router, openapi) = guard::finish(routes, services);
    let access = guard::access_list(&openapi);
    assert!(
        access.iter().all(|line| !line.ends_with(guard::UNGUARDED)),
        "{access:?}"
    );
    router
}

db::both!(
    plans_and_news_are_offered_by_staff_and_read_by_everybody,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let router = router(&w);
        let anyone = Client {
            router: router.clone(),
            token: None,
        };
        let raiser = client(&w, &router, ("raiser", Role::FundraisingOfficer)).await;
        let auditor = client(&w, &router, ("auditor", Role::Auditor)).await;
        let plan = json!({ "title": "一张课桌", "amount_fen": 12_000, "months": 12, "places": 30 });
        let path = "/api/v1/projects/aed/plans";
        assert_eq!(
            anyone.call("POST", path, Some(plan.clone())).await.0,
            StatusCode::UNAUTHORIZED
        );
        assert_eq!(
            auditor.call("POST", path, Some(plan.clone())).await.0,
            StatusCode::FORBIDDEN
        );
        let (status, made) = raiser.call("POST", path, Some(plan.clone())).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        assert_eq!((&made["places"], &made["left"]), (&json!(30), &json!(30)));
        let (_, again) = raiser.call("POST", path, Some(plan.clone())).await;
        assert_eq!(again["id"], made["id"]);
        let mut other = plan.clone();
        other["places"] = json!(31);
        let (status, refused) = raiser.call("POST", path, Some(other)).await;
        assert_eq!(
            (status, &refused["type"]),
            (StatusCode::CONFLICT, &json!("/problems/title-taken"))
        );
        let mut strange = plan;
        strange["colour"] = json!("red");
        assert_eq!(
            raiser.call("POST", path, Some(strange)).await.0,
            StatusCode::BAD_REQUEST
        );
        let (status, seen) = anyone.call("GET", "/api/v1/projects/aed/monthly", None).await;
        assert_eq!((status, &seen["plans"][0]["left"]), (StatusCode::OK, &json!(30)));
        let news = json!({ "title": "到了", "words": "第一批课桌已经送到。" });
        let (status, _) = raiser.call("POST", "/api/v1/projects/aed/news", Some(news)).await;
        assert_eq!(status, StatusCode::CREATED);
        let close = format!("/api/v1/plans/{}/close", made["id"].as_str().unwrap());
        assert_eq!(raiser.call("POST", &close, None).await.0, StatusCode::NO_CONTENT);
        let (_, listed) = auditor.call("GET", "/api/v1/mandates?state=active", None).await;
        assert_eq!(listed["items"], json!([]));
        let nobody = auditor
            .call("GET", "/api/v1/mandates/aaaaaaaaaaaaaaaaaaaaaaaaaa", None)
            .await;
        assert_eq!(nobody.0, StatusCode::NOT_FOUND);
        w.stop();
    }
);

db::both!(
    a_fund_is_agreed_opened_reported_and_closed_over_http_by_two_people,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let router = router(&w);
        let anyone = Client {
            router: router.clone(),
            token: None,
        };
        let raiser = client(&w, &router, ("raiser", Role::FundraisingOfficer)).await;
        let finance = client(&w, &router, ("finance", Role::FinanceOfficer)).await;
        let body = json!({
            "project": "aed", "kind": "community", "name": "临沂市演示会和平社区慈善基金", "purpose": "助老",
            "spending": "管委会过半数同意", "agreement_no": "JJ-1", "signed_on": w.today(), "fee_bp": 300,
            "minimum_fen": 0, "minimum_rule": "refuse", "report_month": 3, "report_day": 28, "dormant_months": 12,
            "rest_to": "aed-county", "rest": "转入县级项目",
        });
        let (status, fund) = raiser.call("POST", "/api/v1/named-funds", Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{fund}");
        let at = |verb: &str| format!("/api/v1/named-funds/{}/{verb}", fund["id"].as_str().unwrap());
        assert_eq!(raiser.call("POST", &at("open"), None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(
            anyone.call("GET", "/api/v1/projects/aed/fund", None).await.0,
            StatusCode::NOT_FOUND
        );
        assert_eq!(finance.call("POST", &at("open"), None).await.0, StatusCode::OK);
        w.submit(w.incoming(&w.restricted, "A1", 50_000)).await;
        let (status, seen) = anyone.call("GET", "/api/v1/projects/aed/fund", None).await;
        assert_eq!((status, &seen["balance_fen"]), (StatusCode::OK, &json!(50_000)));
        let amended = json!({
            "name": "临沂市演示会和平社区慈善基金", "purpose": "助老", "spending": "管委会过半数同意", "agreement_no": "JJ-1-A",
            "signed_on": w.today(), "fee_bp": 200, "minimum_fen": 0, "minimum_rule": "refuse", "report_month": 3,
            "report_day": 28, "dormant_months": 12, "rest_to": "aed-county", "rest": "转入县级项目",
        });
        let (status, version) = raiser.call("POST", &at("amendments"), Some(amended)).await;
        assert_eq!(
            (status, &version["state"]),
            (StatusCode::CREATED, &json!("proposed")),
            "{version}"
        );
        let agree = at("amendments/2/agree");
        assert_eq!(raiser.call("POST", &agree, None).await.0, StatusCode::FORBIDDEN);
        let (status, version) = finance.call("POST", &agree, None).await;
        assert_eq!(
            (status, &version["from"]),
            (StatusCode::OK, &json!(w.today())),
            "{version}"
        );
        let refuse = at("amendments/2/refuse");
        assert_eq!(finance.call("POST", &refuse, None).await.0, StatusCode::CONFLICT);
        assert_eq!(
            finance.call("POST", &at("amendments/x/agree"), None).await.0,
            StatusCode::NOT_FOUND
        );
        let (_, versions) = finance.call("GET", &at("versions"), None).await;
        assert_eq!(
            (&versions[0]["fee_bp"], &versions[1]["fee_bp"]),
            (&json!(200), &json!(300))
        );
        let report = json!({ "year": w.today().year(), "words": "年报" });
        assert_eq!(
            raiser.call("POST", &at("reports"), Some(report)).await.0,
            StatusCode::NO_CONTENT
        );
        let why = json!({ "reason": "协议到期" });
        assert_eq!(raiser.call("POST", &at("ask-close"), Some(why)).await.0, StatusCode::OK);
        let (status, closed) = finance.call("POST", &at("close"), None).await;
        assert_eq!(
            (status, &closed["state"]),
            (StatusCode::OK, &json!("closed")),
            "{closed}"
        );
        let (_, listed) = finance.call("GET", "/api/v1/named-funds", None).await;
        assert_eq!(listed["items"][0]["state"], json!("closed"));
        let (status, alerts) = finance.call("GET", "/api/v1/named-funds/alerts", None).await;
        assert_eq!((status, alerts), (StatusCode::OK, json!([])));
        w.stop();
    }
);
