//! The trails' routes. They read the log's own database, which only the program that writes the log has open.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use giving::campaigns;
use giving::projects::{self, Project};
use governance::network::queries as network;
use kernel::id::public;
use kernel::{BusinessDay, CampaignId, UnitId};
use platform::Services;
use proof::log::leaf::{Leaf, PublicId};
use proof::log::{Log, LogError};
use serde::Deserialize;
use tower_http::compression::CompressionLayer;
use web::extract::ClientIp;
use web::limit::PAGES;
use web::{Problem, Reader, problem};

use super::super::common::Link;
use super::super::house::{House, of_db};
use super::super::log::{amount, day, project};
use super::super::queries;
use super::{TrailPage, TrailRow};

#[derive(Clone)]
struct Desk {
    house: House,
    log: Option<Log>,
}

/// The pages of trails. Merge them with [`super::super::routes`].
pub fn routes(services: Services, log: Option<Log>) -> Router {
    let house = House::new(services);
    let pages = house.pages().clone();
    Router::new()
        .route("/c/{campaign}/log", get(of_campaign))
        .route("/p/{project}/log", get(of_project))
        .layer(middleware::from_fn_with_state(pages, problem::speak))
        .layer(CompressionLayer::new())
        .with_state(Desk { house, log })
}

#[derive(Deserialize)]
struct Paging {
    before: Option<u64>,
}

async fn of_campaign(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(id): Path<String>,
    Query(from): Query<Paging>,
    reader: Reader,
) -> Result<Response, Problem> {
    let house = &desk.house;
    house.limiter().take(client.0, "trail", PAGES)?;
    let id: CampaignId = house.id(&id)?;
    let mut at = house.services().db.snapshot().await.map_err(of_db)?;
    let found = campaigns::queries::campaign(&mut at, id).await.map_err(of_db)?;
    let campaign = found
        .filter(|campaign| campaign.state.is_public())
        .ok_or_else(Problem::not_found)?;
    let named = projects::queries::of_campaign(&mut at, id).await.map_err(of_db)?;
    drop(at);
    let of = Link {
        name: campaign.plan.title.clone(),
        href: format!("/c/{}", house.public(id)),
    };
    let projects: Vec<Project> = named.into_iter().map(|named| named.project).collect();
    let whose = Whose {
        of,
        is_campaign: true,
        unit: campaign.unit,
        on: campaign.plan.starts_on,
    };
    desk.page(&reader, whose, (&projects, from.before)).await
}

async fn of_project(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(text): Path<String>,
    Query(from): Query<Paging>,
    reader: Reader,
) -> Result<Response, Problem> {
    let house = &desk.house;
    house.limiter().take(client.0, "trail", PAGES)?;
    let id = house.project(&text).await?;
    let mut at = house.services().db.snapshot().await.map_err(of_db)?;
    let known = projects::queries::project(&mut at, id).await.map_err(of_db)?;
    let known = known.ok_or_else(Problem::not_found)?;
    let view = projects::queries::project_view(&mut at, &known.code)
        .await
        .map_err(of_db)?;
    let view = view.ok_or_else(Problem::not_found)?;
    drop(at);
    let of = Link {
        name: view.project.title.clone(),
        href: format!("/p/{}", house.public(id)),
    };
    let whose = Whose {
        of,
        is_campaign: false,
        unit: view.project.unit,
        on: house.services().now().business_day(),
    };
    let projects: Vec<Project> = std::iter::once(view.project)
        .chain(view.subs.into_iter().map(|sub| sub.project))
        .collect();
    desk.page(&reader, whose, (&projects, from.before)).await
}

/// Whose trail, and whose certificate stands at the top.
struct Whose {
    of: Link,
    is_campaign: bool,
    unit: UnitId,
    on: BusinessDay,
}

fn refused(error: LogError) -> Problem {
    error.problem()
}

impl Desk {
    async fn page(
        &self,
        reader: &Reader,
        whose: Whose,
        (projects, before): (&[Project], Option<u64>),
    ) -> Result<Response, Problem> {
        let services = self.house.services();
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        let unit = network::unit(&mut at, whose.unit).await.map_err(of_db)?;
        let unit = unit.ok_or_else(Problem::not_found)?;
        let masthead = queries::masthead(&mut at, &unit, whose.on).await.map_err(of_db)?;
        drop(at);
        let mut titles = HashMap::new();
        let mut ids = Vec::with_capacity(projects.len());
        for project in projects {
            let id = public(&*services.keys, project.id);
            ids.extend(PublicId::new(&id).ok());
            titles.insert(id, project.title.clone());
        }
        let trail = match &self.log {
            Some(log) => Some(log.trail(&ids, before).await.map_err(refused)?),
            None => None,
        };
        let row = |(index, leaf): (u64, Leaf)| TrailRow {
            index,
            word: format!("log.kind.{}", leaf.kind()),
            amount_fen: amount(&leaf),
            day: day(&leaf),
            project: project(&leaf).and_then(|id| titles.get(id.as_str()).cloned()),
        };
        let own = format!("{}/log", whose.of.href);
        let page = TrailPage {
            masthead,
            of: whose.of,
            is_campaign: whose.is_campaign,
            size: trail.as_ref().map_or(0, |trail| trail.size),
            older: trail
                .as_ref()
                .and_then(|trail| Some(format!("{own}?before={}", trail.older?))),
            newest: before.map(|_| own),
            rows: trail.map(|trail| trail.entries.into_iter().map(row).collect()),
        };
        Ok(self.house.pages().render(reader, &page))
    }
}
