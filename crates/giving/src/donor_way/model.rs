//! What a donor fills in, what she agrees to, what she says.

use std::str::FromStr;

use kernel::{ActorId, Fen, Instant, OrderId, ProjectId, UnitId};
use serde::{Deserialize, Serialize};

use crate::donations::Payer;
use crate::donations::orders::Provider;

/// Longest name on the form: what a certificate prints well.
pub const NAME_CHARS_MAX: usize = 60;
/// Longest company title: the longest registered names of societies and firms.
pub const COMPANY_CHARS_MAX: usize = 100;
/// Longest message: three lines on a phone.
pub const MESSAGE_CHARS_MAX: usize = 100;
/// Longest e-mail address that mail servers take.
pub const EMAIL_CHARS_MAX: usize = 254;
/// Longest word on a list.
pub const BLOCKED_CHARS_MAX: usize = 30;
/// Words on one unit's list: more is a dictionary, which takes another tool.
pub const BLOCKED_WORDS_MAX: i64 = 2_000;
/// Longest consent text: two screens of a phone; what is longer nobody reads before giving.
pub const CONSENT_CHARS_MAX: usize = 2_000;
/// How long a form may lie open: a day, so that a page opened in the morning still works in the evening.
pub const FORM_LIFE_MICROS: i64 = 24 * 3_600 * 1_000_000;

/// The wording that ships, version 0, until a unit publishes its own. Frozen: it was agreed to under this number.
pub const HOUSE_CONSENT_ZH: &str = include_str!("consent.v0.zh-Hans.txt");
/// The same in English.
pub const HOUSE_CONSENT_EN: &str = include_str!("consent.v0.en.txt");

/// The form as posted, as texts. Holds a person's data: no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormInput {
    /// The token of the form.
    pub token: String,
    /// A chosen amount in fen, or nothing.
    pub choice: String,
    /// The free amount in yuan as typed.
    pub amount: String,
    /// `name` or `anonymous`.
    pub show: String,
    /// The donor's name.
    pub name: String,
    /// For whom it is given.
    pub on_behalf_of: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// The company or society on the receipt.
    pub company: String,
    /// Its tax number.
    pub tax_no: String,
    /// Words beside the gift.
    pub message: String,
    /// `wechat` or `alipay`.
    pub provider: String,
    /// The version of the consent that was ticked.
    pub consent: String,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The amount.
    Amount,
    /// The name.
    Name,
    /// On behalf of whom.
    OnBehalfOf,
    /// Telephone.
    Phone,
    /// E-mail.
    Email,
    /// Company title.
    Company,
    /// Tax number.
    TaxNo,
    /// Message.
    Message,
    /// The way to pay.
    Provider,
    /// The consent.
    Consent,
    /// The form itself: too old, sent from elsewhere, or changed after it was sent.
    Form,
}

/// What is wrong with a field; the page has words for each pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The field.
    pub field: Field,
    /// `missing`, `unreadable`, `both`, `below`, `above`, `too_long`, `changed`, `old`.
    pub why: &'static str,
}

impl Fault {
    /// A fault of a field.
    pub const fn new(field: Field, why: &'static str) -> Self {
        Self { field, why }
    }
}

/// What holds a form within bounds, read from the dated parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The least amount.
    pub min: Fen,
    /// The greatest amount on line; above it the society wants to speak with the donor.
    pub max: Fen,
    /// The providers that the unit has.
    pub providers: Vec<Provider>,
    /// The version of the consent in force.
    pub consent_version: i64,
}

/// What a receipt needs, sealed under the order's secret. No `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The company or society.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Its tax number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    /// Where a receipt may be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Receipt {
    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A form well filled. No `Debug`: it names a person.
#[derive(Clone)]
pub struct Wish {
    /// The amount.
    pub amount: Fen,
    /// Whether the name is shown nowhere.
    pub anonymous: bool,
    /// Who gives.
    pub payer: Payer,
    /// What the receipt needs.
    pub receipt: Receipt,
    /// Words beside the gift.
    pub message: Option<String>,
    /// Through whom it is paid.
    pub provider: Provider,
    /// The version of the consent agreed to.
    pub consent_version: i64,
}

/// A wording of the consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The unit that published it; of the shipped one the unit that asks.
    pub unit: UnitId,
    /// 1, 2, 3 …; 0 for the text that ships.
    pub version: i64,
    /// The words in Chinese.
    pub words_zh: String,
    /// The words in English.
    pub words_en: String,
    /// When it was published; none for the shipped one.
    pub published_at: Option<Instant>,
}

impl Consent {
    /// The wording that ships, as a unit uses it.
    pub fn house(unit: UnitId) -> Self {
        Self {
            unit,
            version: 0,
            words_zh: HOUSE_CONSENT_ZH.trim().to_owned(),
            words_en: HOUSE_CONSENT_EN.trim().to_owned(),
            published_at: None,
        }
    }
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// A person must read it first.
    Waiting,
    /// It may be shown.
    Shown,
    /// It is not shown.
    Refused,
}

impl MessageState {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Shown => "shown",
            Self::Refused => "refused",
        }
    }
}

impl FromStr for MessageState {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Waiting, Self::Shown, Self::Refused]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| word.to_owned())
    }
}

/// Why a message waits for a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldFor {
    /// One of its words is on the list.
    Word,
    /// It holds an address of the web or of mail.
    Address,
    /// It holds a run of digits as long as a telephone number.
    Digits,
}

impl HeldFor {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Address => "address",
            Self::Digits => "digits",
        }
    }
}

/// A message that staff read.
#[derive(Clone)]
pub struct WaitingMessage {
    /// Its order, whose public id names the message.
    pub order: OrderId,
    /// The project's unit.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// The words.
    pub words: String,
    /// Where it is.
    pub state: MessageState,
    /// Why it waited.
    pub held_for: Option<String>,
    /// When it was written.
    pub written_at: Instant,
    /// Who decided.
    pub decided_by: Option<ActorId>,
}

/// A message as the public sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownMessage {
    /// The masked name; none for anonymous gifts.
    pub who: Option<String>,
    /// The words.
    pub words: String,
    /// When the gift was paid.
    pub at: Instant,
}
