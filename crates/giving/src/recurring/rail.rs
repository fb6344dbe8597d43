//! The port behind which a provider's standing order would stand (委托代扣: a contract of its own with each provider).

use std::future::Future;
use std::pin::Pin;

use super::model::MandateId;
use crate::donations::orders::{GatewayError, Order};

/// What came of asking a rail to collect an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collected {
    /// Nothing collects by itself: the donor is reminded and pays from the link.
    ByDonor,
    /// The provider collects under its contract and tells of it by its notice, like any payment.
    ByContract,
}

/// What [`Rail::collect`] returns.
pub type Collecting<'a> = Pin<Box<dyn Future<Output = Result<Collected, GatewayError>> + Send + 'a>>;

/// Collects the order of a mandate's month. Asking twice for one order is one collection: its trade number is the key.
pub trait Rail: Send + Sync {
    /// Asks for this order; called after the order was committed.
    fn collect<'a>(&'a self, mandate: MandateId, order: &'a Order) -> Collecting<'a>;
}

/// The way without a contract: nothing is ever collected automatically.
pub struct ByLink;

impl Rail for ByLink {
    fn collect<'a>(&'a self, _mandate: MandateId, _order: &'a Order) -> Collecting<'a> {
        Box::pin(async { Ok(Collected::ByDonor) })
    }
}
