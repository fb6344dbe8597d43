//! The made-up setting of a giving day: counties, a filed campaign, two themes, four projects and their sub-projects.

use giving::campaigns::model::NewCampaign;
use giving::campaigns::{self, samples};
use giving::projects;
use giving::projects::model::{AmountChoice, Nature, NewProject, Under};
use governance::network::{self, Books, Certificate, CertificateStatus, NewUnit};
use kernel::region::RegionCode;
use kernel::{BusinessDay, Fen, ProjectId, UnitId};
use platform::Services;
use platform::identity::Actor;

use crate::output::Failure;

/// The campaign's title.
const TITLE: &str = "5·8人道公益日";
/// Themes, each with its projects: code, title, what it does.
const PROJECTS: [(&str, &str, &str, &str); 4] = [
    (
        "救在身边",
        "aed",
        "身边的救命神器",
        "为车站、学校和乡镇配置自动体外除颤器，教会身边人使用。",
    ),
    (
        "救在身边",
        "firstaid",
        "应急救护进万家",
        "培训救护员，送急救箱进村入户。",
    ),
    (
        "生命教育",
        "drowning",
        "护苗防溺水",
        "在水边设救生设施，给孩子们上一堂防溺水课。",
    ),
    (
        "生命教育",
        "children",
        "困境儿童暖心行动",
        "帮助困难家庭的孩子看病、上学。",
    ),
];
/// How strongly counties give, from the first on: five of them above 100,000 of 1,061,100 yuan.
const WEIGHTS: [u64; 12] = [150, 135, 125, 118, 115, 75, 65, 55, 50, 42, 38, 32];

/// What the simulation gives to.
pub struct Setting {
    /// The campaign's public id.
    pub campaign: kernel::CampaignId,
    /// Projects with the weight of each.
    pub projects: Vec<(ProjectId, u64)>,
}

/// Makes the setting, or finds the one made before.
pub async fn prepare(services: &Services, unit: UnitId, day: BusinessDay) -> Result<Setting, Failure> {
    let by = Actor::operator();
    if let Some(setting) = find(services, unit).await? {
        return Ok(setting);
    }
    let own = {
        let mut at = services.db.snapshot().await?;
        network::store::unit(&mut at, unit)
            .await?
            .ok_or_else(|| Failure::Refused("the unit vanished".into()))?
    };
    let starts_on = day.plus_days(-7);
    let ends_on = services.now().business_day().plus_days(30).max(day.plus_days(2));
    let certificate = Certificate {
        number: format!("DEMO-{}", own.region),
        issuer: "演示民政局".into(),
        valid_from: starts_on.plus_days(-700),
        valid_to: ends_on.plus_days(365),
        status: CertificateStatus::Valid,
        status_since: starts_on.plus_days(-700),
    };
    network::actions::set_certificate(services, &by, unit, &certificate).await?;
    let contact = Some("演示市演示路1号，电话 0000-0000000（演示）".to_owned());
    network::actions::brand_unit(
        services,
        &by,
        unit,
        network::actions::Branding {
            contact,
            ..network::actions::Branding::default()
        },
    )
    .await?;
    let counties = counties(services, &by, unit, own.region).await?;
    let plan = samples::plan(TITLE, &own.name, starts_on, ends_on, Fen::new(150_000_000));
    let filing = samples::filing(&plan, 20, 1);
    let new = NewCampaign {
        unit,
        summary: "人道公益，守护生命。每一笔捐赠都有证书、可查询、进账本。".into(),
        online: true,
        themes: vec!["救在身边".into(), "生命教育".into()],
        plan,
    };
    let (campaign, themes) = campaigns::actions::create(services, &by, new).await?;
    campaigns::actions::file(services, &by, campaign.id, filing).await?;
    campaigns::actions::list_on_platform(services, &by, campaign.id, samples::link(&campaign.plan)).await?;
    campaigns::actions::open(services, &by, campaign.id).await?;
    let mut mothers = Vec::new();
    for (theme, code, title, summary) in PROJECTS {
        let theme = themes.iter().find(|t| t.name == theme).map(|t| t.id);
        let new = NewProject {
            unit,
            under: Under::Campaign {
                campaign: campaign.id,
                theme,
            },
            code: code.into(),
            title: title.into(),
            summary: summary.into(),
            region: own.region,
            nature: Nature::Restricted,
            target: Some(Fen::new(40_000_000)),
            stop_when_full: false,
            choices: choices(),
        };
        let project = projects::actions::create(services, &by, new).await?;
        projects::actions::open(services, &by, project.id).await?;
        mothers.push((project.id, code, title));
    }
    let mut shares: Vec<(ProjectId, u64)> = mothers.iter().map(|(id, ..)| (*id, 10)).collect();
    for (index, (county, region, name)) in counties.into_iter().enumerate() {
        let (mother, code, title) = mothers[index % mothers.len()];
        let new = NewProject {
            unit: county,
            under: Under::Mother(mother),
            code: format!("{code}-{region}"),
            title: format!("{title}·{name}"),
            summary: format!("{name}的子项目，与全市同行。"),
            region,
            nature: Nature::Restricted,
            target: Some(Fen::new(15_000_000)),
            stop_when_full: false,
            choices: choices(),
        };
        let project = projects::actions::create(services, &by, new).await?;
        projects::actions::open(services, &by, project.id).await?;
        shares.push((project.id, WEIGHTS[index % WEIGHTS.len()]));
    }
    Ok(Setting {
        campaign: campaign.id,
        projects: shares,
    })
}

async fn find(services: &Services, unit: UnitId) -> Result<Option<Setting>, Failure> {
    let mut at = services.db.snapshot().await?;
    let Some(first) = projects::store::project_by_code(&mut at, PROJECTS[0].1).await? else {
        return Ok(None);
    };
    let Some(campaign) = first.place.campaign() else {
        return Ok(None);
    };
    let mut shares = Vec::new();
    let (mut mothers, mut counties) = (Vec::new(), Vec::new());
    for project in projects::queries::of_campaign(&mut at, campaign).await? {
        let project = project.project;
        if project.unit == unit {
            mothers.push(project.id)
        } else {
            counties.push(project.id)
        }
    }
    mothers.sort_unstable();
    counties.sort_unstable();
    shares.extend(mothers.into_iter().map(|id| (id, 10)));
    shares.extend(
        counties
            .into_iter()
            .enumerate()
            .map(|(index, id)| (id, WEIGHTS[index % WEIGHTS.len()])),
    );
    Ok(Some(Setting {
        campaign,
        projects: shares,
    }))
}

/// The counties below the unit's region, as units that keep no books of their own.
async fn counties(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    region: RegionCode,
) -> Result<Vec<(UnitId, RegionCode, String)>, Failure> {
    let mut made = Vec::new();
    for (code, name) in region.children().take(WEIGHTS.len()) {
        let new = NewUnit {
            parent: Some(unit),
            name: format!("{name}红十字会（演示）"),
            short_name: name.to_owned(),
            region: code,
            books: Books::Above,
            brand_color: "#B8442F".into(),
            contact: String::new(),
        };
        let county = network::actions::create_unit(services, by, new).await?;
        made.push((county.id, code, name.to_owned()));
    }
    Ok(made)
}

fn choices() -> Vec<AmountChoice> {
    [
        (1_000, "一份急救宣传册", "a first-aid booklet"),
        (
            2_000,
            "一节防溺水课的教具",
            "teaching aids for one drowning-prevention lesson",
        ),
        (5_000, "一套包扎练习材料", "a set of bandaging practice materials"),
        (20_000, "一个家庭急救箱", "a first-aid box for a family"),
    ]
    .map(|(fen, words, words_en)| AmountChoice {
        amount_fen: Fen::new(fen),
        words: words.into(),
        words_en: words_en.into(),
    })
    .to_vec()
}
