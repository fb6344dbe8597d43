//! The use rate 支出/收入 (M-13: 165 of 177 million is 93.2 %): what of the donations was spent on the work, by unit,
//! campaign or project, over a period of posting days. Agency money is in neither.

use db::{Reads, params};
use kernel::{CampaignId, Fen, ProjectId, UnitId};
use serde::{Deserialize, Serialize};

use super::{Part, Period};
use crate::LedgerError;
use crate::journal::store::NONE;

/// Lines of one answer at most; a society with more projects asks by campaign.
pub const LINES_MAX: i64 = 5_000;

/// What the lines are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// One line for all.
    #[default]
    Total,
    /// A line per unit.
    Unit,
    /// A line per campaign; one for what has none.
    Campaign,
    /// A line per project; one for what has none.
    Project,
}

/// Whom a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// All of it.
    Total,
    /// A unit.
    Unit(UnitId),
    /// A campaign, or none.
    Campaign(Option<CampaignId>),
    /// A project, or none.
    Project(Option<ProjectId>),
}

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UseRate {
    /// Whom it is about.
    pub subject: Subject,
    /// 捐赠收入, refunds taken off.
    pub income: Fen,
    /// 业务活动成本.
    pub spent: Fen,
    /// Spent of income in parts of a thousand, rounded half up; nothing without income.
    pub per_mille: Option<i64>,
}

/// The use rates of a part of the books.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn read(at: &mut impl Reads, part: &Part<'_>, period: Period, by: By) -> Result<Vec<UseRate>, LedgerError> {
    let mut values = params![period.from, period.to];
    let condition = part.condition(&mut values);
    let (column, group) = match by {
        By::Total => ("", ""),
        By::Unit => ("a.unit_id AS subject,", "GROUP BY a.unit_id ORDER BY a.unit_id"),
        By::Campaign => (
            "a.campaign_id AS subject,",
            "GROUP BY a.campaign_id ORDER BY a.campaign_id",
        ),
        By::Project => (
            "a.project_id AS subject,",
            "GROUP BY a.project_id ORDER BY a.project_id",
        ),
    };
    let sum = |codes: &str, difference: &str| {
        format!("CAST(COALESCE(SUM(CASE WHEN a.code IN ({codes}) THEN {difference} ELSE 0 END), 0) AS BIGINT)")
    };
    let sql = format!(
        "SELECT {column} {} AS income, {} AS spent
         FROM book_balance b JOIN book_account a ON a.id = b.account_id
         WHERE a.code IN ('410101', '410102', '510101', '510102') AND b.day >= ?1 AND b.day <= ?2 AND {condition}
         {group} LIMIT {LINES_MAX}",
        sum("'410101', '410102'", "b.credit_fen - b.debit_fen"),
        sum("'510101', '510102'", "b.debit_fen - b.credit_fen"),
    );
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| {
            let subject = match by {
                By::Total => Subject::Total,
                By::Unit => Subject::Unit(row.id("subject")?),
                By::Campaign => Subject::Campaign(row.opt_id("subject")?),
                By::Project => {
                    let none = row.bytes("subject")? == NONE;
                    Subject::Project(if none { None } else { Some(row.id("subject")?) })
                }
            };
            let (income, spent) = (row.fen("income")?, row.fen("spent")?);
            Ok(UseRate {
                subject,
                income,
                spent,
                per_mille: spent.share_of(income, 1_000),
            })
        })
        .collect()
}
