//! JSON of statements: their files by HTTP, what stands, the payout.

use axum::Extension;
use axum::extract::multipart::{Field, Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::routing::MethodRouter;
use kernel::id::public;
use kernel::{BusinessDay, Fen, Instant};
use platform::Services;
use platform::identity::{Actor, GuardedRoutes as _, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions::{Upload, UploadedPart, take_upload};
use super::error::FileError;
use super::jobs::StoredPart;
use super::model::{Statement, StatementLine, StatementState};
use super::payout::actions::{Arrived, book_payout};
use super::profile::{FileKind, Profile};
use super::queries;
use crate::importing::Mode;
use crate::platforms::Platforms;
use crate::platforms::model::PlatformCode;
use crate::platforms::register::api::{id_of, of_db, platform_of};

/// The largest upload: a season's files of a large account.
const UPLOAD_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Files of one statement.
const FILES_MAX: usize = 40;
/// A profile has some kilobytes.
const PROFILE_BYTES_MAX: usize = 32 * 1024;

/// The routes of this slice.
pub fn routes(platforms: &Platforms) -> OpenApiRouter<Services> {
    let at = |routes: UtoipaMethodRouter<Platforms>| {
        let (schemas, paths, router): (_, _, MethodRouter<Platforms>) = routes;
        let router = router.layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX));
        (schemas, paths, router.with_state(platforms.clone()))
    };
    OpenApiRouter::new()
        .staff(Permission::GiftImport, at(routes!(post_statement)))
        .staff(Permission::ReportRead, at(routes!(list_statements)))
        .staff(Permission::ReportRead, at(routes!(get_statement)))
        .staff(Permission::BooksPost, at(routes!(post_payout)))
}

fn problem(error: FileError) -> Problem {
    match error {
        FileError::Forbidden(error) => error.problem(),
        FileError::Platform(error) => error.problem(),
        FileError::Db(error) => of_db(error),
        FileError::Disk(error) => {
            tracing::error!(%error, "an upload could not be stored");
            Problem::internal()
        }
        other => Problem::invalid("file", other),
    }
}

/// `?number=&dry_run=`.
#[derive(Debug, Deserialize)]
struct StatementQuery {
    /// The settlement's number, when the file has none.
    number: Option<String>,
    /// Store nothing, only report.
    #[serde(default)]
    dry_run: bool,
}

/// A job was put in line.
#[derive(Debug, Serialize, ToSchema)]
struct StatementTaken {
    /// Watch it at `/api/v1/jobs/{job}`; its result is the report.
    job: String,
}

/// Takes the files of a statement in one form: `detail` (one or several), `matching` (none or several), `settlement` (one), and
/// `profile` (texts of one's own). Counts and sums must tie to the settlement; what does not is listed and nothing is stored.
#[utoipa::path(post, path = "/api/v1/platforms/{platform}/units/{unit}/statements", tag = "platforms",
    params(("platform" = String, Path), ("unit" = String, Path),
        ("number" = Option<String>, Query, description = "the settlement’s number, when the file has none"),
        ("dry_run" = Option<bool>, Query, description = "store nothing")),
    request_body(content = Vec<u8>, content_type = "multipart/form-data"),
    responses((status = 202, body = StatementTaken)))]
async fn post_statement(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path((platform, unit)): Path<(String, String)>,
    Query(query): Query<StatementQuery>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<StatementTaken>), Problem> {
    let s = &platforms.giving.services;
    let (unit, platform) = (id_of(s, &unit)?, platform_of(&platform)?);
    // Before a byte is stored.
    actor
        .require(Permission::GiftImport, unit)
        .map_err(|error| error.problem())?;
    let form = form.map_err(|error| Problem::invalid("form", error.body_text()))?;
    let mut taken = Taken::default();
    if let Err(problem) = taken.read(s, form).await {
        taken.forget(s).await;
        return Err(problem);
    }
    let upload = Upload {
        unit,
        platform,
        parts: taken.parts,
        profiles: taken.profiles,
        number: query.number,
        mode: if query.dry_run { Mode::DryRun } else { Mode::Import },
    };
    let job = take_upload(s, &actor, upload).await.map_err(problem)?;
    let job = public(&*s.keys, job);
    Ok((StatusCode::ACCEPTED, Json(StatementTaken { job })))
}

/// What a form brought so far.
#[derive(Default)]
struct Taken {
    parts: Vec<StoredPart>,
    profiles: Vec<String>,
}

impl Taken {
    async fn read(&mut self, s: &Services, mut form: Multipart) -> Result<(), Problem> {
        let broken = |error: axum::extract::multipart::MultipartError| Problem::invalid("form", error.body_text());
        while let Some(field) = form.next_field().await.map_err(broken)? {
            if self.parts.len() + self.profiles.len() >= FILES_MAX {
                return Err(Problem::invalid("form", format!("at most {FILES_MAX} files")));
            }
            let name = field.name().unwrap_or_default().to_owned();
            if name == "profile" {
                self.profiles.push(profile(field).await?);
                continue;
            }
            let kind: FileKind = name
                .parse()
                .map_err(|_| Problem::invalid("form", "parts are detail, matching, settlement and profile"))?;
            self.file(s, kind, field).await?;
        }
        let settlements = self.parts.iter().filter(|part| part.kind == FileKind::Settlement);
        if settlements.count() != 1 {
            return Err(Problem::invalid("settlement", "one settlement is needed"));
        }
        Ok(())
    }

    async fn file(&mut self, s: &Services, kind: FileKind, mut field: Field<'_>) -> Result<(), Problem> {
        let name = field.file_name().unwrap_or(kind.as_str()).to_owned();
        let mut part = UploadedPart::begin(s).await.map_err(problem)?;
        let written = async {
            loop {
                let chunk = field.chunk().await;
                let chunk = chunk.map_err(|error| Problem::invalid("form", error.body_text()))?;
                let Some(chunk) = chunk else { return Ok(()) };
                part.write(&chunk).await.map_err(problem)?;
            }
        };
        let written: Result<(), Problem> = written.await;
        if let Err(problem) = written {
            part.forget().await;
            return Err(problem);
        }
        self.parts.push(part.end(kind, &name).await.map_err(problem)?);
        Ok(())
    }

    async fn forget(&self, s: &Services) {
        for part in &self.parts {
            let _ = tokio::fs::remove_file(crate::importing::actions::upload_path(s, &part.upload)).await;
        }
    }
}

/// A profile of one's own: checked before anything is put in line.
async fn profile(field: Field<'_>) -> Result<String, Problem> {
    let text = field
        .text()
        .await
        .map_err(|error| Problem::invalid("profile", error.body_text()))?;
    if text.len() > PROFILE_BYTES_MAX {
        return Err(Problem::invalid(
            "profile",
            format!("at most {PROFILE_BYTES_MAX} bytes"),
        ));
    }
    Profile::from_toml(&text).map_err(|error| Problem::invalid("profile", error))?;
    Ok(text)
}

/// A page of a statement.
#[derive(Debug, Serialize, ToSchema)]
struct StatementLineOut {
    /// The page's number.
    page: String,
    /// The project's code.
    project: String,
    /// Gifts.
    gifts: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    gift_fen: Fen,
    /// Matches.
    matches: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    match_fen: Fen,
    /// Given back to donors.
    #[schema(value_type = i64)]
    refund_fen: Fen,
    /// Kept on the way.
    #[schema(value_type = i64)]
    fee_fen: Fen,
    /// Paid out.
    #[schema(value_type = i64)]
    net_fen: Fen,
}

/// A statement.
#[derive(Debug, Serialize, ToSchema)]
struct StatementOut {
    /// Public id.
    statement: String,
    /// The unit's public id.
    unit: String,
    /// The platform.
    platform: PlatformCode,
    /// The settlement's number.
    number: String,
    /// Where it stands.
    state: StatementState,
    /// In Chinese.
    state_zh: &'static str,
    /// In English.
    state_en: &'static str,
    /// Gifts.
    gifts: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    gift_fen: Fen,
    /// Matches.
    matches: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    match_fen: Fen,
    /// Given back to donors.
    #[schema(value_type = i64)]
    refund_fen: Fen,
    /// Kept on the way.
    #[schema(value_type = i64)]
    fee_fen: Fen,
    /// Paid out.
    #[schema(value_type = i64)]
    net_fen: Fen,
    /// When it was begun.
    #[schema(value_type = String)]
    begun_at: Instant,
    /// When all of it stood in the books.
    #[schema(value_type = Option<String>)]
    booked_at: Option<Instant>,
    /// The day the payout arrived, once that is booked.
    #[schema(value_type = Option<String>)]
    arrived_on: Option<BusinessDay>,
    /// Its pages; only when one statement is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<StatementLineOut>>,
}

fn out(platforms: &Platforms, statement: Statement, lines: Option<Vec<StatementLine>>) -> StatementOut {
    let keys = &*platforms.giving.services.keys;
    let directory = platforms.giving.intake.directory();
    let line_out = |line: StatementLine| StatementLineOut {
        project: directory
            .project(line.project)
            .map(|p| p.code.clone())
            .unwrap_or_default(),
        page: line.project_no,
        gifts: line.gifts,
        gift_fen: line.gift_sum,
        matches: line.matches,
        match_fen: line.match_sum,
        refund_fen: line.refund_sum,
        fee_fen: line.fee,
        net_fen: line.net,
    };
    StatementOut {
        statement: public(keys, statement.id),
        unit: public(keys, statement.unit),
        platform: statement.platform,
        number: statement.number,
        state: statement.state,
        state_zh: statement.state.zh(),
        state_en: statement.state.en(),
        gifts: statement.gifts,
        gift_fen: statement.gift_sum,
        matches: statement.matches,
        match_fen: statement.match_sum,
        refund_fen: statement.refund_sum,
        fee_fen: statement.fee,
        net_fen: statement.net,
        begun_at: statement.begun_at,
        booked_at: statement.booked_at,
        arrived_on: statement.arrived_on,
        lines: lines.map(|lines| lines.into_iter().map(line_out).collect()),
    }
}

/// Statements, the newest first.
#[utoipa::path(get, path = "/api/v1/platform-statements", tag = "platforms",
    params(("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<StatementOut>)))]
async fn list_statements(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<StatementOut>>, Problem> {
    let s = &platforms.giving.services;
    let limit = page.limit()?;
    let before: Option<String> = page.after()?;
    let before = before.map(|text| id_of(s, &text)).transpose()?;
    let scope = actor.scope_for(Permission::ReportRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::list(&mut at, (&scope, &s.tree), before, limit as i64 + 1)
        .await
        .map_err(of_db)?;
    let items = found.into_iter().map(|each| out(&platforms, each, None)).collect();
    Ok(Json(Listing::cut(items, limit, |out: &StatementOut| {
        out.statement.clone()
    })))
}

/// One statement with its pages.
#[utoipa::path(get, path = "/api/v1/platform-statements/{statement}", tag = "platforms",
    params(("statement" = String, Path)), responses((status = 200, body = StatementOut)))]
async fn get_statement(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path(statement): Path<String>,
) -> Result<Json<StatementOut>, Problem> {
    let s = &platforms.giving.services;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::load(&mut at, id_of(s, &statement)?).await.map_err(of_db)?;
    let scope = actor.scope_for(Permission::ReportRead);
    let found = found.filter(|found| scope.contains(found.unit, &s.tree));
    let found = found.ok_or_else(Problem::not_found)?;
    let lines = queries::lines_of(&mut at, &found).await.map_err(of_db)?;
    Ok(Json(out(&platforms, found, Some(lines))))
}

/// That a payout arrived.
#[derive(Debug, Deserialize, ToSchema)]
struct PostPayout {
    /// The day it stood in the bank.
    #[schema(value_type = String)]
    arrived_on: BusinessDay,
    /// The number of the bank statement.
    memo_code: Option<String>,
}

/// Books that a statement's payout arrived: the bank, the fee, the balance with the platform, the match it owed.
#[utoipa::path(post, path = "/api/v1/platform-statements/{statement}/payout", tag = "platforms",
    params(("statement" = String, Path)), request_body = PostPayout,
    responses((status = 200, body = StatementOut), (status = 409, description = "not booked whole, or paid before")))]
async fn post_payout(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path(statement): Path<String>,
    Json(body): Json<PostPayout>,
) -> Result<Json<StatementOut>, Problem> {
    let s = &platforms.giving.services;
    let arrived = Arrived {
        on: body.arrived_on,
        memo_code: body.memo_code,
    };
    let directory = platforms.giving.intake.directory();
    let booked = book_payout(s, directory, &actor, id_of(s, &statement)?, arrived).await?;
    Ok(Json(out(&platforms, booked, None)))
}
