//! A batch of signed records: kept, carried out one by one in the order of the phone's numbers, answered one by one.

use std::collections::BTreeMap;

use db::DbError;
use kernel::id::{Id as _, hex, public};
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::RECORD_PLACE;
use super::super::model::{Answer, Applied, Device, Digest, HandedIn, Outcome, RecordKind, Refusal, Signed};
use super::super::store::{self, NewRecord};
use super::super::{queries, rules};
use super::apply::{Order, apply};
use super::refusal;
use crate::error::{ReliefError, invalid};
use crate::told::{Told, finish};
use crate::{DeviceId, RecordId};

/// Tries to write down what became of a batch, where another phone's batch does so at the same moment.
const TRIES_MAX: usize = 5;

/// What a phone hands in.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where it records.
    pub unit: UnitId,
    /// The phone.
    pub device: DeviceId,
    /// Its clock at the moment of sending, milliseconds since 1970.
    pub sent_at_ms: i64,
    /// What it signed.
    pub records: Vec<Signed>,
}

/// A record of the batch, on its way.
struct Carried<'a> {
    signed: &'a Signed,
    digest: Digest,
    /// What it records, or why it is not carried out.
    checked: Result<RecordKind, ReliefError>,
    device_at: Instant,
}

/// What became of a record just now.
enum Became {
    Applied(Applied),
    Refused(Refusal),
}

/// Takes a batch in. Whatever comes is kept; what came before is answered as it was then.
///
/// # Errors
/// [`ReliefError::PhoneOfAnother`], [`ReliefError::Invalid`] for too many records, and the database's; then nothing is
/// lost: the phone sends the batch again.
pub async fn hand_in(services: &Services, by: &Actor, batch: &Batch) -> Result<HandedIn, ReliefError> {
    by.require(Permission::GoodsRecord, batch.unit)?;
    if batch.records.len() > rules::RECORDS_MAX {
        return Err(invalid("records", "at most 100 records of one batch"));
    }
    rules::device_time(batch.sent_at_ms)?;
    let offset_ms = rules::offset_ms(services.now(), batch.sent_at_ms);
    let mut at = services.db.snapshot().await?;
    let device = store::device(&mut at, batch.device)
        .await?
        .filter(|device| device.unit == batch.unit)
        .ok_or(ReliefError::NotFound("phone"))?;
    drop(at);
    if device.actor != by.id {
        return Err(ReliefError::PhoneOfAnother);
    }
    let mut carried = Vec::with_capacity(batch.records.len());
    for signed in &batch.records {
        carried.push(check(services, &device, signed)?);
    }
    carried.sort_by_key(|one| one.signed.record.seq);
    keep(services, by, (&device, offset_ms), &carried).await?;
    let became = carry_out(services, by, &device, carried).await?;
    let gaps = write_down(services, &device, &became).await?;
    let mut answers = Vec::with_capacity(batch.records.len());
    let mut at = services.db.snapshot().await?;
    for signed in &batch.records {
        let digest = rules::sha256(rules::signed_text(&signed.record).as_bytes());
        answers.push(answer(&mut at, &device, signed, digest).await?);
    }
    Ok(HandedIn {
        offset_ms,
        gaps,
        answers,
    })
}

fn check<'a>(services: &Services, device: &Device, signed: &'a Signed) -> Result<Carried<'a>, ReliefError> {
    let text = rules::signed_text(&signed.record);
    if text.len() > rules::RECORD_BYTES_MAX {
        return Err(invalid("records", "at most 4,096 bytes of one record"));
    }
    let own = public(&*services.keys, device.id);
    let checked = rules::verify(&device.public_key, &text, &signed.signature)
        .and_then(|()| rules::check_record(&signed.record, &own));
    let checked = match device.revoked_at {
        Some(_) => Err(ReliefError::PhoneRevoked),
        None => checked,
    };
    Ok(Carried {
        signed,
        digest: rules::sha256(text.as_bytes()),
        checked,
        // A clock that says nothing is kept as the epoch; the record itself is kept as it was signed.
        device_at: rules::device_time(signed.record.device_at_ms).unwrap_or(Instant::from_micros(0)),
    })
}

/// Keeps what is new as it was signed.
async fn keep(
    services: &Services,
    by: &Actor,
    (device, offset_ms): (&Device, i64),
    carried: &[Carried<'_>],
) -> Result<(), ReliefError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    store::seen(&mut tx, device.id, (now, offset_ms)).await?;
    let mut new = 0;
    for one in carried {
        let text = rules::signed_text(&one.signed.record);
        // A word that is none of ours stands in what was signed alone.
        let kind = one.signed.record.kind.parse::<RecordKind>();
        let row = NewRecord {
            id: RecordId::new(now, &*services.rng),
            seq: one.signed.record.seq,
            digest: one.digest,
            kind: kind.map(RecordKind::as_str).unwrap_or_default(),
            sealed: services.keys.seal(text.as_bytes(), RECORD_PLACE, &*services.rng),
            signature: one.signed.signature.clone(),
            device_at: one.device_at,
        };
        new += i64::from(store::keep(&mut tx, device, row, (now, offset_ms)).await?);
    }
    if new == 0 {
        return Ok(tx.commit().await?);
    }
    let told = Told {
        unit: device.unit,
        kind: "goods.queue_handed_in",
        subject: device.id,
        body: json!({ "records": new, "offset_ms": offset_ms }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Carries out what waits, in the order of the numbers. What fails by our own fault stays as it is, and the next goes on:
/// one such record holds up no other.
async fn carry_out(
    services: &Services,
    by: &Actor,
    device: &Device,
    carried: Vec<Carried<'_>>,
) -> Result<Vec<(RecordId, Became)>, ReliefError> {
    let mut became = Vec::with_capacity(carried.len());
    // Numbers of this batch, each with the record that has it.
    let mut numbers: BTreeMap<i64, RecordId> = BTreeMap::new();
    for one in carried {
        let mut at = services.db.snapshot().await?;
        let row = store::by_digest(&mut at, device.id, one.digest).await?;
        let row = row.ok_or(ReliefError::NotFound("record"))?;
        if row.outcome != Outcome::Pending {
            continue;
        }
        let mut is_taken = store::has_number(&mut at, (device.id, row.seq), row.id).await?;
        drop(at);
        if one.checked.is_ok() {
            is_taken |= *numbers.entry(row.seq).or_insert(row.id) != row.id;
        }
        let done = match one.checked {
            Err(error) => Err(error),
            Ok(_) if is_taken => Err(ReliefError::NumberTaken(row.seq)),
            Ok(kind) => {
                let order = Order {
                    device,
                    id: row.id,
                    record: &one.signed.record,
                    kind,
                    reason: "",
                };
                tried(services, by, &order).await
            }
        };
        match done.map_err(refusal) {
            Ok(applied) => became.push((row.id, Became::Applied(applied))),
            Err(Ok(why)) => became.push((row.id, Became::Refused(why))),
            Err(Err(ReliefError::Db(error))) if error.is_transient() => return Err(error.into()),
            Err(Err(error)) => {
                tracing::error!(%error, record = %hex(&row.id.bytes()), "a phone's record could not be carried out");
            }
        }
    }
    Ok(became)
}

/// Carries a record out, again where another was in the way.
async fn tried(services: &Services, by: &Actor, order: &Order<'_>) -> Result<Applied, ReliefError> {
    let mut tries = 1;
    loop {
        match apply(services, by, order).await {
            Err(ReliefError::Db(DbError::Contended(_) | DbError::Duplicate(_))) if tries < TRIES_MAX => tries += 1,
            settled => return settled,
        }
    }
}

/// Writes down what became of the records, and which numbers are missing.
async fn write_down(
    services: &Services,
    device: &Device,
    became: &[(RecordId, Became)],
) -> Result<Vec<(i64, i64)>, ReliefError> {
    let mut tries = 1;
    loop {
        match write_once(services, device, became).await {
            // Another phone's record did the same at the same moment: it is the first, this one is known.
            Err(ReliefError::Db(DbError::Duplicate(_) | DbError::Contended(_))) if tries < TRIES_MAX => tries += 1,
            settled => return settled,
        }
    }
}

async fn write_once(
    services: &Services,
    device: &Device,
    became: &[(RecordId, Became)],
) -> Result<Vec<(i64, i64)>, ReliefError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let device = store::lock_device(&mut tx, device.id)
        .await?
        .ok_or(ReliefError::NotFound("phone"))?;
    for (id, one) in became {
        match one {
            Became::Applied(applied) => {
                super::settle::write_applied(&mut tx, (device.unit, *id), applied, now).await?;
            }
            Became::Refused(why) => store::set_refused(&mut tx, *id, why).await?,
        }
    }
    let above = store::numbers_above(&mut tx, device.id, device.seq_whole).await?;
    let (whole, gaps) = rules::gaps(device.seq_whole, &above);
    let last = above.last().copied().unwrap_or(whole).max(device.seq_last);
    store::set_numbers(&mut tx, device.id, (whole, last)).await?;
    tx.commit().await?;
    for (id, one) in became {
        if let Became::Refused(why) = one {
            tracing::info!(record = %hex(&id.bytes()), reason = %why.slug, "a phone's record waits for an officer");
        }
    }
    Ok(gaps)
}

async fn answer(
    at: &mut db::Snapshot,
    device: &Device,
    signed: &Signed,
    digest: Digest,
) -> Result<Answer, ReliefError> {
    let row = store::by_digest(at, device.id, digest)
        .await?
        .ok_or(ReliefError::NotFound("record"))?;
    let first = match row.outcome {
        Outcome::Known => Some(queries::first(at, &row).await?),
        _ => None,
    };
    let wants_photo = match (signed.record.kind.as_str(), rules::digest_of(&signed.record.sha256)) {
        ("photo" | "unannounced", Some(sha256)) => {
            let photo = store::photo_of(at, device.id, sha256).await?;
            photo.is_some_and(|photo| photo.kept.is_none())
        }
        _ => false,
    };
    Ok(Answer {
        id: row.id,
        seq: row.seq,
        key: signed.record.key.clone(),
        outcome: row.outcome,
        refusal: row.refusal,
        first,
        wants_photo,
    })
}
