//! Suppliers, purchases, quotes and receipts as values.

use kernel::{ActorId, BusinessDay, Fen, Instant, MoneyError, UnitId};

use crate::agreements::TargetKind;
use crate::word::words;
use crate::{
    AgreementId, HandedId, ListId, NeedId, PaymentId, PurchaseId, StoreItemId, StoreLotId, StorePlaceId, SupplierId,
};

words! {
    /// Where a purchase is.
    PurchaseState {
        /// Quotes are collected.
        Collecting = "collecting",
        /// A quote is chosen.
        Chosen = "chosen",
        /// The order is out.
        Ordered = "ordered",
        /// Two people counted it alike.
        Received = "received",
        /// The invoice is in and its payment proposed.
        Invoiced = "invoiced",
        /// Paid.
        Paid = "paid",
        /// Given up.
        CalledOff = "called_off",
    }
}

/// A supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplier {
    /// Its id.
    pub id: SupplierId,
    /// Whose register.
    pub unit: UnitId,
    /// Its unified social credit code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Who owns or leads it, masked.
    pub owner_shown: String,
}

/// A purchase to be begun.
#[derive(Debug, Clone)]
pub struct NewPurchase {
    /// Under which agreement.
    pub agreement: AgreementId,
    /// The need it answers.
    pub need: Option<NeedId>,
    /// The list of children it fits; its quantity is theirs.
    pub list: Option<ListId>,
    /// What makes it the same purchase when it is sent again.
    pub key: String,
    /// Counted in: goods or student aid.
    pub kind: TargetKind,
    /// What is bought.
    pub item: String,
    /// Its specification.
    pub spec: String,
    /// 件, 套, 台.
    pub unit_word: String,
    /// How many.
    pub quantity: i64,
}

/// That fewer quotes than asked for are enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fewer {
    /// Why.
    pub why: String,
    /// Who asked.
    pub asked_by: ActorId,
    /// Who approved.
    pub approved_by: Option<ActorId>,
}

/// A purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Its id.
    pub id: PurchaseId,
    /// Whose.
    pub unit: UnitId,
    /// Under which agreement.
    pub agreement: AgreementId,
    /// The need it answers.
    pub need: Option<NeedId>,
    /// The list of children it fits.
    pub list: Option<ListId>,
    /// Counted in.
    pub kind: TargetKind,
    /// What is bought.
    pub item: String,
    /// Its specification.
    pub spec: String,
    /// 件, 套, 台.
    pub unit_word: String,
    /// How many.
    pub quantity: i64,
    /// Where it is.
    pub state: PurchaseState,
    /// Who asked for it.
    pub asked_by: ActorId,
    /// The day it was asked for: its parameters are those of this day.
    pub asked_on: BusinessDay,
    /// That fewer quotes are enough.
    pub fewer: Option<Fewer>,
    /// The chosen quote, and why it when it is not the lowest.
    pub chosen: Option<(i64, String)>,
    /// Who chose.
    pub chosen_by: Option<ActorId>,
    /// Year and number of the order.
    pub number: Option<(i64, i64)>,
    /// When it was ordered.
    pub ordered_at: Option<Instant>,
    /// When it is due.
    pub due_on: Option<BusinessDay>,
    /// The invoice's number and file.
    pub invoice: Option<(String, HandedId)>,
    /// The payment.
    pub payment: Option<PaymentId>,
    /// Why it was given up.
    pub called_off: Option<String>,
}

impl Purchase {
    /// The number of its order as it stands on papers: `CG-2026-0001` (采购).
    pub fn paper(&self) -> Option<String> {
        self.number.map(|number| crate::series::paper("CG", number))
    }
}

/// A quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// 1, 2, 3 …
    pub n: i64,
    /// Whose.
    pub supplier: SupplierId,
    /// The supplier's name.
    pub supplier_name: String,
    /// A mark of the supplier's owner: two of one owner bear the same.
    pub owner: Vec<u8>,
    /// For one piece.
    pub price: Fen,
    /// The quote as it was given.
    pub file: HandedId,
    /// Who collected it.
    pub collected_by: ActorId,
    /// When.
    pub collected_at: Instant,
    /// Why it was struck.
    pub struck: Option<String>,
}

impl Quote {
    /// Whether it stands.
    pub const fn stands(&self) -> bool {
        self.struck.is_none()
    }

    /// What so many pieces come to.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn total(&self, quantity: i64) -> Result<Fen, MoneyError> {
        times(self.price, quantity)
    }
}

/// So many times an amount.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn times(price: Fen, quantity: i64) -> Result<Fen, MoneyError> {
    price
        .get()
        .checked_mul(quantity)
        .map(Fen::new)
        .ok_or(MoneyError::Overflow)
}

/// What somebody counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Who.
    pub by: ActorId,
    /// How many.
    pub quantity: i64,
    /// What was wrong with it; needed when fewer came than were ordered.
    pub words: String,
    /// When.
    pub signed_at: Instant,
}

/// What of a purchase is to be put into the store.
#[derive(Debug, Clone)]
pub struct Stocking {
    /// What it is in the store's catalogue.
    pub item: StoreItemId,
    /// Where it is put.
    pub place: StorePlaceId,
    /// Units that travel together.
    pub per_box: i64,
    /// Its batch.
    pub batch: String,
    /// Its last day.
    pub expires_on: Option<BusinessDay>,
    /// Whether a certificate of quality came with it.
    pub has_certificate: bool,
}

/// That a purchase lies in the store as a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stocked {
    /// 1, 2, 3 …: the how-manieth time.
    pub n: i64,
    /// What it is in the store's catalogue.
    pub item: StoreItemId,
    /// Where it was put.
    pub place: StorePlaceId,
    /// The lot.
    pub lot: StoreLotId,
    /// How many.
    pub quantity: i64,
    /// What it cost together.
    pub value: Fen,
    /// The number of the store's receipt note.
    pub paper: String,
    /// Who put it in.
    pub by: ActorId,
    /// When.
    pub at: Instant,
    /// Why it was taken out again.
    pub undone: Option<String>,
}

impl Stocked {
    /// Whether the store still has it by this.
    pub const fn stands(&self) -> bool {
        self.undone.is_none()
    }
}
