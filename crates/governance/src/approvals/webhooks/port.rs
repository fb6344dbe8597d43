//! The way out: one signed POST. `integrations` carries it, `qiao` wires it; tests keep what was sent.

use std::future::Future;
use std::pin::Pin;

/// What is sent. No `Debug`: the address may be nobody else's business.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub address: String,
    /// JSON.
    pub body: Vec<u8>,
    /// The value of `X-Signature`.
    pub signature: String,
}

/// No answer came. The words name no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// What [`Post::post`] returns: the status of the answer.
pub type Posted<'a> = Pin<Box<dyn Future<Output = Result<u16, NoAnswer>> + Send + 'a>>;

/// Sends deliveries; follows no redirect, gives up after a time that its maker sets.
pub trait Post: Send + Sync {
    /// Sends one.
    fn post(&self, delivery: Delivery) -> Posted<'_>;
}
