//! Appraisal orders as values.

use kernel::{ActorId, Fen, Instant, UnitId};

use crate::word::words;
use crate::{AppraisalId, LotId};

words! {
    /// Where an appraisal order is.
    AppraisalState {
        /// The appraiser has not said anything.
        Asked = "asked",
        /// He said what the lot is worth.
        Valued = "valued",
        /// He said that it cannot be appraised.
        Impossible = "impossible",
        /// Taken back before he said anything: another may be asked.
        Withdrawn = "withdrawn",
    }
}

/// An appraisal order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appraisal {
    /// Its id.
    pub id: AppraisalId,
    /// Whose.
    pub unit: UnitId,
    /// What is to be appraised.
    pub lot: LotId,
    /// The appraiser: a firm.
    pub appraiser: String,
    /// Where it is.
    pub state: AppraisalState,
    /// What he said it is worth.
    pub value: Option<Fen>,
    /// The number of his report, why it cannot be appraised, or why the order was taken back.
    pub report: String,
    /// Who ordered it.
    pub ordered_by: ActorId,
    /// When.
    pub ordered_at: Instant,
    /// Until when the link takes an answer.
    pub ends_at: Instant,
    /// When he answered, or the order was taken back.
    pub answered_at: Option<Instant>,
}

/// What the appraiser's page shows: the goods, no donor and no receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The order.
    pub order: Appraisal,
    /// What it is.
    pub item: String,
    /// Standard and grade.
    pub grade: String,
    /// Specification.
    pub spec: String,
    /// Batch.
    pub batch: String,
    /// How many pieces the value is for.
    pub pieces: i64,
    /// The unit.
    pub unit_word: String,
    /// Its last day.
    pub expires_on: Option<kernel::BusinessDay>,
}

/// What the appraiser says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What all pieces together are worth.
    Worth {
        /// The value.
        value: Fen,
        /// The number of the report.
        report: String,
    },
    /// It cannot be appraised.
    Impossible {
        /// Why.
        why: String,
    },
}
