//! A full disk and a lost database: errors that say to come again, and nothing acknowledged is lost.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read what they need from the environment themselves"
)]

mod common;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use common::http::Answer;
use common::{Client, House, On, Server, figures, psql};

/// Said to the test's own second process, which has a mount table of its own.
const INSIDE: &str = "QIAO_TEST_INSIDE";
/// How long the server may need to find its way back.
const RECOVERY: Duration = Duration::from_secs(20);

/// Acknowledged: number, amount, answer.
type Kept = Vec<(String, i64, Vec<u8>)>;

/// Sends one notice on a connection of its own.
fn send(server: &Server, secret: &str, trade_no: &str, amount_fen: i64) -> Answer {
    server
        .client()
        .notice(secret, trade_no, amount_fen)
        .unwrap_or_else(|e| panic!("no answer: {e}\n{}", server.log()))
}

/// A refusal that a payment channel understands: send it again.
#[track_caller]
fn says_come_again(answer: &Answer) {
    answer.is_problem(503, "unavailable");
    assert!(
        answer
            .header("retry-after")
            .is_some_and(|s| s.parse::<u32>().is_ok_and(|s| s > 0)),
        "{answer:?}"
    );
}

/// Sends until it is taken again.
fn recovers(server: &Server, secret: &str, trade_no: &str, kept: &mut Kept) {
    let begin = Instant::now();
    loop {
        let answer = send(server, secret, trade_no, 77);
        if answer.status == 200 {
            kept.push((trade_no.to_owned(), 77, answer.body));
            return;
        }
        says_come_again(&answer);
        assert!(begin.elapsed() < RECOVERY, "it does not recover: {}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Every acknowledged gift is answered as before, and the books hold.
fn nothing_is_lost(house: &House, server: &Server, secret: &str, kept: &Kept) {
    let gifts = figures(&house.totals()).0;
    let mut client = server.client();
    for (trade_no, amount_fen, body) in kept {
        let again = client.notice(secret, trade_no, *amount_fen).expect("an answer");
        assert_eq!((again.status, &again.body), (200, body), "{trade_no}: {}", again.text());
    }
    assert_eq!(figures(&house.totals()).0, gifts, "a repeat added a gift");
    assert!(gifts >= kept.len() as i64);
    house.reactions_recover(RECOVERY);
    house.is_sound();
}

/// Runs this test once more in a process with mounts of its own, which end with it; true inside.
fn inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    let flags = if root { "-m" } else { "-rm" };
    let own = std::env::current_exe().expect("this test's program");
    let out = Command::new("unshare")
        .arg(flags)
        .arg(own)
        .args([test, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("this test needs `unshare` (Debian: util-linux) to mount a small disk of its own");
    // Done, and not by having found no test of this name.
    let passed = out.status.success() && String::from_utf8_lossy(&out.stdout).contains("1 passed");
    assert!(
        passed,
        "in a mount namespace of its own (it needs root, or user namespaces: sysctl kernel.unprivileged_userns_clone=1):\n{}\n{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    false
}

fn mount(place: &Path, bytes: u64) {
    std::fs::create_dir_all(place).expect("a folder");
    let done = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
        .arg(place)
        .status()
        .expect("mount runs");
    assert!(
        done.success(),
        "a tmpfs must be mountable here: run as root, or allow user namespaces"
    );
}

/// Fills the disk but for about this much.
fn fill(path: &Path, leave: usize) {
    let mut file = std::fs::File::create(path).expect("a file");
    while file.write_all(&[7; 64 * 1024]).is_ok() {}
    let length = file.metadata().expect("its length").len();
    file.set_len(length.saturating_sub(leave as u64)).expect("it shrinks");
}

#[test]
fn full_disk_refuses_and_loses_nothing_acknowledged() {
    if !inside("full_disk_refuses_and_loses_nothing_acknowledged") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let disk = folder.path().join("disk");
    mount(&disk, 64 << 20);
    let house = House::at(disk.join("data"));
    let secret = house.word("notice_secret");
    let server = house.serve();
    let mut kept: Kept = Vec::new();
    recovers(&server, secret, "before", &mut kept);
    fill(&disk.join("filler"), 1 << 20);
    let mut client = server.client();
    let mut refused = 0;
    for number in 0..50_000 {
        let trade_no = format!("D{number:06}");
        let answer = client
            .notice(secret, &trade_no, 100)
            .unwrap_or_else(|e| panic!("{e}: {}", server.log()));
        if answer.status == 200 {
            kept.push((trade_no, 100, answer.body));
            continue;
        }
        says_come_again(&answer);
        refused += 1;
        if refused == 20 {
            break;
        }
    }
    assert_eq!(refused, 20, "the disk never filled: {} gifts", kept.len());
    assert!(kept.len() > 20, "a megabyte takes more than {} gifts", kept.len());
    // What can be read is still read.
    assert_eq!(client.get("/health").expect("an answer").status, 200);
    assert_eq!(client.get("/").expect("an answer").status, 200);
    std::fs::remove_file(disk.join("filler")).expect("room again");
    recovers(&server, secret, "after", &mut kept);
    nothing_is_lost(&house, &server, secret, &kept);
    // Full once more, and killed while it is full.
    fill(&disk.join("filler"), 0);
    while kept.len() < 100_000 {
        let trade_no = format!("E{:06}", kept.len());
        let answer = send(&server, secret, &trade_no, 100);
        if answer.status != 200 {
            says_come_again(&answer);
            break;
        }
        kept.push((trade_no, 100, answer.body));
    }
    server.kill_9();
    std::fs::remove_file(disk.join("filler")).expect("room again");
    let server = house.serve();
    nothing_is_lost(&house, &server, secret, &kept);
    assert_eq!(server.stop(), 0);
}

#[test]
fn lost_postgres_connection_refuses_and_loses_nothing_acknowledged() {
    let house = House::new(On::Postgres);
    let secret = house.word("notice_secret");
    let (base, name) = house.url().rsplit_once('/').expect("a database in the address");
    let admin = format!("{base}/postgres");
    let cut = || {
        psql(
            &admin,
            &format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'"),
        );
    };
    let server = house.serve();
    let mut kept: Kept = Vec::new();
    recovers(&server, secret, "before", &mut kept);
    // Connections cut again and again while gifts come in.
    let (address, over) = (server.address.clone(), std::sync::atomic::AtomicBool::new(false));
    let sent = std::thread::scope(|scope| {
        let (address, over) = (&address, &over);
        let senders: Vec<_> = (0..4)
            .map(|n| scope.spawn(move || send_until(address, secret, n, over)))
            .collect();
        for _ in 0..5 {
            std::thread::sleep(Duration::from_millis(200));
            cut();
        }
        std::thread::sleep(Duration::from_millis(300));
        over.store(true, std::sync::atomic::Ordering::SeqCst);
        senders
            .into_iter()
            .flat_map(|s| s.join().expect("a sender"))
            .collect::<Kept>()
    });
    assert!(sent.len() > 20, "only {} gifts came in between the cuts", sent.len());
    kept.extend(sent);
    recovers(&server, secret, "between", &mut kept);
    // No database at all for a while.
    psql(&admin, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    cut();
    for number in 0..5 {
        says_come_again(&send(&server, secret, &format!("gone-{number}"), 100));
    }
    let ready = server.client().get("/ready").expect("an answer");
    assert_eq!(ready.status, 503, "{}", ready.text());
    assert_eq!(server.client().get("/health").expect("an answer").status, 200);
    psql(&admin, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    recovers(&server, secret, "after", &mut kept);
    nothing_is_lost(&house, &server, secret, &kept);
    assert_eq!(server.stop(), 0);
}

fn send_until(address: &str, secret: &str, sender: u32, over: &std::sync::atomic::AtomicBool) -> Kept {
    let mut kept = Kept::new();
    let mut client = Client::connect(address).expect("a connection");
    for number in 0.. {
        if over.load(std::sync::atomic::Ordering::SeqCst) {
            break;
        }
        let trade_no = format!("P{sender}-{number:06}");
        let answer = client
            .notice(secret, &trade_no, 100)
            .expect("an answer, whatever the database does");
        if answer.status == 200 {
            kept.push((trade_no, 100, answer.body));
        } else {
            says_come_again(&answer);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    kept
}
