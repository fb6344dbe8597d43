//! Two `qiao serve` over one PostgreSQL: eight senders, refunds between, pools that must not be overdrawn.
//!
//! Done-when 2 of the giving day. What one process does under the same storm, on both databases and with releases between,
//! is tested beside matching itself (`giving/tests/it/matching_storm.rs`).
#![allow(
    clippy::disallowed_methods,
    reason = "tests choose their own chance and read SHANQIAO_… themselves"
)]

mod common;

use std::sync::Mutex;

use common::http::notice;
use common::{Client, House, On, Server, psql, sum};
use serde_json::{Value, json};

/// Connections that send at the same time, half of them to each process.
const SENDERS: u64 = 8;
/// What each of them does.
const STEPS: u64 = 60;
/// Donors, told apart by their telephone; made up.
const DONORS: u64 = 6;
/// The money of each pool.
const LOCKED_YUAN: &str = "120";

/// A small generator, so that a failing round can be run again by its seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        // Steele and others, SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// The caps that a rule may name, what each is of in a stored decision, and how small it may be.
const CAPS: [(&str, &str, u64); 7] = [
    ("gift_fen", "d.gift_id", 100),
    (
        "person_day_fen",
        "d.person, COALESCE((g.paid_at + 28800000000) / 86400000000, 0)",
        600,
    ),
    ("person_project_fen", "d.person, d.project_id", 800),
    ("person_fen", "d.person", 900),
    (
        "project_day_fen",
        "d.project_id, COALESCE((g.paid_at + 28800000000) / 86400000000, 0)",
        4_000,
    ),
    ("project_fen", "d.project_id", 5_000),
    ("unit_fen", "p.unit_id", 5_500),
];

fn kind(chance: &mut Chance, at_close: bool) -> Value {
    let (low, sum) = (300 + chance.below(900), 40 + chance.below(300));
    match (at_close, chance.below(if at_close { 3 } else { 4 })) {
        (false, 0) => json!({ "kind": "ratio", "permille": low }),
        (false, 1) => json!({ "kind": "tiers", "tiers": [
            { "from_fen": 1, "permille": low }, { "from_fen": 250, "permille": low + 500 },
        ] }),
        (false, 2) => json!({ "kind": "per_action", "each_fen": sum }),
        (false, _) => json!({ "kind": "random", "from_fen": 10, "to_fen": 10 + sum, "chance_permille": 700 }),
        (true, 0) => json!({ "kind": "proportional" }),
        (true, 1) => json!({ "kind": "quadratic", "project_permille_max": low.min(1_000) }),
        (true, _) => json!({ "kind": "score", "sum_points": 60, "count_points": 40,
            "prizes": [{ "from_rank": 1, "to_rank": 3, "each_fen": 10 * sum }] }),
    }
}

fn window() -> Value {
    json!({ "spans": [{ "from": "2026-05-01T00:00:00Z", "to": "2026-06-01T00:00:00Z" }] })
}

/// The rules of the pools: one that decides at once, one that is shared out at its close, one of either; each cap, a
/// minimum, a bonus and matches that wait, or not.
fn rules(chance: &mut Chance) -> Vec<Value> {
    let either = chance.below(2) == 0;
    let mut all = Vec::new();
    for at_close in [false, true, either] {
        let mut rule = json!({
            "window": window(), "kind": kind(chance, at_close), "on_refund": "to_pool",
            "base": { "minimum_fen": chance.below(60) }, "caps": {},
        });
        for (cap, _, from) in CAPS {
            if chance.below(2) == 0 {
                rule["caps"][cap] = json!(from + chance.below(from));
            }
        }
        if chance.below(2) == 0 {
            rule["bonus"] = json!([{ "permille": 1 + chance.below(400), "from_fen": chance.below(300) }]);
        }
        if chance.below(2) == 0 {
            rule["hold_from_fen"] = json!(440);
        }
        all.push(rule);
    }
    all
}

fn set_up(house: &House, rules: &[Value]) {
    let paper = house.file("agreement.txt", "made up for the test");
    for (n, rule) in rules.iter().enumerate() {
        let (pool, sponsor) = (format!("pool-{n}"), format!("测试企业{n}"));
        let rule = house.file(&format!("rule-{n}.json"), rule.to_string());
        let words = [
            "match",
            "set-up",
            "--pool",
            &pool,
            "--sponsor",
            &sponsor,
            "--locked-yuan",
            LOCKED_YUAN,
        ];
        let more = ["--rule", &rule, "--agreement", &paper, "--open", "--json"];
        assert_eq!(house.run(&[&words[..], &more].concat()).ok()["state"], "open");
    }
}

/// Asks for a refund and lets another person approve it.
fn refund(client: &mut Client, (asks, approves): (&str, &str), gift: &str, amount_fen: i64, key: &str) {
    let body = json!({ "amount_fen": amount_fen, "reason": "wrong_payment", "key": key });
    let path = format!("/api/v1/gifts/{gift}/refunds");
    let asked = client.staff(asks, "POST", &path, &body).expect("an answer");
    assert_eq!(asked.status, 201, "{}", asked.text());
    let asked = asked.json();
    let path = format!(
        "/api/v1/refunds/{}/approve",
        asked["refund"].as_str().expect("a refund")
    );
    let done = client.staff(approves, "POST", &path, &Value::Null).expect("an answer");
    assert_eq!(done.status, 200, "{}", done.text());
}

/// One sender: gifts, the same notice to the other process as well, refunds of what it gave.
fn send((own, other): (&Server, &Server), house: &House, tokens: (&str, &str), seed: u64) -> Vec<(String, String)> {
    let (mut own, mut other) = (own.client(), other.client());
    let secret = house.word("notice_secret");
    let mut chance = Chance(seed);
    let (mut given, mut answers): (Vec<(String, i64)>, _) = (Vec::new(), Vec::new());
    for step in 0..STEPS {
        if chance.below(6) == 0 && !given.is_empty() {
            let (gift, fen) = given.swap_remove(chance.below(given.len() as u64) as usize);
            let part = 1 + chance.below(fen.unsigned_abs()).cast_signed();
            refund(&mut own, tokens, &gift, part, &format!("r{seed}-{step}"));
            continue;
        }
        let (trade_no, fen) = (format!("T{seed:03}-{step:04}"), 1 + chance.below(500).cast_signed());
        let mut body = notice(&trade_no, fen);
        if chance.below(2) == 0 {
            body["paid_at"] = json!("2026-05-07T21:00:00+08:00");
        }
        if chance.below(4) > 0 {
            body["payer"]["phone"] = json!(format!("1380000000{}", chance.below(DONORS)));
        }
        let body = body.to_string();
        let answer = own.signed("notice", secret, body.as_bytes()).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
        if chance.below(5) == 0 {
            let again = other.signed("notice", secret, body.as_bytes()).expect("an answer");
            assert_eq!(again.json()["gift"], answer.json()["gift"], "a repeat is the same gift");
        }
        let gift = answer.json()["gift"].as_str().expect("a gift").to_owned();
        answers.push((trade_no, gift.clone()));
        given.push((gift, fen));
    }
    answers
}

fn storm(seed: u64) {
    let house = House::new(On::Postgres);
    let rules = rules(&mut Chance(seed));
    set_up(&house, &rules);
    let approver = house
        .run(&["user", "add", "approver", "--role", "leader", "--json"])
        .ok();
    let tokens = (house.word("admin_token"), approver["token"].as_str().expect("a token"));
    let nodes = [house.serve(), house.serve()];
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (house, nodes, answers) = (&house, &nodes, &answers);
            scope.spawn(move || {
                let at = (sender % 2) as usize;
                let own = send((&nodes[at], &nodes[1 - at]), house, tokens, seed * 10 + sender);
                answers.lock().expect("the list").extend(own);
            });
        }
    });
    for node in nodes {
        assert_eq!(node.stop(), 0);
    }
    let answers = answers.into_inner().expect("the list");
    check(&house, &rules, answers.len() as i64);
}

/// Every cap by the decisions themselves, every total by its decisions, every decision by its recomputation.
fn check(house: &House, rules: &[Value], sent: i64) {
    let ask = |sql: &str| psql(house.url(), sql);
    // Before the seeds of draws are shown all but the luck of the draw is recomputed.
    let sealed = house.run(&["match", "replay", "--json"]).json;
    assert_eq!(sealed["agrees"], true, "{}", sealed["differences"][0]);
    for n in 0..rules.len() {
        house.run(&["match", "close", &format!("pool-{n}"), "--json"]).ok();
    }
    let from = |pool: usize| {
        format!(
            "FROM match_decision d JOIN match_pool m ON m.id = d.pool_id JOIN project p ON p.id = d.project_id
             LEFT JOIN gift g ON g.id = d.gift_id WHERE m.code = 'pool-{pool}'"
        )
    };
    for (n, rule) in rules.iter().enumerate() {
        for (cap, of, _) in CAPS {
            let Some(cap) = rule["caps"][cap].as_i64() else {
                continue;
            };
            // What is of nobody, and an award to a project, is under no cap of a person or a gift.
            let first = of.split(',').next().unwrap_or(of);
            let most: i64 = ask(&format!(
                "SELECT COALESCE(MAX(s.fen), 0)::BIGINT FROM (SELECT SUM(d.given_fen) AS fen {} AND {first} IS NOT NULL
                 GROUP BY {of}) s",
                from(n)
            ))
            .parse()
            .expect("a number");
            assert!(most <= cap, "{most} for one of {of} where {cap} is the most: {rule}");
        }
        let minimum = rule["base"]["minimum_fen"].as_i64().expect("a minimum");
        let held = rule["hold_from_fen"].as_i64().unwrap_or(i64::MAX);
        let wrong = ask(&format!(
            "SELECT COUNT(*) {} AND d.given_fen > 0 AND (g.amount_fen < {minimum} OR g.amount_fen >= {held})",
            from(n)
        ));
        assert_eq!(wrong, "0", "below the minimum, or nobody released it: {rule}");
        let gaps = ask(&format!(
            "SELECT COUNT(*) - MAX(d.number) FROM match_decision d JOIN match_pool p ON p.id = d.pool_id
             WHERE p.code = 'pool-{n}'"
        ));
        assert_eq!(gaps, "0", "the running numbers of pool {n} have no gap");
    }
    let overdrawn = ask("SELECT COUNT(*) FROM match_pool p WHERE p.locked_fen <
        (SELECT COALESCE(SUM(d.given_fen), 0) FROM match_decision d WHERE d.pool_id = p.id)");
    assert_eq!(overdrawn, "0", "no pool gave more than was locked");
    let files = [
        "match",
        "export",
        "--decisions",
        "decisions.jsonl",
        "--gifts",
        "gifts.jsonl",
        "--json",
    ];
    let exported = house.run(&files).ok();
    assert!(exported["decisions"].as_i64().expect("a number") >= sent, "{exported}");
    let replay = [
        "match",
        "replay",
        "--decisions",
        "decisions.jsonl",
        "--gifts",
        "gifts.jsonl",
        "--json",
    ];
    let again = house.run(&replay).json;
    assert_eq!(again["agrees"], true, "{}", again["differences"][0]);
    assert_eq!(again["sealed_draws"], 0, "every seed is published now");
    let given: i64 = ask("SELECT COALESCE(SUM(given_fen), 0)::BIGINT FROM match_decision")
        .parse()
        .expect("a number");
    assert_eq!(again["given_fen"], given, "published total = sum of decisions");
    assert!(given > 0);
    // A sponsor who asks what a rule would have done with the same people meets their caps.
    let by_person = json!({
        "window": window(), "kind": { "kind": "ratio", "permille": 1_000 }, "caps": { "person_fen": 300 },
    });
    let rule = house.file("rule-by-person.json", by_person.to_string());
    let plan = [
        "match",
        "plan",
        "--rule",
        &rule,
        "--gifts",
        "gifts.jsonl",
        "--locked-yuan",
        "100000",
        "--json",
    ];
    let apart = house
        .run(&[&plan[..], &["--decisions", "decisions.jsonl"]].concat())
        .ok();
    let alike = house.run(&plan).ok();
    assert_eq!(apart["gifts"], alike["gifts"]);
    let given = |plan: &Value| plan["given_fen"].as_i64().expect("a number");
    assert!(0 < given(&apart) && given(&apart) < given(&alike), "{apart} {alike}");
    // Anybody sees the same from what is public alone, without an installation.
    let server = house.serve();
    let urls = (0..rules.len()).map(|n| format!("http://{}/api/v1/match/pools/pool-{n}", server.address));
    let urls: Vec<String> = urls.flat_map(|url| ["--url".to_owned(), url]).collect();
    let mut words = vec!["match", "replay", "--json"];
    words.extend(urls.iter().map(String::as_str));
    let outside = House::empty(On::Sqlite).run(&words).ok();
    assert_eq!(server.stop(), 0);
    assert_eq!(
        (&outside["agrees"], &outside["given_fen"]),
        (&json!(true), &again["given_fen"]),
        "{outside}"
    );
    let totals = house.totals();
    assert_eq!(totals["gifts"], sent, "each gift once, matches apart");
    assert_eq!(sum(&totals["by_channel"], "gifts"), sent);
    house.is_sound();
}

#[test]
fn two_processes_never_overdraw_a_pool_nor_a_cap_and_replay_identically() {
    let rounds = if std::env::var_os("SHANQIAO_SOAK").is_some() {
        12
    } else {
        2
    };
    for seed in 1..=rounds {
        storm(seed);
    }
}
