//! JSON of payments.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{Channel, Fen, Instant};
use ledger::Restriction;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::model::{NewPayment, Payment, PaymentState};
use super::{actions, queries};
use crate::agreements::TargetKind;
use crate::error::{PartnerError, in_scope, invalid};
use crate::http::{id_of, of_db};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::PartnerRead, routes!(list_partner_payments))
        .staff(Permission::PartnerManage, routes!(propose_partner_payment))
        .staff(Permission::BooksPost, routes!(pay_partner_payment))
        .staff(Permission::PartnerManage, routes!(withdraw_partner_payment))
}

/// A payment.
#[derive(Serialize, ToSchema)]
struct PartnerPaymentOut {
    /// Its public id.
    id: String,
    /// Its number on paper.
    number: String,
    /// Counted in.
    kind: TargetKind,
    /// Public id of the fund.
    fund: String,
    /// `restricted` or `unrestricted`.
    restriction: &'static str,
    /// How much is ordered to be paid.
    amount_fen: i64,
    /// What it is for.
    purpose: String,
    /// Public id of the purchase it pays.
    purchase: Option<String>,
    /// Where it is.
    state: PaymentState,
    /// When it was proposed.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// When it was paid.
    #[schema(value_type = Option<String>, format = DateTime)]
    paid_at: Option<Instant>,
    /// Public id of the journal that paid it.
    journal: Option<String>,
}

fn out(s: &Services, payment: Payment) -> PartnerPaymentOut {
    PartnerPaymentOut {
        id: public(&*s.keys, payment.id),
        number: payment.paper(),
        kind: payment.kind,
        fund: public(&*s.keys, payment.fund),
        restriction: payment.restriction.as_str(),
        amount_fen: payment.amount.get(),
        purchase: payment.purchase.map(|purchase| public(&*s.keys, purchase)),
        purpose: payment.purpose,
        state: payment.state,
        made_at: payment.made_at,
        paid_at: payment.paid_at,
        journal: payment.journal.map(|journal| public(&*s.keys, journal)),
    }
}

/// The payments of an agreement, the newest first.
#[utoipa::path(get, path = "/api/v1/partnership/agreements/{agreement}/payments", tag = "partnership",
    params(("agreement" = String, Path)), responses((status = 200, body = [PartnerPaymentOut])))]
async fn list_partner_payments(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
) -> Result<Json<Vec<PartnerPaymentOut>>, Problem> {
    let id = id_of(&s, &agreement)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = crate::agreements::queries::agreement(&mut at, id)
        .await
        .map_err(of_db)?;
    let (agreement, _) = found.ok_or_else(Problem::not_found)?;
    in_scope(&actor, Permission::PartnerRead, (agreement.unit, "agreement"))?;
    let rows = queries::payments(&mut at, id).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| out(&s, row)).collect()))
}

/// Which money of a fund.
pub(crate) fn restriction_of(word: &str) -> Result<Restriction, PartnerError> {
    match word {
        "restricted" => Ok(Restriction::Restricted),
        "unrestricted" => Ok(Restriction::Unrestricted),
        _ => Err(invalid("restriction", "restricted or unrestricted")),
    }
}

/// Money to be paid.
#[derive(Deserialize, ToSchema)]
struct ProposePartnerPayment {
    /// What makes it the same payment when it is sent again.
    key: String,
    /// `money` or `student_aid`.
    kind: TargetKind,
    /// Public id of the fund.
    fund: String,
    /// `restricted` or `unrestricted`.
    restriction: String,
    /// How much.
    amount_fen: i64,
    /// What it is for; never a person's name.
    purpose: String,
}

/// Proposes money to be paid under a running agreement.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/payments", tag = "partnership",
    params(("agreement" = String, Path)), request_body = ProposePartnerPayment,
    responses((status = 201, body = PartnerPaymentOut), (status = 409, description = "the agreement does not run")))]
async fn propose_partner_payment(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
    Json(body): Json<ProposePartnerPayment>,
) -> Result<(StatusCode, Json<PartnerPaymentOut>), Problem> {
    let new = NewPayment {
        agreement: id_of(&s, &agreement)?,
        key: body.key,
        kind: body.kind,
        fund: id_of(&s, &body.fund)?,
        restriction: restriction_of(&body.restriction)?,
        amount: Fen::new(body.amount_fen),
        purpose: body.purpose,
        purchase: None,
    };
    let payment = actions::propose(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(out(&s, payment))))
}

/// Out of which pocket it is paid.
#[derive(Deserialize, ToSchema)]
struct PayPartnerPayment {
    /// bank, cash …
    #[schema(value_type = String)]
    paid_from: Channel,
}

/// Books a payment out of its fund; another person than who proposed it. Paying again is answered with the first payment.
#[utoipa::path(post, path = "/api/v1/partnership/payments/{payment}/paid", tag = "partnership",
    params(("payment" = String, Path)), request_body = PayPartnerPayment,
    responses((status = 200, body = PartnerPaymentOut), (status = 409, description = "the same person, the fund lacks the money")))]
async fn pay_partner_payment(
    State(s): State<Services>,
    actor: Actor,
    Path(payment): Path<String>,
    Json(body): Json<PayPartnerPayment>,
) -> Result<Json<PartnerPaymentOut>, Problem> {
    let payment = actions::pay(&s, &actor, id_of(&s, &payment)?, body.paid_from).await?;
    Ok(Json(out(&s, payment)))
}

/// Why a payment is given up.
#[derive(Deserialize, ToSchema)]
struct WithdrawPartnerPayment {
    /// Why.
    reason: String,
}

/// Gives a payment up that is not booked.
#[utoipa::path(post, path = "/api/v1/partnership/payments/{payment}/withdraw", tag = "partnership",
    params(("payment" = String, Path)), request_body = WithdrawPartnerPayment,
    responses((status = 200, body = PartnerPaymentOut), (status = 409, description = "it is paid")))]
async fn withdraw_partner_payment(
    State(s): State<Services>,
    actor: Actor,
    Path(payment): Path<String>,
    Json(body): Json<WithdrawPartnerPayment>,
) -> Result<Json<PartnerPaymentOut>, Problem> {
    let payment = actions::withdraw(&s, &actor, id_of(&s, &payment)?, &body.reason).await?;
    Ok(Json(out(&s, payment)))
}
