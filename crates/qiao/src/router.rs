//! All routes of the program, in one place.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use giving::donations::notice;
use platform::identity::guard;
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// Every route with its document.
pub fn documented(app: &App) -> (Router, utoipa::openapi::OpenApi) {
    let state = giving::State { services: app.services.clone(), intake: app.intake.clone() };
    let donations = giving::donations::api::routes(&state);
    let routes = OpenApiRouter::new()
        .merge(platform::identity::api::routes())
        .merge(platform::jobs::api::routes())
        .merge(platform::parameters::api::routes())
        .merge(platform::calendar::api::routes())
        .merge(governance::network::api::routes())
        .merge(giving::campaigns::api::routes())
        .merge(giving::projects::api::routes())
        .merge(donations);
    guard::finish(routes, app.services.clone())
}

/// The router of a server.
pub fn build(app: &App, with_bench: bool, _stopping: watch::Receiver<bool>) -> Router {
    let (api, document) = documented(app);
    let mut router = api.merge(web::assets::routes());
    let document = serde_json::to_value(&document).unwrap_or_default();
    router = router.route("/api/openapi.json", axum::routing::get(|| async move { Json(document) }));
    if with_bench {
        let state = giving::State { services: app.services.clone(), intake: app.intake.clone() };
        router = router.merge(Router::new().route("/bench/notices/{account}", post(bare)).with_state(state));
    }
    router
}

/// The floor of the bench: reads, verifies, parses and answers a notice without touching the database.
async fn bare(
    State(giving): State<giving::State>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match notice::verified(&giving, &code, &headers, &body) {
        Ok(incoming) => {
            let gift = kernel::GiftId::new(incoming.paid_at, &*giving.services.rng);
            Json(notice::recorded(gift, &giving.services)).into_response()
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
