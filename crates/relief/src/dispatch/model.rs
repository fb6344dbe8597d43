//! Dispatch orders as values.

use kernel::{Instant, UnitId};

use crate::word::words;
use crate::{DispatchId, LotId, PartyId, PlaceId, RequestId};

words! {
    /// Where a dispatch order is.
    DispatchState {
        /// Its goods are set aside.
        Ordered = "ordered",
        /// Picked and handed over by the store.
        Issued = "issued",
        /// On the road.
        InTransit = "in_transit",
        /// With the receiver.
        Received = "received",
        /// Called off; its goods are back on their shelf.
        CalledOff = "called_off",
    }
}

words! {
    /// How it travels (M-20).
    Way {
        /// Straight from here to the receiver.
        PointToPoint = "point_to_point",
        /// With the post's trucks.
        Postal = "postal",
        /// Fetched by the receiver.
        Fetched = "fetched",
        /// Straight from the donor: it never entered the store, both ways are virtual.
        Straight = "straight",
    }
}

words! {
    /// What proves that goods were handed out.
    Proof {
        /// A signature on the list.
        Signature = "signature",
        /// A code on the recipient's telephone.
        Code = "code",
    }
}

/// A dispatch order.
#[derive(Debug, Clone)]
pub struct Dispatch {
    /// Its id.
    pub id: DispatchId,
    /// Whose.
    pub unit: UnitId,
    /// Its year and running number there.
    pub number: (i64, i64),
    /// For whom.
    pub party: PartyId,
    /// The receiver's name.
    pub party_name: String,
    /// How it travels.
    pub way: Way,
    /// Where it is.
    pub state: DispatchState,
    /// When it was ordered.
    pub ordered_at: Instant,
    /// When it left.
    pub left_at: Option<Instant>,
    /// When it was received.
    pub received_at: Option<Instant>,
}

impl Dispatch {
    /// The number as it stands on papers: `2026-0001`.
    pub fn paper(&self) -> String {
        paper(self.number)
    }
}

/// A running number as it stands on papers.
pub fn paper((year, number): (i64, i64)) -> String {
    format!("{year}-{number:04}")
}

/// A line of a dispatch order.
#[derive(Debug, Clone)]
pub struct DispatchLine {
    /// 1, 2, 3 …
    pub n: i64,
    /// The lot.
    pub lot: LotId,
    /// Where it lay.
    pub place: PlaceId,
    /// The request it answers.
    pub request: Option<RequestId>,
    /// How many of the lot's unit.
    pub quantity: i64,
}
