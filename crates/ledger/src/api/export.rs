//! One query, three forms: the handler makes the JSON and the table, the reader says which.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use web::{Json, Locale, Problem};

use crate::table::{Cell, Table};

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// `application/json`.
    #[default]
    Json,
    /// CSV, UTF-8 with a byte order mark.
    Csv,
    /// XLSX.
    Xlsx,
}

/// Words in both languages, chosen by the reader's.
pub(super) const fn say(locale: Locale, zh: &'static str, en: &'static str) -> &'static str {
    match locale {
        Locale::ZhHans => zh,
        Locale::En => en,
    }
}

/// Headings in the reader's language.
pub(super) fn headings(locale: Locale, words: &[(&'static str, &'static str)]) -> Vec<String> {
    words.iter().map(|(zh, en)| say(locale, zh, en).to_owned()).collect()
}

/// An id or nothing.
pub(super) fn opt_text(text: Option<String>) -> Cell {
    text.map_or(Cell::Empty, Cell::Text)
}

/// The answer in the form asked for. `name` is the file's, without its ending: ASCII letters and digits.
pub(super) async fn answer<T: Serialize>(
    form: Form,
    name: &'static str,
    json: T,
    table: impl FnOnce(&T) -> Table,
) -> Result<Response, Problem> {
    let (media, ending) = match form {
        Form::Json => return Ok(Json(json).into_response()),
        Form::Csv => ("text/csv; charset=utf-8", "csv"),
        Form::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    let table = table(&json);
    // Tens of thousands of rows take tenths of a second: not on a thread that answers others.
    let written = tokio::task::spawn_blocking(move || match form {
        Form::Xlsx => table.to_xlsx(),
        Form::Csv | Form::Json => table.to_csv(),
    });
    let bytes = written.await.ok().and_then(|file| {
        file.inspect_err(|error| tracing::error!(%error, "an export of the books could not be written"))
            .ok()
    });
    let bytes = bytes.ok_or_else(Problem::internal)?;
    let file = HeaderValue::try_from(format!("attachment; filename=\"{name}.{ending}\""));
    let file = file.unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CONTENT_DISPOSITION, file),
    ];
    Ok((headers, bytes).into_response())
}
