//! Amendments as they are shown.

use std::collections::{BTreeMap, BTreeSet};

use db::{DbError, Reads, params};
use governance::approvals::model::{CaseId, SubjectId};
use governance::approvals::queries::latest_of;

use super::approval::{PARTNER_AMENDMENT, subject};
use super::model::Amendment;
use super::store::{AMENDMENT, read};
use crate::agreements::Agreement;

/// Amendments of one agreement in one answer.
const AMENDMENTS_MAX: i64 = 50;

/// The amendments of an agreement that cases decide or decided, the newest first, each with its case.
///
/// # Errors
/// Any [`DbError`].
pub async fn amendments(
    at: &mut impl Reads,
    agreement: &Agreement,
) -> Result<Vec<(Amendment, Option<CaseId>)>, DbError> {
    let sql = format!("{AMENDMENT} WHERE agreement_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(agreement.id,), AMENDMENTS_MAX]).await?;
    let found: Vec<Amendment> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let subjects: BTreeSet<SubjectId> = found.iter().map(|one| subject(one.id)).collect();
    let cases = latest_of(at, &BTreeSet::from([agreement.unit]), PARTNER_AMENDMENT, &subjects).await?;
    let cases: BTreeMap<SubjectId, CaseId> = cases.into_iter().map(|(of, (case, _))| (of, case)).collect();
    let with_case = |one: Amendment| {
        let case = cases.get(&subject(one.id)).copied();
        (one, case)
    };
    Ok(found.into_iter().map(with_case).collect())
}
