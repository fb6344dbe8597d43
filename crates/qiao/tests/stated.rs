//! Totals that the society states, its live site, and a monitor, each against the entries: by the real program.

mod common;

use std::time::{Duration, Instant};

use common::{House, On, Peer, Server, psql};

/// How long the log may take: a batch a second, and room on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What whoever holds the business database could do to it. The server does not run.
fn tamper(house: &House, on: On, sql: &str) {
    match on {
        On::Postgres => drop(psql(house.url(), sql)),
        On::Sqlite => {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let url = db::DbUrl::Sqlite(house.data().join("shanqiao.db"));
                let db = db::Db::open(&url).await.expect("the database");
                let mut tx = db.begin().await.expect("a transaction");
                tx.execute(sql, vec![]).await.expect("done");
                tx.commit().await.expect("kept");
                db.close().await;
            });
        }
    }
}

fn give(house: &House, server: &Server, (lead, count): (&str, i64), fen: i64) {
    for n in 0..count {
        let number = format!("{lead}{n}");
        let answer = server.client().notice(house.word("notice_secret"), &number, fen + n);
        assert_eq!(answer.expect("an answer").status, 200);
    }
}

#[track_caller]
fn wait_for(server: &Server, size: u64) {
    let begun = Instant::now();
    loop {
        let answer = server.client().get("/log/checkpoint").expect("an answer");
        let now: u64 = answer
            .text()
            .lines()
            .nth(1)
            .and_then(|line| line.parse().ok())
            .unwrap_or(0);
        if now == size {
            return;
        }
        assert!(
            now < size && begun.elapsed() < PATIENCE,
            "{now} of {size}: {}",
            server.log()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// States, and writes the log until it has so many entries. On PostgreSQL a fact gets its place when no older transaction
/// of the whole server is left, other tests' too.
fn state(house: &House, size: u64) -> serde_json::Value {
    let begun = Instant::now();
    let said = loop {
        let said = house.run(&["log", "state", "--json"]);
        if said.code == 0 {
            break said.ok();
        }
        assert!(begun.elapsed() < PATIENCE, "{said:?}");
    };
    loop {
        let written = house.run(&["log", "write", "--json"]).ok();
        if written["log"]["published"] == size {
            return said;
        }
        assert!(begun.elapsed() < PATIENCE, "{written}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

both!(stated_totals_hold_until_somebody_changes_the_books, |on| {
    let house = House::new(on);
    let vkey = house.word("log_vkey").to_owned();
    let server = house.serve();
    give(&house, &server, ("S", 6), 1_000);
    wait_for(&server, 6);
    assert_eq!(server.stop(), 0);
    let said = state(&house, 7);
    assert_eq!(said["stated"][0]["says"]["given"], "6015", "{said}");
    let verify = [
        "verify", "totals", "data/log", "--vkey", &vkey, "--output", "t.json", "--json",
    ];
    let said = house.run(&verify).ok();
    assert_eq!(
        (&said["holds"], &said["totals"]["stated"]),
        (&true.into(), &1.into()),
        "{said}"
    );
    // A bigger success, straight in the database; the night's statement carries it into the log, for ever.
    tamper(
        &house,
        on,
        "UPDATE gift_total SET sum_fen = sum_fen + 500000, gifts = gifts + 1",
    );
    state(&house, 8);
    let said = house.run(&verify);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(said.json["holds"], false);
    assert!(
        said.err
            .contains("given 506015, the entries say 6015, which is +500000 stated")
            && said.err.contains("gifts 7, the entries say 6, which is +1 stated"),
        "{}",
        said.err
    );
    let sums = std::fs::read_to_string(house.path("t.json")).expect("the sums are written all the same");
    assert!(sums.contains("\"differ\":[{"), "{sums}");
});

both!(the_live_site_is_held_against_the_entries, |on| {
    let house = House::new(on);
    let vkey = house.word("log_vkey").to_owned();
    let server = house.serve();
    give(&house, &server, ("L", 7), 2_000);
    wait_for(&server, 7);
    let verify = |server: &Server| {
        let site = format!("http://{}", server.address);
        let log = format!("{site}/log");
        house.run(&["verify", "totals", &log, "--vkey", &vkey, "--live", &site, "--json"])
    };
    let said = verify(&server).ok();
    assert_eq!(said["live"]["differ"], serde_json::json!([]), "{said}");
    assert_eq!(
        (&said["live"]["units"], &said["live"]["pages"]),
        (&1.into(), &1.into()),
        "{said}"
    );
    assert_eq!(server.stop(), 0);
    tamper(
        &house,
        on,
        "UPDATE gift_total SET sum_fen = sum_fen - 2001, gifts = gifts - 1",
    );
    let server = house.serve();
    let said = verify(&server);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err
            .contains("the site says given 12020, the entries say 14021: -2001"),
        "{}",
        said.err
    );
    assert_eq!(server.stop(), 0);
});

#[test]
fn a_monitor_cosigns_what_adds_up_and_refuses_a_lie() {
    let house = House::new(On::Sqlite);
    let vkey = house.word("log_vkey").to_owned();
    let origin = vkey.split('+').next().expect("a name").to_owned();
    // Where it lies on a disk of both; over the network it is an address.
    let address = format!("{origin}={}", house.data().join("log").display());
    let witness = Peer::monitoring(&house.path("board"), &vkey, &address);
    let second = witness.totals.clone().expect("a second key");
    assert!(second.starts_with("w.example/ours/totals+"), "{second}");
    let policy = format!(
        "log {vkey}\nwitness board {} http://{at}\nwitness totals {second} http://{at}/totals\ngroup both all board totals\nquorum both\n",
        witness.vkey,
        at = witness.address
    );
    house.file("policy", policy);
    house.run(&["log", "policy", "--set", "policy", "--json"]).ok();
    let server = house.serve();
    give(&house, &server, ("M", 6), 3_000);
    wait_for(&server, 6);
    give(&house, &server, ("N", 5), 4_000);
    wait_for(&server, 11);
    assert_eq!(server.stop(), 0);
    let checked = house
        .run(&["verify", "totals", "data/log", "--policy", "policy", "--json"])
        .ok();
    assert_eq!(checked["witnesses"].as_array().map(Vec::len), Some(2), "{checked}");
    // The witness alone would go on: the log continues. The monitor reads what is stated, and does not.
    tamper(&house, On::Sqlite, "UPDATE gift_total SET sum_fen = sum_fen + 1");
    let server = house.serve();
    house.run(&["log", "state", "--json"]).ok();
    let begun = Instant::now();
    while !server.log().contains("totals: ") {
        assert!(begun.elapsed() < PATIENCE, "{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    std::thread::sleep(Duration::from_secs(2));
    let published = std::fs::read_to_string(house.data().join("log/checkpoint")).expect("a checkpoint");
    assert_eq!(
        published.lines().nth(1),
        Some("11"),
        "what does not add up is not published"
    );
    assert_eq!(server.stop(), 0);
}
