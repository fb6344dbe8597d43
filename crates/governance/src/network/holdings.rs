//! What a unit still has open in later contexts, told by those who own it: this crate reads nobody else's tables.

use std::future::Future;
use std::pin::Pin;

use db::{DbError, Tx};
use kernel::UnitId;
use platform::Services;

/// How many things a unit has open; with any of them it is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holding {
    /// Campaigns that raise money.
    pub campaigns: i64,
    /// Projects that take gifts, its general project apart: that one ends with the unit.
    pub projects: i64,
    /// Matching pools that are published, open or being shared out.
    pub pools: i64,
    /// Lots of goods of which something is at the door, in store, on the way or with a receiver who has not signed.
    pub lots: i64,
}

impl Holding {
    /// Whether nothing is open.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a look gives.
pub type Held<'a> = Pin<Box<dyn Future<Output = Result<Holding, DbError>> + Send + 'a>>;

/// What letting go gives.
pub type Gone<'a> = Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 'a>>;

/// Those who know what a unit has open. `qiao` wires them.
pub trait Holdings: Send + Sync {
    /// What the unit itself has open, those below it apart; asked in the transaction that closes it.
    fn of<'a>(&'a self, tx: &'a mut Tx, unit: UnitId) -> Held<'a>;
    /// Ends what ends with the unit by itself: its general project. In the transaction that closes it.
    fn let_go<'a>(&'a self, tx: &'a mut Tx, services: &'a Services, unit: UnitId) -> Gone<'a>;
}
