//! JSON of projects: what is open is public to read; drafts and every change are for staff.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use governance::approvals::model::Paper;
use kernel::id::{Id, from_public, public};
use kernel::{Fen, ProjectId, RegionCode};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions;
use super::approval::{self, Asking};
use super::model::{AmountChoice, Nature, NewProject, Place, Project, Under};
use super::queries::{self, NamedProject};
use crate::campaigns::api::{RaiseTarget, TargetOut};

/// Who needs the list of projects: also those who read gifts by project, or book by fund.
const LISTING: &[Permission] = &[Permission::ProjectManage, Permission::GiftRead, Permission::BooksRead];

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(get_project))
        .staff_any(LISTING, routes!(list_projects))
        .staff(Permission::ProjectManage, routes!(create_project))
        .staff(Permission::ProjectManage, routes!(describe_project))
        .staff(Permission::ProjectManage, routes!(open_project))
        .staff(Permission::ProjectManage, routes!(raise_project_target))
        .staff(Permission::ApprovalRequest, routes!(ask_admission))
        .staff(Permission::ApprovalRequest, routes!(ask_raise))
        .staff(Permission::ProjectManage, routes!(end_project))
        .staff(Permission::ProjectManage, routes!(settle_project))
}

/// A project.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectOut {
    /// Public id.
    pub id: String,
    /// The word in `/p/{code}` and in notices.
    pub code: String,
    /// The public id of its unit.
    pub unit: String,
    /// The short name of its unit.
    pub unit_short_name: String,
    /// The public id of its campaign; none for a unit's general project.
    pub campaign: Option<String>,
    /// The public id of its theme.
    pub theme: Option<String>,
    /// The public id of its mother, of a sub-project.
    pub mother: Option<String>,
    /// Whether it is its unit's general project.
    pub general: bool,
    /// Its title.
    pub title: String,
    /// What it does.
    pub summary: String,
    /// Where it works.
    #[schema(value_type = String)]
    pub region_code: RegionCode,
    /// How its money is bound.
    pub nature: Nature,
    /// The public id of the fund in which its money lies, as the books name it.
    pub fund: String,
    /// What it wants to raise, in fen.
    #[schema(value_type = Option<i64>)]
    pub target_fen: Option<Fen>,
    /// Whether it stops there.
    pub stop_when_full: bool,
    /// draft, open, full, ended or settled.
    pub state: &'static str,
}

/// A project with all that its page shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectDetailOut {
    /// The project.
    #[serde(flatten)]
    pub project: ProjectOut,
    /// What the money buys.
    pub choices: Vec<AmountChoice>,
    /// The projects below it.
    pub subs: Vec<ProjectOut>,
    /// The history of its target, oldest first.
    pub targets: Vec<TargetOut>,
}

/// A new project: under a campaign (with a theme, if wanted) or under a mother.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateProject {
    /// The public id of the unit that runs it.
    pub unit: String,
    /// The public id of the campaign, for a mother.
    pub campaign: Option<String>,
    /// The public id of a theme of that campaign.
    pub theme: Option<String>,
    /// The public id of the mother, for a sub-project.
    pub mother: Option<String>,
    /// 2 to 40 of a-z, 0-9 and -.
    pub code: String,
    /// Its title.
    pub title: String,
    /// What it does.
    #[serde(default)]
    pub summary: String,
    /// Where it works.
    #[schema(value_type = String)]
    pub region_code: RegionCode,
    /// How its money is bound.
    pub nature: Nature,
    /// What it wants to raise, in fen.
    #[schema(value_type = Option<i64>)]
    pub target_fen: Option<Fen>,
    /// Whether it stops there.
    #[serde(default)]
    pub stop_when_full: bool,
    /// What the money buys.
    #[serde(default)]
    pub choices: Vec<AmountChoice>,
}

/// Words of a project.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DescribeProject {
    /// Its title, which stays once it is open.
    pub title: String,
    /// What it does.
    pub summary: String,
    /// What the money buys.
    pub choices: Vec<AmountChoice>,
}

/// `?limit=&cursor=&campaign=`.
#[derive(Debug, Deserialize)]
struct ProjectsQuery {
    limit: Option<u16>,
    cursor: Option<String>,
    campaign: Option<String>,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn field<I: Id>(s: &Services, name: &str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(name, error))
}

/// A project on its way out.
pub(crate) fn project_out(s: &Services, named: NamedProject) -> ProjectOut {
    let NamedProject {
        project,
        unit_short_name,
    } = named;
    let place = project.place;
    ProjectOut {
        id: public(&*s.keys, project.id),
        code: project.code,
        unit: public(&*s.keys, project.unit),
        unit_short_name,
        campaign: place.campaign().map(|c| public(&*s.keys, c)),
        theme: place.theme().map(|t| public(&*s.keys, t)),
        mother: place.mother().map(|m| public(&*s.keys, m)),
        general: place == Place::General,
        title: project.title,
        summary: project.summary,
        region_code: project.region,
        fund: public(&*s.keys, project.fund),
        nature: project.nature,
        target_fen: project.target,
        stop_when_full: project.stop_when_full,
        state: project.state.as_str(),
    }
}

/// A project that an action gave back, with the short name of its unit.
async fn answer(s: &Services, project: Project) -> Result<Json<ProjectOut>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let unit = governance::network::queries::unit(&mut at, project.unit)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let unit_short_name = unit.map(|u| u.short_name).unwrap_or_default();
    Ok(Json(project_out(
        s,
        NamedProject {
            project,
            unit_short_name,
        },
    )))
}

/// One project by its code, as the public sees it: never a draft.
#[utoipa::path(get, path = "/api/v1/projects/{code}", tag = "projects", params(("code" = String, Path)),
    responses((status = 200, body = ProjectDetailOut)))]
async fn get_project(State(s): State<Services>, Path(code): Path<String>) -> Result<Json<ProjectDetailOut>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let view = queries::project_view(&mut at, &code)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let view = view.ok_or_else(Problem::not_found)?;
    Ok(Json(ProjectDetailOut {
        project: project_out(
            &s,
            NamedProject {
                project: view.project,
                unit_short_name: view.unit_name,
            },
        ),
        choices: view.choices,
        subs: view.subs.into_iter().map(|p| project_out(&s, p)).collect(),
        targets: view.targets.into_iter().map(TargetOut::from).collect(),
    }))
}

/// The projects of my units, drafts too.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query),
        ("campaign" = Option<String>, Query, description = "only those of this campaign")),
    responses((status = 200, body = Listing<ProjectOut>)))]
async fn list_projects(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<ProjectsQuery>,
) -> Result<Json<Listing<ProjectOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<ProjectId>(&s, &text)).transpose()?;
    let campaign = query.campaign.map(|c| field(&s, "campaign", &c)).transpose()?;
    let scope = actor.scope_for_any(LISTING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::projects(&mut at, &scope, &s.tree, campaign, after, limit as i64 + 1).await;
    let items = found
        .map_err(|e| problems::of_db(&e))?
        .into_iter()
        .map(|p| project_out(&s, p))
        .collect();
    Ok(Json(Listing::cut(items, limit, |project: &ProjectOut| {
        project.id.clone()
    })))
}

/// Makes a project as a draft, under a campaign or under a mother.
#[utoipa::path(post, path = "/api/v1/projects", tag = "projects", request_body = CreateProject,
    responses((status = 201, body = ProjectOut)))]
async fn create_project(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<CreateProject>,
) -> Result<(StatusCode, Json<ProjectOut>), Problem> {
    let under = match (&body.campaign, &body.mother) {
        (Some(campaign), None) => Under::Campaign {
            campaign: field(&s, "campaign", campaign)?,
            theme: body.theme.as_deref().map(|t| field(&s, "theme", t)).transpose()?,
        },
        (None, Some(mother)) if body.theme.is_none() => Under::Mother(field(&s, "mother", mother)?),
        _ => {
            return Err(Problem::invalid(
                "campaign",
                "a campaign (with a theme, if wanted) or a mother",
            ));
        }
    };
    let new = NewProject {
        unit: field(&s, "unit", &body.unit)?,
        under,
        code: body.code,
        title: body.title,
        summary: body.summary,
        region: body.region_code,
        nature: body.nature,
        target: body.target_fen,
        stop_when_full: body.stop_when_full,
        choices: body.choices,
    };
    let project = actions::create(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, answer(&s, project).await?))
}

/// Writes summary and choices anew, and the title of a draft.
#[utoipa::path(put, path = "/api/v1/projects/{project}/words", tag = "projects",
    params(("project" = String, Path, description = "public id")), request_body = DescribeProject,
    responses((status = 200, body = ProjectOut)))]
async fn describe_project(
    State(s): State<Services>,
    actor: Actor,
    Path(project): Path<String>,
    Json(body): Json<DescribeProject>,
) -> Result<Json<ProjectOut>, Problem> {
    let id = id_of(&s, &project)?;
    let project = actions::describe(&s, &actor, id, &body.title, &body.summary, &body.choices).await?;
    answer(&s, project).await
}

/// Opens a project for gifts; its campaign is open.
#[utoipa::path(post, path = "/api/v1/projects/{project}/open", tag = "projects",
    params(("project" = String, Path, description = "public id")), responses((status = 200, body = ProjectOut)))]
async fn open_project(
    State(s): State<Services>,
    actor: Actor,
    Path(project): Path<String>,
) -> Result<Json<ProjectOut>, Problem> {
    let project = actions::open(&s, &actor, id_of(&s, &project)?).await?;
    answer(&s, project).await
}

/// An urgent raise of the target; a full project opens again.
#[utoipa::path(post, path = "/api/v1/projects/{project}/target", tag = "projects",
    params(("project" = String, Path, description = "public id")), request_body = RaiseTarget,
    responses((status = 200, body = ProjectOut)))]
async fn raise_project_target(
    State(s): State<Services>,
    actor: Actor,
    Path(project): Path<String>,
    Json(body): Json<RaiseTarget>,
) -> Result<Json<ProjectOut>, Problem> {
    let id = id_of(&s, &project)?;
    let project = actions::raise_target(&s, &actor, id, body.target_fen, &body.reason).await?;
    answer(&s, project).await
}

/// A project to be put before those who decide.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ProjectAskAdmission)]
pub struct AskAdmission {
    /// What is asked and why.
    #[serde(default)]
    pub summary: String,
    /// The papers.
    #[serde(default)]
    pub papers: Vec<Paper>,
    /// Public ids of staff who are concerned and so decide nothing.
    #[serde(default)]
    pub parties: Vec<String>,
    /// Why it takes the emergency lane; absent: it does not.
    #[serde(default)]
    pub hurry: Option<String>,
}

/// A raise to be put before those who decide.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ProjectAskRaise)]
pub struct AskRaise {
    /// The new target.
    #[schema(value_type = i64)]
    pub target_fen: Fen,
    /// Why, as the public reads it.
    pub reason: String,
    /// What is asked, papers, who is concerned.
    pub asking: AskAdmission,
}

/// The case that was begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectAsked)]
pub struct AskedOut {
    /// Its public id, for `/api/v1/approvals/{case}`.
    pub case: String,
}

pub(crate) fn asking(s: &Services, body: AskAdmission) -> Result<Asking, Problem> {
    let parties = body.parties.iter().map(|text| field(s, "parties", text));
    Ok(Asking {
        parties: parties.collect::<Result<_, _>>()?,
        summary: body.summary,
        papers: body.papers,
        hurry: body.hurry,
    })
}

/// Puts the admission of a draft before those who decide; approved, it opens.
#[utoipa::path(post, path = "/api/v1/projects/{project}/admission", tag = "projects",
    params(("project" = String, Path, description = "public id")), request_body = AskAdmission,
    responses((status = 201, body = AskedOut)))]
async fn ask_admission(
    State(s): State<Services>,
    actor: Actor,
    Path(project): Path<String>,
    Json(body): Json<AskAdmission>,
) -> Result<(StatusCode, Json<AskedOut>), Problem> {
    let id = id_of(&s, &project)?;
    let case = approval::ask_admission(&s, &actor, id, asking(&s, body)?).await?;
    let case = public(&*s.keys, case);
    Ok((StatusCode::CREATED, Json(AskedOut { case })))
}

/// Puts an urgent raise of the target before those who decide; approved, it is raised.
#[utoipa::path(post, path = "/api/v1/projects/{project}/target/ask", tag = "projects",
    params(("project" = String, Path, description = "public id")), request_body = AskRaise,
    responses((status = 201, body = AskedOut)))]
async fn ask_raise(
    State(s): State<Services>,
    actor: Actor,
    Path(project): Path<String>,
    Json(body): Json<AskRaise>,
) -> Result<(StatusCode, Json<AskedOut>), Problem> {
    let id = id_of(&s, &project)?;
    let raise = (body.target_fen, body.reason.as_str());
    let case = approval::ask_raise(&s, &actor, id, raise, asking(&s, body.asking)?).await?;
    let case = public(&*s.keys, case);
    Ok((StatusCode::CREATED, Json(AskedOut { case })))
}

/// Ends a project.
#[utoipa::path(post, path = "/api/v1/projects/{project}/end", tag = "projects",
    params(("project" = String, Path, description = "public id")), responses((status = 200, body = ProjectOut)))]
async fn end_project(
    State(s): State<Services>,
    actor: Actor,
    Path(project): Path<String>,
) -> Result<Json<ProjectOut>, Problem> {
    let project = actions::end(&s, &actor, id_of(&s, &project)?).await?;
    answer(&s, project).await
}

/// Settles an ended project.
#[utoipa::path(post, path = "/api/v1/projects/{project}/settle", tag = "projects",
    params(("project" = String, Path, description = "public id")), responses((status = 200, body = ProjectOut)))]
async fn settle_project(
    State(s): State<Services>,
    actor: Actor,
    Path(project): Path<String>,
) -> Result<Json<ProjectOut>, Problem> {
    let project = actions::settle(&s, &actor, id_of(&s, &project)?).await?;
    answer(&s, project).await
}
