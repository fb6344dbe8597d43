//! Bytes in, the same bytes out.

use db::testing::TestDb;
use kernel::UnitId;
use kernel::id::Id as _;

use super::{About, FileError, Sealed, blobs, find, save};
use crate::{all_migrations, testing};

fn about() -> About {
    About {
        unit: UnitId::from_bytes([1; 16]),
        media_type: "text/plain".into(),
        sealed: Sealed::Plain,
    }
}

db::both!(
    the_same_bytes_are_one_file_and_come_back_whole,
    &all_migrations(),
    async |test: TestDb| {
        let folder = tempfile::tempdir().expect("a folder");
        let services = testing::services(test.db.clone(), folder.path());
        let content = vec![7u8; 200_000];
        let (id, written) = save(&services, &about(), 1 << 20, &content[..]).await.expect("stored");
        let (again, _) = save(&services, &about(), 1 << 20, &content[..])
            .await
            .expect("stored again");
        assert_eq!(id, again);
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let row = find(&mut at, id).await.expect("readable").expect("there");
        assert_eq!(
            (row.length, row.sha256, row.sealed),
            (200_000, written.sha256, Sealed::Plain)
        );
        assert_eq!(
            blobs(&services).read(&row.sha256, 1 << 20).await.expect("read"),
            content
        );
        let left = std::fs::read_dir(folder.path().join("files/tmp"))
            .expect("the folder")
            .count();
        assert_eq!(left, 0, "no temporary file is left");
    }
);

#[tokio::test]
async fn too_large_leaves_nothing_and_altered_bytes_are_noticed() {
    let test = TestDb::sqlite(&all_migrations()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let services = testing::services(test.db.clone(), folder.path());
    let refused = save(&services, &about(), 3, &b"four"[..]).await;
    assert!(matches!(refused, Err(FileError::TooLarge(3))));
    assert_eq!(
        std::fs::read_dir(folder.path().join("files/tmp"))
            .expect("the folder")
            .count(),
        0
    );

    let (_, written) = save(&services, &about(), 9, &b"four"[..]).await.expect("stored");
    let path = blobs(&services).path(&written.sha256);
    std::fs::write(&path, b"five").expect("altered");
    assert!(matches!(
        blobs(&services).read(&written.sha256, 9).await,
        Err(FileError::Damaged)
    ));
    std::fs::remove_file(&path).expect("removed");
    assert!(matches!(
        blobs(&services).read(&written.sha256, 9).await,
        Err(FileError::Damaged)
    ));
}
