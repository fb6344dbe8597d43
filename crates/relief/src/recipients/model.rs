//! Recipients as values.

use kernel::Instant;

use crate::{LotId, RecipientId};

/// Somebody to be put on a list.
#[derive(Clone)]
pub struct Person {
    /// The name; sealed.
    pub name: String,
    /// How many of the lot's unit.
    pub quantity: i64,
}

/// Somebody on a list.
#[derive(Clone)]
pub struct Recipient {
    /// The id.
    pub id: RecipientId,
    /// Of which lot.
    pub lot: LotId,
    /// 1, 2, 3 … on the list of the lot.
    pub n: i64,
    /// How many of the lot's unit.
    pub quantity: i64,
    /// The name, masked.
    pub shown: String,
    /// The name, sealed.
    pub sealed: Vec<u8>,
    /// When it was handed over.
    pub signed_at: Option<Instant>,
}
