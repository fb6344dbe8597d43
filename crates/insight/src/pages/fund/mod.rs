//! `/f/{project}`: a named or community fund: its agreement, what it holds, its statement.

mod handlers;
#[cfg(test)]
mod tests;

use giving::funds::{FundKind, MinimumRule};
use kernel::{BusinessDay, Fen, Instant};
use serde::Serialize;
use web::{Masthead, Page};

use super::common::{self, Link};

pub use handlers::routes;

/// Months of the statement that the page shows; the file has all of it.
pub const MONTHS_SHOWN: usize = 12;

/// A fund's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FundPage {
    /// The society that hosts it.
    pub masthead: Masthead,
    /// Its full name.
    pub name: String,
    /// Who stands behind it.
    pub kind: FundKind,
    /// `open`, `closing` or `closed`.
    pub state: &'static str,
    /// The project that feeds it.
    pub project: Link,
    /// What it is for.
    pub purpose: String,
    /// The same in English; empty: shown in Chinese.
    pub purpose_en: String,
    /// How its money is used.
    pub spending: String,
    /// The same in English.
    pub spending_en: String,
    /// The agreement's number.
    pub agreement_no: String,
    /// When it was signed.
    pub signed_on: BusinessDay,
    /// The host's fee, as people write it: `3%`; none: no fee.
    pub fee: Option<String>,
    /// What is never spent; none: it may be spent whole.
    pub principal_fen: Option<Fen>,
    /// What it should hold.
    pub minimum_fen: Fen,
    /// What happens below that.
    pub minimum_rule: MinimumRule,
    /// The month of its yearly report.
    pub report_month: i64,
    /// The day of its yearly report.
    pub report_day: i64,
    /// Where its rest goes.
    pub rest: String,
    /// What was left and when, of one that is closed.
    pub closed: Option<(BusinessDay, Fen)>,
    /// What it holds.
    pub balance_fen: Fen,
    /// All gifts, less what was given back.
    pub received_fen: Fen,
    /// All that was spent on the work.
    pub spent_fen: Fen,
    /// All that the host took.
    pub fees_fen: Fen,
    /// Its newest months, newest first.
    pub months: Vec<FundMonth>,
    /// Its reports, newest first.
    pub reports: Vec<FundReport>,
    /// The statement as a file.
    pub statement: String,
    /// Where to give.
    pub give_url: Option<String>,
    /// As of.
    pub as_of: Instant,
}

/// A month of a fund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FundMonth {
    /// `2026-05`.
    pub month: String,
    /// What came in.
    pub received_fen: Fen,
    /// What went out.
    pub spent_fen: Fen,
    /// What it had afterwards.
    pub balance_fen: Fen,
}

/// A yearly report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FundReport {
    /// About which year.
    pub year: i64,
    /// The day it was published.
    pub day: BusinessDay,
    /// Its paragraphs in Chinese.
    pub words: Vec<String>,
    /// Its paragraphs in English.
    pub words_en: Vec<String>,
}

impl Page for FundPage {
    const TEMPLATE: &'static str = "fund.html";

    fn samples() -> Vec<Self> {
        let month = |month: &str, received: i64, spent: i64, balance: i64| FundMonth {
            month: month.into(),
            received_fen: Fen::new(received),
            spent_fen: Fen::new(spent),
            balance_fen: Fen::new(balance),
        };
        let open = Self {
            masthead: common::sample_masthead(),
            name: "示范市红十字会晨光助学基金".into(),
            kind: FundKind::Named,
            state: "open",
            project: Link {
                name: "晨光助学".into(),
                href: "/p/chenguang".into(),
            },
            purpose: "资助示范市困难家庭的中小学生。".into(),
            purpose_en: "Helps pupils of poor families in the city.".into(),
            spending: "学校或社区申请，管委会过半数同意，接收单位审核后直接付给学校或学生。".into(),
            spending_en: "Schools ask, the committee agrees by majority, the host checks and pays directly.".into(),
            agreement_no: "JJ-2026-001".into(),
            signed_on: common::sample_day("2026-01-15"),
            fee: Some("3%".into()),
            principal_fen: None,
            minimum_fen: Fen::new(5_000_000),
            minimum_rule: MinimumRule::Refuse,
            report_month: 3,
            report_day: 28,
            rest: "转入“人道救助”项目，仍用于助学。".into(),
            closed: None,
            balance_fen: Fen::new(86_230_000),
            received_fen: Fen::new(110_000_000),
            spent_fen: Fen::new(20_470_000),
            fees_fen: Fen::new(3_300_000),
            months: vec![
                month("2026-05", 1_000_000, 470_000, 86_230_000),
                month("2026-04", 0, 20_000_000, 85_700_000),
                month("2026-01", 100_000_000, 3_000_000, 97_000_000),
            ],
            reports: vec![FundReport {
                year: 2025,
                day: common::sample_day("2026-03-20"),
                words: vec!["本年度资助学生 212 名。".into(), "明细见结算单。".into()],
                words_en: vec!["212 pupils were helped this year.".into()],
            }],
            statement: "/f/chenguang/statement.csv".into(),
            give_url: Some("/p/chenguang/give".into()),
            as_of: common::sample_instant("2026-05-08T02:36:00Z"),
        };
        let mut kept = open.clone();
        kept.kind = FundKind::Community;
        kept.purpose_en = String::new();
        kept.spending_en = String::new();
        kept.fee = None;
        kept.principal_fen = Some(Fen::new(100_000_000));
        kept.minimum_rule = MinimumRule::Alert;
        kept.months.clear();
        kept.reports.clear();
        let mut closing = open.clone();
        closing.state = "closing";
        closing.give_url = None;
        let mut closed = closing.clone();
        closed.state = "closed";
        closed.closed = Some((common::sample_day("2026-12-01"), Fen::new(86_230_000)));
        closed.balance_fen = Fen::ZERO;
        vec![open, kept, closing, closed]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
