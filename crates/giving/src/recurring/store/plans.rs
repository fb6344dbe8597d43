//! The table `sponsor_plan`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, ProjectId};

use super::super::model::{Plan, PlanId, PlanState, PlanView};
use super::held;

const PLAN: &str = "SELECT id, unit_id, project_id, title, title_en, amount_fen, months, places, state
    FROM sponsor_plan";
/// A place is taken by a mandate that runs, and for good by one that gave all its months.
const TAKEN: &str = "SELECT COUNT(*) AS n FROM mandate WHERE plan_id = ?1 AND (state IN ('active', 'paused')
    OR (state = 'ended' AND end_reason = 'finished'))";
/// Plans of one project: more than a page can show.
const PLANS_MAX: i64 = 50;

fn read(row: &Row) -> Result<Plan, DbError> {
    Ok(Plan {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        title: row.text("title")?,
        title_en: row.text("title_en")?,
        amount: row.fen("amount_fen")?,
        months: row.int("months")?,
        places: row.int("places")?,
        state: row.word("state")?,
    })
}

pub(in super::super) async fn insert_plan(
    tx: &mut Tx,
    plan: &Plan,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "INSERT INTO sponsor_plan (id, unit_id, project_id, title, title_en, amount_fen, months, places, state,
            made_by, made_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let row = params![
        (plan.id,),
        (plan.unit,),
        (plan.project,),
        &plan.title,
        &plan.title_en,
        plan.amount,
        plan.months,
        plan.places,
        plan.state.as_str(),
        (by,),
        now
    ];
    tx.execute(sql, row).await.map(drop)
}

/// A plan.
pub(in super::super) async fn plan(at: &mut impl Reads, id: PlanId) -> Result<Option<Plan>, DbError> {
    let row = at.query_one(&format!("{PLAN} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// A plan, held: places are taken one after the other.
pub(in super::super) async fn lock_plan(tx: &mut Tx, id: PlanId) -> Result<Option<Plan>, DbError> {
    let sql = format!("{PLAN} WHERE id = ?1{}", held(tx.backend()));
    let row = tx.query_one(&sql, params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// The plan of a project with this title.
pub(in super::super) async fn plan_by_title(
    at: &mut impl Reads,
    project: ProjectId,
    title: &str,
) -> Result<Option<Plan>, DbError> {
    let sql = format!("{PLAN} WHERE project_id = ?1 AND title = ?2");
    let row = at.query_one(&sql, params![(project,), title]).await?;
    row.as_ref().map(read).transpose()
}

/// Places taken.
pub(in super::super) async fn taken(at: &mut impl Reads, id: PlanId) -> Result<i64, DbError> {
    let row = at.query_one(TAKEN, params![(id,)]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

/// The plans of a project with their places, in order of making.
pub(in super::super) async fn plans_of(at: &mut impl Reads, project: ProjectId) -> Result<Vec<PlanView>, DbError> {
    let sql = format!("{PLAN} WHERE project_id = ?1 ORDER BY id LIMIT ?2");
    let rows = at.query(&sql, params![(project,), PLANS_MAX]).await?;
    let mut plans = Vec::with_capacity(rows.len());
    for row in &rows {
        let plan = read(row)?;
        let taken = taken(at, plan.id).await?;
        plans.push(PlanView { plan, taken });
    }
    Ok(plans)
}

/// Closes a plan to new sponsors; whether it was open.
pub(in super::super) async fn close_plan(tx: &mut Tx, plan: &Plan) -> Result<bool, DbError> {
    let sql = "UPDATE sponsor_plan SET state = ?3 WHERE unit_id = ?1 AND id = ?2 AND state = ?4";
    let row = params![
        (plan.unit,),
        (plan.id,),
        PlanState::Closed.as_str(),
        PlanState::Open.as_str()
    ];
    Ok(tx.execute(sql, row).await? > 0)
}
