//! Donation platforms designated by the ministry (腾讯公益 above all): how each unit stands with them, what they raise,
//! grant and settle for us, and what we tell them.
//!
//! - [`register`]: accounts, the steps to join, certificates and filing numbers with their end, pages with their capacity
//!   and urgent raises, keys of the interface.
//! - [`statements`]: gift details, matches and their settlement, brought in together or not at all; the payout.
//! - [`client`]: the platform's interface as a port, the signature, the adapter for Tencent Gongyi.
//! - [`compare`]: the platform's totals against ours, every day, differences kept as records.
//! - [`push`]: progress and execution told to the platform in its own shapes.
//! - [`tags`]: one channel tag a county, for attribution.
//!
//! Invariants: money of a platform is booked only when details, matches and settlement tie; an order number counts once; the
//! platform's match is income of its own (channel `match`, source `platform_match`), never a gift of the public; what a
//! platform says about totals changes nothing here.

pub mod client;
pub mod compare;
mod error;
pub mod model;
pub mod push;
pub mod register;
pub mod statements;
pub mod tags;
mod words;

pub use error::{KINDS, PlatformError};
pub use model::PlatformCode;

use std::sync::Arc;

use giving::State as Giving;
use platform::Services;
use utoipa_axum::router::OpenApiRouter;

use crate::payments::Http;

/// What the rooms of the platforms are given. Cheap to clone.
#[derive(Clone)]
pub struct Platforms {
    /// Services and the way in for gifts.
    pub giving: Giving,
    /// The way out.
    pub http: Arc<dyn Http>,
}

/// The routes of the platforms.
pub fn routes(platforms: &Platforms) -> OpenApiRouter<Services> {
    register::api::routes(platforms)
        .merge(statements::api::routes(platforms))
        .merge(compare::api::routes(platforms))
        .merge(push::api::routes(platforms))
}

/// The kinds of facts of the platforms, for the golden list.
pub fn fact_kinds() -> Vec<&'static str> {
    [
        register::FACT_KINDS,
        statements::FACT_KINDS,
        compare::FACT_KINDS,
        push::FACT_KINDS,
    ]
    .concat()
}
