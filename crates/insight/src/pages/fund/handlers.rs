//! A fund's page and its statement as a file.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use giving::funds::queries::{self, LineKind, Statement};
use giving::funds::{FundState, NamedFund};
use kernel::{BusinessDay, Fen};
use ledger::table::{Cell, Table};
use platform::Services;
use serde::Deserialize;
use tower_http::compression::CompressionLayer;
use web::extract::ClientIp;
use web::limit::PAGES;
use web::{Locale, Problem, Reader, problem};

use super::super::common::Link;
use super::super::house::{House, of_db};
use super::super::queries::donor::{accepts, frame};
use super::{FundMonth, FundPage, FundReport, MONTHS_SHOWN};

/// The longest statement in one file: ten years.
const DAYS_MAX: i64 = 3_660;

/// The pages of funds. Merge them with [`super::super::routes`].
pub fn routes(services: Services) -> Router {
    let house = House::new(services);
    let pages = house.pages().clone();
    Router::new()
        .route("/f/{project}", get(show))
        .route("/f/{project}/statement.csv", get(statement))
        .layer(middleware::from_fn_with_state(pages, problem::speak))
        .layer(CompressionLayer::new())
        .with_state(house)
}

/// The fund that a project feeds, with the project's code; not found for a draft.
async fn find(at: &mut impl db::Reads, house: &House, text: &str) -> Result<NamedFund, Problem> {
    let id = house.project(text).await?;
    let fund = queries::of_project(at, id).await.map_err(of_db)?;
    fund.filter(|fund| fund.state != FundState::Draft)
        .ok_or_else(Problem::not_found)
}

async fn show(
    State(house): State<House>,
    client: ClientIp,
    Path(project): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "fund", PAGES)?;
    let services = house.services();
    let as_of = services.now();
    let today = as_of.business_day();
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let fund = find(&mut at, &house, &project).await?;
    let frame = frame(&mut at, services, fund.project).await?;
    let code = frame.project.code.clone();
    let gives = accepts(&mut at, services, &code).await?.is_ok();
    let said = queries::statement(&mut at, fund.fund, (fund.agreement.signed_on, today)).await?;
    let view = queries::view(&mut at, fund, today).await?;
    let net = |kind, sign: fn(Fen, Fen) -> Result<Fen, kernel::MoneyError>| {
        let lines = said.lines.iter().filter(|line| line.kind == kind);
        lines
            .map(|line| sign(line.received, line.spent))
            .try_fold(Fen::ZERO, |sum, net| sum.plus(net?))
    };
    let sum = |result: Result<Fen, kernel::MoneyError>| {
        result.map_err(|error| giving::funds::FundError::from(error).problem())
    };
    let a = view.fund.agreement.clone();
    let closed = match &view.fund.state {
        FundState::Closed { at, rest, .. } => Some((at.business_day(), *rest)),
        _ => None,
    };
    let page = FundPage {
        masthead: frame.masthead,
        name: a.name,
        kind: a.kind,
        state: view.fund.state.as_str(),
        project: Link {
            name: frame.project.title,
            href: format!("/p/{code}"),
        },
        purpose: a.purpose,
        purpose_en: a.purpose_en,
        spending: a.spending,
        spending_en: a.spending_en,
        agreement_no: a.number,
        signed_on: a.signed_on,
        fee: (a.fee_bp > 0).then(|| percent(a.fee_bp)),
        principal_fen: Some(a.principal).filter(|fen| fen.is_positive()),
        minimum_fen: a.minimum,
        minimum_rule: a.minimum_rule,
        report_month: a.report.0,
        report_day: a.report.1,
        rest: a.rest_words,
        closed,
        balance_fen: view.position.money,
        received_fen: sum(net(LineKind::Gifts, Fen::minus))?,
        spent_fen: sum(net(LineKind::Programme, |received, spent| spent.minus(received)))?,
        fees_fen: sum(Fen::sum(view.fees.iter().map(|fee| fee.fee)))?,
        months: sum_months(&said).map_err(|error| giving::funds::FundError::from(error).problem())?,
        reports: view
            .reports
            .iter()
            .map(|report| FundReport {
                year: report.year,
                day: report.published_at.business_day(),
                words: lines(&report.words),
                words_en: lines(&report.words_en),
            })
            .collect(),
        statement: format!("/f/{code}/statement.csv"),
        give_url: gives.then(|| format!("/p/{code}/give")),
        as_of,
    };
    Ok(house.pages().render(&reader, &page))
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// Parts of ten thousand in per cent: `3%`, `2.5%`.
fn percent(bp: i64) -> String {
    let text = format!("{}.{:02}", bp / 100, bp % 100);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The newest months of a statement, newest first.
fn sum_months(said: &Statement) -> Result<Vec<FundMonth>, kernel::MoneyError> {
    let mut months: Vec<FundMonth> = Vec::new();
    for line in &said.lines {
        let month: String = line.day.to_string().chars().take(7).collect();
        if months.last().is_none_or(|last| last.month != month) {
            months.push(FundMonth {
                month,
                received_fen: Fen::ZERO,
                spent_fen: Fen::ZERO,
                balance_fen: Fen::ZERO,
            });
        }
        if let Some(last) = months.last_mut() {
            last.received_fen = last.received_fen.plus(line.received)?;
            last.spent_fen = last.spent_fen.plus(line.spent)?;
            last.balance_fen = line.balance;
        }
    }
    months.reverse();
    months.truncate(MONTHS_SHOWN);
    Ok(months)
}

/// `?from=&to=`; without them from the signing to today.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Days {
    from: String,
    to: String,
}

async fn statement(
    State(house): State<House>,
    client: ClientIp,
    Path(project): Path<String>,
    Query(days): Query<Days>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "fund", PAGES)?;
    let services = house.services();
    let today = services.now().business_day();
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let fund = find(&mut at, &house, &project).await?;
    let day = |field: &'static str, text: &str, or: BusinessDay| match text {
        "" => Ok(or),
        text => BusinessDay::parse(text).map_err(|error| Problem::invalid(field, error)),
    };
    let (from, to) = (
        day("from", &days.from, fund.agreement.signed_on)?,
        day("to", &days.to, today)?,
    );
    if to < from || to.days_since(from) > DAYS_MAX {
        return Err(Problem::invalid(
            "to",
            "a day within ten years after `from` is expected",
        ));
    }
    let said = queries::statement(&mut at, fund.fund, (from, to)).await?;
    let table = table(reader.locale(), (&fund, &said), (from, services.now()));
    let bytes = table.to_csv().map_err(|error| {
        tracing::error!(%error, "a fund’s statement could not be written");
        Problem::internal()
    })?;
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"statement.csv\""),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

fn table(
    locale: Locale,
    (fund, said): (&NamedFund, &Statement),
    (from, as_of): (BusinessDay, kernel::Instant),
) -> Table {
    let word = |key: &str| locale.text(&format!("fund.{key}"), &[]);
    let mut rows = vec![vec![
        Cell::Day(from),
        Cell::text(word("opening")),
        Cell::Empty,
        Cell::Empty,
        Cell::Money(said.opening),
    ]];
    rows.extend(said.lines.iter().map(|line| {
        vec![
            Cell::Day(line.day),
            Cell::text(word(&format!("line.{}", line.kind.as_str()))),
            Cell::Money(line.received),
            Cell::Money(line.spent),
            Cell::Money(line.balance),
        ]
    }));
    Table {
        title: fund.agreement.name.clone(),
        as_of,
        columns: ["day", "what", "received", "spent", "balance"]
            .into_iter()
            .map(|key| word(&format!("column.{key}")))
            .collect(),
        rows,
    }
}
