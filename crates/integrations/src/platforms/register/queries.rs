//! The register for showing: each unit with its standing and steps, papers that end, pages, raises.

use db::{DbError, Reads, params};
use governance::network::Unit;
use governance::network::queries::{UnitFilter, units};
use kernel::id::Id as _;
use kernel::{BusinessDay, RegionCode, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Account, Ending, Page, Paper, Raise, RaiseState, StepView};
use super::rules::{self, TELL_DAYS};
use super::store::{self, PAGE, PAPER, RAISE, read_page, read_paper, read_raise};
use crate::platforms::model::PlatformCode;

/// Papers of one unit on one platform.
const PAPERS_OF_UNIT_MAX: i64 = 500;

/// How a unit stands with a platform.
#[derive(Debug, Clone)]
pub struct UnitView {
    /// The unit.
    pub unit: Unit,
    /// Its account; none when it has not joined and is not on its way.
    pub account: Option<Account>,
    /// The steps to join.
    pub steps: Vec<StepView>,
    /// Its papers, the first to end first.
    pub papers: Vec<Paper>,
    /// Its pages.
    pub pages: i64,
    /// Of these, raising money.
    pub raising: i64,
    /// Raises that wait.
    pub waiting: i64,
}

/// Open units in the reader's scope by region after one, with their standing.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn standing(
    at: &mut impl Reads,
    platform: PlatformCode,
    (scope, tree): (&Scope, &UnitTree),
    after: Option<(RegionCode, UnitId)>,
    limit: i64,
) -> Result<Vec<UnitView>, DbError> {
    let filter = UnitFilter {
        after,
        ..UnitFilter::default()
    };
    let found = units(at, scope, tree, &filter, limit).await?;
    let keys = store::keys_since(at, platform).await?;
    let mut views = Vec::with_capacity(found.len());
    for unit in found {
        let key = (unit.id, platform);
        let (pages, raising, waiting) = counts(at, key).await?;
        let first_page = first_listed(at, key).await?;
        let done = store::steps(at, key).await?;
        let steps = rules::steps(&done, keys.get(&unit.id).map(|at| at.business_day()), first_page);
        views.push(UnitView {
            account: store::account(at, key).await?,
            steps,
            papers: papers_of(at, key).await?,
            pages,
            raising,
            waiting,
            unit,
        });
    }
    Ok(views)
}

/// Papers in the scope that end soon or have ended, the first to end first.
pub async fn ending(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    today: BusinessDay,
) -> Result<Vec<Ending>, DbError> {
    let found = store::ending_before(at, today.plus_days(TELL_DAYS[0])).await?;
    let seen = found.into_iter().filter(|paper| scope.contains(paper.unit, tree));
    let ending = seen.map(|paper| Ending {
        days_left: rules::days_left(paper.valid_to, today),
        paper,
    });
    Ok(ending.collect())
}

/// Pages after one, by unit and number.
pub async fn pages(
    at: &mut impl Reads,
    platform: PlatformCode,
    (scope, tree): (&Scope, &UnitTree),
    after: Option<(UnitId, String)>,
    limit: i64,
) -> Result<Vec<Page>, DbError> {
    let (unit, number) = after.unwrap_or((UnitId::from_bytes([0; 16]), String::new()));
    let mut values = params![limit, platform.as_str(), (unit,), number];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!(
        "{PAGE} WHERE platform = ?2 AND (unit_id > ?3 OR (unit_id = ?3 AND project_no > ?4)) AND {within}
         ORDER BY unit_id, project_no LIMIT ?1"
    );
    at.query(&sql, values).await?.iter().map(read_page).collect()
}

/// Raises, what is needed first first.
pub async fn raises(
    at: &mut impl Reads,
    state: Option<RaiseState>,
    (scope, tree): (&Scope, &UnitTree),
    limit: i64,
) -> Result<Vec<Raise>, DbError> {
    let mut values = params![limit];
    let mut within = scope.condition("unit_id", tree, &mut values);
    if let Some(state) = state {
        values.push(db::Param::param(state.as_str()));
        within = format!("{within} AND state = ?{}", values.len());
    }
    let sql = format!("{RAISE} WHERE {within} ORDER BY needed_by, id LIMIT ?1");
    at.query(&sql, values).await?.iter().map(read_raise).collect()
}

async fn papers_of(at: &mut impl Reads, (unit, platform): (UnitId, PlatformCode)) -> Result<Vec<Paper>, DbError> {
    let sql = format!("{PAPER} WHERE unit_id = ?1 AND platform = ?2 ORDER BY valid_to, kind, number LIMIT ?3");
    let key = params![(unit,), platform.as_str(), PAPERS_OF_UNIT_MAX];
    at.query(&sql, key).await?.iter().map(read_paper).collect()
}

async fn first_listed(
    at: &mut impl Reads,
    (unit, platform): (UnitId, PlatformCode),
) -> Result<Option<BusinessDay>, DbError> {
    let sql = "SELECT MIN(listed_on) AS day FROM platform_listing WHERE unit_id = ?1 AND platform = ?2";
    let row = at.query_one(sql, params![(unit,), platform.as_str()]).await?;
    row.map_or(Ok(None), |row| row.opt_day("day"))
}

/// Pages, pages that raise and raises that wait, of a unit on a platform.
async fn counts(at: &mut impl Reads, (unit, platform): (UnitId, PlatformCode)) -> Result<(i64, i64, i64), DbError> {
    let sql = "SELECT COUNT(*) AS pages,
        CAST(COALESCE(SUM(CASE WHEN state = 'raising' THEN 1 ELSE 0 END), 0) AS BIGINT) AS raising
        FROM platform_listing WHERE unit_id = ?1 AND platform = ?2";
    let key = || params![(unit,), platform.as_str()];
    let (pages, raising) = match at.query_one(sql, key()).await? {
        Some(row) => (row.int("pages")?, row.int("raising")?),
        None => (0, 0),
    };
    let sql = "SELECT COUNT(*) AS n FROM platform_raise WHERE unit_id = ?1 AND platform = ?2 AND state = 'waiting'";
    let row = at.query_one(sql, key()).await?;
    let waiting = row.map_or(Ok(0), |row| row.int("n"))?;
    Ok((pages, raising, waiting))
}
