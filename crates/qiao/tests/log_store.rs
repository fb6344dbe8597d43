//! The public log in a store that speaks S3 and that nobody here wrote: published, read, cut off, lost and found again.

mod common;

use std::fs;
use std::time::{Duration, Instant};

use common::store::{BUCKET, Fault, Line, Store};
use common::{Client, House, On, Server, figures};
use proof::log::points::Point;
use serde_json::Value;

/// How long the log may take for what a test gave.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the other server may take to go on alone, on a busy machine.
const FAILOVER: Duration = Duration::from_secs(20);
const MANY: u64 = 1_000;

fn place(prefix: &str) -> String {
    format!("s3://{BUCKET}/{prefix}")
}

/// Size of the tree that the server publishes; none while its store does not answer.
fn published(server: &Server) -> Option<u64> {
    let answer = server.client().get("/log/checkpoint").expect("an answer");
    answer.text().lines().nth(1).and_then(|line| line.parse().ok())
}

#[track_caller]
fn wait_for(server: &Server, size: u64) {
    let begun = Instant::now();
    loop {
        let now = published(server);
        assert!(now.is_none_or(|now| now <= size), "{now:?} entries, {size} are right");
        if now == Some(size) {
            return;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "{now:?} of {size} entries: {}",
            server.log()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Gifts of made-up people, numbered on from `from`.
#[track_caller]
fn give(house: &House, server: &Server, from: u64, count: u64) -> u64 {
    for n in from..from + count {
        let answer = server
            .client()
            .notice(house.word("notice_secret"), &format!("S{n}"), 100);
        assert_eq!(answer.expect("an answer").status, 200);
    }
    from + count
}

/// The whole log as everybody reads it from the store itself; a continuation of all that was seen there.
#[track_caller]
fn look(house: &House, store: &Store, prefix: &str) -> Value {
    let words = [
        "verify",
        "log",
        &store.public(prefix),
        "--vkey",
        house.word("log_vkey"),
        "--seen",
        "seen",
        "--json",
    ];
    let said = house.run(&words).ok();
    assert_eq!(said["holds"], true, "{said}");
    said
}

/// What `doctor` says of the store.
fn store_check(house: &House) -> Value {
    let said = house.run(&["doctor", "--json"]).json;
    let checks = said["checks"].as_array().cloned().unwrap_or_default();
    let found = checks.into_iter().find(|check| check["name"] == "log_store");
    found.unwrap_or_else(|| panic!("doctor looks at the store: {said}"))
}

both!(a_thousand_entries_are_published_to_a_store_and_read_from_there, |on| {
    let Some(store) = Store::start() else { return };
    let prefix = "society/371300";
    let house = House::stored(on, &place(prefix), &store.address);
    let vkey = house.word("log_vkey").to_owned();
    let server = house.serve();
    let head = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号\n";
    let rows = (0..MANY).map(|n| {
        let amount = 1 + n % 200;
        format!("2026-05-08 09:30:00,二维码收款,*示例,捐赠,收入,{amount}.00,零钱,已收钱,43{n:08}\n")
    });
    let file = house.file("bill.csv", head.to_owned() + &rows.collect::<String>());
    let said = house.run(&["import", "gifts", &file, "--json"]).ok();
    assert_eq!(said["gifts_new"], MANY, "{said}");
    wait_for(&server, MANY);
    // Our server hands the same bytes on as the store, each with its own headers.
    let tile = ["tile/0/000", "tile/entries/003.p/232", "tile/1/000.p/3"];
    for name in tile.into_iter().chain(["checkpoint", "vkey", "policy"]) {
        let ours = server.client().get(&format!("/log/{name}")).expect("an answer");
        let theirs = store.get(&format!("{prefix}/{name}"));
        assert_eq!((ours.status, theirs.status), (200, 200), "{name}");
        assert_eq!(ours.body, theirs.body, "{name}");
        let is_tile = name.starts_with("tile/");
        let media = if is_tile {
            "application/octet-stream"
        } else {
            "text/plain; charset=utf-8"
        };
        for answer in [&ours, &theirs] {
            assert_eq!(answer.header("content-type"), Some(media), "{name}");
        }
        let cache = theirs.header("cache-control").unwrap_or_default();
        assert_eq!(cache.contains("immutable"), is_tile, "{name}: {cache}");
        assert_eq!(cache == "no-cache", !is_tile, "{name}: {cache}");
    }
    for path in ["/log/tile/0/999", "/log/tile/%2e%2e/%2e%2e/key"] {
        assert_eq!(server.client().get(path).expect("an answer").status, 404, "{path}");
    }
    let page = server.client().get("/log/entry/999").expect("an answer");
    assert_eq!(page.status, 200, "a page shows an entry from the store");
    // By our server, by the store for everybody, by the store with its keys, and by a copy.
    let ours = format!("http://{}/log", server.address);
    for log in [ours.as_str(), &store.public(prefix), &place(prefix), "copy"] {
        let words = ["verify", "totals", log, "--vkey", &vkey, "--mirror", "copy", "--json"];
        let words = if log == "copy" { &words[..5] } else { &words[..] };
        let mut words = words.to_vec();
        if log == "copy" {
            words.push("--json");
        }
        let said = house.run(&words).ok();
        let found = (&said["size"], &said["totals"]["all"]["gifts"]);
        assert_eq!(found, (&MANY.into(), &MANY.into()), "{log}");
    }
    assert!(!house.data().join("log").exists(), "nothing lies in the data folder");
    assert_eq!(store_check(&house)["ok"], true);
    assert_eq!(server.stop(), 0);
    house.is_sound();
});

#[test]
fn in_a_store_an_abort_at_any_point_leaves_a_log_that_goes_on() {
    let Some(store) = Store::start() else { return };
    let house = House::stored(On::Sqlite, &place("abort"), &store.address);
    let mut given = 0;
    for point in Point::ALL {
        // Its first round may come to the point before it listens.
        if let Ok(mut server) = Server::start_or_end(&house, &["--test-abort-log-at", point.as_str()]) {
            for _ in 0..30 {
                let sent = Client::connect(&server.address)
                    .and_then(|mut client| client.notice(house.word("notice_secret"), &format!("S{given}"), 100));
                match sent {
                    Ok(answer) => assert_eq!(answer.status, 200),
                    // The process has ended by now; the number is given again below.
                    Err(_) => break,
                }
                given += 1;
            }
            assert_ne!(server.ended(), 0, "{point:?} was passed: {}", server.log());
        }
        look(&house, &store, "abort");
        let server = house.serve();
        given = give(&house, &server, given, 5);
        let told = figures(&house.run(&["report", "totals", "--json"]).ok())
            .0
            .cast_unsigned();
        wait_for(&server, told);
        assert_eq!(server.stop(), 0);
        assert_eq!(look(&house, &store, "abort")["size"], told, "{point:?}");
    }
    house.is_sound();
}

#[test]
fn writes_that_are_lost_and_writes_whose_answer_is_lost_give_one_log() {
    let Some(store) = Store::start() else { return };
    let line = Line::to(&store.address);
    let house = House::stored(On::Sqlite, &place("faults"), &line.address);
    let server = house.serve();
    let mut given = give(&house, &server, 0, 6);
    wait_for(&server, given);
    for word in ["tile/entries", "tile/0", "checkpoint"] {
        for fault in [Fault::Answer(word), Fault::Request(word)] {
            line.set(fault);
            given = give(&house, &server, given, 7);
            // Some rounds of the log, each with its tries.
            std::thread::sleep(Duration::from_millis(2_500));
            look(&house, &store, "faults");
            line.set(Fault::None);
            wait_for(&server, given);
            assert_eq!(look(&house, &store, "faults")["size"], given, "{fault:?}");
        }
    }
    assert_eq!(server.stop(), 0);
    house.is_sound();
}

#[test]
fn while_the_store_does_not_answer_gifts_are_taken_and_the_log_catches_up() {
    let Some(store) = Store::start() else { return };
    let line = Line::to(&store.address);
    let house = House::stored(On::Sqlite, &place("silent"), &line.address);
    let server = house.serve();
    let given = give(&house, &server, 0, 6);
    wait_for(&server, given);
    line.set(Fault::Silent);
    let given = give(&house, &server, given, 20);
    let begun = Instant::now();
    let page = server.client().get("/").expect("an answer");
    assert!(
        page.status == 200 && begun.elapsed() < Duration::from_secs(10),
        "pages are shown"
    );
    let checked = store_check(&house);
    assert_eq!(checked["ok"], false, "{checked}");
    let said = house.run(&["doctor", "--json"]);
    let log = said.json["checks"]
        .as_array()
        .and_then(|all| all.iter().find(|c| c["name"] == "public_log"));
    assert_eq!(log.map(|check| &check["ok"]), Some(&Value::Bool(false)), "{}", said.out);
    assert_eq!(look(&house, &store, "silent")["size"], 6, "what is published stays");
    line.set(Fault::None);
    wait_for(&server, given);
    assert_eq!(look(&house, &store, "silent")["size"], given);
    assert_eq!(server.stop(), 0);
    house.is_sound();
}

#[test]
fn two_servers_publish_one_log_to_one_store_and_either_goes_on_alone() {
    let Some(store) = Store::start() else { return };
    let house = House::stored(On::Postgres, &place("two"), &store.address);
    let (first, second) = (house.serve(), house.serve());
    let mut given = 0;
    for _ in 0..3 {
        given = give(&house, &first, given, 10);
        given = give(&house, &second, given, 10);
        std::thread::sleep(Duration::from_millis(700));
        look(&house, &store, "two");
    }
    wait_for(&second, given);
    first.kill_9();
    let begun = Instant::now();
    given = give(&house, &second, given, 6);
    wait_for(&second, given);
    assert!(begun.elapsed() < FAILOVER, "it took {:?}", begun.elapsed());
    assert_eq!(second.stop(), 0);
    assert_eq!(look(&house, &store, "two")["size"], given);
    house.is_sound();
}

#[test]
fn a_lost_log_database_is_rebuilt_from_the_store_and_nothing_is_logged_twice() {
    let Some(store) = Store::start() else { return };
    let house = House::stored(On::Sqlite, &place("lost"), &store.address);
    let server = house.serve();
    let given = give(&house, &server, 0, 300);
    wait_for(&server, given);
    assert_eq!(server.stop(), 0);
    look(&house, &store, "lost");
    for name in ["log.db", "log.db-wal", "log.db-shm"] {
        let _ = fs::remove_file(house.data().join(name));
    }
    let said = house.run(&["log", "write"]);
    assert!(
        said.code != 0 && said.err.contains("log recover"),
        "it begins no second log: {said:?}"
    );
    let said = house.run(&["log", "recover", "--json"]).ok();
    assert_eq!((&said["had"], &said["has"]), (&0.into(), &given.into()), "{said}");
    assert_eq!(house.run(&["log", "write", "--json"]).ok()["entries"], 0);
    let server = house.serve();
    let given = give(&house, &server, given, 6);
    wait_for(&server, given);
    assert_eq!(server.stop(), 0);
    assert_eq!(look(&house, &store, "lost")["size"], given);
    house.is_sound();
}

#[test]
fn a_log_moves_from_its_folder_to_a_store_and_only_as_what_it_was() {
    let Some(store) = Store::start() else { return };
    let mut house = House::new(On::Sqlite);
    let server = house.serve();
    let given = give(&house, &server, 0, 20);
    wait_for(&server, given);
    assert_eq!(server.stop(), 0);
    // What stands in the folder is not what this log signed: nothing is begun elsewhere.
    let checkpoint = house.data().join("log/checkpoint");
    let whole = fs::read_to_string(&checkpoint).expect("published");
    fs::write(&checkpoint, whole.replace("\n20\n", "\n21\n")).expect("written");
    house.publish_to(&place("moved"), &store.address);
    let said = house.run(&["log", "write"]);
    assert!(said.code != 0 && said.err.contains("published to folder"), "{said:?}");
    fs::write(&checkpoint, &whole).expect("written");
    house.run(&["log", "write", "--json"]).ok();
    assert_eq!(look(&house, &store, "moved")["size"], given);
    // The folder stays as it was; from now on the store is where the log goes on.
    let server = house.serve();
    let given = give(&house, &server, given, 5);
    wait_for(&server, given);
    assert_eq!(server.stop(), 0);
    assert_eq!(look(&house, &store, "moved")["size"], given);
    assert_eq!(fs::read_to_string(&checkpoint).expect("published"), whole);
    house.is_sound();
}
