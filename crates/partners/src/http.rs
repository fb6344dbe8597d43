//! What the handlers of this crate share.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use db::{DbError, Snapshot};
use kernel::UnitId;
use kernel::id::{Id, from_public};
use ledger::table::Table;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use web::Problem;

/// The id behind its public form; what is none leads nowhere.
pub(crate) fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// The same for an optional one.
pub(crate) fn maybe<I: Id>(s: &Services, text: Option<&String>) -> Result<Option<I>, Problem> {
    text.map(|text| id_of(s, text)).transpose()
}

pub(crate) fn of_db(error: DbError) -> Problem {
    problems::of_db(&error)
}

/// A view for a reader who may do this in the unit.
pub(crate) async fn reading(
    s: &Services,
    actor: &Actor,
    (unit, permission): (&str, Permission),
) -> Result<(UnitId, Snapshot), Problem> {
    let unit: UnitId = id_of(s, unit)?;
    actor.require(permission, unit)?;
    Ok((unit, s.db.snapshot().await.map_err(of_db)?))
}

/// A table as a CSV file.
pub(crate) fn csv_of(name: &'static str, table: &Table) -> Result<Response, Problem> {
    let bytes = table.to_csv().map_err(|error| {
        tracing::error!(%error, "an export of partner regions could not be written");
        Problem::internal()
    })?;
    Ok(file_of(("text/csv; charset=utf-8", &format!("{name}.csv")), bytes))
}

/// Bytes as a file to be kept, never shown as a page of this house.
pub(crate) fn file_of((media, name): (&str, &str), bytes: Vec<u8>) -> Response {
    let plain = HeaderValue::from_static("application/octet-stream");
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::try_from(media).unwrap_or(plain)),
        (
            header::CONTENT_DISPOSITION,
            disposition.unwrap_or_else(|_| HeaderValue::from_static("attachment")),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        ),
    ];
    (headers, bytes).into_response()
}
