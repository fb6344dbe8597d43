//! Passkeys, on both databases.

use super::device::Device;
use super::*;

const PASSKEYS: &str = "/api/v1/account/passkeys";
const REGISTER: &str = "/api/v1/account/passkeys/register";

impl House {
    async fn offered(&self, browser: &Browser) -> Value {
        self.post(PASSKEYS, browser, json!({})).await.ok().clone()
    }
    pub(super) async fn brings(&self, browser: &Browser, device: &Device) -> Answer {
        let offer = self.offered(browser).await;
        self.post(REGISTER, browser, device.made(&offer, "办公室的钥匙")).await
    }
    async fn asks(&self, name: &str, password: &str) -> Answer {
        let browser = Browser {
            address: 1,
            ..Browser::default()
        };
        let body = json!({ "name": name, "password": password });
        self.post("/api/v1/session/passkey", &browser, body).await
    }
    async fn shows(&self, name: &str, passkey: Value) -> Answer {
        let browser = Browser {
            address: 1,
            ..Browser::default()
        };
        let body = json!({ "name": name, "password": PASSWORD, "passkey": passkey });
        self.post("/api/v1/session", &browser, body).await
    }
    async fn comes_in(&self, name: &str, device: &Device) -> Answer {
        let asked = self.asks(name, PASSWORD).await;
        self.shows(name, device.answer(asked.ok())).await
    }
    async fn passkeys(&self, path: &str, browser: &Browser) -> Vec<Value> {
        let list = self.get(path, browser).await;
        list.ok()["items"].as_array().expect("a list").clone()
    }
    async fn delete(&self, path: &str, browser: &Browser) -> Answer {
        self.send("DELETE", path, browser, None).await
    }
    fn of_user(&self, id: ActorId) -> String {
        format!("/api/v1/users/{}/passkeys", public(&*self.services.keys, id))
    }
}

fn one(passkey: &Value) -> String {
    format!("{PASSKEYS}/{}", passkey["passkey"].as_str().expect("an id"))
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|text| text.as_str().expect("a text").to_owned())
        .collect()
}

db::both!(
    a_passkey_is_the_second_factor_of_a_leader_and_each_challenge_is_asked_once,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, browser) = house.member("leader", Role::Leader).await;
        let device = Device::new(1);
        assert_eq!(
            house.get("/api/v1/session", &browser).await.ok()["must"],
            "enrol_second_factor"
        );
        let invented = device.made(&json!({ "challenge": "AAAAAAAAAAAAAAAAAAAAAA" }), "x");
        house
            .post(REGISTER, &browser, invented)
            .await
            .is(409, "passkey-not-asked");
        let offer = house.offered(&browser).await;
        assert_eq!(
            (offer["relying_party"].clone(), offer["user_name"].clone()),
            (json!("localhost"), json!("leader"))
        );
        let nameless = device.made(&offer, "  ");
        house.post(REGISTER, &browser, nameless).await.is(400, "passkey-name");
        let made = device.made(&offer, " 办公室的钥匙 ");
        let registered = house.post(REGISTER, &browser, made.clone()).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{}", registered.body);
        let codes = texts(&registered.body["recovery_codes"]);
        assert_eq!(codes.len(), 10);
        house.post(REGISTER, &browser, made).await.is(409, "passkey-not-asked");
        assert_eq!(house.get("/api/v1/session", &browser).await.ok()["must"], Value::Null);
        let listed = house.passkeys(PASSKEYS, &browser).await;
        assert_eq!(listed.len(), 1);
        assert_eq!(
            (&listed[0]["name"], &listed[0]["here"], &listed[0]["last_used_at"]),
            (&json!("办公室的钥匙"), &json!(true), &Value::Null)
        );
        let offer = house.offered(&browser).await;
        assert_eq!(
            offer["passkeys"][0]["transports"],
            json!(["hybrid", "internal"]),
            "{offer}"
        );

        // The password alone opens nothing, and the right one is no failure.
        for _ in 0..10 {
            house.sign_in("leader", PASSWORD, None).await.is(401, "passkey-needed");
        }
        let unknown = house.asks("nobody", PASSWORD).await;
        unknown.is(401, "sign-in-failed");
        let wrong = house.asks("leader", "wrong").await;
        assert_eq!(wrong.body, unknown.body);
        house.later(SECOND);
        let asked = house.asks("leader", PASSWORD).await;
        let answer = device.answer(asked.ok());
        let inside = house.shows("leader", answer.clone()).await;
        assert_eq!(inside.ok()["must"], Value::Null);
        house.shows("leader", answer).await.is(409, "passkey-not-asked");
        let listed = house.passkeys(PASSKEYS, &inside.browser()).await;
        assert_ne!(listed[0]["last_used_at"], Value::Null);
        house.sign_in("leader", PASSWORD, Some(&codes[3])).await.ok();
        house
            .sign_in("leader", PASSWORD, Some(&codes[3]))
            .await
            .is(401, "sign-in-failed");
        house
            .sign_in("leader", PASSWORD, Some("123456"))
            .await
            .is(401, "sign-in-failed");

        let trail = house.trail(id).await;
        let started: Vec<&String> = trail
            .iter()
            .filter(|(kind, _)| kind == "session.started")
            .map(|(_, body)| body)
            .collect();
        assert!(started[0].contains(r#""second_factor":"passkey""#), "{started:?}");
        assert!(
            trail.iter().all(|(_, body)| !body.contains("钥匙")),
            "no name of a passkey in a fact: {trail:?}"
        );
    }
);

db::both!(
    what_answers_another_challenge_another_address_or_without_its_user_is_refused,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (_, browser) = house.member("leader", Role::Leader).await;
        let device = Device::new(1);
        let bent = [
            device.bent(|device| device.origin = "https://localhost:8080".to_owned()),
            device.bent(|device| device.origin = "http://localhost:9090".to_owned()),
            device.bent(|device| device.origin = "https://evil.example".to_owned()),
            device.bent(|device| device.relying_party = "evil.example".to_owned()),
            device.bent(|device| device.kind = Some("webauthn.get")),
            device.bent(|device| device.challenge = Some([7; 16])),
            device.bent(Device::without_presence),
        ];
        for device in &bent {
            house.brings(&browser, device).await.is(403, "passkey-refused");
        }
        let unverified = device.bent(Device::without_verification);
        house.brings(&browser, &unverified).await.is(403, "passkey-unverified");
        let late = house.offered(&browser).await;
        house.later(5 * MINUTE);
        house
            .post(REGISTER, &browser, device.made(&late, "x"))
            .await
            .is(409, "passkey-not-asked");
        let garbage = json!({ "name": "x", "client_data": "e30", "attestation": "oA", "transports": [] });
        house.offered(&browser).await;
        house.post(REGISTER, &browser, garbage).await.is(403, "passkey-refused");
        let unread = json!({ "name": "x", "client_data": "!", "attestation": "oA" });
        house.post(REGISTER, &browser, unread).await.is(400, "invalid");
        assert!(house.passkeys(PASSKEYS, &browser).await.is_empty());
        assert_eq!(house.brings(&browser, &device).await.status, StatusCode::CREATED);

        let stranger = Device::new(2);
        let forged = [
            device.bent(|device| device.origin = "https://evil.example".to_owned()),
            device.bent(|device| device.relying_party = "evil.example".to_owned()),
            device.bent(|device| device.kind = Some("webauthn.create")),
            device.bent(|device| device.challenge = Some([7; 16])),
            device.bent(|device| device.with_key_of(&stranger)),
            device.bent(Device::without_presence),
            stranger.clone(),
        ];
        for one in &forged {
            house.comes_in("leader", one).await.is(401, "sign-in-failed");
            // Each was counted as a failure; the right one forgets them.
            house.comes_in("leader", &device).await.ok();
        }
        let unverified = device.bent(Device::without_verification);
        house
            .comes_in("leader", &unverified)
            .await
            .is(403, "passkey-unverified");
        let asked = house.asks("leader", PASSWORD).await;
        house.later(5 * MINUTE);
        house
            .shows("leader", device.answer(asked.ok()))
            .await
            .is(409, "passkey-not-asked");
        // A challenge of one's own account does not pass for the one of signing in, and another's not for mine.
        let (_, other) = house.member("li", Role::FundraisingOfficer).await;
        let offer = house.offered(&other).await;
        house
            .shows("leader", device.answer(&offer))
            .await
            .is(409, "passkey-not-asked");
        house.asks("li", PASSWORD).await.is(404, "not-found");
        for _ in 0..2 {
            house.comes_in("leader", &stranger).await.is(401, "sign-in-failed");
        }
        house.asks("leader", PASSWORD).await.is(429, "sign-in-locked");
    }
);

db::both!(
    a_counter_that_goes_back_opens_nothing_and_is_told,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, browser) = house.member("leader", Role::Leader).await;
        let mut device = Device::new(1);
        device.counter = 4;
        assert_eq!(house.brings(&browser, &device).await.status, StatusCode::CREATED);
        let copy = device.clone();
        device.counter = 5;
        house.comes_in("leader", &device).await.ok();
        for counter in [4, 5, 0] {
            let copy = copy.bent(|copy| copy.counter = counter);
            house.comes_in("leader", &copy).await.is(401, "passkey-suspect");
        }
        device.counter = 6;
        house.comes_in("leader", &device).await.ok();
        let trail = house.trail(id).await;
        let told = trail.iter().filter(|(kind, _)| kind == "passkey.suspected").count();
        assert_eq!(told, 3, "{trail:?}");

        // Keys that live on several devices do not count.
        let (_, browser) = house.member("second", Role::Leader).await;
        let synced = Device::new(2);
        assert_eq!(house.brings(&browser, &synced).await.status, StatusCode::CREATED);
        for _ in 0..2 {
            house.comes_in("second", &synced).await.ok();
        }
    }
);

db::both!(
    the_last_second_factor_stays_and_who_manages_users_takes_a_lost_one_away,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, browser) = house.member("leader", Role::Leader).await;
        house.brings(&browser, &Device::new(1)).await;
        let listed = house.passkeys(PASSKEYS, &browser).await;
        house.delete(&one(&listed[0]), &browser).await.is(409, "passkey-last");
        house.later(SECOND);
        let second = house.brings(&browser, &Device::new(2)).await;
        assert_eq!(second.ok()["recovery_codes"], json!([]), "those there are stay");
        let listed = house.passkeys(PASSKEYS, &browser).await;
        assert_eq!(listed.len(), 2);
        let path = format!("{}/rename", one(&listed[1]));
        let named = house.post(&path, &browser, json!({ "name": "家里的" })).await;
        assert_eq!(named.status, StatusCode::NO_CONTENT);
        let elsewhere = house.comes_in("leader", &Device::new(2)).await.browser();

        let (other, li) = house.member("li", Role::FundraisingOfficer).await;
        for path in [
            one(&listed[0]),
            one(&json!({ "passkey": "aaaaaaaaaaaaaaaaaaaaaaaaaa" })),
        ] {
            house.delete(&path, &li).await.is(404, "not-found");
            house
                .post(&format!("{path}/rename"), &li, json!({ "name": "x" }))
                .await
                .is(404, "not-found");
        }
        house.brings(&li, &Device::new(1)).await.is(409, "passkey-twice");

        let (_, security) = house.member("security", Role::SecurityAdministrator).await;
        house.enrol(&security).await;
        house.get(&house.of_user(id), &li).await.is(403, "missing-permission");
        let theirs = house.passkeys(&house.of_user(id), &security).await;
        let names: Vec<&Value> = theirs.iter().map(|row| &row["name"]).collect();
        assert_eq!(names, ["办公室的钥匙", "家里的"]);
        let lost = format!(
            "{}/{}",
            house.of_user(id),
            theirs[0]["passkey"].as_str().expect("an id")
        );
        let wrong = format!(
            "{}/{}",
            house.of_user(other),
            theirs[0]["passkey"].as_str().expect("an id")
        );
        house.delete(&wrong, &security).await.is(404, "not-found");
        house.delete(&lost, &li).await.is(403, "missing-permission");
        assert_eq!(house.delete(&lost, &security).await.status, StatusCode::NO_CONTENT);
        house.get("/api/v1/me", &elsewhere).await.is(401, "session-ended");
        house
            .comes_in("leader", &Device::new(1))
            .await
            .is(401, "sign-in-failed");
        let last = format!(
            "{}/{}",
            house.of_user(id),
            theirs[1]["passkey"].as_str().expect("an id")
        );
        house.delete(&last, &security).await.is(409, "passkey-last");

        // Somebody of the city is nobody for the county's administrator.
        let new = NewUser {
            name: "city".into(),
            kind: ActorKind::Person,
            unit: unit(CITY),
            roles: vec![Role::Auditor],
            token: None,
            personal: Personal::default(),
        };
        let city = add_user(&house.services, &Actor::operator(), new)
            .await
            .expect("added")
            .id;
        house.get(&house.of_user(city), &security).await.is(404, "not-found");
        let theirs = format!("{}/aaaaaaaaaaaaaaaaaaaaaaaaaa", house.of_user(city));
        house.delete(&theirs, &security).await.is(404, "not-found");

        // An invitation takes all of them.
        let again = house.accept(&house.invited(id).await, "Another-bridge-7").await;
        assert_eq!(again.ok()["must"], "enrol_second_factor");
        assert!(house.passkeys(PASSKEYS, &again.browser()).await.is_empty());
        let kinds: Vec<String> = house.trail(id).await.into_iter().map(|(kind, _)| kind).collect();
        for kind in [
            "passkey.offered",
            "passkey.registered",
            "passkey.renamed",
            "passkey.removed",
        ] {
            assert!(kinds.iter().any(|found| found == kind), "{kind} in {kinds:?}");
        }
    }
);

db::both!(
    who_needs_no_second_factor_may_remove_the_last_passkey_and_old_sign_ins_change_none,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (_, browser) = house.member("li", Role::FundraisingOfficer).await;
        house.brings(&browser, &Device::new(1)).await.ok();
        house.sign_in("li", PASSWORD, None).await.is(401, "passkey-needed");
        house.later(11 * MINUTE);
        house.post(PASSKEYS, &browser, json!({})).await.is(403, "sign-in-again");
        let listed = house.passkeys(PASSKEYS, &browser).await;
        house.delete(&one(&listed[0]), &browser).await.is(403, "sign-in-again");
        house
            .post("/api/v1/account/second-factor", &browser, json!({}))
            .await
            .is(403, "sign-in-again");
        let fresh = house.comes_in("li", &Device::new(1)).await.browser();
        // Six digits beside the passkey: each opens.
        let (secret, _) = house.enrol(&fresh).await;
        house.later(30 * SECOND);
        house.sign_in("li", PASSWORD, Some(&house.code(&secret))).await.ok();
        house.comes_in("li", &Device::new(1)).await.ok();
        for seed in 2..=10 {
            house.brings(&fresh, &Device::new(seed)).await.ok();
        }
        house.post(PASSKEYS, &fresh, json!({})).await.is(409, "passkeys-full");
        for row in house.passkeys(PASSKEYS, &fresh).await {
            assert_eq!(house.delete(&one(&row), &fresh).await.status, StatusCode::NO_CONTENT);
        }
        house.later(30 * SECOND);
        house
            .sign_in("li", PASSWORD, None)
            .await
            .is(401, "second-factor-needed");
    }
);

db::both!(
    without_a_secure_address_no_passkey_is_made_or_asked_for,
    &all_migrations(),
    async |test: TestDb| {
        let mut house = House::new(&test);
        let (_, browser) = house.member("leader", Role::Leader).await;
        house.brings(&browser, &Device::new(1)).await.ok();
        house.services.base_url = Arc::from("http://give.example");
        house.app = guard::finish(crate::routes(), house.services.clone()).0;
        house
            .post(PASSKEYS, &browser, json!({}))
            .await
            .is(409, "passkeys-unavailable");
        house.asks("leader", PASSWORD).await.is(409, "passkeys-unavailable");
        let listed = house.passkeys(PASSKEYS, &browser).await;
        assert_eq!(listed[0]["here"], json!(false));
        // Those of another address are not asked for, and do not fall away either.
        house.services.base_url = Arc::from("https://give.example");
        house.app = guard::finish(crate::routes(), house.services.clone()).0;
        house.asks("leader", PASSWORD).await.is(404, "not-found");
        house.sign_in("leader", PASSWORD, None).await.is(401, "passkey-needed");
    }
);
