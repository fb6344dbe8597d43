//! How far an agreement is: asked of the books and of the goods, never kept.

use db::Snapshot;

use super::model::{Agreement, Line, Row, RowSource, TargetKind};
use super::{rules, store};
use crate::error::PartnerError;
use crate::payments::queries as payments;
use crate::ports::GoodsSent;

/// Orders of goods sent under one agreement.
const DISPATCHES_MAX: i64 = 2_000;

/// Every payment, purchase and order of goods of an agreement with what it came to, the oldest first.
///
/// # Errors
/// The database's, the books', and sums that do not fit.
pub async fn rows(at: &mut Snapshot, goods: &dyn GoodsSent, agreement: &Agreement) -> Result<Vec<Row>, PartnerError> {
    let mut rows = payments::rows(at, agreement).await?;
    let dispatches = store::dispatches(at, agreement.id, DISPATCHES_MAX).await?;
    for sent in goods.values(at, &dispatches).await? {
        let Some(day) = sent.left_on else { continue };
        rows.push(Row {
            kind: TargetKind::Goods,
            source: RowSource::Dispatch,
            subject: sent.dispatch,
            number: sent.number,
            words: String::new(),
            day,
            value: sent.value,
            reversed: kernel::Fen::ZERO,
            journal: None,
        });
    }
    rows.sort_by(|a, b| (a.day, &a.number).cmp(&(b.day, &b.number)));
    Ok(rows)
}

/// The targets in force with what was done of them, and the rows they are the sums of.
///
/// # Errors
/// As [`rows`].
pub async fn of(
    at: &mut Snapshot,
    goods: &dyn GoodsSent,
    agreement: &Agreement,
) -> Result<(Vec<Line>, Vec<Row>), PartnerError> {
    let version = store::version(at, (agreement.id, agreement.version)).await?;
    let version = version.ok_or(PartnerError::NotFound("version"))?;
    let rows = rows(at, goods, agreement).await?;
    let lines = rules::add_up(&version.terms.targets, &rows)?;
    Ok((lines, rows))
}
