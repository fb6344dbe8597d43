//! Sending, reading, confirming, reminding, withdrawing. Each change is one transaction with one fact.

mod files;

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{Instant, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission, rules as powers};
use platform::jobs::{NewJob, enqueue};
use serde_json::json;

use super::error::DocumentError;
use super::jobs;
use super::model::{Document, DocumentId, NewDocument, State};
use super::{queries, rules, store};
pub use files::{file, hand_in};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "document.sent",
    "document.read",
    "document.confirmed",
    "document.reminded",
    "document.withdrawn",
    "document.file_handed_in",
];

/// Sends a document under its unit's next number of the year; the receiving units are told. The same key again is the same
/// document. Fact `document.sent`.
///
/// # Errors
/// [`DocumentError`]: not allowed, not whole, nobody to send it to, a file or an answered document that is not there.
pub async fn send(services: &Services, by: &Actor, new: NewDocument) -> Result<Document, DocumentError> {
    by.require(Permission::DocumentSend, new.unit)?;
    let now = services.now();
    rules::check_new(&new, now)?;
    let mut tx = services.db.begin().await?;
    let units = crate::network::store::all_units(&mut tx).await?;
    let unit = units.iter().find(|unit| unit.id == new.unit && unit.is_open());
    let unit = unit.ok_or(DocumentError::NotFound("unit"))?;
    let recipients = rules::recipients(&units, new.unit, &new.to)?;
    for part in &new.parts {
        let known = store::filed(&mut tx, new.unit, part.sha256).await?;
        known.ok_or(DocumentError::FileMissing)?;
    }
    if let Some(answered) = new.reply_to {
        let scope = platform::identity::Scope::below(new.unit);
        let seen = queries::document_seen(&mut tx, (&scope, &services.tree), answered).await?;
        seen.ok_or(DocumentError::NotFound("document"))?;
    }
    let year = i64::from(now.business_day().year());
    let number = store::next_number(&mut tx, new.unit, year).await?;
    // Looked for once the number is held: who sends the same at once has waited here. Nothing of this is committed.
    if let Some(known) = store::by_key(&mut tx, new.unit, &new.key).await? {
        let same = known.title == new.title.trim() && known.body == new.body.trim();
        return if same { Ok(known) } else { Err(DocumentError::KeyReused) };
    }
    let document = Document {
        id: DocumentId::new(now, &*services.rng),
        unit: new.unit,
        year,
        number,
        code: rules::code(&unit.short_name, year, number),
        title: new.title.trim().to_owned(),
        body: new.body.trim().to_owned(),
        reply_to: new.reply_to,
        confirm_by: new.confirm_by,
        sent_by: by.id,
        sent_at: now,
        state: State::Sent,
    };
    store::insert(&mut tx, &document, &new.key).await?;
    store::insert_recipients(&mut tx, document.id, &recipients).await?;
    let grams = rules::grams(&format!("{} {}", document.title, document.code));
    store::insert_grams(&mut tx, document.id, &grams).await?;
    store::insert_parts(&mut tx, document.id, &new.parts).await?;
    tell(&mut tx, services, &document, ("sent", &recipients)).await?;
    if let Some(at) = document.confirm_by {
        let input = json!({ "document": hex(&document.id.bytes()) });
        put(
            &mut tx,
            services,
            &document,
            (jobs::CLOCK, input, Some(at), "clock".to_owned()),
        )
        .await?;
    }
    let body = json!({
        "year": year,
        "number": number,
        "units": recipients.len(),
        "files": new.parts.len(),
        "reply_to": new.reply_to.map(|id| hex(&id.bytes())),
    });
    finish(
        tx,
        services,
        (Some(by), "document.sent", &document, document.unit),
        body,
    )
    .await?;
    Ok(document)
}

/// Writes that a document was read in a unit; only the first reader counts. Fact `document.read`.
///
/// # Errors
/// [`DocumentError`]: not there, withdrawn, somebody who does not work in the unit.
pub async fn read(services: &Services, by: &Actor, id: DocumentId, unit: UnitId) -> Result<(), DocumentError> {
    let (mut tx, document) = received(services, by, (id, unit)).await?;
    if !store::note_read(&mut tx, (id, unit), (by.id, services.now())).await? {
        return Ok(());
    }
    finish(tx, services, (Some(by), "document.read", &document, unit), json!({})).await
}

/// Confirms for a unit that a document came; the first who does counts. Fact `document.confirmed`.
///
/// # Errors
/// [`DocumentError`]: not there, withdrawn, somebody who does not work in the unit.
pub async fn confirm(services: &Services, by: &Actor, id: DocumentId, unit: UnitId) -> Result<(), DocumentError> {
    let (mut tx, document) = received(services, by, (id, unit)).await?;
    if !store::note_confirmed(&mut tx, (id, unit), (by.id, services.now())).await? {
        return Ok(());
    }
    finish(
        tx,
        services,
        (Some(by), "document.confirmed", &document, unit),
        json!({}),
    )
    .await
}

/// Reminds the units that have not confirmed; returns how many. Fact `document.reminded`.
///
/// # Errors
/// [`DocumentError`]: not there, withdrawn, nobody left to be reminded.
pub async fn remind(services: &Services, by: &Actor, id: DocumentId) -> Result<u64, DocumentError> {
    let (tx, document) = sent(services, by, id).await?;
    remind_with(tx, services, Some(by), &document).await
}

/// Does what is due of a document when its time to confirm is over; returns how many units were reminded.
///
/// # Errors
/// [`DocumentError`].
pub async fn tick(services: &Services, id: DocumentId) -> Result<u64, DocumentError> {
    let mut tx = services.db.begin().await?;
    store::lock(&mut tx, id).await?;
    let document = store::document(&mut tx, id).await?;
    let Some(document) = document.filter(|document| document.state == State::Sent) else {
        return Ok(0);
    };
    match remind_with(tx, services, None, &document).await {
        Err(DocumentError::Refused(rules::Refusal::NobodyToRemind)) => Ok(0),
        other => other,
    }
}

async fn remind_with(
    mut tx: Tx,
    services: &Services,
    by: Option<&Actor>,
    document: &Document,
) -> Result<u64, DocumentError> {
    let now = services.now();
    rules::stands(document)?;
    let receipts = store::receipts(&mut tx, document.id).await?;
    let units = rules::to_remind(&receipts, now)?;
    store::note_reminded(&mut tx, document.id, &units, now).await?;
    tell(
        &mut tx,
        services,
        document,
        (&format!("remind/{}", now.micros()), &units),
    )
    .await?;
    let count = units.len() as u64;
    let body = json!({ "units": count });
    finish(tx, services, (by, "document.reminded", document, document.unit), body).await?;
    Ok(count)
}

/// Takes a document back; its number stays, and its receivers are told. Fact `document.withdrawn`.
///
/// # Errors
/// [`DocumentError`]: not there, withdrawn before, no reason.
pub async fn withdraw(services: &Services, by: &Actor, id: DocumentId, reason: &str) -> Result<(), DocumentError> {
    rules::check_reason(reason)?;
    let (mut tx, document) = sent(services, by, id).await?;
    rules::stands(&document)?;
    store::withdraw(&mut tx, id, reason.trim(), (by.id, services.now())).await?;
    let receipts = store::receipts(&mut tx, id).await?;
    let units: Vec<UnitId> = receipts.into_iter().map(|receipt| receipt.unit).collect();
    tell(&mut tx, services, &document, ("withdrawn", &units)).await?;
    let body = json!({ "year": document.year, "number": document.number });
    finish(
        tx,
        services,
        (Some(by), "document.withdrawn", &document, document.unit),
        body,
    )
    .await
}

/// The document that one of the actor's units sent; else it does not exist for her.
async fn sent(services: &Services, by: &Actor, id: DocumentId) -> Result<(Tx, Document), DocumentError> {
    by.require_somewhere(Permission::DocumentSend)?;
    let mut tx = services.db.begin().await?;
    store::lock(&mut tx, id).await?;
    let missing = || DocumentError::NotFound("document");
    let document = store::document(&mut tx, id).await?.ok_or_else(missing)?;
    by.require(Permission::DocumentSend, document.unit)
        .map_err(|_| missing())?;
    Ok((tx, document))
}

/// The document that a unit received in which the actor herself works: who only stands above it does not read for it.
async fn received(
    services: &Services,
    by: &Actor,
    (id, unit): (DocumentId, UnitId),
) -> Result<(Tx, Document), DocumentError> {
    by.require_somewhere(Permission::DocumentRead)?;
    let missing = || DocumentError::NotFound("document");
    by.require(Permission::DocumentRead, unit).map_err(|_| missing())?;
    let mut tx = services.db.begin().await?;
    store::lock(&mut tx, id).await?;
    let document = store::document(&mut tx, id).await?.ok_or_else(missing)?;
    let receipts = store::receipts(&mut tx, id).await?;
    if !receipts.iter().any(|receipt| receipt.unit == unit) {
        return Err(missing());
    }
    let works_there = |(role, at): &(platform::identity::Role, UnitId)| {
        *at == unit && powers::allows(*role, Permission::DocumentRead)
    };
    if !by.roles.iter().any(works_there) {
        return Err(DocumentError::NotOfUnit);
    }
    rules::stands(&document)?;
    Ok((tx, document))
}

async fn tell(
    tx: &mut Tx,
    services: &Services,
    document: &Document,
    (what, units): (&str, &[UnitId]),
) -> Result<(), DocumentError> {
    let units: Vec<String> = units.iter().map(|unit| hex(&unit.bytes())).collect();
    let word = what.split('/').next().unwrap_or(what);
    let input = json!({ "document": hex(&document.id.bytes()), "what": word, "units": units });
    put(
        tx,
        services,
        document,
        (jobs::TELL, input, None, format!("tell/{what}")),
    )
    .await
}

type Put = (&'static str, serde_json::Value, Option<Instant>, String);

async fn put(
    tx: &mut Tx,
    services: &Services,
    document: &Document,
    (kind, input, at, what): Put,
) -> Result<(), DocumentError> {
    let job = NewJob {
        unit: document.unit,
        kind,
        input,
        by: document.sent_by,
        not_before: at,
        once_key: Some(format!("document/{}/{what}", hex(&document.id.bytes()))),
    };
    enqueue(tx, job, services).await?;
    Ok(())
}

async fn finish(
    tx: Tx,
    services: &Services,
    (by, kind, document, unit): (Option<&Actor>, &'static str, &Document, UnitId),
    body: serde_json::Value,
) -> Result<(), DocumentError> {
    let fact = NewFact {
        unit,
        kind,
        subject: document.id.bytes(),
        actor: by.map(|actor| actor.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
