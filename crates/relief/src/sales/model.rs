//! A sale as a value.

use kernel::{ActorId, Channel, Fen, FundId, Instant, JournalId, UnitId};
use ledger::Restriction;
use ledger::journal::shapes::goods_sold::GoodsSold;

use crate::{LotId, PlaceId, SaleId};

/// Goods to be sold. Holds the buyer's name: no `Debug`.
#[derive(Clone)]
pub struct NewSale {
    /// The lot.
    pub lot: LotId,
    /// What makes it the same sale when it is sent again.
    pub key: String,
    /// Where the goods lie.
    pub place: PlaceId,
    /// How many of the lot's unit.
    pub quantity: i64,
    /// What they bring, together.
    pub amount: Fen,
    /// Where the money lies.
    pub paid_into: Channel,
    /// The fund that takes it; none: the unit's general fund, where nobody limited the goods.
    pub fund: Option<FundId>,
    /// Who buys; sealed.
    pub buyer: String,
    /// Why they are sold and not given.
    pub reason: String,
}

/// A sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Its id.
    pub id: SaleId,
    /// Whose goods they were.
    pub unit: UnitId,
    /// The lot.
    pub lot: LotId,
    /// The running number of its movement.
    pub n: i64,
    /// Where the goods lay.
    pub place: PlaceId,
    /// How many of the lot's unit.
    pub quantity: i64,
    /// The fund that took the money.
    pub fund: FundId,
    /// How the goods were limited, and so the money is.
    pub restriction: Restriction,
    /// Where the money lies.
    pub paid_into: Channel,
    /// What they brought.
    pub amount: Fen,
    /// The buyer as shown.
    pub buyer_shown: String,
    /// The journal of the money.
    pub journal: JournalId,
    /// Who sold.
    pub sold_by: ActorId,
    /// When.
    pub sold_at: Instant,
    /// How it was undone.
    pub undone: Option<Undone>,
}

/// How a sale was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undone {
    /// The running number of the movement back.
    pub n: i64,
    /// The journal that took the money out again.
    pub journal: JournalId,
    /// Who undid it.
    pub by: ActorId,
    /// When.
    pub at: Instant,
}

impl Sale {
    /// As the books know its money.
    pub const fn proceeds(&self) -> GoodsSold {
        GoodsSold {
            unit: self.unit,
            fund: self.fund,
            restriction: self.restriction,
            paid_into: self.paid_into,
            amount: self.amount,
        }
    }
}
