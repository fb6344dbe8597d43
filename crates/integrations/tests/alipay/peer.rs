//! Alipay's own client library (npm `alipay-sdk`, pinned in `e2e/peers`) against the sandbox and the house, over real
//! sockets.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use kernel::Instant;
use sandbox::alipay::Mode;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::migrations;
use super::town::{ORIGIN, town};

/// The sandbox behind a socket, as its host would show it.
fn hosted(sandbox: Arc<sandbox::alipay::Alipay>) -> Router {
    Router::new().fallback(move |uri: Uri, RawQuery(query): RawQuery, body: Bytes| {
        let answer = sandbox.handle(uri.path(), &query.unwrap_or_default(), &body);
        let mut response: Response = (
            StatusCode::from_u16(answer.status).expect("a status"),
            [(header::CONTENT_TYPE, answer.content_type)],
            answer.body,
        )
            .into_response();
        if let Some(to) = answer.location {
            response
                .headers_mut()
                .insert(header::LOCATION, to.parse().expect("an address"));
        }
        async move { response }
    })
}

async fn served(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Sends what is due, as a host does; notices to the library’s listener are plain posts.
async fn send_due(sandbox: Arc<sandbox::alipay::Alipay>) {
    loop {
        for posting in sandbox.due() {
            let sent = post(&posting.url, &posting.body).await;
            sandbox.told(posting.id, sent.as_deref().unwrap_or_default());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn post(url: &str, body: &str) -> Option<String> {
    use tokio::io::AsyncReadExt as _;
    let (host, path) = url.strip_prefix("http://")?.split_once('/')?;
    let mut stream = tokio::net::TcpStream::connect(host).await.ok()?;
    let length = body.len();
    let request = format!(
        "POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    // The text may come in one chunk with its length before it.
    answer.contains("success").then(|| "success".to_owned())
}

async fn agree(mode: Mode) {
    let test = db::testing::TestDb::sqlite(&migrations()).await;
    let town = town(test.db.clone(), mode).await;
    #[allow(
        clippy::disallowed_methods,
        reason = "the library tells the time by this machine’s clock"
    )]
    let now = Instant::from_datetime(time::OffsetDateTime::now_utc());
    town.world.clock.set(now);
    town.their_clock.set(now);
    let sandbox_at = served(hosted(Arc::clone(&town.sandbox))).await;
    let house_at = served(town.router.clone()).await;
    let sending = tokio::spawn(send_due(Arc::clone(&town.sandbox)));
    let mut settings = town.sandbox.settings();
    settings["gateway"] = settings["gateway"]
        .as_str()
        .expect("a gateway")
        .replace(ORIGIN, &sandbox_at)
        .into();
    let account = town
        .world
        .giving
        .intake
        .directory()
        .account(town.account)
        .expect("the account");
    let code = account.code.clone();
    let given = serde_json::json!({
        "settings": settings,
        "house": format!("{house_at}/api/v1/payments/alipay/{code}/notice"),
        "forged_order": "SDKHOUSE1",
        "alipay_private_key": town.sandbox.signing_key(),
    });
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e/peers");
    let mut library = tokio::process::Command::new("node")
        .arg("alipay.mjs")
        .current_dir(folder)
        // The library writes local time where Alipay wants Beijing's.
        .env("TZ", "Asia/Shanghai")
        .stdin(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut stdin = library.stdin.take().expect("its input");
    stdin.write_all(given.to_string().as_bytes()).await.expect("written");
    drop(stdin);
    let ended = library.wait().await.expect("an end");
    assert!(ended.success(), "the library and this house do not agree; see above");
    assert_eq!(
        town.gifts().await,
        (1, 1_230),
        "the notice that the library accepted is a gift"
    );
    sending.abort();
    town.done().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alipays_own_client_agrees_with_us_in_the_public_key_mode() {
    agree(Mode::PublicKey).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alipays_own_client_agrees_with_us_in_the_certificate_mode() {
    agree(Mode::Certificate).await;
}
