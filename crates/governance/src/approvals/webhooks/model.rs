//! A webhook, and what it tells.

use kernel::{Instant, UnitId};
use serde::{Deserialize, Serialize};

/// A unit's webhook as shown: the secret goes in and comes out once, where the house made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Whose.
    pub unit: UnitId,
    /// Where to.
    pub address: String,
    /// Whether anything is told.
    pub is_on: bool,
    /// When it was last set.
    pub set_at: Instant,
    /// When something was last delivered or tried.
    pub last_at: Option<Instant>,
    /// What was answered; nothing when no answer came.
    pub last_status: Option<i64>,
}

/// What happened to a case, in the transaction in which it did. Its fields become the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// `stage_opened`, `stage_reminded`, `stage_escalated`, `papers_owed`, `case_approved`, `case_refused`,
    /// `case_sent_back`, `case_withdrawn`; `test` when somebody only tries.
    pub event: String,
    /// The stage's key.
    pub stage: Option<String>,
    /// Until when it is to be decided, or papers are to be handed in.
    pub due_at: Option<Instant>,
}

/// The whole body of a delivery. Nothing of a person, nothing of what the case says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Body {
    /// Of the delivery: the same however often it is tried.
    pub id: String,
    /// When it happened.
    pub at: Instant,
    /// What, at which stage, until when.
    #[serde(flatten)]
    pub told: Told,
    /// The case's public id; none in a test.
    pub case: Option<String>,
    /// The kind of thing it decides about: `refund`.
    pub kind: Option<String>,
    /// The public id of the unit whose case it is.
    pub unit: String,
    /// Where it is read, behind the sign-in.
    pub link: Option<String>,
}
