//! The tables `goods_series`, `goods_paper`, `goods_paper_drawn`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Instant, UnitId};

use super::model::{Listed, PaperKind, Record};
use crate::{CountId, GrantId, LetterId, LotId, PaperId, TripId};

/// Takes the next number of a unit's papers of a kind in this year. The counter's row is the lock: two at once wait for
/// each other, and one that is given up leaves no gap. Taken after the lots are locked, before the books are.
pub(crate) async fn take_number(
    tx: &mut Tx,
    unit: UnitId,
    kind: PaperKind,
    now: Instant,
) -> Result<(i64, i64), DbError> {
    let year = i64::from(now.business_day().year());
    tx.execute(
        "INSERT INTO goods_series (unit_id, kind, year, last) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT (unit_id, kind, year) DO UPDATE SET last = goods_series.last + 1",
        params![(unit,), kind.as_str(), year],
    )
    .await?;
    let row = tx
        .query_one(
            "SELECT last FROM goods_series WHERE unit_id = ?1 AND kind = ?2 AND year = ?3",
            params![(unit,), kind.as_str(), year],
        )
        .await?;
    let row = row.ok_or_else(|| DbError::Other("a series of papers vanished".into()))?;
    Ok((year, row.int("last")?))
}

/// Writes down which record a number belongs to.
pub(crate) async fn register(
    tx: &mut Tx,
    (unit, kind): (UnitId, PaperKind),
    (year, number): (i64, i64),
    (subject, n): ([u8; 16], i64),
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_paper (unit_id, kind, year, number, subject, n, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![(unit,), kind.as_str(), year, number, subject, n, now],
    )
    .await
    .map(drop)
}

pub(super) const LISTED: &str = "SELECT kind, year, number, subject, n, made_at FROM goods_paper";

pub(super) fn read(row: &Row) -> Result<Listed, DbError> {
    let kind: PaperKind = row.word("kind")?;
    let record = match kind {
        PaperKind::CountSheet => Record::Count(row.id::<CountId>("subject")?),
        PaperKind::PaymentOrder => Record::Payment(row.id::<GrantId>("subject")?),
        PaperKind::Manifest => Record::Trip(row.id::<TripId>("subject")?),
        PaperKind::DonationLetter | PaperKind::Agreement => Record::Letter(row.id::<LetterId>("subject")?),
        _ => Record::Move(row.id::<LotId>("subject")?, row.int("n")?),
    };
    Ok(Listed {
        kind,
        number: (row.int("year")?, row.int("number")?),
        record,
        made_at: row.instant("made_at")?,
    })
}

/// The paper of a record, with its number.
pub(super) async fn of_record(at: &mut impl Reads, record: Record) -> Result<Option<Listed>, DbError> {
    let (subject, n) = record.key();
    let sql = format!("{LISTED} WHERE unit_id = ?1 AND subject = ?2 AND n = ?3 ORDER BY kind LIMIT 1");
    let Some(unit) = unit_of(at, record).await? else {
        return Ok(None);
    };
    let row = at.query_one(&sql, params![(unit,), subject, n]).await?;
    row.as_ref().map(read).transpose()
}

/// Whose a record is.
pub(super) async fn unit_of(at: &mut impl Reads, record: Record) -> Result<Option<UnitId>, DbError> {
    let sql = match record {
        Record::Move(..) => "SELECT unit_id FROM goods_lot WHERE id = ?1",
        Record::Order(_) | Record::HandOver(_) => "SELECT unit_id FROM goods_dispatch WHERE id = ?1",
        Record::Count(_) => "SELECT unit_id FROM goods_count WHERE id = ?1",
        Record::Payment(_) => "SELECT unit_id FROM goods_grant WHERE id = ?1",
        Record::Trip(_) => "SELECT unit_id FROM goods_trip WHERE id = ?1",
        Record::Letter(_) => "SELECT unit_id FROM goods_letter WHERE id = ?1",
    };
    let row = at.query_one(sql, params![record.key().0]).await?;
    row.map(|row| row.id("unit_id")).transpose()
}

/// Where the bytes of a paper are kept.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) unit: UnitId,
    pub(super) kind: PaperKind,
    pub(super) record: Record,
    pub(super) edition: i64,
}

/// The hash and the sealed bytes of a paper drawn before.
pub(super) async fn drawn(at: &mut impl Reads, slot: Slot) -> Result<Option<(Vec<u8>, Vec<u8>)>, DbError> {
    let (subject, n) = slot.record.key();
    let sql = "SELECT sha256, sealed FROM goods_paper_drawn
         WHERE unit_id = ?1 AND kind = ?2 AND subject = ?3 AND n = ?4 AND edition = ?5";
    let key = params![(slot.unit,), slot.kind.as_str(), subject, n, slot.edition];
    let row = at.query_one(sql, key).await?;
    row.map(|row| Ok((row.bytes("sha256")?, row.bytes("sealed")?)))
        .transpose()
}

/// Keeps drawn bytes; the first to draw wins.
pub(super) async fn put_drawn(
    tx: &mut Tx,
    (id, slot): (PaperId, Slot),
    (sha256, sealed): (&[u8], Vec<u8>),
    now: Instant,
) -> Result<(), DbError> {
    let (subject, n) = slot.record.key();
    tx.execute(
        "INSERT INTO goods_paper_drawn (id, unit_id, kind, subject, n, edition, sha256, sealed, drawn_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (unit_id, kind, subject, n, edition) DO NOTHING",
        params![
            (id,),
            (slot.unit,),
            slot.kind.as_str(),
            subject,
            n,
            slot.edition,
            sha256,
            sealed,
            now
        ],
    )
    .await
    .map(drop)
}
