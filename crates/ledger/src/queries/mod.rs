//! The books as they are read: trial balance, account ledger, 资产负债表, 业务活动表, 现金流量表, use rate. Each takes the reader's scope.
//!
//! All sums come from `book_balance`, a few rows per account and day however many gifts there were; only the account
//! ledger reads postings, and only those of the days on which the account has any.

pub mod account_ledger;
pub mod activities;
pub mod balance_sheet;
pub mod cash_flow;
pub mod costs;
pub mod gifts;
pub mod goods;
pub mod positions;
pub mod recount;
pub mod trial_balance;
pub mod use_rate;

use db::{DbError, Reads, Value, params};
use kernel::{BusinessDay, CampaignId, FundId, JournalId, ProjectId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use crate::LedgerError;
pub(crate) use crate::journal::store::{campaign_of, knows_fund};

/// What part of the books is asked for.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// What the reader may see, cut to what she asked for.
    pub scope: &'a Scope,
    /// The tree that the scope is read in.
    pub tree: &'a UnitTree,
    /// One fund alone.
    pub fund: Option<FundId>,
    /// One project alone.
    pub project: Option<ProjectId>,
    /// One campaign alone.
    pub campaign: Option<CampaignId>,
}

impl<'a> Part<'a> {
    /// All that the scope holds.
    pub const fn of(scope: &'a Scope, tree: &'a UnitTree) -> Self {
        Self {
            scope,
            tree,
            fund: None,
            project: None,
            campaign: None,
        }
    }

    /// The condition on `book_account a`; its values are pushed onto `params`.
    fn condition(&self, params: &mut Vec<Value>) -> String {
        let mut text = self.scope.condition("a.unit_id", self.tree, params);
        let mut also = |column: &str, value: Option<Value>| {
            if let Some(value) = value {
                params.push(value);
                text.push_str(&format!(" AND a.{column} = ?{}", params.len()));
            }
        };
        also("fund_id", self.fund.map(|f| db::Param::param((f,))));
        also("project_id", self.project.map(|p| db::Param::param((p,))));
        also("campaign_id", self.campaign.map(|c| db::Param::param((c,))));
        text
    }
}

/// A period of posting days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: BusinessDay,
    /// The last day.
    pub to: BusinessDay,
}

/// Debit and credit of all balances of the installation as they stand, for `qiao report totals`.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn trial_totals(at: &mut impl Reads) -> Result<trial_balance::Sides, LedgerError> {
    trial_balance::sides(at, &Part::of(&Scope::Everything, &UnitTree::new())).await
}

/// The key under which a journal of a unit's books was asked for; `None` where there is no such journal or it has none.
///
/// # Errors
/// Any [`DbError`].
pub async fn request_key(at: &mut impl Reads, unit: UnitId, journal: JournalId) -> Result<Option<String>, DbError> {
    let sql = "SELECT request_key FROM journal WHERE unit_id = ?1 AND id = ?2";
    let row = at.query_one(sql, params![(unit,), (journal,)]).await?;
    row.map_or(Ok(None), |row| row.opt_text("request_key"))
}
