//! Comparing a day's bill with our gifts: what notices missed becomes a gift by the one way in.

use std::collections::HashSet;

use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Fen};
use platform::facts::{NewFact, conclude};
use serde_json::json;

use super::super::super::gateway::{BillLine, Connected, Payment};
use super::super::model::Reconciliation;
use super::super::store;
use super::confirming::{Confirmed, confirm};
use crate::State;
use crate::donations::error::DonationError;
use crate::donations::imports::known_numbers;

/// Lines compared with one look at our gifts.
const LINES_PER_LOOK: usize = 200;
/// Our numbers of a day read at once.
const NUMBERS_PER_LOOK: i64 = 1_000;
/// Numbers kept of a kind of difference: more than a person looks through, and the counts say the rest.
const DIFFERENCES_MAX: usize = 500;

/// Compares one account's bill of a day. Fact `payment.reconciled`.
///
/// # Errors
/// [`DonationError`]: the provider; the intake or the database, and then what was found so far stands and the same
/// call again goes on.
pub async fn reconcile(
    giving: &State,
    connected: &Connected,
    day: BusinessDay,
) -> Result<Reconciliation, DonationError> {
    let bill = connected.gateway.bill(day).await?;
    let mut found = Reconciliation {
        unit: connected.unit,
        account: connected.account,
        day,
        lines: 0,
        agreed: 0,
        found: 0,
        held: 0,
        missing: Vec::new(),
        refunds_unknown: Vec::new(),
        at: giving.services.now(),
    };
    let mut in_bill: HashSet<String> = HashSet::with_capacity(bill.lines.len());
    for lines in bill.lines.chunks(LINES_PER_LOOK) {
        let payments: Vec<&Payment> = lines
            .iter()
            .filter_map(|line| match line {
                BillLine::Paid(payment) => Some(payment),
                BillLine::Refunded { .. } => None,
            })
            .collect();
        compare(giving, connected, &payments, &mut found).await?;
        in_bill.extend(payments.iter().map(|payment| payment.trade_no.clone()));
        refunds(giving, connected, lines, &mut found).await?;
    }
    missing(giving, connected, &in_bill, &mut found).await?;
    keep(giving, &found).await?;
    Ok(found)
}

async fn compare(
    giving: &State,
    connected: &Connected,
    payments: &[&Payment],
    found: &mut Reconciliation,
) -> Result<(), DonationError> {
    let numbers: Vec<&str> = payments.iter().map(|payment| payment.trade_no.as_str()).collect();
    let mut at = giving.services.db.snapshot().await?;
    let known = known_numbers(&mut at, connected.unit, connected.account, &numbers).await?;
    drop(at);
    for payment in payments {
        found.lines += 1;
        if known.get(&payment.trade_no) == Some(&payment.amount) {
            found.agreed += 1;
            continue;
        }
        match confirm(giving, connected.account, (*payment).clone()).await? {
            Confirmed::Recorded(_) => found.found += 1,
            Confirmed::Known(_) => found.agreed += 1,
            Confirmed::Held(_) => found.held += 1,
        }
    }
    Ok(())
}

async fn refunds(
    giving: &State,
    connected: &Connected,
    lines: &[BillLine],
    found: &mut Reconciliation,
) -> Result<(), DonationError> {
    let mut at = giving.services.db.snapshot().await?;
    for line in lines {
        let BillLine::Refunded { refund_no, amount, .. } = line else {
            continue;
        };
        let unknown = *amount > Fen::ZERO && !store::knows_refund(&mut at, connected, refund_no).await?;
        if unknown && found.refunds_unknown.len() < DIFFERENCES_MAX {
            found.refunds_unknown.push(refund_no.clone());
        }
    }
    Ok(())
}

/// Gifts of ours of that day that the bill does not have.
async fn missing(
    giving: &State,
    connected: &Connected,
    in_bill: &HashSet<String>,
    found: &mut Reconciliation,
) -> Result<(), DonationError> {
    let mut after = String::new();
    loop {
        let mut at = giving.services.db.snapshot().await?;
        let ours = store::numbers_of_day(&mut at, connected, found.day, (&after, NUMBERS_PER_LOOK)).await?;
        drop(at);
        let Some(last) = ours.last() else { return Ok(()) };
        after.clone_from(last);
        let room = DIFFERENCES_MAX.saturating_sub(found.missing.len());
        let lacking = ours.into_iter().filter(|number| !in_bill.contains(number));
        found.missing.extend(lacking.take(room));
    }
}

async fn keep(giving: &State, found: &Reconciliation) -> Result<(), DonationError> {
    let services = &giving.services;
    let mut tx = services.db.begin().await?;
    store::upsert_reconciliation(&mut tx, found).await?;
    let body = json!({
        "account": hex(&found.account.bytes()),
        "day": found.day,
        "lines": found.lines,
        "agreed": found.agreed,
        "found": found.found,
        "held": found.held,
        "missing": found.missing.len(),
        "refunds_unknown": found.refunds_unknown.len(),
    });
    let fact = NewFact {
        unit: found.unit,
        kind: "payment.reconciled",
        subject: found.account.bytes(),
        actor: None,
        body,
    };
    conclude(tx, fact, services).await?;
    if !found.missing.is_empty() || !found.refunds_unknown.is_empty() {
        tracing::warn!(
            day = %found.day,
            missing = found.missing.len(),
            refunds_unknown = found.refunds_unknown.len(),
            "a provider’s bill and our gifts differ; see the reconciliation of the day"
        );
    }
    Ok(())
}
