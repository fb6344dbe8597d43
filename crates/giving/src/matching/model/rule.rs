//! The rule of a pool: what is matched, when, how much, up to which caps. Written by staff, kept as JSON, published in
//! words, frozen once the pool is open.

use std::fmt;

use kernel::{BusinessDay, Channel, Fen, Instant, RegionCode};
use serde::{Deserialize, Serialize};

use super::{Cap, PayerKind};

/// A rule has some tiers, prizes, spans; more is a mistake.
const LIST_MAX: usize = 1_000;
/// Hundred times the gift: beyond it a rule is a slip of the pen.
const RATIO_PERMILLE_MAX: i64 = 100_000;
/// No single match is above this, so that sums of a batch stay far below 2^63.
const MATCH_FEN_MAX: i64 = 1_000_000_000_000;

/// Why a rule is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct RuleError {
    /// The part at fault.
    pub field: &'static str,
    /// What is expected.
    pub why: &'static str,
}

/// The rule of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Whose gifts, for what, by which channels.
    #[serde(default)]
    pub eligible: Eligible,
    /// When; tested against the time of payment.
    pub window: Window,
    /// Which part of a gift counts.
    #[serde(default)]
    pub base: Base,
    /// How much.
    pub kind: Kind,
    /// What is added to the match; the first that fits.
    #[serde(default)]
    pub bonus: Vec<Bonus>,
    /// Matches are rounded down to whole multiples of this; one fen unless told.
    #[serde(default = "one_fen")]
    pub round_to_fen: Fen,
    /// The caps.
    #[serde(default)]
    pub caps: Caps,
    /// Whether less than the whole may be given when a cap or the pool is short.
    #[serde(default)]
    pub partial: Partial,
    /// Whether it adds to what other pools give.
    #[serde(default)]
    pub stacking: Stacking,
    /// Where the match of a refunded gift goes.
    #[serde(default)]
    pub on_refund: OnRefund,
    /// From this amount on a match waits for a person; the gift does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_from_fen: Option<Fen>,
}

const fn one_fen() -> Fen {
    Fen::new(1)
}

/// Whose gifts, for what, by which channels. Empty lists take all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Eligible {
    /// Words of projects; none is all of the pool's campaign or unit.
    pub projects: Vec<String>,
    /// Regions: only projects there or somewhere below; none is all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub counties: Vec<RegionCode>,
    /// Channels.
    pub channels: Vec<Channel>,
    /// Kinds of payers; `monthly` takes gifts that were paid by a mandate, whoever gave it.
    pub payer_kinds: Vec<PayerKind>,
    /// Which payers.
    pub payers: Payers,
    /// Payers never matched (the sponsor, its staff), as this pool knows them, in hex.
    pub excluded: Vec<String>,
}

impl Eligible {
    /// A kind of payer as a pool with this rule is told of it: whether a gift came by a mandate is recorded, and public,
    /// only where the rule asks for it.
    pub fn told(&self, kind: PayerKind) -> PayerKind {
        if self.payer_kinds.iter().any(|wanted| wanted.is_monthly()) {
            kind
        } else {
            kind.plain()
        }
    }
}

/// Which payers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payers {
    /// All.
    #[default]
    Any,
    /// Those who can be told from others, by their number at the payment provider or their telephone.
    Known,
    /// Of those, only the first gift that this pool sees.
    FirstGift,
}

/// When: any of the spans, within the daily hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// From one moment to before another.
    pub spans: Vec<Span>,
    /// The hours of each day, Beijing time; all day unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily: Option<Daily>,
}

/// From one moment to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Included.
    pub from: Instant,
    /// Not included.
    pub to: Instant,
}

/// The hours of each day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daily {
    /// Included, `10:00`.
    pub open: MinuteOfDay,
    /// Not included, `24:00` at the end of the day.
    pub close: MinuteOfDay,
}

/// A minute of the day, `HH:MM` from `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MinuteOfDay(pub u16);

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}
impl Serialize for MinuteOfDay {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for MinuteOfDay {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(from)?;
        let read = || {
            let (hour, minute) = text.split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(Self(hour * 60 + minute))
        };
        read().ok_or_else(|| serde::de::Error::custom("a time of day such as 10:00 is expected"))
    }
}

/// Which part of a gift counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Base {
    /// Smaller gifts are not matched.
    pub minimum_fen: Fen,
    /// What a gift has above this does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_above_fen: Option<Fen>,
}

/// How much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// So many thousandths of the gift: 1,000 is one yuan for one yuan.
    Ratio {
        /// Thousandths.
        permille: i64,
    },
    /// A ratio by the size of the gift: the highest tier that it reaches.
    Tiers {
        /// From small to large.
        tiers: Vec<Tier>,
    },
    /// The same sum for each gift.
    PerAction {
        /// The sum.
        each_fen: Fen,
    },
    /// A sum by draw.
    Random {
        /// The smallest sum.
        from_fen: Fen,
        /// The largest sum.
        to_fen: Fen,
        /// How many of a thousand gifts get one.
        chance_permille: i64,
    },
    /// At close: the pool in proportion to the gifts.
    Proportional,
    /// At close: the pool by how many give rather than how much, among projects.
    Quadratic {
        /// The most one project gets, in thousandths of the pool.
        project_permille_max: i64,
    },
    /// At close: prizes by a score of sum and number of gifts, among projects.
    Score {
        /// Points of the best sum.
        sum_points: i64,
        /// Points of the best number of gifts.
        count_points: i64,
        /// Points on top.
        #[serde(default)]
        extra: Vec<ExtraPoints>,
        /// The prizes by rank.
        prizes: Vec<Prize>,
    },
}

/// A ratio for gifts from this size on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// From here on.
    pub from_fen: Fen,
    /// Thousandths.
    pub permille: i64,
}

/// Points a project has on top of its score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraPoints {
    /// The word of the project.
    pub project: String,
    /// The points.
    pub points: i64,
}

/// What the ranks from one to another get, each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prize {
    /// The first rank.
    pub from_rank: i64,
    /// The last rank.
    pub to_rank: i64,
    /// The sum each gets.
    pub each_fen: Fen,
}

/// What is added to a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bonus {
    /// Thousandths of the match: 50 makes it 1.05 times as large.
    pub permille: i64,
    /// Only for gifts from this size on.
    #[serde(default)]
    pub from_fen: Fen,
    /// Only for these projects; none is all.
    #[serde(default)]
    pub projects: Vec<String>,
}

/// The caps; what is not named is not capped. The pool's remainder always is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// Of one gift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift_fen: Option<Fen>,
    /// Of a person on a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_day_fen: Option<Fen>,
    /// Of a person for a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_project_fen: Option<Fen>,
    /// Of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_fen: Option<Fen>,
    /// Of a project on a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_day_fen: Option<Fen>,
    /// Of a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_fen: Option<Fen>,
    /// Of a unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_fen: Option<Fen>,
    /// Of the pool on a day, by the day of payment: each day has its own share, so that the first does not take all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_day_fen: Option<Fen>,
    /// Days with another share than that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pool_days: Vec<DayShare>,
}

/// The pool's share of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayShare {
    /// The day of payment, Beijing time.
    pub on: BusinessDay,
    /// The most that the pool gives for gifts of that day.
    pub most_fen: Fen,
}

impl Caps {
    /// The caps that are counted over several gifts, in their order; of the pool's days the share of those not named.
    pub const fn counted(&self) -> [(Cap, Option<Fen>); 7] {
        [
            (Cap::PersonDay, self.person_day_fen),
            (Cap::PersonProject, self.person_project_fen),
            (Cap::Person, self.person_fen),
            (Cap::ProjectDay, self.project_day_fen),
            (Cap::Project, self.project_fen),
            (Cap::Unit, self.unit_fen),
            (Cap::PoolDay, self.pool_day_fen),
        ]
    }

    /// The pool's share of a day.
    pub fn of_pool_on(&self, day: BusinessDay) -> Option<Fen> {
        let named = self.pool_days.iter().find(|share| share.on == day);
        named.map(|share| share.most_fen).or(self.pool_day_fen)
    }
}

/// Whether less than the whole may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// What is left is given.
    #[default]
    Allowed,
    /// The whole or nothing.
    WholeOrNothing,
}

/// Whether a pool adds to what others give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stacking {
    /// It adds.
    #[default]
    Adds,
    /// It matches only gifts that no other pool matches.
    Alone,
}

/// Where the match of a refunded gift goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnRefund {
    /// Back into the pool while it is open, to the sponsor afterwards.
    #[default]
    ToPool,
    /// To the sponsor.
    ToSponsor,
}

impl Rule {
    /// Whether the pool is shared out when it closes.
    pub const fn is_at_close(&self) -> bool {
        matches!(
            self.kind,
            Kind::Proportional | Kind::Quadratic { .. } | Kind::Score { .. }
        )
    }
    /// Whether a draw decides.
    pub const fn draws(&self) -> bool {
        matches!(self.kind, Kind::Random { .. })
    }

    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// [`RuleError`], naming the part.
    pub fn check(&self) -> Result<(), RuleError> {
        let wrong = |field, why| Err(RuleError { field, why });
        let spans = &self.window.spans;
        if spans.is_empty() || spans.len() > LIST_MAX || spans.iter().any(|span| span.from >= span.to) {
            return wrong("window.spans", "at least one, each from an earlier to a later moment");
        }
        if self.window.daily.is_some_and(|daily| daily.open >= daily.close) {
            return wrong("window.daily", "opening before closing");
        }
        if self.base.minimum_fen < Fen::ZERO || self.base.ignore_above_fen.is_some_and(|top| !top.is_positive()) {
            return wrong("base", "amounts above zero");
        }
        if self.round_to_fen.get() < 1 || self.round_to_fen.get() > MATCH_FEN_MAX {
            return wrong("round_to_fen", "one fen or more");
        }
        let bonus_ok = |bonus: &Bonus| (0..=1_000).contains(&bonus.permille) && bonus.projects.len() <= LIST_MAX;
        if self.bonus.len() > LIST_MAX || !self.bonus.iter().all(bonus_ok) {
            return wrong("bonus", "0 to 1000 thousandths");
        }
        let gift = [(Cap::Gift, self.caps.gift_fen)];
        let caps = gift.into_iter().chain(self.caps.counted());
        if caps.filter_map(|(_, cap)| cap).any(|cap| !cap.is_positive()) {
            return wrong("caps", "amounts above zero");
        }
        let days = &self.caps.pool_days;
        if days.len() > LIST_MAX
            || days.windows(2).any(|two| two[0].on >= two[1].on)
            || days.iter().any(|share| !share.most_fen.is_positive())
        {
            return wrong("caps.pool_days", "days from early to late, each once and above zero");
        }
        if self.is_at_close() && (self.caps.pool_day_fen.is_some() || !days.is_empty()) {
            return wrong(
                "caps.pool_days",
                "a pool that is shared out at its close has no share of a day",
            );
        }
        let lists = [&self.eligible.projects, &self.eligible.excluded];
        if lists.iter().any(|list| list.len() > LIST_MAX) || self.eligible.counties.len() > LIST_MAX {
            return wrong("eligible", "at most 1000 entries");
        }
        self.check_kind()
    }

    fn check_kind(&self) -> Result<(), RuleError> {
        let wrong = |why| Err(RuleError { field: "kind", why });
        let ratio = |permille: i64| (1..=RATIO_PERMILLE_MAX).contains(&permille);
        let sum = |fen: Fen| (1..=MATCH_FEN_MAX).contains(&fen.get());
        match &self.kind {
            Kind::Ratio { permille } if !ratio(*permille) => wrong("1 to 100000 thousandths"),
            Kind::Tiers { tiers }
                if tiers.is_empty()
                    || tiers.len() > LIST_MAX
                    || !tiers.iter().all(|tier| ratio(tier.permille))
                    || tiers.windows(2).any(|two| two[0].from_fen >= two[1].from_fen) =>
            {
                wrong("tiers from small to large, each 1 to 100000 thousandths")
            }
            Kind::PerAction { each_fen } if !sum(*each_fen) => wrong("a sum above zero"),
            Kind::Random {
                from_fen,
                to_fen,
                chance_permille,
            } if !sum(*from_fen) || !sum(*to_fen) || from_fen > to_fen || !(1..=1_000).contains(chance_permille) => {
                wrong("a smaller and a larger sum, a chance of 1 to 1000 thousandths")
            }
            Kind::Quadratic { project_permille_max } if !(1..=1_000).contains(project_permille_max) => {
                wrong("1 to 1000 thousandths of the pool for a project")
            }
            Kind::Score {
                sum_points,
                count_points,
                extra,
                prizes,
            } if !(0..=1_000).contains(sum_points)
                || !(0..=1_000).contains(count_points)
                || extra.len() > LIST_MAX
                || extra.iter().any(|one| !(0..=1_000).contains(&one.points))
                || prizes.is_empty()
                || prizes.len() > LIST_MAX
                || prizes
                    .iter()
                    .any(|p| p.from_rank < 1 || p.to_rank < p.from_rank || !sum(p.each_fen)) =>
            {
                wrong("points from 0 to 1000 and prizes by rank")
            }
            _ => Ok(()),
        }
    }
}
