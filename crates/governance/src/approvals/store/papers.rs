//! The tables `approval_file` and `approval_minutes`: what was handed in, and minutes as they were drawn.

use db::{DbError, Param as _, Reads, Row, Tx, params};
use kernel::{ActorId, FileId, Instant, UnitId};
use platform::files::Digest;

use crate::approvals::model::{CaseId, FileOfCase, FiledId, MinutesId};

/// What was handed in, with where its bytes lie.
#[derive(Debug, Clone)]
pub struct FiledRow {
    /// What it is.
    pub about: FileOfCase,
    /// Where its sealed bytes lie.
    pub file: FileId,
    /// The secret they are sealed under.
    pub secret_wrapped: Vec<u8>,
}

const FILED: &str = "SELECT sha256, file_id, media_type, length, secret_wrapped FROM approval_file";

fn digest(row: &Row, column: &str) -> Result<Digest, DbError> {
    row.bytes(column)?.try_into().map_err(|_| DbError::Row {
        column: column.to_owned(),
        why: "not 32 bytes".to_owned(),
    })
}

fn read(row: &Row) -> Result<FiledRow, DbError> {
    Ok(FiledRow {
        about: FileOfCase {
            sha256: digest(row, "sha256")?,
            media_type: row.text("media_type")?,
            length: row.int("length")?,
        },
        file: row.id("file_id")?,
        secret_wrapped: row.bytes("secret_wrapped")?,
    })
}

/// A file of a unit by the hash of what was handed in.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub(in crate::approvals) async fn filed(
    at: &mut impl Reads,
    unit: UnitId,
    sha256: Digest,
) -> Result<Option<FiledRow>, DbError> {
    let sql = format!("{FILED} WHERE unit_id = ?1 AND sha256 = ?2");
    let row = at.query_one(&sql, params![(unit,), sha256]).await?;
    row.as_ref().map(read).transpose()
}

/// Those of these files that were handed in; a case names few.
pub(in crate::approvals) async fn filed_of(
    at: &mut impl Reads,
    unit: UnitId,
    named: &[Digest],
) -> Result<Vec<FileOfCase>, DbError> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = params![(unit,)];
    let marks: Vec<String> = named
        .iter()
        .map(|sha256| {
            values.push((*sha256).param());
            format!("?{}", values.len())
        })
        .collect();
    let sql = format!(
        "{FILED} WHERE unit_id = ?1 AND sha256 IN ({}) ORDER BY sha256",
        marks.join(", ")
    );
    let rows = at.query(&sql, values).await?;
    rows.iter().map(|row| read(row).map(|found| found.about)).collect()
}

/// How many files a unit was handed since a moment.
pub(in crate::approvals) async fn filed_since(tx: &mut Tx, unit: UnitId, since: Instant) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM approval_file WHERE unit_id = ?1 AND handed_in_at >= ?2";
    let row = tx.query_one(sql, params![(unit,), since]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

/// Writes down what was handed in; false: it was there.
pub(in crate::approvals) async fn put_filed(
    tx: &mut Tx,
    (id, unit): (FiledId, UnitId),
    row: &FiledRow,
    (by, now): (ActorId, Instant),
) -> Result<bool, DbError> {
    let values = params![
        (id,),
        (unit,),
        row.about.sha256,
        (row.file,),
        &row.about.media_type,
        row.about.length,
        row.secret_wrapped.clone(),
        (by,),
        now
    ];
    let sql = "INSERT INTO approval_file (id, unit_id, sha256, file_id, media_type, length, secret_wrapped,
        handed_in_by, handed_in_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, values).await? == 1)
}

/// A file that nobody has looked for yet.
pub(in crate::approvals) struct Unlooked {
    pub(in crate::approvals) id: FiledId,
    pub(in crate::approvals) unit: UnitId,
    pub(in crate::approvals) row: FiledRow,
}

/// Files handed in before a moment that nobody has looked for yet, the oldest first.
pub(in crate::approvals) async fn unlooked(
    at: &mut impl Reads,
    before: Instant,
    limit: i64,
) -> Result<Vec<Unlooked>, DbError> {
    let sql = "SELECT id, unit_id, sha256, file_id, media_type, length, secret_wrapped FROM approval_file
        WHERE is_kept = 0 AND handed_in_at < ?1 ORDER BY handed_in_at, id LIMIT ?2";
    let rows = at.query(sql, params![before, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Unlooked {
                id: row.id("id")?,
                unit: row.id("unit_id")?,
                row: read(row)?,
            })
        })
        .collect()
}

/// Whether a case of a unit names a file, now or in an earlier round, or a message of its thread, withdrawn or not.
pub(in crate::approvals) async fn is_named(at: &mut impl Reads, unit: UnitId, sha256: Digest) -> Result<bool, DbError> {
    let sql = "SELECT 1 AS named FROM approval_entry e JOIN approval_case c ON c.id = e.case_id
        WHERE c.unit_id = ?1 AND LOWER(e.body) LIKE ?2 LIMIT 1";
    let wanted = format!("%{}%", kernel::id::hex(&sha256));
    if at.query_one(sql, params![(unit,), wanted]).await?.is_some() {
        return Ok(true);
    }
    let sql = "SELECT 1 AS named FROM approval_message m JOIN approval_case c ON c.id = m.case_id
        WHERE m.sha256 = ?2 AND c.unit_id = ?1 LIMIT 1";
    Ok(at.query_one(sql, params![(unit,), sha256]).await?.is_some())
}

/// Writes down that a case names a file: nobody looks for it again.
pub(in crate::approvals) async fn keep(tx: &mut Tx, id: FiledId) -> Result<(), DbError> {
    let sql = "UPDATE approval_file SET is_kept = 1 WHERE id = ?1";
    tx.execute(sql, params![(id,)]).await.map(drop)
}

/// Takes a file away that no case names.
pub(in crate::approvals) async fn drop_filed(tx: &mut Tx, id: FiledId) -> Result<(), DbError> {
    let sql = "DELETE FROM approval_file WHERE id = ?1";
    tx.execute(sql, params![(id,)]).await.map(drop)
}

/// Which minutes: of a case, in a language, after so many entries of its history.
#[derive(Debug, Clone, Copy)]
pub(in crate::approvals) struct Edition {
    /// The case.
    pub case: CaseId,
    /// `zh-Hans` or `en`.
    pub language: &'static str,
    /// The number of the last entry that they tell.
    pub last: i64,
}

/// Minutes as they were drawn: their hash, and their bytes, sealed.
pub(in crate::approvals) async fn drawn(
    at: &mut impl Reads,
    edition: Edition,
) -> Result<Option<(Digest, Vec<u8>)>, DbError> {
    let sql = "SELECT sha256, bytes_sealed FROM approval_minutes WHERE case_id = ?1 AND language = ?2 AND edition = ?3";
    let row = at
        .query_one(sql, params![(edition.case,), edition.language, edition.last])
        .await?;
    row.map(|row| Ok((digest(&row, "sha256")?, row.bytes("bytes_sealed")?)))
        .transpose()
}

/// Keeps minutes; false: they were drawn before.
pub(in crate::approvals) async fn put_drawn(
    tx: &mut Tx,
    (id, edition): (MinutesId, Edition),
    (sha256, sealed): (Digest, Vec<u8>),
    now: Instant,
) -> Result<bool, DbError> {
    let row = params![
        (id,),
        (edition.case,),
        edition.language,
        edition.last,
        sha256,
        sealed,
        now
    ];
    let sql = "INSERT INTO approval_minutes (id, case_id, language, edition, sha256, bytes_sealed, drawn_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, row).await? == 1)
}
