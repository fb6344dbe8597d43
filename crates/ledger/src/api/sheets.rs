//! 资产负债表 and 现金流量表, in JSON or as a file of the same rows.

use axum::extract::State;
use axum::response::Response;
use kernel::{BusinessDay, Fen, Instant};
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Locale, Problem, Query, Reader};

use super::asked::{Asked, Own};
use super::export::{answer, headings, say};
use super::scope;
use crate::queries::positions::PairLine;
use crate::queries::{balance_sheet, cash_flow};
use crate::table::{Cell, Table};

/// One line of the 资产负债表.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceLineOut {
    /// Stable key.
    pub key: &'static str,
    /// Official name.
    pub name_zh: &'static str,
    /// Name in English.
    pub name_en: &'static str,
    /// 期末余额.
    #[schema(value_type = i64)]
    pub closing_fen: Fen,
    /// 年初余额.
    #[schema(value_type = i64)]
    pub opening_fen: Fen,
}

/// The 资产负债表 at the end of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceSheetOut {
    /// The posting day.
    #[schema(value_type = String)]
    pub day: BusinessDay,
    /// When it was read.
    #[schema(value_type = String)]
    pub as_of: Instant,
    /// The official lines: assets, then liabilities and net assets.
    pub lines: Vec<BalanceLineOut>,
}

/// The balance sheet (资产负债表) at the end of the posting day `to`; of today when nothing is said.
#[utoipa::path(get, path = "/api/v1/books/balance-sheet", tag = "books",
    params(("to" = Option<String>, Query, description = "posting day"), ("unit" = Option<String>, Query),
        ("fund" = Option<String>, Query), ("project" = Option<String>, Query), ("campaign" = Option<String>, Query),
        ("format" = Option<String>, Query, description = "json, csv or xlsx")),
    responses((status = 200, body = BalanceSheetOut)))]
pub(super) async fn get_balance_sheet(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    asked.only(Own::To)?;
    let scope = scope(&s, &actor, Permission::BooksRead, asked.unit.as_deref())?;
    let as_of = s.now();
    let day = asked.until(as_of.business_day());
    let part = asked.part(&s, &scope)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let read = balance_sheet::read(&mut at, &part, day).await?;
    let line = |line: &PairLine| BalanceLineOut {
        key: line.key,
        name_zh: line.zh,
        name_en: line.en,
        closing_fen: line.now,
        opening_fen: line.before,
    };
    let out = BalanceSheetOut {
        day,
        as_of,
        lines: read.iter().map(line).collect(),
    };
    answer(asked.format, "balance-sheet", out, |out| {
        let rows = out
            .lines
            .iter()
            .map(|l| (l.name_zh, l.name_en, l.closing_fen, l.opening_fen));
        let columns = [
            ("项目", "Item"),
            ("期末余额（元）", "Closing (yuan)"),
            ("年初余额（元）", "Opening (yuan)"),
        ];
        let title = format!("{} {}", say(reader.locale(), "资产负债表", "Balance sheet"), out.day);
        table(reader.locale(), (title, out.as_of), &columns, rows)
    })
    .await
}

/// One line of the 现金流量表.
#[derive(Debug, Serialize, ToSchema)]
pub struct CashFlowLineOut {
    /// Stable key.
    pub key: &'static str,
    /// Official name.
    pub name_zh: &'static str,
    /// Name in English.
    pub name_en: &'static str,
    /// 本年金额.
    #[schema(value_type = i64)]
    pub this_year_fen: Fen,
    /// 上年金额.
    #[schema(value_type = i64)]
    pub last_year_fen: Fen,
}

/// The 现金流量表 of a year so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct CashFlowOut {
    /// The last posting day.
    #[schema(value_type = String)]
    pub day: BusinessDay,
    /// When it was read.
    #[schema(value_type = String)]
    pub as_of: Instant,
    /// Whether the last line is what the money accounts moved.
    pub balanced: bool,
    /// The official lines.
    pub lines: Vec<CashFlowLineOut>,
}

/// The cash-flow statement (现金流量表) of the year in which the posting day `to` lies, up to it.
#[utoipa::path(get, path = "/api/v1/books/cash-flow", tag = "books",
    params(("to" = Option<String>, Query, description = "posting day"), ("unit" = Option<String>, Query),
        ("fund" = Option<String>, Query), ("format" = Option<String>, Query, description = "json, csv or xlsx")),
    responses((status = 200, body = CashFlowOut)))]
pub(super) async fn get_cash_flow(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    asked.only(Own::To)?;
    let scope = scope(&s, &actor, Permission::BooksRead, asked.unit.as_deref())?;
    let as_of = s.now();
    let day = asked.until(as_of.business_day());
    let part = asked.part(&s, &scope)?;
    if part.project.is_some() || part.campaign.is_some() {
        // Money accounts know no project: a part of the flows would never be what the money moved.
        return Err(Problem::invalid("project", "cash flows are told by unit and fund"));
    }
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let read = cash_flow::read(&mut at, &part, day).await?;
    let line = |line: &PairLine| CashFlowLineOut {
        key: line.key,
        name_zh: line.zh,
        name_en: line.en,
        this_year_fen: line.now,
        last_year_fen: line.before,
    };
    let out = CashFlowOut {
        day,
        as_of,
        balanced: read.lines.last().is_some_and(|line| line.now == read.money_moved),
        lines: read.lines.iter().map(line).collect(),
    };
    answer(asked.format, "cash-flow", out, |out| {
        let rows = out
            .lines
            .iter()
            .map(|l| (l.name_zh, l.name_en, l.this_year_fen, l.last_year_fen));
        let columns = [
            ("项目", "Item"),
            ("本年金额（元）", "This year (yuan)"),
            ("上年金额（元）", "Last year (yuan)"),
        ];
        let title = say(reader.locale(), "现金流量表", "Cash-flow statement");
        table(
            reader.locale(),
            (format!("{title} {}", out.day), out.as_of),
            &columns,
            rows,
        )
    })
    .await
}

fn table(
    locale: Locale,
    (title, as_of): (String, Instant),
    columns: &[(&'static str, &'static str)],
    rows: impl Iterator<Item = (&'static str, &'static str, Fen, Fen)>,
) -> Table {
    let row = |(zh, en, now, before)| vec![Cell::text(say(locale, zh, en)), Cell::Money(now), Cell::Money(before)];
    Table {
        title,
        as_of,
        columns: headings(locale, columns),
        rows: rows.map(row).collect(),
    }
}
