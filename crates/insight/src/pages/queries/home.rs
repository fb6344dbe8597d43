//! A unit's home.

use db::{DbError, Reads};
use giving::donations::queries::latest_of_projects;
use giving::{campaigns, projects};
use kernel::id::public;
use kernel::{Instant, ProjectId, UnitId};
use platform::Services;
use proof::notices;

use super::super::common::{self, CampaignCard, CampaignState, CardFigures};
use super::super::notices::{NAMED_MAX, line};
use super::super::{HomeLive, HomePage};
use super::sums::{self, Of};
use super::{campaign_state, card, latest_of, masthead};

/// Campaigns on one home page; older ones are found by their addresses.
const CAMPAIGNS_MAX: i64 = 20;
/// Projects whose latest gifts a unit's home merges.
const LATEST_FROM_MAX: usize = 300;

/// The page; nothing for a unit that is not known.
pub(super) async fn page(
    at: &mut impl Reads,
    services: &Services,
    id: UnitId,
    as_of: Instant,
) -> Result<Option<HomePage>, DbError> {
    let Some(unit) = governance::network::queries::unit(at, id).await? else {
        return Ok(None);
    };
    let today = as_of.business_day();
    let is_root = unit.parent.is_none();
    let masthead = masthead(at, &unit, today).await?;
    let sums = sums::sums(at, Of::Unit(id), services, today).await?;
    let mut campaigns = campaigns::queries::public_of_unit(at, id, CAMPAIGNS_MAX).await?;
    campaigns.sort_by_key(|campaign| order(campaign_state(&campaign.state)));
    let cards_max = i64::try_from(common::CARDS_MAX).unwrap_or(i64::MAX);
    let own = projects::queries::public_of_unit(at, id, cards_max).await?;
    let latest = if is_root {
        sums::latest_of_all(at).await?
    } else {
        let ids: Vec<ProjectId> = sums.iter().map(|sum| sum.project).take(LATEST_FROM_MAX).collect();
        let gifts = latest_of_projects(at, &ids, common::LATEST_MAX).await?;
        let title = |id: ProjectId| {
            sums.iter()
                .find(|s| s.project == id)
                .map(|s| s.title.clone())
                .unwrap_or_default()
        };
        latest_of(gifts, title)
    };
    let campaigns = campaigns.iter().map(|campaign| {
        let of = sums.iter().filter(|sum| sum.campaign == Some(campaign.id));
        let (total_fen, gifts) = sums::total(of)?;
        let public_id = public(&*services.keys, campaign.id);
        Ok(CampaignCard {
            href: format!("/c/{public_id}"),
            public_id,
            name: campaign.plan.title.clone(),
            state: campaign_state(&campaign.state),
            filing_no: campaign.state.filing().map(|filing| filing.number.clone()),
            starts: campaign.plan.starts_on,
            ends: campaign.plan.ends_on,
            total_fen,
            gifts,
            target_fen: Some(campaign.target),
            progress_permille: common::progress(total_fen, Some(campaign.target)),
        })
    });
    let campaigns = campaigns.collect::<Result<Vec<_>, DbError>>()?;
    let projects = own
        .iter()
        .map(|project| card(services, project, &sums))
        .collect::<Result<Vec<_>, _>>()?;
    let (total_fen, gifts) = sums::total(sums.iter())?;
    let (today_fen, today_gifts) = sums::today(sums.iter())?;
    let live = HomeLive {
        as_of,
        log_position: None,
        total_fen,
        gifts,
        today_fen,
        today_gifts,
        campaigns: campaigns.iter().map(CardFigures::from).collect(),
        projects: projects.iter().map(CardFigures::from).collect(),
        latest,
    };
    let events = if is_root {
        "/events/home".to_owned()
    } else {
        format!("/events/{}", public(&*services.keys, id))
    };
    let notices = notices::queries::public_list(at, notices::queries::Of::Unit(id), None, NAMED_MAX).await?;
    let notices_url = if is_root {
        "/notices".to_owned()
    } else {
        format!("/u/{}/notices", public(&*services.keys, id))
    };
    Ok(Some(HomePage {
        masthead,
        events: Some(events),
        live,
        campaigns,
        projects,
        notices: notices.iter().filter_map(|notice| line(services, notice)).collect(),
        notices_url,
        witnessed: false,
    }))
}

/// What takes gifts first, then what will, then what did; within each the newest first, as they come.
const fn order(state: CampaignState) -> u8 {
    match state {
        CampaignState::Open | CampaignState::Full => 0,
        CampaignState::Filed | CampaignState::Draft => 1,
        CampaignState::Ended => 2,
        CampaignState::Settled => 3,
    }
}
