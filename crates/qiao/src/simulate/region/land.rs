//! Making the units, the campaign, the projects with their pages on the platform, and the staff.

use giving::campaigns::model::NewCampaign;
use giving::campaigns::{self, samples};
use giving::projects;
use giving::projects::model::{Nature, NewProject, Under};
use governance::network::{self, Books, Certificate, CertificateStatus, NewUnit};
use integrations::platforms::PlatformCode;
use integrations::platforms::register::{self, Page, PageState, Standing, StandingIn};
use kernel::id::public;
use kernel::{CampaignId, Channel, Fen, ProjectId, ReceivingAccountId, UnitId};
use platform::Services;
use platform::identity::actions::{NewUser, Personal, add_user};
use platform::identity::rules::FIRST_USER;
use platform::identity::{Actor, ActorKind};

use super::expected::Ids;
use super::files::GIVER;
use super::plan::Plan;
use crate::app::App;
use crate::output::Failure;

/// The campaign's title.
const TITLE: &str = "蜀慈善邻（演示）";
/// What the plan expects, 40,000,000 yuan: more than a province raises in three days.
const EXPECTED: Fen = Fen::new(4_000_000_000);
/// Days between the filing and the first day.
const FILED_DAYS_BEFORE: i64 = 20;
/// The platform that matches.
pub const PLATFORM: PlatformCode = PlatformCode::TencentGongyi;
/// Those who count, pay in and match takings, and give money back.
const STAFF: [&str; 3] = ["演示清点员", "演示复点员", "演示出纳员"];

/// What was made.
pub struct Made {
    /// The province's unit.
    pub province: UnitId,
    /// The unit of each place.
    pub units: Vec<UnitId>,
    /// The campaign.
    pub campaign: CampaignId,
    /// The projects in their order.
    pub projects: Vec<ProjectId>,
    /// Where takings are paid in.
    pub bank: ReceivingAccountId,
    /// Three people.
    pub staff: Vec<Actor>,
}

impl Made {
    /// Their public ids.
    pub fn ids(&self, services: &Services) -> Ids {
        Ids {
            units: self.units.iter().map(|id| public(&*services.keys, *id)).collect(),
            projects: self.projects.iter().map(|id| public(&*services.keys, *id)).collect(),
        }
    }
}

/// Makes everything but the openings, which wait for the first day. The clock stands on the evening before.
///
/// # Errors
/// What was refused; what was made before it stays.
pub async fn make(app: &App, province: UnitId, plan: &Plan) -> Result<Made, Failure> {
    let services = &app.services;
    let by = Actor::operator();
    if let Some(first) = plan.projects.first() {
        let mut at = services.db.snapshot().await?;
        if projects::store::project_by_code(&mut at, &first.code).await?.is_some() {
            return Err(Failure::Refused(
                "these three days were played here before; a new data folder plays them anew".into(),
            ));
        }
    }
    let units = units(services, &by, province, plan).await?;
    let campaign = campaign(services, &by, province, plan).await?;
    let mut made = Vec::with_capacity(plan.projects.len());
    for project in &plan.projects {
        let new = NewProject {
            unit: units[project.place],
            under: Under::Campaign { campaign, theme: None },
            code: project.code.clone(),
            title: project.title.clone(),
            summary: "演示项目，所有数字均为虚构。".into(),
            region: plan.land.places[project.place].region,
            nature: Nature::Restricted,
            target: None,
            stop_when_full: false,
            choices: Vec::new(),
        };
        made.push(projects::actions::create(services, &by, new).await?.id);
    }
    join(services, &by, province, (plan, made.as_slice())).await?;
    app.intake.directory().reload(services).await?;
    let bank = app.intake.directory().account_for(province, Channel::Bank);
    let bank = bank.ok_or_else(|| Failure::Refused("the unit has no open bank account".into()))?;
    Ok(Made {
        province,
        campaign,
        bank: bank.id,
        staff: staff(services, &by, province).await?,
        units,
        projects: made,
    })
}

/// The cities and counties, as units that keep no books of their own.
async fn units(services: &Services, by: &Actor, province: UnitId, plan: &Plan) -> Result<Vec<UnitId>, Failure> {
    let mut units = vec![province];
    for (index, place) in plan.land.places.iter().enumerate().skip(1) {
        let above = place
            .city
            .filter(|city| *city != index)
            .map_or(province, |city| units[city]);
        let new = NewUnit {
            parent: Some(above),
            name: format!("{}红十字会（演示）", place.name),
            short_name: place.name.to_owned(),
            region: place.region,
            books: Books::Above,
            brand_color: "#B8442F".into(),
            contact: String::new(),
        };
        units.push(network::actions::create_unit(services, by, new).await?.id);
    }
    Ok(units)
}

async fn campaign(services: &Services, by: &Actor, province: UnitId, plan: &Plan) -> Result<CampaignId, Failure> {
    let starts_on = plan.size.from;
    let ends_on = plan.size.day(super::DAYS - 1);
    let area = plan.land.places.first().map_or("", |place| place.name);
    let certificate = Certificate {
        number: format!("DEMO-{}", plan.land.places[0].region),
        issuer: "演示民政厅".into(),
        valid_from: starts_on.plus_days(-700),
        valid_to: ends_on.plus_days(365),
        status: CertificateStatus::Valid,
        status_since: starts_on.plus_days(-700),
    };
    network::actions::set_certificate(services, by, province, &certificate).await?;
    let words = samples::plan(TITLE, area, starts_on, ends_on, EXPECTED);
    let filing = samples::filing(&words, FILED_DAYS_BEFORE, 4);
    let new = NewCampaign {
        unit: province,
        summary: "全省三天，线上线下一起捐。所有数字均为虚构。".into(),
        online: true,
        themes: Vec::new(),
        plan: words,
    };
    let (campaign, _) = campaigns::actions::create(services, by, new).await?;
    campaigns::actions::file(services, by, campaign.id, filing).await?;
    campaigns::actions::list_on_platform(services, by, campaign.id, samples::link(&campaign.plan)).await?;
    Ok(campaign.id)
}

/// The province joins the platform, and each project has its page there.
async fn join(
    services: &Services,
    by: &Actor,
    province: UnitId,
    (plan, made): (&Plan, &[ProjectId]),
) -> Result<(), Failure> {
    let since = services.now().business_day();
    let standing = StandingIn {
        unit: province,
        platform: PLATFORM,
        standing: Standing::Joined,
        since,
        org_no: "DEMO0001".into(),
        org_name: "演示省红十字会".into(),
        match_giver: GIVER.into(),
        totals_with_match: false,
    };
    register::set_standing(services, by, standing).await?;
    for (project, id) in plan.projects.iter().zip(made) {
        let page = Page {
            unit: province,
            platform: PLATFORM,
            project_no: project.page.clone(),
            project: *id,
            state: PageState::Raising,
            capacity: None,
            filing_no: "DEMO".into(),
            url: String::new(),
            listed_on: Some(since),
        };
        register::set_page(services, by, page).await?;
    }
    Ok(())
}

async fn staff(services: &Services, by: &Actor, province: UnitId) -> Result<Vec<Actor>, Failure> {
    let mut all = Vec::new();
    for name in STAFF {
        let new = NewUser {
            name: name.into(),
            kind: ActorKind::Person,
            unit: province,
            roles: FIRST_USER.to_vec(),
            token: None,
            personal: Personal::default(),
        };
        let id = add_user(services, by, new).await?.id;
        let roles: Vec<_> = FIRST_USER.iter().map(|role| (*role, province)).collect();
        all.push(Actor::with_roles(id, name, ActorKind::Person, &roles, &services.tree));
    }
    Ok(all)
}

/// Opens the campaign and its projects, and shows its boards: on the first day, before the first gift.
///
/// # Errors
/// What was refused.
pub async fn open(app: &App, made: &Made) -> Result<(), Failure> {
    let services = &app.services;
    let by = Actor::operator();
    campaigns::actions::open(services, &by, made.campaign).await?;
    for project in &made.projects {
        projects::actions::open(services, &by, *project).await?;
    }
    let kinds = [giving::boards::Kind::County, giving::boards::Kind::Project];
    giving::boards::actions::open(services, &by, made.campaign, &kinds).await?;
    app.intake.directory().reload(services).await?;
    Ok(())
}
