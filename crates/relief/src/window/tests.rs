//! The window's video through its action, on both databases.

use db::testing::TestDb;

use super::{Shown, queries, set};
use crate::error::ReliefError;
use crate::testing::{House, house};

async fn shown(house: &House) -> Option<(String, Shown)> {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let video = queries::video(&mut at, house.unit).await.expect("read");
    video.map(|video| (video.host, video.shown))
}

db::both!(
    a_video_is_off_until_it_is_set_changes_with_the_last_word_and_goes_again,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        assert_eq!(shown(&house).await, None);
        let framed = Some("https://live.example.org/room/42");
        let forbidden = set(s, &house.desk, house.unit, framed).await;
        assert!(matches!(forbidden, Err(ReliefError::Forbidden(_))));
        set(s, &house.keeper, house.unit, framed).await.expect("set");
        assert_eq!(
            shown(&house).await,
            Some(("live.example.org".to_owned(), Shown::Framed))
        );
        let wrong = set(s, &house.keeper, house.unit, Some("http://live.example.org/")).await;
        assert!(matches!(wrong, Err(ReliefError::Invalid { field: "video", .. })));
        let played = Some("https://video.example.org/store.mp4");
        set(s, &house.keeper, house.unit, played).await.expect("set");
        assert_eq!(
            shown(&house).await,
            Some(("video.example.org".to_owned(), Shown::Played))
        );
        set(s, &house.keeper, house.unit, None).await.expect("taken away");
        assert_eq!(shown(&house).await, None);
    }
);
