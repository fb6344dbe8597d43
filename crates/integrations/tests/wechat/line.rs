//! A house and a sandbox in one process, each other's way out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::Request as HttpRequest;
use giving::donations::orders::{NewOrder, Order, PayStep, Way, pay, place};
use giving::donations::{Payer, api};
use giving::testing::{World, world};
use integrations::payments::http::{Http, Method, NoAnswer, Request, Response, Sent};
use integrations::payments::settings::{NewGateway, PlatformKey, Secrets};
use integrations::payments::{Payments, Tools};
use kernel::Fen;
use platform::identity::{Actor, guard};
use sandbox::{Post, Posted, Sandbox};
use tower::ServiceExt as _;

use crate::toys;

/// The sandbox's address; nobody listens there.
pub const SANDBOX: &str = "http://127.0.0.1:1";
/// Minutes in microseconds.
pub const MINUTE: i64 = 60 * 1_000_000;
/// A day in microseconds.
pub const DAY: i64 = 24 * 60 * MINUTE;

/// A router that requests are handed to, once it is known; what it is to leave without an answer is counted down.
#[derive(Clone, Default)]
struct Wire(Arc<OnceLock<Router>>, Arc<AtomicUsize>);

impl Wire {
    async fn call(&self, request: HttpRequest<Body>) -> Result<Response, String> {
        let router = self.0.get().ok_or("nobody is there")?.clone();
        let answer = router.oneshot(request).await.map_err(|e| e.to_string())?;
        let status = answer.status().as_u16();
        let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)));
        let headers = headers.collect();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 24)
            .await
            .map_err(|e| e.to_string())?;
        Ok(Response {
            status,
            headers,
            body: body.to_vec(),
        })
    }
}

fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..]).to_owned()
}

impl Http for Wire {
    fn send(&self, request: Request) -> Sent<'_> {
        Box::pin(async move {
            let mut building = HttpRequest::builder()
                .method(match request.method {
                    Method::Get => "GET",
                    Method::Post => "POST",
                })
                .uri(path_of(&request.url));
            for (name, value) in request.headers {
                building = building.header(name, value);
            }
            let sent = building
                .body(Body::from(request.body))
                .map_err(|e| NoAnswer(e.to_string()))?;
            let answer = self.call(sent).await.map_err(NoAnswer)?;
            let is_cut = |left: usize| left.checked_sub(1);
            match self.1.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_cut) {
                Ok(_) => Err(NoAnswer("the connection was closed".into())),
                Err(_) => Ok(answer),
            }
        })
    }
}

impl Post for Wire {
    fn post(&self, url: String, headers: Vec<(&'static str, String)>, body: String) -> Posted<'_> {
        Box::pin(async move {
            let mut building = HttpRequest::builder().method("POST").uri(path_of(&url));
            for (name, value) in headers {
                building = building.header(name, value);
            }
            let sent = building.body(Body::from(body)).map_err(|e| e.to_string())?;
            let answer = self.call(sent).await?;
            Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned()))
        })
    }
}

/// How the platform's key is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trusting {
    /// By certificates that are fetched.
    Certificates,
    /// By the public key, given as a file.
    PublicKey,
}

/// A house connected with a sandbox.
pub struct Line {
    /// The society.
    pub world: World,
    /// The provider.
    pub sandbox: Sandbox,
    /// The code of the account.
    pub account: String,
    house: Wire,
    outside: Wire,
    folder: tempfile::TempDir,
}

/// Connects.
pub async fn line(db: db::Db, trusting: Trusting) -> Line {
    let folder = tempfile::tempdir().expect("a folder");
    toys::keys(folder.path());
    let world = world(db).await;
    let (house, outside) = (Wire::default(), Wire::default());
    let sandbox = Sandbox::open(toys::world(
        folder.path(),
        SANDBOX,
        Arc::new(house.clone()),
        Arc::clone(&world.clock),
    ))
    .expect("opens");
    outside.0.set(sandbox.routes()).expect("set once");
    let tools = Tools {
        services: world.services().clone(),
        http: Arc::new(outside.clone()),
        system: ring::rand::SystemRandom::new(),
    };
    let payments = Payments::new(world.giving.clone(), tools);
    let files = folder.path().join("wechat");
    let read = |name: &str| std::fs::read_to_string(files.join(name)).expect("a file");
    let merchant = sandbox.wechat_merchant().clone();
    let platform_keys = match trusting {
        Trusting::Certificates => Vec::new(),
        Trusting::PublicKey => vec![PlatformKey {
            serial: read("pub_key_id.txt"),
            public_key: integrations::payments::keys::public_key(&read("pub_key.pem")).expect("a key"),
            valid_from: None,
            valid_to: None,
        }],
    };
    let new = NewGateway {
        unit: world.city,
        provider: giving::donations::orders::Provider::Wechat,
        account: None,
        merchant_no: merchant.mchid,
        app_id: merchant.appid,
        endpoint: SANDBOX.into(),
        key_serial: merchant.serial,
        secrets: Secrets {
            private_key: read("apiclient_key.pem"),
            api_key: merchant.api_key,
            app_secret: merchant.app_secret,
            alipay: None,
        },
        platform_keys,
    };
    let account = payments
        .connect(&Actor::operator(), &new)
        .await
        .expect("the settings fit");
    let directory = world.giving.intake.directory();
    let code = directory.account(account).expect("the account").code.clone();
    let routes = api::routes(&world.giving).merge(integrations::payments::api::routes(&payments));
    let (router, _) = guard::finish(routes, world.services().clone());
    house.0.set(router).expect("set once");
    Line {
        world,
        sandbox,
        account: code,
        house,
        outside,
        folder,
    }
}

impl Line {
    /// An order for the restricted project.
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
        place(&self.world.giving, new).await.expect("an order")
    }

    /// An order whose payment was begun in a phone's browser.
    pub async fn begun(&self, fen: i64) -> Order {
        let order = self.order(fen).await;
        let step = pay(&self.world.giving, order.id, &h5(), "http://127.0.0.1:8080/thanks")
            .await
            .expect("a step");
        let PayStep::Redirect { url } = step else {
            panic!("a phone is led to WeChat: {step:?}");
        };
        assert!(
            url.starts_with(SANDBOX) && url.contains("redirect_url=http%3A%2F%2F127.0.0.1%3A8080%2Fthanks"),
            "{url}"
        );
        order
    }

    /// The same, paid at the sandbox; the notice waits.
    pub async fn paid(&self, fen: i64) -> Order {
        let order = self.begun(fen).await;
        assert!(self.sandbox.pay_wechat(&order.trade_no));
        order
    }

    /// Loses the next answers of the provider: what was asked was done.
    pub fn lose_answers(&self, times: usize) {
        self.outside.1.store(times, Ordering::Relaxed);
    }

    /// Posts to the house.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: String) -> u16 {
        let mut building = HttpRequest::builder().method("POST").uri(path);
        for (name, value) in headers {
            building = building.header(*name, *value);
        }
        self.house
            .call(building.body(Body::from(body)).expect("a request"))
            .await
            .expect("an answer")
            .status
    }

    /// A file of the merchant's.
    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("wechat").join(name)).expect("a file")
    }

    /// Sends JSON to the house as whoever holds this token; the status and what it says.
    pub async fn send(
        &self,
        (method, path): (&str, &str),
        token: Option<&str>,
        body: &serde_json::Value,
    ) -> (u16, serde_json::Value) {
        let mut building = HttpRequest::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        if let Some(token) = token {
            building = building.header("authorization", format!("Bearer {token}"));
        }
        let sent = building.body(Body::from(body.to_string())).expect("a request");
        let answer = self.house.call(sent).await.expect("an answer");
        let said = serde_json::from_slice(&answer.body).unwrap_or_default();
        (answer.status, said)
    }

    /// Where a browser that goes to this address outside is sent on to.
    pub async fn browse(&self, url: &str) -> Option<String> {
        let asked = HttpRequest::builder().uri(path_of(url.split('#').next().unwrap_or("")));
        let answer = self.outside.call(asked.body(Body::empty()).expect("a request")).await;
        answer.expect("an answer").header("location").map(str::to_owned)
    }

    /// Moves the one clock of both.
    pub fn later(&self, micros: i64) {
        self.world.at(self.world.clock_plus(micros));
    }

    /// One number of a statement.
    pub async fn count(&self, sql: &str) -> i64 {
        use db::Reads as _;
        let mut at = self.world.services().db.snapshot().await.expect("a snapshot");
        at.query_one(sql, db::params![])
            .await
            .expect("a row")
            .expect("a row")
            .int("n")
            .expect("a number")
    }

    /// Gifts and their sum.
    pub async fn gifts(&self) -> (i64, i64) {
        (
            self.count("SELECT COUNT(*) AS n FROM gift").await,
            self.count("SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS n FROM gift")
                .await,
        )
    }

    /// The log of notices: outcome and how often, sorted.
    pub async fn log(&self) -> Vec<(String, String, i64)> {
        let services = self.world.services();
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let scope = platform::identity::Scope::Everything;
        let rows = integrations::payments::notices::latest(&mut at, (&scope, &services.tree), 100)
            .await
            .expect("rows");
        let mut log: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let event = if row.outcome == "refused" { row.event } else { row.kind };
                (event, row.outcome, row.times)
            })
            .collect();
        log.sort();
        log
    }
}

/// A phone's browser.
pub fn h5() -> Way {
    Way::WechatH5 {
        client: std::net::Ipv4Addr::LOCALHOST.into(),
    }
}
