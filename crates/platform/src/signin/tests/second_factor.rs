//! The second factor, and what is asked again of who manages users, on both databases.

use super::*;

db::both!(
    who_approves_money_enrols_a_second_factor_first_and_a_code_works_once,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (id, browser) = house.member("leader", Role::Leader).await;
        let session = house.get("/api/v1/session", &browser).await;
        assert_eq!(session.ok()["must"], "enrol_second_factor");
        house.get("/api/v1/me", &browser).await.ok();
        house
            .get("/api/v1/parameters", &browser)
            .await
            .is(403, "second-factor-required");
        house
            .get("/api/v1/sessions", &browser)
            .await
            .is(403, "second-factor-required");
        let confirm = "/api/v1/account/second-factor/confirm";
        house
            .post(confirm, &browser, json!({ "code": "000000" }))
            .await
            .is(409, "second-factor-not-offered");
        let (secret, codes) = house.enrol(&browser).await;
        house.get("/api/v1/parameters", &browser).await.ok();
        assert_eq!(codes.len(), 10);
        assert_eq!(house.get("/api/v1/session", &browser).await.ok()["must"], Value::Null);

        house
            .sign_in("leader", "wrong", Some(&codes[0]))
            .await
            .is(401, "sign-in-failed");
        for _ in 0..10 {
            house
                .sign_in("leader", PASSWORD, None)
                .await
                .is(401, "second-factor-needed");
        }
        let used = house.code(&secret);
        house
            .sign_in("leader", PASSWORD, Some(&used))
            .await
            .is(401, "sign-in-failed");
        house.later(30 * SECOND);
        let next = house.code(&secret);
        house.sign_in("leader", PASSWORD, Some(&next)).await.ok();
        house
            .sign_in("leader", PASSWORD, Some(&next))
            .await
            .is(401, "sign-in-failed");
        let typed = codes[3].to_uppercase().replace('-', " ");
        house.sign_in("leader", PASSWORD, Some(&typed)).await.ok();
        house
            .sign_in("leader", PASSWORD, Some(&codes[3]))
            .await
            .is(401, "sign-in-failed");

        house.later(11 * MINUTE);
        house.get("/api/v1/me", &browser).await.ok();
        house
            .post("/api/v1/account/second-factor", &browser, json!({}))
            .await
            .is(403, "sign-in-again");
        let lost = house.accept(&house.invited(id).await, "Another-bridge-7").await;
        assert_eq!(
            lost.ok()["must"],
            "enrol_second_factor",
            "the factor is erased with the loss"
        );
        house.get("/api/v1/me", &browser).await.is(401, "session-ended");
        house
            .sign_in("leader", PASSWORD, Some(&codes[4]))
            .await
            .is(401, "sign-in-failed");
    }
);

db::both!(
    who_manages_users_invites_herself_after_a_fresh_sign_in_alone,
    &all_migrations(),
    async |test: TestDb| {
        let house = House::new(&test);
        let (other, _) = house.user("li", ActorKind::Person, Role::FundraisingOfficer).await;
        let (id, token) = house
            .user("security", ActorKind::Person, Role::SecurityAdministrator)
            .await;
        let browser = house.accept(&house.invited(id).await, PASSWORD).await.browser();
        house.enrol(&browser).await;
        let path = |id: ActorId| format!("/api/v1/users/{}/invitation", public(&*house.services.keys, id));
        house.post(&path(id), &browser, json!({})).await.ok();

        house.later(11 * MINUTE);
        house
            .post(&path(id), &browser, json!({}))
            .await
            .is(403, "sign-in-again");
        house.post(&path(other), &browser, json!({})).await.ok();
        // A token tells nothing of when somebody signed in.
        let request = Request::post(path(id)).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let response = house
            .app
            .clone()
            .oneshot(request.body(Body::empty()).expect("a request"))
            .await
            .expect("an answer");
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        let tokens = |id: ActorId| format!("/api/v1/users/{}/tokens", public(&*house.services.keys, id));
        let wanted = json!({ "name": "script" });
        house
            .post(&tokens(id), &browser, wanted.clone())
            .await
            .is(403, "sign-in-again");
        house.post(&tokens(other), &browser, wanted).await.ok();
        let own = json!({ "phone": "13800000007", "email": "li@example.test" });
        let personal = "/api/v1/account/personal";
        house
            .send("PATCH", personal, &browser, Some(own))
            .await
            .is(403, "sign-in-again");
        let of_other = format!("/api/v1/users/{}/personal", public(&*house.services.keys, other));
        let said = json!({ "phone": "13800000008", "reason": "correction" });
        let shown = house.send("PATCH", &of_other, &browser, Some(said)).await;
        assert_eq!(shown.ok()["phone"], "138****0008");
        let why = json!({ "reason": "reach" });
        let open = house.post(&format!("{of_other}/reveal"), &browser, why).await;
        assert_eq!(open.ok()["phone"], "13800000008");
        let trail = house.trail(other).await;
        let told = |kind: &str| trail.iter().filter(|(known, _)| known == kind).count();
        assert_eq!((told("user.personal_changed"), told("user.personal_revealed")), (1, 1));
        assert!(trail.iter().all(|(_, body)| !body.contains("13800000008")), "{trail:?}");
        let given = house.trail(id).await.into_iter();
        let given = given.filter(|(kind, _)| kind == "invitation.given").count();
        assert_eq!(given, 2, "the operator's and the fresh one");
    }
);
