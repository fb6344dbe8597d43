//! Files handed in as papers of cases, and given back to those who may see the case.

use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::files::{self, Digest};
use platform::identity::{Actor, Permission};
use ring::digest::{SHA256, digest};
use serde_json::json;

use crate::approvals::error::ApprovalError;
use crate::approvals::model::{CaseId, FILE_BYTES_MAX, FileOfCase, FiledId};
use crate::approvals::queries;
use crate::approvals::rules::file_kind;
use crate::approvals::store::papers::{self, FiledRow};

/// Files of one unit in a day: sixty papers each for more cases than an office puts.
const FILES_A_DAY_MAX: i64 = 1_000;
const DAY_MICROS: i64 = 86_400 * 1_000_000;
/// What the bytes are sealed for.
const SEALED_FOR: &str = "approval file";

/// Keeps a file for the papers of a unit's cases, sealed: a PDF, a PNG or a JPEG of at most [`FILE_BYTES_MAX`] bytes. A
/// case names it by its hash. The same bytes again are the same file. Fact `approval.file_handed_in`.
///
/// # Errors
/// [`ApprovalError`]: not allowed, of another kind, too large, too many today, the disk.
pub async fn hand_in(services: &Services, by: &Actor, unit: UnitId, bytes: &[u8]) -> Result<FileOfCase, ApprovalError> {
    by.require(Permission::ApprovalRequest, unit)?;
    let about = FileOfCase {
        sha256: hash(bytes),
        media_type: file_kind(bytes).ok_or(ApprovalError::FileKind)?.to_owned(),
        length: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
    };
    if bytes.len() > FILE_BYTES_MAX {
        return Err(files::FileError::TooLarge(FILE_BYTES_MAX as u64).into());
    }
    let mut at = services.db.snapshot().await?;
    if let Some(known) = papers::filed(&mut at, unit, about.sha256).await? {
        return Ok(known.about);
    }
    drop(at);
    let (secret, secret_wrapped) = services.keys.new_gift_secret(&*services.rng);
    let sealed = secret.seal(SEALED_FOR, bytes);
    let most = sealed.len() as u64;
    let written = files::blobs(services).write(&sealed[..], most, &*services.rng).await?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    if papers::filed_since(&mut tx, unit, now.plus_micros(-DAY_MICROS)).await? >= FILES_A_DAY_MAX {
        return Err(ApprovalError::Invalid {
            field: "file",
            why: "at most 1,000 files of a unit in a day",
        });
    }
    let stored = files::About {
        unit,
        media_type: about.media_type.clone(),
        sealed: files::Sealed::Sealed,
    };
    let row = FiledRow {
        about,
        file: files::record(&mut tx, &stored, written, services).await?,
        secret_wrapped,
    };
    let id = FiledId::new(now, &*services.rng);
    if papers::put_filed(&mut tx, (id, unit), &row, (by.id, now)).await? {
        let fact = NewFact {
            unit,
            kind: "approval.file_handed_in",
            subject: id.bytes(),
            actor: Some(by.id),
            body: json!({
                "sha256": hex(&row.about.sha256),
                "media_type": row.about.media_type,
                "bytes": row.about.length,
            }),
        };
        conclude(tx, fact, services).await?;
    }
    Ok(row.about)
}

/// A file that a case or a message of its thread names, for those who may see the case.
///
/// # Errors
/// [`ApprovalError`]: no such case or file, bytes that are missing or altered.
pub async fn file(
    services: &Services,
    by: &Actor,
    id: CaseId,
    sha256: Digest,
) -> Result<(FileOfCase, Vec<u8>), ApprovalError> {
    let mut at = services.db.snapshot().await?;
    let view = queries::view(&mut at, by, &services.tree, id).await?;
    let view = view.ok_or(ApprovalError::NotFound("case"))?;
    let is_it = |file: &FileOfCase| file.sha256 == sha256;
    if !view.files.iter().any(is_it) {
        let thread = queries::thread(&mut at, by, &services.tree, id).await?;
        if !thread.is_some_and(|thread| thread.files.iter().any(is_it)) {
            return Err(ApprovalError::NotFound("file"));
        }
    }
    let row = papers::filed(&mut at, view.case.unit, sha256).await?;
    let row = row.ok_or(ApprovalError::NotFound("file"))?;
    let stored = files::find(&mut at, row.file).await?;
    let stored = stored.ok_or(files::FileError::Damaged)?;
    drop(at);
    let sealed = files::blobs(services).read(&stored.sha256, stored.length).await?;
    let secret = services.keys.gift_secret(&row.secret_wrapped)?;
    let bytes = secret.open(SEALED_FOR, &sealed)?;
    if hash(&bytes) != sha256 {
        return Err(files::FileError::Damaged.into());
    }
    Ok((row.about, bytes))
}

/// How long a file waits for a case that names it: longer than a weekend over which somebody writes one.
pub const UNNAMED_DAYS: i64 = 7;
/// Files looked for in one night; what is left is looked for in the next.
const LOOKED_FOR_MAX: i64 = 1_000;

/// What became of files that waited for a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// Named by a case: they stay.
    pub kept: i64,
    /// Named by none: taken away.
    pub dropped: i64,
}

/// Takes away files that no case names [`UNNAMED_DAYS`] days after they were handed in. Fact `approval.file_dropped` for
/// each.
///
/// # Errors
/// [`ApprovalError::Db`], the disk; what was done stays done.
pub async fn drop_unnamed(services: &Services) -> Result<Looked, ApprovalError> {
    let before = services.now().plus_micros(-UNNAMED_DAYS * DAY_MICROS);
    let waiting = papers::unlooked(&mut services.db.snapshot().await?, before, LOOKED_FOR_MAX).await?;
    let mut looked = Looked::default();
    for one in waiting {
        let mut tx = services.db.begin().await?;
        if papers::is_named(&mut tx, one.unit, one.row.about.sha256).await? {
            papers::keep(&mut tx, one.id).await?;
            tx.commit().await?;
            looked.kept += 1;
            continue;
        }
        papers::drop_filed(&mut tx, one.id).await?;
        let bytes = files::forget(&mut tx, one.row.file).await?;
        let fact = NewFact {
            unit: one.unit,
            kind: "approval.file_dropped",
            subject: one.id.bytes(),
            actor: None,
            body: json!({ "sha256": hex(&one.row.about.sha256), "bytes": one.row.about.length }),
        };
        conclude(tx, fact, services).await?;
        // After the commit: a row without its bytes would be a damaged file, bytes without a row are only room.
        if let Some(sha256) = bytes {
            files::blobs(services).remove(&sha256).await?;
        }
        looked.dropped += 1;
    }
    Ok(looked)
}

pub(super) fn hash(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}
