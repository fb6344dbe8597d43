//! What a monitor asks for beside continuity before it cosigns.

use std::future::Future;
use std::pin::Pin;

use crate::tlog::Checkpoint;

/// Why a tree is not cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It cannot be known yet: the entries could not be read, or not in time.
    NotKnown(String),
    /// The entries break a rule, or say something else than the society states.
    Broken(String),
}

/// A verdict on its way.
pub type Judged<'a> = Pin<Box<dyn Future<Output = Result<(), Verdict>> + Send + 'a>>;

/// Somebody who reads the entries of a tree before it is cosigned.
pub trait Judge: Send + Sync {
    /// Judges a tree that the log signed.
    fn judge<'a>(&'a self, tree: &'a Checkpoint) -> Judged<'a>;
}
