//! The tables of the trails.

use db::{DbError, Reads, Tx, Value, params, wide_values};

use super::super::super::leaf::PublicId;

/// Rows of one insert: two values each, far below either database's bound on parameters.
const ROWS_PER_INSERT: usize = 1_000;

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn place(row: &db::Row, column: &str) -> Result<u64, DbError> {
    u64::try_from(row.int(column)?).map_err(|_| DbError::Row {
        column: column.to_owned(),
        why: "below zero".into(),
    })
}

/// How many entries were looked through.
pub(super) async fn cursor(at: &mut impl Reads) -> Result<u64, DbError> {
    let row = at
        .query_one("SELECT size FROM log_trail_cursor WHERE id = 1", vec![])
        .await?;
    row.map_or(Ok(0), |row| place(&row, "size"))
}

/// Moves it from where it was read; another node that did the same already is not taken back.
pub(super) async fn move_cursor(tx: &mut Tx, from: u64, to: u64) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO log_trail_cursor (id, size) VALUES (1, ?2)
         ON CONFLICT (id) DO UPDATE SET size = excluded.size WHERE log_trail_cursor.size = ?1",
        params![int(from), int(to)],
    )
    .await
    .map(drop)
}

/// Adds entries to trails; those that stand there stay.
pub(super) async fn insert(tx: &mut Tx, rows: &[(PublicId, u64)]) -> Result<(), DbError> {
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 2);
        for (project, index) in chunk {
            values.extend(params![project.as_str(), int(*index)]);
        }
        let rows = wide_values(tx.backend(), chunk.len(), 2);
        let sql = format!("INSERT INTO log_trail (project, idx) VALUES {rows} ON CONFLICT (project, idx) DO NOTHING");
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// The newest places of a project before one.
pub(super) async fn newest(
    at: &mut impl Reads,
    project: &PublicId,
    before: u64,
    count: usize,
) -> Result<Vec<u64>, DbError> {
    let sql = "SELECT idx FROM log_trail WHERE project = ?1 AND idx < ?2 ORDER BY idx DESC LIMIT ?3";
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let rows = at.query(sql, params![project.as_str(), int(before), count]).await?;
    rows.iter().map(|row| place(row, "idx")).collect()
}
