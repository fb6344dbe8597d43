//! Changing projects: make, open, raise, fill, end, settle. Each change is one transaction with one fact.

use db::{DbError, Tx};
use governance::approvals::actions as approvals;
use governance::approvals::queries::CaseRow;
use governance::network::store as network;
use kernel::id::{Id as _, hex};
use kernel::{Fen, FundId, ProjectId, UnitId};
use platform::Services;
use platform::facts::{NewFact, append, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::error::ProjectError;
use super::model::{AmountChoice, Fund, Nature, NewProject, Place, Project, ProjectState, Under};
use super::{approval, rules, store};
use crate::campaigns::{CampaignState, store as campaigns};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "project.created",
    "project.described",
    "project.opened",
    "project.target_raised",
    "project.full",
    "project.ended",
    "project.settled",
];

/// Makes the general project of a unit with its general fund, open at once: gifts for the society's work. It belongs to
/// no campaign and needs no filing.
///
/// # Errors
/// [`ProjectError::GeneralExists`], [`ProjectError::CodeTaken`], [`ProjectError::NotFound`] and others.
pub async fn create_general(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    code: &str,
    title: &str,
) -> Result<Project, ProjectError> {
    by.require(Permission::ProjectManage, unit)?;
    rules::check_code(code)?;
    rules::check_title(title)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let owner = open_unit(&mut tx, unit).await?;
    if store::general_project_of(&mut tx, unit).await?.is_some() {
        return Err(ProjectError::GeneralExists);
    }
    let fund = general_fund(&mut tx, services, unit).await?;
    let project = Project {
        id: ProjectId::new(now, &*services.rng),
        unit,
        place: Place::General,
        fund,
        code: code.to_owned(),
        title: title.to_owned(),
        summary: String::new(),
        region: owner.region,
        nature: Nature::Unrestricted,
        target: None,
        stop_when_full: false,
        state: ProjectState::Open { opened_at: now },
        created_at: now,
    };
    insert(&mut tx, &project).await?;
    let body = json!({ "code": project.code, "general": true, "fund": hex(&fund.bytes()) });
    finish(tx, services, by, "project.created", &project, body).await?;
    Ok(project)
}

/// Makes a project as a draft: under a campaign as a mother, or under a mother as a sub-project of the unit that
/// reported it (M-02). Restricted and agency money gets a fund of the project's own.
///
/// # Errors
/// [`ProjectError`]: not allowed, out of shape, code taken, no such campaign, theme or mother, a unit outside.
pub async fn create(services: &Services, by: &Actor, new: NewProject) -> Result<Project, ProjectError> {
    by.require(Permission::ProjectManage, new.unit)?;
    rules::check_new(&new)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    open_unit(&mut tx, new.unit).await?;
    let place = place_of(&mut tx, services, &new).await?;
    let id = ProjectId::new(now, &*services.rng);
    let fund = fund_for(&mut tx, services, &new, id).await?;
    let project = Project {
        id,
        unit: new.unit,
        place,
        fund,
        code: new.code,
        title: new.title,
        summary: new.summary,
        region: new.region,
        nature: new.nature,
        target: new.target,
        stop_when_full: new.stop_when_full,
        state: ProjectState::Draft,
        created_at: now,
    };
    insert(&mut tx, &project).await?;
    if let Some(target) = project.target {
        store::add_target(&mut tx, id, target, "", now).await?;
    }
    store::put_choices(&mut tx, id, &new.choices).await?;
    let body = json!({
        "code": project.code,
        "campaign": place.campaign().map(|c| hex(&c.bytes())),
        "mother": place.mother().map(|m| hex(&m.bytes())),
        "fund": hex(&fund.bytes()),
        "nature": project.nature,
        "target_fen": project.target,
    });
    finish(tx, services, by, "project.created", &project, body).await?;
    Ok(project)
}

async fn insert(tx: &mut Tx, project: &Project) -> Result<(), ProjectError> {
    store::insert(tx, project).await.map_err(|error| match error {
        DbError::Duplicate(_) => ProjectError::CodeTaken(project.code.clone()),
        other => other.into(),
    })
}

async fn open_unit(tx: &mut Tx, id: UnitId) -> Result<governance::network::Unit, ProjectError> {
    let unit = network::unit(tx, id).await?.filter(governance::network::Unit::is_open);
    unit.ok_or(ProjectError::NotFound("unit"))
}

/// Where a new project stands; its owner must lie within the unit above.
async fn place_of(tx: &mut Tx, services: &Services, new: &NewProject) -> Result<Place, ProjectError> {
    let within = |above: UnitId| {
        if services.tree.is_within(new.unit, above) {
            Ok(())
        } else {
            Err(ProjectError::OutsideUnit)
        }
    };
    let ended = |state: &CampaignState| matches!(state, CampaignState::Ended { .. } | CampaignState::Settled { .. });
    match new.under {
        Under::Campaign { campaign, theme } => {
            let found = campaigns::campaign(tx, campaign)
                .await?
                .ok_or(ProjectError::NotFound("campaign"))?;
            within(found.unit)?;
            if ended(&found.state) {
                return Err(ProjectError::CampaignNotOpen(found.state.as_str()));
            }
            if let Some(theme) = theme {
                let theme = campaigns::theme(tx, theme)
                    .await?
                    .ok_or(ProjectError::NotFound("theme"))?;
                if theme.campaign != campaign {
                    return Err(ProjectError::OtherTheme);
                }
            }
            Ok(Place::Mother { campaign, theme })
        }
        Under::Mother(mother) => {
            let found = store::lock(tx, mother)
                .await?
                .ok_or(ProjectError::NotFound("project"))?;
            within(found.unit)?;
            let Place::Mother { campaign, theme } = found.place else {
                return Err(ProjectError::NoMother);
            };
            if matches!(found.state, ProjectState::Ended { .. } | ProjectState::Settled { .. }) {
                return Err(ProjectError::MotherNotOpen);
            }
            Ok(Place::Sub {
                campaign,
                theme,
                mother,
            })
        }
    }
}

/// The fund in which a project's money lies.
async fn fund_for(tx: &mut Tx, services: &Services, new: &NewProject, id: ProjectId) -> Result<FundId, ProjectError> {
    if new.nature == Nature::Unrestricted {
        return Ok(general_fund(tx, services, new.unit).await?);
    }
    let fund = Fund {
        id: FundId::new(services.now(), &*services.rng),
        unit: new.unit,
        name: new.title.clone(),
        nature: new.nature,
        project: Some(id),
    };
    store::insert_fund(tx, &fund, services.now()).await?;
    Ok(fund.id)
}

/// The general fund of a unit, made when it is first needed.
///
/// # Errors
/// Any [`DbError`].
pub async fn general_fund(tx: &mut Tx, services: &Services, unit: UnitId) -> Result<FundId, DbError> {
    if let Some(fund) = store::general_fund_of(tx, unit).await? {
        return Ok(fund.id);
    }
    let fund = Fund {
        id: FundId::new(services.now(), &*services.rng),
        unit,
        name: "非限定资金".to_owned(),
        nature: Nature::Unrestricted,
        project: None,
    };
    store::insert_fund(tx, &fund, services.now()).await?;
    Ok(fund.id)
}

/// Writes title, summary and choices anew. Once its campaign is filed the title stays as filed.
///
/// # Errors
/// [`ProjectError::State`], [`ProjectError::Invalid`] and others.
pub async fn describe(
    services: &Services,
    by: &Actor,
    id: ProjectId,
    title: &str,
    summary: &str,
    choices: &[AmountChoice],
) -> Result<Project, ProjectError> {
    rules::check_title(title)?;
    rules::check_summary(summary)?;
    rules::check_choices(choices)?;
    let (mut tx, mut project) = begin(services, by, id).await?;
    if title != project.title && project.state != ProjectState::Draft && project.place != Place::General {
        return Err(ProjectError::State {
            state: project.state.as_str(),
            wanted: "have another title",
        });
    }
    title.clone_into(&mut project.title);
    summary.clone_into(&mut project.summary);
    store::update(&mut tx, &project).await?;
    store::put_choices(&mut tx, id, choices).await?;
    finish(
        tx,
        services,
        by,
        "project.described",
        &project,
        json!({ "choices": choices.len() }),
    )
    .await?;
    Ok(project)
}

/// Opens a project for gifts. Its campaign must be open, and its mother; where the unit's policy demands it, a case
/// about it must have been approved.
///
/// # Errors
/// [`ProjectError::NeedsApproval`], [`ProjectError::CampaignNotOpen`], [`ProjectError::MotherNotOpen`],
/// [`ProjectError::State`].
pub async fn open(services: &Services, by: &Actor, id: ProjectId) -> Result<Project, ProjectError> {
    let (mut tx, project) = begin(services, by, id).await?;
    let subject = approval::subject(id);
    if approvals::is_owed(&mut tx, services, project.unit, approval::ADMISSION, subject).await? {
        return Err(ProjectError::NeedsApproval);
    }
    let project = opened(&mut tx, services, project).await?;
    finish(tx, services, by, "project.opened", &project, json!({})).await?;
    Ok(project)
}

async fn opened(tx: &mut Tx, services: &Services, mut project: Project) -> Result<Project, ProjectError> {
    let unit = network::unit_kept(tx, project.unit).await?;
    if !unit.is_some_and(|unit| unit.is_open()) {
        return Err(ProjectError::UnitClosed);
    }
    if let Some(campaign) = project.place.campaign() {
        let campaign = campaigns::campaign(tx, campaign)
            .await?
            .ok_or(ProjectError::NotFound("campaign"))?;
        if !campaign.state.is_running() {
            return Err(ProjectError::CampaignNotOpen(campaign.state.as_str()));
        }
    }
    if let Some(mother) = project.place.mother() {
        let mother = store::project(tx, mother)
            .await?
            .ok_or(ProjectError::NotFound("project"))?;
        if !matches!(mother.state, ProjectState::Open { .. } | ProjectState::Full { .. }) {
            return Err(ProjectError::MotherNotOpen);
        }
    }
    project.state = project.state.open(services.now())?;
    store::update(tx, &project).await?;
    Ok(project)
}

/// Opens a project that a case admitted, in the reaction's transaction. Fact `project.opened`, by nobody.
///
/// # Errors
/// As [`open`].
pub(super) async fn open_approved(
    tx: &mut Tx,
    services: &Services,
    project: Project,
    case: &CaseRow,
) -> Result<(), ProjectError> {
    let project = opened(tx, services, project).await?;
    by_case(tx, services, ("project.opened", &project, json!({})), case).await
}

/// An urgent raise of the target (紧急提额), with its reason; a full project opens again. Where the unit's policy
/// demands it, only an approved case raises.
///
/// # Errors
/// [`ProjectError::NeedsApproval`], or what [`rules::raise_target`] says.
pub async fn raise_target(
    services: &Services,
    by: &Actor,
    id: ProjectId,
    target: Fen,
    reason: &str,
) -> Result<Project, ProjectError> {
    let (mut tx, project) = begin(services, by, id).await?;
    if approvals::is_demanded(&mut tx, services, project.unit, approval::RAISE).await? {
        return Err(ProjectError::NeedsApproval);
    }
    let (project, body) = raised(&mut tx, services, project, (target, reason)).await?;
    finish(tx, services, by, "project.target_raised", &project, body).await?;
    Ok(project)
}

async fn raised(
    tx: &mut Tx,
    services: &Services,
    project: Project,
    (target, reason): (Fen, &str),
) -> Result<(Project, serde_json::Value), ProjectError> {
    let from = project.target;
    let project = rules::raise_target(project, target, reason)?;
    store::update(tx, &project).await?;
    store::add_target(tx, project.id, target, reason.trim(), services.now()).await?;
    Ok((project, json!({ "from_fen": from, "to_fen": target })))
}

/// Raises a target as a case approved, in the reaction's transaction. Fact `project.target_raised`, by nobody.
///
/// # Errors
/// As [`raise_target`].
pub(super) async fn raise_approved(
    tx: &mut Tx,
    services: &Services,
    project: Project,
    case: &CaseRow,
) -> Result<(), ProjectError> {
    let target = case.details["target_fen"].as_i64().ok_or(ProjectError::NoTarget)?;
    let reason = case.details["reason"].as_str().unwrap_or_default();
    let (project, body) = raised(tx, services, project, (Fen::new(target), reason)).await?;
    by_case(tx, services, ("project.target_raised", &project, body), case).await
}

/// The fact of what a case did.
async fn by_case(
    tx: &mut Tx,
    services: &Services,
    (kind, project, mut body): (&'static str, &Project, serde_json::Value),
    case: &CaseRow,
) -> Result<(), ProjectError> {
    body["project"] = hex(&project.id.bytes()).into();
    body["approval"] = hex(&case.id.bytes()).into();
    let fact = NewFact {
        unit: project.unit,
        kind,
        subject: project.id.bytes(),
        actor: None,
        body,
    };
    append(tx, fact, services).await?;
    Ok(())
}

/// Marks a project full: called with the running total once that reaches the target of a project that stops there.
///
/// # Errors
/// [`ProjectError::NotFull`], [`ProjectError::State`].
pub async fn mark_full(services: &Services, by: &Actor, id: ProjectId, raised: Fen) -> Result<Project, ProjectError> {
    let (mut tx, project) = begin(services, by, id).await?;
    let project = rules::fill(project, raised, services.now())?;
    store::update(&mut tx, &project).await?;
    finish(
        tx,
        services,
        by,
        "project.full",
        &project,
        json!({ "raised_fen": raised }),
    )
    .await?;
    Ok(project)
}

/// Marks a project full in someone else's transaction, if what was raised reaches its target and it stops there;
/// otherwise nothing happens. Fact `project.full`, by nobody.
///
/// # Errors
/// [`ProjectError::Db`].
pub(crate) async fn fill_if_reached(
    tx: &mut Tx,
    services: &Services,
    id: ProjectId,
    raised: Fen,
) -> Result<(), ProjectError> {
    let project = store::lock(tx, id).await?.ok_or(ProjectError::NotFound("project"))?;
    let Ok(project) = rules::fill(project, raised, services.now()) else {
        return Ok(());
    };
    store::update(tx, &project).await?;
    let fact = NewFact {
        unit: project.unit,
        kind: "project.full",
        subject: id.bytes(),
        actor: None,
        body: json!({ "raised_fen": raised, "project": hex(&id.bytes()) }),
    };
    append(tx, fact, services).await?;
    Ok(())
}

/// Ends a project: it takes no more gifts.
///
/// # Errors
/// [`ProjectError::State`], also for a general project, which never ends while its unit works.
pub async fn end(services: &Services, by: &Actor, id: ProjectId) -> Result<Project, ProjectError> {
    let (mut tx, mut project) = begin(services, by, id).await?;
    if project.place == Place::General {
        return Err(ProjectError::State {
            state: "general",
            wanted: "be ended",
        });
    }
    project.state = project.state.end(services.now())?;
    store::update(&mut tx, &project).await?;
    finish(tx, services, by, "project.ended", &project, json!({})).await?;
    Ok(project)
}

/// Ends the general project of a unit that is being closed, in the closing's transaction; one that does not take gifts
/// stays as it is. Fact `project.ended`, by nobody.
///
/// # Errors
/// Any [`DbError`].
pub async fn end_general_of(tx: &mut Tx, services: &Services, unit: UnitId) -> Result<(), DbError> {
    let Some(general) = store::general_project_of(tx, unit).await? else {
        return Ok(());
    };
    let Some(mut project) = store::lock(tx, general.id).await? else {
        return Ok(());
    };
    let Ok(ended) = project.state.end(services.now()) else {
        return Ok(());
    };
    project.state = ended;
    store::update(tx, &project).await?;
    let fact = NewFact {
        unit,
        kind: "project.ended",
        subject: project.id.bytes(),
        actor: None,
        body: json!({ "project": hex(&project.id.bytes()) }),
    };
    append(tx, fact, services).await?;
    Ok(())
}

/// Ends a project in someone else's transaction, who tells of it; one that has ended stays as it is.
///
/// # Errors
/// [`ProjectError::NotFound`], [`ProjectError::Db`].
pub(crate) async fn end_in(tx: &mut Tx, id: ProjectId, now: kernel::Instant) -> Result<(), ProjectError> {
    let mut project = store::lock(tx, id).await?.ok_or(ProjectError::NotFound("project"))?;
    if let Ok(ended) = project.state.end(now) {
        project.state = ended;
        store::update(tx, &project).await?;
    }
    Ok(())
}

/// Settles an ended project: its money is used and reported.
///
/// # Errors
/// [`ProjectError::State`].
pub async fn settle(services: &Services, by: &Actor, id: ProjectId) -> Result<Project, ProjectError> {
    let (mut tx, mut project) = begin(services, by, id).await?;
    project.state = project.state.settle(services.now())?;
    store::update(&mut tx, &project).await?;
    finish(tx, services, by, "project.settled", &project, json!({})).await?;
    Ok(project)
}

/// Begins a change of a project that the actor may change; for others it does not exist.
async fn begin(services: &Services, by: &Actor, id: ProjectId) -> Result<(Tx, Project), ProjectError> {
    by.require_somewhere(Permission::ProjectManage)?;
    let mut tx = services.db.begin().await?;
    let project = store::lock(&mut tx, id)
        .await?
        .ok_or(ProjectError::NotFound("project"))?;
    by.require(Permission::ProjectManage, project.unit)
        .map_err(|_| ProjectError::NotFound("project"))?;
    Ok((tx, project))
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    kind: &'static str,
    project: &Project,
    mut body: serde_json::Value,
) -> Result<(), ProjectError> {
    body["project"] = hex(&project.id.bytes()).into();
    let fact = NewFact {
        unit: project.unit,
        kind,
        subject: project.id.bytes(),
        actor: Some(by.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
