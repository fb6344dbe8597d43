//! From each database into each, and what is refused.

use std::collections::BTreeMap;
use std::path::Path;

use db::testing::TestDb;
use db::{Reads as _, params};
use kernel::UnitId;
use kernel::id::Id as _;

use super::{BackupError, Summary, backup, header, restore, verify};
use crate::files::{About, Sealed, save};
use crate::identity::actions::{NewToken, NewUser, Personal, add_user, grant_role};
use crate::identity::{Actor, ActorKind, Role};
use crate::testing::{self, NOW};
use crate::{Services, all_migrations, facts};

const USERS: u8 = 30;

/// A house with users, tokens, facts, a file of several pieces and odd values.
async fn furnish(services: &Services) {
    let unit = UnitId::from_bytes([1; 16]);
    services.tree.replace(vec![(unit, None)]);
    for n in 0..USERS {
        let new = NewUser {
            name: format!("用户 “{n}” \\ \""),
            kind: ActorKind::Person,
            unit,
            roles: vec![Role::Auditor],
            token: Some(NewToken {
                name: "t".into(),
                days: None,
            }),
            personal: Personal {
                real_name: Some("某人".into()),
                phone: None,
                email: None,
            },
        };
        let added = add_user(services, &Actor::operator(), new).await.expect("added");
        grant_role(services, &Actor::operator(), added.id, Role::Leader, unit)
            .await
            .expect("granted");
        if n == USERS / 2 {
            all_placed(services).await;
        }
    }
    let about = About {
        unit,
        media_type: "application/pdf".into(),
        sealed: Sealed::Sealed,
    };
    let content: Vec<u8> = (0..120_000u32).map(|n| (n % 251) as u8).collect();
    save(services, &about, 1 << 20, &content[..]).await.expect("stored");
    // More than one page of a table with a row id, and of one with a key of two columns.
    let mut tx = services.db.begin().await.expect("a transaction");
    for n in 0..2_100i64 {
        let sql = "INSERT INTO parameter_override (key, from_day, value, legal_ref, set_by, set_at)
                   VALUES (?1, ?2, '1', '', ?3, ?4)";
        tx.execute(sql, params![format!("k{}", n % 7), 20_260_101i64, vec![0u8; 16], n])
            .await
            .expect("written");
        let fact = facts::NewFact {
            unit,
            kind: "test.many",
            subject: [2; 16],
            actor: None,
            body: serde_json::json!({ "n": n }),
        };
        facts::append(&mut tx, fact, services).await.expect("written");
    }
    tx.commit().await.expect("committed");
}

/// Waits for every fact's place: a transaction of another test on the same server may hold the mark back for a while.
async fn all_placed(services: &Services) {
    for _ in 0..1_000 {
        facts::sequencer::round(&services.db).await.expect("placed");
        let mut at = services.db.snapshot().await.expect("a snapshot");
        if facts::unplaced(&mut at).await.expect("counted") == 0 {
            return;
        }
        drop(at);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("facts without a place are left");
}

/// Everything there is, as text, by table; facts by place, which the other database keeps elsewhere.
async fn contents(services: &Services) -> BTreeMap<String, Vec<String>> {
    all_placed(services).await;
    let mut at = services.db.snapshot().await.expect("a snapshot");
    let mut all = BTreeMap::new();
    for table in super::catalog::tables(&mut at).await.expect("tables") {
        let mut lines = Vec::new();
        if table.name == "fact" {
            let read = facts::read_after(&mut at, 0, 100_000).await.expect("facts");
            lines.extend(
                read.iter()
                    .map(|f| format!("{} {:?} {} {} {:?}", f.place, f.id, f.kind, f.body, f.actor)),
            );
        } else {
            let rows = at
                .query(&format!("SELECT * FROM {}", table.name), vec![])
                .await
                .expect("rows");
            for row in rows {
                let cells = table.columns.iter().map(|(name, kind)| match kind {
                    super::archive::Kind::Int => format!("{:?}", row.opt_int(name).expect("a number")),
                    super::archive::Kind::Text => format!("{:?}", row.opt_text(name).expect("a text")),
                    super::archive::Kind::Bytes => format!("{:?}", row.opt_bytes(name).expect("bytes")),
                });
                lines.push(cells.collect::<Vec<_>>().join(" "));
            }
            lines.sort();
        }
        all.insert(table.name, lines);
    }
    all
}

async fn save_all(services: &Services, to: &Path) -> Result<Summary, BackupError> {
    backup(
        &services.db,
        &services.data.join("files"),
        to,
        services.keys.fingerprint(),
        NOW,
        |_| {},
    )
    .await
}

async fn there_and_back(from: TestDb, into: TestDb) {
    let (old, new) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let source = testing::services(from.db.clone(), old.path());
    furnish(&source).await;
    let file = old.path().join("backup.qiao");
    let saved = save_all(&source, &file).await.expect("saved");
    assert_eq!(
        (saved.tables["actor"], saved.tables["fact"], saved.files),
        (u64::from(USERS), 2_160, 1)
    );
    assert_eq!(verify(&file).expect("whole").1, saved);
    assert_eq!(
        header(&file).expect("a header").key_fingerprint,
        source.keys.fingerprint()
    );

    let target = testing::services(into.db.clone(), new.path());
    let loaded = restore(&target.db, &new.path().join("files"), &file, |_| {})
        .await
        .expect("restored");
    assert_eq!(loaded, saved);
    let (before, after) = (contents(&source).await, contents(&target).await);
    for (table, lines) in &before {
        // Facts that had no place at the snapshot may be placed in another order within one instant.
        assert_eq!(Some(lines.len()), after.get(table).map(Vec::len), "{table}");
        if table != "fact" {
            assert_eq!(Some(lines), after.get(table), "{table}");
        } else {
            assert_eq!(lines[..32], after[table][..32], "placed facts keep their places");
        }
    }
    let stored = std::fs::read_dir(new.path().join("files")).expect("the folder").count();
    assert!(stored >= 2, "the file’s folder and tmp");

    // The new house goes on where the old one stopped, and is not restored into twice.
    let unit = UnitId::from_bytes([1; 16]);
    let mut tx = target.db.begin().await.expect("a transaction");
    let fact = facts::NewFact {
        unit,
        kind: "test.next",
        subject: [3; 16],
        actor: None,
        body: serde_json::json!({}),
    };
    facts::append(&mut tx, fact, &target).await.expect("written");
    tx.commit().await.expect("committed");
    all_placed(&target).await;
    let last = facts::last_place(&mut target.db.snapshot().await.expect("a snapshot")).await;
    assert_eq!(last.expect("a place"), 2_161);
    let again = restore(&target.db, &new.path().join("files"), &file, |_| {}).await;
    assert!(matches!(again, Err(BackupError::NotEmpty(_))), "{again:?}");
}

#[tokio::test]
async fn from_sqlite_into_sqlite() {
    there_and_back(
        TestDb::sqlite(&all_migrations()).await,
        TestDb::sqlite(&all_migrations()).await,
    )
    .await;
}
#[tokio::test]
async fn from_sqlite_into_postgres() {
    there_and_back(
        TestDb::sqlite(&all_migrations()).await,
        TestDb::postgres(&all_migrations()).await,
    )
    .await;
}
#[tokio::test]
async fn from_postgres_into_sqlite() {
    there_and_back(
        TestDb::postgres(&all_migrations()).await,
        TestDb::sqlite(&all_migrations()).await,
    )
    .await;
}
#[tokio::test]
async fn from_postgres_into_postgres() {
    there_and_back(
        TestDb::postgres(&all_migrations()).await,
        TestDb::postgres(&all_migrations()).await,
    )
    .await;
}

db::both!(
    a_backup_that_was_cut_or_altered_changes_nothing,
    &all_migrations(),
    async |test: TestDb| {
        let folder = tempfile::tempdir().expect("a folder");
        let source = TestDb::sqlite(&all_migrations()).await;
        let services = testing::services(source.db.clone(), folder.path());
        furnish(&services).await;
        let file = folder.path().join("backup.qiao");
        save_all(&services, &file).await.expect("saved");
        let whole = std::fs::read(&file).expect("bytes");

        let refused = async |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("written");
            let outcome = restore(&test.db, &folder.path().join("other"), &path, |_| {}).await;
            assert!(matches!(outcome, Err(BackupError::Damaged(_))), "{name}: {outcome:?}");
        };
        refused("cut", &whole[..whole.len() - 100]).await;
        refused("half", &whole[..whole.len() / 2]).await;
        refused("empty", b"").await;
        refused("something else", b"not a backup at all").await;

        // Someone adds a role to herself and packs it again.
        use std::io::{Read as _, Write as _};
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&whole[..])
            .read_to_end(&mut text)
            .expect("unpacked");
        let text = String::from_utf8(text).expect("text");
        let pack = |text: &str| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(text.as_bytes()).expect("packed");
            packed.finish().expect("packed")
        };
        refused("edited", &pack(&text.replacen("auditor", "administrator", 1))).await;
        let without_trailer = text.rsplit_once("{\"trailer\"").expect("a trailer").0;
        refused("without trailer", &pack(without_trailer)).await;
        refused("with a tail", &pack(&format!("{text}{{}}\n"))).await;

        let mut at = test.db.snapshot().await.expect("a snapshot");
        let row = at
            .query_one("SELECT COUNT(*) AS n FROM actor", vec![])
            .await
            .expect("counted")
            .expect("a row");
        assert_eq!(row.int("n").expect("a number"), 0, "nothing was restored");
        assert!(!folder.path().join("other").exists(), "no file was restored");

        let exists = save_all(&services, &file).await;
        assert!(matches!(exists, Err(BackupError::Exists(_))));
        assert!(!folder.path().join("backup.qiao.part").exists());
    }
);

db::both!(
    a_backup_shows_one_moment_while_others_write,
    &all_migrations(),
    async |test: TestDb| {
        let folder = tempfile::tempdir().expect("a folder");
        let services = testing::services(test.db.clone(), folder.path());
        furnish(&services).await;
        let writer = {
            let services = services.clone();
            tokio::spawn(async move {
                for n in 0..40 {
                    let unit = UnitId::from_bytes([1; 16]);
                    let (roles, personal) = (vec![], Personal::default());
                    let new = NewUser {
                        name: format!("late {n}"),
                        kind: ActorKind::Machine,
                        unit,
                        roles,
                        token: None,
                        personal,
                    };
                    add_user(&services, &Actor::operator(), new)
                        .await
                        .expect("added while saving");
                }
            })
        };
        let file = folder.path().join("backup.qiao");
        let saved = save_all(&services, &file).await.expect("saved");
        writer.await.expect("written");
        // One fact per user in the same transaction: in one moment they agree.
        let late = saved.tables["actor"] - u64::from(USERS);
        assert_eq!(saved.tables["fact"], 2_160 + late);
    }
);
