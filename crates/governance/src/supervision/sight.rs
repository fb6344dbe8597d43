//! What supervision must know of things of later contexts, told by those who own them.

use std::future::Future;
use std::pin::Pin;

use db::{DbError, Snapshot};
use kernel::{Fen, ProjectId, UnitId};

use super::model::ThingKind;

/// What a look gives.
pub type Seen<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbError>> + Send + 'a>>;

/// A thing that can be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The unit whose it is.
    pub unit: UnitId,
    /// What it is called, without anything personal.
    pub name: String,
}

/// Sight of other contexts.
pub trait Sight: Send + Sync {
    /// A thing of a kind; nothing when it is not there.
    fn thing<'a>(&'a self, at: &'a mut Snapshot, kind: ThingKind, id: [u8; 16]) -> Seen<'a, Option<Known>>;
    /// What a project received, net of refunds, matches among it.
    fn received<'a>(&'a self, at: &'a mut Snapshot, project: ProjectId) -> Seen<'a, Fen>;
    /// The item of the catalogue of which a delivery of goods is.
    fn item_of<'a>(&'a self, at: &'a mut Snapshot, lot: [u8; 16]) -> Seen<'a, Option<[u8; 16]>>;
}
