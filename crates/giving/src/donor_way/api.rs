//! JSON of the donor's way for staff: wordings of the consent, messages to be read, the list of words.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, public};
use kernel::{Instant, OrderId, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::model::{Consent, MessageState, WaitingMessage};
use super::{actions, queries};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(get_consent))
        .staff(Permission::CampaignFile, routes!(publish_consent))
        .staff(Permission::GiftReview, routes!(list_messages))
        .staff(Permission::GiftReview, routes!(show_message))
        .staff(Permission::GiftReview, routes!(refuse_message))
        .staff(Permission::GiftReview, routes!(list_blocked_words, add_blocked_word))
        .staff(Permission::GiftReview, routes!(end_blocked_word))
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn of_db(error: db::DbError) -> Problem {
    problems::of_db(&error)
}

/// A wording of the consent.
#[derive(Serialize, ToSchema)]
struct ConsentOut {
    /// The unit whose wording it is.
    unit: String,
    /// 1, 2, 3 …; 0 for the text that ships.
    version: i64,
    /// In Chinese.
    words_zh: String,
    /// In English.
    words_en: String,
    /// When it was published.
    #[schema(value_type = Option<String>, format = DateTime)]
    published_at: Option<Instant>,
}

fn consent_out(s: &Services, consent: Consent) -> ConsentOut {
    ConsentOut {
        unit: public(&*s.keys, consent.unit),
        version: consent.version,
        words_zh: consent.words_zh,
        words_en: consent.words_en,
        published_at: consent.published_at,
    }
}

/// What donors of a unit agree to today.
#[utoipa::path(get, path = "/api/v1/consents/{unit}", tag = "giving", params(("unit" = String, Path)),
    responses((status = 200, body = ConsentOut)))]
async fn get_consent(State(s): State<Services>, Path(unit): Path<String>) -> Result<Json<ConsentOut>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    if !s.tree.knows(unit) {
        return Err(Problem::not_found());
    }
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let consent = queries::consent(&mut at, unit, &s.tree).await.map_err(of_db)?;
    Ok(Json(consent_out(&s, consent)))
}

/// A new wording.
#[derive(Deserialize, ToSchema)]
struct PublishConsent {
    /// The next number: one more than what is in force.
    version: i64,
    /// In Chinese, at most 2,000 characters.
    words_zh: String,
    /// In English, likewise.
    words_en: String,
}

/// Publishes a wording; what was agreed to before stays as it was.
#[utoipa::path(post, path = "/api/v1/consents/{unit}", tag = "giving", params(("unit" = String, Path)),
    request_body = PublishConsent, responses((status = 201, body = ConsentOut),
        (status = 409, description = "another version is in force")))]
async fn publish_consent(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<PublishConsent>,
) -> Result<(StatusCode, Json<ConsentOut>), Problem> {
    let words = (body.version, body.words_zh.as_str(), body.words_en.as_str());
    let consent = actions::publish_consent(&s, &actor, id_of(&s, &unit)?, words).await?;
    Ok((StatusCode::CREATED, Json(consent_out(&s, consent))))
}

/// A donor's words, for the person who reads them.
#[derive(Serialize, ToSchema)]
struct MessageOut {
    /// The order's public id, which names the message.
    order: String,
    /// The words.
    words: String,
    /// `waiting`, `shown` or `refused`.
    state: MessageState,
    /// `word`, `address` or `digits`: why it waited.
    held_for: Option<String>,
    /// The public id of the project.
    project: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    written_at: Instant,
}

fn message_out(s: &Services, message: WaitingMessage) -> MessageOut {
    MessageOut {
        order: public(&*s.keys, message.order),
        words: message.words,
        state: message.state,
        held_for: message.held_for,
        project: public(&*s.keys, message.project),
        written_at: message.written_at,
    }
}

/// `?state=&limit=&cursor=`.
#[derive(Debug, Deserialize)]
struct MessagesQuery {
    state: Option<MessageState>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// Messages of my units; without a state those that wait, oldest first.
#[utoipa::path(get, path = "/api/v1/messages", tag = "giving",
    params(("state" = Option<String>, Query), ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<MessageOut>)))]
async fn list_messages(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<MessagesQuery>,
) -> Result<Json<Listing<MessageOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<OrderId>(&s, &text)).transpose()?;
    let state = query.state.unwrap_or(MessageState::Waiting).as_str();
    let scope = actor.scope_for(Permission::GiftReview);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let wanted = (limit as i64 + 1, &*s.keys);
    let found = queries::messages(&mut at, (&scope, &s.tree), state, after, wanted)
        .await
        .map_err(of_db)?;
    let items = found.into_iter().map(|message| message_out(&s, message)).collect();
    Ok(Json(Listing::cut(items, limit, |message: &MessageOut| {
        message.order.clone()
    })))
}

/// Shows a message on its project's page, once its gift is paid.
#[utoipa::path(post, path = "/api/v1/messages/{order}/show", tag = "giving", params(("order" = String, Path)),
    responses((status = 204)))]
async fn show_message(
    State(s): State<Services>,
    actor: Actor,
    Path(order): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::decide_message(&s, &actor, id_of(&s, &order)?, MessageState::Shown).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows a message nowhere.
#[utoipa::path(post, path = "/api/v1/messages/{order}/refuse", tag = "giving", params(("order" = String, Path)),
    responses((status = 204)))]
async fn refuse_message(
    State(s): State<Services>,
    actor: Actor,
    Path(order): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::decide_message(&s, &actor, id_of(&s, &order)?, MessageState::Refused).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A word that holds messages.
#[derive(Deserialize, ToSchema)]
struct Word {
    /// The word; spaces, width and case do not matter.
    word: String,
}

/// The words that hold messages of a unit, those of the units above it among them.
#[utoipa::path(get, path = "/api/v1/blocked-words/{unit}", tag = "giving", params(("unit" = String, Path)),
    responses((status = 200, body = [String])))]
async fn list_blocked_words(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<String>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actor.require(Permission::GiftReview, unit)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    Ok(Json(
        queries::blocked_words(&mut at, unit, &s.tree).await.map_err(of_db)?,
    ))
}

/// Puts a word on the list.
#[utoipa::path(post, path = "/api/v1/blocked-words/{unit}", tag = "giving", params(("unit" = String, Path)),
    request_body = Word, responses((status = 204)))]
async fn add_blocked_word(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<Word>,
) -> Result<StatusCode, Problem> {
    actions::add_blocked_word(&s, &actor, id_of(&s, &unit)?, &body.word).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a word off the list.
#[utoipa::path(post, path = "/api/v1/blocked-words/{unit}/end", tag = "giving", params(("unit" = String, Path)),
    request_body = Word, responses((status = 204)))]
async fn end_blocked_word(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<Word>,
) -> Result<StatusCode, Problem> {
    actions::end_blocked_word(&s, &actor, id_of(&s, &unit)?, &body.word).await?;
    Ok(StatusCode::NO_CONTENT)
}
