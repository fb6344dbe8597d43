//! JSON of suppliers and purchases.

mod steps;
mod stocking;
mod views;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::id::public;
use kernel::{ActorId, Fen, UnitId};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Problem};

use super::actions::{self, Collected, NewSupplier};
use super::model::{NewPurchase, Supplier};
use super::{paper, queries};
use crate::agreements::TargetKind;
use crate::error::in_scope;
use crate::http::{file_of, id_of, maybe, of_db, reading};
use crate::ports::Ports;
use views::{PartnerPurchaseOut, PartnerPurchaseWhole, Said, purchase_out, whole};

/// The routes of this slice.
pub fn routes(ports: &Ports) -> OpenApiRouter<Services> {
    let with_ports = |routes: UtoipaMethodRouter<Ports>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(ports.clone()))
    };
    OpenApiRouter::new()
        .staff(Permission::PartnerRead, routes!(list_partner_suppliers))
        .staff(Permission::PartnerPurchase, routes!(add_partner_supplier))
        .staff(Permission::PartnerRead, routes!(declare_partner_tie))
        .staff(Permission::PartnerRead, routes!(list_partner_purchases))
        .staff(Permission::PartnerPurchase, routes!(ask_partner_purchase))
        .staff(Permission::PartnerRead, routes!(show_partner_purchase))
        .staff(Permission::PartnerPurchase, routes!(collect_partner_quote))
        .staff(Permission::PartnerPurchase, routes!(steps::strike_partner_quote))
        .staff(Permission::PartnerPurchase, routes!(steps::ask_fewer_quotes))
        .staff(Permission::PartnerApprove, routes!(steps::approve_fewer_quotes))
        .staff(Permission::PartnerApprove, routes!(steps::choose_partner_quote))
        .staff(Permission::PartnerPurchase, routes!(steps::order_partner_purchase))
        .staff(Permission::PartnerPurchase, routes!(steps::count_partner_purchase))
        .staff(Permission::PartnerPurchase, routes!(steps::invoice_partner_purchase))
        .staff(Permission::PartnerPurchase, routes!(steps::call_off_partner_purchase))
        .staff(
            Permission::PartnerPurchase,
            with_ports(routes!(stocking::stock_partner_purchase)),
        )
        .staff(
            Permission::PartnerApprove,
            with_ports(routes!(stocking::unstock_partner_purchase)),
        )
        .staff(Permission::PartnerRead, routes!(print_partner_order))
}

/// A supplier.
#[derive(Serialize, ToSchema)]
struct PartnerSupplierOut {
    /// Its public id.
    id: String,
    /// Its unified social credit code.
    code: String,
    /// Its name.
    name: String,
    /// Who owns or leads it, masked.
    owner: String,
}

fn supplier_out(s: &Services, supplier: Supplier) -> PartnerSupplierOut {
    PartnerSupplierOut {
        id: public(&*s.keys, supplier.id),
        code: supplier.code,
        name: supplier.name,
        owner: supplier.owner_shown,
    }
}

/// The suppliers of a unit, by name.
#[utoipa::path(get, path = "/api/v1/partnership/{unit}/suppliers", tag = "partnership", params(("unit" = String, Path)),
    responses((status = 200, body = [PartnerSupplierOut])))]
async fn list_partner_suppliers(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<PartnerSupplierOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, (&unit, Permission::PartnerRead)).await?;
    let rows = queries::suppliers(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| supplier_out(&s, row)).collect()))
}

/// A supplier to be added.
#[derive(Deserialize, ToSchema)]
struct AddPartnerSupplier {
    /// Its unified social credit code, 18 characters.
    code: String,
    /// Its name.
    name: String,
    /// Who owns or leads it; kept masked.
    owner: String,
}

/// Adds a supplier to a unit's register.
#[utoipa::path(post, path = "/api/v1/partnership/{unit}/suppliers", tag = "partnership", params(("unit" = String, Path)),
    request_body = AddPartnerSupplier, responses((status = 201, body = PartnerSupplierOut), (status = 409, description = "its code stands")))]
async fn add_partner_supplier(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<AddPartnerSupplier>,
) -> Result<(StatusCode, Json<PartnerSupplierOut>), Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    let new = NewSupplier {
        unit,
        code: &body.code,
        name: &body.name,
        owner: &body.owner,
    };
    let supplier = actions::add_supplier(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(supplier_out(&s, supplier))))
}

/// That somebody of the house is bound to a supplier.
#[derive(Deserialize, ToSchema)]
struct DeclarePartnerTie {
    /// Public id of the user; oneself when nothing is said.
    user: Option<String>,
    /// How.
    words: String,
}

/// Declares that somebody of the house is bound to a supplier. Others are declared by who approves.
#[utoipa::path(post, path = "/api/v1/partnership/suppliers/{supplier}/ties", tag = "partnership",
    params(("supplier" = String, Path)), request_body = DeclarePartnerTie, responses((status = 204)))]
async fn declare_partner_tie(
    State(s): State<Services>,
    actor: Actor,
    Path(supplier): Path<String>,
    Json(body): Json<DeclarePartnerTie>,
) -> Result<StatusCode, Problem> {
    let bound: Option<ActorId> = maybe(&s, body.user.as_ref())?;
    let said = (id_of(&s, &supplier)?, bound.unwrap_or(actor.id), body.words.as_str());
    actions::declare_tie(&s, &actor, said).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The purchases under an agreement, the newest first.
#[utoipa::path(get, path = "/api/v1/partnership/agreements/{agreement}/purchases", tag = "partnership",
    params(("agreement" = String, Path)), responses((status = 200, body = [PartnerPurchaseOut])))]
async fn list_partner_purchases(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
) -> Result<Json<Vec<PartnerPurchaseOut>>, Problem> {
    let id = id_of(&s, &agreement)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = crate::agreements::queries::agreement(&mut at, id)
        .await
        .map_err(of_db)?;
    let (agreement, _) = found.ok_or_else(Problem::not_found)?;
    in_scope(&actor, Permission::PartnerRead, (agreement.unit, "agreement"))?;
    let rows = queries::purchases(&mut at, id).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| purchase_out(&s, row)).collect()))
}

/// A purchase to be begun.
#[derive(Deserialize, ToSchema)]
struct AskPartnerPurchase {
    /// What makes it the same purchase when it is sent again.
    key: String,
    /// `goods` or `student_aid`.
    kind: TargetKind,
    /// Public id of the need it answers.
    need: Option<String>,
    /// Public id of the list of children it fits.
    list: Option<String>,
    /// What is bought.
    item: String,
    /// Its specification.
    #[serde(default)]
    spec: String,
    /// 件, 套, 台.
    unit_word: String,
    /// How many; for a list of children it is theirs.
    #[serde(default)]
    quantity: i64,
}

/// Begins a purchase under a running agreement.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/purchases", tag = "partnership",
    params(("agreement" = String, Path)), request_body = AskPartnerPurchase,
    responses((status = 201, body = PartnerPurchaseOut), (status = 409, description = "the agreement does not run")))]
async fn ask_partner_purchase(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
    Json(body): Json<AskPartnerPurchase>,
) -> Result<(StatusCode, Json<PartnerPurchaseOut>), Problem> {
    let new = NewPurchase {
        agreement: id_of(&s, &agreement)?,
        need: maybe(&s, body.need.as_ref())?,
        list: maybe(&s, body.list.as_ref())?,
        key: body.key,
        kind: body.kind,
        item: body.item,
        spec: body.spec,
        unit_word: body.unit_word,
        quantity: body.quantity,
    };
    let purchase = actions::ask(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(purchase_out(&s, purchase))))
}

/// A purchase with its quotes compared and what was counted.
#[utoipa::path(get, path = "/api/v1/partnership/purchases/{purchase}", tag = "partnership",
    params(("purchase" = String, Path)), responses((status = 200, body = PartnerPurchaseWhole)))]
async fn show_partner_purchase(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
) -> Result<Json<PartnerPurchaseWhole>, Problem> {
    Ok(Json(shown(&s, &actor, &purchase).await?))
}

/// A purchase as this reader sees it.
async fn shown(s: &Services, actor: &Actor, purchase: &str) -> Result<PartnerPurchaseWhole, Problem> {
    let id = id_of(s, purchase)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::purchase(&mut at, id).await.map_err(of_db)?;
    let (purchase, quotes, receipts) = found.ok_or_else(Problem::not_found)?;
    in_scope(actor, Permission::PartnerRead, (purchase.unit, "purchase"))?;
    let wanted = actions::wanted(&mut at, &purchase).await?;
    let bound = queries::is_bound(&mut at, id, actor.id).await.map_err(of_db)?;
    let stocked = queries::stocked(&mut at, id).await.map_err(of_db)?;
    let said = Said { wanted, bound, stocked };
    Ok(whole(s, actor, (purchase, quotes, receipts), said)?)
}

/// A quote as it was given.
#[derive(Deserialize, ToSchema)]
struct CollectPartnerQuote {
    /// Public id of the supplier.
    supplier: String,
    /// For one piece.
    price_fen: i64,
    /// Public id of the quote on paper.
    file: String,
}

/// Keeps a quote.
#[utoipa::path(post, path = "/api/v1/partnership/purchases/{purchase}/quotes", tag = "partnership",
    params(("purchase" = String, Path)), request_body = CollectPartnerQuote,
    responses((status = 201, body = PartnerPurchaseWhole), (status = 409, description = "not independent, bound to who does this, chosen")))]
async fn collect_partner_quote(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
    Json(body): Json<CollectPartnerQuote>,
) -> Result<(StatusCode, Json<PartnerPurchaseWhole>), Problem> {
    let new = Collected {
        supplier: id_of(&s, &body.supplier)?,
        price: Fen::new(body.price_fen),
        file: id_of(&s, &body.file)?,
    };
    actions::collect(&s, &actor, (id_of(&s, &purchase)?, new)).await?;
    Ok((StatusCode::CREATED, Json(shown(&s, &actor, &purchase).await?)))
}

/// The purchase order as a PDF.
#[utoipa::path(get, path = "/api/v1/partnership/purchases/{purchase}/paper", tag = "partnership",
    params(("purchase" = String, Path)), responses((status = 200, content_type = "application/pdf", description = "the paper"),
        (status = 409, description = "not ordered")))]
async fn print_partner_order(
    State(s): State<Services>,
    actor: Actor,
    Path(purchase): Path<String>,
) -> Result<Response, Problem> {
    let (number, bytes) = paper::order(&s, &actor, id_of(&s, &purchase)?).await?;
    Ok(file_of(("application/pdf", &format!("{number}.pdf")), bytes))
}
