//! The public log of the real server, checked by itself and by programs that nobody here wrote.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use common::witness::{aics, logcheck, run_logcheck as run};
use common::{House, On, Peer, Server, copy_folder, figures};
use proof::log::points::Point;
use proof::tlog::entries;
use proof::tlog::tile::{TILE_WIDTH, entries_path};

/// How long the log may take for what a test gave: a batch a second, and room.
const PATIENCE: Duration = Duration::from_secs(240);
/// How long the other server may take to go on alone, on a busy machine.
const FAILOVER: Duration = Duration::from_secs(15);
/// Three levels of tiles, the last of each with one hash.
const MANY: usize = 70_001;

fn folder(house: &House) -> PathBuf {
    house.data().join("log")
}

/// Size of the tree that the server publishes.
fn published(server: &Server) -> u64 {
    let answer = server.client().get("/log/checkpoint").expect("an answer");
    let text = answer.text();
    let size = text.lines().nth(1).and_then(|line| line.parse().ok());
    size.unwrap_or_else(|| panic!("no checkpoint: {text}"))
}

#[track_caller]
fn wait_for(server: &Server, size: u64) {
    let begun = Instant::now();
    loop {
        let now = published(server);
        assert!(now <= size, "{now} entries, {size} are right");
        if now == size {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{now} of {size} entries: {}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A copy of the published files with one byte changed.
fn damaged(house: &House, name: &str, at: usize) -> PathBuf {
    let copy = house.path("damaged");
    if copy.exists() {
        fs::remove_dir_all(&copy).expect("removed");
    }
    copy_folder(&folder(house), &copy);
    let file = copy.join(name);
    let mut bytes = fs::read(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
    bytes[at] ^= 1;
    fs::write(&file, bytes).expect("written");
    copy
}

/// Packages that nobody here wrote, in Python: signature, inclusion of single entries, consistency; and that one byte
/// changed in a bundle, a tile or the size is seen.
fn aics_agrees(house: &House, vkey: &str, older: &Path) {
    let Some(program) = aics("aics-tlog") else { return };
    let key = house.path("aics.vkey");
    fs::write(&key, vkey).expect("the key");
    let run = |what: &str, folder: &Path, more: &[&str]| {
        let mut command = Command::new(&program);
        command
            .arg(what)
            .arg("--tiles")
            .arg(folder)
            .arg("--vkey-file")
            .arg(&key)
            .args(more);
        command.output().expect("aics-tlog runs")
    };
    let whole = folder(house);
    let out = run("verify-checkpoint", &whole, &[]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let out = run(
        "verify-consistency",
        &whole,
        &["--old-checkpoint", &older.display().to_string()],
    );
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let included = |folder: &Path, index: u64| {
        let (bundle, at) = (index / TILE_WIDTH, (index % TILE_WIDTH) as usize);
        let width = (MANY as u64 - bundle * TILE_WIDTH).min(TILE_WIDTH) as u16;
        let bytes = fs::read(folder.join(entries_path(bundle, width))).expect("a bundle");
        let entry = entries::decode(&bytes, width).expect("entries")[at].to_vec();
        let leaf = house.path("aics.leaf");
        fs::write(&leaf, entry).expect("the entry");
        run(
            "verify-inclusion",
            folder,
            &["--index", &index.to_string(), "--leaf", &leaf.display().to_string()],
        )
    };
    for index in [0, 255, 256, 4_242, 65_535, 65_536, 70_000] {
        let out = included(&whole, index);
        assert!(
            out.status.success(),
            "{index}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
    }
    let copy = damaged(house, "checkpoint", 17);
    assert!(!run("verify-checkpoint", &copy, &[]).status.success(), "another size");
    let copy = damaged(house, "tile/entries/003", 40);
    assert!(!included(&copy, 768).status.success(), "a byte of an entry");
    let copy = damaged(house, "tile/0/005", 9);
    assert!(!included(&copy, 1_281).status.success(), "a byte of a tile");
}

#[test]
fn a_log_of_70_001_entries_holds_for_programs_nobody_here_wrote() {
    let house = House::new(On::Sqlite);
    let vkey = house.word("log_vkey").to_owned();
    let checker = logcheck(&house);
    let witness = Peer::ours(&house.path("witness"), &vkey);
    let policy = format!(
        "log {vkey}\nwitness board {} http://{}\nquorum board\n",
        witness.vkey, witness.address
    );
    house.file("policy", policy);
    house.run(&["log", "policy", "--set", "policy", "--json"]).ok();
    let keys = format!("{vkey}\n{}", witness.vkey);
    let server = house.serve();
    let head = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号\n";
    let mut older = Vec::new();
    let mut first = 0;
    for part in [30_017, MANY - 30_017] {
        let rows = (first..first + part).map(|n| {
            let amount = 1 + n % 200;
            format!("2026-05-08 09:30:00,二维码收款,*示例,捐赠,收入,{amount}.00,零钱,已收钱,42{n:08}\n")
        });
        let file = house.file("bill.csv", head.to_owned() + &rows.collect::<String>());
        let said = house.run(&["import", "gifts", &file, "--json"]).ok();
        assert_eq!(said["gifts_new"], part, "{said}");
        first += part;
        wait_for(&server, first as u64);
        let copy = house.path(&format!("checkpoint-{first}"));
        fs::copy(folder(&house).join("checkpoint"), &copy).expect("copied");
        older.push(copy);
    }
    let paths = [
        "/log/tile/0/273.p/113",
        "/log/tile/1/001.p/17",
        "/log/tile/2/000.p/1",
        "/log/tile/entries/000",
    ];
    for path in paths {
        let answer = server.client().get(path).expect("an answer");
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.header("cache-control").is_some_and(|c| c.contains("immutable")),
            "{path}"
        );
        let file = fs::read(folder(&house).join(path.trim_start_matches("/log/"))).expect("the file");
        assert_eq!(answer.body, file, "{path}");
    }
    for path in [
        "/log/tile/0/999",
        "/log/tile/../../key",
        "/log/tile/%2e%2e/%2e%2e/key",
        "/log/tile/0/1",
    ] {
        assert_eq!(server.client().get(path).expect("an answer").status, 404, "{path}");
    }
    // Over the network, keeping a copy and the sums.
    let address = format!("http://{}/log", server.address);
    let words = [
        "verify",
        "totals",
        &address,
        "--vkey",
        &vkey,
        "--mirror",
        "copy",
        "--output",
        "totals.json",
        "--json",
    ];
    let said = house.run(&words).ok();
    assert_eq!(
        (&said["totals"]["all"]["gifts"], &said["size"]),
        (&MANY.into(), &MANY.into())
    );
    assert_eq!(server.stop(), 0);
    // Whoever has the copy computes the same bytes; changed ones are refused.
    let words = [
        "verify",
        "totals",
        "copy",
        "--vkey",
        &vkey,
        "--stated",
        "totals.json",
        "--json",
    ];
    house.run(&words).ok();
    let sums = fs::read_to_string(house.path("totals.json")).expect("the sums");
    let given: i64 = (0..MANY as i64).map(|n| (1 + n % 200) * 100).sum();
    assert!(sums.contains(&format!("\"given\":\"{given}\"")), "{sums}");
    house.file(
        "totals.json",
        sums.replace(&given.to_string(), &(given + 1).to_string()),
    );
    assert_eq!(house.run(&words).code, 1);
    let ours = ["verify", "log", "data/log", "--vkey", &vkey, "--seen", "seen", "--json"];
    let said = house.run(&ours).ok();
    assert_eq!(
        (&said["size"], &said["kinds"]["donation.received"]),
        (&MANY.into(), &MANY.into())
    );
    let out = run(&checker, &folder(&house), &keys, &older);
    let words = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    for part in ["size 70001 ", "older 2", "cosignatures 1"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    // One byte of anything: the origin, the size, a signature, a hash of each level, an entry.
    let files = [
        ("checkpoint", 3),
        ("checkpoint", 17),
        ("checkpoint", 150),
        ("tile/0/005", 9),
        ("tile/1/000", 77),
        ("tile/2/000.p/1", 31),
        ("tile/entries/003", 40),
        ("tile/entries/273.p/113", 500),
    ];
    for (name, at) in files {
        let copy = damaged(&house, name, at);
        let out = run(&checker, &copy, &vkey, &[]);
        let said = house.run(&["verify", "log", "damaged", "--vkey", &vkey, "--json"]);
        assert_eq!(said.code, 1, "{name} byte {at}: {}", said.out);
        assert!(
            !out.status.success(),
            "{name} byte {at}: {}",
            String::from_utf8_lossy(&out.stdout)
        );
    }
    aics_agrees(&house, &vkey, &older[0]);
    // A log that was cut since it was seen is refused.
    let cut = house.path("damaged");
    fs::remove_dir_all(&cut).expect("removed");
    copy_folder(&folder(&house), &cut);
    fs::copy(&older[0], cut.join("checkpoint")).expect("copied");
    let said = house.run(&["verify", "log", "damaged", "--vkey", &vkey, "--seen", "seen"]);
    assert!(
        said.code == 1 && said.err.contains("70001 were seen before"),
        "{said:?}"
    );
}

/// Letters of each part of a witness's line, changed one at a time: Go's verifier, Python's and ours refuse each.
#[test]
fn a_changed_byte_in_a_cosignature_is_refused_by_every_verifier() {
    let house = House::new(On::Sqlite);
    let vkey = house.word("log_vkey").to_owned();
    let witness = Peer::ours(&house.path("witness"), &vkey);
    let policy = format!(
        "log {vkey}\nwitness board {} http://{}\nquorum board\n",
        witness.vkey, witness.address
    );
    house.file("policy", policy);
    house.run(&["log", "policy", "--set", "policy", "--json"]).ok();
    let server = house.serve();
    for n in 0..6 {
        let answer = server
            .client()
            .notice(house.word("notice_secret"), &format!("C{n}"), 700);
        assert_eq!(answer.expect("an answer").status, 200);
    }
    wait_for(&server, 6);
    assert_eq!(server.stop(), 0);
    let checker = logcheck(&house);
    let keys = format!("{vkey}\n{}", witness.vkey);
    let ours = |place: &str| {
        house
            .run(&["verify", "log", place, "--policy", "policy", "--json"])
            .code
    };
    let python = aics("aics-tlog");
    let theirs = |folder: &Path| {
        let program = python.as_ref()?;
        let mut command = Command::new(program);
        command.args([
            "verify-checkpoint",
            "--quorum",
            "1",
            "--log-key",
            &vkey,
            "--witness-key",
            &witness.vkey,
        ]);
        command.arg("--tiles").arg(folder);
        Some(command.output().expect("aics-tlog runs").status.success())
    };
    let out = run(&checker, &folder(&house), &keys, &[]);
    let words = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(
        words.contains("cosignatures 1"),
        "{words}{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert_eq!(ours("data/log"), 0);
    assert_ne!(theirs(&folder(&house)), Some(false), "the whole one holds");
    let note = fs::read_to_string(folder(&house).join("checkpoint")).expect("the checkpoint");
    let line = note
        .lines()
        .find(|line| line.starts_with("— w.example/ours "))
        .expect("its cosignature");
    let start = note.find(line).expect("it is there") + "— w.example/ours ".len();
    let letters = line.len() - "— w.example/ours ".len();
    // Key id, time, the first and the last of the signature.
    for at in [0, 8, 15, 17, letters / 2, letters - 4] {
        let at = start + at;
        let copy = damaged(&house, "checkpoint", at);
        let changed = fs::read_to_string(copy.join("checkpoint")).expect("still text");
        assert_ne!(changed, note);
        let out = run(&checker, &copy, &keys, &[]);
        assert!(
            !out.status.success(),
            "Go, letter {at}: {}",
            String::from_utf8_lossy(&out.stdout)
        );
        assert_ne!(theirs(&copy), Some(true), "Python, letter {at}");
        assert_eq!(ours("damaged"), 1, "ours, letter {at}");
    }
}

both!(a_certificate_is_proved_by_its_file_alone, |on| {
    let house = House::new(on);
    let vkey = house.word("log_vkey").to_owned();
    let server = house.serve();
    let mut certificate = String::new();
    for n in 0..6 {
        let answer = server
            .client()
            .notice(house.word("notice_secret"), &format!("L{n}"), 12_300 + n)
            .expect("an answer");
        certificate = answer.json()["certificate"].as_str().expect("a certificate").to_owned();
    }
    wait_for(&server, 6);
    assert_eq!(server.stop(), 0);
    let status = house.run(&["log", "status", "--json"]).ok();
    assert_eq!(
        (&status["log"]["size"], &status["vkey"]),
        (&6.into(), &vkey.as_str().into())
    );
    house
        .run(&["log", "proof", &certificate, "--output", "p.tlog-proof", "--json"])
        .ok();
    // From here on nothing of the house is asked any more.
    fs::rename(house.data(), house.path("gone")).expect("the house is gone");
    let check = |file: &str| house.run(&["verify", "certificate", file, "--vkey", &vkey, "--json"]);
    let said = check("p.tlog-proof").ok();
    assert_eq!(
        (&said["shown"]["amount_fen"], &said["shown"]["size"]),
        (&12_305.into(), &6.into())
    );
    assert!(said["shown"]["donor"].is_string());
    house.file("policy", format!("log {vkey}\nquorum none\n"));
    let words = [
        "verify",
        "certificate",
        "p.tlog-proof",
        "--policy",
        "policy",
        "--without-name",
        "q.tlog-proof",
    ];
    assert_eq!(house.run(&words).code, 0);
    assert!(check("q.tlog-proof").ok()["shown"]["donor"].is_null());
    let text = fs::read_to_string(house.path("p.tlog-proof")).expect("the proof");
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let half = line.len() / 2;
        let Some(letter) = line.chars().nth(half) else { continue };
        let other = if letter == 'A' { 'B' } else { 'A' };
        let changed: String = line
            .chars()
            .enumerate()
            .map(|(at, c)| if at == half { other } else { c })
            .collect();
        house.file("r.tlog-proof", text.replace(line, &changed));
        assert_eq!(check("r.tlog-proof").code, 1, "line {n}");
    }
    fs::rename(house.path("gone"), house.data()).expect("the house is back");
});

both!(after_kill_9_the_log_continues_what_was_seen, |on| {
    let house = House::new(on);
    let vkey = house.word("log_vkey").to_owned();
    let mut number = 0;
    for round in 0..3 {
        let server = house.serve();
        for _ in 0..(150 + 40 * round) {
            number += 1;
            let answer = server
                .client()
                .notice(house.word("notice_secret"), &format!("K{number}"), 100);
            assert_eq!(answer.expect("an answer").status, 200);
        }
        // Somewhere in a round of the log; another place each time.
        std::thread::sleep(Duration::from_millis(400 + 230 * round));
        server.kill_9();
        let said = house
            .run(&["verify", "log", "data/log", "--vkey", &vkey, "--seen", "seen", "--json"])
            .ok();
        assert_eq!(said["holds"], true, "what is published holds at any moment");
    }
    let server = house.serve();
    wait_for(&server, number);
    assert_eq!(server.stop(), 0);
    let said = house
        .run(&["verify", "log", "data/log", "--vkey", &vkey, "--seen", "seen", "--json"])
        .ok();
    assert_eq!(said["size"], number);
    assert_eq!(figures(&house.totals()).0, i64::try_from(number).expect("few"));
});

#[test]
fn two_servers_on_one_postgres_write_one_log_and_either_goes_on_alone() {
    let house = House::new(On::Postgres);
    let vkey = house.word("log_vkey").to_owned();
    let look = || {
        let words = ["verify", "log", "data/log", "--vkey", &vkey, "--seen", "seen", "--json"];
        house.run(&words).ok()
    };
    let mut given = 0;
    let mut give = |server: &Server, count: u64| {
        for _ in 0..count {
            let answer = server
                .client()
                .notice(house.word("notice_secret"), &format!("D{given}"), 100);
            assert_eq!(answer.expect("an answer").status, 200);
            given += 1;
        }
        given
    };
    let (first, second) = (house.serve(), house.serve());
    let mut all = 0;
    for _ in 0..4 {
        give(&first, 15);
        all = give(&second, 15);
        std::thread::sleep(Duration::from_millis(700));
        look();
    }
    wait_for(&second, all);
    first.kill_9();
    let begun = Instant::now();
    let all = give(&second, 6);
    wait_for(&second, all);
    assert!(begun.elapsed() < FAILOVER, "it took {:?}", begun.elapsed());
    assert_eq!(second.stop(), 0);
    let said = look();
    assert_eq!((&said["size"], &said["holds"]), (&all.into(), &true.into()));
    house.is_sound();
}

both!(
    after_an_abort_at_any_point_the_log_goes_on_and_every_gift_is_in_it_once,
    |on| {
        let house = House::new(on);
        let vkey = house.word("log_vkey").to_owned();
        let look = || {
            let words = ["verify", "log", "data/log", "--vkey", &vkey, "--seen", "seen", "--json"];
            house.run(&words).ok()
        };
        let mut given = 0;
        for point in Point::ALL {
            // Its first round may come to the point before it listens.
            if let Ok(mut server) = Server::start_or_end(&house, &["--test-abort-log-at", point.as_str()]) {
                for _ in 0..30 {
                    let sent = common::Client::connect(&server.address)
                        .and_then(|mut client| client.notice(house.word("notice_secret"), &format!("A{given}"), 100));
                    match sent {
                        Ok(answer) => assert_eq!(answer.status, 200),
                        // The process has ended by now; the number is given again below.
                        Err(_) => break,
                    }
                    given += 1;
                }
                assert_ne!(server.ended(), 0, "{point:?} was passed: {}", server.log());
            }
            assert_eq!(
                look()["holds"],
                true,
                "{point:?}: what is published holds at any moment"
            );
            let server = house.serve();
            for _ in 0..5 {
                let answer = server
                    .client()
                    .notice(house.word("notice_secret"), &format!("A{given}"), 100);
                assert_eq!(answer.expect("an answer").status, 200);
                given += 1;
            }
            let gifts = || house.run(&["report", "totals", "--json"]).ok();
            let told = figures(&gifts()).0.cast_unsigned();
            wait_for(&server, told);
            assert_eq!(server.stop(), 0);
            assert_eq!(look()["size"], told, "{point:?}");
        }
        house.is_sound();
    }
);

#[test]
fn a_new_key_signs_beside_the_old_one_until_the_rotation_is_ended() {
    let house = House::new(On::Sqlite);
    let old = house.word("log_vkey").to_owned();
    let rotate = |more: &[&str]| house.run(&[&["log", "rotate-key", "--json"], more].concat());
    let written = || house.run(&["log", "write", "--json"]).ok()["entries"].clone();
    let checked = |by: &[&str]| house.run(&[&["verify", "log", "data/log", "--json"], by].concat()).code;
    assert_ne!(rotate(&["--end"]).code, 0, "there is no rotation to end");
    let begun = rotate(&[]).ok();
    let new = begun["new"].as_str().expect("a key").to_owned();
    assert_eq!(begun["signing"], serde_json::json!([old, new]));
    let again = rotate(&[]).ok();
    assert_eq!((&again["changed"], &again["new"]), (&false.into(), &begun["new"]));
    assert_eq!(written(), 1, "the rotation is an entry");
    for key in [&old, &new] {
        assert_eq!(checked(&["--vkey", key]), 0, "{key}");
    }
    assert_ne!(rotate(&["--end"]).code, 0, "ninety days are not over");
    assert_eq!(checked(&["--vkey", &old]), 0);
    rotate(&["--end", "--now"]).ok();
    written();
    assert_eq!(checked(&["--vkey", &new]), 0);
    assert_ne!(checked(&["--vkey", &old]), 0);
    assert_eq!(checked(&["--policy", "data/log/policy"]), 0);
    let key = fs::read_to_string(house.data().join("log.key")).expect("the key file");
    assert!(key.contains(&format!("retired {old}")), "its public half is remembered");
    house.is_sound();
}
