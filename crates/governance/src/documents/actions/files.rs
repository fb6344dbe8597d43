//! Files of documents: handed in before they are sent, kept sealed, given to who may read the document.

use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::files;
use platform::identity::{Actor, Permission};
use ring::digest::{SHA256, digest};
use serde_json::json;

use crate::approvals::rules::file_kind;
use crate::documents::error::DocumentError;
use crate::documents::model::{DocumentFileId, DocumentId, FILE_BYTES_MAX, Filed, State};
use crate::documents::{queries, store};

/// Files of one unit in a day: ten each of more documents than an office sends.
const FILES_A_DAY_MAX: i64 = 500;
const DAY_MICROS: i64 = 86_400 * 1_000_000;
/// What the bytes are sealed for.
const SEALED_FOR: &str = "document file";

/// Keeps a file to be sent with a unit's documents, sealed: a PDF, a PNG or a JPEG of at most [`FILE_BYTES_MAX`] bytes. The
/// same bytes again are the same file. Fact `document.file_handed_in`.
///
/// # Errors
/// [`DocumentError`]: not allowed, of another kind, too large, too many today, the disk.
pub async fn hand_in(services: &Services, by: &Actor, unit: UnitId, bytes: &[u8]) -> Result<Filed, DocumentError> {
    by.require(Permission::DocumentSend, unit)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(files::FileError::TooLarge(FILE_BYTES_MAX as u64).into());
    }
    let media_type = file_kind(bytes).ok_or(DocumentError::FileKind)?.to_owned();
    let sha256 = hash(bytes);
    let mut at = services.db.snapshot().await?;
    if let Some(known) = queries::filed(&mut at, unit, sha256).await? {
        return Ok(known);
    }
    drop(at);
    let (secret, secret_wrapped) = services.keys.new_gift_secret(&*services.rng);
    let sealed = secret.seal(SEALED_FOR, bytes);
    let most = sealed.len() as u64;
    let written = files::blobs(services).write(&sealed[..], most, &*services.rng).await?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    if store::filed_since(&mut tx, unit, now.plus_micros(-DAY_MICROS)).await? >= FILES_A_DAY_MAX {
        return Err(DocumentError::TooManyFiles);
    }
    let about = files::About {
        unit,
        media_type: media_type.clone(),
        sealed: files::Sealed::Sealed,
    };
    let filed = Filed {
        sha256,
        media_type,
        length: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        file: files::record(&mut tx, &about, written, services).await?,
        secret_wrapped,
    };
    let id = DocumentFileId::new(now, &*services.rng);
    if store::put_filed(&mut tx, (id, unit), &filed, (by.id, now)).await? {
        let fact = NewFact {
            unit,
            kind: "document.file_handed_in",
            subject: id.bytes(),
            actor: Some(by.id),
            body: json!({ "sha256": hex(&sha256), "media_type": filed.media_type, "bytes": filed.length }),
        };
        conclude(tx, fact, services).await?;
    }
    Ok(filed)
}

/// A file of a document, for those who may read it; of a withdrawn one for the unit that sent it.
///
/// # Errors
/// [`DocumentError`]: no such document or file, bytes that are missing or altered.
pub async fn file(
    services: &Services,
    by: &Actor,
    id: DocumentId,
    sha256: [u8; 32],
) -> Result<(Filed, Vec<u8>), DocumentError> {
    let missing = || DocumentError::NotFound("file");
    let scope = by.scope_for(Permission::DocumentRead);
    let mut at = services.db.snapshot().await?;
    let document = queries::document_seen(&mut at, (&scope, &services.tree), id).await?;
    let document = document.ok_or_else(missing)?;
    let is_ours = scope.contains(document.unit, &services.tree);
    let parts = queries::parts(&mut at, id).await?;
    let is_part = parts.iter().any(|part| part.sha256 == sha256);
    if !is_part || (document.state != State::Sent && !is_ours) {
        return Err(missing());
    }
    let filed = queries::filed(&mut at, document.unit, sha256)
        .await?
        .ok_or_else(missing)?;
    let stored = files::find(&mut at, filed.file).await?;
    let stored = stored.ok_or(files::FileError::Damaged)?;
    drop(at);
    let sealed = files::blobs(services).read(&stored.sha256, stored.length).await?;
    let secret = services.keys.gift_secret(&filed.secret_wrapped)?;
    let bytes = secret.open(SEALED_FOR, &sealed)?;
    if hash(&bytes) != sha256 {
        return Err(files::FileError::Damaged.into());
    }
    Ok((filed, bytes))
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}
