//! An amendment of a signed agreement is decided by its case where the unit says so, and by a leader where it does not.

use db::testing::TestDb;
use governance::approvals::actions::{self as approvals, Asking, NewAct};
use governance::approvals::model::Verdict;
use governance::approvals::{CaseId, Policy};
use kernel::Fen;
use platform::facts::Reactions;
use platform::identity::{Actor, Role};
use serde_json::json;

use crate::AgreementId;
use crate::agreements::{Agreement, Terms, Version, actions as agreements, queries as agreement_queries};
use crate::amendments::approval::{AmendmentsDecided, PARTNER_AMENDMENT};
use crate::amendments::{Amendment, AmendmentState, NewAmendment, actions, queries};
use crate::error::PartnerError;
use crate::testing::{House, society};

/// One leader decides.
fn policy() -> Policy {
    let document = json!({
        "title": "协议修改", "required": true,
        "stages": [{"key": "decision", "title": "负责人决定", "limit_s": 600,
            "who": {"kind": "role", "role": "leader", "at": "own"}, "how": {"kind": "any"}}]});
    serde_json::from_value(document).expect("a policy")
}

/// The house's terms with twice the money.
fn doubled(house: &House) -> Terms {
    let mut terms = house.terms();
    terms.targets[0].amount = Fen::new(200_000);
    terms
}

async fn amendment(house: &House, agreement: AgreementId, key: &str) -> NewAmendment {
    NewAmendment {
        agreement,
        key: key.to_owned(),
        terms: doubled(house),
        reason: "追加资金".into(),
        file: house.file(&format!("补充协议 {key}")).await,
    }
}

/// The agreement with its version in force, and its newest amendment with its case.
async fn stands(house: &House, id: AgreementId) -> (Agreement, Version, Option<(Amendment, Option<CaseId>)>) {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let found = agreement_queries::agreement(&mut at, id).await.expect("read");
    let (agreement, versions) = found.expect("the agreement");
    let all = queries::amendments(&mut at, &agreement).await.expect("amendments");
    let newest = all.into_iter().next();
    let version = versions.into_iter().find(|one| one.version == agreement.version);
    (agreement, version.expect("in force"), newest)
}

async fn drain(house: &House) {
    let reactions = Reactions::new(vec![Box::new(AmendmentsDecided)]);
    platform::testing::placed(&house.services).await;
    reactions.drain(&house.services).await.expect("carried out");
}

async fn says(house: &House, leader: &Actor, case: CaseId, verdict: Verdict) {
    let act = NewAct {
        stage: "decision".into(),
        verdict,
        words: "已核对补充协议".into(),
        scores: Default::default(),
    };
    approvals::act(&house.services, leader, case, act)
        .await
        .expect("decided");
    drain(house).await;
}

/// The case of the newest amendment.
async fn case_of(house: &House, id: AgreementId) -> CaseId {
    let (_, _, newest) = stands(house, id).await;
    newest.expect("an amendment").1.expect("a case")
}

db::both!(
    where_a_policy_demands_it_an_amendment_is_decided_by_its_case_alone_and_is_the_next_version_at_once,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = society(test.db.clone()).await;
        let s = &house.services;
        let officer = house.person("officer", Role::FundraisingOfficer).await;
        let leader = house.person("leader", Role::Leader).await;
        let id = house.running("a1").await.id;
        let new = amendment(&house, id, "1").await;
        let free = actions::ask(s, &officer, (&new, Asking::default())).await;
        assert!(matches!(free, Err(PartnerError::ByLeader)));
        let said = (doubled(&house), "追加资金", Some(new.file));
        let by_leader = agreements::amend(s, &leader, id, said.clone()).await.expect("amended");
        assert_eq!(by_leader.version, 2, "without a policy a leader amends");

        approvals::publish(s, &Actor::operator(), house.unit, PARTNER_AMENDMENT, policy())
            .await
            .expect("published");
        let alone = agreements::amend(s, &leader, id, said).await;
        assert!(matches!(alone, Err(PartnerError::ByCase)));
        let asked = actions::ask(s, &officer, (&new, Asking::default()))
            .await
            .expect("asked");
        let again = actions::ask(s, &officer, (&new, Asking::default())).await;
        assert_eq!(again.expect("known"), asked);
        let second = amendment(&house, id, "2").await;
        let waits = actions::ask(s, &officer, (&second, Asking::default())).await;
        assert!(matches!(waits, Err(PartnerError::State { .. })), "one at a time");
        let (agreement, _, _) = stands(&house, id).await;
        assert_eq!(agreement.version, 2, "what is asked for is not in force");

        let case = case_of(&house, id).await;
        says(&house, &leader, case, Verdict::Approve).await;
        let (agreement, version, newest) = stands(&house, id).await;
        assert_eq!((agreement.version, version.version), (3, 3));
        // Targets are read back by their kind.
        let targets = |terms: &Terms| {
            let mut all: Vec<String> = terms.targets.iter().map(|one| format!("{one:?}")).collect();
            all.sort_unstable();
            all
        };
        assert_eq!(targets(&version.terms), targets(&new.terms));
        assert_eq!(version.terms.pairs, new.terms.pairs);
        assert_eq!((version.reason.as_str(), version.file), ("追加资金", Some(new.file)));
        assert_eq!(newest.expect("it").0.state, AmendmentState::Adopted);
        drain(&house).await;
        assert_eq!(stands(&house, id).await.0.version, 3, "once");

        house.pass();
        actions::ask(s, &officer, (&second, Asking::default()))
            .await
            .expect("asked");
        let case = case_of(&house, id).await;
        says(&house, &leader, case, Verdict::Refuse).await;
        let (agreement, _, newest) = stands(&house, id).await;
        assert_eq!(
            (agreement.version, newest.expect("it").0.state),
            (3, AmendmentState::Refused)
        );
    }
);

db::both!(
    an_amendment_that_is_taken_back_or_comes_too_late_leaves_the_agreement_as_it_was,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = society(test.db.clone()).await;
        let s = &house.services;
        let officer = house.person("officer", Role::FundraisingOfficer).await;
        let leader = house.person("leader", Role::Leader).await;
        approvals::publish(s, &Actor::operator(), house.unit, PARTNER_AMENDMENT, policy())
            .await
            .expect("published");
        let drafted = house.drafted("a0").await.id;
        let draft = amendment(&house, drafted, "0").await;
        let early = actions::ask(s, &officer, (&draft, Asking::default())).await;
        assert!(matches!(early, Err(PartnerError::State { state: "draft", .. })));

        let id = house.running("a1").await.id;
        let first = amendment(&house, id, "1").await;
        actions::ask(s, &officer, (&first, Asking::default()))
            .await
            .expect("asked");
        let case = case_of(&house, id).await;
        approvals::withdraw(s, &officer, case, "再谈").await.expect("back");
        drain(&house).await;
        let (agreement, _, newest) = stands(&house, id).await;
        assert_eq!(
            (agreement.version, newest.expect("it").0.state),
            (1, AmendmentState::Withdrawn)
        );

        let second = amendment(&house, id, "2").await;
        house.pass();
        actions::ask(s, &officer, (&second, Asking::default()))
            .await
            .expect("asked");
        agreements::end(s, &leader, (id, house.today(), "期满"))
            .await
            .expect("ended");
        let case = case_of(&house, id).await;
        says(&house, &leader, case, Verdict::Approve).await;
        let (agreement, _, newest) = stands(&house, id).await;
        assert_eq!(
            (agreement.version, newest.expect("it").0.state),
            (1, AmendmentState::Left)
        );
    }
);
