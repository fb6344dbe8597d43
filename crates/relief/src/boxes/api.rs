//! JSON of codes, for the console and for phones that scan them.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::id::public;
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions::{self, NewSheet};
use super::model::{BoxKind, Code};
use super::queries;
use crate::BoxId;
use crate::error::in_scope;
use crate::http::{id_of, maybe, of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_sheets))
        .staff(Permission::GoodsRecord, routes!(print))
        .staff(Permission::GoodsRecord, routes!(labels))
        .staff(Permission::GoodsRecord, routes!(show_code))
        .staff(Permission::GoodsRecord, routes!(fill))
        .staff(Permission::GoodsRecord, routes!(put))
        .staff(Permission::GoodsRecord, routes!(send_by))
}

/// A sheet of codes.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsSheetOut)]
struct SheetOut {
    /// Its public id.
    id: String,
    /// `box`, `pallet`, `truck`.
    kind: BoxKind,
    /// Its first label.
    first: String,
    /// How many.
    labels: i64,
    /// How many of them are filled.
    filled: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
}

/// The sheets of codes of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/sheets", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [SheetOut])))]
async fn list_sheets(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<SheetOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::sheets(&mut at, unit).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| SheetOut {
        id: public(&*s.keys, row.id),
        kind: row.kind,
        first: row.first,
        labels: row.labels,
        filled: row.filled,
        made_at: row.made_at,
    });
    Ok(Json(out.collect()))
}

/// A code.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsCodeOut)]
struct CodeOut {
    /// Its public id, as the QR code says it.
    id: String,
    /// The number on the label.
    label: String,
    /// `box`, `pallet`, `truck`.
    kind: BoxKind,
    /// Public id of the lot in it.
    lot: Option<String>,
    /// How many of its unit.
    quantity: Option<i64>,
    /// Public id of the pallet or truck it is on.
    into: Option<String>,
    /// Public id of the order it travels by.
    dispatch: Option<String>,
}

fn code_out(s: &Services, code: &Code) -> CodeOut {
    CodeOut {
        id: public(&*s.keys, code.id),
        label: code.label(),
        kind: code.kind,
        lot: code.filled.map(|filled| public(&*s.keys, filled.lot)),
        quantity: code.filled.map(|filled| filled.quantity),
        into: code.into.map(|id| public(&*s.keys, id)),
        dispatch: code.dispatch.map(|id| public(&*s.keys, id)),
    }
}

/// Codes to be printed.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsPrintCodes)]
struct PrintCodes {
    /// What makes it the same sheet when it is sent again.
    key: String,
    /// `box`, `pallet`, `truck`.
    kind: BoxKind,
    /// How many: 1 to 240.
    labels: i64,
}

/// A printed sheet.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsPrintedOut)]
struct PrintedOut {
    /// The sheet's public id.
    sheet: String,
    /// Its codes.
    codes: Vec<CodeOut>,
}

/// Makes codes to be printed, before anybody knows what will be in the boxes. The same key again is the same sheet.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/sheets", tag = "goods", params(("unit" = String, Path)),
    request_body = PrintCodes, responses((status = 201, body = PrintedOut)))]
async fn print(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<PrintCodes>,
) -> Result<(StatusCode, Json<PrintedOut>), Problem> {
    let new = NewSheet {
        unit: id_of::<UnitId>(&s, &unit)?,
        key: &body.key,
        kind: body.kind,
        labels: body.labels,
    };
    let (sheet, codes) = actions::print(&s, &actor, new).await?;
    let codes = codes.iter().map(|code| code_out(&s, code)).collect();
    let sheet = public(&*s.keys, sheet);
    Ok((StatusCode::CREATED, Json(PrintedOut { sheet, codes })))
}

/// The labels of a sheet as PDF, 24 to a page of A4.
#[utoipa::path(get, path = "/api/v1/goods/sheets/{sheet}/labels", tag = "goods", params(("sheet" = String, Path)),
    responses((status = 200, content_type = "application/pdf", description = "the labels")))]
async fn labels(State(s): State<Services>, actor: Actor, Path(sheet): Path<String>) -> Result<Response, Problem> {
    let bytes = actions::labels(&s, &actor, id_of(&s, &sheet)?).await?;
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("inline; filename=\"labels.pdf\""),
    );
    Ok(response)
}

async fn code(s: &Services, actor: &Actor, id: BoxId) -> Result<CodeOut, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let code = queries::code(&mut at, id).await.map_err(of_db)?;
    let code = code.ok_or_else(Problem::not_found)?;
    in_scope(actor, Permission::GoodsRecord, (code.unit, "code"))?;
    Ok(code_out(s, &code))
}

/// What a code stands for.
#[utoipa::path(get, path = "/api/v1/goods/codes/{code}", tag = "goods", params(("code" = String, Path)),
    responses((status = 200, body = CodeOut)))]
async fn show_code(
    State(s): State<Services>,
    actor: Actor,
    Path(text): Path<String>,
) -> Result<Json<CodeOut>, Problem> {
    Ok(Json(code(&s, &actor, id_of(&s, &text)?).await?))
}

/// What is in a box.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsFillBox)]
struct FillBox {
    /// Public id of the lot.
    lot: String,
    /// How many of its unit.
    quantity: i64,
}

/// Writes down what is in a box; the same again changes nothing.
#[utoipa::path(put, path = "/api/v1/goods/codes/{code}/goods", tag = "goods", params(("code" = String, Path)),
    request_body = FillBox, responses((status = 200, body = CodeOut),
        (status = 409, description = "something else is in it, more than came, a parcel in care")))]
async fn fill(
    State(s): State<Services>,
    actor: Actor,
    Path(text): Path<String>,
    Json(body): Json<FillBox>,
) -> Result<Json<CodeOut>, Problem> {
    let what = (id_of(&s, &body.lot)?, body.quantity);
    let code = actions::fill(&s, &actor, id_of(&s, &text)?, what).await?;
    Ok(Json(code_out(&s, &code)))
}

/// Where a box or pallet is put.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsPutBox)]
struct PutBox {
    /// Public id of the pallet's or truck's code; none: taken down.
    #[serde(default)]
    into: Option<String>,
}

/// Puts a box on a pallet, or either on a truck.
#[utoipa::path(put, path = "/api/v1/goods/codes/{code}/into", tag = "goods", params(("code" = String, Path)),
    request_body = PutBox, responses((status = 204), (status = 409, description = "it cannot hold that")))]
async fn put(
    State(s): State<Services>,
    actor: Actor,
    Path(text): Path<String>,
    Json(body): Json<PutBox>,
) -> Result<StatusCode, Problem> {
    let into = maybe(&s, body.into.as_ref())?;
    actions::put(&s, &actor, id_of(&s, &text)?, into).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The order a box travels by.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsSendBox)]
struct SendBox {
    /// The order's public id.
    dispatch: String,
}

/// Says that a filled box travels by an order, so that its public page tells the way.
#[utoipa::path(put, path = "/api/v1/goods/codes/{code}/dispatch", tag = "goods", params(("code" = String, Path)),
    request_body = SendBox, responses((status = 204), (status = 409, description = "empty, of another order, more than it sends")))]
async fn send_by(
    State(s): State<Services>,
    actor: Actor,
    Path(text): Path<String>,
    Json(body): Json<SendBox>,
) -> Result<StatusCode, Problem> {
    let dispatch = id_of(&s, &body.dispatch)?;
    actions::send_by(&s, &actor, id_of(&s, &text)?, dispatch).await?;
    Ok(StatusCode::NO_CONTENT)
}
