//! The pages of notices over HTTP, on both databases.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use giving::testing::{World, world};
use governance::approvals::actions::{Asking, NewAct, act};
use governance::approvals::model::Verdict;
use http_body_util::BodyExt as _;
use kernel::id::{hex, public};
use platform::facts::Reactions;
use platform::identity::actions::{NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role};
use proof::notices::model::Draft;
use proof::notices::{Notice, NoticeId, NoticeKind, Texts, actions, rules};
use tower::ServiceExt as _;

async fn get(w: &World, path: &str) -> (StatusCode, String) {
    let request = Request::get(path)
        .header(header::ACCEPT, "text/html")
        .body(Body::empty());
    let router = super::routes(w.services().clone(), None);
    let response = router.oneshot(request.expect("a request")).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn somebody(w: &World, name: &str, role: Role) -> Actor {
    let user = NewUser {
        name: name.into(),
        kind: ActorKind::Person,
        unit: w.city,
        roles: vec![role],
        token: None,
        personal: Personal::default(),
    };
    let added = add_user(w.services(), &Actor::operator(), user).await.expect("added");
    Actor::with_roles(added.id, name, ActorKind::Person, &[(role, w.city)], &w.services().tree)
}

struct People {
    officer: Actor,
    finance: Actor,
    leader: Actor,
}

impl People {
    async fn publish(&self, w: &World, id: NoticeId) {
        let services = w.services();
        let case = actions::ask(services, &self.officer, id, Asking::default())
            .await
            .expect("asked");
        for (who, stage) in [(&self.finance, "finance"), (&self.leader, "leader")] {
            let yes = NewAct {
                stage: stage.into(),
                verdict: Verdict::Approve,
                words: String::new(),
                scores: Default::default(),
            };
            act(services, who, case, yes).await.expect("approved");
        }
        platform::testing::placed(services).await;
        Reactions::new(proof::reactions())
            .drain(services)
            .await
            .expect("published");
    }
}

fn draft(w: &World, body: &str) -> Draft {
    Draft {
        kind: NoticeKind::Spending,
        campaign: None,
        project: Some(w.restricted.id),
        texts: Texts {
            title: "四月支出公示".into(),
            body: body.into(),
            ..Texts::default()
        },
    }
}

async fn drafted(w: &World, by: &Actor, body: &str) -> Notice {
    actions::draft(w.services(), by, w.city, draft(w, body))
        .await
        .expect("drafted")
}

db::both!(
    a_published_notice_has_its_page_text_and_files_and_a_draft_has_none,
    &proof::all_migrations(),
    async |test: TestDb| {
        let w = world(test.db.clone()).await;
        let people = People {
            officer: somebody(&w, "officer", Role::FundraisingOfficer).await,
            finance: somebody(&w, "finance", Role::FinanceOfficer).await,
            leader: somebody(&w, "leader", Role::Leader).await,
        };
        let services = w.services();
        let (status, html) = get(&w, "/notices").await;
        assert!(status == StatusCode::OK && html.contains("还没有发布公示"), "{html}");

        let first = drafted(&w, &people.officer, "## 明细\n- 设备 1<2 & 培训\n\n合计 12 元").await;
        let pdf: &[u8] = b"%PDF-1.4 made up";
        actions::add_file(services, &people.officer, first.id, ("report.pdf", pdf))
            .await
            .expect("added");
        let page = format!("/notices/{}", public(&*services.keys, first.id));
        for path in [page.clone(), format!("{page}/text")] {
            assert_eq!(
                get(&w, &path).await.0,
                StatusCode::NOT_FOUND,
                "a draft is nobody’s business"
            );
        }
        people.publish(&w, first.id).await;
        let (status, html) = get(&w, &page).await;
        assert_eq!(status, StatusCode::OK);
        for wanted in [
            "四月支出公示",
            "<h2>明细</h2>",
            "1&lt;2 &amp; 培训",
            "年第 1 号",
            "report.pdf",
            "/p/aed",
        ] {
            assert!(html.contains(wanted), "{wanted}: {html}");
        }
        let (_, text) = get(&w, &format!("{page}/text")).await;
        assert!(
            html.contains(&hex(&rules::fingerprint(&text))),
            "the page shows the fingerprint of its text"
        );
        let at = html.find(&format!("{page}/files/")).expect("a file");
        let address: String = html[at..].chars().take_while(|letter| *letter != '"').collect();
        let (status, bytes) = get(&w, &address).await;
        assert_eq!((status, bytes.as_bytes()), (StatusCode::OK, pdf));
        let strange = format!("{page}/files/{}", "0".repeat(64));
        assert_eq!(get(&w, &strange).await.0, StatusCode::NOT_FOUND);

        let second = actions::correct(services, &people.officer, first.id)
            .await
            .expect("begun");
        actions::change(services, &people.officer, second.id, draft(&w, "合计 13 元"))
            .await
            .expect("changed");
        people.publish(&w, second.id).await;
        let newer = format!("/notices/{}", public(&*services.keys, second.id));
        let (_, old) = get(&w, &page).await;
        assert!(
            old.contains("这一版已经更正") && old.contains(&newer) && old.contains("合计 12 元"),
            "{old}"
        );
        let (_, list) = get(&w, "/notices").await;
        assert!(list.contains(&newer) && !list.contains(&format!("{page}\"")), "{list}");
        let of_unit = format!("/u/{}/notices", public(&*services.keys, w.city));
        assert!(get(&w, &of_unit).await.1.contains(&newer));

        actions::withdraw(services, &people.leader, second.id, "合同金额有误")
            .await
            .expect("withdrawn");
        let (_, html) = get(&w, &newer).await;
        assert!(
            html.contains("原因：合同金额有误") && html.contains("合计 13 元"),
            "{html}"
        );
        assert!(get(&w, "/notices").await.1.contains("已撤回"), "it stays listed");
        assert_eq!(get(&w, "/notices?before=nonsense").await.0, StatusCode::OK);
        w.stop();
    }
);
