//! Looking at every store and writing down what began and what ended.

use std::collections::BTreeMap;

use db::{DbError, Reads};
use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, append};
use platform::jobs::{NewJob, enqueue};
use serde_json::json;

use super::model::{Breach, BreachKey};
use super::store;
use crate::catalogue::model::NormAlert;
use crate::catalogue::queries::norms;
use crate::error::ReliefError;
use crate::stock::queries::{to_inspect, waiting};
use crate::stock::rules::Wait;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.breach_began", "goods.breach_ended"];

/// Changes of a unit that are written at once: a flood of them must not hold others' writing up for seconds.
const BITE: usize = 500;

/// What one look at all stores wrote down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Breaches that began, by unit.
    pub began: BTreeMap<UnitId, usize>,
    /// Breaches that ended.
    pub ended: usize,
}

/// Looks at every store: a fact for each breach that began since the last look, and for each that ended. By nobody.
///
/// # Errors
/// [`ReliefError::Db`] and a parameter that cannot be used.
pub async fn look(services: &Services) -> Result<Looked, ReliefError> {
    let units = store::units(&mut services.db.snapshot().await?).await?;
    let mut looked = Looked::default();
    for unit in units {
        loop {
            let (began, ended) = look_at(services, unit).await?;
            looked.ended += ended;
            if began > 0 {
                *looked.began.entry(unit).or_default() += began;
            }
            if began + ended < BITE {
                break;
            }
        }
    }
    Ok(looked)
}

/// Puts a look in line, once however often it is asked for.
///
/// # Errors
/// Any [`DbError`].
pub(super) async fn put_in_line(services: &Services, job: NewJob) -> Result<(), DbError> {
    let mut tx = services.db.begin().await?;
    enqueue(&mut tx, job, services).await?;
    tx.commit().await
}

/// One bite of a unit's changes; fewer than a full one: there are no more.
async fn look_at(services: &Services, unit: UnitId) -> Result<(usize, usize), ReliefError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let found = breaches(&mut tx, services, unit).await?;
    let mut open = store::open(&mut tx, unit).await?;
    let (mut began, mut ended) = (0, 0);
    for (key, quantity) in found {
        let goes_on = open.remove(&key).is_some();
        let full = began == BITE;
        if !goes_on && !full && store::begin(&mut tx, unit, (key, quantity), now).await? {
            let fact = fact(unit, ("goods.breach_began", key), Some(quantity));
            append(&mut tx, fact, services).await?;
            began += 1;
        }
    }
    for (key, since) in open {
        if began + ended == BITE {
            break;
        }
        if store::end(&mut tx, unit, (key, since), now).await? {
            append(&mut tx, fact(unit, ("goods.breach_ended", key), None), services).await?;
            ended += 1;
        }
    }
    tx.commit().await?;
    Ok((began, ended))
}

fn fact(unit: UnitId, (kind, (breach, subject)): (&'static str, BreachKey), quantity: Option<i64>) -> NewFact {
    NewFact {
        unit,
        kind,
        subject,
        actor: None,
        body: json!({ "subject": hex(&subject), "breach": breach, "quantity": quantity }),
    }
}

/// What is wrong now, with how many there are.
async fn breaches(
    at: &mut impl Reads,
    services: &Services,
    unit: UnitId,
) -> Result<BTreeMap<BreachKey, i64>, ReliefError> {
    let now = services.now();
    let mut found = BTreeMap::new();
    let table = platform::parameters::load(at).await?;
    if table.whole("emergency.goods_clock", now.business_day())? == Some(1) {
        for one in waiting(at, unit, now).await? {
            // What alarms warned before: the warning goes on until the goods are set aside.
            let kinds: &[Breach] = match one.wait {
                Wait::Fine => &[],
                Wait::Warn => &[Breach::WaitsWarn],
                Wait::Alarm => &[Breach::WaitsWarn, Breach::WaitsAlarm],
            };
            found.extend(kinds.iter().map(|kind| ((*kind, one.lot.bytes()), one.quantity)));
        }
    }
    for one in to_inspect(at, unit, now).await? {
        // As above: what is late was due.
        let kinds: &[Breach] = match one.wait {
            Wait::Fine => &[],
            Wait::Warn => &[Breach::InspectDue],
            Wait::Alarm => &[Breach::InspectDue, Breach::InspectLate],
        };
        for kind in kinds {
            *found.entry((*kind, one.lot.bytes())).or_insert(0) += one.quantity;
        }
    }
    for norm in norms(at, unit).await? {
        let kind = match norm.alert {
            Some(NormAlert::TooLittle) => Breach::TooLittle,
            Some(NormAlert::TooMuch) => Breach::TooMuch,
            None => continue,
        };
        found.insert((kind, norm.item.bytes()), norm.there);
    }
    Ok(found)
}
