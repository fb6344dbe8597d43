//! Shows all sample pages on a loopback port, with a live stream that moves: `cargo run -p insight --example preview`.
//! For people who change templates, styles or words: files are read again at every request.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::Path, response::Html, routing::get};
use insight::pages::donor::monthly::{form::MonthlyPage, mine::MandatesPage, month::MonthPage, month::ProgressPage};
use insight::pages::donor::{give::GivePage, my::MyPage, order::OrderPage, start::StartPage};
use insight::pages::fund::FundPage;
use insight::pages::notices::{NoticePage, NoticesPage};
use insight::pages::{BoardPage, CampaignPage, CertificatePage, HomePage, LookupPage, ProjectPage, TeamPage};
use kernel::Fen;
use ring::aead;
use web::{Page, Pages, Problem, Reader, assets, problem, sse::Hub};

const ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 8181);
/// The showing key of the sample certificate, 32 times 7.
const KEY: [u8; 32] = [7; 32];

fn sample<P: Page + Send + 'static>(pages: &Arc<Pages>) -> axum::routing::MethodRouter {
    let pages = pages.clone();
    get(move |Path(at): Path<usize>, reader: Reader| async move {
        match P::samples().get(at) {
            Some(page) => pages.render(&reader, page),
            None => pages.problem(&reader, &Problem::not_found()),
        }
    })
}

fn certificates() -> Vec<CertificatePage> {
    let mut all = CertificatePage::samples();
    for page in &mut all {
        if page.sealed_name.is_some() {
            page.sealed_name = seal(&page.public_id, "示范市第一中学 高一（3）班");
        }
    }
    all
}

/// What the certificates' code does when it issues one.
fn seal(public_id: &str, name: &str) -> Option<String> {
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, &KEY).ok()?);
    let nonce = [9u8; 12];
    let mut sealed = name.as_bytes().to_vec();
    let aad = aead::Aad::from(insight::pages::certificate::name_aad(public_id));
    key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
        .ok()?;
    Some(data_encoding::BASE64.encode(&[nonce.as_slice(), &sealed].concat()))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let pages = Arc::new(Pages::new());
    let hub = Hub::new();
    tokio::spawn(move_figures(hub.clone()));
    let shown = pages.clone();
    let errors = pages.clone();
    let app = Router::new()
        .route("/", get(|| async { Html(index()) }))
        .route("/home/{at}", sample::<HomePage>(&pages))
        .route("/campaign/{at}", sample::<CampaignPage>(&pages))
        .route("/project/{at}", sample::<ProjectPage>(&pages))
        .route("/team/{at}", sample::<TeamPage>(&pages))
        .route("/board/{at}", sample::<BoardPage>(&pages))
        .route("/look/{at}", sample::<LookupPage>(&pages))
        .route("/giving/{at}", sample::<GivePage>(&pages))
        .route("/order/{at}", sample::<OrderPage>(&pages))
        .route("/mine/{at}", sample::<MyPage>(&pages))
        .route("/start/{at}", sample::<StartPage>(&pages))
        .route("/monthly/{at}", sample::<MonthlyPage>(&pages))
        .route("/mandates/{at}", sample::<MandatesPage>(&pages))
        .route("/month/{at}", sample::<MonthPage>(&pages))
        .route("/progress/{at}", sample::<ProgressPage>(&pages))
        .route("/fund/{at}", sample::<FundPage>(&pages))
        .route("/notices/{at}", sample::<NoticesPage>(&pages))
        .route("/notice/{at}", sample::<NoticePage>(&pages))
        .route(
            "/certificate/{at}",
            get(move |Path(at): Path<usize>, reader: Reader| async move {
                certificates().get(at).map_or_else(
                    || shown.problem(&reader, &Problem::not_found()),
                    |p| shown.render(&reader, p),
                )
            }),
        )
        .route(
            "/error/{slug}",
            get(move |Path(slug): Path<String>, reader: Reader| async move {
                let kind = problem::KINDS
                    .iter()
                    .find(|kind| kind.slug == slug)
                    .copied()
                    .unwrap_or(problem::NOT_FOUND);
                let asked = Problem::new(kind).arg("limit", 1000);
                let wait = matches!(kind.status, 429 | 503);
                errors.problem(&reader, &if wait { asked.retry_after_s(6) } else { asked })
            }),
        )
        .route(
            "/events/{topic}",
            get(move |Path(_): Path<String>| async move { hub.subscribe("all") }),
        )
        .merge(assets::routes());
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(ADDRESS)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}

/// A made-up stream: each half second a gift more.
async fn move_figures(hub: Hub) {
    let Some(page) = CampaignPage::samples().into_iter().next() else {
        return;
    };
    let mut live = page.live;
    for step in 0_i64.. {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let gift = Fen::new(2_000 + step * 10);
        live.total_fen = live.total_fen.plus(gift).unwrap_or(live.total_fen);
        live.gifts += 1;
        live.as_of = live.as_of.plus_micros(500_000);
        live.log_position = live.log_position.map(|at| at + 1);
        live.progress_permille = page
            .target_fen
            .and_then(|target| live.total_fen.share_of(target, 1_000));
        if let Some(mut newest) = live.latest.pop() {
            newest.amount_fen = gift;
            newest.at = live.as_of;
            live.latest.insert(0, newest);
        }
        let row = usize::try_from(step).unwrap_or(0) % live.counties.len().max(1);
        if let Some(row) = live.counties.get_mut(row) {
            row.gifts += 1;
            row.total_fen = row.total_fen.plus(gift).unwrap_or(row.total_fen);
        }
        hub.publish("all", &live);
    }
}

fn index() -> String {
    let mut links = String::from("<!doctype html><meta charset=utf-8><title>Samples</title><ul>");
    let groups = [
        ("home", HomePage::samples().len()),
        ("campaign", CampaignPage::samples().len()),
        ("project", ProjectPage::samples().len()),
        ("team", TeamPage::samples().len()),
        ("board", BoardPage::samples().len()),
        ("look", LookupPage::samples().len()),
        ("certificate", CertificatePage::samples().len()),
        ("giving", GivePage::samples().len()),
        ("order", OrderPage::samples().len()),
        ("mine", MyPage::samples().len()),
        ("start", StartPage::samples().len()),
        ("monthly", MonthlyPage::samples().len()),
        ("mandates", MandatesPage::samples().len()),
        ("month", MonthPage::samples().len()),
        ("progress", ProgressPage::samples().len()),
        ("fund", FundPage::samples().len()),
        ("notices", NoticesPage::samples().len()),
        ("notice", NoticePage::samples().len()),
    ];
    let key = data_encoding::BASE64URL_NOPAD.encode(&KEY);
    for (name, count) in groups {
        for at in 0..count {
            let hash = if name == "certificate" {
                format!("#{key}")
            } else {
                String::new()
            };
            links += &format!("<li><a href=/{name}/{at}{hash}>{name} {at}</a>");
        }
    }
    for kind in problem::KINDS {
        links += &format!("<li><a href=/error/{0}>{0}</a>", kind.slug);
    }
    links
}
