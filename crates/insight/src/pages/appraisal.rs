//! `/a/{link}`: the one page of an outside appraiser (M-15): the goods, one form, one answer. He needs no account; who
//! holds the link has it from the society. No donor and no receiver stand here.

use kernel::{BusinessDay, Fen, Instant};
use relief::appraisal::Answer;
use serde::{Deserialize, Serialize};
use web::{Masthead, Page};

use super::common;

/// The page, before and after the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppraisalPage {
    /// The society that asks.
    pub masthead: Masthead,
    /// Where the form is sent.
    pub action: String,
    /// The appraiser.
    pub appraiser: String,
    /// What it is.
    pub item: String,
    /// Standard and grade.
    pub grade: String,
    /// Specification.
    pub spec: String,
    /// Batch.
    pub batch: String,
    /// Pieces together.
    pub pieces: i64,
    /// The unit.
    pub unit_word: String,
    /// Its last day.
    pub expires_on: Option<BusinessDay>,
    /// Until when an answer is taken.
    pub ends_at: Instant,
    /// What stands, or the form.
    pub step: Step,
}

/// Where the order is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// It waits for the answer.
    Form {
        /// What was entered, shown again.
        form: AppraisalForm,
        /// The field that was not readable: `value`, `report`, `why`; empty for none.
        wrong: &'static str,
    },
    /// He said what it is worth.
    Valued {
        /// How much.
        value_fen: Fen,
        /// The number of his report.
        report: String,
        /// When.
        at: Instant,
    },
    /// He said that it cannot be appraised.
    Impossible {
        /// Why.
        why: String,
        /// When.
        at: Instant,
    },
    /// The time is over.
    Ended,
    /// The society took its order back.
    Withdrawn,
}

/// The form as it is posted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AppraisalForm {
    /// `worth` or `impossible`.
    pub verdict: String,
    /// The value in yuan as typed.
    pub value: String,
    /// The number of the report.
    pub report: String,
    /// Why it cannot be appraised.
    pub why: String,
}

impl AppraisalForm {
    /// What it says, or the field at fault.
    pub(super) fn answer(&self) -> Result<Answer, &'static str> {
        if self.verdict == "impossible" {
            let why = self.why.trim();
            return if why.is_empty() {
                Err("why")
            } else {
                Ok(Answer::Impossible { why: why.to_owned() })
            };
        }
        let value = Fen::parse_yuan(self.value.trim()).ok();
        let value = value.filter(|value| value.is_positive()).ok_or("value")?;
        let report = self.report.trim().to_owned();
        if report.is_empty() {
            return Err("report");
        }
        Ok(Answer::Worth { value, report })
    }
}

impl Page for AppraisalPage {
    const TEMPLATE: &'static str = "appraisal.html";

    fn samples() -> Vec<Self> {
        let at = |text: &str| common::sample_instant(text);
        let blank = Self {
            masthead: common::sample_masthead(),
            action: "/a/link".into(),
            appraiser: "示例资产评估有限公司".into(),
            item: "医用防护口罩".into(),
            grade: "GB 19083-2010 N95".into(),
            spec: "独立包装".into(),
            batch: "20260401".into(),
            pieces: 36_000,
            unit_word: "只".into(),
            expires_on: Some(common::sample_day("2028-05-07")),
            ends_at: at("2026-05-22T02:00:00Z"),
            step: Step::Form {
                form: AppraisalForm::default(),
                wrong: "",
            },
        };
        let with = |step| Self { step, ..blank.clone() };
        let typed = AppraisalForm {
            verdict: "worth".into(),
            value: "十万".into(),
            report: "评报字〔2026〕第 12 号".into(),
            why: String::new(),
        };
        let mut bare = with(Step::Form {
            form: typed.clone(),
            wrong: "value",
        });
        (bare.grade, bare.spec, bare.batch, bare.expires_on) = (String::new(), String::new(), String::new(), None);
        vec![
            blank.clone(),
            bare,
            with(Step::Form {
                form: AppraisalForm {
                    verdict: "impossible".into(),
                    ..typed
                },
                wrong: "why",
            }),
            with(Step::Valued {
                value_fen: Fen::new(10_080_000),
                report: "评报字〔2026〕第 12 号".into(),
                at: at("2026-05-09T02:00:00Z"),
            }),
            with(Step::Impossible {
                why: "无市场可比对象".into(),
                at: at("2026-05-09T02:00:00Z"),
            }),
            with(Step::Ended),
            with(Step::Withdrawn),
        ]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_a_value_with_its_report_or_why_there_is_none() {
        let form = |verdict: &str, value: &str, report: &str, why: &str| AppraisalForm {
            verdict: verdict.into(),
            value: value.into(),
            report: report.into(),
            why: why.into(),
        };
        let worth = form("worth", "1,234.50", "R-1", "").answer();
        assert!(matches!(worth, Ok(Answer::Worth { value, .. }) if value == Fen::new(123_450)));
        for (form, field) in [
            (form("worth", "", "R-1", ""), "value"),
            (form("worth", "-5", "R-1", ""), "value"),
            (form("worth", "0", "R-1", ""), "value"),
            (form("worth", "5", " ", ""), "report"),
            (form("impossible", "5", "R-1", " "), "why"),
        ] {
            assert_eq!(form.answer(), Err(field));
        }
        let none = form("impossible", "", "", "无可比对象").answer();
        assert_eq!(
            none,
            Ok(Answer::Impossible {
                why: "无可比对象".into()
            })
        );
    }
}
