//! PostgreSQL through sqlx: one `UNNEST` statement per table, an array per column.

use std::collections::HashSet;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Row as _, Transaction};

use super::{Cell, Kind, Lookup, Rows};
use crate::DbError;

pub(super) async fn open(url: &str) -> Result<PgPool, DbError> {
    // A plan prepared on an empty table would scan it for ever: ask for a plan of the moment.
    let options: PgConnectOptions = url
        .parse::<PgConnectOptions>()?
        .options([("plan_cache_mode", "force_custom_plan")]);
    Ok(PgPoolOptions::new().max_connections(2).connect_with(options).await?)
}

const fn array_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "bigint[]",
        Kind::Text => "text[]",
        Kind::Bytes => "bytea[]",
    }
}

fn unnest(columns: &[(&str, Kind)]) -> String {
    let arrays: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(at, (_, kind))| format!("${}::{}", at + 1, array_type(*kind)))
        .collect();
    format!("UNNEST({})", arrays.join(", "))
}

type Bound<'q> = Query<'q, Postgres, PgArguments>;

fn bind<'q>(mut query: Bound<'q>, columns: &[(&str, Kind)], cells: &'q [Cell]) -> Bound<'q> {
    let width = columns.len();
    for (at, (_, kind)) in columns.iter().enumerate() {
        let column = cells.iter().skip(at).step_by(width);
        query = match kind {
            Kind::Int => query.bind(column.map(int).collect::<Vec<Option<i64>>>()),
            Kind::Text => query.bind(column.map(text).collect::<Vec<Option<&str>>>()),
            Kind::Bytes => query.bind(column.map(bytes).collect::<Vec<Option<&[u8]>>>()),
        };
    }
    query
}

const fn int(cell: &Cell) -> Option<i64> {
    if let Cell::Int(n) = cell { Some(*n) } else { None }
}
const fn text(cell: &Cell) -> Option<&str> {
    if let Cell::Text(text) = cell {
        Some(text.as_str())
    } else {
        None
    }
}
const fn bytes(cell: &Cell) -> Option<&[u8]> {
    match cell {
        Cell::Bytes(bytes) => Some(bytes.as_slice()),
        Cell::Id(bytes) => Some(bytes.as_slice()),
        _ => None,
    }
}

fn insert_sql(rows: &Rows) -> String {
    let shape = rows.shape;
    let names: Vec<&str> = shape.columns.iter().map(|(name, _)| *name).collect();
    format!(
        "INSERT INTO {} ({}) SELECT * FROM {} {}",
        shape.table,
        names.join(", "),
        unnest(shape.columns),
        shape.conflict
    )
}

pub(super) async fn insert(tx: &mut Transaction<'static, Postgres>, rows: &Rows) -> Result<(), DbError> {
    let sql = insert_sql(rows);
    bind(sqlx::query(AssertSqlSafe(sql)), rows.shape.columns, &rows.cells)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn insert_new(tx: &mut Transaction<'static, Postgres>, rows: &Rows) -> Result<Vec<bool>, DbError> {
    let key = rows.shape.columns[0].0;
    let sql = format!("{} RETURNING {key}", insert_sql(rows));
    let answer = bind(sqlx::query(AssertSqlSafe(sql)), rows.shape.columns, &rows.cells)
        .fetch_all(&mut **tx)
        .await?;
    let inserted: Result<HashSet<Vec<u8>>, sqlx::Error> = answer.iter().map(|row| row.try_get(0)).collect();
    let inserted = inserted?;
    Ok(rows
        .cells
        .chunks_exact(rows.shape.columns.len())
        .map(|row| inserted.contains(row[0].bytes()))
        .collect())
}

pub(super) async fn find(
    tx: &mut Transaction<'static, Postgres>,
    what: &Lookup,
    keys: &[Cell],
) -> Result<Vec<Option<Vec<Cell>>>, DbError> {
    let names: Vec<&str> = what.keys.iter().map(|(name, _)| *name).collect();
    let wanted: Vec<String> = what.wanted.iter().map(|(name, _)| format!("t.{name}")).collect();
    let joins: Vec<String> = names.iter().map(|name| format!("t.{name} = k.{name}")).collect();
    let arrays = unnest(what.keys);
    let sql = format!(
        "SELECT k.ord, {} FROM {} WITH ORDINALITY AS k({}, ord) JOIN {} t ON {}",
        wanted.join(", "),
        arrays,
        names.join(", "),
        what.table,
        joins.join(" AND ")
    );
    let mut found: Vec<Option<Vec<Cell>>> = vec![None; keys.len() / what.keys.len()];
    for row in bind(sqlx::query(AssertSqlSafe(sql)), what.keys, keys)
        .fetch_all(&mut **tx)
        .await?
    {
        let ord: i64 = row.try_get(0)?;
        let cells: Result<Vec<Cell>, DbError> = what
            .wanted
            .iter()
            .enumerate()
            .map(|(at, (_, kind))| read(&row, at + 1, *kind))
            .collect();
        if let Some(slot) = usize::try_from(ord - 1).ok().and_then(|at| found.get_mut(at)) {
            *slot = Some(cells?);
        }
    }
    Ok(found)
}

pub(super) async fn lock(tx: &mut Transaction<'static, Postgres>, what: &Lookup, keys: &[Cell]) -> Result<(), DbError> {
    let names: Vec<&str> = what.keys.iter().map(|(name, _)| *name).collect();
    let matches: Vec<String> = (1..)
        .zip(what.keys)
        .map(|(at, (name, kind))| {
            let of_one = array_type(*kind).trim_end_matches("[]");
            format!("{name} = ${at}::{of_one}")
        })
        .collect();
    let sql = format!(
        "SELECT {} FROM {} WHERE {} FOR UPDATE",
        names[0],
        what.table,
        matches.join(" AND ")
    );
    // One row a statement: a planner that may choose the order of locking would choose a circle one day.
    for row in keys.chunks_exact(what.keys.len()) {
        let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
        for ((_, kind), cell) in what.keys.iter().zip(row) {
            query = match kind {
                Kind::Int => query.bind(int(cell)),
                Kind::Text => query.bind(text(cell)),
                Kind::Bytes => query.bind(bytes(cell)),
            };
        }
        query.fetch_optional(&mut **tx).await?;
    }
    Ok(())
}

fn read(row: &PgRow, at: usize, kind: Kind) -> Result<Cell, DbError> {
    Ok(match kind {
        Kind::Int => row.try_get::<Option<i64>, _>(at)?.into(),
        Kind::Text => row.try_get::<Option<String>, _>(at)?.into(),
        Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(at)?.into(),
    })
}
