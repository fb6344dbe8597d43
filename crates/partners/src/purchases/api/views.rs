//! Purchases as JSON: quotes side by side, counts, what comes next.

use kernel::id::public;
use kernel::{BusinessDay, Instant};
use platform::Services;
use platform::identity::Actor;
use serde::Serialize;
use utoipa::ToSchema;

use crate::agreements::TargetKind;
use crate::error::PartnerError;
use crate::purchases::model::{Purchase, PurchaseState, Quote, Receipt, Stocked};
use crate::purchases::rules::{self, Wanted};

/// A purchase.
#[derive(Serialize, ToSchema)]
pub(super) struct PartnerPurchaseOut {
    /// Its public id.
    id: String,
    /// Public id of the agreement.
    agreement: String,
    /// Public id of the need it answers.
    need: Option<String>,
    /// Public id of the list of children it fits.
    list: Option<String>,
    /// Counted in.
    kind: TargetKind,
    /// What is bought.
    item: String,
    /// Its specification.
    spec: String,
    /// 件, 套, 台.
    unit_word: String,
    /// How many.
    quantity: i64,
    /// Where it is.
    state: PurchaseState,
    /// The day it was asked for.
    #[schema(value_type = String)]
    asked_on: BusinessDay,
    /// The number of its order.
    number: Option<String>,
    /// The last day of delivery.
    #[schema(value_type = Option<String>)]
    due_on: Option<BusinessDay>,
    /// The invoice's number.
    invoice_no: Option<String>,
    /// Public id of the invoice.
    invoice_file: Option<String>,
    /// Public id of its payment.
    payment: Option<String>,
    /// Why it was given up.
    called_off: Option<String>,
}

pub(super) fn purchase_out(s: &Services, purchase: Purchase) -> PartnerPurchaseOut {
    let number = purchase.paper();
    let (invoice_no, invoice_file) = match purchase.invoice {
        Some((no, file)) => (Some(no), Some(public(&*s.keys, file))),
        None => (None, None),
    };
    PartnerPurchaseOut {
        id: public(&*s.keys, purchase.id),
        agreement: public(&*s.keys, purchase.agreement),
        need: purchase.need.map(|need| public(&*s.keys, need)),
        list: purchase.list.map(|list| public(&*s.keys, list)),
        kind: purchase.kind,
        item: purchase.item,
        spec: purchase.spec,
        unit_word: purchase.unit_word,
        quantity: purchase.quantity,
        state: purchase.state,
        asked_on: purchase.asked_on,
        number,
        due_on: purchase.due_on,
        invoice_no,
        invoice_file,
        payment: purchase.payment.map(|payment| public(&*s.keys, payment)),
        called_off: purchase.called_off,
    }
}

/// A quote beside the others.
#[derive(Serialize, ToSchema)]
struct PartnerQuoteOut {
    /// 1, 2, 3 …
    n: i64,
    /// The supplier's name.
    supplier_name: String,
    /// For one piece.
    price_fen: i64,
    /// For all.
    total_fen: i64,
    /// Public id of the quote on paper.
    file: String,
    /// Whether none that stands is lower.
    lowest: bool,
    /// Whether it is chosen.
    chosen: bool,
    /// Whether the reader collected it.
    mine: bool,
    /// When it was collected.
    #[schema(value_type = String, format = DateTime)]
    collected_at: Instant,
    /// Why it was struck.
    struck: Option<String>,
}

/// What somebody counted.
#[derive(Serialize, ToSchema)]
struct PartnerCountOut {
    /// Whether it was the reader.
    mine: bool,
    /// How many.
    quantity: i64,
    /// What was wrong.
    words: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    signed_at: Instant,
}

/// That a purchase lies in the store as a lot.
#[derive(Serialize, ToSchema)]
#[schema(as = PartnerStockedOut)]
struct StockedOut {
    /// Public id of the lot.
    lot: String,
    /// Public id of the item in the catalogue.
    item: String,
    /// Public id of the place where it was put.
    place: String,
    /// How many.
    quantity: i64,
    /// What it cost together.
    value_fen: i64,
    /// The number of the receipt note.
    paper: String,
    /// Whether the reader put it in.
    mine: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    stocked_at: Instant,
    /// Why it was taken out again; none while it stands.
    undone: Option<String>,
}

fn stocked_out(s: &Services, actor: &Actor, stocked: Stocked) -> StockedOut {
    StockedOut {
        lot: public(&*s.keys, stocked.lot),
        item: public(&*s.keys, stocked.item),
        place: public(&*s.keys, stocked.place),
        quantity: stocked.quantity,
        value_fen: stocked.value.get(),
        paper: stocked.paper,
        mine: stocked.by == actor.id,
        stocked_at: stocked.at,
        undone: stocked.undone,
    }
}

/// A purchase with its quotes compared and what was counted.
#[derive(Serialize, ToSchema)]
pub(super) struct PartnerPurchaseWhole {
    /// The purchase.
    purchase: PartnerPurchaseOut,
    /// Its quotes.
    quotes: Vec<PartnerQuoteOut>,
    /// How many quotes it needs.
    quotes_needed: i64,
    /// Why fewer are asked for.
    fewer_why: Option<String>,
    /// Whether fewer are approved.
    fewer_approved: bool,
    /// Why another than the lowest was chosen.
    chosen_why: Option<String>,
    /// What the chosen quote comes to for the pieces that two people counted alike; before, for those ordered.
    owed_fen: Option<i64>,
    /// What was counted.
    counts: Vec<PartnerCountOut>,
    /// Whether the reader is bound to a supplier that quoted, and so does nothing here.
    bound: bool,
    /// The lot it became in the store, the last time it was put there.
    stocked: Option<StockedOut>,
}

/// What is said beside a purchase.
pub(super) struct Said {
    /// What the parameters of its day ask for.
    pub(super) wanted: Wanted,
    /// Whether the reader is bound to a supplier that quoted.
    pub(super) bound: bool,
    /// That it lies in the store.
    pub(super) stocked: Option<Stocked>,
}

pub(super) fn whole(
    s: &Services,
    actor: &Actor,
    (purchase, quotes, receipts): (Purchase, Vec<Quote>, Vec<Receipt>),
    said: Said,
) -> Result<PartnerPurchaseWhole, PartnerError> {
    let needed = rules::needed(&purchase, &quotes, said.wanted)?;
    let lowest = rules::standing(&quotes).map(|quote| quote.price).min();
    let chosen = purchase.chosen.as_ref().map(|(n, _)| *n);
    let counted = match purchase.state {
        PurchaseState::Received | PurchaseState::Invoiced | PurchaseState::Paid => {
            receipts.first().map_or(purchase.quantity, |receipt| receipt.quantity)
        }
        _ => purchase.quantity,
    };
    let mut shown = Vec::with_capacity(quotes.len());
    let mut owed_fen = None;
    for quote in &quotes {
        if Some(quote.n) == chosen {
            owed_fen = Some(quote.total(counted)?.get());
        }
        shown.push(PartnerQuoteOut {
            n: quote.n,
            supplier_name: quote.supplier_name.clone(),
            price_fen: quote.price.get(),
            total_fen: quote.total(purchase.quantity)?.get(),
            file: public(&*s.keys, quote.file),
            lowest: quote.stands() && Some(quote.price) == lowest,
            chosen: Some(quote.n) == chosen,
            mine: quote.collected_by == actor.id,
            collected_at: quote.collected_at,
            struck: quote.struck.clone(),
        });
    }
    let counts = receipts.into_iter().map(|receipt| PartnerCountOut {
        mine: receipt.by == actor.id,
        quantity: receipt.quantity,
        words: receipt.words,
        signed_at: receipt.signed_at,
    });
    Ok(PartnerPurchaseWhole {
        quotes: shown,
        quotes_needed: needed,
        fewer_why: purchase.fewer.as_ref().map(|fewer| fewer.why.clone()),
        fewer_approved: purchase.fewer.as_ref().is_some_and(|fewer| fewer.approved_by.is_some()),
        chosen_why: purchase.chosen.as_ref().map(|(_, why)| why.clone()),
        owed_fen,
        counts: counts.collect(),
        bound: said.bound,
        stocked: said.stocked.map(|stocked| stocked_out(s, actor, stocked)),
        purchase: purchase_out(s, purchase),
    })
}
