//! Lists of children as they are shown, masked, and summed by size.

use db::{DbError, Reads, Row, params};

use super::model::{Child, ChildList, Outcome, SizeSum};
use super::store::{self, CHILD, LIST, read, read_list};
use crate::{AgreementId, ListId};

/// Lists of one agreement in one answer.
const LISTS_MAX: i64 = 1_000;
/// Children of one list in one answer.
const CHILDREN_MAX: i64 = 5_000;

/// The lists under an agreement, the newest first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn lists(at: &mut impl Reads, agreement: AgreementId) -> Result<Vec<ChildList>, DbError> {
    let sql = format!("{LIST} WHERE agreement_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(agreement,), LISTS_MAX]).await?;
    rows.iter().map(read_list).collect()
}

/// A list by its id.
pub async fn list(at: &mut impl Reads, id: ListId) -> Result<Option<ChildList>, DbError> {
    store::list(at, id).await
}

/// The children of a list in their order, masked.
pub async fn children(at: &mut impl Reads, id: ListId) -> Result<Vec<Child>, DbError> {
    let sql = format!("{CHILD} WHERE list_id = ?1 ORDER BY n LIMIT ?2");
    let rows = at.query(&sql, params![(id,), CHILDREN_MAX]).await?;
    rows.iter().map(read).collect()
}

/// How many children of a list have which size.
pub async fn by_size(at: &mut impl Reads, id: ListId) -> Result<Vec<SizeSum>, DbError> {
    let sql = "SELECT garment, shoe, COUNT(*) AS n FROM partner_child WHERE list_id = ?1 AND withdrawn_at IS NULL
         GROUP BY garment, shoe ORDER BY garment, shoe";
    let rows = at.query(sql, params![(id,)]).await?;
    let read = |row: &Row| {
        Ok(SizeSum {
            garment: row.int("garment")?,
            shoe: row.int("shoe")?,
            children: row.int("n")?,
        })
    };
    rows.iter().map(read).collect()
}

/// How many children of a list have which outcome.
pub async fn by_outcome(at: &mut impl Reads, id: ListId) -> Result<Vec<(Outcome, i64)>, DbError> {
    let sql = "SELECT outcome, COUNT(*) AS n FROM partner_child WHERE list_id = ?1 AND withdrawn_at IS NULL
         GROUP BY outcome ORDER BY outcome";
    let rows = at.query(sql, params![(id,)]).await?;
    rows.iter()
        .map(|row| Ok((row.word("outcome")?, row.int("n")?)))
        .collect()
}
