//! What a reader of the books can ask for in the query string.

use kernel::BusinessDay;
use platform::Services;
use platform::identity::Scope;
use serde::Deserialize;
use web::{Problem, problem};

use super::export::Form;
use super::opt_id;
use crate::queries::use_rate::By;
use crate::queries::{Part, Period};

/// Which part of the books, over which posting days, in which form.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    pub unit: Option<String>,
    fund: Option<String>,
    project: Option<String>,
    campaign: Option<String>,
    from: Option<BusinessDay>,
    to: Option<BusinessDay>,
    #[serde(default)]
    pub format: Form,
    /// Use rate only: total, unit, campaign or project.
    pub by: Option<By>,
    /// Account ledger only.
    pub limit: Option<u16>,
    /// Account ledger only.
    pub cursor: Option<String>,
    /// 业务活动表 only: a day of the month wanted.
    pub month: Option<BusinessDay>,
}

/// The parameters that only one address takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    /// `from` and `to` alone.
    Days,
    /// Also `by`.
    By,
    /// Also `limit` and `cursor`.
    Page,
    /// `month` in the place of `from` and `to`.
    Month,
    /// `to` alone.
    To,
}

impl Asked {
    /// Refuses what this address does not take.
    pub fn only(&self, own: Own) -> Result<(), Problem> {
        let given = [
            ("by", self.by.is_some(), own == Own::By),
            ("limit", self.limit.is_some(), own == Own::Page),
            ("cursor", self.cursor.is_some(), own == Own::Page),
            ("month", self.month.is_some(), own == Own::Month),
            ("from", self.from.is_some(), !matches!(own, Own::Month | Own::To)),
            ("to", self.to.is_some(), own != Own::Month),
        ];
        match given.into_iter().find(|(_, given, taken)| *given && !*taken) {
            Some((field, ..)) => Err(Problem::new(problem::UNKNOWN_FIELD).field(field).arg("field", field)),
            None => Ok(()),
        }
    }
    /// From January to today where nothing is said.
    pub fn period(&self, today: BusinessDay) -> Result<Period, Problem> {
        let to = self.to.unwrap_or(today);
        let year_begins = to.plus_days(1 - i64::from(to.date().ordinal()));
        let from = self.from.unwrap_or(year_begins);
        if from > to {
            return Err(Problem::invalid("from", "a day not after “to” is expected"));
        }
        Ok(Period { from, to })
    }
    /// The last day; today where nothing is said.
    pub fn until(&self, today: BusinessDay) -> BusinessDay {
        self.to.unwrap_or(today)
    }
    pub fn part<'a>(&self, s: &'a Services, scope: &'a Scope) -> Result<Part<'a>, Problem> {
        Ok(Part {
            scope,
            tree: &s.tree,
            fund: opt_id(s, "fund", self.fund.as_deref())?,
            project: opt_id(s, "project", self.project.as_deref())?,
            campaign: opt_id(s, "campaign", self.campaign.as_deref())?,
        })
    }
}
