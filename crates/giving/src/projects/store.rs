//! The tables `project`, `project_target`, `project_choice`, `fund`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{BusinessDay, CampaignId, Fen, FundId, Instant, ProjectId, ThemeId, UnitId};

use super::model::{
    AmountChoice, CHOICES_MAX, Fund, IntakeProject, Nature, Place, Project, ProjectState, TargetChange,
};
use super::rules;

/// More projects than all societies of a province have had.
pub const PROJECTS_MAX: i64 = 100_000;
/// More raises than a target sees.
const RAISES_MAX: i64 = 1_000;

pub(super) const PROJECT: &str = "SELECT p.id, p.unit_id, p.campaign_id, p.theme_id, p.mother_id, p.fund_id, p.general,
    p.code, p.title, p.summary, p.region_code, p.restriction, p.target_fen, p.stop_when_full, p.state, p.opened_at,
    p.full_at, p.ended_at, p.settled_at, p.created_at";
const INTAKE: &str = "SELECT p.id, p.unit_id, p.campaign_id, p.theme_id, p.mother_id, p.fund_id, p.general, p.code,
    p.title, p.region_code, p.restriction, p.target_fen, p.stop_when_full, p.state, p.opened_at, p.full_at, p.ended_at,
    p.settled_at, c.state AS campaign_state, c.starts_on, c.ends_on
    FROM project p LEFT JOIN campaign c ON c.id = p.campaign_id";

fn broken(column: &str, why: &str) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: why.to_owned(),
    }
}

fn read_state(row: &Row) -> Result<ProjectState, DbError> {
    let moment = |column: &str| {
        row.opt_instant(column)?
            .ok_or_else(|| broken(column, "missing in this state"))
    };
    match row.text("state")?.as_str() {
        "draft" => Ok(ProjectState::Draft),
        "open" => Ok(ProjectState::Open {
            opened_at: moment("opened_at")?,
        }),
        "full" => Ok(ProjectState::Full {
            opened_at: moment("opened_at")?,
            full_at: moment("full_at")?,
        }),
        "ended" => Ok(ProjectState::Ended {
            ended_at: moment("ended_at")?,
        }),
        "settled" => Ok(ProjectState::Settled {
            ended_at: moment("ended_at")?,
            settled_at: moment("settled_at")?,
        }),
        _ => Err(broken("state", "unknown word")),
    }
}

fn read_place(row: &Row) -> Result<Place, DbError> {
    if row.flag("general")? {
        return Ok(Place::General);
    }
    let campaign: CampaignId = row
        .opt_id("campaign_id")?
        .ok_or_else(|| broken("campaign_id", "only a general project has none"))?;
    let theme: Option<ThemeId> = row.opt_id("theme_id")?;
    Ok(match row.opt_id("mother_id")? {
        Some(mother) => Place::Sub {
            campaign,
            theme,
            mother,
        },
        None => Place::Mother { campaign, theme },
    })
}

/// A project's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Project, DbError> {
    Ok(Project {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        place: read_place(row)?,
        fund: row.id("fund_id")?,
        code: row.text("code")?,
        title: row.text("title")?,
        summary: row.text("summary")?,
        region: row.word("region_code")?,
        nature: row.word("restriction")?,
        target: row.opt_fen("target_fen")?,
        stop_when_full: row.flag("stop_when_full")?,
        state: read_state(row)?,
        created_at: row.instant("created_at")?,
    })
}

fn read_intake(row: &Row) -> Result<IntakeProject, DbError> {
    let place = read_place(row)?;
    let nature: Nature = row.word("restriction")?;
    let campaign_state = row.opt_text("campaign_state")?;
    let days: Option<(BusinessDay, BusinessDay)> = row.opt_day("starts_on")?.zip(row.opt_day("ends_on")?);
    Ok(IntakeProject {
        id: row.id("id")?,
        unit_id: row.id("unit_id")?,
        campaign_id: place.campaign(),
        theme_id: place.theme(),
        mother_id: place.mother(),
        fund_id: row.id("fund_id")?,
        restriction: nature.restriction(),
        nature,
        code: row.text("code")?,
        title: row.text("title")?,
        region: row.word("region_code")?,
        is_general: place == Place::General,
        target: row.opt_fen("target_fen")?,
        stop_when_full: row.flag("stop_when_full")?,
        accepts_gifts: rules::accepts(&read_state(row)?, campaign_state.as_deref()),
        days,
    })
}

/// Every project as the intake keeps it in memory, in order of making.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn all_intake_projects(at: &mut impl Reads) -> Result<Vec<IntakeProject>, DbError> {
    let rows = at
        .query(&format!("{INTAKE} ORDER BY p.id LIMIT ?1"), params![PROJECTS_MAX])
        .await?;
    rows.iter().map(read_intake).collect()
}

/// A project as the intake needs it, by its id.
pub async fn load_intake_project(at: &mut impl Reads, id: ProjectId) -> Result<Option<IntakeProject>, DbError> {
    let row = at
        .query_one(&format!("{INTAKE} WHERE p.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_intake).transpose()
}

/// A project as the intake needs it, by its code.
pub async fn intake_project_by_code(at: &mut impl Reads, code: &str) -> Result<Option<IntakeProject>, DbError> {
    let row = at
        .query_one(&format!("{INTAKE} WHERE p.code = ?1"), params![code])
        .await?;
    row.as_ref().map(read_intake).transpose()
}

/// The general project of a unit.
pub async fn general_project_of(at: &mut impl Reads, unit: UnitId) -> Result<Option<IntakeProject>, DbError> {
    let row = at
        .query_one(
            &format!("{INTAKE} WHERE p.unit_id = ?1 AND p.general = 1"),
            params![(unit,)],
        )
        .await?;
    row.as_ref().map(read_intake).transpose()
}

/// A project with all that staff see.
pub async fn project(at: &mut impl Reads, id: ProjectId) -> Result<Option<Project>, DbError> {
    let row = at
        .query_one(&format!("{PROJECT} FROM project p WHERE p.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// The same by its code.
pub async fn project_by_code(at: &mut impl Reads, code: &str) -> Result<Option<Project>, DbError> {
    let row = at
        .query_one(&format!("{PROJECT} FROM project p WHERE p.code = ?1"), params![code])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Reads a project for deciding on it: no other transaction changes it until this one ends.
pub(super) async fn lock(tx: &mut Tx, id: ProjectId) -> Result<Option<Project>, DbError> {
    let lock = match tx.backend() {
        db::Backend::Sqlite => "",
        db::Backend::Postgres => " FOR UPDATE",
    };
    let row = tx
        .query_one(
            &format!("{PROJECT} FROM project p WHERE p.id = ?1{lock}"),
            params![(id,)],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, project: &Project) -> Result<(), DbError> {
    let (opened_at, full_at, ended_at, settled_at) = moments(project.state);
    let row = params![
        (project.id,),
        (project.unit,),
        project.place.campaign().map(|c| (c,)),
        project.place.theme().map(|t| (t,)),
        project.place.mother().map(|m| (m,)),
        (project.fund,),
        project.place == Place::General,
        &project.code,
        &project.title,
        &project.summary,
        project.region.to_string(),
        project.nature.as_str(),
        project.target,
        project.stop_when_full,
        project.state.as_str(),
        opened_at,
        full_at,
        ended_at,
        settled_at,
        project.created_at
    ];
    let sql =
        "INSERT INTO project (id, unit_id, campaign_id, theme_id, mother_id, fund_id, general, code, title, summary,
            region_code, restriction, target_fen, stop_when_full, state, opened_at, full_at, ended_at, settled_at,
            created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what may change of a project: words, target, state.
pub(super) async fn update(tx: &mut Tx, project: &Project) -> Result<(), DbError> {
    let (opened_at, full_at, ended_at, settled_at) = moments(project.state);
    let row = params![
        (project.id,),
        &project.title,
        &project.summary,
        project.target,
        project.stop_when_full,
        project.state.as_str(),
        opened_at,
        full_at,
        ended_at,
        settled_at
    ];
    // A moment once written stays: an ended project was full before.
    let sql = "UPDATE project SET title = ?2, summary = ?3, target_fen = ?4, stop_when_full = ?5, state = ?6,
        opened_at = COALESCE(?7, opened_at), full_at = COALESCE(?8, full_at), ended_at = COALESCE(?9, ended_at),
        settled_at = COALESCE(?10, settled_at) WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

type Moments = (Option<Instant>, Option<Instant>, Option<Instant>, Option<Instant>);

fn moments(state: ProjectState) -> Moments {
    match state {
        ProjectState::Draft => (None, None, None, None),
        ProjectState::Open { opened_at } => (Some(opened_at), None, None, None),
        ProjectState::Full { opened_at, full_at } => (Some(opened_at), Some(full_at), None, None),
        ProjectState::Ended { ended_at } => (None, None, Some(ended_at), None),
        ProjectState::Settled { ended_at, settled_at } => (None, None, Some(ended_at), Some(settled_at)),
    }
}

/// Ends every project of a campaign that takes gifts still; returns how many.
pub(crate) async fn end_all_of(tx: &mut Tx, campaign: CampaignId, now: Instant) -> Result<u64, DbError> {
    let sql = "UPDATE project SET state = 'ended', ended_at = ?2 WHERE campaign_id = ?1 AND state IN ('open', 'full')";
    tx.execute(sql, params![(campaign,), now]).await
}

/// The line of a target's history that comes next.
pub(super) async fn add_target(
    tx: &mut Tx,
    project: ProjectId,
    target: Fen,
    reason: &str,
    now: Instant,
) -> Result<(), DbError> {
    let sql = "INSERT INTO project_target (project_id, number, target_fen, reason, changed_at)
        SELECT ?1, COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4 FROM project_target WHERE project_id = ?1";
    tx.execute(sql, params![(project,), target, reason, now])
        .await
        .map(drop)
}

/// The history of a target, oldest first.
pub async fn targets(at: &mut impl Reads, project: ProjectId) -> Result<Vec<TargetChange>, DbError> {
    let sql = "SELECT number, target_fen, reason, changed_at FROM project_target WHERE project_id = ?1
        ORDER BY number LIMIT ?2";
    let rows = at.query(sql, params![(project,), RAISES_MAX]).await?;
    rows.iter().map(read_target).collect()
}

/// A line of a target's history as a value.
pub(crate) fn read_target(row: &Row) -> Result<TargetChange, DbError> {
    Ok(TargetChange {
        number: row.int("number")?,
        target: row.fen("target_fen")?,
        reason: row.text("reason")?,
        changed_at: row.instant("changed_at")?,
    })
}

/// Puts the choices of a project in place of those before.
pub(super) async fn put_choices(tx: &mut Tx, project: ProjectId, choices: &[AmountChoice]) -> Result<(), DbError> {
    tx.execute("DELETE FROM project_choice WHERE project_id = ?1", params![(project,)])
        .await?;
    for (place, choice) in (1_i64..).zip(choices) {
        let sql = "INSERT INTO project_choice (project_id, place, amount_fen, words, words_en)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let words = (choice.words.trim(), choice.words_en.trim());
        tx.execute(sql, params![(project,), place, choice.amount_fen, words.0, words.1])
            .await?;
    }
    Ok(())
}

/// What the money buys.
pub async fn choices(at: &mut impl Reads, project: ProjectId) -> Result<Vec<AmountChoice>, DbError> {
    let sql = "SELECT amount_fen, words, words_en FROM project_choice WHERE project_id = ?1 ORDER BY place LIMIT ?2";
    let rows = at.query(sql, params![(project,), CHOICES_MAX as i64]).await?;
    rows.iter()
        .map(|row| {
            Ok(AmountChoice {
                amount_fen: row.fen("amount_fen")?,
                words: row.text("words")?,
                words_en: row.text("words_en")?,
            })
        })
        .collect()
}

const FUND: &str = "SELECT id, unit_id, name, restriction, project_id FROM fund";

fn read_fund(row: &Row) -> Result<Fund, DbError> {
    Ok(Fund {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        name: row.text("name")?,
        nature: row.word("restriction")?,
        project: row.opt_id("project_id")?,
    })
}

pub(super) async fn insert_fund(tx: &mut Tx, fund: &Fund, now: Instant) -> Result<(), DbError> {
    let row = params![
        (fund.id,),
        (fund.unit,),
        &fund.name,
        fund.nature.as_str(),
        fund.project.map(|p| (p,)),
        now
    ];
    let sql = "INSERT INTO fund (id, unit_id, name, restriction, project_id, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.execute(sql, row).await.map(drop)
}

/// A fund.
pub async fn fund(at: &mut impl Reads, id: FundId) -> Result<Option<Fund>, DbError> {
    let row = at.query_one(&format!("{FUND} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_fund).transpose()
}

/// The general fund of a unit.
pub async fn general_fund_of(at: &mut impl Reads, unit: UnitId) -> Result<Option<Fund>, DbError> {
    let row = at
        .query_one(
            &format!("{FUND} WHERE unit_id = ?1 AND project_id IS NULL"),
            params![(unit,)],
        )
        .await?;
    row.as_ref().map(read_fund).transpose()
}

/// All funds, for reports that name them.
pub async fn all_funds(at: &mut impl Reads) -> Result<Vec<Fund>, DbError> {
    at.query(&format!("{FUND} ORDER BY id LIMIT ?1"), params![PROJECTS_MAX])
        .await?
        .iter()
        .map(read_fund)
        .collect()
}
