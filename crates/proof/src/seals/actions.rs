//! Setting and removing a unit's seal.

use governance::network::Unit;
use governance::network::actions::{Branding, SealChange, brand_unit};
use kernel::UnitId;
use papers::seal;
use platform::Services;
use platform::files::{self, About, Sealed};
use platform::identity::{Actor, Permission};

use super::error::SealError;

/// Gives a unit another seal: the picture is decoded, drawn anew and stored; papers numbered from now on carry it. The
/// same picture again changes nothing on any paper. The fact is `unit.branded`.
///
/// # Errors
/// [`SealError`]: not allowed, no such unit, no usable picture.
pub async fn set(services: &Services, by: &Actor, unit: UnitId, picture: Vec<u8>) -> Result<Unit, SealError> {
    by.require(Permission::UnitManage, unit)?;
    // Some tens of milliseconds of the processor: not on the thread that answers.
    let png = tokio::task::spawn_blocking(move || seal::redrawn(&picture))
        .await
        .map_err(|_| SealError::CutOff)??;
    let about = About {
        unit,
        media_type: "image/png".into(),
        sealed: Sealed::Plain,
    };
    let (file, _) = files::save(services, &about, seal::SEAL_BYTES_MAX as u64 * 2, png.as_slice()).await?;
    let change = Branding {
        seal: SealChange::Set(file),
        ..Branding::default()
    };
    Ok(brand_unit(services, by, unit, change).await?)
}

/// Takes a unit's seal away: papers numbered from now on carry the house's ring.
///
/// # Errors
/// [`SealError`]: not allowed, no such unit.
pub async fn remove(services: &Services, by: &Actor, unit: UnitId) -> Result<Unit, SealError> {
    let change = Branding {
        seal: SealChange::Remove,
        ..Branding::default()
    };
    Ok(brand_unit(services, by, unit, change).await?)
}
