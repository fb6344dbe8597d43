//! A rotated key: everything sealed before is sealed anew in the background, and opens without the old key.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use std::sync::Arc;

use giving::donations::orders::{self, NewOrder};
use giving::donations::sealed::{self, ErasureReason};
use giving::donations::{Outcome, Payer};
use giving::testing::world;
use governance::network::SECRET_PLACE;
use kernel::{Fen, SeededRng};
use platform::identity::Actor;
use platform::jobs::Runner;
use platform::rewrap::{self, Rewrap, SealedColumn, key_use};
use platform::{Keys, Services};

fn columns() -> Vec<SealedColumn> {
    [rewrap::SEALED, governance::SEALED, giving::SEALED].concat()
}

fn with_keys(services: &Services, file: &str) -> Services {
    let mut services = services.clone();
    services.keys = Arc::new(Keys::from_file(file).unwrap());
    services
}

async fn left(services: &Services) -> rewrap::KeyUse {
    let mut at = services.db.snapshot().await.unwrap();
    key_use(&mut at, &services.keys, &columns()).await.unwrap()
}

db::both!(
    after_a_rotation_every_secret_is_sealed_anew_and_the_old_key_may_go,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let old = world.services().clone();
        // `platform::testing` makes its keys from this seed.
        let file = Keys::new_file(&SeededRng::new(20_260_508));
        assert_eq!(Keys::from_file(&file).unwrap().fingerprint(), old.keys.fingerprint());
        let mut gifts = Vec::new();
        // More than one round.
        let prepared = (0..450).map(|n| world.prepared(world.incoming(&world.general, &format!("N{n:03}"), 100)));
        for outcome in world.giving.intake.submit_many(prepared.collect(), None).await.unwrap() {
            match outcome {
                Outcome::Recorded(gift) => gifts.push(gift),
                other => panic!("a new gift was expected, not {other:?}"),
            }
        }
        let held = world.submit(world.incoming(&world.general, "N000", 200)).await;
        assert!(matches!(held, Outcome::Held { .. }));
        let wish = NewOrder {
            project: "aed".into(),
            amount: Fen::new(500),
            payer: Payer {
                name: Some("测试乙".into()),
                ..Payer::default()
            },
            anonymous: false,
            receipt: None,
        };
        let order = orders::place(&world.giving, wish).await.unwrap();
        sealed::erase(&old, &Actor::operator(), gifts[7], ErasureReason::GiverAsked)
            .await
            .unwrap();
        let showing = {
            let mut at = old.db.snapshot().await.unwrap();
            let sealed = sealed::load(&mut at, gifts[0]).await.unwrap().unwrap();
            sealed.secret(&old).unwrap().unwrap().showing_key()
        };

        let rotated_file = Keys::rotated_file(&file, &*old.rng).unwrap();
        let new = with_keys(&old, &rotated_file);
        let before = left(&new).await;
        // 449 gifts, one held line, one order, three accounts; one of 450 gifts was erased.
        assert_eq!((before.left, before.older_keys, before.unopenable), (454, 1, 0));
        assert!(!before.may_remove());
        assert!(
            rewrap::put_in_line(&old).await.unwrap().is_none(),
            "with one key there is nothing to do"
        );
        let job = rewrap::put_in_line(&new).await.unwrap().unwrap();
        assert_eq!(rewrap::put_in_line(&new).await.unwrap(), Some(job), "once a key");
        let runner = Runner::new(vec![Box::new(Rewrap { columns: columns() })]);
        runner.drain(&new).await.unwrap();
        let after = left(&new).await;
        assert_eq!((after.left, after.may_remove()), (0, true), "{after:?}");

        let alone = with_keys(&old, &Keys::file_without_older(&rotated_file).unwrap());
        assert_eq!(left(&alone).await.unopenable, 0);
        let mut at = alone.db.snapshot().await.unwrap();
        for (n, gift) in gifts.iter().enumerate() {
            let sealed = sealed::load(&mut at, *gift).await.unwrap().unwrap();
            let secret = sealed.secret(&alone).unwrap();
            assert_eq!(secret.is_none(), n == 7, "what was erased stays erased");
            if let Some(secret) = secret {
                assert_eq!(sealed.payer(&secret).unwrap().name.as_deref(), Some("测试甲"));
            }
        }
        let sealed = sealed::load(&mut at, gifts[0]).await.unwrap().unwrap();
        assert_eq!(
            sealed.secret(&alone).unwrap().unwrap().showing_key(),
            showing,
            "printed QR codes stay good"
        );
        let order = orders::find(&mut at, order.id).await.unwrap().unwrap();
        assert!(alone.keys.gift_secret(&order.secret_wrapped).is_ok());
        for account in governance::network::queries::all_accounts(&mut at).await.unwrap() {
            assert!(alone.keys.open(&account.sealed_secret, SECRET_PLACE).is_ok());
        }
        drop(at);

        // A node that was not restarted wrote behind the walk: the next night's job begins again.
        let late = world.submit(world.incoming(&world.general, "late", 100)).await;
        assert!(matches!(late, Outcome::Recorded(_)));
        let mut tx = old.db.begin().await.unwrap();
        let (_, wrapped) = old.keys.new_gift_secret(&*old.rng);
        tx.execute(
            "UPDATE gift SET secret_wrapped = ?2 WHERE id = ?1",
            db::params![(gifts[3],), wrapped],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(left(&new).await.left, 2);
        let nightly = runner.with_nightly(vec![rewrap::NIGHTLY]);
        nightly.put_nightly_in_line(&new).await.unwrap();
        nightly.drain(&new).await.unwrap();
        assert_eq!(left(&new).await.left, 0);
        world.stop();
    }
);
