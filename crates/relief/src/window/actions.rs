//! Setting the video beside the window, or taking it away.

use kernel::UnitId;
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::Video;
use super::{rules, store};
use crate::error::ReliefError;
use crate::told::{Told, finish};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.window_video_set"];

/// Sets the video beside a unit's public window; without one, it is taken away.
///
/// # Errors
/// [`ReliefError::Invalid`] for an address that may not stand on a page.
pub async fn set(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    address: Option<&str>,
) -> Result<Option<Video>, ReliefError> {
    by.require(Permission::GoodsManage, unit)?;
    let video = address.map(rules::video).transpose()?;
    let mut tx = services.db.begin().await?;
    match &video {
        Some(video) => store::put(&mut tx, unit, &video.address, (by.id, services.now())).await?,
        None => store::drop_video(&mut tx, unit).await?,
    }
    let told = Told {
        unit,
        kind: "goods.window_video_set",
        subject: unit,
        body: json!({ "host": video.as_ref().map(|video| video.host.clone()) }),
    };
    finish(tx, services, by, told).await?;
    Ok(video)
}
