//! JSON of refund wishes for staff. Donors use the pages.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Instant;
use kernel::id::{Id, from_public, public};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::model::{WishId, WishState};
use super::{actions, queries};
use crate::donations::refunds::RefundReason;

/// Who sees donors' wishes: those who ask for refunds, and those who read gifts.
const READING: &[Permission] = &[Permission::RefundRequest, Permission::GiftRead];

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff_any(READING, routes!(list_refund_wishes))
        .staff(Permission::RefundRequest, routes!(take_refund_wish))
        .staff(Permission::RefundRequest, routes!(decline_refund_wish))
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// A donor's wish for her money back.
#[derive(Serialize, ToSchema)]
struct RefundWishOut {
    /// Public id.
    id: String,
    /// The gift.
    gift: String,
    /// Why.
    reason: RefundReason,
    /// `waiting`, `taken` or `declined`.
    state: WishState,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    wished_at: Instant,
}

/// `?state=&limit=&cursor=`.
#[derive(Debug, Deserialize)]
struct WishesQuery {
    state: Option<WishState>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// Wishes of my units; without a state those that wait, oldest first.
#[utoipa::path(get, path = "/api/v1/refund-wishes", tag = "gifts",
    params(("state" = Option<String>, Query), ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<RefundWishOut>)))]
async fn list_refund_wishes(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<WishesQuery>,
) -> Result<Json<Listing<RefundWishOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<WishId>(&s, &text)).transpose()?;
    let state = query.state.unwrap_or(WishState::Waiting).as_str();
    let scope = actor.scope_for_any(READING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::wishes(&mut at, (&scope, &s.tree), state, after, limit as i64 + 1).await;
    let items = found
        .map_err(|e| problems::of_db(&e))?
        .into_iter()
        .map(|wish| RefundWishOut {
            id: public(&*s.keys, wish.id),
            gift: public(&*s.keys, wish.gift),
            reason: wish.reason,
            state: wish.state,
            wished_at: wish.wished_at,
        });
    Ok(Json(Listing::cut(items.collect(), limit, |wish: &RefundWishOut| {
        wish.id.clone()
    })))
}

/// Notes that a refund was asked for, as the donor wished.
#[utoipa::path(post, path = "/api/v1/refund-wishes/{wish}/take", tag = "gifts", params(("wish" = String, Path)),
    responses((status = 204)))]
async fn take_refund_wish(
    State(s): State<Services>,
    actor: Actor,
    Path(wish): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::decide_wish(&s, &actor, id_of(&s, &wish)?, WishState::Taken).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Notes that the wish is none of the cases of the rules.
#[utoipa::path(post, path = "/api/v1/refund-wishes/{wish}/decline", tag = "gifts", params(("wish" = String, Path)),
    responses((status = 204)))]
async fn decline_refund_wish(
    State(s): State<Services>,
    actor: Actor,
    Path(wish): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::decide_wish(&s, &actor, id_of(&s, &wish)?, WishState::Declined).await?;
    Ok(StatusCode::NO_CONTENT)
}
