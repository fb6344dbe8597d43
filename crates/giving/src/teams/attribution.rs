//! To what a payment is led: what its order or notice said, and what that means here.

use kernel::{TeamId, UnitId};

/// What an order or a notice says. No `Debug`: a message may name somebody.
#[derive(Clone, Default)]
pub struct Tags {
    /// A team's public id.
    pub team: Option<String>,
    /// The word of a channel tag or a region code (`?from=`).
    pub from: Option<String>,
    /// A message for the team's wall.
    pub message: Option<String>,
}

impl Tags {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.team.is_none() && self.from.is_none() && self.message.is_none()
    }
}

/// What that means: sealed and ready to be stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The team.
    pub team: Option<TeamId>,
    /// The county: the tag's, or the team's.
    pub county: Option<UnitId>,
    /// The tag as it was known.
    pub tag: Option<String>,
    /// The message, sealed.
    pub message_sealed: Option<Vec<u8>>,
}

impl Attribution {
    /// Whether there is anything to store.
    pub const fn is_empty(&self) -> bool {
        self.team.is_none() && self.county.is_none()
    }
}
