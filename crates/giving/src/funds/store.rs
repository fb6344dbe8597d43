//! The tables `named_fund`, `named_fund_version`, `named_fund_fee`, `named_fund_alert`, `named_fund_report`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{ActorId, BusinessDay, Fen, FundId, Instant, JournalId, ProjectId, UnitId};

use super::model::{Agreement, Alert, AlertKind, Decided, Fee, FundState, NamedFund, Report, Version, VersionState};

const FUND: &str = "SELECT fund_id, unit_id, project_id, kind, founder, name, purpose, purpose_en, spending,
    spending_en, agreement_no, signed_on, fee_bp, principal_fen, minimum_fen, minimum_rule, report_month, report_day, dormant_months,
    rest_project_id, rest_words, state, made_by, made_at, opened_by, opened_at, closing_by, closing_at, closing_reason,
    closed_by, closed_at, rest_fen FROM named_fund";
/// Named funds of one installation: a province counts some thousands of community funds (M-07).
pub(super) const FUNDS_MAX: i64 = 20_000;
/// Fees and reports of one fund that are shown: thirty years of months.
const ROWS_MAX: i64 = 400;

fn missing(column: &str) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: "missing in this state".into(),
    }
}

fn read_state(row: &Row) -> Result<FundState, DbError> {
    let actor = |column: &str| row.opt_id::<ActorId>(column)?.ok_or_else(|| missing(column));
    let moment = |column: &str| row.opt_instant(column)?.ok_or_else(|| missing(column));
    let reason = || row.opt_text("closing_reason")?.ok_or_else(|| missing("closing_reason"));
    let opened = || Ok::<_, DbError>((actor("opened_by")?, moment("opened_at")?));
    match row.text("state")?.as_str() {
        "draft" => Ok(FundState::Draft),
        "open" => {
            let (by, at) = opened()?;
            Ok(FundState::Open { by, at })
        }
        "closing" => Ok(FundState::Closing {
            opened: opened()?,
            by: actor("closing_by")?,
            at: moment("closing_at")?,
            reason: reason()?,
        }),
        "closed" => Ok(FundState::Closed {
            opened: opened()?,
            asked: (actor("closing_by")?, moment("closing_at")?, reason()?),
            by: actor("closed_by")?,
            at: moment("closed_at")?,
            rest: row.opt_fen("rest_fen")?.ok_or_else(|| missing("rest_fen"))?,
        }),
        _ => Err(DbError::Row {
            column: "state".into(),
            why: "unknown word".into(),
        }),
    }
}

/// A fund's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<NamedFund, DbError> {
    Ok(NamedFund {
        fund: row.id("fund_id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        agreement: Agreement {
            kind: row.word("kind")?,
            founder: row.word("founder")?,
            name: row.text("name")?,
            purpose: row.text("purpose")?,
            purpose_en: row.text("purpose_en")?,
            spending: row.text("spending")?,
            spending_en: row.text("spending_en")?,
            number: row.text("agreement_no")?,
            signed_on: row.day("signed_on")?,
            fee_bp: row.int("fee_bp")?,
            principal: row.fen("principal_fen")?,
            minimum: row.fen("minimum_fen")?,
            minimum_rule: row.word("minimum_rule")?,
            report: (row.int("report_month")?, row.int("report_day")?),
            dormant_months: row.int("dormant_months")?,
            rest_words: row.text("rest_words")?,
        },
        rest_to: row.id("rest_project_id")?,
        state: read_state(row)?,
        made_by: row.id("made_by")?,
        made_at: row.instant("made_at")?,
    })
}

pub(super) fn select(rest: &str) -> String {
    format!("{FUND} {rest}")
}

/// A fund.
pub(super) async fn fund(at: &mut impl Reads, id: FundId) -> Result<Option<NamedFund>, DbError> {
    let row = at.query_one(&select("WHERE fund_id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// A fund, held until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: FundId) -> Result<Option<NamedFund>, DbError> {
    let held = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let sql = select(&format!("WHERE fund_id = ?1{held}"));
    tx.query_one(&sql, params![(id,)]).await?.as_ref().map(read).transpose()
}

/// The fund that a project feeds.
pub(super) async fn of_project(at: &mut impl Reads, project: ProjectId) -> Result<Option<NamedFund>, DbError> {
    let row = at
        .query_one(&select("WHERE project_id = ?1"), params![(project,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Funds that were opened, in the order of their ids.
pub(super) async fn opened(at: &mut impl Reads) -> Result<Vec<NamedFund>, DbError> {
    let sql = select("WHERE state <> 'draft' ORDER BY fund_id LIMIT ?1");
    at.query(&sql, params![FUNDS_MAX]).await?.iter().map(read).collect()
}

pub(super) async fn insert(tx: &mut Tx, fund: &NamedFund) -> Result<(), DbError> {
    let a = &fund.agreement;
    let row = params![
        (fund.fund,),
        (fund.unit,),
        (fund.project,),
        a.kind.as_str(),
        &a.name,
        &a.purpose,
        &a.purpose_en,
        &a.spending,
        &a.spending_en,
        &a.number,
        a.signed_on,
        a.fee_bp,
        a.principal,
        a.minimum,
        a.minimum_rule.as_str(),
        a.report.0,
        a.report.1,
        a.dormant_months,
        (fund.rest_to,),
        &a.rest_words,
        fund.state.as_str(),
        (fund.made_by,),
        fund.made_at,
        a.founder.as_str()
    ];
    let sql = "INSERT INTO named_fund (fund_id, unit_id, project_id, kind, name, purpose, purpose_en, spending,
            spending_en, agreement_no, signed_on, fee_bp, principal_fen, minimum_fen, minimum_rule, report_month,
            report_day, dormant_months, rest_project_id, rest_words, state, made_by, made_at, founder)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
            ?23, ?24)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes where a fund is.
pub(super) async fn set_state(tx: &mut Tx, fund: &NamedFund) -> Result<(), DbError> {
    let id = |of: &(ActorId, Instant)| ((of.0,), of.1);
    let (opened, asked, closed) = match &fund.state {
        FundState::Draft => (None, None, None),
        FundState::Open { by, at } => (Some((*by, *at)), None, None),
        FundState::Closing { opened, by, at, reason } => (Some(*opened), Some((*by, *at, reason.clone())), None),
        FundState::Closed {
            opened,
            asked,
            by,
            at,
            rest,
        } => (Some(*opened), Some(asked.clone()), Some((*by, *at, *rest))),
    };
    let row = params![
        (fund.unit,),
        (fund.fund,),
        fund.state.as_str(),
        opened.as_ref().map(|o| id(o).0),
        opened.map(|o| o.1),
        asked.as_ref().map(|a| (a.0,)),
        asked.as_ref().map(|a| a.1),
        asked.as_ref().map(|a| a.2.as_str()),
        closed.map(|c| (c.0,)),
        closed.map(|c| c.1),
        closed.map(|c| c.2)
    ];
    let sql = "UPDATE named_fund SET state = ?3, opened_by = ?4, opened_at = ?5, closing_by = ?6, closing_at = ?7,
            closing_reason = ?8, closed_by = ?9, closed_at = ?10, rest_fen = ?11
        WHERE unit_id = ?1 AND fund_id = ?2";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what is agreed now; its row is held by the caller.
pub(super) async fn set_agreement(tx: &mut Tx, fund: &NamedFund) -> Result<(), DbError> {
    let a = &fund.agreement;
    let row = params![
        (fund.unit,),
        (fund.fund,),
        &a.name,
        &a.purpose,
        &a.purpose_en,
        &a.spending,
        &a.spending_en,
        &a.number,
        a.signed_on,
        a.fee_bp,
        a.principal,
        a.minimum,
        a.minimum_rule.as_str(),
        a.report.0,
        a.report.1,
        a.dormant_months,
        (fund.rest_to,),
        &a.rest_words
    ];
    let sql = "UPDATE named_fund SET name = ?3, purpose = ?4, purpose_en = ?5, spending = ?6, spending_en = ?7,
            agreement_no = ?8, signed_on = ?9, fee_bp = ?10, principal_fen = ?11, minimum_fen = ?12, minimum_rule = ?13,
            report_month = ?14, report_day = ?15, dormant_months = ?16, rest_project_id = ?17, rest_words = ?18
        WHERE unit_id = ?1 AND fund_id = ?2";
    tx.execute(sql, row).await.map(drop)
}

fn read_version(row: &Row) -> Result<Version, DbError> {
    let decided = || {
        Ok::<_, DbError>(Decided {
            by: row.opt_id("decided_by")?.ok_or_else(|| missing("decided_by"))?,
            at: row.opt_instant("decided_at")?.ok_or_else(|| missing("decided_at"))?,
            from: row.opt_day("from_day")?.ok_or_else(|| missing("from_day"))?,
        })
    };
    let state = match row.text("state")?.as_str() {
        "in_force" => VersionState::InForce(decided()?),
        "past" => VersionState::Past(decided()?),
        "refused" => VersionState::Refused(decided()?),
        _ => VersionState::Proposed,
    };
    let agreement = serde_json::from_str(&row.text("agreement")?).map_err(|error| DbError::Row {
        column: "agreement".into(),
        why: error.to_string(),
    })?;
    Ok(Version {
        number: row.int("version")?,
        agreement,
        rest_to: row.id("rest_project_id")?,
        state,
        made_by: row.id("made_by")?,
        made_at: row.instant("made_at")?,
    })
}

/// The versions of a fund's agreement, oldest first; none while it was never amended.
pub(super) async fn versions(at: &mut impl Reads, unit: UnitId, fund: FundId) -> Result<Vec<Version>, DbError> {
    let sql = "SELECT version, agreement, rest_project_id, state, made_by, made_at, decided_by, decided_at, from_day
        FROM named_fund_version WHERE unit_id = ?1 AND fund_id = ?2 ORDER BY version LIMIT ?3";
    let rows = at.query(sql, params![(unit,), (fund,), ROWS_MAX]).await?;
    rows.iter().map(read_version).collect()
}

pub(super) async fn insert_version(
    tx: &mut Tx,
    (unit, fund): (UnitId, FundId),
    version: &Version,
) -> Result<(), DbError> {
    let agreement = serde_json::to_string(&version.agreement).map_err(|error| DbError::Other(error.to_string()))?;
    let decided = version.state.decided();
    let row = params![
        (unit,),
        (fund,),
        version.number,
        agreement,
        (version.rest_to,),
        version.state.as_str(),
        (version.made_by,),
        version.made_at,
        decided.map(|decided| (decided.by,)),
        decided.map(|decided| decided.at),
        decided.map(|decided| decided.from)
    ];
    let sql = "INSERT INTO named_fund_version (unit_id, fund_id, version, agreement, rest_project_id, state, made_by,
            made_at, decided_by, decided_at, from_day)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes where a version is; what it says never changes.
pub(super) async fn set_version(tx: &mut Tx, (unit, fund): (UnitId, FundId), version: &Version) -> Result<(), DbError> {
    let decided = version.state.decided();
    let row = params![
        (unit,),
        (fund,),
        version.number,
        version.state.as_str(),
        decided.map(|decided| (decided.by,)),
        decided.map(|decided| decided.at),
        decided.map(|decided| decided.from)
    ];
    let sql = "UPDATE named_fund_version SET state = ?4, decided_by = ?5, decided_at = ?6, from_day = ?7
        WHERE unit_id = ?1 AND fund_id = ?2 AND version = ?3";
    tx.execute(sql, row).await.map(drop)
}

/// The newest month whose fee was taken, and all that was taken.
pub(super) async fn fees_taken(at: &mut impl Reads, unit: UnitId, fund: FundId) -> Result<(Option<i64>, Fen), DbError> {
    let sql = "SELECT MAX(month) AS month, CAST(COALESCE(SUM(fee_fen), 0) AS BIGINT) AS fen FROM named_fund_fee
        WHERE unit_id = ?1 AND fund_id = ?2";
    let row = at.query_one(sql, params![(unit,), (fund,)]).await?;
    row.map_or(Ok((None, Fen::ZERO)), |row| {
        Ok((row.opt_int("month")?, row.fen("fen")?))
    })
}

pub(super) async fn insert_fee(tx: &mut Tx, (unit, fund): (UnitId, FundId), fee: &Fee) -> Result<(), DbError> {
    let sql = "INSERT INTO named_fund_fee (unit_id, fund_id, month, base_fen, fee_fen, journal_id, taken_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let journal = fee.journal.map(|journal: JournalId| (journal,));
    let row = params![(unit,), (fund,), fee.month, fee.base, fee.fee, journal, fee.taken_at];
    tx.execute(sql, row).await.map(drop)
}

/// The fees of a fund, newest first.
pub(super) async fn fees(at: &mut impl Reads, unit: UnitId, fund: FundId) -> Result<Vec<Fee>, DbError> {
    let sql = "SELECT month, base_fen, fee_fen, journal_id, taken_at FROM named_fund_fee
        WHERE unit_id = ?1 AND fund_id = ?2 ORDER BY month DESC LIMIT ?3";
    let rows = at.query(sql, params![(unit,), (fund,), ROWS_MAX]).await?;
    let read = |row: &Row| {
        Ok(Fee {
            month: row.int("month")?,
            base: row.fen("base_fen")?,
            fee: row.fen("fee_fen")?,
            journal: row.opt_id("journal_id")?,
            taken_at: row.instant("taken_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// The alerts of a fund that are open.
pub(super) async fn open_alerts(at: &mut impl Reads, unit: UnitId, fund: FundId) -> Result<Vec<AlertKind>, DbError> {
    let sql = "SELECT kind FROM named_fund_alert WHERE unit_id = ?1 AND fund_id = ?2 AND closed_on IS NULL
        ORDER BY kind";
    let rows = at.query(sql, params![(unit,), (fund,)]).await?;
    rows.iter().map(|row| row.word("kind")).collect()
}

/// Opens an alert; whether none of its kind was open. One that was over on the same day is open again.
pub(super) async fn open_alert(
    tx: &mut Tx,
    (unit, fund): (UnitId, FundId),
    kind: AlertKind,
    today: BusinessDay,
) -> Result<bool, DbError> {
    let sql = "INSERT INTO named_fund_alert (unit_id, fund_id, kind, opened_on) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (unit_id, fund_id, kind, opened_on) DO UPDATE SET closed_on = NULL
        WHERE named_fund_alert.closed_on IS NOT NULL";
    let row = params![(unit,), (fund,), kind.as_str(), today];
    Ok(tx.execute(sql, row).await? > 0)
}

/// Closes an alert; whether it was open.
pub(super) async fn close_alert(
    tx: &mut Tx,
    (unit, fund): (UnitId, FundId),
    kind: AlertKind,
    today: BusinessDay,
) -> Result<bool, DbError> {
    let sql = "UPDATE named_fund_alert SET closed_on = ?4
        WHERE unit_id = ?1 AND fund_id = ?2 AND kind = ?3 AND closed_on IS NULL";
    Ok(tx.execute(sql, params![(unit,), (fund,), kind.as_str(), today]).await? > 0)
}

pub(super) fn read_alert(row: &Row) -> Result<Alert, DbError> {
    Ok(Alert {
        fund: row.id("fund_id")?,
        kind: row.word("kind")?,
        opened_on: row.day("opened_on")?,
    })
}

fn read_report(row: &Row) -> Result<Report, DbError> {
    Ok(Report {
        year: row.int("year")?,
        words: row.text("words")?,
        words_en: row.text("words_en")?,
        published_at: row.instant("published_at")?,
    })
}

/// The reports of a fund, newest first.
pub(super) async fn reports(at: &mut impl Reads, unit: UnitId, fund: FundId) -> Result<Vec<Report>, DbError> {
    let sql = "SELECT year, words, words_en, published_at FROM named_fund_report WHERE unit_id = ?1 AND fund_id = ?2
        ORDER BY year DESC LIMIT ?3";
    let rows = at.query(sql, params![(unit,), (fund,), ROWS_MAX]).await?;
    rows.iter().map(read_report).collect()
}

pub(super) async fn insert_report(
    tx: &mut Tx,
    (unit, fund): (UnitId, FundId),
    report: &Report,
    by: ActorId,
) -> Result<(), DbError> {
    let sql = "INSERT INTO named_fund_report (unit_id, fund_id, year, words, words_en, published_by, published_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let row = params![
        (unit,),
        (fund,),
        report.year,
        &report.words,
        &report.words_en,
        (by,),
        report.published_at
    ];
    tx.execute(sql, row).await.map(drop)
}
