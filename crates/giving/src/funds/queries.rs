//! Reads for showing: a fund with what it holds, its statement, lists, alerts.

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{BusinessDay, Fen, FundId, ProjectId};
use ledger::funds::{Position, queries as books};
use platform::UnitTree;
use platform::identity::Scope;
use platform::parameters::{self, OverrideError};

use super::error::FundError;
use super::model::{Alert, Fee, NamedFund, Report, Version};
use super::{rules, store};

/// A fund with what its page shows.
#[derive(Debug, Clone)]
pub struct FundView {
    /// The fund.
    pub fund: NamedFund,
    /// What it holds.
    pub position: Position,
    /// Its fees, newest first.
    pub fees: Vec<Fee>,
    /// Its reports, newest first.
    pub reports: Vec<Report>,
}

/// The fund that a project feeds, whatever its state.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_project(at: &mut impl Reads, project: ProjectId) -> Result<Option<NamedFund>, DbError> {
    store::of_project(at, project).await
}

/// A fund.
///
/// # Errors
/// Any [`DbError`].
pub async fn fund(at: &mut impl Reads, id: FundId) -> Result<Option<NamedFund>, DbError> {
    store::fund(at, id).await
}

/// What a named fund must begin with on a day, founded by a person and by a unit (`fund.initial_person_yuan`,
/// `fund.initial_unit_yuan`): local rules, which a society sets as its own.
///
/// # Errors
/// [`OverrideError`] when the table of parameters cannot be used.
pub async fn initial_minimum(at: &mut impl Reads, day: BusinessDay) -> Result<(Fen, Fen), OverrideError> {
    let table = parameters::load(at).await?;
    Ok((
        table.yuan("fund.initial_person_yuan", day)?,
        table.yuan("fund.initial_unit_yuan", day)?,
    ))
}

/// The versions of a fund's agreement, newest first; one that was never amended has its first. None of a draft.
///
/// # Errors
/// Any [`DbError`].
pub async fn versions(at: &mut impl Reads, fund: &NamedFund) -> Result<Vec<Version>, DbError> {
    let mut versions = store::versions(at, fund.unit, fund.fund).await?;
    if versions.is_empty() {
        versions.extend(rules::first_version(fund));
    }
    versions.reverse();
    Ok(versions)
}

/// A fund with what its page shows, as of a day.
///
/// # Errors
/// [`FundError::Books`], [`FundError::Db`].
pub async fn view(at: &mut impl Reads, fund: NamedFund, today: BusinessDay) -> Result<FundView, FundError> {
    Ok(FundView {
        position: books::position(at, fund.fund, today).await?,
        fees: store::fees(at, fund.unit, fund.fund).await?,
        reports: store::reports(at, fund.unit, fund.fund).await?,
        fund,
    })
}

/// What a line of a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// Gifts, less what was given back.
    Gifts,
    /// The work itself.
    Programme,
    /// Managing it.
    Management,
    /// Raising money.
    Fundraising,
    /// The host's fee, a transfer, a restriction lifted.
    Moved,
    /// Anything else.
    Other,
}

impl LineKind {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gifts => "gifts",
            Self::Programme => "programme",
            Self::Management => "management",
            Self::Fundraising => "fundraising",
            Self::Moved => "moved",
            Self::Other => "other",
        }
    }
}

/// A line of a fund's statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The posting day.
    pub day: BusinessDay,
    /// What it is.
    pub kind: LineKind,
    /// What came in.
    pub received: Fen,
    /// What went out.
    pub spent: Fen,
    /// What the fund had afterwards.
    pub balance: Fen,
}

/// A fund's statement over days, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it had before.
    pub opening: Fen,
    /// Its lines, oldest first.
    pub lines: Vec<Line>,
    /// What it has afterwards.
    pub closing: Fen,
}

/// Reads the statement of a fund: its net assets, day by day.
///
/// # Errors
/// [`FundError::Books`].
pub async fn statement(
    at: &mut impl Reads,
    fund: FundId,
    (from, to): (BusinessDay, BusinessDay),
) -> Result<Statement, FundError> {
    let before = books::position(at, fund, from.plus_days(-1)).await?;
    let opening = before.restricted.plus(before.unrestricted)?;
    let mut balance = opening;
    let mut lines = Vec::new();
    for moved in books::moved(at, fund, (from, to)).await? {
        balance = balance.plus(moved.credit)?.minus(moved.debit)?;
        let kind = match moved.code.level1() {
            "4101" => LineKind::Gifts,
            "5101" => LineKind::Programme,
            "5301" => LineKind::Management,
            "5401" => LineKind::Fundraising,
            "3101" | "3102" => LineKind::Moved,
            _ => LineKind::Other,
        };
        lines.push(Line {
            day: moved.day,
            kind,
            received: moved.credit,
            spent: moved.debit,
            balance,
        });
    }
    Ok(Statement {
        opening,
        lines,
        closing: balance,
    })
}

/// Funds in the reader's scope, after one, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn funds(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    (after, limit): (Option<FundId>, i64),
) -> Result<Vec<NamedFund>, DbError> {
    let mut values = params![after.map_or([0; 16], FundId::bytes).to_vec(), limit];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = store::select(&format!("WHERE fund_id > ?1 AND {within} ORDER BY fund_id LIMIT ?2"));
    at.query(&sql, values).await?.iter().map(store::read).collect()
}

/// Open alerts in the reader's scope, oldest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn alerts(at: &mut impl Reads, (scope, tree): (&Scope, &UnitTree)) -> Result<Vec<Alert>, DbError> {
    let mut values = params![store::FUNDS_MAX];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!(
        "SELECT fund_id, kind, opened_on FROM named_fund_alert WHERE closed_on IS NULL AND {within}
        ORDER BY opened_on, fund_id, kind LIMIT ?1"
    );
    at.query(&sql, values).await?.iter().map(store::read_alert).collect()
}
