//! Signing in through a provider of identities, on both databases, with a provider in memory behind the port.

use std::collections::HashMap;
use std::sync::Mutex;

use super::device::Device;
use super::*;
use crate::jobs::Runner;
use crate::notify::{Address, Kept};
use crate::signin::jobs::TellChanged;
use crate::signin::sso::{
    Ask, Begun, Checked, Connection, Finished, IdentityProviders, ProviderError, Returned, Verified,
};

const SSO: &str = "/api/v1/sso";
const PROVIDERS: &str = "/api/v1/identity-providers";

/// A provider whose codes the test hands out: each is somebody, and works once.
#[derive(Default)]
struct Fake {
    codes: Mutex<HashMap<String, Verified>>,
    asked: Mutex<Vec<(String, String, String)>>,
    is_down: Mutex<bool>,
}

impl Fake {
    fn knows(&self, code: &str, subject: &str, methods: &[&str]) {
        let who = Verified {
            subject: subject.into(),
            name: Some("林一".into()),
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            level: None,
        };
        self.codes.lock().expect("whole").insert(code.into(), who);
    }
    fn up(&self) -> Result<(), ProviderError> {
        if *self.is_down.lock().expect("whole") {
            Err(ProviderError::Unreachable("no route".into()))
        } else {
            Ok(())
        }
    }
}

impl IdentityProviders for Fake {
    fn begin<'a>(&'a self, _with: &'a Connection, ask: &'a Ask) -> Begun<'a> {
        let sent = (ask.nonce.clone(), ask.verifier.clone(), ask.return_to.clone());
        self.asked.lock().expect("whole").push(sent);
        let address = format!("https://id.example/auth?state={}", ask.state);
        Box::pin(async move { self.up().map(|()| address) })
    }
    fn finish<'a>(&'a self, with: &'a Connection, back: &'a Returned) -> Finished<'a> {
        let same = (back.nonce.clone(), back.verifier.clone(), back.return_to.clone());
        let known = self.asked.lock().expect("whole").contains(&same) && with.secret == "made-up-secret";
        let who = self.codes.lock().expect("whole").remove(&back.code).filter(|_| known);
        Box::pin(async move {
            self.up()?;
            who.ok_or_else(|| ProviderError::Refused("invalid_grant".into()))
        })
    }
    fn check<'a>(&'a self, with: &'a Connection) -> Checked<'a> {
        let right = with.secret == "made-up-secret";
        Box::pin(async move {
            self.up()?;
            right
                .then_some(())
                .ok_or_else(|| ProviderError::Unusable("invalid_client".into()))
        })
    }
}

/// A house with a provider called `city`, and whoever manages its users.
struct With {
    house: House,
    fake: Arc<Fake>,
    admin: Browser,
}

/// A browser that went to the provider.
struct Gone {
    browser: Browser,
    state: String,
}

fn cookies(answer: &Answer) -> HashMap<String, String> {
    let all = answer.headers.get_all(header::SET_COOKIE).iter();
    let pairs = all.filter_map(|value| value.to_str().ok()?.split(';').next()?.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The browser of somebody who came in.
fn came_in(answer: &Answer) -> Browser {
    let csrf = answer.ok()["session"]["csrf"].as_str().expect("a token").to_owned();
    let cookies = cookies(answer);
    assert_eq!(cookies["qiao_sso"], "", "the way is over");
    Browser {
        cookie: format!("{SESSION_COOKIE}={}", cookies[SESSION_COOKIE]),
        csrf,
        address: 1,
    }
}

impl With {
    async fn new(test: &TestDb) -> Self {
        let fake = Arc::new(Fake::default());
        let mut house = House::new(test);
        house.services.identity_providers = Arc::clone(&fake) as Arc<dyn IdentityProviders>;
        house.app = guard::finish(crate::routes(), house.services.clone()).0;
        let admin = house.root("guard").await;
        let with = Self { house, fake, admin };
        with.put("city", with.settings()).await.ok();
        with
    }
    fn settings(&self) -> Value {
        json!({
            "label": "市统一身份", "trust": "never", "is_on": true, "secret": "made-up-secret",
            "way": {
                "kind": "oidc", "issuer": "https://id.example", "client_id": "shanqiao", "scopes": ["profile"],
                "levels": [],
            },
        })
    }
    async fn put(&self, provider: &str, body: Value) -> Answer {
        let path = format!("{PROVIDERS}/{provider}");
        self.house.send("PUT", &path, &self.admin, Some(body)).await
    }
    async fn set(&self, name: &str, value: Value) -> Answer {
        let mut body = self.settings();
        body[name] = value;
        self.put("city", body).await
    }
    async fn away(&self, back: &str) -> Gone {
        let path = format!("{SSO}/city/start?back={back}");
        let answer = self.house.get(&path, &Browser::default()).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.body);
        let place = answer.headers[header::LOCATION].to_str().expect("a text");
        let state = place
            .strip_prefix("https://id.example/auth?state=")
            .expect("the provider")
            .to_owned();
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("a text");
        assert!(
            cookie.contains("HttpOnly; SameSite=Strict") && cookie.contains("Max-Age=600"),
            "{cookie}"
        );
        assert!(!cookie.contains(&state), "sealed");
        Gone {
            browser: Browser {
                cookie: format!("qiao_sso={}", cookies(&answer)["qiao_sso"]),
                csrf: String::new(),
                address: 1,
            },
            state,
        }
    }
    async fn back(&self, gone: &Gone, code: &str) -> Answer {
        let body = json!({ "state": gone.state, "code": code });
        self.house
            .post(&format!("{SSO}/city/finish"), &gone.browser, body)
            .await
    }
    /// Goes there and comes back as this subject.
    async fn through(&self, subject: &str, methods: &[&str]) -> Answer {
        let code = format!("code of {subject} {}", self.house.services.rng.below(1_000_000_000));
        self.fake.knows(&code, subject, methods);
        let gone = self.away("/gifts").await;
        self.back(&gone, &code).await
    }
    async fn link(&self, of: ActorId, body: Value) -> Answer {
        self.house.post(&self.path(of, "city/link"), &self.admin, body).await
    }
    fn path(&self, of: ActorId, rest: &str) -> String {
        format!("/api/v1/users/{}/sso/{rest}", public(&*self.house.services.keys, of))
    }
    /// A user without a password, linked with a subject.
    async fn officer(&self, name: &str, subject: &str, role: Role) -> ActorId {
        let (id, _) = self.house.user(name, ActorKind::Person, role).await;
        let linked = self.link(id, json!({ "subject": subject })).await;
        assert_eq!(linked.status, StatusCode::NO_CONTENT, "{}", linked.body);
        id
    }
}

impl House {
    /// Whoever manages users in the whole installation, signed in with a password and a second factor.
    async fn root(&self, name: &str) -> Browser {
        let new = NewUser {
            name: name.into(),
            kind: ActorKind::Person,
            unit: unit(CITY),
            roles: vec![Role::SecurityAdministrator],
            token: None,
            personal: Personal::default(),
        };
        let added = add_user(&self.services, &Actor::operator(), new).await.expect("added");
        let browser = self.accept(&self.invited(added.id).await, PASSWORD).await.browser();
        self.enrol(&browser).await;
        browser
    }
}

db::both!(
    who_is_proven_elsewhere_comes_in_once_somebody_here_has_said_who_that_is,
    &all_migrations(),
    async |test: TestDb| {
        let with = With::new(&test).await;
        let (house, keys) = (&with.house, with.house.services.keys.clone());
        let ways = house.get(SSO, &Browser::default()).await;
        assert_eq!(
            ways.ok()["items"],
            json!([{ "provider": "city", "label": "市统一身份", "kind": "oidc" }])
        );
        let (id, _) = house.user("lin", ActorKind::Person, Role::FundraisingOfficer).await;

        // Verified there, nobody here: no user is made, and a number is told.
        let stranger = with.through("s-1", &[]).await;
        stranger.is(403, "sso-not-linked");
        assert!(!cookies(&stranger).contains_key(SESSION_COOKIE));
        with.through("s-1", &[]).await.is(403, "sso-not-linked");
        let knocks = house.get("/api/v1/sso/knocks", &with.admin).await;
        let knock = &knocks.ok()["items"][0];
        assert_eq!(
            (knock["times"].clone(), knock["name"].clone()),
            (json!(2), json!("林一"))
        );
        let reference = knock["reference"].as_str().expect("a number").to_owned();
        assert!(
            stranger.body["detail"]
                .as_str()
                .is_some_and(|said| said.contains(&reference))
        );

        with.link(id, json!({ "reference": "aaaa-aaaa" }))
            .await
            .is(404, "sso-no-such-number");
        let typed = reference.to_uppercase().replace('-', "");
        for _ in 0..2 {
            with.link(id, json!({ "subject": "s-1" })).await;
        }
        // The same again is as good as once; the number is no longer waited for.
        with.link(id, json!({ "reference": typed }))
            .await
            .is(404, "sso-no-such-number");
        let (other, _) = house.user("zhou", ActorKind::Person, Role::FundraisingOfficer).await;
        with.link(other, json!({ "subject": "s-1" }))
            .await
            .is(409, "sso-linked-already");
        let (robot, _) = house.user("robot", ActorKind::Machine, Role::Machine).await;
        with.link(robot, json!({ "subject": "s-9" }))
            .await
            .is(409, "not-a-person");

        let entered = with.through("s-1", &[]).await;
        assert_eq!(entered.ok()["back"], "/gifts");
        assert_eq!(entered.body["session"]["user"]["name"], "lin");
        assert_eq!(
            entered.body["session"]["must"],
            Value::Null,
            "no password is owed where none was shown"
        );
        let browser = came_in(&entered);
        house.get("/api/v1/parameters", &browser).await.ok();
        let listed = house.get("/api/v1/account/sso", &browser).await;
        assert_eq!(listed.ok()["items"][0]["is_linked"], true);
        let shown = house.get(&with.path(id, ""), &with.admin).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "no such address");
        let path = format!("/api/v1/users/{}/sso", public(&*keys, id));
        assert_eq!(house.get(&path, &with.admin).await.ok()["items"][0]["provider"], "city");

        let trail = house.trail(id).await;
        let kinds: Vec<&str> = trail.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["user.added", "sso.linked", "session.started"]);
        assert!(trail[2].1.contains("\"provider\":\"city\""), "{trail:?}");
        assert!(
            trail
                .iter()
                .all(|(_, body)| !body.contains("s-1") && !body.contains("林")),
            "{trail:?}"
        );
    }
);

db::both!(
    a_number_read_over_the_telephone_links_and_ending_the_link_ends_the_sessions,
    &all_migrations(),
    async |test: TestDb| {
        let with = With::new(&test).await;
        let house = &with.house;
        let (id, _) = house.user("lin", ActorKind::Person, Role::FundraisingOfficer).await;
        with.through("s-1", &[]).await.is(403, "sso-not-linked");
        let knocks = house.get("/api/v1/sso/knocks", &with.admin).await;
        let reference = knocks.ok()["items"][0]["reference"].clone();
        // Who manages the users of a county alone sees no list, and links by the number all the same.
        let (_, county) = house.member("county", Role::SecurityAdministrator).await;
        house.enrol(&county).await;
        let seen = house.get("/api/v1/sso/knocks", &county).await;
        assert_eq!(seen.ok()["items"], json!([]));
        let linked = house
            .post(&with.path(id, "city/link"), &county, json!({ "reference": reference }))
            .await;
        assert_eq!(linked.status, StatusCode::NO_CONTENT, "{}", linked.body);
        let browser = came_in(&with.through("s-1", &[]).await);
        house.get("/api/v1/parameters", &browser).await.ok();
        let (_, officer) = house.member("other", Role::FundraisingOfficer).await;
        let unlink = with.path(id, "city/unlink");
        house
            .post(&unlink, &officer, json!({}))
            .await
            .is(403, "missing-permission");
        let ended = house.post(&unlink, &county, json!({})).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
        house.get("/api/v1/parameters", &browser).await.is(401, "session-ended");
        with.through("s-1", &[]).await.is(403, "sso-not-linked");
        house.post(&unlink, &county, json!({})).await.is(404, "not-found");
    }
);

db::both!(
    a_way_back_leads_home_once_from_the_browser_that_began_it_and_in_time,
    &all_migrations(),
    async |test: TestDb| {
        let with = With::new(&test).await;
        let house = &with.house;
        with.officer("lin", "s-1", Role::FundraisingOfficer).await;
        for code in ["a", "b", "c", "d", "e"] {
            with.fake.knows(code, "s-1", &[]);
        }
        let mut gone = with.away("https://evil.example").await;
        let right = std::mem::replace(&mut gone.state, "0".repeat(64));
        with.back(&gone, "a").await.is(400, "sso-state-wrong");
        gone.state = right;
        let elsewhere = Gone {
            browser: Browser::default(),
            state: gone.state.clone(),
        };
        with.back(&elsewhere, "a").await.is(400, "sso-state-wrong");
        let forged = Gone {
            browser: Browser {
                cookie: "qiao_sso=AAAA".into(),
                ..Browser::default()
            },
            state: gone.state.clone(),
        };
        with.back(&forged, "a").await.is(400, "sso-state-wrong");
        let entered = with.back(&gone, "a").await;
        assert_eq!(entered.ok()["back"], "/work", "never to another house");
        with.back(&gone, "b").await.is(400, "sso-state-wrong");

        let again = with.away("/gifts").await;
        with.back(&again, "a").await.is(401, "sso-refused");
        let late = with.away("/gifts").await;
        house.later(10 * MINUTE);
        with.back(&late, "c").await.is(400, "sso-state-wrong");

        // What goes wrong before the provider is told on the sign-in page.
        *with.fake.is_down.lock().expect("whole") = true;
        let down = house.get(&format!("{SSO}/city/start"), &Browser::default()).await;
        assert_eq!(down.headers[header::LOCATION], "/console/sign-in?sso=sso-unreachable");
        let nobody = house.get(&format!("{SSO}/nobody/start"), &Browser::default()).await;
        assert_eq!(nobody.headers[header::LOCATION], "/console/sign-in?sso=sso-off");
        *with.fake.is_down.lock().expect("whole") = false;

        // Who only guesses is locked out by address, like a guesser of passwords.
        let guess = |number: u32| Gone {
            browser: Browser {
                address: 77,
                ..Browser::default()
            },
            state: format!("{number:064}"),
        };
        for number in 0..30 {
            with.back(&guess(number), "x").await.is(400, "sso-state-wrong");
        }
        with.back(&guess(30), "x").await.is(429, "sign-in-locked");
    }
);

db::both!(
    a_second_factor_is_shown_here_unless_the_provider_states_one_and_is_believed,
    &all_migrations(),
    async |test: TestDb| {
        let with = With::new(&test).await;
        let house = &with.house;
        let id = with.officer("leader", "s-1", Role::Leader).await;

        // The role wants one and there is none yet: only her own account is open.
        let first = with.through("s-1", &["pwd", "mfa"]).await;
        assert_eq!(first.ok()["session"]["must"], "enrol_second_factor", "not believed");
        let browser = came_in(&first);
        house
            .get("/api/v1/parameters", &browser)
            .await
            .is(403, "second-factor-required");
        let (secret, codes) = house.enrol(&browser).await;
        house.get("/api/v1/parameters", &browser).await.ok();

        let half = with.through("s-1", &[]).await;
        half.is(401, "second-factor-needed");
        assert!(!cookies(&half).contains_key(SESSION_COOKIE));
        let waiting = Browser {
            cookie: format!("qiao_sso={}", cookies(&half)["qiao_sso"]),
            ..Browser::default()
        };
        let factor = format!("{SSO}/factor");
        house
            .post(&factor, &waiting, json!({ "code": "000000" }))
            .await
            .is(401, "sign-in-failed");
        house
            .post(&factor, &Browser::default(), json!({ "code": codes[0] }))
            .await
            .is(400, "sso-state-wrong");
        house.later(30 * SECOND);
        let code = house.code(&secret);
        let entered = house.post(&factor, &waiting, json!({ "code": code })).await;
        house.get("/api/v1/parameters", &came_in(&entered)).await.ok();
        // What was waited with is used up, and waits no longer than minutes.
        house
            .post(&factor, &waiting, json!({ "code": codes[1] }))
            .await
            .is(400, "sso-state-wrong");
        let half = with.through("s-1", &[]).await;
        let waiting = Browser {
            cookie: format!("qiao_sso={}", cookies(&half)["qiao_sso"]),
            ..Browser::default()
        };
        house.later(5 * MINUTE);
        house
            .post(&factor, &waiting, json!({ "code": codes[1] }))
            .await
            .is(400, "sso-state-wrong");

        // Believed: neither is a code asked for, nor is one owed by somebody who has none here.
        with.set("trust", json!("stated")).await.ok();
        with.through("s-1", &["pwd"]).await.is(401, "second-factor-needed");
        came_in(&with.through("s-1", &["pwd", "mfa"]).await);
        with.officer("deputy", "s-2", Role::Leader).await;
        let deputy = with.through("s-2", &["mfa"]).await;
        assert_eq!(deputy.ok()["session"]["must"], Value::Null);
        house.get("/api/v1/parameters", &came_in(&deputy)).await.ok();
        let trail = house.trail(id).await;
        let started: Vec<&str> = trail
            .iter()
            .filter(|(kind, _)| kind == "session.started")
            .map(|(_, body)| body.as_str())
            .collect();
        let shown = ["\"none\"", "\"code\"", "\"provider\",\"provider\""];
        assert_eq!(started.len(), shown.len(), "{started:?}");
        assert!(
            started[0].contains(shown[0]) && started[1].contains(shown[1]),
            "{started:?}"
        );
        assert!(started[2].contains("\"second_factor\":\"provider\""), "{started:?}");
    }
);

db::both!(
    a_passkey_is_shown_after_the_provider_where_one_is_registered,
    &all_migrations(),
    async |test: TestDb| {
        let with = With::new(&test).await;
        let house = &with.house;
        let id = with.officer("leader", "s-1", Role::Leader).await;
        let device = Device::new(1);
        let first = came_in(&with.through("s-1", &[]).await);
        let made = house.brings(&first, &device).await;
        let codes = made.ok()["recovery_codes"].clone();

        let half = with.through("s-1", &[]).await;
        half.is(401, "passkey-needed");
        assert!(!cookies(&half).contains_key(SESSION_COOKIE));
        let waiting = Browser {
            cookie: format!("qiao_sso={}", cookies(&half)["qiao_sso"]),
            ..Browser::default()
        };
        let (ask, factor) = (format!("{SSO}/passkey"), format!("{SSO}/factor"));
        house
            .post(&ask, &Browser::default(), json!({}))
            .await
            .is(400, "sso-state-wrong");
        house.post(&factor, &waiting, json!({})).await.is(400, "invalid");

        // Somebody else's key does not do, and each question is asked once.
        let asked = house.post(&ask, &waiting, json!({})).await;
        assert_eq!(asked.headers[header::CACHE_CONTROL], "no-store");
        let other = device.bent(|bent| bent.with_key_of(&Device::new(2)));
        let wrong = json!({ "passkey": other.answer(asked.ok()) });
        house.post(&factor, &waiting, wrong).await.is(401, "sign-in-failed");
        let late = json!({ "passkey": device.answer(asked.ok()) });
        house.post(&factor, &waiting, late).await.is(409, "passkey-not-asked");

        let asked = house.post(&ask, &waiting, json!({})).await;
        let right = json!({ "passkey": device.answer(asked.ok()) });
        let entered = house.post(&factor, &waiting, right).await;
        assert_eq!(entered.ok()["back"], "/gifts");
        assert_eq!(entered.body["session"]["must"], Value::Null);
        house.get("/api/v1/parameters", &came_in(&entered)).await.ok();

        // What was waited with is used up, whatever is shown with it; and a recovery code does where the key is lost.
        let asked = house.post(&ask, &waiting, json!({})).await;
        let again = json!({ "passkey": device.answer(asked.ok()) });
        house.post(&factor, &waiting, again).await.is(400, "sso-state-wrong");
        let half = with.through("s-1", &[]).await;
        let waiting = Browser {
            cookie: format!("qiao_sso={}", cookies(&half)["qiao_sso"]),
            ..Browser::default()
        };
        let lost = house.post(&factor, &waiting, json!({ "code": codes[0] })).await;
        house.get("/api/v1/parameters", &came_in(&lost)).await.ok();
        let half = with.through("s-1", &[]).await;
        let waiting = Browser {
            cookie: format!("qiao_sso={}", cookies(&half)["qiao_sso"]),
            ..Browser::default()
        };
        house.later(5 * MINUTE);
        house.post(&ask, &waiting, json!({})).await.is(400, "sso-state-wrong");

        let trail = house.trail(id).await;
        let shown = trail.iter().filter(|(kind, body)| {
            kind == "session.started" && body.contains(r#""second_factor":"passkey""#) && body.contains("city")
        });
        assert_eq!(shown.count(), 1, "{trail:?}");
    }
);

db::both!(
    one_links_ones_own_account_after_a_fresh_sign_in_and_nobody_elses,
    &all_migrations(),
    async |test: TestDb| {
        let with = With::new(&test).await;
        let house = &with.house;
        let (id, browser) = house.member("lin", Role::FundraisingOfficer).await;
        let (_, other) = house.member("zhou", Role::FundraisingOfficer).await;
        let own = "/api/v1/account/sso/city";
        let begin = async |browser: &Browser| {
            let answer = house.post(&format!("{own}/start"), browser, json!({})).await;
            let place = answer.ok()["location"].as_str().expect("an address").to_owned();
            let state = place.split_once("state=").expect("a state").1.to_owned();
            let held = cookies(&answer)["qiao_sso"].clone();
            let and = |browser: &Browser| Browser {
                cookie: format!("{}; qiao_sso={held}", browser.cookie),
                ..browser.clone()
            };
            (state, and(browser), and(&other))
        };
        let finish = format!("{own}/finish");
        with.fake.knows("a", "s-1", &[]);
        // It neither signs in, nor does another session finish it.
        let (state, mine, _) = begin(&browser).await;
        let as_sign_in = Gone { browser: mine, state };
        with.back(&as_sign_in, "a").await.is(400, "sso-state-wrong");
        let (state, _, stolen) = begin(&browser).await;
        let body = json!({ "state": state, "code": "a" });
        house.post(&finish, &stolen, body).await.is(400, "sso-state-wrong");
        let (state, mine, _) = begin(&browser).await;
        let body = json!({ "state": state, "code": "a" });
        let no_csrf = Browser {
            csrf: String::new(),
            ..mine.clone()
        };
        house
            .post(&finish, &no_csrf, body.clone())
            .await
            .is(403, "csrf-token-wrong");
        let linked = house.post(&finish, &mine, body).await;
        assert_eq!(linked.status, StatusCode::NO_CONTENT, "{}", linked.body);
        let entered = with.through("s-1", &[]).await;
        assert_eq!(entered.ok()["session"]["user"]["name"], "lin");

        // A new invitation ends what she linked herself, since somebody else may have done it; not what was linked for her.
        let again = house.accept(&house.invited(id).await, "Bridge-over-2027").await;
        again.ok();
        with.through("s-1", &[]).await.is(403, "sso-not-linked");
        with.link(id, json!({ "subject": "s-1" })).await;
        let again = house.accept(&house.invited(id).await, "Bridge-over-2028").await;
        let browser = again.browser();
        let entered = with.through("s-1", &[]).await;
        assert_eq!(entered.ok()["session"]["user"]["name"], "lin");

        // The same account there is nobody else's here.
        let (state, _, theirs) = begin(&other).await;
        with.fake.knows("b", "s-1", &[]);
        house
            .post(&finish, &theirs, json!({ "state": state, "code": "b" }))
            .await
            .is(409, "sso-linked-already");

        // Ending it ends what began with it, but not the session that ends it.
        let through = came_in(&entered);
        let ended = house.post(&format!("{own}/unlink"), &browser, json!({})).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
        house.get("/api/v1/parameters", &through).await.is(401, "session-ended");
        house.get("/api/v1/parameters", &browser).await.ok();
        house.later(11 * MINUTE);
        house
            .post(&format!("{own}/start"), &browser, json!({}))
            .await
            .is(403, "sso-sign-in-again");
        let kinds: Vec<String> = house.trail(id).await.into_iter().map(|(kind, _)| kind).collect();
        assert!(
            kinds.ends_with(&[
                "invitation.accepted".into(),
                "session.started".into(),
                "sso.unlinked".into()
            ]),
            "{kinds:?}"
        );
    }
);

db::both!(
    a_provider_is_tried_before_it_is_kept_and_switched_off_it_lets_nobody_in,
    &all_migrations(),
    async |test: TestDb| {
        let with = With::new(&test).await;
        let house = &with.house;
        let (_, county) = house.member("county", Role::SecurityAdministrator).await;
        house.enrol(&county).await;
        let path = format!("{PROVIDERS}/city");
        let body = with.settings();
        house
            .send("PUT", &path, &county, Some(body))
            .await
            .is(403, "missing-permission");
        with.set("secret", json!("wrong")).await.is(422, "sso-unusable");
        with.set("label", json!(" ")).await.is(400, "invalid");
        with.put("City!", with.settings()).await.is(400, "invalid");
        let mut plain = with.settings();
        plain["way"]["issuer"] = json!("http://id.example");
        with.put("city", plain).await.is(400, "invalid");
        let mut unknown = with.settings();
        unknown["way"]["password"] = json!("x");
        with.put("city", unknown).await.is(400, "invalid");
        let mut without = with.settings();
        without["secret"] = Value::Null;
        with.put("second", without.clone()).await.is(400, "invalid");
        // The secret stays where none is given, and is never shown.
        let kept = with.put("city", without).await;
        assert_eq!(kept.ok()["return_to"], "http://127.0.0.1:8080/console/sso/city");
        let list = house.get(PROVIDERS, &with.admin).await;
        assert!(!list.ok().to_string().contains("made-up-secret"));
        let mut at = house.services.db.snapshot().await.expect("a snapshot");
        let row = at
            .query_one("SELECT secret_sealed, settings FROM sso_provider", db::params![])
            .await
            .expect("read")
            .expect("a row");
        let sealed = row.bytes("secret_sealed").expect("bytes");
        assert!(!sealed.windows(7).any(|part| part == b"made-up"), "sealed at rest");
        assert!(!row.text("settings").expect("a text").contains("made-up"));
        drop(at);

        with.officer("lin", "s-1", Role::FundraisingOfficer).await;
        let mut moved = with.settings();
        moved["way"]["issuer"] = json!("https://other.example");
        with.put("city", moved.clone()).await.is(409, "sso-provider-in-use");
        with.put("other", moved).await.ok();

        let browser = came_in(&with.through("s-1", &[]).await);
        let waiting = with.away("/gifts").await;
        with.fake.knows("late", "s-1", &[]);
        *with.fake.is_down.lock().expect("whole") = true;
        with.set("label", json!("市")).await.is(422, "sso-unusable");
        with.set("is_on", json!(false)).await.ok();
        *with.fake.is_down.lock().expect("whole") = false;
        house.get("/api/v1/parameters", &browser).await.is(401, "session-ended");
        house.get("/api/v1/parameters", &with.admin).await.ok();
        with.back(&waiting, "late").await.is(404, "sso-off");
        let start = house.get(&format!("{SSO}/city/start"), &Browser::default()).await;
        assert_eq!(start.headers[header::LOCATION], "/console/sign-in?sso=sso-off");
        let ways = house.get(SSO, &Browser::default()).await;
        assert_eq!(
            ways.ok()["items"].as_array().map(Vec::len),
            Some(1),
            "only the other one"
        );
        for number in 0..6 {
            with.put(&format!("p{number}"), with.settings()).await.ok();
        }
        with.put("p6", with.settings()).await.is(409, "sso-too-many-providers");
    }
);

db::both!(
    who_manages_users_links_herself_after_a_fresh_sign_in_alone,
    &all_migrations(),
    async |test: TestDb| {
        let with = With::new(&test).await;
        let house = &with.house;
        let me = house.get("/api/v1/me", &with.admin).await;
        let me = me.ok()["id"].as_str().expect("an id").to_owned();
        let deed = |deed: &str| format!("/api/v1/users/{me}/sso/city/{deed}");
        let subject = json!({ "subject": "s-1" });
        let linked = house.post(&deed("link"), &with.admin, subject.clone()).await;
        assert_eq!(linked.status, StatusCode::NO_CONTENT, "{}", linked.body);
        let ended = house.post(&deed("unlink"), &with.admin, json!({})).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);

        house.later(11 * MINUTE);
        house
            .post(&deed("link"), &with.admin, subject)
            .await
            .is(403, "sso-sign-in-again");
        with.through("s-1", &[]).await.is(403, "sso-not-linked");
        with.officer("lin", "s-2", Role::FundraisingOfficer).await;
    }
);

db::both!(
    who_is_linked_or_unlinked_by_somebody_else_is_told_and_sees_it_until_she_has_marked_it,
    &all_migrations(),
    async |test: TestDb| {
        let mut with = With::new(&test).await;
        let kept = Arc::new(Kept::default());
        with.house.services.notify = kept.clone();
        let house = &with.house;
        let new = NewUser {
            name: "lin".into(),
            kind: ActorKind::Person,
            unit: unit(COUNTY),
            roles: vec![Role::FundraisingOfficer],
            token: None,
            personal: Personal {
                real_name: None,
                phone: Some("telephone of lin".into()),
                email: None,
            },
        };
        let added = add_user(&house.services, &Actor::operator(), new).await.expect("added");
        let id = added.id;
        let lin = house.accept(&house.invited(id).await, PASSWORD).await.browser();
        let (_, zhou) = house.member("zhou", Role::FundraisingOfficer).await;
        let guard = house.get("/api/v1/me", &with.admin).await;
        let changes = "/api/v1/account/changes";
        let told = async || {
            let runner = Runner::new(vec![Box::new(TellChanged)]);
            runner.drain(&house.services).await.expect("drained");
            kept.all()
        };

        for _ in 0..2 {
            with.link(id, json!({ "subject": "s-1" })).await;
        }
        let messages = told().await;
        assert_eq!(messages.len(), 1, "the same again is as good as once");
        assert!(messages[0].to == Address::Phone("telephone of lin".into()));
        let text = &messages[0].text;
        assert!(
            text.contains("市统一身份") && text.contains("/console/account"),
            "{text}"
        );
        assert!(!text.contains("s-1") && !text.contains("guard"), "{text}");
        let list = house.get(changes, &lin).await;
        let first = list.ok()["items"][0].clone();
        assert_eq!(
            (&first["what"], &first["provider"], &first["by"]),
            (&json!("sso_linked"), &json!("city"), &guard.ok()["id"])
        );

        // One sees and marks one's own alone, and twice is as good as once.
        assert_eq!(house.get(changes, &zhou).await.ok()["items"], json!([]));
        let seen = format!("{changes}/{}/seen", first["change"].as_str().expect("an id"));
        house.post(&seen, &zhou, json!({})).await.is(404, "not-found");
        for _ in 0..2 {
            let marked = house.post(&seen, &lin, json!({})).await;
            assert_eq!(marked.status, StatusCode::NO_CONTENT, "{}", marked.body);
        }
        assert_eq!(house.get(changes, &lin).await.ok()["items"], json!([]));

        house.later(SECOND);
        let ended = house.post(&with.path(id, "city/unlink"), &with.admin, json!({})).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
        assert_eq!(told().await.len(), 2);
        let list = house.get(changes, &lin).await;
        assert_eq!(list.ok()["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(list.body["items"][0]["what"], "sso_unlinked");

        // What one does oneself is not told.
        with.link(id, json!({ "subject": "s-1" })).await;
        assert_eq!(told().await.len(), 3);
        let ended = house.post("/api/v1/account/sso/city/unlink", &lin, json!({})).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
        assert_eq!(told().await.len(), 3);
        let kinds: Vec<String> = house.trail(id).await.into_iter().map(|(kind, _)| kind).collect();
        let marks = kinds.iter().filter(|kind| *kind == "account.change_seen").count();
        assert_eq!(marks, 1, "{kinds:?}");
    }
);
