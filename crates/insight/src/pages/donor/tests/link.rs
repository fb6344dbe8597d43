//! The link of an order that staff placed on the telephone.

use axum::http::{StatusCode, header};
use db::testing::TestDb;
use giving::donations::orders::link;
use kernel::OrderId;
use kernel::id::from_public;

use super::{PHONE, Walk};

db::both!(
    an_order_taken_on_the_telephone_is_paid_by_its_link_and_by_no_other,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let (order, _) = walk.order("choice=2000").await;
        let (other, _) = walk.order("choice=2000").await;
        let keys = &walk.world.services().keys;
        let id: OrderId = from_public(&**keys, order.trim_start_matches("/o/")).expect("an order");
        let way = link::path(keys, id);
        let pay = format!("{order}/pay");
        assert_eq!(
            walk.get(&pay, "", PHONE).await.location(),
            order,
            "the address alone pays nothing"
        );
        for wrong in [
            format!("{pay}?mark=AAAAAAAAAAAAAAAAAAAAAA"),
            way.replace(&order, &other),
        ] {
            let answer = walk.get(&wrong, "", PHONE).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
        }
        let led = walk.get(&way, "", PHONE).await;
        assert_eq!(
            (led.status, led.location()),
            (StatusCode::SEE_OTHER, pay.clone()),
            "the mark leaves the address"
        );
        let cookie = led.cookie();
        let page = walk.get(&pay, &cookie, PHONE).await.html();
        assert!(page.contains("href=\"https://pay.example.org/SQ"), "a way over to pay");
        walk.paid(&order, 2_000).await;
        let late = walk.get(&way, "", PHONE).await;
        assert_eq!(late.location(), order);
        assert!(
            late.headers.get(header::SET_COOKIE).is_none(),
            "once paid, the link makes nobody its donor"
        );
        let thanks = walk.get(&order, &cookie, PHONE).await.html();
        assert!(thanks.contains("捐赠成功"), "who paid by it is thanked");
        walk.end();
    }
);
