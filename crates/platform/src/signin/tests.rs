//! Signing in through HTTP, on both databases.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use db::Reads as _;
use db::testing::TestDb;
use kernel::id::{Id as _, public};
use kernel::{ActorId, FixedClock, UnitId};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::cookies::SESSION_COOKIE;
use super::{actions, rules};
use crate::identity::actions::{NewToken, NewUser, Personal, add_user};
use crate::identity::{Actor, ActorKind, Role, guard};
use crate::testing::{self, NOW};
use crate::{Services, all_migrations, facts};

mod break_glass;
mod device;
mod passkeys;
mod second_factor;
mod sso;

const CITY: u8 = 1;
const COUNTY: u8 = 2;
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;
const PASSWORD: &str = "Bridge-over-2026";

struct House {
    services: Services,
    clock: Arc<FixedClock>,
    app: Router,
}

/// What a browser keeps.
#[derive(Clone, Default)]
struct Browser {
    cookie: String,
    csrf: String,
    address: u8,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn is(&self, status: u16, slug: &str) {
        let expected = (status, format!("/problems/{slug}"));
        let found = (
            self.status.as_u16(),
            self.body["type"].as_str().unwrap_or("").to_owned(),
        );
        assert_eq!(found, expected, "{}", self.body);
    }
    fn ok(&self) -> &Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.body);
        &self.body
    }
    /// The browser after this answer.
    fn browser(&self) -> Browser {
        let cookie = self.headers[header::SET_COOKIE].to_str().expect("a text");
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        let csrf = self.ok()["csrf"].as_str().expect("a token").to_owned();
        Browser {
            cookie,
            csrf,
            address: 1,
        }
    }
}

impl House {
    fn new(test: &TestDb) -> Self {
        let clock = Arc::new(FixedClock::at(NOW));
        let services = testing::services_at(test.db.clone(), std::path::Path::new("/nowhere"), Arc::clone(&clock));
        services
            .tree
            .replace(vec![(unit(CITY), None), (unit(COUNTY), Some(unit(CITY)))]);
        let (app, _) = guard::finish(crate::routes(), services.clone());
        Self { services, clock, app }
    }
    fn later(&self, micros: i64) {
        self.clock.set(self.services.now().plus_micros(micros));
    }
    async fn user(&self, name: &str, kind: ActorKind, role: Role) -> (ActorId, String) {
        let new = NewUser {
            name: name.into(),
            kind,
            unit: unit(COUNTY),
            roles: vec![role],
            token: Some(NewToken {
                name: "t".into(),
                days: None,
            }),
            personal: Personal::default(),
        };
        let added = add_user(&self.services, &Actor::operator(), new).await.expect("added");
        (added.id, added.token.expect("asked for").text)
    }
    /// A user with a password, signed in.
    async fn member(&self, name: &str, role: Role) -> (ActorId, Browser) {
        let (id, _) = self.user(name, ActorKind::Person, role).await;
        let accepted = self.accept(&self.invited(id).await, PASSWORD).await;
        (id, accepted.browser())
    }
    async fn invited(&self, id: ActorId) -> String {
        actions::invite(&self.services, (&Actor::operator(), None), id)
            .await
            .expect("invited")
            .secret
    }
    async fn accept(&self, secret: &str, password: &str) -> Answer {
        let body = json!({ "secret": secret, "password": password });
        self.post("/api/v1/invitations/accept", &Browser::default(), body).await
    }
    async fn send(&self, method: &str, path: &str, browser: &Browser, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !browser.cookie.is_empty() {
            request = request.header(header::COOKIE, &browser.cookie);
        }
        if !browser.csrf.is_empty() {
            request = request.header("x-csrf-token", &browser.csrf);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let text = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = request.body(text).expect("a request");
        let address = std::net::IpAddr::from([203, 0, 113, browser.address]);
        request.extensions_mut().insert(web::extract::ClientIp(address));
        let response = self.app.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, headers, body }
    }
    async fn get(&self, path: &str, browser: &Browser) -> Answer {
        self.send("GET", path, browser, None).await
    }
    async fn post(&self, path: &str, browser: &Browser, body: Value) -> Answer {
        self.send("POST", path, browser, Some(body)).await
    }
    async fn sign_in(&self, name: &str, password: &str, code: Option<&str>) -> Answer {
        self.sign_in_from(1, name, password, code).await
    }
    async fn sign_in_from(&self, address: u8, name: &str, password: &str, code: Option<&str>) -> Answer {
        let browser = Browser {
            address,
            ..Browser::default()
        };
        let body = json!({ "name": name, "password": password, "code": code });
        self.post("/api/v1/session", &browser, body).await
    }
    /// Enrols a second factor; returns its secret and the recovery codes.
    async fn enrol(&self, browser: &Browser) -> (Vec<u8>, Vec<String>) {
        let offer = self.post("/api/v1/account/second-factor", browser, json!({})).await;
        let text = offer.ok()["secret_base32"].as_str().expect("shown").to_owned();
        let secret = data_encoding::BASE32_NOPAD.decode(text.as_bytes()).expect("base32");
        assert!(
            offer.body["otpauth_uri"]
                .as_str()
                .is_some_and(|uri| uri.contains(&text))
        );
        let body = json!({ "code": self.code(&secret) });
        let confirmed = self.post("/api/v1/account/second-factor/confirm", browser, body).await;
        let codes = confirmed.ok()["recovery_codes"].as_array().expect("a list").clone();
        let codes = codes
            .iter()
            .map(|code| code.as_str().expect("a text").to_owned())
            .collect();
        (secret, codes)
    }
    /// What the authenticator shows now.
    fn code(&self, secret: &[u8]) -> String {
        rules::shown_code(secret, self.services.now())
    }
    async fn trail(&self, of: ActorId) -> Vec<(String, String)> {
        let mut at = self.services.db.snapshot().await.expect("a snapshot");
        while facts::unplaced(&mut at).await.expect("counted") > 0 {
            facts::sequencer::round(&self.services.db).await.expect("placed");
            at = self.services.db.snapshot().await.expect("a snapshot");
        }
        let trail = facts::by_subject(&mut at, of.bytes(), 50).await.expect("a trail");
        trail.into_iter().map(|fact| (fact.kind, fact.body)).collect()
    }
}

fn unit(n: u8) -> UnitId {
    UnitId::from_bytes([n; 16])
}

db::both!(
    an_invited_person_chooses_a_password_and_works_with_the_cookie_that_no_script_can_read,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, _) = house.user("li", ActorKind::Person, Role::FundraisingOfficer).await;
        let secret = house.invited(id).await;
        house.accept(&secret, "short").await.is(400, "password-rules");
        let accepted = house.accept(&secret, PASSWORD).await;
        assert_eq!(accepted.ok()["must"], Value::Null);
        assert_eq!(accepted.body["user"]["name"], "li");
        let cookie = accepted.headers[header::SET_COOKIE].to_str().expect("a text");
        assert!(cookie.contains("HttpOnly; SameSite=Strict; Path=/"), "{cookie}");
        assert_eq!(accepted.headers[header::CACHE_CONTROL], "no-store");
        let browser = accepted.browser();
        house.accept(&secret, PASSWORD).await.is(410, "invitation-ended");
        house.accept("nonsense", PASSWORD).await.is(410, "invitation-ended");

        let me = house.get("/api/v1/me", &browser).await;
        assert_eq!(me.ok()["name"], "li");
        let session = house.get("/api/v1/session", &browser).await;
        assert_eq!(session.ok()["csrf"], browser.csrf.as_str());
        assert_eq!(
            session.body["idle_until"],
            NOW.plus_micros(30 * MINUTE).to_rfc3339().as_str()
        );
        assert_eq!(
            session.body["ends_at"],
            NOW.plus_micros(12 * 60 * MINUTE).to_rfc3339().as_str()
        );
        house
            .get("/api/v1/session", &Browser::default())
            .await
            .is(401, "unauthenticated");

        house.later(SECOND);
        let again = house.sign_in("li", PASSWORD, None).await;
        let list = house.get("/api/v1/sessions", &again.browser()).await;
        let items = list.ok()["items"].as_array().expect("a list").clone();
        assert_eq!(items.len(), 2);
        assert_eq!(
            (items[0]["current"].clone(), items[0]["from"].clone()),
            (json!(true), json!("203.0.113.*"))
        );
        let trail = house.trail(id).await;
        let kinds: Vec<&str> = trail.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(
            kinds,
            [
                "user.added",
                "invitation.given",
                "invitation.accepted",
                "session.started"
            ]
        );
        assert!(
            trail
                .iter()
                .all(|(_, body)| !body.contains("203.0") && !body.contains("li\"")),
            "{trail:?}"
        );
    }
);

db::both!(
    a_writing_request_with_the_cookie_needs_the_csrf_token_and_a_bearer_token_needs_none,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, browser) = house.member("li", Role::FundraisingOfficer).await;
        let (_, other) = house.member("wang", Role::FundraisingOfficer).await;
        let path = "/api/v1/account/second-factor";
        for csrf in ["", "x", &other.csrf] {
            let forged = Browser {
                csrf: csrf.to_owned(),
                ..browser.clone()
            };
            house.post(path, &forged, json!({})).await.is(403, "csrf-token-wrong");
        }
        house.post(path, &browser, json!({})).await.ok();

        let (_, token) = house.user("admin", ActorKind::Person, Role::Administrator).await;
        let target = format!("/api/v1/users/{}/invitation", public(&*house.services.keys, id));
        let request = Request::post(&target).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let response = house
            .app
            .clone()
            .oneshot(request.body(Body::empty()).expect("a request"))
            .await
            .expect("an answer");
        assert_eq!(response.status(), StatusCode::CREATED);
        let request = Request::delete("/api/v1/session").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let response = house
            .app
            .clone()
            .oneshot(request.body(Body::empty()).expect("a request"))
            .await
            .expect("an answer");
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "a token has no session");
        house
            .post(&target, &browser, json!({}))
            .await
            .is(403, "missing-permission");
    }
);

db::both!(
    failures_look_alike_and_lock_names_that_exist_and_names_that_do_not,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, _) = house.member("li", Role::FundraisingOfficer).await;
        house.user("robot", ActorKind::Machine, Role::Machine).await;
        house
            .user("uninvited", ActorKind::Person, Role::FundraisingOfficer)
            .await;
        let mut seen = Vec::new();
        for (address, name) in [(2, "li"), (3, "nobody"), (4, "robot"), (5, "uninvited")] {
            for _ in 0..5 {
                let failed = house.sign_in_from(address, name, "wrong", None).await;
                failed.is(401, "sign-in-failed");
                seen.push(failed.body.to_string());
            }
            let locked = house.sign_in_from(address, name, PASSWORD, None).await;
            locked.is(429, "sign-in-locked");
            assert_eq!(locked.headers[header::RETRY_AFTER], "600", "{name}");
            house
                .sign_in_from(9, name, PASSWORD, None)
                .await
                .is(429, "sign-in-locked");
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "one answer for all: {seen:?}");
        let trail = house.trail(id).await;
        assert_eq!(
            trail.last().map(|(kind, _)| kind.as_str()),
            Some("signin.locked"),
            "{trail:?}"
        );

        house.later(10 * MINUTE);
        house.sign_in("li", "wrong", None).await.is(401, "sign-in-failed");
        house.sign_in("li", PASSWORD, None).await.ok();
        for _ in 0..4 {
            house.sign_in("li", "wrong", None).await.is(401, "sign-in-failed");
        }
        house.sign_in("li", PASSWORD, None).await.ok();
    }
);

db::both!(
    an_address_that_guesses_at_many_names_is_locked_and_its_own_success_does_not_free_it,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        house.member("li", Role::FundraisingOfficer).await;
        for n in 0..29 {
            house
                .sign_in_from(7, &format!("guess {n}"), "wrong", None)
                .await
                .is(401, "sign-in-failed");
        }
        house.sign_in_from(7, "li", PASSWORD, None).await.ok();
        house
            .sign_in_from(7, "guess 30", "wrong", None)
            .await
            .is(401, "sign-in-failed");
        house
            .sign_in_from(7, "li", PASSWORD, None)
            .await
            .is(429, "sign-in-locked");
        house.sign_in_from(8, "li", PASSWORD, None).await.ok();
    }
);

db::both!(
    a_session_ends_by_idleness_by_age_and_at_once_when_revoked,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, browser) = house.member("li", Role::FundraisingOfficer).await;
        for _ in 0..3 {
            house.later(29 * MINUTE);
            house.get("/api/v1/me", &browser).await.ok();
        }
        house.later(29 * MINUTE);
        house.get("/api/v1/session", &browser).await.ok();
        house.later(MINUTE);
        house.get("/api/v1/me", &browser).await.is(401, "session-ended");

        let browser = house.sign_in("li", PASSWORD, None).await.browser();
        for _ in 0..24 {
            house.get("/api/v1/me", &browser).await.ok();
            house.later(30 * MINUTE - SECOND);
        }
        house.get("/api/v1/me", &browser).await.ok();
        house.later(24 * SECOND);
        house.get("/api/v1/me", &browser).await.is(401, "session-ended");

        let browser = house.sign_in("li", PASSWORD, None).await.browser();
        let out = house.send("DELETE", "/api/v1/session", &browser, None).await;
        assert_eq!(out.status, StatusCode::NO_CONTENT);
        assert!(
            out.headers[header::SET_COOKIE]
                .to_str()
                .is_ok_and(|text| text.contains("Max-Age=0"))
        );
        house.get("/api/v1/me", &browser).await.is(401, "session-ended");

        let browser = house.sign_in("li", PASSWORD, None).await.browser();
        let (_, security) = house.member("security", Role::SecurityAdministrator).await;
        house.enrol(&security).await;
        let path = format!("/api/v1/users/{}/sessions", public(&*house.services.keys, id));
        let list = house.get(&path, &security).await;
        let session = list.ok()["items"][0]["session"].as_str().expect("an id").to_owned();
        let (_, stranger) = house.member("wang", Role::FundraisingOfficer).await;
        house
            .post(&format!("/api/v1/sessions/{session}/revoke"), &stranger, json!({}))
            .await
            .is(404, "not-found");
        house
            .post(&format!("{path}/{session}/revoke"), &stranger, json!({}))
            .await
            .is(403, "missing-permission");
        let done = house
            .post(&format!("{path}/{session}/revoke"), &security, json!({}))
            .await;
        assert_eq!(done.status, StatusCode::NO_CONTENT);
        house.get("/api/v1/me", &browser).await.is(401, "session-ended");
    }
);

db::both!(
    each_sign_in_has_a_new_secret_and_the_old_one_it_was_shown_is_dead,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (_, first) = house.member("li", Role::FundraisingOfficer).await;
        let body = json!({ "name": "li", "password": PASSWORD });
        let second = house.post("/api/v1/session", &first, body.clone()).await.browser();
        assert_ne!(first.cookie, second.cookie);
        house.get("/api/v1/me", &first).await.is(401, "session-ended");
        house.get("/api/v1/me", &second).await.ok();
        let planted = Browser {
            cookie: format!(
                "{SESSION_COOKIE}={}",
                rules::fresh_secret(&kernel::SeededRng::new(9)).text
            ),
            ..Browser::default()
        };
        let third = house.post("/api/v1/session", &planted, body).await.browser();
        assert_ne!(third.cookie, planted.cookie, "a planted secret is never taken over");
        house.get("/api/v1/me", &planted).await.is(401, "session-ended");
        for _ in 0..5 {
            house.later(SECOND);
            house.sign_in("li", PASSWORD, None).await.ok();
        }
        house.get("/api/v1/me", &second).await.is(401, "session-ended");
    }
);

db::both!(
    a_password_is_changed_with_the_old_one_grows_old_and_does_not_come_back,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, browser) = house.member("li", Role::FundraisingOfficer).await;
        let other = house.sign_in("li", PASSWORD, None).await.browser();
        let path = "/api/v1/account/password";
        let new = "Another-bridge-7";
        let change = |old: &str, new: &str| json!({ "old": old, "new": new });
        house
            .post(path, &browser, change("wrong", new))
            .await
            .is(403, "password-wrong");
        house
            .post(path, &browser, change(PASSWORD, PASSWORD))
            .await
            .is(400, "password-rules");
        house
            .post(path, &browser, change(PASSWORD, "li-li-li"))
            .await
            .is(400, "password-rules");
        let done = house.post(path, &browser, change(PASSWORD, new)).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
        house.get("/api/v1/me", &browser).await.ok();
        house.get("/api/v1/me", &other).await.is(401, "session-ended");
        house.sign_in("li", PASSWORD, None).await.is(401, "sign-in-failed");
        house
            .post(path, &browser, change(new, PASSWORD))
            .await
            .is(400, "password-rules");

        house.later(90 * DAY);
        let old = house.sign_in("li", new, None).await;
        assert_eq!(old.ok()["must"], "change_password");
        let browser = old.browser();
        house
            .get("/api/v1/parameters", &browser)
            .await
            .is(403, "password-change-required");
        house.post(path, &browser, change(new, "A-third-bridge-9")).await;
        house.get("/api/v1/parameters", &browser).await.ok();
        let kinds: Vec<String> = house.trail(id).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "password.changed").count(), 2);
    }
);

db::both!(
    an_invitation_ends_by_time_and_by_a_newer_one_and_is_given_by_who_manages_the_user,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, _) = house.user("li", ActorKind::Person, Role::FundraisingOfficer).await;
        let first = house.invited(id).await;
        let second = house.invited(id).await;
        house.accept(&first, PASSWORD).await.is(410, "invitation-ended");
        house.later(72 * 60 * MINUTE);
        house.accept(&second, PASSWORD).await.is(410, "invitation-ended");

        let (robot, _) = house.user("robot", ActorKind::Machine, Role::Machine).await;
        let (_, security) = house.member("security", Role::SecurityAdministrator).await;
        house.enrol(&security).await;
        let path = |id| format!("/api/v1/users/{}/invitation", public(&*house.services.keys, id));
        house
            .post(&path(robot), &security, json!({}))
            .await
            .is(409, "not-a-person");
        let given = house.post(&path(id), &security, json!({})).await;
        let link = given.ok()["path"].as_str().expect("a path").to_owned();
        let secret = link.strip_prefix("/console/welcome#").expect("the console’s page");
        house.accept(secret, PASSWORD).await.ok();
        let (_, system) = house.member("system", Role::SystemAdministrator).await;
        house.enrol(&system).await;
        house
            .post(&path(id), &system, json!({}))
            .await
            .is(403, "missing-permission");
    }
);

db::both!(
    nothing_that_opens_a_door_is_kept_readable,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (_, browser) = house.member("leader", Role::Leader).await;
        let (secret, codes) = house.enrol(&browser).await;
        let cookie = browser.cookie.split_once('=').expect("a pair").1;
        let cookie = data_encoding::BASE64URL_NOPAD.decode(cookie.as_bytes()).expect("ours");
        let plain = codes
            .iter()
            .filter_map(|code| rules::recovery_code(code))
            .map(String::into_bytes);
        let secrets: Vec<Vec<u8>> = [secret, cookie, PASSWORD.as_bytes().to_vec()]
            .into_iter()
            .chain(plain)
            .collect();
        let columns = [
            ("password", "hash_sealed"),
            ("second_factor", "secret_sealed"),
            ("recovery_code", "code_index"),
            ("signin_session", "hash"),
            ("invitation", "hash"),
            ("signin_failure", "key"),
        ];
        let mut at = house.services.db.snapshot().await.expect("a snapshot");
        let mut looked_at = 0;
        for (table, column) in columns {
            let sql = format!("SELECT {column} AS kept FROM {table}");
            for row in at.query(&sql, vec![]).await.expect("rows") {
                let kept = row.bytes("kept").expect("bytes");
                looked_at += 1;
                for secret in &secrets {
                    assert!(
                        !kept.windows(secret.len()).any(|part| part == secret),
                        "{table}.{column}"
                    );
                }
            }
        }
        assert!(looked_at >= 14, "{looked_at} values");
    }
);
