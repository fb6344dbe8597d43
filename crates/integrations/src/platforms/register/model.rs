//! Accounts, steps, papers, pages, raises as values.

use kernel::{ActorId, BusinessDay, Fen, Instant, ProjectId, ReceivingAccountId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platforms::model::{PlatformCode, RaiseId};
use crate::platforms::words::said;

said! {
    /// How a unit stands with a platform. Without an entry it has not joined.
    Standing {
        /// On its way.
        Preparing = "preparing", "入驻办理中", "joining";
        /// It has its account.
        Joined = "joined", "已入驻", "joined";
        /// The platform has suspended it.
        Suspended = "suspended", "被平台暂停", "suspended by the platform";
        /// It has left.
        Left = "left", "已退出", "left";
    }
}

said! {
    /// The steps to join, in their order.
    Step {
        /// A certificate, or an agreement with a body that has one (慈善法 22, 26).
        Certificate = "certificate", "取得公开募捐资格证书，或与有资格的组织签订公募合作协议",
            "obtain the public-fundraising certificate, or an agreement with a body that has one";
        /// The plan is filed (慈善法 24): the platform asks for the number.
        Filing = "filing", "募捐方案在民政部门备案，取得备案编号", "file the plan with civil affairs and receive its number";
        /// The organisation's account.
        Registration = "registration", "在平台注册机构账号，提交登记证书、统一社会信用代码和负责人信息",
            "register the organisation with its certificate, unified code and responsible person";
        /// The platform has looked at it.
        Review = "review", "平台审核通过", "pass the platform’s review";
        /// Where the platform pays out to.
        BankAccount = "bank_account", "核验结算收款账户", "have the account for payouts verified";
        /// Receipts for donors.
        Receipts = "receipts", "开通捐赠票据服务", "set up donation receipts";
        /// The interface: an application of one's own, or an authorisation for a service provider.
        Interface = "interface", "申请开放平台应用并逐项申请接口权限，或授权服务商（授权码十分钟内有效）",
            "apply for the interface and each of its permissions, or authorise a provider (the code is valid ten minutes)";
        /// The first page raises money.
        FirstPage = "first_page", "上线第一个项目", "list the first project";
    }
}

said! {
    /// What a platform wants to see, with its end.
    PaperKind {
        /// 公开募捐资格证书.
        Certificate = "certificate", "公开募捐资格证书", "public-fundraising certificate";
        /// 募捐方案备案编号.
        Filing = "filing", "募捐方案备案", "filing of the plan";
        /// 法人登记证书.
        Registration = "registration", "登记证书", "registration certificate";
        /// 公募合作协议.
        Cooperation = "cooperation", "公募合作协议", "fundraising agreement";
        /// 接口授权.
        Authorisation = "authorisation", "接口授权", "authorisation of the interface";
    }
}

said! {
    /// Where a page stands on its platform.
    PageState {
        /// Being written.
        Draft = "draft", "未提交", "draft";
        /// With the platform.
        Reviewing = "reviewing", "平台审核中", "in review";
        /// The platform sent it back.
        Rejected = "rejected", "审核未通过", "sent back";
        /// It raises money.
        Raising = "raising", "募款中", "raising";
        /// Its capacity is reached.
        Full = "full", "已募满", "full";
        /// It raises nothing for now.
        Paused = "paused", "已暂停", "paused";
        /// It is over.
        Closed = "closed", "已结束", "closed";
    }
}

said! {
    /// Where a raise stands.
    RaiseState {
        /// With the platform.
        Waiting = "waiting", "等待平台答复", "waits";
        /// Granted, whole or in part.
        Granted = "granted", "已提额", "granted";
        /// Refused.
        Refused = "refused", "未获批准", "refused";
    }
}

/// A unit's account with a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// How it stands.
    pub standing: Standing,
    /// Since when.
    pub since: BusinessDay,
    /// The organisation's number there.
    pub org_no: String,
    /// Its name there.
    pub org_name: String,
    /// Under which account its gifts stand; from joining on.
    pub account: Option<ReceivingAccountId>,
    /// Under which the platform's match stands.
    pub match_account: Option<ReceivingAccountId>,
    /// Who grants the match: a body's public name.
    pub match_giver: String,
    /// Whether the totals that the platform tells hold its match too.
    pub totals_with_match: bool,
}

/// How a unit stands, to be entered.
#[derive(Debug, Clone)]
pub struct StandingIn {
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// How it stands.
    pub standing: Standing,
    /// Since when.
    pub since: BusinessDay,
    /// The organisation's number there.
    pub org_no: String,
    /// Its name there.
    pub org_name: String,
    /// Who grants the match.
    pub match_giver: String,
    /// Whether the platform’s totals hold its match too.
    pub totals_with_match: bool,
}

/// A paper with its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// What it is.
    pub kind: PaperKind,
    /// Its number.
    pub number: String,
    /// The first day.
    pub valid_from: BusinessDay,
    /// The last day.
    pub valid_to: BusinessDay,
    /// Whether another has taken its place: nobody is told of its end any more.
    pub replaced: bool,
    /// The last alert that was given, in days before the end.
    pub told_days: Option<i64>,
}

/// A project's page on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The page's number there.
    pub project_no: String,
    /// The project it raises for.
    pub project: ProjectId,
    /// Where it stands.
    pub state: PageState,
    /// What it may raise.
    pub capacity: Option<Fen>,
    /// The filing number that it shows.
    pub filing_no: String,
    /// Its address.
    pub url: String,
    /// Since when it is listed.
    pub listed_on: Option<BusinessDay>,
}

/// A raise to be asked for.
#[derive(Debug, Clone)]
pub struct NewRaise {
    /// To how much.
    pub to: Fen,
    /// Why, and why now.
    pub reason: String,
    /// Until when an answer is needed.
    pub needed_by: Instant,
}

/// An urgent raise of a page's capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    /// Its id.
    pub id: RaiseId,
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The page.
    pub project_no: String,
    /// From how much.
    pub from: Option<Fen>,
    /// To how much.
    pub to: Fen,
    /// Why.
    pub reason: String,
    /// When it was asked for.
    pub asked_at: Instant,
    /// By whom.
    pub asked_by: ActorId,
    /// Until when an answer is needed.
    pub needed_by: Instant,
    /// Where it stands.
    pub state: RaiseState,
    /// What was granted.
    pub granted: Option<Fen>,
    /// When it was answered.
    pub answered_at: Option<Instant>,
    /// What the platform said.
    pub note: String,
}

/// The keys of a platform's interface, opened. No `Debug`.
#[derive(Clone)]
pub struct Keys {
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The application (`gy_…`).
    pub app_id: String,
    /// Where it is asked, without a slash at the end.
    pub endpoint: String,
    /// The application's key.
    pub secret: String,
}

/// Keys to be set. No `Debug`.
pub struct NewKeys {
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The application.
    pub app_id: String,
    /// Where it is asked.
    pub endpoint: String,
    /// The application's key.
    pub secret: String,
}

/// A step as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    /// Which.
    pub step: Step,
    /// When it was done.
    #[schema(value_type = Option<String>)]
    pub done_on: Option<BusinessDay>,
}

/// An alert: a paper that ends soon, or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The paper.
    pub paper: Paper,
    /// Days left, today among them; below zero when it is over.
    pub days_left: i64,
}
