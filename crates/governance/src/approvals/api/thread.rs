//! The thread of a case: what its people write to each other.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::hex;
use kernel::{ActorId, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::files::{FileOut, file_out};
use super::views::PersonOut;
use super::{id_of, shown_id};
use crate::approvals::actions::{self, NewMessage};
use crate::approvals::model::{CaseId, Message, digest_of};
use crate::approvals::queries::{self, ThreadView};

/// Who asks and who decides both write.
const WRITING: &[Permission] = &[Permission::ApprovalRequest, Permission::ApprovalDecide];

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::ApprovalRead, routes!(get_thread))
        .staff_any(WRITING, routes!(write_message))
        .staff_any(WRITING, routes!(withdraw_message))
}

/// A message of a thread.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalMessageOut)]
pub struct MessageOut {
    /// 1, 2, 3 … in its case.
    pub number: i64,
    /// When.
    #[schema(value_type = String)]
    pub at: Instant,
    /// Who wrote it.
    pub by: PersonOut,
    /// Whether that was me.
    pub is_mine: bool,
    /// In her words; nothing once it was withdrawn.
    pub words: Option<String>,
    /// The file that goes with it; nothing without one and once it was withdrawn.
    pub file: Option<FileOut>,
    /// What the file is called here.
    pub file_name: Option<String>,
    /// Who withdrew it; nobody did while nothing stands here.
    pub withdrawn_by: Option<PersonOut>,
    /// When it was withdrawn.
    #[schema(value_type = Option<String>)]
    pub withdrawn_at: Option<Instant>,
}

/// The thread of a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalThreadOut)]
pub struct ThreadOut {
    /// What was written, the oldest first; a withdrawn message keeps its place.
    pub messages: Vec<MessageOut>,
    /// Whether I may write here.
    pub may_write: bool,
}

/// A message to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalWriteMessage)]
pub struct WriteMessage {
    /// What makes it the same message when it is sent again: 1 to 64 characters.
    pub key: String,
    /// What is said, at most 4,000 characters; may be absent where a file says it all.
    #[serde(default)]
    pub words: String,
    /// SHA-256 in hexadecimal of a file that was handed in for the unit (`POST /api/v1/approvals/files`).
    #[serde(default)]
    pub sha256: Option<String>,
    /// What the file is called here; needed with a file.
    #[serde(default)]
    pub file_name: Option<String>,
}

async fn shown(s: &Services, actor: &Actor, id: CaseId) -> Result<Json<ThreadOut>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let thread = queries::thread(&mut at, actor, &s.tree, id).await;
    let thread = thread.map_err(|e| problems::of_db(&e))?;
    let thread = thread.ok_or_else(Problem::not_found)?;
    let messages = thread
        .messages
        .iter()
        .map(|one| message_out(s, &thread, (one, actor.id)));
    Ok(Json(ThreadOut {
        messages: messages.collect(),
        may_write: thread.may_write,
    }))
}

fn message_out(s: &Services, thread: &ThreadView, (one, reader): (&Message, ActorId)) -> MessageOut {
    let person = |id: ActorId| PersonOut {
        id: shown_id(s, id),
        name: thread.names.get(&id).cloned().unwrap_or_default(),
    };
    let is_there = one.withdrawn.is_none();
    let file = thread
        .files
        .iter()
        .find(|file| is_there && one.sha256 == Some(file.sha256));
    MessageOut {
        number: one.number,
        at: one.at,
        by: person(one.by),
        is_mine: one.by == reader,
        words: is_there.then(|| one.words.clone()),
        file: file.map(file_out),
        file_name: file.map(|_| one.file_name.clone()),
        withdrawn_by: one.withdrawn.map(|gone| person(gone.by)),
        withdrawn_at: one.withdrawn.map(|gone| gone.at),
    }
}

/// The thread of a case, for those who may see the case.
#[utoipa::path(get, path = "/api/v1/approvals/{case}/thread", tag = "approvals", params(("case" = String, Path)),
    responses((status = 200, body = ThreadOut)))]
async fn get_thread(
    State(s): State<Services>,
    actor: Actor,
    Path(case): Path<String>,
) -> Result<Json<ThreadOut>, Problem> {
    shown(&s, &actor, id_of(&s, &case)?).await
}

/// Writes a message in the thread of a case: who asked, who decides, and who puts cases of its unit. Also after it has
/// ended. The same key again is the same message.
#[utoipa::path(post, path = "/api/v1/approvals/{case}/thread", tag = "approvals", params(("case" = String, Path)),
    request_body = WriteMessage, responses((status = 201, body = ThreadOut)))]
async fn write_message(
    State(s): State<Services>,
    actor: Actor,
    Path(case): Path<String>,
    Json(body): Json<WriteMessage>,
) -> Result<(StatusCode, Json<ThreadOut>), Problem> {
    let id = id_of(&s, &case)?;
    let sha256 = body.sha256.map(|text| {
        digest_of(&text)
            .filter(|digest| hex(digest) == text.to_ascii_lowercase())
            .ok_or_else(|| Problem::invalid("sha256", "64 hexadecimal digits are expected"))
    });
    let file_name = body.file_name.unwrap_or_default();
    let new = NewMessage {
        key: body.key,
        words: body.words,
        file: sha256.transpose()?.map(|sha256| (sha256, file_name)),
    };
    actions::write(&s, &actor, id, new).await?;
    Ok((StatusCode::CREATED, shown(&s, &actor, id).await?))
}

/// Withdraws a message that I wrote: its place stays, with who withdrew it and when; its words are shown no more.
#[utoipa::path(post, path = "/api/v1/approvals/{case}/thread/{number}/withdrawal", tag = "approvals",
    params(("case" = String, Path), ("number" = i64, Path)),
    responses((status = 200, body = ThreadOut), (status = 403, description = "another wrote it")))]
async fn withdraw_message(
    State(s): State<Services>,
    actor: Actor,
    Path((case, number)): Path<(String, String)>,
) -> Result<Json<ThreadOut>, Problem> {
    let id = id_of(&s, &case)?;
    // A number too large for one is the number of no message.
    let number = number.parse().map_err(|_| Problem::not_found())?;
    actions::withdraw_message(&s, &actor, id, number).await?;
    shown(&s, &actor, id).await
}
