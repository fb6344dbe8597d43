//! The tables `document`, `document_number`, `document_recipient`, `document_gram`, `document_file`, `document_part`.

use std::collections::BTreeSet;

use db::{Backend, DbError, Param as _, Reads, Row, Tx, params, wide_values};
use kernel::{ActorId, Instant, UnitId};

use super::model::{Document, DocumentFileId, DocumentId, Filed, PARTS_MAX, Part, RECIPIENTS_MAX, Receipt, State};

/// Rows of one statement.
const CHUNK_ROWS: usize = 200;

pub(super) const DOCUMENT: &str = "SELECT d.id, d.unit_id, d.year, d.number, d.code, d.title, d.body, d.reply_to,
        d.confirm_by, d.sent_by, d.sent_at, d.withdrawn_at, d.withdrawn_by, d.withdrawn_reason
    FROM document d";

/// A document's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Document, DbError> {
    let state = match (row.opt_instant("withdrawn_at")?, row.opt_id("withdrawn_by")?) {
        (Some(at), Some(by)) => State::Withdrawn {
            at,
            by,
            reason: row.opt_text("withdrawn_reason")?.unwrap_or_default(),
        },
        _ => State::Sent,
    };
    Ok(Document {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        year: row.int("year")?,
        number: row.int("number")?,
        code: row.text("code")?,
        title: row.text("title")?,
        body: row.text("body")?,
        reply_to: row.opt_id("reply_to")?,
        confirm_by: row.opt_instant("confirm_by")?,
        sent_by: row.id("sent_by")?,
        sent_at: row.instant("sent_at")?,
        state,
    })
}

/// A document.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn document(at: &mut impl Reads, id: DocumentId) -> Result<Option<Document>, DbError> {
    let row = at
        .query_one(&format!("{DOCUMENT} WHERE d.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Keeps two changes of a document from passing each other. SQLite has one writer anyway.
pub(super) async fn lock(tx: &mut Tx, id: DocumentId) -> Result<(), DbError> {
    if tx.backend() == Backend::Postgres {
        tx.query("SELECT id FROM document WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    Ok(())
}

/// The next number of a unit in a year: held until the transaction ends, so that none is skipped.
pub(super) async fn next_number(tx: &mut Tx, unit: UnitId, year: i64) -> Result<i64, DbError> {
    let sql = "INSERT INTO document_number (unit_id, year, last) VALUES (?1, ?2, 1)
         ON CONFLICT (unit_id, year) DO UPDATE SET last = document_number.last + 1";
    tx.execute(sql, params![(unit,), year]).await?;
    let sql = "SELECT last FROM document_number WHERE unit_id = ?1 AND year = ?2";
    let row = tx.query_one(sql, params![(unit,), year]).await?;
    row.map_or(Ok(1), |row| row.int("last"))
}

/// The document that a unit sent under a key.
pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Document>, DbError> {
    let sql = format!("{DOCUMENT} WHERE d.unit_id = ?1 AND d.send_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, document: &Document, key: &str) -> Result<(), DbError> {
    let row = params![
        (document.id,),
        (document.unit,),
        key,
        document.year,
        document.number,
        &document.code,
        &document.title,
        &document.body,
        document.reply_to.map(|id| (id,)),
        document.confirm_by,
        (document.sent_by,),
        document.sent_at
    ];
    let sql =
        "INSERT INTO document (id, unit_id, send_key, year, number, code, title, body, reply_to, confirm_by, sent_by,
            sent_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn insert_recipients(tx: &mut Tx, id: DocumentId, units: &[UnitId]) -> Result<(), DbError> {
    for chunk in units.chunks(CHUNK_ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 2);
        for unit in chunk {
            values.extend(params![(*unit,), (id,)]);
        }
        let sql = format!(
            "INSERT INTO document_recipient (unit_id, document_id) VALUES {}",
            wide_values(tx.backend(), chunk.len(), 2)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

pub(super) async fn insert_grams(tx: &mut Tx, id: DocumentId, grams: &BTreeSet<String>) -> Result<(), DbError> {
    let grams: Vec<&String> = grams.iter().collect();
    for chunk in grams.chunks(CHUNK_ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 2);
        for gram in chunk {
            values.extend(params![*gram, (id,)]);
        }
        let sql = format!(
            "INSERT INTO document_gram (gram, document_id) VALUES {}",
            wide_values(tx.backend(), chunk.len(), 2)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

pub(super) async fn insert_parts(tx: &mut Tx, id: DocumentId, parts: &[Part]) -> Result<(), DbError> {
    let sql = "INSERT INTO document_part (document_id, position, name, sha256) VALUES (?1, ?2, ?3, ?4)";
    for (position, part) in (1i64..).zip(parts) {
        tx.execute(sql, params![(id,), position, part.name.trim(), part.sha256])
            .await?;
    }
    Ok(())
}

/// The files of a document, in order.
pub async fn parts(at: &mut impl Reads, id: DocumentId) -> Result<Vec<Part>, DbError> {
    let sql = "SELECT position, name, sha256 FROM document_part WHERE document_id = ?1 ORDER BY position LIMIT ?2";
    let most = i64::try_from(PARTS_MAX).unwrap_or(i64::MAX);
    let rows = at.query(sql, params![(id,), most]).await?;
    rows.iter()
        .map(|row| {
            Ok(Part {
                name: row.text("name")?,
                sha256: digest(row)?,
            })
        })
        .collect()
}

fn digest(row: &Row) -> Result<[u8; 32], DbError> {
    row.bytes("sha256")?.try_into().map_err(|_| DbError::Row {
        column: "sha256".to_owned(),
        why: "not 32 bytes".to_owned(),
    })
}

/// A receipt's row as a value: the one place.
pub(super) fn read_receipt(row: &Row) -> Result<Receipt, DbError> {
    Ok(Receipt {
        unit: row.id("unit_id")?,
        read: row.opt_id("read_by")?.zip(row.opt_instant("read_at")?),
        confirmed: row.opt_id("confirmed_by")?.zip(row.opt_instant("confirmed_at")?),
        reminded_at: row.opt_instant("reminded_at")?,
    })
}

/// All receipts of a document.
pub async fn receipts(at: &mut impl Reads, id: DocumentId) -> Result<Vec<Receipt>, DbError> {
    let sql = "SELECT r.unit_id, r.read_by, r.read_at, r.confirmed_by, r.confirmed_at, r.reminded_at
         FROM document_recipient r WHERE r.document_id = ?1 ORDER BY r.unit_id LIMIT ?2";
    let most = i64::try_from(RECIPIENTS_MAX).unwrap_or(i64::MAX);
    let rows = at.query(sql, params![(id,), most]).await?;
    rows.iter().map(read_receipt).collect()
}

/// Writes who read it first in a unit; false: somebody had.
pub(super) async fn note_read(
    tx: &mut Tx,
    (id, unit): (DocumentId, UnitId),
    (by, now): (ActorId, Instant),
) -> Result<bool, DbError> {
    let sql = "UPDATE document_recipient SET read_by = ?3, read_at = ?4
         WHERE unit_id = ?1 AND document_id = ?2 AND read_at IS NULL";
    Ok(tx.execute(sql, params![(unit,), (id,), (by,), now]).await? == 1)
}

/// Writes who confirmed it in a unit, who has read it then at the latest; false: somebody had.
pub(super) async fn note_confirmed(
    tx: &mut Tx,
    (id, unit): (DocumentId, UnitId),
    (by, now): (ActorId, Instant),
) -> Result<bool, DbError> {
    let sql = "UPDATE document_recipient SET confirmed_by = ?3, confirmed_at = ?4,
            read_by = COALESCE(read_by, ?3), read_at = COALESCE(read_at, ?4)
         WHERE unit_id = ?1 AND document_id = ?2 AND confirmed_at IS NULL";
    Ok(tx.execute(sql, params![(unit,), (id,), (by,), now]).await? == 1)
}

/// Writes that units were reminded.
pub(super) async fn note_reminded(tx: &mut Tx, id: DocumentId, units: &[UnitId], now: Instant) -> Result<(), DbError> {
    for chunk in units.chunks(CHUNK_ROWS) {
        let mut values = params![(id,), now];
        let marks: Vec<String> = chunk
            .iter()
            .map(|unit| {
                values.push((*unit,).param());
                format!("?{}", values.len())
            })
            .collect();
        let sql = format!(
            "UPDATE document_recipient SET reminded_at = ?2 WHERE document_id = ?1 AND unit_id IN ({})",
            marks.join(", ")
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

pub(super) async fn withdraw(
    tx: &mut Tx,
    id: DocumentId,
    reason: &str,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "UPDATE document SET withdrawn_at = ?2, withdrawn_by = ?3, withdrawn_reason = ?4
         WHERE id = ?1 AND withdrawn_at IS NULL";
    tx.execute(sql, params![(id,), now, (by,), reason]).await.map(drop)
}

/// A file of a unit by the hash of what was handed in.
pub async fn filed(at: &mut impl Reads, unit: UnitId, sha256: [u8; 32]) -> Result<Option<Filed>, DbError> {
    let sql = "SELECT sha256, file_id, media_type, length, secret_wrapped FROM document_file
         WHERE unit_id = ?1 AND sha256 = ?2";
    let row = at.query_one(sql, params![(unit,), sha256]).await?;
    row.map(|row| {
        Ok(Filed {
            sha256: digest(&row)?,
            media_type: row.text("media_type")?,
            length: row.int("length")?,
            file: row.id("file_id")?,
            secret_wrapped: row.bytes("secret_wrapped")?,
        })
    })
    .transpose()
}

/// How many files a unit was handed since a moment.
pub(super) async fn filed_since(tx: &mut Tx, unit: UnitId, since: Instant) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM document_file WHERE unit_id = ?1 AND handed_in_at >= ?2";
    let row = tx.query_one(sql, params![(unit,), since]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

/// Writes down what was handed in; false: it was there.
pub(super) async fn put_filed(
    tx: &mut Tx,
    (id, unit): (DocumentFileId, UnitId),
    filed: &Filed,
    (by, now): (ActorId, Instant),
) -> Result<bool, DbError> {
    let row = params![
        (id,),
        (unit,),
        filed.sha256,
        (filed.file,),
        &filed.media_type,
        filed.length,
        filed.secret_wrapped.clone(),
        (by,),
        now
    ];
    let sql =
        "INSERT INTO document_file (id, unit_id, sha256, file_id, media_type, length, secret_wrapped, handed_in_by,
            handed_in_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, row).await? == 1)
}
