//! The tables `goods_device`, `goods_device_record`, `goods_photo`.

use std::collections::BTreeSet;

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, FileId, Instant, UnitId};

use super::model::{Applied, Device, Digest, First, Outcome, Refusal, Subject};
use crate::error::{NUMBER_TAKEN, SIGNATURE};
use crate::{BoxId, DeviceId, DispatchId, LotId, PhotoId, RecordId};

/// Numbers looked at when gaps are sought.
const SEQS_MAX: i64 = 20_000;

pub(super) const DEVICE: &str =
    "SELECT id, unit_id, actor_id, name, public_key, enrolled_at, seen_at, offset_ms, seq_whole, seq_last, revoked_at
     FROM goods_device";

/// A phone's row as a value: the one place.
pub(super) fn read_device(row: &Row) -> Result<Device, DbError> {
    Ok(Device {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        actor: row.id("actor_id")?,
        name: row.text("name")?,
        public_key: row.bytes("public_key")?,
        enrolled_at: row.instant("enrolled_at")?,
        seen_at: row.opt_instant("seen_at")?,
        offset_ms: row.opt_int("offset_ms")?,
        seq_whole: row.int("seq_whole")?,
        seq_last: row.int("seq_last")?,
        revoked_at: row.opt_instant("revoked_at")?,
    })
}

pub(super) async fn device(at: &mut impl Reads, id: DeviceId) -> Result<Option<Device>, DbError> {
    let row = at.query_one(&format!("{DEVICE} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_device).transpose()
}

/// A phone, locked until the transaction ends.
pub(super) async fn lock_device(tx: &mut Tx, id: DeviceId) -> Result<Option<Device>, DbError> {
    tx.execute("UPDATE goods_device SET name = name WHERE id = ?1", params![(id,)])
        .await?;
    device(tx, id).await
}

pub(super) async fn device_by_key(
    at: &mut impl Reads,
    unit: UnitId,
    public_key: &[u8],
) -> Result<Option<Device>, DbError> {
    let sql = format!("{DEVICE} WHERE unit_id = ?1 AND public_key = ?2");
    let row = at.query_one(&sql, params![(unit,), public_key]).await?;
    row.as_ref().map(read_device).transpose()
}

/// Phones of a person that were not revoked.
pub(super) async fn devices_of(at: &mut impl Reads, actor: ActorId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM goods_device WHERE actor_id = ?1 AND revoked_at IS NULL";
    let row = at.query_one(sql, params![(actor,)]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

pub(super) async fn insert_device(tx: &mut Tx, new: &Device) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_device (id, unit_id, actor_id, name, public_key, enrolled_at, seq_whole, seq_last)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)",
        params![
            (new.id,),
            (new.unit,),
            (new.actor,),
            &new.name,
            &new.public_key[..],
            new.enrolled_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn revoke(tx: &mut Tx, id: DeviceId, (by, now): (ActorId, Instant)) -> Result<(), DbError> {
    let sql = "UPDATE goods_device SET revoked_by = ?2, revoked_at = ?3 WHERE id = ?1";
    tx.execute(sql, params![(id,), (by,), now]).await.map(drop)
}

pub(super) async fn seen(tx: &mut Tx, id: DeviceId, (now, offset_ms): (Instant, i64)) -> Result<(), DbError> {
    let sql = "UPDATE goods_device SET seen_at = ?2, offset_ms = ?3 WHERE id = ?1";
    tx.execute(sql, params![(id,), now, offset_ms]).await.map(drop)
}

pub(super) async fn set_numbers(tx: &mut Tx, id: DeviceId, (whole, last): (i64, i64)) -> Result<(), DbError> {
    let sql = "UPDATE goods_device SET seq_whole = ?2, seq_last = ?3 WHERE id = ?1";
    tx.execute(sql, params![(id,), whole, last]).await.map(drop)
}

/// The numbers above this one that are here; what the phone did not sign says nothing of its numbers.
pub(super) async fn numbers_above(at: &mut impl Reads, id: DeviceId, whole: i64) -> Result<BTreeSet<i64>, DbError> {
    let rows = at
        .query(
            "SELECT DISTINCT seq FROM goods_device_record WHERE device_id = ?1 AND seq > ?2 AND reason <> ?4
             ORDER BY seq LIMIT ?3",
            params![(id,), whole, SEQS_MAX, SIGNATURE.slug],
        )
        .await?;
    rows.iter().map(|row| row.int("seq")).collect()
}

/// A record about to be kept.
pub(super) struct NewRecord {
    pub(super) id: RecordId,
    pub(super) seq: i64,
    pub(super) digest: Digest,
    pub(super) kind: &'static str,
    pub(super) sealed: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) device_at: Instant,
}

/// Keeps a record as it was signed; says whether it was new.
pub(super) async fn keep(
    tx: &mut Tx,
    device: &Device,
    new: NewRecord,
    (now, offset_ms): (Instant, i64),
) -> Result<bool, DbError> {
    let kept = tx
        .execute(
            "INSERT INTO goods_device_record (id, unit_id, device_id, seq, digest, kind, sealed, signature, device_at,
               offset_ms, received_at, outcome, reason, reason_args, effect_key, settled_words)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'pending', '', '[]', '', '')
             ON CONFLICT (device_id, digest) DO NOTHING",
            params![
                (new.id,),
                (device.unit,),
                (device.id,),
                new.seq,
                new.digest,
                new.kind,
                new.sealed,
                new.signature,
                new.device_at,
                offset_ms,
                now
            ],
        )
        .await?;
    Ok(kept == 1)
}

/// A record as kept.
#[derive(Debug, Clone)]
pub(crate) struct RecordRow {
    pub(crate) id: RecordId,
    pub(crate) unit: UnitId,
    pub(crate) device: DeviceId,
    pub(crate) seq: i64,
    pub(crate) sealed: Vec<u8>,
    pub(crate) device_at: Instant,
    pub(crate) offset_ms: i64,
    pub(crate) received_at: Instant,
    pub(crate) outcome: Outcome,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) effect: String,
    pub(crate) done_at: Option<Instant>,
    pub(crate) settled_words: String,
}

pub(super) const RECORD: &str =
    "SELECT r.id, r.unit_id, r.device_id, r.seq, r.sealed, r.device_at, r.offset_ms, r.received_at, r.outcome,
       r.reason, r.reason_args, r.effect_key, r.done_at, r.settled_words FROM goods_device_record r";

/// A record's row as a value: the one place.
pub(super) fn read_record(row: &Row) -> Result<RecordRow, DbError> {
    let slug = row.text("reason")?;
    let args = row.text("reason_args")?;
    let args = serde_json::from_str(&args).map_err(|error| DbError::Row {
        column: "reason_args".to_owned(),
        why: error.to_string(),
    })?;
    Ok(RecordRow {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        device: row.id("device_id")?,
        seq: row.int("seq")?,
        sealed: row.bytes("sealed")?,
        device_at: row.instant("device_at")?,
        offset_ms: row.int("offset_ms")?,
        received_at: row.instant("received_at")?,
        outcome: row.word("outcome")?,
        refusal: (!slug.is_empty()).then_some(Refusal { slug, args }),
        effect: row.text("effect_key")?,
        done_at: row.opt_instant("done_at")?,
        settled_words: row.text("settled_words")?,
    })
}

/// One record by what was signed.
pub(super) async fn by_digest(
    at: &mut impl Reads,
    device: DeviceId,
    digest: Digest,
) -> Result<Option<RecordRow>, DbError> {
    let sql = format!("{RECORD} WHERE r.device_id = ?1 AND r.digest = ?2");
    let row = at.query_one(&sql, params![(device,), digest]).await?;
    row.as_ref().map(read_record).transpose()
}

/// Whether another record of a phone has this number: one that the phone signed and that was looked at.
pub(super) async fn has_number(
    at: &mut impl Reads,
    (device, seq): (DeviceId, i64),
    besides: RecordId,
) -> Result<bool, DbError> {
    let row = at
        .query_one(
            "SELECT id FROM goods_device_record WHERE device_id = ?1 AND seq = ?2 AND id <> ?3 AND outcome <> 'pending'
               AND reason <> ?4 AND reason <> ?5 ORDER BY id LIMIT 1",
            params![(device,), seq, (besides,), SIGNATURE.slug, NUMBER_TAKEN.slug],
        )
        .await?;
    Ok(row.is_some())
}

/// A record, locked until the transaction ends.
pub(super) async fn lock_record(tx: &mut Tx, id: RecordId) -> Result<Option<RecordRow>, DbError> {
    let sql = "UPDATE goods_device_record SET outcome = outcome WHERE id = ?1";
    tx.execute(sql, params![(id,)]).await?;
    record(tx, id).await
}

pub(super) async fn record(at: &mut impl Reads, id: RecordId) -> Result<Option<RecordRow>, DbError> {
    let row = at
        .query_one(&format!("{RECORD} WHERE r.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_record).transpose()
}

/// Says of a record that it is the one that did what it says. Nothing where another has done it, or where it was settled.
///
/// # Errors
/// [`DbError::Duplicate`] when another does so at the same moment: the transaction is to be tried again.
pub(super) async fn set_taken(tx: &mut Tx, id: RecordId, applied: &Applied, now: Instant) -> Result<bool, DbError> {
    let subject = applied.subject;
    let set = tx
        .execute(
            "UPDATE goods_device_record SET outcome = 'taken', reason = '', reason_args = '[]', effect_key = ?2, taken_key = ?2,
               lot_id = ?3, box_id = ?4, dispatch_id = ?5, done_at = ?6
             WHERE id = ?1 AND outcome IN ('pending', 'refused') AND NOT EXISTS (SELECT 1 FROM goods_device_record o
               WHERE o.unit_id = goods_device_record.unit_id AND o.taken_key = ?2)",
            params![
                (id,),
                &applied.effect,
                subject.lot.map(|lot| (lot,)),
                subject.code.map(|code| (code,)),
                subject.dispatch.map(|dispatch| (dispatch,)),
                now
            ],
        )
        .await?;
    Ok(set == 1)
}

/// Says of a record that what it says had been done.
pub(super) async fn set_known(tx: &mut Tx, id: RecordId, applied: &Applied) -> Result<(), DbError> {
    let subject = applied.subject;
    tx.execute(
        "UPDATE goods_device_record SET outcome = 'known', reason = '', reason_args = '[]', effect_key = ?2, lot_id = ?3,
           box_id = ?4, dispatch_id = ?5, done_at = ?6 WHERE id = ?1 AND outcome IN ('pending', 'refused')",
        params![
            (id,),
            &applied.effect,
            subject.lot.map(|lot| (lot,)),
            subject.code.map(|code| (code,)),
            subject.dispatch.map(|dispatch| (dispatch,)),
            applied.done_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn set_refused(tx: &mut Tx, id: RecordId, why: &Refusal) -> Result<(), DbError> {
    let args = serde_json::to_string(&why.args).unwrap_or_else(|_| "[]".to_owned());
    tx.execute(
        "UPDATE goods_device_record SET outcome = 'refused', reason = ?2, reason_args = ?3
         WHERE id = ?1 AND outcome IN ('pending', 'refused')",
        params![(id,), &why.slug, args],
    )
    .await
    .map(drop)
}

pub(super) async fn set_settled(
    tx: &mut Tx,
    id: RecordId,
    words: &str,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_device_record SET outcome = 'settled', settled_words = ?2, settled_by = ?3, settled_at = ?4
         WHERE id = ?1 AND outcome IN ('pending', 'refused')",
        params![(id,), words, (by,), now],
    )
    .await
    .map(drop)
}

/// Who did first what this effect names: the record that holds it.
pub(super) async fn first(at: &mut impl Reads, unit: UnitId, effect: &str) -> Result<Option<First>, DbError> {
    let row = at
        .query_one(
            "SELECT d.name, r.done_at FROM goods_device_record r JOIN goods_device d ON d.id = r.device_id
             WHERE r.unit_id = ?1 AND r.taken_key = ?2",
            params![(unit,), effect],
        )
        .await?;
    row.map(|row| {
        Ok(First {
            device: Some(row.text("name")?),
            at: row.opt_instant("done_at")?,
        })
    })
    .transpose()
}

/// A photograph as announced by a record.
pub(super) struct NewPhoto {
    pub(super) id: PhotoId,
    pub(super) sha256: Digest,
    pub(super) subject: Subject,
    pub(super) taken_at: Instant,
    pub(super) note_sealed: Vec<u8>,
}

/// Announces a photograph; says whether it was new.
pub(super) async fn announce_photo(tx: &mut Tx, device: &Device, new: NewPhoto) -> Result<bool, DbError> {
    let subject = new.subject;
    let written = tx
        .execute(
            "INSERT INTO goods_photo (id, unit_id, device_id, sha256, lot_id, box_id, dispatch_id, taken_at, note_sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (device_id, sha256) DO NOTHING",
            params![
                (new.id,),
                (device.unit,),
                (device.id,),
                new.sha256,
                subject.lot.map(|lot| (lot,)),
                subject.code.map(|code| (code,)),
                subject.dispatch.map(|dispatch| (dispatch,)),
                new.taken_at,
                new.note_sealed
            ],
        )
        .await?;
    Ok(written == 1)
}

/// A photograph: whose, by which phone, and its bytes once they came.
pub(crate) struct PhotoRow {
    pub(crate) id: PhotoId,
    pub(crate) unit: UnitId,
    pub(crate) sha256: Digest,
    /// The file, its length, the wrapped secret it is sealed with.
    pub(crate) kept: Option<(FileId, i64, Vec<u8>)>,
}

const PHOTO: &str = "SELECT id, unit_id, sha256, file_id, length, secret_wrapped FROM goods_photo";

fn read_photo(row: &Row) -> Result<PhotoRow, DbError> {
    let kept = match (
        row.opt_id("file_id")?,
        row.opt_int("length")?,
        row.opt_bytes("secret_wrapped")?,
    ) {
        (Some(file), Some(length), Some(secret)) => Some((file, length, secret)),
        _ => None,
    };
    let sha256 = row.bytes("sha256")?;
    Ok(PhotoRow {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        sha256: sha256.try_into().map_err(|_| DbError::Row {
            column: "sha256".to_owned(),
            why: "not 32 bytes".to_owned(),
        })?,
        kept,
    })
}

pub(super) async fn photo(at: &mut impl Reads, id: PhotoId) -> Result<Option<PhotoRow>, DbError> {
    let row = at.query_one(&format!("{PHOTO} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_photo).transpose()
}

pub(super) async fn photo_of(
    at: &mut impl Reads,
    device: DeviceId,
    sha256: Digest,
) -> Result<Option<PhotoRow>, DbError> {
    let sql = format!("{PHOTO} WHERE device_id = ?1 AND sha256 = ?2");
    let row = at.query_one(&sql, params![(device,), sha256]).await?;
    row.as_ref().map(read_photo).transpose()
}

/// Says where a photograph's bytes lie; says whether they were still awaited.
pub(super) async fn keep_photo(
    tx: &mut Tx,
    id: PhotoId,
    (file, length, secret_wrapped): (FileId, i64, Vec<u8>),
    now: Instant,
) -> Result<bool, DbError> {
    let set = tx
        .execute(
            "UPDATE goods_photo SET file_id = ?2, length = ?3, secret_wrapped = ?4, kept_at = ?5
             WHERE id = ?1 AND file_id IS NULL",
            params![(id,), (file,), length, secret_wrapped, now],
        )
        .await?;
    Ok(set == 1)
}

/// Where a lot's, a box's, an order's unit is asked elsewhere; here only which of them an id names.
pub(super) async fn subject_of(at: &mut impl Reads, id: [u8; 16]) -> Result<Subject, DbError> {
    let row = at
        .query_one(
            "SELECT 'box' AS what FROM goods_box WHERE id = ?1
             UNION ALL SELECT 'order' AS what FROM goods_dispatch WHERE id = ?1
             UNION ALL SELECT 'lot' AS what FROM goods_lot WHERE id = ?1 ORDER BY what LIMIT 1",
            params![id],
        )
        .await?;
    let mut subject = Subject::default();
    match row.map(|row| row.text("what")).transpose()?.as_deref() {
        Some("box") => subject.code = Some(kernel::id::Id::from_bytes(id)),
        Some("order") => subject.dispatch = Some(kernel::id::Id::from_bytes(id)),
        Some(_) => subject.lot = Some(kernel::id::Id::from_bytes(id)),
        None => {}
    }
    Ok(subject)
}

/// The box of a unit with this number on its label.
pub(super) async fn box_by_number(
    at: &mut impl Reads,
    unit: UnitId,
    (year, number): (i64, i64),
) -> Result<Option<BoxId>, DbError> {
    let sql = "SELECT id FROM goods_box WHERE unit_id = ?1 AND year = ?2 AND number = ?3";
    let row = at.query_one(sql, params![(unit,), year, number]).await?;
    row.map(|row| row.id("id")).transpose()
}

/// The order of a unit with this number.
pub(super) async fn order_by_number(
    at: &mut impl Reads,
    unit: UnitId,
    (year, number): (i64, i64),
) -> Result<Option<DispatchId>, DbError> {
    let sql = "SELECT id FROM goods_dispatch WHERE unit_id = ?1 AND year = ?2 AND number = ?3";
    let row = at.query_one(sql, params![(unit,), year, number]).await?;
    row.map(|row| row.id("id")).transpose()
}

/// When a movement with this key was written, and when its phone says that it happened.
pub(super) async fn moved(
    at: &mut impl Reads,
    unit: UnitId,
    key: &str,
) -> Result<Option<(Instant, Option<Instant>)>, DbError> {
    let sql = "SELECT moved_at, device_at FROM goods_move WHERE unit_id = ?1 AND move_key = ?2";
    let row = at.query_one(sql, params![(unit,), key]).await?;
    row.map(|row| Ok((row.instant("moved_at")?, row.opt_instant("device_at")?)))
        .transpose()
}

/// The unit in which a lot is counted, its unit and the word.
pub(super) async fn lot_words(at: &mut impl Reads, id: LotId) -> Result<Option<(UnitId, String)>, DbError> {
    let row = at
        .query_one("SELECT unit_id, unit_word FROM goods_lot WHERE id = ?1", params![(id,)])
        .await?;
    row.map(|row| Ok((row.id("unit_id")?, row.text("unit_word")?)))
        .transpose()
}
