//! Decisions of staff: held lines, refunds, imports taken back.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use db::Snapshot;
use governance::approvals::CaseState;
use kernel::id::public;
use kernel::{BusinessDay, Channel, Fen, Instant, Order, RefundId, ReviewId};
use platform::identity::{Actor, Permission, RevealReason};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::super::refunds::approval::{Course, courses};
use super::super::refunds::{self, Refund, RefundReason, RefundState};
use super::super::review::{self, Dismissal, Held, ReviewState};
use super::super::sealed::{self, Erased, ErasureReason};
use super::{Desk, id_of, of_db};

/// Who sees held lines: those who decide about them, and those who read gifts.
pub(super) const REVIEW_READERS: &[Permission] = &[Permission::GiftReview, Permission::GiftRead];
/// States of held lines that can be asked for.
const REVIEW_STATES: [&str; 4] = ["waiting", "accepting", "accepted", "dismissed"];
/// States of refunds that can be asked for.
const REFUND_STATES: [&str; 3] = ["requested", "approved", "rejected"];

/// What a list of decisions is narrowed to.
#[derive(Debug, Deserialize)]
pub(super) struct ListState {
    state: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

impl ListState {
    fn page<I: kernel::id::Id>(&self, desk: &Desk) -> Result<(usize, Option<I>), Problem> {
        let page = PageRequest {
            limit: self.limit,
            cursor: self.cursor.clone(),
        };
        let after: Option<String> = page.after()?;
        let after = after.map(|text| id_of(&desk.giving.services, &text)).transpose()?;
        Ok((page.limit()?, after))
    }
}

fn known_state<'a>(state: Option<&'a str>, known: &[&str]) -> Result<Option<&'a str>, Problem> {
    match state {
        Some(word) if !known.contains(&word) => Err(Problem::invalid(
            "state",
            format!("one of {} is expected", known.join(", ")),
        )),
        word => Ok(word),
    }
}

/// What a list of refunds is narrowed to, and its order.
#[derive(Debug, Deserialize)]
pub(super) struct ListRefunds {
    state: Option<String>,
    sort: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// A held line.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldOut {
    /// Public id.
    review: String,
    /// The number that is known already.
    trade_no: String,
    /// The other amount, in fen.
    amount_fen: i64,
    /// Why it is held: `another_amount` than the gift with the same number, or than its order (`order_amount`).
    reason: &'static str,
    /// The gift that has the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    known_gift: Option<String>,
    /// What its order named, in fen.
    #[serde(skip_serializing_if = "Option::is_none")]
    ordered_fen: Option<i64>,
    /// The project's code.
    project: String,
    /// How it came.
    #[schema(value_type = String)]
    channel: Channel,
    /// Its business day.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
    /// Since when it is held.
    #[schema(value_type = String, format = DateTime)]
    held_at: Instant,
    /// The masked name.
    name: Option<String>,
    /// `waiting`, `accepting`, `accepted` or `dismissed`.
    state: &'static str,
    /// The gift it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    gift: Option<String>,
    /// Why it was dismissed.
    #[serde(skip_serializing_if = "Option::is_none")]
    dismissal: Option<Dismissal>,
}

fn held_out(desk: &Desk, held: &Held) -> HeldOut {
    let keys = &*desk.giving.services.keys;
    let directory = desk.giving.intake.directory();
    let (gift, dismissal) = match held.state {
        ReviewState::Accepted { gift } => (Some(public(keys, gift)), None),
        ReviewState::Dismissed { reason } => (None, Some(reason)),
        ReviewState::Waiting | ReviewState::Accepting { .. } => (None, None),
    };
    HeldOut {
        review: public(keys, held.id),
        trade_no: held.trade_no.clone(),
        amount_fen: held.amount.get(),
        reason: if held.ordered.is_some() {
            "order_amount"
        } else {
            "another_amount"
        },
        known_gift: held.known.map(|gift| public(keys, gift)),
        ordered_fen: held.ordered.map(Fen::get),
        project: directory
            .project(held.project)
            .map(|p| p.code.clone())
            .unwrap_or_default(),
        channel: held.channel,
        day: held.business_day,
        held_at: held.held_at,
        name: held.payer_masked.clone(),
        state: held.state.as_str(),
        gift,
        dismissal,
    }
}

/// What is held; without a state all that is not decided, oldest first.
#[utoipa::path(get, path = "/api/v1/reviews", tag = "gifts",
    params(("state" = Option<String>, Query), ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<HeldOut>)))]
pub(super) async fn list_reviews(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ListState>,
) -> Result<Json<Listing<HeldOut>>, Problem> {
    let services = &desk.giving.services;
    let (limit, after) = query.page::<ReviewId>(&desk)?;
    let scope = actor.scope_for_any(REVIEW_READERS);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let state = known_state(query.state.as_deref(), &REVIEW_STATES)?;
    let held = review::list(&mut at, state, (&scope, &services.tree), after, limit as i64 + 1)
        .await
        .map_err(of_db)?;
    let items = held.iter().map(|held| held_out(&desk, held)).collect();
    Ok(Json(Listing::cut(items, limit, |held: &HeldOut| held.review.clone())))
}

/// What a held line became.
#[derive(Serialize, ToSchema)]
pub(super) struct AcceptedOut {
    /// The gift of its own.
    gift: String,
}

/// Accepts a held line as a gift of its own.
#[utoipa::path(post, path = "/api/v1/reviews/{review}/accept", tag = "gifts", params(("review" = String, Path)),
    responses((status = 200, body = AcceptedOut)))]
pub(super) async fn accept_review(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(review): Path<String>,
) -> Result<Json<AcceptedOut>, Problem> {
    let services = &desk.giving.services;
    let accepted = review::accept(&desk.giving, &actor, id_of(services, &review)?).await?;
    Ok(Json(AcceptedOut {
        gift: public(&*services.keys, accepted.gift),
    }))
}

/// Why a held line is no gift.
#[derive(Deserialize, ToSchema)]
pub(super) struct Dismiss {
    /// The reason.
    reason: Dismissal,
}

/// Dismisses a held line.
#[utoipa::path(post, path = "/api/v1/reviews/{review}/dismiss", tag = "gifts", params(("review" = String, Path)),
    request_body = Dismiss, responses((status = 204)))]
pub(super) async fn dismiss_review(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(review): Path<String>,
    Json(body): Json<Dismiss>,
) -> Result<StatusCode, Problem> {
    let services = &desk.giving.services;
    review::dismiss(services, &actor, id_of(services, &review)?, body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A refund.
#[derive(Serialize, ToSchema)]
pub(super) struct RefundOut {
    /// Public id.
    refund: String,
    /// The gift.
    gift: String,
    /// The unit in whose books it stands: public id.
    unit: String,
    /// The amount in fen.
    amount_fen: i64,
    /// Why.
    reason: RefundReason,
    /// `requested`, `approved` or `rejected`.
    state: &'static str,
    /// Who asked: public id.
    requested_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    requested_at: Instant,
    /// Who decided: public id.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Instant>,
    /// Whether a case decides it, as the unit has published; else a second person does.
    by_case: bool,
    /// The last case about it: public id.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    /// Where that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    case_state: Option<CaseState>,
}

/// Refunds as they are shown, with the way in which each is decided.
async fn refunds_out(desk: &Desk, at: &mut Snapshot, found: &[Refund]) -> Result<Vec<RefundOut>, Problem> {
    let ways = courses(at, &desk.giving.services, found).await.map_err(of_db)?;
    let all = found.iter().zip(ways);
    Ok(all.map(|(refund, way)| refund_out(desk, refund, way)).collect())
}

/// One refund as it stands now.
async fn shown(desk: &Desk, refund: &Refund) -> Result<RefundOut, Problem> {
    let mut at = desk.giving.services.db.snapshot().await.map_err(of_db)?;
    let out = refunds_out(desk, &mut at, std::slice::from_ref(refund)).await?;
    out.into_iter().next().ok_or_else(Problem::internal)
}

fn refund_out(desk: &Desk, refund: &Refund, way: Course) -> RefundOut {
    let keys = &*desk.giving.services.keys;
    let decided = match refund.state {
        RefundState::Requested => None,
        RefundState::Approved { by, at, .. } | RefundState::Rejected { by, at } => Some((by, at)),
    };
    RefundOut {
        refund: public(keys, refund.id),
        gift: public(keys, refund.gift),
        unit: public(keys, refund.unit),
        amount_fen: refund.amount.get(),
        reason: refund.reason,
        state: refund.state.as_str(),
        requested_by: public(keys, refund.requested_by),
        requested_at: refund.requested_at,
        decided_by: decided.map(|(by, _)| public(keys, by)),
        decided_at: decided.map(|(_, at)| at),
        by_case: way.by_case,
        case: way.case.map(|(case, _)| public(keys, case)),
        case_state: way.case.map(|(_, state)| state),
    }
}

/// Refunds in a state; without one those that wait, oldest first unless another order is asked for.
#[utoipa::path(get, path = "/api/v1/refunds", tag = "gifts",
    params(("state" = Option<String>, Query),
        ("sort" = Option<String>, Query, description = "oldest, newest, smallest or largest"),
        ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<RefundOut>)))]
pub(super) async fn list_refunds(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ListRefunds>,
) -> Result<Json<Listing<RefundOut>>, Problem> {
    let services = &desk.giving.services;
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<(Fen, String)> = page.after()?;
    let after = after
        .map(|(amount, text)| id_of::<RefundId>(services, &text).map(|id| (amount, id)))
        .transpose()?;
    let order = web::paging::order(query.sort.as_deref())?.unwrap_or(Order::Oldest);
    let scope = actor.scope_for(Permission::GiftRead);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let state = known_state(query.state.as_deref(), &REFUND_STATES)?.unwrap_or("requested");
    let found = refunds::list(
        &mut at,
        (state, order),
        (&scope, &services.tree),
        after,
        limit as i64 + 1,
    )
    .await
    .map_err(of_db)?;
    let items = refunds_out(&desk, &mut at, &found).await?;
    Ok(Json(Listing::cut(items, limit, |refund: &RefundOut| {
        (refund.amount_fen, refund.refund.clone())
    })))
}

/// A refund asked for.
#[derive(Deserialize, ToSchema)]
pub(super) struct RequestRefund {
    /// The amount in fen.
    amount_fen: i64,
    /// Why.
    reason: RefundReason,
    /// What the form made once: the same key is the same request.
    key: String,
    /// Words for those who decide, where a case does: they stand in the case alone.
    #[serde(default)]
    words: String,
}

/// Asks for a refund, whole or in part. Another person must approve it; where the unit has published who decides about
/// refunds, a case opens with it, and its approval gives the money back.
#[utoipa::path(post, path = "/api/v1/gifts/{gift}/refunds", tag = "gifts", params(("gift" = String, Path)),
    request_body = RequestRefund, responses((status = 201, body = RefundOut)))]
pub(super) async fn request_refund(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(gift): Path<String>,
    Json(body): Json<RequestRefund>,
) -> Result<(StatusCode, Json<RefundOut>), Problem> {
    let services = &desk.giving.services;
    let what = (id_of(services, &gift)?, Fen::new(body.amount_fen), body.reason);
    let refund = refunds::request_saying(services, &actor, what, (&body.key, &body.words)).await?;
    Ok((StatusCode::CREATED, Json(shown(&desk, &refund).await?)))
}

/// Approves a refund that someone else asked for, where no case decides it (409 `refund-needs-approval`); after a case
/// approved it, carries out what could not be done then.
#[utoipa::path(post, path = "/api/v1/refunds/{refund}/approve", tag = "gifts", params(("refund" = String, Path)),
    responses((status = 200, body = RefundOut)))]
pub(super) async fn approve_refund(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(refund): Path<String>,
) -> Result<Json<RefundOut>, Problem> {
    let services = &desk.giving.services;
    let approval = refunds::approve(services, &actor, id_of(services, &refund)?).await?;
    Ok(Json(shown(&desk, &approval.refund).await?))
}

/// Rejects a refund that someone else asked for, where no case decides it.
#[utoipa::path(post, path = "/api/v1/refunds/{refund}/reject", tag = "gifts", params(("refund" = String, Path)),
    responses((status = 200, body = RefundOut)))]
pub(super) async fn reject_refund(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(refund): Path<String>,
) -> Result<Json<RefundOut>, Problem> {
    let services = &desk.giving.services;
    let refund = refunds::reject(services, &actor, id_of(services, &refund)?).await?;
    Ok(Json(shown(&desk, &refund).await?))
}

/// What taking an import back did.
#[derive(Serialize, ToSchema)]
pub(super) struct TakenBackOut {
    /// Gifts taken back.
    gifts: i64,
    /// Their sum in fen.
    sum_fen: i64,
    /// Gifts that stay because of a refund: a person must look.
    kept: i64,
}

/// Takes an import back by reversal. Safe to call again; cut off, it goes on.
#[utoipa::path(post, path = "/api/v1/imports/{import}/take_back", tag = "gifts", params(("import" = String, Path)),
    responses((status = 200, body = TakenBackOut)))]
pub(super) async fn take_back_import(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
) -> Result<Json<TakenBackOut>, Problem> {
    let services = &desk.giving.services;
    let done = refunds::take_back_import(services, &actor, id_of(services, &import)?).await?;
    Ok(Json(TakenBackOut {
        gifts: done.gifts,
        sum_fen: done.sum.get(),
        kept: done.kept,
    }))
}

/// Why a payer is opened.
#[derive(Deserialize, ToSchema)]
pub(super) struct RevealPayer {
    /// The reason; it stays in the audit trail.
    reason: RevealReason,
}

/// Who paid, as told. No `Debug`: it names a person.
#[derive(Serialize, ToSchema)]
pub(super) struct PayerOut {
    /// The name.
    name: Option<String>,
    /// The telephone.
    phone: Option<String>,
    /// For whom the gift was made, when another paid.
    on_behalf_of: Option<String>,
    /// The payer's own words.
    memo: Option<String>,
}

/// Opens who paid a gift; it stands in the trail who did and why. Gone for ever after erasure (404).
#[utoipa::path(post, path = "/api/v1/gifts/{gift}/payer/reveal", tag = "gifts", params(("gift" = String, Path)),
    request_body = RevealPayer, responses((status = 200, body = PayerOut)))]
pub(super) async fn reveal_payer(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(gift): Path<String>,
    Json(body): Json<RevealPayer>,
) -> Result<Json<PayerOut>, Problem> {
    let services = &desk.giving.services;
    let payer = sealed::reveal(services, &actor, id_of(services, &gift)?, body.reason).await?;
    Ok(Json(PayerOut {
        name: payer.name,
        phone: payer.phone,
        on_behalf_of: payer.on_behalf_of,
        memo: payer.memo,
    }))
}

/// Why personal data is to be destroyed.
#[derive(Deserialize, ToSchema)]
pub(super) struct Erase {
    /// The reason; it stays in the audit trail.
    reason: ErasureReason,
}

/// Destroys all that is personal about the giver of a gift, for ever; amount, day and books stay, its certificate's
/// page answers 410. Safe to repeat: what was gone before is counted as zero.
#[utoipa::path(post, path = "/api/v1/gifts/{gift}/erasure", tag = "gifts", params(("gift" = String, Path)),
    request_body = Erase, responses((status = 200, body = Erased)))]
pub(super) async fn erase_gift(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(gift): Path<String>,
    Json(body): Json<Erase>,
) -> Result<Json<Erased>, Problem> {
    let services = &desk.giving.services;
    let erased = sealed::erase(services, &actor, id_of(services, &gift)?, body.reason).await?;
    Ok(Json(erased))
}
