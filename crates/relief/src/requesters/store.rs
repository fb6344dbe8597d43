//! The table `goods_requester`, and whose requests an actor reaches.

use db::{DbError, Reads, Tx, params};
use kernel::{ActorId, Instant, UnitId};
use platform::identity::{Actor, Permission};

use crate::PartyId;
use crate::error::ReliefError;

/// Whose requests an actor may hand in, confirm and take back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everybody's: she reads goods.
    Everybody,
    /// Those of one receiver: she asks for it.
    Only(PartyId),
}

impl Reach {
    /// Refuses what belongs to another receiver as if it were not there.
    pub(crate) fn check(self, party: PartyId, what: &'static str) -> Result<(), ReliefError> {
        match self {
            Self::Only(own) if own != party => Err(ReliefError::NotFound(what)),
            Self::Only(_) | Self::Everybody => Ok(()),
        }
    }
}

/// Whose requests an actor reaches in a unit.
///
/// # Errors
/// [`ReliefError::Unbound`] for an account that may only ask and is bound to no receiver.
pub(crate) async fn reach(at: &mut impl Reads, by: &Actor, unit: UnitId) -> Result<Reach, ReliefError> {
    if by.require(Permission::GoodsRead, unit).is_ok() {
        return Ok(Reach::Everybody);
    }
    let own = party_of(at, unit, by.id).await?;
    own.map(Reach::Only).ok_or(ReliefError::Unbound)
}

async fn party_of(at: &mut impl Reads, unit: UnitId, account: ActorId) -> Result<Option<PartyId>, DbError> {
    let sql = "SELECT party_id FROM goods_requester WHERE unit_id = ?1 AND actor_id = ?2";
    let row = at.query_one(sql, params![(unit,), (account,)]).await?;
    row.map(|row| row.id("party_id")).transpose()
}

pub(super) async fn put(
    tx: &mut Tx,
    (unit, account): (UnitId, ActorId),
    party: PartyId,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_requester (unit_id, actor_id, party_id, set_by, set_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (unit_id, actor_id) DO UPDATE SET party_id = excluded.party_id, set_by = excluded.set_by,
           set_at = excluded.set_at",
        params![(unit,), (account,), (party,), (by,), now],
    )
    .await
    .map(drop)
}

pub(super) async fn remove(tx: &mut Tx, unit: UnitId, account: ActorId) -> Result<(), DbError> {
    let sql = "DELETE FROM goods_requester WHERE unit_id = ?1 AND actor_id = ?2";
    tx.execute(sql, params![(unit,), (account,)]).await.map(drop)
}
