//! The table `delegation`.

use db::{DbError, Reads, Tx, params};
use kernel::{ActorId, BusinessDay, Instant};

use super::model::{Delegation, DelegationId, NewDelegation};
use crate::identity::Role;

/// The roles that were lent to somebody and are not over.
pub(crate) async fn lent_to(at: &mut impl Reads, to: ActorId, today: BusinessDay) -> Result<Vec<Role>, DbError> {
    let sql = "SELECT role FROM delegation WHERE actor_id = ?1 AND ended_at IS NULL AND to_day >= ?2";
    let rows = at.query(sql, params![(to,), today]).await?;
    rows.iter().map(|row| row.word("role")).collect()
}

pub(super) async fn insert(tx: &mut Tx, new: &Delegation, now: Instant) -> Result<(), DbError> {
    let row = params![
        (new.id,),
        (new.lender,),
        (new.lent.to,),
        (new.lent.unit,),
        new.lent.role.as_str(),
        new.lent.from_day,
        new.lent.to_day,
        now
    ];
    tx.execute(
        "INSERT INTO delegation (id, lender_id, actor_id, unit_id, role, from_day, to_day, given_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        row,
    )
    .await
    .map(drop)
}

pub(super) async fn by_id(at: &mut impl Reads, id: DelegationId) -> Result<Option<Delegation>, DbError> {
    let sql = "SELECT id, lender_id, actor_id, unit_id, role, from_day, to_day, ended_at FROM delegation WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map(|row| {
        Ok(Delegation {
            id: row.id("id")?,
            lender: row.id("lender_id")?,
            lent: NewDelegation {
                to: row.id("actor_id")?,
                role: row.word("role")?,
                unit: row.id("unit_id")?,
                from_day: row.day("from_day")?,
                to_day: row.day("to_day")?,
            },
            ended: row.opt_instant("ended_at")?.is_some(),
        })
    })
    .transpose()
}

pub(super) async fn end(tx: &mut Tx, id: DelegationId, by: ActorId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE delegation SET ended_at = ?2, ended_by = ?3 WHERE id = ?1 AND ended_at IS NULL",
        params![(id,), now, (by,)],
    )
    .await
}
