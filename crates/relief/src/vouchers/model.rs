//! Papers as values.

use kernel::id::Id as _;
use kernel::{Instant, UnitId};

use crate::word::words;
use crate::{CountId, DispatchId, GrantId, LetterId, LotId, TripId};

words! {
    /// What a paper is.
    #[schema(as = GoodsPaperKind)]
    PaperKind {
        /// Goods came into the store (入库单).
        ReceiptNote = "receipt_note",
        /// Goods are to leave (调拨单).
        DispatchOrder = "dispatch_order",
        /// Goods are handed to people (发放清册).
        HandOverList = "hand_over_list",
        /// What a count showed (盘点表).
        CountSheet = "count_sheet",
        /// Goods were destroyed (报废单).
        ScrapNote = "scrap_note",
        /// Goods were sold (变卖单).
        SaleNote = "sale_note",
        /// A sale was undone (变卖撤销单).
        SaleReturn = "sale_return",
        /// Money is to be paid (付款单).
        PaymentOrder = "payment_order",
        /// What travels on a vehicle (装车清单).
        Manifest = "manifest",
        /// A donor promises goods (捐赠函).
        DonationLetter = "donation_letter",
        /// A donor and the society agree (捐赠协议).
        Agreement = "agreement",
    }
}

impl PaperKind {
    /// What stands above it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ReceiptNote => "入库单",
            Self::DispatchOrder => "调拨单",
            Self::HandOverList => "发放清册",
            Self::CountSheet => "盘点表",
            Self::ScrapNote => "报废单",
            Self::SaleNote => "变卖单",
            Self::SaleReturn => "变卖撤销单",
            Self::PaymentOrder => "付款单",
            Self::Manifest => "装车清单",
            Self::DonationLetter => "捐赠函",
            Self::Agreement => "物资捐赠协议",
        }
    }
    /// A number of its series as it stands on papers: `RK-2026-0001`; a dispatch order's has no letters before it.
    pub fn number(self, (year, number): (i64, i64)) -> String {
        let letters = match self {
            Self::ReceiptNote => "RK-",
            Self::DispatchOrder | Self::HandOverList => "",
            Self::CountSheet => "PD-",
            Self::ScrapNote => "BF-",
            Self::SaleNote => "BM-",
            Self::SaleReturn => "BC-",
            Self::PaymentOrder => "FK-",
            Self::Manifest => "ZC-",
            Self::DonationLetter => "JH-",
            Self::Agreement => "JX-",
        };
        format!("{letters}{year}-{number:04}")
    }
}

/// The record that a paper is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// A movement of a lot: into the store, to be scrapped, sold, back from a sale.
    Move(LotId, i64),
    /// A dispatch order.
    Order(DispatchId),
    /// What was handed out of a dispatch order.
    HandOver(DispatchId),
    /// A count.
    Count(CountId),
    /// A grant of money.
    Payment(GrantId),
    /// A journey that left.
    Trip(TripId),
    /// A letter or an agreement.
    Letter(LetterId),
}

impl Record {
    /// As the tables name it.
    pub(super) fn key(self) -> ([u8; 16], i64) {
        match self {
            Self::Move(lot, n) => (lot.bytes(), n),
            Self::Order(id) | Self::HandOver(id) => (id.bytes(), 0),
            Self::Count(id) => (id.bytes(), 0),
            Self::Payment(id) => (id.bytes(), 0),
            Self::Trip(id) => (id.bytes(), 0),
            Self::Letter(id) => (id.bytes(), 0),
        }
    }
}

/// A paper of a unit as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// What it is.
    pub kind: PaperKind,
    /// Year and number.
    pub number: (i64, i64),
    /// The record it is drawn from.
    pub record: Record,
    /// When it was recorded.
    pub made_at: Instant,
}

/// The bytes of a paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    /// A PDF.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// The name to keep it under.
    pub file_name: String,
    /// Whose it is.
    pub unit: UnitId,
}
