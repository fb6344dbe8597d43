//! JSON of documents.

mod files;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{hex, public};
use kernel::{ActorId, Instant, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, queries as identity};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::model::{Document, DocumentId, NewDocument, Part, Receipt, State as Standing, StateWord, To};
use super::queries::{Filter, Line, Side};
use super::{actions, queries, rules};
use crate::approvals::model::digest_of;
use crate::duty::api::{field_of, id_of};
use crate::reports::api::own_units;

/// Documents that wait for one person's units, at most.
const WAITING_MAX: i64 = 200;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .merge(files::routes())
        .staff(Permission::DocumentRead, routes!(list_documents))
        .staff(Permission::DocumentSend, routes!(send_document))
        .staff(Permission::DocumentRead, routes!(list_waiting))
        .staff(Permission::DocumentRead, routes!(get_document))
        .staff(Permission::DocumentRead, routes!(read_document))
        .staff(Permission::DocumentRead, routes!(confirm_document))
        .staff(Permission::DocumentSend, routes!(remind_of_document))
        .staff(Permission::DocumentSend, routes!(withdraw_document))
}

/// From which side my units see a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DocumentSide)]
pub enum SideWord {
    /// They sent it.
    Sent,
    /// They received it.
    Received,
}

/// A document in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentLineOut)]
pub struct LineOut {
    /// Its public id.
    pub id: String,
    /// The public id of the unit that sent it.
    pub unit: String,
    /// Its printed number: 沂水县〔2026〕3号.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: StateWord,
    /// When it was sent.
    #[schema(value_type = String)]
    pub sent_at: Instant,
    /// Until when it is to be confirmed.
    #[schema(value_type = Option<String>)]
    pub confirm_by: Option<Instant>,
    /// Receiving units that I may see.
    pub recipients: i64,
    /// Of those, how many have read it.
    pub read: i64,
    /// Of those, how many have confirmed it.
    pub confirmed: i64,
}

fn line_out(s: &Services, line: &Line) -> LineOut {
    let document = &line.document;
    LineOut {
        id: public(&*s.keys, document.id),
        unit: public(&*s.keys, document.unit),
        code: document.code.clone(),
        title: document.title.clone(),
        state: document.state.word(),
        sent_at: document.sent_at,
        confirm_by: document.confirm_by,
        recipients: line.recipients,
        read: line.read,
        confirmed: line.confirmed,
    }
}

/// `?side=&state=&q=&limit=&cursor=`.
#[derive(Debug, Deserialize)]
struct ListQuery {
    side: Option<SideWord>,
    state: Option<StateWord>,
    q: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// The documents that my units sent or received, the newest first; found by words of title and number.
#[utoipa::path(get, path = "/api/v1/documents", tag = "documents",
    params(("side" = inline(Option<SideWord>), Query, description = "sent or received"),
        ("state" = Option<StateWord>, Query, description = "sent or withdrawn"),
        ("q" = Option<String>, Query, description = "two letters or digits at least, of title or number"),
        ("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<LineOut>)))]
async fn list_documents(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listing<LineOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let before: Option<String> = page.after()?;
    let asked = match query.q.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => rules::asked(text).map_err(super::DocumentError::from)?,
        None => Vec::new(),
    };
    let filter = Filter {
        side: query.side.map(|side| match side {
            SideWord::Sent => Side::Sent,
            SideWord::Received => Side::Received,
        }),
        state: query.state,
        asked,
        before: before.map(|text| id_of::<DocumentId>(&s, &text)).transpose()?,
    };
    let scope = actor.scope_for(Permission::DocumentRead);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let lines = queries::list(&mut at, (&scope, &s.tree), &filter, limit as i64 + 1).await;
    let lines = lines.map_err(|e| problems::of_db(&e))?;
    let items = lines.iter().map(|line| line_out(&s, line)).collect();
    Ok(Json(Listing::cut(items, limit, |line: &LineOut| line.id.clone())))
}

/// A document that one of my own units has not confirmed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentWaitingOut)]
pub struct WaitingOut {
    /// Its public id.
    pub id: String,
    /// The public id of my unit that received it.
    pub receiver: String,
    /// The public id of the unit that sent it.
    pub unit: String,
    /// Its printed number.
    pub code: String,
    /// Its title.
    pub title: String,
    /// When it was sent.
    #[schema(value_type = String)]
    pub sent_at: Instant,
    /// Until when it is to be confirmed.
    #[schema(value_type = Option<String>)]
    pub confirm_by: Option<Instant>,
    /// When it was read here first.
    #[schema(value_type = Option<String>)]
    pub read_at: Option<Instant>,
}

/// What the units in which I work myself have not confirmed, the oldest first.
#[utoipa::path(get, path = "/api/v1/documents/waiting", tag = "documents",
    responses((status = 200, body = Vec<WaitingOut>)))]
async fn list_waiting(State(s): State<Services>, actor: Actor) -> Result<Json<Vec<WaitingOut>>, Problem> {
    let mine = own_units(&actor, Permission::DocumentRead);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let waiting = queries::waiting(&mut at, &mine, WAITING_MAX).await;
    let waiting = waiting.map_err(|e| problems::of_db(&e))?;
    let out = |(document, receipt): (Document, Receipt)| WaitingOut {
        id: public(&*s.keys, document.id),
        receiver: public(&*s.keys, receipt.unit),
        unit: public(&*s.keys, document.unit),
        code: document.code,
        title: document.title,
        sent_at: document.sent_at,
        confirm_by: document.confirm_by,
        read_at: receipt.read.map(|(_, at)| at),
    };
    Ok(Json(waiting.into_iter().map(out).collect()))
}

/// Who did something, and when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentByOut)]
pub struct ByOut {
    /// The user's name.
    pub name: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Instant,
}

/// What a receiving unit did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentReceiptOut)]
pub struct ReceiptOut {
    /// The public id of the unit.
    pub unit: String,
    /// Who read it there first.
    pub read: Option<ByOut>,
    /// Who confirmed that it came.
    pub confirmed: Option<ByOut>,
    /// When the unit was reminded last.
    #[schema(value_type = Option<String>)]
    pub reminded_at: Option<Instant>,
    /// Whether I read and confirm for it: I work there.
    pub is_mine: bool,
}

/// A file of a document.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DocumentPart)]
pub struct PartIo {
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes in hexadecimal.
    pub sha256: String,
}

/// Another document that belongs to this one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentLinkOut)]
pub struct LinkOut {
    /// Its public id.
    pub id: String,
    /// Its printed number.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The public id of the unit that sent it.
    pub unit: String,
}

/// A document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentOut)]
pub struct DocumentOut {
    /// Its public id.
    pub id: String,
    /// The public id of the unit that sent it.
    pub unit: String,
    /// Its printed number.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Its text; empty for receivers of a withdrawn one.
    pub body: String,
    /// Its files.
    pub files: Vec<PartIo>,
    /// Where it stands.
    pub state: StateWord,
    /// Why it was withdrawn.
    pub withdrawn_reason: Option<String>,
    /// When it was withdrawn.
    #[schema(value_type = Option<String>)]
    pub withdrawn_at: Option<Instant>,
    /// Who sent it.
    pub sent: ByOut,
    /// Until when it is to be confirmed.
    #[schema(value_type = Option<String>)]
    pub confirm_by: Option<Instant>,
    /// The document that it answers, where I may see it.
    pub reply_to: Option<LinkOut>,
    /// The documents that answer it.
    pub replies: Vec<LinkOut>,
    /// The receipts that I may see.
    pub receipts: Vec<ReceiptOut>,
}

fn link_out(s: &Services, document: &Document) -> LinkOut {
    LinkOut {
        id: public(&*s.keys, document.id),
        code: document.code.clone(),
        title: document.title.clone(),
        unit: public(&*s.keys, document.unit),
    }
}

/// A document that one of my units sent or received.
#[utoipa::path(get, path = "/api/v1/documents/{document}", tag = "documents", params(("document" = String, Path)),
    responses((status = 200, body = DocumentOut)))]
async fn get_document(
    State(s): State<Services>,
    actor: Actor,
    Path(document): Path<String>,
) -> Result<Json<DocumentOut>, Problem> {
    shown(&s, &actor, id_of(&s, &document)?).await
}

async fn shown(s: &Services, actor: &Actor, id: DocumentId) -> Result<Json<DocumentOut>, Problem> {
    let of_db = |e: db::DbError| problems::of_db(&e);
    let scope = actor.scope_for(Permission::DocumentRead);
    let seen = (&scope, &*s.tree);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let document = queries::document_seen(&mut at, seen, id).await.map_err(of_db)?;
    let document = document.ok_or_else(Problem::not_found)?;
    let receipts = queries::receipts_seen(&mut at, seen, &document).await.map_err(of_db)?;
    let parts = queries::parts(&mut at, id).await.map_err(of_db)?;
    let replies = queries::replies(&mut at, seen, id).await.map_err(of_db)?;
    let answered = match document.reply_to {
        Some(answered) => queries::document_seen(&mut at, seen, answered).await.map_err(of_db)?,
        None => None,
    };
    let mut people: Vec<ActorId> = vec![document.sent_by];
    for receipt in &receipts {
        people.extend(receipt.read.map(|(who, _)| who));
        people.extend(receipt.confirmed.map(|(who, _)| who));
    }
    people.sort_unstable();
    people.dedup();
    let names = identity::names(&mut at, &people).await.map_err(of_db)?;
    let by = |(who, at): (ActorId, Instant)| ByOut {
        name: names.get(&who).cloned().unwrap_or_default(),
        at,
    };
    let mine = own_units(actor, Permission::DocumentRead);
    let is_ours = scope.contains(document.unit, &s.tree);
    let is_open = document.state == Standing::Sent || is_ours;
    let (withdrawn_at, withdrawn_reason) = match &document.state {
        Standing::Sent => (None, None),
        Standing::Withdrawn { at, reason, .. } => (Some(*at), Some(reason.clone())),
    };
    let receipt_out = |receipt: Receipt| ReceiptOut {
        unit: public(&*s.keys, receipt.unit),
        read: receipt.read.map(by),
        confirmed: receipt.confirmed.map(by),
        reminded_at: receipt.reminded_at,
        is_mine: mine.contains(&receipt.unit),
    };
    let part_out = |part: Part| PartIo {
        name: part.name,
        sha256: hex(&part.sha256),
    };
    Ok(Json(DocumentOut {
        id: public(&*s.keys, document.id),
        unit: public(&*s.keys, document.unit),
        state: document.state.word(),
        sent: by((document.sent_by, document.sent_at)),
        confirm_by: document.confirm_by,
        reply_to: answered.as_ref().map(|answered| link_out(s, answered)),
        replies: replies.iter().map(|reply| link_out(s, reply)).collect(),
        receipts: receipts.into_iter().map(receipt_out).collect(),
        files: parts.into_iter().filter(|_| is_open).map(part_out).collect(),
        body: if is_open { document.body } else { String::new() },
        code: document.code,
        title: document.title,
        withdrawn_at,
        withdrawn_reason,
    }))
}

/// To whom a document goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DocumentTo)]
pub enum ToWord {
    /// The unit right above.
    Above,
    /// The units right below.
    Children,
    /// All units below.
    AllBelow,
    /// Those named in `units`.
    Chosen,
}

/// A document to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DocumentToSend)]
pub struct SendDocument {
    /// Made once by the sender's form: sent twice, it is one document.
    pub key: String,
    /// The public id of the unit that sends it.
    pub unit: String,
    /// To whom.
    pub to: ToWord,
    /// The public ids of those chosen.
    #[serde(default)]
    pub units: Vec<String>,
    /// Its title.
    pub title: String,
    /// Its text.
    #[serde(default)]
    pub body: String,
    /// Its files, which were handed in before.
    #[serde(default)]
    pub files: Vec<PartIo>,
    /// The public id of the document that it answers.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Until when it is to be confirmed.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub confirm_by: Option<Instant>,
}

/// Sends a document under its unit's next number of the year.
#[utoipa::path(post, path = "/api/v1/documents", tag = "documents", request_body = SendDocument,
    responses((status = 201, body = DocumentOut)))]
async fn send_document(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<SendDocument>,
) -> Result<(StatusCode, Json<DocumentOut>), Problem> {
    let to = match body.to {
        ToWord::Above => To::Above,
        ToWord::Children => To::Children,
        ToWord::AllBelow => To::AllBelow,
        ToWord::Chosen => {
            let units: Result<Vec<UnitId>, Problem> =
                body.units.iter().map(|unit| field_of(&s, "units", unit)).collect();
            To::Chosen(units?)
        }
    };
    let wrong = || Problem::invalid("files.sha256", "64 hexadecimal digits");
    let parts = body.files.into_iter().map(|part| {
        let sha256 = digest_of(&part.sha256).ok_or_else(wrong)?;
        Ok(Part {
            name: part.name,
            sha256,
        })
    });
    let new = NewDocument {
        key: body.key,
        unit: field_of(&s, "unit", &body.unit)?,
        to,
        title: body.title,
        body: body.body,
        parts: parts.collect::<Result<Vec<Part>, Problem>>()?,
        reply_to: body.reply_to.map(|id| field_of(&s, "reply_to", &id)).transpose()?,
        confirm_by: body.confirm_by,
    };
    let document = actions::send(&s, &actor, new).await?;
    let shown = shown(&s, &actor, document.id).await?;
    Ok((StatusCode::CREATED, shown))
}

/// For which unit.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DocumentForUnit)]
pub struct ForUnit {
    /// The public id of the receiving unit.
    pub unit: String,
}

/// Writes that I read a document for a unit in which I work; the first reader counts.
#[utoipa::path(post, path = "/api/v1/documents/{document}/read", tag = "documents",
    params(("document" = String, Path)), request_body = ForUnit, responses((status = 200, body = DocumentOut)))]
async fn read_document(
    State(s): State<Services>,
    actor: Actor,
    Path(document): Path<String>,
    Json(body): Json<ForUnit>,
) -> Result<Json<DocumentOut>, Problem> {
    let (id, unit) = (id_of(&s, &document)?, field_of(&s, "unit", &body.unit)?);
    actions::read(&s, &actor, id, unit).await?;
    shown(&s, &actor, id).await
}

/// Confirms for a unit in which I work that a document came.
#[utoipa::path(post, path = "/api/v1/documents/{document}/confirm", tag = "documents",
    params(("document" = String, Path)), request_body = ForUnit, responses((status = 200, body = DocumentOut)))]
async fn confirm_document(
    State(s): State<Services>,
    actor: Actor,
    Path(document): Path<String>,
    Json(body): Json<ForUnit>,
) -> Result<Json<DocumentOut>, Problem> {
    let (id, unit) = (id_of(&s, &document)?, field_of(&s, "unit", &body.unit)?);
    actions::confirm(&s, &actor, id, unit).await?;
    shown(&s, &actor, id).await
}

/// How many units were reminded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentRemindedOut)]
pub struct RemindedOut {
    /// How many.
    pub units: u64,
}

/// Reminds the units that have not confirmed.
#[utoipa::path(post, path = "/api/v1/documents/{document}/remind", tag = "documents",
    params(("document" = String, Path)), responses((status = 200, body = RemindedOut)))]
async fn remind_of_document(
    State(s): State<Services>,
    actor: Actor,
    Path(document): Path<String>,
) -> Result<Json<RemindedOut>, Problem> {
    let units = actions::remind(&s, &actor, id_of(&s, &document)?).await?;
    Ok(Json(RemindedOut { units }))
}

/// Why it is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DocumentWithdraw)]
pub struct Withdraw {
    /// Why, in one line; its receivers read it.
    pub reason: String,
}

/// Takes a document back; its number stays.
#[utoipa::path(post, path = "/api/v1/documents/{document}/withdraw", tag = "documents",
    params(("document" = String, Path)), request_body = Withdraw, responses((status = 204)))]
async fn withdraw_document(
    State(s): State<Services>,
    actor: Actor,
    Path(document): Path<String>,
    Json(body): Json<Withdraw>,
) -> Result<StatusCode, Problem> {
    actions::withdraw(&s, &actor, id_of(&s, &document)?, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
