//! A society with an account on the sandbox's Tencent Gongyi, served on loopback, and the house's own routes.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request as HttpRequest, StatusCode};
use db::{Db, Reads as _, params};
use giving::testing::{World, world};
use integrations::importing::Mode;
use integrations::payments::http::{Http, Method, NoAnswer, Request, Response, Sent};
use integrations::platforms::register::{self, NewKeys, Page, PageState, Standing, StandingIn};
use integrations::platforms::statements::{self, FileError, Files, Order, StatementReport};
use integrations::platforms::{PlatformCode, Platforms};
use kernel::{Fen, UnitId};
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use sandbox::Sandbox;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower::ServiceExt as _;

use crate::toys;

pub const TENCENT: PlatformCode = PlatformCode::TencentGongyi;
/// The page of the city's project.
pub const CITY_PAGE: &str = "200001";
/// The page of the county's sub-project.
pub const COUNTY_PAGE: &str = "200002";

/// One request over a socket of its own: what `qiao` does with a client library.
struct Wire;

impl Http for Wire {
    fn send(&self, request: Request) -> Sent<'_> {
        Box::pin(async move { sent(request).await.map_err(|error| NoAnswer(error.to_string())) })
    }
}

async fn sent(request: Request) -> std::io::Result<Response> {
    let rest = request.url.strip_prefix("http://").unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut socket = tokio::net::TcpStream::connect(host).await?;
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let mut head = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n",
        request.body.len()
    );
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    socket.write_all(format!("{head}\r\n").as_bytes()).await?;
    socket.write_all(&request.body).await?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await?;
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or(answer.len());
    let text = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    Ok(Response {
        status,
        headers: Vec::new(),
        body: answer.split_off((end + 4).min(answer.len())),
    })
}

/// Everything a test needs.
pub struct Town {
    pub world: World,
    pub platforms: Platforms,
    pub sandbox: Sandbox,
    pub endpoint: String,
    pub router: Router,
    folder: tempfile::TempDir,
    server: tokio::task::JoinHandle<()>,
}

/// A society that has joined, with two pages, connected with the sandbox.
pub async fn town(db: Db) -> Town {
    let mut world = world(db).await;
    let folder = tempfile::tempdir().expect("a folder");
    // Uploads are kept below the data folder.
    world.giving.services.data = Arc::new(folder.path().to_path_buf());
    toys::keys(folder.path());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let sandbox = Sandbox::open(toys::world(
        folder.path(),
        &endpoint,
        Arc::new(toys::Nowhere),
        Arc::clone(&world.clock),
    ));
    let sandbox = sandbox.expect("a sandbox");
    let routes = sandbox.routes();
    let server = tokio::spawn(async move {
        axum::serve(listener, routes).await.expect("serves");
    });
    let by = Actor::operator();
    let platforms = Platforms {
        giving: world.giving.clone(),
        http: Arc::new(Wire),
    };
    let (router, _) = guard::finish(integrations::platforms::routes(&platforms), world.services().clone());
    let town = Town {
        world,
        platforms,
        sandbox,
        endpoint,
        router,
        folder,
        server,
    };
    town.join(town.world.city).await;
    for (page, project) in [(CITY_PAGE, town.world.restricted.id), (COUNTY_PAGE, town.world.sub.id)] {
        register::set_page(town.world.services(), &by, town.page(page, project))
            .await
            .expect("a page");
    }
    let new = NewKeys {
        unit: town.world.city,
        platform: TENCENT,
        app_id: sandbox::gongyi::APP_ID.into(),
        endpoint: town.endpoint.clone(),
        secret: town.sandbox.gongyi_secret().to_owned(),
    };
    register::set_keys(town.world.services(), &by, &new)
        .await
        .expect("keys");
    town
}

impl Town {
    /// A page of a project that raises money.
    pub fn page(&self, number: &str, project: kernel::ProjectId) -> Page {
        Page {
            unit: self.world.city,
            platform: TENCENT,
            project_no: number.into(),
            project,
            state: PageState::Raising,
            capacity: Some(Fen::new(10_000_000)),
            filing_no: "TEST备0001".into(),
            url: "https://platform.example/p".into(),
            listed_on: Some(self.world.today()),
        }
    }

    /// Lets a unit join.
    pub async fn join(&self, unit: UnitId) {
        let new = StandingIn {
            unit,
            platform: TENCENT,
            standing: Standing::Joined,
            since: self.world.today(),
            org_no: "ORG0001".into(),
            org_name: "演示会".into(),
            match_giver: "演示公益慈善基金会".into(),
            totals_with_match: false,
        };
        let by = Actor::operator();
        register::set_standing(self.world.services(), &by, new)
            .await
            .expect("joined");
        let directory = self.world.giving.intake.directory();
        directory
            .reload(self.world.services())
            .await
            .expect("accounts read again");
    }

    /// Writes a file.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }

    /// Brings files in.
    pub async fn import(&self, files: Files, mode: Mode) -> Result<StatementReport, FileError> {
        let order = Order {
            unit: self.world.city,
            platform: TENCENT,
            files,
            number: None,
            mode,
            matching: giving::donations::intake::Matching::Not,
            actor: Actor::operator().id,
        };
        statements::import(&order, self.world.services(), &self.world.giving.intake, |_, _| ()).await
    }

    /// One number of a statement.
    pub async fn count(&self, sql: &str) -> i64 {
        let mut at = self.world.services().db.snapshot().await.expect("a snapshot");
        let row = at.query_one(sql, params![]).await.expect("a query").expect("a row");
        row.int("n").expect("a number")
    }

    /// Facts of a kind.
    pub async fn facts(&self, kind: &str) -> i64 {
        let mut at = self.world.services().db.snapshot().await.expect("a snapshot");
        let sql = "SELECT COUNT(*) AS n FROM fact WHERE kind = ?1";
        let row = at.query_one(sql, params![kind]).await.expect("a query").expect("a row");
        row.int("n").expect("a number")
    }

    /// What the books hold on an account of the chart, debit less credit.
    pub async fn balance(&self, code: &str) -> i64 {
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(b.debit_fen - b.credit_fen), 0) AS BIGINT) AS n FROM book_balance b
             JOIN book_account a ON a.id = b.account_id WHERE a.code = '{code}'"
        );
        self.count(&sql).await
    }

    /// A token of a person with these roles in a unit.
    pub async fn token(&self, role: Role, unit: UnitId) -> String {
        let by = Actor::operator();
        let s = self.world.services();
        let new = NewUser {
            name: format!("测试{}", s.rng.below(1_000_000)),
            kind: ActorKind::Person,
            unit,
            roles: vec![role],
            token: Some(NewToken {
                name: "test".into(),
                days: None,
            }),
            personal: Personal::default(),
        };
        let added = add_user(s, &by, new).await.expect("a user");
        added.token.expect("a token").text
    }

    /// Asks the house.
    pub async fn ask(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut building = HttpRequest::builder().method(method).uri(path);
        if !token.is_empty() {
            building = building.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(value) => {
                building = building.header("content-type", "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        self.answer(building.body(body).expect("a request")).await
    }

    /// Sends a form with files.
    pub async fn form(&self, path: &str, token: &str, parts: &[(&str, &str, &[u8])]) -> (StatusCode, Value) {
        let mut body = Vec::new();
        for (field, name, bytes) in parts {
            let head =
                format!("--line\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--line--\r\n");
        let request = HttpRequest::builder()
            .method("POST")
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "multipart/form-data; boundary=line")
            .body(Body::from(body));
        self.answer(request.expect("a request")).await
    }

    async fn answer(&self, request: HttpRequest<Body>) -> (StatusCode, Value) {
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Books and totals agree with the gifts, and everything ends.
    pub async fn done(self) {
        let mut at = self.world.services().db.snapshot().await.expect("a snapshot");
        let found = giving::donations::recount(&mut at).await.expect("a recount");
        let books = ledger::recount(&mut at).await.expect("a recount");
        drop(at);
        assert!(found.agrees(), "books and totals differ from the gifts: {found:?}");
        assert!(books.agrees(), "the books differ from their postings");
        self.server.abort();
        drop(self.platforms);
        drop(self.router);
        self.world.stop();
    }
}
