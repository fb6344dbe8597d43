//! JSON of holds, for reviewers.

use axum::extract::{Path, State};
use kernel::id::{Id, from_public, public};
use kernel::{Fen, GiftId, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, facts, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions;
use super::error::ScreeningError;
use super::model::{Decision, Evidence, Hold, HoldState, Signal};
use super::queries;

/// Facts about one gift: recorded, held, decided, refunded, and room.
const TRAIL_MAX: i64 = 100;

/// Gifts decided about at once: one page of the list.
const GIFTS_MAX: usize = 500;

/// Who sees held gifts: those who decide about them, and those who read gifts.
const READING: &[Permission] = &[Permission::GiftReview, Permission::GiftRead];

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff_any(READING, routes!(list_holds))
        .staff_any(READING, routes!(get_hold))
        .staff(Permission::GiftReview, routes!(decide_hold))
        .staff(Permission::GiftReview, routes!(decide_holds))
}

/// A held gift.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldOut {
    /// The gift's public id.
    pub gift: String,
    /// The public id of its project.
    pub project: String,
    /// Its amount, in fen.
    #[schema(value_type = i64)]
    pub amount_fen: Fen,
    /// Why it is held.
    pub signal: Signal,
    /// What that rests on.
    pub evidence: Evidence,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub held_at: Instant,
    /// waiting, cleared or kept.
    pub state: &'static str,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Instant>,
    /// The public id of who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A held gift with what is recorded about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldDetailOut {
    /// The hold.
    #[serde(flatten)]
    pub hold: HoldOut,
    /// What happened to the gift, oldest first.
    pub trail: Vec<TrailOut>,
}

/// A fact about a gift.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrailOut {
    /// Its place.
    pub place: i64,
    /// What happened.
    pub kind: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// The public id of who did it; none for machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What is decided.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DecideHold {
    /// clear or keep.
    pub decision: Decision,
    /// What was looked at and found.
    pub reason: String,
}

/// One decision about many gifts: what one source gave is looked at together.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DecideHolds {
    /// The gifts' public ids, at most 500.
    pub gifts: Vec<String>,
    /// clear or keep.
    pub decision: Decision,
    /// What was looked at and found.
    pub reason: String,
}

/// What was decided, and what was not.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecidedOut {
    /// How many holds stand as wished now.
    pub decided: usize,
    /// Gifts that are not held, not mine to decide or decided otherwise before.
    pub left: Vec<String>,
}

/// `?limit=&cursor=&state=&signal=`.
#[derive(Debug, Deserialize)]
struct HoldsQuery {
    limit: Option<u16>,
    cursor: Option<String>,
    state: Option<String>,
    signal: Option<String>,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn out(s: &Services, hold: Hold) -> HoldOut {
    let state = hold.state.as_str();
    let (decided_by, decided_at, reason) = match hold.state {
        HoldState::Waiting => (None, None, None),
        HoldState::Cleared { by, at, reason } | HoldState::Kept { by, at, reason } => {
            (Some(public(&*s.keys, by)), Some(at), Some(reason))
        }
    };
    HoldOut {
        gift: public(&*s.keys, hold.gift),
        project: public(&*s.keys, hold.project),
        amount_fen: hold.amount,
        signal: hold.signal,
        evidence: hold.evidence,
        held_at: hold.held_at,
        state,
        decided_at,
        decided_by,
        reason,
    }
}

/// Held gifts of my units, newest first.
#[utoipa::path(get, path = "/api/v1/screening/holds", tag = "screening",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query),
        ("state" = Option<String>, Query, description = "waiting (default), cleared or kept"),
        ("signal" = Option<String>, Query)),
    responses((status = 200, body = Listing<HoldOut>)))]
async fn list_holds(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<HoldsQuery>,
) -> Result<Json<Listing<HoldOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<GiftId>(&s, &text)).transpose()?;
    let state = query.state.as_deref().unwrap_or("waiting");
    if !["waiting", "cleared", "kept"].contains(&state) {
        return Err(Problem::invalid("state", "waiting, cleared or kept"));
    }
    let signal = query.signal.as_deref().map(str::parse::<Signal>).transpose();
    let signal = signal.map_err(|error| Problem::invalid("signal", error))?;
    let scope = actor.scope_for_any(READING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::list(&mut at, (state, signal), (&scope, &s.tree), after, limit as i64 + 1)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let items = found.into_iter().map(|hold| out(&s, hold)).collect();
    Ok(Json(Listing::cut(items, limit, |hold: &HoldOut| hold.gift.clone())))
}

/// One held gift with its trail.
#[utoipa::path(get, path = "/api/v1/screening/holds/{gift}", tag = "screening",
    params(("gift" = String, Path, description = "public id of the gift")),
    responses((status = 200, body = HoldDetailOut)))]
async fn get_hold(
    State(s): State<Services>,
    actor: Actor,
    Path(gift): Path<String>,
) -> Result<Json<HoldDetailOut>, Problem> {
    let id = id_of::<GiftId>(&s, &gift)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let hold = queries::hold(&mut at, id)
        .await
        .map_err(|e| problems::of_db(&e))?
        .filter(|hold| actor.scope_for_any(READING).contains(hold.unit, &s.tree))
        .ok_or_else(Problem::not_found)?;
    let trail = facts::by_subject(&mut at, id.bytes(), TRAIL_MAX)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let line = |fact: facts::Fact| TrailOut {
        place: fact.place,
        kind: fact.kind,
        at: fact.happened_at,
        by: fact.actor.map(|actor| public(&*s.keys, actor)),
    };
    Ok(Json(HoldDetailOut {
        hold: out(&s, hold),
        trail: trail.into_iter().map(line).collect(),
    }))
}

/// Clears or keeps a hold.
#[utoipa::path(post, path = "/api/v1/screening/holds/{gift}/decision", tag = "screening",
    params(("gift" = String, Path, description = "public id of the gift")), request_body = DecideHold,
    responses((status = 200, body = HoldOut), (status = 409, description = "cleared before")))]
async fn decide_hold(
    State(s): State<Services>,
    actor: Actor,
    Path(gift): Path<String>,
    Json(body): Json<DecideHold>,
) -> Result<Json<HoldOut>, Problem> {
    let id = id_of::<GiftId>(&s, &gift)?;
    let what = (id, body.decision, body.reason.as_str());
    let hold = actions::decide(&s, &actor, what).await?;
    Ok(Json(out(&s, hold)))
}

/// Clears or keeps many holds; each is decided for itself, and the same again changes nothing.
#[utoipa::path(post, path = "/api/v1/screening/decisions", tag = "screening", request_body = DecideHolds,
    responses((status = 200, body = DecidedOut)))]
async fn decide_holds(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<DecideHolds>,
) -> Result<Json<DecidedOut>, Problem> {
    if body.gifts.is_empty() || body.gifts.len() > GIFTS_MAX {
        return Err(Problem::invalid("gifts", "1 to 500 are expected"));
    }
    let mut out = DecidedOut {
        decided: 0,
        left: Vec::new(),
    };
    for text in body.gifts {
        let Ok(gift) = from_public::<GiftId>(&*s.keys, &text) else {
            out.left.push(text);
            continue;
        };
        match actions::decide(&s, &actor, (gift, body.decision, body.reason.as_str())).await {
            Ok(_) => out.decided += 1,
            Err(ScreeningError::NotFound(_) | ScreeningError::Decided(_)) => out.left.push(text),
            Err(error) => return Err(error.problem()),
        }
    }
    Ok(Json(out))
}
