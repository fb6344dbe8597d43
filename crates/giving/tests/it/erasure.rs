//! Erasure: after it no table holds anything personal of that gift, and everything else stands.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::body::Body;
use axum::http::{Request, StatusCode};
use db::{Reads as _, params};
use giving::donations::error::DonationError;
use giving::donations::orders::{self, NewOrder};
use giving::donations::sealed::{self, Erased, ErasureReason};
use giving::donations::{Outcome, Payer, api, review};
use giving::testing::{World, world};
use kernel::id::{Id as _, public};
use kernel::{Fen, GiftId, ReviewId};
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, RevealReason, Role, guard};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const REASON: ErasureReason = ErasureReason::GiverAsked;

fn recorded(outcome: Outcome) -> GiftId {
    match outcome {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

fn held(outcome: Outcome) -> ReviewId {
    match outcome {
        Outcome::Held { review, .. } => review,
        other => panic!("a held line was expected, not {other:?}"),
    }
}

/// Rows of the three tables that still hold something personal.
async fn personal_rows(world: &World) -> [i64; 3] {
    let mut at = world.services().db.snapshot().await.unwrap();
    let mut counted = [0; 3];
    for (place, sql) in [
        "SELECT COUNT(*) AS n FROM gift WHERE secret_wrapped IS NOT NULL OR payer_sealed IS NOT NULL
            OR payer_masked IS NOT NULL OR phone_index IS NOT NULL OR phone_month IS NOT NULL",
        "SELECT COUNT(*) AS n FROM gift_order WHERE secret_wrapped <> ?1 OR payer_sealed <> ?1",
        "SELECT COUNT(*) AS n FROM gift_review WHERE secret_wrapped IS NOT NULL OR payer_sealed IS NOT NULL
            OR payer_masked IS NOT NULL",
    ]
    .into_iter()
    .enumerate()
    {
        let values = if sql.contains("?1") {
            params![Vec::<u8>::new()]
        } else {
            vec![]
        };
        counted[place] = at.query_one(sql, values).await.unwrap().unwrap().int("n").unwrap();
    }
    counted
}

async fn ordered(world: &World, fen: i64) -> orders::Order {
    let wish = NewOrder {
        project: "aed".into(),
        amount: Fen::new(fen),
        payer: Payer {
            name: Some("测试乙".into()),
            phone: Some("13800000002".into()),
            ..Payer::default()
        },
        anonymous: false,
        receipt: None,
    };
    orders::place(&world.giving, wish).await.unwrap()
}

db::both!(
    after_erasure_nothing_personal_of_the_gift_is_left_anywhere_and_other_gifts_keep_theirs,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let by = Actor::operator();
        let order = ordered(&world, 2_000).await;
        let gift = recorded(
            world
                .submit(world.incoming(&world.restricted, &order.trade_no, 2_000))
                .await,
        );
        held(
            world
                .submit(world.incoming(&world.restricted, &order.trade_no, 2_100))
                .await,
        );
        let other = recorded(world.submit(world.incoming(&world.restricted, "N2", 500)).await);
        let accepted = held(world.submit(world.incoming(&world.restricted, "N2", 600)).await);
        let own = review::accept(&world.giving, &world.officer, accepted)
            .await
            .unwrap()
            .gift;
        assert_eq!(personal_rows(&world).await, [3, 1, 2]);

        let erased = sealed::erase(world.services(), &by, gift, REASON).await.unwrap();
        assert_eq!(
            erased,
            Erased {
                gifts: 1,
                orders: 1,
                held_lines: 1
            }
        );
        assert_eq!(personal_rows(&world).await, [2, 0, 1], "the others keep theirs");
        let again = sealed::erase(world.services(), &by, gift, REASON).await.unwrap();
        assert!(again.is_nothing(), "{again:?}");

        // A line that is held after the erasure brings a name again: the same call destroys it.
        held(
            world
                .submit(world.incoming(&world.restricted, &order.trade_no, 2_200))
                .await,
        );
        let late = sealed::erase(world.services(), &by, gift, REASON).await.unwrap();
        assert_eq!((late.gifts, late.held_lines), (0, 1));

        let erased = sealed::erase(world.services(), &by, other, REASON).await.unwrap();
        assert_eq!(
            (erased.gifts, erased.held_lines),
            (1, 0),
            "a line that became a gift of its own is erased with that"
        );
        let erased = sealed::erase(world.services(), &by, own, REASON).await.unwrap();
        assert_eq!((erased.gifts, erased.held_lines), (1, 1));
        assert_eq!(personal_rows(&world).await, [0, 0, 0]);

        let mut at = world.services().db.snapshot().await.unwrap();
        let facts = platform::facts::by_subject(&mut at, gift.bytes(), 10).await.unwrap();
        let erasures = facts.iter().filter(|fact| fact.kind == "gift.erased").count();
        // On PostgreSQL a fact is read once it has its place; none is written for what changed nothing.
        assert!(
            erasures <= 2 && (at.backend() == db::Backend::Postgres || erasures == 2),
            "{facts:?}"
        );
        assert!(giving::donations::recount(&mut at).await.unwrap().agrees());
        assert!(ledger::recount(&mut at).await.unwrap().agrees());
        drop(at);
        let repeated = world.submit(world.incoming(&world.restricted, "N2", 500)).await;
        assert_eq!(repeated, Outcome::Known(other), "the notice again brings no name back");
        assert_eq!(personal_rows(&world).await, [0, 0, 0]);
        world.stop();
    }
);

db::both!(
    only_who_manages_personal_data_erases_and_a_payment_of_an_erased_order_has_no_name,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let gift = recorded(world.submit(world.incoming(&world.restricted, "N1", 2_000)).await);
        let refused = sealed::erase(&services, &world.officer, gift, REASON).await;
        assert!(matches!(refused, Err(DonationError::Forbidden(_))));
        let county = platform::testing::actor(&services, &[(Role::Leader, world.county)]);
        let refused = sealed::erase(&services, &county, gift, REASON).await;
        assert!(
            matches!(refused, Err(DonationError::NotFound(_))),
            "it is not hers to see"
        );

        let (router, _) = guard::finish(api::routes(&world.giving), services.clone());
        let call = async |role: Role, name: &str, path: &str, body: Value| {
            let new = NewUser {
                name: name.to_owned(),
                kind: ActorKind::Person,
                unit: world.city,
                roles: vec![role],
                token: Some(NewToken {
                    name: "test".into(),
                    days: None,
                }),
                personal: Personal::default(),
            };
            let token = add_user(&services, &Actor::operator(), new)
                .await
                .unwrap()
                .token
                .unwrap()
                .text;
            let request = Request::post(path)
                .header("content-type", "application/json")
                .header("authorization", format!("Bearer {token}"));
            let request = request.body(Body::from(body.to_string())).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
            (status, serde_json::from_slice::<Value>(&bytes).unwrap_or(Value::Null))
        };
        let path = format!("/api/v1/gifts/{}/erasure", public(&*services.keys, gift));
        let reason = json!({ "reason": "giver_asked" });
        let (status, _) = call(Role::FinanceOfficer, "a", &path, reason.clone()).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let (status, _) = call(Role::Leader, "b", &path, json!({ "reason": "because" })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let (status, said) = call(Role::Leader, "c", &path, reason.clone()).await;
        assert_eq!(
            (status, &said),
            (StatusCode::OK, &json!({ "gifts": 1, "orders": 0, "held_lines": 0 }))
        );
        let (status, said) = call(Role::Leader, "d", &path, reason).await;
        assert_eq!(
            (status, &said["gifts"]),
            (StatusCode::OK, &json!(0)),
            "again: the same, nothing left"
        );
        assert_eq!(personal_rows(&world).await, [0, 0, 0]);
        world.stop();
    }
);

db::both!(
    a_payer_is_opened_for_a_reason_that_stands_in_the_trail_and_never_again_after_erasure,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services();
        let mut paid = world.incoming(&world.restricted, "N1", 900);
        paid.payer.phone = Some("13800000003".into());
        let gift = recorded(world.submit(paid).await);
        let open = sealed::reveal(services, &world.officer, gift, RevealReason::Check).await;
        let phone = open.map(|payer| payer.phone).unwrap();
        assert_eq!(phone.as_deref(), Some("13800000003"));
        let told = async || {
            let mut at = services.db.snapshot().await.unwrap();
            let sql = "SELECT body FROM fact WHERE kind = 'gift.payer_revealed'";
            let rows = at.query(sql, vec![]).await.unwrap();
            rows.iter().map(|row| row.text("body").unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(
            told().await,
            ["{\"reason\":\"check\"}"],
            "the reason, and nothing of her"
        );
        sealed::erase(services, &Actor::operator(), gift, REASON).await.unwrap();
        let gone = sealed::reveal(services, &world.officer, gift, RevealReason::Check).await;
        assert!(matches!(gone, Err(DonationError::NotFound("payer"))));
        assert_eq!(told().await.len(), 1, "what was not opened is not told");
        world.stop();
    }
);
