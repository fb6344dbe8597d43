//! The sandbox's Alipay in the running sandbox: its keys kept, its addresses served, its notices sent.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use kernel::SeededRng;

use super::{Alipay, Answer, Fault, Mode};
use crate::{Faults, Sandbox, SandboxError, World};

/// Opens it with the keys that grow from `alipay/seed` in the folder, and writes `alipay/settings.json` beside it: what a
/// house is told with `qiao payments alipay`. With a file `alipay/certificates` the certificate mode is used.
pub(crate) fn open(world: &World) -> Result<Alipay, SandboxError> {
    let folder = world.data.join("alipay");
    std::fs::create_dir_all(&folder)?;
    let place = folder.join("seed");
    if !place.exists() {
        std::fs::write(&place, data_encoding::HEXLOWER.encode(&world.rng.secret()))?;
    }
    let seed = data_encoding::HEXLOWER
        .decode(std::fs::read_to_string(&place)?.trim().as_bytes())
        .ok();
    let seed = seed.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let seed = seed.ok_or_else(|| SandboxError::Keys("alipay/seed holds no 64 hexadecimal digits".into()))?;
    let mode = match folder.join("certificates").exists() {
        true => Mode::Certificate,
        false => Mode::PublicKey,
    };
    let rng = std::sync::Arc::new(SeededRng::from_key(seed));
    let alipay = Alipay::new(world.clock.clone(), rng, &world.base_url, mode);
    let alipay = alipay.map_err(|error| SandboxError::Keys(error.to_string()))?;
    std::fs::write(folder.join("settings.json"), alipay.settings().to_string())?;
    Ok(alipay)
}

/// What the sandbox's common faults are for a notice of Alipay's.
pub(crate) const fn fault_of(faults: &Faults) -> Fault {
    if faults.lose {
        Fault::Lose
    } else if faults.forge {
        Fault::Forge
    } else if faults.wrong_amount_fen.is_some() {
        Fault::WrongAmount
    } else if faults.reorder {
        Fault::Reorder
    } else if faults.delay {
        Fault::Delay
    } else if faults.repeat > 0 {
        Fault::Repeat
    } else {
        Fault::None
    }
}

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/alipay/{*rest}", any(answered))
}

async fn answered(State(sandbox): State<Sandbox>, uri: Uri, RawQuery(query): RawQuery, body: Bytes) -> Response {
    respond(sandbox.alipay.handle(uri.path(), &query.unwrap_or_default(), &body))
}

fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response();
    if let Some(to) = answer.location.and_then(|to| to.parse().ok()) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

impl Sandbox {
    /// The sandbox's Alipay.
    pub fn alipay(&self) -> &Alipay {
        &self.alipay
    }

    /// Sends the notices of Alipay's that are due.
    pub(crate) async fn deliver_alipay(&self) {
        for posting in self.alipay.due() {
            let kind = (
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            );
            let sent = self.world.post.post(posting.url, vec![kind], posting.body).await;
            if let Ok((_, text)) = sent {
                self.alipay.told(posting.id, &text);
            }
        }
    }
}
