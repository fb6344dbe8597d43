//! Binding an account to the receiver it asks for. One transaction with one fact.

use kernel::id::{Id as _, hex};
use kernel::{ActorId, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission, Role};
use serde_json::json;

use super::store;
use crate::PartyId;
use crate::error::ReliefError;
use crate::stock::store as stock;
use crate::told::{Told, finish};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.requester_bound"];

/// Says for which receiver an account of the role `requester` asks in a unit; with nobody, it asks for none any more.
///
/// # Errors
/// [`ReliefError::NotFound`] for an account without that role there, or a receiver of another unit.
pub async fn bind(
    services: &Services,
    by: &Actor,
    (unit, account): (UnitId, ActorId),
    receiver: Option<PartyId>,
) -> Result<(), ReliefError> {
    by.require(Permission::GoodsManage, unit)?;
    let mut tx = services.db.begin().await?;
    match receiver {
        None => store::remove(&mut tx, unit, account).await?,
        Some(party) => {
            let holders = platform::identity::queries::holders(
                &mut tx,
                Role::Requester,
                (unit, &services.tree),
                services.now().business_day(),
            )
            .await?;
            if !holders.contains_key(&account) {
                return Err(ReliefError::NotFound("account"));
            }
            if stock::party_unit(&mut tx, party).await? != Some(unit) {
                return Err(ReliefError::NotFound("receiver"));
            }
            store::put(&mut tx, (unit, account), party, (by.id, services.now())).await?;
        }
    }
    let told = Told {
        unit,
        kind: "goods.requester_bound",
        subject: account,
        body: json!({ "receiver": receiver.map(|party| hex(&party.bytes())) }),
    };
    Ok(finish(tx, services, by, told).await?)
}
