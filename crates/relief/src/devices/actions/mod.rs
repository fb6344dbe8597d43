//! Enrolling and revoking phones, handing in, settling what was refused, photographs. Whatever a record does, the actions
//! of the other slices do, each in its own transaction with its own fact; what was handed in is one transaction before
//! them, what became of it one after.

mod apply;
mod hand_in;
mod photos;
mod settle;
mod unannounced;

use db::DbError;
use kernel::UnitId;
use kernel::id::public;
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Device, Refusal};
use super::{rules, store};
use crate::DeviceId;
use crate::error::{ReliefError, in_scope, invalid};
use crate::stock::rules::check_text;
use crate::told::{Told, finish};

pub use hand_in::{Batch, hand_in};
pub use photos::{keep_photo, may_see_photos, photo};
pub use settle::{redo, settle};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.phone_enrolled",
    "goods.phone_revoked",
    "goods.queue_handed_in",
    "goods.record_redone",
    "goods.record_settled",
    "goods.photo_announced",
    "goods.photo_kept",
];
/// Phones of one person: more hints at a script gone wrong.
const DEVICES_MAX: i64 = 20;

/// A phone to be enrolled.
#[derive(Debug, Clone)]
pub struct NewDevice<'a> {
    /// Where it will record.
    pub unit: UnitId,
    /// Its name.
    pub name: &'a str,
    /// The public half of its key: an uncompressed point, 65 bytes.
    pub public_key: &'a [u8],
    /// The key's signature over [`rules::enrolment_text`].
    pub signature: &'a [u8],
}

/// Enrols a phone of the one who is signed in on it. The same key again is the same phone.
///
/// # Errors
/// [`ReliefError::Signature`] without the key's own signature, [`ReliefError::PhoneOfAnother`], [`ReliefError::PhoneRevoked`].
pub async fn enrol(services: &Services, by: &Actor, new: NewDevice<'_>) -> Result<Device, ReliefError> {
    by.require(Permission::GoodsRecord, new.unit)?;
    check_text("name", new.name, 1)?;
    rules::check_key(new.public_key)?;
    let unit = public(&*services.keys, new.unit);
    let key = data_encoding::BASE64URL_NOPAD.encode(new.public_key);
    rules::verify(new.public_key, &rules::enrolment_text(&unit, &key), new.signature)?;
    match enrol_once(services, by, &new).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => enrol_once(services, by, &new).await,
        settled => settled,
    }
}

async fn enrol_once(services: &Services, by: &Actor, new: &NewDevice<'_>) -> Result<Device, ReliefError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    if let Some(known) = store::device_by_key(&mut tx, new.unit, new.public_key).await? {
        return match known {
            known if known.actor != by.id => Err(ReliefError::PhoneOfAnother),
            known if known.revoked_at.is_some() => Err(ReliefError::PhoneRevoked),
            known => Ok(known),
        };
    }
    if store::devices_of(&mut tx, by.id).await? >= DEVICES_MAX {
        return Err(invalid(
            "name",
            "at most 20 phones of one person: have old ones revoked",
        ));
    }
    let device = Device {
        id: DeviceId::new(now, &*services.rng),
        unit: new.unit,
        actor: by.id,
        name: new.name.trim().to_owned(),
        public_key: new.public_key.to_vec(),
        enrolled_at: now,
        seen_at: None,
        offset_ms: None,
        seq_whole: 0,
        seq_last: 0,
        revoked_at: None,
    };
    store::insert_device(&mut tx, &device).await?;
    let told = Told {
        unit: device.unit,
        kind: "goods.phone_enrolled",
        subject: device.id,
        body: json!({}),
    };
    finish(tx, services, by, told).await?;
    Ok(device)
}

/// Revokes a phone that is lost or no longer used. What it hands in from then on is kept and refused. Again, it changes
/// nothing.
///
/// # Errors
/// [`ReliefError::NotFound`].
pub async fn revoke(services: &Services, by: &Actor, id: DeviceId) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let device = store::lock_device(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("phone"))?;
    in_scope(by, Permission::GoodsManage, (device.unit, "phone"))?;
    if device.revoked_at.is_some() {
        return Ok(());
    }
    store::revoke(&mut tx, id, (by.id, now)).await?;
    let told = Told {
        unit: device.unit,
        kind: "goods.phone_revoked",
        subject: id,
        body: json!({}),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// A refusal as it is kept: its kind and what fills its words. What is our own fault is none.
fn refusal(error: ReliefError) -> Result<Refusal, ReliefError> {
    if error.severity() == tracing::Level::ERROR {
        return Err(error);
    }
    let problem = error.problem();
    let args = problem.args().iter();
    Ok(Refusal {
        slug: problem.kind().slug.to_owned(),
        args: args.map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    })
}
