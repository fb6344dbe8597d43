//! Regions, visits and needs as values.

use kernel::{ActorId, BusinessDay, Fen, Instant, RegionCode, UnitId};

use crate::word::words;
use crate::{HandedId, NeedId, RegionId, VisitId};

words! {
    /// Who went to whom.
    VisitWay {
        /// We went there.
        There = "there",
        /// They came here.
        Here = "here",
    }
}

words! {
    /// What is needed.
    NeedKind {
        /// Money.
        Money = "money",
        /// Goods by item and quantity.
        Goods = "goods",
        /// Children to be fitted.
        Children = "children",
    }
}

/// A region to be added. Holds a name: no `Debug`.
#[derive(Clone)]
pub struct NewRegion {
    /// Whose partner.
    pub unit: UnitId,
    /// Which region.
    pub region: RegionCode,
    /// The society there.
    pub society: String,
    /// Who answers for it there, with a telephone: sealed.
    pub contact: String,
}

/// A partner region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its id.
    pub id: RegionId,
    /// Whose.
    pub unit: UnitId,
    /// Which region.
    pub region: RegionCode,
    /// The society there.
    pub society: String,
    /// Who answers for it there, masked.
    pub contact_shown: String,
    /// When it was added.
    pub made_at: Instant,
}

/// What is needed, and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// So much money.
    Money(Fen),
    /// So many of a thing.
    Goods {
        /// 件, 套, 台.
        unit_word: String,
        /// How many.
        quantity: i64,
    },
    /// So many children.
    Children(i64),
}

impl Wanted {
    /// Its kind.
    pub const fn kind(&self) -> NeedKind {
        match self {
            Self::Money(_) => NeedKind::Money,
            Self::Goods { .. } => NeedKind::Goods,
            Self::Children(_) => NeedKind::Children,
        }
    }
}

/// A need as it is written down at a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNeed {
    /// What for, or which thing.
    pub words: String,
    /// How much.
    pub wanted: Wanted,
}

/// A need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Its id.
    pub id: NeedId,
    /// Whose.
    pub unit: UnitId,
    /// Where.
    pub region: RegionId,
    /// Found at this visit.
    pub visit: VisitId,
    /// What for, or which thing.
    pub words: String,
    /// How much.
    pub wanted: Wanted,
    /// When it was withdrawn, and why.
    pub withdrawn: Option<(Instant, String)>,
}

/// A visit to be written down.
#[derive(Debug, Clone)]
pub struct NewVisit {
    /// Where, or from where.
    pub region: RegionId,
    /// What makes it the same visit when it is sent again.
    pub key: String,
    /// Who went to whom.
    pub way: VisitWay,
    /// The day it began.
    pub day: BusinessDay,
    /// How many went.
    pub people: i64,
    /// What was seen and said.
    pub minutes: String,
    /// Minutes as signed, photographs.
    pub files: Vec<HandedId>,
    /// What was found to be needed.
    pub needs: Vec<NewNeed>,
}

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// Whose.
    pub unit: UnitId,
    /// Where, or from where.
    pub region: RegionId,
    /// Who went to whom.
    pub way: VisitWay,
    /// The day it began.
    pub day: BusinessDay,
    /// How many went.
    pub people: i64,
    /// What was seen and said.
    pub minutes: String,
    /// Who wrote it down.
    pub written_by: ActorId,
    /// When.
    pub written_at: Instant,
}
