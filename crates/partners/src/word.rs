//! Enums that are kept as words.

/// A word that is none of an enum's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not known")]
pub struct UnknownWord(pub String);

/// Declares an enum whose variants have stable words, for columns and JSON. `rename_all` is for the interface's document,
/// which cannot read a word that a macro was given; a test holds the two together.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        $(#[$doc])*
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::word::UnknownWord(word.to_owned())),
                }
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::PartialSchema;

    #[track_caller]
    fn documented<T: PartialSchema + serde::Serialize>(all: &[T]) {
        let document = serde_json::to_value(T::schema()).expect("JSON");
        assert_eq!(document["enum"], json!(all), "{document}");
    }

    #[test]
    fn the_interfaces_document_knows_the_words_that_are_sent() {
        documented(crate::regions::VisitWay::ALL);
        documented(crate::regions::NeedKind::ALL);
        documented(crate::agreements::AgreementState::ALL);
        documented(crate::agreements::TargetKind::ALL);
        documented(crate::agreements::RowSource::ALL);
        documented(crate::amendments::AmendmentState::ALL);
        documented(crate::payments::PaymentState::ALL);
        documented(crate::purchases::PurchaseState::ALL);
        documented(crate::children::ListState::ALL);
        documented(crate::children::Outcome::ALL);
        documented(crate::children::Proof::ALL);
        documented(crate::points::ServiceKind::ALL);
        documented(crate::points::ServiceState::ALL);
        documented(crate::points::EntryKind::ALL);
    }
}
