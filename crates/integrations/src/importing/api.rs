//! `POST /api/v1/imports`: a bill file by HTTP; its progress is that of a job.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::MethodRouter;
use giving::State as Giving;
use giving::donations::intake::Matching;
use kernel::UnitId;
use kernel::id::{from_public, public};
use platform::Services;
use platform::identity::{Actor, GuardedRoutes as _, Permission, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::problem::TOO_LARGE;
use web::{Json, Problem, Query};

use super::actions::{Chosen, Upload, UploadError, take_upload};
use super::{Mode, OnRefused};
use crate::bills::Profile;
use crate::profiles;

/// The largest upload: a day's bill of a large campaign is some megabytes.
const UPLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Which file goes where.
#[derive(Debug, Deserialize)]
struct ImportQuery {
    /// The file's name, for the report.
    name: String,
    /// The unit's public id; by default the account's unit, else the caller's own where she imports for one unit alone.
    unit: Option<String>,
    /// The project's code.
    project: Option<String>,
    /// The account's code; by default the one of the profile's channel.
    account: Option<String>,
    /// A built-in profile or one of the unit's own; by default the built-in one that fits.
    profile: Option<String>,
    /// Keep the good rows of a file that has refused ones.
    #[serde(default)]
    keep_good: bool,
    /// Store nothing, only report.
    #[serde(default)]
    dry_run: bool,
    /// Let open pools match its gifts, in the order of the file.
    #[serde(default, rename = "match")]
    matched: bool,
}

/// A job was put in line.
#[derive(Debug, Serialize, ToSchema)]
struct ImportTaken {
    /// Watch it at `/api/v1/jobs/{job}`.
    job: String,
}

/// The routes; they carry giving's state themselves.
pub fn routes(giving: &Giving) -> OpenApiRouter<Services> {
    let (schemas, paths, router): (_, _, MethodRouter<Giving>) = routes!(take);
    let router = router
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX))
        .with_state(giving.clone());
    OpenApiRouter::new().staff(Permission::GiftImport, (schemas, paths, router))
}

/// The unit that was named, in which the caller may import.
fn named_unit(s: &Services, actor: &Actor, named: Option<&str>) -> Result<Option<UnitId>, Problem> {
    let Some(text) = named else { return Ok(None) };
    let unit = from_public(&*s.keys, text).map_err(|error| Problem::invalid("unit", error))?;
    actor.require(Permission::GiftImport, unit)?;
    Ok(Some(unit))
}

/// Where nothing is named: the one unit in which the caller may import, else the first of the installation.
fn usual_unit(s: &Services, actor: &Actor) -> Result<UnitId, Problem> {
    if let Scope::Below(units) = actor.scope_for(Permission::GiftImport)
        && let [own] = units[..]
    {
        return Ok(own);
    }
    s.tree.roots().first().copied().ok_or_else(Problem::internal)
}

/// Takes a bill file and imports it in the background.
#[utoipa::path(
    post, path = "/api/v1/imports", tag = "gifts",
    params(
        ("name" = String, Query, description = "the file's name"),
        ("unit" = Option<String>, Query, description = "public id; else the account's, the caller's only one, the first"),
        ("project" = Option<String>, Query, description = "code of the project"),
        ("account" = Option<String>, Query, description = "code of the account"),
        ("profile" = Option<String>, Query, description = "built-in profile, or one of the unit's own"),
        ("keep_good" = Option<bool>, Query, description = "keep the good rows of a file with refused ones"),
        ("dry_run" = Option<bool>, Query, description = "store nothing"),
        ("match" = Option<bool>, Query, description = "let open pools match its gifts"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 202, body = ImportTaken))
)]
async fn take(
    State(giving): State<Giving>,
    actor: axum::Extension<Actor>,
    Query(query): Query<ImportQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<ImportTaken>), Problem> {
    let body = body.map_err(|_| Problem::new(TOO_LARGE).arg("limit", UPLOAD_BYTES_MAX))?;
    let directory = giving.intake.directory();
    let invalid = |field: &'static str| Problem::invalid(field, "unknown").field(field);
    let account = match &query.account {
        Some(code) => Some(directory.account_by_code(code).ok_or_else(|| invalid("account"))?),
        None => None,
    };
    let named = named_unit(&giving.services, &actor, query.unit.as_deref())?;
    // The account decides in whose books the money is.
    let unit = match (&account, named) {
        (Some(account), _) => account.unit,
        (None, Some(unit)) => unit,
        (None, None) => usual_unit(&giving.services, &actor)?,
    };
    let project = match &query.project {
        Some(code) => directory.project_by_code(code),
        None => directory.general_project(named.unwrap_or(unit)),
    };
    let project = project.ok_or_else(|| invalid("project"))?;
    let profile = match &query.profile {
        None => None,
        Some(name) if Profile::find(name).is_some() => Some(Chosen::BuiltIn(name.clone())),
        Some(name) => {
            let own = profiles::own_text(&giving.services, unit, name)
                .await
                .map_err(|error| platform::problems::of_db(&error))?;
            Some(Chosen::Own(own.ok_or_else(|| invalid("profile"))?))
        }
    };
    let upload = Upload {
        name: &query.name,
        unit,
        project: project.id,
        account: account.map(|a| a.id),
        profile,
        keep_good: if query.keep_good {
            OnRefused::KeepGood
        } else {
            OnRefused::ChangeNothing
        },
        mode: if query.dry_run { Mode::DryRun } else { Mode::Import },
        matching: if query.matched { Matching::ByRule } else { Matching::Not },
    };
    let job = take_upload(&giving.services, &actor, &upload, &body)
        .await
        .map_err(|error| match error {
            UploadError::Forbidden(_) => Problem::forbidden(),
            UploadError::Db(error) => platform::problems::of_db(&error),
            UploadError::File(error) => {
                tracing::error!(%error, "an upload could not be stored");
                Problem::internal()
            }
        })?;
    Ok((
        StatusCode::ACCEPTED,
        Json(ImportTaken {
            job: public(&*giving.services.keys, job),
        }),
    ))
}
