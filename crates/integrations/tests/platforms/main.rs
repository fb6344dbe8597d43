//! Donation platforms, from files and over a real socket, on both databases.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "tests: files are made up with a spreadsheet’s doubles"
)]

mod files;
mod talking;
mod town;
#[path = "../common/toys.rs"]
mod toys;

use axum::http::StatusCode;
use files::{detail_xlsx, matching_csv, order, settlement_csv};
use giving::boards::Kind;
use giving::boards::queries::{When, boards};
use integrations::all_migrations;
use integrations::importing::Mode;
use integrations::platforms::statements::{Files, What};
use kernel::id::Id as _;
use platform::facts::Reactions;
use platform::identity::{Actor, Role};
use platform::jobs::Runner;
use serde_json::{Value, json};
use town::{CITY_PAGE, COUNTY_PAGE, Town, town};

/// Three gifts to the city's page, one to the county's, one unpaid and one given back; two matches; the settlement.
fn whole(town: &Town) -> Files {
    let gifts = [
        (order(1), CITY_PAGE, 1_000.0, "支付成功", "371323"),
        (order(2), CITY_PAGE, 0.01, "支付成功", ""),
        (order(3), COUNTY_PAGE, 66.6, "支付成功", "371323"),
        (order(4), CITY_PAGE, 5.0, "待支付", ""),
        (order(5), CITY_PAGE, 99.0, "已退款", ""),
        (order(6), CITY_PAGE, 20.0, "支付成功", "unknown"),
    ];
    let matches = [
        ("M0000001", &*order(1), CITY_PAGE, "300.00"),
        ("M0000002", "/", COUNTY_PAGE, "12.34"),
    ];
    let settled = [
        [CITY_PAGE, "3", "1,020.01", "1", "300.00", "0", "6.12", "1,313.89"],
        [COUNTY_PAGE, "1", "66.60", "1", "12.34", "", "0.40", "78.54"],
    ];
    Files {
        details: vec![town.file("detail.xlsx", &detail_xlsx(&gifts))],
        matchings: vec![town.file("matching.csv", &matching_csv(&matches))],
        settlement: town.file("settlement.csv", &settlement_csv("S20260508", &settled)),
        ..Files::default()
    }
}

db::both!(
    a_statement_is_booked_whole_and_given_twice_it_adds_nothing,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let report = town.import(whole(&town), Mode::Import).await.expect("a report");
        assert!(report.ties, "{:?} {:?}", report.differences, report.refused);
        assert_eq!((report.gifts.new, report.gifts.sum_fen.get()), (4, 108_661));
        assert_eq!((report.matches.new, report.matches.sum_fen.get()), (2, 31_234));
        assert_eq!((report.fee_fen.get(), report.net_fen.get()), (652, 139_243));
        assert_eq!(report.skipped.len(), 2, "the unpaid one and the one given back");
        let tags: Vec<_> = report.tags.iter().map(|t| (t.tag.as_str(), t.known, t.gifts)).collect();
        assert_eq!(tags, [("", false, 1), ("371323", true, 2), ("unknown", false, 1)]);

        let again = town.import(whole(&town), Mode::Import).await.expect("a report");
        assert!(again.repeated && again.changed_nothing);
        assert_eq!((again.gifts.new, again.gifts.known, again.matches.known), (0, 4, 2));
        assert_eq!(town.count("SELECT COUNT(*) AS n FROM gift").await, 6);
        assert_eq!(town.facts("platform.statement_booked").await, 1);
        assert_eq!(town.facts("gift.confirmed").await, 6);
        town.done().await;
    }
);

db::both!(
    the_platforms_match_is_income_of_its_own_for_each_project_with_its_giver,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        town.import(whole(&town), Mode::Import).await.expect("a report");
        let matched = "FROM gift WHERE channel = 'match' AND source = 'platform_match'
            AND payer_masked = '演示公益慈善基金会'";
        assert_eq!(town.count(&format!("SELECT COUNT(*) AS n {matched}")).await, 2);
        let of_county = "SELECT CAST(COALESCE(SUM(t.sum_fen), 0) AS BIGINT) AS n FROM gift_total t
            JOIN project p ON p.id = t.project_id WHERE p.code = 'aed-county' AND t.channel = ";
        assert_eq!(town.count(&format!("{of_county} 'match'")).await, 1_234);
        assert_eq!(town.count(&format!("{of_county} 'platform'")).await, 6_660);
        // What the public gave lies with the platform, what it matched is owed by it.
        assert_eq!(town.balance("100901").await, 108_661);
        assert_eq!(town.balance("1122").await, 31_234);
        assert_eq!(town.balance("410102").await, -139_895);
        // The county's tag stands beside its orders.
        let tagged = "SELECT COUNT(*) AS n FROM platform_order_tag WHERE tag = '371323' AND county_id IS NOT NULL";
        assert_eq!(town.count(tagged).await, 2);
        town.done().await;
    }
);

db::both!(
    a_tag_on_a_platforms_order_moves_its_countys_board_and_the_platforms_match_moves_none,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let (services, county) = (town.world.services().clone(), town.world.county);
        giving::teams::actions::add_tag(&services, &Actor::operator(), (county, "unknown", "三小海报"))
            .await
            .expect("a word of staff's own");
        let report = town.import(whole(&town), Mode::Import).await.expect("a report");
        assert!(report.tags.iter().all(|tag| tag.known || tag.tag.is_empty()));
        let counting = Reactions::new(vec![Box::new(giving::boards::Counting)]);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while town.count("SELECT COUNT(*) AS n FROM board_gift").await < 4 {
            assert!(std::time::Instant::now() < deadline, "the gifts were not counted");
            counting.drain(&services).await.expect("counts");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let of = (town.world.campaign, town.world.city);
        let when = When::Live(town.world.today());
        let found = boards(&mut at, &services.tree, of, &[Kind::County], when).await;
        let found = found.expect("boards").remove(0);
        let lines: Vec<_> = found
            .lines
            .iter()
            .map(|l| (l.id, l.tally.gifts, l.tally.sum_fen.get()))
            .collect();
        assert_eq!(
            lines,
            [(county.bytes(), 3, 108_660)],
            "by its own page, by its region, by its word"
        );
        assert_eq!(
            (found.unplaced.gifts, found.unplaced.sum_fen.get()),
            (1, 1),
            "no tag, and the city’s page"
        );
        drop(at);
        town.done().await;
    }
);

db::both!(
    what_does_not_tie_is_listed_and_nothing_is_stored,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let mut files = whole(&town);
        // The settlement knows one gift more than the details, and its own sum does not add up.
        let settled = [
            [CITY_PAGE, "4", "1,020.02", "1", "300.00", "0", "6.12", "1,313.89"],
            [COUNTY_PAGE, "1", "66.60", "1", "12.34", "", "0.40", "78.54"],
            ["299999", "1", "1.00", "0", "0", "", "0", "1.00"],
        ];
        files.settlement = town.file("other.csv", &settlement_csv("S20260508", &settled));
        let report = town.import(files, Mode::Import).await.expect("a report");
        assert!(!report.ties && report.changed_nothing);
        let told: Vec<_> = report
            .differences
            .iter()
            .map(|d| (d.place.as_str(), d.what, d.stated, d.found))
            .collect();
        assert_eq!(
            told,
            [
                (CITY_PAGE, What::GiftCount, 4, 3),
                (CITY_PAGE, What::GiftSum, 102_002, 102_001),
                (CITY_PAGE, What::Net, 131_389, 131_390),
                ("299999", What::GiftCount, 1, 0),
                ("299999", What::GiftSum, 100, 0),
                ("299999", What::PageUnknown, 0, 0),
            ]
        );
        assert!(report.differences.iter().all(|d| !d.zh.is_empty() && !d.en.is_empty()));
        for table in ["gift", "platform_statement", "platform_order_tag", "gift_import"] {
            assert_eq!(
                town.count(&format!("SELECT COUNT(*) AS n FROM {table}")).await,
                0,
                "{table}"
            );
        }
        town.done().await;
    }
);

db::both!(
    a_row_that_lost_its_digits_stops_the_whole_statement,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let mut files = whole(&town);
        let text = "交易单号,项目编号,捐款金额,捐款时间\n1.00000E+27,200001,5.00,2026-05-08 09:00:00\n";
        files.details.push(town.file("saved-again.csv", &files::gb(text)));
        let report = town.import(files, Mode::Import).await.expect("a report");
        assert!(!report.ties);
        let refused: Vec<_> = report
            .refused
            .iter()
            .map(|r| (r.file.as_str(), r.row, r.reason))
            .collect();
        assert_eq!(refused, [("saved-again.csv", 2, "trade_no_lost_digits")]);
        assert_eq!(town.count("SELECT COUNT(*) AS n FROM gift").await, 0);
        town.done().await;
    }
);

db::both!(
    files_that_were_cut_off_are_finished_by_the_same_files_again,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        // A day's details came in before under another number; two of the statement's gifts are known then.
        let early = [
            (order(1), CITY_PAGE, 1_000.0, "支付成功", ""),
            (order(3), COUNTY_PAGE, 66.6, "支付成功", ""),
        ];
        let settled = [
            [CITY_PAGE, "1", "1000", "", "", "", "", "1000"],
            [COUNTY_PAGE, "1", "66.6", "", "", "", "", "66.6"],
        ];
        let first = Files {
            details: vec![town.file("early.xlsx", &detail_xlsx(&early))],
            settlement: town.file("early.csv", &settlement_csv("S0", &settled)),
            ..Files::default()
        };
        assert!(town.import(first, Mode::Import).await.expect("a report").ties);
        let report = town.import(whole(&town), Mode::Import).await.expect("a report");
        assert_eq!((report.gifts.new, report.gifts.known, report.matches.new), (2, 2, 2));
        // A statement that was begun and not ended is taken up again.
        let mut tx = town.world.services().db.begin().await.expect("begins");
        tx.execute(
            "UPDATE platform_statement SET state = 'booking', booked_at = NULL WHERE number = 'S20260508'",
            vec![],
        )
        .await
        .expect("set back");
        tx.commit().await.expect("committed");
        let again = town.import(whole(&town), Mode::Import).await.expect("a report");
        assert!(again.ties && !again.changed_nothing);
        assert_eq!((again.gifts.new, again.gifts.known), (0, 4));
        let booked = "SELECT COUNT(*) AS n FROM platform_statement WHERE state = 'booked'";
        assert_eq!(town.count(booked).await, 2);
        town.done().await;
    }
);

db::both!(
    the_same_number_with_other_content_and_an_order_with_another_amount_are_refused,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        town.import(whole(&town), Mode::Import).await.expect("a report");
        let gifts = [(order(1), CITY_PAGE, 999.0, "支付成功", "")];
        let settled = [[CITY_PAGE, "1", "999", "", "", "", "", "999"]];
        let files = Files {
            details: vec![town.file("changed.xlsx", &detail_xlsx(&gifts))],
            settlement: town.file("changed.csv", &settlement_csv("S20260508", &settled)),
            ..Files::default()
        };
        let report = town.import(files, Mode::Import).await.expect("a report");
        let told: Vec<_> = report.differences.iter().map(|d| (d.what, d.stated, d.found)).collect();
        assert_eq!(
            told,
            [
                (What::AnotherAmount, 100_000, 99_900),
                (What::NumberUsed, 139_243, 99_900)
            ]
        );
        assert_eq!(town.count("SELECT COUNT(*) AS n FROM gift").await, 6);
        assert_eq!(
            town.count("SELECT COUNT(*) AS n FROM gift_review").await,
            0,
            "nothing was even held"
        );
        town.done().await;
    }
);

db::both!(
    a_payout_settles_gifts_and_match_and_its_fee_is_a_cost,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let report = town.import(whole(&town), Mode::Import).await.expect("a report");
        let s = town.world.services();
        let id = kernel::id::public(&*s.keys, report.statement.expect("a statement"));
        let path = format!("/api/v1/platform-statements/{id}/payout");
        let fundraiser = town.token(Role::FundraisingOfficer, town.world.city).await;
        let finance = town.token(Role::FinanceOfficer, town.world.city).await;
        let body = || Some(json!({ "arrived_on": town.world.today().to_string(), "memo_code": "BANK0001" }));
        let (status, _) = town.ask("POST", &path, &fundraiser, body()).await;
        assert_eq!(
            status,
            StatusCode::FORBIDDEN,
            "who raises money does not keep the books"
        );
        for _ in 0..2 {
            let (status, told) = town.ask("POST", &path, &finance, body()).await;
            assert_eq!((status, &told["net_fen"]), (StatusCode::OK, &json!(139_243)), "{told}");
        }
        assert_eq!(town.facts("platform.payout_booked").await, 1);
        assert_eq!((town.balance("100901").await, town.balance("1122").await), (0, 0));
        assert_eq!(
            (town.balance("1002").await, town.balance("540102").await),
            (139_243, 652)
        );
        let yesterday = town.world.today().plus_days(-1).to_string();
        let (status, told) = town
            .ask("POST", &path, &finance, Some(json!({ "arrived_on": yesterday })))
            .await;
        assert_eq!(
            (status, &told["type"]),
            (StatusCode::CONFLICT, &json!("/problems/platform-payout-booked"))
        );
        town.done().await;
    }
);

db::both!(
    an_officer_brings_a_statement_in_by_http_and_its_job_tells_the_report,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let files = whole(&town);
        let bytes = |path: &std::path::Path| std::fs::read(path).expect("a file");
        let (detail, matching, settlement) = (
            bytes(&files.details[0]),
            bytes(&files.matchings[0]),
            bytes(&files.settlement),
        );
        let s = town.world.services().clone();
        let unit = kernel::id::public(&*s.keys, town.world.city);
        let path = format!("/api/v1/platforms/tencent-gongyi/units/{unit}/statements");
        let parts: [(&str, &str, &[u8]); 3] = [
            ("detail", "明细.xlsx", &detail),
            ("matching", "配捐.csv", &matching),
            ("settlement", "结算.csv", &settlement),
        ];
        let officer = town.token(Role::FundraisingOfficer, town.world.city).await;
        let county = town.token(Role::FundraisingOfficer, town.world.county).await;
        assert_eq!(town.form(&path, &county, &parts).await.0, StatusCode::FORBIDDEN);
        let (status, problem) = town.form(&path, &officer, &parts[..2]).await;
        assert_eq!(
            (status, &problem["field"]),
            (StatusCode::BAD_REQUEST, &json!("settlement"))
        );
        let (status, taken) = town.form(&path, &officer, &parts).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
        let job = taken["job"].as_str().expect("a job").to_owned();
        let runner = Runner::new(vec![Box::new(
            integrations::platforms::statements::jobs::ImportStatements {
                intake: town.world.giving.intake.clone(),
            },
        )]);
        assert_eq!(runner.drain(&s).await.expect("done"), 1);
        drop(runner);
        let id = kernel::id::from_public(&*s.keys, &job).expect("an id");
        let mut at = s.db.snapshot().await.expect("a snapshot");
        let done = platform::jobs::queries::visible(&mut at, &Actor::operator(), id)
            .await
            .expect("a job")
            .expect("a job");
        drop(at);
        let platform::jobs::JobState::Done { result, .. } = done.state else {
            panic!("the job is done: {:?}", done.state);
        };
        assert_eq!((&result["ties"], &result["gifts"]["new"]), (&json!(true), &json!(4)));
        assert_eq!(result["files"], json!(["明细.xlsx", "配捐.csv", "结算.csv"]));
        let left = std::fs::read_dir(s.data.join("uploads")).expect("the folder").count();
        assert_eq!(left, 0, "uploads hold names and are gone");
        let statement = result["statement"].as_str().expect("an id");
        let (status, told) = town
            .ask(
                "GET",
                &format!("/api/v1/platform-statements/{statement}"),
                &officer,
                None,
            )
            .await;
        assert_eq!(
            (status, &told["lines"][1]["project"]),
            (StatusCode::OK, &json!("aed-county"))
        );
        assert_eq!(
            (&told["state"], &told["state_zh"]),
            (&json!("booked"), &json!("已入账"))
        );
        let (status, all) = town.ask("GET", "/api/v1/platform-statements", &officer, None).await;
        assert_eq!(
            (status, all["items"].as_array().map(Vec::len)),
            (StatusCode::OK, Some(1))
        );
        town.done().await;
    }
);

db::both!(
    a_county_that_has_not_joined_shows_as_such_with_its_next_step,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let officer = town.token(Role::FundraisingOfficer, town.world.city).await;
        let keys = town.world.services().keys.clone();
        let county = kernel::id::public(&*keys, town.world.county);
        let units = async || {
            let (status, told) = town
                .ask("GET", "/api/v1/platforms/tencent-gongyi/units", &officer, None)
                .await;
            assert_eq!(status, StatusCode::OK);
            told["items"].as_array().expect("items").clone()
        };
        let of = |items: &[Value], unit: &str| {
            items
                .iter()
                .find(|each| each["unit"] == unit)
                .cloned()
                .expect("the unit")
        };
        let seen = of(&units().await, &county);
        assert_eq!(
            (&seen["standing"], &seen["standing_zh"]),
            (&json!("not_joined"), &json!("未入驻"))
        );
        assert_eq!(
            (&seen["next_step"], &seen["tag"]),
            (&json!("certificate"), &json!("371323"))
        );
        assert_eq!(seen["steps"].as_array().map(Vec::len), Some(8));
        let step = format!("/api/v1/platforms/tencent-gongyi/units/{county}/steps/certificate");
        let done = json!({ "done_on": town.world.today().to_string() });
        assert_eq!(
            town.ask("PUT", &step, &officer, Some(done)).await.0,
            StatusCode::NO_CONTENT
        );
        let seen = of(&units().await, &county);
        assert_eq!(
            (&seen["standing"], &seen["next_step"]),
            (&json!("preparing"), &json!("filing"))
        );
        let city = of(&units().await, &kernel::id::public(&*keys, town.world.city));
        assert_eq!(
            (&city["standing"], &city["pages"], &city["raising"]),
            (&json!("joined"), &json!(2), &json!(2))
        );
        let county_officer = town.token(Role::FundraisingOfficer, town.world.county).await;
        let (_, told) = town
            .ask("GET", "/api/v1/platforms/tencent-gongyi/units", &county_officer, None)
            .await;
        assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "a county sees itself");
        assert_eq!(
            town.ask("GET", "/api/v1/platforms/tencent-gongyi/units", "", None)
                .await
                .0,
            StatusCode::UNAUTHORIZED
        );
        town.done().await;
    }
);

db::both!(
    papers_that_end_are_told_once_and_stand_on_the_list,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let officer = town.token(Role::FundraisingOfficer, town.world.city).await;
        let s = town.world.services().clone();
        let city = kernel::id::public(&*s.keys, town.world.city);
        let path = format!("/api/v1/platforms/tencent-gongyi/units/{city}/papers");
        let today = town.world.today();
        let paper = |number: &str, days: i64| {
            json!({ "kind": "filing", "number": number, "valid_from": today.plus_days(-100).to_string(),
                "valid_to": today.plus_days(days).to_string() })
        };
        for (number, days) in [("TEST备0001", 20), ("TEST备0002", 200)] {
            let (status, _) = town.ask("PUT", &path, &officer, Some(paper(number, days))).await;
            assert_eq!(status, StatusCode::OK);
        }
        let (_, told) = town.ask("GET", "/api/v1/platform-papers/ending", &officer, None).await;
        let items = told["items"].as_array().expect("items");
        assert_eq!((items.len(), &items[0]["days_left"]), (1, &json!(21)));
        let tell = async || {
            integrations::platforms::register::tell_ending(&s)
                .await
                .expect("told")
                .len()
        };
        assert_eq!((tell().await, tell().await), (1, 0));
        assert_eq!(town.facts("platform.paper_ending").await, 1);
        town.world.at(town.world.clock_plus(15 * 24 * 3_600 * 1_000_000));
        assert_eq!((tell().await, tell().await), (1, 0));
        // A renewed one is quiet again.
        let (status, _) = town.ask("PUT", &path, &officer, Some(paper("TEST备0001", 400))).await;
        assert_eq!((status, tell().await), (StatusCode::OK, 0));
        town.done().await;
    }
);

db::both!(
    an_urgent_raise_is_followed_to_its_answer_and_moves_the_capacity,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        let officer = town.token(Role::FundraisingOfficer, town.world.city).await;
        let s = town.world.services().clone();
        let city = kernel::id::public(&*s.keys, town.world.city);
        let path = format!("/api/v1/platforms/tencent-gongyi/units/{city}/pages/{CITY_PAGE}/raises");
        let needed_by = town.world.clock_plus(3_600 * 1_000_000);
        let body = |fen: i64| Some(json!({ "to_fen": fen, "reason": "首日已达上限九成", "needed_by": needed_by }));
        assert_eq!(
            town.ask("POST", &path, &officer, body(10_000_000)).await.0,
            StatusCode::BAD_REQUEST
        );
        let (status, raise) = town.ask("POST", &path, &officer, body(20_000_000)).await;
        assert_eq!((status, &raise["from_fen"]), (StatusCode::CREATED, &json!(10_000_000)));
        let (status, problem) = town.ask("POST", &path, &officer, body(30_000_000)).await;
        assert_eq!(
            (status, &problem["type"]),
            (StatusCode::CONFLICT, &json!("/problems/platform-raise-waits"))
        );
        town.world.at(town.world.clock_plus(2 * 3_600 * 1_000_000));
        let (_, waiting) = town
            .ask("GET", "/api/v1/platform-raises?state=waiting", &officer, None)
            .await;
        assert_eq!(waiting["items"][0]["overdue"], json!(true));
        let answer = format!(
            "/api/v1/platform-raises/{}/answer",
            raise["raise"].as_str().expect("an id")
        );
        let granted = || Some(json!({ "granted_fen": 15_000_000, "note": "先提至十五万" }));
        for _ in 0..2 {
            let (status, told) = town.ask("POST", &answer, &officer, granted()).await;
            assert_eq!((status, &told["state"]), (StatusCode::OK, &json!("granted")));
        }
        assert_eq!(
            town.ask("POST", &answer, &officer, Some(json!({}))).await.0,
            StatusCode::CONFLICT
        );
        let (_, pages) = town
            .ask("GET", "/api/v1/platforms/tencent-gongyi/pages", &officer, None)
            .await;
        assert_eq!(pages["items"][0]["capacity_fen"], json!(15_000_000));
        assert_eq!(town.facts("platform.raise_answered").await, 1);
        town.done().await;
    }
);

db::both!(
    a_county_of_the_citys_books_joins_with_accounts_in_those_books,
    &all_migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone()).await;
        town.join(town.world.county).await;
        let mut at = town.world.services().db.snapshot().await.expect("a snapshot");
        let key = (town.world.county, town::TENCENT);
        let account = integrations::platforms::register::account(&mut at, key)
            .await
            .expect("reads")
            .expect("joined");
        drop(at);
        let directory = town.world.giving.intake.directory();
        let gifts = directory.account(account.account.expect("an account")).expect("known");
        assert_eq!((gifts.unit, gifts.code.as_str()), (town.world.city, "txgy-371323"));
        let matches = directory
            .account(account.match_account.expect("an account"))
            .expect("known");
        assert_eq!(
            (matches.channel, matches.code.as_str()),
            (kernel::Channel::Match, "txgy-371323-match")
        );
        // An officer of the county alone may note its steps; she opens no accounts.
        let s = town.world.services();
        let officer = platform::testing::actor(s, &[(Role::FundraisingOfficer, town.world.county)]);
        assert!(
            officer
                .require(platform::identity::Permission::AccountManage, town.world.city)
                .is_err()
        );
        assert!(
            Actor::operator()
                .require(platform::identity::Permission::AccountManage, town.world.city)
                .is_ok()
        );
        town.done().await;
    }
);
