//! A project's page.

use db::{DbError, Reads};
use giving::campaigns;
use giving::donations::queries::latest_of_projects;
use giving::funds::FundState;
use giving::projects::{self, ProjectState, queries};
use giving::teams;
use kernel::id::public;
use kernel::{Instant, ProjectId};
use platform::Services;
use proof::notices;

use super::super::common::{self, CardFigures, Link};
use super::super::notices::{NAMED_MAX, line};
use super::super::project::{Choice, DonorWords, TEAMS_MAX, TargetRaise, TeamLink};
use super::super::{ProjectLive, ProjectPage};
use super::sums::{self, Of};
use super::{card, latest_of, masthead, project_href, project_state, sentence};

/// Sub-projects whose latest gifts are merged.
const LATEST_FROM_MAX: usize = 300;

/// The page; nothing for a draft.
pub(super) async fn page(
    at: &mut impl Reads,
    services: &Services,
    id: ProjectId,
    as_of: Instant,
) -> Result<Option<ProjectPage>, DbError> {
    let Some(known) = projects::queries::project(at, id).await? else {
        return Ok(None);
    };
    let Some(view) = queries::project_view(at, &known.code).await? else {
        return Ok(None);
    };
    let project = &view.project;
    let campaign = match project.place.campaign() {
        Some(campaign) => campaigns::queries::campaign(at, campaign)
            .await?
            .filter(|c| c.state.is_public()),
        None => None,
    };
    // The page stands under the unit that raises: the campaign's, whose certificate it is.
    let raising = campaign.as_ref().map_or(project.unit, |c| c.unit);
    let Some(unit) = governance::network::queries::unit(at, raising).await? else {
        return Ok(None);
    };
    let today = as_of.business_day();
    let on = campaign.as_ref().map_or(today, |c| c.plan.starts_on);
    let masthead = masthead(at, &unit, on).await?;
    let sums = sums::sums(at, Of::Project(id), services, today).await?;
    let subs = view.subs.iter().map(|sub| &sub.project);
    let ids: Vec<ProjectId> = std::iter::once(id)
        .chain(subs.clone().map(|p| p.id))
        .take(LATEST_FROM_MAX)
        .collect();
    let latest = latest_of_projects(at, &ids, common::LATEST_MAX).await?;
    let title = |wanted: ProjectId| {
        let found = std::iter::once(project).chain(subs.clone()).find(|p| p.id == wanted);
        found.map(|p| p.title.clone()).unwrap_or_default()
    };
    let cards = subs
        .clone()
        .map(|sub| card(services, sub, &sums))
        .take(common::CARDS_MAX);
    let subprojects = cards.collect::<Result<Vec<_>, _>>()?;
    let (total_fen, gifts) = sums::total(sums.iter())?;
    let public_id = public(&*services.keys, id);
    let moves = matches!(project.state, ProjectState::Open { .. } | ProjectState::Full { .. });
    let mut trail = Vec::new();
    if let Some(campaign) = &campaign {
        let href = format!("/c/{}", public(&*services.keys, campaign.id));
        trail.push(Link {
            name: campaign.plan.title.clone(),
            href,
        });
    }
    if let Some(mother) = &view.mother {
        trail.push(Link {
            name: mother.title.clone(),
            href: project_href(mother),
        });
    }
    let accepted = projects::store::load_intake_project(at, id).await?;
    let gives = accepted.is_some_and(|p| p.accepts_on(today).is_ok());
    let teams = teams::queries::of_project(at, id, i64::try_from(TEAMS_MAX).unwrap_or(i64::MAX)).await?;
    let teams = teams.into_iter().map(|(team, total_fen)| TeamLink {
        name: team.title,
        href: format!("/t/{}", public(&*services.keys, team.id)),
        total_fen,
    });
    let teams = teams.collect();
    let words = giving::donor_way::queries::shown_messages(at, id, &services.keys, common::LATEST_MAX).await?;
    let words = words.into_iter().map(|said| DonorWords {
        who: said.who,
        words: said.words,
        at: said.at,
    });
    let words = words.collect();
    let raise = |pair: &[projects::TargetChange]| TargetRaise {
        day: pair[1].changed_at.business_day(),
        from_fen: pair[0].target,
        to_fen: pair[1].target,
        reason: pair[1].reason.clone(),
    };
    let choice = |choice: &projects::AmountChoice| Choice {
        amount_fen: choice.amount_fen,
        words: choice.words.clone(),
        words_en: choice.words_en.clone(),
    };
    let fund = giving::funds::queries::of_project(at, id).await?;
    let pools = super::pools::of_project(at, services, project).await?;
    let pools_url = campaign.as_ref().filter(|_| !pools.is_empty());
    let pools_url = pools_url.map(|campaign| format!("/c/{}/pools", public(&*services.keys, campaign.id)));
    let notices = notices::queries::public_list(at, notices::queries::Of::Project(id), None, NAMED_MAX).await?;
    Ok(Some(ProjectPage {
        masthead,
        events: moves.then(|| format!("/events/{public_id}")),
        public_id,
        trail,
        name: project.title.clone(),
        sentence: sentence(&project.summary),
        filing_no: campaign
            .as_ref()
            .and_then(|c| c.state.filing())
            .map(|filing| filing.number.clone()),
        state: project_state(project.state),
        use_of_money: campaign.as_ref().and_then(|c| sentence(&c.plan.use_of_proceeds)),
        choices: view.choices.iter().map(choice).collect(),
        target_fen: project.target,
        raises: view.targets.windows(2).map(raise).collect(),
        give_url: gives.then(|| format!("{}/give", project_href(project))),
        monthly_url: gives.then(|| format!("{}/monthly", project_href(project))),
        fund_url: fund
            .filter(|fund| fund.state != FundState::Draft)
            .map(|_| format!("/f/{}", project.code)),
        team_url: gives.then(|| format!("{}/team", project_href(project))),
        teams,
        pools: pools
            .iter()
            .take(common::POOLS_SHOWN)
            .map(|pool| pool.link(as_of))
            .collect(),
        pools_url,
        words,
        notices: notices.iter().filter_map(|notice| line(services, notice)).collect(),
        witnessed: false,
        live: ProjectLive {
            as_of,
            log_position: None,
            total_fen,
            matched_fen: sums::matched(at, Of::Project(id), services).await?,
            gifts,
            progress_permille: common::progress(total_fen, project.target),
            projects: subprojects.iter().map(CardFigures::from).collect(),
            latest: latest_of(latest, title),
        },
        subprojects,
    }))
}
