//! With witnesses in the policy: nothing is published without its quorum, nothing is signed when one knows more.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use kernel::Clock;

use super::*;
use crate::witness::{self, Witness, WitnessError};

/// Half an hour: cosignatures are old.
const LATER: i64 = 30 * 60 * 1_000_000;

/// Three witnesses in this process, each of which can be away.
#[derive(Default)]
struct Board {
    members: BTreeMap<String, (Witness, AtomicBool)>,
    asked: AtomicUsize,
}

impl Board {
    fn find(&self, url: &str) -> Option<&Witness> {
        let name = url.strip_prefix("https://")?.split('/').next()?;
        let (witness, is_away) = self.members.get(name)?;
        (!is_away.load(Ordering::SeqCst)).then_some(witness)
    }
    fn away(&self, name: &str, is_away: bool) {
        self.members[name].1.store(is_away, Ordering::SeqCst);
    }
}

/// The same as over HTTP, without it.
fn answered(outcome: Result<String, WitnessError>) -> Answer {
    match outcome {
        Ok(text) => Answer {
            status: 200,
            body: text.into_bytes(),
        },
        Err(WitnessError::Size(size)) => Answer {
            status: 409,
            body: format!("{size}\n").into_bytes(),
        },
        Err(error) => Answer {
            status: error.status(),
            body: error.to_string().into_bytes(),
        },
    }
}

struct Line(Arc<Board>);

impl Wire for Line {
    fn get(&self, url: String) -> Reply<'_> {
        Box::pin(async move {
            let witness = self.0.find(&url).ok_or("away")?;
            let hash = url.split('/').nth(3).unwrap_or_default();
            Ok(answered(witness::actions::latest(witness, hash).await))
        })
    }
    fn post(&self, url: String, body: String) -> Reply<'_> {
        Box::pin(async move {
            self.0.asked.fetch_add(1, Ordering::SeqCst);
            let witness = self.0.find(&url).ok_or("away")?;
            Ok(answered(
                witness::actions::add_checkpoint(witness, body.as_bytes()).await,
            ))
        })
    }
}

/// A log with three witnesses of which two are needed.
struct Watched {
    s: Setting,
    board: Arc<Board>,
    text: String,
    _rooms: Vec<TestDb>,
}

impl Watched {
    async fn new(db: &Db) -> Self {
        let s = Setting::new(db).await;
        let (mut board, mut rooms) = (Board::default(), Vec::new());
        let mut text = format!("log {}\n", signer().verifier().to_text());
        for n in 0..3u8 {
            let name = format!("w{n}");
            let room = TestDb::sqlite(witness::MIGRATIONS).await;
            let key = Signer::new(&format!("{name}.example/1"), KeyKind::Cosignature, &[50 + n; 32]).expect("a key");
            let clock = Arc::clone(&s.world.clock) as Arc<dyn Clock>;
            let one = Witness::new(room.db.clone(), key, clock);
            witness::actions::watch(&one, signer().verifier())
                .await
                .expect("watched");
            text.push_str(&format!(
                "witness {name} {} https://{name}/\n",
                one.verifier().to_text()
            ));
            board.members.insert(name, (one, AtomicBool::new(false)));
            rooms.push(room);
        }
        text.push_str("group board 2 w0 w1 w2\nquorum board\n");
        let mut watched = Self {
            s,
            board: Arc::new(board),
            text,
            _rooms: rooms,
        };
        watched.begin();
        watched
    }

    /// A new process.
    fn begin(&mut self) {
        self.begin_with(Box::new(GoOn));
    }

    /// The same with somebody told at each point of the write path.
    fn begin_with(&mut self, points: Box<dyn Points>) {
        self.s.restart(points);
        let policy = self.policy();
        let (text, wire) = (self.text.clone(), Arc::new(Line(Arc::clone(&self.board))));
        self.s.log.be_witnessed(Witnesses { policy, text, wire });
    }

    fn policy(&self) -> Policy {
        Policy::parse(self.text.as_bytes()).expect("a policy")
    }

    /// The witnesses of what is published; the whole log holds.
    fn cosigners(&self) -> Vec<(String, u64)> {
        let mut folder = self.s.log.files().clone();
        let verified = verify(&mut folder, &self.policy(), &[]).unwrap_or_else(|e| panic!("the log holds: {e}"));
        verified.trusted.witnesses
    }
}

db::both!(
    with_witnesses_nothing_is_published_without_their_quorum,
    &migrations(),
    async |test: TestDb| {
        let mut w = Watched::new(&test.db).await;
        w.s.gifts(7).await;
        assert_eq!(w.s.drain().await.expect("a round"), 7);
        assert_eq!(w.cosigners().len(), 3);
        w.board.away("w1", true);
        w.s.gifts(6).await;
        w.s.drain().await.expect("two are enough");
        assert_eq!(w.cosigners().len(), 2);
        w.board.away("w2", true);
        w.s.gifts(5).await;
        let stopped = w.s.drain().await;
        assert!(matches!(stopped, Err(LogError::Unwitnessed(_))), "{stopped:?}");
        let status = w.s.log.status();
        assert_eq!((status.size, status.published), (18, 13), "signed, and not shown");
        assert!(status.stopped.is_some_and(|why| why.contains("w1: away")));
        // The one that was away meanwhile comes back and says itself what it saw last.
        w.board.away("w1", false);
        w.s.drain().await.expect("published");
        assert_eq!((w.s.log.status().published, w.cosigners().len()), (18, 2));
        w.board.away("w2", false);
        w.s.world.at(w.s.world.clock_plus(LATER));
        let before = w.cosigners();
        w.s.drain().await.expect("a heartbeat");
        let after = w.cosigners();
        assert_eq!(after.len(), 3);
        assert!(
            after[0].1 > before[0].1,
            "an unchanged tree is cosigned anew when that is old"
        );
        let asked = w.board.asked.load(Ordering::SeqCst);
        for _ in 0..5 {
            w.s.drain().await.expect("a round");
        }
        assert_eq!(w.board.asked.load(Ordering::SeqCst), asked, "but not all the time");
        w.s.world.stop();
    }
);

db::both!(
    a_proof_carries_its_witnesses_and_holds_under_their_policy_alone,
    &migrations(),
    async |test: TestDb| {
        let mut w = Watched::new(&test.db).await;
        let gifts = w.s.gifts(6).await;
        w.s.drain().await.expect("logged");
        let proof = w.s.log.proof(w.s.world.services(), gifts[1]).await.expect("a proof");
        let shown = certificate::verify(proof.to_text().as_bytes(), &w.policy()).expect("it holds");
        assert_eq!(shown.witnesses, ["w0", "w1", "w2"]);
        let mut alone = proof.clone();
        alone.checkpoint.signatures.truncate(2);
        assert!(
            certificate::verify(alone.to_text().as_bytes(), &w.policy()).is_err(),
            "one of two"
        );
        assert!(
            certificate::verify(alone.to_text().as_bytes(), &w.s.policy()).is_ok(),
            "who asks for none"
        );
        w.s.world.stop();
    }
);

db::both!(
    an_old_copy_of_database_and_files_signs_nothing_because_witnesses_know_more,
    &migrations(),
    async |test: TestDb| {
        let mut w = Watched::new(&test.db).await;
        w.s.gifts(20).await;
        w.s.drain().await.expect("logged");
        let old = w.s.log.files().read(CHECKPOINT).expect("read").expect("published");
        let tables = ["log_head", "log_checkpoint", "log_leaf", "log_known", "log_crowd"];
        for table in tables {
            restored::run(&w.s, &format!("CREATE TABLE old_{table} AS SELECT * FROM {table}")).await;
        }
        w.s.gifts(9).await;
        w.s.drain().await.expect("logged");
        // The whole machine is put back to yesterday: database, files, all.
        for table in tables {
            restored::run(&w.s, &format!("DELETE FROM {table}")).await;
            restored::run(&w.s, &format!("INSERT INTO {table} SELECT * FROM old_{table}")).await;
        }
        w.s.log.files().replace(CHECKPOINT, &old, &GoOn).expect("put back");
        w.begin();
        let refused = w.s.drain().await;
        assert!(
            matches!(&refused, Err(LogError::Behind(why)) if why.contains("29")),
            "{refused:?}"
        );
        let mut at = test.db.snapshot().await.expect("a snapshot");
        let head = store::head(&mut at).await.expect("read").expect("a head");
        assert_eq!(head.size, 20, "nothing was signed");
        drop(at);
        // Nor when too few can be asked.
        w.board.away("w0", true);
        w.board.away("w1", true);
        w.board.away("w2", true);
        w.begin();
        assert!(matches!(w.s.drain().await, Err(LogError::Unwitnessed(_))));
        w.s.world.stop();
    }
);

async fn lose_database(s: &Setting) {
    for table in [
        "log_head",
        "log_checkpoint",
        "log_leaf",
        "log_node",
        "log_known",
        "log_crowd",
    ] {
        restored::run(s, &format!("DELETE FROM {table}")).await;
    }
}

db::both!(
    what_was_cosigned_and_not_published_is_recovered_from_the_witnesses_word,
    &migrations(),
    async |test: TestDb| {
        let mut w = Watched::new(&test.db).await;
        w.s.gifts(20).await;
        w.s.drain().await.expect("logged");
        w.s.look();
        // One witness stays behind at twenty; the process ends when the others have cosigned, before it is published.
        w.board.away("w2", true);
        w.begin_with(crash::EndAt::boxed(Point::BeforeCheckpoint, 1));
        w.s.gifts(9).await;
        assert!(matches!(w.s.drain().await, Err(LogError::Ended(_))));
        w.board.away("w2", false);
        lose_database(&w.s).await;
        w.begin();
        assert!(matches!(w.s.drain().await, Err(LogError::Behind(_))));
        // Entries that are gone cannot be read back: what is published can, and still nothing is signed over the witnesses.
        let bundle = "tile/entries/000.p/29";
        let kept = w.s.log.files().read(bundle).expect("read").expect("durable");
        w.s.log.files().replace(bundle, b"gone", &GoOn).expect("replaced");
        let recovered = w.s.log.recover(w.s.world.services()).await.expect("read back");
        assert_eq!((recovered.had, recovered.has), (0, 20));
        assert!(matches!(w.s.drain().await, Err(LogError::Behind(_))));
        w.s.log.files().replace(bundle, &kept, &GoOn).expect("put back");
        lose_database(&w.s).await;
        let recovered = w.s.log.recover(w.s.world.services()).await.expect("read back");
        assert_eq!((recovered.had, recovered.has), (0, 29));
        assert_eq!(w.s.drain().await.expect("published"), 0, "nothing is logged twice");
        assert_eq!(w.s.log.status().published, 29);
        assert_eq!(w.cosigners().len(), 3);
        w.s.gifts(5).await;
        assert_eq!(w.s.drain().await.expect("goes on"), 5);
        assert_eq!(w.s.verified().trusted.checkpoint.size, 34);
        w.s.world.stop();
    }
);
