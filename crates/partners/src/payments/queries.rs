//! Payments as they are shown, and what they came to in the books.

use db::{DbError, Reads, params};
use kernel::JournalId;
use ledger::queries::costs;

use super::model::Payment;
use super::store::{PAYMENT, read};
use crate::AgreementId;
use crate::agreements::{Agreement, Row, RowSource};
use crate::error::PartnerError;

/// Payments of one agreement: a hundred a year for a ten-year plan.
const PAYMENTS_MAX: i64 = 2_000;

/// The payments of an agreement, the newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn payments(at: &mut impl Reads, agreement: AgreementId) -> Result<Vec<Payment>, DbError> {
    let sql = format!("{PAYMENT} WHERE agreement_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(agreement,), PAYMENTS_MAX]).await?;
    rows.iter().map(read).collect()
}

/// What was paid under an agreement, with what each payment came to by its journal and the mirror of it.
///
/// # Errors
/// The database's and the books'.
pub async fn rows(at: &mut impl Reads, agreement: &Agreement) -> Result<Vec<Row>, PartnerError> {
    let paid = payments(at, agreement.id).await?;
    let journals: Vec<JournalId> = paid.iter().filter_map(|payment| payment.journal).collect();
    let costs = costs::of_journals(at, agreement.unit, &journals).await?;
    let mut rows = Vec::with_capacity(journals.len());
    for payment in paid {
        let Some((journal, cost)) = payment.journal.and_then(|id| Some((id, costs.get(&id)?))) else {
            continue;
        };
        let number = payment.paper();
        let (source, subject) = match payment.purchase {
            Some(purchase) => (RowSource::Purchase, kernel::id::Id::bytes(purchase)),
            None => (RowSource::Payment, kernel::id::Id::bytes(payment.id)),
        };
        rows.push(Row {
            kind: payment.kind,
            source,
            subject,
            number,
            words: payment.purpose,
            day: cost.day,
            value: cost.net()?,
            reversed: cost.reversed,
            journal: Some(journal),
        });
    }
    Ok(rows)
}
