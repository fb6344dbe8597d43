//! The table `file`.

use db::{DbError, Reads, Tx, params};
use kernel::{FileId, Instant, UnitId};

use super::{About, Digest, Sealed, Written};
use crate::Services;

/// A stored file's row.
#[derive(Debug, Clone)]
pub struct FileRow {
    /// Its id.
    pub id: FileId,
    /// Whose it is.
    pub unit: UnitId,
    /// The hash of its bytes.
    pub sha256: Digest,
    /// Their length in bytes.
    pub length: u64,
    /// `application/pdf`.
    pub media_type: String,
    /// Whether the bytes are sealed.
    pub sealed: Sealed,
    /// When it was stored.
    pub created_at: Instant,
}

/// Names bytes that were written before. The same bytes of the same unit are the same file.
///
/// # Errors
/// Any [`DbError`].
pub async fn record(tx: &mut Tx, about: &About, written: Written, services: &Services) -> Result<FileId, DbError> {
    let now = services.now();
    let id = FileId::new(now, &*services.rng);
    let sealed = i64::from(about.sealed == Sealed::Sealed);
    let length = i64::try_from(written.length).unwrap_or(i64::MAX);
    let row = params![
        (id,),
        (about.unit,),
        written.sha256,
        length,
        about.media_type.as_str(),
        sealed,
        now
    ];
    let inserted = tx
        .execute(
            "INSERT INTO file (id, unit_id, sha256, length, media_type, sealed, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
            row,
        )
        .await?;
    if inserted == 1 {
        return Ok(id);
    }
    let known = tx
        .query_one(
            "SELECT id FROM file WHERE unit_id = ?1 AND sha256 = ?2 AND media_type = ?3 AND sealed = ?4",
            params![(about.unit,), written.sha256, about.media_type.as_str(), sealed],
        )
        .await?;
    known.ok_or_else(|| DbError::Duplicate("a file".into()))?.id("id")
}

/// The file of this id.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(at: &mut impl Reads, id: FileId) -> Result<Option<FileRow>, DbError> {
    let sql = "SELECT id, unit_id, sha256, length, media_type, sealed, created_at FROM file WHERE id = ?1";
    let Some(row) = at.query_one(sql, params![(id,)]).await? else {
        return Ok(None);
    };
    let sha256 = row.bytes("sha256")?;
    let sha256 = sha256.try_into().map_err(|_| DbError::Row {
        column: "sha256".into(),
        why: "not 32 bytes".into(),
    })?;
    Ok(Some(FileRow {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        sha256,
        length: row.int("length")?.max(0).cast_unsigned(),
        media_type: row.text("media_type")?,
        sealed: if row.flag("sealed")? {
            Sealed::Sealed
        } else {
            Sealed::Plain
        },
        created_at: row.instant("created_at")?,
    }))
}

/// Takes a file's row away, whose bytes nobody needs any more; gives their hash where no other row names them, so that the
/// caller removes them once its transaction is committed.
///
/// # Errors
/// Any [`DbError`].
pub async fn forget(tx: &mut Tx, id: FileId) -> Result<Option<Digest>, DbError> {
    let Some(row) = find(tx, id).await? else {
        return Ok(None);
    };
    tx.execute("DELETE FROM file WHERE id = ?1", params![(id,)]).await?;
    let sql = "SELECT 1 AS known FROM file WHERE sha256 = ?1 LIMIT 1";
    let other = tx.query_one(sql, params![row.sha256]).await?;
    Ok(other.is_none().then_some(row.sha256))
}
