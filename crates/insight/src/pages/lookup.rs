//! `/lookup`: a donor finds a gift by its full number with the exact amount and the day, or the phone.
//!
//! The form is posted, so that numbers do not end up in addresses and logs; each address may ask ten times a minute
//! (`web::limit::LOOKUP`). "Nothing found" says the same whichever part did not fit.

use kernel::{BusinessDay, Fen, Instant};
use serde::{Deserialize, Serialize};
use web::{Masthead, Page};

use super::common::{self, GiftState, Matched};

/// The look-up page, before and after asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LookupPage {
    /// The unit.
    pub masthead: Masthead,
    /// What was entered, shown again.
    pub form: LookupForm,
    /// What came of it.
    pub outcome: Outcome,
}

/// The form as it is posted (`application/x-www-form-urlencoded`); all fields may be empty.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LookupForm {
    /// Trade or certificate number.
    pub number: String,
    /// Amount in yuan as typed.
    pub amount: String,
    /// `YYYY-MM-DD`, or empty.
    pub day: String,
    /// Phone number, or empty.
    pub phone: String,
}

/// A form holds a person's data: it is never printed.
impl std::fmt::Debug for LookupForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LookupForm(…)")
    }
}

/// What came of a look-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing was asked yet.
    Blank,
    /// A field is missing or unreadable: `number`, `amount`, `day` or `phone`.
    Wrong {
        /// The field.
        field: WrongField,
    },
    /// No gift fits all that was entered.
    Nothing,
    /// These fit (one, as a rule; a trade number may repeat over receiving accounts).
    Found {
        /// The gifts, at most [`FOUND_MAX`].
        gifts: Vec<FoundGift>,
    },
}

/// Gifts one look-up may show: a number with exact amount and day fits a handful at the very most.
pub const FOUND_MAX: usize = 5;

/// The field that stopped a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WrongField {
    /// Trade or certificate number.
    Number,
    /// Amount.
    Amount,
    /// Day.
    Day,
    /// Phone.
    Phone,
}

/// A gift its donor has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundGift {
    /// `/v/<public id>`.
    pub href: String,
    /// How it stands.
    pub state: GiftState,
    /// Amount.
    pub amount_fen: Fen,
    /// Business day.
    pub day: BusinessDay,
    /// Name of the project.
    pub project: String,
    /// Certificate number; `None` while it is being numbered.
    pub certificate_no: Option<String>,
    /// What each matching pool decided about it; empty where none did.
    pub matched: Vec<Matched>,
    /// What happened to it, oldest first.
    pub steps: Vec<Step>,
}

/// A step on a gift's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What happened.
    pub kind: StepKind,
    /// When.
    pub at: Instant,
    /// Its place in the public log, once it has one.
    pub log_position: Option<i64>,
}

/// What can happen to a gift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Paid.
    Received,
    /// Posted.
    Booked,
    /// Certificate numbered.
    Certified,
    /// A match was granted to it.
    Matched,
    /// Given back.
    Refunded,
}

/// What a well-filled form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Trade or certificate number, spaces removed.
    pub number: String,
    /// Exact amount.
    pub amount_fen: Fen,
    /// The second proof.
    pub proof: Proof,
}

/// The second thing a donor knows.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// The business day.
    Day(BusinessDay),
    /// The phone left with the gift, 11 digits.
    Phone(String),
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => write!(f, "Day({day})"),
            Self::Phone(_) => f.write_str("Phone(…)"),
        }
    }
}

/// Shorter numbers are parts of numbers; nothing may be found by a part.
const NUMBER_MIN_CHARS: usize = 6;
/// The longest trade number of any channel.
const NUMBER_MAX_CHARS: usize = 64;

impl LookupForm {
    /// Reads the form.
    ///
    /// # Errors
    /// The first field that is missing or unreadable.
    pub fn question(&self) -> Result<Question, WrongField> {
        let number: String = self.number.chars().filter(|c| !c.is_whitespace()).collect();
        let length = number.chars().count();
        if !(NUMBER_MIN_CHARS..=NUMBER_MAX_CHARS).contains(&length) || number.contains('*') {
            return Err(WrongField::Number);
        }
        let amount_fen = Fen::parse_yuan(&self.amount)
            .ok()
            .filter(|fen| fen.is_positive())
            .ok_or(WrongField::Amount)?;
        let phone: String = self.phone.chars().filter(char::is_ascii_digit).collect();
        let phone = phone
            .strip_prefix("86")
            .filter(|rest| rest.len() == 11)
            .unwrap_or(&phone);
        let proof = if !self.day.trim().is_empty() {
            Proof::Day(BusinessDay::parse(self.day.trim()).map_err(|_| WrongField::Day)?)
        } else if self.phone.trim().is_empty() {
            return Err(WrongField::Day);
        } else if phone.len() == 11 && phone.starts_with('1') {
            Proof::Phone(phone.to_owned())
        } else {
            return Err(WrongField::Phone);
        };
        Ok(Question {
            number,
            amount_fen,
            proof,
        })
    }
}

impl Page for LookupPage {
    const TEMPLATE: &'static str = "lookup.html";

    fn samples() -> Vec<Self> {
        let form = LookupForm {
            number: "4200009999202605080000000001".into(),
            amount: "20.00".into(),
            day: "2026-05-08".into(),
            phone: String::new(),
        };
        let step = |kind, text: &str, log_position| Step {
            kind,
            at: common::sample_instant(text),
            log_position,
        };
        let gift = FoundGift {
            href: format!("/v/{}", common::sample_id(40)),
            state: GiftState::Confirmed,
            amount_fen: Fen::new(2_000),
            day: common::sample_day("2026-05-08"),
            project: "救在身边".into(),
            certificate_no: Some("SQ-3713-2026-0018204".into()),
            matched: vec![Matched {
                sponsor: "沂河慈善基金会".into(),
                words: "已配捐 3.50 元".into(),
            }],
            steps: vec![
                step(StepKind::Received, "2026-05-08T02:31:07Z", None),
                step(StepKind::Booked, "2026-05-08T02:31:07Z", Some(18_204)),
                step(StepKind::Certified, "2026-05-08T02:31:09Z", None),
            ],
        };
        let mut young = gift.clone();
        young.certificate_no = None;
        young.steps.clear();
        young.matched.clear();
        let page = |form: LookupForm, outcome| Self {
            masthead: common::sample_masthead(),
            form,
            outcome,
        };
        vec![
            page(LookupForm::default(), Outcome::Blank),
            page(form.clone(), Outcome::Found { gifts: vec![gift] }),
            page(form.clone(), Outcome::Nothing),
            page(
                LookupForm {
                    amount: "二十".into(),
                    ..form.clone()
                },
                Outcome::Wrong {
                    field: WrongField::Amount,
                },
            ),
            page(
                LookupForm::default(),
                Outcome::Wrong {
                    field: WrongField::Number,
                },
            ),
            page(form.clone(), Outcome::Wrong { field: WrongField::Day }),
            page(
                form.clone(),
                Outcome::Wrong {
                    field: WrongField::Phone,
                },
            ),
            page(
                form,
                Outcome::Found {
                    gifts: vec![young.clone(), young],
                },
            ),
        ]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(number: &str, amount: &str, day: &str, phone: &str) -> LookupForm {
        LookupForm {
            number: number.into(),
            amount: amount.into(),
            day: day.into(),
            phone: phone.into(),
        }
    }

    #[test]
    fn a_full_number_an_amount_and_one_more_thing_make_a_question() {
        let asked = form(" 4200 0099 99 ", "￥20", "2026-05-08", "")
            .question()
            .expect("complete");
        assert_eq!(asked.number, "4200009999");
        assert_eq!(asked.amount_fen, Fen::new(2_000));
        assert_eq!(
            asked.proof,
            Proof::Day(BusinessDay::parse("2026-05-08").expect("a day"))
        );
        let by_phone = form("4200009999", "20.5", "", "+86 138-0000-0000")
            .question()
            .expect("complete");
        assert_eq!(by_phone.proof, Proof::Phone("13800000000".into()));
    }

    #[test]
    fn nothing_is_asked_with_a_part_of_a_number_or_a_missing_proof() {
        assert_eq!(form("4200", "20", "2026-05-08", "").question(), Err(WrongField::Number));
        assert_eq!(
            form("4200****9999", "20", "2026-05-08", "").question(),
            Err(WrongField::Number)
        );
        assert_eq!(
            form("4200009999", "0", "2026-05-08", "").question(),
            Err(WrongField::Amount)
        );
        assert_eq!(form("4200009999", "20", "", "").question(), Err(WrongField::Day));
        assert_eq!(form("4200009999", "20", "8 May", "").question(), Err(WrongField::Day));
        assert_eq!(form("4200009999", "20", "", "123").question(), Err(WrongField::Phone));
    }

    #[test]
    fn what_a_donor_typed_is_never_printed() {
        let text = format!("{:?}", form("4200009999", "20", "", "13800000000"));
        assert!(!text.contains("138") && !text.contains("4200"), "{text}");
    }
}
