//! JSON and CSV of boards: reading is public where a board is shown, the rest is for staff.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::id::{Id, from_public, public};
use kernel::{BusinessDay, CampaignId, Fen, Instant, TeamId, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem, Query};

use super::actions;
use super::error::BoardError;
use super::model::{Board, Freeze, Kind, Line, Tally};
use super::queries::{self, When};
use crate::campaigns;

/// Frozen days in one answer: three years.
const DAYS_MAX: i64 = 1_100;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(get_campaigns))
        .public(routes!(get_campaigns_csv))
        .public(routes!(get_board))
        .public(routes!(get_board_csv))
        .public(routes!(list_days))
        .staff(Permission::CampaignManage, routes!(show_boards))
        .staff(Permission::ParameterManage, routes!(load_population))
}

/// A line of a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineOut {
    /// 1, 2, 2, 4.
    pub place: i64,
    /// The public id of the county, project or team.
    pub id: String,
    /// Its name; none for a team below the minimum.
    pub name: Option<String>,
    /// Gifts that count.
    pub gifts: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
    /// People living there, where a figure was loaded.
    pub people: Option<i64>,
    /// Fen for each thousand people, rounded down.
    #[schema(value_type = Option<i64>)]
    pub per_thousand_fen: Option<Fen>,
}

/// A board.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardOut {
    /// county, project or team.
    pub by: Kind,
    /// The day whose end it shows; none for the live board.
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<BusinessDay>,
    /// The last fact that counts, of a frozen board.
    pub place: Option<i64>,
    /// The moment of the figures.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Instant,
    /// The lines, largest sum first.
    pub lines: Vec<LineOut>,
    /// Gifts that count for no line.
    pub unplaced_gifts: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    pub unplaced_fen: Fen,
    /// Counties without a population figure: they are missing in the view per head.
    pub without_people: usize,
}

/// A campaign on the board of campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignLineOut {
    /// 1, 2, 2, 4.
    pub place: i64,
    /// The public id of the campaign.
    pub id: String,
    /// Its title as filed.
    pub name: String,
    /// Gifts that count.
    pub gifts: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
}

/// The board of campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignsOut {
    /// The day whose end it shows; none for the live board.
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<BusinessDay>,
    /// The last fact that counts, of a frozen board.
    pub place: Option<i64>,
    /// The moment of the figures.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Instant,
    /// The campaigns with a board, largest sum first.
    pub lines: Vec<CampaignLineOut>,
}

/// A frozen day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayOut {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: BusinessDay,
    /// The last fact that counts.
    pub place: i64,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub frozen_at: Instant,
}

/// Which boards of a campaign are shown.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ShowBoards {
    /// county, project, team; none hides them all.
    pub kinds: Vec<Kind>,
}

/// Population figures.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LoadPopulation {
    /// A file with the titles `region_code,from,people,source`.
    pub csv: String,
}

/// What was loaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoadedOut {
    /// How many figures.
    pub figures: usize,
}

/// `?by=&day=&level=`.
#[derive(Debug, Deserialize)]
struct BoardQuery {
    by: Option<String>,
    day: Option<BusinessDay>,
    level: Option<String>,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// A board that is shown, with the freeze of a past day.
async fn read(s: &Services, campaign: &str, query: &BoardQuery) -> Result<(Board, Option<Freeze>, Instant), Problem> {
    let id: CampaignId = id_of(s, campaign)?;
    let kind = query.by.as_deref().unwrap_or("county");
    let kind: Kind = kind.parse().map_err(|error| Problem::invalid("by", error))?;
    let as_of = s.now();
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let view = campaigns::queries::public_view(&mut at, id)
        .await
        .map_err(|e| problems::of_db(&e))?
        .ok_or_else(Problem::not_found)?;
    let shown = queries::opened(&mut at, id).await.map_err(|e| problems::of_db(&e))?;
    if !shown.contains(&kind) {
        return Err(BoardError::NotOpen.problem());
    }
    let (when, freeze) = match query.day {
        None => (When::Live(as_of.business_day()), None),
        Some(day) => {
            let freeze = queries::freeze(&mut at, day).await.map_err(|e| problems::of_db(&e))?;
            let freeze = freeze.ok_or_else(|| BoardError::NotFrozen(day).problem())?;
            (When::Frozen(day), Some(freeze))
        }
    };
    let of = (id, view.campaign.unit);
    let board = match (query.level.as_deref(), kind) {
        (None, _) => {
            let boards = queries::boards(&mut at, &s.tree, of, &[kind], when).await?;
            boards.into_iter().next().ok_or_else(Problem::not_found)?
        }
        (Some("county"), Kind::County) => {
            let board = queries::counties(&mut at, &s.tree, of, when).await?;
            board
                .ok_or_else(|| Problem::invalid("level", "only a province’s campaign has counties below its cities"))?
        }
        (Some(_), _) => return Err(Problem::invalid("level", "county, together with by=county")),
    };
    Ok((board, freeze, freeze.map_or(as_of, |freeze| freeze.frozen_at)))
}

/// `?day=`.
#[derive(Debug, Deserialize)]
struct DayQuery {
    day: Option<BusinessDay>,
}

/// The board of campaigns, live or of a frozen day.
async fn read_campaigns(s: &Services, day: Option<BusinessDay>) -> Result<CampaignsOut, Problem> {
    let as_of = s.now();
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let freeze = match day {
        None => None,
        Some(day) => {
            let freeze = queries::freeze(&mut at, day).await.map_err(|e| problems::of_db(&e))?;
            Some(freeze.ok_or_else(|| BoardError::NotFrozen(day).problem())?)
        }
    };
    let lines = queries::campaigns(&mut at, day)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let line = |line: queries::CampaignLine| CampaignLineOut {
        place: line.place,
        id: public(&*s.keys, line.campaign),
        name: line.title,
        gifts: line.tally.gifts,
        sum_fen: line.tally.sum_fen,
    };
    Ok(CampaignsOut {
        day,
        place: freeze.map(|freeze| freeze.place),
        as_of: freeze.map_or(as_of, |freeze| freeze.frozen_at),
        lines: lines.into_iter().map(line).collect(),
    })
}

/// The campaigns with a board, largest sum first: live or of a frozen day.
#[utoipa::path(get, path = "/api/v1/boards", tag = "boards",
    params(("day" = Option<String>, Query, description = "a frozen day; live when absent")),
    responses((status = 200, body = CampaignsOut), (status = 404, description = "the day was not frozen")))]
async fn get_campaigns(
    State(s): State<Services>,
    Query(query): Query<DayQuery>,
) -> Result<Json<CampaignsOut>, Problem> {
    Ok(Json(read_campaigns(&s, query.day).await?))
}

/// The same as CSV.
#[utoipa::path(get, path = "/api/v1/boards/csv", tag = "boards", params(("day" = Option<String>, Query)),
    responses((status = 200, description = "text/csv", content_type = "text/csv")))]
async fn get_campaigns_csv(State(s): State<Services>, Query(query): Query<DayQuery>) -> Result<Response, Problem> {
    let board = read_campaigns(&s, query.day).await?;
    let mut text = String::from("\u{feff}place,name,gifts,sum_yuan,as_of,fact_place\r\n");
    let place = board.place.map(|place| place.to_string()).unwrap_or_default();
    for line in &board.lines {
        text += &format!(
            "{},{},{},{},{},{place}\r\n",
            line.place,
            csv_text(&line.name),
            line.gifts,
            line.sum_fen.to_yuan(),
            board.as_of.to_rfc3339(),
        );
    }
    Ok(as_csv(text))
}

fn public_of(s: &Services, kind: Kind, id: [u8; 16]) -> String {
    match kind {
        Kind::County => public(&*s.keys, UnitId::from_bytes(id)),
        Kind::Project => public(&*s.keys, kernel::ProjectId::from_bytes(id)),
        Kind::Team => public(&*s.keys, TeamId::from_bytes(id)),
    }
}

fn line_out(s: &Services, kind: Kind, line: Line) -> LineOut {
    LineOut {
        place: line.place,
        id: public_of(s, kind, line.id),
        name: line.name,
        gifts: line.tally.gifts,
        sum_fen: line.tally.sum_fen,
        people: line.people,
        per_thousand_fen: line.per_thousand_fen,
    }
}

/// A board of a campaign, live or of a frozen day.
#[utoipa::path(get, path = "/api/v1/boards/{campaign}", tag = "boards",
    params(("campaign" = String, Path, description = "public id"),
        ("by" = Option<String>, Query, description = "county (default), project or team"),
        ("level" = Option<String>, Query,
            description = "county, with by=county: of a province's campaign its counties by region code, not its cities"),
        ("day" = Option<String>, Query, description = "a frozen day; live when absent")),
    responses((status = 200, body = BoardOut), (status = 404, description = "not shown, or the day was not frozen")))]
async fn get_board(
    State(s): State<Services>,
    Path(campaign): Path<String>,
    Query(query): Query<BoardQuery>,
) -> Result<Json<BoardOut>, Problem> {
    let (board, freeze, as_of) = read(&s, &campaign, &query).await?;
    let kind = board.kind;
    Ok(Json(BoardOut {
        by: kind,
        day: freeze.map(|freeze| freeze.day),
        place: freeze.map(|freeze| freeze.place),
        as_of,
        unplaced_gifts: board.unplaced.gifts,
        unplaced_fen: board.unplaced.sum_fen,
        without_people: board.without_people,
        lines: board.lines.into_iter().map(|line| line_out(&s, kind, line)).collect(),
    }))
}

/// The same as CSV, with a mark that tells spreadsheets the encoding.
#[utoipa::path(get, path = "/api/v1/boards/{campaign}/csv", tag = "boards",
    params(("campaign" = String, Path, description = "public id"), ("by" = Option<String>, Query),
        ("level" = Option<String>, Query), ("day" = Option<String>, Query)),
    responses((status = 200, description = "text/csv", content_type = "text/csv")))]
async fn get_board_csv(
    State(s): State<Services>,
    Path(campaign): Path<String>,
    Query(query): Query<BoardQuery>,
) -> Result<Response, Problem> {
    let (board, freeze, as_of) = read(&s, &campaign, &query).await?;
    let mut text = String::from("\u{feff}place,name,gifts,sum_yuan,people,per_thousand_yuan,as_of,fact_place\r\n");
    let place = freeze.map(|freeze| freeze.place.to_string()).unwrap_or_default();
    for line in &board.lines {
        text += &csv_line(line, as_of, &place);
    }
    let Tally { gifts, sum_fen } = board.unplaced;
    if gifts > 0 {
        text += &format!(",,{gifts},{},,,{},{place}\r\n", sum_fen.to_yuan(), as_of.to_rfc3339());
    }
    Ok(as_csv(text))
}

fn as_csv(text: String) -> Response {
    let mut response = (StatusCode::OK, text).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    response
}

fn csv_line(line: &Line, as_of: Instant, place: &str) -> String {
    let people = line.people.map(|people| people.to_string()).unwrap_or_default();
    let per_thousand = line.per_thousand_fen.map(Fen::to_yuan).unwrap_or_default();
    format!(
        "{},{},{},{},{people},{per_thousand},{},{place}\r\n",
        line.place,
        csv_text(line.name.as_deref().unwrap_or_default()),
        line.tally.gifts,
        line.tally.sum_fen.to_yuan(),
        as_of.to_rfc3339(),
    )
}

/// A cell of text: quoted, and never a formula: a name that begins like one gets a mark before it.
fn csv_text(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

/// The frozen days, latest first.
#[utoipa::path(get, path = "/api/v1/board-days", tag = "boards", responses((status = 200, body = [DayOut])))]
async fn list_days(State(s): State<Services>) -> Result<Json<Vec<DayOut>>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let days = queries::freezes(&mut at, DAYS_MAX)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let day = |freeze: Freeze| DayOut {
        day: freeze.day,
        place: freeze.place,
        frozen_at: freeze.frozen_at,
    };
    Ok(Json(days.into_iter().map(day).collect()))
}

/// Says which boards of a campaign the public sees.
#[utoipa::path(put, path = "/api/v1/boards/{campaign}/shown", tag = "boards",
    params(("campaign" = String, Path, description = "public id")), request_body = ShowBoards,
    responses((status = 204)))]
async fn show_boards(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
    Json(body): Json<ShowBoards>,
) -> Result<StatusCode, Problem> {
    let id = id_of(&s, &campaign)?;
    actions::open(&s, &actor, id, &body.kinds).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Loads population figures of counties, all or none.
#[utoipa::path(post, path = "/api/v1/population", tag = "boards", request_body = LoadPopulation,
    responses((status = 200, body = LoadedOut)))]
async fn load_population(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<LoadPopulation>,
) -> Result<Json<LoadedOut>, Problem> {
    let figures = actions::load_population(&s, &actor, &body.csv).await?;
    Ok(Json(LoadedOut { figures }))
}

#[cfg(test)]
mod tests {
    use super::csv_text;

    #[test]
    fn a_name_is_never_a_formula() {
        assert_eq!(csv_text("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_text("沂水“一中”,\"八三\"班"), "\"沂水“一中”,\"\"八三\"\"班\"");
    }
}
