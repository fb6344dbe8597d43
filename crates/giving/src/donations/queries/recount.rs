//! The nightly proof of the gifts: totals recounted from gifts and refunds, and compared with the books, project by
//! project and unit by unit, income as income and money of others as owed to them.
//!
//! `qiao doctor --deep` runs the same. A difference is a bug or a hand in the database; nothing here repairs it. It
//! reads every gift twice; hand it one snapshot, so that all is of one moment.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::{DbError, Reads};
use kernel::{BusinessDay, Channel, Fen, ProjectId, UnitId};
use ledger::LedgerError;
use ledger::queries::gifts::{self, Booked, Side};

use crate::projects::Nature;

/// Findings told; more than this is one catastrophe.
pub const FINDINGS_MAX: usize = 100;

/// Totals that are not what the gifts say: kept minus counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalsDiffer {
    /// The project.
    pub project: ProjectId,
    /// The channel.
    pub channel: Channel,
    /// The business day.
    pub day: BusinessDay,
    /// So many gifts too many.
    pub gifts: i64,
    /// So much too much.
    pub sum: Fen,
    /// So many refunds too many.
    pub refunds: i64,
    /// So much refunded too much.
    pub refund_sum: Fen,
}

/// A project whose money in the books is not what its gifts less refunds are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BooksDiffer {
    /// The project.
    pub project: ProjectId,
    /// Gifts less refunds, by the totals.
    pub totals: Fen,
    /// Donation income, or what is owed to others in its name, by the books of all units.
    pub books: Fen,
}

/// A unit whose books hold something else of a project than the gifts it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitDiffers {
    /// Whose books: the unit of the receiving account.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// As income, or as money of others.
    pub side: Side,
    /// Its gifts less refunds, one by one.
    pub gifts: Fen,
    /// What the books say.
    pub books: Fen,
}

/// What the recount found, the first [`FINDINGS_MAX`] of each kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recount {
    /// Gifts counted, those of imports that were taken back not among them.
    pub gifts: i64,
    /// Their sum.
    pub sum: Fen,
    /// Projects compared with the books.
    pub projects: usize,
    /// Totals that differ.
    pub totals: Vec<TotalsDiffer>,
    /// Totals that stand under another unit than their project's.
    pub misplaced: i64,
    /// Projects that differ from the books.
    pub books: Vec<BooksDiffer>,
    /// Units that differ from the books.
    pub units: Vec<UnitDiffers>,
}

impl Recount {
    /// Whether all is as it should be.
    pub const fn agrees(&self) -> bool {
        self.totals.is_empty() && self.books.is_empty() && self.units.is_empty() && self.misplaced == 0
    }
}

/// What totals keep, less what gifts and refunds say: a group that remains differs.
const SIGNED: &str = "
    SELECT project_id, channel, business_day, gifts, sum_fen, refunds, refund_fen FROM gift_total
    UNION ALL
    SELECT project_id, channel, business_day, -COUNT(*), -SUM(amount_fen), 0, 0 FROM gift
    GROUP BY project_id, channel, business_day
    UNION ALL
    SELECT g.project_id, g.channel, g.business_day, COUNT(*), SUM(g.amount_fen), 0, 0
    FROM gift_refund r JOIN gift g ON g.id = r.gift_id WHERE r.reason = 'import_reversal'
    GROUP BY g.project_id, g.channel, g.business_day
    UNION ALL
    SELECT g.project_id, g.channel, r.business_day, 0, 0, -COUNT(*), -SUM(r.amount_fen)
    FROM gift_refund r JOIN gift g ON g.id = r.gift_id
    WHERE r.state = 'approved' AND r.reason <> 'import_reversal'
    GROUP BY g.project_id, g.channel, r.business_day";

/// Recounts everything.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn recount(at: &mut impl Reads) -> Result<Recount, LedgerError> {
    let mut found = Recount {
        totals: totals(at).await?,
        misplaced: misplaced(at).await?,
        ..Recount::default()
    };
    let kept = kept(at).await?;
    let sql = "SELECT CAST(COALESCE(SUM(gifts), 0) AS BIGINT) AS gifts,
        CAST(COALESCE(SUM(sum_fen), 0) AS BIGINT) AS sum_fen FROM gift_total";
    if let Some(row) = at.query_one(sql, vec![]).await? {
        (found.gifts, found.sum) = (row.int("gifts")?, row.fen("sum_fen")?);
    }
    let books = gifts::read(at).await?;
    compare_projects(&kept, &books, &mut found)?;
    compare_units(&received(at).await?, &books, &mut found);
    Ok(found)
}

async fn totals(at: &mut impl Reads) -> Result<Vec<TotalsDiffer>, DbError> {
    let sql = format!(
        "SELECT project_id, channel, business_day, CAST(SUM(gifts) AS BIGINT) AS gifts,
            CAST(SUM(sum_fen) AS BIGINT) AS sum_fen, CAST(SUM(refunds) AS BIGINT) AS refunds,
            CAST(SUM(refund_fen) AS BIGINT) AS refund_fen
         FROM ({SIGNED}) AS signed GROUP BY project_id, channel, business_day
         HAVING SUM(gifts) <> 0 OR SUM(sum_fen) <> 0 OR SUM(refunds) <> 0 OR SUM(refund_fen) <> 0
         ORDER BY project_id, channel, business_day LIMIT {FINDINGS_MAX}"
    );
    let rows = at.query(&sql, vec![]).await?;
    let differ = |row: &db::Row| {
        Ok(TotalsDiffer {
            project: row.id("project_id")?,
            channel: row.word("channel")?,
            day: row.day("business_day")?,
            gifts: row.int("gifts")?,
            sum: row.fen("sum_fen")?,
            refunds: row.int("refunds")?,
            refund_sum: row.fen("refund_fen")?,
        })
    };
    rows.iter().map(differ).collect()
}

async fn misplaced(at: &mut impl Reads) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM gift_total t LEFT JOIN project p ON p.id = t.project_id
        WHERE p.unit_id IS NULL OR p.unit_id <> t.unit_id";
    at.query_one(sql, vec![]).await?.map_or(Ok(0), |row| row.int("n"))
}

/// Gifts less refunds of every project with any, by the totals.
async fn kept(at: &mut impl Reads) -> Result<HashMap<ProjectId, Fen>, DbError> {
    let sql = format!(
        "SELECT project_id, CAST(SUM(sum_fen - refund_fen) AS BIGINT) AS net
         FROM gift_total GROUP BY project_id ORDER BY project_id LIMIT {}",
        crate::projects::store::PROJECTS_MAX
    );
    let rows = at.query(&sql, vec![]).await?;
    rows.iter()
        .map(|row| Ok((row.id("project_id")?, row.fen("net")?)))
        .collect()
}

type OfUnit = BTreeMap<(UnitId, ProjectId, Side), Fen>;

/// Gifts less refunds by the unit that received them and their project, one by one.
async fn received(at: &mut impl Reads) -> Result<OfUnit, DbError> {
    let sql = format!(
        "SELECT s.unit_id, s.project_id, p.restriction, CAST(SUM(s.fen) AS BIGINT) AS net FROM (
            SELECT unit_id, project_id, SUM(amount_fen) AS fen FROM gift GROUP BY unit_id, project_id
            UNION ALL
            SELECT g.unit_id, g.project_id, -SUM(r.amount_fen) AS fen
            FROM gift_refund r JOIN gift g ON g.id = r.gift_id
            WHERE r.state = 'approved' OR r.reason = 'import_reversal' GROUP BY g.unit_id, g.project_id) AS s
         JOIN project p ON p.id = s.project_id
         GROUP BY s.unit_id, s.project_id, p.restriction ORDER BY s.unit_id, s.project_id LIMIT {}",
        gifts::LINES_MAX
    );
    let rows = at.query(&sql, vec![]).await?;
    let line = |row: &db::Row| {
        let side = match row.word::<Nature>("restriction")? {
            Nature::Agency => Side::Held,
            Nature::Restricted | Nature::Unrestricted => Side::Income,
        };
        Ok(((row.id("unit_id")?, row.id("project_id")?, side), row.fen("net")?))
    };
    rows.iter().map(line).collect()
}

/// Whether the books told all they have: beyond that nothing can be said of what is missing.
fn is_whole(lines: usize) -> bool {
    (lines as i64) < gifts::LINES_MAX
}

fn compare_projects(kept: &HashMap<ProjectId, Fen>, booked: &[Booked], found: &mut Recount) -> Result<(), LedgerError> {
    let mut books: HashMap<ProjectId, Fen> = HashMap::new();
    for line in booked {
        let sum = books.entry(line.project).or_default();
        *sum = sum.plus(line.fen)?;
    }
    let projects: BTreeSet<ProjectId> = kept.keys().chain(books.keys()).copied().collect();
    for project in projects {
        let totals = kept.get(&project).copied().unwrap_or(Fen::ZERO);
        let there = books.get(&project).copied();
        let Some(books) = there.or(is_whole(booked.len()).then_some(Fen::ZERO)) else {
            continue;
        };
        found.projects += 1;
        if books != totals && found.books.len() < FINDINGS_MAX {
            found.books.push(BooksDiffer { project, totals, books });
        }
    }
    Ok(())
}

fn compare_units(received: &OfUnit, booked: &[Booked], found: &mut Recount) {
    let books: OfUnit = booked
        .iter()
        .map(|line| ((line.unit, line.project, line.side), line.fen))
        .collect();
    if !is_whole(booked.len()) || !is_whole(received.len()) {
        return;
    }
    let keys: BTreeSet<_> = received.keys().chain(books.keys()).copied().collect();
    let fen = |of: &OfUnit, key: &(UnitId, ProjectId, Side)| of.get(key).copied().unwrap_or(Fen::ZERO);
    for key in keys {
        let (gifts, books) = (fen(received, &key), fen(&books, &key));
        if gifts != books && found.units.len() < FINDINGS_MAX {
            let (unit, project, side) = key;
            found.units.push(UnitDiffers {
                unit,
                project,
                side,
                gifts,
                books,
            });
        }
    }
}
