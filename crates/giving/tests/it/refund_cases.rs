//! Refunds that a case decides, where the unit has published who does; on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use giving::donations::refunds::approval::{KIND, RefundsDecided, courses, subject};
use giving::donations::refunds::{self, Refund, RefundReason, RefundState, request_saying};
use giving::donations::{DonationError, Outcome};
use giving::testing::{World, world};
use governance::approvals::actions::{self as approvals, NewAct, NewCase};
use governance::approvals::model::{CaseId, Verdict};
use governance::approvals::rules::Refusal;
use governance::approvals::{ApprovalError, CaseState, Policy, Subjects};
use kernel::{Fen, GiftId, UnitId};
use platform::facts::{self, Reactions};
use platform::identity::actions::{NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role};
use serde_json::json;

fn policy() -> Policy {
    let document = json!({"title": "退款", "stages": [
        {"key": "leader", "title": "负责人", "who": {"kind": "role", "role": "leader", "at": "own"},
         "how": {"kind": "any"}}]});
    serde_json::from_value(document).unwrap()
}

async fn publish(w: &World) {
    approvals::publish(w.services(), &Actor::operator(), w.city, KIND, policy())
        .await
        .unwrap();
}

async fn person(w: &World, name: &str, unit: UnitId, role: Role) -> Actor {
    let user = NewUser {
        name: name.into(),
        kind: ActorKind::Person,
        unit,
        roles: vec![role],
        token: None,
        personal: Personal::default(),
    };
    let added = add_user(w.services(), &Actor::operator(), user).await.unwrap();
    Actor::with_roles(added.id, name, ActorKind::Person, &[(role, unit)], &w.services().tree)
}

async fn gift(w: &World) -> GiftId {
    match w.submit(w.incoming(&w.restricted, "T1", 10_000)).await {
        Outcome::Recorded(gift) => gift,
        other => panic!("{other:?}"),
    }
}

async fn ask(w: &World, by: &Actor, gift: GiftId, (fen, key): (i64, &str)) -> Result<Refund, DonationError> {
    let what = (gift, Fen::new(fen), RefundReason::DuplicatePayment);
    request_saying(w.services(), by, what, (key, "付了两次")).await
}

async fn stands(w: &World, refund: &Refund) -> (Refund, Option<(CaseId, CaseState)>, bool) {
    let mut at = w.services().db.snapshot().await.unwrap();
    let now = refunds::find(&mut at, refund.id).await.unwrap().unwrap();
    let way = courses(&mut at, w.services(), &[now]).await.unwrap()[0];
    (now, way.case, way.by_case)
}

async fn say(w: &World, by: &Actor, case: CaseId, verdict: Verdict) -> Result<(), ApprovalError> {
    let act = NewAct {
        stage: "leader".into(),
        verdict,
        words: "看过了".into(),
        scores: Default::default(),
    };
    approvals::act(w.services(), by, case, act).await.map(drop)
}

async fn react(w: &World) {
    let reactions = Reactions::new(vec![Box::new(RefundsDecided)]);
    platform::testing::placed(w.services()).await;
    reactions.drain(w.services()).await.unwrap();
}

db::both!(
    a_refund_is_decided_by_its_case_and_by_no_other_way_where_the_unit_published_who_decides,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let given = gift(&w).await;
        publish(&w).await;
        let asker = person(&w, "asker", w.city, Role::FinanceOfficer).await;
        let refused = ask(&w, &asker, given, (3_000, "k0")).await;
        assert!(
            matches!(refused, Err(DonationError::Approval(ApprovalError::Nobody(_)))),
            "{refused:?}"
        );
        let head = person(&w, "head", w.city, Role::Leader).await;
        let refund = ask(&w, &asker, given, (3_000, "k1")).await.unwrap();
        let again = ask(&w, &asker, given, (3_000, "k1")).await.unwrap();
        assert_eq!(
            again.id, refund.id,
            "the same request is the same refund and the same case"
        );
        let (now, case, by_case) = stands(&w, &refund).await;
        let (case, state) = case.unwrap();
        assert_eq!(
            (now.state, by_case, state),
            (RefundState::Requested, true, CaseState::Open)
        );
        for tried in [
            refunds::approve(w.services(), &w.second, refund.id).await.map(drop),
            refunds::reject(w.services(), &w.second, refund.id).await.map(drop),
            refunds::approve(w.services(), &head, refund.id).await.map(drop),
        ] {
            assert!(matches!(tried, Err(DonationError::NeedsApproval)), "{tried:?}");
        }
        let own = say(&w, &asker, case, Verdict::Approve).await;
        assert!(matches!(own, Err(ApprovalError::Refused(Refusal::Asker))), "{own:?}");
        say(&w, &head, case, Verdict::Approve).await.unwrap();
        react(&w).await;
        let (now, ..) = stands(&w, &refund).await;
        assert!(
            matches!(now.state, RefundState::Approved { by, .. } if by == head.id),
            "{now:?}"
        );
        react(&w).await;
        let booked = refunds::approve(w.services(), &w.second, refund.id).await.unwrap();
        assert_eq!(booked.refund, now, "it is given back once");

        // What is refused, or taken back by who asked, holds nothing of the gift any more.
        let refused = ask(&w, &asker, given, (7_000, "k2")).await.unwrap();
        let (case, _) = stands(&w, &refused).await.1.unwrap();
        say(&w, &head, case, Verdict::Refuse).await.unwrap();
        react(&w).await;
        let (now, ..) = stands(&w, &refused).await;
        assert!(matches!(now.state, RefundState::Rejected { by, .. } if by == head.id));
        let taken_back = ask(&w, &asker, given, (7_000, "k3")).await.unwrap();
        let (case, _) = stands(&w, &taken_back).await.1.unwrap();
        approvals::withdraw(w.services(), &asker, case, "弄错了").await.unwrap();
        react(&w).await;
        let (now, ..) = stands(&w, &taken_back).await;
        assert!(matches!(now.state, RefundState::Rejected { by, .. } if by == asker.id));
        platform::testing::placed(w.services()).await;
        let mut at = w.services().db.snapshot().await.unwrap();
        let all = facts::read_after(&mut at, 0, 1_000).await.unwrap();
        let told: Vec<&str> = all
            .iter()
            .map(|fact| fact.kind.as_str())
            .filter(|kind| kind.starts_with("refund.") && *kind != "refund.requested")
            .collect();
        assert_eq!(told, ["refund.approved", "refund.rejected", "refund.rejected"]);
        drop(at);
        w.stop();
    }
);

db::both!(
    a_refund_that_waited_when_the_policy_came_is_put_as_a_case_and_who_asked_for_it_is_a_party,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let given = gift(&w).await;
        let asker = person(&w, "asker", w.city, Role::Leader).await;
        let other = person(&w, "other", w.city, Role::FinanceOfficer).await;
        let head = person(&w, "head", w.city, Role::Leader).await;
        let refund = ask(&w, &w.officer, given, (1_000, "two")).await.unwrap();
        assert!(
            !stands(&w, &refund).await.2,
            "two people decide while nothing is published"
        );
        refunds::approve(w.services(), &w.second, refund.id).await.unwrap();
        // A leader may not ask; the finance officer asked in her name before the policy came.
        let refused = ask(&w, &asker, given, (1_000, "x")).await;
        assert!(matches!(refused, Err(DonationError::Forbidden(_))), "{refused:?}");
        let waiting = ask(&w, &other, given, (2_000, "late")).await.unwrap();
        publish(&w).await;
        let tried = refunds::approve(w.services(), &w.second, waiting.id).await;
        assert!(matches!(tried, Err(DonationError::NeedsApproval)), "{tried:?}");

        let subjects = Subjects::new(giving::subjects());
        let new = |unit: UnitId, id| NewCase {
            unit,
            subject_kind: KIND.into(),
            subject: id,
            title: "退款".into(),
            summary: String::new(),
            papers: Vec::new(),
            parties: Vec::new(),
            hurry: None,
            details: json!({}),
        };
        for (unit, id) in [(w.county, subject(waiting.id)), (w.city, subject(refund.id))] {
            let elsewhere = subjects.check(w.services(), new(unit, id)).await;
            assert!(matches!(elsewhere, Err(ApprovalError::Elsewhere)), "{elsewhere:?}");
        }
        let checked = subjects
            .check(w.services(), new(w.city, subject(waiting.id)))
            .await
            .unwrap();
        assert_eq!(checked.parties, [other.id]);
        let case = approvals::submit(w.services(), &asker, checked).await.unwrap();
        say(&w, &head, case, Verdict::Approve).await.unwrap();
        react(&w).await;
        let (now, ..) = stands(&w, &waiting).await;
        assert!(matches!(now.state, RefundState::Approved { by, .. } if by == head.id));
        w.stop();
    }
);
