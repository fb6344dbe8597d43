//! Scripts and calls as values.

use kernel::{Instant, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::CallId;
use crate::word::words;

words! {
    /// What a call ended in.
    #[schema(as = GoodsCallOutcome)]
    CallOutcome {
        /// A gift of goods that is announced.
        Goods = "goods",
        /// An order of money that waits for its payment.
        Money = "money",
        /// Words for a colleague.
        None = "none",
    }
}

words! {
    /// How a step is answered.
    #[schema(as = GoodsAnswerKind)]
    AnswerKind {
        /// One of its options.
        Choice = "choice",
        /// A short text.
        Text = "text",
        /// A person's or an organisation's name.
        Name = "name",
        /// A telephone number.
        Phone = "phone",
        /// A whole number above zero.
        Whole = "whole",
        /// An amount in yuan.
        Money = "money",
        /// A day, `2026-05-08`.
        Day = "day",
        /// The public id of an item of the catalogue.
        Item = "item",
        /// The public id of a place.
        Place = "place",
        /// The code of a project.
        Project = "project",
        /// Nothing: the call ends here.
        End = "end",
    }
}

words! {
    /// What an answer means for the end of the call.
    #[schema(as = GoodsAnswerFills)]
    Fills {
        /// What the goods are.
        Item = "item",
        /// The unit they are counted in.
        UnitWord = "unit_word",
        /// How many.
        Quantity = "quantity",
        /// The day they come.
        ExpectedOn = "expected_on",
        /// Where they come to.
        Place = "place",
        /// Whether there is a certificate of quality: `yes` or not.
        Certificate = "certificate",
        /// In whose name.
        Donor = "donor",
        /// Where he is reached.
        Phone = "phone",
        /// For which project.
        Project = "project",
        /// How much money.
        Amount = "amount",
        /// Whether the name is to be shown nowhere: `yes` or not.
        Anonymous = "anonymous",
        /// What a colleague must know.
        Words = "words",
    }
}

/// A way on from a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GoodsScriptOption)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What the answerer reads.
    pub label: String,
    /// The same in English.
    #[serde(default)]
    pub label_en: String,
    /// The step that follows.
    pub next: String,
}

/// A step of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GoodsScriptStep)]
pub struct Step {
    /// Its word.
    pub key: String,
    /// What the answerer says.
    pub say: String,
    /// The same in English.
    #[serde(default)]
    pub say_en: String,
    /// How it is answered.
    pub kind: AnswerKind,
    /// What the answer means.
    #[serde(default)]
    pub fills: Option<Fills>,
    /// The ways on, of a choice.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// The step that follows, of any other but an end.
    #[serde(default)]
    pub next: Option<String>,
    /// What the call ends in, of an end.
    #[serde(default)]
    pub outcome: Option<CallOutcome>,
}

/// A script; the first step is where it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GoodsScript)]
pub struct Script {
    /// Its title.
    pub title: String,
    /// The same in English.
    #[serde(default)]
    pub title_en: String,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A script with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Whose; none: it ships.
    pub unit: Option<UnitId>,
    /// 1, 2, 3 …
    pub version: i64,
    /// The script.
    pub script: Script,
}

/// An answer as given. Holds what a donor said: no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GoodsCallAnswer)]
pub struct Answer {
    /// The step's word.
    pub step: String,
    /// What was said.
    pub value: String,
}

/// A call in a list; what was said stays sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Whose line.
    pub unit: UnitId,
    /// What it ended in.
    pub outcome: CallOutcome,
    /// The lot or the order it ended in.
    pub subject: Option<[u8; 16]>,
    /// When it was answered.
    pub answered_at: Instant,
}
