//! Gives every fact of PostgreSQL its place, once, after its commit is visible, without gaps, on one node at a time.
//!
//! Sequences and times lie about order: a transaction that began early may commit late. So a fact carries the id of
//! its transaction, and a round places exactly the facts of transactions below the oldest one still running
//! (`pg_snapshot_xmin`): nothing below that mark can appear any more. The round is one transaction under an advisory
//! lock, and the mark moves by compare-and-swap, so a node that lost its lock without noticing changes nothing.

use db::{Backend, Db, DbError, Reads, params};

/// The advisory lock of the round; any fixed number that no other part of the program uses.
const LOCK: i64 = 7_305_804_385_429_841;

/// Places what can be placed. Returns how many. On SQLite there is nothing to do.
///
/// # Errors
/// Any [`DbError`]; nothing was placed then.
pub async fn round(db: &Db) -> Result<u64, DbError> {
    if db.backend() == Backend::Sqlite {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    let locked = tx
        .query_one(
            "SELECT pg_try_advisory_xact_lock(?1)::int::bigint AS locked",
            params![LOCK],
        )
        .await?;
    if !locked.map_or(Ok(false), |row| row.flag("locked"))? {
        return Ok(0);
    }
    // Lock, read and write are separate statements: a statement sees what was committed when *it* began, and the
    // state must be read after the lock is held, not by the snapshot that waited for it.
    let state = tx
        .query_one(
            "SELECT last_place, placed_below::text AS below, pg_snapshot_xmin(pg_current_snapshot())::text AS upper
             FROM fact_sequencer",
            vec![],
        )
        .await?
        .ok_or_else(|| DbError::Schema("the table fact_sequencer has lost its row".into()))?;
    let (last, below, upper) = (state.int("last_place")?, state.text("below")?, state.text("upper")?);
    if below == upper {
        return Ok(0);
    }
    let placed = tx
        .execute(
            "INSERT INTO fact_place (place, fact_id)
             SELECT ?1 + row_number() OVER (ORDER BY f.tx_id, f.id), f.id FROM fact f
             WHERE f.tx_id >= ?2::text::xid8 AND f.tx_id < ?3::text::xid8
               AND NOT EXISTS (SELECT 1 FROM fact_place p WHERE p.fact_id = f.id)",
            params![last, below.as_str(), upper.as_str()],
        )
        .await?;
    let moved = tx
        .execute(
            "UPDATE fact_sequencer SET last_place = last_place + ?1, placed_below = ?2::text::xid8
             WHERE last_place = ?3 AND placed_below = ?4::text::xid8",
            params![placed.cast_signed(), upper.as_str(), last, below.as_str()],
        )
        .await?;
    if moved != 1 {
        return Err(DbError::Contended("another sequencer moved the mark".into()));
    }
    tx.commit().await?;
    Ok(placed)
}
