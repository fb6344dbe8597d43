//! What the interface promises, on SQLite and on PostgreSQL alike.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use db::bulk::{BulkWriter, Cell, Kind, Lookup, Rows, Shape};
use db::testing::TestDb;
use db::{DbError, DbUrl, Migration, Param as _, Reads, both, list_mark, list_marks, params};
use kernel::Instant;

const LIST: &[Migration] = &[Migration {
    name: "test/0001",
    sql: "-- a comment with a ; in it
CREATE TABLE thing (
    id BYTES NOT NULL PRIMARY KEY,
    unit TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    note TEXT
) CLUSTERED;
CREATE UNIQUE INDEX thing_by_unit ON thing (unit, note);",
}];

const SHAPE: Shape = Shape {
    table: "thing",
    columns: &[
        ("id", Kind::Bytes),
        ("unit", Kind::Text),
        ("amount_fen", Kind::Int),
        ("note", Kind::Text),
    ],
    conflict: "ON CONFLICT (unit, note) DO NOTHING",
};

const FIND: Lookup = Lookup {
    table: "thing",
    keys: &[("unit", Kind::Text), ("note", Kind::Text)],
    wanted: &[("id", Kind::Bytes), ("amount_fen", Kind::Int)],
};

async fn count(test: &TestDb) -> i64 {
    let mut at = test.db.snapshot().await.unwrap();
    at.query_one("SELECT COUNT(*) AS n FROM thing", vec![])
        .await
        .unwrap()
        .unwrap()
        .int("n")
        .unwrap()
}

both!(
    a_dropped_transaction_leaves_nothing_and_a_committed_one_everything,
    LIST,
    async |test: TestDb| {
        for keep in [false, true] {
            let mut tx = test.db.begin().await.unwrap();
            let row = params![[keep as u8; 16], "u", 5, None::<&str>];
            tx.execute(
                "INSERT INTO thing (id, unit, amount_fen, note) VALUES (?1, ?2, ?3, ?4)",
                row,
            )
            .await
            .unwrap();
            if keep {
                tx.commit().await.unwrap();
            }
        }
        assert_eq!(count(&test).await, 1);
    }
);

both!(
    after_a_failed_statement_the_transaction_is_dead,
    LIST,
    async |test: TestDb| {
        let mut tx = test.db.begin().await.unwrap();
        let insert = "INSERT INTO thing (id, unit, amount_fen) VALUES (?1, 'u', 1)";
        tx.execute(insert, params![[1u8; 16]]).await.unwrap();
        let again = tx.execute(insert, params![[1u8; 16]]).await;
        assert!(matches!(again, Err(DbError::Duplicate(_))), "{again:?}");
        assert!(tx.query_one("SELECT 1 AS one", vec![]).await.is_err());
        assert!(tx.commit().await.is_err());
        assert_eq!(count(&test).await, 0);
    }
);

both!(
    a_snapshot_does_not_see_what_came_after_it,
    LIST,
    async |test: TestDb| {
        let mut before = test.db.snapshot().await.unwrap();
        let read = "SELECT COUNT(*) AS n FROM thing";
        assert_eq!(
            before.query_one(read, vec![]).await.unwrap().unwrap().int("n").unwrap(),
            0
        );
        let mut tx = test.db.begin().await.unwrap();
        tx.execute(
            "INSERT INTO thing (id, unit, amount_fen) VALUES (?1, 'u', 1)",
            params![[1u8; 16]],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            before.query_one(read, vec![]).await.unwrap().unwrap().int("n").unwrap(),
            0
        );
        assert_eq!(count(&test).await, 1);
    }
);

both!(
    a_wide_insert_tells_new_rows_from_known_ones_and_finds_them,
    LIST,
    async |test: TestDb| {
        let mut writer = BulkWriter::open(&test.db).await.unwrap();
        let mut tx = writer.begin().await.unwrap();
        let mut rows = Rows::with_capacity(&SHAPE, 3);
        rows.push([Cell::Id([1; 16]), "u".into(), 100.into(), "a".into()]);
        rows.push([Cell::Id([2; 16]), "u".into(), 200.into(), "b".into()]);
        rows.push([Cell::Id([3; 16]), "u".into(), 300.into(), "a".into()]);
        assert_eq!(tx.insert_new(&rows).await.unwrap(), [true, true, false]);
        let keys = [Cell::from("u"), "a".into(), "u".into(), "missing".into()];
        let found = tx.find(&FIND, &keys).await.unwrap();
        assert_eq!(found[0].as_ref().unwrap()[1].int(), 100);
        assert_eq!(found[0].as_ref().unwrap()[0].bytes(), [1; 16]);
        assert!(found[1].is_none());
        tx.commit().await.unwrap();
        assert_eq!(count(&test).await, 2);
        let mut tx = writer.begin().await.unwrap();
        let mut more = Rows::with_capacity(&SHAPE, 1);
        more.push([Cell::Id([4; 16]), "v".into(), 1.into(), Cell::Null]);
        tx.insert(&more).await.unwrap();
        drop(tx);
        assert_eq!(count(&test).await, 2, "a dropped wide transaction is rolled back");
    }
);

both!(
    migrations_apply_once_and_an_edited_or_unknown_one_is_refused,
    LIST,
    async |test: TestDb| {
        let now = Instant::from_micros(1);
        assert!(db::migrate(&test.db, LIST, now).await.unwrap().is_empty());
        let edited = [Migration {
            name: "test/0001",
            sql: "SELECT 1;",
        }];
        assert!(matches!(
            db::migrate(&test.db, &edited, now).await,
            Err(DbError::Schema(_))
        ));
        assert!(matches!(db::migrate(&test.db, &[], now).await, Err(DbError::Schema(_))));
        let mut at = test.db.snapshot().await.unwrap();
        assert_eq!(db::applied(&mut at).await.unwrap(), ["test/0001"]);
        assert!(db::dump_schema(&mut at).await.unwrap().contains("amount_fen"));
    }
);

both!(
    a_long_list_finds_its_values_behind_the_others_of_its_statement,
    LIST,
    async |test: TestDb| {
        let mut tx = test.db.begin().await.unwrap();
        for n in 1..=5_u8 {
            let row = params![
                [n; 16],
                if n < 4 { "mine" } else { "theirs" },
                i64::from(n),
                n.to_string()
            ];
            let sql = "INSERT INTO thing (id, unit, amount_fen, note) VALUES (?1, ?2, ?3, ?4)";
            tx.execute(sql, row).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut at = test.db.snapshot().await.unwrap();
        let wanted = [[2_u8; 16], [3; 16], [5; 16]];
        let mut values = params!["mine", 3];
        values.extend(wanted.map(|id| id.param()));
        let backend = test.db.backend();
        let sql = format!(
            "SELECT amount_fen FROM thing WHERE unit = {} AND amount_fen < {} AND id IN ({})",
            list_mark(backend, 1),
            list_mark(backend, 2),
            list_marks(backend, 2, wanted.len())
        );
        let rows = at.query(&sql, values).await.unwrap();
        let found: Vec<i64> = rows.iter().map(|row| row.int("amount_fen").unwrap()).collect();
        assert_eq!(found, [2]);
    }
);

both!(
    what_is_committed_quietly_is_seen_at_once_and_by_the_same_permit,
    LIST,
    async |test: TestDb| {
        let mut tx = test.db.begin_quietly().await.unwrap();
        let row = params![[1_u8; 16], "u", 5, "n"];
        let sql = "INSERT INTO thing (id, unit, amount_fen, note) VALUES (?1, ?2, ?3, ?4)";
        tx.execute(sql, row).await.unwrap();
        let other = tokio::time::timeout(std::time::Duration::from_millis(50), test.db.begin()).await;
        let waits = other.is_err();
        assert_eq!(waits, test.db.backend() == db::Backend::Sqlite, "SQLite has one writer");
        drop(other);
        tx.commit().await.unwrap();
        assert_eq!(count(&test).await, 1);
        test.db.make_durable().unwrap();
        test.db.begin().await.unwrap().commit().await.unwrap();
        drop(test.db.begin_quietly().await.unwrap());
        assert_eq!(count(&test).await, 1);
    }
);

/// SQLite ends a transaction by itself when the disk is full. What begins afterwards is a transaction of its own, and when it
/// is dropped it keeps no lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_sqlite_has_ended_by_itself_leaves_no_lock() {
    let test = TestDb::sqlite(LIST).await;
    let row = |n: u8| {
        (
            "INSERT INTO thing (id, unit, amount_fen, note) VALUES (?1, ?2, 1, ?3)",
            params![vec![n; 16], n.to_string(), "x".repeat(4_000)],
        )
    };
    for quietly in [false, true] {
        let begin = async || match quietly {
            true => test.db.begin_quietly().await.unwrap(),
            false => test.db.begin().await.unwrap(),
        };
        // No page more than there are: as full as a full disk.
        let mut full = begin().await;
        full.execute_script("PRAGMA max_page_count = 1").await.unwrap();
        let mut refused = None;
        for n in 0..100 {
            let (sql, values) = row(n);
            if let Err(error) = full.execute(sql, values).await {
                refused = Some(error);
                break;
            }
        }
        assert!(refused.is_some_and(|error| error.to_string().contains("full")));
        drop(full);

        let mut dropped = begin().await;
        let (sql, values) = row(200);
        dropped.execute(sql, values).await.unwrap();
        drop(dropped);
        let DbUrl::Sqlite(path) = test.db.url() else {
            unreachable!("it is a file")
        };
        let other = rusqlite::Connection::open(path).unwrap();
        other.busy_timeout(std::time::Duration::from_secs(2)).unwrap();
        other
            .execute_batch("BEGIN IMMEDIATE; ROLLBACK")
            .expect("nobody holds the write lock");
        assert_eq!(count(&test).await, 0);
    }
}
