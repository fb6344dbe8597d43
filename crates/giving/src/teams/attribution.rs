//! To what a payment is led: what its order or notice said, and what that means here.

use kernel::{TeamId, UnitId};

/// What an order or a notice says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// A team's public id.
    pub team: Option<String>,
    /// The word of a channel tag or a region code (`?from=`).
    pub from: Option<String>,
}

impl Tags {
    /// What two fields of a form say; an empty one says nothing.
    pub fn of_form(team: &str, from: &str) -> Self {
        let said = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        Self {
            team: said(team),
            from: said(from),
        }
    }
    /// Whether nothing is said.
    pub const fn is_empty(&self) -> bool {
        self.team.is_none() && self.from.is_none()
    }
}

/// What that means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The team.
    pub team: Option<TeamId>,
    /// The county: the tag's, or the team's.
    pub county: Option<UnitId>,
    /// The tag as it was known.
    pub tag: Option<String>,
}

impl Attribution {
    /// Whether there is anything to store.
    pub const fn is_empty(&self) -> bool {
        self.team.is_none() && self.county.is_none()
    }
}
