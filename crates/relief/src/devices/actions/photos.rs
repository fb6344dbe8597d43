//! The bytes of photographs: announced by a record, sent when there is a line, shown to officers.

use kernel::UnitId;
use kernel::id::hex;
use platform::Services;
use platform::files;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::model::Digest;
use super::super::{rules, store};
use crate::error::{ReliefError, in_scope};
use crate::told::{Told, finish};
use crate::{DeviceId, PhotoId};

/// What the bytes are sealed for.
const SEALED_FOR: &str = "goods photo";
/// What an app of ours makes.
const MEDIA_TYPE: &str = "image/jpeg";

/// Keeps the bytes of a photograph that a record of this phone announced, sealed. The same bytes again change nothing.
///
/// # Errors
/// [`ReliefError::NotFound`] for a photograph nobody announced, [`ReliefError::PhotoUnfit`].
pub async fn keep_photo(
    services: &Services,
    by: &Actor,
    (device, sha256): (DeviceId, Digest),
    bytes: &[u8],
) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    if bytes.len() > rules::PHOTO_BYTES_MAX {
        return Err(files::FileError::TooLarge(rules::PHOTO_BYTES_MAX as u64).into());
    }
    let mut at = services.db.snapshot().await?;
    let owner = store::device(&mut at, device)
        .await?
        .ok_or(ReliefError::NotFound("phone"))?;
    in_scope(by, Permission::GoodsRecord, (owner.unit, "phone"))?;
    if owner.actor != by.id {
        return Err(ReliefError::PhoneOfAnother);
    }
    let row = store::photo_of(&mut at, device, sha256)
        .await?
        .ok_or(ReliefError::NotFound("photograph"))?;
    drop(at);
    if row.kept.is_some() {
        return Ok(());
    }
    if rules::sha256(bytes) != sha256 {
        return Err(ReliefError::PhotoUnfit("other bytes than were announced"));
    }
    rules::check_plain_jpeg(bytes)?;
    let (secret, secret_wrapped) = services.keys.new_gift_secret(&*services.rng);
    let sealed = secret.seal(SEALED_FOR, bytes);
    let most = sealed.len() as u64;
    let written = files::blobs(services).write(&sealed[..], most, &*services.rng).await?;
    let about = files::About {
        unit: row.unit,
        media_type: MEDIA_TYPE.to_owned(),
        sealed: files::Sealed::Sealed,
    };
    let mut tx = services.db.begin().await?;
    let file = files::record(&mut tx, &about, written, services).await?;
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let kept = store::keep_photo(&mut tx, row.id, (file, length, secret_wrapped), services.now()).await?;
    if !kept {
        return Ok(());
    }
    let told = Told {
        unit: row.unit,
        kind: "goods.photo_kept",
        subject: row.id,
        body: json!({ "sha256": hex(&sha256), "bytes": length }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Whether somebody sees the photographs of a unit's goods: who keeps the store or approves, and a supervisor who reads
/// goods there.
///
/// # Errors
/// [`ReliefError::NotFound`].
pub fn may_see_photos(by: &Actor, unit: UnitId) -> Result<(), ReliefError> {
    let may = |permission| by.require(permission, unit).is_ok();
    let supervises = may(Permission::AuditRead) && may(Permission::GoodsRead);
    if supervises || may(Permission::GoodsApprove) || may(Permission::GoodsManage) {
        Ok(())
    } else {
        Err(ReliefError::NotFound("photograph"))
    }
}

/// The bytes of a photograph, for who sees them: [`may_see_photos`].
///
/// # Errors
/// [`ReliefError::NotFound`], [`files::FileError::Damaged`].
pub async fn photo(services: &Services, by: &Actor, id: PhotoId) -> Result<Vec<u8>, ReliefError> {
    let mut at = services.db.snapshot().await?;
    let row = store::photo(&mut at, id)
        .await?
        .ok_or(ReliefError::NotFound("photograph"))?;
    may_see_photos(by, row.unit)?;
    let (file, _, secret_wrapped) = row.kept.ok_or(ReliefError::NotFound("photograph"))?;
    let stored = files::find(&mut at, file).await?.ok_or(files::FileError::Damaged)?;
    drop(at);
    let sealed = files::blobs(services).read(&stored.sha256, stored.length).await?;
    let secret = services.keys.gift_secret(&secret_wrapped)?;
    let bytes = secret.open(SEALED_FOR, &sealed)?;
    if rules::sha256(&bytes) == row.sha256 {
        Ok(bytes)
    } else {
        Err(files::FileError::Damaged.into())
    }
}
