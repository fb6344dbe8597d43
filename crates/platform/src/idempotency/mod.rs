//! `Idempotency-Key`: a staff request sent twice is done once and answered twice.
//!
//! The guard of staff routes runs every writing request that carries the header through [`once`]. The key belongs to
//! its actor and to the hash of method, address and body; the same key with another request is refused. The key is
//! taken, durably, *before* the work begins: after a crash in the middle the repeat is told that the outcome is
//! unknown, and nothing is ever done twice. Only successes are kept, since every refusal changed nothing. Answers are
//! sealed, because they may show a token or a name, and are forgotten after [`KEPT_DAYS`].

pub mod jobs;
mod store;
#[cfg(test)]
mod tests;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use db::DbError;
use kernel::{ActorId, Instant};
use web::Problem;
use web::problem::Kind;

pub use store::forget_old;
use store::{Claim, Kept};

use crate::{Services, problems};

/// The header.
pub const HEADER: &str = "idempotency-key";
/// The header of a repeated answer.
pub const REPLAYED: &str = "idempotency-replayed";
/// How long answers are kept: longer than any client tries again.
pub const KEPT_DAYS: i64 = 7;
/// A key is a UUID or the like.
const KEY_CHARS_MAX: usize = 128;
/// The largest body compared: that of the JSON extractor. Uploads are content-addressed and need no key.
const BODY_BYTES_MAX: usize = web::extract::JSON_BODY_MAX_BYTES;
/// The largest answer kept: answers of writing requests are small; a larger one is a mistake of ours.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Seconds to wait for the first request of a key that is still running.
const RUNNING_RETRY_S: u32 = 2;
/// A first request that has not answered by now never will: far above any request's time limit.
const LOST_AFTER_MICROS: i64 = 300_000_000;

/// The key was used for another request.
pub const REUSED: Kind = Kind::new("idempotency-key-reused", 422);
/// The first request with this key is still running.
pub const RUNNING: Kind = Kind::new("idempotency-key-running", 409);
/// The first request with this key was interrupted; whether it took effect is not known here.
pub const UNKNOWN: Kind = Kind::new("idempotency-outcome-unknown", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[REUSED, RUNNING, UNKNOWN];

/// Whether this request asks to be done once.
pub(crate) fn wanted(request: &Request) -> bool {
    let writes = matches!(
        *request.method(),
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE
    );
    writes && request.headers().contains_key(HEADER)
}

/// Runs the request unless its key was seen; then repeats the answer, or says why not.
pub(crate) async fn once(services: Services, actor: ActorId, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let key = match key_of(&parts.headers) {
        Ok(key) => key,
        Err(problem) => return problem.into_response(),
    };
    let body = match web::extract::read_body(body, BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    let target = parts.uri.path_and_query().map_or("", |p| p.as_str());
    let hash = request_hash(&parts.method, target, &body);
    let request = Request::from_parts(parts, Body::from(body));
    // On a task of its own: a client that hangs up must not stop the work between its commit and its kept answer.
    let work = tokio::spawn(async move { claimed(&services, actor, &key, hash, request, next).await });
    match work.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => problems::of_db(&error).into_response(),
        Err(panic) => {
            tracing::error!(%panic, "a request with an idempotency key panicked; its key stays taken");
            Problem::internal().into_response()
        }
    }
}

async fn claimed(
    services: &Services,
    actor: ActorId,
    key: &str,
    hash: [u8; 32],
    request: Request,
    next: Next,
) -> Result<Response, DbError> {
    match store::claim(services, actor, key, hash).await? {
        Claim::Mine => {}
        Claim::Other => return Ok(Problem::new(REUSED).field(HEADER).into_response()),
        Claim::Answered(kept) => return Ok(replay(services, &kept)),
        Claim::Begun(at) => return Ok(unanswered(services.now(), at).into_response()),
    }
    let (parts, body) = next.run(request).await.into_parts();
    if !parts.status.is_success() {
        // Nothing was changed, so the key is free for the corrected request.
        store::release(services, actor, key).await?;
        return Ok(Response::from_parts(parts, body));
    }
    let Ok(bytes) = to_bytes(body, ANSWER_BYTES_MAX).await else {
        tracing::error!("the answer to a request with an idempotency key is too large to keep; its key stays taken");
        return Ok(Problem::internal().into_response());
    };
    let media_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let kept = Kept {
        status: i64::from(parts.status.as_u16()),
        media_type: media_type.to_owned(),
        sealed: services.keys.seal(&bytes, store::SEALED_FOR, &*services.rng),
    };
    if let Err(error) = store::keep(services, actor, key, &kept).await {
        // The work is done; to answer with an error now would be the greater harm.
        tracing::error!(%error, "an answer could not be kept for its idempotency key");
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn replay(services: &Services, kept: &Kept) -> Response {
    let Ok(bytes) = services.keys.open(&kept.sealed, store::SEALED_FOR) else {
        tracing::error!("a kept answer cannot be opened: is the key file the right one?");
        return Problem::internal().into_response();
    };
    let status = u16::try_from(kept.status)
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok());
    let mut response = (status.unwrap_or(StatusCode::OK), Bytes::from(bytes)).into_response();
    match HeaderValue::from_str(&kept.media_type) {
        Ok(kind) if !kept.media_type.is_empty() => response.headers_mut().insert(header::CONTENT_TYPE, kind),
        _ => response.headers_mut().remove(header::CONTENT_TYPE),
    };
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn unanswered(now: Instant, begun: Instant) -> Problem {
    if now.micros() - begun.micros() < LOST_AFTER_MICROS {
        Problem::new(RUNNING).retry_after_s(RUNNING_RETRY_S)
    } else {
        Problem::new(UNKNOWN)
    }
}

fn key_of(headers: &axum::http::HeaderMap) -> Result<String, Problem> {
    let wrong = || {
        Problem::invalid(
            HEADER,
            format!("1 to {KEY_CHARS_MAX} visible ASCII characters are expected"),
        )
    };
    let text = headers.get(HEADER).and_then(|v| v.to_str().ok()).ok_or_else(wrong)?;
    let fits = (1..=KEY_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(text.to_owned()) } else { Err(wrong()) }
}

fn request_hash(method: &Method, target: &str, body: &[u8]) -> [u8; 32] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in [method.as_str().as_bytes(), target.as_bytes()] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.update(body);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}
