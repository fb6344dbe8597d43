//! Who comes later, what is looked for, and what was in force before: through HTTP.

use axum::http::StatusCode;
use db::testing::TestDb;
use kernel::id::public;
use platform::identity::Role;
use platform::identity::guard;
use serde_json::{Value, json};

use super::house::World;
use super::http::{call, kind_of};
use crate::all_migrations;
use crate::approvals::{Subjects, actions, api};

/// Anyone of another unit.
fn peers(title: &str) -> Value {
    json!({"title": title, "stages": [{"key": "cross", "title": "交叉互查", "title_en": "Cross-check",
        "who": {"kind": "role", "role": "fundraising_officer", "at": "peers"}, "how": {"kind": "any"}}]})
}

db::both!(
    who_came_later_to_a_seat_of_peers_finds_opens_and_decides_the_case,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let (county, other) = (world.county, world.other);
        let (asker, token) = world.somebody("asker", county, &[Role::FundraisingOfficer]).await;
        world.person("early", other, &[Role::FundraisingOfficer]).await;
        let (app, _) = guard::finish(api::routes(&Subjects::default()), world.services.clone());
        let policy = serde_json::from_value(peers("互查")).expect("a policy");
        let by = platform::identity::Actor::operator();
        actions::publish(&world.services, &by, world.city, "cross", policy)
            .await
            .expect("published");
        let new = world.about(county, "cross");
        let subject = public(&*world.services.keys, new.subject);
        let id = actions::submit(&world.services, &asker, new).await.expect("submitted");
        actions::submit(&world.services, &asker, world.about(county, "cross"))
            .await
            .expect("another thing");
        let path = format!("/api/v1/approvals/{}", public(&*world.services.keys, id));

        let (_, late) = world.somebody("late", other, &[Role::FundraisingOfficer]).await;
        let (_, stranger) = world.somebody("stranger", other, &[Role::FinanceOfficer]).await;
        let (_, own) = world.somebody("own", county, &[Role::FundraisingOfficer]).await;
        let (_, waiting) = call(&app, "GET", "/api/v1/approvals/waiting", &late, None).await;
        let first = &waiting["items"][0];
        assert_eq!(
            (&first["stage"], &first["stage_title"], &first["stage_title_en"]),
            (&json!("cross"), &json!("交叉互查"), &json!("Cross-check"))
        );
        for nobody in [&stranger, &own] {
            let (_, waiting) = call(&app, "GET", "/api/v1/approvals/waiting", nobody, None).await;
            assert_eq!(waiting["items"], json!([]));
        }
        let (status, _) = call(&app, "GET", &path, &stranger, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (_, seen) = call(&app, "GET", &path, &own, None).await;
        assert_eq!(seen["stages"][0]["mine"], false, "of the case’s own unit");
        let (status, seen) = call(&app, "GET", &path, &late, None).await;
        assert_eq!((status, &seen["stages"][0]["mine"]), (StatusCode::OK, &json!(true)));
        let (_, list) = call(
            &app,
            "GET",
            &format!("/api/v1/approvals?subject={subject}"),
            &token,
            None,
        )
        .await;
        let found = list["items"].as_array().expect("items");
        assert_eq!((found.len(), &found[0]["subject"]), (1, &json!(subject)));
        let approve = json!({"stage": "cross", "verdict": "approve"});
        let (status, done) = call(&app, "POST", &format!("{path}/act"), &late, Some(approve)).await;
        assert_eq!((status, &done["state"]), (StatusCode::OK, &json!("approved")));
    }
);

db::both!(
    each_version_of_a_policy_stays_and_is_read_by_those_for_whom_it_holds,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let (_, below) = world.somebody("below", world.county, &[Role::FundraisingOfficer]).await;
        let (app, _) = guard::finish(api::routes(&Subjects::default()), world.services.clone());
        let by = platform::identity::Actor::operator();
        for title in ["初版", "二版"] {
            let policy = serde_json::from_value(peers(title)).expect("a policy");
            actions::publish(&world.services, &by, world.city, "refund", policy)
                .await
                .expect("published");
        }
        let unit = public(&*world.services.keys, world.city);
        let list = "/api/v1/approvals/policies/refund/versions";
        let (_, versions) = call(&app, "GET", &format!("{list}?unit={unit}"), &below, None).await;
        let titles: Vec<&Value> = versions["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|one| &one["title"])
            .collect();
        assert_eq!(titles, ["二版", "初版"], "a county reads what holds for it");
        let (_, page) = call(&app, "GET", &format!("{list}?unit={unit}&limit=1"), &below, None).await;
        let next = page["next"].as_str().expect("there is more");
        let (_, rest) = call(
            &app,
            "GET",
            &format!("{list}?unit={unit}&limit=1&cursor={next}"),
            &below,
            None,
        )
        .await;
        assert_eq!((&rest["items"][0]["version"], &rest["next"]), (&json!(1), &Value::Null));
        let (status, first) = call(&app, "GET", &format!("{list}/1?unit={unit}"), &below, None).await;
        assert_eq!(
            (status, &first["policy"]["title"], &first["unit"]),
            (StatusCode::OK, &json!("初版"), &json!(unit))
        );
        let (_, ships) = call(&app, "GET", &format!("{list}/1"), &below, None).await;
        assert_eq!(
            (&ships["unit"], &ships["policy"]["title"]),
            (&Value::Null, &json!("退款"))
        );
        let (status, answer) = call(&app, "GET", &format!("{list}/9?unit={unit}"), &below, None).await;
        assert_eq!((status, kind_of(&answer)), (StatusCode::NOT_FOUND, "not-found"));
        let aside = public(&*world.services.keys, world.other);
        let (status, _) = call(&app, "GET", &format!("{list}?unit={aside}"), &below, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
);
