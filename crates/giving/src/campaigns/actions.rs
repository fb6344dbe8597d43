//! Changing campaigns: plan, file, open, raise, end, settle. Each change is one transaction with one fact.

use db::{DbError, Reads, Tx};
use governance::network::{Certificate, store as network};
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, CampaignId, Fen, ThemeId};
use platform::Services;
use platform::facts::{NewFact, append, conclude};
use platform::identity::{Actor, Permission};
use platform::parameters::{self, OverrideError};
use serde_json::json;

use super::error::CampaignError;
use super::model::{
    Campaign, CampaignState, Filing, FilingStep, FilingStepKind, NewCampaign, Page, Plan, PlanVersion, PlatformLink,
    Theme,
};
use super::rules::{self, Limits};
use super::store;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "campaign.created",
    "campaign.drafted",
    "campaign.filed",
    "campaign.returned",
    "campaign.plan_changed",
    "campaign.listed",
    "campaign.opened",
    "campaign.target_raised",
    "campaign.full",
    "campaign.ended",
    "campaign.settled",
];

/// The legal numbers in force on a day.
pub(super) async fn limits_on(at: &mut impl Reads, day: BusinessDay) -> Result<Limits, CampaignError> {
    let table = parameters::load(at).await?;
    Ok(Limits::on(&table, day).map_err(OverrideError::from)?)
}

/// Makes a campaign as a draft, with its themes. Its target is what the plan expects; its page says what the plan says.
///
/// # Errors
/// [`CampaignError`]: not allowed, no such unit, a plan out of shape.
pub async fn create(
    services: &Services,
    by: &Actor,
    new: NewCampaign,
) -> Result<(Campaign, Vec<Theme>), CampaignError> {
    by.require(Permission::CampaignManage, new.unit)?;
    rules::check_themes(&new.themes)?;
    crate::projects::rules::check_summary(&new.summary).map_err(|_| CampaignError::Invalid {
        field: "summary",
        why: "at most 1000 characters",
    })?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    rules::check_shape(&new.plan, limits_on(&mut tx, new.plan.starts_on).await?)?;
    let unit = network::unit(&mut tx, new.unit)
        .await?
        .filter(governance::network::Unit::is_open);
    if unit.is_none() {
        return Err(CampaignError::NotFound("unit"));
    }
    let campaign = Campaign {
        id: CampaignId::new(now, &*services.rng),
        unit: new.unit,
        page: Page {
            title: new.plan.title.clone(),
            summary: new.summary,
        },
        target: new.plan.expected_fen,
        plan: new.plan,
        plan_version: 1,
        online: new.online,
        state: CampaignState::Draft,
        created_at: now,
    };
    store::insert(&mut tx, &campaign).await?;
    store::put_plan(&mut tx, campaign.id, &first_version(&campaign, services)).await?;
    store::add_target(&mut tx, campaign.id, campaign.target, "", now).await?;
    let mut themes = Vec::with_capacity(new.themes.len());
    for (place, name) in (1_i64..).zip(new.themes) {
        let theme = Theme {
            id: ThemeId::new(now, &*services.rng),
            campaign: campaign.id,
            name,
        };
        store::insert_theme(&mut tx, &theme, place).await?;
        themes.push(theme);
    }
    let body = json!({ "target_fen": campaign.target, "themes": themes.len(), "online": campaign.online });
    finish(tx, services, by, "campaign.created", &campaign, body).await?;
    Ok((campaign, themes))
}

fn first_version(campaign: &Campaign, services: &Services) -> PlanVersion {
    let now = services.now();
    PlanVersion {
        version: campaign.plan_version,
        plan: campaign.plan.clone(),
        reason: String::new(),
        changed_on: now.business_day(),
        recorded_at: now,
        late: false,
    }
}

/// Writes the draft anew: plan and page. After the filing words are locked (R1.7c).
///
/// # Errors
/// [`CampaignError::State`] once filed, and others.
pub async fn edit_draft(
    services: &Services,
    by: &Actor,
    id: CampaignId,
    plan: Plan,
    page: Page,
) -> Result<Campaign, CampaignError> {
    let (mut tx, mut campaign) = begin(services, by, Permission::CampaignManage, id).await?;
    rules::check_shape(&plan, limits_on(&mut tx, plan.starts_on).await?)?;
    if campaign.state != CampaignState::Draft {
        return Err(CampaignError::State {
            state: campaign.state.as_str(),
            wanted: "be edited: record a change",
        });
    }
    let retargeted = campaign.target != plan.expected_fen;
    campaign.target = plan.expected_fen;
    campaign.plan = plan;
    campaign.page = page;
    store::update(&mut tx, &campaign).await?;
    store::put_plan(&mut tx, id, &first_version(&campaign, services)).await?;
    if retargeted {
        store::add_target(&mut tx, id, campaign.target, "", services.now()).await?;
    }
    finish(
        tx,
        services,
        by,
        "campaign.drafted",
        &campaign,
        json!({ "target_fen": campaign.target }),
    )
    .await?;
    Ok(campaign)
}

/// Records the filing with the civil affairs department, the first or one after it came back. From now on the words are
/// locked.
///
/// # Errors
/// What [`rules::check_filing`] says, [`CampaignError::NumberTaken`] (R1.7b).
pub async fn file(services: &Services, by: &Actor, id: CampaignId, filing: Filing) -> Result<Campaign, CampaignError> {
    if filing.filed_on > services.now().business_day() {
        return Err(CampaignError::Invalid {
            field: "filed_on",
            why: "a day that has come",
        });
    }
    let (mut tx, mut campaign) = begin(services, by, Permission::CampaignFile, id).await?;
    require_open_unit(&mut tx, &campaign).await?;
    let certificates = network::certificates(&mut tx, campaign.unit).await?;
    let limits = limits_on(&mut tx, filing.filed_on).await?;
    rules::check_filing(&campaign, &filing, &certificates, limits)?;
    if store::number_served_another(&mut tx, &filing.number, id).await? {
        return Err(CampaignError::NumberTaken);
    }
    let body = json!({ "number": filing.number, "filed_on": filing.filed_on });
    let step = FilingStep {
        kind: FilingStepKind::Filed,
        number: filing.number.clone(),
        authority: filing.authority.clone(),
        day: filing.filed_on,
        reason: String::new(),
        plan_version: campaign.plan_version,
        recorded_at: services.now(),
    };
    campaign.state = campaign.state.file(filing)?;
    store::update(&mut tx, &campaign).await.map_err(|error| match error {
        DbError::Duplicate(_) => CampaignError::NumberTaken,
        other => other.into(),
    })?;
    store::add_filing_step(&mut tx, id, &step).await?;
    finish(tx, services, by, "campaign.filed", &campaign, body).await?;
    Ok(campaign)
}

/// Records that the authority gave the filing back, with what it found wanting (R1.7). The plan is then corrected and
/// filed again; until then nobody outside sees the campaign and it does not open.
///
/// # Errors
/// What [`rules::give_back`] says.
pub async fn give_back(
    services: &Services,
    by: &Actor,
    id: CampaignId,
    reason: &str,
    returned_on: BusinessDay,
) -> Result<Campaign, CampaignError> {
    let now = services.now();
    let (mut tx, campaign) = begin(services, by, Permission::CampaignFile, id).await?;
    let campaign = rules::give_back(campaign, reason, returned_on, now.business_day())?;
    let Some(back) = campaign.state.returned() else {
        return Err(CampaignError::NotFiled);
    };
    let step = FilingStep {
        kind: FilingStepKind::Returned,
        number: back.filing.number.clone(),
        authority: back.filing.authority.clone(),
        day: back.on,
        reason: back.reason.clone(),
        plan_version: campaign.plan_version,
        recorded_at: now,
    };
    store::update(&mut tx, &campaign).await?;
    store::add_filing_step(&mut tx, id, &step).await?;
    let body = json!({ "number": step.number, "returned_on": returned_on });
    finish(tx, services, by, "campaign.returned", &campaign, body).await?;
    Ok(campaign)
}

/// A closed unit raises nothing any more.
async fn require_open_unit(tx: &mut Tx, campaign: &Campaign) -> Result<(), CampaignError> {
    let unit = network::unit_kept(tx, campaign.unit).await?;
    match unit.is_some_and(|unit| unit.is_open()) {
        true => Ok(()),
        false => Err(CampaignError::UnitClosed),
    }
}

/// Corrects a filed plan, with its reason (R1.11). The page's title follows the plan's. The old version stays.
/// `changed_on` is the day on which the facts changed: recorded later than ten days after it, the change is marked late.
///
/// # Errors
/// What [`rules::check_change`] says; [`CampaignError::NoCertificate`] when an extension leaves the certificate behind.
pub async fn change_plan(
    services: &Services,
    by: &Actor,
    id: CampaignId,
    plan: Plan,
    reason: &str,
    changed_on: BusinessDay,
) -> Result<Campaign, CampaignError> {
    let now = services.now();
    let (mut tx, mut campaign) = begin(services, by, Permission::CampaignFile, id).await?;
    let limits = limits_on(&mut tx, changed_on).await?;
    let late = rules::check_change(&campaign, &plan, reason, changed_on, now.business_day(), limits)?;
    let certificates = network::certificates(&mut tx, campaign.unit).await?;
    check_certificates(&certificates, &plan)?;
    campaign.page.title.clone_from(&plan.title);
    campaign.plan = plan;
    campaign.plan_version += 1;
    let version = PlanVersion {
        reason: reason.trim().to_owned(),
        changed_on,
        late,
        ..first_version(&campaign, services)
    };
    store::put_plan(&mut tx, id, &version).await?;
    store::update(&mut tx, &campaign).await?;
    let body = json!({ "version": campaign.plan_version, "changed_on": changed_on, "late": late });
    finish(tx, services, by, "campaign.plan_changed", &campaign, body).await?;
    Ok(campaign)
}

fn check_certificates(certificates: &[Certificate], plan: &Plan) -> Result<(), CampaignError> {
    let gap = governance::network::rules::first_day_without_certificate;
    match gap(certificates, plan.starts_on, plan.ends_on) {
        Some(day) => Err(CampaignError::NoCertificate(day)),
        None => Ok(()),
    }
}

/// Records the campaign's page on a designated platform (R1.20).
///
/// # Errors
/// [`CampaignError`].
pub async fn list_on_platform(
    services: &Services,
    by: &Actor,
    id: CampaignId,
    link: PlatformLink,
) -> Result<(), CampaignError> {
    governance::network::rules::check_code(&link.platform_code).map_err(|_| CampaignError::Invalid {
        field: "platform_code",
        why: "2 to 32 of a-z, 0-9 and -",
    })?;
    let strange = link
        .url
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '"');
    if !link.url.starts_with("https://") || link.url.len() > 500 || strange {
        return Err(CampaignError::Invalid {
            field: "url",
            why: "an https address of at most 500 characters",
        });
    }
    let (mut tx, campaign) = begin(services, by, Permission::CampaignManage, id).await?;
    store::put_link(&mut tx, id, &link).await?;
    finish(
        tx,
        services,
        by,
        "campaign.listed",
        &campaign,
        json!({ "platform": link.platform_code }),
    )
    .await
}

/// Opens a filed campaign on one of its days.
///
/// # Errors
/// What [`rules::open`] says.
pub async fn open(services: &Services, by: &Actor, id: CampaignId) -> Result<Campaign, CampaignError> {
    let now = services.now();
    let (mut tx, campaign) = begin(services, by, Permission::CampaignFile, id).await?;
    require_open_unit(&mut tx, &campaign).await?;
    let certificates = network::certificates(&mut tx, campaign.unit).await?;
    let limits = limits_on(&mut tx, now.business_day()).await?;
    let links = store::links(&mut tx, id).await?;
    let campaign = rules::open(campaign, &links, &certificates, limits, now)?;
    store::update(&mut tx, &campaign).await?;
    finish(
        tx,
        services,
        by,
        "campaign.opened",
        &campaign,
        json!({ "emergency": false }),
    )
    .await?;
    Ok(campaign)
}

/// Opens an unfiled campaign on the ground of a major emergency (R1.8); it is filed within ten days of its start.
///
/// # Errors
/// What [`rules::open_in_emergency`] says.
pub async fn open_in_emergency(
    services: &Services,
    by: &Actor,
    id: CampaignId,
    event: &str,
) -> Result<Campaign, CampaignError> {
    let now = services.now();
    let (mut tx, campaign) = begin(services, by, Permission::CampaignFile, id).await?;
    require_open_unit(&mut tx, &campaign).await?;
    let certificates = network::certificates(&mut tx, campaign.unit).await?;
    let limits = limits_on(&mut tx, now.business_day()).await?;
    let links = store::links(&mut tx, id).await?;
    let campaign = rules::open_in_emergency(campaign, event, &links, &certificates, limits, now)?;
    store::update(&mut tx, &campaign).await?;
    finish(
        tx,
        services,
        by,
        "campaign.opened",
        &campaign,
        json!({ "emergency": true }),
    )
    .await?;
    Ok(campaign)
}

/// An urgent raise of the target (紧急提额), with its reason.
///
/// # Errors
/// What [`rules::raise_target`] says.
pub async fn raise_target(
    services: &Services,
    by: &Actor,
    id: CampaignId,
    target: Fen,
    reason: &str,
) -> Result<Campaign, CampaignError> {
    let (mut tx, campaign) = begin(services, by, Permission::CampaignManage, id).await?;
    let from = campaign.target;
    let campaign = rules::raise_target(campaign, target, reason)?;
    store::update(&mut tx, &campaign).await?;
    store::add_target(&mut tx, id, target, reason.trim(), services.now()).await?;
    let body = json!({ "from_fen": from, "to_fen": target });
    finish(tx, services, by, "campaign.target_raised", &campaign, body).await?;
    Ok(campaign)
}

/// Marks an open campaign full, when `raised` reaches its target. It goes on: full is a word for the page.
///
/// # Errors
/// [`CampaignError::State`], also when the target is not reached.
pub async fn mark_full(
    services: &Services,
    by: &Actor,
    id: CampaignId,
    raised: Fen,
) -> Result<Campaign, CampaignError> {
    let (mut tx, campaign) = begin(services, by, Permission::CampaignManage, id).await?;
    let campaign = rules::fill(campaign, raised, services.now())?;
    store::update(&mut tx, &campaign).await?;
    finish(
        tx,
        services,
        by,
        "campaign.full",
        &campaign,
        json!({ "raised_fen": raised }),
    )
    .await?;
    Ok(campaign)
}

/// Marks a campaign full in someone else's transaction, if what was raised reaches its target; otherwise nothing
/// happens. Fact `campaign.full`, by nobody.
///
/// # Errors
/// [`CampaignError::Db`].
pub(crate) async fn fill_if_reached(
    tx: &mut Tx,
    services: &Services,
    id: CampaignId,
    raised: Fen,
) -> Result<(), CampaignError> {
    let campaign = store::lock(tx, id).await?.ok_or(CampaignError::NotFound("campaign"))?;
    let Ok(campaign) = rules::fill(campaign, raised, services.now()) else {
        return Ok(());
    };
    store::update(tx, &campaign).await?;
    let fact = NewFact {
        unit: campaign.unit,
        kind: "campaign.full",
        subject: id.bytes(),
        actor: None,
        body: json!({ "raised_fen": raised, "campaign": hex(&id.bytes()) }),
    };
    append(tx, fact, services).await?;
    Ok(())
}

/// Ends a campaign and those of its projects that take gifts still.
///
/// # Errors
/// [`CampaignError::State`].
pub async fn end(services: &Services, by: &Actor, id: CampaignId) -> Result<Campaign, CampaignError> {
    let now = services.now();
    let (mut tx, mut campaign) = begin(services, by, Permission::CampaignManage, id).await?;
    campaign.state = campaign.state.end(now)?;
    store::update(&mut tx, &campaign).await?;
    let projects = crate::projects::store::end_all_of(&mut tx, id, now).await?;
    finish(
        tx,
        services,
        by,
        "campaign.ended",
        &campaign,
        json!({ "projects_ended": projects }),
    )
    .await?;
    Ok(campaign)
}

/// Settles an ended campaign: its money is used and reported.
///
/// # Errors
/// [`CampaignError::State`], [`CampaignError::NotFiled`].
pub async fn settle(services: &Services, by: &Actor, id: CampaignId) -> Result<Campaign, CampaignError> {
    let (mut tx, mut campaign) = begin(services, by, Permission::CampaignManage, id).await?;
    campaign.state = campaign.state.settle(services.now())?;
    store::update(&mut tx, &campaign).await?;
    finish(tx, services, by, "campaign.settled", &campaign, json!({})).await?;
    Ok(campaign)
}

/// Ends what runs past its last day; the nightly job's work. Returns how many.
///
/// # Errors
/// [`CampaignError`].
pub async fn end_overdue(services: &Services, by: &Actor) -> Result<usize, CampaignError> {
    /// One night's work; the rest waits for the next.
    const BATCH_MAX: i64 = 200;
    let today = services.now().business_day();
    let overdue = {
        let mut at = services.db.snapshot().await?;
        store::overdue(&mut at, today, BATCH_MAX).await?
    };
    for id in &overdue {
        end(services, by, *id).await?;
    }
    Ok(overdue.len())
}

/// Begins a change of a campaign that the actor may change; for others it does not exist.
async fn begin(
    services: &Services,
    by: &Actor,
    permission: Permission,
    id: CampaignId,
) -> Result<(Tx, Campaign), CampaignError> {
    by.require_somewhere(permission)?;
    let mut tx = services.db.begin().await?;
    let campaign = store::lock(&mut tx, id)
        .await?
        .ok_or(CampaignError::NotFound("campaign"))?;
    by.require(permission, campaign.unit)
        .map_err(|_| CampaignError::NotFound("campaign"))?;
    Ok((tx, campaign))
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    kind: &'static str,
    campaign: &Campaign,
    mut body: serde_json::Value,
) -> Result<(), CampaignError> {
    body["campaign"] = hex(&campaign.id.bytes()).into();
    let fact = NewFact {
        unit: campaign.unit,
        kind,
        subject: campaign.id.bytes(),
        actor: Some(by.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
