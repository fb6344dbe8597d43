//! What happens to a certificate after it was numbered: refunds and reversals beside it, seals that change, on both
//! databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use giving::donations::refunds::{self, RefundReason};
use giving::donations::{Outcome, certificate_id};
use giving::testing::{World, world};
use kernel::id::public;
use kernel::{Clock as _, Fen, GiftId, UnitId};
use platform::Services;
use platform::facts::Reactions;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use proof::certificates::{self, CertificateStanding, Format};
use serde_json::Value;
use tower::ServiceExt as _;

/// On PostgreSQL a fact gets its place when no older transaction of the whole server is left, other tests' too.
async fn settled(services: &Services) {
    let reactions = Reactions::new(proof::reactions());
    for _ in 0..500 {
        reactions.drain(services).await.unwrap();
        let mut at = services.db.snapshot().await.unwrap();
        if platform::facts::unplaced(&mut at).await.unwrap() == 0 {
            drop(at);
            reactions.drain(services).await.unwrap();
            return;
        }
        drop(at);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("facts wait for their place");
}

async fn gift(world: &World, trade_no: &str, fen: i64) -> GiftId {
    let outcome = world.submit(world.incoming(&world.restricted, trade_no, fen)).await;
    settled(world.services()).await;
    match outcome {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

struct Client {
    router: axum::Router,
    token: String,
}

impl Client {
    async fn new(world: &World) -> Self {
        let services = world.services().clone();
        let routes = certificates::api::routes(&services).merge(proof::seals::api::routes());
        let new = NewUser {
            name: "管理员".into(),
            kind: ActorKind::Person,
            unit: world.city,
            roles: vec![Role::Administrator],
            token: Some(NewToken {
                name: "test".into(),
                days: None,
            }),
            personal: Personal::default(),
        };
        let added = add_user(&services, &Actor::operator(), new).await.unwrap();
        let (router, _) = guard::finish(routes, services);
        Self {
            router,
            token: added.token.unwrap().text,
        }
    }
    async fn ask(&self, method: &str, path: &str, body: Vec<u8>) -> (StatusCode, Bytes) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token));
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (
            status,
            axum::body::to_bytes(response.into_body(), 1 << 24).await.unwrap(),
        )
    }
    async fn json(&self, path: &str) -> (StatusCode, Value) {
        let (status, bytes) = self.ask("GET", path, Vec::new()).await;
        (status, serde_json::from_slice(&bytes).unwrap())
    }
}

async fn refund(world: &World, gift: GiftId, fen: i64, key: &str) {
    let what = (gift, Fen::new(fen), RefundReason::WrongPayment);
    let asked = refunds::request(world.services(), &world.officer, what, key)
        .await
        .unwrap();
    refunds::approve(world.services(), &world.second, asked.id)
        .await
        .unwrap();
    settled(world.services()).await;
}

db::both!(
    a_certificate_says_what_became_of_its_gift_and_its_paper_stays,
    &proof::all_migrations(),
    async |test: db::testing::TestDb| {
        let world = world(test.db.clone()).await;
        let client = Client::new(&world).await;
        let id = gift(&world, "N1", 2_000).await;
        let other = gift(&world, "N2", 2_000).await;
        let path = |gift| {
            format!(
                "/api/v1/certificates/{}",
                public(&*world.services().keys, certificate_id(gift))
            )
        };
        let paper = certificates::paper(world.services(), id, Format::Pdf).await.unwrap();

        let (status, said) = client.json(&path(id)).await;
        assert_eq!(
            (status, &said["standing"]),
            (StatusCode::OK, &Value::from("valid")),
            "{said}"
        );
        assert!(said.get("since").is_none() && said["number"].is_string(), "{said}");
        assert!(!said.to_string().contains("测试甲"), "no name without the key");

        refund(&world, id, 500, "k1").await;
        let (_, said) = client.json(&path(id)).await;
        assert_eq!(
            (&said["standing"], &said["refunded_fen"], &said["amount_fen"]),
            (&Value::from("partly_refunded"), &Value::from(500), &Value::from(2_000)),
            "{said}"
        );
        let later = world.clock.now().plus_micros(60_000_000);
        world.at(later);
        refund(&world, id, 1_500, "k2").await;
        let (_, said) = client.json(&path(id)).await;
        assert_eq!(
            (&said["standing"], &said["refunded_fen"]),
            (&Value::from("refunded"), &Value::from(2_000))
        );
        let mut at = world.services().db.snapshot().await.unwrap();
        let standing = certificates::standing(&mut at, id).await.unwrap();
        assert_eq!(
            standing,
            CertificateStanding::Refunded {
                refunded: Fen::new(2_000),
                since: later
            }
        );
        let untouched = certificates::standing(&mut at, other).await.unwrap();
        assert_eq!(untouched, CertificateStanding::Valid);
        drop(at);
        let again = certificates::paper(world.services(), id, Format::Pdf).await.unwrap();
        assert_eq!(again, paper, "the paper stays as issued");
        let (_, said) = client.json(&path(id)).await;
        let sha256 = ring::digest::digest(&ring::digest::SHA256, &paper);
        let stated = serde_json::json!([{ "format": "pdf", "sha256": kernel::id::hex(sha256.as_ref()) }]);
        assert_eq!(
            said["papers"], stated,
            "whoever holds a copy can tell whether it is ours"
        );

        let (status, _) = client.json("/api/v1/certificates/nothing").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let wrong_kind = format!("/api/v1/certificates/{}", public(&*world.services().keys, id));
        assert_eq!(
            client.json(&wrong_kind).await.0,
            StatusCode::NOT_FOUND,
            "a gift’s id is no certificate’s"
        );
        world.stop();
    }
);

db::both!(
    a_gift_whose_import_was_taken_back_certifies_nothing_any_more,
    &proof::all_migrations(),
    async |test: db::testing::TestDb| {
        use giving::donations::imports::{self, NewImport};
        let world = world(test.db.clone()).await;
        let client = Client::new(&world).await;
        let services = world.services().clone();
        let new = NewImport {
            unit: world.city,
            project: world.restricted.id,
            account: world.notice.0.id,
            profile: "test",
            file_sha256: [7; 32],
            actor: world.officer.id,
        };
        let import = imports::begin(&new, &services).await.unwrap();
        let line = world.prepared(world.incoming(&world.restricted, "B1", 300));
        let outcomes = world.giving.intake.submit_many(vec![line], Some(import)).await.unwrap();
        imports::end(import, &new, &serde_json::json!({}), &services)
            .await
            .unwrap();
        let Outcome::Recorded(id) = outcomes[0] else {
            panic!("a new gift was expected");
        };
        settled(&services).await;
        refunds::take_back_import(&services, &world.officer, import)
            .await
            .unwrap();
        settled(&services).await;
        let path = format!("/api/v1/certificates/{}", public(&*services.keys, certificate_id(id)));
        let (_, said) = client.json(&path).await;
        assert_eq!(
            (&said["standing"], &said["refunded_fen"]),
            (&Value::from("taken_back"), &Value::from(0)),
            "{said}"
        );
        world.stop();
    }
);

/// A round seal on transparent ground, as PNG.
fn picture(colour: [u8; 4]) -> Vec<u8> {
    let side = 400u32;
    let drawn = image::RgbaImage::from_fn(side, side, |x, y| {
        let away = (i64::from(x) - 200).pow(2) + (i64::from(y) - 200).pow(2);
        let ring = (170 * 170..190 * 190).contains(&away) || away < 50 * 50;
        image::Rgba(if ring { colour } else { [0; 4] })
    });
    let mut bytes = Vec::new();
    drawn
        .write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png)
        .unwrap();
    bytes
}

async fn seal_of(services: &Services, unit: UnitId) -> Option<Vec<u8>> {
    proof::seals::current(services, unit).await.unwrap()
}

db::both!(
    a_new_seal_is_on_papers_numbered_from_now_on_and_on_no_earlier_one,
    &proof::all_migrations(),
    async |test: db::testing::TestDb| {
        let mut world = world(test.db.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        world.giving.services.data = Arc::new(folder.path().to_path_buf());
        let services = world.services().clone();
        let client = Client::new(&world).await;
        let path = format!("/api/v1/units/{}/seal", public(&*services.keys, world.city));
        assert_eq!(client.ask("GET", &path, Vec::new()).await.0, StatusCode::NOT_FOUND);

        let before = gift(&world, "N1", 100).await;
        let (status, said) = client.ask("PUT", &path, picture([190, 20, 30, 255])).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{said:?}");
        let first = gift(&world, "N2", 100).await;
        let (status, said) = client.ask("PUT", &path, picture([20, 60, 160, 255])).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{said:?}");
        let second = gift(&world, "N3", 100).await;
        assert_eq!(client.ask("DELETE", &path, Vec::new()).await.0, StatusCode::NO_CONTENT);
        let after = gift(&world, "N4", 100).await;

        let mut at = services.db.snapshot().await.unwrap();
        let mut frozen = Vec::new();
        for id in [before, first, second, after] {
            let certificate = certificates::load(&mut at, id).await.unwrap().unwrap();
            frozen.push(certificate.frame.seal().unwrap());
        }
        drop(at);
        assert!(frozen[0].is_none() && frozen[3].is_none());
        assert!(frozen[1].is_some() && frozen[2].is_some() && frozen[1] != frozen[2]);
        // Drawn only now, each with the seal of its own day.
        let mut drawn = Vec::new();
        for id in [before, first, second, after] {
            let paper = certificates::paper(&services, id, Format::Png).await.unwrap();
            let picture = image::load_from_memory(&paper).unwrap().to_rgb8();
            let count = |like: fn(&[u8; 3]) -> bool| picture.pixels().filter(|p| like(&p.0)).count();
            drawn.push((
                count(|[r, g, b]| *r > 170 && *g < 50 && *b < 60),
                count(|[r, g, b]| *r < 60 && *g < 90 && *b > 130),
            ));
        }
        assert!(drawn[1].0 > 1_000 && drawn[1].1 == 0, "the red seal: {drawn:?}");
        assert!(drawn[2].1 > 1_000, "the blue seal: {drawn:?}");
        assert!(drawn[0].1 == 0 && drawn[3].1 == 0, "no seal: {drawn:?}");

        for (bytes, status) in [
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            (b"\x89PNG\r\n\x1a\nbroken".to_vec(), StatusCode::UNPROCESSABLE_ENTITY),
            (vec![0; 3 << 20], StatusCode::PAYLOAD_TOO_LARGE),
        ] {
            let (said, words) = client.ask("PUT", &path, bytes).await;
            assert_eq!(said, status, "{words:?}");
        }
        assert_eq!(
            seal_of(&services, world.city).await,
            None,
            "a refused picture changes nothing"
        );
        let elsewhere = platform::testing::actor(&services, &[(Role::Administrator, world.county)]);
        let refused = proof::seals::set(&services, &elsewhere, world.city, picture([1, 2, 3, 255])).await;
        assert!(matches!(refused, Err(proof::seals::SealError::Forbidden(_))));
        world.stop();
    }
);
