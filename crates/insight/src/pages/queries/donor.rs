//! What the pages of the donor's way read.

use db::Reads;
use giving::campaigns;
use giving::donor_way::{self, Limits};
use giving::projects::{self, Project};
use kernel::id::public;
use kernel::{BusinessDay, Fen, ProjectId, UnitId};
use platform::Services;
use web::{Masthead, Problem};

use super::super::common::Link;
use super::super::donor::give::{ConsentShown, GiveChoice};
use super::super::house::of_db;
use super::{masthead, project_href, sentence};

/// The project of a page of the donor's way.
pub(in super::super) struct Frame {
    /// The society that raises.
    pub masthead: Masthead,
    /// The project.
    pub project: Project,
    /// Campaign and project above the form.
    pub trail: Vec<Link>,
    /// The filing number of its campaign.
    pub filing: Option<String>,
    /// The day the project was made, for the file of a picture.
    pub made_on: BusinessDay,
}

/// The frame of a project's pages; not found for a draft.
pub(in super::super) async fn frame(at: &mut impl Reads, services: &Services, id: ProjectId) -> Result<Frame, Problem> {
    let known = projects::queries::project(at, id).await.map_err(of_db)?;
    let project = known.filter(|project| project.state != projects::ProjectState::Draft);
    let project = project.ok_or_else(Problem::not_found)?;
    let campaign = match project.place.campaign() {
        Some(campaign) => campaigns::queries::campaign(at, campaign)
            .await
            .map_err(of_db)?
            .filter(|c| c.state.is_public()),
        None => None,
    };
    let raising = campaign.as_ref().map_or(project.unit, |c| c.unit);
    let unit = governance::network::queries::unit(at, raising).await.map_err(of_db)?;
    let unit = unit.ok_or_else(Problem::not_found)?;
    let on = campaign
        .as_ref()
        .map_or_else(|| services.now().business_day(), |c| c.plan.starts_on);
    let masthead = masthead(at, &unit, on).await.map_err(of_db)?;
    let mut trail = Vec::new();
    if let Some(campaign) = &campaign {
        trail.push(Link {
            name: campaign.plan.title.clone(),
            href: format!("/c/{}", public(&*services.keys, campaign.id)),
        });
    }
    trail.push(Link {
        name: project.title.clone(),
        href: project_href(&project),
    });
    let filing = campaign
        .as_ref()
        .and_then(|c| c.state.filing())
        .map(|f| f.number.clone());
    Ok(Frame {
        masthead,
        made_on: project.created_at.business_day(),
        project,
        trail,
        filing,
    })
}

impl Frame {
    /// One sentence about the project.
    pub fn sentence(&self) -> String {
        sentence(&self.project.summary).unwrap_or_default()
    }
}

/// What a form must know: bounds and consent, the choices that lie within the bounds.
pub(in super::super) async fn terms(
    at: &mut impl Reads,
    giving: &giving::State,
    (project, unit): (ProjectId, UnitId),
) -> Result<(Limits, ConsentShown, Vec<GiveChoice>), Problem> {
    let services = &giving.services;
    let (min, max) = donor_way::queries::bounds(at, services.now().business_day()).await?;
    let consent = donor_way::queries::consent(at, unit, &services.tree)
        .await
        .map_err(of_db)?;
    let limits = Limits {
        min,
        max,
        providers: giving.gateways.offered(unit, &services.tree),
        consent_version: consent.version,
    };
    let within = |fen: Fen| min <= fen && fen <= max;
    let choices = projects::store::choices(at, project).await.map_err(of_db)?;
    let choices = choices
        .into_iter()
        .filter(|choice| within(choice.amount_fen))
        .map(|choice| GiveChoice {
            amount_fen: choice.amount_fen,
            words: choice.words,
            words_en: choice.words_en,
        });
    let shown = ConsentShown::new(consent.version, &consent.words_zh, &consent.words_en);
    Ok((limits, shown, choices.collect()))
}

/// Whether a project takes gifts today.
pub(in super::super) async fn accepts(
    at: &mut impl Reads,
    services: &Services,
    code: &str,
) -> Result<Result<(), projects::NotAccepting>, Problem> {
    let found = projects::store::intake_project_by_code(at, code).await.map_err(of_db)?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(found.accepts_on(services.now().business_day()))
}
