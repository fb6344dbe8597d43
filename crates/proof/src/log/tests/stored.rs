//! The write path over a store of objects that answers late, wrongly or not at all: whatever it does, what is published is
//! one log, and everything signed comes to be published.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use kernel::FixedClock;

use super::super::objects::{How, Object, ObjectFiles, Objects, Put};
use super::super::points::Point;
use super::crash::EndAt;
use super::restored::run;
use super::*;

/// What becomes of a write that is not answered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Persisted,
    Lost,
}

/// A store in memory, with faults.
#[derive(Default)]
struct Store {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// The write that fails, counted down from here; none at 0.
    fails: AtomicUsize,
    persists: AtomicBool,
    is_silent: AtomicBool,
    /// Whether conditions are passed over, as some stores do.
    is_lax: AtomicBool,
    writes: AtomicUsize,
}

impl Store {
    fn fail(&self, nth: usize, fault: Fault) {
        self.persists.store(fault == Fault::Persisted, Ordering::SeqCst);
        self.fails.store(nth, Ordering::SeqCst);
    }

    fn objects(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.objects.lock().expect("a store")
    }

    fn answers(&self) -> Result<(), String> {
        match self.is_silent.load(Ordering::SeqCst) {
            true => Err("no answer".into()),
            false => Ok(()),
        }
    }

    fn tag(bytes: &[u8]) -> String {
        crate::tlog::hash::sha256(bytes).to_base64()
    }
}

impl Objects for Arc<Store> {
    fn get(&self, name: &str) -> Result<Option<Object>, String> {
        self.answers()?;
        let object = |bytes: &Vec<u8>| Object {
            bytes: bytes.clone(),
            tag: Some(Store::tag(bytes)),
        };
        Ok(self.objects().get(name).map(object))
    }

    fn put(&self, name: &str, bytes: &[u8], how: How<'_>) -> Result<Put, String> {
        self.answers()?;
        let mut objects = self.objects();
        self.writes.fetch_add(1, Ordering::SeqCst);
        let fails = match self.fails.load(Ordering::SeqCst) {
            0 => false,
            nth => self.fails.fetch_sub(1, Ordering::SeqCst) == 1 && nth == 1,
        };
        if fails && !self.persists.load(Ordering::SeqCst) {
            return Err("the connection broke".into());
        }
        let stands = objects.get(name);
        let holds = match how {
            _ if self.is_lax.load(Ordering::SeqCst) => true,
            How::Anyhow => true,
            How::New => stands.is_none(),
            How::Instead(tag) => stands.is_some_and(|known| Store::tag(known) == tag),
        };
        if !holds {
            return Ok(Put::Refused);
        }
        objects.insert(name.to_owned(), bytes.to_vec());
        match fails {
            true => Err("the connection broke".into()),
            false => Ok(Put::Stored),
        }
    }

    fn list(&self, folder: &str, wanted: fn(&str) -> bool) -> Result<Vec<String>, String> {
        self.answers()?;
        let lead = format!("{folder}/");
        let names = self
            .objects()
            .keys()
            .filter(|name| name.starts_with(&lead))
            .cloned()
            .collect::<Vec<_>>();
        Ok(names.into_iter().filter(|name| wanted(name)).collect())
    }

    fn delete(&self, name: &str) -> Result<(), String> {
        self.answers()?;
        self.objects().remove(name);
        Ok(())
    }

    fn has_conditions(&self) -> bool {
        true
    }

    fn place(&self) -> String {
        "s3://tests".into()
    }
}

async fn setting(db: &Db) -> (Setting, Arc<Store>) {
    let store = Arc::new(Store::default());
    let clock = Arc::new(FixedClock::at(kernel::Instant::from_micros(1)));
    let place = Published::far(Arc::new(ObjectFiles(store.clone())), clock);
    let folder = tempfile::tempdir().expect("a folder");
    (Setting::in_place(db, folder, place).await, store)
}

db::both!(
    a_store_that_fails_at_any_write_has_the_same_log_in_the_end,
    &migrations(),
    async |test: TestDb| {
        let (mut s, store) = setting(&test.db).await;
        s.drain().await.expect("the first tree");
        let mut total = 0;
        for fault in [Fault::Persisted, Fault::Lost] {
            // A round writes a bundle, some tiles and the checkpoint; later numbers lie behind its last write.
            for nth in 1..=7 {
                let count = 43 + nth;
                s.gifts(count).await;
                total += count as u64;
                store.fail(nth, fault);
                let before = store.writes.load(Ordering::SeqCst);
                let outcome = s.drain().await;
                let wrote = store.writes.load(Ordering::SeqCst) - before;
                match outcome {
                    Err(error) => assert!(error.passes() && nth <= wrote, "{fault:?} {nth}: {error}"),
                    Ok(_) => assert!(wrote < nth, "{fault:?} {nth}: {wrote} writes, and none failed"),
                }
                store.fail(0, fault);
                // What stands there now is a whole log, if an older one.
                s.verified();
                s.restart(Box::new(GoOn));
                s.drain()
                    .await
                    .unwrap_or_else(|e| panic!("after {fault:?} at {nth}: {e}"));
                assert_eq!(
                    s.verified().trusted.checkpoint.size,
                    total,
                    "{fault:?} {nth}: each gift once"
                );
            }
        }
        s.world.stop();
    }
);

db::both!(
    the_log_in_a_store_survives_an_end_at_every_point_of_the_write_path,
    &migrations(),
    async |test: TestDb| {
        let (mut s, _) = setting(&test.db).await;
        s.drain().await.expect("the first tree");
        let mut total = 0;
        for point in Point::ALL {
            for nth in [1, 3] {
                let count = 50 + nth;
                s.gifts(count).await;
                total += count as u64;
                s.restart(EndAt::boxed(point, nth));
                match s.drain().await {
                    Err(LogError::Ended(at)) => assert_eq!(at, point),
                    Ok(_) => assert!(nth == 3, "{point:?} is never passed"),
                    Err(error) => panic!("{point:?}: {error}"),
                }
                s.look();
                s.restart(Box::new(GoOn));
                s.drain()
                    .await
                    .unwrap_or_else(|e| panic!("after an end at {point:?}: {e}"));
                assert_eq!(s.verified().trusted.checkpoint.size, total, "{point:?}: each gift once");
            }
        }
        s.world.stop();
    }
);

db::both!(
    a_store_that_does_not_answer_holds_the_log_up_and_nothing_else,
    &migrations(),
    async |test: TestDb| {
        let (mut s, store) = setting(&test.db).await;
        s.gifts(8).await;
        s.drain().await.expect("logged");
        store.is_silent.store(true, Ordering::SeqCst);
        let gifts = s.gifts(9).await;
        assert_eq!(gifts.len(), 9, "gifts are taken all the same");
        let refused = s.drain().await.expect_err("nobody answers");
        assert!(matches!(refused, LogError::Store(_)) && refused.passes(), "{refused}");
        let status = s.log.status();
        assert!(status.lag >= 9 && status.stopped.is_some_and(|why| why.contains("no answer")));
        store.is_silent.store(false, Ordering::SeqCst);
        assert_eq!(s.drain().await.expect("it answers again"), 9);
        assert_eq!(s.verified().trusted.checkpoint.size, 17);
        s.world.stop();
    }
);

db::both!(
    a_database_that_was_lost_is_rebuilt_from_the_store,
    &migrations(),
    async |test: TestDb| {
        let (mut s, store) = setting(&test.db).await;
        s.gifts(300).await;
        s.drain().await.expect("logged");
        s.look();
        let tables = ["head", "checkpoint", "leaf", "node", "known", "held", "crowd"];
        for table in tables {
            run(&s, &format!("DELETE FROM log_{table}")).await;
        }
        s.restart(Box::new(GoOn));
        let before = store.objects().clone();
        assert!(
            matches!(s.drain().await, Err(LogError::Behind(_))),
            "it begins no second log"
        );
        let recovered = s.log.recover(s.world.services()).await.expect("read back");
        assert_eq!((recovered.had, recovered.has), (0, 300));
        assert_eq!(s.drain().await.expect("read again"), 0, "nothing is logged twice");
        assert_eq!(*store.objects(), before, "and nothing was written");
        s.gifts(6).await;
        assert_eq!(s.drain().await.expect("goes on"), 6);
        assert_eq!(s.verified().trusted.checkpoint.size, 306);
        s.world.stop();
    }
);

db::both!(
    an_object_with_other_bytes_and_a_checkpoint_of_another_are_never_written_over,
    &migrations(),
    async |test: TestDb| {
        let (mut s, store) = setting(&test.db).await;
        s.gifts(8).await;
        s.drain().await.expect("logged");
        store
            .objects()
            .insert("tile/entries/000.p/14".into(), b"another's".to_vec());
        s.gifts(6).await;
        assert!(matches!(s.drain().await, Err(LogError::Fork(name)) if name == "tile/entries/000.p/14"));
        assert_eq!(s.look().expect("published").size, 8);
        store.objects().remove("tile/entries/000.p/14");
        // Between the reading and the writing another one has published.
        let files = ObjectFiles(store.clone());
        let stands = store.objects()[CHECKPOINT].clone();
        let moved = files.advance(Some(&b"older"[..]), b"newer", &GoOn);
        assert!(matches!(moved, Err(LogError::Moved)));
        assert!(matches!(files.advance(None, b"newer", &GoOn), Err(LogError::Moved)));
        assert_eq!(store.objects()[CHECKPOINT], stands);
        s.drain().await.expect("goes on");
        assert_eq!(s.verified().trusted.checkpoint.size, 14);
        s.world.stop();
    }
);

db::both!(
    partial_objects_that_an_earlier_process_left_go_an_hour_later,
    &migrations(),
    async |test: TestDb| {
        const TWO_HOURS: i64 = 2 * 60 * 60 * 1_000_000;
        let (mut s, store) = setting(&test.db).await;
        for count in [7, 300] {
            s.gifts(count).await;
            s.drain().await.expect("a round");
        }
        assert_eq!(
            s.log.files().with_partials().expect("read"),
            ["tile/0/000", "tile/entries/000"]
        );
        s.restart(Box::new(GoOn));
        for _ in 0..2 {
            s.gifts(5).await;
            s.drain().await.expect("a round");
            s.world.at(s.world.clock_plus(TWO_HOURS));
        }
        s.gifts(5).await;
        s.drain().await.expect("a round");
        assert!(s.log.files().with_partials().expect("read").is_empty());
        assert!(!store.objects().keys().any(|name| name.starts_with("tile/0/000.p/")));
        assert_eq!(s.verified().trusted.checkpoint.size, 322);
        s.world.stop();
    }
);

#[test]
fn a_store_that_passes_conditions_over_is_found_out() {
    let store = Arc::new(Store::default());
    let files = ObjectFiles(store.clone());
    files.probe().expect("it keeps to them");
    assert!(store.objects().is_empty(), "nothing is left");
    store.is_lax.store(true, Ordering::SeqCst);
    let found = files.probe().expect_err("it does not");
    assert!(found.to_string().contains("QIAO_LOG_STORE_CONDITIONS"), "{found}");
}
