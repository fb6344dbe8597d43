//! Shops, residents, services, shelves, sales and entries as values.

use kernel::{ActorId, BusinessDay, Instant, UnitId};

use crate::word::words;
use crate::{AgreementId, ResidentId, SaleId, ServiceId, ShelfId, ShopId};

words! {
    /// What was done.
    ServiceKind {
        /// Cleaning, planting, sorting.
        Environment = "environment",
        /// Looking after old people, children, the sick.
        Care = "care",
        /// Teaching, training, first aid.
        Teaching = "teaching",
        /// Carrying, guarding, rescue.
        Rescue = "rescue",
        /// Anything else for the village.
        Community = "community",
    }
}

words! {
    /// Where a service is.
    ServiceState {
        /// Recorded; another person confirms it.
        Recorded = "recorded",
        /// Confirmed: it is worth its points.
        Confirmed = "confirmed",
        /// Not confirmed, with a reason.
        Refused = "refused",
    }
}

words! {
    /// What an entry of the journal of points is.
    EntryKind {
        /// A service.
        Earned = "earned",
        /// A sale.
        Spent = "spent",
        /// The mirror of a service.
        EarnedUndone = "earned_undone",
        /// The mirror of a sale.
        SpentUndone = "spent_undone",
    }
}

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Its id.
    pub id: ShopId,
    /// Whose.
    pub unit: UnitId,
    /// The agreement under which it was set up.
    pub agreement: Option<AgreementId>,
    /// Its name.
    pub name: String,
    /// When it was opened.
    pub made_at: Instant,
}

/// A resident to be added. Holds a name: no `Debug`.
#[derive(Clone)]
pub struct NewResident {
    /// At which shop.
    pub shop: ShopId,
    /// What makes it the same resident when it is sent again.
    pub key: String,
    /// The name: sealed.
    pub name: String,
    /// The telephone: kept as a blind mark only, so that nobody is added twice.
    pub phone: String,
}

/// A resident, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resident {
    /// Its id.
    pub id: ResidentId,
    /// Whose.
    pub unit: UnitId,
    /// At which shop.
    pub shop: ShopId,
    /// The name, masked.
    pub name_shown: String,
    /// Points there are.
    pub points: i64,
    /// Entries of the journal.
    pub entries: i64,
}

/// A service to be recorded.
#[derive(Debug, Clone)]
pub struct NewService {
    /// Who did it.
    pub resident: ResidentId,
    /// What makes it the same service when it is sent again.
    pub key: String,
    /// What was done.
    pub kind: ServiceKind,
    /// How long.
    pub minutes: i64,
    /// When.
    pub day: BusinessDay,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Whose.
    pub unit: UnitId,
    /// At which shop.
    pub shop: ShopId,
    /// Who did it.
    pub resident: ResidentId,
    /// What was done.
    pub kind: ServiceKind,
    /// How long.
    pub minutes: i64,
    /// When.
    pub day: BusinessDay,
    /// Where it is.
    pub state: ServiceState,
    /// What it is worth, once confirmed.
    pub points: Option<i64>,
    /// Who recorded it.
    pub recorded_by: ActorId,
}

/// What a shop offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// Its id.
    pub id: ShelfId,
    /// Whose.
    pub unit: UnitId,
    /// In which shop.
    pub shop: ShopId,
    /// What.
    pub item: String,
    /// 袋, 瓶.
    pub unit_word: String,
    /// Points for one.
    pub price: i64,
    /// How many are there.
    pub stock: i64,
    /// Movements so far.
    pub moves: i64,
}

/// What somebody takes.
#[derive(Debug, Clone)]
pub struct Basket {
    /// Who.
    pub resident: ResidentId,
    /// What makes it the same sale when it is sent again.
    pub key: String,
    /// Off which shelf how many.
    pub lines: Vec<(ShelfId, i64)>,
}

/// A sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Its id.
    pub id: SaleId,
    /// Whose.
    pub unit: UnitId,
    /// In which shop.
    pub shop: ShopId,
    /// Who.
    pub resident: ResidentId,
    /// Points spent.
    pub points: i64,
    /// When.
    pub sold_at: Instant,
    /// When it was undone.
    pub undone_at: Option<Instant>,
}

/// An entry of the journal of points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The resident's running number.
    pub n: i64,
    /// What it is.
    pub kind: EntryKind,
    /// Above zero earned or given back, below zero spent or taken back.
    pub points: i64,
    /// The service, the sale or the entry undone.
    pub cause: [u8; 16],
    /// Why, where it is a mirror.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// What a shop came to, for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Residents with a confirmed service.
    pub residents: i64,
    /// Services confirmed and not undone.
    pub services: i64,
    /// Minutes of them.
    pub minutes: i64,
    /// Points earned, less those undone.
    pub earned: i64,
    /// Points spent, less those undone.
    pub spent: i64,
}
