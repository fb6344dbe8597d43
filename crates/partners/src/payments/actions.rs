//! Proposing, paying and giving up payments. Each is one transaction with one fact; a payment's journal stands in the same
//! transaction.

use db::Tx;
use kernel::Channel;
use kernel::id::{Id as _, hex};
use ledger::actions::{Slip, Spending, SpentOn, spend};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{NewPayment, Payment, PaymentState};
use super::store;
use crate::PaymentId;
use crate::agreements::{Agreement, AgreementState, TargetKind, rules as agreements, store as agreement_store};
use crate::error::{PartnerError, check_line, in_scope, invalid};
use crate::purchases::store as purchases;
use crate::series;
use crate::told::{Told, finish};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "partner.payment_proposed",
    "partner.payment_paid",
    "partner.payment_withdrawn",
];
/// The series of numbers.
const SERIES: &str = "payment";

fn told(payment: &Payment, kind: &'static str) -> Told<PaymentId> {
    Told {
        unit: payment.unit,
        kind,
        subject: payment.id,
        body: json!({
            "agreement": hex(&payment.agreement.bytes()), "fund": hex(&payment.fund.bytes()), "counted_in": payment.kind,
            "amount_fen": payment.amount, "restriction": payment.restriction.as_str(), "state": payment.state,
            "number": payment.paper(), "purchase": payment.purchase.map(|purchase| hex(&purchase.bytes())),
            "journal": payment.journal.map(|journal| hex(&journal.bytes())),
            "business_day": payment.paid_at.map(|at| at.business_day()),
        }),
    }
}

/// Writes a payment inside the transaction of an action that decided it and writes its own fact.
pub(crate) async fn propose_in(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (agreement, new): (&Agreement, &NewPayment),
) -> Result<Payment, PartnerError> {
    agreements::in_state(agreement, AgreementState::Running)?;
    if !new.amount.is_positive() {
        return Err(invalid("amount_fen", "an amount above zero is expected"));
    }
    let now = services.now();
    let payment = Payment {
        id: PaymentId::new(now, &*services.rng),
        unit: agreement.unit,
        agreement: agreement.id,
        kind: new.kind,
        fund: new.fund,
        restriction: new.restriction,
        amount: new.amount,
        purpose: new.purpose.trim().to_owned(),
        purchase: new.purchase,
        state: PaymentState::Proposed,
        number: series::store::take(tx, agreement.unit, SERIES, now).await?,
        made_by: by.id,
        made_at: now,
        paid_at: None,
        journal: None,
    };
    store::insert(tx, &payment, &new.key).await?;
    Ok(payment)
}

/// Proposes money to be paid under a running agreement; needs [`Permission::PartnerManage`]. The same key again is the same
/// payment. Fact `partner.payment_proposed`.
///
/// # Errors
/// [`PartnerError::State`] unless the agreement runs, [`PartnerError::Taken`].
pub async fn propose(services: &Services, by: &Actor, new: &NewPayment) -> Result<Payment, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    check_line("key", &new.key, 1)?;
    check_line("purpose", &new.purpose, 1)?;
    if new.kind == TargetKind::Goods {
        return Err(invalid("kind", "money or student_aid; goods are bought or sent"));
    }
    let mut tx = services.db.begin().await?;
    let agreement = agreement_store::lock(&mut tx, new.agreement)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    in_scope(by, Permission::PartnerManage, (agreement.unit, "agreement"))?;
    if let Some(known) = store::by_key(&mut tx, agreement.unit, &new.key).await? {
        let same = (known.agreement, known.kind, known.fund, known.restriction, known.amount)
            == (new.agreement, new.kind, new.fund, new.restriction, new.amount);
        return if same {
            Ok(known)
        } else {
            Err(PartnerError::Taken("payment"))
        };
    }
    let payment = propose_in(&mut tx, services, by, (&agreement, new)).await?;
    finish(tx, services, by, told(&payment, "partner.payment_proposed")).await?;
    Ok(payment)
}

/// Books a payment out of its fund; needs [`Permission::BooksPost`] and another person than who proposed it. Paying again is
/// answered with the first payment. Fact `partner.payment_paid`.
///
/// # Errors
/// [`PartnerError::SamePerson`], [`PartnerError::State`] once withdrawn, [`PartnerError::Books`] when the fund does not hold
/// the money, [`PartnerError::Conflict`] for who is bound to the supplier.
pub async fn pay(services: &Services, by: &Actor, id: PaymentId, from: Channel) -> Result<Payment, PartnerError> {
    by.require_somewhere(Permission::BooksPost)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut payment = store::lock(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("payment"))?;
    in_scope(by, Permission::BooksPost, (payment.unit, "payment"))?;
    match payment.state {
        PaymentState::Paid => return Ok(payment),
        PaymentState::Withdrawn => {
            return Err(PartnerError::State {
                state: "withdrawn",
                wanted: "proposed",
            });
        }
        PaymentState::Proposed => {}
    }
    if payment.made_by == by.id {
        return Err(PartnerError::SamePerson("proposed it"));
    }
    if let Some(purchase) = payment.purchase {
        purchases::may_touch(&mut tx, purchase, by.id).await?;
    }
    let slip = Slip {
        // One payment, one journal, whoever pays it how often.
        key: format!("partner:{}", hex(&payment.id.bytes())),
        unit: payment.unit,
        business_day: now.business_day(),
        memo_code: Some(payment.paper()),
    };
    let spending = Spending {
        fund: Some(payment.fund),
        project: None,
        campaign: None,
        on: SpentOn::Programme,
        restriction: payment.restriction,
        paid_from: from,
        amount: payment.amount,
    };
    let journal = spend(&mut tx, services, by, (&slip, &spending)).await?;
    store::paid(&mut tx, id, journal, (by.id, now)).await?;
    if let Some(purchase) = payment.purchase {
        purchases::paid(&mut tx, purchase).await?;
    }
    (payment.state, payment.paid_at, payment.journal) = (PaymentState::Paid, Some(now), Some(journal));
    finish(tx, services, by, told(&payment, "partner.payment_paid")).await?;
    Ok(payment)
}

/// Gives a payment up that is not booked; a purchase's goes back to its invoice. Fact `partner.payment_withdrawn`.
///
/// # Errors
/// [`PartnerError::State`] once paid.
pub async fn withdraw(services: &Services, by: &Actor, id: PaymentId, why: &str) -> Result<Payment, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    check_line("reason", why, 1)?;
    let mut tx = services.db.begin().await?;
    let mut payment = store::lock(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("payment"))?;
    in_scope(by, Permission::PartnerManage, (payment.unit, "payment"))?;
    match payment.state {
        PaymentState::Withdrawn => return Ok(payment),
        PaymentState::Paid => {
            return Err(PartnerError::State {
                state: "paid",
                wanted: "proposed",
            });
        }
        PaymentState::Proposed => {}
    }
    payment.state = PaymentState::Withdrawn;
    store::put_state(&mut tx, id, payment.state).await?;
    if let Some(purchase) = payment.purchase {
        purchases::uninvoiced(&mut tx, purchase).await?;
    }
    finish(tx, services, by, told(&payment, "partner.payment_withdrawn")).await?;
    Ok(payment)
}
