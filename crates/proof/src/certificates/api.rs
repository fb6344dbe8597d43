//! JSON of a certificate, for everybody who holds its address.

use axum::extract::{Path, State};
use giving::donations::gift_of_certificate;
use kernel::id::from_public;
use kernel::{BusinessDay, Instant};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::extract::ClientIp;
use web::limit::{PAGES, RateLimiter};
use web::{Json, Problem};

use super::actions;
use super::model::Format;

/// What the handler is given: the services, and the limit of what the public may ask.
#[derive(Clone)]
struct Desk {
    services: Services,
    limiter: RateLimiter,
}

/// The routes of this slice; they carry their state themselves.
pub fn routes(services: &Services) -> OpenApiRouter<Services> {
    let desk = Desk {
        services: services.clone(),
        limiter: RateLimiter::new(services.clock.clone()),
    };
    let (schemas, paths, router): UtoipaMethodRouter<Desk> = routes!(get_certificate);
    OpenApiRouter::new().public((schemas, paths, router.with_state(desk)))
}

/// A paper that was drawn, by its hash: whoever holds a copy can tell whether it is ours.
#[derive(Debug, Serialize, ToSchema)]
struct PaperOut {
    /// `pdf` or `png`.
    format: &'static str,
    /// SHA-256 of its bytes, hexadecimal.
    sha256: String,
}

/// A certificate as everybody may see it: no name.
#[derive(Debug, Serialize, ToSchema)]
struct CertificateOut {
    /// Public id.
    certificate: String,
    /// Its number; absent in the seconds before it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// The issuing unit's name, as printed.
    unit: String,
    /// The project's title, as printed.
    project: String,
    /// The amount in fen, as printed.
    amount_fen: i64,
    /// The business day of the gift.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
    /// `valid`, `partly_refunded`, `refunded` or `taken_back`; the paper stays as issued.
    standing: &'static str,
    /// What was given back of it, in fen.
    refunded_fen: i64,
    /// Since when it stands so; absent while it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Instant>,
    /// The papers drawn so far.
    papers: Vec<PaperOut>,
    /// The moment of the answer.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
}

/// How a certificate stands. After erasure 410.
#[utoipa::path(get, path = "/api/v1/certificates/{certificate}", tag = "public",
    params(("certificate" = String, Path, description = "public id, as in its QR code")),
    responses((status = 200, body = CertificateOut), (status = 410, description = "erased on request")))]
async fn get_certificate(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(certificate): Path<String>,
) -> Result<Json<CertificateOut>, Problem> {
    desk.limiter.take(client.0, "certificate", PAGES)?;
    let services = &desk.services;
    let id = from_public(&*services.keys, &certificate).map_err(|_| Problem::not_found())?;
    let gift = gift_of_certificate(id).ok_or_else(Problem::not_found)?;
    let as_of = services.now();
    let shown = actions::shown(services, gift).await.map_err(|error| error.problem())?;
    let paper = |(format, sha256): (Format, Vec<u8>)| PaperOut {
        format: format.word(),
        sha256: data_encoding::HEXLOWER.encode(&sha256),
    };
    Ok(Json(CertificateOut {
        papers: shown.paper_hashes.into_iter().map(paper).collect(),
        certificate,
        number: shown.number,
        unit: shown.unit,
        project: shown.project,
        amount_fen: shown.amount_fen.get(),
        day: shown.day,
        standing: shown.standing.word(),
        refunded_fen: shown.standing.refunded().get(),
        since: shown.standing.since(),
        as_of,
    }))
}
