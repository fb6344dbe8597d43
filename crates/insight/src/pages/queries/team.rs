//! A team's page.

use db::{DbError, Reads};
use giving::campaigns;
use giving::teams::{TeamState, queries};
use giving::{boards, projects};
use kernel::id::public;
use kernel::{Fen, Instant, TeamId};
use platform::{Services, parameters};

use super::super::common::{self, Link};
use super::super::team::{TeamStage, WallRow};
use super::super::{TeamLive, TeamPage};
use super::{masthead, project_href, sentence};

/// The page; nothing for a team that was never opened.
pub(super) async fn page(
    at: &mut impl Reads,
    services: &Services,
    id: TeamId,
    as_of: Instant,
) -> Result<Option<TeamPage>, DbError> {
    let found = queries::team(at, id).await?.filter(|team| team.state.is_public());
    let Some(team) = found else { return Ok(None) };
    let Some(project) = projects::queries::project(at, team.project).await? else {
        return Ok(None);
    };
    let campaign = match project.place.campaign() {
        Some(campaign) => campaigns::queries::campaign(at, campaign)
            .await?
            .filter(|c| c.state.is_public()),
        None => None,
    };
    let raising = campaign.as_ref().map_or(project.unit, |c| c.unit);
    let Some(unit) = governance::network::queries::unit(at, raising).await? else {
        return Ok(None);
    };
    let today = as_of.business_day();
    let on = campaign.as_ref().map_or(today, |c| c.plan.starts_on);
    let masthead = masthead(at, &unit, on).await?;
    let county = governance::network::queries::unit(at, team.unit).await?;
    let sums = boards::queries::of_team(at, id).await?;
    let name_min = name_min(at, today).await?;
    let limit = i64::try_from(common::LATEST_MAX).unwrap_or(i64::MAX);
    let wall = queries::wall(at, &services.keys, id, (name_min, limit)).await?;
    let latest = wall.into_iter().map(|entry| WallRow {
        who: entry.name,
        amount_fen: entry.amount,
        to: entry.message,
        at: entry.at,
    });
    let public_id = public(&*services.keys, id);
    let open = matches!(team.state, TeamState::Open { .. });
    let accepted = projects::store::load_intake_project(at, project.id).await?;
    let gives = open && accepted.is_some_and(|p| p.accepts_on(today).is_ok());
    let link = Link {
        name: project.title.clone(),
        href: project_href(&project),
    };
    let mut trail = Vec::new();
    if let Some(campaign) = &campaign {
        trail.push(Link {
            name: campaign.plan.title.clone(),
            href: format!("/c/{}", public(&*services.keys, campaign.id)),
        });
    }
    trail.push(link.clone());
    Ok(Some(TeamPage {
        masthead,
        events: open.then(|| format!("/events/{public_id}")),
        trail,
        name: team.title.clone(),
        words: sentence(&team.words),
        county: county.map(|unit| unit.short_name).unwrap_or_default(),
        give_url: gives.then(|| format!("{}/give?team={public_id}", link.href)),
        project: link,
        filing_no: campaign
            .as_ref()
            .and_then(|c| c.state.filing().map(|filing| filing.number.clone())),
        state: if open { TeamStage::Open } else { TeamStage::Ended },
        target_fen: team.target,
        address: format!("{}/t/{public_id}", services.base_url),
        witnessed: false,
        live: TeamLive {
            as_of,
            log_position: None,
            total_fen: sums.sum_fen,
            gifts: sums.gifts,
            progress_permille: common::progress(sums.sum_fen, team.target),
            latest: latest.collect(),
        },
        public_id,
    }))
}

/// Below this sum a name does not stand on a wall.
async fn name_min(at: &mut impl Reads, today: kernel::BusinessDay) -> Result<Fen, DbError> {
    let other = |e: &dyn std::fmt::Display| DbError::Other(format!("a wall: {e}"));
    let table = parameters::load(at).await.map_err(|e| other(&e))?;
    table.yuan("boards.name_min_yuan", today).map_err(|e| other(&e))
}
