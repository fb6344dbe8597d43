//! The administration: faults, what was sent, letting go what was held back. For tests and rehearsals on a machine of
//! their own; it has no password, and no money behind it.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::delivery::Sent;
use crate::{Faults, Sandbox};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/sandbox/faults", get(faults).put(set_faults))
        .route("/sandbox/deliver", post(deliver))
        .route("/sandbox/notices", get(sent))
}

async fn faults(State(sandbox): State<Sandbox>) -> Json<Faults> {
    Json(sandbox.faults())
}

async fn set_faults(State(sandbox): State<Sandbox>, Json(faults): Json<Faults>) -> Json<Faults> {
    sandbox.set_faults(faults);
    Json(sandbox.faults())
}

async fn deliver(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({ "sent": sandbox.deliver().await }))
}

async fn sent(State(sandbox): State<Sandbox>) -> Json<Vec<Sent>> {
    Json(sandbox.queue.sent())
}
