//! The one table: units, where each stands, what it said last, sums; as JSON, CSV and XLSX of exactly what is filtered.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use kernel::id::public;
use kernel::{Fen, Instant, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, Scope};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Locale, Problem, Query, Reader};

use super::forms::{FormOut, SlotOut, form_out, seen, slot_out};
use crate::duty::api::{ShiftOut, field_of, id_of, shift_out};
use crate::duty::queries as duty;
use crate::reports::model::{Answers, Ask, Entry, Field, Form, FormRow, MINUTE_MICROS, SlotId, Standing};
use crate::reports::queries::{self, UnitLine};
use crate::reports::rules;
use crate::sheet::{Cell, Sheet};

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().staff(Permission::DutyRead, routes!(get_table))
}

/// `?slot=&standing=&unit=&format=`.
#[derive(Debug, Deserialize)]
struct TableQuery {
    slot: Option<String>,
    standing: Option<Standing>,
    unit: Option<String>,
    #[serde(default)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Csv,
    Xlsx,
}

/// A unit's row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportRowOut)]
pub struct RowOut {
    /// The public id of the unit.
    pub unit: String,
    /// Its short name.
    pub name: String,
    /// Where it stands at the hour.
    pub standing: Standing,
    /// What it said; of an earlier hour where `of` says so.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub answers: Answers,
    /// Nothing to report (零报告).
    pub is_nothing: bool,
    /// The version that is shown; 0: none.
    pub version: i64,
    /// When that version was handed in.
    #[schema(value_type = Option<String>)]
    pub handed_in_at: Option<Instant>,
    /// The hour for which it was handed in.
    #[schema(value_type = Option<String>)]
    pub of: Option<Instant>,
    /// Whether it is of an earlier hour than the table.
    pub is_earlier: bool,
    /// Who is on duty there now, masked.
    pub on_duty: Vec<ShiftOut>,
}

/// How many rows stand where, whatever standing is filtered.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ReportCountsOut)]
pub struct CountsOut {
    /// There is time yet.
    pub waiting: i64,
    /// In time.
    pub handed_in: i64,
    /// Late.
    pub late: i64,
    /// Not there.
    pub missing: i64,
}

/// The table.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportTableOut)]
pub struct TableOut {
    /// The form, as the hour was planned.
    pub form: FormOut,
    /// The hour; none is planned yet when absent.
    pub slot: Option<SlotOut>,
    /// The units, by region.
    pub rows: Vec<RowOut>,
    /// The sum of each number and amount over the rows shown, by the field's word; absent where it passes 64 bits.
    pub sums: BTreeMap<String, i64>,
    /// How many stand where.
    pub counts: CountsOut,
    /// When it was read.
    #[schema(value_type = String)]
    pub as_of: Instant,
}

/// The table of a form: each of my units with where it stands and what it said last, sums over the rows shown. Without an
/// hour: the latest that is due or was reminded of, and what was said for earlier hours where nothing came yet.
#[utoipa::path(get, path = "/api/v1/duty/forms/{form}/table", tag = "duty",
    params(("form" = String, Path), ("slot" = Option<String>, Query, description = "public id of an hour"),
        ("standing" = Option<Standing>, Query, description = "waiting, handed_in, late or missing"),
        ("unit" = Option<String>, Query, description = "only this unit and those below"),
        ("format" = Option<String>, Query, description = "json (the default), csv or xlsx")),
    responses((status = 200, body = TableOut)))]
async fn get_table(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Path(form): Path<String>,
    Query(query): Query<TableQuery>,
) -> Result<Response, Problem> {
    let form = seen(&s, &actor, id_of(&s, &form)?).await?;
    let scope = scope_of(&s, &actor, query.unit.as_deref())?;
    let slot = query.slot.as_deref().map(|slot| id_of(&s, slot)).transpose()?;
    let table = table(&s, &scope, form, (slot, query.standing)).await?;
    match query.format {
        Format::Json => Ok(Json(table).into_response()),
        Format::Csv => file(sheet(&table, reader.locale()), Format::Csv).await,
        Format::Xlsx => file(sheet(&table, reader.locale()), Format::Xlsx).await,
    }
}

/// What the actor may see, narrowed to a unit and those below where one is named.
fn scope_of(s: &Services, actor: &Actor, unit: Option<&str>) -> Result<Scope, Problem> {
    let Some(unit) = unit else {
        return Ok(actor.scope_for(Permission::DutyRead));
    };
    let unit: UnitId = field_of(s, "unit", unit)?;
    actor.require(Permission::DutyRead, unit)?;
    Ok(Scope::below(unit))
}

async fn table(
    s: &Services,
    scope: &Scope,
    mut form: FormRow,
    (asked, wanted): (Option<SlotId>, Option<Standing>),
) -> Result<TableOut, Problem> {
    let now = s.now();
    let of_db = |e: db::DbError| problems::of_db(&e);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let slot = match asked {
        Some(id) => {
            let slot = queries::slot(&mut at, id).await.map_err(of_db)?;
            let slot = slot.filter(|slot| slot.form == form.id && slot.opens_at <= now);
            Some(slot.ok_or_else(Problem::not_found)?)
        }
        None => {
            let reminded = now.plus_micros(form.document.form.remind_minutes * MINUTE_MICROS);
            let slot = queries::current_slot(&mut at, form.id, (now, reminded)).await;
            slot.map_err(of_db)?
        }
    };
    let Some(slot) = slot else {
        return Ok(TableOut {
            form: form_out(s, form),
            slot: None,
            rows: Vec::new(),
            sums: BTreeMap::new(),
            counts: CountsOut::default(),
            as_of: now,
        });
    };
    if slot.version != form.version {
        let known = queries::version(&mut at, form.id, slot.version).await.map_err(of_db)?;
        form.document = known.unwrap_or(form.document);
        form.version = slot.version;
    }
    let seen = (scope, &*s.tree);
    let lines = queries::lines(&mut at, seen, slot.id).await.map_err(of_db)?;
    let mut earlier = match asked {
        Some(_) => BTreeMap::new(),
        None => queries::before(&mut at, seen, &slot).await.map_err(of_db)?,
    };
    let mut on: BTreeMap<UnitId, Vec<ShiftOut>> = BTreeMap::new();
    for shift in duty::on_now(&mut at, seen, now).await.map_err(of_db)? {
        on.entry(shift.unit).or_default().push(shift_out(s, &shift));
    }
    drop(at);
    let mut counts = CountsOut::default();
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        let standing = rules::standing(&slot, line.first_at, now);
        match standing {
            Standing::Waiting => counts.waiting += 1,
            Standing::HandedIn => counts.handed_in += 1,
            Standing::Late => counts.late += 1,
            Standing::Missing => counts.missing += 1,
        }
        if wanted.is_some_and(|wanted| wanted != standing) {
            continue;
        }
        let shown = match line.entry.clone() {
            Some(entry) => Some((slot.due_at, entry)),
            None => earlier.remove(&line.unit),
        };
        let on_duty = on.remove(&line.unit).unwrap_or_default();
        rows.push(row_out(s, &line, (standing, slot.due_at), shown, on_duty));
    }
    let sums = form.document.form.fields.iter().filter_map(|field| {
        let sum = rules::sum(field, rows.iter().map(|row| &row.answers))?;
        Some((field.key.clone(), sum))
    });
    Ok(TableOut {
        sums: sums.collect(),
        slot: Some(slot_out(s, &slot)),
        form: form_out(s, form),
        rows,
        counts,
        as_of: now,
    })
}

fn row_out(
    s: &Services,
    line: &UnitLine,
    (standing, hour): (Standing, Instant),
    shown: Option<(Instant, Entry)>,
    on_duty: Vec<ShiftOut>,
) -> RowOut {
    let of = shown.as_ref().map(|(of, _)| *of);
    let entry = shown.map(|(_, entry)| entry);
    RowOut {
        unit: public(&*s.keys, line.unit),
        name: line.name.clone(),
        standing,
        is_nothing: entry.as_ref().is_some_and(|entry| entry.is_nothing),
        version: entry.as_ref().map_or(0, |entry| entry.version),
        handed_in_at: entry.as_ref().map(|entry| entry.at),
        answers: entry.map(|entry| entry.answers).unwrap_or_default(),
        of,
        is_earlier: of.is_some_and(|of| of < hour),
        on_duty,
    }
}

/// `2026-05-08 18:00` in Beijing.
fn moment(at: Instant) -> String {
    let beijing = at.to_beijing();
    format!("{} {:02}:{:02}", at.business_day(), beijing.hour(), beijing.minute())
}

/// The table as a sheet: a line a unit, a column a field, the sums below.
fn sheet(table: &TableOut, locale: Locale) -> Sheet {
    let say = |key: &str| locale.text(&format!("reports.sheet.{key}"), &[]);
    let form: &Form = &table.form.form;
    let heads = [
        "unit",
        "standing",
        "handed_in_at",
        "of",
        "version",
        "on_duty",
        "nothing",
    ];
    let heading = |field: &Field| {
        let title = field.title.read_in(locale);
        let unit = match &field.ask {
            Ask::Number { unit, .. } => unit.read_in(locale).to_owned(),
            Ask::Money { .. } => say("yuan"),
            Ask::Text { .. } | Ask::Choice { .. } | Ask::YesNo => String::new(),
        };
        if unit.is_empty() {
            title.to_owned()
        } else {
            format!("{title}（{unit}）")
        }
    };
    let columns = heads
        .iter()
        .map(|head| say(head))
        .chain(form.fields.iter().map(heading));
    let mut rows: Vec<Vec<Cell>> = table.rows.iter().map(|row| sheet_row(row, form, locale)).collect();
    let mut last = vec![Cell::Text(say("sum"))];
    last.extend(heads.iter().skip(1).map(|_| Cell::Empty));
    last.extend(
        form.fields
            .iter()
            .map(|field| match (&field.ask, table.sums.get(&field.key)) {
                (Ask::Number { .. }, Some(sum)) => Cell::Count(*sum),
                (Ask::Money { .. }, Some(sum)) => Cell::Money(Fen::new(*sum)),
                _ => Cell::Empty,
            }),
    );
    rows.push(last);
    let hour = table.slot.as_ref().map(|slot| moment(slot.due_at)).unwrap_or_default();
    Sheet {
        title: format!("{} {hour}", form.title.read_in(locale)).trim().to_owned(),
        as_of: table.as_of,
        columns: columns.collect(),
        rows,
    }
}

fn sheet_row(row: &RowOut, form: &Form, locale: Locale) -> Vec<Cell> {
    let say = |key: &str| locale.text(&format!("reports.sheet.{key}"), &[]);
    let time = |at: Option<Instant>| at.map_or(Cell::Empty, |at| Cell::Text(moment(at)));
    let on: Vec<String> = row
        .on_duty
        .iter()
        .map(|shift| format!("{} {}", shift.masked_name, shift.masked_phone))
        .collect();
    let mut cells = vec![
        Cell::Text(row.name.clone()),
        Cell::Text(locale.text(&format!("reports.standing.{}", row.standing.as_str()), &[])),
        time(row.handed_in_at),
        time(row.of),
        if row.version > 0 {
            Cell::Count(row.version)
        } else {
            Cell::Empty
        },
        Cell::Text(on.join("; ")),
        if row.is_nothing {
            Cell::Text(say("yes"))
        } else {
            Cell::Empty
        },
    ];
    let answer = |field: &Field| match (&field.ask, row.answers.get(&field.key)) {
        (Ask::Number { .. }, Some(value)) => value.as_i64().map_or(Cell::Empty, Cell::Count),
        (Ask::Money { .. }, Some(value)) => value.as_i64().map_or(Cell::Empty, |fen| Cell::Money(Fen::new(fen))),
        (Ask::Text { .. }, Some(value)) => Cell::Text(value.as_str().unwrap_or_default().to_owned()),
        (Ask::Choice { options }, Some(value)) => {
            let chosen = options
                .iter()
                .find(|option| Some(option.key.as_str()) == value.as_str());
            chosen.map_or(Cell::Empty, |option| {
                Cell::Text(option.title.read_in(locale).to_owned())
            })
        }
        (Ask::YesNo, Some(value)) => Cell::Text(say(if value == &Value::Bool(true) { "yes" } else { "no" })),
        (_, None) => Cell::Empty,
    };
    cells.extend(form.fields.iter().map(answer));
    cells
}

async fn file(sheet: Sheet, format: Format) -> Result<Response, Problem> {
    let (media, name) = match format {
        Format::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "attachment; filename=\"reports.xlsx\"",
        ),
        Format::Csv | Format::Json => ("text/csv; charset=utf-8", "attachment; filename=\"reports.csv\""),
    };
    // A workbook of hundreds of rows takes a moment: not on a thread that answers others.
    let written = tokio::task::spawn_blocking(move || match format {
        Format::Xlsx => sheet.to_xlsx(),
        Format::Csv | Format::Json => sheet.to_csv(),
    });
    let bytes = written.await.ok().and_then(|file| {
        file.inspect_err(|error| tracing::error!(%error, "a table of reports could not be written"))
            .ok()
    });
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    Ok((headers, bytes.ok_or_else(Problem::internal)?).into_response())
}
