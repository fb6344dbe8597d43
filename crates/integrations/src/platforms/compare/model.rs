//! Comparisons and differences as values.

use kernel::{BusinessDay, Instant, ProjectId, UnitId};

use crate::platforms::model::{DifferenceId, PlatformCode};
use crate::platforms::words::said;

said! {
    /// What differs.
    What {
        /// The sum of gifts, in fen.
        Amount = "amount", "已募金额", "the sum raised";
        /// Their number.
        Count = "count", "捐赠笔数", "the number of gifts";
        /// What the page may raise, in fen.
        Capacity = "capacity", "募款上限", "the capacity";
        /// Whether the page raises money: 1 or 0.
        Raising = "raising", "募款状态", "whether it raises money";
        /// Whether the platform shows us the page: 1 or 0.
        Shown = "shown", "平台是否可见该项目", "whether the platform shows us the page";
        /// What was spent, in fen: the platform's disclosed periods against the books.
        Spent = "spent", "已公示支出", "the disclosed spending";
    }
}

impl What {
    /// Whether its values are fen.
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Amount | Self::Capacity | Self::Spent)
    }
}

said! {
    /// Where a difference stands.
    DifferenceState {
        /// Somebody must look.
        Open = "open", "待核对", "open";
        /// A person has explained it; other values open it again.
        Explained = "explained", "已说明", "explained";
        /// It is gone.
        Gone = "gone", "已一致", "gone";
    }
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// Its id.
    pub id: DifferenceId,
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The project.
    pub project: ProjectId,
    /// The page; for a project with several the first.
    pub project_no: String,
    /// What.
    pub what: What,
    /// Here.
    pub ours: i64,
    /// There.
    pub theirs: i64,
    /// Since which day.
    pub first_day: BusinessDay,
    /// Until which day it was seen.
    pub last_day: BusinessDay,
    /// Where it stands.
    pub state: DifferenceState,
    /// What a person wrote.
    pub note: String,
}

/// A day's comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The day.
    pub day: BusinessDay,
    /// Pages asked about.
    pub pages: i64,
    /// Projects behind them.
    pub projects: i64,
    /// Differences seen.
    pub differing: i64,
    /// The platform's number of the last request.
    pub trace: String,
    /// When.
    pub compared_at: Instant,
}
