//! Reads for showing: what a donor sees of her gift, what a project or campaign sees of its pools, one pool, what waits.

mod past;

use db::{DbError, Reads, Row, params};
use kernel::{CampaignId, GiftId, ProjectId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Decision, Pool, PoolId, Rule, Sponsor, Tallies};
use super::rules::{takes_project, takes_region};
use super::store::{self, DECISION, POOL, first_pool, read_decision, read_pool};

pub use past::{GIFTS_MAX, Past, PastError, PastOf, PastStream};

/// Pools in one answer: a giving day has some dozens.
const POOLS_MAX: i64 = 500;
/// Matches that wait, in one answer.
pub const HELD_MAX: i64 = 500;

/// A decision about a gift, with the pool that took it.
#[derive(Debug, Clone)]
pub struct OfGift {
    /// The pool's word.
    pub pool: String,
    /// Its title.
    pub title: String,
    /// The sponsor's public name.
    pub sponsor: String,
    /// The decision.
    pub decision: Decision,
}

/// A pool with its rule and what it has given.
#[derive(Debug, Clone)]
pub struct PoolView {
    /// The pool.
    pub pool: Pool,
    /// Its rule; none while it is being set up.
    pub rule: Option<Rule>,
    /// What it has given.
    pub tallies: Tallies,
}

/// All that pools decided about a gift, by pool and in the order of deciding: what its donor sees.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn of_gift(at: &mut impl Reads, gift: GiftId) -> Result<Vec<OfGift>, DbError> {
    let sql = format!(
        "SELECT {DECISION}, p.code, p.title, s.name AS sponsor_name FROM match_decision d
         JOIN match_pool p ON p.id = d.pool_id JOIN match_sponsor s ON s.id = p.sponsor_id
         WHERE d.gift_id = ?1 ORDER BY p.priority, p.code, d.number LIMIT {POOLS_MAX}"
    );
    at.query(&sql, params![(gift,)])
        .await?
        .iter()
        .map(read_of_gift)
        .collect()
}

fn read_of_gift(row: &Row) -> Result<OfGift, DbError> {
    Ok(OfGift {
        pool: row.text("code")?,
        title: row.text("title")?,
        sponsor: row.text("sponsor_name")?,
        decision: read_decision(row)?,
    })
}

async fn viewed(at: &mut impl Reads, pool: Pool) -> Result<PoolView, DbError> {
    let rule = store::rule(at, &pool, pool.rule_version).await?;
    let tallies = store::tallies(at, pool.unit, pool.id).await?;
    Ok(PoolView { pool, rule, tallies })
}

async fn all_viewed(at: &mut impl Reads, rows: Vec<Row>) -> Result<Vec<PoolView>, DbError> {
    let mut views = Vec::with_capacity(rows.len());
    for row in &rows {
        views.push(viewed(at, read_pool(row)?).await?);
    }
    Ok(views)
}

/// One pool by its word, drafts too: who shows it to the public leaves those out.
pub async fn pool(at: &mut impl Reads, code: &str) -> Result<Option<PoolView>, DbError> {
    match store::pool_by_code(at, code).await? {
        Some(pool) => viewed(at, pool).await.map(Some),
        None => Ok(None),
    }
}

/// A pool's decisions after a running number, at most `limit`, each with its project and its gift.
pub(super) async fn decided_after(
    at: &mut impl Reads,
    pool: &Pool,
    after: i64,
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    let sql = format!(
        "SELECT {DECISION}, p.code AS project_code, p.unit_id AS project_unit,
            p.region_code AS project_region, g.channel, g.amount_fen, g.paid_at
         FROM match_decision d JOIN project p ON p.id = d.project_id LEFT JOIN gift g ON g.id = d.gift_id
         WHERE d.unit_id = ?1 AND d.pool_id = ?2 AND d.number > ?3 ORDER BY d.number LIMIT ?4"
    );
    at.query(&sql, params![(pool.unit,), (pool.id,), after, limit]).await
}

/// A decision as it is told to everybody, with the project of its gift.
#[derive(Debug, Clone)]
pub struct Told {
    /// The decision.
    pub decision: Decision,
    /// The word of the project.
    pub project_code: String,
    /// The title of the project.
    pub project_title: String,
}

/// A pool's decisions before a running number, without one its newest; the newest first, at most `limit`.
pub async fn newest_decisions(
    at: &mut impl Reads,
    pool: &Pool,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Told>, DbError> {
    let sql = format!(
        "SELECT {DECISION}, p.code AS project_code, p.title AS project_title
         FROM match_decision d JOIN project p ON p.id = d.project_id
         WHERE d.unit_id = ?1 AND d.pool_id = ?2 AND d.number < ?3 ORDER BY d.number DESC LIMIT ?4"
    );
    let before = before.unwrap_or(i64::MAX);
    let rows = at.query(&sql, params![(pool.unit,), (pool.id,), before, limit]).await?;
    let told = |row: &Row| -> Result<Told, DbError> {
        Ok(Told {
            decision: read_decision(row)?,
            project_code: row.text("project_code")?,
            project_title: row.text("project_title")?,
        })
    };
    rows.iter().map(told).collect()
}

/// How many pools of a unit are published and not closed.
pub async fn running_of(at: &mut impl Reads, unit: UnitId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM match_pool WHERE unit_id = ?1 AND state IN ('published', 'open', 'closing')";
    at.query_one(sql, params![(unit,)])
        .await?
        .map_or(Ok(0), |row| row.int("n"))
}

/// The public pools of a campaign, in the order of asking.
pub async fn of_campaign(at: &mut impl Reads, campaign: CampaignId) -> Result<Vec<PoolView>, DbError> {
    let sql =
        format!("{POOL} WHERE p.campaign_id = ?1 AND p.state <> 'draft' ORDER BY p.priority, p.code LIMIT {POOLS_MAX}");
    let rows = at.query(&sql, params![(campaign,)]).await?;
    all_viewed(at, rows).await
}

/// The public pools that match gifts to a project, in the order of asking.
pub async fn of_project(at: &mut impl Reads, project: ProjectId, tree: &UnitTree) -> Result<Vec<PoolView>, DbError> {
    let Some(project) = crate::projects::store::load_intake_project(at, project).await? else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "{POOL} WHERE (p.campaign_id = ?1 OR p.campaign_id IS NULL) AND p.state <> 'draft'
         ORDER BY p.priority, p.code LIMIT {POOLS_MAX}"
    );
    let rows = at.query(&sql, params![project.campaign_id.map(|id| (id,))]).await?;
    let mut views = all_viewed(at, rows).await?;
    views.retain(|view| {
        let within = view.pool.campaign.is_some() || tree.is_within(project.unit_id, view.pool.unit);
        within
            && view
                .rule
                .as_ref()
                .is_some_and(|rule| takes_project(rule, &project.code) && takes_region(rule, Some(project.region)))
    });
    Ok(views)
}

/// Pools in a reader's scope, drafts too, in order of making after one, at most `limit`.
pub async fn list(
    at: &mut impl Reads,
    scope: &Scope,
    tree: &UnitTree,
    after: Option<PoolId>,
    limit: i64,
) -> Result<Vec<PoolView>, DbError> {
    let mut values = params![(after.unwrap_or_else(first_pool),), limit];
    let within = scope.condition("p.unit_id", tree, &mut values);
    let sql = format!("{POOL} WHERE {within} AND p.id > ?1 ORDER BY p.id LIMIT ?2");
    let rows = at.query(&sql, values).await?;
    all_viewed(at, rows).await
}

/// Sponsors in a reader's scope, by name.
pub async fn sponsors(at: &mut impl Reads, scope: &Scope, tree: &UnitTree) -> Result<Vec<Sponsor>, DbError> {
    let mut values = Vec::new();
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!(
        "SELECT id, unit_id, name, added_at FROM match_sponsor WHERE {within} ORDER BY name, id LIMIT {POOLS_MAX}"
    );
    let rows = at.query(&sql, values).await?;
    rows.iter().map(store::read_sponsor).collect()
}

/// Matches of a pool that wait for a person, oldest first.
pub async fn held(at: &mut impl Reads, pool: &Pool) -> Result<Vec<Decision>, DbError> {
    let sql = format!(
        "SELECT {DECISION} FROM match_decision d WHERE d.unit_id = ?1 AND d.pool_id = ?2 AND d.act = 'decided'
         AND d.reason = 'held' AND NOT EXISTS (SELECT 1 FROM match_decision e WHERE e.gift_id = d.gift_id
            AND e.pool_id = d.pool_id AND e.act IN ('released', 'refused'))
         ORDER BY d.number LIMIT {HELD_MAX}"
    );
    let rows = at.query(&sql, params![(pool.unit,), (pool.id,)]).await?;
    rows.iter().map(read_decision).collect()
}

/// The pool that a sponsor's gift came from, with the decision that made it.
pub async fn of_match(at: &mut impl Reads, match_gift: GiftId) -> Result<Option<OfGift>, DbError> {
    // A match's number says pool and running number, so no index on the match is needed.
    let sql = "SELECT trade_no FROM gift WHERE id = ?1 AND source = 'match'";
    let Some(row) = at.query_one(sql, params![(match_gift,)]).await? else {
        return Ok(None);
    };
    let trade_no = row.text("trade_no")?;
    let named = trade_no.strip_prefix("M-").and_then(|rest| rest.rsplit_once('-'));
    let Some((code, number)) = named.and_then(|(code, number)| Some((code, number.parse::<i64>().ok()?))) else {
        return Ok(None);
    };
    let Some(pool) = store::pool_by_code(at, code).await? else {
        return Ok(None);
    };
    let rows = store::of_pool(at, (pool.unit, pool.id), number - 1, 1).await?;
    let decision = rows.into_iter().find(|decision| decision.number == number);
    Ok(decision.map(|decision| OfGift {
        pool: pool.code,
        title: pool.title,
        sponsor: pool.sponsor_name,
        decision,
    }))
}
