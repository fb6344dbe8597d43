//! Planning an event, counting, depositing and matching its takings; its helpers; whence the money came.

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Fen, ReceivingAccountId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission, RevealReason};
use serde_json::json;

use super::error::EventError;
use super::model::{
    Count, Counted, Deposit, Event, EventId, EventState, NewEvent, NewSolicitor, NewSource, Person, SolicitorId,
    Source, SourceId, SourceKind,
};
use super::rules::{self, CountOutcome, NAME_CHARS_MAX, SLIP_CHARS_MAX, SOURCES_MAX};
use super::store;
use crate::State;
use crate::donations::counter::{self, CounterGift};
use crate::donations::{Outcome, Payer};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "event.planned",
    "event.counted",
    "event.recounted",
    "event.deposited",
    "event.booked",
    "event.parted",
    "solicitor.registered",
    "solicitor.revealed",
    "sources.registered",
    "source.corrected",
    "source.ended",
];
/// Where a solicitor is sealed for.
pub(crate) const PERSON_PLACE: &str = "event.solicitor";
/// Solicitors of one event in one answer.
const SOLICITORS_MAX: i64 = 500;

impl Counted {
    /// The first of the two counts.
    pub(super) const fn as_first(&self) -> Count {
        Count {
            by: self.first,
            amount: self.amount,
        }
    }
}

/// Plans an event; needs [`Permission::ProjectManage`]. The same key with the same event is answered with the first. Fact
/// `event.planned`.
///
/// # Errors
/// [`EventError`]: not allowed, no such project, out of shape.
pub async fn plan(services: &Services, by: &Actor, new: NewEvent) -> Result<Event, EventError> {
    by.require(Permission::ProjectManage, new.unit)?;
    rules::check_event(&new.title, &new.key)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let project = crate::projects::store::load_intake_project(&mut tx, new.project).await?;
    let project = project.ok_or(EventError::NotFound("project"))?;
    // A county holds an event for its own project or for one of those above it.
    let line = services.tree.ancestors(new.unit);
    if !line.contains(&project.unit_id) && !services.tree.is_within(project.unit_id, new.unit) {
        return Err(EventError::NotFound("project"));
    }
    let event = Event {
        id: EventId::new(now, &*services.rng),
        unit: new.unit,
        project: new.project,
        kind: new.kind,
        title: new.title.trim().to_owned(),
        held_on: new.held_on,
        state: EventState::Planned,
        created_at: now,
    };
    if let Some(before) = store::by_key(&mut tx, new.unit, &new.key).await? {
        let same = (before.project, &before.title, before.held_on) == (event.project, &event.title, event.held_on);
        return if same { Ok(before) } else { Err(EventError::KeyReused) };
    }
    store::insert(&mut tx, &event, &new.key).await?;
    let body = json!({ "project": hex(&event.project.bytes()), "kind": event.kind, "held_on": event.held_on });
    finish(tx, services, by, ("event.planned", &event), body).await?;
    Ok(event)
}

/// Takes what one person counted; needs [`Permission::GiftRecord`]. Two people must come to the same sum: when they do
/// not, both count again. Facts `event.counted`, `event.recounted`.
///
/// # Errors
/// [`EventError`].
pub async fn count(
    services: &Services,
    by: &Actor,
    id: EventId,
    amount: Fen,
) -> Result<(Event, CountOutcome), EventError> {
    let (mut tx, mut event) = begin(services, by, id, Permission::GiftRecord).await?;
    let count = Count { by: by.id, amount };
    let outcome = rules::count(&mut event, count, services.now().business_day())?;
    if outcome == CountOutcome::Known {
        return Ok((event, outcome));
    }
    store::put_state(&mut tx, &event).await?;
    let kind = match outcome {
        CountOutcome::Differs => "event.recounted",
        _ => "event.counted",
    };
    let body = json!({ "amount_fen": amount, "state": event.state.as_str() });
    finish(tx, services, by, (kind, &event), body).await?;
    Ok((event, outcome))
}

/// What a deposit slip says.
#[derive(Debug, Clone)]
pub struct Slip {
    /// Into which account.
    pub account: ReceivingAccountId,
    /// On which day.
    pub on: BusinessDay,
    /// Its number.
    pub number: String,
}

/// Notes that the counted takings were paid into the bank; needs [`Permission::GiftRecord`]. Fact `event.deposited`.
///
/// # Errors
/// [`EventError`]: not counted by two people yet, no such bank account, out of shape.
pub async fn deposit(services: &Services, by: &Actor, id: EventId, slip: Slip) -> Result<Event, EventError> {
    let (mut tx, mut event) = begin(services, by, id, Permission::GiftRecord).await?;
    let account = governance::network::store::account(&mut tx, slip.account).await?;
    let account = account.filter(|account| account.closed_at.is_none() && account.channel == kernel::Channel::Bank);
    account.ok_or(EventError::NotFound("account"))?;
    let deposit = Deposit {
        account: slip.account,
        on: slip.on,
        slip: slip.number.trim().to_owned(),
        by: by.id,
    };
    if !rules::deposit(&mut event, deposit, services.now().business_day())? {
        return Ok(event);
    }
    store::put_state(&mut tx, &event).await?;
    let body = json!({ "account": hex(&slip.account.bytes()), "on": slip.on });
    finish(tx, services, by, ("event.deposited", &event), body).await?;
    Ok(event)
}

/// Matches the deposit to the bank's line by its number; needs [`Permission::GiftRecord`] where the account is, and is not
/// for who deposited. The takings become a gift under the bank's number: a line that was imported before is found, one that
/// is imported later is known. Fact `event.booked`; the gift has its own.
///
/// # Errors
/// [`EventError::BankLine`] when the line has another amount, goes to another project or is another event's.
pub async fn book(giving: &State, by: &Actor, id: EventId, bank_no: &str) -> Result<Event, EventError> {
    let services = &giving.services;
    let bank_no = bank_no.trim();
    if bank_no.is_empty() || bank_no.chars().count() > SLIP_CHARS_MAX {
        return Err(EventError::Invalid {
            field: "bank_no",
            why: "1 to 64 characters, as in the bank’s file",
        });
    }
    let (event, deposit) = {
        let mut at = services.db.snapshot().await?;
        let event = seen(store::event(&mut at, id).await?, by, Permission::GiftRecord)?;
        let (_, deposit) = rules::may_match(&event, by.id)?;
        (event, deposit)
    };
    let amount = event.state.counted().map_or(Fen::ZERO, |counted| counted.amount);
    let gift = CounterGift {
        account: deposit.account,
        project: event.project,
        amount,
        bank_no: Some(bank_no.to_owned()),
        key: hex(&id.bytes()),
        paid_at: Some(deposit.on.start()),
        payer: Payer {
            name: Some(event.title.clone()),
            ..Payer::default()
        },
        anonymous: false,
        receipt: None,
    };
    let gift = match counter::enter(giving, by, gift).await? {
        Outcome::Recorded(gift) | Outcome::Known(gift) => gift,
        Outcome::Held { .. } => return Err(EventError::BankLine),
    };
    let (mut tx, mut event) = begin(services, by, id, Permission::GiftRecord).await?;
    let (counted, deposit) = rules::may_match(&event, by.id)?;
    if let EventState::Booked(_, _, known) = &event.state {
        return if *known == gift {
            Ok(event)
        } else {
            Err(EventError::State("booked"))
        };
    }
    let booked = crate::donations::queries::gift(&mut tx, gift).await?;
    let fits = booked.is_some_and(|booked| booked.project == event.project);
    if !fits || store::of_gift(&mut tx, gift).await?.is_some() {
        return Err(EventError::BankLine);
    }
    event.state = EventState::Booked(counted, deposit, gift);
    store::put_state(&mut tx, &event).await?;
    let body = json!({ "gift": hex(&gift.bytes()), "amount_fen": counted.amount });
    finish(tx, services, by, ("event.booked", &event), body).await?;
    Ok(event)
}

/// Registers who asks for gifts at an event; needs [`Permission::ProjectManage`]. The same form again changes nothing. Fact
/// `solicitor.registered`.
///
/// # Errors
/// [`EventError::Guardian`], [`EventError::MinorCash`] and others.
pub async fn register_solicitor(services: &Services, by: &Actor, new: NewSolicitor) -> Result<(), EventError> {
    let (mut tx, event) = begin(services, by, new.event, Permission::ProjectManage).await?;
    let now = services.now();
    let minor = rules::check_solicitor(&new, now.business_day())?;
    // Three short texts are always JSON.
    let plain = serde_json::to_vec(&new.person).unwrap_or_default();
    let row = store::SolicitorRow {
        id: SolicitorId::new(now, &*services.rng),
        unit: event.unit,
        event: event.id,
        sealed: services.keys.seal(&plain, PERSON_PLACE, &*services.rng),
        minor,
        consented_on: new.consented_on.filter(|_| minor),
    };
    if !store::insert_solicitor(&mut tx, &row, &new.key, now).await? {
        return Ok(());
    }
    let body = json!({ "minor": minor });
    finish(tx, services, by, ("solicitor.registered", &event), body).await
}

/// A helper of an event, for staff. No `Debug`: it names her.
pub struct Solicitor {
    /// Her id.
    pub id: SolicitorId,
    /// Who.
    pub person: Person,
    /// Whether she is a minor.
    pub minor: bool,
    /// When her guardian consented.
    pub consented_on: Option<BusinessDay>,
}

/// The helpers of an event, masked: [`reveal_solicitor`] opens one of them.
///
/// # Errors
/// [`EventError`]: not allowed, no such event.
pub async fn solicitors(services: &Services, by: &Actor, id: EventId) -> Result<Vec<Solicitor>, EventError> {
    let mut at = services.db.snapshot().await?;
    seen(store::event(&mut at, id).await?, by, Permission::ProjectManage)?;
    let kept = store::solicitors(&mut at, id, SOLICITORS_MAX).await?;
    let masked = |open: Solicitor| Solicitor {
        person: rules::masked(&open.person),
        ..open
    };
    kept.into_iter()
        .map(|kept| opened(services, kept).map(masked))
        .collect()
}

/// Opens one helper of an event, to reach her or her guardian; needs [`Permission::PersonalReveal`]. Fact
/// `solicitor.revealed` with the reason.
///
/// # Errors
/// [`EventError`]: not allowed, no such event or helper.
pub async fn reveal_solicitor(
    services: &Services,
    by: &Actor,
    (event, id): (EventId, SolicitorId),
    reason: RevealReason,
) -> Result<Solicitor, EventError> {
    let (mut tx, event) = begin(services, by, event, Permission::PersonalReveal).await?;
    let kept = store::solicitor(&mut tx, (event.id, id)).await?;
    let open = opened(services, kept.ok_or(EventError::NotFound("solicitor"))?)?;
    let body = json!({ "solicitor": hex(&id.bytes()), "reason": reason });
    finish(tx, services, by, ("solicitor.revealed", &event), body).await?;
    Ok(open)
}

fn opened(services: &Services, kept: store::KeptSolicitor) -> Result<Solicitor, EventError> {
    let plain = services.keys.open(&kept.sealed, PERSON_PLACE)?;
    Ok(Solicitor {
        id: kept.id,
        person: store::person(&plain)?,
        minor: kept.minor,
        consented_on: kept.consented_on,
    })
}

/// Registers villages, shops and firms of a county, all or none; gives how many are new. Needs
/// [`Permission::ProjectManage`]. Fact `sources.registered`.
///
/// # Errors
/// [`EventError::Line`] with the line at fault; nothing was registered.
pub async fn register_sources(services: &Services, by: &Actor, unit: UnitId, text: &str) -> Result<usize, EventError> {
    by.require(Permission::ProjectManage, unit)?;
    let sources = rules::sources(text)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut new = 0;
    for source in &sources {
        let id = SourceId::new(now, &*services.rng);
        new += usize::from(store::insert_source(&mut tx, (id, unit), source, now).await?);
    }
    if new == 0 {
        return Ok(0);
    }
    let fact = NewFact {
        unit,
        kind: "sources.registered",
        subject: unit.bytes(),
        actor: Some(by.id),
        body: json!({ "sources": new }),
    };
    conclude(tx, fact, services).await?;
    Ok(new)
}

/// Mends kind and name of a source, with which all that it gave stays; needs [`Permission::ProjectManage`]. What it is
/// already is no change. Fact `source.corrected`, without the name.
///
/// # Errors
/// [`EventError`]: not allowed, no such source, ended, out of shape, another one has the name.
pub async fn correct_source(
    services: &Services,
    by: &Actor,
    id: SourceId,
    right: NewSource,
) -> Result<Source, EventError> {
    let name = rules::source_name(&right.name)?;
    let (mut tx, mut source) = begin_source(services, by, id).await?;
    if source.ended.is_some() {
        return Err(EventError::Invalid {
            field: "source",
            why: "it was ended; register it again to begin it anew",
        });
    }
    if (source.kind, &source.name) == (right.kind, &name) {
        return Ok(source);
    }
    (source.kind, source.name) = (right.kind, name);
    store::put_source(&mut tx, &source, by.id)
        .await
        .map_err(|error| match error {
            DbError::Duplicate(_) => EventError::Invalid {
                field: "name",
                why: "another one of this kind has this name",
            },
            other => other.into(),
        })?;
    finish_source(tx, services, by, ("source.corrected", &source)).await?;
    Ok(source)
}

/// Ends a source that is there no more: it is no longer known and no longer offered, and what it gave stays. Needs
/// [`Permission::ProjectManage`]. One that was ended before is answered with its first reason. Fact `source.ended`.
///
/// # Errors
/// [`EventError`]: not allowed, no such source, no reason.
pub async fn end_source(services: &Services, by: &Actor, id: SourceId, reason: &str) -> Result<Source, EventError> {
    let reason = rules::end_reason(reason)?;
    let (mut tx, mut source) = begin_source(services, by, id).await?;
    if source.ended.is_some() {
        return Ok(source);
    }
    source.ended = Some((services.now(), reason));
    store::put_source(&mut tx, &source, by.id).await?;
    finish_source(tx, services, by, ("source.ended", &source)).await?;
    Ok(source)
}

async fn begin_source(services: &Services, by: &Actor, id: SourceId) -> Result<(Tx, Source), EventError> {
    by.require_somewhere(Permission::ProjectManage)?;
    let mut tx = services.db.begin().await?;
    let source = store::lock_source(&mut tx, id).await?;
    let source = source.filter(|source| by.require(Permission::ProjectManage, source.unit).is_ok());
    let source = source.ok_or(EventError::NotFound("source"))?;
    Ok((tx, source))
}

async fn finish_source(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, source): (&'static str, &Source),
) -> Result<(), EventError> {
    let fact = NewFact {
        unit: source.unit,
        kind,
        subject: source.id.bytes(),
        actor: Some(by.id),
        body: json!({ "kind": source.kind }),
    };
    conclude(tx, fact, services).await?;
    Ok(())
}

/// One part of an event's takings.
#[derive(Debug, Clone)]
pub struct Part {
    /// Of what kind.
    pub kind: SourceKind,
    /// Its name, as registered for the event's unit.
    pub name: String,
    /// How much.
    pub amount: Fen,
}

/// Says which villages, shops and firms an event's takings came from, in the place of what was said before; needs
/// [`Permission::GiftRecord`]. Together they are at most what was counted. Fact `event.parted`.
///
/// # Errors
/// [`EventError::PartsTooMuch`], [`EventError::NotFound`] for one that is not registered.
pub async fn part(services: &Services, by: &Actor, id: EventId, parts: &[Part]) -> Result<(), EventError> {
    let (mut tx, event) = begin(services, by, id, Permission::GiftRecord).await?;
    if parts.len() > SOURCES_MAX || parts.iter().any(|part| part.name.chars().count() > NAME_CHARS_MAX) {
        return Err(EventError::Invalid {
            field: "parts",
            why: "at most 5,000, each with a registered name",
        });
    }
    rules::check_parts(&event, parts.iter().map(|part| part.amount))?;
    let mut known = std::collections::BTreeMap::new();
    for part in parts {
        let source = store::source(&mut tx, (event.unit, event.id), (part.kind, part.name.trim())).await?;
        let source = source.ok_or(EventError::NotFound("source"))?;
        if known.insert(source, part.amount).is_some() {
            return Err(EventError::Invalid {
                field: "parts",
                why: "each source once",
            });
        }
    }
    let rows: Vec<(SourceId, Fen)> = known.into_iter().collect();
    store::put_parts(&mut tx, (event.unit, event.id), &rows, services.now()).await?;
    let sum = Fen::sum(rows.iter().map(|(_, amount)| *amount)).unwrap_or_default();
    let body = json!({ "parts": rows.len(), "sum_fen": sum });
    finish(tx, services, by, ("event.parted", &event), body).await
}

fn seen(event: Option<Event>, by: &Actor, permission: Permission) -> Result<Event, EventError> {
    by.require_somewhere(permission)?;
    event
        .filter(|event| by.require(permission, event.unit).is_ok())
        .ok_or(EventError::NotFound("event"))
}

async fn begin(
    services: &Services,
    by: &Actor,
    id: EventId,
    permission: Permission,
) -> Result<(Tx, Event), EventError> {
    let mut tx = services.db.begin().await?;
    let event = seen(store::lock(&mut tx, id).await?, by, permission)?;
    Ok((tx, event))
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, event): (&'static str, &Event),
    body: serde_json::Value,
) -> Result<(), EventError> {
    let fact = NewFact {
        unit: event.unit,
        kind,
        subject: event.id.bytes(),
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
