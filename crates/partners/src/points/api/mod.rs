//! JSON of points shops.

mod desk;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::id::public;
use kernel::{Instant, UnitId};
use ledger::table::{Cell, Table};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::model::{Shelf, Shop, Totals};
use super::{actions, queries, rules};
use crate::ShopId;
use crate::error::{PartnerError, in_scope};
use crate::http::{csv_of, id_of, maybe, of_db};

/// Who may look into a shop: who records there, and who reads partner regions.
pub(super) const LOOKS: &[Permission] = &[Permission::PointsRecord, Permission::PartnerRead];

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff_any(LOOKS, routes!(list_points_shops))
        .staff(Permission::PartnerManage, routes!(open_points_shop))
        .staff_any(LOOKS, routes!(list_points_shelves))
        .staff(Permission::PartnerManage, routes!(offer_on_points_shelf))
        .staff(Permission::PointsRecord, routes!(stock_points_shelf))
        .staff_any(LOOKS, routes!(desk::list_points_residents))
        .staff(Permission::PointsRecord, routes!(desk::add_points_resident))
        .staff_any(LOOKS, routes!(desk::list_points_entries))
        .staff(Permission::PointsRecord, routes!(desk::record_points_service))
        .staff_any(LOOKS, routes!(desk::list_points_services))
        .staff(Permission::PointsRecord, routes!(desk::confirm_points_service))
        .staff(Permission::PointsRecord, routes!(desk::refuse_points_service))
        .staff(Permission::PointsRecord, routes!(desk::undo_points_service))
        .staff(Permission::PointsRecord, routes!(desk::spend_points))
        .staff_any(LOOKS, routes!(desk::list_points_sales))
        .staff(Permission::PointsRecord, routes!(desk::undo_points_sale))
        .staff_any(LOOKS, routes!(export_points_residents))
        .public(routes!(show_points_totals))
}

/// A shop.
#[derive(Serialize, ToSchema)]
struct PointsShopOut {
    /// Its public id.
    id: String,
    /// Its name.
    name: String,
    /// Public id of the agreement under which it was set up.
    agreement: Option<String>,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
}

fn shop_out(s: &Services, shop: Shop) -> PointsShopOut {
    PointsShopOut {
        id: public(&*s.keys, shop.id),
        name: shop.name,
        agreement: shop.agreement.map(|agreement| public(&*s.keys, agreement)),
        made_at: shop.made_at,
    }
}

/// Refuses who may not look into a unit's shops.
pub(super) fn may_look(s: &Services, actor: &Actor, unit: UnitId) -> Result<(), Problem> {
    if actor.scope_for_any(LOOKS).contains(unit, &s.tree) {
        Ok(())
    } else {
        Ok(actor.require(Permission::PointsRecord, unit)?)
    }
}

/// A shop for who may look into it.
pub(super) async fn in_shop(s: &Services, actor: &Actor, shop: &str) -> Result<(Shop, db::Snapshot), Problem> {
    let id: ShopId = id_of(s, shop)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let shop = queries::shop(&mut at, id).await.map_err(of_db)?;
    let shop = shop.ok_or_else(Problem::not_found)?;
    may_look(s, actor, shop.unit).map_err(|_| Problem::not_found())?;
    Ok((shop, at))
}

/// The shops of a unit.
#[utoipa::path(get, path = "/api/v1/partnership/{unit}/shops", tag = "partnership", params(("unit" = String, Path)),
    responses((status = 200, body = [PointsShopOut])))]
async fn list_points_shops(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<PointsShopOut>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    may_look(&s, &actor, unit)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let rows = queries::shops(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| shop_out(&s, row)).collect()))
}

/// A shop to be opened.
#[derive(Deserialize, ToSchema)]
struct OpenPointsShop {
    /// What makes it the same shop when it is sent again.
    key: String,
    /// Its name.
    name: String,
    /// Public id of the agreement under which it is set up.
    agreement: Option<String>,
}

/// Opens a shop.
#[utoipa::path(post, path = "/api/v1/partnership/{unit}/shops", tag = "partnership", params(("unit" = String, Path)),
    request_body = OpenPointsShop, responses((status = 201, body = PointsShopOut), (status = 409, description = "the key of another")))]
async fn open_points_shop(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<OpenPointsShop>,
) -> Result<(StatusCode, Json<PointsShopOut>), Problem> {
    let of = (id_of(&s, &unit)?, maybe(&s, body.agreement.as_ref())?);
    let shop = actions::open_shop(&s, &actor, of, (&body.key, &body.name)).await?;
    Ok((StatusCode::CREATED, Json(shop_out(&s, shop))))
}

/// What a shop offers.
#[derive(Serialize, ToSchema)]
struct PointsShelfOut {
    /// Its public id.
    id: String,
    /// What.
    item: String,
    /// 袋, 瓶.
    unit_word: String,
    /// Points for one.
    price_points: i64,
    /// How many are there.
    stock: i64,
}

fn shelf_out(s: &Services, shelf: Shelf) -> PointsShelfOut {
    PointsShelfOut {
        id: public(&*s.keys, shelf.id),
        item: shelf.item,
        unit_word: shelf.unit_word,
        price_points: shelf.price,
        stock: shelf.stock,
    }
}

/// What a shop offers, by item.
#[utoipa::path(get, path = "/api/v1/partnership/shops/{shop}/shelves", tag = "partnership", params(("shop" = String, Path)),
    responses((status = 200, body = [PointsShelfOut])))]
async fn list_points_shelves(
    State(s): State<Services>,
    actor: Actor,
    Path(shop): Path<String>,
) -> Result<Json<Vec<PointsShelfOut>>, Problem> {
    let (shop, mut at) = in_shop(&s, &actor, &shop).await?;
    let rows = queries::shelves(&mut at, shop.id).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| shelf_out(&s, row)).collect()))
}

/// Something to be put on offer.
#[derive(Deserialize, ToSchema)]
struct OfferOnPointsShelf {
    /// What.
    item: String,
    /// 袋, 瓶.
    unit_word: String,
    /// Points for one.
    price_points: i64,
}

/// Puts something on offer, or says its price anew.
#[utoipa::path(put, path = "/api/v1/partnership/shops/{shop}/shelves", tag = "partnership", params(("shop" = String, Path)),
    request_body = OfferOnPointsShelf, responses((status = 200, body = PointsShelfOut)))]
async fn offer_on_points_shelf(
    State(s): State<Services>,
    actor: Actor,
    Path(shop): Path<String>,
    Json(body): Json<OfferOnPointsShelf>,
) -> Result<Json<PointsShelfOut>, Problem> {
    let said = (body.item.as_str(), body.unit_word.as_str(), body.price_points);
    let shelf = actions::offer(&s, &actor, id_of(&s, &shop)?, said).await?;
    Ok(Json(shelf_out(&s, shelf)))
}

/// Pieces that come onto a shelf or leave it without a sale.
#[derive(Deserialize, ToSchema)]
struct StockPointsShelf {
    /// What makes it the same movement when it is sent again.
    key: String,
    /// Above zero to fill, below zero to take off.
    quantity: i64,
    /// Where they come from, or what became of them.
    reason: String,
}

/// Puts pieces on a shelf or takes them off.
#[utoipa::path(post, path = "/api/v1/partnership/shelves/{shelf}/moves", tag = "partnership", params(("shelf" = String, Path)),
    request_body = StockPointsShelf, responses((status = 200, body = PointsShelfOut), (status = 409, description = "there are fewer")))]
async fn stock_points_shelf(
    State(s): State<Services>,
    actor: Actor,
    Path(shelf): Path<String>,
    Json(body): Json<StockPointsShelf>,
) -> Result<Json<PointsShelfOut>, Problem> {
    let said = (body.key.as_str(), body.quantity, body.reason.as_str());
    let shelf = actions::stock(&s, &actor, id_of(&s, &shelf)?, said).await?;
    Ok(Json(shelf_out(&s, shelf)))
}

/// The residents of a shop as a CSV file, masked.
#[utoipa::path(get, path = "/api/v1/partnership/shops/{shop}/residents/csv", tag = "partnership", params(("shop" = String, Path)),
    responses((status = 200, content_type = "text/csv", description = "one line a resident")))]
async fn export_points_residents(
    State(s): State<Services>,
    actor: Actor,
    Path(shop): Path<String>,
) -> Result<Response, Problem> {
    let (shop, mut at) = in_shop(&s, &actor, &shop).await?;
    in_scope(&actor, Permission::PartnerRead, (shop.unit, "shop"))?;
    let residents = queries::residents(&mut at, shop.id).await.map_err(of_db)?;
    let table = Table {
        title: shop.name,
        as_of: s.now(),
        columns: ["姓名", "积分", "笔数"].map(str::to_owned).to_vec(),
        rows: residents
            .into_iter()
            .map(|one| {
                vec![
                    Cell::Text(one.name_shown),
                    Cell::Count(one.points),
                    Cell::Count(one.entries),
                ]
            })
            .collect(),
    };
    csv_of("points-residents", &table)
}

/// What a shop came to: sums only, and only where enough residents stand behind them.
#[derive(Serialize, ToSchema)]
struct PointsTotalsOut {
    /// The shop's name.
    name: String,
    /// As of when.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    /// Residents with a confirmed service; nothing where they are too few to be told.
    residents: Option<i64>,
    /// Services confirmed.
    services: Option<i64>,
    /// Minutes of them.
    minutes: Option<i64>,
    /// Points earned. Points are no money.
    points_earned: Option<i64>,
    /// Points spent.
    points_spent: Option<i64>,
}

/// What a points shop came to, for everybody: sums only, from five residents on.
#[utoipa::path(get, path = "/api/v1/points-shops/{shop}/totals", tag = "partnership", params(("shop" = String, Path)),
    responses((status = 200, body = PointsTotalsOut)))]
async fn show_points_totals(
    State(s): State<Services>,
    Path(shop): Path<String>,
) -> Result<Json<PointsTotalsOut>, Problem> {
    let id: ShopId = id_of(&s, &shop)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let shop = queries::shop(&mut at, id).await.map_err(of_db)?;
    let shop = shop.ok_or_else(Problem::not_found)?;
    let table = platform::parameters::load(&mut at).await.map_err(PartnerError::from)?;
    let least = table.whole("points.least_residents_shown", s.now().business_day());
    let least = least.map_err(PartnerError::from)?.unwrap_or(5);
    let totals = queries::totals(&mut at, id).await.map_err(of_db)?;
    let shown: Option<Totals> = rules::shown(totals, least);
    Ok(Json(PointsTotalsOut {
        name: shop.name,
        as_of: s.now(),
        residents: shown.map(|sums| sums.residents),
        services: shown.map(|sums| sums.services),
        minutes: shown.map(|sums| sums.minutes),
        points_earned: shown.map(|sums| sums.earned),
        points_spent: shown.map(|sums| sums.spent),
    }))
}
