//! Trial balance and account ledger: each address answers in JSON, or with `?format=csv` or `xlsx` in a file of the same rows.

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::id::public;
use kernel::{BusinessDay, Fen, Instant, JournalId};
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Locale, PageRequest, Problem, Query, Reader};

use super::asked::{Asked, Own};
use super::export::{Form, answer, headings, opt_text, say};
use super::{id_of, scope, shown};
use crate::chart::{AccountCode, Restriction};
use crate::queries::account_ledger::{self, Cursor};
use crate::queries::trial_balance::{self, Sides};
use crate::table::{Cell, Table};

/// Debit and credit.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct SidesOut {
    /// The debit side.
    #[schema(value_type = i64)]
    pub debit_fen: Fen,
    /// The credit side.
    #[schema(value_type = i64)]
    pub credit_fen: Fen,
}

impl From<Sides> for SidesOut {
    fn from(sides: Sides) -> Self {
        Self {
            debit_fen: sides.debit,
            credit_fen: sides.credit,
        }
    }
}

/// One account of the trial balance.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialLineOut {
    /// Code of the chart.
    pub code: &'static str,
    /// Official name.
    pub name_zh: &'static str,
    /// Name in English.
    pub name_en: &'static str,
    /// Before the period, debit above zero.
    #[schema(value_type = i64)]
    pub opening_fen: Fen,
    /// Debits of the period.
    #[schema(value_type = i64)]
    pub debit_fen: Fen,
    /// Credits of the period.
    #[schema(value_type = i64)]
    pub credit_fen: Fen,
    /// After the period, debit above zero.
    #[schema(value_type = i64)]
    pub closing_fen: Fen,
}

/// The trial balance (科目余额表).
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialBalanceOut {
    /// First posting day.
    #[schema(value_type = String)]
    pub from: BusinessDay,
    /// Last posting day.
    #[schema(value_type = String)]
    pub to: BusinessDay,
    /// When it was read.
    #[schema(value_type = String)]
    pub as_of: Instant,
    /// Whether all three pairs of sides agree.
    pub balanced: bool,
    /// Sums of balances before.
    pub opening: SidesOut,
    /// Sums of what moved.
    pub turnover: SidesOut,
    /// Sums of balances after.
    pub closing: SidesOut,
    /// The accounts.
    pub lines: Vec<TrialLineOut>,
}

fn names(code: AccountCode) -> (&'static str, &'static str) {
    code.account().map_or(("", ""), |account| (account.zh, account.en))
}

/// The trial balance of a part of the books.
#[utoipa::path(get, path = "/api/v1/books/trial-balance", tag = "books",
    params(("unit" = Option<String>, Query), ("fund" = Option<String>, Query), ("project" = Option<String>, Query),
        ("campaign" = Option<String>, Query), ("from" = Option<String>, Query, description = "posting day"),
        ("to" = Option<String>, Query), ("format" = Option<String>, Query, description = "json, csv or xlsx")),
    responses((status = 200, body = TrialBalanceOut)))]
pub(super) async fn get_trial_balance(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    asked.only(Own::Days)?;
    let scope = scope(&s, &actor, Permission::BooksRead, asked.unit.as_deref())?;
    let as_of = s.now();
    let period = asked.period(as_of.business_day())?;
    let part = asked.part(&s, &scope)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let read = trial_balance::read(&mut at, &part, period).await?;
    let line = |line: &trial_balance::Line| {
        let (name_zh, name_en) = names(line.code);
        TrialLineOut {
            code: line.code.as_str(),
            name_zh,
            name_en,
            opening_fen: line.opening,
            debit_fen: line.debit,
            credit_fen: line.credit,
            closing_fen: line.closing,
        }
    };
    let out = TrialBalanceOut {
        from: period.from,
        to: period.to,
        as_of,
        balanced: read.opening.agree() && read.turnover.agree() && read.closing.agree(),
        opening: read.opening.into(),
        turnover: read.turnover.into(),
        closing: read.closing.into(),
        lines: read.lines.iter().map(line).collect(),
    };
    answer(asked.format, "trial-balance", out, |out| {
        trial_table(out, reader.locale())
    })
    .await
}

fn trial_table(out: &TrialBalanceOut, locale: Locale) -> Table {
    let money = |fen: Fen| Cell::Money(fen);
    let mut rows: Vec<Vec<Cell>> = out
        .lines
        .iter()
        .map(|l| {
            let name = say(locale, l.name_zh, l.name_en);
            let amounts = [l.opening_fen, l.debit_fen, l.credit_fen, l.closing_fen];
            [Cell::text(l.code), Cell::text(name)]
                .into_iter()
                .chain(amounts.map(money))
                .collect()
        })
        .collect();
    let both = |zh, en, sides: SidesOut| {
        let amounts = [
            Cell::Empty,
            money(sides.debit_fen),
            money(sides.credit_fen),
            Cell::Empty,
        ];
        [Cell::Empty, Cell::text(say(locale, zh, en))]
            .into_iter()
            .chain(amounts)
            .collect::<Vec<_>>()
    };
    rows.push(both("期初余额合计", "Opening balances", out.opening));
    rows.push(both("本期发生额合计", "Turnover", out.turnover));
    rows.push(both("期末余额合计", "Closing balances", out.closing));
    let title = say(locale, "科目余额表", "Trial balance");
    Table {
        title: format!("{title} {} – {}", out.from, out.to),
        as_of: out.as_of,
        columns: headings(
            locale,
            &[
                ("科目编码", "Code"),
                ("科目名称", "Account"),
                ("期初余额（元）", "Opening (yuan)"),
                ("借方发生额（元）", "Debit (yuan)"),
                ("贷方发生额（元）", "Credit (yuan)"),
                ("期末余额（元）", "Closing (yuan)"),
            ],
        ),
        rows,
    }
}

/// One entry of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryOut {
    /// The journal's public id; a gift's journal has the gift's.
    pub journal: String,
    /// Its line.
    pub line: i64,
    /// Kind of journal.
    pub kind: &'static str,
    /// When it was booked.
    #[schema(value_type = String)]
    pub posting_day: BusinessDay,
    /// When it happened.
    #[schema(value_type = String)]
    pub business_day: BusinessDay,
    /// Whose books.
    pub unit: String,
    /// Which fund.
    pub fund: Option<String>,
    /// Which project.
    pub project: Option<String>,
    /// Restricted, unrestricted or none.
    #[schema(value_type = String)]
    pub restriction: Restriction,
    /// Debit above zero, credit below.
    #[schema(value_type = i64)]
    pub amount_fen: Fen,
}

/// A page of an account's entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntriesOut {
    /// Entries in the order of booking.
    pub items: Vec<EntryOut>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// When it was read.
    #[schema(value_type = String)]
    pub as_of: Instant,
}

type CursorKey = (BusinessDay, Option<(String, i64)>);

/// The ledger of an account. A file holds up to 50,000 entries; narrow the days for more.
#[utoipa::path(get, path = "/api/v1/books/accounts/{code}/entries", tag = "books",
    params(("code" = String, Path), ("unit" = Option<String>, Query), ("fund" = Option<String>, Query),
        ("project" = Option<String>, Query), ("campaign" = Option<String>, Query), ("from" = Option<String>, Query),
        ("to" = Option<String>, Query), ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query),
        ("format" = Option<String>, Query, description = "json, csv or xlsx")),
    responses((status = 200, body = EntriesOut)))]
pub(super) async fn get_account_ledger(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    asked.only(Own::Page)?;
    let code: AccountCode = code.parse().map_err(|_| Problem::not_found())?;
    let scope = scope(&s, &actor, Permission::BooksRead, asked.unit.as_deref())?;
    let as_of = s.now();
    let period = asked.period(as_of.business_day())?;
    let part = asked.part(&s, &scope)?;
    let page = PageRequest {
        limit: asked.limit,
        cursor: asked.cursor.clone(),
    };
    let limit = if asked.format == Form::Json {
        page.limit()?
    } else {
        account_ledger::LIMIT_MAX
    };
    let cursor = page.after::<CursorKey>()?.map(|key| cursor_of(&s, key)).transpose()?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let read = account_ledger::read(&mut at, &part, code, period, cursor, limit).await;
    let read = read.map_err(|e| problems::of_db(&e))?;
    let id = |id: JournalId| public(&*s.keys, id);
    let out = EntriesOut {
        items: read.entries.iter().map(|entry| entry_out(&s, entry)).collect(),
        next: read
            .next
            .map(|c| web::paging::encode(&(c.day, c.after.map(|(journal, line)| (id(journal), line))))),
        as_of,
    };
    answer(asked.format, "account-ledger", out, |out| {
        ledger_table(out, code, reader.locale())
    })
    .await
}

fn cursor_of(s: &Services, (day, after): CursorKey) -> Result<Cursor, Problem> {
    let after = after
        .map(|(journal, line)| Ok::<_, Problem>((id_of(s, "cursor", &journal)?, line)))
        .transpose()?;
    Ok(Cursor { day, after })
}

fn entry_out(s: &Services, entry: &account_ledger::LedgerEntry) -> EntryOut {
    EntryOut {
        journal: public(&*s.keys, entry.journal),
        line: entry.line,
        kind: entry.kind.as_str(),
        posting_day: entry.posting_day,
        business_day: entry.business_day,
        unit: public(&*s.keys, entry.dims.unit),
        fund: shown(s, entry.dims.fund),
        project: shown(s, entry.dims.project),
        restriction: entry.dims.restriction(),
        amount_fen: entry.amount,
    }
}

fn ledger_table(out: &EntriesOut, code: AccountCode, locale: Locale) -> Table {
    let (zh, en) = names(code);
    let side = |fen: Fen, wanted: bool| {
        let magnitude = fen.negated().ok().filter(|_| !fen.is_positive()).unwrap_or(fen);
        if fen.is_positive() == wanted {
            Cell::Money(magnitude)
        } else {
            Cell::Empty
        }
    };
    let row = |entry: &EntryOut| {
        vec![
            Cell::Day(entry.posting_day),
            Cell::Day(entry.business_day),
            Cell::text(entry.kind),
            Cell::text(&entry.journal),
            Cell::text(&entry.unit),
            opt_text(entry.fund.clone()),
            opt_text(entry.project.clone()),
            side(entry.amount_fen, true),
            side(entry.amount_fen, false),
        ]
    };
    Table {
        title: format!(
            "{} {code} {}",
            say(locale, "明细账", "Account ledger"),
            say(locale, zh, en)
        ),
        as_of: out.as_of,
        columns: headings(
            locale,
            &[
                ("记账日期", "Posted"),
                ("业务日期", "Happened"),
                ("凭证种类", "Kind"),
                ("凭证", "Journal"),
                ("单位", "Unit"),
                ("基金", "Fund"),
                ("项目", "Project"),
                ("借方（元）", "Debit (yuan)"),
                ("贷方（元）", "Credit (yuan)"),
            ],
        ),
        rows: out.items.iter().map(row).collect(),
    }
}
