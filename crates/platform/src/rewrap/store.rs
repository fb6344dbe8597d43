//! Reading and replacing sealed values, whatever their table.

use db::{DbError, Param as _, Reads, Tx, params};
use kernel::ActorId;
use kernel::id::Id as _;

use super::SealedColumn;

/// A sealed value and the key of its row. Ids of all tables look alike here.
pub(super) struct Value {
    pub id: ActorId,
    pub sealed: Vec<u8>,
}

/// Values after a row that a key other than `newest` sealed, in the order of their rows, at most `limit`.
pub(super) async fn older(
    at: &mut impl Reads,
    of: SealedColumn,
    (newest, after): (u8, ActorId),
    limit: i64,
) -> Result<Vec<Value>, DbError> {
    let SealedColumn { table, key, column, .. } = of;
    let sql = format!(
        "SELECT {key} AS id, {column} AS sealed FROM {table}
         WHERE {key} > ?1 AND LENGTH({column}) > 0 AND SUBSTR({column}, 1, 1) <> ?2 ORDER BY {key} LIMIT ?3"
    );
    let rows = at.query(&sql, params![(after,), vec![newest], limit]).await?;
    let read = |row: &db::Row| {
        Ok(Value {
            id: row.id("id")?,
            sealed: row.bytes("sealed")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Puts a value in the place of the one that was read; nothing happens where that has changed meanwhile.
pub(super) async fn replace(tx: &mut Tx, of: SealedColumn, was: &Value, sealed: Vec<u8>) -> Result<u64, DbError> {
    let SealedColumn { table, key, column, .. } = of;
    let sql = format!("UPDATE {table} SET {column} = ?2 WHERE {key} = ?1 AND {column} = ?3");
    tx.execute(&sql, params![(was.id,), sealed, was.sealed.clone()]).await
}

/// How many values of a column each key sealed.
pub(super) async fn by_key(at: &mut impl Reads, of: SealedColumn) -> Result<Vec<(u8, i64)>, DbError> {
    counted(at, of.table, of.column).await
}

/// The same for the answers kept for repeated requests.
pub(super) async fn answers_by_key(at: &mut impl Reads) -> Result<Vec<(u8, i64)>, DbError> {
    counted(at, "idempotency_key", "answer_sealed").await
}

async fn counted(at: &mut impl Reads, table: &str, column: &str) -> Result<Vec<(u8, i64)>, DbError> {
    let sql = format!(
        "SELECT SUBSTR({column}, 1, 1) AS number, COUNT(*) AS n FROM {table} WHERE LENGTH({column}) > 0
         GROUP BY SUBSTR({column}, 1, 1)"
    );
    let rows = at.query(&sql, vec![]).await?;
    let read = |row: &db::Row| {
        let number = row.bytes("number")?.first().copied().unwrap_or(0);
        Ok((number, row.int("n")?))
    };
    rows.iter().map(read).collect()
}

/// The walk's place in a table, where it stands for this newest key.
pub(super) async fn place(at: &mut impl Reads, name: &str) -> Result<Option<String>, DbError> {
    let row = at
        .query_one("SELECT value FROM setting WHERE name = ?1", vec![name.param()])
        .await?;
    row.map(|row| row.text("value")).transpose()
}

/// The first row's key: before all others.
pub(super) fn beginning() -> ActorId {
    ActorId::from_bytes([0; 16])
}
