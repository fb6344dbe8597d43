//! The tables `platform_comparison`, `platform_difference`.

use db::{Backend, DbError, Reads as _, Row, Tx, params};
use kernel::{ActorId, Instant, UnitId};

use super::model::{Comparison, Differing};
use crate::platforms::model::{DifferenceId, PlatformCode};

/// Differences of one account that are followed: several for each of its pages.
const FOLLOWED_MAX: i64 = 50_000;

pub(super) const DIFFERENCE: &str =
    "SELECT id, unit_id, platform, project_id, project_no, what, ours, theirs, first_day,
    last_day, state, note FROM platform_difference";

pub(super) fn read(row: &Row) -> Result<Differing, DbError> {
    Ok(Differing {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        platform: row.word("platform")?,
        project: row.id("project_id")?,
        project_no: row.text("project_no")?,
        what: row.word("what")?,
        ours: row.int("ours")?,
        theirs: row.int("theirs")?,
        first_day: row.day("first_day")?,
        last_day: row.day("last_day")?,
        state: row.word("state")?,
        note: row.text("note")?,
    })
}

/// Differences of an account that are not gone, held until the transaction ends.
pub(super) async fn lock_followed(
    tx: &mut Tx,
    (unit, platform): (UnitId, PlatformCode),
) -> Result<Vec<Differing>, DbError> {
    let lock = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let sql =
        format!("{DIFFERENCE} WHERE unit_id = ?1 AND platform = ?2 AND state <> 'gone' ORDER BY id LIMIT ?3{lock}");
    let rows = tx
        .query(&sql, params![(unit,), platform.as_str(), FOLLOWED_MAX])
        .await?;
    rows.iter().map(read).collect()
}

/// A difference, held until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: DifferenceId) -> Result<Option<Differing>, DbError> {
    let lock = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let row = tx
        .query_one(&format!("{DIFFERENCE} WHERE id = ?1{lock}"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, differing: &Differing) -> Result<(), DbError> {
    let row = params![
        (differing.id,),
        (differing.unit,),
        differing.platform.as_str(),
        (differing.project,),
        &differing.project_no,
        differing.what.as_str(),
        differing.ours,
        differing.theirs,
        differing.first_day,
        differing.last_day,
        differing.state.as_str(),
        &differing.note
    ];
    let sql = "INSERT INTO platform_difference (id, unit_id, platform, project_id, project_no, what, ours, theirs,
            first_day, last_day, state, note)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what may change of a difference; `closed`: when and by whom it was explained or gone.
pub(super) async fn update(
    tx: &mut Tx,
    differing: &Differing,
    closed: Option<(Instant, Option<ActorId>)>,
) -> Result<(), DbError> {
    let row = params![
        (differing.id,),
        differing.ours,
        differing.theirs,
        differing.last_day,
        differing.state.as_str(),
        &differing.note,
        closed.map(|(at, _)| at),
        closed.and_then(|(_, by)| by).map(|by| (by,))
    ];
    let sql = "UPDATE platform_difference SET ours = ?2, theirs = ?3, last_day = ?4, state = ?5, note = ?6,
            closed_at = ?7, closed_by = ?8
        WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn put_comparison(tx: &mut Tx, made: &Comparison) -> Result<(), DbError> {
    let row = params![
        (made.unit,),
        made.platform.as_str(),
        made.day,
        made.pages,
        made.projects,
        made.differing,
        &made.trace,
        made.compared_at
    ];
    let sql =
        "INSERT INTO platform_comparison (unit_id, platform, day, pages, projects, differing, trace_id, compared_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (unit_id, platform, day) DO UPDATE SET pages = excluded.pages, projects = excluded.projects,
            differing = excluded.differing, trace_id = excluded.trace_id, compared_at = excluded.compared_at";
    tx.execute(sql, row).await.map(drop)
}
