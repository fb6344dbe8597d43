//! One ordered list of migrations, written once in SQL that both databases read.
//!
//! Words replaced per database: `BYTES` (BLOB, BYTEA), `BIGINT` (INTEGER, BIGINT), a table that ends in
//! `) CLUSTERED;` is kept in the order of its key (WITHOUT ROWID, a plain table), one that ends in `) ROWS;` is an
//! ordinary one. Lines between `--! sqlite` or `--! postgres` and `--! both` are for that database alone.

use kernel::Instant;

use crate::{Backend, Db, DbError, Reads, Tx, params};

/// A file of the list. Applied files never change; a change is a new file.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The crate it belongs to and its number there: `giving/0001_gifts`.
    pub name: &'static str,
    /// The text, in the portable words above.
    pub sql: &'static str,
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    name TEXT NOT NULL PRIMARY KEY, sql_length BIGINT NOT NULL, sql_sum BIGINT NOT NULL, applied_at BIGINT NOT NULL)";

/// The SQL of a migration for one database.
pub fn render(backend: Backend, sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut wanted = true;
    for line in sql.lines() {
        if let Some(section) = line.trim().strip_prefix("--!") {
            wanted = match section.trim() {
                "sqlite" => backend == Backend::Sqlite,
                "postgres" => backend == Backend::Postgres,
                _ => true,
            };
        } else if wanted && !line.trim_start().starts_with("--") {
            text.push_str(line);
            text.push('\n');
        }
    }
    match backend {
        Backend::Sqlite => text
            .replace("BYTES", "BLOB")
            .replace("BIGINT", "INTEGER")
            .replace(") CLUSTERED;", ") STRICT, WITHOUT ROWID;")
            .replace(") ROWS;", ") STRICT;"),
        Backend::Postgres => text
            .replace("BYTES", "BYTEA")
            .replace(") CLUSTERED;", ");")
            .replace(") ROWS;", ");"),
    }
}

/// A plain sum that notices an edit; not a defence against an attacker, who could edit the table as well.
fn sum(sql: &str) -> i64 {
    sql.bytes()
        .fold(7i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte)))
}

/// Applies what is missing, each file in a transaction of its own. Returns the names applied now.
///
/// # Errors
/// [`DbError::Schema`] when an applied file was edited or the database knows one that this program does not.
pub async fn migrate(db: &Db, list: &[Migration], now: Instant) -> Result<Vec<&'static str>, DbError> {
    let mut tx = db.begin().await?;
    if db.backend() == Backend::Postgres {
        // Two nodes that start together must not both apply.
        tx.query("SELECT pg_advisory_xact_lock(7305804385429840)::text AS locked", vec![])
            .await?;
    }
    tx.execute(TABLE, vec![]).await?;
    let known = applied_rows(&mut tx).await?;
    for (name, length, check) in &known {
        let Some(file) = list.iter().find(|m| m.name == name) else {
            return Err(DbError::Schema(format!(
                "the database has “{name}”, which this program does not know"
            )));
        };
        if (file.sql.len() as i64, sum(file.sql)) != (*length, *check) {
            return Err(DbError::Schema(format!("“{name}” was applied with another text")));
        }
    }
    let mut done = Vec::new();
    for file in list.iter().filter(|m| !known.iter().any(|(name, ..)| name == m.name)) {
        tx.execute_script(&render(db.backend(), file.sql)).await?;
        let row = params![file.name, file.sql.len() as i64, sum(file.sql), now];
        tx.execute(
            "INSERT INTO schema_migration (name, sql_length, sql_sum, applied_at) VALUES (?1, ?2, ?3, ?4)",
            row,
        )
        .await?;
        done.push(file.name);
    }
    tx.commit().await?;
    Ok(done)
}

async fn applied_rows(tx: &mut Tx) -> Result<Vec<(String, i64, i64)>, DbError> {
    let rows = tx
        .query(
            "SELECT name, sql_length, sql_sum FROM schema_migration ORDER BY name",
            vec![],
        )
        .await?;
    rows.iter()
        .map(|r| Ok((r.text("name")?, r.int("sql_length")?, r.int("sql_sum")?)))
        .collect()
}

/// Names of the migrations a database has, for `doctor`; empty when there is no table yet.
///
/// # Errors
/// Any [`DbError`].
pub async fn applied(at: &mut impl Reads) -> Result<Vec<String>, DbError> {
    let exists = match at.backend() {
        Backend::Sqlite => "SELECT name FROM sqlite_master WHERE name = 'schema_migration'",
        Backend::Postgres => "SELECT relname::text AS name FROM pg_class WHERE relname = 'schema_migration'",
    };
    if at.query_one(exists, vec![]).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = at
        .query("SELECT name FROM schema_migration ORDER BY name", vec![])
        .await?;
    rows.iter().map(|r| r.text("name")).collect()
}

/// The schema as the database tells it, sorted, for the golden files in docs/schema.
///
/// # Errors
/// Any [`DbError`].
pub async fn dump_schema(at: &mut impl Reads) -> Result<String, DbError> {
    let sql = match at.backend() {
        Backend::Sqlite => {
            "SELECT sql AS line FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, name"
        }
        Backend::Postgres => {
            "SELECT line FROM (
                SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type ||
                    CASE WHEN is_nullable = 'NO' THEN ' NOT NULL' ELSE '' END AS line
                FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT 'trigger ' || tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal
            ) AS lines ORDER BY line"
        }
    };
    let rows = at.query(sql, vec![]).await?;
    let lines: Result<Vec<String>, DbError> = rows.iter().map(|r| r.text("line")).collect();
    Ok(lines?.join(";\n") + ";\n")
}
