//! Grants through their actions, on both databases.

use db::testing::TestDb;
use governance::approvals::actions::{self as approvals, NewAct};
use governance::approvals::model::Verdict;
use governance::approvals::{CaseId, Policy};
use kernel::id::Id as _;
use kernel::{Channel, Fen, FundId};
use ledger::Restriction;
use platform::facts::Reactions;
use platform::identity::{Actor, Role};
use serde_json::json;

use super::actions::{decide, pay, propose};
use super::approval::{self, Asking, GrantsDecided};
use super::model::{Grant, GrantState, NewGrant};
use super::queries;
use crate::error::ReliefError;
use crate::lists::actions::{Said, ask, say};
use crate::lists::approval::AskError;
use crate::lists::model::{NewRequest, PlanDecision, Priority, Wanted};
use crate::testing::{House, house, society};
use crate::vouchers::{Record, paper};
use crate::{GrantId, RequestId};

const FUND: [u8; 16] = [5; 16];

/// A fund with so much restricted money in the bank.
async fn money(house: &House, fen: i64) {
    house.money(FundId::from_bytes(FUND), fen).await;
}

async fn asked(house: &House, fen: i64) -> RequestId {
    let party = house.party(&format!("医院 {fen}")).await;
    let wanted = NewRequest {
        unit: house.unit,
        key: format!("ask {fen}"),
        party,
        wanted: Wanted::Money(Fen::new(fen)),
        priority: Priority::Urgent,
        basis: "负压病房改造".into(),
        needed_by: None,
    };
    ask(&house.services, &house.keeper, &wanted).await.expect("asked").id
}

fn grant_of(request: RequestId, key: &str, fen: i64) -> NewGrant {
    NewGrant {
        request,
        key: key.to_owned(),
        fund: FundId::from_bytes(FUND),
        restriction: Restriction::Restricted,
        amount: Fen::new(fen),
    }
}

fn finance(house: &House) -> Actor {
    platform::testing::actor(&house.services, &[(Role::FinanceOfficer, house.unit)])
}

db::both!(
    a_request_for_money_is_proposed_decided_by_the_group_and_paid_once_out_of_its_fund,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        money(&house, 100_000).await;
        let request = asked(&house, 80_000).await;
        let new = grant_of(request, "1", 60_000);
        let grant = propose(s, &house.desk, &new).await.expect("proposed");
        assert_eq!(propose(s, &house.desk, &new).await.expect("known"), grant);
        let more = propose(s, &house.desk, &grant_of(request, "2", 20_001)).await;
        assert!(matches!(
            more,
            Err(ReliefError::Sum {
                found: 80_001,
                lot: 80_000
            })
        ));
        let early = pay(s, &finance(&house), grant.id, Channel::Bank).await;
        assert!(matches!(early, Err(ReliefError::State { state: "proposed", .. })));
        for (at, leader) in house.leaders.iter().enumerate() {
            let decided = decide(s, leader, grant.id, (PlanDecision::Approve, ""))
                .await
                .expect("decided");
            let stands = at + 1 == house.leaders.len();
            assert_eq!(decided.state == GrantState::Approved, stands);
            assert_eq!(decided.paper(), stands.then(|| "FK-2026-0001".to_owned()));
            let twice = decide(s, leader, grant.id, (PlanDecision::Approve, "")).await;
            assert!(matches!(
                twice,
                Err(ReliefError::SamePerson | ReliefError::State { .. })
            ));
        }
        let order = paper(s, &house.keeper, Record::Payment(grant.id))
            .await
            .expect("a paper");
        assert!(order.bytes.starts_with(b"%PDF-"));
        if let Some(folder) = option_env!("GOODS_SAMPLES") {
            std::fs::write(format!("{folder}/{}", order.file_name), &order.bytes).expect("written");
        }
        let leader = pay(s, &house.leaders[0], grant.id, Channel::Bank).await;
        assert!(
            matches!(leader, Err(ReliefError::Forbidden(_))),
            "who decides does not pay"
        );
        let payer = finance(&house);
        let paid = pay(s, &payer, grant.id, Channel::Bank).await.expect("paid");
        assert_eq!(pay(s, &payer, grant.id, Channel::Bank).await.expect("known"), paid);
        let mut at = s.db.snapshot().await.expect("a view");
        let entries = ledger::entries(&mut at, paid.journal.expect("a journal"))
            .await
            .expect("entries");
        let said: Vec<(&str, i64)> = entries.iter().map(|e| (e.dims.code.as_str(), e.amount.get())).collect();
        assert_eq!(said, [("510102", 60_000), ("1002", -60_000)]);
        assert!(
            entries
                .iter()
                .all(|entry| entry.dims.fund == Some(FundId::from_bytes(FUND)))
        );
    }
);

db::both!(
    money_that_the_fund_lacks_is_not_paid_and_goods_are_no_money_of_it,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        money(&house, 100).await;
        // Goods worth a thousand times as much, restricted too.
        let mut new = house.new_lot("a", 10);
        new.value = Some(Fen::new(100_000));
        new.basis = crate::stock::model::ValueBasis::Voucher;
        new.designated_for = Some(house.party("第一医院").await);
        house.stock(&new).await;
        let request = asked(&house, 500).await;
        let grant = propose(s, &house.desk, &grant_of(request, "1", 500))
            .await
            .expect("proposed");
        for leader in &house.leaders {
            decide(s, leader, grant.id, (PlanDecision::Approve, ""))
                .await
                .expect("decided");
        }
        let refused = pay(s, &finance(&house), grant.id, Channel::Bank).await;
        let Err(ReliefError::Books(ledger::LedgerError::FundLacks { available, .. })) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(available, Fen::new(100));
        money(&house, 400).await;
        let paid = pay(s, &finance(&house), grant.id, Channel::Bank).await.expect("paid");
        assert_eq!(paid.state, GrantState::Paid);
    }
);

db::both!(
    a_refused_grant_frees_its_money_and_goods_or_withdrawn_requests_get_none,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let request = asked(&house, 500).await;
        let first = propose(s, &house.desk, &grant_of(request, "1", 500))
            .await
            .expect("proposed");
        let wordless = decide(s, &house.leaders[0], first.id, (PlanDecision::Refuse, "")).await;
        assert!(matches!(wordless, Err(ReliefError::Invalid { field: "words", .. })));
        decide(s, &house.leaders[0], first.id, (PlanDecision::Refuse, "另有渠道"))
            .await
            .expect("refused");
        let late = decide(s, &house.leaders[1], first.id, (PlanDecision::Approve, "")).await;
        assert!(matches!(late, Err(ReliefError::State { state: "refused", .. })));
        propose(s, &house.desk, &grant_of(request, "2", 500))
            .await
            .expect("free again");
        let nothing = propose(s, &house.desk, &grant_of(request, "3", 0)).await;
        assert!(matches!(
            nothing,
            Err(ReliefError::Invalid {
                field: "amount_fen",
                ..
            })
        ));
        let other = asked(&house, 900).await;
        say(s, &house.keeper, other, Said::Withdrawn).await.expect("withdrawn");
        let refused = propose(s, &house.desk, &grant_of(other, "4", 1)).await;
        assert!(matches!(refused, Err(ReliefError::State { state: "withdrawn", .. })));
    }
);

/// One leader within ten minutes; in a hurry the same.
fn policy() -> Policy {
    let document = json!({
        "title": "十分钟拨款", "required": true, "fast_lane": {"stages": ["decision"], "papers_within_s": 86400},
        "stages": [{"key": "decision", "title": "负责人决定", "limit_s": 600,
            "who": {"kind": "role", "role": "leader", "at": "own"}, "how": {"kind": "any"}}]});
    serde_json::from_value(document).expect("a policy")
}

async fn says(house: &House, leader: &Actor, case: CaseId, verdict: Verdict) {
    let act = NewAct {
        stage: "decision".into(),
        verdict,
        words: "同意拨款".into(),
        scores: Default::default(),
    };
    approvals::act(&house.services, leader, case, act)
        .await
        .expect("decided");
    let reactions = Reactions::new(vec![Box::new(GrantsDecided)]);
    platform::testing::placed(&house.services).await;
    reactions.drain(&house.services).await.expect("carried out");
}

async fn stands(house: &House, id: GrantId) -> Grant {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let all = queries::grants(&mut at, house.unit).await.expect("grants");
    all.into_iter().find(|grant| grant.id == id).expect("the grant")
}

db::both!(
    where_a_policy_demands_it_money_is_decided_by_its_case_alone_and_its_order_stands_at_once,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = society(test.db.clone()).await;
        let s = &house.services;
        let (desk, leader) = (
            house.person("desk", Role::DonationDesk).await,
            house.person("leader", Role::Leader).await,
        );
        money(&house, 1_000_000).await;
        let request = asked(&house, 90_000).await;
        let grant = propose(s, &desk, &grant_of(request, "1", 30_000))
            .await
            .expect("proposed");
        let free = approval::ask(s, &desk, grant.id, Asking::default()).await;
        assert!(matches!(free, Err(AskError::Plan(ReliefError::ByGroup))));
        approvals::publish(s, &Actor::operator(), house.unit, approval::RELIEF_MONEY, policy())
            .await
            .expect("published");
        let alone = decide(s, &leader, grant.id, (PlanDecision::Approve, "")).await;
        assert!(matches!(alone, Err(ReliefError::ByCase)));
        let asking = Asking {
            summary: "负压病房改造告急".into(),
            hurry: Some("今晚开工".into()),
            ..Asking::default()
        };
        let case = approval::ask(s, &desk, grant.id, asking.clone()).await.expect("a case");
        let waits = stands(&house, grant.id).await;
        assert_eq!((waits.state, waits.case), (GrantState::Asked, Some(case)));
        let twice = approval::ask(s, &desk, grant.id, asking.clone()).await;
        assert!(matches!(
            twice,
            Err(AskError::Plan(ReliefError::State { state: "asked", .. }))
        ));
        says(&house, &leader, case, Verdict::Approve).await;
        let decided = stands(&house, grant.id).await;
        assert_eq!(decided.state, GrantState::Approved);
        assert_eq!(decided.paper().as_deref(), Some("FK-2026-0001"));
        let order = paper(s, &house.keeper, Record::Payment(grant.id))
            .await
            .expect("a paper");
        assert!(order.bytes.starts_with(b"%PDF-"));
        pay(s, &finance(&house), grant.id, Channel::Bank).await.expect("paid");

        // A refusal ends a grant and frees its money; one whose request is gone by then goes back to the desk.
        let grant = propose(s, &desk, &grant_of(request, "2", 60_000))
            .await
            .expect("proposed");
        let case = approval::ask(s, &desk, grant.id, asking.clone()).await.expect("a case");
        says(&house, &leader, case, Verdict::Refuse).await;
        assert_eq!(stands(&house, grant.id).await.state, GrantState::Refused);
        let grant = propose(s, &desk, &grant_of(request, "3", 60_000))
            .await
            .expect("free again");
        let case = approval::ask(s, &desk, grant.id, asking).await.expect("a case");
        say(s, &house.keeper, request, Said::Withdrawn)
            .await
            .expect("withdrawn");
        says(&house, &leader, case, Verdict::Approve).await;
        let left = stands(&house, grant.id).await;
        assert_eq!((left.state, left.number), (GrantState::Proposed, None));
    }
);
