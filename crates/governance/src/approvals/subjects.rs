//! The things that cases are about, told by those who own them: this crate reads nobody else's tables.
//!
//! A context implements [`Owner`] for its kinds; `qiao` hands all of them to the routes. A kind that nobody owns is a
//! word of a unit's own policy: nothing acts on its outcome, so nothing is asked.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use db::{DbError, Snapshot};
use kernel::{ActorId, UnitId};
use platform::Services;

use super::actions::NewCase;
use super::error::ApprovalError;
use super::model::SubjectId;

/// What its owner says of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The unit whose it is.
    pub unit: UnitId,
    /// Staff who are concerned by it, whoever puts the case: who asked for a refund decides nothing of it.
    pub parties: Vec<ActorId>,
}

/// What [`Owner::look`] gives; nothing when there is no such thing, or none that could be decided about now.
pub type Looked<'a> = Pin<Box<dyn Future<Output = Result<Option<Thing>, DbError>> + Send + 'a>>;

/// A context that owns things about which cases are put.
pub trait Owner: Send + Sync {
    /// The kinds of case about its things.
    fn kinds(&self) -> &'static [&'static str];
    /// Looks for a thing of one of these kinds.
    fn look<'a>(&'a self, at: &'a mut Snapshot, kind: &'a str, subject: SubjectId) -> Looked<'a>;
}

/// All owners of a program. Cheap to clone.
#[derive(Clone, Default)]
pub struct Subjects(Arc<[Box<dyn Owner>]>);

impl fmt::Debug for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().flat_map(|owner| owner.kinds()))
            .finish()
    }
}

impl Subjects {
    /// These owners; of two that name a kind the first is asked.
    pub fn new(owners: Vec<Box<dyn Owner>>) -> Self {
        Self(owners.into())
    }

    /// Sees to it that a new case is about a thing of its unit, and makes parties of those whom the thing concerns.
    ///
    /// # Errors
    /// [`ApprovalError::Elsewhere`] when it is another unit's or is not there: which of the two is not told.
    pub async fn check(&self, services: &Services, mut new: NewCase) -> Result<NewCase, ApprovalError> {
        let kind = new.subject_kind.clone();
        let Some(owner) = self.0.iter().find(|owner| owner.kinds().contains(&kind.as_str())) else {
            return Ok(new);
        };
        let mut at = services.db.snapshot().await?;
        let thing = owner.look(&mut at, &kind, new.subject).await?;
        let thing = thing.filter(|thing| thing.unit == new.unit);
        new.parties.extend(thing.ok_or(ApprovalError::Elsewhere)?.parties);
        new.parties.sort_unstable();
        new.parties.dedup();
        Ok(new)
    }
}
