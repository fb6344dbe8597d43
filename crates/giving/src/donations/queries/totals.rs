//! Sums for showing: of everything in a scope, of a campaign, of a project; by channel, day, project and unit.
//!
//! All of it reads `gift_total`, which stands in the transaction of its gifts, so a figure costs the same after ten
//! million gifts. Matches are told apart ([`matched`]). Sums are gross of refunds, which stand beside them; a gift taken back with its import counts nowhere.

use db::{DbError, Reads, Row, Value, params};
use kernel::{BusinessDay, CampaignId, Channel, Fen, ProjectId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;
use serde::Serialize;

/// Days in one answer: a century.
const DAYS_MAX: i64 = 36_525;
/// Projects or units in one answer: more than a province has.
const GROUPS_MAX: i64 = 100_000;

/// Whose gifts are summed. The reader's scope always comes on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Everything in the scope.
    Everything,
    /// All projects of a campaign.
    Campaign(CampaignId),
    /// One project.
    Project(ProjectId),
}

/// Money given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Refunds {
    /// How many refunds.
    pub count: i64,
    /// Their sum.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
}

/// Confirmed gifts, gross of refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Sums {
    /// How many gifts.
    pub gifts: i64,
    /// Their sum.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
    /// What was given back of them.
    pub refunds: Refunds,
}

/// The gifts of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChannelSum {
    /// The channel.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// How many gifts.
    pub gifts: i64,
    /// Their sum.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
}

/// The gifts of one business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DaySum {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: BusinessDay,
    /// How many gifts.
    pub gifts: i64,
    /// Their sum.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
}

/// The report of totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Totals {
    /// All of it.
    #[serde(flatten)]
    pub sums: Sums,
    /// By channel: always all eight, in their order.
    pub by_channel: Vec<ChannelSum>,
    /// By business day, oldest first; days without gifts are left out.
    pub by_day: Vec<DaySum>,
}

/// The sums of one project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectSums {
    /// The project.
    pub project: ProjectId,
    /// The unit that runs it.
    pub unit: UnitId,
    /// Its sums.
    pub sums: Sums,
}

/// The sums of one unit, in the order of a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitSums {
    /// The unit.
    pub unit: UnitId,
    /// 1, 2, 2, 4: the same sum has the same rank.
    pub rank: i64,
    /// Its sums.
    pub sums: Sums,
}

/// Gifts, or matches, of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindSums {
    /// The unit.
    pub unit: UnitId,
    /// Whether they are matches.
    pub is_match: bool,
    /// Their sums.
    pub sums: Sums,
}

const SUMS: &str = "CAST(COALESCE(SUM(t.gifts), 0) AS BIGINT) AS gifts,
    CAST(COALESCE(SUM(t.sum_fen), 0) AS BIGINT) AS sum_fen,
    CAST(COALESCE(SUM(t.refunds), 0) AS BIGINT) AS refunds,
    CAST(COALESCE(SUM(t.refund_fen), 0) AS BIGINT) AS refund_fen";
/// What people gave; what sponsors matched is told apart by [`matched`].
const GIVEN: &str = "t.channel <> 'match'";
/// What sponsors matched.
const MATCHED: &str = "t.channel = 'match'";

/// `FROM … WHERE …` of a selection.
fn selection(of: Of, scope: &Scope, tree: &UnitTree, values: &mut Vec<Value>) -> String {
    part(GIVEN, of, scope, tree, values)
}

fn part(which: &str, of: Of, scope: &Scope, tree: &UnitTree, values: &mut Vec<Value>) -> String {
    let within = format!("{} AND {which}", scope.condition("t.unit_id", tree, values));
    let mut mark = |value: Vec<Value>| {
        values.extend(value);
        values.len()
    };
    match of {
        Of::Everything => format!("FROM gift_total t WHERE {within}"),
        // The unit leads the key of `gift_total`, so it is named although the project says it already.
        Of::Campaign(campaign) => {
            let n = mark(params![(campaign,)]);
            format!(
                "FROM project p JOIN gift_total t ON t.unit_id = p.unit_id AND t.project_id = p.id
                 WHERE p.campaign_id = ?{n} AND {within}"
            )
        }
        Of::Project(project) => {
            let n = mark(params![(project,)]);
            format!(
                "FROM project p JOIN gift_total t ON t.unit_id = p.unit_id AND t.project_id = p.id
                 WHERE p.id = ?{n} AND {within}"
            )
        }
    }
}

fn read(row: &Row) -> Result<Sums, DbError> {
    Ok(Sums {
        gifts: row.int("gifts")?,
        sum_fen: row.fen("sum_fen")?,
        refunds: Refunds {
            count: row.int("refunds")?,
            sum_fen: row.fen("refund_fen")?,
        },
    })
}

/// Count and sum, and nothing else: the figure at the top of a page.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn sums(at: &mut impl Reads, of: Of, scope: &Scope, tree: &UnitTree) -> Result<Sums, DbError> {
    let mut values = Vec::new();
    let from = selection(of, scope, tree, &mut values);
    let row = at.query_one(&format!("SELECT {SUMS} {from}"), values).await?;
    row.as_ref().map_or(Ok(Sums::default()), read)
}

/// What sponsors matched: matches and their sum, gross of what went back.
pub async fn matched(at: &mut impl Reads, of: Of, scope: &Scope, tree: &UnitTree) -> Result<Sums, DbError> {
    let mut values = Vec::new();
    let from = part(MATCHED, of, scope, tree, &mut values);
    let row = at.query_one(&format!("SELECT {SUMS} {from}"), values).await?;
    row.as_ref().map_or(Ok(Sums::default()), read)
}

/// The whole report: sums, channels, days.
pub async fn totals(at: &mut impl Reads, of: Of, scope: &Scope, tree: &UnitTree) -> Result<Totals, DbError> {
    let sums = sums(at, of, scope, tree).await?;
    let by_channel = by_channel(at, of, scope, tree).await?;
    let by_day = by_day(at, of, scope, tree).await?;
    Ok(Totals {
        sums,
        by_channel,
        by_day,
    })
}

/// By channel: always all eight.
pub async fn by_channel(
    at: &mut impl Reads,
    of: Of,
    scope: &Scope,
    tree: &UnitTree,
) -> Result<Vec<ChannelSum>, DbError> {
    let mut values = Vec::new();
    let from = selection(of, scope, tree, &mut values);
    let rows = at
        .query(&format!("SELECT t.channel, {SUMS} {from} GROUP BY t.channel"), values)
        .await?;
    let mut all: Vec<ChannelSum> = Channel::ALL
        .into_iter()
        .map(|channel| ChannelSum {
            channel,
            gifts: 0,
            sum_fen: Fen::ZERO,
        })
        .collect();
    for row in &rows {
        let channel: Channel = row.word("channel")?;
        if let Some(entry) = all.iter_mut().find(|entry| entry.channel == channel) {
            entry.gifts = row.int("gifts")?;
            entry.sum_fen = row.fen("sum_fen")?;
        }
    }
    Ok(all)
}

/// By business day, oldest first, without the days that only had refunds.
pub async fn by_day(at: &mut impl Reads, of: Of, scope: &Scope, tree: &UnitTree) -> Result<Vec<DaySum>, DbError> {
    let mut values = Vec::new();
    let from = selection(of, scope, tree, &mut values);
    let sql = format!(
        "SELECT t.business_day, {SUMS} {from} GROUP BY t.business_day HAVING SUM(t.gifts) > 0
         ORDER BY t.business_day LIMIT {DAYS_MAX}"
    );
    let rows = at.query(&sql, values).await?;
    let day = |row: &Row| {
        Ok(DaySum {
            day: row.day("business_day")?,
            gifts: row.int("gifts")?,
            sum_fen: row.fen("sum_fen")?,
        })
    };
    rows.iter().map(day).collect()
}

/// By project, the largest sum first; projects without gifts are left out. Equal sums stand in the order of making.
pub async fn by_project(
    at: &mut impl Reads,
    of: Of,
    scope: &Scope,
    tree: &UnitTree,
) -> Result<Vec<ProjectSums>, DbError> {
    let mut values = Vec::new();
    let from = selection(of, scope, tree, &mut values);
    let sql = format!(
        "SELECT t.project_id, t.unit_id, {SUMS} {from} GROUP BY t.project_id, t.unit_id
         ORDER BY SUM(t.sum_fen) DESC, t.project_id LIMIT {GROUPS_MAX}"
    );
    let rows = at.query(&sql, values).await?;
    let entry = |row: &Row| {
        Ok(ProjectSums {
            project: row.id("project_id")?,
            unit: row.id("unit_id")?,
            sums: read(row)?,
        })
    };
    rows.iter().map(entry).collect()
}

/// The rank of units (counties) by sum, the largest first; units without gifts are left out. Equal sums share a rank
/// and stand in the order of the units' making, so that two looks show the same list.
pub async fn by_unit(at: &mut impl Reads, of: Of, scope: &Scope, tree: &UnitTree) -> Result<Vec<UnitSums>, DbError> {
    let mut values = Vec::new();
    let from = selection(of, scope, tree, &mut values);
    let sql = format!(
        "SELECT t.unit_id, {SUMS} {from} GROUP BY t.unit_id
         ORDER BY SUM(t.sum_fen) DESC, t.unit_id LIMIT {GROUPS_MAX}"
    );
    let rows = at.query(&sql, values).await?;
    let mut ranked: Vec<UnitSums> = Vec::with_capacity(rows.len());
    for (place, row) in (1..).zip(&rows) {
        let sums = read(row)?;
        let rank = match ranked.last() {
            Some(before) if before.sums.sum_fen == sums.sum_fen => before.rank,
            _ => place,
        };
        ranked.push(UnitSums {
            unit: row.id("unit_id")?,
            rank,
            sums,
        });
    }
    Ok(ranked)
}

/// Gifts and matches apart, of every unit, in no scope: what the public log is held against.
pub async fn of_units(at: &mut impl Reads) -> Result<Vec<KindSums>, DbError> {
    let is_match = "CASE WHEN t.channel = 'match' THEN 1 ELSE 0 END";
    let sql = format!(
        "SELECT t.unit_id, CAST({is_match} AS BIGINT) AS is_match, {SUMS} FROM gift_total t
         GROUP BY t.unit_id, {is_match} ORDER BY t.unit_id LIMIT {GROUPS_MAX}"
    );
    let rows = at.query(&sql, vec![]).await?;
    let entry = |row: &Row| {
        Ok(KindSums {
            unit: row.id("unit_id")?,
            is_match: row.flag("is_match")?,
            sums: read(row)?,
        })
    };
    rows.iter().map(entry).collect()
}
