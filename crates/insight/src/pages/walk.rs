//! A walk through the public pages over a made-up society, on both databases.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use giving::donations::refunds::{self, RefundReason};
use giving::donations::sealed::{self, ErasureReason};
use giving::donations::{Outcome, certificate_id};
use giving::testing::{World, world};
use http_body_util::BodyExt as _;
use kernel::id::public;
use kernel::{Clock as _, Fen, GiftId};
use platform::facts::Reactions;
use platform::identity::Actor;
use proof::log::{Folder, folder_in};
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::routes;

async fn erase(world: &World, gift: GiftId) {
    let erased = sealed::erase(world.services(), &Actor::operator(), gift, ErasureReason::GiverAsked).await;
    assert_eq!(erased.expect("erased").gifts, 1);
}

const NUMBER: &str = "4200009999202605080000000001";

struct Walk {
    world: World,
    router: Router,
    stop: watch::Sender<bool>,
}

impl Walk {
    async fn begin(test: &TestDb) -> Self {
        let world = world(test.db.clone()).await;
        let (stop, stopping) = watch::channel(false);
        let files = Folder::at(folder_in(&world.services().data)).into();
        let router = routes(world.services().clone(), None, files, stopping);
        Self { world, router, stop }
    }
    async fn give(&self, incoming: giving::donations::Incoming) -> GiftId {
        match self.world.submit(incoming).await {
            Outcome::Recorded(id) | Outcome::Known(id) => id,
            Outcome::Held { .. } => panic!("the gift was held"),
        }
    }
    /// On PostgreSQL a fact gets its place when no older transaction of the whole server is left, other tests' too.
    async fn number_certificate_of(&self, gift: GiftId) {
        let reactions = Reactions::new(proof::reactions());
        for _ in 0..500 {
            reactions.drain(self.world.services()).await.expect("numbered");
            let mut at = self.world.services().db.snapshot().await.expect("a snapshot");
            if proof::certificates::load(&mut at, gift).await.expect("read").is_some() {
                return;
            }
            drop(at);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the certificate was not numbered");
    }
    /// Lets what is kept for a second grow old.
    fn a_moment_later(&self) {
        let now = self.world.clock.now();
        self.world.at(now.plus_micros(2_000_000));
    }
    async fn ask(&self, request: Request<Body>) -> (StatusCode, String, Bytes) {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let kind = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("")
            .to_owned();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, kind, body)
    }
    async fn get(&self, path: &str) -> (StatusCode, String) {
        let request = Request::get(path)
            .header(header::ACCEPT, "text/html")
            .body(Body::empty())
            .expect("a request");
        let (status, _, body) = self.ask(request).await;
        (status, String::from_utf8_lossy(&body).into_owned())
    }
    async fn look_up(&self, form: &str) -> (StatusCode, String) {
        let request = Request::post("/lookup")
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .expect("a request");
        let (status, _, body) = self.ask(request).await;
        (status, String::from_utf8_lossy(&body).into_owned())
    }
    fn end(self) {
        let _ = self.stop.send(true);
        drop(self.router);
        self.world.stop();
    }
}

/// The yuan part as a page prints it.
fn shows(html: &str, yuan: &str) -> bool {
    html.contains(&format!("<span class=\"yuan\">{yuan}</span>"))
}

db::both!(
    pages_show_what_the_books_hold_less_refunds,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let (w, keys) = (&walk.world, walk.world.services().keys.clone());
        walk.give(w.incoming(&w.restricted, "A1", 12_345_600)).await;
        walk.give(w.incoming(&w.sub, "A2", 100_000)).await;
        let back = walk.give(w.incoming(&w.sub, "A3", 5_000)).await;
        let wanted = (back, Fen::new(5_000), RefundReason::WrongPayment);
        let asked = refunds::request(w.services(), &w.officer, wanted, "key-1")
            .await
            .expect("asked");
        refunds::approve(w.services(), &w.second, asked.id)
            .await
            .expect("approved");
        // The live feed may have read the home page for its masthead before the gifts.
        walk.a_moment_later();
        let campaign = format!("/c/{}", public(&*keys, w.campaign));
        let by_id = format!("/p/{}", public(&*keys, w.restricted.id));
        for path in ["/", &campaign, "/p/aed", &by_id] {
            let (status, html) = walk.get(path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(
                shows(&html, "124,456"),
                "{path} shows 123,456.00 + 1,000.00, the refund left out"
            );
            assert!(html.contains("测*") && !html.contains("测试甲"), "{path} masks names");
        }
        let (_, county) = walk.get("/p/aed-county").await;
        assert!(
            shows(&county, "1,000") && !shows(&county, "1,050"),
            "a sub-project shows its own"
        );
        let (status, home) = walk.get(&format!("/u/{}", public(&*keys, w.county))).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            home.contains("沂水县演示会") && shows(&home, "1,000"),
            "a county has a home of its own"
        );
        let (_, page) = walk.get(&campaign).await;
        assert!(
            page.contains("TEST0001") && page.contains("DEMO2026A00001"),
            "certificate and filing are prominent"
        );
        walk.give(w.incoming(&w.general, "A4", 700)).await;
        let (_, same) = walk.get("/").await;
        assert!(shows(&same, "124,456"), "for a second the same reading is shown to all");
        walk.a_moment_later();
        let (_, newer) = walk.get("/").await;
        assert!(shows(&newer, "124,463"), "then the newer one");
        walk.end();
    }
);

db::both!(
    what_is_not_there_or_not_public_is_one_and_the_same,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let keys = walk.world.services().keys.clone();
        let nowhere = "a".repeat(26);
        // A gift's own id is no certificate's address.
        let gift = walk.give(walk.world.incoming(&walk.world.general, NUMBER, 2_000)).await;
        let gift = public(&*keys, gift);
        for path in [
            "/nothing-here".to_owned(),
            format!("/c/{nowhere}"),
            format!("/p/{nowhere}"),
            "/p/no-such-code".to_owned(),
            format!("/u/{nowhere}"),
            format!("/v/{nowhere}"),
            format!("/v/{gift}"),
            format!("/v/{gift}/certificate/pdf"),
            format!("/events/{nowhere}"),
        ] {
            let (status, html) = walk.get(&path).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            assert!(
                html.contains("<h1>") && html.contains("没有这个页面"),
                "{path} is a page"
            );
        }
        let script = Request::get("/nothing-here")
            .header(header::ACCEPT_LANGUAGE, "en")
            .body(Body::empty());
        let (status, kind, body) = walk.ask(script.expect("a request")).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::NOT_FOUND, "application/problem+json")
        );
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body["type"], "/problems/not-found");
        walk.end();
    }
);

db::both!(
    only_the_holder_of_the_key_is_given_the_papers,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let w = &walk.world;
        let gift = walk.give(w.incoming(&w.restricted, NUMBER, 2_050)).await;
        let other = walk.give(w.incoming(&w.restricted, "B2", 100)).await;
        let id = public(&*w.services().keys, certificate_id(gift));
        let (status, young) = walk.get(&format!("/v/{id}")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            !young.contains("/certificate/png"),
            "before its number there is nothing to draw"
        );
        walk.number_certificate_of(gift).await;
        let (_, page) = walk.get(&format!("/v/{id}")).await;
        assert!(
            shows(&page, "20") && page.contains("371300-2026-0000001"),
            "amount and number are shown"
        );
        assert!(!page.contains("测试甲"), "the name only to who has the key");
        let secret = async |gift| {
            let mut at = w.services().db.snapshot().await.expect("a snapshot");
            let sealed = sealed::load(&mut at, gift).await.expect("read").expect("there");
            sealed.secret(w.services()).expect("opens").expect("not erased")
        };
        let proof = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
        let right = proof(&secret(gift).await.paper_proof(&id));
        let others = proof(&secret(other).await.paper_proof(&id));
        let paper = |query: &str| format!("/v/{id}/certificate/pdf{query}");
        for query in [
            String::new(),
            "?proof=".into(),
            "?proof=x".into(),
            format!("?proof={others}"),
        ] {
            let (status, html) = walk.get(&paper(&query)).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{query}");
            assert!(html.contains("需要证书上的二维码"), "it says what is needed");
        }
        for (format, head) in [("pdf", "%PDF".as_bytes()), ("png", b"\x89PNG")] {
            let read = async || {
                let request = Request::get(format!("/v/{id}/certificate/{format}?proof={right}")).body(Body::empty());
                walk.ask(request.expect("a request")).await
            };
            let (status, _, first) = read().await;
            assert_eq!(status, StatusCode::OK, "{format}");
            assert!(first.starts_with(head), "{format}");
            assert_eq!(read().await.2, first, "the same bytes for ever");
        }
        let hashes = async || {
            let mut at = w.services().db.snapshot().await.expect("a snapshot");
            proof::certificates::paper_hashes(&mut at, gift).await.expect("read")
        };
        let kept = hashes().await;
        assert_eq!(kept.len(), 2, "two papers were drawn");
        erase(w, gift).await;
        assert_eq!(hashes().await, kept, "the hashes stay");
        for path in [format!("/v/{id}"), paper(&format!("?proof={right}"))] {
            let (status, html) = walk.get(&path).await;
            assert_eq!(status, StatusCode::GONE, "{path}");
            assert!(html.contains("<h1>"), "{path} is a page");
        }
        walk.end();
    }
);

db::both!(
    a_donor_finds_her_gift_and_nobody_finds_another,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let w = &walk.world;
        let gift = walk.give(w.incoming(&w.sub, NUMBER, 2_050)).await;
        walk.number_certificate_of(gift).await;
        let id = public(&*w.services().keys, certificate_id(gift));
        let day = w.today().to_string();
        let found = async |number: &str, amount: &str, rest: &str| {
            let (status, html) = walk.look_up(&format!("number={number}&amount={amount}&{rest}")).await;
            assert_eq!(status, StatusCode::OK);
            html
        };
        let by_day = format!("day={day}");
        for (number, rest) in [
            (NUMBER, by_day.as_str()),
            (NUMBER, "phone=138+0000+0000"),
            ("371300-2026-0000001", by_day.as_str()),
        ] {
            let html = found(number, "20.50", rest).await;
            assert!(html.contains(&id), "{number} {rest}");
            assert!(
                html.contains('#') && html.contains("371300-2026-0000001"),
                "with the key behind the mark"
            );
        }
        let nothing = found("4200009999202605080000000002", "20.50", &by_day).await;
        for (number, amount, rest) in [
            (NUMBER, "20.51", by_day.as_str()),
            (NUMBER, "20.50", "day=2026-05-07"),
            (NUMBER, "20.50", "phone=13800000001"),
            ("371300-2026-0000002", "20.50", by_day.as_str()),
        ] {
            let html = found(number, amount, rest).await;
            assert!(
                html.contains("没有查到这笔捐赠") && !html.contains(&id),
                "{number} {amount} {rest}"
            );
            assert_eq!(main_of(&html), main_of(&nothing), "no hint in the answer");
        }
        erase(w, gift).await;
        let html = found(NUMBER, "20.50", &by_day).await;
        assert!(
            html.contains(&id) && !html.contains(&format!("{id}#")),
            "after erasure there is no key to give"
        );
        let mut status = StatusCode::OK;
        for _ in 0..12 {
            status = walk.look_up("number=x").await.0;
        }
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
        walk.end();
    }
);

/// The page's own part, without head and foot.
fn main_of(html: &str) -> &str {
    html.split("<main")
        .nth(1)
        .and_then(|rest| rest.split("<form").next())
        .unwrap_or("")
}

db::both!(
    who_watches_is_told_what_moves_until_the_house_closes,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let w = &walk.world;
        let address = format!("/events/{}", public(&*w.services().keys, w.campaign));
        let request = Request::get(address).body(Body::empty()).expect("a request");
        let response = walk.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        let mut body = response.into_body();
        let mut next = async || {
            let frame = tokio::time::timeout(Duration::from_secs(10), body.frame())
                .await
                .expect("in time")?;
            let bytes = frame.expect("a frame").into_data().expect("data");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("data: "))
                .unwrap_or("null")
                .to_owned();
            Some(serde_json::from_str::<serde_json::Value>(&line).expect("JSON"))
        };
        let first = next().await.expect("a snapshot at once");
        assert_eq!(first["total_fen"], 0);
        let mut gift = w.incoming(&w.sub, NUMBER, 2_050);
        gift.payer.name = Some("王小明".into());
        walk.give(gift).await;
        let reactions = Reactions::new(giving::reactions());
        let mut told = first;
        for _ in 0..40 {
            // What is counted for the ranks moves them a moment after the total.
            reactions.drain(w.services()).await.expect("counted");
            walk.a_moment_later();
            told = next().await.expect("a snapshot");
            if told["total_fen"] != 0 && told["counties"][0]["total_fen"] != 0 {
                break;
            }
        }
        assert_eq!(told["total_fen"], 2_050);
        assert_eq!(told["counties"][0]["total_fen"], 2_050);
        assert_eq!(told["latest"][0]["who"], "王**");
        let _ = walk.stop.send(true);
        assert!(next().await.is_none(), "the stream ends with the house");
        walk.end();
    }
);
