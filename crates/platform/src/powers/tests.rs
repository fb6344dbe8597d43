//! Holders, powers and lent roles, on both databases and through HTTP.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use kernel::id::{Id as _, public};
use kernel::{ActorId, BusinessDay, FixedClock, UnitId};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::actions::{lend, take_back};
use super::{NewDelegation, PowersError, api, queries};
use crate::identity::actions::{NewToken, NewUser, Personal, add_user, end_role, grant_post, grant_role};
use crate::identity::{Actor, ActorKind, IdentityError, LeaveReason, Permission, Post, Role, Scope, guard, store};
use crate::testing::{self, NOW};
use crate::{Services, all_migrations};

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

async fn user(services: &Services, name: &str, at: u8, roles: &[Role]) -> (ActorId, String) {
    let new = NewUser {
        name: name.into(),
        kind: ActorKind::Person,
        unit: unit(at),
        roles: roles.to_vec(),
        token: Some(NewToken {
            name: "t".into(),
            days: Some(90),
        }),
        personal: Personal::default(),
    };
    let added = add_user(services, &Actor::operator(), new).await.expect("added");
    (added.id, added.token.expect("asked for").text)
}

async fn acting(services: &Services, id: ActorId) -> Actor {
    let mut at = services.db.snapshot().await.expect("a snapshot");
    let found = store::actor(&mut at, id, &services.tree, services.now().business_day()).await;
    found.expect("read").expect("there")
}

fn leave(to: ActorId, role: Role, at: u8, days: (i64, i64)) -> NewDelegation {
    let today: BusinessDay = NOW.business_day();
    NewDelegation {
        to,
        role,
        unit: unit(at),
        from_day: today.plus_days(days.0),
        to_day: today.plus_days(days.1),
        reason: LeaveReason::Sick,
    }
}

async fn get(app: &axum::Router, path: &str, token: &str) -> (StatusCode, String) {
    let request = Request::get(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT_LANGUAGE, "en");
    let response = app
        .clone()
        .oneshot(request.body(Body::empty()).expect("a request"))
        .await
        .expect("an answer");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, String::from_utf8(bytes.to_vec()).expect("text"))
}

fn names(body: &str) -> Vec<String> {
    let body: Value = serde_json::from_str(body).expect("JSON");
    let items = body["items"].as_array().cloned().unwrap_or_default();
    let names = items.iter().filter_map(|item| item["name"].as_str().map(str::to_owned));
    // The databases sort texts differently.
    names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

db::both!(
    who_can_approve_is_answered_for_a_unit_with_those_above_it_and_only_to_who_may_know,
    &all_migrations(),
    async |test: TestDb| {
        let (services, _) = house(&test);
        user(&services, "city leader", CITY, &[Role::Leader]).await;
        user(&services, "=county leader", COUNTY, &[Role::Leader]).await;
        let (other, other_token) = user(&services, "other leader", OTHER, &[Role::Leader]).await;
        let (_, security) = user(&services, "security", CITY, &[Role::SecurityAdministrator]).await;
        let (_, audit) = user(&services, "audit", COUNTY, &[Role::AuditAdministrator]).await;
        let (_, desk) = user(&services, "desk", CITY, &[Role::DonationDesk]).await;
        let (app, _) = guard::finish(api::routes(), services.clone());
        let county = public(&*services.keys, unit(COUNTY));
        let path = "/api/v1/permissions/refund_approve/holders";

        let (status, body) = get(&app, &format!("{path}?unit={county}"), &security).await;
        assert_eq!(
            (status, names(&body)),
            (StatusCode::OK, vec!["=county leader".into(), "city leader".into()])
        );
        let (_, body) = get(&app, path, &security).await;
        assert_eq!(names(&body).len(), 3);
        let (_, body) = get(&app, path, &audit).await;
        assert_eq!(
            names(&body),
            ["=county leader"],
            "the audit administrator of the county sees the county"
        );
        let city = public(&*services.keys, unit(CITY));
        assert_eq!(
            get(&app, &format!("{path}?unit={city}"), &audit).await.0,
            StatusCode::NOT_FOUND
        );
        assert_eq!(get(&app, path, &desk).await.0, StatusCode::FORBIDDEN);
        assert_eq!(
            get(&app, "/api/v1/permissions/nonsense/holders", &security).await.0,
            StatusCode::NOT_FOUND
        );

        let (_, csv) = get(&app, &format!("{path}?unit={county}&as=csv"), &security).await;
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(
            lines[0],
            "\"Permission\",\"User id\",\"User\",\"Kind\",\"Role\",\"Unit id\",\"Lent by\",\"Until\""
        );
        assert!(
            lines[1..]
                .iter()
                .any(|line| line.contains("\"'=county leader\",\"person\",\"leader\"")),
            "{csv}"
        );

        let (status, roles) = get(&app, "/api/v1/roles", &desk).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            roles.contains("{\"role\":\"audit_administrator\",\"permissions\":[\"audit_read\"]}"),
            "{roles}"
        );

        let powers = |id| format!("/api/v1/users/{}/powers", public(&*services.keys, id));
        let (status, body) = get(&app, &powers(other), &other_token).await;
        assert_eq!(status, StatusCode::OK, "one’s own powers are always shown");
        assert!(body.contains("\"permission\":\"payout_approve\""), "{body}");
        assert_eq!(get(&app, &powers(other), &desk).await.0, StatusCode::FORBIDDEN);
        assert_eq!(
            get(&app, &powers(other), &audit).await.0,
            StatusCode::NOT_FOUND,
            "another unit’s user"
        );
        assert_eq!(get(&app, &powers(other), &security).await.0, StatusCode::OK);
    }
);

db::both!(
    a_lent_role_holds_on_its_days_while_its_lender_holds_it_and_can_be_taken_back,
    &all_migrations(),
    async |test: TestDb| {
        let (services, clock) = house(&test);
        let operator = Actor::operator();
        let (leader, _) = user(&services, "leader", COUNTY, &[Role::Leader]).await;
        let (deputy, _) = user(&services, "deputy", COUNTY, &[Role::FundraisingOfficer]).await;
        let may = async || {
            let actor = acting(&services, deputy).await;
            actor.require(Permission::RefundApprove, unit(COUNTY)).is_ok()
        };
        let lender = acting(&services, leader).await;
        let id = lend(&services, &lender, leave(deputy, Role::Leader, COUNTY, (1, 3)))
            .await
            .expect("lent");
        assert!(!may().await, "not before its first day");
        clock.set(NOW.plus_micros(DAY_MICROS));
        assert!(may().await);
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let grants = queries::grants_of(&mut at, deputy, services.now().business_day())
            .await
            .expect("read");
        let lent: Vec<_> = grants.iter().filter_map(|grant| grant.lent.as_ref()).collect();
        assert_eq!((lent.len(), lent[0].by.as_str()), (1, "leader"));
        drop(at);

        let borrower = acting(&services, deputy).await;
        let (third, _) = user(&services, "third", COUNTY, &[]).await;
        let on = lend(&services, &borrower, leave(third, Role::Leader, COUNTY, (1, 2))).await;
        assert!(matches!(on, Err(PowersError::NotHeld)), "what was lent is not lent on");

        end_role(&services, &operator, leader, Role::Leader, unit(COUNTY))
            .await
            .expect("ended");
        assert!(!may().await, "it falls with the lender’s own role");
        grant_role(&services, &operator, leader, Role::Leader, unit(COUNTY))
            .await
            .expect("granted");
        assert!(may().await);
        clock.set(NOW.plus_micros(4 * DAY_MICROS));
        assert!(!may().await, "not after its last day");
        clock.set(NOW.plus_micros(2 * DAY_MICROS));
        let stranger = testing::actor(&services, &[(Role::FinanceOfficer, unit(COUNTY))]);
        assert!(matches!(
            take_back(&services, &stranger, id).await,
            Err(PowersError::NoDelegation)
        ));
        take_back(&services, &lender, id).await.expect("taken back");
        take_back(&services, &lender, id)
            .await
            .expect("twice is as good as once");
        assert!(!may().await);
    }
);

db::both!(
    what_may_not_stand_together_is_neither_granted_nor_lent,
    &all_migrations(),
    async |test: TestDb| {
        let (services, _) = house(&test);
        let operator = Actor::operator();
        let (system, _) = user(&services, "system", CITY, &[Role::SystemAdministrator]).await;
        for role in [
            Role::SecurityAdministrator,
            Role::AuditAdministrator,
            Role::Administrator,
            Role::FinanceOfficer,
        ] {
            let refused = grant_role(&services, &operator, system, role, unit(COUNTY)).await;
            assert!(
                matches!(
                    refused,
                    Err(IdentityError::Excluded {
                        held: Role::SystemAdministrator,
                        ..
                    })
                ),
                "{role}"
            );
        }
        grant_role(&services, &operator, system, Role::SystemAdministrator, unit(COUNTY))
            .await
            .expect("the same elsewhere");
        let both = NewUser {
            name: "both".into(),
            kind: ActorKind::Person,
            unit: unit(CITY),
            roles: vec![Role::SecurityAdministrator, Role::AuditAdministrator],
            token: None,
            personal: Personal::default(),
        };
        assert!(matches!(
            add_user(&services, &operator, both).await,
            Err(IdentityError::Excluded { .. })
        ));

        let (leader, token) = user(&services, "leader", CITY, &[Role::Leader]).await;
        let lender = acting(&services, leader).await;
        let refused = lend(&services, &lender, leave(system, Role::Leader, CITY, (0, 1))).await;
        assert!(matches!(
            refused,
            Err(PowersError::Identity(IdentityError::Excluded { .. }))
        ));
        let (plain, _) = user(&services, "plain", CITY, &[]).await;
        lend(&services, &lender, leave(plain, Role::Leader, CITY, (5, 6)))
            .await
            .expect("lent");
        let refused = grant_role(&services, &operator, plain, Role::AuditAdministrator, unit(CITY)).await;
        assert!(
            matches!(refused, Err(IdentityError::Excluded { .. })),
            "what will be lent counts too"
        );

        let (app, _) = guard::finish(api::routes(), services.clone());
        let (_, own) = get(&app, "/api/v1/delegations", &token).await;
        let own: Value = serde_json::from_str(&own).expect("JSON");
        let one = &own["items"][0];
        let seen = ["way", "with", "reason", "state"].map(|name| one[name].as_str().unwrap_or_default());
        assert_eq!(seen, ["given", "plain", "sick", "coming"]);
        let (_, people) = get(&app, "/api/v1/delegations/people", &token).await;
        assert!(people.contains("plain") && !people.contains("\"leader\""), "{people}");
        let body = json!({
            "to": public(&*services.keys, system), "role": "leader", "unit": public(&*services.keys, unit(CITY)),
            "from_day": "2026-05-08", "to_day": "2026-05-09",
        });
        let request = Request::post("/api/v1/delegations")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        let response = app
            .oneshot(request.body(Body::from(body.to_string())).expect("a request"))
            .await
            .expect("an answer");
        assert_eq!(response.status(), StatusCode::CONFLICT);
        let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        assert!(
            text.contains("roles-exclude-each-other") && text.contains("三员"),
            "{text}"
        );
    }
);

db::both!(
    a_post_gives_its_powers_from_its_first_day_to_its_last_and_may_then_be_granted_anew,
    &all_migrations(),
    async |test: TestDb| {
        let (services, clock) = house(&test);
        let operator = Actor::operator();
        let (id, _) = user(&services, "council", CITY, &[]).await;
        let today = NOW.business_day();
        let term = |from: i64, until: i64| Post {
            title: Some("财务主管".into()),
            from_day: Some(today.plus_days(from)),
            until_day: Some(today.plus_days(until)),
            ..Post::lasting(Role::Leader, unit(CITY))
        };
        for bad in [term(0, -1), term(3, 2)] {
            let refused = grant_post(&services, &operator, id, bad).await;
            assert!(matches!(refused, Err(IdentityError::Field { .. })));
        }
        grant_post(&services, &operator, id, term(1, 2)).await.expect("granted");
        let may = async || {
            acting(&services, id)
                .await
                .require(Permission::RefundApprove, unit(COUNTY))
        };
        let holds = async || {
            let mut at = services.db.snapshot().await.expect("a snapshot");
            let today = services.now().business_day();
            let found = queries::holders(&mut at, Permission::RefundApprove, None, today).await;
            found.expect("read").len()
        };
        assert!(may().await.is_err(), "not yet");
        let audit = grant_role(&services, &operator, id, Role::AuditAdministrator, unit(CITY)).await;
        assert!(
            matches!(audit, Err(IdentityError::Excluded { .. })),
            "what is to come excludes too"
        );
        clock.set(NOW.plus_micros(DAY_MICROS));
        assert!(may().await.is_ok());
        assert_eq!(holds().await, 1);
        let again = grant_post(&services, &operator, id, term(1, 5)).await;
        assert!(matches!(again, Err(IdentityError::RoleHeld)));
        clock.set(NOW.plus_micros(3 * DAY_MICROS));
        assert!(may().await.is_err(), "it ended by itself");
        assert_eq!(holds().await, 0);
        grant_post(&services, &operator, id, term(3, 9))
            .await
            .expect("a new term");
        assert!(may().await.is_ok());
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let soon = crate::identity::queries::ending_posts(
            &mut at,
            (&Scope::Everything, &services.tree),
            (today, today.plus_days(9)),
        );
        let soon = soon.await.expect("read");
        assert_eq!(soon.len(), 1, "the term that is over was ended");
        assert_eq!(soon[0].post.title.as_deref(), Some("财务主管"));
    }
);
