//! The starter catalogue through its action, on both databases.

use db::testing::TestDb;

use super::actions;
use super::model::ExampleNorms;
use super::queries;
use crate::error::ReliefError;
use crate::testing::{another_item, house};

db::both!(
    a_starter_catalogue_leaves_what_stands_alone_and_adds_nothing_twice,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let (s, by, unit) = (&house.services, &house.keeper, house.unit);
        // The society counts rice in its own way: kits with rice are its own to make.
        let rice = another_item(&house, "大米", "").await.expect("an item");
        // What it calls a quilt is a thing of its own already.
        let quilt = another_item(&house, "羽绒被", "").await.expect("an item");
        actions::set_alias(s, by, "棉被", quilt)
            .await
            .expect("an everyday name");
        let begun = actions::begin_catalogue(s, by, unit, ExampleNorms::Left)
            .await
            .expect("begun");
        assert_eq!(begun.known, ["医用防护口罩", "棉被", "大米"]);
        assert_eq!(begun.left_out.len(), 2, "{:?}", begun.left_out);
        assert!(!begun.added.contains(&"棉被".to_owned()), "an everyday name here");
        assert_eq!(begun.norms, 0);
        let mut at = s.db.snapshot().await.expect("a view");
        let mask = queries::resolve(&mut at, unit, "Surgical mask").await.expect("read");
        let mask = mask.expect("an English name");
        assert_eq!((mask.name.as_str(), mask.code.as_str()), ("医用外科口罩", ""));
        let own = queries::resolve(&mut at, unit, "大米").await.expect("read");
        assert_eq!(own.map(|item| item.id), Some(rice));
        let items = queries::items(&mut at, unit).await.expect("read").len();
        assert_eq!(items, begun.added.len() + 3);
        drop(at);
        let again = actions::begin_catalogue(s, by, unit, ExampleNorms::Set)
            .await
            .expect("again");
        assert!(
            again.added.is_empty() && again.unwanted == 0 && again.norms > 3,
            "{again:?}"
        );
        let refused = actions::begin_catalogue(s, &house.desk, unit, ExampleNorms::Left).await;
        assert!(matches!(refused, Err(ReliefError::Forbidden(_))));
        let short = actions::set_code(s, by, mask.id, "2").await;
        assert!(matches!(short, Err(ReliefError::Invalid { field: "code", .. })));
        let coded = actions::set_code(s, by, mask.id, "2010101").await.expect("coded");
        assert_eq!(coded.code, "2010101");
    }
);
