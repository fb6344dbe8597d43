//! The window's video as it is shown.

use db::{DbError, Reads};
use kernel::UnitId;

use super::model::Video;
use super::{rules, store};

/// The video beside a unit's window; none where nobody set one, or where what was set is none by today's rules.
///
/// # Errors
/// Any [`DbError`].
pub async fn video(at: &mut impl Reads, unit: UnitId) -> Result<Option<Video>, DbError> {
    let address = store::address(at, unit).await?;
    Ok(address.and_then(|address| rules::video(&address).ok()))
}
