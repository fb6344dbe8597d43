//! Handing out the published files. Any web server over the same folder does it as well.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use giving::donations::gift_of_certificate;
use kernel::GiftId;
use kernel::id::from_public;
use platform::Services;
use serde::Deserialize;
use web::Problem;
use web::extract::ClientIp;
use web::limit::{PAGES, RateLimiter};

use super::actions::Log;
use super::error::LogError;
use super::files::{Published, media};
use super::folder::{CHECKPOINT, POLICY, SM2_VKEY, VKEY};
use super::objects::FOR_EVER;
use crate::certificates::{self, Format};
use crate::tlog::Tile;
use crate::tlog::tile::entries_from_path;

/// A checkpoint is new every second.
const SHORT: &str = "public, max-age=1";
/// Seconds after which a gift usually is in the published log.
const PUBLISHED_SECONDS: u32 = 3;
/// Seconds after which a store that does not answer may answer again.
const STORE_SECONDS: u32 = 10;

/// `/log/checkpoint`, `/log/vkey`, `/log/vkey.sm2`, `/log/policy`, `/log/tile/…` of these files; and, where the log is written here,
/// `/v/<certificate>/proof` and `/v/<certificate>/proof.pdf`, the paper with it attached, for whoever shows the key of a
/// certificate.
pub fn routes(files: Published, written: Option<(Log, Services)>) -> Router {
    let routes = Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/vkey", get(vkey))
        .route("/log/vkey.sm2", get(sm2_vkey))
        .route("/log/policy", get(policy))
        .route("/log/tile/{*path}", get(tile))
        .with_state(files);
    let Some((log, services)) = written else { return routes };
    let desk = Desk {
        limiter: RateLimiter::new(services.clock.clone()),
        log,
        services,
    };
    let proofs = Router::new()
        .route("/v/{certificate}/proof", get(proof))
        .route("/v/{certificate}/proof.pdf", get(paper))
        .with_state(desk);
    routes.merge(proofs)
}

/// What gives out proofs.
#[derive(Clone)]
struct Desk {
    log: Log,
    services: Services,
    limiter: RateLimiter,
}

#[derive(Deserialize)]
struct Proven {
    #[serde(default)]
    proof: String,
}

/// The proof opens the donor's name: only for the proof of the key that stands in the QR code.
async fn proof(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(certificate): Path<String>,
    Query(proven): Query<Proven>,
) -> Result<Response, Problem> {
    desk.limiter.take(client.0, "proof", PAGES)?;
    let text = desk.proof(desk.gift(&certificate)?, &proven.key_proof()).await?;
    Ok(private(
        text,
        "text/plain; charset=utf-8",
        &format!("{certificate}.tlog-proof"),
    ))
}

/// The paper with its proof attached: the paper's own bytes, whose hash stands, and behind them the proof as it is now.
async fn paper(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(certificate): Path<String>,
    Query(proven): Query<Proven>,
) -> Result<Response, Problem> {
    desk.limiter.take(client.0, "proof", PAGES)?;
    let (gift, shown) = (desk.gift(&certificate)?, proven.key_proof());
    let text = desk.proof(gift, &shown).await?;
    let pdf = certificates::paper_for_holder(&desk.services, gift, Format::Pdf, &shown).await;
    let pdf = pdf.map_err(|error| error.problem())?;
    let attached = papers::attach::attach(&pdf, &format!("{certificate}.tlog-proof"), text.as_bytes());
    let attached = attached.map_err(|error| {
        tracing::error!(%error, "a proof could not be attached");
        Problem::internal()
    })?;
    let digest = format!("sha-256=:{}:", crate::tlog::hash::sha256(&attached).to_base64());
    let mut response = private(
        attached,
        "application/pdf",
        &format!("certificate-{certificate}-proof.pdf"),
    );
    if let Ok(digest) = HeaderValue::from_str(&digest) {
        // RFC 9530: the hash of this second paper, which is stored nowhere.
        response.headers_mut().insert("repr-digest", digest);
    }
    Ok(response)
}

impl Proven {
    /// What is no base64 is a wrong proof like any other.
    fn key_proof(&self) -> Vec<u8> {
        let shown = data_encoding::BASE64URL_NOPAD.decode(self.proof.as_bytes());
        shown.unwrap_or_default()
    }
}

impl Desk {
    fn gift(&self, certificate: &str) -> Result<GiftId, Problem> {
        let id = from_public(&*self.services.keys, certificate).map_err(|_| Problem::not_found())?;
        gift_of_certificate(id).ok_or_else(Problem::not_found)
    }

    /// The proof's text, for who holds the certificate.
    async fn proof(&self, gift: GiftId, shown: &[u8]) -> Result<String, Problem> {
        let holder = certificates::is_holder(&self.services, gift, shown).await;
        holder.map_err(|error| error.problem())?;
        match self.log.proof(&self.services, gift).await {
            Ok(proof) => Ok(proof.to_text()),
            Err(LogError::NotYet) => Err(Problem::unavailable(PUBLISHED_SECONDS)),
            Err(LogError::Erased) => Err(Problem::erased()),
            Err(error) => {
                tracing::error!(%error, "a proof could not be made");
                Err(Problem::internal())
            }
        }
    }
}

/// A file for its holder alone.
fn private(body: impl IntoResponse, media: &'static str, name: &str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

async fn checkpoint(State(files): State<Published>) -> Response {
    give(files, CHECKPOINT, SHORT).await
}

async fn vkey(State(files): State<Published>) -> Response {
    give(files, VKEY, SHORT).await
}

async fn sm2_vkey(State(files): State<Published>) -> Response {
    give(files, SM2_VKEY, SHORT).await
}

async fn policy(State(files): State<Published>) -> Response {
    give(files, POLICY, SHORT).await
}

/// Only what is the one spelling of a tile or bundle is looked for, so no path leads out of the folder.
async fn tile(State(files): State<Published>, Path(path): Path<String>) -> Response {
    let name = format!("tile/{path}");
    if Tile::from_path(&name).is_none() && entries_from_path(&name).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    give(files, &name, FOR_EVER).await
}

async fn give(files: Published, name: &str, cache: &'static str) -> Response {
    let read = if files.is_far() {
        files.shown(name).await
    } else {
        // A disk is waited for on a thread of its own.
        let asked = name.to_owned();
        let read = tokio::task::spawn_blocking(move || files.read(&asked)).await;
        read.unwrap_or_else(|error| Err(LogError::Disk(error.to_string())))
    };
    match read {
        Ok(Some(bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(media(name))),
                (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            ];
            (headers, bytes).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(LogError::Store(why)) => {
            tracing::warn!(%why, "a published file cannot be had");
            let later = [(header::RETRY_AFTER, HeaderValue::from(STORE_SECONDS))];
            (StatusCode::SERVICE_UNAVAILABLE, later).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a published file cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
