//! What comes after the choice: the order, what two people counted, the invoice and the payment it proposes.

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Fen, FundId};
use ledger::Restriction;
use platform::Services;
use platform::identity::{Actor, Permission};

use super::{locked, told};
use crate::agreements::store as agreement_store;
use crate::error::{PartnerError, check_line, invalid};
use crate::files::actions::of_unit;
use crate::payments::NewPayment;
use crate::payments::actions::propose_in;
use crate::purchases::model::{Purchase, PurchaseState, Receipt, times};
use crate::purchases::{rules, store};
use crate::told::finish;
use crate::{HandedId, PurchaseId, series};

/// The series of numbers.
const SERIES: &str = "purchase_order";

/// Orders from the chosen supplier; the order takes its number. Ordering again is answered with the order that stands.
/// Fact `partner.purchase_ordered`.
///
/// # Errors
/// [`PartnerError::State`] before a quote is chosen.
pub async fn order(
    services: &Services,
    by: &Actor,
    id: PurchaseId,
    due: BusinessDay,
) -> Result<Purchase, PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut purchase = locked(&mut tx, by, (id, Permission::PartnerPurchase)).await?;
    if purchase.state == PurchaseState::Ordered && purchase.due_on == Some(due) {
        return Ok(purchase);
    }
    rules::in_state(&purchase, PurchaseState::Chosen)?;
    if due < now.business_day() {
        return Err(invalid("due_on", "today or later"));
    }
    let number = series::store::take(&mut tx, purchase.unit, SERIES, now).await?;
    store::order(&mut tx, id, (number, due), (by.id, now)).await?;
    purchase.state = PurchaseState::Ordered;
    (purchase.number, purchase.due_on, purchase.ordered_at) = (Some(number), Some(due), Some(now));
    finish(tx, services, by, told(&purchase, "partner.purchase_ordered")).await?;
    Ok(purchase)
}

/// Signs for what was counted. With a second person who counted alike it is received; until then each may count again. Fact
/// `partner.purchase_counted`.
///
/// # Errors
/// [`PartnerError::Counts`] when the counts differ, [`PartnerError::SamePerson`] for who chose the supplier.
pub async fn receive(
    services: &Services,
    by: &Actor,
    (id, quantity, words): (PurchaseId, i64, &str),
) -> Result<Purchase, PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    check_line("words", words, 0)?;
    let mut tx = services.db.begin().await?;
    let mut purchase = locked(&mut tx, by, (id, Permission::PartnerPurchase)).await?;
    if purchase.chosen_by == Some(by.id) {
        return Err(PartnerError::SamePerson("chose the supplier"));
    }
    let receipts = store::receipts(&mut tx, id).await?;
    let counted = Receipt {
        by: by.id,
        quantity,
        words: words.trim().to_owned(),
        signed_at: services.now(),
    };
    let together = rules::received(&purchase, &receipts, &counted)?;
    store::put_receipt(&mut tx, id, &counted).await?;
    if together.is_some() {
        purchase.state = PurchaseState::Received;
        store::put_state(&mut tx, id, purchase.state).await?;
    }
    let mut told = told(&purchase, "partner.purchase_counted");
    told.body["counted"] = quantity.into();
    finish(tx, services, by, told).await?;
    Ok(purchase)
}

/// How many two people counted alike, and what they come to at the chosen price.
pub(super) async fn delivered(tx: &mut Tx, purchase: &Purchase) -> Result<(i64, Fen), PartnerError> {
    let quotes = store::quotes(tx, purchase.id).await?;
    let receipts = store::receipts(tx, purchase.id).await?;
    let chosen = purchase.chosen.as_ref().map(|(n, _)| *n);
    let quote = quotes.iter().find(|quote| Some(quote.n) == chosen);
    let (quote, counted) = quote.zip(receipts.first()).ok_or(PartnerError::NotFound("quote"))?;
    Ok((counted.quantity, times(quote.price, counted.quantity)?))
}

/// An invoice, and out of which money it is paid.
#[derive(Debug, Clone)]
pub struct Invoice {
    /// Its number.
    pub number: String,
    /// The invoice.
    pub file: HandedId,
    /// What it says; it must be the price by the pieces that came.
    pub amount: Fen,
    /// Out of which fund.
    pub fund: FundId,
    /// Which money of it.
    pub restriction: Restriction,
}

/// Puts the invoice in: it must be the chosen price by the pieces that two people counted. The payment is proposed in the same
/// transaction, for another person to book. Fact `partner.purchase_invoiced`.
///
/// # Errors
/// [`PartnerError::Invalid`] for another sum, [`PartnerError::State`] before it is received.
pub async fn invoice(
    services: &Services,
    by: &Actor,
    (id, new): (PurchaseId, &Invoice),
) -> Result<Purchase, PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    check_line("invoice_no", &new.number, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut purchase = locked(&mut tx, by, (id, Permission::PartnerPurchase)).await?;
    let known = purchase.invoice.as_ref();
    if known.is_some_and(|(number, file)| (number.as_str(), *file) == (new.number.trim(), new.file)) {
        return Ok(purchase);
    }
    rules::in_state(&purchase, PurchaseState::Received)?;
    of_unit(&mut tx, new.file, purchase.unit).await?;
    let (counted, owed) = delivered(&mut tx, &purchase).await?;
    if owed != new.amount {
        return Err(invalid(
            "amount_fen",
            "the chosen price by the pieces that two people counted",
        ));
    }
    let agreement = agreement_store::lock(&mut tx, purchase.agreement)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    let payment = NewPayment {
        agreement: agreement.id,
        // A purchase whose payment was given up is invoiced anew, at another moment.
        key: format!("purchase:{}:{}", hex(&id.bytes()), now.micros()),
        kind: purchase.kind,
        fund: new.fund,
        restriction: new.restriction,
        amount: owed,
        purpose: format!("{} {counted} {}", purchase.item, purchase.unit_word),
        purchase: Some(id),
    };
    let payment = propose_in(&mut tx, services, by, (&agreement, &payment)).await?;
    store::invoice(&mut tx, id, (new.number.trim(), new.file, payment.id)).await?;
    purchase.state = PurchaseState::Invoiced;
    purchase.invoice = Some((new.number.trim().to_owned(), new.file));
    purchase.payment = Some(payment.id);
    let mut told = told(&purchase, "partner.purchase_invoiced");
    told.body["amount_fen"] = owed.get().into();
    told.body["payment"] = hex(&payment.id.bytes()).into();
    finish(tx, services, by, told).await?;
    Ok(purchase)
}
