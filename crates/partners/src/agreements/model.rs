//! Agreements, their targets and what was done, as values.

use kernel::{ActorId, BusinessDay, Fen, Instant, JournalId, RegionCode, UnitId};
use serde::{Deserialize, Serialize};

use crate::word::words;
use crate::{AgreementId, HandedId, RegionId};

words! {
    /// Where an agreement is.
    AgreementState {
        /// Being drawn up.
        Draft = "draft",
        /// Signed by both sides.
        Signed = "signed",
        /// In its years: money and goods go out under it.
        Running = "running",
        /// Over.
        Ended = "ended",
    }
}

words! {
    /// What a target is counted in.
    TargetKind {
        /// Money paid.
        Money = "money",
        /// Goods, at their value.
        Goods = "goods",
        /// Aid to pupils and students.
        StudentAid = "student_aid",
    }
}

words! {
    /// Where a figure comes from.
    RowSource {
        /// Money paid out of a fund.
        Payment = "payment",
        /// A local purchase, paid out of a fund.
        Purchase = "purchase",
        /// Goods sent from the store.
        Dispatch = "dispatch",
    }
}

/// One county of ours beside one of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// Ours.
    pub ours: RegionCode,
    /// Theirs.
    pub theirs: RegionCode,
}

/// What is promised for a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// Counted in.
    pub kind: TargetKind,
    /// The calendar year.
    pub year: i64,
    /// How much.
    pub amount: Fen,
}

/// What an agreement says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Its first day.
    pub first_day: BusinessDay,
    /// Its last day.
    pub last_day: BusinessDay,
    /// Counties, one to one.
    pub pairs: Vec<Pair>,
    /// What is promised.
    pub targets: Vec<Target>,
}

/// An agreement to be drawn up.
#[derive(Debug, Clone)]
pub struct NewAgreement {
    /// With which region.
    pub region: RegionId,
    /// What makes it the same agreement when it is sent again.
    pub key: String,
    /// Its title.
    pub title: String,
    /// What it says.
    pub terms: Terms,
}

/// That both sides signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed {
    /// The day.
    pub on: BusinessDay,
    /// The signed paper.
    pub file: HandedId,
    /// Who put it in.
    pub by: ActorId,
}

/// An agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// Whose.
    pub unit: UnitId,
    /// With which region.
    pub region: RegionId,
    /// Its title.
    pub title: String,
    /// Where it is.
    pub state: AgreementState,
    /// The version in force.
    pub version: i64,
    /// Who drew it up.
    pub made_by: ActorId,
    /// When.
    pub made_at: Instant,
    /// That both sides signed.
    pub signed: Option<Signed>,
    /// When it ended, and why.
    pub ended: Option<(BusinessDay, String)>,
}

/// A version of an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// 1, 2, 3 …
    pub version: i64,
    /// What it says.
    pub terms: Terms,
    /// Why it was amended; empty for the first.
    pub reason: String,
    /// The signed amendment.
    pub file: Option<HandedId>,
    /// Who drew it up.
    pub made_by: ActorId,
    /// When.
    pub made_at: Instant,
}

/// One thing done under an agreement, with what it came to in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Counted in.
    pub kind: TargetKind,
    /// Where the figure comes from.
    pub source: RowSource,
    /// The record: a payment, a purchase, a dispatch order.
    pub subject: [u8; 16],
    /// Its number on paper.
    pub number: String,
    /// What it was for.
    pub words: String,
    /// The day it happened.
    pub day: BusinessDay,
    /// What it came to, less what was reversed or came back.
    pub value: Fen,
    /// What was reversed of it.
    pub reversed: Fen,
    /// The journal, where one stands for it.
    pub journal: Option<JournalId>,
}

/// A target, or a year without one in which something was done, with what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Counted in.
    pub kind: TargetKind,
    /// The calendar year.
    pub year: i64,
    /// What was promised; none where nothing was.
    pub target: Option<Fen>,
    /// What was done, by the books.
    pub done: Fen,
    /// How many rows it is the sum of.
    pub rows: i64,
}

impl Line {
    /// What was done of what was promised, in parts of a thousand.
    pub fn per_mille(&self) -> Option<i64> {
        self.done.share_of(self.target?, 1_000)
    }
}
