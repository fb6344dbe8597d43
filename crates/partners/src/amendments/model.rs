//! Amendments as values.

use kernel::{ActorId, Instant, UnitId};

use crate::agreements::Terms;
use crate::word::words;
use crate::{AgreementId, AmendmentId, HandedId};

words! {
    /// Where an amendment is.
    AmendmentState {
        /// Before those who decide.
        Asked = "asked",
        /// Approved: it is a version of the agreement.
        Adopted = "adopted",
        /// Refused.
        Refused = "refused",
        /// Taken back by who asked.
        Withdrawn = "withdrawn",
        /// Approved, but the agreement had ended or was another version by then.
        Left = "left",
    }
}

/// An amendment to be asked for.
#[derive(Debug, Clone)]
pub struct NewAmendment {
    /// Of which agreement.
    pub agreement: AgreementId,
    /// What makes it the same amendment when it is sent again.
    pub key: String,
    /// What the agreement shall say.
    pub terms: Terms,
    /// Why.
    pub reason: String,
    /// The signed amendment.
    pub file: HandedId,
}

/// An amendment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Its id.
    pub id: AmendmentId,
    /// Whose.
    pub unit: UnitId,
    /// Of which agreement.
    pub agreement: AgreementId,
    /// The version that it changes.
    pub base: i64,
    /// What the agreement shall say.
    pub terms: Terms,
    /// Why.
    pub reason: String,
    /// The signed amendment.
    pub file: HandedId,
    /// Where it is.
    pub state: AmendmentState,
    /// Who asked for it.
    pub made_by: ActorId,
    /// When.
    pub made_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
}
