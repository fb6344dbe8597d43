//! Direct deliveries as values.

use kernel::{ActorId, UnitId};

use crate::word::words;
use crate::{DispatchId, LotId, PartyId, PlaceId, RequestId, StraightId};

words! {
    /// Where a direct delivery is.
    #[schema(as = GoodsStraightState)]
    StraightState {
        /// One person counted.
        CountedOnce = "counted_once",
        /// Two people found the same number.
        Counted = "counted",
        /// The signed list is back, both ways are booked.
        Booked = "booked",
    }
}

/// A direct delivery to be counted.
#[derive(Debug, Clone)]
pub struct NewStraight {
    /// What makes it the same one when it is sent again.
    pub key: String,
    /// The announced lot.
    pub lot: LotId,
    /// Where it was expected.
    pub place: PlaceId,
    /// To whom it goes.
    pub party: PartyId,
    /// The request it answers.
    pub request: Option<RequestId>,
    /// What the first counted, of the lot's unit.
    pub quantity: i64,
}

/// A direct delivery.
#[derive(Debug, Clone)]
pub struct Straight {
    /// Its id.
    pub id: StraightId,
    /// Whose.
    pub unit: UnitId,
    /// The lot.
    pub lot: LotId,
    /// Where it was expected.
    pub place: PlaceId,
    /// To whom it goes.
    pub party: PartyId,
    /// The request it answers.
    pub request: Option<RequestId>,
    /// How many.
    pub quantity: i64,
    /// Where it is.
    pub state: StraightState,
    /// Who counted first.
    pub first_by: ActorId,
    /// Who counted second.
    pub second_by: Option<ActorId>,
    /// The order that its papers stand on, once booked.
    pub dispatch: Option<DispatchId>,
}
