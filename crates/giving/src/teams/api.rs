//! JSON of teams: starting one and looking at one is public, the rest is for staff.

use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, public};
use kernel::{Fen, Instant, TeamId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, RevealReason};
use platform::{Services, parameters, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::extract::ClientIp;
use web::limit::{Rate, RateLimiter};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions::{self, NameOnWall};
use super::model::{ChannelTag, NewTeam, Starter, Team, WallEntry};
use super::queries;
use crate::boards;

/// Teams started by one client: a school in one afternoon, not a script.
const STARTS: Rate = Rate::per_minute(5);
/// Gifts on a wall in one answer.
const WALL_MAX: i64 = 50;

#[derive(Clone)]
struct Desk {
    services: Services,
    limiter: RateLimiter,
}

impl FromRef<Desk> for Services {
    fn from_ref(desk: &Desk) -> Self {
        desk.services.clone()
    }
}

/// Who sees teams: those who look after projects, and those who read gifts.
const LISTING: &[Permission] = &[Permission::ProjectManage, Permission::GiftRead];

/// The routes of this slice.
pub fn routes(services: &Services) -> OpenApiRouter<Services> {
    let desk = Desk {
        services: services.clone(),
        limiter: RateLimiter::new(services.clock.clone()),
    };
    let at = |routes: UtoipaMethodRouter<Desk>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(desk.clone()))
    };
    OpenApiRouter::new()
        .public(at(routes!(start_team)))
        .public(routes!(get_team))
        .staff_any(LISTING, routes!(list_teams))
        .staff(Permission::ProjectManage, routes!(describe_team))
        .staff(Permission::ProjectManage, routes!(open_team))
        .staff(Permission::ProjectManage, routes!(close_team))
        .staff(Permission::ProjectManage, routes!(team_starter))
        .staff(Permission::PersonalReveal, routes!(reveal_team_starter))
        .staff(Permission::ProjectManage, routes!(team_wall))
        .staff(Permission::ProjectManage, routes!(moderate_entry))
        .staff(Permission::ProjectManage, routes!(list_tags, add_tag))
}

/// A new team. It is shown once staff has read its name and words.
#[derive(Deserialize, ToSchema)]
pub struct StartTeam {
    /// The project's code.
    pub project: String,
    /// The public id of the county it counts for; the project's own unit when absent.
    pub county: Option<String>,
    /// Its name, at most 30 characters.
    pub title: String,
    /// What it says of itself.
    #[serde(default)]
    pub words: String,
    /// What it wants to raise, in fen.
    #[schema(value_type = Option<i64>)]
    pub target_fen: Option<Fen>,
    /// Who starts it; kept sealed.
    #[schema(value_type = Object)]
    pub starter: Starter,
    /// Made once by the form: sent again, it is the same team.
    pub key: String,
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamOut {
    /// Public id.
    pub team: String,
    /// Its page.
    pub href: String,
    /// The public id of its project.
    pub project: String,
    /// The public id of the county it counts for.
    pub county: String,
    /// Its name.
    pub title: String,
    /// What it says of itself.
    pub words: String,
    /// What it wants to raise, in fen.
    #[schema(value_type = Option<i64>)]
    pub target_fen: Option<Fen>,
    /// draft, open or closed.
    pub state: &'static str,
}

/// A team with its sums and wall.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamDetailOut {
    /// The team.
    #[serde(flatten)]
    pub team: TeamOut,
    /// Gifts that count.
    pub gifts: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
    /// The newest gifts, without ids.
    pub wall: Vec<WallOut>,
    /// The moment of the figures.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Instant,
}

/// A gift on a wall.
#[derive(Debug, Serialize, ToSchema)]
pub struct WallOut {
    /// The masked name.
    pub name: Option<String>,
    /// The amount, in fen.
    #[schema(value_type = i64)]
    pub amount_fen: Fen,
    /// When it was paid.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// The words beside the gift, where they may be shown.
    pub message: Option<String>,
}

/// Other words for a team.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DescribeTeam {
    /// Its name.
    pub title: String,
    /// What it says of itself.
    pub words: String,
    /// What it wants to raise, in fen.
    #[schema(value_type = Option<i64>)]
    pub target_fen: Option<Fen>,
}

/// Why a team is closed or a draft refused.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CloseTeam {
    /// The reason.
    pub why: String,
}

/// Who started a team.
#[derive(Serialize, ToSchema)]
pub struct StarterOut {
    /// Her name.
    pub name: String,
    /// Her telephone.
    pub phone: String,
}

/// A moderator's decision about a name on a wall.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameIn {
    /// It may stand.
    Shown,
    /// It does not stand; the gift stays.
    Hidden,
}

/// A moderator's decision.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ModerateEntry {
    /// shown or hidden.
    pub name: NameIn,
}

/// A channel tag.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagOut {
    /// The word in `?from=`.
    pub code: String,
    /// The public id of the unit.
    pub unit: String,
    /// What it stands for.
    pub label: String,
    /// Whether it leads there.
    pub open: bool,
}

/// A new channel tag.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AddTag {
    /// The public id of the unit.
    pub unit: String,
    /// 2 to 20 of a-z, 0-9 and -.
    pub code: String,
    /// What it stands for: a poster, a talk, a school.
    pub label: String,
}

/// `?limit=&cursor=&state=`.
#[derive(Debug, Deserialize)]
struct TeamsQuery {
    limit: Option<u16>,
    cursor: Option<String>,
    state: Option<String>,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn field<I: Id>(s: &Services, name: &str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(name, error))
}

fn out(s: &Services, team: Team) -> TeamOut {
    let id = public(&*s.keys, team.id);
    TeamOut {
        href: format!("/t/{id}"),
        team: id,
        project: public(&*s.keys, team.project),
        county: public(&*s.keys, team.unit),
        title: team.title,
        words: team.words,
        target_fen: team.target,
        state: team.state.as_str(),
    }
}

fn tag_out(s: &Services, tag: ChannelTag) -> TagOut {
    TagOut {
        code: tag.code,
        unit: public(&*s.keys, tag.unit),
        label: tag.label,
        open: tag.closed_at.is_none(),
    }
}

/// Starts a team as a draft.
#[utoipa::path(post, path = "/api/v1/teams", tag = "teams", request_body = StartTeam,
    responses((status = 201, body = TeamOut), (status = 409, description = "the project takes no gifts now")))]
async fn start_team(
    State(desk): State<Desk>,
    client: ClientIp,
    Json(body): Json<StartTeam>,
) -> Result<(StatusCode, Json<TeamOut>), Problem> {
    desk.limiter.take(client.0, "teams", STARTS)?;
    let s = &desk.services;
    let new = NewTeam {
        county: body
            .county
            .as_deref()
            .map(|text| field(s, "county", text))
            .transpose()?,
        project: body.project,
        title: body.title,
        words: body.words,
        target: body.target_fen,
        starter: body.starter,
        key: body.key,
    };
    let team = actions::start(s, new).await?;
    Ok((StatusCode::CREATED, Json(out(s, team))))
}

/// A team with its sums and wall, once it was opened.
#[utoipa::path(get, path = "/api/v1/teams/{team}", tag = "teams",
    params(("team" = String, Path, description = "public id")), responses((status = 200, body = TeamDetailOut)))]
async fn get_team(State(s): State<Services>, Path(team): Path<String>) -> Result<Json<TeamDetailOut>, Problem> {
    let id = id_of::<TeamId>(&s, &team)?;
    let as_of = s.now();
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let team = queries::team(&mut at, id)
        .await
        .map_err(|e| problems::of_db(&e))?
        .filter(|team| team.state.is_public())
        .ok_or_else(Problem::not_found)?;
    let sums = boards::queries::of_team(&mut at, id)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let name_min = name_min(&mut at, as_of).await?;
    let wall = queries::wall(&mut at, &s.keys, id, (name_min, WALL_MAX))
        .await
        .map_err(|e| problems::of_db(&e))?;
    Ok(Json(TeamDetailOut {
        team: out(&s, team),
        gifts: sums.gifts,
        sum_fen: sums.sum_fen,
        wall: wall.into_iter().map(wall_out).collect(),
        as_of,
    }))
}

/// The teams of my units.
#[utoipa::path(get, path = "/api/v1/teams", tag = "teams",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query),
        ("state" = Option<String>, Query, description = "draft, open or closed; all when absent")),
    responses((status = 200, body = Listing<TeamOut>)))]
async fn list_teams(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<TeamsQuery>,
) -> Result<Json<Listing<TeamOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<TeamId>(&s, &text)).transpose()?;
    let scope = actor.scope_for_any(LISTING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let state = query.state.as_deref();
    let found = queries::list(&mut at, state, (&scope, &s.tree), after, limit as i64 + 1)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let items = found.into_iter().map(|team| out(&s, team)).collect();
    Ok(Json(Listing::cut(items, limit, |team: &TeamOut| team.team.clone())))
}

/// Gives a team other words.
#[utoipa::path(put, path = "/api/v1/teams/{team}/words", tag = "teams",
    params(("team" = String, Path, description = "public id")), request_body = DescribeTeam,
    responses((status = 200, body = TeamOut)))]
async fn describe_team(
    State(s): State<Services>,
    actor: Actor,
    Path(team): Path<String>,
    Json(body): Json<DescribeTeam>,
) -> Result<Json<TeamOut>, Problem> {
    let id = id_of(&s, &team)?;
    let words = (body.title.as_str(), body.words.as_str(), body.target_fen);
    Ok(Json(out(&s, actions::describe(&s, &actor, id, words).await?)))
}

/// Opens a draft: name and words pass.
#[utoipa::path(post, path = "/api/v1/teams/{team}/open", tag = "teams",
    params(("team" = String, Path, description = "public id")), responses((status = 200, body = TeamOut)))]
async fn open_team(
    State(s): State<Services>,
    actor: Actor,
    Path(team): Path<String>,
) -> Result<Json<TeamOut>, Problem> {
    let team = actions::open(&s, &actor, id_of(&s, &team)?).await?;
    Ok(Json(out(&s, team)))
}

/// Closes a team, or refuses a draft.
#[utoipa::path(post, path = "/api/v1/teams/{team}/close", tag = "teams",
    params(("team" = String, Path, description = "public id")), request_body = CloseTeam,
    responses((status = 200, body = TeamOut)))]
async fn close_team(
    State(s): State<Services>,
    actor: Actor,
    Path(team): Path<String>,
    Json(body): Json<CloseTeam>,
) -> Result<Json<TeamOut>, Problem> {
    let team = actions::close(&s, &actor, id_of(&s, &team)?, &body.why).await?;
    Ok(Json(out(&s, team)))
}

fn starter_out(starter: Starter) -> StarterOut {
    StarterOut {
        name: starter.name,
        phone: starter.phone,
    }
}

/// Who started a team: name and telephone masked.
#[utoipa::path(get, path = "/api/v1/teams/{team}/starter", tag = "teams",
    params(("team" = String, Path, description = "public id")), responses((status = 200, body = StarterOut)))]
async fn team_starter(
    State(s): State<Services>,
    actor: Actor,
    Path(team): Path<String>,
) -> Result<Json<StarterOut>, Problem> {
    let starter = actions::starter(&s, &actor, id_of(&s, &team)?).await?;
    Ok(Json(starter_out(starter)))
}

/// Why who started a team is opened.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RevealStarter {
    /// The reason; it stands in the audit trail.
    pub reason: RevealReason,
}

/// Opens who started a team, to reach her; it stands in the trail who did and why.
#[utoipa::path(post, path = "/api/v1/teams/{team}/starter/reveal", tag = "teams",
    params(("team" = String, Path, description = "public id")), request_body = RevealStarter,
    responses((status = 200, body = StarterOut)))]
async fn reveal_team_starter(
    State(s): State<Services>,
    actor: Actor,
    Path(team): Path<String>,
    Json(body): Json<RevealStarter>,
) -> Result<Json<StarterOut>, Problem> {
    let open = actions::reveal_starter(&s, &actor, id_of(&s, &team)?, body.reason).await?;
    Ok(Json(starter_out(open)))
}

/// A gift on a wall, for staff.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffWallOut {
    /// The gift's public id.
    pub gift: String,
    /// What the public sees of it.
    #[serde(flatten)]
    pub shown: WallOut,
}

/// A team's wall with the gifts' ids, for staff that moderates it.
#[utoipa::path(get, path = "/api/v1/teams/{team}/wall", tag = "teams",
    params(("team" = String, Path, description = "public id")), responses((status = 200, body = [StaffWallOut])))]
async fn team_wall(
    State(s): State<Services>,
    actor: Actor,
    Path(team): Path<String>,
) -> Result<Json<Vec<StaffWallOut>>, Problem> {
    let id = id_of::<TeamId>(&s, &team)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let team = queries::team(&mut at, id).await.map_err(|e| problems::of_db(&e))?;
    team.filter(|team| actor.require(Permission::ProjectManage, team.unit).is_ok())
        .ok_or_else(Problem::not_found)?;
    let name_min = name_min(&mut at, s.now()).await?;
    let wall = queries::wall(&mut at, &s.keys, id, (name_min, WALL_MAX))
        .await
        .map_err(|e| problems::of_db(&e))?;
    let entry = |entry: WallEntry| StaffWallOut {
        gift: public(&*s.keys, entry.gift),
        shown: wall_out(entry),
    };
    Ok(Json(wall.into_iter().map(entry).collect()))
}

fn wall_out(entry: WallEntry) -> WallOut {
    WallOut {
        name: entry.name,
        amount_fen: entry.amount,
        at: entry.at,
        message: entry.message,
    }
}

/// Below this sum a name does not stand on a wall.
async fn name_min(at: &mut impl db::Reads, now: Instant) -> Result<Fen, Problem> {
    let table = parameters::load(at).await?;
    let least = table.yuan("boards.name_min_yuan", now.business_day());
    least.map_err(|e| Problem::from(super::TeamError::from(e)))
}

/// Hides a name on a wall, or lets it stand again.
#[utoipa::path(post, path = "/api/v1/walls/{gift}", tag = "teams",
    params(("gift" = String, Path, description = "public id of the gift")), request_body = ModerateEntry,
    responses((status = 204)))]
async fn moderate_entry(
    State(s): State<Services>,
    actor: Actor,
    Path(gift): Path<String>,
    Json(body): Json<ModerateEntry>,
) -> Result<StatusCode, Problem> {
    let name = match body.name {
        NameIn::Shown => NameOnWall::Shown,
        NameIn::Hidden => NameOnWall::Hidden,
    };
    actions::moderate(&s, &actor, id_of(&s, &gift)?, name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The channel tags of my units.
#[utoipa::path(get, path = "/api/v1/channel-tags", tag = "teams", responses((status = 200, body = [TagOut])))]
async fn list_tags(State(s): State<Services>, actor: Actor) -> Result<Json<Vec<TagOut>>, Problem> {
    let scope = actor.scope_for(Permission::ProjectManage);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::tags(&mut at, &scope, &s.tree)
        .await
        .map_err(|e| problems::of_db(&e))?;
    Ok(Json(found.into_iter().map(|tag| tag_out(&s, tag)).collect()))
}

/// Adds a word that leads gifts to a county.
#[utoipa::path(post, path = "/api/v1/channel-tags", tag = "teams", request_body = AddTag,
    responses((status = 201, body = TagOut), (status = 409, description = "another unit has the word")))]
async fn add_tag(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<AddTag>,
) -> Result<(StatusCode, Json<TagOut>), Problem> {
    let unit = field(&s, "unit", &body.unit)?;
    let tag = actions::add_tag(&s, &actor, (unit, &body.code, &body.label)).await?;
    Ok((StatusCode::CREATED, Json(tag_out(&s, tag))))
}
