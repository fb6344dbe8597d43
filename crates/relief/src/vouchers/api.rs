//! Papers of goods for staff: which there are, and each as PDF.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::Instant;
use kernel::id::public;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions;
use super::model::{PaperKind, Record};
use super::queries;
use crate::http::{id_of, of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_papers))
        .staff(Permission::GoodsRead, routes!(move_paper))
        .staff(Permission::GoodsRead, routes!(order_paper))
        .staff(Permission::GoodsRead, routes!(hand_over_paper))
        .staff(Permission::GoodsRead, routes!(count_paper))
        .staff(Permission::GoodsRead, routes!(payment_paper))
        .staff(Permission::GoodsRead, routes!(manifest_paper))
        .staff(Permission::GoodsManage, routes!(letter_paper))
}

/// A numbered paper.
#[derive(Serialize, ToSchema)]
struct GoodsPaperOut {
    /// What it is.
    kind: PaperKind,
    /// Its running number.
    number: String,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// Where its PDF is.
    address: String,
}

/// The numbered papers of a unit, the newest first; dispatch orders are among the orders.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/papers", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [GoodsPaperOut])))]
async fn list_papers(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<GoodsPaperOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::papers(&mut at, unit).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| GoodsPaperOut {
        kind: row.kind,
        number: row.kind.number(row.number),
        made_at: row.made_at,
        address: address(&s, row.record),
    });
    Ok(Json(out.collect()))
}

fn address(s: &Services, record: Record) -> String {
    match record {
        Record::Move(lot, n) => format!("/api/v1/goods/lots/{}/moves/{n}/paper", public(&*s.keys, lot)),
        Record::Order(id) => format!("/api/v1/goods/dispatches/{}/paper", public(&*s.keys, id)),
        Record::HandOver(id) => format!("/api/v1/goods/dispatches/{}/hand-over-list", public(&*s.keys, id)),
        Record::Count(id) => format!("/api/v1/goods/counts/{}/paper", public(&*s.keys, id)),
        Record::Payment(id) => format!("/api/v1/goods/grants/{}/paper", public(&*s.keys, id)),
        Record::Letter(id) => format!("/api/v1/goods/letters/{}/paper", public(&*s.keys, id)),
        Record::Trip(id) => format!("/api/v1/goods/trips/{}/manifest", public(&*s.keys, id)),
    }
}

async fn pdf(s: &Services, actor: &Actor, record: Record) -> Result<Response, Problem> {
    let paper = actions::paper(s, actor, record).await?;
    let named = format!("inline; filename=\"{}\"", paper.file_name);
    let tag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&paper.sha256));
    let mut response = (StatusCode::OK, paper.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    for (name, value) in [(header::CONTENT_DISPOSITION, named), (header::ETAG, tag)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// The paper of a movement as PDF: receipt note (names the donor: `goods_manage`), scrap note, sale note.
#[utoipa::path(get, path = "/api/v1/goods/lots/{lot}/moves/{n}/paper", tag = "goods",
    params(("lot" = String, Path), ("n" = i64, Path)),
    responses((status = 200, content_type = "application/pdf", description = "the paper, the same bytes each time")))]
async fn move_paper(
    State(s): State<Services>,
    actor: Actor,
    Path((lot, n)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let n = n.parse().map_err(|_| Problem::not_found())?;
    pdf(&s, &actor, Record::Move(id_of(&s, &lot)?, n)).await
}

/// A dispatch order as PDF.
#[utoipa::path(get, path = "/api/v1/goods/dispatches/{dispatch}/paper", tag = "goods",
    params(("dispatch" = String, Path)),
    responses((status = 200, content_type = "application/pdf", description = "the paper, the same bytes each time")))]
async fn order_paper(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
) -> Result<Response, Problem> {
    pdf(&s, &actor, Record::Order(id_of(&s, &dispatch)?)).await
}

/// A hand-over list as PDF: to be signed before anybody did, then with each who signed.
#[utoipa::path(get, path = "/api/v1/goods/dispatches/{dispatch}/hand-over-list", tag = "goods",
    params(("dispatch" = String, Path)),
    responses((status = 200, content_type = "application/pdf", description = "the same bytes until another signs"),
        (status = 409, description = "the goods did not leave the store")))]
async fn hand_over_paper(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
) -> Result<Response, Problem> {
    pdf(&s, &actor, Record::HandOver(id_of(&s, &dispatch)?)).await
}

/// A count sheet as PDF, once any difference is explained.
#[utoipa::path(get, path = "/api/v1/goods/counts/{count}/paper", tag = "goods", params(("count" = String, Path)),
    responses((status = 200, content_type = "application/pdf", description = "the paper, the same bytes each time"),
        (status = 409, description = "its difference waits to be explained")))]
async fn count_paper(State(s): State<Services>, actor: Actor, Path(count): Path<String>) -> Result<Response, Problem> {
    pdf(&s, &actor, Record::Count(id_of(&s, &count)?)).await
}

/// A payment order as PDF, once the group decided it.
#[utoipa::path(get, path = "/api/v1/goods/grants/{grant}/paper", tag = "goods", params(("grant" = String, Path)),
    responses((status = 200, content_type = "application/pdf", description = "the paper, the same bytes each time")))]
async fn payment_paper(
    State(s): State<Services>,
    actor: Actor,
    Path(grant): Path<String>,
) -> Result<Response, Problem> {
    pdf(&s, &actor, Record::Payment(id_of(&s, &grant)?)).await
}

/// The manifest of a vehicle as PDF, once it left.
#[utoipa::path(get, path = "/api/v1/goods/trips/{trip}/manifest", tag = "goods", params(("trip" = String, Path)),
    responses((status = 200, content_type = "application/pdf", description = "the paper, the same bytes each time"),
        (status = 404, description = "it has not left")))]
async fn manifest_paper(
    State(s): State<Services>,
    actor: Actor,
    Path(trip): Path<String>,
) -> Result<Response, Problem> {
    pdf(&s, &actor, Record::Trip(id_of(&s, &trip)?)).await
}

/// A donation letter or agreement as PDF; it names the donor and who answers for it.
#[utoipa::path(get, path = "/api/v1/goods/letters/{letter}/paper", tag = "goods", params(("letter" = String, Path)),
    responses((status = 200, content_type = "application/pdf", description = "the paper, the same bytes each time")))]
async fn letter_paper(
    State(s): State<Services>,
    actor: Actor,
    Path(letter): Path<String>,
) -> Result<Response, Problem> {
    pdf(&s, &actor, Record::Letter(id_of(&s, &letter)?)).await
}
