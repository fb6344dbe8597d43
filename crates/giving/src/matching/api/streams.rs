//! All decisions of a pool and all gifts that it decided about, as streams for everybody: whoever has both recomputes
//! every match (`qiao match replay`).

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use kernel::Instant;
use platform::Services;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use web::{Problem, Query};

use super::super::export;
use super::super::model::Rule;
use super::super::queries::PoolView;
use super::super::rules::PastGift;
use super::{Desk, published};

/// Pages of a stream that may wait for a slow reader.
const PAGES_WAITING: usize = 4;
const MINUTE_MICROS: i64 = 60 * 1_000_000;

/// `?format=csv|jsonl`.
#[derive(Debug, Deserialize)]
pub(super) struct ExportQuery {
    format: Option<String>,
}

/// What is streamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Decisions,
    Gifts,
}

/// How.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Jsonl,
    Csv,
}

impl Format {
    fn of(query: &ExportQuery) -> Result<Self, Problem> {
        match query.format.as_deref() {
            None | Some("jsonl") => Ok(Self::Jsonl),
            Some("csv") => Ok(Self::Csv),
            Some(_) => Err(Problem::invalid("format", "csv or jsonl")),
        }
    }
    const fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// All decisions of a pool in their order: what recomputing needs, nothing that names anybody.
#[utoipa::path(get, path = "/api/v1/match/pools/{code}/decisions", tag = "matching",
    params(("code" = String, Path), ("format" = Option<String>, Query, description = "csv or jsonl, the default")),
    responses((status = 200, description = "a line a decision, as a stream")))]
pub(super) async fn export_decisions(
    State(desk): State<Desk>,
    Path(code): Path<String>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    streamed(&desk, &code, (What::Decisions, Format::of(&query)?)).await
}

/// All gifts that a pool decided about, in the order of deciding: public id, project, channel, amount, time of payment
/// (to the minute, unless the pool's rule asks for more) and the payer under the pool's own name for them. With the
/// decisions it is what recomputing needs; nothing names anybody.
#[utoipa::path(get, path = "/api/v1/match/pools/{code}/gifts", tag = "matching",
    params(("code" = String, Path), ("format" = Option<String>, Query, description = "csv or jsonl, the default")),
    responses((status = 200, description = "a line a gift, as a stream")))]
pub(super) async fn export_gifts(
    State(desk): State<Desk>,
    Path(code): Path<String>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    streamed(&desk, &code, (What::Gifts, Format::of(&query)?)).await
}

async fn streamed(desk: &Desk, code: &str, asked: (What, Format)) -> Result<Response, Problem> {
    let services = desk.0.services.clone();
    let view = published(&services, code).await?;
    let (to, from) = mpsc::channel::<Result<Bytes, Infallible>>(PAGES_WAITING);
    tokio::spawn(async move {
        if let Err(error) = send(&services, &view, asked, &to).await {
            tracing::warn!(%error, "an export of a pool broke off");
        }
    });
    let body = Body::from_stream(ReceiverStream::new(from));
    Ok(([(header::CONTENT_TYPE, asked.1.media_type())], body).into_response())
}

async fn send(
    services: &Services,
    view: &PoolView,
    asked: (What, Format),
    to: &mpsc::Sender<Result<Bytes, Infallible>>,
) -> Result<(), db::DbError> {
    let head = match asked {
        (What::Decisions, Format::Csv) => export::CSV_HEAD.to_owned(),
        (What::Decisions, Format::Jsonl) => line(&export::pool_record(view)),
        (What::Gifts, Format::Csv) => export::GIFTS_CSV_HEAD.to_owned(),
        (What::Gifts, Format::Jsonl) => String::new(),
    };
    if to.send(Ok(head.into())).await.is_err() {
        return Ok(());
    }
    // The head was read before the pages: what was decided since is left out, or the two would not agree.
    let last = match asked.0 {
        What::Decisions => view.tallies.decisions,
        What::Gifts => i64::MAX,
    };
    let whole_minutes = view.rule.as_ref().is_some_and(on_minutes);
    let mut after = 0;
    loop {
        // A snapshot a page: rows are only added, and a slow reader must not hold one open.
        let mut at = services.db.snapshot().await?;
        let mut rows = export::page(&mut at, services, &view.pool, after).await?;
        drop(at);
        rows.retain(|(row, _)| row.number <= last);
        let Some((newest, _)) = rows.last() else { return Ok(()) };
        after = newest.number;
        let gifts = || {
            rows.iter()
                .filter_map(|(row, gift)| export::decided_gift(row, gift.as_ref()))
                .map(move |gift| shown(gift, whole_minutes))
        };
        let text: String = match asked {
            (What::Decisions, Format::Csv) => rows.iter().map(|(row, _)| export::csv_line(row)).collect(),
            (What::Decisions, Format::Jsonl) => rows.iter().map(|(row, _)| line(row)).collect(),
            (What::Gifts, Format::Csv) => gifts().map(|gift| export::gift_csv_line(&gift)).collect(),
            (What::Gifts, Format::Jsonl) => gifts().map(|gift| line(&gift)).collect(),
        };
        // The reader has gone.
        if to.send(Ok(text.into())).await.is_err() {
            return Ok(());
        }
    }
}

/// Whether a rule asks for no more of a time of payment than its minute; its daily hours and days are whole minutes.
fn on_minutes(rule: &Rule) -> bool {
    let mut ends = rule.window.spans.iter().flat_map(|span| [span.from, span.to]);
    ends.all(|end| end.micros().rem_euclid(MINUTE_MICROS) == 0)
}

/// A gift as everybody sees it: to the minute where that decides the same, since the exact moment of a payment beside a
/// payer's pseudonym tells those who see other lists of payments who that is.
fn shown(mut past: PastGift, whole_minutes: bool) -> PastGift {
    if whole_minutes {
        let micros = past.gift.paid_at.micros();
        past.gift.paid_at = Instant::from_micros(micros - micros.rem_euclid(MINUTE_MICROS));
    }
    past
}

fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default() + "\n"
}
