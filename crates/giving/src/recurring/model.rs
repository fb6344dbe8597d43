//! Mandates, their months, plans, news, agreements.

use std::fmt;
use std::str::FromStr;

use kernel::{BusinessDay, Fen, GiftId, Instant, OrderId, ProjectId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::donations::Payer;
use crate::donations::orders::Provider;
use crate::my_gifts::{Contact, ContactKind};

kernel::ids! {
    /// A donor's word to give every month.
    MandateId,
    /// A plan that sponsors a thing.
    PlanId,
    /// A piece of a project's progress.
    NewsId,
    /// An agreement to be told of progress.
    AgreementId,
}

/// Days before the due day on which a month opens: its order is made and the donor reminded.
pub const REMIND_DAYS: i64 = 3;
/// Days after the due day for which the order still waits. Opening to close stays below the seven days for which
/// WeChat Pay lets an order wait.
pub const GRACE_DAYS: i64 = 3;
/// The last day of a month that every month has.
pub const DAY_MAX: i64 = 28;
/// The longest a mandate or plan is made for, in months: ten years; without an end it runs until it is ended.
pub const MONTHS_MAX: i64 = 120;
/// The most places of a plan: more is no thing that one counts.
pub const PLACES_MAX: i64 = 10_000;
/// Longest title of a plan or of news: a line on a phone.
pub const TITLE_CHARS_MAX: usize = 60;
/// The same in English, whose lines take more letters.
pub const TITLE_EN_CHARS_MAX: usize = 120;
/// Longest piece of news: two screens of a phone.
pub const NEWS_CHARS_MAX: usize = 2_000;
/// Longest reason given by staff.
pub const REASON_CHARS_MAX: usize = 200;
/// How long a mandate waits for its code: as long as its form may lie open.
pub const WAIT_MICROS: i64 = 24 * 3_600 * 1_000_000;
/// Days after its end for which a mandate keeps the donor's contact: questions come within a month. Her gifts keep
/// what they need themselves.
pub const KEPT_DAYS: i64 = 30;
/// A prompt is tried so often: with an hour between two, a gateway that is down for the night is outlasted.
pub const TRIES_MAX: i64 = 12;
/// A prompt that was taken up and neither sent nor given back for so long is taken up again: the program was stopped
/// in the middle. It may then be said twice, never not at all.
pub const CLAIM_MICROS: i64 = 10 * 60 * 1_000_000;

/// The wording by which a donor agrees to be told of progress, version 0. Frozen: it was agreed to under this number.
pub const NEWS_CONSENT_ZH: &str = include_str!("news_consent.v0.zh-Hans.txt");
/// The same in English.
pub const NEWS_CONSENT_EN: &str = include_str!("news_consent.v0.en.txt");
/// Its number.
pub const NEWS_CONSENT_VERSION: i64 = 0;

/// A calendar month, kept as its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(BusinessDay);

impl Period {
    /// The month of a day.
    pub fn of(day: BusinessDay) -> Self {
        Self(day.plus_days(1 - i64::from(day.date().day())))
    }
    /// As stored: `YYYYMM`.
    pub fn number(self) -> i64 {
        self.0.to_number() / 100
    }
    /// From the stored number; nothing for what is no month.
    pub fn from_number(number: i64) -> Option<Self> {
        BusinessDay::from_number(number.checked_mul(100)?.checked_add(1)?)
            .ok()
            .map(Self)
    }
    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        Self::of(self.0.plus_days(31))
    }
    /// So many months later.
    #[must_use]
    pub fn plus(self, months: i64) -> Self {
        (0..months.clamp(0, MONTHS_MAX)).fold(self, |period, _| period.next())
    }
    /// A day of it: 1 to [`DAY_MAX`]; beyond, the nearest of these.
    pub fn day(self, day: i64) -> BusinessDay {
        self.0.plus_days(day.clamp(1, DAY_MAX) - 1)
    }
    /// Its first day.
    pub const fn first(self) -> BusinessDay {
        self.0
    }
    /// Its last day.
    pub fn last(self) -> BusinessDay {
        self.next().0.plus_days(-1)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.number() % 100)
    }
}

/// In which language a donor is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language(pub web::Locale);

impl FromStr for Language {
    type Err = String;
    fn from_str(tag: &str) -> Result<Self, String> {
        web::Locale::from_tag(tag).map(Self).ok_or_else(|| tag.to_owned())
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(word.to_owned()),
                }
            }
        }
    };
}

words! {
    /// Why a mandate ended.
    EndReason {
        /// The donor ended it.
        Donor = "donor",
        /// Staff ended it, for a reason they wrote down.
        Staff = "staff",
        /// Its last month is over.
        Finished = "finished",
        /// Its project takes no more gifts for good.
        ProjectEnded = "project_ended",
        /// The code was never shown.
        Unconfirmed = "unconfirmed",
    }
}

words! {
    /// Who changed a mandate.
    ByWhom {
        /// The donor.
        Donor = "donor",
        /// Staff.
        Staff = "staff",
        /// The program, by the calendar.
        Calendar = "calendar",
    }
}

words! {
    /// Why a month was neither asked for nor paid.
    SkipReason {
        /// The mandate was paused.
        Paused = "paused",
        /// The mandate was ended while it waited.
        Ended = "ended",
        /// The project took no gifts on that day.
        Project = "project",
        /// Nothing ran until the month had closed.
        Stopped = "stopped",
        /// The donor did not pay.
        Unpaid = "unpaid",
    }
}

words! {
    /// Whether a plan takes sponsors.
    PlanState {
        /// It does, while places are left.
        Open = "open",
        /// It takes no new ones; those there are go on.
        Closed = "closed",
    }
}

words! {
    /// What a prompt says.
    PromptKind {
        /// A month is due in a few days.
        Before = "before",
        /// A month is due today, or was before nothing ran.
        Due = "due",
        /// There is news of the project.
        News = "news",
    }
}

words! {
    /// How an agreement to be told of progress ended.
    EndedHow {
        /// By the link of a prompt.
        Link = "link",
        /// On “my gifts”.
        My = "my",
        /// All that is personal about the donor was erased.
        Erased = "erased",
    }
}

/// Where a mandate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MandateState {
    /// Its contact is not yet shown to be the donor's.
    Waiting,
    /// Each month is asked for.
    Active,
    /// No month is asked for.
    Paused {
        /// From this day on again; by hand when nothing is said.
        resume_on: Option<BusinessDay>,
    },
    /// Over.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

impl MandateState {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Paused { .. } => "paused",
            Self::Ended { .. } => "ended",
        }
    }
    /// Whether it may still bring gifts.
    pub const fn runs(self) -> bool {
        matches!(self, Self::Active | Self::Paused { .. })
    }
}

/// Where a month of a mandate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodState {
    /// Its order waits to be paid.
    Open,
    /// It was paid, maybe late.
    Paid {
        /// The gift.
        gift: GiftId,
    },
    /// It closed unpaid, or closed while nothing ran.
    Missed {
        /// Why.
        reason: SkipReason,
    },
    /// It was not asked for.
    Skipped {
        /// Why.
        reason: SkipReason,
    },
}

impl PeriodState {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid { .. } => "paid",
            Self::Missed { .. } => "missed",
            Self::Skipped { .. } => "skipped",
        }
    }
    /// Why, where there is a reason.
    pub const fn reason(self) -> Option<SkipReason> {
        match self {
            Self::Missed { reason } | Self::Skipped { reason } => Some(reason),
            Self::Open | Self::Paid { .. } => None,
        }
    }
}

/// A month of a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthRow {
    /// Whose.
    pub mandate: MandateId,
    /// Which month.
    pub period: Period,
    /// The due day.
    pub due_on: BusinessDay,
    /// The last day on which its order waits.
    pub closes_on: BusinessDay,
    /// Where it is.
    pub state: PeriodState,
    /// Its order, the newest where one was closed.
    pub order: Option<OrderId>,
    /// How many orders were made for it.
    pub orders: i64,
}

/// A mandate as stored; the donor stays sealed.
#[derive(Clone)]
pub struct Mandate {
    /// Its id.
    pub id: MandateId,
    /// The project's unit.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// The plan it takes a place of.
    pub plan: Option<PlanId>,
    /// The amount of each month.
    pub amount: Fen,
    /// The day of the month, 1 to [`DAY_MAX`].
    pub day: i64,
    /// The first day on which it may be due.
    pub starts_on: BusinessDay,
    /// The last day on which it may be due; none: until it is ended.
    pub ends_on: Option<BusinessDay>,
    /// How many months it is for, where that was said.
    pub months: Option<i64>,
    /// Whether the name is shown nowhere.
    pub anonymous: bool,
    /// Whether progress news were agreed to with it.
    pub wants_news: bool,
    /// Through whom it is paid unless the donor chooses otherwise.
    pub provider: Provider,
    /// In which language she is written to.
    pub language: Language,
    /// What kind of contact.
    pub contact: ContactKind,
    /// Its blind index.
    pub index: Vec<u8>,
    /// Name and contact, sealed; nothing after they were forgotten.
    pub donor_sealed: Option<Vec<u8>>,
    /// The name as lists may show it.
    pub donor_masked: Option<String>,
    /// What was agreed to: unit, version, hash.
    pub consent: (UnitId, i64, Vec<u8>),
    /// Where it is.
    pub state: MandateState,
    /// Since when.
    pub state_at: Instant,
    /// The next due day that was not looked at yet.
    pub next_due: BusinessDay,
    /// When it was made.
    pub created_at: Instant,
}

/// What a mandate keeps of its donor, sealed. No `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Donor {
    /// Name and telephone, as an order wants them.
    pub payer: Payer,
    /// The e-mail, where that is the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// One line of a mandate's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// 1, 2, 3 …
    pub number: i64,
    /// The state from then on.
    pub state: String,
    /// Who.
    pub by: ByWhom,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// A plan that sponsors a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// The project's unit.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// `一张课桌`.
    pub title: String,
    /// The same in English; empty: shown in Chinese.
    pub title_en: String,
    /// A month's amount.
    pub amount: Fen,
    /// How many months.
    pub months: i64,
    /// How many sponsors it takes.
    pub places: i64,
    /// Whether it takes sponsors.
    pub state: PlanState,
}

/// A plan with its places counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanView {
    /// The plan.
    pub plan: Plan,
    /// Places that are taken: mandates that run, and those that gave all their months.
    pub taken: i64,
}

impl PlanView {
    /// Places left.
    pub fn left(&self) -> i64 {
        self.plan.places.saturating_sub(self.taken).max(0)
    }
}

/// What a new plan needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlan {
    /// The project's code.
    pub project: String,
    /// Its title.
    pub title: String,
    /// The same in English, or empty.
    pub title_en: String,
    /// A month's amount.
    pub amount: Fen,
    /// How many months.
    pub months: i64,
    /// How many places.
    pub places: i64,
}

/// A piece of progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Its id.
    pub id: NewsId,
    /// The project's unit.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// Title in Chinese.
    pub title: String,
    /// Title in English, or empty.
    pub title_en: String,
    /// What happened, in Chinese.
    pub words: String,
    /// The same in English, or empty.
    pub words_en: String,
    /// When it was published.
    pub published_at: Instant,
}

/// An agreement to be told of progress. No `Debug`.
#[derive(Clone)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// The project's unit.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// What kind of contact.
    pub contact: ContactKind,
    /// Its blind index.
    pub index: Vec<u8>,
    /// The contact, sealed; nothing once it ended.
    pub contact_sealed: Option<Vec<u8>>,
    /// In which language she is written to.
    pub language: Language,
    /// When it began.
    pub agreed_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

/// The form as posted, as texts. Holds a person's data: no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MonthlyForm {
    /// The token of the form.
    pub token: String,
    /// The public id of a plan, or nothing.
    pub plan: String,
    /// A chosen amount in fen, or nothing.
    pub choice: String,
    /// The free amount in yuan as typed.
    pub amount: String,
    /// The day of the month.
    pub day: String,
    /// How many months; nothing: until ended.
    pub months: String,
    /// `name` or `anonymous`.
    pub show: String,
    /// The donor's name.
    pub name: String,
    /// Telephone or e-mail.
    pub contact: String,
    /// `wechat` or `alipay`.
    pub provider: String,
    /// The version of the consent that was agreed to.
    pub consent: String,
    /// `yes`: tell me of progress.
    pub news: String,
}

/// A form well filled. No `Debug`: it names a person.
#[derive(Clone)]
pub struct Wished {
    /// The amount of each month.
    pub amount: Fen,
    /// The day of the month.
    pub day: i64,
    /// How many months.
    pub months: Option<i64>,
    /// Whether the name is shown nowhere.
    pub anonymous: bool,
    /// The name.
    pub name: Option<String>,
    /// The contact.
    pub contact: Contact,
    /// Through whom it is paid.
    pub provider: Provider,
    /// Whether progress news are wanted.
    pub news: bool,
    /// The version of the consent agreed to.
    pub consent_version: i64,
}

/// What is wrong with a field of the form; the page has words for each pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong.
    pub why: &'static str,
}
