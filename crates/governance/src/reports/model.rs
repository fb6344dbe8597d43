//! Forms, hours, what was handed in.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use kernel::{ActorId, BusinessDay, Instant, UnitId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::approvals::model::Hex;

kernel::ids! {
    /// A form that units hand in.
    FormId,
    /// One hour of a form.
    SlotId,
}

/// Fields of one form: what fits a telephone's screen after a few turns of the thumb.
pub const FIELDS_MAX: usize = 40;
/// Choices of one field.
pub const OPTIONS_MAX: usize = 30;
/// Hours of one day.
pub const HOURS_MAX: usize = 24;
/// The longest title of a form or field, in characters.
pub const TITLE_CHARS_MAX: usize = 60;
/// The longest answer in words, in characters.
pub const TEXT_CHARS_MAX: i64 = 2_000;
/// The longest reason, in characters.
pub const REASON_CHARS_MAX: usize = 200;
/// Units that owe one form: the counties and townships of a city; a night's planning writes a row for each and hour.
pub const UNITS_MAX: usize = 500;
/// Versions of one report: who corrects more often should telephone.
pub const VERSIONS_MAX: i64 = 50;
/// Shortest interval of an emergency, in minutes: less is a telephone line.
pub const EMERGENCY_MINUTES_MIN: i64 = 15;
/// Longest interval of an emergency, in minutes.
pub const EMERGENCY_MINUTES_MAX: i64 = 720;

/// A title in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReportWords)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English; empty: the Chinese one.
    #[serde(default)]
    pub en: String,
}

impl Words {
    /// The one for a reader of Chinese or English.
    pub fn read_in(&self, locale: web::Locale) -> &str {
        match locale {
            web::Locale::En if !self.en.is_empty() => &self.en,
            _ => &self.zh,
        }
    }
}

/// An hour of the day in Beijing, in minutes from midnight; `HH:MM` as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour(u16);

impl Hour {
    /// So many minutes from midnight; nothing for what is no minute of a day.
    pub fn from_minutes(minutes: i64) -> Option<Self> {
        u16::try_from(minutes).ok().filter(|m| *m < 1_440).map(Self)
    }
    /// Minutes from midnight.
    pub fn minutes(self) -> i64 {
        i64::from(self.0)
    }
    /// This hour of a day.
    pub fn on(self, day: BusinessDay) -> Instant {
        day.start().plus_micros(self.minutes() * MINUTE_MICROS)
    }
}

/// A minute.
pub const MINUTE_MICROS: i64 = 60_000_000;

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for Hour {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("“{text}” is no time of the day as HH:MM");
        let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
        let digits = |part: &str| {
            (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i64>().ok())?
        };
        match (digits(hours), digits(minutes)) {
            (Some(h), Some(m)) if h < 24 && m < 60 => Self::from_minutes(h * 60 + m).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for Hour {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for Hour {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a field asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ReportAsk)]
pub enum Ask {
    /// A whole number.
    Number {
        /// What is counted: 人, 户, 件.
        #[serde(default)]
        unit: Words,
        /// The least; nothing: 0.
        #[serde(default)]
        min: Option<i64>,
        /// The most.
        #[serde(default)]
        max: Option<i64>,
    },
    /// An amount in fen, never below 0.
    Money {
        /// The most, in fen.
        #[serde(default)]
        max_fen: Option<i64>,
    },
    /// Words.
    Text {
        /// The longest, in characters.
        chars_max: i64,
    },
    /// One of some.
    Choice {
        /// What can be chosen.
        options: Vec<ChoiceOption>,
    },
    /// Yes or no.
    YesNo,
}

impl Ask {
    /// Whether answers are added up.
    pub const fn is_added(&self) -> bool {
        matches!(self, Self::Number { .. } | Self::Money { .. })
    }
}

/// One of a field's choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReportOption)]
pub struct ChoiceOption {
    /// Its word: a-z, 0-9, _.
    pub key: String,
    /// Its name.
    pub title: Words,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReportField)]
pub struct Field {
    /// Its word, the same through all versions: a-z, 0-9, _.
    pub key: String,
    /// Its name.
    pub title: Words,
    /// Whether a report without it is refused.
    #[serde(default)]
    pub required: bool,
    /// What it asks for.
    pub ask: Ask,
}

/// When a form is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ReportRhythm)]
pub enum Rhythm {
    /// Every day at these hours.
    Daily {
        /// `HH:MM` in Beijing.
        #[schema(value_type = Vec<String>)]
        hours: Vec<Hour>,
    },
    /// On these days of the week at one hour.
    Weekly {
        /// 1 is Monday, 7 Sunday.
        weekdays: Vec<u8>,
        /// `HH:MM` in Beijing.
        #[schema(value_type = String)]
        hour: Hour,
    },
}

/// A form as somebody writes it: one version of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReportForm)]
pub struct Form {
    /// What it is called.
    pub title: Words,
    /// What it asks for.
    pub fields: Vec<Field>,
    /// When it is due.
    pub rhythm: Rhythm,
    /// The first day.
    #[schema(value_type = String)]
    pub first_day: BusinessDay,
    /// The last day; nothing: until it is closed.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub last_day: Option<BusinessDay>,
    /// A report that comes so many minutes after the hour is not late yet.
    pub grace_minutes: i64,
    /// So many minutes before the hour the units are reminded.
    pub remind_minutes: i64,
}

/// Who must hand a form in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reach {
    /// The units right below.
    Children,
    /// All units below.
    AllBelow,
    /// These, which lie below.
    Chosen {
        /// The units.
        units: Vec<Hex<UnitId>>,
    },
}

/// A version as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The form.
    pub form: Form,
    /// Who must hand it in.
    pub reach: Reach,
}

/// A shorter interval for as long as an emergency lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// Every so many minutes from midnight, beside the form's own hours.
    pub minutes: i64,
    /// Since when.
    pub since: Instant,
    /// Why.
    pub reason: String,
}

/// A form with its version in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRow {
    /// Its id.
    pub id: FormId,
    /// The unit that asks.
    pub unit: UnitId,
    /// 1, 2, 3 …
    pub version: i64,
    /// What the version says.
    pub document: Document,
    /// When this version was published.
    pub published_at: Instant,
    /// When the form was closed.
    pub closed_at: Option<Instant>,
    /// The emergency, while one runs.
    pub emergency: Option<Emergency>,
}

/// An hour about to be planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// From when it may be handed in: the hour before.
    pub opens_at: Instant,
    /// The hour.
    pub due_at: Instant,
    /// After this it is late.
    pub late_at: Instant,
    /// When the units are reminded.
    pub remind_at: Instant,
    /// Whether an emergency brought it.
    pub is_emergency: bool,
}

/// A planned hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Its id.
    pub id: SlotId,
    /// The unit that asks.
    pub unit: UnitId,
    /// The form.
    pub form: FormId,
    /// The version it was planned under.
    pub version: i64,
    /// From when it may be handed in.
    pub opens_at: Instant,
    /// The hour.
    pub due_at: Instant,
    /// After this it is late.
    pub late_at: Instant,
    /// Whether an emergency brought it.
    pub is_emergency: bool,
    /// When the units were reminded.
    pub reminded_at: Option<Instant>,
    /// When the duty was told who is missing.
    pub alerted_at: Option<Instant>,
}

/// Where a unit stands at an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportStanding)]
pub enum Standing {
    /// There is time yet.
    Waiting,
    /// It came in time.
    HandedIn,
    /// It came, after the hour and its grace.
    Late,
    /// It has not come, and the time is over.
    Missing,
}

impl Standing {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::HandedIn => "handed_in",
            Self::Late => "late",
            Self::Missing => "missing",
        }
    }
}

/// Answers by the fields' words: numbers and fen as whole numbers, texts and choices as text, yes and no as true and
/// false.
pub type Answers = BTreeMap<String, Value>;

/// What was handed in once.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// 1, 2, 3 … for this unit and hour.
    pub version: i64,
    /// The answers; none with nothing to report.
    pub answers: Answers,
    /// Nothing to report (零报告).
    pub is_nothing: bool,
    /// Why it was corrected; empty for the first.
    pub reason: String,
    /// By whom.
    pub by: ActorId,
    /// When.
    pub at: Instant,
}

/// What a unit owes at an hour.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// The unit.
    pub unit: UnitId,
    /// The hour.
    pub slot: SlotId,
    /// The last version handed in; 0: none.
    pub last_version: i64,
    /// When the first came.
    pub first_at: Option<Instant>,
    /// What is being written.
    pub draft: Option<Draft>,
}

/// What a unit is writing and has not handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The answers so far; not checked.
    pub answers: Answers,
    /// By whom.
    pub by: ActorId,
    /// When.
    pub at: Instant,
}
