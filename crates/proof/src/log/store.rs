//! The tables of the log's own database, and the log's cursor beside the facts.

use std::collections::HashMap;

use db::{Backend, DbError, Param as _, Reads, Row, Tx, Value, params, wide_values};
use kernel::Instant;

use super::leaf::{self, Leaf, PublicId};
use super::model::{Candidate, Group, Head, Ident};
use crate::tlog::frontier_levels;
use crate::tlog::sm3::Peaks;
use crate::tlog::tile::{TILE_WIDTH, level_size};
use crate::tlog::{Frontier, Hash, NewNode, Tile};

/// Rows of one insert: four values each, far below either database's bound on parameters.
const ROWS_PER_INSERT: usize = 1_000;
/// The most waiting entries that are looked at in one round: some 40 MB, far more than a day’s gifts to small projects.
pub const HELD_MAX: i64 = 100_000;
/// The advisory lock of the one that signs; any fixed number that no other part of the program uses.
const LOCK: i64 = 7_305_804_385_429_842;

fn broken(column: &str, why: impl ToString) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: why.to_string(),
    }
}

fn size(row: &Row, column: &str) -> Result<u64, DbError> {
    u64::try_from(row.int(column)?).map_err(|_| broken(column, "below zero"))
}

fn hash(row: &Row, column: &str) -> Result<Hash, DbError> {
    Hash::from_slice(&row.bytes(column)?).ok_or_else(|| broken(column, "not 32 bytes"))
}

fn ident(row: &Row, column: &str) -> Result<Ident, DbError> {
    row.bytes(column)?
        .try_into()
        .map_err(|_| broken(column, "not 16 bytes"))
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Takes the lease of the one that signs, held until the transaction ends. SQLite has one process.
pub(super) async fn lease(tx: &mut Tx) -> Result<bool, DbError> {
    let sql = "SELECT pg_try_advisory_xact_lock(?1)::int::bigint AS locked";
    let row = tx.query_one(sql, params![LOCK]).await?;
    row.map_or(Ok(false), |row| row.flag("locked"))
}

/// How far the facts were read.
pub(super) async fn cursor(at: &mut impl Reads) -> Result<i64, DbError> {
    let row = at
        .query_one("SELECT place FROM log_cursor WHERE id = 1", vec![])
        .await?;
    row.map_or(Ok(0), |row| row.int("place"))
}

pub(super) async fn move_cursor(tx: &mut Tx, place: i64, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO log_cursor (id, place, moved_at) VALUES (1, ?1, ?2)
         ON CONFLICT (id) DO UPDATE SET place = excluded.place, moved_at = excluded.moved_at",
        params![place, now],
    )
    .await
    .map(drop)
}

/// The head; `None` before the first was signed.
pub(super) async fn head(at: &mut impl Reads) -> Result<Option<Head>, DbError> {
    let row = at
        .query_one("SELECT size, root, note FROM log_head WHERE id = 1", vec![])
        .await?;
    row.map(|row| {
        Ok(Head {
            size: size(&row, "size")?,
            root: hash(&row, "root")?,
            note: row.text("note")?,
        })
    })
    .transpose()
}

/// Moves the head from the one that was read; returns whether it was still that one.
pub(super) async fn move_head(tx: &mut Tx, old: Option<&Head>, new: &Head, now: Instant) -> Result<bool, DbError> {
    let (wide, root, note) = (int(new.size), new.root.0, &new.note);
    let moved = match old {
        None => {
            let sql = "INSERT INTO log_head (id, size, root, note) VALUES (1, ?1, ?2, ?3) ON CONFLICT DO NOTHING";
            tx.execute(sql, params![wide, root, note]).await?
        }
        Some(old) => {
            let sql = "UPDATE log_head SET size = ?1, root = ?2, note = ?3 WHERE id = 1 AND size = ?4 AND root = ?5";
            tx.execute(sql, params![wide, root, note, int(old.size), old.root.0])
                .await?
        }
    };
    if moved == 1 {
        let sql = "INSERT INTO log_checkpoint (size, root, signed_at) VALUES (?1, ?2, ?3)";
        tx.execute(sql, params![wide, root, now]).await?;
    }
    Ok(moved == 1)
}

/// Gives the head its signatures anew; another tree keeps its own.
pub(super) async fn sign_head_anew(tx: &mut Tx, head: &Head) -> Result<(), DbError> {
    let sql = "UPDATE log_head SET note = ?1 WHERE id = 1 AND size = ?2 AND root = ?3";
    tx.execute(sql, params![&head.note, int(head.size), head.root.0])
        .await
        .map(drop)
}

/// The root that was signed for a size.
pub(super) async fn signed_root(at: &mut impl Reads, of: u64) -> Result<Option<Hash>, DbError> {
    let row = at
        .query_one("SELECT root FROM log_checkpoint WHERE size = ?1", params![int(of)])
        .await?;
    row.map(|row| hash(&row, "root")).transpose()
}

/// The root of the first `of` leaves, whether that tree was ever signed or not; `None` where the log has fewer.
pub(super) async fn root(at: &mut impl Reads, of: u64) -> Result<Option<Hash>, DbError> {
    if let Some(root) = signed_root(at, of).await? {
        return Ok(Some(root));
    }
    Ok(frontier(at, of).await?.map(|edge| edge.root()))
}

/// When the first tree beyond a size was signed; `None` where there is none.
pub(super) async fn signed_beyond(at: &mut impl Reads, size: u64) -> Result<Option<Instant>, DbError> {
    let sql = "SELECT signed_at FROM log_checkpoint WHERE size > ?1 ORDER BY size LIMIT 1";
    let row = at.query_one(sql, params![int(size)]).await?;
    row.map(|row| row.instant("signed_at")).transpose()
}

/// The hashes of a tile, fewer where the tree ends.
pub(super) async fn hashes(at: &mut impl Reads, tile: Tile) -> Result<Vec<Hash>, DbError> {
    let first = int(tile.index.saturating_mul(TILE_WIDTH));
    let end = first.saturating_add(i64::from(tile.width));
    let rows = if tile.level == 0 {
        let sql = "SELECT hash FROM log_leaf WHERE idx >= ?1 AND idx < ?2 ORDER BY idx";
        at.query(sql, params![first, end]).await?
    } else {
        let sql = "SELECT hash FROM log_node WHERE level = ?1 AND idx >= ?2 AND idx < ?3 ORDER BY idx";
        at.query(sql, params![i64::from(tile.level), first, end]).await?
    };
    rows.iter().map(|row| hash(row, "hash")).collect()
}

/// The right edge of the tree of this size.
pub(super) async fn frontier(at: &mut impl Reads, of: u64) -> Result<Option<Frontier>, DbError> {
    let mut levels = Vec::new();
    for level in 0..frontier_levels(of) {
        let row = level_size(of, level);
        let width = (row % TILE_WIDTH) as u16;
        let tile = Tile {
            level,
            index: row / TILE_WIDTH,
            width,
        };
        levels.push(hashes(at, tile).await?);
    }
    Ok(Frontier::from_levels(of, levels))
}

/// Entries from a place on, in their order.
pub(super) async fn leaves(at: &mut impl Reads, from: u64, count: u64) -> Result<Vec<Vec<u8>>, DbError> {
    let sql = "SELECT bytes FROM log_leaf WHERE idx >= ?1 AND idx < ?2 ORDER BY idx";
    let rows = at
        .query(sql, params![int(from), int(from.saturating_add(count))])
        .await?;
    rows.iter().map(|row| row.bytes("bytes")).collect()
}

/// Entries at these places, of which some may be named more than once.
pub(super) async fn leaves_at(at: &mut impl Reads, places: &[u64]) -> Result<HashMap<u64, Vec<u8>>, DbError> {
    let mut found = HashMap::new();
    for chunk in places.chunks(ROWS_PER_INSERT) {
        let values = chunk.iter().map(|place| int(*place).param()).collect();
        let marks = wide_values(at.backend(), 1, chunk.len());
        let sql = format!("SELECT idx, bytes FROM log_leaf WHERE idx IN {marks}");
        for row in at.query(&sql, values).await? {
            found.insert(size(&row, "idx")?, row.bytes("bytes")?);
        }
    }
    Ok(found)
}

pub(super) async fn insert_leaves(tx: &mut Tx, first: u64, leaves: &[(Hash, Vec<u8>)]) -> Result<(), DbError> {
    for (nth, chunk) in leaves.chunks(ROWS_PER_INSERT).enumerate() {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 3);
        for (at, (hash, bytes)) in chunk.iter().enumerate() {
            let index = first + (nth * ROWS_PER_INSERT + at) as u64;
            values.extend(params![int(index), hash.0, bytes.as_slice()]);
        }
        let rows = wide_values(tx.backend(), chunk.len(), 3);
        tx.execute(
            &format!("INSERT INTO log_leaf (idx, hash, bytes) VALUES {rows}"),
            values,
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn insert_nodes(tx: &mut Tx, nodes: &[NewNode]) -> Result<(), DbError> {
    for chunk in nodes.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 3);
        for node in chunk {
            values.extend(params![i64::from(node.level), int(node.index), node.hash.0]);
        }
        let rows = wide_values(tx.backend(), chunk.len(), 3);
        tx.execute(
            &format!("INSERT INTO log_node (level, idx, hash) VALUES {rows}"),
            values,
        )
        .await?;
    }
    Ok(())
}

/// Where facts stand, of those that stand anywhere: place in the log, and in a bundle.
pub(super) async fn known(at: &mut impl Reads, idents: &[Ident]) -> Result<HashMap<Ident, (u64, i64)>, DbError> {
    let mut found = HashMap::new();
    for chunk in idents.chunks(ROWS_PER_INSERT) {
        let values = chunk.iter().map(|ident| (*ident).param()).collect();
        let marks = wide_values(at.backend(), 1, chunk.len());
        let sql = format!("SELECT ident, idx, member FROM log_known WHERE ident IN {marks}");
        for row in at.query(&sql, values).await? {
            found.insert(ident(&row, "ident")?, (size(&row, "idx")?, row.int("member")?));
        }
    }
    Ok(found)
}

pub(super) async fn insert_known(tx: &mut Tx, facts: &[(Ident, u64, i64)]) -> Result<(), DbError> {
    for chunk in facts.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 3);
        for (ident, index, member) in chunk {
            values.extend(params![*ident, int(*index), *member]);
        }
        let rows = wide_values(tx.backend(), chunk.len(), 3);
        tx.execute(
            &format!("INSERT INTO log_known (ident, idx, member) VALUES {rows}"),
            values,
        )
        .await?;
    }
    Ok(())
}

/// The entries that wait, the longest first.
pub(super) async fn held(at: &mut impl Reads) -> Result<Vec<Candidate>, DbError> {
    let sql = "SELECT ident, waits_for, held_at, payer, bytes FROM log_held ORDER BY held_at, ident LIMIT ?1";
    let rows = at.query(sql, params![HELD_MAX]).await?;
    rows.iter().map(read_held).collect()
}

/// The entries that wait, those that came last, at most `limit`.
pub(super) async fn held_newest(at: &mut impl Reads, limit: i64) -> Result<Vec<Candidate>, DbError> {
    let sql = "SELECT ident, waits_for, held_at, payer, bytes FROM log_held ORDER BY held_at DESC, ident LIMIT ?1";
    let rows = at.query(sql, params![limit]).await?;
    rows.iter().map(read_held).collect()
}

fn read_held(row: &Row) -> Result<Candidate, DbError> {
    let waits_for = row.opt_bytes("waits_for")?;
    let waits_for = waits_for.map(|b| b.try_into().map_err(|_| broken("waits_for", "not 16 bytes")));
    let payer = row.opt_bytes("payer")?;
    let payer = payer.map(|b| b.try_into().map_err(|_| broken("payer", "not 16 bytes")));
    Ok(Candidate {
        ident: ident(row, "ident")?,
        waits_for: waits_for.transpose()?,
        held_at: row.instant("held_at")?,
        payer: payer.transpose()?,
        leaf: leaf::decode(&row.bytes("bytes")?).map_err(|e| broken("bytes", e))?,
    })
}

/// The entry of a fact, if it waits.
pub(super) async fn held_of(at: &mut impl Reads, ident: Ident) -> Result<Option<Leaf>, DbError> {
    let sql = "SELECT bytes FROM log_held WHERE ident = ?1";
    let row = at.query_one(sql, params![ident]).await?;
    row.map(|row| leaf::decode(&row.bytes("bytes")?).map_err(|e| broken("bytes", e)))
        .transpose()
}

/// How many wait.
pub(super) async fn count_held(at: &mut impl Reads) -> Result<i64, DbError> {
    let row = at.query_one("SELECT COUNT(*) AS n FROM log_held", vec![]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

pub(super) async fn insert_held(tx: &mut Tx, entries: &[(&Candidate, Vec<u8>)]) -> Result<(), DbError> {
    for chunk in entries.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 5);
        for (candidate, bytes) in chunk {
            values.extend(params![
                candidate.ident,
                candidate.waits_for,
                candidate.held_at,
                candidate.payer,
                bytes.as_slice()
            ]);
        }
        let rows = wide_values(tx.backend(), chunk.len(), 5);
        let sql = format!("INSERT INTO log_held (ident, waits_for, held_at, payer, bytes) VALUES {rows}");
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

pub(super) async fn delete_held(tx: &mut Tx, idents: &[Ident]) -> Result<(), DbError> {
    for chunk in idents.chunks(ROWS_PER_INSERT) {
        let values = chunk.iter().map(|ident| (*ident).param()).collect();
        let marks = wide_values(tx.backend(), 1, chunk.len());
        tx.execute(&format!("DELETE FROM log_held WHERE ident IN {marks}"), values)
            .await?;
    }
    Ok(())
}

/// How many gifts of these groups stand alone.
pub(super) async fn crowd(at: &mut impl Reads, groups: &[Group]) -> Result<HashMap<Group, i64>, DbError> {
    let mut found = HashMap::new();
    for chunk in groups.chunks(ROWS_PER_INSERT) {
        let values = chunk.iter().flat_map(group_key).collect();
        let rows = wide_values(at.backend(), chunk.len(), 3);
        let rows = match at.backend() {
            Backend::Sqlite => format!("VALUES {rows}"),
            Backend::Postgres => rows,
        };
        let sql = format!(
            "SELECT project, business_day, is_match, gifts FROM log_crowd WHERE (project, business_day, is_match) IN ({rows})"
        );
        for row in at.query(&sql, values).await? {
            let project = PublicId::new(&row.text("project")?).map_err(|e| broken("project", e))?;
            let group = Group {
                project,
                day: row.day("business_day")?,
                is_match: row.flag("is_match")?,
            };
            found.insert(group, row.int("gifts")?);
        }
    }
    Ok(found)
}

fn group_key(group: &Group) -> Vec<Value> {
    params![group.project.as_str(), group.day, i64::from(group.is_match)]
}

pub(super) async fn add_crowd(tx: &mut Tx, crowd: &HashMap<Group, i64>) -> Result<(), DbError> {
    let all: Vec<(&Group, &i64)> = crowd.iter().collect();
    for chunk in all.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 4);
        for (group, gifts) in chunk {
            values.extend(group_key(group));
            values.push((**gifts).param());
        }
        let rows = wide_values(tx.backend(), chunk.len(), 4);
        let sql = format!(
            "INSERT INTO log_crowd (project, business_day, is_match, gifts) VALUES {rows}
             ON CONFLICT (project, business_day, is_match) DO UPDATE SET gifts = log_crowd.gifts + excluded.gifts"
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// The tree over SM3 as far as it was computed.
pub(super) async fn sm3_peaks(at: &mut impl Reads) -> Result<Option<Peaks>, DbError> {
    let row = at
        .query_one("SELECT size, peaks FROM log_sm3 WHERE id = 1", vec![])
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Peaks::from_bytes(size(&row, "size")?, &row.bytes("peaks")?))
}

pub(super) async fn keep_sm3_peaks(tx: &mut Tx, tree: &Peaks) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO log_sm3 (id, size, peaks) VALUES (1, ?1, ?2)
         ON CONFLICT (id) DO UPDATE SET size = excluded.size, peaks = excluded.peaks",
        params![int(tree.size()), tree.to_bytes()],
    )
    .await
    .map(drop)
}

/// Whether a database has signers that could race.
pub(super) fn has_rivals(backend: Backend) -> bool {
    backend == Backend::Postgres
}
