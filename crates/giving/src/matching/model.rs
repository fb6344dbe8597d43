//! What a sponsor, a pool, a rule and a decision are.

use kernel::{
    BusinessDay, CampaignId, Channel, Fen, FileId, GiftId, Instant, ProjectId, ReceivingAccountId, RegionCode, UnitId,
};
use serde::{Deserialize, Serialize};

mod rule;

pub use rule::{
    Base, Bonus, Caps, Daily, DayShare, Eligible, ExtraPoints, Kind, MinuteOfDay, OnRefund, Partial, Payers, Prize,
    Rule, RuleError, Span, Stacking, Tier, Window,
};

kernel::ids! {
    /// A sponsor: a donor who matches the gifts of others.
    SponsorId,
    /// A pool of a sponsor's money.
    PoolId,
}

/// A payer as one pool knows them: a hash of the blind index and the pool's id, so that nobody can be followed from
/// one pool to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(pub [u8; 16]);

impl Person {
    /// The pool's name for a blind index.
    pub fn in_pool(pool: PoolId, blind: &[u8]) -> Self {
        use kernel::id::Id as _;
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(&pool.bytes());
        context.update(blind);
        let mut short = [0; 16];
        short.copy_from_slice(&context.finish().as_ref()[..16]);
        Self(short)
    }
}

/// What kind of payer gave, as far as the name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayerKind {
    /// A person, or nobody can tell.
    Person,
    /// A firm, school, association, …
    Organisation,
    /// A person who gives every month by a mandate. Told only to pools whose rule asks for it.
    Monthly,
    /// An organisation that does.
    MonthlyOrganisation,
}

/// Words at which the name of an organisation is known.
const ORGANISATION_WORDS: &[&str] = &[
    "公司",
    "集团",
    "有限",
    "工厂",
    "商会",
    "协会",
    "学会",
    "基金会",
    "学校",
    "中学",
    "小学",
    "大学",
    "医院",
    "银行",
    "合作社",
    "委员会",
    "居委会",
    "村委会",
    "事务所",
    "超市",
    "酒店",
    "工会",
    "党支部",
    "红十字会",
];

impl PayerKind {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Monthly => "monthly",
            Self::MonthlyOrganisation => "monthly_organisation",
        }
    }
    /// The same payer, known to give by a mandate.
    #[must_use]
    pub const fn by_mandate(self) -> Self {
        match self {
            Self::Person | Self::Monthly => Self::Monthly,
            Self::Organisation | Self::MonthlyOrganisation => Self::MonthlyOrganisation,
        }
    }
    /// The same payer, without telling whether by a mandate.
    #[must_use]
    pub const fn plain(self) -> Self {
        match self {
            Self::Person | Self::Monthly => Self::Person,
            Self::Organisation | Self::MonthlyOrganisation => Self::Organisation,
        }
    }
    /// Whether the gift came by a mandate.
    pub const fn is_monthly(self) -> bool {
        matches!(self, Self::Monthly | Self::MonthlyOrganisation)
    }
    /// Whether a payer of this kind is one of the kind that a rule asks for: `person` and `organisation` take monthly
    /// ones too, `monthly` takes both.
    pub const fn is(self, wanted: Self) -> bool {
        match wanted {
            Self::Person => matches!(self, Self::Person | Self::Monthly),
            Self::Organisation => matches!(self, Self::Organisation | Self::MonthlyOrganisation),
            Self::Monthly => self.is_monthly(),
            Self::MonthlyOrganisation => matches!(self, Self::MonthlyOrganisation),
        }
    }
    /// What the name says.
    pub fn of_name(name: Option<&str>) -> Self {
        let says = |name: &str| ORGANISATION_WORDS.iter().any(|word| name.contains(word));
        if name.is_some_and(says) {
            Self::Organisation
        } else {
            Self::Person
        }
    }
}

impl std::str::FromStr for PayerKind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "person" => Ok(Self::Person),
            "organisation" => Ok(Self::Organisation),
            "monthly" => Ok(Self::Monthly),
            "monthly_organisation" => Ok(Self::MonthlyOrganisation),
            other => Err(other.to_owned()),
        }
    }
}

macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }
        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word).ok_or_else(|| word.to_owned())
            }
        }
    };
}

word_enum! {
    /// The caps, in the order in which they are applied.
    Cap {
        /// Of one gift.
        Gift = "gift",
        /// Of a person on a day.
        PersonDay = "person_day",
        /// Of a person for a project.
        PersonProject = "person_project",
        /// Of a person.
        Person = "person",
        /// What a refunded gift had got: giving again brings no more than the first time.
        Regift = "regift",
        /// Of a project on a day.
        ProjectDay = "project_day",
        /// Of a project.
        Project = "project",
        /// Of a unit.
        Unit = "unit",
        /// The pool's share of a day.
        PoolDay = "pool_day",
        /// What is left in the pool.
        Pool = "pool",
    }
}

word_enum! {
    /// Why a decision is as it is.
    Reason {
        /// All that the rule offers.
        Matched = "matched",
        /// Less than the rule offers: a cap cut it.
        Cut = "cut",
        /// Counted; the pool is shared out when it closes.
        AtClose = "at_close",
        /// Paid before the pool's window or after it.
        OutsideWindow = "outside_window",
        /// Paid outside the daily hours.
        OutsideHours = "outside_hours",
        /// The project lies in a county that does not take part.
        County = "county",
        /// The channel does not take part.
        Channel = "channel",
        /// Only persons, or only organisations, are matched.
        PayerKind = "payer_kind",
        /// Only gifts by a mandate are matched, and this one came by none.
        NotMonthly = "not_monthly",
        /// The rule needs a payer who can be told from others.
        PayerUnknown = "payer_unknown",
        /// The payer is the sponsor or on the list of those not matched.
        Excluded = "excluded",
        /// Below the minimum.
        BelowMinimum = "below_minimum",
        /// Another pool matched the gift, and the two do not add up.
        OtherPool = "other_pool",
        /// Only a payer's first gift is matched.
        NotFirst = "not_first",
        /// The draw gave nothing.
        NotDrawn = "not_drawn",
        /// So small that the rule gives nothing.
        TooSmall = "too_small",
        /// A cap is used up.
        CapReached = "cap_reached",
        /// The pool is used up.
        PoolEmpty = "pool_empty",
        /// Less than the whole is left, and the rule gives no part.
        NoPart = "no_part",
        /// The match waits for a review; the gift does not.
        Held = "held",
        /// The review refused the match.
        Refused = "refused",
        /// The gift was given back, whole or in part.
        Refunded = "refunded",
    }
}

word_enum! {
    /// What a decision row is about.
    Act {
        /// A gift came in.
        Decided = "decided",
        /// A held match was released.
        Released = "released",
        /// A held match was refused.
        Refused = "refused",
        /// A gift was given back, whole or in part, and its match with it.
        Shrunk = "shrunk",
        /// The pool was shared out at its close.
        Awarded = "awarded",
    }
}

word_enum! {
    /// Where a pool is.
    PoolState {
        /// Being written.
        Draft = "draft",
        /// Rule and seed commitment are public; not open yet.
        Published = "published",
        /// Gifts are matched; the rule is frozen.
        Open = "open",
        /// No more gifts are matched; it is being shared out.
        Closing = "closing",
        /// Over; the seed is public.
        Closed = "closed",
    }
}

/// What stands behind a pool's money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backing {
    /// A received gift of the sponsor that the society holds to pass on.
    Gift(GiftId),
    /// A signed agreement.
    Agreement {
        /// The signed paper.
        file: FileId,
        /// When it was signed.
        signed_on: BusinessDay,
    },
}

/// A sponsor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sponsor {
    /// Its id.
    pub id: SponsorId,
    /// The unit it has its agreement with.
    pub unit: UnitId,
    /// Its name, public: a sponsor agrees to be named.
    pub name: String,
    /// When it was added.
    pub added_at: Instant,
}

/// A pool as it is set up; what it has given stands in its [`Tallies`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Its id.
    pub id: PoolId,
    /// The unit that keeps it.
    pub unit: UnitId,
    /// The word in addresses and trade numbers.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Whose money.
    pub sponsor: SponsorId,
    /// The sponsor's public name.
    pub sponsor_name: String,
    /// The receiving account under which its matches stand.
    pub account: ReceivingAccountId,
    /// Only gifts to projects of this campaign; none: all projects of the unit and those below it.
    pub campaign: Option<CampaignId>,
    /// Which pool is asked first: the lowest.
    pub priority: i64,
    /// What stands behind the money.
    pub backing: Backing,
    /// How much.
    pub locked: Fen,
    /// The version of its rule; zero while there is none.
    pub rule_version: i64,
    /// Where it is.
    pub state: PoolState,
    /// SHA-256 of the seed, once published.
    pub commitment: Option<Vec<u8>>,
    /// The seed, once closed.
    pub seed: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: Instant,
    /// When it opened.
    pub opened_at: Option<Instant>,
    /// When it closed.
    pub closed_at: Option<Instant>,
    /// The last running number of its gifts, when it began to close: what is shared out counts up to here.
    pub closing_number: Option<i64>,
}

/// The moving sums of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tallies {
    /// The money locked.
    pub locked: Fen,
    /// Given and not taken back.
    pub given: Fen,
    /// Gone back to the sponsor.
    pub returned: Fen,
    /// The last running number.
    pub decisions: i64,
    /// Matches given.
    pub matches: i64,
    /// Times something was given back.
    pub shrunk: i64,
}

impl Tallies {
    /// What is left to give.
    pub fn left(&self) -> Fen {
        let left = self.locked.minus(self.given).and_then(|left| left.minus(self.returned));
        left.unwrap_or(Fen::ZERO)
    }
}

/// One decision, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The pool.
    pub pool: PoolId,
    /// Its running number.
    pub number: i64,
    /// What it is about.
    pub act: Act,
    /// The gift; none for an award to a project.
    pub gift: Option<GiftId>,
    /// The project.
    pub project: ProjectId,
    /// What the rule offers before caps; of a pool that is shared out at its close, what counts.
    pub offered: Fen,
    /// What was given; below zero when a match shrinks.
    pub given: Fen,
    /// Why.
    pub reason: Reason,
    /// The cap that cut it.
    pub cap: Option<Cap>,
    /// Left in the pool before.
    pub before: Fen,
    /// Left in the pool after.
    pub after: Fen,
    /// The sponsor's gift, where there is one.
    pub match_gift: Option<GiftId>,
    /// The payer as the pool knows them.
    pub person: Option<Person>,
    /// What kind of payer.
    pub payer_kind: PayerKind,
    /// How much of the gift was given back by then.
    pub refunded: Fen,
    /// When it was decided.
    pub at: Instant,
}

/// A gift as the rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'g> {
    /// Its public id; only draws read it.
    pub public_id: &'g str,
    /// Its project.
    pub project: [u8; 16],
    /// The word of its project.
    pub project_code: &'g str,
    /// The unit of its project.
    pub unit: [u8; 16],
    /// Where its project works.
    pub region: Option<RegionCode>,
    /// How it came.
    pub channel: Channel,
    /// Its amount.
    pub amount: Fen,
    /// When it was paid.
    pub paid_at: Instant,
    /// Who paid, as the pool knows them.
    pub person: Option<Person>,
    /// What kind of payer.
    pub payer_kind: PayerKind,
    /// Whether the match must wait.
    pub review: Review,
    /// What pools asked before have done.
    pub elsewhere: Elsewhere,
}

/// Whether a match must wait for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// Nothing is odd.
    No,
    /// Something is odd: the match waits, never the gift.
    Hold,
    /// A person looked and released it.
    Released,
}

/// What pools asked before this one have done for the gift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Elsewhere {
    /// Nothing.
    Nothing,
    /// Given something; adding is allowed.
    Given,
    /// Given something, and wants to be the only one.
    GivenAlone,
}
