//! JSON of who is to be handed what of an order.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Instant;
use kernel::id::public;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions;
use super::model::Person;
use crate::http::id_of;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRecord, routes!(list_recipients))
        .staff(Permission::GoodsManage, routes!(make_list))
        .staff(Permission::GoodsManage, routes!(open_slips))
}

/// Somebody who is to be handed goods, masked.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsRecipientOut)]
struct RecipientOut {
    /// The public id, for the hand-over.
    id: String,
    /// Public id of the lot.
    lot: String,
    /// 1, 2, 3 … on the list of the lot.
    n: i64,
    /// The name, masked.
    name: String,
    /// How many of the lot's unit.
    quantity: i64,
    /// When it was handed over; none: still to come.
    #[schema(value_type = Option<String>, format = DateTime)]
    signed_at: Option<Instant>,
}

/// Who is to be handed what of an order, and who has not signed yet; names masked.
#[utoipa::path(get, path = "/api/v1/goods/dispatches/{dispatch}/recipients", tag = "goods",
    params(("dispatch" = String, Path)), responses((status = 200, body = [RecipientOut])))]
async fn list_recipients(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
) -> Result<Json<Vec<RecipientOut>>, Problem> {
    let rows = actions::recipients(&s, &actor, id_of(&s, &dispatch)?).await?;
    let out = rows.into_iter().map(|row| RecipientOut {
        id: public(&*s.keys, row.id),
        lot: public(&*s.keys, row.lot),
        n: row.n,
        name: row.shown,
        quantity: row.quantity,
        signed_at: row.signed_at,
    });
    Ok(Json(out.collect()))
}

/// Somebody to be put on the list.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsNewRecipient)]
struct NewRecipient {
    /// The name; kept sealed.
    name: String,
    /// How many of the lot's unit.
    quantity: i64,
}

/// Who is to be handed a lot.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsRecipientList)]
struct RecipientList {
    /// Public id of the lot.
    lot: String,
    /// Everybody who has not signed yet; at most 2,000.
    people: Vec<NewRecipient>,
}

/// Makes the list of who is to be handed a lot of an order; those who signed stay on it.
#[utoipa::path(put, path = "/api/v1/goods/dispatches/{dispatch}/recipients", tag = "goods",
    params(("dispatch" = String, Path)), request_body = RecipientList, responses((status = 204)))]
async fn make_list(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
    Json(body): Json<RecipientList>,
) -> Result<StatusCode, Problem> {
    let what = (id_of(&s, &dispatch)?, id_of(&s, &body.lot)?);
    let people = body.people.into_iter().map(|one| Person {
        name: one.name,
        quantity: one.quantity,
    });
    let people: Vec<Person> = people.collect();
    actions::make_list(&s, &actor, what, &people).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A slip for a recipient.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsSlipOut)]
struct SlipOut {
    /// Public id of the lot.
    lot: String,
    /// 1, 2, 3 … on the list of the lot.
    n: i64,
    /// The name, in clear.
    name: String,
    /// How many of the lot's unit.
    quantity: i64,
    /// Six digits that prove the hand-over.
    code: String,
}

/// The slips of those who have not signed: names in clear, and the codes that prove a hand-over. Who opened them
/// is written down.
#[utoipa::path(post, path = "/api/v1/goods/dispatches/{dispatch}/slips", tag = "goods",
    params(("dispatch" = String, Path)), responses((status = 200, body = [SlipOut])))]
async fn open_slips(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
) -> Result<Json<Vec<SlipOut>>, Problem> {
    let slips = actions::slips(&s, &actor, id_of(&s, &dispatch)?).await?;
    let out = slips.into_iter().map(|slip| SlipOut {
        lot: public(&*s.keys, slip.recipient.lot),
        n: slip.recipient.n,
        name: slip.name,
        quantity: slip.recipient.quantity,
        code: slip.code,
    });
    Ok(Json(out.collect()))
}
