//! Projects that open and raise by approval, where their unit demands it; on both databases and over HTTP.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::http::StatusCode;
use giving::projects::approval::{ADMISSION, ApprovalsDecided, Asking, RAISE, ask_admission, ask_raise, subject};
use giving::projects::{Nature, NewProject, Project, ProjectError, ProjectState, Under, actions, api, queries};
use giving::testing::{World, world};
use governance::approvals::actions::{self as approvals, NewAct, NewCase};
use governance::approvals::model::{CaseId, Verdict};
use governance::approvals::{CaseState, Policy, Subjects};
use kernel::id::public;
use kernel::{Fen, ProjectId, UnitId};
use platform::facts::Reactions;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use serde_json::json;

use crate::client::Client;

/// One stage: a leader of the unit.
fn policy() -> Policy {
    let document = json!({"title": "一关", "required": true, "stages": [
        {"key": "leader", "title": "负责人", "who": {"kind": "role", "role": "leader", "at": "own"},
         "how": {"kind": "any"}}]});
    serde_json::from_value(document).unwrap()
}

async fn person(w: &World, name: &str, unit: UnitId, role: Role) -> (Actor, String) {
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
    let actor = Actor::with_roles(added.id, name, ActorKind::Person, &[(role, unit)], &w.services().tree);
    (actor, added.token.unwrap().text)
}

async fn demand(w: &World, kind: &str) {
    let by = Actor::operator();
    approvals::publish(w.services(), &by, w.city, kind, policy())
        .await
        .unwrap();
}

async fn draft(w: &World, code: &str) -> Project {
    let new = NewProject {
        unit: w.city,
        under: Under::Campaign {
            campaign: w.campaign,
            theme: None,
        },
        code: code.into(),
        title: "博爱水窖".into(),
        summary: String::new(),
        region: "371300".parse().unwrap(),
        nature: Nature::Restricted,
        target: Some(Fen::new(1_000_000)),
        stop_when_full: false,
        choices: Vec::new(),
    };
    actions::create(w.services(), &Actor::operator(), new).await.unwrap()
}

async fn approve(w: &World, by: &Actor, case: CaseId) {
    let act = NewAct {
        stage: "leader".into(),
        verdict: Verdict::Approve,
        words: String::new(),
        scores: Default::default(),
    };
    let standing = approvals::act(w.services(), by, case, act).await.unwrap();
    assert_eq!(standing.outcome.state(), CaseState::Approved);
    let reactions = Reactions::new(vec![Box::new(ApprovalsDecided)]);
    platform::testing::placed(w.services()).await;
    reactions.drain(w.services()).await.unwrap();
}

async fn stands(w: &World, id: ProjectId) -> Project {
    let mut at = w.services().db.snapshot().await.unwrap();
    queries::project(&mut at, id).await.unwrap().unwrap()
}

db::both!(
    a_project_opens_by_its_approval_where_its_unit_demands_one_and_by_no_other,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let by = Actor::operator();
        let free = draft(&w, "free").await;
        actions::open(w.services(), &by, free.id).await.unwrap();
        demand(&w, ADMISSION).await;
        let (asker, _) = person(&w, "asker", w.city, Role::FundraisingOfficer).await;
        let (head, _) = person(&w, "head", w.city, Role::Leader).await;
        let project = draft(&w, "cellar").await;
        let refused = actions::open(w.services(), &by, project.id).await;
        assert!(matches!(refused, Err(ProjectError::NeedsApproval)));

        // A case that another unit approved about this project opens nothing.
        let (below, _) = person(&w, "below", w.county, Role::FundraisingOfficer).await;
        let (chief, _) = person(&w, "chief", w.county, Role::Leader).await;
        let foreign = NewCase {
            unit: w.county,
            subject_kind: ADMISSION.into(),
            subject: subject(project.id),
            title: "别人的".into(),
            summary: String::new(),
            papers: Vec::new(),
            parties: Vec::new(),
            hurry: None,
            details: json!({}),
        };
        let foreign = approvals::submit(w.services(), &below, foreign).await.unwrap();
        approve(&w, &chief, foreign).await;
        assert_eq!(stands(&w, project.id).await.state, ProjectState::Draft);
        let refused = actions::open(w.services(), &by, project.id).await;
        assert!(matches!(refused, Err(ProjectError::NeedsApproval)));

        let case = ask_admission(w.services(), &asker, project.id, Asking::default())
            .await
            .unwrap();
        assert_eq!(stands(&w, project.id).await.state, ProjectState::Draft);
        approve(&w, &head, case).await;
        assert!(
            matches!(stands(&w, project.id).await.state, ProjectState::Open { .. }),
            "the approval opens it"
        );
        let again = ask_admission(w.services(), &asker, project.id, Asking::default()).await;
        assert!(again.is_err(), "what is open is not admitted again");
        w.stop();
    }
);

db::both!(
    an_urgent_raise_needs_its_own_approval_each_time_and_is_done_by_it,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let by = Actor::operator();
        let id = w.restricted.id;
        let reason = "灾情扩大，需求增加";
        actions::raise_target(w.services(), &by, id, Fen::new(1_100_000), reason)
            .await
            .unwrap();
        demand(&w, RAISE).await;
        let (asker, _) = person(&w, "asker", w.city, Role::FundraisingOfficer).await;
        let (head, _) = person(&w, "head", w.city, Role::Leader).await;
        let ask =
            async |fen: i64| ask_raise(w.services(), &asker, id, (Fen::new(fen), reason), Asking::default()).await;
        assert!(ask(1_100_000).await.is_err(), "not higher");
        for target in [1_200_000, 1_300_000] {
            let refused = actions::raise_target(w.services(), &by, id, Fen::new(target), reason).await;
            assert!(matches!(refused, Err(ProjectError::NeedsApproval)));
            let case = ask(target).await.unwrap();
            assert!(ask(target).await.is_err(), "one raise at a time");
            approve(&w, &head, case).await;
            assert_eq!(stands(&w, id).await.target, Some(Fen::new(target)));
        }
        w.stop();
    }
);

db::both!(
    who_asks_over_http_holds_the_permission_in_the_projects_unit,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        demand(&w, ADMISSION).await;
        let project = draft(&w, "cellar").await;
        let subjects = Subjects::new(giving::subjects());
        let routes = api::routes().merge(governance::approvals::api::routes(&subjects));
        let (router, _) = guard::finish(routes, w.services().clone());
        let client = async |name: &str, unit, role| Client {
            router: router.clone(),
            token: Some(person(&w, name, unit, role).await.1),
        };
        let path = format!("/api/v1/projects/{}/admission", public(&*w.services().keys, project.id));
        let auditor = client("auditor", w.city, Role::Auditor).await;
        let (status, _) = auditor.call("POST", &path, Some(json!({}))).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let county = client("county", w.county, Role::FundraisingOfficer).await;
        let (status, _) = county.call("POST", &path, Some(json!({}))).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let unit = public(&*w.services().keys, w.county);
        let thing = public(&*w.services().keys, project.id);
        let about = json!({"unit": unit, "subject_kind": ADMISSION, "subject": thing, "title": "别人的"});
        let (status, problem) = county.call("POST", "/api/v1/approvals", Some(about)).await;
        assert_eq!(
            (status, &problem["type"], &problem["field"]),
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                &json!("/problems/approval-subject-elsewhere"),
                &json!("subject")
            )
        );
        let asker = client("asker", w.city, Role::FundraisingOfficer).await;
        let (status, problem) = asker.call("POST", &path, Some(json!({}))).await;
        assert_eq!(
            (status, &problem["type"]),
            (StatusCode::CONFLICT, &json!("/problems/approval-nobody-decides"))
        );
        client("head", w.city, Role::Leader).await;
        let (status, asked) = asker.call("POST", &path, Some(json!({"summary": "三口水窖"}))).await;
        assert_eq!(status, StatusCode::CREATED, "{asked}");
        let case = format!("/api/v1/approvals/{}", asked["case"].as_str().unwrap());
        let (_, case) = asker.call("GET", &case, None).await;
        assert_eq!(
            (&case["title"], &case["summary"]),
            (&json!("博爱水窖"), &json!("三口水窖"))
        );
        let open = format!("/api/v1/projects/{}/open", public(&*w.services().keys, project.id));
        let (status, problem) = asker.call("POST", &open, None).await;
        assert_eq!(
            (status, &problem["type"]),
            (StatusCode::CONFLICT, &json!("/problems/project-needs-approval"))
        );
        w.stop();
    }
);
