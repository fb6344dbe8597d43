//! 业务活动表 and use rate, in JSON or as a file of the same rows.

use axum::extract::State;
use axum::response::Response;
use kernel::id::public;
use kernel::{BusinessDay, Fen, Instant};
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Locale, Problem, Query, Reader};

use super::asked::{Asked, Own};
use super::export::{answer, headings, opt_text, say};
use super::{scope, shown};
use crate::queries::activities::{self, Month, Split};
use crate::queries::use_rate::{self, By, Subject};
use crate::table::{Cell, Table};

/// An amount by restriction.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct SplitOut {
    /// 非限定性.
    #[schema(value_type = i64)]
    pub unrestricted_fen: Fen,
    /// 限定性.
    #[schema(value_type = i64)]
    pub restricted_fen: Fen,
    /// 合计.
    #[schema(value_type = i64)]
    pub total_fen: Fen,
}

/// One line of the 业务活动表.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityLineOut {
    /// Stable key.
    pub key: &'static str,
    /// Official name.
    pub name_zh: &'static str,
    /// Name in English.
    pub name_en: &'static str,
    /// 本月数.
    pub month: SplitOut,
    /// 本年累计数.
    pub year: SplitOut,
}

/// The 业务活动表 of a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivitiesOut {
    /// First day of the month.
    #[schema(value_type = String)]
    pub from: BusinessDay,
    /// Its last day.
    #[schema(value_type = String)]
    pub to: BusinessDay,
    /// When it was read.
    #[schema(value_type = String)]
    pub as_of: Instant,
    /// The official lines.
    pub lines: Vec<ActivityLineOut>,
}

/// The 业务活动表 of the month in which the day `month` lies; of this month when nothing is said.
#[utoipa::path(get, path = "/api/v1/books/activities", tag = "books",
    params(("month" = Option<String>, Query, description = "a day of the month"), ("unit" = Option<String>, Query),
        ("fund" = Option<String>, Query), ("project" = Option<String>, Query), ("campaign" = Option<String>, Query),
        ("format" = Option<String>, Query, description = "json, csv or xlsx")),
    responses((status = 200, body = ActivitiesOut)))]
pub(super) async fn get_activities(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    asked.only(Own::Month)?;
    let scope = scope(&s, &actor, Permission::BooksRead, asked.unit.as_deref())?;
    let as_of = s.now();
    let month = Month::of(asked.month.unwrap_or(as_of.business_day()));
    let part = asked.part(&s, &scope)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let read = activities::read(&mut at, &part, month).await?;
    let lines: Result<Vec<ActivityLineOut>, kernel::MoneyError> = read
        .iter()
        .map(|line| {
            let (month, year) = (split_out(line.amounts.month)?, split_out(line.amounts.year)?);
            Ok(ActivityLineOut {
                key: line.key,
                name_zh: line.zh,
                name_en: line.en,
                month,
                year,
            })
        })
        .collect();
    let lines = lines.map_err(crate::LedgerError::from)?;
    let out = ActivitiesOut {
        from: month.first(),
        to: month.last(),
        as_of,
        lines,
    };
    answer(asked.format, "activities", out, |out| {
        activities_table(out, reader.locale())
    })
    .await
}

fn split_out(split: Split) -> Result<SplitOut, kernel::MoneyError> {
    let total_fen = split.total()?;
    Ok(SplitOut {
        unrestricted_fen: split.unrestricted,
        restricted_fen: split.restricted,
        total_fen,
    })
}

fn activities_table(out: &ActivitiesOut, locale: Locale) -> Table {
    let row = |line: &ActivityLineOut| {
        let amounts = [line.month, line.year]
            .into_iter()
            .flat_map(|split| [split.unrestricted_fen, split.restricted_fen, split.total_fen].map(Cell::Money));
        [Cell::text(say(locale, line.name_zh, line.name_en))]
            .into_iter()
            .chain(amounts)
            .collect()
    };
    Table {
        title: format!(
            "{} {} – {}",
            say(locale, "业务活动表", "Statement of activities"),
            out.from,
            out.to
        ),
        as_of: out.as_of,
        columns: headings(
            locale,
            &[
                ("项目", "Item"),
                ("本月数 非限定性", "Month, unrestricted"),
                ("本月数 限定性", "Month, restricted"),
                ("本月数 合计", "Month, total"),
                ("本年累计数 非限定性", "Year to date, unrestricted"),
                ("本年累计数 限定性", "Year to date, restricted"),
                ("本年累计数 合计", "Year to date, total"),
            ],
        ),
        rows: out.lines.iter().map(row).collect(),
    }
}

/// One line of the use rate.
#[derive(Debug, Serialize, ToSchema)]
pub struct UseRateOut {
    /// The public id of the unit, campaign or project; nothing for all, or for what has none.
    pub subject: Option<String>,
    /// 捐赠收入, refunds taken off.
    #[schema(value_type = i64)]
    pub income_fen: Fen,
    /// 业务活动成本.
    #[schema(value_type = i64)]
    pub spent_fen: Fen,
    /// Spent of income in parts of a thousand; nothing without income.
    pub per_mille: Option<i64>,
}

/// Use rates over a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct UseRatesOut {
    /// What the lines are about.
    #[schema(value_type = String)]
    pub by: By,
    /// First posting day.
    #[schema(value_type = String)]
    pub from: BusinessDay,
    /// Last posting day.
    #[schema(value_type = String)]
    pub to: BusinessDay,
    /// When it was read.
    #[schema(value_type = String)]
    pub as_of: Instant,
    /// The lines, 5,000 at most.
    pub lines: Vec<UseRateOut>,
}

/// What of the donations was spent on the work (支出/收入).
#[utoipa::path(get, path = "/api/v1/books/use-rate", tag = "books",
    params(("by" = Option<String>, Query, description = "total, unit, campaign or project"),
        ("unit" = Option<String>, Query), ("fund" = Option<String>, Query), ("project" = Option<String>, Query),
        ("campaign" = Option<String>, Query), ("from" = Option<String>, Query), ("to" = Option<String>, Query),
        ("format" = Option<String>, Query, description = "json, csv or xlsx")),
    responses((status = 200, body = UseRatesOut)))]
pub(super) async fn get_use_rate(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    asked.only(Own::By)?;
    let by = asked.by.unwrap_or_default();
    let scope = scope(&s, &actor, Permission::ReportRead, asked.unit.as_deref())?;
    let as_of = s.now();
    let period = asked.period(as_of.business_day())?;
    let part = asked.part(&s, &scope)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let read = use_rate::read(&mut at, &part, period, by).await?;
    let line = |rate: &use_rate::UseRate| {
        let subject = match rate.subject {
            Subject::Total => None,
            Subject::Unit(unit) => Some(public(&*s.keys, unit)),
            Subject::Campaign(campaign) => shown(&s, campaign),
            Subject::Project(project) => shown(&s, project),
        };
        UseRateOut {
            subject,
            income_fen: rate.income,
            spent_fen: rate.spent,
            per_mille: rate.per_mille,
        }
    };
    let lines = read.iter().map(line).collect();
    let out = UseRatesOut {
        by,
        from: period.from,
        to: period.to,
        as_of,
        lines,
    };
    answer(asked.format, "use-rate", out, |out| {
        use_rate_table(out, reader.locale())
    })
    .await
}

fn use_rate_table(out: &UseRatesOut, locale: Locale) -> Table {
    let row = |line: &UseRateOut| {
        vec![
            opt_text(line.subject.clone()),
            Cell::Money(line.income_fen),
            Cell::Money(line.spent_fen),
            line.per_mille.map_or(Cell::Empty, Cell::PerMille),
        ]
    };
    Table {
        title: format!("{} {} – {}", say(locale, "使用率", "Use rate"), out.from, out.to),
        as_of: out.as_of,
        columns: headings(
            locale,
            &[
                ("对象", "Subject"),
                ("捐赠收入（元）", "Donation income (yuan)"),
                ("业务活动成本（元）", "Programme costs (yuan)"),
                ("使用率（%）", "Use rate (%)"),
            ],
        ),
        rows: out.lines.iter().map(row).collect(),
    }
}
