//! The table `delegation`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, BusinessDay, Instant};

use super::model::{Delegation, DelegationId, NewDelegation, OwnDelegation};
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
        now,
        new.lent.reason.as_str()
    ];
    tx.execute(
        "INSERT INTO delegation (id, lender_id, actor_id, unit_id, role, from_day, to_day, given_at, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        row,
    )
    .await
    .map(drop)
}

const COLUMNS: &str = "d.id, d.lender_id, d.actor_id, d.unit_id, d.role, d.from_day, d.to_day, d.ended_at, d.reason";

fn read(row: &Row) -> Result<Delegation, DbError> {
    Ok(Delegation {
        id: row.id("id")?,
        lender: row.id("lender_id")?,
        lent: NewDelegation {
            to: row.id("actor_id")?,
            role: row.word("role")?,
            unit: row.id("unit_id")?,
            from_day: row.day("from_day")?,
            to_day: row.day("to_day")?,
            reason: row.word("reason")?,
        },
        ended: row.opt_instant("ended_at")?.is_some(),
    })
}

pub(super) async fn by_id(at: &mut impl Reads, id: DelegationId) -> Result<Option<Delegation>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM delegation d WHERE d.id = ?1");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// What somebody lent and what was lent to her, the newest first.
pub(super) async fn of(at: &mut impl Reads, who: ActorId, limit: i64) -> Result<Vec<OwnDelegation>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS}, a.name AS other FROM delegation d
         JOIN actor a ON a.id = CASE WHEN d.lender_id = ?1 THEN d.actor_id ELSE d.lender_id END
         WHERE d.lender_id = ?1 OR d.actor_id = ?1 ORDER BY d.given_at DESC, d.id DESC LIMIT ?2"
    );
    let rows = at.query(&sql, params![(who,), limit]).await?;
    let one = |row: &Row| {
        Ok(OwnDelegation {
            known: read(row)?,
            other: row.text("other")?,
        })
    };
    rows.iter().map(one).collect()
}

pub(super) async fn end(tx: &mut Tx, id: DelegationId, by: ActorId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE delegation SET ended_at = ?2, ended_by = ?3 WHERE id = ?1 AND ended_at IS NULL",
        params![(id,), now, (by,)],
    )
    .await
}
