//! JSON of appraisal orders, for staff. The appraiser's page is `/a/{link}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{Fen, Instant};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::model::{Appraisal, AppraisalState};
use super::{actions, queries, rules};
use crate::http::{id_of, of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsManage, routes!(order_appraisal))
        .staff(Permission::GoodsManage, routes!(withdraw_appraisal))
        .staff(Permission::GoodsRead, routes!(list_appraisals))
}

/// Who shall appraise a lot.
#[derive(Deserialize, ToSchema)]
struct OrderAppraisal {
    /// What makes it the same order when it is sent again.
    key: String,
    /// The appraiser: a firm.
    appraiser: String,
}

/// An appraisal order.
#[derive(Serialize, ToSchema)]
struct AppraisalOut {
    /// Its public id.
    id: String,
    /// The lot's public id.
    lot: String,
    /// The appraiser.
    appraiser: String,
    /// Where it is.
    state: AppraisalState,
    /// What he said all of the lot is worth.
    value_fen: Option<i64>,
    /// The number of his report, why the lot cannot be appraised, or why the order was taken back.
    report: String,
    /// Until when the link takes an answer.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Instant,
    /// When he answered, or the order was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Instant>,
    /// The link for the appraiser, to who may send it; absent once he answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

fn out(s: &Services, actor: &Actor, order: Appraisal) -> AppraisalOut {
    let may_send = actor.require(Permission::GoodsManage, order.unit).is_ok();
    let waits = order.state == AppraisalState::Asked;
    AppraisalOut {
        link: (may_send && waits).then(|| format!("{}/a/{}", s.base_url, rules::link(&s.keys, order.id))),
        id: public(&*s.keys, order.id),
        lot: public(&*s.keys, order.lot),
        appraiser: order.appraiser,
        state: order.state,
        value_fen: order.value.map(Fen::get),
        report: order.report,
        ends_at: order.ends_at,
        answered_at: order.answered_at,
    }
}

/// Sends a lot without a value to an outside appraiser; the answer holds the link for him. The same key again is the
/// same order.
#[utoipa::path(post, path = "/api/v1/goods/lots/{lot}/appraisals", tag = "goods", params(("lot" = String, Path)),
    request_body = OrderAppraisal, responses((status = 201, body = AppraisalOut),
        (status = 409, description = "the lot has a value, was bought, or another order waits")))]
async fn order_appraisal(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
    Json(body): Json<OrderAppraisal>,
) -> Result<(StatusCode, Json<AppraisalOut>), Problem> {
    let words = (body.key.as_str(), body.appraiser.as_str());
    let order = actions::order(&s, &actor, id_of(&s, &lot)?, words).await?;
    Ok((StatusCode::CREATED, Json(out(&s, &actor, order))))
}

/// Why an order is taken back.
#[derive(Deserialize, ToSchema)]
struct WithdrawAppraisal {
    /// Why.
    reason: String,
}

/// Takes an order back before it is answered: its link takes no answer any more, and another may be asked.
#[utoipa::path(post, path = "/api/v1/goods/appraisals/{appraisal}/withdraw", tag = "goods",
    params(("appraisal" = String, Path)), request_body = WithdrawAppraisal,
    responses((status = 200, body = AppraisalOut), (status = 409, description = "answered")))]
async fn withdraw_appraisal(
    State(s): State<Services>,
    actor: Actor,
    Path(appraisal): Path<String>,
    Json(body): Json<WithdrawAppraisal>,
) -> Result<Json<AppraisalOut>, Problem> {
    let order = actions::withdraw(&s, &actor, id_of(&s, &appraisal)?, &body.reason).await?;
    Ok(Json(out(&s, &actor, order)))
}

/// The appraisal orders of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/appraisals", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [AppraisalOut])))]
async fn list_appraisals(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<AppraisalOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::orders(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| out(&s, &actor, row)).collect()))
}
