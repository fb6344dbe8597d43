//! Writing a backup.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use db::{Backend, Db, DbError, Reads as _, Row, Snapshot, Value};
use kernel::Instant;
use tokio::sync::mpsc;

use super::archive::{Kind, Table, Writer};
use super::catalog::{self, FACT, PLACE};
use super::{BackupError, FORMAT, Header, Step, Summary, word};

/// Rows read at a time: a few hundred kilobytes.
const PAGE_ROWS: usize = 2_000;
/// Pages that may wait for the disk: bounds the memory.
const PAGES_WAITING: usize = 4;
/// A file's bytes travel in lines of this many.
const PIECE_BYTES: usize = 48 * 1024;

/// What goes to the thread that compresses and writes.
enum Piece {
    Table(Table),
    Lines(Vec<u8>),
    End(BTreeMap<String, u64>),
}

/// Writes everything there is at this moment into a new file `out`: a consistent state, while others go on writing.
/// `files` is the folder of stored bytes. The file appears under its name only when it is whole and durable.
///
/// # Errors
/// [`BackupError`]; no file is left behind then.
pub async fn backup(
    db: &Db,
    files: &Path,
    out: &Path,
    key_fingerprint: &str,
    now: Instant,
    progress: impl Fn(Step) + Send + Sync,
) -> Result<Summary, BackupError> {
    let mut at = db.snapshot().await?;
    let migrations = db::applied(&mut at).await?;
    let header = Header {
        shanqiao_backup: FORMAT,
        created_at: now,
        backend: word(db.backend()).to_owned(),
        migrations,
        key_fingerprint: key_fingerprint.to_owned(),
    };
    let writer = Writer::create(out, &header)?;
    let part = writer.part().to_path_buf();
    let (to_disk, from_tables) = mpsc::channel(PAGES_WAITING);
    let files = files.to_path_buf();
    let disk = tokio::task::spawn_blocking(move || write(writer, from_tables, &files));
    let dumped = dump(&mut at, &to_disk, &progress).await;
    // Without its sender the writing thread ends, whole or not.
    drop(to_disk);
    let written = disk
        .await
        .map_err(|panic| BackupError::Io(std::io::Error::other(panic)))?;
    // The disk's error is the cause when the tables could not be sent; the tables' error when they could not be read.
    let outcome = match (dumped, written) {
        (Err(error), _) | (Ok(_), Err(error)) => Err(error),
        (Ok(None), Ok(None)) => Err(BackupError::Io(std::io::Error::other("the backup ended early"))),
        (_, Ok(Some(summary))) => Ok(summary),
        (Ok(Some(())), Ok(None)) => Err(BackupError::Io(std::io::Error::other("the backup was not written"))),
    };
    match outcome {
        Ok(summary) => {
            progress(Step {
                what: "files".into(),
                done: summary.files,
            });
            Ok(summary)
        }
        Err(error) => {
            // The first error is the one worth telling.
            let _ = std::fs::remove_file(&part);
            Err(error)
        }
    }
}

/// Sends all tables; `None` when the writing thread has gone away, whose error then tells why.
async fn dump(
    at: &mut Snapshot,
    to_disk: &mpsc::Sender<Piece>,
    progress: &(impl Fn(Step) + Send + Sync),
) -> Result<Option<()>, BackupError> {
    let mut counts = BTreeMap::new();
    for table in catalog::tables(at).await? {
        if to_disk.send(Piece::Table(table.clone())).await.is_err() {
            return Ok(None);
        }
        let mut pages = Pages::open(at, &table).await?;
        let mut rows = 0u64;
        loop {
            let page = pages.next(at).await?;
            if page.is_empty() {
                break;
            }
            rows += page.len() as u64;
            let mut lines = Vec::with_capacity(page.len() * 128);
            for row in &page {
                write_row(&mut lines, row, &table)?;
            }
            if to_disk.send(Piece::Lines(lines)).await.is_err() {
                return Ok(None);
            }
            progress(Step {
                what: table.name.clone(),
                done: rows,
            });
        }
        counts.insert(table.name, rows);
    }
    Ok(to_disk.send(Piece::End(counts)).await.is_ok().then_some(()))
}

/// Walks one table inside the snapshot.
enum Pages {
    /// SQLite: after the key of the last row.
    Key {
        sql: String,
        first: String,
        key: Vec<(String, Kind)>,
        after: Option<Vec<Value>>,
    },
    /// PostgreSQL: a cursor.
    Cursor { fetch: String },
}

impl Pages {
    async fn open(at: &mut Snapshot, table: &Table) -> Result<Self, BackupError> {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ");
        if at.backend() == Backend::Postgres {
            let source = match table.name.as_str() {
                // Placed facts in their order, then those that wait for a place.
                FACT => format!(
                    "SELECT {names} FROM fact LEFT JOIN fact_place ON fact_place.fact_id = fact.id ORDER BY place NULLS LAST, id"
                ),
                other => format!("SELECT {names} FROM {other}"),
            };
            // The cursor has the table's name, so that no prepared FETCH meets another shape of rows.
            at.query(
                &format!("DECLARE backup_{} NO SCROLL CURSOR FOR {source}", table.name),
                vec![],
            )
            .await?;
            return Ok(Self::Cursor {
                fetch: format!("FETCH {PAGE_ROWS} FROM backup_{}", table.name),
            });
        }
        let key = catalog::sqlite_key(at, &table.name).await?;
        let kind_of = |name: &String| {
            let found = table.columns.iter().find(|(column, _)| column == name);
            found.map_or(Kind::Int, |(_, kind)| *kind)
        };
        let key: Vec<(String, Kind)> = match key {
            Some(columns) => columns.iter().map(|name| (name.clone(), kind_of(name))).collect(),
            None => vec![("rowid".to_owned(), Kind::Int)],
        };
        let columns: Vec<&str> = key.iter().map(|(name, _)| name.as_str()).collect();
        let marks: Vec<String> = (1..=key.len()).map(|n| format!("?{n}")).collect();
        let (columns, marks) = (columns.join(", "), marks.join(", "));
        let wanted = if columns == "rowid" {
            format!("rowid AS rowid, {names}")
        } else {
            names
        };
        let tail = format!("ORDER BY {columns} LIMIT {PAGE_ROWS}");
        let first = format!("SELECT {wanted} FROM {} {tail}", table.name);
        let sql = format!(
            "SELECT {wanted} FROM {} WHERE ({columns}) > ({marks}) {tail}",
            table.name
        );
        Ok(Self::Key {
            sql,
            first,
            key,
            after: None,
        })
    }

    async fn next(&mut self, at: &mut Snapshot) -> Result<Vec<Row>, DbError> {
        match self {
            Self::Cursor { fetch } => at.query(fetch, vec![]).await,
            Self::Key { sql, first, key, after } => {
                let page = match after.take() {
                    None => at.query(first, vec![]).await?,
                    Some(values) => at.query(sql, values).await?,
                };
                if let Some(last) = page.last() {
                    let values = key.iter().map(|(name, kind)| key_value(last, name, *kind));
                    *after = Some(values.collect::<Result<_, _>>()?);
                }
                Ok(page)
            }
        }
    }
}

fn key_value(row: &Row, name: &str, kind: Kind) -> Result<Value, DbError> {
    Ok(match kind {
        Kind::Int => Value::BigInt(Some(row.int(name)?)),
        Kind::Text => Value::String(Some(row.text(name)?)),
        Kind::Bytes => Value::Bytes(Some(row.bytes(name)?)),
    })
}

/// A row as a JSON array and a line's end.
fn write_row(out: &mut Vec<u8>, row: &Row, table: &Table) -> Result<(), BackupError> {
    for (at, (name, kind)) in table.columns.iter().enumerate() {
        out.push(if at == 0 { b'[' } else { b',' });
        match kind {
            Kind::Int => match row.opt_int(name)? {
                Some(number) => write!(out, "{number}")?,
                None => out.extend_from_slice(b"null"),
            },
            Kind::Text => serde_json::to_writer(&mut *out, &row.opt_text(name)?).map_err(std::io::Error::from)?,
            Kind::Bytes => match row.opt_bytes(name)? {
                Some(bytes) => write!(out, "\"{}\"", data_encoding::BASE64.encode(&bytes))?,
                None => out.extend_from_slice(b"null"),
            },
        }
    }
    out.extend_from_slice(b"]\n");
    Ok(())
}

/// The writing thread: tables as they come, then the files. `None` when the tables ended early.
fn write(mut writer: Writer, mut pieces: mpsc::Receiver<Piece>, files: &Path) -> Result<Option<Summary>, BackupError> {
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Table(table) => writer.table(&table)?,
            Piece::Lines(lines) => writer.lines(&lines)?,
            Piece::End(tables) => {
                let files = write_files(&mut writer, files)?;
                let summary = Summary { tables, files };
                writer.finish(summary.clone())?;
                return Ok(Some(summary));
            }
        }
    }
    Ok(None)
}

/// All stored bytes. Bytes are written before the row that names them, so what lies there *after* the snapshot was
/// taken holds everything that the snapshot names.
fn write_files(writer: &mut Writer, root: &Path) -> Result<u64, BackupError> {
    let mut count = 0;
    for folder in sorted(root)? {
        let prefix = name_of(&folder);
        if prefix.len() != 2 || !folder.is_dir() {
            continue;
        }
        for path in sorted(&folder)? {
            let sha256 = format!("{prefix}{}", name_of(&path));
            if sha256.len() == 64 {
                count += u64::from(write_file(writer, &path, sha256)?);
            }
        }
    }
    Ok(count)
}

fn write_file(writer: &mut Writer, path: &Path, sha256: String) -> Result<bool, BackupError> {
    use std::io::Read as _;
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        // Erased while we walked.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    writer.file(sha256, file.metadata()?.len())?;
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        if (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut piece)? == 0 {
            return Ok(true);
        }
        let mut line = b"[\"".to_vec();
        line.extend_from_slice(data_encoding::BASE64.encode(&piece).as_bytes());
        line.extend_from_slice(b"\"]\n");
        writer.lines(&line)?;
    }
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// That a column is the place of a fact.
pub(super) fn is_place(table: &Table, column: usize) -> bool {
    table.name == FACT && table.columns.get(column).is_some_and(|(name, _)| name == PLACE)
}
