//! JSON of a certificate, for everybody who holds its address.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use giving::donations::{counter, gift_of_certificate, queries};
use kernel::id::from_public;
use kernel::{BusinessDay, GiftId, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::extract::ClientIp;
use web::limit::{PAGES, RateLimiter};
use web::{Json, Problem, Query};

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
    let at = |routes: UtoipaMethodRouter<Desk>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(desk.clone()))
    };
    OpenApiRouter::new()
        .public(at(routes!(get_certificate)))
        .staff(Permission::GiftRecord, at(routes!(print_certificate)))
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

/// `?key=`.
#[derive(Debug, Deserialize)]
struct Entered {
    key: String,
}

/// The certificate as PDF, for who entered the gift at the counter and still has its form: the paper carries the full
/// name, which she wrote herself. 503 in the seconds before the number is given; after erasure 410.
#[utoipa::path(get, path = "/api/v1/gifts/{gift}/paper", tag = "gifts",
    params(("gift" = String, Path), ("key" = String, Query, description = "the key of the form that entered it")),
    responses((status = 200, content_type = "application/pdf", description = "the paper"),
        (status = 422, description = "entered by somebody else, or by another form"),
        (status = 503, description = "the number is not given yet")))]
async fn print_certificate(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(gift): Path<String>,
    Query(entered): Query<Entered>,
) -> Result<Response, Problem> {
    let services = &desk.services;
    let id: GiftId = from_public(&*services.keys, &gift).map_err(|_| Problem::not_found())?;
    let found = {
        let mut at = services.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
        let found = queries::gift(&mut at, id).await.map_err(|e| problems::of_db(&e))?;
        let found = found.ok_or_else(Problem::not_found)?;
        let scope = actor.scope_for(Permission::GiftRecord);
        let seen = queries::may_see(&mut at, &found, (&scope, &services.tree)).await;
        if !seen.map_err(|e| problems::of_db(&e))? {
            return Err(Problem::not_found());
        }
        found
    };
    if !counter::is_entered_by(&found, actor.id, &entered.key) {
        return Err(Problem::invalid(
            "key",
            "this form did not enter the gift, or somebody else did",
        ));
    }
    let pdf = actions::paper(services, id, Format::Pdf).await;
    let mut response = Body::from(pdf.map_err(|error| error.problem())?).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Format::Pdf.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("inline; filename=\"certificate.pdf\""),
    );
    Ok(response)
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
