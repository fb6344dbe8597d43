//! What givers say about receipts, by every way a gift comes in, on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use giving::donations::counter::{self, CounterGift};
use giving::donations::error::DonationError;
use giving::donations::orders::{self, NewOrder};
use giving::donations::{Outcome, Payer, ReceiptWish, queries, receipts, review};
use giving::testing::{World, world};
use kernel::{Fen, GiftId};

fn recorded(outcome: Outcome) -> GiftId {
    match outcome {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

async fn wish(world: &World, gift: GiftId) -> Option<ReceiptWish> {
    let mut at = world.services().db.snapshot().await.unwrap();
    queries::gift(&mut at, gift).await.unwrap().unwrap().receipt_wish
}

db::both!(
    what_a_giver_says_about_a_receipt_is_kept_whichever_way_the_gift_comes,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let silent = recorded(world.submit(world.incoming(&world.general, "N1", 100)).await);
        assert_eq!(wish(&world, silent).await, None);
        let mut said = world.incoming(&world.general, "N2", 100);
        said.receipt = Some(ReceiptWish::Wanted);
        let wanted = recorded(world.submit(said).await);
        assert_eq!(wish(&world, wanted).await, Some(ReceiptWish::Wanted));

        let mut other_amount = world.incoming(&world.general, "N2", 200);
        other_amount.receipt = Some(ReceiptWish::Waived);
        let Outcome::Held { review, .. } = world.submit(other_amount).await else {
            panic!("a held line was expected");
        };
        let accepted = review::accept(&world.giving, &world.officer, review).await.unwrap();
        assert_eq!(
            wish(&world, accepted.gift).await,
            Some(ReceiptWish::Waived),
            "it waited with the line"
        );

        let placed = NewOrder {
            project: "aed".into(),
            amount: Fen::new(300),
            payer: Payer::default(),
            anonymous: false,
            receipt: Some(ReceiptWish::Pending),
        };
        let order = orders::place(&world.giving, placed).await.unwrap();
        let mut payment = world.incoming(&world.general, &order.trade_no, 300);
        orders::complete(&mut payment, &world.giving).await.unwrap();
        let paid = recorded(world.submit(payment).await);
        assert_eq!(wish(&world, paid).await, Some(ReceiptWish::Pending));

        let entry = CounterGift {
            account: world.cash.id,
            project: world.general.id,
            amount: Fen::new(400),
            bank_no: None,
            key: "slip".into(),
            paid_at: None,
            payer: Payer::default(),
            anonymous: true,
            receipt: Some(ReceiptWish::Waived),
        };
        let counted = recorded(counter::enter(&world.giving, &world.officer, entry).await.unwrap());
        assert_eq!(wish(&world, counted).await, Some(ReceiptWish::Waived));
        world.stop();
    }
);

db::both!(
    a_later_wish_takes_the_place_of_the_first,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let gift = recorded(world.submit(world.incoming(&world.sub, "N1", 100)).await);
        for said in [ReceiptWish::Wanted, ReceiptWish::Wanted, ReceiptWish::Waived] {
            receipts::say(&services, &world.officer, gift, said).await.unwrap();
            assert_eq!(wish(&world, gift).await, Some(said));
        }
        let refused = receipts::say(&services, &world.county_officer, gift, ReceiptWish::Wanted).await;
        assert!(
            matches!(refused, Err(DonationError::NotFound(_))),
            "the money is in the city’s books: {refused:?}"
        );
        assert_eq!(wish(&world, gift).await, Some(ReceiptWish::Waived));
        world.stop();
    }
);
