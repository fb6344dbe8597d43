//! The way of a purchase into the store and out again; each answers with the purchase as it stands then.

use axum::Extension;
use axum::extract::{Path, State};
use kernel::BusinessDay;
use platform::identity::Actor;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Json, Problem};

use super::shown;
use super::steps::PartnerReason;
use super::views::PartnerPurchaseWhole;
use crate::http::id_of;
use crate::ports::Ports;
use crate::purchases::actions;
use crate::purchases::model::Stocking;

/// Where what was bought is put, and what it is there.
#[derive(Deserialize, ToSchema)]
#[schema(as = StockPartnerPurchase)]
pub(super) struct StockPartnerPurchase {
    /// Public id of the item in the catalogue; it must know the purchase's unit.
    item: String,
    /// Public id of the place.
    place: String,
    /// Units that travel together; one when nothing is said.
    per_box: Option<i64>,
    /// Its batch.
    #[serde(default)]
    batch: String,
    /// Its last day.
    #[schema(value_type = Option<String>)]
    expires_on: Option<BusinessDay>,
    /// Whether a certificate of quality came with it.
    #[serde(default)]
    has_certificate: bool,
}

/// Puts what two people counted into the store as a lot, worth what it cost. Needs `goods_record` too.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/lot", tag = "partnership",
    params(("purchase" = String, Path)), request_body = StockPartnerPurchase,
    responses((status = 200, body = PartnerPurchaseWhole),
        (status = 409, description = "not received, for a list of children, in the store as another item, a unit the item does not know")))]
pub(super) async fn stock_partner_purchase(
    State(ports): State<Ports>,
    Extension(actor): Extension<Actor>,
    Path(purchase): Path<String>,
    Json(body): Json<StockPartnerPurchase>,
) -> Result<Json<PartnerPurchaseWhole>, Problem> {
    let s = &ports.services;
    let new = Stocking {
        item: id_of(s, &body.item)?,
        place: id_of(s, &body.place)?,
        per_box: body.per_box.unwrap_or(1),
        batch: body.batch,
        expires_on: body.expires_on,
        has_certificate: body.has_certificate,
    };
    actions::stock(&ports, &actor, (id_of(s, &purchase)?, &new)).await?;
    shown(s, &actor, &purchase).await.map(Json)
}

/// Takes what was put into the store out again, all of it; another person than who put it in. Needs `goods_approve` too.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/lot/undo", tag = "partnership",
    params(("purchase" = String, Path)), request_body = PartnerReason,
    responses((status = 200, body = PartnerPurchaseWhole),
        (status = 409, description = "not in the store, the same person, pieces were set aside, moved or sent")))]
pub(super) async fn unstock_partner_purchase(
    State(ports): State<Ports>,
    Extension(actor): Extension<Actor>,
    Path(purchase): Path<String>,
    Json(body): Json<PartnerReason>,
) -> Result<Json<PartnerPurchaseWhole>, Problem> {
    let s = &ports.services;
    actions::unstock(&ports, &actor, (id_of(s, &purchase)?, &body.reason)).await?;
    shown(s, &actor, &purchase).await.map(Json)
}
