//! The table `partner_file`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, FileId, Instant, UnitId};

use crate::HandedId;

/// A file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// Its id.
    pub id: HandedId,
    /// Whose.
    pub unit: UnitId,
    /// The stored bytes.
    pub file: FileId,
    /// SHA-256 of the bytes as they were handed in.
    pub sha256: Vec<u8>,
    /// `application/pdf`, `image/png`, `image/jpeg`.
    pub media_type: String,
    /// How many bytes.
    pub length: i64,
    /// The secret they are sealed under, wrapped.
    pub secret_wrapped: Vec<u8>,
}

const FILE: &str = "SELECT id, unit_id, file_id, sha256, media_type, length, secret_wrapped FROM partner_file";

fn read(row: &Row) -> Result<Handed, DbError> {
    Ok(Handed {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        file: row.id("file_id")?,
        sha256: row.bytes("sha256")?,
        media_type: row.text("media_type")?,
        length: row.int("length")?,
        secret_wrapped: row.bytes("secret_wrapped")?,
    })
}

/// A file by its id.
pub(crate) async fn file(at: &mut impl Reads, id: HandedId) -> Result<Option<Handed>, DbError> {
    let row = at.query_one(&format!("{FILE} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// A unit's file by the hash of its bytes.
pub(super) async fn by_hash(at: &mut impl Reads, unit: UnitId, sha256: [u8; 32]) -> Result<Option<Handed>, DbError> {
    let sql = format!("{FILE} WHERE unit_id = ?1 AND sha256 = ?2");
    let row = at.query_one(&sql, params![(unit,), sha256]).await?;
    row.as_ref().map(read).transpose()
}

/// How many files of a unit were handed in since.
pub(super) async fn since(at: &mut impl Reads, unit: UnitId, since: Instant) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM partner_file WHERE unit_id = ?1 AND handed_at >= ?2";
    let row = at.query_one(sql, params![(unit,), since]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

pub(super) async fn insert(tx: &mut Tx, new: &Handed, (by, now): (ActorId, Instant)) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_file (id, unit_id, file_id, sha256, media_type, length, secret_wrapped, handed_by, handed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            (new.id,),
            (new.unit,),
            (new.file,),
            new.sha256.clone(),
            &new.media_type,
            new.length,
            new.secret_wrapped.clone(),
            (by,),
            now
        ],
    )
    .await
    .map(drop)
}
