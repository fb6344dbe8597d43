//! Notices over HTTP: written, decided by two, published with a number, corrected, withdrawn; on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::body::Body;
use axum::http::{Request, StatusCode};
use giving::testing::{World, world};
use governance::approvals::Subjects;
use kernel::UnitId;
use kernel::id::public;
use platform::facts::Reactions;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use proof::notices::{api, rules};
use serde_json::{Value, json};
use tower::ServiceExt as _;

struct Client {
    router: axum::Router,
    token: Option<String>,
}

impl Client {
    async fn send(&self, method: &str, path: &str, (kind, body): (&str, Vec<u8>)) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path).header("content-type", kind);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 24).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
    async fn call(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        self.send(method, path, ("application/json", body)).await
    }
    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call("GET", path, Value::Null).await
    }
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

struct Desk {
    officer: Client,
    finance: Client,
    leader: Client,
    county: Client,
    auditor: Client,
    anyone: Client,
    city: String,
}

impl Desk {
    async fn new(w: &World) -> Self {
        let subjects = Subjects::new(proof::subjects());
        let routes = api::routes().merge(governance::approvals::api::routes(&subjects));
        let (router, openapi) = guard::finish(routes, w.services().clone());
        let access = guard::access_list(&openapi);
        assert!(
            access.iter().all(|line| !line.ends_with(guard::UNGUARDED)),
            "{access:?}"
        );
        Self {
            officer: client(w, &router, ("officer", w.city, Role::FundraisingOfficer)).await,
            finance: client(w, &router, ("finance", w.city, Role::FinanceOfficer)).await,
            leader: client(w, &router, ("leader", w.city, Role::Leader)).await,
            county: client(w, &router, ("county", w.county, Role::FundraisingOfficer)).await,
            auditor: client(w, &router, ("auditor", w.city, Role::Auditor)).await,
            anyone: Client { router, token: None },
            city: public(&*w.services().keys, w.city),
        }
    }

    async fn draft(&self, title: &str) -> String {
        let body = json!({"unit": self.city, "draft": draft(title, "本月支出如下。\n\n- 设备 <12> 台")});
        let (status, made) = self.officer.call("POST", "/api/v1/staff/disclosures", body).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made["notice"]["id"].as_str().unwrap().to_owned()
    }

    /// Asks, and lets finance and the leader approve; the reaction publishes.
    async fn publish(&self, w: &World, id: &str) {
        let path = format!("/api/v1/staff/disclosures/{id}/ask");
        let (status, asked) = self.officer.call("POST", &path, json!({"summary": "请审"})).await;
        assert_eq!(status, StatusCode::CREATED, "{asked}");
        let act = format!("/api/v1/approvals/{}/act", asked["case"].as_str().unwrap());
        for (who, stage) in [(&self.finance, "finance"), (&self.leader, "leader")] {
            let (status, _) = self.anyone.get(&format!("/api/v1/disclosures/{id}")).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "nothing is told before {stage} approved");
            let body = json!({"stage": stage, "verdict": "approve"});
            let (status, said) = who.call("POST", &act, body).await;
            assert_eq!(status, StatusCode::OK, "{said}");
            platform::testing::placed(w.services()).await;
            let reactions = Reactions::new(proof::reactions());
            reactions.drain(w.services()).await.unwrap();
        }
    }
}

fn draft(title: &str, body: &str) -> Value {
    json!({"kind": "spending", "texts": {"title": title, "body": body, "title_en": "Spending", "body_en": "This month."}})
}

fn kind(answer: &Value) -> &str {
    answer["type"]
        .as_str()
        .unwrap_or_default()
        .trim_start_matches("/problems/")
}

db::both!(
    a_notice_is_decided_by_two_numbered_without_gaps_corrected_and_withdrawn,
    &proof::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let desk = Desk::new(&w).await;
        let at = |id: &str, rest: &str| format!("/api/v1/staff/disclosures/{id}{rest}");

        let first = desk.draft("四月支出公示").await;
        let tags = json!({"unit": desk.city, "draft": draft("题目", "<img src=x onerror=alert(1)>")});
        let (status, answer) = desk.officer.call("POST", "/api/v1/staff/disclosures", tags).await;
        assert_eq!(
            (status, &answer["field"]),
            (StatusCode::BAD_REQUEST, &json!("body")),
            "{answer}"
        );

        // Who may not, and to whom it is not there.
        let (status, _) = desk.auditor.call("PUT", &at(&first, ""), draft("别人", "改")).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(
            desk.auditor.get(&at(&first, "")).await.0,
            StatusCode::OK,
            "who watches reads drafts"
        );
        for (method, rest, body) in [
            ("GET", "", Value::Null),
            ("PUT", "", draft("县里", "改")),
            ("POST", "/ask", json!({})),
            ("POST", "/drop", json!({})),
            ("POST", "/correct", json!({})),
            ("POST", "/withdraw", json!({"reason": "不是我的"})),
        ] {
            let (status, _) = desk.county.call(method, &at(&first, rest), body).await;
            assert_eq!(
                status,
                StatusCode::NOT_FOUND,
                "{method} {rest}: another unit’s notice is not there"
            );
        }
        let (_, listed) = desk.county.get("/api/v1/staff/disclosures").await;
        assert_eq!(listed["items"], json!([]));
        assert_eq!(desk.anyone.get(&at(&first, "")).await.0, StatusCode::UNAUTHORIZED);

        // A file of a kind that is taken, and one that is not.
        let files = at(&first, "/files?name=report.pdf");
        let octets = "application/octet-stream";
        let (status, answer) = desk.officer.send("POST", &files, (octets, b"<html>".to_vec())).await;
        assert_eq!((status.as_u16(), kind(&answer)), (422, "notice-file-kind"));
        let pdf = b"%PDF-1.4 made up".to_vec();
        let (status, added) = desk.officer.send("POST", &files, (octets, pdf.clone())).await;
        assert_eq!(status, StatusCode::CREATED, "{added}");
        let (_, again) = desk.officer.send("POST", &files, (octets, pdf)).await;
        assert_eq!(
            again["notice"]["files"].as_array().unwrap().len(),
            1,
            "the same bytes are one file"
        );
        assert_eq!(
            again["notice"]["blocks"][1],
            json!({"kind": "items", "items": ["设备 <12> 台"]}),
            "text stays text"
        );

        // Nobody goes around the text that is decided about.
        let about = json!({"unit": desk.city, "subject_kind": "notice", "subject": first, "title": "绕过"});
        let (status, answer) = desk.officer.call("POST", "/api/v1/approvals", about).await;
        assert_eq!((status.as_u16(), kind(&answer)), (422, "approval-subject-elsewhere"));

        // Given up, a draft takes no number.
        let given_up = desk.draft("放弃").await;
        assert_eq!(
            desk.officer.call("POST", &at(&given_up, "/drop"), json!({})).await.0,
            StatusCode::OK
        );
        let (status, answer) = desk.officer.call("POST", &at(&given_up, "/ask"), json!({})).await;
        assert_eq!((status.as_u16(), kind(&answer)), (409, "notice-state"));

        desk.publish(&w, &first).await;
        let (status, told) = desk.anyone.get(&format!("/api/v1/disclosures/{first}")).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let year = w.today().year();
        assert_eq!(
            (&told["number"], &told["year"], &told["version"]),
            (&json!(1), &json!(year), &json!(1))
        );
        let (status, answer) = desk.officer.call("PUT", &at(&first, ""), draft("改", "改")).await;
        assert_eq!(
            (status.as_u16(), kind(&answer)),
            (409, "notice-state"),
            "what was published stays"
        );

        let second = desk.draft("五月支出公示").await;
        desk.publish(&w, &second).await;
        let (_, told) = desk.anyone.get(&format!("/api/v1/disclosures/{second}")).await;
        assert_eq!(told["number"], json!(2), "no gap");

        // A correction keeps the number; the version before stays readable and names it.
        let (status, begun) = desk.officer.call("POST", &at(&first, "/correct"), json!({})).await;
        assert_eq!(status, StatusCode::CREATED, "{begun}");
        let (_, same) = desk.officer.call("POST", &at(&first, "/correct"), json!({})).await;
        let correction = begun["notice"]["id"].as_str().unwrap();
        assert_eq!(same["notice"]["id"], begun["notice"]["id"], "begun once");
        assert_eq!(begun["notice"]["files"].as_array().unwrap().len(), 1, "with its files");
        let (status, _) = desk
            .officer
            .call("PUT", &at(correction, ""), draft("四月支出公示（更正）", "更正。"))
            .await;
        assert_eq!(status, StatusCode::OK);
        desk.publish(&w, correction).await;
        let (_, told) = desk.anyone.get(&format!("/api/v1/disclosures/{correction}")).await;
        assert_eq!(
            (&told["number"], &told["version"], &told["corrects"]),
            (&json!(1), &json!(2), &json!(first))
        );
        let (_, old) = desk.anyone.get(&format!("/api/v1/disclosures/{first}")).await;
        assert_eq!(
            (&old["state"], &old["corrected_by"]),
            (&json!("corrected"), &json!(correction))
        );
        assert_eq!(old["texts"]["title"], json!("四月支出公示"), "not a letter changed");
        let (_, listed) = desk.anyone.get("/api/v1/disclosures").await;
        let items = listed["items"].as_array().unwrap();
        let ids: Vec<&Value> = items.iter().map(|one| &one["id"]).collect();
        // Published in one moment of the test's clock: either may stand first.
        assert_eq!(ids.len(), 2);
        assert!(
            ids.contains(&&json!(correction)) && ids.contains(&&json!(second)),
            "{ids:?}"
        );
        let (_, page) = desk.anyone.get("/api/v1/disclosures?limit=1").await;
        let next = format!("/api/v1/disclosures?limit=1&cursor={}", page["next"].as_str().unwrap());
        let (_, page) = desk.anyone.get(&next).await;
        assert_eq!((&page["items"][0]["id"], &page["next"]), (ids[1], &Value::Null));

        // Withdrawn, it stays listed with the reason.
        let reason = json!({"reason": "合同金额有误"});
        let (status, answer) = desk.leader.call("POST", &at(&first, "/withdraw"), reason.clone()).await;
        assert_eq!(
            (status.as_u16(), kind(&answer)),
            (409, "notice-state"),
            "only what stands"
        );
        let (status, _) = desk
            .auditor
            .call("POST", &at(correction, "/withdraw"), reason.clone())
            .await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let (status, answer) = desk
            .leader
            .call("POST", &at(correction, "/withdraw"), json!({"reason": " "}))
            .await;
        assert_eq!((status, &answer["field"]), (StatusCode::BAD_REQUEST, &json!("reason")));
        let (status, _) = desk.leader.call("POST", &at(correction, "/withdraw"), reason).await;
        assert_eq!(status, StatusCode::OK);
        let (_, listed) = desk.anyone.get("/api/v1/disclosures").await;
        let items = listed["items"].as_array().unwrap();
        let withdrawn = items.iter().find(|one| one["id"] == json!(correction));
        assert_eq!(withdrawn.map(|one| &one["end_reason"]), Some(&json!("合同金额有误")));
        let (status, answer) = desk.officer.call("POST", &at(correction, "/correct"), json!({})).await;
        assert_eq!(
            (status.as_u16(), kind(&answer)),
            (409, "notice-state"),
            "what was withdrawn is not corrected"
        );
        w.stop();
    }
);

db::both!(
    while_a_case_decides_a_draft_does_not_change_and_taken_back_it_does,
    &proof::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let desk = Desk::new(&w).await;
        let id = desk.draft("进展").await;
        let at = |rest: &str| format!("/api/v1/staff/disclosures/{id}{rest}");
        let (_, asked) = desk.officer.call("POST", &at("/ask"), json!({})).await;
        for (method, rest, body) in [
            ("PUT", "", draft("改", "改")),
            ("POST", "/drop", json!({})),
            ("POST", "/ask", json!({})),
        ] {
            let (status, answer) = desk.officer.call(method, &at(rest), body).await;
            assert_eq!(
                (status.as_u16(), kind(&answer)),
                (409, "notice-asked"),
                "{method} {rest}"
            );
        }
        let case = format!("/api/v1/approvals/{}", asked["case"].as_str().unwrap());
        let (_, seen) = desk.finance.get(&case).await;
        assert_eq!(seen["stages"][0]["papers_missing"], json!([]), "the draft is the paper");
        let (status, _) = desk.officer.call("POST", &format!("{case}/withdraw"), json!({})).await;
        assert_eq!(status, StatusCode::OK);
        let (status, changed) = desk.officer.call("PUT", &at(""), draft("改好的", "改好的正文")).await;
        assert_eq!(
            (status, &changed["notice"]["texts"]["title"]),
            (StatusCode::OK, &json!("改好的"))
        );
        desk.publish(&w, &id).await;
        let (_, told) = desk.anyone.get(&format!("/api/v1/disclosures/{id}")).await;
        assert_eq!(told["texts"]["body"], json!("改好的正文"));

        // A campaign or project of another unit is none of this one's.
        let mut of_project = draft("项目", "正文");
        of_project["project"] = json!(public(&*w.services().keys, w.sub.id));
        let body = json!({"unit": desk.city, "draft": of_project});
        let (status, _) = desk.officer.call("POST", "/api/v1/staff/disclosures", body).await;
        assert_eq!(status, StatusCode::CREATED, "a county’s project is the city’s, too");
        let county = public(&*w.services().keys, w.county);
        let mut of_city = draft("项目", "正文");
        of_city["project"] = json!(public(&*w.services().keys, w.restricted.id));
        let body = json!({"unit": county, "draft": of_city});
        let (status, answer) = desk.county.call("POST", "/api/v1/staff/disclosures", body).await;
        assert_eq!((status, &answer["field"]), (StatusCode::BAD_REQUEST, &json!("project")));
        w.stop();
    }
);

#[test]
fn every_problem_of_a_notice_has_its_words_in_both_languages() {
    for kind in proof::notices::error::KINDS {
        for locale in web::Locale::ALL {
            for part in ["title", "detail"] {
                assert!(locale.knows(&format!("problem.{}.{part}", kind.slug)), "{}", kind.slug);
            }
        }
    }
    assert!(rules::blocks("").is_empty());
}
