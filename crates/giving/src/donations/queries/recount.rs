//! The nightly proof of the gifts: totals recounted from gifts and refunds, and compared with the books.
//!
//! `qiao doctor --deep` runs the same. A difference is a bug or a hand in the database; nothing here repairs it. It
//! reads every gift once; hand it one snapshot, so that all is of one moment.

use std::collections::HashMap;

use db::{DbError, Reads};
use kernel::{BusinessDay, Channel, Fen, ProjectId};
use ledger::LedgerError;
use ledger::queries::use_rate::{self, By, Subject};
use ledger::queries::{Part, Period};
use platform::UnitTree;
use platform::identity::Scope;

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

/// A project whose income in the books is not what its gifts less refunds are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BooksDiffer {
    /// The project.
    pub project: ProjectId,
    /// Gifts less refunds, by the totals.
    pub totals: Fen,
    /// Donation income, by the books.
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
}

impl Recount {
    /// Whether all is as it should be.
    pub const fn agrees(&self) -> bool {
        self.totals.is_empty() && self.books.is_empty() && self.misplaced == 0
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
    compare_books(at, kept, &mut found).await?;
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

/// Gifts less refunds of every project with any, and whether they are income.
async fn kept(at: &mut impl Reads) -> Result<HashMap<ProjectId, (Fen, Nature)>, DbError> {
    let sql = format!(
        "SELECT t.project_id, p.restriction, CAST(SUM(t.sum_fen - t.refund_fen) AS BIGINT) AS net
         FROM gift_total t JOIN project p ON p.id = t.project_id GROUP BY t.project_id, p.restriction
         ORDER BY t.project_id LIMIT {}",
        crate::projects::store::PROJECTS_MAX
    );
    let rows = at.query(&sql, vec![]).await?;
    rows.iter()
        .map(|row| Ok((row.id("project_id")?, (row.fen("net")?, row.word("restriction")?))))
        .collect()
}

async fn compare_books(
    at: &mut impl Reads,
    mut kept: HashMap<ProjectId, (Fen, Nature)>,
    found: &mut Recount,
) -> Result<(), LedgerError> {
    // Money held for others is no income: its projects are proved by the ledger's own recount alone.
    kept.retain(|_, (_, nature)| *nature != Nature::Agency);
    let (scope, tree) = (Scope::Everything, UnitTree::new());
    let part = Part::of(&scope, &tree);
    let (Ok(from), Ok(to)) = (
        BusinessDay::from_number(19_900_101),
        BusinessDay::from_number(99_991_231),
    ) else {
        return Ok(());
    };
    let lines = use_rate::read(at, &part, Period { from, to }, By::Project).await?;
    let whole = (lines.len() as i64) < use_rate::LINES_MAX;
    let mut books: HashMap<ProjectId, Fen> = HashMap::new();
    for line in lines {
        if let Subject::Project(Some(project)) = line.subject {
            books.insert(project, line.income);
        }
    }
    let mut projects: Vec<ProjectId> = kept.keys().copied().collect();
    projects.extend(books.keys().copied().filter(|project| !kept.contains_key(project)));
    projects.sort_unstable();
    for project in projects {
        let totals = kept.get(&project).map_or(Fen::ZERO, |(net, _)| *net);
        // Beyond what the books told in one answer nothing can be said.
        let Some(income) = books.get(&project).copied().or(whole.then_some(Fen::ZERO)) else {
            continue;
        };
        found.projects += 1;
        if income != totals && found.books.len() < FINDINGS_MAX {
            found.books.push(BooksDiffer {
                project,
                totals,
                books: income,
            });
        }
    }
    Ok(())
}
