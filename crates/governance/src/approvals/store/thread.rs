//! The tables `approval_message` and `approval_message_withdrawn`: rows are only added.

use std::collections::BTreeMap;

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant};
use platform::files::Digest;

use crate::approvals::model::{CaseId, MESSAGES_MAX, Message, Withdrawn};

fn digest(bytes: Vec<u8>) -> Result<Digest, DbError> {
    bytes.try_into().map_err(|_| DbError::Row {
        column: "approval_message.sha256".to_owned(),
        why: "not 32 bytes".to_owned(),
    })
}

fn read(row: &Row, withdrawn: Option<Withdrawn>) -> Result<Message, DbError> {
    Ok(Message {
        number: row.int("number")?,
        at: row.instant("written_at")?,
        by: row.id("written_by")?,
        words: row.text("words")?,
        sha256: row.opt_bytes("sha256")?.map(digest).transpose()?,
        file_name: row.text("file_name")?,
        withdrawn,
    })
}

/// The thread of a case, the oldest first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub(in crate::approvals) async fn messages(at: &mut impl Reads, id: CaseId) -> Result<Vec<Message>, DbError> {
    let sql = "SELECT number, withdrawn_at, withdrawn_by FROM approval_message_withdrawn WHERE case_id = ?1
        ORDER BY number LIMIT ?2";
    let mut withdrawn = BTreeMap::new();
    for row in at.query(sql, params![(id,), MESSAGES_MAX]).await? {
        let one = Withdrawn {
            at: row.instant("withdrawn_at")?,
            by: row.id("withdrawn_by")?,
        };
        withdrawn.insert(row.int("number")?, one);
    }
    let sql = "SELECT number, written_at, written_by, words, sha256, file_name FROM approval_message
        WHERE case_id = ?1 ORDER BY number LIMIT ?2";
    let rows = at.query(sql, params![(id,), MESSAGES_MAX]).await?;
    rows.iter()
        .map(|row| read(row, withdrawn.get(&row.int("number")?).copied()))
        .collect()
}

/// The message that somebody sent under this key.
pub(in crate::approvals) async fn by_key(
    tx: &mut Tx,
    (id, by): (CaseId, ActorId),
    key: &str,
) -> Result<Option<Message>, DbError> {
    let sql = "SELECT number, written_at, written_by, words, sha256, file_name FROM approval_message
        WHERE case_id = ?1 AND written_by = ?2 AND message_key = ?3";
    let row = tx.query_one(sql, params![(id,), (by,), key]).await?;
    row.as_ref().map(|row| read(row, None)).transpose()
}

/// The number of a case's last message; 0: none.
pub(in crate::approvals) async fn last_number(tx: &mut Tx, id: CaseId) -> Result<i64, DbError> {
    let sql = "SELECT COALESCE(MAX(number), 0) AS last FROM approval_message WHERE case_id = ?1";
    let row = tx.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok(0), |row| row.int("last"))
}

pub(in crate::approvals) async fn insert(
    tx: &mut Tx,
    id: CaseId,
    (message, key): (&Message, &str),
) -> Result<(), DbError> {
    let row = params![
        (id,),
        message.number,
        message.at,
        (message.by,),
        key,
        &message.words,
        message.sha256,
        &message.file_name
    ];
    let sql = "INSERT INTO approval_message (case_id, number, written_at, written_by, message_key, words, sha256,
        file_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    tx.execute(sql, row).await.map(drop)
}

/// Who wrote a message; nobody: there is none of this number.
pub(in crate::approvals) async fn author(tx: &mut Tx, id: CaseId, number: i64) -> Result<Option<ActorId>, DbError> {
    let sql = "SELECT written_by FROM approval_message WHERE case_id = ?1 AND number = ?2";
    let row = tx.query_one(sql, params![(id,), number]).await?;
    row.map(|row| row.id("written_by")).transpose()
}

/// Writes beside a message that it was withdrawn; false: it was before.
pub(in crate::approvals) async fn withdraw(
    tx: &mut Tx,
    (id, number): (CaseId, i64),
    (by, now): (ActorId, Instant),
) -> Result<bool, DbError> {
    let sql = "INSERT INTO approval_message_withdrawn (case_id, number, withdrawn_at, withdrawn_by)
        VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, params![(id,), number, now, (by,)]).await? == 1)
}
