//! Who asks for which receiver, as it is shown.

use std::collections::BTreeMap;

use db::{DbError, Reads, params};
use kernel::{ActorId, BusinessDay, UnitId};
use platform::UnitTree;
use platform::identity::Role;

use crate::PartyId;

/// Accounts bound in one unit: a few for every hospital of a province.
const BOUND_MAX: i64 = 5_000;

/// A receiver by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Its id.
    pub id: PartyId,
    /// Its name.
    pub name: String,
}

/// An account that asks.
#[derive(Debug, Clone)]
pub struct Requester {
    /// The account.
    pub account: ActorId,
    /// Its name in lists.
    pub name: String,
    /// For whom it asks; nobody: it can hand nothing in yet.
    pub receiver: Option<Receiver>,
}

/// The receiver that an account asks for in a unit.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn receiver_of(at: &mut impl Reads, unit: UnitId, account: ActorId) -> Result<Option<Receiver>, DbError> {
    let sql = "SELECT p.id, p.name FROM goods_requester q JOIN goods_party p ON p.id = q.party_id
         WHERE q.unit_id = ?1 AND q.actor_id = ?2";
    let row = at.query_one(sql, params![(unit,), (account,)]).await?;
    row.map(|row| {
        Ok(Receiver {
            id: row.id("id")?,
            name: row.text("name")?,
        })
    })
    .transpose()
}

/// The accounts of the role `requester` in a unit, by name, each with the receiver it asks for.
pub async fn requesters(
    at: &mut impl Reads,
    (unit, tree): (UnitId, &UnitTree),
    today: BusinessDay,
) -> Result<Vec<Requester>, DbError> {
    let rows = at
        .query(
            "SELECT q.actor_id, p.id, p.name FROM goods_requester q JOIN goods_party p ON p.id = q.party_id
             WHERE q.unit_id = ?1 ORDER BY q.actor_id LIMIT ?2",
            params![(unit,), BOUND_MAX],
        )
        .await?;
    let mut bound: BTreeMap<ActorId, Receiver> = BTreeMap::new();
    for row in &rows {
        let receiver = Receiver {
            id: row.id("id")?,
            name: row.text("name")?,
        };
        bound.insert(row.id("actor_id")?, receiver);
    }
    let holders = platform::identity::queries::holders(at, Role::Requester, (unit, tree), today).await?;
    let mut found: Vec<Requester> = holders
        .into_iter()
        .map(|(account, name)| Requester {
            account,
            name,
            receiver: bound.remove(&account),
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}
