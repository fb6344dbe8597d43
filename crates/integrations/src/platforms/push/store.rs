//! The table `platform_push`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::UnitId;

use super::model::Push;
use crate::platforms::model::{PlatformCode, PushId};

pub(super) const PUSH: &str =
    "SELECT id, unit_id, platform, project_no, request_key, content, state, proc_id, trace_id,
    code, said, asked_at, asked_by, told_at FROM platform_push";

pub(super) fn read(row: &Row) -> Result<Push, DbError> {
    let content = serde_json::from_str(&row.text("content")?).map_err(|e| DbError::Row {
        column: "content".into(),
        why: e.to_string(),
    })?;
    Ok(Push {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        platform: row.word("platform")?,
        project_no: row.text("project_no")?,
        request_key: row.text("request_key")?,
        content,
        state: row.word("state")?,
        proc_id: row.opt_text("proc_id")?,
        trace: row.opt_text("trace_id")?,
        code: row.opt_int("code")?,
        said: row.opt_text("said")?,
        asked_at: row.instant("asked_at")?,
        asked_by: row.id("asked_by")?,
        told_at: row.opt_instant("told_at")?,
    })
}

/// The push with this key.
pub(super) async fn by_key(
    at: &mut impl Reads,
    (unit, platform): (UnitId, PlatformCode),
    key: &str,
) -> Result<Option<Push>, DbError> {
    let sql = format!("{PUSH} WHERE unit_id = ?1 AND platform = ?2 AND request_key = ?3");
    let row = at.query_one(&sql, params![(unit,), platform.as_str(), key]).await?;
    row.as_ref().map(read).transpose()
}

/// A push, held until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: PushId) -> Result<Option<Push>, DbError> {
    let lock = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let row = tx
        .query_one(&format!("{PUSH} WHERE id = ?1{lock}"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, push: &Push) -> Result<(), DbError> {
    let content = serde_json::to_string(&push.content).map_err(|e| DbError::Other(e.to_string()))?;
    let row = params![
        (push.id,),
        (push.unit,),
        push.platform.as_str(),
        &push.project_no,
        &push.request_key,
        content,
        push.state.as_str(),
        push.asked_at,
        (push.asked_by,)
    ];
    let sql =
        "INSERT INTO platform_push (id, unit_id, platform, project_no, request_key, content, state, asked_at, asked_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what may change of a push.
pub(super) async fn update(tx: &mut Tx, push: &Push) -> Result<(), DbError> {
    let row = params![
        (push.id,),
        push.state.as_str(),
        push.proc_id.as_deref(),
        push.trace.as_deref(),
        push.code,
        push.said.as_deref(),
        push.told_at
    ];
    let sql = "UPDATE platform_push SET state = ?2, proc_id = ?3, trace_id = ?4, code = ?5, said = ?6, told_at = ?7
        WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}
