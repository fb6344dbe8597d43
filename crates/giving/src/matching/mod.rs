//! Matching (配捐): a sponsor's pool adds to what people give, by a rule published before it opens.
//!
//! A pool has locked money (a received gift that is held to be passed on, or a signed agreement) and one rule, frozen
//! once the pool is open. Decided at confirmed payment, in the gift's own transaction: the intake writer locks the
//! tallies of the open pools that cover its batch, reads the counters of their caps, decides gift by gift and writes
//! decisions, matches and sums. Invariants: a pool never gives more than is locked, on any number of nodes; every
//! decision is a row with the pool's running number, taken under its lock, and with its reason; a match is its
//! sponsor's own gift (source and channel `match`); a refund shrinks it in the refund's own transaction; replaying the
//! decisions in their order gives the same fen. Called by the intake, refunds, staff, `qiao match`.

pub mod actions;
pub mod api;
pub mod error;
pub mod export;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod rules;
pub mod sponsors;
pub mod store;
pub(crate) mod wide;
pub mod words;

pub use error::MatchError;
pub use model::{
    Act, Backing, Cap, Decision, PayerKind, Person, Pool, PoolId, PoolState, Reason, Rule, Sponsor, SponsorId,
};
