//! What matching is told of a hold: a hold delays a match and never a gift.

use std::future::Future;
use std::pin::Pin;

use db::{DbError, Tx};
use kernel::GiftId;

/// What telling returns.
pub type Told<'a> = Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 'a>>;

/// The matching engine's side, in the transaction of the hold.
pub trait MatchHolds: Send + Sync {
    /// The gift waits: no match of it counts until it is released.
    fn hold<'a>(&'a self, tx: &'a mut Tx, gift: GiftId) -> Told<'a>;
    /// A reviewer cleared the gift.
    fn release<'a>(&'a self, tx: &'a mut Tx, gift: GiftId) -> Told<'a>;
    /// A reviewer kept the hold: the gift is not matched.
    fn refuse<'a>(&'a self, tx: &'a mut Tx, gift: GiftId) -> Told<'a>;
}

/// Where nothing is matched.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMatches;

impl MatchHolds for NoMatches {
    fn hold<'a>(&'a self, _: &'a mut Tx, _: GiftId) -> Told<'a> {
        Box::pin(async { Ok(()) })
    }
    fn release<'a>(&'a self, _: &'a mut Tx, _: GiftId) -> Told<'a> {
        Box::pin(async { Ok(()) })
    }
    fn refuse<'a>(&'a self, _: &'a mut Tx, _: GiftId) -> Told<'a> {
        Box::pin(async { Ok(()) })
    }
}
