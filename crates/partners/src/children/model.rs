//! Lists of children, sizes and outcomes as values.

use kernel::{BusinessDay, Instant, UnitId};
use serde::Serialize;

use crate::word::words;
use crate::{AgreementId, ChildId, ListId};

words! {
    /// Where a list is.
    ListState {
        /// Children are added.
        Open = "open",
        /// Its sets are being bought and handed out.
        Ordered = "ordered",
        /// Every child is fitted or explained.
        Closed = "closed",
    }
}

words! {
    /// What became of a child's set.
    Outcome {
        /// Not handed out yet.
        Waiting = "waiting",
        /// Handed out and signed for.
        Handed = "handed",
        /// The child was not there.
        Absent = "absent",
        /// It did not fit.
        WrongSize = "wrong_size",
        /// The family does not want it.
        Declined = "declined",
    }
}

words! {
    /// What proves that a set was handed out.
    Proof {
        /// A signature, as a picture.
        Signature = "signature",
        /// The code on the slip that the family was given.
        Code = "code",
    }
}

/// A list to be opened.
#[derive(Debug, Clone)]
pub struct NewList {
    /// Under which agreement.
    pub agreement: AgreementId,
    /// What makes it the same list when it is sent again.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The school.
    pub school: String,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildList {
    /// Its id.
    pub id: ListId,
    /// Whose.
    pub unit: UnitId,
    /// Under which agreement.
    pub agreement: AgreementId,
    /// Its title.
    pub title: String,
    /// The school.
    pub school: String,
    /// Where it is.
    pub state: ListState,
    /// When it was opened.
    pub made_at: Instant,
}

/// A child as a sheet tells of it. Holds names: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct NewChild {
    /// The row, as a person sees it.
    pub row: u32,
    /// The name.
    pub name: String,
    /// 三年级二班.
    pub grade: String,
    /// In centimetres.
    pub height_cm: i64,
    /// The foot, in millimetres.
    pub shoe_mm: i64,
    /// 号 of GB/T 1335: a height in centimetres.
    pub garment: i64,
    /// 鞋号 of GB/T 3293.1: a foot in millimetres.
    pub shoe: i64,
    /// Who consented.
    pub guardian: String,
    /// When.
    pub consented_on: BusinessDay,
}

/// A row that cannot be taken, and why; no cell of the file is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PartnerRefusedRow)]
pub struct RefusedRow {
    /// The row, as a person sees it.
    pub row: u32,
    /// The column at fault: `name`, `height`, `shoe`, `grade`, `guardian`, `consent`.
    pub field: &'static str,
    /// `missing`, `not_a_number`, `out_of_range`, `no_size`, `not_a_day`, `in_the_future`, `twice`.
    pub why: &'static str,
}

/// A child of a list, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Its id.
    pub id: ChildId,
    /// Whose.
    pub unit: UnitId,
    /// On which list.
    pub list: ListId,
    /// Its place there: 1, 2, 3 …
    pub n: i64,
    /// The name, masked.
    pub name_shown: String,
    /// 三年级二班.
    pub grade: String,
    /// In centimetres.
    pub height_cm: i64,
    /// The foot, in millimetres.
    pub shoe_mm: i64,
    /// 号.
    pub garment: i64,
    /// 鞋号.
    pub shoe: i64,
    /// When the guardian consented.
    pub consented_on: BusinessDay,
    /// When the consent was withdrawn.
    pub withdrawn_at: Option<Instant>,
    /// What became of its set.
    pub outcome: Outcome,
    /// Why it was not handed out.
    pub words: String,
    /// What proves that it was.
    pub proof: Option<Proof>,
    /// When.
    pub handed_at: Option<Instant>,
}

/// How many children have a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeSum {
    /// 号.
    pub garment: i64,
    /// 鞋号.
    pub shoe: i64,
    /// How many.
    pub children: i64,
}
