//! A webhook for cases: what happens to a unit's cases is told to another program of the society, signed.
//!
//! One POST a happening: `X-Signature: hex(HMAC-SHA256(secret, body))` over the body as sent, as for every webhook of the
//! house. Invariants: the body names no person and says nothing of what the case is about beyond its kind ([`model::Told`]);
//! what is told is put in line in the transaction of the change and sent after its commit, by a job that tries again with
//! growing pauses; a delivery has the same id however often it is tried; an address is over TLS ([`rules::address`]); the
//! secret is stored sealed and shown once, where the house made it. The webhook of the nearest unit above tells the cases
//! of those below that have none of their own.

pub mod actions;
pub mod api;
pub mod jobs;
pub mod model;
pub mod port;
pub(super) mod queue;
pub mod rules;
mod store;

/// Where a webhook's secret is sealed for.
pub const SECRET_PLACE: &str = "case_webhook.secret";
