//! The tables of certificates.

use db::{DbError, Param as _, Reads, Row, Tx, Value, params, wide_values};
use kernel::{GiftId, Instant, UnitId};

use super::model::{Certificate, CertificateStanding, Format, Frame};

/// Rows of one insert: seven values each, far below either database's bound on parameters.
const ROWS_PER_INSERT: usize = 500;
/// Columns of such a row.
const COLUMNS: usize = 7;

const SELECT: &str = "SELECT c.unit_id, c.gift_id, c.year, c.number, c.template_version, c.issued_at, f.body
     FROM certificate c JOIN certificate_frame f ON f.id = c.frame_id";

fn read(row: &Row) -> Result<Certificate, DbError> {
    let body = row.text("body")?;
    let frame: Frame = serde_json::from_str(&body).map_err(|e| DbError::Row {
        column: "certificate_frame.body".into(),
        why: e.to_string(),
    })?;
    Ok(Certificate {
        gift: row.id("gift_id")?,
        unit: row.id("unit_id")?,
        year: row.int("year")?,
        number: row.int("number")?,
        frame,
        template_version: u16::try_from(row.int("template_version")?).unwrap_or(u16::MAX),
        issued_at: row.instant("issued_at")?,
    })
}

/// The certificate of a gift, once numbered.
///
/// # Errors
/// Any [`DbError`].
pub async fn load(at: &mut impl Reads, gift: GiftId) -> Result<Option<Certificate>, DbError> {
    let sql = format!("{SELECT} WHERE c.gift_id = ?1");
    at.query_one(&sql, params![(gift,)])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The certificate with a number.
///
/// # Errors
/// Any [`DbError`].
pub async fn by_number(
    at: &mut impl Reads,
    unit: UnitId,
    year: i64,
    number: i64,
) -> Result<Option<Certificate>, DbError> {
    let sql = format!("{SELECT} WHERE c.unit_id = ?1 AND c.year = ?2 AND c.number = ?3");
    at.query_one(&sql, params![(unit,), year, number])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Takes `count` numbers of a series; returns the one before the first of them.
pub(super) async fn take_numbers(tx: &mut Tx, unit: UnitId, year: i64, count: i64) -> Result<i64, DbError> {
    tx.execute(
        "INSERT INTO certificate_series (unit_id, year, last_number) VALUES (?1, ?2, ?3)
         ON CONFLICT (unit_id, year) DO UPDATE SET last_number = certificate_series.last_number + excluded.last_number",
        params![(unit,), year, count],
    )
    .await?;
    let row = tx
        .query_one(
            "SELECT last_number FROM certificate_series WHERE unit_id = ?1 AND year = ?2",
            params![(unit,), year],
        )
        .await?;
    let last = row
        .ok_or_else(|| DbError::Other("a series of numbers vanished".into()))?
        .int("last_number")?;
    Ok(last - count)
}

/// A numbered certificate on its way into the table.
pub(super) struct NewRow {
    pub unit: UnitId,
    pub gift: GiftId,
    pub year: i64,
    pub number: i64,
    pub frame: [u8; 16],
    pub template_version: i64,
    pub now: Instant,
}

pub(super) async fn insert(tx: &mut Tx, rows: &[NewRow]) -> Result<(), DbError> {
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS);
        for row in chunk {
            values.extend([
                (row.unit,).param(),
                (row.gift,).param(),
                row.year.param(),
                row.number.param(),
            ]);
            values.extend([row.frame.param(), row.template_version.param(), row.now.param()]);
        }
        let sql = format!(
            "INSERT INTO certificate (unit_id, gift_id, year, number, frame_id, template_version, issued_at) VALUES {}",
            wide_values(tx.backend(), chunk.len(), COLUMNS)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

pub(super) async fn put_frame(tx: &mut Tx, id: [u8; 16], body: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO certificate_frame (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";
    tx.execute(sql, params![id, body]).await.map(drop)
}

/// How the certificate of a gift stands, as the reaction kept it: what nothing is kept of stands whole.
///
/// # Errors
/// Any [`DbError`].
pub async fn standing(at: &mut impl Reads, gift: GiftId) -> Result<CertificateStanding, DbError> {
    let sql = "SELECT standing, refunded_fen, changed_at FROM certificate_standing WHERE gift_id = ?1";
    let Some(row) = at.query_one(sql, params![(gift,)]).await? else {
        return Ok(CertificateStanding::Valid);
    };
    let (refunded, since) = (row.fen("refunded_fen")?, row.instant("changed_at")?);
    match row.text("standing")?.as_str() {
        "valid" => Ok(CertificateStanding::Valid),
        "partly_refunded" => Ok(CertificateStanding::PartlyRefunded { refunded, since }),
        "refunded" => Ok(CertificateStanding::Refunded { refunded, since }),
        "taken_back" => Ok(CertificateStanding::TakenBack { since }),
        _ => Err(DbError::Row {
            column: "certificate_standing.standing".into(),
            why: "unknown word".into(),
        }),
    }
}

/// Keeps how a certificate stands.
pub(super) async fn put_standing(
    tx: &mut Tx,
    (unit, gift): (UnitId, GiftId),
    standing: CertificateStanding,
) -> Result<(), DbError> {
    let Some(since) = standing.since() else {
        let sql = "DELETE FROM certificate_standing WHERE gift_id = ?1";
        return tx.execute(sql, params![(gift,)]).await.map(drop);
    };
    let sql = "INSERT INTO certificate_standing (gift_id, unit_id, standing, refunded_fen, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (gift_id) DO UPDATE SET standing = excluded.standing, refunded_fen = excluded.refunded_fen,
            changed_at = excluded.changed_at";
    let row = params![(gift,), (unit,), standing.word(), standing.refunded(), since];
    tx.execute(sql, row).await.map(drop)
}

/// The hashes of the papers drawn so far, by format. They stay after erasure, when nothing opens the papers any more.
///
/// # Errors
/// Any [`DbError`].
pub async fn paper_hashes(at: &mut impl Reads, gift: GiftId) -> Result<Vec<(Format, Vec<u8>)>, DbError> {
    let sql = "SELECT format, sha256 FROM certificate_paper WHERE gift_id = ?1 ORDER BY format";
    let rows = at.query(sql, params![(gift,)]).await?;
    let read = |row: &Row| {
        let format = Format::parse(&row.text("format")?).ok_or_else(|| DbError::Row {
            column: "certificate_paper.format".into(),
            why: "unknown word".into(),
        })?;
        Ok((format, row.bytes("sha256")?))
    };
    rows.iter().map(read).collect()
}

/// The sealed bytes drawn before, with their hash.
pub(super) async fn paper(
    at: &mut impl Reads,
    gift: GiftId,
    format: &str,
) -> Result<Option<(Vec<u8>, Vec<u8>)>, DbError> {
    let sql = "SELECT sha256, sealed FROM certificate_paper WHERE gift_id = ?1 AND format = ?2";
    let row = at.query_one(sql, params![(gift,), format]).await?;
    row.map(|row| Ok((row.bytes("sha256")?, row.bytes("sealed")?)))
        .transpose()
}

/// Keeps drawn bytes; the first to draw wins.
pub(super) async fn put_paper(
    tx: &mut Tx,
    gift: GiftId,
    format: &str,
    (sha256, sealed): (&[u8], Vec<u8>),
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO certificate_paper (gift_id, format, sha256, sealed, drawn_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (gift_id, format) DO NOTHING",
        params![(gift,), format, sha256, sealed, now],
    )
    .await
    .map(drop)
}
