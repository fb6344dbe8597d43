//! Wishes, and how a gift stands by them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a giver says about the receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptWish {
    /// One is to be issued.
    Wanted,
    /// None is needed; the record of it is kept.
    Waived,
    /// To be asked.
    Pending,
}

impl ReceiptWish {
    const ALL: [Self; 3] = [Self::Wanted, Self::Waived, Self::Pending];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Waived => "waived",
            Self::Pending => "pending",
        }
    }
}

impl FromStr for ReceiptWish {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|wish| wish.as_str() == word)
            .ok_or_else(|| word.to_owned())
    }
}

/// How a gift stands about its receipt; computed, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    /// One is to be issued.
    Wanted,
    /// The giver needs none.
    Waived,
    /// Nothing was said yet.
    Pending,
    /// The giver is anonymous and said nothing: there is nobody to issue it to.
    Anonymous,
}

impl ReceiptStatus {
    /// What was said comes before what follows from silence.
    pub const fn of(wish: Option<ReceiptWish>, anonymous: Anonymity) -> Self {
        match (wish, anonymous) {
            (Some(ReceiptWish::Wanted), _) => Self::Wanted,
            (Some(ReceiptWish::Waived), _) => Self::Waived,
            (None, Anonymity::Anonymous) => Self::Anonymous,
            (Some(ReceiptWish::Pending) | None, _) => Self::Pending,
        }
    }
}

/// Whether a giver's name is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anonymity {
    /// It is, masked.
    Named,
    /// It is shown nowhere.
    Anonymous,
}

impl From<bool> for Anonymity {
    fn from(anonymous: bool) -> Self {
        if anonymous { Self::Anonymous } else { Self::Named }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_counts_and_silence_is_pending_or_anonymous() {
        use Anonymity::{Anonymous, Named};
        for (wish, anonymous, status) in [
            (None, Named, ReceiptStatus::Pending),
            (None, Anonymous, ReceiptStatus::Anonymous),
            (Some(ReceiptWish::Wanted), Anonymous, ReceiptStatus::Wanted),
            (Some(ReceiptWish::Waived), Named, ReceiptStatus::Waived),
            (Some(ReceiptWish::Pending), Anonymous, ReceiptStatus::Pending),
        ] {
            assert_eq!(ReceiptStatus::of(wish, anonymous), status, "{wish:?} {anonymous:?}");
        }
    }
}
