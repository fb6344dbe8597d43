//! The routes of sponsors and pools as a client meets them: who may list what, and a pool made from first to last.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::http::StatusCode;
use giving::testing::world;
use giving::{campaigns, events, matching, projects};
use kernel::id::public;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use serde_json::json;

use crate::client::Client;

/// Lists that several roles need, and what is in them here.
const LISTS: [&str; 4] = [
    "/api/v1/match/pools",
    "/api/v1/projects",
    "/api/v1/campaigns",
    "/api/v1/events",
];

db::both!(
    a_sponsor_is_named_again_its_agreement_kept_and_its_pool_listed_for_who_decides,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let routes = matching::api::routes(&world.giving)
            .merge(projects::api::routes())
            .merge(campaigns::api::routes())
            .merge(events::api::routes(&world.giving));
        let (router, openapi) = guard::finish(routes, services.clone());
        let access = guard::access_list(&openapi);
        assert!(
            access.contains(&"GET /api/v1/match/pools match_manage or match_approve or books_read".to_owned()),
            "{access:?}"
        );
        let client = async |name: &str, role: Role| {
            let new = NewUser {
                name: name.to_owned(),
                kind: ActorKind::Person,
                unit: world.city,
                roles: vec![role],
                token: Some(NewToken {
                    name: "test".into(),
                    days: None,
                }),
                personal: Personal::default(),
            };
            let made = add_user(&services, &Actor::operator(), new).await.unwrap();
            Client {
                router: router.clone(),
                token: Some(made.token.unwrap().text),
            }
        };
        let officer = client("officer", Role::FundraisingOfficer).await;
        let finance = client("finance", Role::FinanceOfficer).await;
        let keeper = client("keeper", Role::Storekeeper).await;
        let unit = public(&*services.keys, world.city);

        let agreements = format!("/api/v1/match/agreements?unit={unit}");
        let paper = json!({ "agreement": "一份示例协议" });
        let (status, _) = keeper.call("POST", &agreements, Some(paper.clone())).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let (status, empty) = officer.call("POST", &agreements, None).await;
        assert_eq!(
            (status, empty["field"].as_str()),
            (StatusCode::BAD_REQUEST, Some("file")),
            "{empty}"
        );
        let (status, kept) = officer.call("POST", &agreements, Some(paper)).await;
        assert_eq!(status, StatusCode::CREATED, "{kept}");
        let sponsor = json!({ "unit": unit, "name": "示例企业" });
        let (status, added) = officer.call("POST", "/api/v1/match/sponsors", Some(sponsor)).await;
        assert_eq!(status, StatusCode::CREATED, "{added}");
        let (_, sponsors) = officer.call("GET", "/api/v1/match/sponsors", None).await;
        assert_eq!(
            sponsors,
            json!([{ "id": added["id"], "unit": unit, "name": "示例企业" }])
        );
        let (status, _) = finance.call("GET", "/api/v1/match/sponsors", None).await;
        assert_eq!(status, StatusCode::FORBIDDEN);

        let campaign = public(&*services.keys, world.campaign);
        let pool = json!({ "unit": unit, "code": "pool-a", "title": "示例配捐", "sponsor": added["id"],
            "campaign": campaign, "account": public(&*services.keys, world.bank.id), "agreement": kept["agreement"],
            "signed_on": world.today(), "locked_fen": 100_000 });
        let (status, made) = officer.call("POST", "/api/v1/match/pools", Some(pool)).await;
        assert_eq!(
            (status, made["state"].as_str()),
            (StatusCode::CREATED, Some("draft")),
            "{made}"
        );

        let anybody = Client {
            router: router.clone(),
            token: None,
        };
        let of_campaign = format!("/api/v1/match/campaigns/{campaign}/pools");
        let (status, pools) = anybody.call("GET", &of_campaign, None).await;
        assert_eq!(
            (status, pools),
            (StatusCode::OK, json!([])),
            "drafts are nobody’s business"
        );
        let nowhere = format!("/api/v1/match/campaigns/{unit}/pools");
        assert_eq!(anybody.call("GET", &nowhere, None).await.0, StatusCode::NOT_FOUND);

        let (_, listed) = finance.call("GET", LISTS[0], None).await;
        assert_eq!(
            listed["items"][0]["code"], "pool-a",
            "who opens pools sees drafts too: {listed}"
        );
        for list in LISTS {
            assert_eq!(finance.call("GET", list, None).await.0, StatusCode::OK, "{list}");
            let (status, refused) = keeper.call("GET", list, None).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{list}: {refused}");
        }
        let (status, _) = finance.call("POST", "/api/v1/match/pools", Some(json!({}))).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "to see pools is not to make them");
        world.stop();
    }
);
