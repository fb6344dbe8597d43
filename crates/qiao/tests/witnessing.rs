//! Witnesses as supervisors run them: what they answer, what the log does with it. The same table is held against a
//! witness that nobody here wrote.

mod common;

use std::fs;
use std::time::{Duration, Instant};

use common::http::Answer;
use common::{House, On, Peer, copy_folder};
use proof::tlog::note::Signature;
use proof::tlog::proof::consistency;
use proof::tlog::tile::{TILE_WIDTH, Tile, TileReader};
use proof::tlog::witness::AddCheckpoint;
use proof::tlog::{
    Checkpoint, EMPTY_ROOT, Frontier, Hash, KeyKind, Signer, TlogError, Verifier, cosignature, leaf_hash,
};
use tempfile::TempDir;

const ORIGIN: &str = "log.example/371300";
/// How long the log may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A log of a few leaves, one of which may be rewritten.
struct Leaves(Vec<Hash>);

impl TileReader for &Leaves {
    fn read(&mut self, tile: Tile) -> Result<Vec<Hash>, TlogError> {
        let first = (tile.index * TILE_WIDTH) as usize;
        Ok(self.0[first..first + usize::from(tile.width)].to_vec())
    }
}

fn leaves(rewritten: bool) -> Leaves {
    let mut all: Vec<Hash> = (0..200u16).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    if rewritten {
        all[3] = leaf_hash(b"rewritten");
    }
    Leaves(all)
}

fn signer(seed: u8) -> Signer {
    Signer::new(ORIGIN, KeyKind::Ed25519, &[seed; 32]).expect("a key")
}

fn tree(leaves: &Leaves, size: usize) -> Checkpoint {
    let mut frontier = Frontier::new();
    for leaf in &leaves.0[..size] {
        frontier.push(*leaf);
    }
    Checkpoint::new(ORIGIN, size as u64, frontier.root())
}

fn ask(leaves: &Leaves, old: usize, size: usize) -> AddCheckpoint {
    let known = Leaves(leaves.0[..size].to_vec());
    AddCheckpoint {
        old: old as u64,
        proof: consistency(&mut &known, old as u64, size as u64).unwrap_or_default(),
        checkpoint: tree(leaves, size).sign(&signer(1)).expect("signed"),
    }
}

fn post(peer: &Peer, body: &str) -> Answer {
    let answer = peer.client().send("POST", "/add-checkpoint", &[], body.as_bytes());
    answer.expect("an answer")
}

/// One request of the table.
struct Case {
    what: &'static str,
    body: String,
    status: u16,
}

/// The table: what a witness must answer, in this order, from its first request on.
fn table() -> Vec<Case> {
    let (log, other) = (leaves(false), leaves(true));
    let case = |what, body: &AddCheckpoint, status| Case {
        what,
        body: body.to_text(),
        status,
    };
    let mut unknown = ask(&log, 0, 5);
    let stranger = Signer::new("log.example/other", KeyKind::Ed25519, &[1; 32]).expect("a key");
    unknown.checkpoint = Checkpoint::new("log.example/other", 5, tree(&log, 5).root)
        .sign(&stranger)
        .expect("signed");
    let mut forged = ask(&log, 0, 5);
    forged.checkpoint = tree(&log, 5).sign(&signer(9)).expect("signed");
    let mut broken = ask(&log, 0, 5);
    broken.checkpoint.signatures[0].bytes[3] ^= 1;
    let mut early = ask(&log, 0, 5);
    early.proof.push(EMPTY_ROOT);
    let mut hollow = ask(&log, 0, 0);
    hollow.checkpoint = Checkpoint::new(ORIGIN, 0, tree(&log, 5).root)
        .sign(&signer(1))
        .expect("signed");
    let mut cut = ask(&log, 70, 90);
    cut.proof.pop();
    vec![
        Case {
            what: "no request at all",
            body: "old\n".into(),
            status: 400,
        },
        case("an old size above the new one", &ask(&log, 9, 5), 400),
        case("a log that is not watched", &unknown, 404),
        case("another key of the same name", &forged, 403),
        case("a wrong signature of the known key", &broken, 403),
        case("a proof from nothing with hashes", &early, 422),
        case("a tree of nothing with a root of something", &hollow, 422),
        case("the first tree", &ask(&log, 0, 70), 200),
        case("an old size that is not the last", &ask(&log, 0, 90), 409),
        case("the same tree again", &ask(&log, 70, 70), 200),
        case("a proof cut short", &cut, 422),
        case("a rewritten log", &ask(&other, 70, 90), 422),
        case("another root of the same size", &ask(&other, 70, 70), 422),
        case("the log goes on", &ask(&log, 70, 90), 200),
        case("back to a smaller tree", &ask(&log, 70, 80), 409),
    ]
}

fn conforms(peer: &Peer) {
    let key = Verifier::from_text(&peer.vkey).expect("a key");
    assert_eq!(key.kind(), KeyKind::Cosignature);
    for Case { what, body, status } in table() {
        let answer = post(peer, &body);
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        if status == 409 {
            assert_eq!(answer.header("content-type"), Some("text/x.tlog.size"), "{what}");
            let size = if what.starts_with("back") { "90\n" } else { "70\n" };
            assert_eq!(answer.text(), size, "{what}");
        }
        if status == 200 {
            let mut note = AddCheckpoint::parse(body.as_bytes()).expect("ours").checkpoint;
            let lines = answer.text();
            note.signatures = lines
                .lines()
                .map(|l| Signature::from_line(l).expect("a line"))
                .collect();
            cosignature::check(&note, &key).unwrap_or_else(|e| panic!("{what}: {e}"));
        }
    }
    let path = format!("/{}/checkpoint", proof::witness::actions::origin_path(ORIGIN));
    let shown = peer.client().get(&path).expect("an answer");
    let (seen, note) = Checkpoint::open(&shown.body, signer(1).verifier()).expect("the log’s own");
    assert_eq!(seen.size, 90);
    cosignature::check(&note, &key).expect("with its cosignature");
}

/// Two who race with different trees of one log: one tree is cosigned.
fn one_of_two_wins(peer: &Peer) {
    let bodies = [ask(&leaves(false), 90, 120), ask(&leaves(false), 90, 130)].map(|ask| ask.to_text());
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..12)
            .map(|n| {
                let body = &bodies[n % 2];
                scope.spawn(move || post(peer, body).status)
            })
            .collect();
        running.into_iter().map(|one| one.join().expect("it ran")).collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 409)),
        "{statuses:?}"
    );
}

#[test]
fn our_witness_answers_as_the_description_says_and_remembers_over_kill_9() {
    let folder = TempDir::new().expect("a folder");
    let vkey = signer(1).verifier().to_text();
    let peer = Peer::ours(folder.path(), &vkey);
    conforms(&peer);
    one_of_two_wins(&peer);
    let known = peer.vkey.clone();
    peer.kill_9();
    let peer = Peer::ours(folder.path(), &vkey);
    assert_eq!(peer.vkey, known, "the same witness");
    let log = leaves(false);
    assert_eq!(
        post(&peer, &ask(&log, 90, 140).to_text()).status,
        409,
        "it remembers the race"
    );
    // Killed anywhere between persist and answer: what was answered before is known, and nothing smaller is cosigned.
    let mut last = post(&peer, &ask(&log, 0, 140).to_text())
        .text()
        .trim()
        .parse::<usize>()
        .expect("a size");
    let mut peer = Some(peer);
    for round in 0..6usize {
        let running = peer.take().expect("a witness");
        let body = ask(&log, last, last + 5).to_text();
        let address = running.address.clone();
        let asking = std::thread::spawn(move || {
            let mut client = common::Client::connect(&address).ok()?;
            Some(
                client
                    .send("POST", "/add-checkpoint", &[], body.as_bytes())
                    .ok()?
                    .status,
            )
        });
        std::thread::sleep(Duration::from_micros(200 * (round as u64 * round as u64)));
        running.kill_9();
        let answered = asking.join().expect("it ran") == Some(200);
        let again = Peer::ours(folder.path(), &vkey);
        let stands = post(&again, &ask(&log, 0, last + 5).to_text());
        let stands: usize = stands.text().trim().parse().expect("a size");
        assert!(
            stands == last + 5 || (stands == last && !answered),
            "{stands} after {last}, answered {answered}"
        );
        last = stands;
        peer = Some(again);
    }
    // Cut exactly between persist and answer: it says nothing, and remembers the tree.
    drop(peer);
    let cut = Peer::ending_after_persist(folder.path(), &vkey);
    let body = ask(&log, last, last + 5).to_text();
    let answer = cut.client().send("POST", "/add-checkpoint", &[], body.as_bytes());
    assert!(answer.is_err(), "nothing is answered");
    cut.kill_9();
    let again = Peer::ours(folder.path(), &vkey);
    let stands = post(&again, &ask(&log, 0, last + 5).to_text());
    assert_eq!((stands.status, stands.text()), (409, format!("{}\n", last + 5)));
    assert_eq!(
        post(&again, &ask(&log, last + 5, last + 5).to_text()).status,
        200,
        "asked again, it answers"
    );
}

#[test]
fn the_same_table_holds_for_a_witness_that_nobody_here_wrote() {
    let folder = TempDir::new().expect("a folder");
    let vkey = signer(1).verifier().to_text();
    let Some(peer) = Peer::theirs(&folder.path().join("state"), &vkey) else {
        return;
    };
    conforms(&peer);
    one_of_two_wins(&peer);
    // Killed while it answers: what it answered before it remembers.
    let log = leaves(false);
    let size = |peer: &Peer| {
        let stands = post(peer, &ask(&log, 0, 150).to_text());
        stands.text().trim().parse::<usize>().expect("a size")
    };
    let last = size(&peer);
    assert!(matches!(last, 120 | 130), "{last}");
    let body = ask(&log, last, last + 5).to_text();
    let address = peer.address.clone();
    let asking = std::thread::spawn(move || {
        let mut client = common::Client::connect(&address).ok()?;
        let answer = client.send("POST", "/add-checkpoint", &[], body.as_bytes()).ok()?;
        Some(answer.status)
    });
    std::thread::sleep(Duration::from_millis(5));
    peer.kill_9();
    let answered = asking.join().expect("it ran") == Some(200);
    let again = Peer::theirs_again(&folder.path().join("state")).expect("it is installed");
    let stands = size(&again);
    assert!(
        stands == last + 5 || (stands == last && !answered),
        "{stands} after {last}, answered {answered}"
    );
}

fn published(house: &House) -> String {
    fs::read_to_string(house.data().join("log/checkpoint")).unwrap_or_default()
}

#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

both!(
    with_witnesses_the_log_waits_for_them_and_proofs_carry_their_word,
    |on| {
        let house = House::new(on);
        let vkey = house.word("log_vkey").to_owned();
        let (ours_at, theirs_at) = (house.path("ours"), house.path("theirs"));
        let ours = Peer::ours(&ours_at, &vkey);
        let theirs = Peer::theirs(&theirs_at, &vkey);
        let mut policy = format!("log {vkey}\nwitness ours {} http://{}\n", ours.vkey, ours.address);
        let mut needed = "ours".to_owned();
        if let Some(theirs) = &theirs {
            policy += &format!("witness theirs {} http://{}\n", theirs.vkey, theirs.address);
            policy += "group both all ours theirs\n";
            needed = "both".into();
        }
        policy += &format!("quorum {needed}\n");
        house.file("policy", &policy);
        let strange = house.file("strange", policy.replace(&vkey, &signer(7).verifier().to_text()));
        assert_eq!(
            house.run(&["log", "policy", "--set", &strange]).code,
            1,
            "another log’s policy"
        );
        house.run(&["log", "policy", "--set", "policy", "--json"]).ok();
        let server = house.serve();
        let give = |from: usize, count: usize| {
            for n in from..from + count {
                let answer = server
                    .client()
                    .notice(house.word("notice_secret"), &format!("W{n}"), 500);
                assert_eq!(answer.expect("an answer").status, 200);
            }
        };
        give(0, 6);
        until("six are published", || published(&house).lines().nth(1) == Some("6"));
        let told = server.client().get("/log/policy").expect("an answer");
        assert_eq!(told.text(), policy, "everybody can pin it");
        let checked = house
            .run(&["verify", "log", "data/log", "--policy", "policy", "--json"])
            .ok();
        assert_eq!(
            checked["witnesses"].as_array().map(Vec::len),
            Some(1 + usize::from(theirs.is_some()))
        );
        // The witness goes away: gifts are taken, nothing new is published.
        ours.kill_9();
        let before = published(&house);
        give(6, 4);
        std::thread::sleep(Duration::from_secs(3));
        assert_eq!(published(&house), before, "fail closed");
        let server_log = server.log();
        assert!(server_log.contains("witnesses"), "{server_log}");
        assert_eq!(server.stop(), 0);
        // It is moved to another address; the policy says where.
        let ours = Peer::ours(&ours_at, &vkey);
        let moved = policy
            .lines()
            .map(|line| {
                if line.starts_with("witness ours ") {
                    format!("witness ours {} http://{}\n", ours.vkey, ours.address)
                } else {
                    format!("{line}\n")
                }
            })
            .collect::<String>();
        house.file("policy", &moved);
        house.run(&["log", "policy", "--set", "policy", "--json"]).ok();
        let server = house.serve();
        until("ten are published", || published(&house).lines().nth(1) == Some("10"));
        assert_eq!(server.stop(), 0);
        let status = house.run(&["log", "status", "--json"]).ok();
        assert_eq!(
            (&status["log"]["published"], &status["log"]["stopped"]),
            (&10.into(), &serde_json::Value::Null)
        );
    }
);

#[test]
fn a_restored_machine_signs_nothing_because_its_witness_knows_more() {
    let house = House::new(On::Sqlite);
    let vkey = house.word("log_vkey").to_owned();
    let witness = Peer::ours(&house.path("ours"), &vkey);
    let policy = format!(
        "log {vkey}\nwitness ours {} http://{}\nquorum ours\n",
        witness.vkey, witness.address
    );
    house.file("policy", policy);
    house.run(&["log", "policy", "--set", "policy", "--json"]).ok();
    let give = |server: &common::Server, from: usize| {
        for n in from..from + 6 {
            let answer = server
                .client()
                .notice(house.word("notice_secret"), &format!("R{n}"), 500);
            assert_eq!(answer.expect("an answer").status, 200);
        }
    };
    let server = house.serve();
    give(&server, 0);
    until("six", || published(&house).lines().nth(1) == Some("6"));
    assert_eq!(server.stop(), 0);
    let copy = house.path("yesterday");
    copy_folder(house.data(), &copy);
    let server = house.serve();
    give(&server, 6);
    until("twelve", || published(&house).lines().nth(1) == Some("12"));
    assert_eq!(server.stop(), 0);
    fs::remove_dir_all(house.data()).expect("the machine is lost");
    copy_folder(&copy, house.data());
    let server = house.serve();
    give(&server, 12);
    until("it says why", || server.log().contains("larger or another tree"));
    assert_eq!(published(&house).lines().nth(1), Some("6"));
    assert_eq!(server.stop(), 0);
    let doctor = house.run(&["doctor", "--json"]);
    assert_eq!(doctor.code, 1, "{}", doctor.out);
}
