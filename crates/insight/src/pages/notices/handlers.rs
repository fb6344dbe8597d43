//! The notices' routes. The entry in the log is known where the log is written.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use db::Snapshot;
use giving::{campaigns, projects};
use governance::network::queries as network;
use kernel::UnitId;
use kernel::id::{Id as _, hex, public};
use platform::Services;
use proof::log::Log;
use proof::notices::queries::{self as notices, Mark, Of};
use proof::notices::{Attached, Notice, NoticeId, NoticeState, actions, api, rules};
use serde::Deserialize;
use tower_http::compression::CompressionLayer;
use web::extract::ClientIp;
use web::limit::PAGES;
use web::{Masthead, Problem, Reader, paging, problem};

use super::super::common::Link;
use super::super::house::{House, of_db};
use super::super::queries;
use super::{FileLine, NoticeLine, NoticePage, NoticesPage, PAGE_NOTICES, VersionLine};

#[derive(Clone)]
struct Desk {
    house: House,
    log: Option<Log>,
}

/// The pages of notices. Merge them with [`super::super::routes`].
pub fn routes(services: Services, log: Option<Log>) -> Router {
    let house = House::new(services);
    let pages = house.pages().clone();
    Router::new()
        .route("/notices", get(of_house))
        .route("/u/{unit}/notices", get(of_unit))
        .route("/notices/{notice}", get(show))
        .route("/notices/{notice}/text", get(text))
        .route("/notices/{notice}/files/{sha256}", get(file))
        .layer(middleware::from_fn_with_state(pages, problem::speak))
        .layer(CompressionLayer::new())
        .with_state(Desk { house, log })
}

/// `?before=`, an opaque mark.
#[derive(Deserialize)]
struct Paging {
    before: Option<String>,
}

/// A notice as a list names it; nothing for a draft.
pub fn line(services: &Services, notice: &Notice) -> Option<NoticeLine> {
    let publication = notice.state.publication()?;
    let withdrawn = match &notice.state {
        NoticeState::Withdrawn { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    Some(NoticeLine {
        href: href(services, notice.id),
        title: notice.texts.title.clone(),
        title_en: notice.texts.title_en.clone(),
        kind: notice.kind,
        year: publication.year,
        number: publication.number,
        version: notice.version,
        day: publication.at.business_day(),
        withdrawn,
    })
}

fn href(services: &Services, id: NoticeId) -> String {
    format!("/notices/{}", public(&*services.keys, id))
}

async fn masthead_of(house: &House, at: &mut Snapshot, id: UnitId) -> Result<(Masthead, Link, String), Problem> {
    let unit = network::unit(at, id).await.map_err(of_db)?;
    let unit = unit.ok_or_else(Problem::not_found)?;
    let today = house.services().now().business_day();
    let masthead = queries::masthead(at, &unit, today).await.map_err(of_db)?;
    let (home, list) = match unit.parent {
        None => ("/".to_owned(), "/notices".to_owned()),
        Some(_) => {
            let home = format!("/u/{}", house.public(id));
            (home.clone(), format!("{home}/notices"))
        }
    };
    let link = Link {
        name: unit.name,
        href: home,
    };
    Ok((masthead, link, list))
}

async fn of_house(
    State(desk): State<Desk>,
    client: ClientIp,
    Query(from): Query<Paging>,
    reader: Reader,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "notices", PAGES)?;
    let root = desk.house.root()?;
    desk.list(&reader, root, from).await
}

async fn of_unit(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(unit): Path<String>,
    Query(from): Query<Paging>,
    reader: Reader,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "notices", PAGES)?;
    let unit = desk.house.id(&unit)?;
    desk.list(&reader, unit, from).await
}

impl Desk {
    async fn list(&self, reader: &Reader, unit: UnitId, from: Paging) -> Result<Response, Problem> {
        let services = self.house.services();
        let as_of = services.now();
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        let (masthead, of, own) = masthead_of(&self.house, &mut at, unit).await?;
        // A mark that this list did not give leads to its beginning: addresses are passed on by people.
        let mark = from.before.as_deref().and_then(|text| self.mark(text));
        let limit = i64::try_from(PAGE_NOTICES).unwrap_or(i64::MAX).saturating_add(1);
        let mut found = notices::public_list(&mut at, Of::Unit(unit), mark, limit)
            .await
            .map_err(of_db)?;
        let more = found.len() > PAGE_NOTICES;
        found.truncate(PAGE_NOTICES);
        let last = found.last().filter(|_| more).and_then(|last| {
            let publication = last.state.publication()?;
            let mark = (publication.at.micros(), self.house.public(last.id));
            Some(format!("{own}?before={}", paging::encode(&mark)))
        });
        let page = NoticesPage {
            masthead,
            of,
            rows: found.iter().filter_map(|notice| line(services, notice)).collect(),
            older: last,
            newest: mark.map(|_| own),
            as_of,
        };
        Ok(self.house.pages().render(reader, &page))
    }

    fn mark(&self, text: &str) -> Option<Mark> {
        let (moment, id): (i64, String) = paging::decode(text).ok()?;
        let id: NoticeId = self.house.id(&id).ok()?;
        Some((moment, id.bytes()))
    }
}

/// A published notice; a draft is nobody's business.
async fn find(house: &House, at: &mut Snapshot, text: &str) -> Result<Notice, Problem> {
    let found = notices::published(at, house.id(text)?).await.map_err(of_db)?;
    found.ok_or_else(Problem::not_found)
}

fn file_line(own: &str, file: &Attached) -> FileLine {
    let sha256 = hex(&file.sha256);
    FileLine {
        href: format!("{own}/files/{sha256}"),
        name: file.name.clone(),
        form: match file.media_type.as_str() {
            "application/pdf" => "PDF",
            "image/png" => "PNG",
            _ => "JPEG",
        },
        kib: file.length.saturating_add(1_023) / 1_024,
        sha256,
    }
}

/// What a notice is about, as far as the public sees it.
async fn about(house: &House, at: &mut Snapshot, notice: &Notice) -> Result<Vec<Link>, Problem> {
    let mut links = Vec::new();
    if let Some(id) = notice.project {
        let known = projects::queries::project(at, id).await.map_err(of_db)?;
        links.extend(known.map(|project| Link {
            name: project.title,
            href: format!("/p/{}", project.code),
        }));
    }
    if let Some(id) = notice.campaign {
        let known = campaigns::queries::campaign(at, id).await.map_err(of_db)?;
        links.extend(known.map(|campaign| Link {
            name: campaign.plan.title,
            href: format!("/c/{}", house.public(id)),
        }));
    }
    Ok(links)
}

async fn show(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(notice): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    let house = &desk.house;
    house.limiter().take(client.0, "notice", PAGES)?;
    let services = house.services();
    let as_of = services.now();
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let notice = find(house, &mut at, &notice).await?;
    let (masthead, unit, list) = masthead_of(house, &mut at, notice.unit).await?;
    let about = about(house, &mut at, &notice).await?;
    let files = notices::files(&mut at, notice.id).await.map_err(of_db)?;
    let versions = notices::versions(&mut at, &notice).await.map_err(of_db)?;
    let fact = notices::published_as(&mut at, notice.id).await.map_err(of_db)?;
    drop(at);
    let (line, publication) = line(services, &notice)
        .zip(notice.state.publication())
        .ok_or_else(Problem::not_found)?;
    let entry = match (&desk.log, fact) {
        // The notice stands without its entry, too: what is wrong with the log is told on the log's own page.
        (Some(log), Some(fact)) => log.place_of(fact).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a notice’s entry in the public log could not be looked up");
            None
        }),
        _ => None,
    };
    let version = |one: &Notice| {
        Some(VersionLine {
            href: href(services, one.id),
            version: one.version,
            day: one.state.publication()?.at.business_day(),
            is_this: one.id == notice.id,
        })
    };
    let last = versions.last().map(|last| last.id).filter(|last| *last != notice.id);
    let withdrawn_on = match &notice.state {
        NoticeState::Withdrawn { at, .. } => Some(at.business_day()),
        _ => None,
    };
    let page = NoticePage {
        masthead,
        list: Link {
            name: unit.name,
            href: list,
        },
        state: notice.state.word().as_str(),
        blocks: rules::blocks(&notice.texts.body),
        blocks_en: rules::blocks(&notice.texts.body_en),
        about,
        files: files.iter().map(|file| file_line(&line.href, file)).collect(),
        published_at: publication.at,
        withdrawn_on,
        newer: last.map(|id| href(services, id)),
        versions: match versions.len() {
            0 | 1 => Vec::new(),
            _ => versions.iter().filter_map(version).collect(),
        },
        sha256: hex(&publication.sha256),
        text_href: format!("{}/text", line.href),
        line,
        entry,
        as_of,
    };
    Ok(house.pages().render(&reader, &page))
}

/// The text of which a notice's fingerprint is, byte for byte.
async fn text(State(desk): State<Desk>, client: ClientIp, Path(notice): Path<String>) -> Result<Response, Problem> {
    let house = &desk.house;
    house.limiter().take(client.0, "notice", PAGES)?;
    let services = house.services();
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let notice = find(house, &mut at, &notice).await?;
    let files = notices::files(&mut at, notice.id).await.map_err(of_db)?;
    let text = rules::text_of(&notice, &files, &actions::named(services, &notice));
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

async fn file(
    State(desk): State<Desk>,
    client: ClientIp,
    Path((notice, sha256)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let house = &desk.house;
    house.limiter().take(client.0, "notice", PAGES)?;
    let services = house.services();
    let sha256 = governance::approvals::model::digest_of(&sha256).ok_or_else(Problem::not_found)?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let notice = find(house, &mut at, &notice).await?;
    drop(at);
    let (file, bytes) = actions::file(services, &notice, sha256)
        .await
        .map_err(|error| error.problem())?;
    Ok(api::sent(&file, bytes))
}
