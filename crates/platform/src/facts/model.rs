//! What a fact is.

use kernel::{ActorId, FactId, Instant, UnitId};

/// A fact about to be written.
#[derive(Debug, Clone)]
pub struct NewFact {
    /// The unit it belongs to.
    pub unit: UnitId,
    /// What happened, a word of the golden list: `gift.confirmed`.
    pub kind: &'static str,
    /// The thing it happened to: the 16 bytes of its id.
    pub subject: [u8; 16],
    /// Who did it; nobody for what machines report.
    pub actor: Option<ActorId>,
    /// Ids (hex), codes and amounts as a JSON object; never personal data.
    pub body: serde_json::Value,
}

/// A fact in its place.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Its place: 1, 2, 3 … without gaps.
    pub place: i64,
    /// Its id.
    pub id: FactId,
    /// The unit it belongs to.
    pub unit: UnitId,
    /// What happened.
    pub kind: String,
    /// The thing it happened to.
    pub subject: [u8; 16],
    /// Who did it.
    pub actor: Option<ActorId>,
    /// When.
    pub happened_at: Instant,
    /// The JSON object as written.
    pub body: String,
}
