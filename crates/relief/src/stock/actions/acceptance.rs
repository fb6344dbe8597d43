//! Whether goods are accepted (R5.3, R5.6): shelf life, certificate, and who looks at them.

use db::Tx;
use platform::Services;
use platform::identity::{Actor, Permission};

use super::super::model::Lot;
use super::super::rules::{self, ShelfRule};
use super::super::store;
use crate::catalogue::store as catalogue;
use crate::error::ReliefError;

/// Enough shelf life left and the certificate there, or an exception with its reason by who may approve; and, where the
/// house asks for it, looked at by somebody else than who took them in at the door.
///
/// # Errors
/// [`ReliefError::ShelfLife`], [`ReliefError::Certificate`], [`ReliefError::SamePerson`], [`ReliefError::Forbidden`] for an
/// exception by who only records.
pub(crate) async fn check(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (lot, reason): (&Lot, &str),
) -> Result<(), ReliefError> {
    let today = services.now().business_day();
    let item = catalogue::item(tx, lot.item)
        .await?
        .ok_or(ReliefError::NotFound("item"))?;
    let table = platform::parameters::load(tx).await?;
    let whole = |key| table.whole(key, today).map(Option::unwrap_or_default);
    let rule = ShelfRule {
        min_months: whole("goods.min_remaining_months")?,
        short_life_months: whole("goods.short_life_months")?,
        short_min_months: whole("goods.short_min_months")?,
    };
    if whole("goods.inspect_by_another")? == 1 && store::took_in(tx, lot.id, by.id).await? {
        return Err(ReliefError::SamePerson);
    }
    let shelf = rules::check_shelf_life(lot.expires_on, item.shelf_life_months, (rule, today));
    let is_bare = whole("goods.certificate_required")? == 1 && !store::has_certificate(tx, lot.id).await?;
    let paper = if is_bare { Err(ReliefError::Certificate) } else { Ok(()) };
    let checked = shelf.and(paper);
    if checked.is_err() && !reason.is_empty() {
        by.require(Permission::GoodsApprove, lot.unit)?;
        return Ok(());
    }
    checked
}
