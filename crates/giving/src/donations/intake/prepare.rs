//! The costly part of a gift, done on the caller's thread: its id, its secret, its seals.

use kernel::{BusinessDay, Fen, GiftId, Instant, ProjectId, ReceivingAccountId};
use platform::{Keys, Services};

use super::super::mask;
use super::super::model::{Incoming, Refusal, Source};
use super::super::orders::Order;
use super::super::receipts::ReceiptWish;
use crate::matching::PayerKind;

/// A gift ready to be written. Holds sealed fields only.
pub struct Prepared {
    pub(crate) gift: GiftId,
    pub(crate) account: ReceivingAccountId,
    pub(crate) project: ProjectId,
    pub(crate) trade_no: String,
    pub(crate) amount: Fen,
    pub(crate) paid_at: Instant,
    pub(crate) business_day: BusinessDay,
    pub(crate) source: &'static str,
    pub(crate) anonymous: bool,
    pub(crate) receipt: Option<ReceiptWish>,
    pub(crate) payer_masked: Option<String>,
    pub(crate) phone_index: Option<Vec<u8>>,
    pub(crate) secret_wrapped: Vec<u8>,
    pub(crate) payer_sealed: Option<Vec<u8>>,
    /// The payer's blind index, by their number at the payment provider or their telephone.
    pub(crate) payer_index: Option<Vec<u8>>,
    pub(crate) payer_kind: PayerKind,
    pub(crate) matching: Matching,
}

/// Whether pools may match a gift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// By their rules: notices, the counter, what a reconciliation finds.
    ByRule,
    /// The gift looks odd: its match waits for a person, the gift does not.
    Wait,
    /// Not at all: other imports, unless asked.
    Not,
}

impl Prepared {
    /// The same gift, matched otherwise than its source says.
    #[must_use]
    pub fn matching(mut self, matching: Matching) -> Self {
        self.matching = matching;
        self
    }
    /// The same gift with what its order knows of the payer: whether it is a month of a mandate.
    #[must_use]
    pub(crate) fn of_order(mut self, order: Option<&Order>) -> Self {
        if order.is_some_and(|order| order.monthly) {
            self.payer_kind = self.payer_kind.by_mandate();
        }
        self
    }
}

/// The blind index of a telephone number: digits only, so that spaces and dashes do not matter.
pub fn phone_index(keys: &Keys, phone: &str) -> Vec<u8> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    keys.blind_index("gift.phone", &digits)
}

/// The blind index of a payer's number at the payment provider.
pub fn payer_index(keys: &Keys, id: &str) -> Vec<u8> {
    keys.blind_index("gift.payer", id)
}

/// Checks and seals a gift.
///
/// # Errors
/// [`Refusal`], naming the field; nothing is recorded.
pub fn prepare(incoming: Incoming, services: &Services) -> Result<Prepared, Refusal> {
    let now = services.now();
    incoming.check(now)?;
    let (secret, secret_wrapped) = services.keys.new_gift_secret(&*services.rng);
    let payer = &incoming.payer;
    let has_payer = [&payer.id, &payer.name, &payer.phone, &payer.on_behalf_of, &payer.memo]
        .iter()
        .any(|field| field.is_some());
    let payer_sealed = has_payer
        .then(|| serde_json::to_vec(payer).ok())
        .flatten()
        .map(|plain| secret.seal("payer", &plain));
    let shown = payer.on_behalf_of.as_deref().or(payer.name.as_deref());
    let payer_masked = if incoming.anonymous {
        None
    } else {
        shown.map(mask::name).filter(|m| !m.is_empty())
    };
    let phone = payer.phone.as_deref().map(|phone| phone_index(&services.keys, phone));
    let by_id = payer.id.as_deref().map(|id| payer_index(&services.keys, id));
    Ok(Prepared {
        gift: GiftId::new(now, &*services.rng),
        account: incoming.account,
        project: incoming.project,
        trade_no: incoming.trade_no,
        amount: incoming.amount,
        paid_at: incoming.paid_at,
        business_day: incoming.business_day,
        source: incoming.source.word(),
        anonymous: incoming.anonymous,
        receipt: incoming.receipt,
        payer_masked,
        payer_index: by_id.or_else(|| phone.clone()),
        phone_index: phone,
        secret_wrapped,
        payer_sealed,
        payer_kind: PayerKind::of_name(payer.name.as_deref()),
        matching: match incoming.source {
            Source::Import | Source::PlatformMatch => Matching::Not,
            Source::Notice | Source::Counter | Source::Review => Matching::ByRule,
        },
    })
}
