//! Why personal data is destroyed, and what was.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why the personal data of a gift is destroyed. Words instead of free text: no personal data gets into the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureReason {
    /// The giver asked for it (个人信息保护法 47).
    GiverAsked,
    /// The giver withdrew the consent on which it was kept.
    ConsentWithdrawn,
    /// The guardian of a giver under fourteen asked for it.
    GuardianAsked,
    /// The time for which it was to be kept is over.
    TimeOver,
    /// An authority ordered it.
    AuthorityOrdered,
}

impl ErasureReason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::GiverAsked,
        Self::ConsentWithdrawn,
        Self::GuardianAsked,
        Self::TimeOver,
        Self::AuthorityOrdered,
    ];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GiverAsked => "giver_asked",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::GuardianAsked => "guardian_asked",
            Self::TimeOver => "time_over",
            Self::AuthorityOrdered => "authority_ordered",
        }
    }
}

impl FromStr for ErasureReason {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == word)
            .ok_or_else(|| format!("one of {} is expected", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// What an erasure found to destroy: rows whose personal data is gone now. All zero when it was gone before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Erased {
    /// The gift itself: 1, or 0 when it was erased before.
    pub gifts: u64,
    /// Orders that became this gift.
    pub orders: u64,
    /// Held lines with its number, and the one from which it was accepted.
    pub held_lines: u64,
}

impl Erased {
    /// Whether there was nothing left to destroy.
    pub const fn is_nothing(self) -> bool {
        self.gifts + self.orders + self.held_lines == 0
    }
}
