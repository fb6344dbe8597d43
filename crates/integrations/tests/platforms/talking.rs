//! Asking the platform and telling it, over a real socket to the sandbox.

use axum::http::StatusCode;
use integrations::all_migrations;
use integrations::importing::Mode;
use integrations::platforms::compare::{self, DifferenceState, What};
use integrations::platforms::push::jobs::TellPlatforms;
use integrations::platforms::register::{NewKeys, set_keys};
use platform::identity::{Actor, Role, Scope};
use platform::jobs::Runner;
use sandbox::Faults;
use sandbox::gongyi::{Finance, Project};
use serde_json::json;

use super::town::{CITY_PAGE, COUNTY_PAGE, TENCENT, Town, town};
use super::whole;

fn project(number: &str, amount: i64, count: i64) -> Project {
    Project {
        project_no: number.into(),
        name: "救在身边".into(),
        state: 3,
        target: 10_000_000,
        amount,
        count,
        hidden: false,
        finances: Vec::new(),
    }
}

/// The platform tells what the statement told.
fn agreeing(town: &Town) {
    town.sandbox.set_gongyi_project(project(CITY_PAGE, 102_001, 3));
    town.sandbox.set_gongyi_project(project(COUNTY_PAGE, 6_660, 1));
}

async fn open(town: &Town) -> Vec<(String, What, i64, i64)> {
    let s = town.world.services();
    let mut at = s.db.snapshot().await.expect("a snapshot");
    let scope = (&Scope::Everything, &*s.tree);
    let found = compare::differences(&mut at, DifferenceState::Open, scope, None, 100)
        .await
        .expect("differences");
    let mut told: Vec<_> = found
        .into_iter()
        .map(|d| (d.project_no, d.what, d.ours, d.theirs))
        .collect();
    told.sort();
    told
}

async fn compare_now(town: &Town) -> compare::Comparison {
    let by = Actor::operator();
    compare::compare(&town.platforms, &by, (town.world.city, TENCENT), town.world.today())
        .await
        .expect("compared")
}

db::both!(
    totals_that_agree_leave_nothing_and_what_differs_is_followed_until_it_is_gone,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        town.import(whole(&town), Mode::Import).await.expect("a report");
        agreeing(&town);
        let made = compare_now(&town).await;
        assert_eq!((made.pages, made.projects, made.differing), (2, 2, 0));
        assert!(
            made.trace.starts_with("sandbox-"),
            "the platform’s number is kept for its support"
        );
        assert_eq!(open(&town).await, []);

        town.sandbox.set_gongyi_project(project(CITY_PAGE, 102_501, 4));
        town.sandbox.set_gongyi_project(Project {
            hidden: true,
            ..project(COUNTY_PAGE, 0, 0)
        });
        compare_now(&town).await;
        let differing = [
            (CITY_PAGE.to_owned(), What::Amount, 102_001, 102_501),
            (CITY_PAGE.to_owned(), What::Count, 3, 4),
            (COUNTY_PAGE.to_owned(), What::Shown, 1, 0),
        ];
        assert_eq!(open(&town).await, differing);
        // The next day it lasts: the same records, not new ones.
        town.world.at(town.world.clock_plus(24 * 3_600 * 1_000_000));
        compare_now(&town).await;
        assert_eq!(town.count("SELECT COUNT(*) AS n FROM platform_difference").await, 3);
        let lasting = "SELECT COUNT(*) AS n FROM platform_difference WHERE last_day > first_day";
        assert_eq!(town.count(lasting).await, 3);

        let officer = town.token(Role::FundraisingOfficer, town.world.city).await;
        let (_, list) = town.ask("GET", "/api/v1/platform-differences", &officer, None).await;
        let first = list["items"][0]["difference"].as_str().expect("an id").to_owned();
        let path = format!("/api/v1/platform-differences/{first}/explanation");
        let note = Some(json!({ "note": "尚未结算的一笔" }));
        assert_eq!(town.ask("POST", &path, &officer, note).await.0, StatusCode::OK);
        compare_now(&town).await;
        assert_eq!(
            open(&town).await.len(),
            2,
            "what was explained stays explained while its values stay"
        );
        agreeing(&town);
        compare_now(&town).await;
        assert_eq!(
            town.count("SELECT COUNT(*) AS n FROM platform_difference WHERE state = 'gone'")
                .await,
            3
        );
        assert_eq!(
            town.count("SELECT COUNT(*) AS n FROM platform_comparison").await,
            2,
            "one a day"
        );
        town.done().await;
    }
);

db::both!(
    disclosed_spending_is_read_through_all_its_pages_and_compared_with_the_books,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        town.import(whole(&town), Mode::Import).await.expect("a report");
        agreeing(&town);
        let month = |n: i64| Finance {
            payout_total: 10,
            period_from: format!("20{:02}-{:02}-01", 10 + n / 12, n % 12 + 1),
            period_to: format!("20{:02}-{:02}-28", 10 + n / 12, n % 12 + 1),
        };
        let mut city = project(CITY_PAGE, 102_001, 3);
        city.finances = (0..150).rev().map(month).collect();
        town.sandbox.set_gongyi_project(city);
        compare_now(&town).await;
        assert_eq!(open(&town).await, [(CITY_PAGE.to_owned(), What::Spent, 0, 1_500)]);
        town.done().await;
    }
);

db::both!(
    a_platform_that_is_down_or_does_not_believe_us_changes_nothing_here,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        agreeing(&town);
        let officer = town.token(Role::FundraisingOfficer, town.world.city).await;
        let unit = kernel::id::public(&*town.world.services().keys, town.world.city);
        let path = format!("/api/v1/platforms/tencent-gongyi/units/{unit}/comparison");
        town.sandbox.set_faults(Faults {
            down: true,
            ..Faults::default()
        });
        let (status, problem) = town.ask("POST", &path, &officer, None).await;
        assert_eq!(
            (status, &problem["type"]),
            (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/platform-no-answer"))
        );
        // Its clock and ours ten minutes apart: it refuses, with a code and a number for its support.
        town.sandbox.set_faults(Faults {
            clock_offset_seconds: 600,
            ..Faults::default()
        });
        let (status, problem) = town.ask("POST", &path, &officer, None).await;
        assert_eq!(
            (status, &problem["type"]),
            (StatusCode::CONFLICT, &json!("/problems/platform-refused"))
        );
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|words| words.contains("40013") && words.contains("sandbox-"))
        );
        town.sandbox.set_faults(Faults::default());
        let wrong = NewKeys {
            unit: town.world.city,
            platform: TENCENT,
            app_id: sandbox::gongyi::APP_ID.into(),
            endpoint: town.endpoint.clone(),
            secret: "WRONGWRONGWRONGWRONGWRONGWRONG00".into(),
        };
        set_keys(town.world.services(), &Actor::operator(), &wrong)
            .await
            .expect("keys");
        let (_, problem) = town.ask("POST", &path, &officer, None).await;
        assert!(
            problem["detail"].as_str().is_some_and(|words| words.contains("40014")),
            "{problem}"
        );
        assert_eq!(town.count("SELECT COUNT(*) AS n FROM platform_comparison").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) AS n FROM platform_difference").await, 0);
        town.done().await;
    }
);

db::both!(
    execution_is_told_in_yuan_once_and_an_answer_that_was_lost_waits_for_a_person,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let officer = town.token(Role::FundraisingOfficer, town.world.city).await;
        let s = town.world.services().clone();
        let unit = kernel::id::public(&*s.keys, town.world.city);
        let path = format!("/api/v1/platforms/tencent-gongyi/units/{unit}/pages/{CITY_PAGE}/pushes");
        let content = json!({
            "statistics": false, "project_id": 200_001, "project_name": "救在身边", "card_id": "CARD0001",
            "money_fen": 123_456, "images": ["https://pictures.example/1.jpg"], "help_org_number": "ORG0001",
        });
        let body = |key: &str| Some(json!({ "key": key, "content": content }));
        let runner = Runner::new(vec![Box::new(TellPlatforms {
            platforms: town.platforms.clone(),
        })]);
        for _ in 0..2 {
            let (status, told) = town.ask("POST", &path, &officer, body("K1")).await;
            assert_eq!((status, &told["key"]), (StatusCode::ACCEPTED, &json!("K1")), "{told}");
            runner.drain(&s).await.expect("done");
        }
        let reports = town.sandbox.gongyi_reports();
        assert_eq!((reports.len(), &reports[0]["exe_money"]), (1, &json!("1234.56")));
        let (_, list) = town.ask("GET", "/api/v1/platform-pushes", &officer, None).await;
        assert_eq!(
            (&list["items"][0]["state"], &list["items"][0]["proc_id"]),
            (&json!("told"), &json!("PROC00000001"))
        );
        let mut other = body("K1");
        if let Some(other) = other.as_mut() {
            other["content"]["money_fen"] = json!(1);
        }
        assert_eq!(town.ask("POST", &path, &officer, other).await.0, StatusCode::CONFLICT);

        // The platform has it, and nobody hears of it: it is not sent again by itself.
        town.sandbox.set_faults(Faults {
            lose: true,
            ..Faults::default()
        });
        let (_, told) = town.ask("POST", &path, &officer, body("K2")).await;
        runner.drain(&s).await.expect("done");
        runner.drain(&s).await.expect("done");
        town.sandbox.set_faults(Faults::default());
        assert_eq!(town.sandbox.gongyi_reports().len(), 2);
        let (_, list) = town.ask("GET", "/api/v1/platform-pushes", &officer, None).await;
        let of = |key: &str| {
            let mut items = list["items"].as_array().into_iter().flatten();
            items.find(|each| each["key"] == key).cloned().expect("it is listed")
        };
        assert_eq!(
            (&of("K1")["state"], &of("K2")["state"]),
            (&json!("told"), &json!("unclear"))
        );
        let settle = format!(
            "/api/v1/platform-pushes/{}/resolution",
            told["push"].as_str().expect("an id")
        );
        let found = Some(json!({ "proc_id": "PROC00000002" }));
        let (status, told) = town.ask("POST", &settle, &officer, found).await;
        assert_eq!((status, &told["state"]), (StatusCode::OK, &json!("told")));
        assert_eq!(town.sandbox.gongyi_reports().len(), 2);
        assert_eq!(town.facts("platform.push_resolved").await, 1);
        drop(runner);
        town.done().await;
    }
);
