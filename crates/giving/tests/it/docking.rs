//! Docking of a partner without the right to raise in public: its gates, its case, its name; on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::http::StatusCode;
use giving::docking::api;
use giving::docking::approval::{DockingsDecided, KIND};
use giving::testing::{World, world};
use governance::approvals::{Policy, Subjects, actions as approvals};
use kernel::UnitId;
use kernel::id::public;
use platform::facts::Reactions;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use serde_json::{Value, json};

use crate::client::Client;

const PARTNER: &str = "示范市春风助学服务中心";

fn policy() -> Policy {
    let document = json!({"title": "公募对接", "required": true, "stages": [
        {"key": "leader", "title": "负责人", "who": {"kind": "role", "role": "leader", "at": "own"},
         "how": {"kind": "any"}, "papers": ["assessment", "agreement", "plan_naming"]}]});
    serde_json::from_value(document).unwrap()
}

async fn client(w: &World, router: &axum::Router, (name, unit, role): (&str, UnitId, Role)) -> Client {
    let user = NewUser {
        name: name.into(),
        kind: ActorKind::Person,
        unit,
        roles: vec![role],
        token: Some(NewToken {
            name: "laptop".into(),
            days: None,
        }),
        personal: Personal::default(),
    };
    let added = add_user(w.services(), &Actor::operator(), user).await.unwrap();
    Client {
        router: router.clone(),
        token: Some(added.token.unwrap().text),
    }
}

fn kind(answer: &Value) -> &str {
    answer["type"]
        .as_str()
        .unwrap_or_default()
        .trim_start_matches("/problems/")
}

db::both!(
    a_partner_is_named_once_assessed_agreed_with_named_in_the_filed_plan_and_approved,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let subjects = Subjects::new(giving::subjects());
        let routes = api::routes()
            .merge(giving::campaigns::api::routes())
            .merge(governance::approvals::api::routes(&subjects));
        let (router, openapi) = guard::finish(routes, w.services().clone());
        let access = guard::access_list(&openapi);
        assert!(
            access.iter().all(|line| !line.ends_with(guard::UNGUARDED)),
            "{access:?}"
        );
        approvals::publish(w.services(), &Actor::operator(), w.city, KIND, policy())
            .await
            .unwrap();
        let officer = client(&w, &router, ("officer", w.city, Role::FundraisingOfficer)).await;
        let head = client(&w, &router, ("head", w.city, Role::Leader)).await;
        let county = client(&w, &router, ("county", w.county, Role::FundraisingOfficer)).await;
        let anyone = Client {
            router: router.clone(),
            token: None,
        };
        let (city, campaign) = (
            public(&*w.services().keys, w.city),
            public(&*w.services().keys, w.campaign),
        );

        let body = |code: &str| json!({"unit": city, "name": PARTNER, "credit_code": code});
        let (status, answer) = officer
            .call("POST", "/api/v1/partners", Some(body("52371300MJE000002T")))
            .await;
        assert_eq!(
            (status, &answer["field"]),
            (StatusCode::BAD_REQUEST, &json!("credit_code"))
        );
        let (status, partner) = officer
            .call("POST", "/api/v1/partners", Some(body("523713000mje000002")))
            .await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{partner}");
        let (status, partner) = officer
            .call("POST", "/api/v1/partners", Some(body("52371300MJE0000022")))
            .await;
        assert_eq!(status, StatusCode::CREATED, "{partner}");
        let (_, again) = officer
            .call("POST", "/api/v1/partners", Some(body("52371300MJE0000022")))
            .await;
        assert_eq!(again, partner);
        let begin = json!({"campaign": campaign, "partner": partner["id"]});
        let (status, _) = county.call("POST", "/api/v1/dockings", Some(begin.clone())).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, docking) = officer.call("POST", "/api/v1/dockings", Some(begin)).await;
        assert_eq!(
            (status, &docking["missing"]),
            (StatusCode::CREATED, &json!(["assessment", "agreement", "plan_naming"]))
        );
        let path = format!("/api/v1/dockings/{}", docking["id"].as_str().unwrap());
        let day = w.today();
        let steps = [
            (
                "PUT",
                "assessment",
                json!({"assessed_on": day, "conclusion": "机构合规，团队稳定", "sha256": "ab".repeat(32)}),
            ),
            (
                "PUT",
                "agreement",
                json!({"number": "2026-01", "signed_on": day, "sha256": "cd".repeat(32)}),
            ),
            ("POST", "ask", json!({"summary": "助学项目"})),
            ("POST", "name", json!({})),
            ("POST", "end", json!({"reason": "不再合作"})),
        ];
        for (method, step, body) in &steps {
            let (status, _) = county.call(method, &format!("{path}/{step}"), Some(body.clone())).await;
            assert_eq!(
                status,
                StatusCode::NOT_FOUND,
                "{step}: another unit’s docking is not there"
            );
        }
        let step = async |at: usize| {
            let (method, step, body) = &steps[at];
            officer
                .call(method, &format!("{path}/{step}"), Some(body.clone()))
                .await
        };
        let (status, answer) = step(2).await;
        assert_eq!((status.as_u16(), kind(&answer)), (409, "docking-not-whole"));
        assert_eq!(step(0).await.0, StatusCode::OK);
        assert_eq!(step(1).await.1["missing"], json!(["plan_naming"]));
        let about = json!({"unit": city, "subject_kind": KIND, "subject": docking["id"], "title": "绕过"});
        let (status, answer) = officer.call("POST", "/api/v1/approvals", Some(about)).await;
        assert_eq!(
            (status.as_u16(), kind(&answer)),
            (422, "approval-subject-elsewhere"),
            "no way around a gate"
        );

        let (_, shown) = officer
            .call("GET", &format!("/api/v1/staff/campaigns/{campaign}"), None)
            .await;
        let mut plan = shown["plan"].clone();
        plan["use_of_proceeds"] = json!(format!("与{PARTNER}合作开展助学"));
        let change = json!({"plan": plan, "reason": "增加合作方", "changed_on": day});
        let (status, answer) = officer
            .call("POST", &format!("/api/v1/campaigns/{campaign}/changes"), Some(change))
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(
            kind(&step(3).await.1),
            "docking-state",
            "nobody is named without an approval"
        );
        let (status, asked) = step(2).await;
        assert_eq!(status, StatusCode::CREATED, "{asked}");
        assert_eq!(kind(&step(2).await.1), "docking-asked");
        assert_eq!(
            step(0).await.0,
            StatusCode::OK,
            "the same assessment again changes nothing"
        );
        let other = json!({"assessed_on": day, "conclusion": "另一个", "sha256": "ef".repeat(32)});
        let (_, answer) = officer.call("PUT", &format!("{path}/assessment"), Some(other)).await;
        assert_eq!(kind(&answer), "docking-asked", "what a case stands on stays");
        let case = format!("/api/v1/approvals/{}", asked["case"].as_str().unwrap());
        let (_, seen) = head.call("GET", &case, None).await;
        assert_eq!(seen["stages"][0]["papers_missing"], json!([]));
        let approve = json!({"stage": "leader", "verdict": "approve"});
        let (status, answer) = head.call("POST", &format!("{case}/act"), Some(approve)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let reactions = Reactions::new(vec![Box::new(DockingsDecided)]);
        platform::testing::placed(w.services()).await;
        reactions.drain(w.services()).await.unwrap();

        let public_page = format!("/api/v1/campaigns/{campaign}");
        assert_eq!(anyone.call("GET", &public_page, None).await.1["partners"], json!([]));
        let (status, named) = step(3).await;
        assert_eq!((status, &named["state"]), (StatusCode::OK, &json!("named")));
        assert_eq!(
            anyone.call("GET", &public_page, None).await.1["partners"],
            json!([PARTNER])
        );
        let (_, ended) = step(4).await;
        assert_eq!(
            (&ended["state"], &ended["end_reason"]),
            (&json!("ended"), &json!("不再合作"))
        );
        assert_eq!(anyone.call("GET", &public_page, None).await.1["partners"], json!([]));
        w.stop();
    }
);

#[test]
fn every_problem_of_a_docking_has_its_words_in_both_languages() {
    for kind in giving::docking::error::KINDS {
        for locale in web::Locale::ALL {
            for part in ["title", "detail"] {
                assert!(locale.knows(&format!("problem.{}.{part}", kind.slug)), "{}", kind.slug);
            }
        }
    }
}
