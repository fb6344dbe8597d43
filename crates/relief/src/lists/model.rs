//! Requests, offers, shares as values.

use kernel::{BusinessDay, Fen, Instant, UnitId};
use serde::{Deserialize, Serialize};

use crate::word::words;
use crate::{ItemId, LotId, PartyId, PlaceId, RequestId};

words! {
    /// How pressing a request is.
    Priority {
        /// Lives hang on it.
        Urgent = "urgent",
        /// Soon.
        High = "high",
        /// As it comes.
        Normal = "normal",
    }
}

impl Priority {
    /// How much a need of this priority weighs beside others.
    pub const fn weight(self) -> i128 {
        match self {
            Self::Urgent => 4,
            Self::High => 2,
            Self::Normal => 1,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Goods of the catalogue.
    Goods {
        /// The item.
        item: ItemId,
        /// The unit the number is in.
        unit_word: String,
        /// How many.
        quantity: i64,
    },
    /// Money.
    Money(Fen),
}

/// A request to be handed in.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// The society that is asked.
    pub unit: UnitId,
    /// What makes it the same request when it is sent again.
    pub key: String,
    /// For whom.
    pub party: PartyId,
    /// What.
    pub wanted: Wanted,
    /// How pressing.
    pub priority: Priority,
    /// What the need rests on: beds, staff, days.
    pub basis: String,
    /// When it is needed.
    pub needed_by: Option<BusinessDay>,
}

/// A request as kept.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// The society that is asked.
    pub unit: UnitId,
    /// For whom.
    pub party: PartyId,
    /// The receiver's name.
    pub party_name: String,
    /// What.
    pub wanted: Wanted,
    /// The item's name, for goods.
    pub item_name: Option<String>,
    /// Base units of the item in one of the request's unit.
    pub per_base: i64,
    /// Base units, or fen, that were granted.
    pub granted: i64,
    /// How pressing.
    pub priority: Priority,
    /// What the need rests on.
    pub basis: String,
    /// When it is needed.
    pub needed_by: Option<BusinessDay>,
    /// When somebody said last that it still stands.
    pub confirmed_at: Instant,
    /// When it was taken back.
    pub withdrawn_at: Option<Instant>,
    /// Every so many days it comes again, until a last day.
    pub repeats: Option<(i64, BusinessDay)>,
}

words! {
    /// Where a request is.
    #[schema(as = GoodsRequestState)]
    RequestState {
        /// Nothing is granted yet.
        Open = "open",
        /// A part is granted.
        Partly = "partly",
        /// All of it is granted.
        Granted = "granted",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}

/// Goods in store that may be shared out.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The lot.
    pub lot: LotId,
    /// Where it lies.
    pub place: PlaceId,
    /// What it is.
    pub item: ItemId,
    /// How many of the lot's unit.
    pub available: i64,
    /// Base units in one of these.
    pub per_base: i64,
    /// Units that travel together.
    pub per_box: i64,
    /// Its last day.
    pub expires_on: Option<BusinessDay>,
    /// For whom the donor meant it.
    pub designated_for: Option<PartyId>,
}

/// An open need.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The request.
    pub request: RequestId,
    /// For whom.
    pub party: PartyId,
    /// What.
    pub item: ItemId,
    /// Base units that are still open.
    pub open: i64,
    /// How pressing.
    pub priority: Priority,
    /// When it is needed.
    pub needed_by: Option<BusinessDay>,
    /// Whether nobody said for long that it still stands: what is fresh comes first.
    pub is_stale: bool,
}

words! {
    /// Why a line of a plan is as it is.
    Why {
        /// The donor meant it for this receiver.
        Designated = "designated",
        /// A fair share by need and priority, in whole boxes.
        FairShare = "fair_share",
        /// A fair share whose last box went to the nearest of equal needs.
        Nearest = "nearest",
        /// What fresh needs left over, for one that nobody confirmed in time: ask before it is sent.
        Stale = "stale",
        /// Nobody needs it now, or it is no whole box: it stays in store.
        Stays = "stays",
        /// The desk changed it, with its reason.
        Changed = "changed",
    }
}

/// A line of a plan: so many of a lot for a receiver, or to stay in store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The lot.
    pub lot: LotId,
    /// Where it lies.
    pub place: PlaceId,
    /// For whom; nobody: it stays in store.
    pub party: Option<PartyId>,
    /// The request it answers.
    pub request: Option<RequestId>,
    /// How many of the lot's unit.
    pub quantity: i64,
    /// Why.
    pub why: Why,
}

words! {
    /// Why goods stand on list one.
    Listed {
        /// They arrived after the hour of the day before.
        Arrived = "arrived",
        /// They are expected on the list's day.
        Expected = "expected",
    }
}

/// A line of list one, as its document keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListLine {
    /// The lot's id in hexadecimal; replaced by its public id outside.
    pub lot: String,
    /// Why it stands here.
    pub listed: Listed,
    /// What it is.
    pub item: String,
    /// Standard and grade.
    pub grade: String,
    /// Specification.
    pub spec: String,
    /// The unit.
    pub unit_word: String,
    /// How many.
    pub quantity: i64,
}

words! {
    /// Where a plan is.
    #[schema(as = GoodsPlanState)]
    PlanState {
        /// Proposed; the desk may change it, the group decides.
        Proposed = "proposed",
        /// Before those who decide it by a case of the house's approvals.
        Asked = "asked",
        /// Decided: its dispatch orders stand.
        Approved = "approved",
        /// Decided against.
        Refused = "refused",
    }
}

words! {
    /// What happened to a plan.
    #[schema(as = GoodsPlanEventKind)]
    PlanEventKind {
        /// The desk changed who gets a lot.
        Changed = "changed",
        /// Somebody of the group said yes.
        Approve = "approve",
        /// Somebody of the group said no.
        Refuse = "refuse",
    }
}

/// A destination of a lot, as a change of a plan keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = GoodsChangedLine)]
pub struct ChangedLine {
    /// The receiver's name; none: it stays in store.
    pub receiver: Option<String>,
    /// How many.
    pub quantity: i64,
}

words! {
    /// What someone says to a plan.
    PlanDecision {
        /// Yes.
        Approve = "approve",
        /// No.
        Refuse = "refuse",
    }
}
