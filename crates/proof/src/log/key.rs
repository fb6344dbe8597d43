//! The key of the log: 32 secret bytes, sealed under the installation's key, in a file of its own. It is not in any
//! database, so that no backup of one carries it.

use kernel::Rng;
use platform::Keys;

use super::error::LogError;
use crate::tlog::{KeyKind, Signer};

/// What the sealed bytes are bound to.
const ABOUT: &str = "log.key";

/// A key file's content.
pub fn new_key_file(keys: &Keys, rng: &dyn Rng) -> String {
    let sealed = keys.seal(&rng.secret(), ABOUT, rng);
    data_encoding::BASE64.encode(&sealed) + "\n"
}

fn sealed(text: &str) -> Result<Vec<u8>, LogError> {
    let sealed = data_encoding::BASE64.decode(text.trim().as_bytes());
    sealed.map_err(|_| LogError::Key("its file is not base64"))
}

/// Whether a key file is sealed under the newest of the installation's keys.
pub fn sealed_with_newest(text: &str, keys: &Keys) -> bool {
    sealed(text).is_ok_and(|bytes| bytes.first() == Some(&keys.newest_number()))
}

/// The same key file, sealed under the newest of the installation's keys.
///
/// # Errors
/// [`LogError::Key`], [`LogError::Sealed`].
pub fn sealed_anew(text: &str, keys: &Keys, rng: &dyn Rng) -> Result<String, LogError> {
    let seed = keys.open(&sealed(text)?, ABOUT)?;
    Ok(data_encoding::BASE64.encode(&keys.seal(&seed, ABOUT, rng)) + "\n")
}

/// Reads a key file; the log's name is its origin.
///
/// # Errors
/// [`LogError::Key`] when it cannot be read, [`LogError::Sealed`] with another installation's key.
pub fn signer_from_file(text: &str, keys: &Keys, origin: &str) -> Result<Signer, LogError> {
    let seed: [u8; 32] = keys
        .open(&sealed(text)?, ABOUT)?
        .try_into()
        .map_err(|_| LogError::Key("it does not have 32 bytes"))?;
    Ok(Signer::new(origin, KeyKind::Ed25519, &seed)?)
}
