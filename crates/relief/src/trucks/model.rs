//! Vehicles and journeys as values.

use kernel::{Instant, UnitId};

use crate::word::words;
use crate::{DispatchId, TripId, VehicleId};

/// Weight and room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Grams.
    pub grams: i64,
    /// Cubic centimetres.
    pub cubic_cm: i64,
}

impl Load {
    /// Both together; what does not fit a number is more than any vehicle carries.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            grams: self.grams.saturating_add(other.grams),
            cubic_cm: self.cubic_cm.saturating_add(other.cubic_cm),
        }
    }
}

/// What one of a unit of an item weighs, packed, and the room it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The unit.
    pub unit_word: String,
    /// Base units in one of these.
    pub per_base: i64,
    /// Of one of these.
    pub load: Load,
}

/// A vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// Its id.
    pub id: VehicleId,
    /// Whose list it stands on.
    pub unit: UnitId,
    /// Its name or plate; of the carrier's, never a person's.
    pub name: String,
    /// Who runs it.
    pub carrier: String,
    /// What it may carry.
    pub carries: Load,
}

words! {
    /// Where a journey is.
    #[schema(as = GoodsTripState)]
    TripState {
        /// Orders are put on the vehicle.
        Loading = "loading",
        /// On the road; its manifest stands.
        Left = "left",
    }
}

/// A journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// Its id.
    pub id: TripId,
    /// Whose.
    pub unit: UnitId,
    /// On which vehicle.
    pub vehicle: VehicleId,
    /// The vehicle's name.
    pub vehicle_name: String,
    /// Who runs it.
    pub carrier: String,
    /// What it may carry.
    pub carries: Load,
    /// Where it is.
    pub state: TripState,
    /// When loading began.
    pub opened_at: Instant,
    /// When it left.
    pub left_at: Option<Instant>,
}

/// An order on a vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// The order.
    pub dispatch: DispatchId,
    /// What it weighs and takes.
    pub load: Load,
}
