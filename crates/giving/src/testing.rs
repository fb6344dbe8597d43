//! A small made-up society for tests of this and all later crates: a city with a county, accounts, a campaign with
//! projects of every nature, officers, and a running intake. Everything is made by the actions, nothing by hand.

use std::path::Path;
use std::sync::Arc;

use db::Db;
use governance::network::{Account, Books, Certificate, CertificateStatus, NewAccount, NewUnit, actions as network};
use kernel::{BusinessDay, CampaignId, Channel, Clock as _, Fen, FixedClock, Instant, UnitId};
use platform::Services;
use platform::identity::{Actor, Role};

use crate::State;
use crate::campaigns::{self, model::NewCampaign, samples};
use crate::donations::intake::{self, Prepared, WriterHandle, prepare};
use crate::donations::{Incoming, Outcome, Payer, Source};
use crate::projects::{self, Nature, NewProject, Project, Under};

/// The society. Stop the writer with [`World::stop`].
pub struct World {
    /// Services and intake.
    pub giving: State,
    /// The clock, at [`platform::testing::NOW`].
    pub clock: Arc<FixedClock>,
    writer: WriterHandle,
    /// The city, which keeps books.
    pub city: UnitId,
    /// A county below it, whose money is in the city's books.
    pub county: UnitId,
    /// The account of payment notices, with its secret.
    pub notice: (Account, String),
    /// The cash box.
    pub cash: Account,
    /// The bank account.
    pub bank: Account,
    /// The campaign, open.
    pub campaign: CampaignId,
    /// The city's general project.
    pub general: Project,
    /// A restricted project of the campaign, the city's.
    pub restricted: Project,
    /// A restricted sub-project of the county.
    pub sub: Project,
    /// A project whose money is only passed on.
    pub agency: Project,
    /// A finance officer of the city: records, reviews, asks, approves.
    pub officer: Actor,
    /// Another one, who approves what the first asked for.
    pub second: Actor,
    /// A finance officer of the county alone.
    pub county_officer: Actor,
}

/// Where its files lie: stored by their content, so that tests do not disturb each other.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tmp/society");
const MADE: &str = "the made-up society fits the rules";

/// Makes the society over a migrated database.
///
/// # Panics
/// When an action refuses: then the test would be worth nothing.
#[allow(
    clippy::expect_used,
    reason = "for tests: a society that cannot be made ends the test"
)]
pub async fn world(db: Db) -> World {
    let clock = Arc::new(FixedClock::at(platform::testing::NOW));
    let services = platform::testing::services_at(db, Path::new(FILES), Arc::clone(&clock));
    let by = Actor::operator();
    let (city, county) = units(&services, &by).await;
    let account = |channel, code: &str| NewAccount {
        unit: city,
        channel,
        name: format!("测试账户{code}"),
        code: code.to_owned(),
        number: "0000000000000000".into(),
        opened_on: clock.now().business_day(),
    };
    let notice = network::add_account(&services, &by, account(Channel::Notice, "notice"))
        .await
        .expect(MADE);
    let cash = network::add_account(&services, &by, account(Channel::Cash, "cash"))
        .await
        .expect(MADE);
    let bank = network::add_account(&services, &by, account(Channel::Bank, "bank"))
        .await
        .expect(MADE);
    let general = projects::actions::create_general(&services, &by, city, "general", "人道救助")
        .await
        .expect(MADE);
    let campaign = campaign(&services, &by, city).await;
    let under = Under::Campaign { campaign, theme: None };
    let restricted = project(&services, &by, (city, "aed", Nature::Restricted, under)).await;
    let sub = project(
        &services,
        &by,
        (county, "aed-county", Nature::Restricted, Under::Mother(restricted.id)),
    )
    .await;
    let agency = project(&services, &by, (city, "passed-on", Nature::Agency, under)).await;
    let (intake, writer) = intake::start(&services).await.expect(MADE);
    let officer = platform::testing::actor(&services, &[(Role::FinanceOfficer, city)]);
    let second = platform::testing::actor(&services, &[(Role::FinanceOfficer, city)]);
    let county_officer = platform::testing::actor(&services, &[(Role::FinanceOfficer, county)]);
    World {
        giving: State {
            services,
            intake,
            gateways: Arc::default(),
        },
        clock,
        writer,
        city,
        county,
        notice: (notice.account, notice.secret),
        cash: cash.account,
        bank: bank.account,
        campaign,
        general,
        restricted,
        sub,
        agency,
        officer,
        second,
        county_officer,
    }
}

#[allow(clippy::expect_used, reason = "for tests: see `world`")]
async fn units(services: &Services, by: &Actor) -> (UnitId, UnitId) {
    let unit = |parent, name: &str, region: &str, books| NewUnit {
        parent,
        name: name.to_owned(),
        short_name: String::new(),
        region: region.parse().expect(MADE),
        books,
        brand_color: String::new(),
        contact: "测试电话".into(),
    };
    let city = unit(None, "临沂市演示会", "371300", Books::Own);
    let city = network::create_unit(services, by, city).await.expect(MADE).id;
    let county = unit(Some(city), "沂水县演示会", "371323", Books::Above);
    let county = network::create_unit(services, by, county).await.expect(MADE).id;
    let today = services.now().business_day();
    let certificate = Certificate {
        number: "TEST0001".into(),
        issuer: "演示民政局".into(),
        valid_from: today.plus_days(-400),
        valid_to: today.plus_days(800),
        status: CertificateStatus::Valid,
        status_since: today.plus_days(-400),
    };
    network::set_certificate(services, by, city, &certificate)
        .await
        .expect(MADE);
    (city, county)
}

#[allow(clippy::expect_used, reason = "for tests: see `world`")]
async fn campaign(services: &Services, by: &Actor, unit: UnitId) -> CampaignId {
    let today = services.now().business_day();
    let plan = samples::plan("演示活动", "临沂市", today, today.plus_days(30), Fen::new(100_000_000));
    let filing = samples::filing(&plan, 20, 1);
    let new = NewCampaign {
        unit,
        plan,
        summary: String::new(),
        online: true,
        themes: vec!["救在身边".into()],
    };
    let (campaign, _) = campaigns::actions::create(services, by, new).await.expect(MADE);
    campaigns::actions::file(services, by, campaign.id, filing)
        .await
        .expect(MADE);
    campaigns::actions::list_on_platform(services, by, campaign.id, samples::link(&campaign.plan))
        .await
        .expect(MADE);
    campaigns::actions::open(services, by, campaign.id).await.expect(MADE);
    campaign.id
}

#[allow(clippy::expect_used, reason = "for tests: see `world`")]
async fn project(
    services: &Services,
    by: &Actor,
    (unit, code, nature, under): (UnitId, &str, Nature, Under),
) -> Project {
    let new = NewProject {
        unit,
        under,
        code: code.to_owned(),
        title: format!("演示项目{code}"),
        summary: String::new(),
        region: "371300".parse().expect(MADE),
        nature,
        target: Some(Fen::new(1_000_000)),
        stop_when_full: false,
        choices: Vec::new(),
    };
    let made = projects::actions::create(services, by, new).await.expect(MADE);
    projects::actions::open(services, by, made.id).await.expect(MADE)
}

impl World {
    /// The services.
    pub fn services(&self) -> &Services {
        &self.giving.services
    }

    /// A gift by notice, paid now: change what the test is about.
    pub fn incoming(&self, project: &Project, trade_no: &str, fen: i64) -> Incoming {
        let now = self.clock.now();
        Incoming {
            account: self.notice.0.id,
            project: project.id,
            trade_no: trade_no.to_owned(),
            amount: Fen::new(fen),
            paid_at: now,
            business_day: now.business_day(),
            payer: Payer {
                name: Some("测试甲".into()),
                phone: Some("13800000000".into()),
                ..Payer::default()
            },
            anonymous: false,
            receipt: None,
            source: Source::Notice,
        }
    }

    /// The same, ready to be submitted.
    ///
    /// # Panics
    /// When it is refused.
    #[allow(clippy::expect_used, reason = "for tests: see `world`")]
    pub fn prepared(&self, incoming: Incoming) -> Prepared {
        prepare(incoming, self.services()).expect("a gift that fits")
    }

    /// Submits a gift.
    ///
    /// # Panics
    /// When the intake gives no outcome.
    #[allow(clippy::expect_used, reason = "for tests: see `world`")]
    pub async fn submit(&self, incoming: Incoming) -> Outcome {
        self.giving
            .intake
            .submit(self.prepared(incoming))
            .await
            .expect("an outcome")
    }

    /// Moves the clock.
    pub fn at(&self, now: Instant) {
        self.clock.set(now);
    }

    /// So many microseconds from now.
    pub fn clock_plus(&self, micros: i64) -> Instant {
        self.clock.now().plus_micros(micros)
    }

    /// Today in Beijing.
    pub fn today(&self) -> BusinessDay {
        self.clock.now().business_day()
    }

    /// Lets the writer finish and ends its threads.
    pub fn stop(self) {
        drop(self.giving);
        self.writer.stop(std::time::Duration::from_secs(5));
    }
}
