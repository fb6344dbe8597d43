//! A fund agreed, opened, amended, charged, watched, reported, closed. Each change is one transaction with one fact.

mod amending;

use db::Tx;
use governance::network::{rules::book_unit_of, store as network};
use kernel::id::{Id as _, hex};
use kernel::{ActorId, BusinessDay, Fen, FundId, UnitId};
use ledger::funds::actions::{Leaving, available, leave};
use ledger::funds::{queries as books, set_floor};
use ledger::journal::shapes::fund_move::Arrives;
use ledger::{Header, LedgerError};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::{Value, json};

pub use amending::{Amendment, Verdict, decide_amendment, propose_amendment};

use super::error::FundError;
use super::model::{
    AlertKind, Fee, FeeTerms, FundState, NamedFund, NewFund, REPORT_CHARS_MAX, Report, WORDS_CHARS_MAX,
};
use super::queries::initial_minimum;
use super::rules::{self, Fees, Seen};
use super::store;
use crate::projects::{self, Nature, Place, Project};
use crate::recurring::Period;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "named_fund.agreed",
    "named_fund.alert_ended",
    "named_fund.alerted",
    "named_fund.amended",
    "named_fund.amendment_proposed",
    "named_fund.amendment_refused",
    "named_fund.close_asked",
    "named_fund.closed",
    "named_fund.fee_taken",
    "named_fund.opened",
    "named_fund.reported",
];

/// Writes an agreement down, as a draft. The project is restricted and has a fund of its own; the rest goes to another
/// restricted project's fund. The same again changes nothing. Fact `named_fund.agreed`.
///
/// # Errors
/// [`FundError::Invalid`], [`FundError::NotFit`], [`FundError::Exists`], [`FundError::NotFound`],
/// [`FundError::Forbidden`].
pub async fn agree(services: &Services, by: &Actor, new: NewFund) -> Result<NamedFund, FundError> {
    let now = services.now();
    rules::check(&new.agreement, now.business_day())?;
    let mut tx = services.db.begin().await?;
    let project = projects::store::project_by_code(&mut tx, &new.project).await?;
    let project = project.ok_or(FundError::NotFound("project"))?;
    by.require(Permission::ProjectManage, project.unit)?;
    let rest = projects::store::project_by_code(&mut tx, &new.rest_to).await?;
    let rest = rest.ok_or(FundError::NotFound("rest_to"))?;
    if !has_own_fund(&project) || !has_own_fund(&rest) || rest.fund == project.fund {
        return Err(FundError::NotFit);
    }
    if let Some(known) = store::of_project(&mut tx, project.id).await? {
        let same = known.agreement == new.agreement && known.rest_to == rest.id;
        return if same { Ok(known) } else { Err(FundError::Exists) };
    }
    let fund = NamedFund {
        fund: project.fund,
        unit: project.unit,
        project: project.id,
        agreement: new.agreement,
        rest_to: rest.id,
        state: FundState::Draft,
        made_by: by.id,
        made_at: now,
    };
    if host(&mut tx, fund.unit).await? != host(&mut tx, rest.unit).await? {
        // The rest could only be paid over, not moved.
        return Err(FundError::NotFit);
    }
    store::insert(&mut tx, &fund).await?;
    let body = json!({
        "project": hex(&project.id.bytes()),
        "kind": fund.agreement.kind,
        "fee_bp": fund.agreement.fee_bp,
        "minimum_fen": fund.agreement.minimum,
        "principal_fen": fund.agreement.principal,
    });
    finish(tx, services, (&fund, Some(by.id)), ("named_fund.agreed", body)).await?;
    Ok(fund)
}

/// Whether a project is restricted and has a fund of its own.
fn has_own_fund(project: &Project) -> bool {
    project.nature == Nature::Restricted && project.place != Place::General
}

/// In whose books a fund's money stands.
async fn host(tx: &mut Tx, unit: UnitId) -> Result<UnitId, FundError> {
    let units = network::all_units(tx).await?;
    book_unit_of(unit, &units).ok_or(FundError::NotFound("unit"))
}

/// Opens a fund: another person than who wrote it down agrees, what it must begin with has come (R11.3), and from now on its
/// floor is kept. Fact `named_fund.opened`.
///
/// # Errors
/// [`FundError::InitialMissing`], [`FundError::FourEyes`], [`FundError::State`], [`FundError::NotFound`],
/// [`FundError::Forbidden`].
pub async fn open(services: &Services, by: &Actor, id: FundId) -> Result<NamedFund, FundError> {
    let (mut tx, mut fund) = begin(services, by, (id, Permission::BooksPost)).await?;
    fund.state = rules::open(&fund, by.id, services.now())?;
    let today = services.now().business_day();
    let wanted = rules::initial(&fund.agreement, initial_minimum(&mut tx, today).await?);
    let holds = books::position(&mut tx, id, today).await?.money;
    if holds < wanted {
        return Err(FundError::InitialMissing { wanted, holds });
    }
    let books = host(&mut tx, fund.unit).await?;
    let floor = rules::floor(&fund.agreement);
    set_floor(&mut tx, (books, id), floor, services.now()).await?;
    store::set_state(&mut tx, &fund).await?;
    let body = json!({ "floor_fen": floor });
    finish(tx, services, (&fund, Some(by.id)), ("named_fund.opened", body)).await?;
    Ok(fund)
}

/// Asks that a fund be closed: its project takes no gifts from now on. Fact `named_fund.close_asked`.
///
/// # Errors
/// [`FundError::State`], [`FundError::Invalid`], [`FundError::NotFound`], [`FundError::Forbidden`].
pub async fn ask_close(services: &Services, by: &Actor, id: FundId, reason: &str) -> Result<NamedFund, FundError> {
    rules::words("reason", reason, WORDS_CHARS_MAX)?;
    let (mut tx, mut fund) = begin(services, by, (id, Permission::ProjectManage)).await?;
    fund.state = rules::ask_close(&fund.state, by.id, (services.now(), reason))?;
    projects::actions::end_in(&mut tx, fund.project, services.now()).await?;
    store::set_state(&mut tx, &fund).await?;
    finish(
        tx,
        services,
        (&fund, Some(by.id)),
        ("named_fund.close_asked", json!({})),
    )
    .await?;
    Ok(fund)
}

/// Closes a fund: another person agrees, the fees that are due are taken, and the rest goes where the agreement says, as
/// one journal. Fact `named_fund.closed`.
///
/// # Errors
/// [`FundError::FourEyes`], [`FundError::State`], [`FundError::NotClear`], [`FundError::Books`] and others.
pub async fn close(services: &Services, by: &Actor, id: FundId) -> Result<NamedFund, FundError> {
    take_fees_of(services, id).await?;
    let (mut tx, mut fund) = begin(services, by, (id, Permission::BooksPost)).await?;
    let books_of = host(&mut tx, fund.unit).await?;
    set_floor(&mut tx, (books_of, id), Fen::ZERO, services.now()).await?;
    let rest = available(&mut tx, books_of, id).await?;
    let position = books::position(&mut tx, id, services.now().business_day()).await?;
    let clear = (
        position.money,
        position.restricted,
        position.agency,
        position.unrestricted,
    );
    if clear != (rest, rest, Fen::ZERO, Fen::ZERO) {
        return Err(FundError::NotClear);
    }
    fund.state = rules::close(&fund.state, by.id, (services.now(), rest))?;
    let journal = if rest.is_positive() {
        let to = projects::store::project(&mut tx, fund.rest_to).await?;
        let to = to.ok_or(FundError::NotFound("rest_to"))?.fund;
        let leaving = Leaving {
            unit: books_of,
            from: id,
            to: Some(to),
            arrives: Arrives::Restricted,
            amount: rest,
            header: header(services, &fund, (Some(by.id), "rest".to_owned())),
        };
        Some(leave(&mut tx, services, leaving).await?)
    } else {
        None
    };
    store::set_state(&mut tx, &fund).await?;
    let body = json!({
        "rest_fen": rest,
        "journal": journal.map(|journal| hex(&journal.bytes())),
        "rest_to": hex(&fund.rest_to.bytes()),
    });
    finish(tx, services, (&fund, Some(by.id)), ("named_fund.closed", body)).await?;
    Ok(fund)
}

/// The header of a fund's own journal: its agreement, and the key under which it is booked once.
fn header(services: &Services, fund: &NamedFund, (actor, what): (Option<ActorId>, String)) -> Header {
    let key = format!("nf-{}-{what}", &hex(&fund.fund.bytes()));
    Header {
        created_at: services.now(),
        actor,
        memo_code: Some(fund.agreement.number.clone()),
        request: Some((key.clone(), key)),
    }
}

/// Publishes the report of a year. The same again changes nothing. Fact `named_fund.reported`.
///
/// # Errors
/// [`FundError::Exists`] for a year that has another one, [`FundError::Invalid`], [`FundError::State`],
/// [`FundError::NotFound`], [`FundError::Forbidden`].
pub async fn report(
    services: &Services,
    by: &Actor,
    id: FundId,
    (year, words, words_en): (i64, &str, &str),
) -> Result<Report, FundError> {
    rules::words("words", words, REPORT_CHARS_MAX)?;
    if !words_en.trim().is_empty() {
        rules::words("words_en", words_en, 2 * REPORT_CHARS_MAX)?;
    }
    let (mut tx, fund) = begin(services, by, (id, Permission::ProjectManage)).await?;
    let Some(opened) = fund.state.opened_at() else {
        return Err(FundError::State(fund.state.as_str()));
    };
    let now = services.now();
    let years = i64::from(opened.business_day().year())..=i64::from(now.business_day().year());
    if !years.contains(&year) {
        let why = "a year since the fund was opened is expected";
        return Err(FundError::Invalid { field: "year", why });
    }
    let known = store::reports(&mut tx, fund.unit, id).await?;
    if let Some(known) = known.into_iter().find(|report| report.year == year) {
        let same = known.words == words.trim() && known.words_en == words_en.trim();
        return if same { Ok(known) } else { Err(FundError::Exists) };
    }
    let report = Report {
        year,
        words: words.trim().to_owned(),
        words_en: words_en.trim().to_owned(),
        published_at: now,
    };
    store::insert_report(&mut tx, (fund.unit, id), &report, by.id).await?;
    finish(
        tx,
        services,
        (&fund, Some(by.id)),
        ("named_fund.reported", json!({ "year": year })),
    )
    .await?;
    Ok(report)
}

/// What looking after the funds did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Looked {
    /// Funds looked at.
    pub funds: u64,
    /// Months charged.
    pub fees: u64,
    /// Alerts that began.
    pub alerted: u64,
    /// Alerts that are over.
    pub ended: u64,
}

/// Takes the fees of months that are over, and opens and ends alerts. May run at any time and twice.
///
/// # Errors
/// [`FundError`] of the database.
pub async fn look_after(services: &Services) -> Result<Looked, FundError> {
    let mut at = services.db.snapshot().await?;
    let funds = store::opened(&mut at).await?;
    drop(at);
    let mut looked = Looked::default();
    for fund in funds {
        looked.funds += 1;
        let (months, fees) = take_fees_of(services, fund.fund).await?;
        looked.fees += months;
        let (begun, over) = watch(services, fund.fund, fees).await?;
        looked.alerted += begun;
        looked.ended += over;
    }
    Ok(looked)
}

/// Takes the fee of each month that is over, each once, in a transaction of its own. Fact `named_fund.fee_taken`.
async fn take_fees_of(services: &Services, id: FundId) -> Result<(u64, Fees), FundError> {
    let mut months = 0;
    loop {
        let mut tx = services.db.begin().await?;
        let fund = store::lock(&mut tx, id).await?.ok_or(FundError::NotFound("fund"))?;
        if matches!(fund.state, FundState::Draft | FundState::Closed { .. }) {
            return Ok((months, Fees::Taken));
        }
        let (last, taken) = store::fees_taken(&mut tx, fund.unit, id).await?;
        let today = services.now().business_day();
        let terms = rules::fee_terms(&fund, &store::versions(&mut tx, fund.unit, id).await?);
        let signed_on = terms.first().map_or(fund.agreement.signed_on, |first| first.from);
        let due = rules::months_to_charge(signed_on, last, today);
        let Some(month) = due.first().copied() else {
            return Ok((months, Fees::Taken));
        };
        match take_fee(&mut tx, services, (&fund, &terms), (month, taken)).await {
            Ok(fee) => {
                store::insert_fee(&mut tx, (fund.unit, id), &fee).await?;
                let body = json!({
                    "month": fee.month,
                    "base_fen": fee.base,
                    "fee_fen": fee.fee,
                    "journal": fee.journal.map(|journal| hex(&journal.bytes())),
                });
                finish(tx, services, (&fund, None), ("named_fund.fee_taken", body)).await?;
                months += 1;
            }
            // It is taken once the fund holds it; an alert says so.
            Err(FundError::Books(LedgerError::FundLacks { .. } | LedgerError::BelowFloor { .. })) => {
                return Ok((months, Fees::Waiting));
            }
            Err(error) => return Err(error),
        }
    }
}

async fn take_fee(
    tx: &mut Tx,
    services: &Services,
    (fund, terms): (&NamedFund, &[FeeTerms]),
    (month, taken): (Period, Fen),
) -> Result<Fee, FundError> {
    let mut gifts = Vec::with_capacity(terms.len());
    for (fee_bp, days) in rules::days_of_terms(terms, month.last()) {
        gifts.push((fee_bp, rules::gifts(&books::moved(tx, fund.fund, days).await?)?));
    }
    let base = Fen::sum(gifts.iter().map(|(_, base)| *base))?;
    let fee = rules::fee_due(&gifts, taken);
    let journal = if fee.is_positive() {
        let to = projects::store::general_fund_of(tx, fund.unit)
            .await?
            .map(|fund| fund.id);
        let leaving = Leaving {
            unit: host(tx, fund.unit).await?,
            from: fund.fund,
            to,
            arrives: Arrives::Lifted,
            amount: fee,
            header: header(services, fund, (None, month.number().to_string())),
        };
        Some(leave(tx, services, leaving).await?)
    } else {
        None
    };
    Ok(Fee {
        month: month.number(),
        base,
        fee,
        journal,
        taken_at: services.now(),
    })
}

/// Opens and ends the alerts of a fund; how many of both. Facts `named_fund.alerted`, `named_fund.alert_ended`.
async fn watch(services: &Services, id: FundId, fees: Fees) -> Result<(u64, u64), FundError> {
    let today = services.now().business_day();
    let (mut begun, mut over) = (0, 0);
    for kind in AlertKind::ALL {
        let mut tx = services.db.begin().await?;
        let fund = store::lock(&mut tx, id).await?.ok_or(FundError::NotFound("fund"))?;
        let known = store::open_alerts(&mut tx, fund.unit, id).await?;
        let seen = seen(&mut tx, &fund, (fees, today)).await?;
        let wanted = rules::alerts(&fund, &seen, today).contains(&kind);
        let of = (fund.unit, id);
        let changed = match (known.contains(&kind), wanted) {
            (false, true) if store::open_alert(&mut tx, of, kind, today).await? => {
                begun += 1;
                Some("named_fund.alerted")
            }
            (true, false) if store::close_alert(&mut tx, of, kind, today).await? => {
                over += 1;
                Some("named_fund.alert_ended")
            }
            _ => None,
        };
        if let Some(changed) = changed {
            finish(tx, services, (&fund, None), (changed, json!({ "kind": kind }))).await?;
        }
    }
    Ok((begun, over))
}

async fn seen(tx: &mut Tx, fund: &NamedFund, (fees, today): (Fees, BusinessDay)) -> Result<Seen, FundError> {
    let reports = store::reports(tx, fund.unit, fund.fund).await?;
    Ok(Seen {
        position: books::position(tx, fund.fund, today).await?,
        reported: reports.first().map(|report| report.year),
        fees,
    })
}

/// Begins a change of a fund that the actor may change; for others it does not exist.
async fn begin(
    services: &Services,
    by: &Actor,
    (id, permission): (FundId, Permission),
) -> Result<(Tx, NamedFund), FundError> {
    by.require_somewhere(permission)?;
    let mut tx = services.db.begin().await?;
    let fund = store::lock(&mut tx, id).await?.ok_or(FundError::NotFound("fund"))?;
    by.require(permission, fund.unit)
        .map_err(|_| FundError::NotFound("fund"))?;
    Ok((tx, fund))
}

async fn finish(
    tx: Tx,
    services: &Services,
    (fund, actor): (&NamedFund, Option<ActorId>),
    (kind, body): (&'static str, Value),
) -> Result<(), FundError> {
    let fact = NewFact {
        unit: fund.unit,
        kind,
        subject: fund.fund.bytes(),
        actor,
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
