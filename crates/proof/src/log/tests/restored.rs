//! Databases that were put back from old copies, lost, or altered.

use db::{Reads as _, params};

use super::*;

pub(super) async fn run(s: &Setting, sql: &str) {
    let mut tx = s.db.begin().await.expect("a transaction");
    tx.execute(sql, vec![]).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    tx.commit().await.expect("committed");
}

/// The log's database as it was at this size.
async fn put_back(s: &Setting, size: u64, note: &str) {
    let mut tx = s.db.begin().await.expect("a transaction");
    let size = size as i64;
    for sql in [
        "DELETE FROM log_leaf WHERE idx >= ?1",
        "DELETE FROM log_known WHERE idx >= ?1",
        "DELETE FROM log_checkpoint WHERE size > ?1",
        "DELETE FROM log_node WHERE level = 1 AND (idx + 1) * 256 > ?1",
    ] {
        tx.execute(sql, params![size]).await.expect("deleted");
    }
    tx.execute("DELETE FROM log_crowd", vec![]).await.expect("deleted");
    let root = tx
        .query_one("SELECT root FROM log_checkpoint WHERE size = ?1", params![size])
        .await
        .expect("read")
        .expect("a tree of this size")
        .bytes("root")
        .expect("a root");
    let sql = "UPDATE log_head SET size = ?1, root = ?2, note = ?3";
    tx.execute(sql, params![size, root, note]).await.expect("put back");
    tx.commit().await.expect("committed");
}

db::both!(
    an_old_business_database_does_not_fork_the_log,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(12).await;
        s.drain().await.expect("logged");
        // What a restored backup brings: the cursor of then, and facts that are logged already.
        run(&s, "UPDATE log_cursor SET place = 0").await;
        s.restart(Box::new(GoOn));
        assert_eq!(s.drain().await.expect("read again"), 0);
        s.gifts(3).await;
        assert_eq!(s.drain().await.expect("goes on"), 3);
        assert_eq!(s.verified().trusted.checkpoint.size, 15);
        s.world.stop();
    }
);

db::both!(
    a_fact_that_says_something_else_now_stops_the_log,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(6).await;
        s.drain().await.expect("logged");
        run(
            &s,
            "UPDATE log_leaf SET bytes = (SELECT bytes FROM log_leaf WHERE idx = 1) WHERE idx = 0",
        )
        .await;
        run(&s, "UPDATE log_cursor SET place = 0").await;
        assert!(matches!(s.drain().await, Err(LogError::Differs { index: 0 })));
        assert!(
            s.log
                .status()
                .stopped
                .is_some_and(|words| words.contains("other content"))
        );
        assert_eq!(s.look().expect("published").size, 6);
        s.world.stop();
    }
);

db::both!(
    an_old_head_refuses_to_sign_until_it_is_recovered,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(20).await;
        s.drain().await.expect("logged");
        let note = s.log.files().read(CHECKPOINT).expect("read").expect("published");
        let note = String::from_utf8(note).expect("UTF-8");
        s.gifts(280).await;
        s.drain().await.expect("logged");
        s.look();
        put_back(&s, 20, &note).await;
        s.restart(Box::new(GoOn));
        s.gifts(5).await;
        assert!(matches!(s.drain().await, Err(LogError::Behind(_))));
        assert_eq!(s.look().expect("published").size, 300, "nothing was signed");
        let recovered = s.log.recover(s.world.services()).await.expect("read back");
        assert_eq!((recovered.had, recovered.has), (20, 300));
        assert_eq!(s.drain().await.expect("goes on"), 5);
        assert_eq!(s.verified().trusted.checkpoint.size, 305);
        s.world.stop();
    }
);

db::both!(
    a_lost_database_is_rebuilt_from_what_is_published,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let few = s.world.general.clone();
        let lone = s.gift(&few, 777).await;
        s.gifts(300).await;
        s.drain().await.expect("logged");
        s.look();
        for table in [
            "log_head",
            "log_checkpoint",
            "log_leaf",
            "log_node",
            "log_known",
            "log_held",
            "log_crowd",
        ] {
            run(&s, &format!("DELETE FROM {table}")).await;
        }
        s.restart(Box::new(GoOn));
        assert!(
            matches!(s.drain().await, Err(LogError::Behind(_))),
            "it begins no second log"
        );
        s.log.recover(s.world.services()).await.expect("read back");
        assert_eq!(s.drain().await.expect("read again"), 0, "nothing is logged twice");
        assert_eq!(s.log.status().held, 1, "who waited waits again");
        assert!(matches!(
            s.log.proof(s.world.services(), lone).await,
            Err(LogError::NotYet)
        ));
        s.gifts(4).await;
        assert_eq!(s.drain().await.expect("goes on"), 4, "the crowd is known again");
        assert_eq!(s.verified().trusted.checkpoint.size, 304);
        s.world.stop();
    }
);

db::both!(
    a_database_that_signed_another_tree_is_not_recovered,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(8).await;
        s.drain().await.expect("logged");
        let mut forked = Checkpoint::new(ORIGIN, 8, Hash([9; 32]));
        let put = |checkpoint: &Checkpoint| {
            let text = checkpoint.sign(&signer()).expect("signed").to_text();
            s.log
                .files()
                .replace(CHECKPOINT, text.as_bytes(), &GoOn)
                .expect("replaced");
        };
        put(&forked);
        assert!(matches!(s.drain().await, Err(LogError::Behind(_))));
        assert!(s.log.recover(s.world.services()).await.is_err());
        forked.origin = "log.example/other".into();
        put(&forked);
        assert!(
            matches!(s.drain().await, Err(LogError::Published(_))),
            "another log’s checkpoint"
        );
        s.world.stop();
    }
);

db::both!(
    one_changed_byte_of_anything_published_is_found,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(300).await;
        s.drain().await.expect("logged");
        s.verified();
        let files = [
            "checkpoint",
            "tile/entries/000",
            "tile/entries/001.p/44",
            "tile/0/000",
            "tile/0/001.p/44",
            "tile/1/000.p/1",
        ];
        for name in files {
            let whole = s
                .log
                .files()
                .read(name)
                .expect("read")
                .unwrap_or_else(|| panic!("{name}"));
            for at in (0..whole.len()).step_by(whole.len() / 23 + 1) {
                let mut bytes = whole.clone();
                bytes[at] ^= 0x04;
                s.log.files().replace(name, &bytes, &GoOn).expect("replaced");
                let found = verify(&mut s.log.files().clone(), &s.policy(), &[]);
                assert!(found.is_err(), "{name} byte {at}");
            }
            s.log.files().replace(name, &whole, &GoOn).expect("replaced");
        }
        s.verified();
        s.world.stop();
    }
);
