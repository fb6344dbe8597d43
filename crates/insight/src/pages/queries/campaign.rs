//! A campaign's page.

use std::collections::HashMap;

use db::{DbError, Reads};
use giving::boards::Tally;
use giving::campaigns::{self, CampaignState};
use giving::donations::queries::latest_of_projects;
use giving::projects;
use kernel::id::{Id as _, public};
use kernel::{CampaignId, Instant, ProjectId, UnitId};
use platform::Services;

use super::super::common::{self, ProjectState};
use super::super::{CampaignLive, CampaignPage};
use super::sums::{self, Of};
use super::{campaign_state, card, latest_of, masthead, ranked, sentence};

/// Projects whose latest gifts are merged.
const LATEST_FROM_MAX: usize = 300;

/// A county in the ranks.
struct Place {
    unit: UnitId,
    name: String,
    tally: Tally,
}

/// The page; nothing for a draft.
pub(super) async fn page(
    at: &mut impl Reads,
    services: &Services,
    id: CampaignId,
    as_of: Instant,
) -> Result<Option<CampaignPage>, DbError> {
    let found = campaigns::queries::campaign(at, id).await?;
    let Some(campaign) = found.filter(|c| c.state.is_public()) else {
        return Ok(None);
    };
    let Some(unit) = governance::network::queries::unit(at, campaign.unit).await? else {
        return Ok(None);
    };
    let today = as_of.business_day();
    let plan = &campaign.plan;
    let masthead = masthead(at, &unit, plan.starts_on).await?;
    let projects = projects::queries::of_campaign(at, id).await?;
    let sums = sums::sums(at, Of::Campaign(id), services, today).await?;
    let ids: Vec<ProjectId> = projects.iter().map(|p| p.project.id).take(LATEST_FROM_MAX).collect();
    let latest = latest_of_projects(at, &ids, common::LATEST_MAX).await?;
    let title = |id: ProjectId| {
        let named = projects.iter().find(|p| p.project.id == id);
        named.map(|p| p.project.title.clone()).unwrap_or_default()
    };
    let mothers = projects.iter().filter(|p| p.project.place.mother().is_none());
    let cards = mothers
        .map(|p| card(services, &p.project, &sums))
        .collect::<Result<Vec<_>, _>>()?;
    let (total_fen, gifts) = sums::total(sums.iter())?;
    let target_fen = Some(campaign.target);
    // Ranks count as boards do: what is held, given back or a sponsor's own moves none.
    let (lines, by_project) = super::board::lines(at, services, (id, campaign.unit), today).await?;
    let mut counties: Vec<Place> = lines
        .into_iter()
        .map(|line| Place {
            unit: UnitId::from_bytes(line.id),
            name: line.name.unwrap_or_default(),
            tally: line.tally,
        })
        .collect();
    // A county that takes part and has no gift yet stands last.
    for named in &projects {
        let unit = named.project.unit;
        let direct = services.tree.ancestors(unit).get(1) == Some(&campaign.unit);
        if direct && !counties.iter().any(|known| known.unit == unit) {
            counties.push(Place {
                unit,
                name: named.unit_short_name.clone(),
                tally: Tally::default(),
            });
        }
    }
    let counties = counties.into_iter().map(|county| {
        let id = public(&*services.keys, county.unit);
        (county.name, id, county.tally.sum_fen, county.tally.gifts, None)
    });
    let tallies: HashMap<[u8; 16], Tally> = by_project.into_iter().map(|line| (line.id, line.tally)).collect();
    let tally = |id: [u8; 16]| tallies.get(&id).copied().unwrap_or_default();
    let rows = projects
        .iter()
        .filter(|p| p.project.place.mother().is_none())
        .map(|named| {
            let (project, own) = (&named.project, tally(named.project.id.bytes()));
            let name = project.title.clone();
            (
                name,
                public(&*services.keys, project.id),
                own.sum_fen,
                own.gifts,
                project.target,
            )
        });
    let live = CampaignLive {
        as_of,
        log_position: None,
        total_fen,
        matched_fen: sums::matched(at, Of::Campaign(id), services).await?,
        gifts,
        progress_permille: common::progress(total_fen, target_fen),
        counties: ranked(counties.collect()),
        projects: ranked(rows.collect()),
        latest: latest_of(latest, title),
    };
    let pools = super::pools::listed(at, services, super::pools::Of::Campaign(id)).await?;
    let public_id = public(&*services.keys, id);
    let board_id = public_id.clone();
    let running = campaign.state.is_running();
    let moves = running || matches!(campaign.state, CampaignState::Filed(_));
    let mut open = cards.iter().filter(|card| card.state == ProjectState::Open);
    // One open project: straight to its form. Several: the donor chooses which.
    let give_url = match (open.next(), open.next()) {
        (Some(only), None) if running => Some(format!("{}/give", only.href)),
        (Some(_), Some(_)) if running => Some("#projects".to_owned()),
        _ => None,
    };
    Ok(Some(CampaignPage {
        masthead,
        events: moves.then(|| format!("/events/{public_id}")),
        public_id,
        name: plan.title.clone(),
        filing_no: campaign.state.filing().map(|filing| filing.number.clone()),
        state: campaign_state(&campaign.state),
        starts: plan.starts_on,
        ends: plan.ends_on,
        days_left: Some(plan.ends_on.days_since(today)).filter(|days| running && *days >= 0),
        purpose: sentence(&plan.purpose),
        use_of_money: sentence(&plan.use_of_proceeds),
        beneficiaries: sentence(&plan.beneficiaries),
        partners: giving::docking::queries::named_on(at, id).await?,
        target_fen,
        projects: cards.into_iter().take(common::CARDS_MAX).collect(),
        give_url,
        pools_url: (!pools.is_empty()).then(|| format!("/c/{board_id}/pools")),
        pools: pools
            .iter()
            .take(common::POOLS_SHOWN)
            .map(|pool| pool.link(as_of))
            .collect(),
        board_url: (!giving::boards::queries::opened(at, id).await?.is_empty()).then(|| format!("/b/{board_id}")),
        witnessed: false,
        live,
    }))
}
