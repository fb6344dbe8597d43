//! What tables there are and what their columns hold, asked of the database itself.

use db::{Backend, DbError, Reads, params};

use super::BackupError;
use super::archive::{Kind, Table};

/// The fact table, which differs between the two databases.
pub(super) const FACT: &str = "fact";
/// A fact's place: a column on SQLite, a table on PostgreSQL.
pub(super) const PLACE: &str = "place";
/// Made by the program, or by PostgreSQL's way of ordering facts.
const NOT_COPIED: &[&str] = &["schema_migration", "fact_place", "fact_sequencer"];
/// Columns that mean nothing outside their database.
const COLUMNS_NOT_COPIED: &[(&str, &str)] = &[(FACT, "tx_id")];

/// All tables to copy, in the order of their names.
pub(super) async fn tables(at: &mut impl Reads) -> Result<Vec<Table>, BackupError> {
    let sql = match at.backend() {
        Backend::Sqlite => {
            "SELECT m.name AS table_name, c.name AS column_name, lower(c.type) AS kind
             FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid"
        }
        Backend::Postgres => {
            "SELECT c.table_name::text AS table_name, c.column_name::text AS column_name, c.data_type::text AS kind
             FROM information_schema.columns c
             JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
             WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
             ORDER BY c.table_name::text COLLATE \"C\", c.ordinal_position"
        }
    };
    let mut tables: Vec<Table> = Vec::new();
    for row in at.query(sql, vec![]).await? {
        let (name, column) = (row.text("table_name")?, row.text("column_name")?);
        if NOT_COPIED.contains(&name.as_str()) || COLUMNS_NOT_COPIED.contains(&(name.as_str(), column.as_str())) {
            continue;
        }
        let kind = match row.text("kind")?.as_str() {
            "integer" | "bigint" => Kind::Int,
            "text" => Kind::Text,
            "blob" | "bytea" => Kind::Bytes,
            _ => return Err(BackupError::Column(format!("{name}.{column}"))),
        };
        match tables.last_mut().filter(|last| last.name == name) {
            Some(last) => last.columns.push((column, kind)),
            None => tables.push(Table {
                name,
                columns: vec![(column, kind)],
            }),
        }
    }
    for table in &mut tables {
        if table.name == FACT {
            table.columns.retain(|(column, _)| column != PLACE);
            table.columns.insert(0, (PLACE.to_owned(), Kind::Int));
        } else {
            // Both databases list columns as they were declared, but a later ALTER may have come in another order.
            table.columns.sort_by(|a, b| a.0.cmp(&b.0));
        }
    }
    if let Some(fact) = tables.iter_mut().find(|t| t.name == FACT) {
        fact.columns[1..].sort_by(|a, b| a.0.cmp(&b.0));
    }
    Ok(tables)
}

/// The columns of a SQLite table's key, in its order; nothing when it has a row id to page by.
pub(super) async fn sqlite_key(at: &mut impl Reads, table: &str) -> Result<Option<Vec<String>>, DbError> {
    let sql = "SELECT wr FROM pragma_table_list(?1) WHERE schema = 'main'";
    let without_rowid = at
        .query_one(sql, params![table])
        .await?
        .map_or(Ok(false), |row| row.flag("wr"))?;
    if !without_rowid {
        return Ok(None);
    }
    let rows = at
        .query(
            "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk",
            params![table],
        )
        .await?;
    rows.iter()
        .map(|row| row.text("name"))
        .collect::<Result<Vec<_>, _>>()
        .map(Some)
}

/// The first table that has a row, if any. Rows that a migration itself put there do not count as data.
pub(super) async fn first_filled(at: &mut impl Reads, tables: &[Table]) -> Result<Option<String>, DbError> {
    for table in tables {
        let sql = format!("SELECT 1 AS one FROM {} LIMIT 1", table.name);
        if at.query_one(&sql, vec![]).await?.is_some() {
            return Ok(Some(table.name.clone()));
        }
    }
    Ok(None)
}
