//! The shop's desk: residents, services, sales.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{BusinessDay, Instant};
use platform::Services;
use platform::identity::Actor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Problem, Query};

use super::{in_shop, may_look};
use crate::ResidentId;
use crate::http::{id_of, of_db};
use crate::points::actions::{self, Decision};
use crate::points::model::{
    Basket, Entry, EntryKind, NewResident, NewService, Resident, Sale, Service, ServiceKind, ServiceState,
};
use crate::points::queries;

/// A resident, masked.
#[derive(Serialize, ToSchema)]
pub(super) struct PointsResidentOut {
    /// Public id.
    id: String,
    /// The name, masked.
    name: String,
    /// Points there are. Points are no money.
    points: i64,
}

fn resident_out(s: &Services, resident: Resident) -> PointsResidentOut {
    PointsResidentOut {
        id: public(&*s.keys, resident.id),
        name: resident.name_shown,
        points: resident.points,
    }
}

/// The residents of a shop, masked, those with the most points first.
#[utoipa::path(get, path = "/api/v1/partnership/shops/{shop}/residents", tag = "partnership", params(("shop" = String, Path)),
    responses((status = 200, body = [PointsResidentOut])))]
pub(super) async fn list_points_residents(
    State(s): State<Services>,
    actor: Actor,
    Path(shop): Path<String>,
) -> Result<Json<Vec<PointsResidentOut>>, Problem> {
    let (shop, mut at) = in_shop(&s, &actor, &shop).await?;
    let rows = queries::residents(&mut at, shop.id).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| resident_out(&s, row)).collect()))
}

/// A resident to be added.
#[derive(Deserialize, ToSchema)]
pub(super) struct AddPointsResident {
    /// What makes it the same resident when it is sent again.
    key: String,
    /// The name: kept sealed.
    name: String,
    /// The telephone: kept as a blind mark only.
    phone: String,
}

/// Adds a resident to a shop.
#[utoipa::path(post, path = "/api/v1/partnership/shops/{shop}/residents", tag = "partnership", params(("shop" = String, Path)),
    request_body = AddPointsResident, responses((status = 201, body = PointsResidentOut), (status = 409, description = "the telephone stands")))]
pub(super) async fn add_points_resident(
    State(s): State<Services>,
    actor: Actor,
    Path(shop): Path<String>,
    Json(body): Json<AddPointsResident>,
) -> Result<(StatusCode, Json<PointsResidentOut>), Problem> {
    let new = NewResident {
        shop: id_of(&s, &shop)?,
        key: body.key,
        name: body.name,
        phone: body.phone,
    };
    let resident = actions::add_resident(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(resident_out(&s, resident))))
}

/// An entry of the journal of points.
#[derive(Serialize, ToSchema)]
pub(super) struct PointsEntryOut {
    /// The resident's running number.
    n: i64,
    /// What it is.
    kind: EntryKind,
    /// Above zero earned or given back, below zero spent or taken back.
    points: i64,
    /// Why, where it is a mirror.
    reason: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

fn entry_out(entry: Entry) -> PointsEntryOut {
    PointsEntryOut {
        n: entry.n,
        kind: entry.kind,
        points: entry.points,
        reason: entry.reason,
        at: entry.at,
    }
}

/// A resident's journal of points, the newest first.
#[utoipa::path(get, path = "/api/v1/partnership/residents/{resident}/entries", tag = "partnership",
    params(("resident" = String, Path)), responses((status = 200, body = [PointsEntryOut])))]
pub(super) async fn list_points_entries(
    State(s): State<Services>,
    actor: Actor,
    Path(resident): Path<String>,
) -> Result<Json<Vec<PointsEntryOut>>, Problem> {
    let id: ResidentId = id_of(&s, &resident)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let resident = queries::resident(&mut at, id).await.map_err(of_db)?;
    let resident = resident.ok_or_else(Problem::not_found)?;
    may_look(&s, &actor, resident.unit).map_err(|_| Problem::not_found())?;
    let rows = queries::entries(&mut at, id).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(entry_out).collect()))
}

/// A service.
#[derive(Serialize, ToSchema)]
pub(super) struct PointsServiceOut {
    /// Its public id.
    id: String,
    /// Public id of the resident.
    resident: String,
    /// What was done.
    kind: ServiceKind,
    /// How long.
    minutes: i64,
    /// When.
    #[schema(value_type = String)]
    day: BusinessDay,
    /// Where it is.
    state: ServiceState,
    /// What it is worth, once confirmed.
    points: Option<i64>,
    /// Whether the reader recorded it, and so does not confirm it.
    mine: bool,
    /// Whether it was confirmed and undone: its points were taken back.
    undone: bool,
}

fn service_out(s: &Services, actor: &Actor, service: Service) -> PointsServiceOut {
    PointsServiceOut {
        id: public(&*s.keys, service.id),
        resident: public(&*s.keys, service.resident),
        kind: service.kind,
        minutes: service.minutes,
        day: service.day,
        state: service.state,
        points: service.points,
        mine: service.recorded_by == actor.id,
        undone: false,
    }
}

/// A service to be recorded.
#[derive(Deserialize, ToSchema)]
pub(super) struct RecordPointsService {
    /// What makes it the same service when it is sent again.
    key: String,
    /// What was done.
    kind: ServiceKind,
    /// How long.
    minutes: i64,
    /// When.
    #[schema(value_type = String)]
    day: BusinessDay,
}

/// Records a service of a resident; another person confirms it.
#[utoipa::path(post, path = "/api/v1/partnership/residents/{resident}/services", tag = "partnership",
    params(("resident" = String, Path)), request_body = RecordPointsService,
    responses((status = 201, body = PointsServiceOut), (status = 409, description = "the key of another")))]
pub(super) async fn record_points_service(
    State(s): State<Services>,
    actor: Actor,
    Path(resident): Path<String>,
    Json(body): Json<RecordPointsService>,
) -> Result<(StatusCode, Json<PointsServiceOut>), Problem> {
    let new = NewService {
        resident: id_of(&s, &resident)?,
        key: body.key,
        kind: body.kind,
        minutes: body.minutes,
        day: body.day,
    };
    let service = actions::record(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(service_out(&s, &actor, service))))
}

/// Which services are shown.
#[derive(Deserialize)]
pub(super) struct ServicesQuery {
    /// `recorded` (by default), `confirmed`, `refused`.
    #[serde(default)]
    state: Option<ServiceState>,
}

/// The services of a shop: those that wait to be confirmed, or those refused, the oldest first; those confirmed the newest
/// first, also what was undone.
#[utoipa::path(get, path = "/api/v1/partnership/shops/{shop}/services", tag = "partnership",
    params(("shop" = String, Path), ("state" = Option<String>, Query, description = "recorded, confirmed or refused")),
    responses((status = 200, body = [PointsServiceOut])))]
pub(super) async fn list_points_services(
    State(s): State<Services>,
    actor: Actor,
    Path(shop): Path<String>,
    Query(query): Query<ServicesQuery>,
) -> Result<Json<Vec<PointsServiceOut>>, Problem> {
    let (shop, mut at) = in_shop(&s, &actor, &shop).await?;
    let state = query.state.unwrap_or(ServiceState::Recorded);
    if state == ServiceState::Confirmed {
        let rows = queries::confirmed(&mut at, shop.id).await.map_err(of_db)?;
        let out = rows.into_iter().map(|(row, undone)| PointsServiceOut {
            undone,
            ..service_out(&s, &actor, row)
        });
        return Ok(Json(out.collect()));
    }
    let rows = queries::services(&mut at, shop.id, state).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| service_out(&s, &actor, row)).collect()))
}

/// Confirms a service that another person recorded: it is worth its points by the rate of its day.
#[utoipa::path(post, path = "/api/v1/partnership/services/{service}/confirm", tag = "partnership",
    params(("service" = String, Path)), responses((status = 200, body = PointsServiceOut), (status = 409, description = "the same person, decided")))]
pub(super) async fn confirm_points_service(
    State(s): State<Services>,
    actor: Actor,
    Path(service): Path<String>,
) -> Result<Json<PointsServiceOut>, Problem> {
    let service = actions::decide(&s, &actor, id_of(&s, &service)?, Decision::Confirm).await?;
    Ok(Json(service_out(&s, &actor, service)))
}

/// Why.
#[derive(Deserialize, ToSchema)]
pub(super) struct PointsReason {
    /// Why.
    reason: String,
}

/// Refuses a service that another person recorded.
#[utoipa::path(post, path = "/api/v1/partnership/services/{service}/refuse", tag = "partnership",
    params(("service" = String, Path)), request_body = PointsReason,
    responses((status = 200, body = PointsServiceOut), (status = 409, description = "the same person, decided")))]
pub(super) async fn refuse_points_service(
    State(s): State<Services>,
    actor: Actor,
    Path(service): Path<String>,
    Json(body): Json<PointsReason>,
) -> Result<Json<PointsServiceOut>, Problem> {
    let refusal = Decision::Refuse(&body.reason);
    let service = actions::decide(&s, &actor, id_of(&s, &service)?, refusal).await?;
    Ok(Json(service_out(&s, &actor, service)))
}

/// Undoes a confirmed service, where its points are still there.
#[utoipa::path(post, path = "/api/v1/partnership/services/{service}/undo", tag = "partnership",
    params(("service" = String, Path)), request_body = PointsReason,
    responses((status = 200, body = PointsServiceOut), (status = 409, description = "the points are spent")))]
pub(super) async fn undo_points_service(
    State(s): State<Services>,
    actor: Actor,
    Path(service): Path<String>,
    Json(body): Json<PointsReason>,
) -> Result<Json<PointsServiceOut>, Problem> {
    let service = actions::undo_service(&s, &actor, id_of(&s, &service)?, &body.reason).await?;
    Ok(Json(PointsServiceOut {
        undone: true,
        ..service_out(&s, &actor, service)
    }))
}

/// A sale.
#[derive(Serialize, ToSchema)]
pub(super) struct PointsSaleOut {
    /// Its public id.
    id: String,
    /// Public id of the resident.
    resident: String,
    /// Points spent.
    points: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    sold_at: Instant,
    /// When it was undone.
    #[schema(value_type = Option<String>, format = DateTime)]
    undone_at: Option<Instant>,
}

fn sale_out(s: &Services, sale: Sale) -> PointsSaleOut {
    PointsSaleOut {
        id: public(&*s.keys, sale.id),
        resident: public(&*s.keys, sale.resident),
        points: sale.points,
        sold_at: sale.sold_at,
        undone_at: sale.undone_at,
    }
}

/// Pieces off a shelf.
#[derive(Deserialize, ToSchema)]
struct PointsLineIn {
    /// Public id of the shelf.
    shelf: String,
    /// How many.
    quantity: i64,
}

/// What a resident takes.
#[derive(Deserialize, ToSchema)]
pub(super) struct SpendPoints {
    /// What makes it the same sale when it is sent again.
    key: String,
    /// Off which shelf how many.
    lines: Vec<PointsLineIn>,
}

/// Spends a resident's points for goods off the shelves.
#[utoipa::path(post, path = "/api/v1/partnership/residents/{resident}/sales", tag = "partnership",
    params(("resident" = String, Path)), request_body = SpendPoints,
    responses((status = 201, body = PointsSaleOut), (status = 409, description = "fewer points, fewer on the shelf")))]
pub(super) async fn spend_points(
    State(s): State<Services>,
    actor: Actor,
    Path(resident): Path<String>,
    Json(body): Json<SpendPoints>,
) -> Result<(StatusCode, Json<PointsSaleOut>), Problem> {
    let lines: Result<Vec<_>, Problem> = body
        .lines
        .iter()
        .map(|line| Ok((id_of(&s, &line.shelf)?, line.quantity)))
        .collect();
    let basket = Basket {
        resident: id_of(&s, &resident)?,
        key: body.key,
        lines: lines?,
    };
    let sale = actions::spend(&s, &actor, &basket).await?;
    Ok((StatusCode::CREATED, Json(sale_out(&s, sale))))
}

/// The last sales of a shop, the newest first.
#[utoipa::path(get, path = "/api/v1/partnership/shops/{shop}/sales", tag = "partnership", params(("shop" = String, Path)),
    responses((status = 200, body = [PointsSaleOut])))]
pub(super) async fn list_points_sales(
    State(s): State<Services>,
    actor: Actor,
    Path(shop): Path<String>,
) -> Result<Json<Vec<PointsSaleOut>>, Problem> {
    let (shop, mut at) = in_shop(&s, &actor, &shop).await?;
    let rows = queries::sales(&mut at, shop.id).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| sale_out(&s, row)).collect()))
}

/// Undoes a sale: points and pieces are where they were.
#[utoipa::path(post, path = "/api/v1/partnership/sales/{sale}/undo", tag = "partnership", params(("sale" = String, Path)),
    request_body = PointsReason, responses((status = 200, body = PointsSaleOut)))]
pub(super) async fn undo_points_sale(
    State(s): State<Services>,
    actor: Actor,
    Path(sale): Path<String>,
    Json(body): Json<PointsReason>,
) -> Result<Json<PointsSaleOut>, Problem> {
    let sale = actions::undo(&s, &actor, id_of(&s, &sale)?, &body.reason).await?;
    Ok(Json(sale_out(&s, sale)))
}
