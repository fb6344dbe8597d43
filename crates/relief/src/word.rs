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

    use crate::catalogue::model::NormAlert;
    use crate::dispatch::model::{DispatchState, Proof, Way};
    use crate::lists::model::{Listed, PlanDecision, PlanEventKind, PlanState, Priority, RequestState, Why};
    use crate::stock::model::{LotState, Source, ValueBasis};
    use crate::stock::rules::Wait;

    #[track_caller]
    fn documented<T: PartialSchema + serde::Serialize>(all: &[T]) {
        let document = serde_json::to_value(T::schema()).expect("JSON");
        assert_eq!(document["enum"], json!(all), "{document}");
    }

    #[test]
    fn the_interfaces_document_knows_the_words_that_are_sent() {
        documented(NormAlert::ALL);
        documented(DispatchState::ALL);
        documented(Proof::ALL);
        documented(Way::ALL);
        documented(Listed::ALL);
        documented(PlanDecision::ALL);
        documented(PlanState::ALL);
        documented(PlanEventKind::ALL);
        documented(Priority::ALL);
        documented(RequestState::ALL);
        documented(Why::ALL);
        documented(crate::watch::model::Breach::ALL);
        documented(LotState::ALL);
        documented(Source::ALL);
        documented(ValueBasis::ALL);
        documented(Wait::ALL);
        documented(crate::straight::model::StraightState::ALL);
        documented(crate::trucks::TripState::ALL);
        documented(crate::boxes::BoxKind::ALL);
        documented(crate::devices::RecordKind::ALL);
        documented(crate::devices::Outcome::ALL);
        documented(crate::letters::LetterKind::ALL);
        documented(crate::lists::matching::Nearness::ALL);
        documented(crate::lists::matching::MatchWhy::ALL);
        assert_eq!(json!(Source::HeldForAddressee), "held_for_addressee");
    }
}
