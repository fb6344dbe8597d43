//! What a witness answers, in the order of the description, and what it remembers.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use db::testing::TestDb;
use kernel::{Clock, FixedClock, Instant};
use tower::ServiceExt as _;

use super::*;
use crate::tlog::proof::consistency;
use crate::tlog::tile::{TILE_WIDTH, Tile, TileReader};
use crate::tlog::witness::AddCheckpoint;
use crate::tlog::{Checkpoint, EMPTY_ROOT, Frontier, Hash, KeyKind, SignedNote, TlogError, cosignature, leaf_hash};

const ORIGIN: &str = "log.example/371300";

/// A log of some leaves, and what it says of its first ones.
struct TestLog {
    signer: Signer,
    leaves: Vec<Hash>,
}

impl TileReader for &TestLog {
    fn read(&mut self, tile: Tile) -> Result<Vec<Hash>, TlogError> {
        assert_eq!(tile.level, 0, "a small tree");
        let first = (tile.index * TILE_WIDTH) as usize;
        Ok(self.leaves[first..first + usize::from(tile.width)].to_vec())
    }
}

impl TestLog {
    fn new() -> Self {
        Self {
            signer: Signer::new(ORIGIN, KeyKind::Ed25519, &[1; 32]).expect("a key"),
            leaves: (0..200u16).map(|n| leaf_hash(&n.to_be_bytes())).collect(),
        }
    }
    fn tree(&self, size: u64) -> Checkpoint {
        let mut frontier = Frontier::new();
        for leaf in &self.leaves[..size as usize] {
            frontier.push(*leaf);
        }
        Checkpoint::new(ORIGIN, size, frontier.root())
    }
    fn note(&self, size: u64) -> SignedNote {
        self.tree(size).sign(&self.signer).expect("signed")
    }
    fn ask(&self, old: u64, size: u64) -> AddCheckpoint {
        let mut reader = &Self {
            signer: Signer::new(ORIGIN, KeyKind::Ed25519, &[1; 32]).expect("a key"),
            leaves: self.leaves[..size as usize].to_vec(),
        };
        AddCheckpoint {
            old,
            proof: consistency(&mut reader, old, size).unwrap_or_default(),
            checkpoint: self.note(size),
        }
    }
}

struct Desk {
    test: TestDb,
    clock: Arc<FixedClock>,
    log: TestLog,
    witness: Witness,
}

fn witness(test: &TestDb, clock: &Arc<FixedClock>) -> Witness {
    let signer = Signer::new("w.example/1", KeyKind::Cosignature, &[2; 32]).expect("a key");
    Witness::new(test.db.clone(), signer, Arc::clone(clock) as Arc<dyn Clock>)
}

impl Desk {
    async fn new() -> Self {
        let test = TestDb::sqlite(MIGRATIONS).await;
        let clock = Arc::new(FixedClock::at(Instant::from_micros(1_700_000_000_000_000)));
        let witness = witness(&test, &clock);
        let log = TestLog::new();
        actions::watch(&witness, log.signer.verifier()).await.expect("watched");
        Self {
            test,
            clock,
            log,
            witness,
        }
    }
    async fn post(&self, body: String) -> (StatusCode, String, String) {
        let request = Request::post("/add-checkpoint")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }
    async fn get(&self, path: &str) -> (StatusCode, String, String) {
        self.send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    }
    async fn send(&self, request: Request<Body>) -> (StatusCode, String, String) {
        let answer = http::routes(self.witness.clone())
            .oneshot(request)
            .await
            .expect("an answer");
        let media = answer.headers()["content-type"].to_str().expect("a type").to_owned();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 100_000).await.expect("a body");
        (status, media, String::from_utf8(body.to_vec()).expect("UTF-8"))
    }
    async fn status(&self, ask: &AddCheckpoint) -> u16 {
        self.post(ask.to_text()).await.0.as_u16()
    }
}

#[tokio::test]
async fn requests_are_answered_as_the_description_says() {
    let desk = Desk::new().await;
    let log = &desk.log;
    let path = format!("/{}/checkpoint", actions::origin_path(ORIGIN));
    assert_eq!(desk.get(&path).await.0, 404, "nothing was cosigned yet");
    assert_eq!(desk.post("old\n".into()).await.0, 400);
    assert_eq!(
        desk.status(&log.ask(9, 5)).await,
        400,
        "the old size is above the new one"
    );
    let mut unknown = log.ask(0, 5);
    unknown.checkpoint = Checkpoint::new("log.example/other", 5, log.tree(5).root)
        .sign(&Signer::new("log.example/other", KeyKind::Ed25519, &[1; 32]).expect("a key"))
        .expect("signed");
    assert_eq!(desk.status(&unknown).await, 404);
    let mut forged = log.ask(0, 5);
    forged.checkpoint = log
        .tree(5)
        .sign(&Signer::new(ORIGIN, KeyKind::Ed25519, &[9; 32]).expect("a key"))
        .expect("signed");
    assert_eq!(desk.status(&forged).await, 403, "another key of the same name");
    let mut broken = log.ask(0, 5);
    broken.checkpoint.signatures[0].bytes[3] ^= 1;
    assert_eq!(desk.status(&broken).await, 403, "a wrong signature of the known key");
    let mut early = log.ask(0, 5);
    early.proof.push(EMPTY_ROOT);
    assert_eq!(desk.status(&early).await, 422, "a proof from nothing has no hashes");
    let odd = Checkpoint::new(ORIGIN, 0, Hash([7; 32]))
        .sign(&log.signer)
        .expect("signed");
    let empty = AddCheckpoint {
        old: 0,
        proof: vec![],
        checkpoint: odd,
    };
    assert_eq!(desk.status(&empty).await, 422, "an empty tree with a root of its own");

    let (status, _, lines) = desk.post(log.ask(0, 70).to_text()).await;
    assert_eq!(status, 200);
    let mut note = log.note(70);
    note.signatures = vec![crate::tlog::note::Signature::from_line(lines.trim_end()).expect("a line")];
    assert_eq!(cosignature::check(&note, desk.witness.verifier()), Ok(1_700_000_000));
    let (status, media, body) = desk.post(log.ask(0, 90).to_text()).await;
    assert_eq!(
        (status.as_u16(), media.as_str(), body.as_str()),
        (409, "text/x.tlog.size", "70\n")
    );
    assert_eq!(
        desk.status(&log.ask(70, 70)).await,
        200,
        "the same tree again is the heartbeat"
    );
    let mut cut = log.ask(70, 90);
    cut.proof.pop();
    assert_eq!(desk.status(&cut).await, 422);
    let mut other = TestLog::new();
    other.leaves[3] = leaf_hash(b"rewritten");
    assert_eq!(desk.status(&other.ask(70, 90)).await, 422, "a rewritten log");
    assert_eq!(
        desk.status(&other.ask(70, 70)).await,
        422,
        "another root of the same size"
    );
    assert_eq!(desk.status(&log.ask(70, 90)).await, 200);
    let (status, _, shown) = desk.get(&path).await;
    assert_eq!(status, 200);
    let (tree, signed) = Checkpoint::open(shown.as_bytes(), log.signer.verifier()).expect("the log’s own");
    assert_eq!((tree.size, signed.signatures.len()), (90, 2));
    let (_, _, page) = desk.get("/").await;
    assert!(page.contains("90 条 entries") && page.contains(ORIGIN), "{page}");
    let long = "x".repeat(200_000);
    assert_eq!(desk.post(long).await.0, 413);
}

#[tokio::test]
async fn what_was_answered_is_remembered_over_a_restart_and_an_answer_that_was_lost() {
    let mut desk = Desk::new().await;
    // The answer is lost between persist and send: whoever asks again is told what stands.
    actions::add_checkpoint(&desk.witness, desk.log.ask(0, 50).to_text().as_bytes())
        .await
        .expect("cosigned");
    desk.witness = witness(&desk.test, &desk.clock);
    assert_eq!(desk.status(&desk.log.ask(0, 60)).await, 409);
    assert_eq!(desk.status(&desk.log.ask(50, 60)).await, 200);
    let second = Signer::new(ORIGIN, KeyKind::Ed25519, &[8; 32]).expect("a key");
    let other = actions::watch(&desk.witness, second.verifier()).await;
    assert!(
        matches!(other, Err(WitnessError::OtherKey)),
        "a new key is a matter for people"
    );
    assert_eq!(desk.witness.watched().await.expect("watched").len(), 1);
}

#[tokio::test]
async fn a_key_that_replaces_another_is_taken_beside_it_and_then_alone() {
    let desk = Desk::new().await;
    let first = desk.log.signer.verifier().clone();
    let mut rotated = TestLog::new();
    rotated.signer = Signer::new(ORIGIN, KeyKind::Ed25519, &[8; 32]).expect("a key");
    let second = rotated.signer.verifier().clone();
    assert_eq!(desk.status(&desk.log.ask(0, 50)).await, 200);
    assert_eq!(desk.status(&rotated.ask(50, 60)).await, 403);
    actions::take_also(&desk.witness, &second).await.expect("taken");
    assert_eq!(desk.status(&rotated.ask(50, 60)).await, 200);
    assert_eq!(
        desk.status(&desk.log.ask(60, 70)).await,
        200,
        "the older one still signs"
    );
    actions::take_no_longer(&desk.witness, &first).await.expect("dropped");
    assert_eq!(desk.status(&desk.log.ask(70, 80)).await, 403);
    assert_eq!(
        desk.status(&rotated.ask(70, 80)).await,
        200,
        "it goes on from what was seen"
    );
    assert!(
        actions::take_no_longer(&desk.witness, &second).await.is_err(),
        "the only one stays"
    );
    let stranger = Signer::new("log.example/other", KeyKind::Ed25519, &[8; 32]).expect("a key");
    let unknown = actions::take_also(&desk.witness, stranger.verifier()).await;
    assert!(matches!(unknown, Err(WitnessError::Unknown)));
}

#[tokio::test]
async fn a_clock_that_is_put_back_takes_nothing_back() {
    let desk = Desk::new().await;
    assert_eq!(desk.status(&desk.log.ask(0, 10)).await, 200);
    desk.clock.set(Instant::from_micros(1_600_000_000_000_000));
    assert_eq!(desk.status(&desk.log.ask(10, 20)).await, 200);
    let known = desk.witness.watched().await.expect("watched");
    assert_eq!((known[0].size, known[0].cosigned_seconds), (20, 1_700_000_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_race_with_different_trees_one_is_cosigned() {
    let desk = Desk::new().await;
    assert_eq!(desk.status(&desk.log.ask(0, 40)).await, 200);
    let mut rewritten = TestLog::new();
    rewritten.leaves[45] = leaf_hash(b"rewritten");
    let asks: Vec<String> = (0..10)
        .map(|n| {
            let log = if n % 2 == 0 { &desk.log } else { &rewritten };
            log.ask(40, 60).to_text()
        })
        .collect();
    let mut running = tokio::task::JoinSet::new();
    for (n, ask) in asks.into_iter().enumerate() {
        let witness = desk.witness.clone();
        running.spawn(async move { (n % 2, actions::add_checkpoint(&witness, ask.as_bytes()).await.is_ok()) });
    }
    let mut cosigned = Vec::new();
    while let Some(done) = running.join_next().await {
        let (which, is_cosigned) = done.expect("it ran");
        if is_cosigned {
            cosigned.push(which);
        }
    }
    assert_eq!(cosigned.len(), 1, "one tree, once: the others come with an old size");
}

/// Knows no tree of four, finds one of seven broken, and counts how often it was asked.
#[derive(Default)]
struct Strict(std::sync::atomic::AtomicUsize);

impl Judge for Strict {
    fn judge<'a>(&'a self, tree: &'a Checkpoint) -> Judged<'a> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let verdict = match tree.size {
            4 => Err(Verdict::NotKnown("the entries are not there".into())),
            7 => Err(Verdict::Broken("more goes back than came in".into())),
            _ => Ok(()),
        };
        Box::pin(async move { verdict })
    }
}

#[tokio::test]
async fn a_monitor_cosigns_only_what_its_judge_lets_pass() {
    let mut desk = Desk::new().await;
    let judge = Arc::new(Strict::default());
    desk.witness = desk.witness.clone().judged(judge.clone());
    let asked = || judge.0.load(std::sync::atomic::Ordering::SeqCst);
    let mut forged = desk.log.ask(0, 5);
    forged.checkpoint.signatures[0].bytes[3] ^= 1;
    assert_eq!(desk.status(&forged).await, 403);
    assert_eq!(desk.status(&desk.log.ask(3, 5)).await, 409);
    assert_eq!(asked(), 0, "nobody but the log makes it read");
    assert_eq!(desk.status(&desk.log.ask(0, 4)).await, 503);
    assert_eq!(desk.status(&desk.log.ask(0, 5)).await, 200);
    let (status, _, words) = desk.post(desk.log.ask(5, 7).to_text()).await;
    assert_eq!(status.as_u16(), 422);
    assert!(words.contains("more goes back than came in"), "{words}");
    assert_eq!(
        desk.status(&desk.log.ask(5, 9)).await,
        200,
        "what was refused was not remembered"
    );
    assert_eq!(asked(), 4);
}
