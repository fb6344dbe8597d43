//! What a record does, by the actions of the other slices.

use std::collections::BTreeMap;

use db::Reads;
use kernel::id::{Id, from_public, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::NOTE_PLACE;
use super::super::model::{Applied, Device, Record, RecordKind, Subject};
use super::super::rules::{self, Scanned};
use super::super::store::{self, NewPhoto};
use crate::boxes::model::Code;
use crate::boxes::{actions as boxes, queries as codes};
use crate::dispatch::actions::{self as dispatches, Carry, HandOut};
use crate::dispatch::model::{Dispatch, DispatchState, Proof};
use crate::error::{ReliefError, in_scope, invalid};
use crate::stock::Step;
use crate::stock::actions::{self as stock, Loss, Outcome, Recorded};
use crate::told::{Told, finish};
use crate::{BoxId, CountId, DispatchId, LotId, PhotoId, PlaceId, RecordId};

/// A record to be carried out.
pub(super) struct Order<'a> {
    pub(super) device: &'a Device,
    pub(super) id: RecordId,
    pub(super) record: &'a Record,
    pub(super) kind: RecordKind,
    /// What an officer says who carries it out after all.
    pub(super) reason: &'a str,
}

impl Order<'_> {
    /// What makes a movement of this record the same when it is tried again.
    pub(super) fn own_key(&self) -> String {
        format!("phone/{}/{}", hex(&self.device.id.bytes()), self.record.key)
    }

    pub(super) fn quantity(&self) -> Result<i64, ReliefError> {
        self.record
            .quantity
            .ok_or(invalid("quantity", "a quantity is expected"))
    }

    fn applied(&self, effect: String, subject: Subject, outcome: Outcome) -> Applied {
        Applied {
            is_new: outcome == Outcome::Written,
            effect,
            subject,
            done_at: None,
        }
    }
}

/// The id behind its public form.
pub(super) fn id_of<I: Id>(services: &Services, text: &str, field: &'static str) -> Result<I, ReliefError> {
    from_public(&*services.keys, text).map_err(|_| invalid(field, "a public id is expected"))
}

/// What a code stands for: a box, an order, a lot.
async fn resolve(
    services: &Services,
    at: &mut impl Reads,
    device: &Device,
    code: &str,
) -> Result<Subject, ReliefError> {
    let mut subject = Subject::default();
    match rules::scanned(code) {
        Scanned::Nothing => return Ok(subject),
        Scanned::Label(number) => subject.code = store::box_by_number(at, device.unit, number).await?,
        Scanned::Order(number) => subject.dispatch = store::order_by_number(at, device.unit, number).await?,
        Scanned::Public(text) => {
            let id: BoxId = from_public(&*services.keys, text).map_err(|_| ReliefError::NotFound("code"))?;
            subject = store::subject_of(at, id.bytes()).await?;
        }
    }
    if subject == Subject::default() {
        return Err(ReliefError::NotFound("code"));
    }
    Ok(subject)
}

/// What a record names, looked up.
pub(super) struct Named {
    pub(super) subject: Subject,
    pub(super) code: Option<Code>,
}

/// Carries a record out; what was done before is known.
///
/// # Errors
/// Whatever refuses it, as the slice that does it says.
pub(super) async fn apply(services: &Services, by: &Actor, order: &Order<'_>) -> Result<Applied, ReliefError> {
    let named = named(services, by, order).await?;
    match order.kind {
        RecordKind::Filled => fill(services, by, order, named).await,
        RecordKind::Unannounced => super::unannounced::take_in(services, by, order, named).await,
        RecordKind::Arrived | RecordKind::Inspected | RecordKind::Stocked => step(services, by, order, named).await,
        RecordKind::Picked | RecordKind::InTransit | RecordKind::Received | RecordKind::Loaded => {
            on_the_way(services, by, order, named).await
        }
        RecordKind::Distributed => hand_out(services, by, order, named).await,
        RecordKind::Lost => lose(services, by, order, named).await,
        RecordKind::Counted => count(services, by, order, named).await,
        RecordKind::Photo => announce_photo(services, by, order, named).await,
    }
}

async fn named(services: &Services, by: &Actor, order: &Order<'_>) -> Result<Named, ReliefError> {
    let mut at = services.db.snapshot().await?;
    let mut subject = resolve(services, &mut at, order.device, &order.record.code).await?;
    let mut code = None;
    if let Some(id) = subject.code {
        let found = codes::code(&mut at, id).await?.ok_or(ReliefError::NotFound("code"))?;
        in_scope(by, permission(order), (found.unit, "code"))?;
        subject.lot = found.filled.map(|filled| filled.lot);
        subject.dispatch = found.dispatch;
        code = Some(found);
    }
    if !order.record.lot.is_empty() {
        let lot: LotId = id_of(services, &order.record.lot, "lot")?;
        if subject.lot.is_some_and(|known| known != lot) {
            return Err(ReliefError::Taken("box"));
        }
        subject.lot = Some(lot);
    }
    if let Some(lot) = subject.lot {
        let (unit, word) = store::lot_words(&mut at, lot)
            .await?
            .ok_or(ReliefError::NotFound("lot"))?;
        in_scope(by, permission(order), (unit, "lot"))?;
        let said = &order.record.unit_word;
        if !said.is_empty() && *said != word {
            return Err(ReliefError::Units(said.clone()));
        }
    }
    Ok(Named { subject, code })
}

/// What whoever carries a record out must hold: to write a loss down is to record, to decide it is to approve.
fn permission(order: &Order<'_>) -> Permission {
    match order.kind {
        RecordKind::Lost if !order.reason.is_empty() => Permission::GoodsApprove,
        _ => Permission::GoodsRecord,
    }
}

/// The lot and how many: of a box what is in it, else what the record says.
fn pieces(order: &Order<'_>, named: &Named) -> Result<(LotId, i64), ReliefError> {
    let Some(code) = &named.code else {
        let lot = named.subject.lot.ok_or(invalid("lot", "a box or a lot is expected"))?;
        return Ok((lot, order.quantity()?));
    };
    let filled = code.filled.ok_or(ReliefError::State {
        state: "empty",
        wanted: "filled",
    })?;
    match order.record.quantity {
        Some(said) if said != filled.quantity => Err(ReliefError::BoxDiffers {
            said,
            there: filled.quantity,
        }),
        _ => Ok((filled.lot, filled.quantity)),
    }
}

async fn fill(services: &Services, by: &Actor, order: &Order<'_>, named: Named) -> Result<Applied, ReliefError> {
    let code = named.code.ok_or(ReliefError::NotFound("code"))?;
    let lot = named.subject.lot.ok_or(invalid("lot", "a lot is expected"))?;
    let filled = boxes::fill(services, by, code.id, (lot, order.quantity()?)).await?;
    let mut applied = order.applied(
        format!("box/{}/filled", hex(&code.id.bytes())),
        named.subject,
        Outcome::Written,
    );
    if code.filled.is_some() {
        applied.is_new = false;
        applied.done_at = filled.filled.map(|filled| filled.at);
    }
    Ok(applied)
}

/// A step of a lot: of a whole box once, by whichever phone scans it first.
async fn step(services: &Services, by: &Actor, order: &Order<'_>, named: Named) -> Result<Applied, ReliefError> {
    let (lot, quantity) = pieces(order, &named)?;
    let place: PlaceId = id_of(services, &order.record.place, "place")?;
    let step = match order.kind {
        RecordKind::Arrived => Step::Arrive(place),
        RecordKind::Inspected => Step::Inspect(place),
        _ => Step::Stock(place),
    };
    let key = match &named.code {
        Some(code) => format!("box/{}/{}", hex(&code.id.bytes()), order.kind),
        None => order.own_key(),
    };
    // A volunteer's note is no emergency's reason: only an officer's word sets aside the rule of shelf life.
    let reason = match (order.kind, order.reason) {
        (RecordKind::Inspected, said) => said,
        (_, "") => order.record.note.as_str(),
        (_, said) => said,
    };
    let wanted = Recorded {
        lot,
        step,
        quantity,
        key,
        reason: reason.to_owned(),
        device_at: Some(rules::device_time(order.record.device_at_ms)?),
    };
    moved(services, by, order, (&wanted, named.subject)).await
}

/// Moves goods as a record says; what had been moved is known, with when.
pub(super) async fn moved(
    services: &Services,
    by: &Actor,
    order: &Order<'_>,
    (wanted, subject): (&Recorded, Subject),
) -> Result<Applied, ReliefError> {
    let outcome = stock::record(services, by, wanted).await?;
    let mut applied = order.applied(wanted.key.clone(), subject, outcome);
    if !applied.is_new {
        let mut at = services.db.snapshot().await?;
        let (unit, _) = store::lot_words(&mut at, wanted.lot)
            .await?
            .ok_or(ReliefError::NotFound("lot"))?;
        if let Some((moved_at, moved_by)) = store::moved(&mut at, unit, &wanted.key).await? {
            applied.done_at = Some(moved_at);
            // Cut off before it was written down, this record did it itself.
            applied.is_new = moved_by == wanted.device_at;
        }
    }
    Ok(applied)
}

/// A whole order's step, or a box seen on its way.
async fn on_the_way(services: &Services, by: &Actor, order: &Order<'_>, named: Named) -> Result<Applied, ReliefError> {
    match &named.code {
        Some(code) if order.kind == RecordKind::Loaded && !order.record.into.is_empty() => {
            put(services, by, order, (code, named.subject)).await
        }
        Some(code) if order.kind != RecordKind::InTransit => seen(order, code, named.subject),
        _ => {
            let id = named.subject.dispatch.ok_or(ReliefError::NotFound("dispatch order"))?;
            carry(services, by, order, (id, named.subject)).await
        }
    }
}

/// A box that travels by an order was seen: nothing moves, its order moves whole.
fn seen(order: &Order<'_>, code: &Code, subject: Subject) -> Result<Applied, ReliefError> {
    if code.dispatch.is_none() {
        return Err(ReliefError::State {
            state: "without an order",
            wanted: "on an order",
        });
    }
    let effect = format!("box/{}/{}", hex(&code.id.bytes()), order.kind);
    Ok(order.applied(effect, subject, Outcome::Written))
}

async fn put(
    services: &Services,
    by: &Actor,
    order: &Order<'_>,
    (code, subject): (&Code, Subject),
) -> Result<Applied, ReliefError> {
    let mut at = services.db.snapshot().await?;
    let into = resolve(services, &mut at, order.device, &order.record.into).await?;
    drop(at);
    let into = into.code.ok_or(ReliefError::NotFound("code"))?;
    boxes::put(services, by, code.id, Some(into)).await?;
    let outcome = if code.into == Some(into) {
        Outcome::Known
    } else {
        Outcome::Written
    };
    Ok(order.applied(order.own_key(), subject, outcome))
}

/// Where an order is after a step, and when that was.
fn reached(order: &Dispatch, kind: RecordKind) -> (bool, Option<kernel::Instant>) {
    use DispatchState as S;
    match kind {
        RecordKind::Picked => (matches!(order.state, S::Issued | S::InTransit | S::Received), None),
        RecordKind::Received => (order.state == S::Received, order.received_at),
        _ => (matches!(order.state, S::InTransit | S::Received), order.left_at),
    }
}

async fn carry(
    services: &Services,
    by: &Actor,
    order: &Order<'_>,
    (id, subject): (DispatchId, Subject),
) -> Result<Applied, ReliefError> {
    let step = match order.kind {
        RecordKind::Picked => Carry::Issue,
        RecordKind::Received => Carry::Receive {
            came: order
                .record
                .came
                .iter()
                .map(|one| (one.n, one.quantity))
                .collect::<BTreeMap<_, _>>(),
            reason: order.record.note.clone(),
        },
        _ => Carry::Load,
    };
    let effect = format!("order/{}/{}", hex(&id.bytes()), order.kind);
    match dispatches::carry(services, by, id, step).await {
        Ok(_) => Ok(order.applied(effect, subject, Outcome::Written)),
        Err(ReliefError::State { state, wanted }) => {
            let mut at = services.db.snapshot().await?;
            let now = crate::dispatch::queries::order(&mut at, id).await?;
            let (dispatch, _) = now.ok_or(ReliefError::NotFound("dispatch order"))?;
            let (is_reached, done_at) = reached(&dispatch, order.kind);
            if !is_reached {
                return Err(ReliefError::State { state, wanted });
            }
            let mut applied = order.applied(effect, subject, Outcome::Known);
            applied.done_at = done_at;
            Ok(applied)
        }
        Err(error) => Err(error),
    }
}

async fn hand_out(services: &Services, by: &Actor, order: &Order<'_>, named: Named) -> Result<Applied, ReliefError> {
    let id = named.subject.dispatch.ok_or(ReliefError::NotFound("dispatch order"))?;
    let lot = named.subject.lot.ok_or(invalid("lot", "a lot is expected"))?;
    let key = order.own_key();
    let code = order.record.taker_code.as_str();
    let out = HandOut {
        lot,
        quantity: order.quantity()?,
        signer: &order.record.signer,
        drawn: &order.record.drawn,
        proof: if code.is_empty() { Proof::Signature } else { Proof::Code },
        recipient: None,
        code,
        key: &key,
    };
    dispatches::hand_out(services, by, id, out).await?;
    Ok(order.applied(key.clone(), named.subject, Outcome::Written))
}

/// A loss is only written down by a phone; who may approve decides it, and is another person.
async fn lose(services: &Services, by: &Actor, order: &Order<'_>, named: Named) -> Result<Applied, ReliefError> {
    if order.reason.is_empty() {
        return Err(ReliefError::LossWaits);
    }
    let lot = named.subject.lot.ok_or(invalid("lot", "a box or a lot is expected"))?;
    let key = order.own_key();
    let loss = Loss {
        lot,
        place: id_of(services, &order.record.place, "place")?,
        quantity: order.quantity()?,
        key: &key,
        reason: order.reason,
        written_by: order.device.actor,
    };
    stock::lose(services, by, &loss).await?;
    Ok(order.applied(key.clone(), named.subject, Outcome::Written))
}

async fn count(services: &Services, by: &Actor, order: &Order<'_>, named: Named) -> Result<Applied, ReliefError> {
    let lot = named.subject.lot.ok_or(invalid("lot", "a lot is expected"))?;
    if named.code.is_some() {
        return Err(invalid("code", "a lot is counted, not one of its boxes"));
    }
    let place: PlaceId = id_of(services, &order.record.place, "place")?;
    // The count has the record's own id: handed in twice, it is counted once.
    let id = CountId::from_bytes(order.id.bytes());
    stock::count_once(services, by, id, (lot, place), order.quantity()?).await?;
    Ok(order.applied(order.own_key(), named.subject, Outcome::Written))
}

pub(super) async fn announce_photo(
    services: &Services,
    by: &Actor,
    order: &Order<'_>,
    named: Named,
) -> Result<Applied, ReliefError> {
    let sha256 = rules::digest_of(&order.record.sha256)
        .ok_or(invalid("sha256", "64 hexadecimal digits in small letters are expected"))?;
    if named.subject == Subject::default() {
        return Err(invalid("code", "a box, an order or a lot is expected"));
    }
    let effect = format!("photo/{}/{}", hex(&order.device.id.bytes()), order.record.sha256);
    let mut tx = services.db.begin().await?;
    let id = PhotoId::new(services.now(), &*services.rng);
    let note = order.record.note.as_bytes();
    let new = NewPhoto {
        id,
        sha256,
        subject: named.subject,
        taken_at: rules::device_time(order.record.device_at_ms)?,
        note_sealed: services.keys.seal(note, NOTE_PLACE, &*services.rng),
    };
    if !store::announce_photo(&mut tx, order.device, new).await? {
        return Ok(order.applied(effect, named.subject, Outcome::Written));
    }
    let told = Told {
        unit: order.device.unit,
        kind: "goods.photo_announced",
        subject: id,
        body: json!({ "sha256": order.record.sha256 }),
    };
    finish(tx, services, by, told).await?;
    Ok(order.applied(effect, named.subject, Outcome::Written))
}
