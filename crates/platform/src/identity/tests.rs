//! The rooms together, on both databases and through HTTP.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use kernel::id::{Id as _, public};
use kernel::{FixedClock, UnitId};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::actions::{NewToken, NewUser, Personal, add_user, end_role, grant_role, issue_token, revoke_token};
use super::guard::{self, UNGUARDED};
use super::queries;
use super::{Actor, ActorKind, IdentityError, Permission, Role, Scope, api};
use crate::testing::{self, NOW};
use crate::{Services, all_migrations, facts};

const CITY: u8 = 1;
const COUNTY: u8 = 2;
const OTHER: u8 = 3;
const DAY_MICROS: i64 = 86_400_000_000;

fn unit(n: u8) -> UnitId {
    UnitId::from_bytes([n; 16])
}

fn house(test: &TestDb) -> (Services, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::at(NOW));
    let services = testing::services_at(test.db.clone(), std::path::Path::new("/nowhere"), Arc::clone(&clock));
    services.tree.replace(vec![
        (unit(CITY), None),
        (unit(COUNTY), Some(unit(CITY))),
        (unit(OTHER), Some(unit(CITY))),
    ]);
    (services, clock)
}

fn new_user(name: &str, at: u8, roles: &[Role]) -> NewUser {
    NewUser {
        name: name.to_owned(),
        kind: ActorKind::Person,
        unit: unit(at),
        roles: roles.to_vec(),
        token: Some(NewToken {
            name: "laptop".into(),
            days: Some(30),
        }),
        personal: Personal {
            real_name: Some("王小明".into()),
            phone: Some("13800001111".into()),
            email: None,
        },
    }
}

async fn token_of(services: &Services, name: &str, at: u8, roles: &[Role]) -> String {
    let added = add_user(services, &Actor::operator(), new_user(name, at, roles))
        .await
        .expect("added");
    added.token.expect("a token was asked for").text
}

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
    a_token_opens_what_its_roles_allow_and_nothing_else,
    &all_migrations(),
    async |test: TestDb| {
        let (services, _) = house(&test);
        let admin = token_of(&services, "admin", CITY, &[Role::Administrator]).await;
        let officer = token_of(&services, "officer", CITY, &[Role::FundraisingOfficer]).await;
        let (app, _) = guard::finish(api::routes(), services.clone());

        let (status, me) = call(&app, "GET", "/api/v1/me", Some(&admin), None).await;
        assert_eq!((status, me["name"].as_str()), (StatusCode::OK, Some("admin")));
        assert_eq!(me["roles"][0]["unit"], public(&*services.keys, unit(CITY)));
        assert!(
            me["permissions"]
                .as_array()
                .is_some_and(|all| all.contains(&json!("user_manage"))),
            "{me}"
        );

        assert_eq!(
            call(&app, "GET", "/api/v1/users", Some(&admin), None).await.0,
            StatusCode::OK
        );
        let (status, problem) = call(&app, "GET", "/api/v1/users", Some(&officer), None).await;
        assert_eq!(
            (status, problem["type"].as_str()),
            (StatusCode::FORBIDDEN, Some("/problems/missing-permission"))
        );
        for wrong in [None, Some("qiao_aaaa"), Some("x")] {
            let (status, problem) = call(&app, "GET", "/api/v1/users", wrong, None).await;
            assert_eq!(
                (status, problem["type"].as_str()),
                (StatusCode::UNAUTHORIZED, Some("/problems/unauthenticated"))
            );
        }
    }
);

db::both!(
    a_token_ends_by_time_and_by_revocation,
    &all_migrations(),
    async |test: TestDb| {
        let (services, clock) = house(&test);
        let operator = Actor::operator();
        let added = add_user(&services, &operator, new_user("admin", CITY, &[Role::Administrator]))
            .await
            .expect("added");
        let short = added.token.expect("a token").text;
        let long = issue_token(
            &services,
            (&operator, None),
            added.id,
            NewToken {
                name: "script".into(),
                days: Some(60),
            },
        )
        .await;
        let long = long.expect("issued");
        let (app, _) = guard::finish(api::routes(), services.clone());

        clock.set(NOW.plus_micros(30 * DAY_MICROS));
        let (status, problem) = call(&app, "GET", "/api/v1/me", Some(&short), None).await;
        assert_eq!(
            (status, problem["type"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("/problems/token-ended"))
        );
        assert_eq!(
            call(&app, "GET", "/api/v1/me", Some(&long.text), None).await.0,
            StatusCode::OK
        );

        let path = format!("/api/v1/users/{}/tokens", public(&*services.keys, added.id));
        let (_, list) = call(&app, "GET", &path, Some(&long.text), None).await;
        assert_eq!(list["items"].as_array().map(Vec::len), Some(2));
        assert!(!list.to_string().contains(&long.text[5..]), "a token is shown once");
        assert!(list["items"][0]["last_used_at"].is_string(), "{list}");

        revoke_token(&services, &operator, long.id).await.expect("revoked");
        revoke_token(&services, &operator, long.id)
            .await
            .expect("twice is as good as once");
        assert_eq!(
            call(&app, "GET", "/api/v1/me", Some(&long.text), None).await.0,
            StatusCode::UNAUTHORIZED
        );
    }
);

db::both!(
    who_manages_a_county_hands_out_nothing_of_the_city,
    &all_migrations(),
    async |test: TestDb| {
        let (services, _) = house(&test);
        let operator = Actor::operator();
        let county_admin = testing::actor(&services, &[(Role::Administrator, unit(COUNTY))]);
        let city_person = add_user(&services, &operator, new_user("city", CITY, &[Role::Leader]))
            .await
            .expect("added")
            .id;
        let below = add_user(&services, &county_admin, new_user("below", COUNTY, &[]))
            .await
            .expect("own county")
            .id;

        let refused = add_user(&services, &county_admin, new_user("x", OTHER, &[])).await;
        assert!(matches!(refused, Err(IdentityError::Forbidden(f)) if f.permission == Permission::UserManage));
        let refused = grant_role(&services, &county_admin, below, Role::Administrator, unit(CITY)).await;
        assert!(matches!(refused, Err(IdentityError::Forbidden(_))));
        let token = NewToken {
            name: "stolen".into(),
            days: None,
        };
        let refused = issue_token(&services, (&county_admin, None), city_person, token.clone()).await;
        assert!(
            matches!(refused, Err(IdentityError::NoUser)),
            "the city's users do not exist for the county"
        );

        // Whoever gets a role outside the county is out of the county's hands.
        issue_token(&services, (&county_admin, None), below, token.clone())
            .await
            .expect("still hers");
        grant_role(&services, &operator, below, Role::Leader, unit(CITY))
            .await
            .expect("granted");
        assert!(matches!(
            issue_token(&services, (&county_admin, None), below, token).await,
            Err(IdentityError::NoUser)
        ));

        let mut at = services.db.snapshot().await.expect("snapshot");
        let scope = county_admin.scope_for(Permission::UserManage);
        let seen = queries::users(&mut at, &scope, &services.tree, None, 10)
            .await
            .expect("a list");
        assert_eq!(seen.iter().map(|u| u.row.name.as_str()).collect::<Vec<_>>(), ["below"]);
    }
);

db::both!(
    roles_are_ended_and_every_change_leaves_one_fact,
    &all_migrations(),
    async |test: TestDb| {
        let (services, _) = house(&test);
        let operator = Actor::operator();
        let added = add_user(&services, &operator, new_user("a", CITY, &[Role::Auditor]))
            .await
            .expect("added");
        let (id, county) = (added.id, unit(COUNTY));
        grant_role(&services, &operator, id, Role::Leader, county)
            .await
            .expect("granted");
        let twice = grant_role(&services, &operator, id, Role::Leader, county).await;
        assert!(matches!(twice, Err(IdentityError::RoleHeld)));
        end_role(&services, &operator, id, Role::Leader, county)
            .await
            .expect("ended");
        let twice = end_role(&services, &operator, id, Role::Leader, county).await;
        assert!(matches!(twice, Err(IdentityError::NoRole)));
        let same_name = add_user(&services, &operator, new_user("a", CITY, &[])).await;
        assert!(matches!(same_name, Err(IdentityError::NameTaken)));
        let no_unit = add_user(&services, &operator, new_user("b", 9, &[])).await;
        assert!(matches!(no_unit, Err(IdentityError::NoUnit)));

        let mut at = services.db.snapshot().await.expect("snapshot");
        while facts::unplaced(&mut at).await.expect("counted") > 0 {
            // A transaction of another test on the same server may hold the sequencer's mark back for a while.
            facts::sequencer::round(&services.db).await.expect("placed");
            at = services.db.snapshot().await.expect("snapshot");
        }
        let trail = facts::by_subject(&mut at, id.bytes(), 10).await.expect("a trail");
        let kinds: Vec<&str> = trail.iter().map(|f| f.kind.as_str()).collect();
        assert_eq!(kinds, ["user.added", "role.granted", "role.ended"]);
        assert!(
            !trail
                .iter()
                .any(|f| f.body.contains("王") || f.body.contains("1380000")),
            "no personal data in facts"
        );
    }
);

db::both!(
    a_user_is_added_over_http_and_works_at_once,
    &all_migrations(),
    async |test: TestDb| {
        let (services, _) = house(&test);
        let admin = token_of(&services, "admin", CITY, &[Role::Administrator]).await;
        let (app, _) = guard::finish(api::routes(), services.clone());
        let county = public(&*services.keys, unit(COUNTY));
        let body = json!({ "name": "小李", "unit": county, "roles": ["finance_officer"], "token": { "name": "api" } });
        let (status, added) = call(&app, "POST", "/api/v1/users", Some(&admin), Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{added}");
        let token = added["token"]["token"].as_str().expect("shown once").to_owned();
        let (_, me) = call(&app, "GET", "/api/v1/me", Some(&token), None).await;
        assert_eq!(me["roles"], json!([{ "role": "finance_officer", "unit": county }]));

        let body = json!({ "name": "x", "unit": county, "rolls": [] });
        let (status, problem) = call(&app, "POST", "/api/v1/users", Some(&admin), Some(body)).await;
        assert_eq!(
            (status, problem["field"].as_str()),
            (StatusCode::BAD_REQUEST, Some("rolls"))
        );
    }
);

db::both!(
    a_colleagues_name_is_told_to_who_works_with_him_and_nobody_else,
    &all_migrations(),
    async |test: TestDb| {
        let (services, _) = house(&test);
        let make = async |name: &str, at: u8, roles: &[Role]| {
            let added = add_user(&services, &Actor::operator(), new_user(name, at, roles))
                .await
                .expect("added");
            let token = added.token.expect("a token").text;
            (public(&*services.keys, added.id), token)
        };
        let (city, city_token) = make("city", CITY, &[Role::FinanceOfficer]).await;
        let (county, county_token) = make("county", COUNTY, &[Role::FundraisingOfficer]).await;
        let (other, other_token) = make("other", OTHER, &[Role::GoodsVolunteer]).await;
        let (_, no_token) = make("nobody", OTHER, &[]).await;
        let (app, _) = guard::finish(api::routes(), services.clone());
        let path = format!("/api/v1/colleagues?ids={city},{county},{other},nonsense");
        let names = async |token: &str| {
            let (status, answer) = call(&app, "GET", &path, Some(token), None).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            let found = answer.as_array().expect("a list").iter();
            let mut names: Vec<String> = found
                .map(|one| {
                    assert_eq!(one.as_object().expect("an object").len(), 2, "a name and nothing else");
                    one["name"].as_str().expect("a name").to_owned()
                })
                .collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(&city_token).await, ["city", "county", "other"]);
        assert_eq!(
            names(&county_token).await,
            ["city", "county"],
            "who is above is a colleague"
        );
        assert_eq!(names(&other_token).await, ["city", "other"]);
        assert!(names(&no_token).await.is_empty());
        let (status, _) = call(&app, "GET", &path, None, None).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let many = vec![city.as_str(); 51].join(",");
        let many = format!("/api/v1/colleagues?ids={many}");
        let (status, problem) = call(&app, "GET", &many, Some(&city_token), None).await;
        assert_eq!((status.as_u16() / 100, problem["field"].as_str()), (4, Some("ids")));
    }
);

#[utoipa::path(get, path = "/forgotten")]
async fn forgotten() {}

#[tokio::test]
async fn a_route_without_a_permission_shows_in_the_list_and_a_guard_without_a_door_lets_nobody_in() {
    let test = TestDb::sqlite(&all_migrations()).await;
    let (services, _) = house(&test);
    let token = token_of(&services, "admin", CITY, &[Role::Administrator]).await;
    let unfinished = api::routes().split_for_parts().0.with_state(services.clone());
    assert_eq!(
        call(&unfinished, "GET", "/api/v1/me", Some(&token), None).await.0,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert_eq!(
        call(&unfinished, "GET", "/api/v1/me", None, None).await.0,
        StatusCode::UNAUTHORIZED
    );

    let routes: OpenApiRouter<Services> = api::routes().routes(routes!(forgotten));
    let (_, openapi) = guard::finish(routes, services);
    let list = guard::access_list(&openapi);
    assert!(list.contains(&format!("GET /forgotten {UNGUARDED}")));
    assert!(list.contains(&"POST /api/v1/users user_manage".to_owned()));
    assert!(list.contains(&"GET /api/v1/users user_manage".to_owned()));
    assert_eq!(
        list.iter().filter(|line| line.ends_with(UNGUARDED)).count(),
        1,
        "{list:#?}"
    );
}

#[test]
fn a_scope_is_its_subtrees_and_the_operators_is_everything() {
    let tree = Arc::new(crate::UnitTree::new());
    tree.replace(vec![(unit(CITY), None), (unit(COUNTY), Some(unit(CITY)))]);
    let id = kernel::ActorId::from_bytes([7; 16]);
    let actor = Actor::with_roles(id, "x", ActorKind::Person, &[(Role::Auditor, unit(COUNTY))], &tree);
    assert!(actor.require(Permission::BooksRead, unit(COUNTY)).is_ok());
    assert!(actor.require(Permission::BooksRead, unit(CITY)).is_err());
    assert!(actor.require_everywhere(Permission::BooksRead).is_err());
    assert!(actor.scope_for(Permission::BooksPost).is_nothing());
    assert!(Actor::operator().require(Permission::BooksPost, unit(99)).is_ok());
    assert!(Actor::operator().require_everywhere(Permission::SystemOperate).is_ok());

    let mut values = db::params![1i64];
    let scope = actor.scope_for(Permission::BooksRead);
    assert_eq!(scope.condition("g.unit_id", &tree, &mut values), "g.unit_id IN (?2)");
    assert_eq!(values.len(), 2);
    assert_eq!(Scope::Everything.condition("u", &tree, &mut values), "1 = 1");
    assert_eq!(Scope::Below(vec![]).condition("u", &tree, &mut values), "1 = 0");
}
