//! The write path on both databases: what is published, what survives, what is refused.

mod crash;
mod followed;
mod kinds;
mod notices;
mod privacy;
mod restored;
mod rotated;
mod second;
mod stated;
mod stored;
mod trails;
mod witnessed;

use db::testing::TestDb;
use db::{Db, Migration};
use giving::donations::Outcome;
use giving::projects::Project;
use giving::testing::{World, world};
use kernel::GiftId;
use tempfile::TempDir;

use super::folder::CHECKPOINT;
use super::points::{GoOn, Point, Points};
use super::verify::{Verified, verify};
use super::*;
use crate::tlog::{Checkpoint, Hash, KeyKind, Policy, Signer};

pub const ORIGIN: &str = "log.example/371300";

/// Both lists in one database: the tests look at both.
pub fn migrations() -> Vec<Migration> {
    [&crate::all_migrations()[..], MIGRATIONS].concat()
}

pub fn signer() -> Signer {
    Signer::new(ORIGIN, KeyKind::Ed25519, &[42; 32]).expect("a key")
}

/// A society whose gifts are logged, and somebody outside who keeps every checkpoint she sees.
pub struct Setting {
    pub world: World,
    pub db: Db,
    pub folder: TempDir,
    pub log: Log,
    place: Published,
    seen: Vec<(u64, Hash)>,
    gifts: usize,
}

impl Setting {
    pub async fn new(db: &Db) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Folder::at(folder.path().join("log")).into();
        Self::in_place(db, folder, place).await
    }

    /// The same, published somewhere else than in its folder.
    pub async fn in_place(db: &Db, folder: TempDir, place: Published) -> Self {
        let log = Log::new(db.clone(), place.clone(), signer());
        Self {
            world: world(db.clone()).await,
            db: db.clone(),
            folder,
            log,
            place,
            seen: Vec::new(),
            gifts: 0,
        }
    }

    /// The program after its end: nothing is remembered.
    pub fn restart(&mut self, points: Box<dyn Points>) {
        self.log = Log::with(self.db.clone(), self.place.clone(), signer(), CROWD_MIN, points);
    }

    pub async fn gift(&mut self, project: &Project, fen: i64) -> GiftId {
        self.gifts += 1;
        let mut incoming = self.world.incoming(project, &format!("T{:06}", self.gifts), fen);
        // Everybody gives once, and has a telephone of her own.
        incoming.payer.phone = Some(format!("1380000{:04}", self.gifts % 10_000));
        match self.world.submit(incoming).await {
            Outcome::Recorded(gift) => gift,
            other => panic!("a new gift: {other:?}"),
        }
    }

    pub async fn gifts(&mut self, count: usize) -> Vec<GiftId> {
        let project = self.world.restricted.clone();
        let mut all = Vec::new();
        for n in 0..count {
            all.push(self.gift(&project, 100 + n as i64).await);
        }
        self.placed().await;
        all
    }

    /// On PostgreSQL facts are read once they have their place.
    pub async fn placed(&self) {
        for _ in 0..200 {
            while platform::facts::sequencer::round(&self.db).await.expect("placed") > 0 {}
            let mut at = self.db.snapshot().await.expect("a snapshot");
            if platform::facts::unplaced(&mut at).await.expect("counted") == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("facts without a place");
    }

    pub async fn drain(&self) -> Result<usize, LogError> {
        self.log.drain(self.world.services()).await
    }

    pub fn policy(&self) -> Policy {
        Policy::of_log(signer().verifier().clone())
    }

    /// What the outside sees now, kept for ever.
    pub fn look(&mut self) -> Option<Checkpoint> {
        let bytes = self.log.files().read(CHECKPOINT).expect("readable")?;
        let (checkpoint, _) = Checkpoint::open(&bytes, signer().verifier()).expect("a signed checkpoint");
        let seen = (checkpoint.size, checkpoint.root);
        if !self.seen.contains(&seen) {
            self.seen.push(seen);
        }
        Some(checkpoint)
    }

    /// The whole log holds, and is a continuation of everything that was ever seen.
    pub fn verified(&mut self) -> Verified {
        self.look();
        let policy = self.policy();
        let mut folder = self.log.files().clone();
        verify(&mut folder, &policy, &self.seen).unwrap_or_else(|e| panic!("the log holds: {e}"))
    }
}

db::both!(
    gifts_become_entries_once_and_the_log_verifies,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        assert_eq!(s.drain().await.expect("a round"), 0);
        assert_eq!(s.look().expect("an empty tree is published").size, 0);
        let gifts = s.gifts(7).await;
        assert_eq!(s.drain().await.expect("a round"), 7);
        assert_eq!(s.drain().await.expect("a round"), 0, "nothing is logged twice");
        s.gifts(300).await;
        assert_eq!(s.drain().await.expect("a round"), 300);
        let verified = s.verified();
        assert_eq!(verified.trusted.checkpoint.size, 307);
        assert_eq!((verified.kinds["donation.received"], verified.earlier), (307, 2));
        let status = s.log.status();
        assert_eq!(
            (status.size, status.published, status.held, status.lag, status.stopped),
            (307, 307, 0, 0, None)
        );
        let proof = s
            .log
            .proof(s.world.services(), gifts[3])
            .await
            .expect("a proof")
            .to_text();
        let shown = certificate::verify(proof.as_bytes(), &s.policy()).expect("it holds");
        assert_eq!(
            (shown.amount_fen.get(), shown.donor.as_deref(), shown.in_bundle),
            (103, Some("测试甲"), false)
        );
        s.world.stop();
    }
);

db::both!(
    how_long_the_oldest_waits_is_known_until_it_is_published,
    &migrations(),
    async |test: TestDb| {
        const SOON: i64 = 90 * 1_000_000;
        let mut s = Setting::new(&test.db).await;
        s.drain().await.expect("the first tree");
        s.gifts(6).await;
        s.world.at(s.world.clock_plus(SOON));
        let (wrong, status) = s.log.examine(s.world.services()).await;
        assert!(
            wrong.is_none() && (90..100).contains(&status.oldest_seconds),
            "{status:?}"
        );
        // Signed and not published it waits on.
        s.restart(crash::EndAt::boxed(Point::BeforeCheckpoint, 1));
        assert!(matches!(s.drain().await, Err(LogError::Ended(_))));
        s.world.at(s.world.clock_plus(SOON));
        let (_, status) = s.log.examine(s.world.services()).await;
        assert!(
            status.lag == 0 && (90..100).contains(&status.oldest_seconds),
            "{status:?}"
        );
        s.restart(Box::new(GoOn));
        s.drain().await.expect("a round");
        assert_eq!(s.log.status().oldest_seconds, 0);
        s.world.stop();
    }
);

db::both!(
    partial_tiles_that_an_earlier_process_left_go_an_hour_later,
    &migrations(),
    async |test: TestDb| {
        const TWO_HOURS: i64 = 2 * 60 * 60 * 1_000_000;
        let mut s = Setting::new(&test.db).await;
        for count in [7, 300] {
            s.gifts(count).await;
            s.drain().await.expect("a round");
        }
        let left = |s: &Setting| {
            let mut left = s.log.files().with_partials().expect("read");
            left.sort();
            left
        };
        assert_eq!(left(&s), ["tile/0/000", "tile/entries/000"]);
        s.restart(Box::new(GoOn));
        for _ in 0..2 {
            assert_eq!(left(&s).len(), 2, "readers may still use them");
            s.gifts(5).await;
            s.drain().await.expect("a round");
            s.world.at(s.world.clock_plus(TWO_HOURS));
        }
        s.gifts(5).await;
        s.drain().await.expect("a round");
        assert!(left(&s).is_empty());
        assert_eq!(s.verified().trusted.checkpoint.size, 322);
        s.world.stop();
    }
);

/// SQLite has one process, which holds the data folder's lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_signers_on_one_postgres_never_sign_two_trees_of_one_size() {
    let test = TestDb::postgres(&migrations()).await;
    let mut s = Setting::new(&test.db).await;
    let folder = Folder::at(s.folder.path().join("log"));
    let other = Log::with(test.db.clone(), folder, signer(), CROWD_MIN, Box::new(GoOn));
    for round in 0..6 {
        s.gifts(10 + round).await;
        let services = s.world.services();
        let (a, b) = tokio::join!(s.log.round(services), other.round(services));
        let added = a.expect("a round").entries + b.expect("a round").entries;
        assert!(added <= 10 + round, "one signs, the other waits");
        s.look();
    }
    s.drain().await.expect("a round");
    let verified = s.verified();
    assert_eq!(verified.trusted.checkpoint.size, 75);
    s.world.stop();
}
