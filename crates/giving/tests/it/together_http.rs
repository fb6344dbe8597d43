//! The routes of teams, boards and screening as a client meets them.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::body::Body;
use axum::http::{Request, StatusCode};
use giving::boards::Counting;
use giving::donations::Payer;
use giving::screening::Screening;
use giving::testing::world;
use giving::{boards, donations, screening, teams};
use kernel::id::public;
use platform::facts::Reactions;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use serde_json::json;
use tower::ServiceExt as _;

use crate::client::Client;

db::both!(
    a_team_gives_stands_on_a_board_and_a_held_gift_is_decided_over_http,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let routes = teams::api::routes(&services)
            .merge(boards::api::routes())
            .merge(screening::api::routes())
            .merge(donations::api::routes(&world.giving));
        let (router, openapi) = guard::finish(routes, services.clone());
        let access = guard::access_list(&openapi);
        assert!(
            access.iter().all(|line| !line.ends_with(guard::UNGUARDED)),
            "{access:?}"
        );
        let new = NewUser {
            name: "officer".into(),
            kind: ActorKind::Person,
            unit: world.city,
            roles: vec![Role::FundraisingOfficer],
            token: Some(NewToken {
                name: "test".into(),
                days: None,
            }),
            personal: Personal::default(),
        };
        let made = add_user(&services, &Actor::operator(), new).await.unwrap();
        let anyone = Client {
            router: router.clone(),
            token: None,
        };
        let officer = Client {
            router,
            token: Some(made.token.unwrap().text),
        };

        let form = json!({ "project": "aed", "title": "一中八三班", "words": "一人一份", "target_fen": 50_000, "key": "k1",
            "starter": { "name": "李示例", "phone": "13800000000" } });
        let (status, team) = anyone.call("POST", "/api/v1/teams", Some(form.clone())).await;
        assert_eq!(
            (status, team["state"].as_str()),
            (StatusCode::CREATED, Some("draft")),
            "{team}"
        );
        let id = team["team"].as_str().unwrap().to_owned();
        let mut sells = form.clone();
        sells["title"] = json!("加微信领券");
        sells["key"] = json!("k2");
        let (status, refused) = anyone.call("POST", "/api/v1/teams", Some(sells)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{refused}");
        let path = format!("/api/v1/teams/{id}");
        assert_eq!(
            anyone.call("GET", &path, None).await.0,
            StatusCode::NOT_FOUND,
            "a draft is not shown"
        );
        let (status, _) = anyone.call("POST", &format!("{path}/open"), None).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let (_, drafts) = officer.call("GET", "/api/v1/teams?state=draft", None).await;
        assert_eq!(drafts["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            officer.call("POST", &format!("{path}/open"), None).await.0,
            StatusCode::OK
        );
        let (_, starter) = officer.call("GET", &format!("{path}/starter"), None).await;
        assert_eq!(
            (&starter["name"], &starter["phone"]),
            (&json!("李**"), &json!("138****0000"))
        );
        let reveal = format!("{path}/starter/reveal");
        let why = json!({ "reason": "reach" });
        let (status, open) = officer.call("POST", &reveal, Some(why.clone())).await;
        assert_eq!((status, &open["name"]), (StatusCode::OK, &json!("李示例")));
        assert_eq!(
            anyone.call("POST", &reveal, Some(why)).await.0,
            StatusCode::UNAUTHORIZED
        );

        let wish = json!({ "project": "aed", "amount_fen": 2_000, "team": id, "from": "371323",
            "payer": { "name": "王小明", "id": "openid-of-order" } });
        let (status, order) = anyone.call("POST", "/api/v1/orders", Some(wish)).await;
        assert_eq!(status, StatusCode::CREATED, "{order}");
        let notice =
            json!({ "trade_no": order["trade_no"], "amount_fen": 2_000, "paid_at": services.now() }).to_string();
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
        let mut odd = world.incoming(&world.sub, "ODD", 900);
        odd.payer = Payer {
            name: Some("test01".into()),
            ..Payer::default()
        };
        world.submit(odd).await;
        let reactions = Reactions::new(vec![Box::new(Screening), Box::new(Counting)]);
        for _ in 0..20 {
            reactions.drain(&services).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }

        let (_, shown) = anyone.call("GET", &path, None).await;
        assert_eq!(
            (shown["gifts"].as_i64(), shown["wall"][0]["name"].as_str()),
            (Some(1), Some("王**")),
            "{shown}"
        );
        let (_, wall) = officer.call("GET", &format!("{path}/wall"), None).await;
        let gift = wall[0]["gift"].as_str().unwrap();
        let hide = json!({ "name": "hidden" });
        let (status, _) = officer.call("POST", &format!("/api/v1/walls/{gift}"), Some(hide)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (_, shown) = anyone.call("GET", &path, None).await;
        assert!(
            shown["wall"][0]["name"].is_null() && shown["wall"][0].get("gift").is_none(),
            "the public sees neither the hidden name nor an id: {shown}"
        );

        let board = format!("/api/v1/boards/{}", public(&*services.keys, world.campaign));
        let (status, closed) = anyone.call("GET", &board, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{closed}");
        let kinds = json!({ "kinds": ["county", "team"] });
        let (status, _) = officer.call("PUT", &format!("{board}/shown"), Some(kinds)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (_, counties) = anyone.call("GET", &board, None).await;
        assert_eq!(
            (counties["lines"][0]["sum_fen"].as_i64(), counties["by"].as_str()),
            (Some(2_000), Some("county"))
        );
        let (_, csv) = anyone.text("GET", &format!("{board}/csv?by=team"), None).await;
        assert!(csv.contains("1,\"一中八三班\",1,20.00"), "{csv}");
        let (status, _) = anyone.call("GET", &format!("{board}?day=2020-01-01"), None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "a day that was not frozen");

        let (_, held) = officer.call("GET", "/api/v1/screening/holds", None).await;
        assert_eq!(
            (
                held["items"][0]["signal"].as_str(),
                held["items"].as_array().unwrap().len()
            ),
            (Some("name"), 1)
        );
        assert!(
            !held.to_string().contains("test01"),
            "the evidence holds the list’s word, not the name: {held}"
        );
        let hold = format!("/api/v1/screening/holds/{}", held["items"][0]["gift"].as_str().unwrap());
        let (_, detail) = officer.call("GET", &hold, None).await;
        assert_eq!(detail["trail"].as_array().unwrap().len(), 2, "{detail}");
        let clear = json!({ "decision": "clear", "reason": "本人确认" });
        let (status, cleared) = officer.call("POST", &format!("{hold}/decision"), Some(clear)).await;
        assert_eq!((status, cleared["state"].as_str()), (StatusCode::OK, Some("cleared")));
        let keep = json!({ "decision": "keep", "reason": "再看" });
        let (status, _) = officer.call("POST", &format!("{hold}/decision"), Some(keep)).await;
        assert_eq!(status, StatusCode::CONFLICT);
        let all = json!({ "gifts": [held["items"][0]["gift"], "nobody"], "decision": "clear", "reason": "本人确认" });
        let (status, decided) = officer.call("POST", "/api/v1/screening/decisions", Some(all)).await;
        assert_eq!(
            (status, decided["decided"].as_u64(), decided["left"][0].as_str()),
            (StatusCode::OK, Some(1), Some("nobody"))
        );
        world.stop();
    }
);
