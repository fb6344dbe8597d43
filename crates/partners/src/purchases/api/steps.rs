//! Steps of a purchase; each answers with the purchase as it stands then.

use axum::extract::{Path, State};
use kernel::{BusinessDay, Fen};
use platform::Services;
use platform::identity::Actor;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Json, Problem};

use super::shown;
use super::views::PartnerPurchaseWhole;
use crate::http::id_of;
use crate::payments::api::restriction_of;
use crate::purchases::actions::{self, Invoice};

type Answer = Result<Json<PartnerPurchaseWhole>, Problem>;

/// Why something is done.
#[derive(Deserialize, ToSchema)]
pub(super) struct PartnerReason {
    /// Why.
    pub(super) reason: String,
}

/// Strikes a quote that is wrong or over.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/quotes/{n}/strike", tag = "partnership",
    params(("purchase" = String, Path), ("n" = i64, Path)), request_body = PartnerReason,
    responses((status = 200, body = PartnerPurchaseWhole)))]
pub(super) async fn strike_partner_quote(
    State(s): State<Services>,
    actor: Actor,
    Path((purchase, n)): Path<(String, String)>,
    Json(body): Json<PartnerReason>,
) -> Answer {
    // What is no number names no quote; the router itself would refuse it in words of its own.
    let quote = n.parse().map_err(|_| Problem::not_found())?;
    actions::strike(&s, &actor, (id_of(&s, &purchase)?, quote, &body.reason)).await?;
    shown(&s, &actor, &purchase).await.map(Json)
}

/// Asks that fewer quotes be enough, with a reason.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/fewer", tag = "partnership",
    params(("purchase" = String, Path)), request_body = PartnerReason, responses((status = 200, body = PartnerPurchaseWhole)))]
pub(super) async fn ask_fewer_quotes(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
    Json(body): Json<PartnerReason>,
) -> Answer {
    actions::ask_fewer(&s, &actor, id_of(&s, &purchase)?, &body.reason).await?;
    shown(&s, &actor, &purchase).await.map(Json)
}

/// Approves that fewer quotes are enough; another person than who asked or collected.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/fewer/approval", tag = "partnership",
    params(("purchase" = String, Path)), responses((status = 200, body = PartnerPurchaseWhole), (status = 409, description = "the same person, nobody asked")))]
pub(super) async fn approve_fewer_quotes(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
) -> Answer {
    actions::approve_fewer(&s, &actor, id_of(&s, &purchase)?).await?;
    shown(&s, &actor, &purchase).await.map(Json)
}

/// Which quote is chosen.
#[derive(Deserialize, ToSchema)]
pub(super) struct ChoosePartnerQuote {
    /// 1, 2, 3 …
    n: i64,
    /// Why not the lowest; needed for another than the lowest.
    #[serde(default)]
    reason: String,
}

/// Chooses a quote; another person than who collected.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/choice", tag = "partnership",
    params(("purchase" = String, Path)), request_body = ChoosePartnerQuote,
    responses((status = 200, body = PartnerPurchaseWhole), (status = 409, description = "too few quotes, the same person, bound to a supplier")))]
pub(super) async fn choose_partner_quote(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
    Json(body): Json<ChoosePartnerQuote>,
) -> Answer {
    actions::choose(&s, &actor, (id_of(&s, &purchase)?, body.n, &body.reason)).await?;
    shown(&s, &actor, &purchase).await.map(Json)
}

/// When an order is due.
#[derive(Deserialize, ToSchema)]
pub(super) struct OrderPartnerPurchase {
    /// The last day of delivery.
    #[schema(value_type = String)]
    due_on: BusinessDay,
}

/// Orders from the chosen supplier; the order takes its number.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/order", tag = "partnership",
    params(("purchase" = String, Path)), request_body = OrderPartnerPurchase,
    responses((status = 200, body = PartnerPurchaseWhole), (status = 409, description = "no quote is chosen")))]
pub(super) async fn order_partner_purchase(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
    Json(body): Json<OrderPartnerPurchase>,
) -> Answer {
    actions::order(&s, &actor, id_of(&s, &purchase)?, body.due_on).await?;
    shown(&s, &actor, &purchase).await.map(Json)
}

/// What somebody counted.
#[derive(Deserialize, ToSchema)]
pub(super) struct CountPartnerPurchase {
    /// How many came.
    quantity: i64,
    /// Why fewer came than were ordered.
    #[serde(default)]
    words: String,
}

/// Signs for what was counted; with a second person who counted alike it is received.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/counts", tag = "partnership",
    params(("purchase" = String, Path)), request_body = CountPartnerPurchase,
    responses((status = 200, body = PartnerPurchaseWhole), (status = 409, description = "the counts differ")))]
pub(super) async fn count_partner_purchase(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
    Json(body): Json<CountPartnerPurchase>,
) -> Answer {
    actions::receive(&s, &actor, (id_of(&s, &purchase)?, body.quantity, &body.words)).await?;
    shown(&s, &actor, &purchase).await.map(Json)
}

/// An invoice, and out of which money it is paid.
#[derive(Deserialize, ToSchema)]
pub(super) struct InvoicePartnerPurchase {
    /// The invoice's number.
    invoice_no: String,
    /// Public id of the invoice.
    file: String,
    /// What it says; it must be the chosen price by the pieces that came.
    amount_fen: i64,
    /// Public id of the fund.
    fund: String,
    /// `restricted` or `unrestricted`.
    restriction: String,
}

/// Puts the invoice in and proposes its payment, for another person to book.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/invoice", tag = "partnership",
    params(("purchase" = String, Path)), request_body = InvoicePartnerPurchase,
    responses((status = 200, body = PartnerPurchaseWhole), (status = 409, description = "not received")))]
pub(super) async fn invoice_partner_purchase(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
    Json(body): Json<InvoicePartnerPurchase>,
) -> Answer {
    let new = Invoice {
        number: body.invoice_no,
        file: id_of(&s, &body.file)?,
        amount: Fen::new(body.amount_fen),
        fund: id_of(&s, &body.fund)?,
        restriction: restriction_of(&body.restriction)?,
    };
    actions::invoice(&s, &actor, (id_of(&s, &purchase)?, &new)).await?;
    shown(&s, &actor, &purchase).await.map(Json)
}

/// Gives a purchase up before anything of it was received.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/call-off", tag = "partnership",
    params(("purchase" = String, Path)), request_body = PartnerReason,
    responses((status = 200, body = PartnerPurchaseWhole), (status = 409, description = "it is received")))]
pub(super) async fn call_off_partner_purchase(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
    Json(body): Json<PartnerReason>,
) -> Answer {
    actions::call_off(&s, &actor, id_of(&s, &purchase)?, &body.reason).await?;
    shown(&s, &actor, &purchase).await.map(Json)
}
