//! A witness over HTTP, as C2SP tlog-witness describes it, and a page for whoever looks by.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use kernel::Instant;

use super::Witness;
use super::actions;
use super::error::WitnessError;
use crate::tlog::note::NOTE_BYTES_MAX;
use crate::tlog::witness::size_body;

/// A checkpoint with its proof of at most 63 hashes, and room.
const BODY_BYTES_MAX: usize = NOTE_BYTES_MAX + 4_096;
const TEXT: &str = "text/plain; charset=utf-8";
/// The type of a 409's body.
const SIZE: &str = "text/x.tlog.size";

/// `POST /add-checkpoint`, `GET /<sha256 of the origin>/checkpoint`, `GET /vkey`, and a page.
pub fn routes(witness: Witness) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/vkey", get(vkey))
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin}/checkpoint", get(latest))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(witness)
}

fn text(status: StatusCode, media: &'static str, body: String) -> Response {
    let media = HeaderValue::from_static(media);
    (status, [(header::CONTENT_TYPE, media)], body).into_response()
}

fn refused(error: &WitnessError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match error {
        WitnessError::Size(size) => text(status, SIZE, size_body(*size)),
        WitnessError::Db(error) => {
            tracing::error!(%error, "the witness’s database failed");
            text(status, TEXT, "the witness’s database failed\n".into())
        }
        other => text(status, TEXT, format!("{other}\n")),
    }
}

async fn add_checkpoint(State(witness): State<Witness>, body: Bytes) -> Response {
    match actions::add_checkpoint(&witness, &body).await {
        Ok(lines) => text(StatusCode::OK, TEXT, lines),
        Err(error) => {
            if matches!(error, WitnessError::Inconsistent) {
                tracing::error!("a signed checkpoint contradicts the one cosigned before: two logs were signed");
            }
            if let WitnessError::Broken(why) = &error {
                tracing::error!(why, "a log’s entries break a rule; it is not cosigned");
            }
            refused(&error)
        }
    }
}

async fn latest(State(witness): State<Witness>, Path(origin): Path<String>) -> Response {
    match actions::latest(&witness, &origin).await {
        Ok(note) => text(StatusCode::OK, TEXT, note),
        Err(error) => refused(&error),
    }
}

async fn vkey(State(witness): State<Witness>) -> Response {
    text(StatusCode::OK, TEXT, witness.verifier().to_text() + "\n")
}

/// What a supervisor wants to see at a glance, in both languages.
async fn page(State(witness): State<Witness>) -> Response {
    let logs = match witness.watched().await {
        Ok(logs) => logs,
        Err(error) => return refused(&error),
    };
    let mut out = format!(
        "见证人 Witness: {}\n公钥 Key: {}\n",
        witness.verifier().name(),
        witness.verifier().to_text()
    );
    for log in logs {
        out.push_str(&format!(
            "\n日志 Log: {}\n日志公钥 Its key: {}\n",
            log.origin(),
            log.vkeys()
        ));
        if log.note.is_none() {
            out.push_str("尚未见证 Nothing cosigned yet\n");
            continue;
        }
        let at = Instant::from_micros(log.cosigned_seconds.saturating_mul(1_000_000)).to_rfc3339();
        out.push_str(&format!(
            "已见证 Cosigned: {} 条 entries, {at}\n根 Root: {}\n最新检查点 Latest checkpoint: /{}/checkpoint\n",
            log.size,
            log.root.to_base64(),
            actions::origin_path(log.origin())
        ));
    }
    text(StatusCode::OK, TEXT, out)
}
