//! A lot's value as booked.

use kernel::Fen;

use crate::stock::LotState;

/// What a lot brought into the books so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Worth {
    /// Pieces that ever came in for the first time.
    pub entered: i64,
    /// Pieces held now.
    pub held: i64,
    /// What they are worth.
    pub value: Fen,
    /// The running number of the last movement that is booked.
    pub upto: i64,
}

/// A movement as the books look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing {
    /// The lot's running number.
    pub n: i64,
    /// From which state; none from outside.
    pub from: Option<LotState>,
    /// To which state; none to outside.
    pub to: Option<LotState>,
    /// How many pieces.
    pub quantity: i64,
}

/// What a lot's value is spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Valued {
    /// The value together.
    pub value: Fen,
    /// The pieces it is for: as many as were announced.
    pub pieces: i64,
    /// Whether a movement from nowhere made the lot (a kit) rather than found it.
    pub origin: Origin,
}

/// How a lot comes into the store for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Given.
    Given,
    /// From another level of the society.
    Transferred,
    /// From an authority.
    Granted,
    /// Made here of other lots.
    Made,
}
