//! A society with an Alipay account, and the sandbox's Alipay in the same process: nothing between them is left out but
//! the network.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use db::{Db, Reads as _, params};
use giving::donations::orders::{self, NewOrder, Order, PayStep, Way, payments};
use giving::donations::{Payer, recount};
use giving::testing::{World, world};
use integrations::payments::alipay::{Alipay, Settings};
use integrations::payments::api::routes;
use integrations::payments::http::{Http, NoAnswer, Request as Asked, Response as Answered, Sent};
use integrations::payments::{Adapter, Payments, Tools};
use kernel::{Clock as _, Fen, FixedClock, Instant, ReceivingAccountId, SeededRng};
use platform::identity::Actor;
use sandbox::alipay::{Fault, Mode};
use tower::ServiceExt as _;

pub const ORIGIN: &str = "http://127.0.0.1:1";
pub const MINUTE: i64 = 60 * 1_000_000;
pub const DAY: i64 = 24 * 60 * MINUTE;

/// The way out, which ends in the sandbox.
struct Wire {
    sandbox: Arc<sandbox::alipay::Alipay>,
    clock: Arc<FixedClock>,
}

impl Http for Wire {
    fn send(&self, request: Asked) -> Sent<'_> {
        let rest = request.url.strip_prefix(ORIGIN).unwrap_or_default().to_owned();
        let (path, query) = rest.split_once('?').unwrap_or((&rest, ""));
        let answer = self.sandbox.handle(path, query, &request.body);
        let at = self.clock.now().to_datetime();
        let date = at
            .format(&time::format_description::well_known::Rfc2822)
            .expect("a date");
        Box::pin(async move {
            if answer.status >= 500 {
                return Err(NoAnswer("cut off".into()));
            }
            Ok(Answered {
                status: answer.status,
                headers: vec![("date".into(), date)],
                body: answer.body,
            })
        })
    }
}

/// Everything a test needs.
pub struct Town {
    pub world: World,
    pub sandbox: Arc<sandbox::alipay::Alipay>,
    /// The sandbox's own clock.
    pub their_clock: Arc<FixedClock>,
    pub alipay: Arc<Alipay>,
    pub account: ReceivingAccountId,
    pub router: Router,
}

/// A society connected with the sandbox.
pub async fn town(db: Db, mode: Mode) -> Town {
    town_with(db, mode, |_| ()).await
}

/// The same with settings that a test changes before they are used.
pub async fn town_with(db: Db, mode: Mode, change: impl Fn(&mut serde_json::Value)) -> Town {
    let world = world(db).await;
    let their_clock = Arc::new(FixedClock::at(world.clock.now()));
    let rng = Arc::new(SeededRng::new(7));
    let sandbox = sandbox::alipay::Alipay::new(their_clock.clone(), rng, ORIGIN, mode).expect("a sandbox");
    let sandbox = Arc::new(sandbox);
    let mut file = sandbox.settings();
    change(&mut file);
    let file: Settings = serde_json::from_value(file).expect("settings as the adapter reads them");
    let gateway = file.gateway(world.city, None).expect("settings that fit");
    let by = Actor::operator();
    let tools = Tools {
        services: world.services().clone(),
        http: Arc::new(Wire {
            sandbox: Arc::clone(&sandbox),
            clock: Arc::clone(&their_clock),
        }),
        system: random(),
    };
    let payments = Payments::new(world.giving.clone(), tools);
    let account = payments.connect(&by, &gateway).await.expect("a gateway");
    let Some(Adapter::Alipay(alipay)) = payments.adapter(account) else {
        panic!("Alipay is connected")
    };
    let (router, _) = routes(&payments).with_state(world.services().clone()).split_for_parts();
    Town {
        world,
        sandbox,
        their_clock,
        alipay,
        account,
        router,
    }
}

#[allow(clippy::disallowed_methods, reason = "a test wires what `qiao` wires")]
fn random() -> ring::rand::SystemRandom {
    ring::rand::SystemRandom::new()
}

impl Town {
    /// Moves both clocks.
    pub fn later(&self, micros: i64) {
        let now = self.world.clock.now().plus_micros(micros);
        self.world.clock.set(now);
        self.their_clock.set(self.their_clock.now().plus_micros(micros));
    }

    /// To a moment of the sandbox's next day at which its bill is ready.
    pub fn next_day(&self) {
        let now = self.world.clock.now();
        let noon = now.business_day().plus_days(1).start().plus_micros(12 * 60 * MINUTE);
        self.later(noon.micros() - now.micros());
    }

    /// An order of this many fen.
    pub async fn order(&self, fen: i64) -> Order {
        let new = NewOrder {
            project: "aed".into(),
            amount: Fen::new(fen),
            payer: Payer {
                name: Some("测试甲".into()),
                ..Payer::default()
            },
            anonymous: false,
            receipt: None,
        };
        orders::place(&self.world.giving, new).await.expect("an order")
    }

    /// Opens the pay page of an order; gives its content.
    pub async fn open(&self, order: &Order) -> String {
        let back = format!("{}/give/thanks", self.world.services().base_url);
        let step = payments::pay(&self.world.giving, order.id, &Way::AlipayWap, &back)
            .await
            .expect("a step");
        let PayStep::Redirect { url } = step else {
            panic!("a redirect is expected")
        };
        let query = url
            .strip_prefix(&format!("{ORIGIN}/alipay/gateway.do?"))
            .expect("the gateway’s address");
        let page = self.sandbox.handle("/alipay/gateway.do", query, b"");
        assert_eq!(page.status, 200, "{}", String::from_utf8_lossy(&page.body));
        String::from_utf8(page.body).expect("a page")
    }

    /// The donor taps “pay”; gives the address the browser is sent to.
    pub fn tap(&self, order: &Order, fault: Fault) -> String {
        let body = format!("out_trade_no={}&action=pay&fault={}", order.trade_no, fault.as_str());
        let answer = self.sandbox.handle("/alipay/pay", "", body.as_bytes());
        assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
        answer.location.expect("an address")
    }

    /// An order, opened and paid.
    pub async fn paid(&self, fen: i64, fault: Fault) -> Order {
        let order = self.order(fen).await;
        self.open(&order).await;
        self.tap(&order, fault);
        order
    }

    /// Brings what is due to the house; gives status and text of every answer.
    pub async fn deliver(&self) -> Vec<(StatusCode, String)> {
        let mut answers = Vec::new();
        for posting in self.sandbox.due() {
            let (status, text) = self.post(&posting.url, posting.body).await;
            self.sandbox.told(posting.id, &text);
            answers.push((status, text));
        }
        answers
    }

    /// Posts a form to this house.
    pub async fn post(&self, url: &str, body: String) -> (StatusCode, String) {
        let path = url
            .strip_prefix(&*self.world.services().base_url)
            .expect("this house")
            .to_owned();
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(Body::from(body))
            .expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (status, String::from_utf8(bytes.to_vec()).expect("a text"))
    }

    /// The browser follows an address to this house; gives where it is sent on.
    pub async fn follow(&self, url: &str) -> String {
        let path = url
            .strip_prefix(&*self.world.services().base_url)
            .expect("this house")
            .to_owned();
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        answer.headers()["location"].to_str().expect("an address").to_owned()
    }

    /// Gifts in this account: how many, how many fen.
    pub async fn gifts(&self) -> (i64, i64) {
        self.two(
            "SELECT COUNT(*) AS n, CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen FROM gift WHERE account_id = ?1",
        )
        .await
    }

    /// What is held for review: how many, how many fen.
    pub async fn held(&self) -> (i64, i64) {
        self.two(
            "SELECT COUNT(*) AS n, CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen FROM gift_review
            WHERE account_id = ?1",
        )
        .await
    }

    async fn two(&self, sql: &str) -> (i64, i64) {
        let mut at = self.world.services().db.snapshot().await.expect("a snapshot");
        let row = at
            .query_one(sql, params![(self.account,)])
            .await
            .expect("a query")
            .expect("a row");
        (row.int("n").expect("a number"), row.int("fen").expect("fen"))
    }

    /// What the log of notices says of those that were refused today: reason and how often.
    pub async fn refused(&self) -> Vec<(String, i64)> {
        let mut at = self.world.services().db.snapshot().await.expect("a snapshot");
        let sql =
            "SELECT event, times FROM payment_notice WHERE account_id = ?1 AND outcome = 'refused' ORDER BY event";
        let rows = at.query(sql, params![(self.account,)]).await.expect("a query");
        let reason = |event: String| event.rsplit(':').next().unwrap_or_default().to_owned();
        rows.iter()
            .map(|row| {
                (
                    reason(row.text("event").expect("a text")),
                    row.int("times").expect("a number"),
                )
            })
            .collect()
    }

    /// Facts of a kind.
    pub async fn facts(&self, kind: &str) -> i64 {
        let mut at = self.world.services().db.snapshot().await.expect("a snapshot");
        let sql = "SELECT COUNT(*) AS n FROM fact WHERE kind = ?1";
        let row = at.query_one(sql, params![kind]).await.expect("a query").expect("a row");
        row.int("n").expect("a number")
    }

    /// Compares yesterday's bill: agreed, found, held.
    pub async fn reconcile_yesterday(&self) -> (i64, i64, i64) {
        let connected = self.world.giving.gateways.of_account(self.account).expect("connected");
        let day = self.world.today().plus_days(-1);
        let found = payments::reconcile(&self.world.giving, &connected, day)
            .await
            .expect("a comparison");
        (found.agreed, found.found, found.held)
    }

    /// Books and totals agree with the gifts, and everything ends.
    pub async fn done(self) {
        let mut at = self.world.services().db.snapshot().await.expect("a snapshot");
        let found = recount(&mut at).await.expect("a recount");
        drop(at);
        assert!(found.agrees(), "books and totals differ from the gifts: {found:?}");
        self.world.stop();
    }

    /// Now, in this house.
    pub fn now(&self) -> Instant {
        self.world.clock.now()
    }
}
