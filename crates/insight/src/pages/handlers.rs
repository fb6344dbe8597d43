//! The routes of the public pages.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use kernel::{BusinessDay, CampaignId, TeamId, UnitId};
use platform::Services;
use proof::certificates::{self, Format};
use proof::log::{LATE_SECONDS, Log, Published, mark};
use serde::Deserialize;
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;
use web::extract::ClientIp;
use web::limit::{LOOKUP, PAGES};
use web::{Masthead, Problem, Reader, problem};

use super::common::Link;
use super::goods::{self, FILE_MAX};
use super::house::{House, Topic, of_db};
use super::log::{EntryPage, LogPage, Shown};
use super::lookup::{LookupForm, LookupPage, Outcome};
use super::qr::Tagged;
use super::{appraisal_handlers, live, parcel_handlers, qr, queries};

/// A posted look-up: four short fields.
const FORM_BYTES_MAX: usize = 4_096;
/// Campaigns to whose entries the log's page leads; others are found by their own pages.
const TRAILS_MAX: i64 = 8;

/// The public pages with their live feed, which ends, with all its streams, when `stopping` says so. Everything else
/// that is asked for is answered as not found: merge this router into the others.
pub fn routes(services: Services, log: Option<Log>, published: Published, stopping: watch::Receiver<bool>) -> Router {
    let house = House::with_log(services, log, Some(published));
    tokio::spawn(live::run(house.clone(), stopping));
    let pages = house.pages().clone();
    Router::new()
        .route("/", get(root))
        .route("/u/{unit}", get(unit))
        .route("/c/{campaign}", get(campaign))
        .route("/p/{project}", get(project))
        .route("/p/{project}/qr/{format}", get(qr::of_project))
        .route("/t/{team}", get(team))
        .route("/t/{team}/qr/{format}", get(qr::of_team))
        .route("/b", get(boards))
        .route("/b/{campaign}", get(board))
        .route("/b/{campaign}/{day}", get(board_of_day))
        .route(
            "/lookup",
            get(ask).post(look_up).layer(DefaultBodyLimit::max(FORM_BYTES_MAX)),
        )
        .route("/coverage", get(coverage))
        .route("/goods", get(window))
        .route("/goods/data/{format}", get(goods_file))
        .route("/box", get(parcel_handlers::find))
        .route("/box/{code}", get(parcel_handlers::show))
        .route(
            "/a/{link}",
            get(appraisal_handlers::show)
                .post(appraisal_handlers::send)
                .layer(DefaultBodyLimit::max(FORM_BYTES_MAX)),
        )
        .route("/v/{certificate}", get(certificate))
        .route("/v/{certificate}/certificate/{format}", get(paper))
        .route("/log", get(public_log))
        .route("/log/entry/{index}", get(entry))
        .route("/events/{topic}", get(events))
        .fallback(missing)
        .layer(middleware::from_fn_with_state(pages, problem::speak))
        .layer(CompressionLayer::new())
        .with_state(house)
}

async fn missing() -> Problem {
    Problem::not_found()
}

async fn root(State(house): State<House>, reader: Reader) -> Result<Response, Problem> {
    house.send(&reader, Topic::Unit(house.root()?), "/").await
}

async fn unit(State(house): State<House>, Path(id): Path<String>, reader: Reader) -> Result<Response, Problem> {
    let id: UnitId = house.id(&id)?;
    house
        .send(&reader, Topic::Unit(id), &format!("/u/{}", house.public(id)))
        .await
}

async fn campaign(State(house): State<House>, Path(id): Path<String>, reader: Reader) -> Result<Response, Problem> {
    let id: CampaignId = house.id(&id)?;
    house
        .send(&reader, Topic::Campaign(id), &format!("/c/{}", house.public(id)))
        .await
}

async fn project(
    State(house): State<House>,
    Path(text): Path<String>,
    Query(from): Query<Tagged>,
    reader: Reader,
) -> Result<Response, Problem> {
    let id = house.project(&text).await?;
    let path = format!("/p/{}", house.public(id));
    house
        .send_carrying(&reader, Topic::Project(id), (&path, from.word()))
        .await
}

async fn team(
    State(house): State<House>,
    Path(id): Path<String>,
    Query(from): Query<Tagged>,
    reader: Reader,
) -> Result<Response, Problem> {
    let id: TeamId = house.id(&id)?;
    let path = format!("/t/{}", house.public(id));
    house
        .send_carrying(&reader, Topic::Team(id), (&path, from.word()))
        .await
}

async fn boards(State(house): State<House>, reader: Reader) -> Result<Response, Problem> {
    house.send(&reader, Topic::Boards, "/b").await
}

async fn board(State(house): State<House>, Path(id): Path<String>, reader: Reader) -> Result<Response, Problem> {
    let id: CampaignId = house.id(&id)?;
    house
        .send(&reader, Topic::Board(id), &format!("/b/{}", house.public(id)))
        .await
}

/// A frozen day never changes, so it is read when asked for.
async fn board_of_day(
    State(house): State<House>,
    client: ClientIp,
    Path((id, day)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "board", PAGES)?;
    let day = BusinessDay::parse(&day).map_err(|_| Problem::not_found())?;
    let services = house.services();
    let when = (Some(day), services.now());
    let page = if id == queries::board::ALL {
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        queries::board::of_all(&mut at, services, when).await
    } else {
        let id: CampaignId = house.id(&id)?;
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        queries::board::of_campaign(&mut at, services, id, when).await
    };
    let page = page.map_err(of_db)?.ok_or_else(Problem::not_found)?;
    Ok(house.pages().render(&reader, &page))
}

/// Asked for rarely, and summed over every event: read when asked for.
async fn coverage(State(house): State<House>, client: ClientIp, reader: Reader) -> Result<Response, Problem> {
    house.limiter().take(client.0, "coverage", PAGES)?;
    let services = house.services();
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let page = queries::coverage::page(&mut at, services, house.root()?, services.now()).await;
    let page = page.map_err(of_db)?.ok_or_else(Problem::not_found)?;
    Ok(house.pages().render(&reader, &page))
}

async fn window(State(house): State<House>, reader: Reader) -> Result<Response, Problem> {
    house.send(&reader, Topic::Goods(house.root()?), "/goods").await
}

/// The newest movements as a file: the same rows as the page, more of them.
async fn goods_file(
    State(house): State<House>,
    client: ClientIp,
    Path(format): Path<String>,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "goods", PAGES)?;
    let services = house.services();
    let root = house.root()?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let came = queries::goods::came(&mut at, services, root, FILE_MAX)
        .await
        .map_err(of_db)?;
    let went = queries::goods::went(&mut at, services, root, FILE_MAX)
        .await
        .map_err(of_db)?;
    let (kind, text) = match format.as_str() {
        "json" => (
            "application/json",
            serde_json::json!({ "as_of": services.now(), "in": came, "out": went }).to_string(),
        ),
        "csv" => ("text/csv; charset=utf-8", goods::csv(&came, &went)),
        _ => return Err(Problem::not_found()),
    };
    let mut response = Body::from(text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=5"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

async fn ask(State(house): State<House>, reader: Reader) -> Result<Response, Problem> {
    answer(&house, &reader, LookupForm::default(), Outcome::Blank).await
}

async fn look_up(
    State(house): State<House>,
    client: ClientIp,
    reader: Reader,
    body: Bytes,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "lookup", LOOKUP)?;
    // What is no form asks for nothing: its number is missing.
    let form: LookupForm = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let outcome = match form.question() {
        Err(field) => Outcome::Wrong { field },
        Ok(question) => match queries::gift::find(&house, &question, reader.locale()).await? {
            gifts if gifts.is_empty() => Outcome::Nothing,
            gifts => Outcome::Found { gifts },
        },
    };
    answer(&house, &reader, form, outcome).await
}

/// What stands at the top of pages that belong to no topic.
pub(super) async fn masthead(house: &House) -> Result<Masthead, Problem> {
    let services = house.services();
    let root = house.root()?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let unit = governance::network::queries::unit(&mut at, root).await.map_err(of_db)?;
    let unit = unit.ok_or_else(Problem::not_found)?;
    let masthead = queries::masthead(&mut at, &unit, services.now().business_day())
        .await
        .map_err(of_db)?;
    Ok(masthead)
}

async fn answer(house: &House, reader: &Reader, form: LookupForm, outcome: Outcome) -> Result<Response, Problem> {
    let masthead = masthead(house).await?;
    Ok(house.pages().render(
        reader,
        &LookupPage {
            masthead,
            form,
            outcome,
        },
    ))
}

async fn certificate(
    State(house): State<House>,
    client: ClientIp,
    Path(id): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "certificate", PAGES)?;
    let gift = queries::gift::behind(&house, &id)?;
    let page = queries::gift::certificate(&house, gift, reader.locale()).await?;
    Ok(house.pages().render(&reader, &page))
}

#[derive(Deserialize)]
struct Proven {
    #[serde(default)]
    proof: String,
}

/// The papers carry the full name: only for the proof of the key that stands in the QR code.
async fn paper(
    State(house): State<House>,
    client: ClientIp,
    Path((id, format)): Path<(String, String)>,
    Query(proven): Query<Proven>,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "paper", PAGES)?;
    let format = Format::parse(&format).ok_or_else(Problem::not_found)?;
    let gift = queries::gift::behind(&house, &id)?;
    // What is no base64 is a wrong proof like any other.
    let proof = data_encoding::BASE64URL_NOPAD
        .decode(proven.proof.as_bytes())
        .unwrap_or_default();
    let bytes = certificates::paper_for_holder(house.services(), gift, format, &proof).await;
    let bytes = bytes.map_err(|error| error.problem())?;
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    // After erasure no copy of ours may linger in between.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(name) = HeaderValue::from_str(&format!("inline; filename=\"certificate-{id}.{}\"", format.word())) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

async fn public_log(State(house): State<House>, client: ClientIp, reader: Reader) -> Result<Response, Problem> {
    house.limiter().take(client.0, "log", PAGES)?;
    let masthead = masthead(&house).await?;
    let mark = house.mark().await;
    let mark = mark.map(|mark| Shown::of(mark, &house.services().base_url));
    let campaigns = with_trails(&house).await?;
    let written = house.written().map(|log| log.status().oldest_seconds);
    let page = LogPage {
        masthead,
        mark,
        lags: written.is_some_and(|seconds| seconds >= LATE_SECONDS),
        campaigns,
    };
    Ok(house.pages().render(&reader, &page))
}

/// The newest campaigns of the house.
async fn with_trails(house: &House) -> Result<Vec<Link>, Problem> {
    let mut at = house.services().db.snapshot().await.map_err(of_db)?;
    let newest = giving::campaigns::queries::public_of_unit(&mut at, house.root()?, TRAILS_MAX).await;
    let link = |campaign: giving::campaigns::Campaign| Link {
        href: format!("/c/{}/log", house.public(campaign.id)),
        name: campaign.plan.title,
    };
    Ok(newest.map_err(of_db)?.into_iter().map(link).collect())
}

async fn entry(
    State(house): State<House>,
    client: ClientIp,
    Path(index): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "log", PAGES)?;
    let index: u64 = index.parse().map_err(|_| Problem::not_found())?;
    let published = house.published().ok_or_else(Problem::not_found)?;
    let found = mark::entry(published, index).await;
    let (text, leaf) = found.ok_or_else(Problem::not_found)?;
    let masthead = masthead(&house).await?;
    Ok(house
        .pages()
        .render(&reader, &EntryPage::of(masthead, index, text, &leaf)))
}

async fn events(State(house): State<House>, Path(text): Path<String>) -> Result<Response, Problem> {
    let (topic, page) = match text.as_str() {
        "home" | "goods" => {
            let root = house.root()?;
            let topic = if text == "home" {
                Topic::Unit(root)
            } else {
                Topic::Goods(root)
            };
            (topic, house.page(topic).await?)
        }
        // A campaign's boards have the campaign's id: the word before it tells them apart.
        of if let Some(board) = of.strip_prefix("b-") => {
            let topic = match board {
                "all" => Topic::Boards,
                id => Topic::Board(house.id(id)?),
            };
            (topic, house.page(topic).await?)
        }
        id => stream_of(&house, id).await?,
    };
    let name = topic.name(&house.services().keys);
    // With readers there already, the live feed keeps the newest snapshot; the first reader begins with this one.
    if house.hub().readers(&name) == 0 {
        page.shown.keep(house.hub(), &name);
    }
    house.hub().subscribe(&name)
}

/// A public id does not say of what it is: the page it leads to does.
async fn stream_of(house: &House, text: &str) -> Result<(Topic, std::sync::Arc<super::house::Kept>), Problem> {
    let topics = [
        Topic::Campaign(house.id(text)?),
        Topic::Project(house.id(text)?),
        Topic::Unit(house.id(text)?),
        Topic::Team(house.id(text)?),
    ];
    for topic in topics {
        match house.page(topic).await {
            Ok(page) => return Ok((topic, page)),
            Err(problem) if problem.kind() == problem::NOT_FOUND => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::not_found())
}
