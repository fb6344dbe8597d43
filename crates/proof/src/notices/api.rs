//! JSON of notices: for staff who write them, and for everybody who reads them.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use db::Snapshot;
use giving::projects::api::{AskAdmission, AskedOut};
use governance::approvals::CaseState;
use governance::approvals::actions::Asking;
use governance::approvals::queries::latest;
use kernel::id::{Id, from_public, hex, public};
use kernel::{ActorId, Instant, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::extract::read_body;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions::{self, FILE_BYTES_MAX};
use super::approval::{KIND, subject};
use super::error::NoticeError;
use super::model::{Attached, Block, Draft, Notice, NoticeId, NoticeKind, NoticeState, StateWord, Texts};
use super::queries::{self, Mark, Of};
use super::rules;

mod sending;

pub use sending::sent;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(list_published))
        .public(routes!(get_published))
        .staff(Permission::ApprovalRead, routes!(list_notices))
        .staff(Permission::ApprovalRequest, routes!(draft_notice))
        .staff(Permission::ApprovalRead, routes!(get_notice))
        .staff(Permission::ApprovalRequest, routes!(change_notice))
        .staff(Permission::ApprovalRequest, routes!(drop_notice))
        .staff(Permission::ApprovalRequest, routes!(ask_notice))
        .staff(Permission::ApprovalRequest, routes!(correct_notice))
        .staff(Permission::ApprovalDecide, routes!(withdraw_notice))
        .staff(Permission::ApprovalRequest, routes!(add_notice_file))
        .staff(Permission::ApprovalRequest, routes!(remove_notice_file))
        .staff(Permission::ApprovalRead, routes!(get_notice_file))
}

/// A file of a notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeFileOut {
    /// What it is called.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// application/pdf, image/png or image/jpeg.
    pub media_type: String,
    /// How many bytes.
    pub length: i64,
}

/// A version of a notice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DisclosureOut)]
pub struct NoticeOut {
    /// Public id.
    pub id: String,
    /// The public id of the unit that says it.
    pub unit: String,
    /// What it is about.
    pub kind: NoticeKind,
    /// The public id of the campaign it is about.
    pub campaign: Option<String>,
    /// The public id of the project it is about.
    pub project: Option<String>,
    /// draft, published, corrected, withdrawn or dropped.
    pub state: &'static str,
    /// What it says.
    pub texts: Texts,
    /// The body in the parts it is shown in.
    pub blocks: Vec<Block>,
    /// The English body in the parts it is shown in.
    pub blocks_en: Vec<Block>,
    /// Its files.
    pub files: Vec<NoticeFileOut>,
    /// 1, and one more for each correction.
    pub version: i64,
    /// The version it corrects.
    pub corrects: Option<String>,
    /// The version that corrects it.
    pub corrected_by: Option<String>,
    /// The year of its number, once published.
    pub year: Option<i64>,
    /// Its number within unit and year.
    pub number: Option<i64>,
    /// SHA-256 of its text, in hexadecimal: what the public log holds.
    pub sha256: Option<String>,
    /// When it was published.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<Instant>,
    /// When it was corrected, withdrawn or given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
    /// Why it was withdrawn.
    pub end_reason: Option<String>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// A notice as staff see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffNoticeOut {
    /// The notice.
    pub notice: NoticeOut,
    /// The last case about it: public id.
    pub case: Option<String>,
    /// Where that stands.
    pub case_state: Option<CaseState>,
    /// Its published versions, the first one first.
    pub versions: Vec<NoticeVersionOut>,
}

/// A published version in a notice's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeVersionOut {
    /// Public id.
    pub id: String,
    /// 1, and one more for each correction.
    pub version: i64,
    /// published, corrected or withdrawn.
    pub state: &'static str,
    /// When it was published.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<Instant>,
}

/// A draft of a notice.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NoticeIn {
    /// What it is about.
    pub kind: NoticeKind,
    /// The public id of the campaign it is about.
    #[serde(default)]
    pub campaign: Option<String>,
    /// The public id of the project it is about.
    #[serde(default)]
    pub project: Option<String>,
    /// What it says.
    pub texts: Texts,
}

/// A notice to be begun.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DraftNotice {
    /// The public id of the unit that will say it.
    pub unit: String,
    /// The draft.
    pub draft: NoticeIn,
}

/// Why a notice is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
pub struct WithdrawNotice {
    /// For the public to read.
    pub reason: String,
}

/// `?unit=&project=&campaign=` of the public list, with a page.
#[derive(Debug, Deserialize)]
struct PublicQuery {
    unit: Option<String>,
    project: Option<String>,
    campaign: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// `?unit=&state=` of the staff's list, with a page.
#[derive(Debug, Deserialize)]
struct StaffQuery {
    unit: Option<String>,
    state: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// `?name=`.
#[derive(Debug, Deserialize)]
struct NameQuery {
    name: String,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn field<I: Id>(s: &Services, name: &str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(name, error))
}

fn of_db(error: db::DbError) -> Problem {
    problems::of_db(&error)
}

fn draft_of(s: &Services, body: NoticeIn) -> Result<Draft, Problem> {
    Ok(Draft {
        kind: body.kind,
        campaign: body.campaign.map(|text| field(s, "campaign", &text)).transpose()?,
        project: body.project.map(|text| field(s, "project", &text)).transpose()?,
        texts: body.texts,
    })
}

fn file_out(file: Attached) -> NoticeFileOut {
    NoticeFileOut {
        name: file.name,
        sha256: hex(&file.sha256),
        media_type: file.media_type,
        length: file.length,
    }
}

fn notice_out(s: &Services, notice: Notice, files: Vec<Attached>) -> NoticeOut {
    let named = actions::named(s, &notice);
    let publication = notice.state.publication().copied();
    let (corrected_by, ended_at, end_reason) = match &notice.state {
        NoticeState::Draft | NoticeState::Published(_) => (None, None, None),
        NoticeState::Corrected { by, at, .. } => (Some(public(&*s.keys, *by)), Some(*at), None),
        NoticeState::Withdrawn { at, reason, .. } => (None, Some(*at), Some(reason.clone())),
        NoticeState::Dropped { at } => (None, Some(*at), None),
    };
    NoticeOut {
        id: named.notice,
        unit: named.unit,
        kind: notice.kind,
        campaign: named.campaign,
        project: named.project,
        state: notice.state.word().as_str(),
        blocks: rules::blocks(&notice.texts.body),
        blocks_en: rules::blocks(&notice.texts.body_en),
        texts: notice.texts,
        files: files.into_iter().map(file_out).collect(),
        version: notice.version,
        corrects: named.corrects,
        corrected_by,
        year: publication.map(|one| one.year),
        number: publication.map(|one| one.number),
        sha256: publication.map(|one| hex(&one.sha256)),
        published_at: publication.map(|one| one.at),
        ended_at,
        end_reason,
        created_at: notice.created_at,
    }
}

async fn with_files(s: &Services, at: &mut Snapshot, notice: Notice) -> Result<NoticeOut, Problem> {
    let files = queries::files(at, notice.id).await.map_err(of_db)?;
    Ok(notice_out(s, notice, files))
}

/// A notice with its last case and its versions, as they stand now.
async fn shown(s: &Services, at: &mut Snapshot, notice: Notice) -> Result<StaffNoticeOut, Problem> {
    let case = latest(at, notice.unit, KIND, subject(notice.id)).await.map_err(of_db)?;
    let versions = queries::versions(at, &notice).await.map_err(of_db)?;
    let version = |one: Notice| NoticeVersionOut {
        id: public(&*s.keys, one.id),
        version: one.version,
        state: one.state.word().as_str(),
        published_at: one.state.publication().map(|one| one.at),
    };
    Ok(StaffNoticeOut {
        notice: with_files(s, at, notice).await?,
        case: case.as_ref().map(|case| public(&*s.keys, case.id)),
        case_state: case.map(|case| case.state),
        versions: versions.into_iter().map(version).collect(),
    })
}

async fn answer(s: &Services, notice: Result<Notice, NoticeError>) -> Result<Json<StaffNoticeOut>, Problem> {
    let notice = notice?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    Ok(Json(shown(s, &mut at, notice).await?))
}

/// A notice of the reader's units, drafts among them.
async fn seen(s: &Services, at: &mut Snapshot, actor: &Actor, text: &str) -> Result<Notice, Problem> {
    let found = queries::notice(at, id_of(s, text)?).await.map_err(of_db)?;
    let scope = actor.scope_for(Permission::ApprovalRead);
    let found = found.filter(|one| scope.contains(one.unit, &s.tree));
    found.ok_or_else(Problem::not_found)
}

fn digest(text: &str) -> Result<[u8; 32], Problem> {
    governance::approvals::model::digest_of(text).ok_or_else(Problem::not_found)
}

/// Published notices, newest first: of a unit, a project or a campaign; without any, of the society. A version that was
/// corrected is reached from the one that corrects it.
#[utoipa::path(get, path = "/api/v1/disclosures", tag = "notices",
    params(("unit" = Option<String>, Query, description = "public id"), ("project" = Option<String>, Query),
        ("campaign" = Option<String>, Query), ("limit" = Option<u16>, Query, description = "1 to 500"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<NoticeOut>)))]
async fn list_published(
    State(s): State<Services>,
    Query(query): Query<PublicQuery>,
) -> Result<Json<Listing<NoticeOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let before: Option<(i64, String)> = page.after()?;
    let before = before.map(|(moment, id)| Ok::<Mark, Problem>((moment, id_of::<NoticeId>(&s, &id)?.bytes())));
    let of = match (query.project, query.campaign, query.unit) {
        (Some(project), ..) => Of::Project(field(&s, "project", &project)?),
        (None, Some(campaign), _) => Of::Campaign(field(&s, "campaign", &campaign)?),
        (None, None, Some(unit)) => Of::Unit(field(&s, "unit", &unit)?),
        (None, None, None) => Of::Unit(s.tree.roots().first().copied().ok_or_else(Problem::not_found)?),
    };
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::public_list(&mut at, of, before.transpose()?, limit as i64 + 1).await;
    let mut items = Vec::new();
    for notice in found.map_err(of_db)? {
        items.push(with_files(&s, &mut at, notice).await?);
    }
    let mark = |one: &NoticeOut| (one.published_at.map_or(0, Instant::micros), one.id.clone());
    Ok(Json(Listing::cut(items, limit, mark)))
}

/// A published notice, whatever became of it since.
#[utoipa::path(get, path = "/api/v1/disclosures/{notice}", tag = "notices", params(("notice" = String, Path)),
    responses((status = 200, body = NoticeOut)))]
async fn get_published(State(s): State<Services>, Path(notice): Path<String>) -> Result<Json<NoticeOut>, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::published(&mut at, id_of(&s, &notice)?).await.map_err(of_db)?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(Json(with_files(&s, &mut at, found).await?))
}

/// Notices of my units, drafts among them, newest first.
#[utoipa::path(get, path = "/api/v1/staff/disclosures", tag = "notices",
    params(("unit" = Option<String>, Query, description = "public id"),
        ("state" = Option<String>, Query, description = "draft, published, corrected, withdrawn or dropped"),
        ("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<NoticeOut>)))]
async fn list_notices(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<StaffQuery>,
) -> Result<Json<Listing<NoticeOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<NoticeId>(&s, &text)).transpose()?;
    let unit = query.unit.map(|text| field::<UnitId>(&s, "unit", &text)).transpose()?;
    let state = query.state.map(|word| {
        let known = word.parse::<StateWord>();
        known.map_err(|_| Problem::invalid("state", "draft, published, corrected, withdrawn or dropped is expected"))
    });
    let scope = actor.scope_for(Permission::ApprovalRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let wanted = (unit, state.transpose()?);
    let found = queries::staff_list(&mut at, (&scope, &s.tree), wanted, (after, limit as i64 + 1)).await;
    let mut items = Vec::new();
    for notice in found.map_err(of_db)? {
        items.push(with_files(&s, &mut at, notice).await?);
    }
    Ok(Json(Listing::cut(items, limit, |one: &NoticeOut| one.id.clone())))
}

/// Begins a notice: a draft that a case will decide about.
#[utoipa::path(post, path = "/api/v1/staff/disclosures", tag = "notices", request_body = DraftNotice,
    responses((status = 201, body = StaffNoticeOut)))]
async fn draft_notice(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<DraftNotice>,
) -> Result<(StatusCode, Json<StaffNoticeOut>), Problem> {
    let unit = field(&s, "unit", &body.unit)?;
    let draft = draft_of(&s, body.draft)?;
    let made = actions::draft(&s, &actor, unit, draft).await;
    Ok((StatusCode::CREATED, answer(&s, made).await?))
}

/// A notice with its last case and its versions.
#[utoipa::path(get, path = "/api/v1/staff/disclosures/{notice}", tag = "notices", params(("notice" = String, Path)),
    responses((status = 200, body = StaffNoticeOut)))]
async fn get_notice(
    State(s): State<Services>,
    actor: Actor,
    Path(notice): Path<String>,
) -> Result<Json<StaffNoticeOut>, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = seen(&s, &mut at, &actor, &notice).await?;
    Ok(Json(shown(&s, &mut at, found).await?))
}

/// Writes a draft anew.
#[utoipa::path(put, path = "/api/v1/staff/disclosures/{notice}", tag = "notices", params(("notice" = String, Path)),
    request_body = NoticeIn, responses((status = 200, body = StaffNoticeOut),
        (status = 409, description = "published, or being decided")))]
async fn change_notice(
    State(s): State<Services>,
    actor: Actor,
    Path(notice): Path<String>,
    Json(body): Json<NoticeIn>,
) -> Result<Json<StaffNoticeOut>, Problem> {
    let id = id_of(&s, &notice)?;
    let draft = draft_of(&s, body)?;
    answer(&s, actions::change(&s, &actor, id, draft).await).await
}

/// Gives up a draft.
#[utoipa::path(post, path = "/api/v1/staff/disclosures/{notice}/drop", tag = "notices",
    params(("notice" = String, Path)), responses((status = 200, body = StaffNoticeOut)))]
async fn drop_notice(
    State(s): State<Services>,
    actor: Actor,
    Path(notice): Path<String>,
) -> Result<Json<StaffNoticeOut>, Problem> {
    answer(&s, actions::drop_draft(&s, &actor, id_of(&s, &notice)?).await).await
}

/// Puts a draft before those who decide; approved, it is published.
#[utoipa::path(post, path = "/api/v1/staff/disclosures/{notice}/ask", tag = "notices",
    params(("notice" = String, Path)), request_body = AskAdmission, responses((status = 201, body = AskedOut)))]
async fn ask_notice(
    State(s): State<Services>,
    actor: Actor,
    Path(notice): Path<String>,
    Json(body): Json<AskAdmission>,
) -> Result<(StatusCode, Json<AskedOut>), Problem> {
    let parties = body.parties.iter().map(|text| field::<ActorId>(&s, "parties", text));
    let asking = Asking {
        parties: parties.collect::<Result<_, _>>()?,
        summary: body.summary,
        papers: body.papers,
        hurry: body.hurry,
    };
    let case = actions::ask(&s, &actor, id_of(&s, &notice)?, asking).await?;
    let case = public(&*s.keys, case);
    Ok((StatusCode::CREATED, Json(AskedOut { case })))
}

/// Begins the correction of a published notice: a draft with its words, under its number once approved.
#[utoipa::path(post, path = "/api/v1/staff/disclosures/{notice}/correct", tag = "notices",
    params(("notice" = String, Path)), responses((status = 201, body = StaffNoticeOut),
        (status = 409, description = "not the version that stands")))]
async fn correct_notice(
    State(s): State<Services>,
    actor: Actor,
    Path(notice): Path<String>,
) -> Result<(StatusCode, Json<StaffNoticeOut>), Problem> {
    let made = actions::correct(&s, &actor, id_of(&s, &notice)?).await;
    Ok((StatusCode::CREATED, answer(&s, made).await?))
}

/// Withdraws a published notice; it stays listed, with the reason.
#[utoipa::path(post, path = "/api/v1/staff/disclosures/{notice}/withdraw", tag = "notices",
    params(("notice" = String, Path)), request_body = WithdrawNotice, responses((status = 200, body = StaffNoticeOut),
        (status = 409, description = "not the version that stands")))]
async fn withdraw_notice(
    State(s): State<Services>,
    actor: Actor,
    Path(notice): Path<String>,
    Json(body): Json<WithdrawNotice>,
) -> Result<Json<StaffNoticeOut>, Problem> {
    answer(
        &s,
        actions::withdraw(&s, &actor, id_of(&s, &notice)?, &body.reason).await,
    )
    .await
}

/// Adds a file to a draft: a PDF, a PNG or a JPEG of at most 10 MiB, open to everybody once the notice is published.
#[utoipa::path(post, path = "/api/v1/staff/disclosures/{notice}/files", tag = "notices",
    params(("notice" = String, Path), ("name" = String, Query, description = "what it is called")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = StaffNoticeOut), (status = 413, description = "too many bytes"),
        (status = 422, description = "neither a PDF nor a PNG nor a JPEG")))]
async fn add_notice_file(
    State(s): State<Services>,
    actor: Actor,
    Path(notice): Path<String>,
    Query(query): Query<NameQuery>,
    request: Request,
) -> Result<(StatusCode, Json<StaffNoticeOut>), Problem> {
    let id = id_of(&s, &notice)?;
    let bytes = read_body(request.into_body(), FILE_BYTES_MAX).await?;
    let added = actions::add_file(&s, &actor, id, (&query.name, &bytes)).await;
    Ok((StatusCode::CREATED, answer(&s, added).await?))
}

/// Takes a file off a draft.
#[utoipa::path(delete, path = "/api/v1/staff/disclosures/{notice}/files/{sha256}", tag = "notices",
    params(("notice" = String, Path), ("sha256" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, body = StaffNoticeOut)))]
async fn remove_notice_file(
    State(s): State<Services>,
    actor: Actor,
    Path((notice, sha256)): Path<(String, String)>,
) -> Result<Json<StaffNoticeOut>, Problem> {
    let removed = actions::remove_file(&s, &actor, id_of(&s, &notice)?, digest(&sha256)?).await;
    answer(&s, removed).await
}

/// A file of a notice, of a draft too.
#[utoipa::path(get, path = "/api/v1/staff/disclosures/{notice}/files/{sha256}", tag = "notices",
    params(("notice" = String, Path), ("sha256" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, content_type = "application/octet-stream", description = "its bytes, of its own type")))]
async fn get_notice_file(
    State(s): State<Services>,
    actor: Actor,
    Path((notice, sha256)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = seen(&s, &mut at, &actor, &notice).await?;
    drop(at);
    let (file, bytes) = actions::file(&s, &found, digest(&sha256)?).await?;
    Ok(sent(&file, bytes))
}
