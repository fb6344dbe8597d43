//! A change of somebody's account, as values.

use std::str::FromStr;

use kernel::{ActorId, Instant};
use serde::Serialize;

kernel::ids! {
    /// A change of somebody's account that she is told.
    ChangeId,
}

/// What was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AccountChangeKind)]
pub enum What {
    /// The account was linked with one of another house.
    SsoLinked,
    /// Such a link was ended.
    SsoUnlinked,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::SsoLinked, Self::SsoUnlinked];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SsoLinked => "sso_linked",
            Self::SsoUnlinked => "sso_unlinked",
        }
    }
}

impl FromStr for What {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|what| what.as_str() == word);
        known.ok_or_else(|| word.to_owned())
    }
}

/// A change and the provider it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub id: ChangeId,
    /// Whose account.
    pub actor: ActorId,
    /// What was changed.
    pub what: What,
    /// The provider's name in addresses.
    pub provider: String,
    /// What its button says.
    pub label: String,
    /// Who changed it.
    pub by: ActorId,
    /// When.
    pub at: Instant,
}
