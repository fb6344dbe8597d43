//! Cosignatures (C2SP tlog-cosignature, v1): a witness says that at a time this was the largest tree it had seen.

use super::TlogError;
use super::note::{KeyKind, Note, Signature, SignedNote, Signer, Verifier};

/// Bytes of the time before the signature.
const TIME_BYTES: usize = 8;

fn message(note: &Note, time_seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time_seconds}\n{}", note.text()).into_bytes()
}

/// Cosigns a checkpoint's text at a time (seconds since 1970).
///
/// # Errors
/// [`TlogError::Signature`] when the key is not one for cosignatures.
pub fn cosign(key: &Signer, note: &Note, time_seconds: u64) -> Result<Signature, TlogError> {
    if key.verifier().kind() != KeyKind::Cosignature {
        return Err(TlogError::Signature("the key is not one for cosignatures"));
    }
    let mut bytes = time_seconds.to_be_bytes().to_vec();
    bytes.extend(key.raw(&message(note, time_seconds)));
    Ok(key.line(bytes))
}

/// Checks a witness's lines and returns the latest of their times. A wrong line under a known key refuses the note.
///
/// # Errors
/// [`TlogError::Signature`].
pub fn check(signed: &SignedNote, key: &Verifier) -> Result<u64, TlogError> {
    const WRONG: TlogError = TlogError::Signature("a known witness’s cosignature is wrong");
    if key.kind() != KeyKind::Cosignature {
        return Err(TlogError::Signature("the key is not one for cosignatures"));
    }
    let mut latest = None;
    for line in signed.of(key) {
        let (time, signature) = line.bytes.split_first_chunk::<TIME_BYTES>().ok_or(WRONG)?;
        let time = u64::from_be_bytes(*time);
        if time > i64::MAX.unsigned_abs() || !key.accepts(&message(&signed.note, time), signature) {
            return Err(WRONG);
        }
        latest = latest.max(Some(time));
    }
    latest.ok_or(TlogError::Signature("the witness has not cosigned"))
}
