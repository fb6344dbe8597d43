//! Grants through their actions, on both databases.

use db::testing::TestDb;
use kernel::id::Id as _;
use kernel::{BusinessDay, Channel, Fen, FundId, ProjectId};
use ledger::journal::shapes::gift_received::GiftBooking;
use ledger::{Header, Restriction};
use platform::identity::{Actor, Role};

use super::actions::{decide, pay, propose};
use super::model::{GrantState, NewGrant};
use crate::RequestId;
use crate::error::ReliefError;
use crate::lists::actions::{Said, ask, say};
use crate::lists::model::{NewRequest, PlanDecision, Priority, Wanted};
use crate::testing::{House, house};
use crate::vouchers::{Record, paper};

const FUND: [u8; 16] = [5; 16];

/// A fund with so much restricted money in the bank.
async fn money(house: &House, fen: i64) {
    let s = &house.services;
    let day: BusinessDay = house.today();
    let gift = GiftBooking {
        gift: kernel::GiftId::new(s.now(), &*s.rng),
        unit: house.unit,
        channel: Channel::Bank,
        project: ProjectId::from_bytes([6; 16]),
        campaign: None,
        fund: FundId::from_bytes(FUND),
        restriction: Restriction::Restricted,
        amount: Fen::new(fen),
        posting_day: day,
        business_day: day,
    };
    let mut tx = s.db.begin().await.expect("a transaction");
    let journal = gift.journal().expect("a journal");
    ledger::post(&mut tx, &journal, &Header::by_machine(s.now()), s)
        .await
        .expect("posted");
    tx.commit().await.expect("committed");
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
