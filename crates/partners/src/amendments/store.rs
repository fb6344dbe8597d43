//! The table `partner_amendment`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Instant, UnitId};

use super::model::{Amendment, AmendmentState};
use crate::agreements::Terms;
use crate::{AgreementId, AmendmentId};

pub(super) const AMENDMENT: &str =
    "SELECT id, unit_id, agreement_id, base_version, terms, reason, file_id, state, made_by, made_at, decided_at
    FROM partner_amendment";

/// An amendment's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Amendment, DbError> {
    let id: AmendmentId = row.id("id")?;
    let terms: Terms = serde_json::from_str(&row.text("terms")?)
        .map_err(|error| DbError::Other(format!("partner_amendment.terms of {id:?}: {error}")))?;
    Ok(Amendment {
        id,
        unit: row.id("unit_id")?,
        agreement: row.id("agreement_id")?,
        base: row.int("base_version")?,
        terms,
        reason: row.text("reason")?,
        file: row.id("file_id")?,
        state: row.word("state")?,
        made_by: row.id("made_by")?,
        made_at: row.instant("made_at")?,
        decided_at: row.opt_instant("decided_at")?,
    })
}

pub(super) async fn amendment(at: &mut impl Reads, id: AmendmentId) -> Result<Option<Amendment>, DbError> {
    let sql = format!("{AMENDMENT} WHERE id = ?1");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Amendment>, DbError> {
    let sql = format!("{AMENDMENT} WHERE unit_id = ?1 AND amendment_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

/// Whether an amendment of an agreement waits for its case.
pub(super) async fn is_waiting(at: &mut impl Reads, agreement: AgreementId) -> Result<bool, DbError> {
    let sql = "SELECT 1 AS known FROM partner_amendment WHERE agreement_id = ?1 AND state = 'asked' LIMIT 1";
    Ok(at.query_one(sql, params![(agreement,)]).await?.is_some())
}

pub(super) async fn insert(tx: &mut Tx, new: &Amendment, key: &str) -> Result<(), DbError> {
    let terms = serde_json::to_string(&new.terms)
        .map_err(|error| DbError::Other(format!("the terms of {:?}: {error}", new.id)))?;
    tx.execute(
        "INSERT INTO partner_amendment (id, unit_id, agreement_id, amendment_key, base_version, terms, reason, file_id, state,
           made_by, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            (new.id,),
            (new.unit,),
            (new.agreement,),
            key,
            new.base,
            terms,
            &new.reason,
            (new.file,),
            new.state.as_str(),
            (new.made_by,),
            new.made_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn decide(
    tx: &mut Tx,
    id: AmendmentId,
    (state, now): (AmendmentState, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_amendment SET state = ?2, decided_at = ?3 WHERE id = ?1",
        params![(id,), state.as_str(), now],
    )
    .await
    .map(drop)
}
