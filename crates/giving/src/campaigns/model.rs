//! Campaigns, their plans and their filing.

use kernel::{BusinessDay, CampaignId, Fen, Instant, ThemeId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest title, in characters.
pub const TITLE_CHARS_MAX: usize = 60;
/// The longest field of a plan, in characters: a page of print.
pub const FIELD_CHARS_MAX: usize = 2_000;
/// More themes than a page can show apart.
pub const THEMES_MAX: usize = 20;
/// More designated platforms than exist.
pub const LINKS_MAX: i64 = 50;

/// The plan as filed (募捐方案, 慈善法 24): every field is required before filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// 活动名称
    pub title: String,
    /// 募捐目的
    pub purpose: String,
    /// 起始日
    #[schema(value_type = String)]
    pub starts_on: BusinessDay,
    /// 截止日
    #[schema(value_type = String)]
    pub ends_on: BusinessDay,
    /// 活动地域
    pub area: String,
    /// 活动负责人姓名: public by law, with the plan.
    pub responsible_name: String,
    /// 活动负责人办公地址
    pub responsible_address: String,
    /// 接受捐赠方式
    pub receiving_ways: String,
    /// 银行账户
    pub bank_account: String,
    /// 受益人: a class, never one named person (R1.23).
    pub beneficiaries: String,
    /// 募得款物用途
    pub use_of_proceeds: String,
    /// 募捐成本
    pub fundraising_cost: String,
    /// 剩余财产的处理
    pub remainder: String,
    /// 预计募集数额, in fen.
    #[schema(value_type = i64)]
    pub expected_fen: Fen,
}

/// What the public page says beside the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its title, which must be the plan's.
    pub title: String,
    /// A few lines of summary.
    pub summary: String,
}

/// A filing with the civil affairs department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// 备案编号: one campaign, one number.
    pub number: String,
    /// The day it was filed.
    pub filed_on: BusinessDay,
    /// With whom.
    pub authority: String,
}

/// A filing that the authority gave back (R1.7): to be completed within five days, and filed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// What had been filed.
    pub filing: Filing,
    /// The day it came back.
    pub on: BusinessDay,
    /// What the authority found wanting.
    pub reason: String,
}

/// What happened to the filing of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilingStepKind {
    /// It was filed.
    Filed,
    /// The authority gave it back.
    Returned,
}

impl FilingStepKind {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Returned => "returned",
        }
    }
}

/// A step of a plan's filing; none is ever taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingStep {
    /// What happened.
    pub kind: FilingStepKind,
    /// The number it was filed under.
    pub number: String,
    /// With whom.
    pub authority: String,
    /// The day: of the filing, or on which it came back.
    pub day: BusinessDay,
    /// What the authority found wanting; empty of a filing.
    pub reason: String,
    /// The version of the plan that lay there.
    pub plan_version: i64,
    /// When it was recorded.
    pub recorded_at: Instant,
}

/// On what ground a campaign may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is filed.
    Filed(Filing),
    /// A major emergency (慈善法 73): it may start first, to be filed within ten days of its start.
    Emergency {
        /// The event it points at.
        event: String,
    },
}

impl Standing {
    /// The filing, once there is one.
    pub const fn filing(&self) -> Option<&Filing> {
        match self {
            Self::Filed(filing) => Some(filing),
            Self::Emergency { .. } => None,
        }
    }
}

/// Where a campaign is in its life, with what that state knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CampaignState {
    /// Being written.
    Draft,
    /// Filed; waits for its day.
    Filed(Filing),
    /// Given back by the authority before it was opened: nobody outside sees it until it is filed again.
    Returned(Return),
    /// Raises money.
    Open {
        /// On what ground.
        standing: Standing,
        /// Since when.
        opened_at: Instant,
    },
    /// Reached its target; goes on, with those of its projects that are not full.
    Full {
        /// On what ground.
        standing: Standing,
        /// Open since.
        opened_at: Instant,
        /// Full since.
        full_at: Instant,
    },
    /// Raises no more; its full report is due within three months.
    Ended {
        /// On what ground it ran.
        standing: Standing,
        /// Since when.
        ended_at: Instant,
    },
    /// Used, reported, closed.
    Settled {
        /// On what ground it ran.
        standing: Standing,
        /// Ended at.
        ended_at: Instant,
        /// Settled at.
        settled_at: Instant,
    },
}

impl CampaignState {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Filed(_) => "filed",
            Self::Returned(_) => "returned",
            Self::Open { .. } => "open",
            Self::Full { .. } => "full",
            Self::Ended { .. } => "ended",
            Self::Settled { .. } => "settled",
        }
    }
    /// The filing, while there is one that stands.
    pub const fn filing(&self) -> Option<&Filing> {
        match self {
            Self::Draft | Self::Returned(_) => None,
            Self::Filed(filing) => Some(filing),
            Self::Open { standing, .. }
            | Self::Full { standing, .. }
            | Self::Ended { standing, .. }
            | Self::Settled { standing, .. } => standing.filing(),
        }
    }
    /// The filing that the authority gave back, until the plan is filed again.
    pub const fn returned(&self) -> Option<&Return> {
        match self {
            Self::Returned(returned) => Some(returned),
            _ => None,
        }
    }
    /// Whether people outside may see it: not while it is written, nor while its filing is returned.
    pub const fn is_public(&self) -> bool {
        !matches!(self, Self::Draft | Self::Returned(_))
    }
    /// Whether it raises money.
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::Full { .. })
    }
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// The unit that raises, whose certificate it needs.
    pub unit: UnitId,
    /// The plan in force: its latest version.
    pub plan: Plan,
    /// The number of that version, from 1.
    pub plan_version: i64,
    /// What the page says.
    pub page: Page,
    /// Whether it raises on the internet.
    pub online: bool,
    /// What it wants to raise now.
    pub target: Fen,
    /// Where it is in its life.
    pub state: CampaignState,
    /// When it was made.
    pub created_at: Instant,
}

/// What a new campaign needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCampaign {
    /// The unit that raises.
    pub unit: UnitId,
    /// Its plan; fields may be empty until the filing.
    pub plan: Plan,
    /// A few lines for the page.
    pub summary: String,
    /// Whether it raises on the internet.
    pub online: bool,
    /// The names of its themes, in their order.
    pub themes: Vec<String>,
}

/// A theme that groups projects (专场).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Its id.
    pub id: ThemeId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its name.
    pub name: String,
}

/// A page on a platform designated by the ministry (R1.20).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlatformLink {
    /// The platform's word: `tencent-gongyi`.
    pub platform_code: String,
    /// The address there.
    pub url: String,
    /// Since when.
    #[schema(value_type = String)]
    pub listed_on: BusinessDay,
}

/// What is lawful but wants someone's eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// It raises on the internet without a page on a designated platform (慈善法 27).
    OnlineWithoutPlatform,
    /// An emergency campaign is not filed yet; ten days from its start are allowed.
    EmergencyNotFiled,
    /// The ten days of an emergency campaign are over.
    EmergencyFilingOverdue,
    /// The authority gave the filing back; five days are allowed for completing it.
    FilingReturned,
    /// Those five days are over: the plan is withdrawn or filed anew.
    FilingReturnedOverdue,
    /// A change was recorded later than ten days after it happened.
    ChangeRecordedLate,
    /// No certificate is in force on some day that is left.
    CertificateGap,
}

/// One version of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanVersion {
    /// Its number, from 1.
    pub version: i64,
    /// The plan.
    pub plan: Plan,
    /// Why it was changed; empty for the first.
    pub reason: String,
    /// The day of the change.
    pub changed_on: BusinessDay,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Whether that was later than the law allows.
    pub late: bool,
}
