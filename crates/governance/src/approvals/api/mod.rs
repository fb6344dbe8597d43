//! JSON of approvals: policies, cases, what waits for me.

mod deciders;
pub mod events;
mod files;
mod policies;
mod thread;
mod views;

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::ActorId;
use kernel::id::{Id, from_public, public};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, Locale, PageRequest, Problem, Query, Reader};

use super::actions::{self, NewAct, NewCase};
use super::minutes;
use super::model::{CaseId, CaseState, Change, Paper, SubjectId, Verdict};
use super::queries::{self, CaseFilter, CaseOrder, CaseView};
use super::subjects::Subjects;
use views::{CaseOut, CaseRowOut, WaitingOut, case_out, row_out, waiting_out};

/// Cases that wait for one person, at most: more are not decided in a day.
const WAITING_MAX: i64 = 500;

/// The routes of this slice; the owners are asked whether a new case is about a thing of its unit.
pub fn routes(subjects: &Subjects) -> OpenApiRouter<Services> {
    let (schemas, paths, router) = routes!(submit);
    let submitting = (schemas, paths, router.layer(Extension(subjects.clone())));
    OpenApiRouter::new()
        .merge(policies::routes())
        .merge(deciders::routes())
        .merge(files::routes())
        .merge(thread::routes())
        .merge(crate::approvals::webhooks::api::routes())
        .staff(Permission::ApprovalRead, routes!(list_cases))
        .staff(Permission::ApprovalDecide, routes!(list_waiting))
        .staff(Permission::ApprovalRequest, submitting)
        .staff(Permission::ApprovalRead, routes!(get_case))
        .staff(Permission::ApprovalRead, routes!(get_minutes))
        .staff(Permission::ApprovalDecide, routes!(act))
        .staff(Permission::ApprovalDecide, routes!(declare))
        .staff(Permission::ApprovalRequest, routes!(amend))
        .staff(Permission::ApprovalRequest, routes!(resubmit))
        .staff(Permission::ApprovalRequest, routes!(complete_papers))
        .staff(Permission::ApprovalRequest, routes!(withdraw))
}

/// A case to be put before those who decide.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalSubmitCase)]
pub struct SubmitCase {
    /// The public id of the unit whose thing it is about.
    pub unit: String,
    /// The kind of thing: `refund`.
    pub subject_kind: String,
    /// The public id of the thing.
    pub subject: String,
    /// One line.
    pub title: String,
    /// What is asked and why.
    #[serde(default)]
    pub summary: String,
    /// The papers.
    #[serde(default)]
    pub papers: Vec<Paper>,
    /// Public ids of staff who are concerned and so decide nothing.
    #[serde(default)]
    pub parties: Vec<String>,
    /// Why it takes the emergency lane; absent: it does not.
    #[serde(default)]
    pub hurry: Option<String>,
    /// Codes and amounts for whoever acts on the outcome: `{"target_fen": 5000000}`.
    #[serde(default)]
    pub details: Option<BTreeMap<String, serde_json::Value>>,
}

/// What somebody says at a stage.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalActOnCase)]
pub struct ActOnCase {
    /// The stage's word.
    pub stage: String,
    /// approve, refuse, send_back, abstain or score.
    pub verdict: Verdict,
    /// In her words; needed to refuse, to send back, and for an outside body.
    #[serde(default)]
    pub words: String,
    /// Each item of the sheet, where the stage is decided by scores.
    #[serde(default)]
    pub scores: BTreeMap<String, i64>,
}

/// Words alone.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalWords)]
pub struct Words {
    /// Why.
    #[serde(default)]
    pub words: String,
}

/// An edit at an open stage.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalAmendCase)]
pub struct AmendCase {
    /// The stage's word.
    pub stage: String,
    /// What changes.
    pub content: Change,
}

/// A case that was sent back, mended.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalResubmitCase)]
pub struct ResubmitCase {
    /// What changes.
    #[serde(default)]
    pub content: Change,
    /// What was done about it.
    #[serde(default)]
    pub words: String,
}

/// Papers that the emergency lane owes.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalCompletePapers)]
pub struct CompletePapers {
    /// The papers.
    pub papers: Vec<Paper>,
}

/// `?limit=&cursor=&state=&subject_kind=&subject=&owing=`.
#[derive(Debug, Deserialize)]
struct CasesQuery {
    limit: Option<u16>,
    cursor: Option<String>,
    state: Option<CaseState>,
    subject_kind: Option<String>,
    subject: Option<String>,
    owing: Option<bool>,
    sort: Option<String>,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn field_of<I: Id>(s: &Services, field: &str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(field, error))
}

/// The cases of my units, the newest first unless another order is asked for.
#[utoipa::path(get, path = "/api/v1/approvals", tag = "approvals",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query),
        ("state" = Option<CaseState>, Query, description = "open, sent_back, approved, refused or withdrawn"),
        ("subject_kind" = Option<String>, Query),
        ("subject" = Option<String>, Query, description = "the public id of the thing"),
        ("owing" = Option<bool>, Query, description = "only those that owe papers"),
        ("sort" = Option<String>, Query, description = "newest, oldest or due (papers due soonest)")),
    responses((status = 200, body = Listing<CaseRowOut>)))]
async fn list_cases(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<CasesQuery>,
) -> Result<Json<Listing<CaseRowOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<(i64, String)> = page.after()?;
    let order = query.sort.as_deref().map(case_order).transpose()?;
    let filter = CaseFilter {
        state: query.state,
        kind: query.subject_kind,
        subject: query.subject.map(|text| field_of(&s, "subject", &text)).transpose()?,
        owing: query.owing.unwrap_or(false),
        order: order.unwrap_or_default(),
        after: after
            .map(|(due_at, text)| id_of(&s, &text).map(|id| (due_at, id)))
            .transpose()?,
    };
    let scope = actor.scope_for(Permission::ApprovalRead);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let cases = queries::cases(&mut at, &scope, &s.tree, &filter, limit as i64 + 1).await;
    let items = cases.map_err(|e| problems::of_db(&e))?;
    let items = items.iter().map(|case| row_out(&s, case)).collect();
    Ok(Json(Listing::cut(items, limit, |case: &CaseRowOut| {
        (queries::due_key(case.papers_due_at), case.id.clone())
    })))
}

fn case_order(word: &str) -> Result<CaseOrder, Problem> {
    let words = CaseOrder::WORDS.join(", ");
    CaseOrder::of_word(word).ok_or_else(|| Problem::invalid("sort", format!("one of {words} is expected")))
}

/// What waits for me, the earliest deadline first.
#[utoipa::path(get, path = "/api/v1/approvals/waiting", tag = "approvals",
    responses((status = 200, body = Listing<WaitingOut>)))]
async fn list_waiting(State(s): State<Services>, actor: Actor) -> Result<Json<Listing<WaitingOut>>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let waiting = queries::waiting(&mut at, &actor, WAITING_MAX).await;
    let now = s.now();
    let items = waiting.map_err(|e| problems::of_db(&e))?;
    let items = items.iter().map(|one| waiting_out(&s, one, now)).collect();
    Ok(Json(Listing { items, next: None }))
}

/// Puts a case before those who decide. The thing must be one of the unit, as its owner says.
#[utoipa::path(post, path = "/api/v1/approvals", tag = "approvals", request_body = SubmitCase,
    responses((status = 201, body = CaseOut),
        (status = 422, description = "there is no such thing in this unit")))]
async fn submit(
    State(s): State<Services>,
    Extension(subjects): Extension<Subjects>,
    actor: Actor,
    Json(body): Json<SubmitCase>,
) -> Result<(StatusCode, Json<CaseOut>), Problem> {
    let parties = body.parties.iter().map(|text| field_of::<ActorId>(&s, "parties", text));
    let unit = field_of(&s, "unit", &body.unit)?;
    // Before the thing is looked for, so that nobody learns of things of units that are not hers.
    actor.require(Permission::ApprovalRequest, unit)?;
    let new = NewCase {
        unit,
        subject_kind: body.subject_kind,
        subject: field_of::<SubjectId>(&s, "subject", &body.subject)?,
        title: body.title,
        summary: body.summary,
        papers: body.papers,
        parties: parties.collect::<Result<_, _>>()?,
        hurry: body.hurry,
        details: serde_json::Value::Object(body.details.unwrap_or_default().into_iter().collect()),
    };
    let new = subjects.check(&s, new).await?;
    let id = actions::submit(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, shown(&s, &actor, id).await?))
}

/// A case as it stands for this reader.
async fn shown(s: &Services, actor: &Actor, id: CaseId) -> Result<Json<CaseOut>, Problem> {
    let view = viewed(s, actor, id).await?;
    Ok(Json(case_out(s, &view, actor, s.now())))
}

async fn viewed(s: &Services, actor: &Actor, id: CaseId) -> Result<CaseView, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let view = queries::view(&mut at, actor, &s.tree, id).await;
    view.map_err(|e| problems::of_db(&e))?.ok_or_else(Problem::not_found)
}

/// One case with its whole history.
#[utoipa::path(get, path = "/api/v1/approvals/{case}", tag = "approvals", params(("case" = String, Path)),
    responses((status = 200, body = CaseOut)))]
async fn get_case(State(s): State<Services>, actor: Actor, Path(case): Path<String>) -> Result<Json<CaseOut>, Problem> {
    shown(&s, &actor, id_of(&s, &case)?).await
}

/// `?format=`.
#[derive(Debug, Deserialize)]
struct MinutesQuery {
    #[serde(default)]
    format: MinutesFormat,
}

/// How minutes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MinutesFormat {
    /// A page to print.
    #[default]
    Html,
    /// Plain text.
    Text,
    /// The paper that is kept.
    Pdf,
}

/// The minutes of a decision, in the reader's language: a page to print, plain text, or, once it has ended, the paper that
/// is kept: the same bytes each time, with their SHA-256 as `ETag`.
#[utoipa::path(get, path = "/api/v1/approvals/{case}/minutes", tag = "approvals",
    params(("case" = String, Path), ("format" = Option<String>, Query, description = "html (the default), text or pdf")),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn get_minutes(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Path(case): Path<String>,
    Query(query): Query<MinutesQuery>,
) -> Result<Response, Problem> {
    let id = id_of(&s, &case)?;
    if query.format == MinutesFormat::Pdf {
        return minutes_paper(&s, &actor, id, reader.locale()).await;
    }
    let view = viewed(&s, &actor, id).await?;
    let (kind, body) = match query.format {
        MinutesFormat::Html => (
            "text/html; charset=utf-8",
            minutes::html(&view, reader.locale(), s.now()),
        ),
        MinutesFormat::Text | MinutesFormat::Pdf => (
            "text/plain; charset=utf-8",
            minutes::text(&view, reader.locale(), s.now()),
        ),
    };
    // What people wrote stands in it: nothing of it is ever run or fetched.
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, body).into_response())
}

async fn minutes_paper(s: &Services, actor: &Actor, id: CaseId, locale: Locale) -> Result<Response, Problem> {
    let (sha256, bytes) = actions::minutes_pdf(s, actor, id, locale).await?;
    let named = format!("attachment; filename=\"minutes-{}.pdf\"", shown_id(s, id));
    let tag = format!("\"{}\"", kernel::id::hex(&sha256));
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    for (name, value) in [(header::CONTENT_DISPOSITION, named), (header::ETAG, tag)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// Decides at a stage.
#[utoipa::path(post, path = "/api/v1/approvals/{case}/act", tag = "approvals", params(("case" = String, Path)),
    request_body = ActOnCase, responses((status = 200, body = CaseOut)))]
async fn act(
    State(s): State<Services>,
    actor: Actor,
    Path(case): Path<String>,
    Json(body): Json<ActOnCase>,
) -> Result<Json<CaseOut>, Problem> {
    let id = id_of(&s, &case)?;
    let said = NewAct {
        stage: body.stage,
        verdict: body.verdict,
        words: body.words,
        scores: body.scores,
    };
    actions::act(&s, &actor, id, said).await?;
    shown(&s, &actor, id).await
}

/// Says that I am concerned: I decide nothing of it from now on.
#[utoipa::path(post, path = "/api/v1/approvals/{case}/conflict", tag = "approvals", params(("case" = String, Path)),
    request_body = Words, responses((status = 200, body = CaseOut)))]
async fn declare(
    State(s): State<Services>,
    actor: Actor,
    Path(case): Path<String>,
    Json(body): Json<Words>,
) -> Result<Json<CaseOut>, Problem> {
    let id = id_of(&s, &case)?;
    actions::declare(&s, &actor, id, &body.words).await?;
    shown(&s, &actor, id).await
}

/// Edits what the stage lets be edited, while nobody has decided.
#[utoipa::path(post, path = "/api/v1/approvals/{case}/amend", tag = "approvals", params(("case" = String, Path)),
    request_body = AmendCase, responses((status = 200, body = CaseOut)))]
async fn amend(
    State(s): State<Services>,
    actor: Actor,
    Path(case): Path<String>,
    Json(body): Json<AmendCase>,
) -> Result<Json<CaseOut>, Problem> {
    let id = id_of(&s, &case)?;
    actions::amend(&s, &actor, id, &body.stage, body.content).await?;
    shown(&s, &actor, id).await
}

/// Puts a case again that was sent back to me.
#[utoipa::path(post, path = "/api/v1/approvals/{case}/resubmit", tag = "approvals", params(("case" = String, Path)),
    request_body = ResubmitCase, responses((status = 200, body = CaseOut)))]
async fn resubmit(
    State(s): State<Services>,
    actor: Actor,
    Path(case): Path<String>,
    Json(body): Json<ResubmitCase>,
) -> Result<Json<CaseOut>, Problem> {
    let id = id_of(&s, &case)?;
    actions::resubmit(&s, &actor, id, body.content, &body.words).await?;
    shown(&s, &actor, id).await
}

/// Hands in papers that a case of the emergency lane owes.
#[utoipa::path(post, path = "/api/v1/approvals/{case}/papers", tag = "approvals", params(("case" = String, Path)),
    request_body = CompletePapers, responses((status = 200, body = CaseOut)))]
async fn complete_papers(
    State(s): State<Services>,
    actor: Actor,
    Path(case): Path<String>,
    Json(body): Json<CompletePapers>,
) -> Result<Json<CaseOut>, Problem> {
    let id = id_of(&s, &case)?;
    actions::complete_papers(&s, &actor, id, body.papers).await?;
    shown(&s, &actor, id).await
}

/// Takes my case back.
#[utoipa::path(post, path = "/api/v1/approvals/{case}/withdraw", tag = "approvals", params(("case" = String, Path)),
    request_body = Words, responses((status = 200, body = CaseOut)))]
async fn withdraw(
    State(s): State<Services>,
    actor: Actor,
    Path(case): Path<String>,
    Json(body): Json<Words>,
) -> Result<Json<CaseOut>, Problem> {
    let id = id_of(&s, &case)?;
    actions::withdraw(&s, &actor, id, &body.words).await?;
    shown(&s, &actor, id).await
}

/// A public id for an answer.
fn shown_id<I: Id>(s: &Services, id: I) -> String {
    public(&*s.keys, id)
}
