//! Proposing, deciding and paying grants of money. Each is one transaction with one fact; a payment's journal
//! stands in the same transaction.

use db::{DbError, Tx};
use governance::approvals::queries::CaseRow;
use governance::approvals::{CaseId, CaseState};
use kernel::id::{Id as _, hex};
use kernel::{Channel, Instant};
use ledger::actions::{Slip, Spending, SpentOn, spend};
use platform::Services;
use platform::facts::{NewFact, append};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Grant, GrantState, NewGrant};
use super::{approval, store};
use crate::GrantId;
use crate::error::{ReliefError, in_scope, invalid};
use crate::lists::model::{PlanDecision, Request, Wanted};
use crate::lists::{grant as add_granted, lock_request};
use crate::stock::rules::check_text;
use crate::told::{Told, finish};
use crate::vouchers::{PaperKind, store as vouchers};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.grant_proposed",
    "goods.grant_asked",
    "goods.grant_decided",
    "goods.grant_paid",
];

pub(super) fn open_for_money(request: &Request) -> Result<kernel::Fen, ReliefError> {
    if request.withdrawn_at.is_some() {
        return Err(ReliefError::State {
            state: "withdrawn",
            wanted: "open",
        });
    }
    match request.wanted {
        Wanted::Money(asked) => Ok(asked),
        Wanted::Goods { .. } => Err(invalid("request", "a request for money is expected")),
    }
}

/// Proposes what of a request for money is met, and out of which fund. The same key again is the same grant.
///
/// # Errors
/// [`ReliefError::Sum`] when grants would come to more than was asked for, [`ReliefError::State`], [`ReliefError::Taken`].
pub async fn propose(services: &Services, by: &Actor, new: &NewGrant) -> Result<Grant, ReliefError> {
    by.require_somewhere(Permission::GoodsPropose)?;
    check_text("key", &new.key, 1)?;
    if !new.amount.is_positive() {
        return Err(invalid("amount_fen", "an amount above zero is expected"));
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let request = lock_request(&mut tx, new.request)
        .await?
        .ok_or(ReliefError::NotFound("request"))?;
    in_scope(by, Permission::GoodsPropose, (request.unit, "request"))?;
    if let Some(known) = store::by_key(&mut tx, request.unit, &new.key).await? {
        let same = (known.request, known.fund, known.restriction, known.amount)
            == (new.request, new.fund, new.restriction, new.amount);
        return if same {
            Ok(known)
        } else {
            Err(ReliefError::Taken("grant"))
        };
    }
    let asked = open_for_money(&request)?;
    let together = store::granted(&mut tx, request.id).await?.plus(new.amount)?;
    if together > asked {
        return Err(ReliefError::Sum {
            found: together.get(),
            lot: asked.get(),
        });
    }
    let grant = Grant {
        id: GrantId::new(now, &*services.rng),
        unit: request.unit,
        request: request.id,
        fund: new.fund,
        restriction: new.restriction,
        amount: new.amount,
        state: GrantState::Proposed,
        case: None,
        number: None,
        made_by: by.id,
        made_at: now,
        paid_at: None,
        journal: None,
    };
    store::insert(&mut tx, &grant, &new.key).await?;
    let told = told(&grant, "goods.grant_proposed");
    finish(tx, services, by, told).await?;
    Ok(grant)
}

fn told(grant: &Grant, kind: &'static str) -> Told<GrantId> {
    Told {
        unit: grant.unit,
        kind,
        subject: grant.id,
        body: json!({
            "request": hex(&grant.request.bytes()), "fund": hex(&grant.fund.bytes()), "amount_fen": grant.amount,
            "restriction": grant.restriction.as_str(), "state": grant.state, "number": grant.paper(),
            "journal": grant.journal.map(|journal| hex(&journal.bytes())),
            "business_day": grant.paid_at.map(|at| at.business_day()),
        }),
    }
}

/// The payment order of a grant that is decided.
async fn order(tx: &mut Tx, grant: &mut Grant, now: Instant) -> Result<(), ReliefError> {
    grant.state = GrantState::Approved;
    let kind = PaperKind::PaymentOrder;
    let number = vouchers::take_number(tx, grant.unit, kind, now).await?;
    vouchers::register(tx, (grant.unit, kind), number, (grant.id.bytes(), 0), now).await?;
    grant.number = Some(number);
    Ok(add_granted(tx, grant.request, grant.amount.get()).await?)
}

/// Writes down that a grant is before those who decide by a case; nothing if that ended meanwhile.
///
/// # Errors
/// [`ReliefError::NotFound`], [`ReliefError::Db`].
pub async fn note_asked(services: &Services, by: &Actor, id: GrantId, case: CaseId) -> Result<(), ReliefError> {
    let mut tx = services.db.begin().await?;
    let mut grant = store::lock(&mut tx, id).await?.ok_or(ReliefError::NotFound("grant"))?;
    let known = governance::approvals::queries::case(&mut tx, case).await?;
    let goes_on = known.is_some_and(|case| matches!(case.state, CaseState::Open | CaseState::SentBack));
    if !goes_on || grant.state != GrantState::Proposed {
        return Ok(());
    }
    store::asked(&mut tx, id, case).await?;
    (grant.state, grant.case) = (GrantState::Asked, Some(case));
    let mut told = told(&grant, "goods.grant_asked");
    told.body["approval"] = hex(&case.bytes()).into();
    Ok(finish(tx, services, by, told).await?)
}

/// Carries out what a case said of a grant, in the reaction's transaction: approved, its payment order stands; refused, it
/// is refused; taken back, or its request withdrawn meanwhile, the desk has it again. Fact `goods.grant_decided`, by nobody.
///
/// # Errors
/// [`ReliefError::Db`] and what a corrupt row says; then nothing was done and the fact comes again.
pub(super) async fn settle(tx: &mut Tx, services: &Services, case: &CaseRow) -> Result<(), ReliefError> {
    let id = GrantId::from_bytes(case.subject.bytes());
    // The request before the grant, as who proposes takes them.
    let Some(known) = store::grant(tx, id).await? else {
        return Ok(());
    };
    let request = lock_request(tx, known.request).await?;
    let grant = store::lock(tx, id).await?;
    let waiting = |grant: &Grant| matches!(grant.state, GrantState::Proposed | GrantState::Asked);
    let Some(mut grant) = grant.filter(|grant| grant.unit == case.unit && waiting(grant)) else {
        return Ok(());
    };
    let now = services.now();
    let stands = request.is_some_and(|request| request.withdrawn_at.is_none());
    let mut left = None;
    match case.state {
        CaseState::Refused => grant.state = GrantState::Refused,
        CaseState::Approved if stands => order(tx, &mut grant, now).await?,
        CaseState::Approved => {
            grant.state = GrantState::Proposed;
            left = Some("request_withdrawn");
        }
        CaseState::Open | CaseState::SentBack | CaseState::Withdrawn => grant.state = GrantState::Proposed,
    }
    if grant.state == GrantState::Proposed {
        store::proposed(tx, id).await?;
    } else {
        store::decide(tx, id, (grant.state, grant.number), now).await?;
    }
    let mut body = told(&grant, "goods.grant_decided").body;
    body["subject"] = hex(&id.bytes()).into();
    body["approval"] = hex(&case.id.bytes()).into();
    body["left"] = left.into();
    let fact = NewFact {
        unit: grant.unit,
        kind: "goods.grant_decided",
        subject: id.bytes(),
        actor: None,
        body,
    };
    append(tx, fact, services).await?;
    Ok(())
}

/// Says yes or no to a grant. With the last approval that the rule asks for its payment order stands; one refusal ends
/// it.
///
/// # Errors
/// [`ReliefError::ByCase`] where the unit's policy demands a case, [`ReliefError::SamePerson`], [`ReliefError::State`] once
/// decided.
pub async fn decide(
    services: &Services,
    by: &Actor,
    id: GrantId,
    (decision, words): (PlanDecision, &str),
) -> Result<Grant, ReliefError> {
    by.require_somewhere(Permission::GoodsApprove)?;
    check_text("words", words, usize::from(decision == PlanDecision::Refuse))?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut grant = store::lock(&mut tx, id).await?.ok_or(ReliefError::NotFound("grant"))?;
    in_scope(by, Permission::GoodsApprove, (grant.unit, "grant"))?;
    in_state(&grant, GrantState::Proposed)?;
    if approval::governs(&mut tx, services, grant.unit).await? {
        return Err(ReliefError::ByCase);
    }
    if grant.made_by == by.id {
        return Err(ReliefError::SamePerson);
    }
    let said = store::insert_decision(&mut tx, id, (by.id, now), (decision, words.trim())).await;
    said.map_err(|error| match error {
        DbError::Duplicate(_) => ReliefError::SamePerson,
        other => other.into(),
    })?;
    match decision {
        PlanDecision::Refuse => grant.state = GrantState::Refused,
        PlanDecision::Approve => {
            let table = platform::parameters::load(&mut tx).await?;
            let wanted = table.whole("goods.plan_approvals", now.business_day())?.unwrap_or(3);
            if store::approvals(&mut tx, id).await? >= wanted {
                order(&mut tx, &mut grant, now).await?;
            }
        }
    }
    if grant.state != GrantState::Proposed {
        store::decide(&mut tx, id, (grant.state, grant.number), now).await?;
    }
    let told = told(&grant, "goods.grant_decided");
    finish(tx, services, by, told).await?;
    Ok(grant)
}

fn in_state(grant: &Grant, wanted: GrantState) -> Result<(), ReliefError> {
    if grant.state == wanted {
        Ok(())
    } else {
        Err(ReliefError::State {
            state: grant.state.as_str(),
            wanted: wanted.as_str(),
        })
    }
}

/// Pays a payment order into the books; needs [`Permission::BooksPost`]. Paying again is answered with the first payment.
///
/// # Errors
/// [`ReliefError::State`] before it is approved, [`ReliefError::SamePerson`], [`ReliefError::Books`] when the fund does
/// not hold the money.
pub async fn pay(services: &Services, by: &Actor, id: GrantId, from: Channel) -> Result<Grant, ReliefError> {
    by.require_somewhere(Permission::BooksPost)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut grant = store::lock(&mut tx, id).await?.ok_or(ReliefError::NotFound("grant"))?;
    in_scope(by, Permission::BooksPost, (grant.unit, "grant"))?;
    if grant.state == GrantState::Paid {
        return Ok(grant);
    }
    in_state(&grant, GrantState::Approved)?;
    if grant.made_by == by.id {
        return Err(ReliefError::SamePerson);
    }
    let slip = Slip {
        // One grant, one journal, whoever pays it how often.
        key: format!("grant:{}", hex(&grant.id.bytes())),
        unit: grant.unit,
        business_day: now.business_day(),
        memo_code: grant.paper(),
    };
    let journal = spend(&mut tx, services, by, (&slip, &spending(&grant, from))).await?;
    store::paid(&mut tx, id, journal, (by.id, now)).await?;
    (grant.state, grant.paid_at, grant.journal) = (GrantState::Paid, Some(now), Some(journal));
    let told = told(&grant, "goods.grant_paid");
    finish(tx, services, by, told).await?;
    Ok(grant)
}

fn spending(grant: &Grant, from: Channel) -> Spending {
    Spending {
        fund: Some(grant.fund),
        project: None,
        campaign: None,
        on: SpentOn::Programme,
        restriction: grant.restriction,
        paid_from: from,
        amount: grant.amount,
    }
}
