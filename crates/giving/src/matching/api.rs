//! JSON of pools: a published pool, its rule in words and its decisions are for everybody; setting up and deciding are
//! for staff.

mod streams;

use axum::Extension;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, hex, public};
use kernel::{BusinessDay, CampaignId, Fen, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query, Reader};

use super::actions::{self, NewPool};
use super::model::{Backing, Decision, Person, Pool, PoolId, PoolState, Rule};
use super::queries::{self, PoolView};
use super::sponsors;
use super::words;
use crate::State as Giving;
use crate::donations::intake::{payer_index, phone_index};

impl FromRef<Desk> for Services {
    fn from_ref(desk: &Desk) -> Self {
        desk.0.services.clone()
    }
}

/// What these handlers are given.
#[derive(Clone)]
struct Desk(Giving);

/// Who needs the list of pools: also those who open and close them, decide about matches that wait, or watch the books.
const LISTING: &[Permission] = &[Permission::MatchManage, Permission::MatchApprove, Permission::BooksRead];
/// Who sees the matches that wait: those who decide about them, and those who watch the books.
const WAITING: &[Permission] = &[Permission::MatchApprove, Permission::BooksRead];

/// The routes of this slice.
pub fn routes(giving: &Giving) -> OpenApiRouter<Services> {
    let desk = Desk(giving.clone());
    let at = |routes: UtoipaMethodRouter<Desk>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(desk.clone()))
    };
    OpenApiRouter::new()
        .public(at(routes!(get_pool)))
        .public(at(routes!(campaign_pools)))
        .public(at(routes!(streams::export_decisions)))
        .public(at(routes!(streams::export_gifts)))
        .merge(sponsors::routes())
        .staff_any(LISTING, at(routes!(list_pools)))
        .staff(Permission::MatchManage, at(routes!(create_pool)))
        .staff(Permission::MatchManage, at(routes!(write_rule)))
        .staff(Permission::MatchManage, at(routes!(publish_pool)))
        .staff(Permission::MatchApprove, at(routes!(open_pool)))
        .staff(Permission::MatchApprove, at(routes!(close_pool)))
        .staff_any(WAITING, at(routes!(list_held)))
        .staff(Permission::MatchApprove, at(routes!(release_match)))
        .staff(Permission::MatchApprove, at(routes!(refuse_match)))
}

/// A pool.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolOut {
    /// Public id.
    pub pool: String,
    /// The word in addresses.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The sponsor's public name.
    pub sponsor: String,
    /// draft, published, open, closing or closed.
    pub state: &'static str,
    /// gift or agreement: what stands behind the money.
    pub backing: &'static str,
    /// The money locked, in fen.
    #[schema(value_type = i64)]
    pub locked_fen: Fen,
    /// Given and not taken back, in fen.
    #[schema(value_type = i64)]
    pub given_fen: Fen,
    /// Gone back to the sponsor, in fen.
    #[schema(value_type = i64)]
    pub returned_fen: Fen,
    /// Left, in fen.
    #[schema(value_type = i64)]
    pub left_fen: Fen,
    /// Matches given.
    pub matches: i64,
    /// Decisions taken.
    pub decisions: i64,
    /// Where every decision stands, a line each; with the gifts all that recomputing needs.
    pub decisions_path: String,
    /// Where the gifts stand that were decided about, a line each.
    pub gifts_path: String,
    /// The rule in words, a sentence a line.
    pub rule_words: Vec<String>,
    /// The rule as data.
    #[schema(value_type = Object)]
    pub rule: Option<Rule>,
    /// SHA-256 of the seed in hex, published before opening.
    pub commitment: Option<String>,
    /// The seed in hex, once closed: the draw of a gift is HMAC-SHA256(seed, its public id).
    pub seed: Option<String>,
    /// When it opened.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opened_at: Option<Instant>,
    /// When it closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Instant>,
    /// As of.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Instant,
}

fn pool_out(s: &Services, reader: &Reader, view: PoolView) -> PoolOut {
    let PoolView { pool, rule, tallies } = view;
    PoolOut {
        decisions_path: format!("/api/v1/match/pools/{}/decisions", pool.code),
        gifts_path: format!("/api/v1/match/pools/{}/gifts", pool.code),
        pool: public(&*s.keys, pool.id),
        code: pool.code,
        title: pool.title,
        sponsor: pool.sponsor_name,
        state: pool.state.as_str(),
        backing: match pool.backing {
            Backing::Gift(_) => "gift",
            Backing::Agreement { .. } => "agreement",
        },
        locked_fen: pool.locked,
        given_fen: tallies.given,
        returned_fen: tallies.returned,
        left_fen: tallies.left(),
        matches: tallies.matches,
        decisions: tallies.decisions,
        rule_words: rule
            .as_ref()
            .map(|rule| words::rule(reader.locale(), rule))
            .unwrap_or_default(),
        rule,
        commitment: pool.commitment.as_deref().map(hex),
        seed: pool.seed.as_deref().map(hex),
        opened_at: pool.opened_at,
        closed_at: pool.closed_at,
        as_of: s.now(),
    }
}

fn field<I: Id>(s: &Services, name: &str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(name, error))
}

fn of_db(error: db::DbError) -> Problem {
    problems::of_db(&error)
}

/// The pool with this word, whatever its state.
async fn named(s: &Services, code: &str) -> Result<Pool, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let view = queries::pool(&mut at, code).await.map_err(of_db)?;
    view.map(|view| view.pool).ok_or_else(Problem::not_found)
}

/// The pool with this word, as the public sees it: never a draft.
async fn published(s: &Services, code: &str) -> Result<PoolView, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let view = queries::pool(&mut at, code).await.map_err(of_db)?;
    view.filter(|view| view.pool.state != PoolState::Draft)
        .ok_or_else(Problem::not_found)
}

async fn answer(desk: &Desk, reader: &Reader, pool: &Pool) -> Result<Json<PoolOut>, Problem> {
    let s = &desk.0.services;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let view = queries::pool(&mut at, &pool.code).await.map_err(of_db)?;
    let view = view.ok_or_else(Problem::not_found)?;
    Ok(Json(pool_out(s, reader, view)))
}

/// A published pool: rule in words, money locked, given and left, seed commitment, and the seed once it is closed.
#[utoipa::path(get, path = "/api/v1/match/pools/{code}", tag = "matching", params(("code" = String, Path)),
    responses((status = 200, body = PoolOut)))]
async fn get_pool(
    State(desk): State<Desk>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Json<PoolOut>, Problem> {
    let s = &desk.0.services;
    Ok(Json(pool_out(s, &reader, published(s, &code).await?)))
}

/// The published pools of a campaign, in the order in which they are asked.
#[utoipa::path(get, path = "/api/v1/match/campaigns/{campaign}/pools", tag = "matching",
    params(("campaign" = String, Path)), responses((status = 200, body = [PoolOut])))]
async fn campaign_pools(
    State(desk): State<Desk>,
    reader: Reader,
    Path(campaign): Path<String>,
) -> Result<Json<Vec<PoolOut>>, Problem> {
    let s = &desk.0.services;
    let id: CampaignId = from_public(&*s.keys, &campaign).map_err(|_| Problem::not_found())?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = crate::campaigns::queries::campaign(&mut at, id).await.map_err(of_db)?;
    found
        .filter(|campaign| campaign.state.is_public())
        .ok_or_else(Problem::not_found)?;
    let views = queries::of_campaign(&mut at, id).await.map_err(of_db)?;
    Ok(Json(views.into_iter().map(|view| pool_out(s, &reader, view)).collect()))
}

/// A new pool: its money from a received gift, or under a signed agreement.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreatePool {
    /// The public id of the unit that keeps it.
    pub unit: String,
    /// 2 to 40 of a-z, 0-9 and -.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The public id of the sponsor.
    pub sponsor: String,
    /// The public id of the account under which its matches stand.
    pub account: String,
    /// The public id of the campaign; all projects of the unit and those below without.
    pub campaign: Option<String>,
    /// Which pool is asked first: the lowest.
    #[serde(default)]
    pub priority: i64,
    /// The public id of the sponsor's received gift, held to be passed on.
    pub gift: Option<String>,
    /// The public id of the signed agreement's file.
    pub agreement: Option<String>,
    /// When the agreement was signed.
    #[schema(value_type = Option<String>, format = Date)]
    pub signed_on: Option<BusinessDay>,
    /// The money locked, in fen.
    #[schema(value_type = i64)]
    pub locked_fen: Fen,
}

/// Makes a pool with its money locked.
#[utoipa::path(post, path = "/api/v1/match/pools", tag = "matching", request_body = CreatePool,
    responses((status = 201, body = PoolOut)))]
async fn create_pool(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    reader: Reader,
    Json(body): Json<CreatePool>,
) -> Result<(StatusCode, Json<PoolOut>), Problem> {
    let s = &desk.0.services;
    let backing = match (&body.gift, &body.agreement, body.signed_on) {
        (Some(gift), None, None) => Backing::Gift(field(s, "gift", gift)?),
        (None, Some(file), Some(signed_on)) => Backing::Agreement {
            file: field(s, "agreement", file)?,
            signed_on,
        },
        _ => return Err(Problem::invalid("gift", "either a gift, or an agreement and its day")),
    };
    let campaign: Option<CampaignId> = body.campaign.map(|c| field(s, "campaign", &c)).transpose()?;
    let new = NewPool {
        unit: field(s, "unit", &body.unit)?,
        code: body.code,
        title: body.title,
        sponsor: field(s, "sponsor", &body.sponsor)?,
        account: field(s, "account", &body.account)?,
        campaign,
        priority: body.priority,
        backing,
        locked: body.locked_fen,
    };
    let pool = actions::create_pool(s, &actor, new).await?;
    Ok((StatusCode::CREATED, answer(&desk, &reader, &pool).await?))
}

/// The pools of my units, drafts too.
#[utoipa::path(get, path = "/api/v1/match/pools", tag = "matching",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<PoolOut>)))]
async fn list_pools(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    reader: Reader,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<PoolOut>>, Problem> {
    let s = &desk.0.services;
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = match after {
        Some(code) => Some(named(s, &code).await?.id),
        None => None,
    };
    let scope = actor.scope_for_any(LISTING);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::list(&mut at, &scope, &s.tree, after, limit as i64 + 1)
        .await
        .map_err(of_db)?;
    let items = found.into_iter().map(|view| pool_out(s, &reader, view)).collect();
    Ok(Json(Listing::cut(items, limit, |pool: &PoolOut| pool.code.clone())))
}

/// A rule, and whom it never matches.
#[derive(Deserialize, ToSchema)]
pub struct WriteRule {
    /// The rule.
    #[schema(value_type = Object)]
    pub rule: Rule,
    /// Telephone numbers of the sponsor and its staff; kept only as what this pool knows them by.
    #[serde(default)]
    pub excluded_phones: Vec<String>,
    /// Their numbers at the payment provider.
    #[serde(default)]
    pub excluded_payers: Vec<String>,
}

/// Writes the rule of a pool that is not open yet. Its caps apply in this order: gift, person and day, person and project,
/// person, project and day, project, unit, the pool's share of the day (`pool_day_fen`; days with another share in
/// `pool_days`, as `{"on":"2026-09-07","most_fen":5000000}`), what is left in the pool. `eligible.counties` names regions
/// whose projects are matched; `eligible.payer_kinds` kinds of payers (`person`, `organisation`, `monthly`: gifts by a mandate,
/// whoever gave it).
#[utoipa::path(put, path = "/api/v1/match/pools/{code}/rule", tag = "matching", params(("code" = String, Path)),
    request_body = WriteRule, responses((status = 200, body = PoolOut)))]
async fn write_rule(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    reader: Reader,
    Path(code): Path<String>,
    Json(body): Json<WriteRule>,
) -> Result<Json<PoolOut>, Problem> {
    let s = &desk.0.services;
    let pool = named(s, &code).await?;
    let mut rule = body.rule;
    let phones = body.excluded_phones.iter().map(|phone| phone_index(&s.keys, phone));
    let payers = body.excluded_payers.iter().map(|payer| payer_index(&s.keys, payer));
    for blind in phones.chain(payers) {
        rule.eligible.excluded.push(hex(&Person::in_pool(pool.id, &blind).0));
    }
    let pool = actions::write_rule(s, &actor, pool.id, &rule).await?;
    answer(&desk, &reader, &pool).await
}

/// Publishes rule and seed commitment.
#[utoipa::path(post, path = "/api/v1/match/pools/{code}/publish", tag = "matching", params(("code" = String, Path)),
    responses((status = 200, body = PoolOut)))]
async fn publish_pool(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Json<PoolOut>, Problem> {
    let pool = named(&desk.0.services, &code).await?;
    let pool = actions::publish(&desk.0.services, &actor, pool.id).await?;
    answer(&desk, &reader, &pool).await
}

/// Opens a published pool; its rule is frozen from now on.
#[utoipa::path(post, path = "/api/v1/match/pools/{code}/open", tag = "matching", params(("code" = String, Path)),
    responses((status = 200, body = PoolOut)))]
async fn open_pool(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Json<PoolOut>, Problem> {
    let pool = named(&desk.0.services, &code).await?;
    let pool = actions::open(&desk.0, &actor, pool.id).await?;
    answer(&desk, &reader, &pool).await
}

/// Closes an open pool; one that is shared out at its close does so in a job.
#[utoipa::path(post, path = "/api/v1/match/pools/{code}/close", tag = "matching", params(("code" = String, Path)),
    responses((status = 200, body = PoolOut)))]
async fn close_pool(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Json<PoolOut>, Problem> {
    let pool = named(&desk.0.services, &code).await?;
    let pool = actions::close(&desk.0, &actor, pool.id).await?;
    answer(&desk, &reader, &pool).await
}

/// A decision about a gift.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionOut {
    /// The running number.
    pub number: i64,
    /// The public id of the gift.
    pub gift: Option<String>,
    /// What was given, in fen.
    #[schema(value_type = i64)]
    pub given_fen: Fen,
    /// Why, as a word.
    pub reason: &'static str,
    /// Why, in words.
    pub words: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

fn decision_out(s: &Services, reader: &Reader, decision: &Decision) -> DecisionOut {
    DecisionOut {
        number: decision.number,
        gift: decision.gift.map(|gift| public(&*s.keys, gift)),
        given_fen: decision.given,
        reason: decision.reason.as_str(),
        words: words::decision(reader.locale(), decision),
        at: decision.at,
    }
}

/// The matches of a pool that wait for a person.
#[utoipa::path(get, path = "/api/v1/match/pools/{code}/held", tag = "matching", params(("code" = String, Path)),
    responses((status = 200, body = [DecisionOut])))]
async fn list_held(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Json<Vec<DecisionOut>>, Problem> {
    let s = &desk.0.services;
    let pool = named(s, &code).await?;
    if !actor.scope_for_any(WAITING).contains(pool.unit, &s.tree) {
        return Err(Problem::not_found());
    }
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let held = queries::held(&mut at, &pool).await.map_err(of_db)?;
    Ok(Json(held.iter().map(|one| decision_out(s, &reader, one)).collect()))
}

/// Releases a match that waits: it is decided now, by the time of payment.
#[utoipa::path(post, path = "/api/v1/match/pools/{code}/held/{gift}/release", tag = "matching",
    params(("code" = String, Path), ("gift" = String, Path)), responses((status = 200, body = DecisionOut)))]
async fn release_match(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    reader: Reader,
    Path((code, gift)): Path<(String, String)>,
) -> Result<Json<DecisionOut>, Problem> {
    let s = &desk.0.services;
    let pool: PoolId = named(s, &code).await?.id;
    let decision = actions::release(&desk.0, &actor, pool, field(s, "gift", &gift)?).await?;
    Ok(Json(decision_out(s, &reader, &decision)))
}

/// Refuses a match that waits; the gift stands.
#[utoipa::path(post, path = "/api/v1/match/pools/{code}/held/{gift}/refuse", tag = "matching",
    params(("code" = String, Path), ("gift" = String, Path)), responses((status = 200, body = DecisionOut)))]
async fn refuse_match(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    reader: Reader,
    Path((code, gift)): Path<(String, String)>,
) -> Result<Json<DecisionOut>, Problem> {
    let s = &desk.0.services;
    let pool: PoolId = named(s, &code).await?.id;
    let decision = actions::refuse(&desk.0, &actor, pool, field(s, "gift", &gift)?).await?;
    Ok(Json(decision_out(s, &reader, &decision)))
}
