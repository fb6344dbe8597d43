//! How far an agreement is, as JSON and as a file.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use kernel::id::{Id as _, public};
use kernel::{BusinessDay, Instant};
use ledger::table::{Cell, Table};
use platform::identity::{Actor, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Json, Problem};

use crate::HandedId;
use crate::agreements::model::{Agreement, Line, Row, RowSource, TargetKind};
use crate::agreements::{progress, queries};
use crate::error::in_scope;
use crate::http::{csv_of, id_of, of_db};
use crate::ports::Ports;

/// A target, or a year without one in which something was done, with what was done.
#[derive(Serialize, ToSchema)]
struct PartnerLineOut {
    /// Counted in.
    kind: TargetKind,
    /// The calendar year.
    year: i64,
    /// What was promised; none where nothing was.
    target_fen: Option<i64>,
    /// What was done, by the books.
    done_fen: i64,
    /// What was done of what was promised, in parts of a thousand.
    per_mille: Option<i64>,
    /// How many rows it is the sum of.
    rows: i64,
}

/// How far an agreement is.
#[derive(Serialize, ToSchema)]
pub(super) struct PartnerProgressOut {
    /// As of when.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    /// By year and kind.
    lines: Vec<PartnerLineOut>,
}

fn line_out(line: &Line) -> PartnerLineOut {
    PartnerLineOut {
        kind: line.kind,
        year: line.year,
        target_fen: line.target.map(|target| target.get()),
        done_fen: line.done.get(),
        per_mille: line.per_mille(),
        rows: line.rows,
    }
}

async fn asked(ports: &Ports, actor: &Actor, agreement: &str) -> Result<(Agreement, Vec<Line>, Vec<Row>), Problem> {
    let s = &ports.services;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::agreement(&mut at, id_of(s, agreement)?).await.map_err(of_db)?;
    let (agreement, _) = found.ok_or_else(Problem::not_found)?;
    in_scope(actor, Permission::PartnerRead, (agreement.unit, "agreement"))?;
    let (lines, rows) = progress::of(&mut at, &*ports.goods, &agreement).await?;
    Ok((agreement, lines, rows))
}

/// How far an agreement is: its targets beside what the books and the goods say.
#[utoipa::path(get, path = "/api/v1/partnership/agreements/{agreement}/progress", tag = "partnership",
    params(("agreement" = String, Path)), responses((status = 200, body = PartnerProgressOut)))]
pub(super) async fn show_partner_progress(
    State(ports): State<Ports>,
    Extension(actor): Extension<Actor>,
    Path(agreement): Path<String>,
) -> Result<Json<PartnerProgressOut>, Problem> {
    let (_, lines, _) = asked(&ports, &actor, &agreement).await?;
    Ok(Json(PartnerProgressOut {
        as_of: ports.services.now(),
        lines: lines.iter().map(line_out).collect(),
    }))
}

/// One thing done under an agreement.
#[derive(Serialize, ToSchema)]
pub(super) struct PartnerRowOut {
    /// Counted in.
    kind: TargetKind,
    /// Where the figure comes from.
    source: RowSource,
    /// Public id of the payment, the purchase or the dispatch order.
    subject: String,
    /// Its number on paper.
    number: String,
    /// What it was for.
    words: String,
    /// The day it happened.
    #[schema(value_type = String)]
    day: BusinessDay,
    /// What it came to, less what was reversed or came back.
    value_fen: i64,
    /// What was reversed of it.
    reversed_fen: i64,
    /// Public id of the journal, where one stands for it.
    journal: Option<String>,
}

/// Everything done under an agreement: the rows its progress is the sum of.
#[utoipa::path(get, path = "/api/v1/partnership/agreements/{agreement}/rows", tag = "partnership",
    params(("agreement" = String, Path)), responses((status = 200, body = [PartnerRowOut])))]
pub(super) async fn list_partner_rows(
    State(ports): State<Ports>,
    Extension(actor): Extension<Actor>,
    Path(agreement): Path<String>,
) -> Result<Json<Vec<PartnerRowOut>>, Problem> {
    let (_, _, rows) = asked(&ports, &actor, &agreement).await?;
    let s = &ports.services;
    let out = |row: Row| PartnerRowOut {
        kind: row.kind,
        source: row.source,
        // Every id is enciphered alike, whatever its type.
        subject: public(&*s.keys, HandedId::from_bytes(row.subject)),
        number: row.number,
        words: row.words,
        day: row.day,
        value_fen: row.value.get(),
        reversed_fen: row.reversed.get(),
        journal: row.journal.map(|journal| public(&*s.keys, journal)),
    };
    Ok(Json(rows.into_iter().map(out).collect()))
}

const fn kind_zh(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Money => "资金",
        TargetKind::Goods => "物资",
        TargetKind::StudentAid => "助学",
    }
}

const fn source_zh(source: RowSource) -> &'static str {
    match source {
        RowSource::Payment => "拨款",
        RowSource::Purchase => "当地采购",
        RowSource::Dispatch => "物资调拨",
    }
}

/// The rows of an agreement as a CSV file.
#[utoipa::path(get, path = "/api/v1/partnership/agreements/{agreement}/rows/csv", tag = "partnership",
    params(("agreement" = String, Path)), responses((status = 200, content_type = "text/csv", description = "one line a row")))]
pub(super) async fn export_partner_rows(
    State(ports): State<Ports>,
    Extension(actor): Extension<Actor>,
    Path(agreement): Path<String>,
) -> Result<Response, Problem> {
    let (agreement, _, rows) = asked(&ports, &actor, &agreement).await?;
    let columns = ["类别", "来源", "编号", "事由", "日期", "金额（元）", "其中冲销（元）"];
    let table = Table {
        title: agreement.title,
        as_of: ports.services.now(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows
            .into_iter()
            .map(|row| {
                vec![
                    Cell::text(kind_zh(row.kind)),
                    Cell::text(source_zh(row.source)),
                    Cell::Text(row.number),
                    Cell::Text(row.words),
                    Cell::Day(row.day),
                    Cell::Money(row.value),
                    Cell::Money(row.reversed),
                ]
            })
            .collect(),
    };
    csv_of("partner-rows", &table)
}
