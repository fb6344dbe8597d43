//! The three-day giving day of a province (M-04), through the real program: what `qiao simulate region` planned is what
//! totals, boards, coverage, certificates and every donor's page say.
//!
//! A fiftieth of it in `make test`; all of it, 210,000 gifts, with `SHANQIAO_SOAK=1` (`make soak`).
#![allow(clippy::disallowed_methods, reason = "tests read SHANQIAO_… themselves")]

mod common;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Instant;

use common::{Client, House, On, Server, sum};
use serde_json::{Value, json};

/// What the server may take while it shows all of it, unoptimised as tests are: it must not grow with the gifts.
const PEAK_KB_MAX: u64 = 1_000_000;

/// How large: thousandths, and how many donors' pages are opened.
fn size() -> (&'static str, usize) {
    if std::env::var_os("SHANQIAO_SOAK").is_some() {
        ("1000", 5_000)
    } else {
        ("20", 500)
    }
}

both!(the_three_days_of_a_province_are_as_planned_soak, |on| {
    let (permille, pages) = size();
    let house = House::in_region(on, "510000");
    let words = ["simulate", "region", "--share-permille", permille, "--json"];
    let begin = Instant::now();
    let plan = house.run(&words).ok();
    let played = begin.elapsed();
    is_m_04(&plan, permille.parse().expect("a number"));
    let again = house.run(&words);
    assert_eq!(again.code, 1, "nothing is played twice: {again:?}");
    totals_agree(&house, &plan);
    boards_replay(&house, &plan);
    house.is_sound();
    certificates_have_no_gap(&house, on, &plan);
    let server = house.serve();
    public_figures_agree(&server, &plan);
    coverage_agrees(&server, &plan);
    let token = house.word("admin_token").to_owned();
    holds_agree(&server, &token, &plan);
    let certificates = gifts_agree(&house, &server, &token, &plan);
    pages_are_right(&server, &certificates, pages);
    let (compared, peak) = (begin.elapsed(), peak_memory_kb(&server));
    println!(
        "{permille} permille on {on:?}: played in {played:.0?}, compared by {compared:.0?}, server’s peak {peak} kB"
    );
    assert!(peak < PEAK_KB_MAX, "{peak} kB");
    let log = server.log();
    assert!(!log.contains("ERROR"), "{log}");
    assert_eq!(server.stop(), 0);
    house.is_sound();
});

/// The most memory that the server has held so far.
fn peak_memory_kb(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("a process of Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kb.and_then(|kb| kb.parse().ok()).expect("kilobytes")
}

/// The plan is that of M-04 in its size, and nothing of it is trivial.
fn is_m_04(plan: &Value, permille: i64) {
    let of = |pointer: &str| {
        plan.pointer(pointer)
            .and_then(Value::as_i64)
            .unwrap_or_else(|| panic!("{pointer}"))
    };
    assert_eq!((of("/cities"), of("/counties"), of("/projects_made")), (21, 183, 208));
    assert_eq!(of("/cities_that_received"), 21);
    assert_eq!(of("/online/gifts"), 210 * permille);
    assert_eq!(of("/online/sum_fen"), 2_467_000 * permille);
    assert_eq!(of("/offline/sum_fen"), 300_000 * permille);
    assert_eq!(
        (of("/offline/villages"), of("/offline/firms")),
        (3 * permille, 3 * permille / 10)
    );
    assert_eq!(
        (of("/matched/matches"), of("/matched/sum_fen")),
        (30 * permille, 120_000 * permille)
    );
    assert!(of("/held/gifts") > 0 && of("/totals/refunds/count") > 0, "{plan}");
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("{value} has {key}"))
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("{value} has {key}"))
}

/// Lines by a key: gifts, sum.
fn by(lines: &[Value], key: &str) -> BTreeMap<String, (i64, i64)> {
    let read = |line: &Value| {
        let number = |key: &str| line[key].as_i64().unwrap_or_else(|| panic!("{line} has {key}"));
        (text(line, key).to_owned(), (number("gifts"), number("sum_fen")))
    };
    lines.iter().map(read).filter(|(_, (gifts, _))| *gifts > 0).collect()
}

/// The same with what was given back: count, sum.
fn by_with_refunds(lines: &[Value], key: &str) -> BTreeMap<String, (i64, i64, Value)> {
    let refunds = lines
        .iter()
        .map(|line| (text(line, key).to_owned(), line["refunds"].clone()));
    let refunds: BTreeMap<String, Value> = refunds.collect();
    let sums = by(lines, key).into_iter();
    sums.map(|(key, (gifts, fen))| {
        let back = refunds[&key].clone();
        (key, (gifts, fen, back))
    })
    .collect()
}

fn totals_agree(house: &House, plan: &Value) {
    let totals = house.totals();
    for key in ["gifts", "sum_fen", "refunds"] {
        assert_eq!(totals[key], plan["totals"][key], "{key}: {totals}");
    }
    let matched = json!([plan["matched"]["matches"], plan["matched"]["sum_fen"], 0]);
    let told = &totals["matched"];
    assert_eq!(
        json!([told["matches"], told["sum_fen"], told["went_back"]["sum_fen"]]),
        matched
    );
    assert_eq!(by(list(&totals, "by_day"), "day"), by(list(plan, "days"), "day"));
    assert_eq!(
        by(list(&totals, "by_channel"), "channel"),
        by(list(plan, "by_channel"), "channel")
    );
    let fen = |value: &Value| value.as_i64().expect("fen");
    let balance = &totals["trial_balance"];
    assert_eq!(balance["debit_fen"], balance["credit_fen"], "{totals}");
    let booked = fen(&totals["sum_fen"]) - fen(&totals["refunds"]["sum_fen"]) + fen(&told["sum_fen"]);
    assert_eq!(fen(&balance["debit_fen"]), booked, "{totals}");
}

/// Every frozen day comes out of the facts again, row by row, and is what was planned.
fn boards_replay(house: &House, plan: &Value) {
    for board in list(plan, "boards") {
        let said = house
            .run(&["boards", "replay", "--day", text(board, "day"), "--json"])
            .ok();
        assert_eq!(said["agrees"], true, "{said}");
        assert_eq!(said["replayed"], said["frozen"], "{said}");
        let projects = &board["project"];
        let planned = (sum(projects, "gifts"), sum(projects, "sum_fen"));
        let frozen = &said["frozen"];
        assert_eq!(
            (frozen["gifts"].as_i64(), frozen["sum_fen"].as_i64()),
            (Some(planned.0), Some(planned.1)),
            "{said}"
        );
    }
}

/// Numbers of the year are 1, 2, 3 … to the last gift and match.
fn certificates_have_no_gap(house: &House, on: On, plan: &Value) {
    let url = match on {
        On::Sqlite => house.data().join("shanqiao.db").display().to_string(),
        On::Postgres => house.url().to_owned(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let rows = runtime.block_on(async {
        let db = db::Db::open(&db::DbUrl::parse(&url)).await.expect("the database opens");
        let sql = "SELECT COUNT(*) AS n, MIN(number) AS lowest, MAX(number) AS highest FROM certificate GROUP BY unit_id, year ORDER BY year";
        let mut at = db.snapshot().await.expect("a snapshot");
        let rows = db::Reads::query(&mut at, sql, vec![]).await.expect("a query");
        let read = |row: &db::Row| ["n", "lowest", "highest"].map(|column| row.int(column).expect("a number"));
        let read: Vec<[i64; 3]> = rows.iter().map(read).collect();
        drop(at);
        db.close().await;
        read
    });
    let all = plan["totals"]["gifts"].as_i64().expect("gifts") + plan["matched"]["matches"].as_i64().expect("matches");
    assert_eq!(rows, [[all, 1, all]]);
}

fn get(client: &mut Client, path: &str) -> Value {
    let answer = client.get(path).expect("an answer");
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// Totals by project, county and day; the boards of each day.
fn public_figures_agree(server: &Server, plan: &Value) {
    let mut client = server.client();
    let campaign = text(plan, "campaign");
    let told = get(&mut client, &format!("/api/v1/campaigns/{campaign}/totals"));
    for key in ["gifts", "sum_fen", "refunds"] {
        assert_eq!(told[key], plan["totals"][key], "{key}");
    }
    assert_eq!(by(list(&told, "by_day"), "day"), by(list(plan, "days"), "day"));
    for (here, there, key) in [("units", "units", "unit"), ("projects", "projects", "project")] {
        let told = by_with_refunds(list(&told, here), key);
        assert_eq!(told, by_with_refunds(list(plan, there), key), "by {key}");
    }
    for board in list(plan, "boards") {
        let day = text(board, "day");
        for kind in ["county", "project"] {
            let told = get(&mut client, &format!("/api/v1/boards/{campaign}?by={kind}&day={day}"));
            assert_eq!(
                by(list(&told, "lines"), "id"),
                by(list(board, kind), "id"),
                "{kind} of {day}"
            );
            let unplaced = json!({ "gifts": told["unplaced_gifts"], "sum_fen": told["unplaced_fen"] });
            if kind == "county" {
                assert_eq!(unplaced, board["unplaced"], "{day}");
                assert_eq!(list(&told, "lines").len(), 21, "every city");
                // The same gifts by the counties of these cities; what was led to a city alone is placed in none.
                let path = format!("/api/v1/boards/{campaign}?by=county&level=county&day={day}");
                let lower = get(&mut client, &path);
                let whole = |board: &Value| {
                    let unplaced = board["unplaced_fen"].as_i64().expect("fen");
                    common::sum(&board["lines"], "sum_fen") + unplaced
                };
                assert_eq!(whole(&lower), whole(&told), "{day}");
                assert!(list(&lower, "lines").len() > 21, "{lower}");
                let of_all = get(&mut client, &format!("/api/v1/boards?day={day}"));
                let of_all = list(&of_all, "lines");
                let own = of_all
                    .iter()
                    .find(|line| line["id"] == *campaign)
                    .expect("the campaign");
                assert_eq!(own["sum_fen"], whole(&told), "{day}");
            }
        }
    }
    let live = get(&mut client, &format!("/api/v1/boards/{campaign}?by=project"));
    let last = list(plan, "boards").last().expect("three days");
    assert_eq!(by(list(&live, "lines"), "id"), by(list(last, "project"), "id"), "live");
}

/// Villages and firms of each county.
fn coverage_agrees(server: &Server, plan: &Value) {
    let told = get(&mut server.client(), "/api/v1/coverage");
    let read = |line: &Value| {
        let figures = json!([line["known"], line["gave"], line["sum_fen"]]);
        ((text(line, "unit").to_owned(), text(line, "kind").to_owned()), figures)
    };
    let told: BTreeMap<_, _> = told.as_array().expect("a list").iter().map(read).collect();
    let planned: BTreeMap<_, _> = list(plan, "coverage").iter().map(read).collect();
    assert_eq!(told, planned);
    let counties: std::collections::BTreeSet<&String> = planned.keys().map(|(unit, _)| unit).collect();
    assert_eq!(counties.len(), 183, "every county has handed in its list");
}

/// All pages of a list for staff.
fn all(server: &Server, token: &str, path: &str) -> Vec<Value> {
    let mut client = server.client();
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client
            .staff(token, "GET", &format!("{path}?limit=500{cursor}"), &Value::Null)
            .expect("an answer");
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.json();
        items.extend(list(&page, "items").iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// What screening holds is what was planned to look odd, and nothing else.
fn holds_agree(server: &Server, token: &str, plan: &Value) {
    let held = Value::Array(all(server, token, "/api/v1/screening/holds"));
    let planned = &plan["held"];
    let told = json!({ "gifts": held.as_array().expect("a list").len(), "sum_fen": sum(&held, "amount_fen") });
    assert_eq!(told, *planned, "{held}");
}

/// A gift as planned, with the certificate that the house gave it.
struct Certified {
    certificate: String,
    amount_fen: i64,
    refunded_fen: i64,
    title: String,
    day: String,
}

/// Every gift of the plan is there once with its amount, project, day and what was given back.
fn gifts_agree(house: &House, server: &Server, token: &str, plan: &Value) -> Vec<Certified> {
    let gifts = all(server, token, "/api/v1/gifts");
    let planned =
        plan["totals"]["gifts"].as_u64().expect("gifts") + plan["matched"]["matches"].as_u64().expect("matches");
    assert_eq!(gifts.len() as u64, planned);
    let gifts: BTreeMap<&str, &Value> = gifts.iter().map(|gift| (text(gift, "trade_no"), gift)).collect();
    let file = std::fs::read_to_string(house.data().join("simulated/plan.csv")).expect("the plan’s gifts");
    let certified = file.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let [number, amount, refunded, project, title, day] = cells[..] else {
            panic!("{line}")
        };
        let gift = gifts.get(number).unwrap_or_else(|| panic!("{number} is not there"));
        let told = [&gift["amount_fen"], &gift["refunded_fen"]].map(|fen| fen.as_i64().expect("fen").to_string());
        assert_eq!((told[0].as_str(), told[1].as_str()), (amount, refunded), "{gift}");
        assert_eq!((text(gift, "project"), text(gift, "day")), (project, day), "{gift}");
        Certified {
            certificate: text(gift, "certificate").to_owned(),
            amount_fen: amount.parse().expect("fen"),
            refunded_fen: refunded.parse().expect("fen"),
            title: title.to_owned(),
            day: day.to_owned(),
        }
    });
    let certified: Vec<Certified> = certified.collect();
    assert_eq!(certified.len() as u64, plan["online"]["gifts"].as_u64().expect("gifts"));
    certified
}

/// 1,061,100 and 00, as pages write them.
fn written(fen: i64) -> (String, String) {
    let digits = (fen / 100).to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<&str> = groups
        .map(|group| std::str::from_utf8(group).expect("digits"))
        .collect();
    (groups.join(","), format!("{:02}", fen % 100))
}

/// Opens pages as their donors do, evenly over the three days.
fn pages_are_right(server: &Server, gifts: &[Certified], pages: usize) {
    let step = (gifts.len() / pages).max(1);
    let sample: Vec<&Certified> = gifts
        .iter()
        .step_by(step)
        .chain(gifts.iter().filter(|g| g.refunded_fen > 0))
        .collect();
    assert!(sample.len() >= pages, "{} pages", sample.len());
    // One client opens at most 600 in a minute.
    for (donors, address) in sample.chunks(500).zip(2_u8..) {
        let source = Ipv4Addr::new(127, 0, 0, address);
        let mut client = Client::connect_from(source, &server.address).expect("a connection");
        for gift in donors {
            let answer = client.get(&format!("/v/{}", gift.certificate)).expect("an answer");
            assert_eq!(answer.status, 200, "{}", answer.text());
            let page = answer.text();
            let (yuan, fen) = written(gift.amount_fen);
            let date: Vec<u32> = gift
                .day
                .split('-')
                .map(|part| part.parse().expect("a number"))
                .collect();
            let mut expected = vec![
                format!("<span class=\"yuan\">{yuan}</span><span class=\"fen\">.{fen}</span>"),
                format!("{}年{}月{}日", date[0], date[1], date[2]),
                gift.title.clone(),
                "510000-2026-".to_owned(),
            ];
            if gift.refunded_fen > 0 {
                let (yuan, fen) = written(gift.refunded_fen);
                expected.push(format!("{yuan}.{fen} 元"));
            }
            for part in expected {
                assert!(page.contains(&part), "{part} is not on {}: {page}", gift.certificate);
            }
        }
    }
}
