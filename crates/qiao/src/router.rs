//! All routes of the program, in one place.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use giving::donations::notice;
use governance::approvals::Subjects;
use platform::health::Health;
use platform::identity::guard;
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;

use crate::app::{App, migrations};
use crate::holdings::holdings;
use crate::sight::sight;

/// Every route with its document.
pub fn documented(app: &App) -> (Router, utoipa::openapi::OpenApi) {
    let state = giving::State {
        services: app.services.clone(),
        intake: app.intake.clone(),
        gateways: app.gateways.clone(),
    };
    let health = Health {
        metrics: app.services.metrics.clone(),
        migrations: Arc::new(migrations()),
        reactions: Some(app.reactions.clone()),
    };
    // Who tells whose a thing is that a case is put about.
    let owners = giving::subjects().into_iter().chain(proof::subjects());
    let subjects = Subjects::new(owners.chain(partners::subjects()).collect());
    let routes = OpenApiRouter::new()
        .merge(platform::routes())
        .merge(platform::health::routes(health))
        .merge(governance::network::api::routes(&holdings()))
        .merge(governance::approvals::api::routes(&subjects))
        .merge(governance::approvals::api::events::routes(&app.bell))
        .merge(governance::supervision::api::routes(&sight()))
        .merge(governance::reports::api::routes())
        .merge(governance::duty::api::routes())
        .merge(governance::documents::api::routes())
        .merge(giving::campaigns::api::routes())
        .merge(giving::projects::api::routes())
        .merge(giving::teams::api::routes(&app.services))
        .merge(giving::boards::api::routes())
        .merge(giving::screening::api::routes())
        .merge(giving::events::api::routes(&state))
        .merge(giving::openings::api::routes())
        .merge(ledger::api::routes())
        .merge(giving::donations::api::routes(&state))
        .merge(giving::donor_way::api::routes())
        .merge(giving::my_gifts::api::routes())
        .merge(giving::data_copies::api::routes())
        .merge(giving::erasures::api::routes())
        .merge(integrations::importing::api::routes(&state))
        .merge(integrations::profiles::api::routes())
        .merge(proof::certificates::api::routes(&app.services))
        .merge(proof::seals::api::routes())
        .merge(proof::notices::api::routes())
        .merge(proof::log::api::routes(&app.services, app.log.clone()))
        .merge(integrations::payments::api::routes(&app.payments))
        .merge(integrations::platforms::routes(&app.platforms))
        .merge(giving::matching::api::routes(&state))
        .merge(giving::debts::api::routes())
        .merge(giving::docking::api::routes())
        .merge(relief::routes(&state))
        .merge(partners::routes(&crate::partner_ports::ports(&app.services)))
        .merge(giving::recurring::api::routes(&state))
        .merge(giving::funds::api::routes());
    let (router, mut document) = guard::finish(routes, app.services.clone());
    describe(&mut document);
    (router, document)
}

/// What the document says of the whole: the derive would name its own maker.
fn describe(document: &mut utoipa::openapi::OpenApi) {
    use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
    use utoipa::openapi::{Info, License};
    let mut info = Info::new("Shanqiao 善桥", env!("CARGO_PKG_VERSION"));
    info.license = Some(License::new("Apache-2.0"));
    document.info = info;
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document
        .components
        .get_or_insert_default()
        .add_security_scheme(guard::SCHEME, scheme);
}

/// The router of a server.
pub fn build(app: &App, with_bench: bool, stopping: watch::Receiver<bool>) -> Router {
    let (api, document) = documented(app);
    let mut router = api
        .merge(web::assets::routes())
        .merge(proof::log::http::routes(
            app.published.clone(),
            app.log.clone().map(|log| (log, app.services.clone())),
        ))
        .merge(web::console::routes())
        .merge(insight::pages::routes(
            app.services.clone(),
            app.log.clone(),
            app.published.clone(),
            stopping,
        ))
        .merge(insight::pages::fund::routes(app.services.clone()))
        .merge(insight::pages::pool::routes(app.services.clone()))
        .merge(insight::pages::trail::routes(app.services.clone(), app.log.clone()))
        .merge(insight::pages::notices::routes(app.services.clone(), app.log.clone()))
        .merge(insight::pages::donor::routes(giving::State {
            services: app.services.clone(),
            intake: app.intake.clone(),
            gateways: app.gateways.clone(),
        }));
    let document = serde_json::to_value(&document).unwrap_or_default();
    router = router.route(
        "/api/openapi.json",
        axum::routing::get(|| async move { Json(document) }),
    );
    if with_bench {
        let state = giving::State {
            services: app.services.clone(),
            intake: app.intake.clone(),
            gateways: app.gateways.clone(),
        };
        router = router.merge(
            Router::new()
                .route("/bench/notices/{account}", post(bare))
                .with_state(state),
        );
    }
    // Problems of the interfaces speak the reader's language too; the pages' own layer has spoken by then.
    let pages = Arc::new(web::Pages::new());
    router.layer(axum::middleware::from_fn_with_state(pages, web::problem::speak))
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
