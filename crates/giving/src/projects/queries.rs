//! Reads for showing: projects of a campaign, of a unit, below a mother.

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{CampaignId, ProjectId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{AmountChoice, Project, TargetChange};
use super::store;
pub use super::store::{project, project_by_code};

/// More projects than one campaign of a province's giving day has.
pub const OF_CAMPAIGN_MAX: i64 = 20_000;

/// A project with what its page shows.
#[derive(Debug, Clone)]
pub struct ProjectView {
    /// The project.
    pub project: Project,
    /// The name of its unit.
    pub unit_name: String,
    /// Its mother, of a sub-project.
    pub mother: Option<Project>,
    /// The projects below it, with their units' short names.
    pub subs: Vec<NamedProject>,
    /// What the money buys.
    pub choices: Vec<AmountChoice>,
    /// The history of its target.
    pub targets: Vec<TargetChange>,
}

/// A project with the short name of its unit.
#[derive(Debug, Clone)]
pub struct NamedProject {
    /// The project.
    pub project: Project,
    /// The short name of its unit.
    pub unit_short_name: String,
}

/// A project's page by its code. Drafts are left out: nobody outside sees them.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn project_view(at: &mut impl Reads, code: &str) -> Result<Option<ProjectView>, DbError> {
    let project = store::project_by_code(at, code)
        .await?
        .filter(|p| p.state != super::ProjectState::Draft);
    let Some(project) = project else { return Ok(None) };
    let unit = governance::network::store::unit(at, project.unit).await?;
    let mother = match project.place.mother() {
        Some(id) => store::project(at, id).await?,
        None => None,
    };
    let sql = format!(
        "{} FROM project p WHERE p.mother_id = ?1 AND p.state <> 'draft' ORDER BY p.id LIMIT ?2",
        store::PROJECT
    );
    let rows = at.query(&sql, params![(project.id,), OF_CAMPAIGN_MAX]).await?;
    let subs = rows.iter().map(store::read).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(ProjectView {
        subs: named(at, subs).await?,
        choices: store::choices(at, project.id).await?,
        targets: store::targets(at, project.id).await?,
        unit_name: unit.map(|u| u.name).unwrap_or_default(),
        mother,
        project,
    }))
}

/// How many projects of a unit take gifts, its general project apart.
pub async fn running_of(at: &mut impl Reads, unit: UnitId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM project WHERE unit_id = ?1 AND general = 0 AND state IN ('open', 'full')";
    at.query_one(sql, params![(unit,)])
        .await?
        .map_or(Ok(0), |row| row.int("n"))
}

/// The projects of a campaign with their units' short names, in order of making; drafts left out.
pub async fn of_campaign(at: &mut impl Reads, campaign: CampaignId) -> Result<Vec<NamedProject>, DbError> {
    let sql = format!(
        "{} FROM project p WHERE p.campaign_id = ?1 AND p.state <> 'draft' ORDER BY p.id LIMIT ?2",
        store::PROJECT
    );
    let rows = at.query(&sql, params![(campaign,), OF_CAMPAIGN_MAX]).await?;
    let projects = rows.iter().map(store::read).collect::<Result<Vec<_>, _>>()?;
    named(at, projects).await
}

/// Units that run a project of a campaign, for the rank of counties; each once, with its short name.
pub async fn units_of_campaign(at: &mut impl Reads, campaign: CampaignId) -> Result<Vec<(UnitId, String)>, DbError> {
    let sql =
        "SELECT DISTINCT unit_id FROM project WHERE campaign_id = ?1 AND state <> 'draft' ORDER BY unit_id LIMIT ?2";
    let rows = at.query(sql, params![(campaign,), OF_CAMPAIGN_MAX]).await?;
    let names = governance::network::queries::short_names(at).await?;
    let named = |unit: UnitId| (unit, names.get(&unit).cloned().unwrap_or_default());
    rows.iter().map(|row| Ok(named(row.id("unit_id")?))).collect()
}

/// Projects in public of a unit itself, the general one first, at most `limit`.
pub async fn public_of_unit(at: &mut impl Reads, unit: UnitId, limit: i64) -> Result<Vec<Project>, DbError> {
    let sql = format!(
        "{} FROM project p WHERE p.unit_id = ?1 AND p.state IN ('open', 'full') ORDER BY p.general DESC, p.id LIMIT ?2",
        store::PROJECT
    );
    at.query(&sql, params![(unit,), limit])
        .await?
        .iter()
        .map(store::read)
        .collect()
}

/// Projects in the reader's scope, drafts among them, in order of making after one, at most `limit`.
pub async fn projects(
    at: &mut impl Reads,
    scope: &Scope,
    tree: &UnitTree,
    campaign: Option<CampaignId>,
    after: Option<ProjectId>,
    limit: i64,
) -> Result<Vec<NamedProject>, DbError> {
    let mut values = params![limit, (after.unwrap_or(ProjectId::from_bytes([0; 16])),)];
    let within = scope.condition("p.unit_id", tree, &mut values);
    let only = campaign.map_or_else(String::new, |campaign| {
        values.push(db::Param::param((campaign,)));
        format!(" AND p.campaign_id = ?{}", values.len())
    });
    let sql = format!(
        "{} FROM project p WHERE p.id > ?2 AND {within}{only} ORDER BY p.id LIMIT ?1",
        store::PROJECT
    );
    let rows = at.query(&sql, values).await?;
    let found = rows.iter().map(store::read).collect::<Result<Vec<_>, _>>()?;
    named(at, found).await
}

async fn named(at: &mut impl Reads, projects: Vec<Project>) -> Result<Vec<NamedProject>, DbError> {
    if projects.is_empty() {
        return Ok(Vec::new());
    }
    let names = governance::network::queries::short_names(at).await?;
    let name = |project: Project| NamedProject {
        unit_short_name: names.get(&project.unit).cloned().unwrap_or_default(),
        project,
    };
    Ok(projects.into_iter().map(name).collect())
}
