//! Campaigns and projects together, on both databases.

mod closing;
mod http;

use std::path::Path;
use std::sync::Arc;

use db::testing::TestDb;
use governance::network::{Books, Certificate, CertificateStatus, NewUnit, Unit, actions as network};
use kernel::{BusinessDay, CampaignId, Fen, FixedClock, Instant, ProjectId, RegionCode, ThemeId, UnitId};
use ledger::Restriction;
use platform::identity::{Actor, Scope};
use platform::{Services, testing};

use super::model::{CampaignState, NewCampaign, PlatformLink};
use super::{CampaignError, actions, queries, samples, store};
use crate::all_migrations;
use crate::projects::actions as projects;
use crate::projects::model::{AmountChoice, Nature, NewProject, NotAccepting, Place, ProjectState, Under};
use crate::projects::{ProjectError, queries as project_queries, store as project_store};

struct House {
    services: Services,
    clock: Arc<FixedClock>,
    city: Unit,
    county: Unit,
}

fn day(text: &str) -> BusinessDay {
    BusinessDay::parse(text).expect("a day")
}

fn noon(text: &str) -> Instant {
    day(text).start().plus_micros(12 * 3_600 * 1_000_000)
}

async fn enter(services: &Services, parent: Option<UnitId>, region: &str) -> Unit {
    let new = NewUnit {
        parent,
        name: format!("{region}红十字会"),
        short_name: region.into(),
        region: RegionCode::parse(region).expect("a region"),
        books: Books::Own,
        brand_color: String::new(),
        contact: "0539-0000000".into(),
    };
    network::create_unit(services, &Actor::operator(), new)
        .await
        .expect("entered")
}

/// A city with a county and a certificate, on the day of the filing.
async fn house(test: &TestDb) -> House {
    let clock = Arc::new(FixedClock::at(noon("2026-04-20")));
    let services = testing::services_at(test.db.clone(), Path::new("/nowhere"), Arc::clone(&clock));
    let city = enter(&services, None, "371300").await;
    let county = enter(&services, Some(city.id), "371323").await;
    let certificate = Certificate {
        number: "53371300MJ".into(),
        issuer: "某市民政局".into(),
        valid_from: day("2025-01-01"),
        valid_to: day("2027-12-31"),
        status: CertificateStatus::Valid,
        status_since: day("2025-01-01"),
    };
    network::set_certificate(&services, &Actor::operator(), city.id, &certificate)
        .await
        .expect("set");
    House {
        services,
        clock,
        city,
        county,
    }
}

fn new_campaign(unit: UnitId) -> NewCampaign {
    NewCampaign {
        unit,
        plan: samples::plan(
            "人道公益日",
            "临沂市",
            day("2026-05-06"),
            day("2026-05-09"),
            Fen::new(50_000_000),
        ),
        summary: "每一份善意都有去处".into(),
        online: true,
        themes: vec!["救在身边".into(), "生命教育".into()],
    }
}

fn new_project(unit: UnitId, under: Under, code: &str) -> NewProject {
    NewProject {
        unit,
        under,
        code: code.into(),
        title: format!("项目{code}"),
        summary: "配置急救设备".into(),
        region: RegionCode::parse("371300").expect("a region"),
        nature: Nature::Restricted,
        target: Some(Fen::new(10_000_000)),
        stop_when_full: true,
        choices: vec![AmountChoice {
            amount_fen: Fen::new(2_000),
            words: "一个急救包".into(),
            words_en: "one first-aid kit".into(),
        }],
    }
}

/// A campaign filed and opened on its first day; the clock stands there.
async fn open_campaign(house: &House) -> (CampaignId, Vec<ThemeId>) {
    let by = Actor::operator();
    let (campaign, themes) = actions::create(&house.services, &by, new_campaign(house.city.id))
        .await
        .expect("made");
    let filing = samples::filing(&campaign.plan, 16, 1);
    actions::file(&house.services, &by, campaign.id, filing)
        .await
        .expect("filed");
    house.clock.set(noon("2026-05-06"));
    let early = actions::open(&house.services, &by, campaign.id).await;
    assert!(matches!(early, Err(CampaignError::NoPlatform)), "{early:?}");
    actions::list_on_platform(&house.services, &by, campaign.id, samples::link(&campaign.plan))
        .await
        .expect("listed");
    actions::open(&house.services, &by, campaign.id).await.expect("opened");
    (campaign.id, themes.iter().map(|t| t.id).collect())
}

async fn facts_of(services: &Services, like: &str) -> i64 {
    let mut tx = services.db.begin().await.expect("a transaction");
    let sql = "SELECT COUNT(*) AS n FROM fact WHERE kind LIKE ?1";
    let row = db::Reads::query_one(&mut tx, sql, db::params![like])
        .await
        .expect("counted");
    row.expect("a row").int("n").expect("a number")
}

db::both!(
    a_campaign_goes_its_way_and_the_reader_sees_all_of_it,
    &all_migrations(),
    async |test: TestDb| {
        let house = house(&test).await;
        let (services, by) = (&house.services, Actor::operator());
        let (id, themes) = open_campaign(&house).await;
        let link = PlatformLink {
            platform_code: "some-platform".into(),
            url: "https://platform.example/1".into(),
            listed_on: day("2026-05-01"),
        };
        actions::list_on_platform(services, &by, id, link.clone())
            .await
            .expect("listed");
        actions::raise_target(services, &by, id, Fen::new(80_000_000), "首日即已筹满")
            .await
            .expect("raised");

        let mut at = services.db.snapshot().await.expect("a snapshot");
        let view = queries::public_view(&mut at, id).await.expect("read").expect("there");
        assert_eq!(view.campaign.state.as_str(), "open");
        assert_eq!(
            view.campaign.state.filing().map(|f| f.number.as_str()),
            Some("DEMO2026A00001")
        );
        assert_eq!(
            view.campaign.plan,
            new_campaign(house.city.id).plan,
            "the plan is read back word for word"
        );
        assert_eq!(view.themes.iter().map(|t| t.id).collect::<Vec<_>>(), themes);
        let first = samples::link(&view.campaign.plan);
        assert_eq!(view.links, [first, link], "by the platform's word");
        let history: Vec<i64> = view.targets.iter().map(|t| t.target.get()).collect();
        assert_eq!(
            (history, view.targets[1].reason.as_str()),
            (vec![50_000_000, 80_000_000], "首日即已筹满")
        );
        assert_eq!(view.certificate.as_ref().map(|c| c.number.as_str()), Some("53371300MJ"));
        assert_eq!(view.not_shown(), Vec::<&str>::new());
        let open = queries::open_of_unit(&mut at, house.city.id, day("2026-05-09"), 10)
            .await
            .expect("read");
        assert_eq!(open.len(), 1);
        assert!(
            queries::open_of_unit(&mut at, house.city.id, day("2026-05-10"), 10)
                .await
                .expect("read")
                .is_empty()
        );
        drop(at);

        actions::end(services, &by, id).await.expect("ended");
        let settled = actions::settle(services, &by, id).await.expect("settled");
        assert!(matches!(settled.state, CampaignState::Settled { .. }));
        assert_eq!(facts_of(services, "campaign.%").await, 8);
    }
);

db::both!(
    a_filing_number_serves_one_campaign_and_locks_the_words,
    &all_migrations(),
    async |test: TestDb| {
        let house = house(&test).await;
        let (services, by) = (&house.services, Actor::operator());
        let (first, _) = actions::create(services, &by, new_campaign(house.city.id))
            .await
            .expect("made");
        let (second, _) = actions::create(services, &by, new_campaign(house.city.id))
            .await
            .expect("made");
        let filing = samples::filing(&first.plan, 16, 7);
        actions::file(services, &by, first.id, filing.clone())
            .await
            .expect("filed");
        let again = actions::file(services, &by, second.id, filing.clone()).await;
        assert!(matches!(again, Err(CampaignError::NumberTaken)));
        let edit = actions::edit_draft(services, &by, first.id, first.plan.clone(), first.page.clone()).await;
        assert!(matches!(edit, Err(CampaignError::State { state: "filed", .. })));

        let mut page = second.page.clone();
        page.title = "另一个名字".into();
        actions::edit_draft(services, &by, second.id, second.plan.clone(), page)
            .await
            .expect("a draft may be edited");
        let mut other = filing;
        other.number = "DEMO2026A00008".into();
        let differs = actions::file(services, &by, second.id, other).await;
        assert!(matches!(differs, Err(CampaignError::PageDiffers)));
        let (plan, page) = (second.plan.clone(), second.page.clone());
        actions::edit_draft(services, &by, second.id, plan, page)
            .await
            .expect("the page follows the plan again");
        let mut late = samples::filing(&first.plan, 9, 9);
        house.clock.set(noon("2026-05-01"));
        late.filed_on = day("2026-04-27");
        let late = actions::file(services, &by, second.id, late).await;
        assert!(matches!(late, Err(CampaignError::FiledLate { .. })));
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let kept = store::campaign(&mut at, second.id).await.expect("read").expect("there");
        assert_eq!(kept.state, CampaignState::Draft, "what was refused left nothing");
        assert!(
            queries::public_view(&mut at, second.id).await.expect("read").is_none(),
            "nobody outside sees a draft"
        );
    }
);

db::both!(
    a_correction_of_a_filed_plan_keeps_the_old_version,
    &all_migrations(),
    async |test: TestDb| {
        let house = house(&test).await;
        let (services, by) = (&house.services, Actor::operator());
        let (id, _) = open_campaign(&house).await;
        let mut longer = new_campaign(house.city.id).plan;
        longer.ends_on = day("2026-05-12");
        let changed = actions::change_plan(services, &by, id, longer.clone(), "延长三天", day("2026-04-25")).await;
        assert_eq!(changed.expect("changed").plan_version, 2);
        let mut far = longer.clone();
        far.ends_on = day("2028-05-12");
        let beyond = actions::change_plan(services, &by, id, far, "延长两年", day("2026-05-06")).await;
        assert!(matches!(beyond, Err(CampaignError::NoCertificate(gap)) if gap == day("2028-01-01")));
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let versions = store::plan_versions(&mut at, id).await.expect("read");
        assert_eq!(versions.len(), 2);
        assert_eq!(
            (versions[0].plan.ends_on, versions[1].plan.ends_on),
            (day("2026-05-09"), day("2026-05-12"))
        );
        assert!(versions[1].late && !versions[0].late, "eleven days after the change");
        assert_eq!(
            store::campaign(&mut at, id).await.expect("read").expect("there").plan,
            longer
        );
    }
);

db::both!(
    a_filing_that_came_back_is_corrected_filed_again_and_keeps_its_steps,
    &all_migrations(),
    async |test: TestDb| {
        let house = house(&test).await;
        let (services, by) = (&house.services, Actor::operator());
        let (made, _) = actions::create(services, &by, new_campaign(house.city.id))
            .await
            .expect("made");
        let first = samples::filing(&made.plan, 16, 1);
        actions::file(services, &by, made.id, first.clone())
            .await
            .expect("filed");
        let back = actions::give_back(services, &by, made.id, "缺少受益人范围", day("2026-04-20"))
            .await
            .expect("returned");
        assert_eq!(back.state.returned().map(|b| &b.filing), Some(&first));
        house.clock.set(noon("2026-04-22"));
        let mut better = made.plan.clone();
        better.beneficiaries = "临沂市困难家庭".into();
        actions::change_plan(services, &by, made.id, better, "按退回意见补正", day("2026-04-22"))
            .await
            .expect("corrected");
        let mut second = first.clone();
        second.number = "DEMO2026A00002".into();
        second.filed_on = day("2026-04-22");
        let mut at = services.db.snapshot().await.expect("a snapshot");
        assert!(queries::public_view(&mut at, made.id).await.expect("read").is_none());
        drop(at);
        actions::file(services, &by, made.id, second)
            .await
            .expect("filed again");

        let (other, _) = actions::create(services, &by, new_campaign(house.city.id))
            .await
            .expect("made");
        let reused = actions::file(services, &by, other.id, first).await;
        assert!(
            matches!(reused, Err(CampaignError::NumberTaken)),
            "a number that came back serves no other"
        );
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let view = queries::campaign_view(&mut at, made.id)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(view.campaign.state.as_str(), "filed");
        let steps: Vec<_> = view
            .filings
            .iter()
            .map(|s| (s.kind.as_str(), s.number.as_str(), s.plan_version))
            .collect();
        let (one, two) = ("DEMO2026A00001", "DEMO2026A00002");
        assert_eq!(steps, [("filed", one, 1), ("returned", one, 1), ("filed", two, 2)]);
        assert_eq!(view.filings[1].reason, "缺少受益人范围");
    }
);

db::both!(
    what_runs_past_its_last_day_is_ended_with_its_projects,
    &all_migrations(),
    async |test: TestDb| {
        let house = house(&test).await;
        let (services, by) = (&house.services, Actor::operator());
        let (id, themes) = open_campaign(&house).await;
        let under = Under::Campaign {
            campaign: id,
            theme: Some(themes[0]),
        };
        let mother = projects::create(services, &by, new_project(house.city.id, under, "aed"))
            .await
            .expect("made");
        projects::open(services, &by, mother.id).await.expect("opened");
        house.clock.set(noon("2026-05-09"));
        assert_eq!(
            actions::end_overdue(services, &by).await.expect("looked"),
            0,
            "its last day is its own"
        );
        house.clock.set(noon("2026-05-10"));
        assert_eq!(actions::end_overdue(services, &by).await.expect("ended"), 1);
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let project = project_store::project(&mut at, mother.id)
            .await
            .expect("read")
            .expect("there");
        assert!(matches!(project.state, ProjectState::Ended { .. }));
    }
);

db::both!(
    a_project_and_its_sub_project_have_funds_of_their_own,
    &all_migrations(),
    async |test: TestDb| {
        let house = house(&test).await;
        let (services, by) = (&house.services, Actor::operator());
        let general = projects::create_general(services, &by, house.city.id, "linyi", "人道救助")
            .await
            .expect("made");
        let twice = projects::create_general(services, &by, house.city.id, "linyi-2", "人道救助").await;
        assert!(matches!(twice, Err(ProjectError::GeneralExists)));
        let (id, themes) = open_campaign(&house).await;
        let under = Under::Campaign {
            campaign: id,
            theme: Some(themes[0]),
        };
        let mother = projects::create(services, &by, new_project(house.city.id, under, "aed"))
            .await
            .expect("made");
        house.clock.set(noon("2026-05-06").plus_micros(60_000_000));
        let sub_of = |code| new_project(house.county.id, Under::Mother(mother.id), code);
        let sub = projects::create(services, &by, sub_of("aed-yishui"))
            .await
            .expect("made");
        assert_eq!(
            sub.place,
            Place::Sub {
                campaign: id,
                theme: Some(themes[0]),
                mother: mother.id
            }
        );
        let taken = projects::create(services, &by, sub_of("aed-yishui")).await;
        assert!(matches!(taken, Err(ProjectError::CodeTaken(_))));
        let below = new_project(house.county.id, Under::Mother(sub.id), "deeper");
        assert!(matches!(
            projects::create(services, &by, below).await,
            Err(ProjectError::NoMother)
        ));
        let upward = new_project(house.city.id, Under::Mother(sub.id), "upward");
        assert!(matches!(
            projects::create(services, &by, upward).await,
            Err(ProjectError::OutsideUnit)
        ));
        let too_early = projects::open(services, &by, sub.id).await;
        assert!(matches!(too_early, Err(ProjectError::MotherNotOpen)));
        projects::open(services, &by, mother.id).await.expect("opened");
        projects::open(services, &by, sub.id).await.expect("opened");

        let mut at = services.db.snapshot().await.expect("a snapshot");
        let all = project_store::all_intake_projects(&mut at).await.expect("projects");
        let seen: Vec<(&str, bool, Restriction)> = all
            .iter()
            .map(|p| (p.code.as_str(), p.is_general, p.restriction))
            .collect();
        assert_eq!(
            seen,
            [
                ("linyi", true, Restriction::Unrestricted),
                ("aed", false, Restriction::Restricted),
                ("aed-yishui", false, Restriction::Restricted),
            ]
        );
        assert!(all.iter().all(|p| p.accepts_gifts.is_ok()));
        assert_eq!(all[2].accepts_on(day("2026-05-10")), Err(NotAccepting::Day));
        assert_eq!(
            all[0].accepts_on(day("2020-01-25")),
            Ok(()),
            "the general project knows no days"
        );
        let funds = [all[0].fund_id, all[1].fund_id, all[2].fund_id];
        assert!(funds[0] != funds[1] && funds[1] != funds[2]);
        assert_eq!(
            project_store::fund(&mut at, funds[2])
                .await
                .expect("read")
                .map(|f| f.project),
            Some(Some(sub.id))
        );
        let found = project_store::general_project_of(&mut at, house.city.id)
            .await
            .expect("read");
        assert_eq!(found.map(|p| p.id), Some(general.id));
        let by_code = project_store::intake_project_by_code(&mut at, "aed-yishui")
            .await
            .expect("read");
        assert_eq!(by_code.as_ref(), Some(&all[2]));

        let units = project_queries::units_of_campaign(&mut at, id).await.expect("units");
        let names: std::collections::BTreeSet<&str> = units.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["371300", "371323"].into());
        let page = project_queries::project_view(&mut at, "aed")
            .await
            .expect("read")
            .expect("there");
        assert_eq!((page.subs.len(), page.choices[0].amount_fen), (1, Fen::new(2_000)));
        assert_eq!(page.subs[0].unit_short_name, "371323");
        let mine = Scope::below(house.county.id);
        let seen = project_queries::projects(&mut at, &mine, &services.tree, Some(id), None, 10)
            .await
            .expect("read");
        assert_eq!(seen.iter().map(|p| p.project.id).collect::<Vec<ProjectId>>(), [sub.id]);
    }
);

db::both!(
    a_full_project_refuses_until_its_target_is_raised,
    &all_migrations(),
    async |test: TestDb| {
        let house = house(&test).await;
        let (services, by) = (&house.services, Actor::operator());
        let (id, _) = open_campaign(&house).await;
        let under = Under::Campaign {
            campaign: id,
            theme: None,
        };
        let project = projects::create(services, &by, new_project(house.city.id, under, "aed"))
            .await
            .expect("made");
        projects::open(services, &by, project.id).await.expect("opened");
        let early = projects::mark_full(services, &by, project.id, Fen::new(9_999_999)).await;
        assert!(matches!(early, Err(ProjectError::NotFull)));
        projects::mark_full(services, &by, project.id, Fen::new(10_000_000))
            .await
            .expect("full");
        let accepts = async || {
            let mut at = services.db.snapshot().await.expect("a snapshot");
            let found = project_store::load_intake_project(&mut at, project.id)
                .await
                .expect("read");
            found.expect("there").accepts_gifts
        };
        assert_eq!(accepts().await, Err(NotAccepting::Full));
        projects::raise_target(services, &by, project.id, Fen::new(15_000_000), "首日即已筹满")
            .await
            .expect("raised");
        assert_eq!(accepts().await, Ok(()));
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let history = project_store::targets(&mut at, project.id).await.expect("read");
        assert_eq!(
            history.iter().map(|t| (t.number, t.target.get())).collect::<Vec<_>>(),
            [(1, 10_000_000), (2, 15_000_000)]
        );
        drop(at);
        assert_eq!(facts_of(services, "project.target_raised").await, 1);
        projects::end(services, &by, project.id).await.expect("ended");
        assert_eq!(accepts().await, Err(NotAccepting::Ended));
        projects::settle(services, &by, project.id).await.expect("settled");
    }
);

#[test]
fn every_problem_has_its_words_in_both_languages() {
    for kind in super::error::KINDS.iter().chain(crate::projects::error::KINDS) {
        for locale in web::Locale::ALL {
            for part in ["title", "detail"] {
                assert!(
                    locale.knows(&format!("problem.{}.{part}", kind.slug)),
                    "{} {part}",
                    kind.slug
                );
            }
        }
    }
}
