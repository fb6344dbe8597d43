//! Events and coverage for showing.

use std::collections::BTreeMap;

use db::{DbError, Param as _, Reads, params};
use kernel::UnitId;
use kernel::id::Id as _;
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Coverage, Event, EventId, Source, SourceId, SourceKind};
use super::store;
pub use super::store::event;

/// Counties and kinds of one installation, with room.
const COVERAGE_MAX: i64 = 10_000;

/// Events in the reader's scope, in order of planning after one, at most `limit`.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn list(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    after: Option<EventId>,
    limit: i64,
) -> Result<Vec<Event>, DbError> {
    let mut values = params![(after.unwrap_or(EventId::from_bytes([0; 16])),), limit];
    let within = scope.condition("e.unit_id", tree, &mut values);
    let sql = format!(
        "SELECT {} FROM offline_event e WHERE e.id > ?1 AND {within} ORDER BY e.id LIMIT ?2",
        store::COLUMNS
    );
    at.query(&sql, values).await?.iter().map(store::read).collect()
}

/// Which sources a list asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Of one county alone.
    pub unit: Option<UnitId>,
    /// Of one kind alone.
    pub kind: Option<SourceKind>,
    /// Those that were ended in the place of those that are known.
    pub ended: bool,
}

/// Villages, shops and firms in the reader's scope, in order of registering after one, at most `limit`.
pub async fn sources(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    wanted: Wanted,
    after: Option<SourceId>,
    limit: i64,
) -> Result<Vec<Source>, DbError> {
    let mut values = params![(after.unwrap_or(SourceId::from_bytes([0; 16])),), limit];
    let within = scope.condition("s.unit_id", tree, &mut values);
    let mut only = String::new();
    if let Some(unit) = wanted.unit {
        values.push((unit,).param());
        only += &format!(" AND s.unit_id = ?{}", values.len());
    }
    if let Some(kind) = wanted.kind {
        values.push(kind.as_str().param());
        only += &format!(" AND s.kind = ?{}", values.len());
    }
    let ended = if wanted.ended { "IS NOT NULL" } else { "IS NULL" };
    let sql = format!(
        "{} WHERE s.id > ?1 AND {within} AND s.ended_at {ended}{only} ORDER BY s.id LIMIT ?2",
        store::SOURCE
    );
    at.query(&sql, values).await?.iter().map(store::read_source).collect()
}

/// How far each county is covered, by kind: of the villages, shops and firms that are known, how many have given at an
/// event whose takings are booked. Counts and sums by county only, never by village (rules.md R1.14).
pub async fn coverage(at: &mut impl Reads, within: Option<UnitId>, tree: &UnitTree) -> Result<Vec<Coverage>, DbError> {
    let sql = "SELECT s.unit_id, s.kind, COUNT(*) AS known, COUNT(g.source_id) AS gave,
            CAST(COALESCE(SUM(g.sum_fen), 0) AS BIGINT) AS sum_fen
        FROM giving_source s LEFT JOIN (
            SELECT p.source_id, SUM(p.amount_fen) AS sum_fen FROM event_part p
            JOIN offline_event e ON e.id = p.event_id WHERE e.state = 'booked' GROUP BY p.source_id
        ) g ON g.source_id = s.id
        WHERE s.ended_at IS NULL OR g.source_id IS NOT NULL
        GROUP BY s.unit_id, s.kind ORDER BY s.unit_id, s.kind LIMIT ?1";
    let rows = at.query(sql, params![COVERAGE_MAX]).await?;
    let mut all: BTreeMap<_, Coverage> = BTreeMap::new();
    for row in &rows {
        let one = Coverage {
            unit: row.id("unit_id")?,
            kind: row.word("kind")?,
            known: row.int("known")?,
            gave: row.int("gave")?,
            sum: row.fen("sum_fen")?,
        };
        if within.is_none_or(|root| tree.is_within(one.unit, root)) {
            all.insert((one.unit, one.kind), one);
        }
    }
    Ok(all.into_values().collect())
}
