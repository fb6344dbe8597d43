//! Handing a file in and giving it back.

use db::{DbError, Reads};
use kernel::UnitId;
use kernel::id::hex;
use platform::Services;
use platform::files;
use platform::identity::{Actor, Permission};
use ring::digest::{SHA256, digest};
use serde_json::json;

use super::store::{self, Handed};
use crate::HandedId;
use crate::error::{PartnerError, in_scope, invalid};
use crate::told::{Told, finish};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["partner.file_handed_in"];
/// The largest file: a scan of a signed agreement.
pub const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Who may hand a file in: everybody who writes records that name one.
pub const HANDS_IN: &[Permission] = &[
    Permission::PartnerManage,
    Permission::PartnerPurchase,
    Permission::PartnerApprove,
];
/// Files of one unit in a day: a school's signatures, a visit's photographs.
const FILES_A_DAY_MAX: i64 = 5_000;
const DAY_MICROS: i64 = 86_400 * 1_000_000;
/// What the bytes are sealed for.
const SEALED_FOR: &str = "partner file";
const KINDS: [(&[u8], &str); 3] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
];

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// Keeps a file, sealed: a PDF, a PNG or a JPEG of at most [`FILE_BYTES_MAX`] bytes. The same bytes again are the same file.
/// Fact `partner.file_handed_in`.
///
/// # Errors
/// [`PartnerError::Invalid`] for another kind, [`PartnerError::File`].
pub async fn hand_in(services: &Services, by: &Actor, unit: UnitId, bytes: &[u8]) -> Result<Handed, PartnerError> {
    let allowed = by.scope_for_any(HANDS_IN).contains(unit, &services.tree);
    if !allowed {
        by.require(Permission::PartnerManage, unit)?;
    }
    if bytes.len() > FILE_BYTES_MAX {
        return Err(files::FileError::TooLarge(FILE_BYTES_MAX as u64).into());
    }
    let kind = KINDS.iter().find(|(begins, _)| bytes.starts_with(begins));
    let (_, media_type) = kind.ok_or(invalid("file", "a PDF, a PNG or a JPEG is expected"))?;
    let hash = sha256(bytes);
    let mut at = services.db.snapshot().await?;
    if let Some(known) = store::by_hash(&mut at, unit, hash).await? {
        return Ok(known);
    }
    drop(at);
    let (secret, secret_wrapped) = services.keys.new_gift_secret(&*services.rng);
    let sealed = secret.seal(SEALED_FOR, bytes);
    let most = sealed.len() as u64;
    let written = files::blobs(services).write(&sealed[..], most, &*services.rng).await?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    if store::since(&mut tx, unit, now.plus_micros(-DAY_MICROS)).await? >= FILES_A_DAY_MAX {
        return Err(invalid("file", "at most 5,000 files of a unit in a day"));
    }
    let about = files::About {
        unit,
        media_type: (*media_type).to_owned(),
        sealed: files::Sealed::Sealed,
    };
    let file = files::record(&mut tx, &about, written, services).await?;
    let handed = Handed {
        id: HandedId::new(now, &*services.rng),
        unit,
        file,
        sha256: hash.to_vec(),
        media_type: (*media_type).to_owned(),
        length: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        secret_wrapped,
    };
    match store::insert(&mut tx, &handed, (by.id, now)).await {
        Ok(()) => {}
        Err(DbError::Duplicate(_)) => {
            drop(tx);
            let mut at = services.db.snapshot().await?;
            let known = store::by_hash(&mut at, unit, hash).await?;
            return known.ok_or(PartnerError::Taken("file"));
        }
        Err(other) => return Err(other.into()),
    }
    let told = Told {
        unit,
        kind: "partner.file_handed_in",
        subject: handed.id,
        body: json!({ "sha256": hex(&hash), "media_type": media_type, "bytes": handed.length }),
    };
    finish(tx, services, by, told).await?;
    Ok(handed)
}

/// A file's bytes, for who may read the unit's partner regions.
///
/// # Errors
/// [`PartnerError::NotFound`], [`PartnerError::File`].
pub async fn open(services: &Services, by: &Actor, id: HandedId) -> Result<(Handed, Vec<u8>), PartnerError> {
    by.require_somewhere(Permission::PartnerRead)?;
    let mut at = services.db.snapshot().await?;
    let handed = store::file(&mut at, id).await?.ok_or(PartnerError::NotFound("file"))?;
    in_scope(by, Permission::PartnerRead, (handed.unit, "file"))?;
    let stored = files::find(&mut at, handed.file).await?;
    let stored = stored.ok_or(files::FileError::Damaged)?;
    drop(at);
    let sealed = files::blobs(services).read(&stored.sha256, stored.length).await?;
    let secret = services.keys.gift_secret(&handed.secret_wrapped)?;
    let bytes = secret.open(SEALED_FOR, &sealed)?;
    if sha256(&bytes)[..] != handed.sha256[..] {
        return Err(files::FileError::Damaged.into());
    }
    Ok((handed, bytes))
}

/// Refuses a file that is not this unit's.
///
/// # Errors
/// [`PartnerError::NotFound`].
pub(crate) async fn of_unit(at: &mut impl Reads, id: HandedId, unit: UnitId) -> Result<(), PartnerError> {
    let known = store::file(at, id).await?.filter(|file| file.unit == unit);
    known.map(drop).ok_or(PartnerError::NotFound("file"))
}
