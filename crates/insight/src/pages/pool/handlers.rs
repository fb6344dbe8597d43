//! A pool's page, and the lists of pools.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use giving::campaigns;
use giving::matching::model::Stacking;
use giving::matching::queries::{Told, newest_decisions, pool};
use giving::matching::{Backing, PoolState};
use governance::network::queries as network;
use kernel::id::hex;
use kernel::{CampaignId, UnitId};
use platform::Services;
use serde::Deserialize;
use tower_http::compression::CompressionLayer;
use web::extract::ClientIp;
use web::limit::PAGES;
use web::{Masthead, Problem, Reader, problem};

use super::super::common::{self, Link};
use super::super::house::{House, of_db};
use super::super::queries;
use super::super::queries::pools::{Listed, Of, listed, standing};
use super::{DECISIONS_SHOWN, DecisionRow, PoolCard, PoolPage, PoolsPage, TOGETHER_MAX, decision_said, rule_said};

/// The pages of pools. Merge them with [`super::super::routes`].
pub fn routes(services: Services) -> Router {
    let house = House::new(services);
    let pages = house.pages().clone();
    Router::new()
        .route("/pools/{code}", get(show))
        .route("/c/{campaign}/pools", get(of_campaign))
        .route("/u/{unit}/pools", get(of_unit))
        .layer(middleware::from_fn_with_state(pages, problem::speak))
        .layer(CompressionLayer::new())
        .with_state(house)
}

/// `?before=NUMBER`: decisions before a running number.
#[derive(Deserialize)]
struct Paging {
    before: Option<i64>,
}

async fn show(
    State(house): State<House>,
    client: ClientIp,
    Path(code): Path<String>,
    Query(from): Query<Paging>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "pool", PAGES)?;
    let services = house.services();
    let as_of = services.now();
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let view = pool(&mut at, &code).await.map_err(of_db)?;
    let view = view.filter(|view| view.pool.state != PoolState::Draft);
    let view = view.ok_or_else(Problem::not_found)?;
    // A published pool has a rule.
    let rule = view.rule.ok_or_else(Problem::not_found)?;
    let (pool, sums) = (view.pool, view.tallies);
    let masthead = masthead(&mut at, services, pool.unit).await?;
    let campaign = match pool.campaign {
        Some(id) => campaign_link(&mut at, &house, id).await?.map(|(link, _)| link),
        None => None,
    };
    let limit = i64::try_from(DECISIONS_SHOWN).unwrap_or(i64::MAX - 1) + 1;
    let mut told = newest_decisions(&mut at, &pool, from.before, limit)
        .await
        .map_err(of_db)?;
    let own = format!("/pools/{}", pool.code);
    let older = told.len() > DECISIONS_SHOWN;
    told.truncate(DECISIONS_SHOWN);
    let last = told.last().filter(|_| older).map(|one| one.decision.number);
    let mut beside = listed(&mut at, services, Of::Beside(pool.campaign))
        .await
        .map_err(of_db)?;
    if pool.campaign.is_some() && beside.iter().any(is_house_wide) {
        // What matches gifts of other campaigns too depends on their pools.
        beside = listed(&mut at, services, Of::Beside(None)).await.map_err(of_db)?;
    }
    let together = together(beside, &pool.code);
    let command = command(&services.base_url, &pool.code, &together);
    let page = PoolPage {
        masthead,
        name: pool.title,
        sponsor: pool.sponsor_name,
        state: standing(pool.state, &rule, sums.left(), as_of),
        campaign,
        backing: match pool.backing {
            Backing::Gift(_) => "gift",
            Backing::Agreement { .. } => "agreement",
        },
        locked_fen: pool.locked,
        given_fen: sums.given,
        returned_fen: sums.returned,
        left_fen: sums.left(),
        progress_permille: common::progress(sums.given, Some(pool.locked)),
        matches: sums.matches,
        decided: sums.decisions,
        draws: rule.draws(),
        rule: rule_said(&rule),
        commitment: pool.commitment.as_deref().map(hex),
        seed: pool.seed.as_deref().map(hex),
        opened_at: pool.opened_at,
        closed_at: pool.closed_at,
        decisions: told.into_iter().map(row).collect(),
        older: last.map(|number| format!("{own}?before={number}")),
        newest: from.before.map(|_| own),
        record: format!("/api/v1/match/pools/{}", pool.code),
        together: together.iter().take(TOGETHER_MAX).map(link).collect(),
        command,
        as_of,
        code: pool.code,
    };
    Ok(house.pages().render(&reader, &page))
}

fn row(told: Told) -> DecisionRow {
    // To the minute: the exact moment of a decision would say which gift it was about.
    let micros = told.decision.at.micros();
    DecisionRow {
        number: told.decision.number,
        said: decision_said(&told.decision),
        given_fen: told.decision.given,
        at: kernel::Instant::from_micros(micros - micros.rem_euclid(60_000_000)),
        project: Link {
            name: told.project_title,
            href: format!("/p/{}", told.project_code),
        },
    }
}

fn link(pool: &Listed) -> Link {
    Link {
        name: pool.title.clone(),
        href: pool.href(),
    }
}

/// The pools that are recomputed together with one: where any of those that may match the same gifts wants to be the only
/// one, what each decides depends on what the others did. None where all add up.
fn together(mut pools: Vec<Listed>, code: &str) -> Vec<Listed> {
    let alone = pools.iter().any(|pool| pool.rule.stacking == Stacking::Alone);
    pools.retain(|pool| alone && pool.code != code && pool.state != PoolState::Published);
    pools
}

/// Whether a pool under no campaign has decided about gifts, or may have.
fn is_house_wide(pool: &Listed) -> bool {
    pool.campaign.is_none() && pool.state != PoolState::Published
}

/// What recomputes a pool, and those that belong to it; none where they are too many for one command.
fn command(base_url: &str, code: &str, together: &[Listed]) -> Option<String> {
    if together.len() > TOGETHER_MAX {
        return None;
    }
    let codes = std::iter::once(code).chain(together.iter().map(|pool| pool.code.as_str()));
    let addresses = codes.map(|code| format!(" --url {base_url}/api/v1/match/pools/{code}"));
    Some(format!("qiao match replay{}", addresses.collect::<String>()))
}

async fn masthead(at: &mut impl db::Reads, services: &Services, unit: UnitId) -> Result<Masthead, Problem> {
    let unit = network::unit(at, unit).await.map_err(of_db)?;
    let unit = unit.ok_or_else(Problem::not_found)?;
    queries::masthead(at, &unit, services.now().business_day())
        .await
        .map_err(of_db)
}

/// The way to a campaign, with the unit that raises; none to a draft.
async fn campaign_link(
    at: &mut impl db::Reads,
    house: &House,
    id: CampaignId,
) -> Result<Option<(Link, UnitId)>, Problem> {
    let found = campaigns::queries::campaign(at, id).await.map_err(of_db)?;
    let found = found.filter(|campaign| campaign.state.is_public());
    Ok(found.map(|campaign| {
        let link = Link {
            name: campaign.plan.title,
            href: format!("/c/{}", house.public(id)),
        };
        (link, campaign.unit)
    }))
}

async fn of_campaign(
    State(house): State<House>,
    client: ClientIp,
    Path(id): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "pool", PAGES)?;
    let id: CampaignId = house.id(&id)?;
    let mut at = house.services().db.snapshot().await.map_err(of_db)?;
    let found = campaign_link(&mut at, &house, id).await?;
    let (of, unit) = found.ok_or_else(Problem::not_found)?;
    answer(&mut at, &house, &reader, (of, unit, Of::Campaign(id))).await
}

async fn of_unit(
    State(house): State<House>,
    client: ClientIp,
    Path(id): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "pool", PAGES)?;
    let id: UnitId = house.id(&id)?;
    let mut at = house.services().db.snapshot().await.map_err(of_db)?;
    let unit = network::unit(&mut at, id).await.map_err(of_db)?;
    let unit = unit.ok_or_else(Problem::not_found)?;
    let of = Link {
        name: unit.name,
        href: format!("/u/{}", house.public(id)),
    };
    answer(&mut at, &house, &reader, (of, id, Of::Unit(id))).await
}

async fn answer(
    at: &mut impl db::Reads,
    house: &House,
    reader: &Reader,
    (of, unit, which): (Link, UnitId, Of),
) -> Result<Response, Problem> {
    let services = house.services();
    let as_of = services.now();
    let pools = listed(at, services, which).await.map_err(of_db)?;
    let command = match which {
        Of::Campaign(campaign) if !pools.is_empty() => {
            let beside = listed(at, services, Of::Beside(Some(campaign))).await.map_err(of_db)?;
            let alone = beside.iter().any(|pool| pool.rule.stacking == Stacking::Alone);
            // `--of` finds the campaign's own pools; where one under no campaign decided with them, it would differ.
            let is_whole = !(alone && beside.iter().any(is_house_wide));
            is_whole.then(|| format!("qiao match replay --of {}{}", services.base_url, of.href))
        }
        _ => None,
    };
    let page = PoolsPage {
        masthead: masthead(at, services, unit).await?,
        of,
        command,
        pools: pools.iter().map(|pool| card(pool, as_of)).collect(),
        as_of,
    };
    Ok(house.pages().render(reader, &page))
}

fn card(pool: &Listed, as_of: kernel::Instant) -> PoolCard {
    PoolCard {
        name: pool.title.clone(),
        href: pool.href(),
        sponsor: pool.sponsor.clone(),
        state: pool.standing(as_of),
        said: rule_said(&pool.rule).into_iter().next(),
        locked_fen: pool.sums.locked,
        given_fen: pool.sums.given,
        left_fen: pool.sums.left(),
        progress_permille: common::progress(pool.sums.given, Some(pool.sums.locked)),
    }
}
