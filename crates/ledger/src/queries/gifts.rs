//! What the books hold of gifts, for those who count the gifts themselves: the donation income of every project, and for
//! projects whose money is only passed on (受托代理) what is owed to others in their name.

use db::{Reads, params};
use kernel::id::Id as _;
use kernel::{Fen, ProjectId, UnitId};

use crate::LedgerError;
use crate::journal::store::NONE;

/// Lines of one answer at most: the units of a province times the projects that each took money for, many times over.
pub const LINES_MAX: i64 = 200_000;

/// What a project's money is in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Donation income, refunds taken off (410101, 410102).
    Income,
    /// Owed to others, refunds taken off (2601). What is passed on names no project and does not lessen it.
    Held,
}

/// Gifts to a project in the books of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// Whose books.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// As what.
    pub side: Side,
    /// Credit less debit.
    pub fen: Fen,
}

/// All of it, the first [`LINES_MAX`] lines by unit and project.
///
/// # Errors
/// [`LedgerError::Db`].
pub async fn read(at: &mut impl Reads) -> Result<Vec<Booked>, LedgerError> {
    let held = "CASE WHEN a.code = '2601' THEN 1 ELSE 0 END";
    let sql = format!(
        "SELECT a.unit_id, a.project_id, CAST({held} AS BIGINT) AS held,
            CAST(SUM(b.credit_fen - b.debit_fen) AS BIGINT) AS fen
         FROM book_balance b JOIN book_account a ON a.id = b.account_id
         WHERE a.code IN ('410101', '410102', '2601') AND a.project_id <> ?1
         GROUP BY a.unit_id, a.project_id, {held}
         ORDER BY a.unit_id, a.project_id LIMIT {LINES_MAX}"
    );
    let rows = at.query(&sql, params![(ProjectId::from_bytes(NONE),)]).await?;
    let booked = |row: &db::Row| {
        Ok(Booked {
            unit: row.id("unit_id")?,
            project: row.id("project_id")?,
            side: if row.int("held")? == 1 {
                Side::Held
            } else {
                Side::Income
            },
            fen: row.fen("fen")?,
        })
    };
    rows.iter().map(booked).collect()
}
