//! Files of notices: public bytes, stored as they are and handed out to everybody once the notice is published.

use governance::approvals::rules::file_kind;
use kernel::id::hex;
use platform::Services;
use platform::files::{self, About, Sealed};
use platform::identity::Actor;
use serde_json::json;

use super::{finish, held, is_asked};
use crate::notices::error::NoticeError;
use crate::notices::model::{Attached, Notice, NoticeId};
use crate::notices::{queries, rules, store};

/// The largest file: a scanned table of some dozen pages, on a phone's connection.
pub const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Adds a file to a draft: a PDF, a PNG or a JPEG. The same bytes again are the same file. Fact `notice.file_added`.
///
/// # Errors
/// [`NoticeError`]: not found, published or being decided, of another kind, too large, too many, the disk.
pub async fn add_file(
    services: &Services,
    by: &Actor,
    id: NoticeId,
    (name, bytes): (&str, &[u8]),
) -> Result<Notice, NoticeError> {
    let name = rules::check_name(name)?;
    let media_type = file_kind(bytes).ok_or(NoticeError::FileKind)?.to_owned();
    // Whether she may is asked before a byte is stored, and again under the lock.
    let (mut tx, notice) = held(services, by, id).await?;
    rules::may_change(&notice, is_asked(&mut tx, &notice).await?)?;
    tx.rollback().await?;
    let written = files::blobs(services)
        .write(bytes, FILE_BYTES_MAX as u64, &*services.rng)
        .await?;
    let (mut tx, notice) = held(services, by, id).await?;
    rules::may_change(&notice, is_asked(&mut tx, &notice).await?)?;
    let known = store::files(&mut tx, id).await?;
    if known.iter().any(|file| file.sha256 == written.sha256) {
        return Ok(notice);
    }
    if known.len() >= rules::FILES_MAX {
        return Err(NoticeError::Invalid {
            field: "file",
            why: "at most 10 files of a notice",
        });
    }
    let about = About {
        unit: notice.unit,
        media_type: media_type.clone(),
        sealed: Sealed::Plain,
    };
    let file = Attached {
        file: files::record(&mut tx, &about, written, services).await?,
        sha256: written.sha256,
        media_type,
        length: i64::try_from(written.length).unwrap_or(i64::MAX),
        name,
    };
    let position = store::next_position(&mut tx, id).await?;
    store::insert_file(&mut tx, (id, position), &file).await?;
    let body = json!({ "sha256": hex(&file.sha256) });
    finish(tx, services, by, ("notice.file_added", &notice, body)).await?;
    Ok(notice)
}

/// Takes a file off a draft. Repeating it changes nothing. Fact `notice.file_removed`.
///
/// # Errors
/// [`NoticeError`]: not found, published or being decided.
pub async fn remove_file(
    services: &Services,
    by: &Actor,
    id: NoticeId,
    sha256: [u8; 32],
) -> Result<Notice, NoticeError> {
    let (mut tx, notice) = held(services, by, id).await?;
    rules::may_change(&notice, is_asked(&mut tx, &notice).await?)?;
    if !store::delete_file(&mut tx, id, sha256).await? {
        return Ok(notice);
    }
    let body = json!({ "sha256": hex(&sha256) });
    finish(tx, services, by, ("notice.file_removed", &notice, body)).await?;
    Ok(notice)
}

/// A file of a notice with its bytes, for whoever may see the notice: the caller has looked.
///
/// # Errors
/// [`NoticeError::NotFound`], bytes that are missing or altered.
pub async fn file(services: &Services, notice: &Notice, sha256: [u8; 32]) -> Result<(Attached, Vec<u8>), NoticeError> {
    let mut at = services.db.snapshot().await?;
    let all = queries::files(&mut at, notice.id).await?;
    drop(at);
    let file = all.into_iter().find(|file| file.sha256 == sha256);
    let file = file.ok_or(NoticeError::NotFound("file"))?;
    let bytes = files::blobs(services).read(&sha256, FILE_BYTES_MAX as u64).await?;
    Ok((file, bytes))
}
