//! The table of a witness.

use db::{DbError, Reads, Row, Tx, params};

use crate::tlog::{EMPTY_ROOT, Hash, Verifier};

/// The most logs one witness watches: a supervisor of a province has fewer.
const LOGS_MAX: i64 = 10_000;

/// A log that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Its keys, one or, while another replaces it, more; their name is its origin.
    pub keys: Vec<Verifier>,
    /// The size cosigned last; 0 before the first.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// The checkpoint with the log's signature and the cosignature.
    pub note: Option<String>,
    /// When, in seconds since 1970.
    pub cosigned_seconds: i64,
}

impl Watched {
    /// Its origin.
    pub fn origin(&self) -> &str {
        self.keys.first().map_or("", Verifier::name)
    }
    /// Its keys in one line.
    pub fn vkeys(&self) -> String {
        text(&self.keys)
    }
}

fn text(keys: &[Verifier]) -> String {
    keys.iter().map(Verifier::to_text).collect::<Vec<_>>().join(" ")
}

fn read(row: &Row) -> Result<Watched, DbError> {
    let broken = |column: &str| DbError::Row {
        column: column.to_owned(),
        why: "not what was written".into(),
    };
    let vkeys = row.text("vkey")?;
    let keys: Result<Vec<Verifier>, _> = vkeys.split(' ').map(Verifier::from_text).collect();
    Ok(Watched {
        keys: keys.map_err(|_| broken("vkey"))?,
        size: u64::try_from(row.int("size")?).map_err(|_| broken("size"))?,
        root: Hash::from_slice(&row.bytes("root")?).ok_or_else(|| broken("root"))?,
        note: row.opt_text("note")?,
        cosigned_seconds: row.int("cosigned_seconds")?,
    })
}

const LOG: &str = "SELECT origin, vkey, size, root, note, cosigned_seconds FROM witness_log";

pub(super) async fn find(at: &mut impl Reads, origin: &str) -> Result<Option<Watched>, DbError> {
    let row = at
        .query_one(&format!("{LOG} WHERE origin = ?1"), params![origin])
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn all(at: &mut impl Reads) -> Result<Vec<Watched>, DbError> {
    let sql = format!("{LOG} ORDER BY origin LIMIT ?1");
    at.query(&sql, params![LOGS_MAX]).await?.iter().map(read).collect()
}

pub(super) async fn insert(tx: &mut Tx, key: &Verifier) -> Result<(), DbError> {
    let sql =
        "INSERT INTO witness_log (origin, vkey, size, root, note, cosigned_seconds) VALUES (?1, ?2, 0, ?3, NULL, 0)";
    tx.execute(sql, params![key.name(), key.to_text(), EMPTY_ROOT.0])
        .await
        .map(drop)
}

/// Sets the keys of a watched log.
pub(super) async fn set_keys(tx: &mut Tx, origin: &str, keys: &[Verifier]) -> Result<(), DbError> {
    let sql = "UPDATE witness_log SET vkey = ?2 WHERE origin = ?1";
    tx.execute(sql, params![origin, text(keys)]).await.map(drop)
}

pub(super) async fn put(tx: &mut Tx, log: &Watched) -> Result<(), DbError> {
    let sql = "UPDATE witness_log SET size = ?2, root = ?3, note = ?4, cosigned_seconds = ?5 WHERE origin = ?1";
    let size = i64::try_from(log.size).unwrap_or(i64::MAX);
    let row = params![log.origin(), size, log.root.0, log.note.clone(), log.cosigned_seconds];
    tx.execute(sql, row).await.map(drop)
}
