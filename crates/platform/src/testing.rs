//! Services for tests of this and all later crates: a clock that stands, chance from a seed, keys of their own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use db::Db;
use kernel::{ActorId, FixedClock, Instant, SeededRng, UnitId};
use tokio::sync::Notify;

use crate::facts;
use crate::identity::{Actor, ActorKind, Role};
use crate::{Keys, Parts, Services, UnitTree};

/// 2026-05-08 08:00 in Beijing, World Red Cross Day.
pub const NOW: Instant = Instant::from_micros(1_778_198_400_000_000);

/// Services over this database, with the data folder `data`; the clock stands at [`NOW`].
pub fn services(db: Db, data: &Path) -> Services {
    services_at(db, data, Arc::new(FixedClock::at(NOW)))
}

/// The same with a clock that the test moves.
pub fn services_at(db: Db, data: &Path, clock: Arc<FixedClock>) -> Services {
    let rng = SeededRng::new(20_260_508);
    #[allow(clippy::expect_used, reason = "for tests: a key file just made can be read")]
    let keys = Keys::from_file(&Keys::new_file(&rng)).expect("a fresh key file");
    Services::from(Parts {
        db,
        clock,
        rng: Arc::new(rng),
        keys: Arc::new(keys),
        notify: Arc::new(crate::notify::Kept::default()),
        identity_providers: Arc::new(crate::signin::sso::NoProviders),
        tree: Arc::new(UnitTree::new()),
        metrics: crate::health::Metrics::new(),
        facts_written: Arc::new(Notify::new()),
        shelf: Arc::default(),
        rush: Arc::default(),
        data: Arc::new(data.to_path_buf()),
        base_url: Arc::from("http://127.0.0.1:8080"),
    })
}

/// Waits until every fact has its place. On PostgreSQL that is when no older transaction of the whole server is open, and
/// other tests run there.
///
/// # Panics
/// When some have none after ten seconds.
#[allow(clippy::expect_used, reason = "for tests")]
pub async fn placed(services: &Services) {
    for _ in 0..200 {
        facts::sequencer::round(&services.db).await.expect("placed");
        let mut at = services.db.snapshot().await.expect("a snapshot");
        if facts::unplaced(&mut at).await.expect("counted") == 0 {
            return;
        }
        drop(at);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("facts had no places for ten seconds");
}

/// Someone with these roles; a new one each time.
pub fn actor(services: &Services, roles: &[(Role, UnitId)]) -> Actor {
    let id = ActorId::new(services.now(), &*services.rng);
    let name = format!("actor {}", services.rng.below(1_000_000));
    Actor::with_roles(id, &name, ActorKind::Person, roles, &services.tree)
}
