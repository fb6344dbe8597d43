//! Reading a backup into an empty database.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use db::{Backend, Db, Reads as _, Tx, Value, params};
use kernel::id::hex;
use ring::digest::{Context, SHA256};
use tokio::sync::mpsc;

use super::archive::{Kind, Line, Reader, Table};
use super::catalog::{self, FACT};
use super::dump::is_place;
use super::{BackupError, Step, Summary, verify};

/// Rows handed over at a time.
const BATCH_ROWS: usize = 500;
/// Batches that may wait for the database: bounds the memory.
const BATCHES_WAITING: usize = 4;
/// Values one statement may bind on either database, with room.
const VALUES_MAX: usize = 30_000;

/// What the reading thread sends.
enum Event {
    Table(Table),
    Rows(Vec<Vec<Value>>),
    End(Summary),
}

fn damaged(why: &str) -> BackupError {
    BackupError::Damaged(why.to_owned())
}

/// Loads a backup into `db`, which has this program's tables and no rows, and its files into the folder `files`.
/// The whole backup is checked before anything is written, and again while it is loaded; rows become visible all at
/// once at the end. After [`BackupError`] the database is as it was.
///
/// # Errors
/// [`BackupError`].
pub async fn restore(
    db: &Db,
    files: &Path,
    from: &Path,
    progress: impl Fn(Step) + Send + Sync,
) -> Result<Summary, BackupError> {
    let path = from.to_path_buf();
    let (header, _) = blocking(move || verify(&path)).await?;
    let mut tx = db.begin().await?;
    let mut known = db::applied(&mut tx).await?;
    let mut theirs = header.migrations;
    known.sort();
    theirs.sort();
    if let Some(odd) = theirs
        .iter()
        .find(|m| !known.contains(m))
        .or(known.iter().find(|m| !theirs.contains(m)))
    {
        return Err(BackupError::OtherSchema(odd.clone()));
    }
    let tables = catalog::tables(&mut tx).await?;
    if let Some(filled) = catalog::first_filled(&mut tx, &tables).await? {
        return Err(BackupError::NotEmpty(filled));
    }
    let (to_database, events) = mpsc::channel(BATCHES_WAITING);
    let (path, folder) = (from.to_path_buf(), files.to_path_buf());
    let reading = tokio::task::spawn_blocking(move || read(&path, &folder, &to_database));
    let loaded = load(&mut tx, &tables, events, &progress).await;
    let read = reading
        .await
        .map_err(|panic| BackupError::Io(std::io::Error::other(panic)))?;
    // What was wrong with the file is the cause; then what was wrong with the rows.
    read?;
    let summary = loaded?;
    tx.commit().await?;
    Ok(summary)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|panic| BackupError::Io(std::io::Error::other(panic)))?
}

/// Inserts all rows; the caller commits.
async fn load(
    tx: &mut Tx,
    tables: &[Table],
    mut events: mpsc::Receiver<Event>,
    progress: &(impl Fn(Step) + Send + Sync),
) -> Result<Summary, BackupError> {
    let constraints = hold_foreign_keys(tx).await?;
    let mut counts: BTreeMap<String, u64> = tables.iter().map(|t| (t.name.clone(), 0)).collect();
    let mut current: Option<&Table> = None;
    let mut last_place = 0;
    let mut end = None;
    while let Some(event) = events.recv().await {
        match event {
            Event::Table(table) => {
                let mine = tables.iter().find(|mine| **mine == table);
                current = Some(mine.ok_or_else(|| BackupError::OtherSchema(table.name.clone()))?);
            }
            Event::Rows(rows) => {
                let table = current.ok_or_else(|| damaged("rows stand before a table"))?;
                let count = counts.entry(table.name.clone()).or_default();
                *count += rows.len() as u64;
                progress(Step {
                    what: table.name.clone(),
                    done: *count,
                });
                if table.name == FACT {
                    insert_facts(tx, table, rows, &mut last_place).await?;
                } else {
                    insert(tx, &table.name, &names(table), rows).await?;
                }
            }
            Event::End(summary) => end = Some(summary),
        }
    }
    let summary = end.ok_or_else(|| damaged("it ended early"))?;
    if summary.tables != counts {
        return Err(damaged("its rows are not as many as it says"));
    }
    check_foreign_keys(tx, constraints).await?;
    if tx.backend() == Backend::Postgres {
        // The mark lies at or below this very transaction, so facts that had no place yet get theirs after it.
        let sql = "UPDATE fact_sequencer SET last_place = ?1, placed_below = pg_snapshot_xmin(pg_current_snapshot())";
        tx.execute(sql, params![last_place]).await?;
    }
    progress(Step {
        what: "files".into(),
        done: summary.files,
    });
    Ok(summary)
}

fn names(table: &Table) -> Vec<&str> {
    table.columns.iter().map(|(name, _)| name.as_str()).collect()
}

async fn insert(tx: &mut Tx, table: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Result<(), BackupError> {
    let width = columns.len().max(1);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let batch: Vec<Vec<Value>> = rows.by_ref().take((VALUES_MAX / width).min(BATCH_ROWS)).collect();
        let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        for row in 0..batch.len() {
            let marks: Vec<String> = (1..=width).map(|n| format!("?{}", row * width + n)).collect();
            sql.push_str(if row == 0 { "(" } else { ", (" });
            sql.push_str(&marks.join(", "));
            sql.push(')');
        }
        tx.execute(&sql, batch.into_iter().flatten().collect()).await?;
    }
    Ok(())
}

/// Facts keep their places: in their own column on SQLite, in `fact_place` on PostgreSQL. Those that had none yet are
/// given the next ones on SQLite, and wait for the sequencer on PostgreSQL.
async fn insert_facts(
    tx: &mut Tx,
    table: &Table,
    mut rows: Vec<Vec<Value>>,
    last_place: &mut i64,
) -> Result<(), BackupError> {
    debug_assert!(is_place(table, 0), "the place of a fact travels first");
    let id_at = table.columns.iter().position(|(name, _)| name == "id").unwrap_or(1);
    let mut places = Vec::new();
    for row in &mut rows {
        match (&row[0], tx.backend()) {
            (Value::BigInt(Some(place)), _) => {
                *last_place = (*last_place).max(*place);
                places.push(vec![row[0].clone(), row[id_at].clone()]);
            }
            (_, Backend::Sqlite) => {
                *last_place += 1;
                row[0] = Value::BigInt(Some(*last_place));
            }
            (_, Backend::Postgres) => {}
        }
    }
    let columns = names(table);
    if tx.backend() == Backend::Sqlite {
        return insert(tx, FACT, &columns, rows).await;
    }
    let facts = rows.into_iter().map(|row| row.into_iter().skip(1).collect()).collect();
    insert(tx, FACT, &columns[1..], facts).await?;
    insert(tx, "fact_place", &["place", "fact_id"], places).await
}

/// Lets foreign keys be checked at the end: the file's order of tables is not theirs. Returns what was changed.
async fn hold_foreign_keys(tx: &mut Tx) -> Result<Vec<(String, String)>, BackupError> {
    if tx.backend() == Backend::Sqlite {
        tx.execute("PRAGMA defer_foreign_keys = ON", vec![]).await?;
        return Ok(Vec::new());
    }
    let sql = "SELECT conrelid::regclass::text AS owner, quote_ident(conname)::text AS name FROM pg_constraint
               WHERE contype = 'f' AND NOT condeferrable AND connamespace = current_schema()::regnamespace";
    let rows = tx.query(sql, vec![]).await?;
    let mut changed = Vec::new();
    for row in rows {
        let (owner, name) = (row.text("owner")?, row.text("name")?);
        let sql = format!("ALTER TABLE {owner} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED");
        tx.execute(&sql, vec![]).await?;
        changed.push((owner, name));
    }
    Ok(changed)
}

/// Checks the foreign keys now and makes them strict again. SQLite checks its own at the commit.
async fn check_foreign_keys(tx: &mut Tx, changed: Vec<(String, String)>) -> Result<(), BackupError> {
    if tx.backend() == Backend::Postgres {
        tx.execute("SET CONSTRAINTS ALL IMMEDIATE", vec![]).await?;
    }
    for (owner, name) in changed {
        tx.execute(
            &format!("ALTER TABLE {owner} ALTER CONSTRAINT {name} NOT DEFERRABLE"),
            vec![],
        )
        .await?;
    }
    Ok(())
}

/// The reading thread: rows to the database, bytes into the folder. Ends early when the database has gone away.
fn read(path: &Path, folder: &Path, to: &mpsc::Sender<Event>) -> Result<(), BackupError> {
    let mut reader = Reader::open(path)?;
    reader.header()?;
    let mut table: Option<Table> = None;
    let mut file: Option<Incoming> = None;
    let mut rows = Vec::with_capacity(BATCH_ROWS);
    while let Some(line) = reader.line()? {
        if let Line::Cells(cells) = line {
            match (&mut file, &table) {
                (Some(file), _) => file.piece(&cells)?,
                (None, Some(table)) => rows.push(values(table, &cells)?),
                (None, None) => return Err(damaged("a row stands before its table")),
            }
            let full = rows.len() >= BATCH_ROWS;
            if full && to.blocking_send(Event::Rows(std::mem::take(&mut rows))).is_err() {
                return Ok(());
            }
            continue;
        }
        if !rows.is_empty() && to.blocking_send(Event::Rows(std::mem::take(&mut rows))).is_err() {
            return Ok(());
        }
        if let Some(whole) = file.take() {
            whole.finish(folder)?;
        }
        let event = match line {
            Line::Table(next) => {
                table = Some(next.clone());
                Event::Table(next)
            }
            Line::File { sha256, length } => {
                file = Some(Incoming::begin(folder, sha256, length)?);
                continue;
            }
            Line::End(summary) => Event::End(summary),
            Line::Cells(_) => continue,
        };
        if to.blocking_send(event).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn values(table: &Table, cells: &[serde_json::Value]) -> Result<Vec<Value>, BackupError> {
    use serde_json::Value as Json;
    if cells.len() != table.columns.len() {
        return Err(damaged("a row has another number of cells than its table has columns"));
    }
    let cells = cells
        .iter()
        .zip(&table.columns)
        .map(|(cell, (_, kind))| match (kind, cell) {
            (Kind::Int, Json::Null) => Ok(Value::BigInt(None)),
            (Kind::Text, Json::Null) => Ok(Value::String(None)),
            (Kind::Bytes, Json::Null) => Ok(Value::Bytes(None)),
            (Kind::Int, Json::Number(n)) => n.as_i64().map(|n| Value::BigInt(Some(n))).ok_or(()),
            (Kind::Text, Json::String(text)) => Ok(Value::String(Some(text.clone()))),
            (Kind::Bytes, Json::String(text)) => bytes(text).map(|b| Value::Bytes(Some(b))),
            _ => Err(()),
        });
    cells
        .collect::<Result<_, ()>>()
        .map_err(|()| damaged("a cell is not of its column’s type"))
}

fn bytes(text: &str) -> Result<Vec<u8>, ()> {
    data_encoding::BASE64.decode(text.as_bytes()).map_err(|_| ())
}

/// A stored file on its way into the folder.
struct Incoming {
    sha256: String,
    length: u64,
    temporary: PathBuf,
    out: std::fs::File,
    hash: Context,
    seen: u64,
}

impl Incoming {
    fn begin(folder: &Path, sha256: String, length: u64) -> Result<Self, BackupError> {
        // It becomes a path: nothing but the digits of a hash may stand here.
        if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(damaged("the name of a file is no hash"));
        }
        let temporary = folder.join("tmp").join(format!("restore-{sha256}"));
        std::fs::create_dir_all(folder.join("tmp"))?;
        let out = std::fs::File::create(&temporary)?;
        Ok(Self {
            sha256,
            length,
            temporary,
            out,
            hash: Context::new(&SHA256),
            seen: 0,
        })
    }

    fn piece(&mut self, cells: &[serde_json::Value]) -> Result<(), BackupError> {
        let piece = cells
            .first()
            .and_then(|cell| cell.as_str())
            .and_then(|text| bytes(text).ok());
        let piece = piece.ok_or_else(|| damaged("a piece of a file is not readable"))?;
        self.hash.update(&piece);
        self.seen += piece.len() as u64;
        Ok(self.out.write_all(&piece)?)
    }

    fn finish(self, folder: &Path) -> Result<(), BackupError> {
        if self.seen != self.length || hex(self.hash.finish().as_ref()) != self.sha256 {
            return Err(damaged("a file does not match its hash"));
        }
        self.out.sync_all()?;
        let (prefix, name) = self.sha256.split_at(2);
        let target = folder.join(prefix);
        std::fs::create_dir_all(&target)?;
        std::fs::rename(&self.temporary, target.join(name))?;
        std::fs::File::open(&target)?.sync_all()?;
        Ok(())
    }
}
