//! Keeping one's own list, rules and alerts. Facts say that somebody did, and neither what she watches nor why.

use db::{Snapshot, Tx};
use kernel::id::Id as _;
use kernel::{ActorId, Instant, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::error::SupervisionError;
use super::model::{Alert, AlertId, Condition, Rule, RuleId, ThingId, ThingKind, Watched, WatchedId};
use super::queries::{ENTRIES_MAX, RULES_MAX};
use super::sight::Sight;
use super::{rules, store};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "supervision.listed",
    "supervision.noted",
    "supervision.unlisted",
    "supervision.rule_set",
    "supervision.rule_ended",
    "supervision.alert_seen",
];
/// What notes on things are sealed for.
pub const WATCHED_PLACE: &str = "watched.note";
/// What notes on alerts are sealed for.
pub const ALERT_PLACE: &str = "watch_alert.note";

/// Puts a thing on one's own list; needs [`Permission::AuditRead`] in its unit. The same thing again takes the new note.
/// Fact `supervision.listed`.
///
/// # Errors
/// [`SupervisionError`]: no such thing in the reader's scope, too many, a note too long.
pub async fn watch(
    services: &Services,
    sight: &dyn Sight,
    by: &Actor,
    (kind, thing): (ThingKind, ThingId),
    note: &str,
) -> Result<Watched, SupervisionError> {
    by.require_somewhere(Permission::AuditRead)?;
    rules::check_note(note)?;
    let mut at: Snapshot = services.db.snapshot().await?;
    let known = sight.thing(&mut at, kind, thing.bytes()).await?;
    drop(at);
    let known = known.filter(|known| by.require(Permission::AuditRead, known.unit).is_ok());
    let known = known.ok_or(SupervisionError::NotFound("thing"))?;
    let note_sealed = sealed(services, note, WATCHED_PLACE);
    let mut tx = services.db.begin().await?;
    if let Some(mut before) = store::on_list(&mut tx, by.id, (kind, thing)).await? {
        store::put_note(&mut tx, before.id, note_sealed.clone()).await?;
        before.note_sealed = note_sealed;
        finish(tx, services, by, ("supervision.noted", before.unit, before.id.bytes())).await?;
        return Ok(before);
    }
    if store::counts(&mut tx, by.id).await?.0 >= ENTRIES_MAX {
        return Err(SupervisionError::TooMany(ENTRIES_MAX));
    }
    let now = services.now();
    let watched = Watched {
        id: WatchedId::new(now, &*services.rng),
        unit: known.unit,
        owner: by.id,
        kind,
        thing,
        name: known.name,
        note_sealed,
        created_at: now,
    };
    store::insert_watched(&mut tx, &watched).await?;
    finish(
        tx,
        services,
        by,
        ("supervision.listed", watched.unit, watched.id.bytes()),
    )
    .await?;
    Ok(watched)
}

/// Writes another note beside a thing on one's own list. Fact `supervision.noted`.
///
/// # Errors
/// [`SupervisionError`]: none of hers, a note too long.
pub async fn note(services: &Services, by: &Actor, id: WatchedId, note: &str) -> Result<Watched, SupervisionError> {
    by.require_somewhere(Permission::AuditRead)?;
    rules::check_note(note)?;
    let note_sealed = sealed(services, note, WATCHED_PLACE);
    let mut tx = services.db.begin().await?;
    let mut watched = store::watched(&mut tx, by.id, id)
        .await?
        .ok_or(SupervisionError::NotFound("thing"))?;
    store::put_note(&mut tx, id, note_sealed.clone()).await?;
    watched.note_sealed = note_sealed;
    finish(tx, services, by, ("supervision.noted", watched.unit, id.bytes())).await?;
    Ok(watched)
}

/// Takes a thing off one's own list, its note with it. Fact `supervision.unlisted`.
///
/// # Errors
/// [`SupervisionError`]: none of hers.
pub async fn unwatch(services: &Services, by: &Actor, id: WatchedId) -> Result<(), SupervisionError> {
    by.require_somewhere(Permission::AuditRead)?;
    let mut tx = services.db.begin().await?;
    let watched = store::watched(&mut tx, by.id, id).await?;
    let unit = watched.ok_or(SupervisionError::NotFound("thing"))?.unit;
    store::delete_watched(&mut tx, by.id, id).await?;
    finish(tx, services, by, ("supervision.unlisted", unit, id.bytes())).await
}

/// Sets a rule over a unit and all below it; needs [`Permission::AuditRead`] there. It looks at what happens from now on.
/// Fact `supervision.rule_set`.
///
/// # Errors
/// [`SupervisionError`]: not allowed, out of shape, too many.
pub async fn set_rule(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    (title, condition): (&str, Condition),
) -> Result<Rule, SupervisionError> {
    by.require(Permission::AuditRead, unit)?;
    let title = title.trim();
    rules::check(title, &condition)?;
    let mut tx = services.db.begin().await?;
    if crate::network::store::unit(&mut tx, unit).await?.is_none() {
        return Err(SupervisionError::NotFound("unit"));
    }
    if store::counts(&mut tx, by.id).await?.1 >= RULES_MAX {
        return Err(SupervisionError::TooMany(RULES_MAX));
    }
    let now = services.now();
    let rule = Rule {
        id: RuleId::new(now, &*services.rng),
        unit,
        owner: by.id,
        title: title.to_owned(),
        condition,
        created_at: now,
        ended_at: None,
    };
    let text = serde_json::to_string(&rule.condition).map_err(|error| db::DbError::Other(error.to_string()))?;
    store::insert_rule(&mut tx, &rule, text).await?;
    finish(tx, services, by, ("supervision.rule_set", unit, rule.id.bytes())).await?;
    Ok(rule)
}

/// Ends one's own rule; what it raised stays. Repeating it changes nothing. Fact `supervision.rule_ended`.
///
/// # Errors
/// [`SupervisionError`]: none of hers.
pub async fn end_rule(services: &Services, by: &Actor, id: RuleId) -> Result<Rule, SupervisionError> {
    by.require_somewhere(Permission::AuditRead)?;
    let mut tx = services.db.begin().await?;
    let mut rule = store::rule(&mut tx, by.id, id)
        .await?
        .ok_or(SupervisionError::NotFound("rule"))?;
    if rule.ended_at.is_some() {
        return Ok(rule);
    }
    let now = services.now();
    store::end_rule(&mut tx, id, now).await?;
    rule.ended_at = Some(now);
    finish(tx, services, by, ("supervision.rule_ended", rule.unit, id.bytes())).await?;
    Ok(rule)
}

/// Marks one's own alert seen, with a note; again takes the new note. Fact `supervision.alert_seen`.
///
/// # Errors
/// [`SupervisionError`]: none of hers, a note too long.
pub async fn see(services: &Services, by: &Actor, id: AlertId, note: &str) -> Result<Alert, SupervisionError> {
    by.require_somewhere(Permission::AuditRead)?;
    rules::check_note(note)?;
    let note_sealed = sealed(services, note, ALERT_PLACE);
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut alert = store::alert(&mut tx, by.id, id)
        .await?
        .ok_or(SupervisionError::NotFound("alert"))?;
    store::mark_seen(&mut tx, id, (now, note_sealed.clone())).await?;
    alert.seen_at = alert.seen_at.or(Some(now));
    alert.note_sealed = note_sealed;
    finish(tx, services, by, ("supervision.alert_seen", alert.unit, id.bytes())).await?;
    Ok(alert)
}

fn sealed(services: &Services, note: &str, place: &str) -> Option<Vec<u8>> {
    let note = note.trim();
    (!note.is_empty()).then(|| services.keys.seal(note.as_bytes(), place, &*services.rng))
}

/// A note, for its owner; empty where there is none.
///
/// # Errors
/// [`SupervisionError::Key`].
pub fn opened(services: &Services, sealed: Option<&[u8]>, place: &str) -> Result<String, SupervisionError> {
    let Some(sealed) = sealed else { return Ok(String::new()) };
    let plain = services.keys.open(sealed, place)?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

/// An alert that a fact raises for a rule, ready to be written.
pub(super) fn alert_of(
    services: &Services,
    rule: &Rule,
    fact: &platform::facts::Fact,
    (amount, now): (Option<kernel::Fen>, Instant),
) -> Alert {
    Alert {
        id: AlertId::new(now, &*services.rng),
        unit: fact.unit,
        owner: rule.owner,
        rule: rule.id,
        title: rule.title.clone(),
        fact: fact.id,
        fact_kind: fact.kind.clone(),
        subject: ThingId::from_bytes(fact.subject),
        amount,
        happened_at: fact.happened_at,
        raised_at: now,
        seen_at: None,
        note_sealed: None,
    }
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, unit, subject): (&'static str, UnitId, [u8; 16]),
) -> Result<(), SupervisionError> {
    let actor: ActorId = by.id;
    let fact = NewFact {
        unit,
        kind,
        subject,
        actor: Some(actor),
        body: json!({}),
    };
    Ok(conclude(tx, fact, services).await?)
}
