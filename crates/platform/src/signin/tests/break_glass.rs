//! The sealed envelope, on both databases.

use super::*;
use crate::jobs::Runner;
use crate::notify::{Address, Kept};
use crate::signin::jobs::TellBroken;

const REASON: &str = "All administrators are away and the site shows a wrong account";

impl House {
    async fn prepared(&self) -> String {
        let code = actions::prepare_break_glass(&self.services, &Actor::operator()).await;
        code.expect("a code for the envelope")
    }
    async fn breaks(&self, code: &str, reason: &str) -> Answer {
        let browser = Browser {
            address: 1,
            ..Browser::default()
        };
        let body = json!({ "code": code, "reason": reason });
        self.post("/api/v1/break-glass", &browser, body).await
    }
    /// Somebody at the root with a telephone.
    async fn watcher(&self, name: &str, role: Role) -> Browser {
        let new = NewUser {
            name: name.into(),
            kind: ActorKind::Person,
            unit: unit(CITY),
            roles: vec![role],
            token: None,
            personal: Personal {
                real_name: None,
                phone: Some(format!("telephone of {name}")),
                email: None,
            },
        };
        let added = add_user(&self.services, &Actor::operator(), new).await.expect("added");
        self.accept(&self.invited(added.id).await, PASSWORD).await.browser()
    }
}

db::both!(
    the_code_of_the_envelope_opens_for_an_hour_once_and_everybody_who_watches_is_told,
    &all_migrations(),
    async |test: TestDb| {
        let mut house = House::new(&test);
        let kept = Arc::new(Kept::default());
        house.services.notify = kept.clone();
        let audit = house.watcher("audit", Role::AuditAdministrator).await;
        house.enrol(&audit).await;
        house.watcher("security", Role::SecurityAdministrator).await;
        let (_, officer) = house.member("li", Role::FundraisingOfficer).await;
        let before = house.prepared().await;
        house.later(SECOND);
        let code = house.prepared().await;
        let typed = code.replace('-', " ").to_uppercase();

        house.breaks(&typed, "why not").await.is(400, "break-glass-reason");
        house.breaks(&before, REASON).await.is(401, "break-glass-refused");
        house.breaks("abcd-efgh", REASON).await.is(401, "break-glass-refused");
        assert_eq!(
            house.get("/api/v1/session", &officer).await.ok()["glass_broken"],
            Value::Null
        );

        let opened = house.breaks(&typed, REASON).await;
        let hour = house.services.now().plus_micros(60 * MINUTE).to_rfc3339();
        assert_eq!(opened.ok()["ends_at"], hour.as_str());
        assert_eq!(opened.body["must"], Value::Null);
        let may = opened.body["user"]["permissions"].to_string();
        assert!(may.contains("user_manage"), "{may}");
        for money in [
            "refund_approve",
            "books_post",
            "approval_",
            "account_manage",
            "parameter_manage",
        ] {
            assert!(!may.contains(money), "{money} in {may}");
        }
        let inside = opened.browser();
        let users = house.get("/api/v1/users", &inside).await;
        assert!(users.ok()["items"].to_string().contains("break-glass"));
        house.breaks(&typed, REASON).await.is(401, "break-glass-refused");
        let (li, _) = house.user("wang", ActorKind::Person, Role::FundraisingOfficer).await;
        let li = public(&*house.services.keys, li);
        let city = public(&*house.services.keys, unit(CITY));
        for role in ["finance_officer", "emergency_administrator"] {
            let wanted = json!({ "role": role, "unit": city });
            let refused = house.post(&format!("/api/v1/users/{li}/roles"), &inside, wanted).await;
            refused.is(409, "role-not-handed-out");
        }
        let token = json!({ "name": "script" });
        let token = house.post(&format!("/api/v1/users/{li}/tokens"), &inside, token).await;
        token.is(409, "role-not-handed-out");
        let reset = house
            .post(&format!("/api/v1/users/{li}/invitation"), &inside, json!({}))
            .await;
        reset.is(409, "role-not-handed-out");
        let (zhao, _) = house.user("zhao", ActorKind::Person, Role::SystemAdministrator).await;
        let zhao = public(&*house.services.keys, zhao);
        let reset = house
            .post(&format!("/api/v1/users/{zhao}/invitation"), &inside, json!({}))
            .await;
        reset.ok();

        // Loud: every screen, the trail, and a message to those who watch, which gives no reason.
        let seen = house.get("/api/v1/session", &officer).await;
        assert_eq!(seen.ok()["glass_broken"]["until"], hour.as_str());
        let list = house.get("/api/v1/break-glass", &audit).await;
        assert_eq!(list.ok()["items"][0]["reason"], REASON);
        assert_ne!(list.body["items"][1]["withdrawn_at"], Value::Null);
        house
            .get("/api/v1/break-glass", &officer)
            .await
            .is(403, "missing-permission");
        let account = opened.body["user"]["id"].as_str().expect("an id");
        let account = kernel::id::from_public(&*house.services.keys, account).expect("its id");
        let kinds: Vec<String> = house.trail(account).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(
            kinds.iter().filter(|kind| *kind == "break_glass.used").count(),
            1,
            "{kinds:?}"
        );
        let runner = Runner::new(vec![Box::new(TellBroken)]);
        runner.drain(&house.services).await.expect("drained");
        let mut told: Vec<String> = kept
            .all()
            .into_iter()
            .map(|message| {
                assert!(!message.text.contains(REASON), "{}", message.text);
                match message.to {
                    Address::Phone(phone) => phone,
                    Address::Email(email) => email,
                }
            })
            .collect();
        told.sort();
        assert_eq!(told, ["telephone of audit", "telephone of security"]);

        house.later(60 * MINUTE);
        house.get("/api/v1/users", &inside).await.is(401, "session-ended");
        house.get("/api/v1/session", &officer).await.is(401, "session-ended");
        let again = house.sign_in("li", PASSWORD, None).await;
        assert_eq!(again.ok()["glass_broken"], Value::Null);
    }
);

db::both!(
    who_guesses_at_the_envelope_is_locked_by_address_and_the_envelope_is_not,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let code = house.prepared().await;
        for n in 0..30 {
            house
                .breaks(&format!("guess {n}"), REASON)
                .await
                .is(401, "break-glass-refused");
        }
        house.breaks(&code, REASON).await.is(429, "sign-in-locked");
        let body = json!({ "code": code, "reason": REASON });
        let elsewhere = Browser {
            address: 2,
            ..Browser::default()
        };
        house.post("/api/v1/break-glass", &elsewhere, body).await.ok();
    }
);
