//! The table `fact`: appending one or many, reading by place.

use db::bulk::{BulkTx, Cell, Kind, Rows, Shape};
use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::id::Id;
use kernel::{FactId, Instant, Rng, UnitId};

use super::{Fact, NewFact};
use crate::Services;

/// Writes a fact in the transaction of its change. Ring [`Services::facts_written`] after the commit.
///
/// # Errors
/// Any [`DbError`].
pub async fn append(tx: &mut Tx, fact: NewFact, services: &Services) -> Result<FactId, DbError> {
    let now = services.now();
    let id = FactId::new(now, &*services.rng);
    let row = params![
        (id,),
        (fact.unit,),
        fact.kind,
        fact.subject,
        fact.actor.map(|a| (a,)),
        now,
        fact.body.to_string()
    ];
    tx.execute(
        "INSERT INTO fact (id, unit_id, kind, subject_id, actor_id, happened_at, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        row,
    )
    .await?;
    Ok(id)
}

const WIDE: Shape = Shape {
    table: "fact",
    columns: &[
        ("id", Kind::Bytes),
        ("unit_id", Kind::Bytes),
        ("kind", Kind::Text),
        ("subject_id", Kind::Bytes),
        ("happened_at", Kind::Int),
        ("body", Kind::Text),
    ],
    conflict: "",
};

/// Many facts of one batch, written in one statement.
pub struct WideFacts(Rows);

impl WideFacts {
    /// Room for this many.
    pub fn with_capacity(facts: usize) -> Self {
        Self(Rows::with_capacity(&WIDE, facts))
    }
    /// Adds one; `body` is the JSON object already written out.
    pub fn push(&mut self, unit: UnitId, kind: &str, subject: [u8; 16], now: Instant, body: String, rng: &dyn Rng) {
        let id = FactId::new(now, rng);
        self.0.push([
            Cell::id(id),
            Cell::id(unit),
            kind.into(),
            Cell::Id(subject),
            now.into(),
            body.into(),
        ]);
    }
    /// Writes them.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn write(self, tx: &mut BulkTx<'_>) -> Result<(), DbError> {
        tx.insert(&self.0).await
    }
}

pub(super) fn columns(backend: Backend) -> (&'static str, &'static str) {
    match backend {
        Backend::Sqlite => ("f.place", "fact f"),
        Backend::Postgres => ("p.place", "fact f JOIN fact_place p ON p.fact_id = f.id"),
    }
}

pub(super) fn read(row: &Row) -> Result<Fact, DbError> {
    Ok(Fact {
        place: row.int("place")?,
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        kind: row.text("kind")?,
        subject: row.id::<FactId>("subject_id")?.bytes(),
        actor: row.opt_id("actor_id")?,
        happened_at: row.instant("happened_at")?,
        body: row.text("body")?,
    })
}

pub(super) const FIELDS: &str = "f.id, f.unit_id, f.kind, f.subject_id, f.actor_id, f.happened_at, f.body";

/// The facts after a place, in order, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn read_after(at: &mut impl Reads, place: i64, limit: i64) -> Result<Vec<Fact>, DbError> {
    let (column, from) = columns(at.backend());
    let sql = format!("SELECT {column} AS place, {FIELDS} FROM {from} WHERE {column} > ?1 ORDER BY {column} LIMIT ?2");
    at.query(&sql, params![place, limit]).await?.iter().map(read).collect()
}

/// The kind of which a giving day writes as many as there are gifts.
pub(super) const GIFT: &str = "gift.confirmed";

/// The facts that are no gift, after a place and up to another, in order, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub(super) async fn read_but_gifts(
    at: &mut impl Reads,
    (place, until): (i64, i64),
    limit: i64,
) -> Result<Vec<Fact>, DbError> {
    let (column, from) = match at.backend() {
        // Without the word SQLite walks along the places, gift by gift.
        Backend::Sqlite => ("f.place", "fact f INDEXED BY fact_but_gifts"),
        Backend::Postgres => columns(Backend::Postgres),
    };
    // The kind stands in the text, as in the index: one that is bound could be any.
    let sql = format!(
        "SELECT {column} AS place, {FIELDS} FROM {from}
         WHERE {column} > ?1 AND {column} <= ?2 AND f.kind <> '{GIFT}' ORDER BY {column} LIMIT ?3"
    );
    let rows = at.query(&sql, params![place, until, limit]).await?;
    rows.iter().map(read).collect()
}

/// The facts about one thing, oldest first, at most `limit`: its audit trail.
///
/// # Errors
/// Any [`DbError`].
pub async fn by_subject(at: &mut impl Reads, subject: [u8; 16], limit: i64) -> Result<Vec<Fact>, DbError> {
    let (column, from) = columns(at.backend());
    let sql =
        format!("SELECT {column} AS place, {FIELDS} FROM {from} WHERE f.subject_id = ?1 ORDER BY {column} LIMIT ?2");
    at.query(&sql, params![subject, limit])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// The highest place given so far; 0 when there is none.
///
/// # Errors
/// Any [`DbError`].
pub async fn last_place(at: &mut impl Reads) -> Result<i64, DbError> {
    let sql = match at.backend() {
        Backend::Sqlite => "SELECT COALESCE(MAX(place), 0) AS place FROM fact",
        Backend::Postgres => "SELECT COALESCE(MAX(place), 0) AS place FROM fact_place",
    };
    at.query_one(sql, vec![]).await?.map_or(Ok(0), |row| row.int("place"))
}

/// The last place of a fact that happened before a moment; 0 when there is none. Facts stand in their order to within
/// the skew of the nodes' clocks, so the moment is found by halving.
///
/// # Errors
/// Any [`DbError`].
pub async fn last_place_before(at: &mut impl Reads, moment: Instant) -> Result<i64, DbError> {
    let (column, from) = columns(at.backend());
    let sql = format!("SELECT f.happened_at FROM {from} WHERE {column} = ?1");
    let (mut before, mut after) = (0, last_place(at).await?.saturating_add(1));
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let row = at.query_one(&sql, params![middle]).await?;
        let happened = row.map_or(Ok(moment), |row| row.instant("happened_at"))?;
        if happened < moment {
            before = middle;
        } else {
            after = middle;
        }
    }
    Ok(before)
}

/// How many facts from before a moment have no place yet: always 0 on SQLite.
///
/// # Errors
/// Any [`DbError`].
pub async fn unplaced_before(at: &mut impl Reads, moment: Instant) -> Result<i64, DbError> {
    if at.backend() == Backend::Sqlite {
        return Ok(0);
    }
    // Everything below the sequencer's mark has its place, so the index leads to the few above it.
    let sql = "SELECT COUNT(*) AS n FROM fact f WHERE f.tx_id >= (SELECT placed_below FROM fact_sequencer)
        AND f.happened_at < ?1 AND NOT EXISTS (SELECT 1 FROM fact_place p WHERE p.fact_id = f.id)";
    at.query_one(sql, params![moment])
        .await?
        .map_or(Ok(0), |row| row.int("n"))
}

/// How many facts of a kind stand behind a place, or have none yet.
///
/// # Errors
/// Any [`DbError`].
pub async fn pending(at: &mut impl Reads, kind: &str, after: i64) -> Result<i64, DbError> {
    let (column, from) = columns(at.backend());
    let sql = format!("SELECT COUNT(*) AS n FROM {from} WHERE {column} > ?1 AND f.kind = ?2");
    let placed = at.query_one(&sql, params![after, kind]).await?;
    let placed = placed.map_or(Ok(0), |row| row.int("n"))?;
    if at.backend() == Backend::Sqlite {
        return Ok(placed);
    }
    let sql = "SELECT COUNT(*) AS n FROM fact f WHERE f.tx_id >= (SELECT placed_below FROM fact_sequencer)
        AND f.kind = ?1 AND NOT EXISTS (SELECT 1 FROM fact_place p WHERE p.fact_id = f.id)";
    let unplaced = at.query_one(sql, params![kind]).await?;
    Ok(placed + unplaced.map_or(Ok(0), |row| row.int("n"))?)
}

/// How far a reaction has read: the place of its last fact; 0 when it has read none.
///
/// # Errors
/// Any [`DbError`].
pub async fn cursor(at: &mut impl Reads, reaction: &str) -> Result<i64, DbError> {
    let sql = "SELECT place FROM reaction_cursor WHERE name = ?1";
    at.query_one(sql, params![reaction])
        .await?
        .map_or(Ok(0), |row| row.int("place"))
}

/// How many facts have no place yet: always 0 on SQLite.
///
/// # Errors
/// Any [`DbError`].
pub async fn unplaced(at: &mut impl Reads) -> Result<i64, DbError> {
    if at.backend() == Backend::Sqlite {
        return Ok(0);
    }
    let sql = "SELECT COUNT(*) AS n FROM fact f WHERE NOT EXISTS (SELECT 1 FROM fact_place p WHERE p.fact_id = f.id)";
    at.query_one(sql, vec![]).await?.map_or(Ok(0), |row| row.int("n"))
}
