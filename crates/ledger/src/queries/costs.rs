//! What journals cost the work, less what their mirrors took back: for who keeps which journals belong together (an
//! agreement, a purchase) and never how much they came to.

use std::collections::BTreeMap;

use db::{DbError, Param as _, Reads, Row, params};
use kernel::{BusinessDay, Fen, JournalId, UnitId};

use crate::LedgerError;
use crate::chart::{AccountCode, Class};

/// Journals of one statement.
const JOURNALS_PER_STATEMENT: usize = 100;

/// What a journal cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The day it happened.
    pub day: BusinessDay,
    /// Debits less credits on accounts of expense.
    pub booked: Fen,
    /// What its mirror took back of it; zero where it has none.
    pub reversed: Fen,
}

impl Cost {
    /// What is left of it.
    ///
    /// # Errors
    /// [`LedgerError::Money`].
    pub fn net(&self) -> Result<Fen, LedgerError> {
        Ok(self.booked.minus(self.reversed)?)
    }
}

fn is_expense(row: &Row) -> Result<bool, DbError> {
    let code: AccountCode = row.word("code")?;
    Ok(code.class() == Class::Expense)
}

/// The cost of each of these journals of a unit's books; one that is not there is left out.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn of_journals(
    at: &mut impl Reads,
    unit: UnitId,
    journals: &[JournalId],
) -> Result<BTreeMap<JournalId, Cost>, LedgerError> {
    let mut costs: BTreeMap<JournalId, Cost> = BTreeMap::new();
    for chunk in journals.chunks(JOURNALS_PER_STATEMENT) {
        let marks: Vec<String> = (2..2 + chunk.len()).map(|n| format!("?{n}")).collect();
        let marks = marks.join(", ");
        let values = || {
            let mut values = params![(unit,)];
            values.extend(chunk.iter().map(|journal| (*journal,).param()));
            values
        };
        let sql = format!(
            "SELECT p.journal_id, p.business_day, a.code, CAST(SUM(p.amount_fen) AS BIGINT) AS fen
             FROM posting p JOIN book_account a ON a.id = p.account_id
             WHERE a.unit_id = ?1 AND p.journal_id IN ({marks}) GROUP BY p.journal_id, p.business_day, a.code"
        );
        for row in at.query(&sql, values()).await? {
            let entry = costs.entry(row.id("journal_id")?).or_insert(Cost {
                day: row.day("business_day")?,
                booked: Fen::ZERO,
                reversed: Fen::ZERO,
            });
            if is_expense(&row)? {
                entry.booked = entry.booked.plus(row.fen("fen")?)?;
            }
        }
        let sql = format!(
            "SELECT j.reverses, a.code, CAST(SUM(p.amount_fen) AS BIGINT) AS fen
             FROM journal j JOIN posting p ON p.journal_id = j.id JOIN book_account a ON a.id = p.account_id
             WHERE j.unit_id = ?1 AND j.reverses IN ({marks}) GROUP BY j.reverses, a.code"
        );
        for row in at.query(&sql, values()).await? {
            if let Some(cost) = costs.get_mut(&row.id("reverses")?)
                && is_expense(&row)?
            {
                cost.reversed = cost.reversed.minus(row.fen("fen")?)?;
            }
        }
    }
    Ok(costs)
}
