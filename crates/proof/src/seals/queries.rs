//! Reading a seal.

use kernel::UnitId;
use papers::seal::SEAL_BYTES_MAX;
use platform::Services;
use platform::files::{self, Digest, FileError};

/// The PNG of a unit's seal as it is now; none where it has none, or where there is no such unit.
///
/// # Errors
/// [`FileError`].
pub async fn current(services: &Services, unit: UnitId) -> Result<Option<Vec<u8>>, FileError> {
    let mut at = services.db.snapshot().await?;
    let unit = governance::network::queries::unit(&mut at, unit).await?;
    let Some(file) = unit.and_then(|unit| unit.seal) else {
        return Ok(None);
    };
    let row = files::find(&mut at, file).await?.ok_or(FileError::Damaged)?;
    drop(at);
    bytes_of(services, &row.sha256).await.map(Some)
}

/// The PNG with this hash, as a certificate's frame names it.
///
/// # Errors
/// [`FileError::Damaged`] when it is missing or altered.
pub async fn bytes_of(services: &Services, sha256: &Digest) -> Result<Vec<u8>, FileError> {
    files::blobs(services).read(sha256, SEAL_BYTES_MAX as u64 * 2).await
}
