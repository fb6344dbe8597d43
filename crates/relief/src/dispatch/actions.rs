//! Carrying an order out: issued, loaded, received, handed out, given back. Each step is one transaction with one fact.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::drawing::Drawing;
use super::model::{Dispatch, DispatchLine, DispatchState, Proof, Way};
use super::store;
use crate::error::{ReliefError, in_scope, invalid};
use crate::recipients;
use crate::stock::rules::{check_may_leave, check_quantity, check_text};
use crate::stock::{LotState, Move, Spot, store as stock};
use crate::told::{Told, finish, moves};
use crate::trucks::store as trucks;
use crate::worth::actions as worth;
use crate::{DispatchId, LotId, PlaceId, RecipientId, SignatureId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.dispatch_way_set",
    "goods.issued",
    "goods.loaded",
    "goods.received",
    "goods.called_off",
    "goods.handed_out",
    "goods.given_back",
];
/// Where the name of who signed is sealed for.
pub const SIGNER_PLACE: &str = "goods_signature.signer";
/// Where a signature that was drawn is sealed for.
pub const DRAWN_PLACE: &str = "goods_signature.drawn";

/// A step of a whole order.
#[derive(Debug, Clone)]
pub enum Carry {
    /// Picked and handed over by the store.
    Issue,
    /// On the truck.
    Load,
    /// With the receiver: what came, by line, where it is not everything; and why.
    Receive {
        /// Pieces by line number; a line not named came whole.
        came: BTreeMap<i64, i64>,
        /// Why something is missing.
        reason: String,
    },
    /// Called off before it was picked.
    CallOff {
        /// Why.
        reason: String,
    },
}

/// Begins a change of an order that the actor may carry out.
async fn begin(services: &Services, by: &Actor, id: DispatchId) -> Result<(Tx, Dispatch), ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    let mut tx = services.db.begin().await?;
    let dispatch = store::lock(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("dispatch order"))?;
    in_scope(by, Permission::GoodsRecord, (dispatch.unit, "dispatch order"))?;
    Ok((tx, dispatch))
}

fn in_state(dispatch: &Dispatch, wanted: DispatchState) -> Result<(), ReliefError> {
    if dispatch.state == wanted {
        Ok(())
    } else {
        Err(ReliefError::State {
            state: dispatch.state.as_str(),
            wanted: wanted.as_str(),
        })
    }
}

/// Says how an order travels, until it is on the road. What goes straight from the donor is booked by [`crate::straight`].
///
/// # Errors
/// [`ReliefError::State`], [`ReliefError::Invalid`].
pub async fn set_way(services: &Services, by: &Actor, id: DispatchId, way: Way) -> Result<(), ReliefError> {
    if way == Way::Straight {
        return Err(invalid("way", "point_to_point, postal or fetched is expected"));
    }
    let (mut tx, dispatch) = begin(services, by, id).await?;
    if !matches!(dispatch.state, DispatchState::Ordered | DispatchState::Issued) {
        in_state(&dispatch, DispatchState::Ordered)?;
    }
    store::set_way(&mut tx, id, way).await?;
    let told = Told {
        unit: dispatch.unit,
        kind: "goods.dispatch_way_set",
        subject: id,
        body: json!({ "way": way }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Carries a step of an order out. A step that was done before is refused by the order's state: nothing is done twice.
///
/// # Errors
/// [`ReliefError::State`], [`ReliefError::Expired`].
pub async fn carry(services: &Services, by: &Actor, id: DispatchId, step: Carry) -> Result<DispatchState, ReliefError> {
    if let Carry::CallOff { reason } = &step {
        check_text("reason", reason, 1)?;
    }
    let (mut tx, dispatch) = begin(services, by, id).await?;
    if let Carry::Load = &step
        && trucks::trip_of(&mut tx, id).await?.is_some()
    {
        return Err(ReliefError::State {
            state: "on a vehicle",
            wanted: "without one",
        });
    }
    let (steps, lines) = step_in(&mut tx, services, by, (&dispatch, &step)).await?;
    let (kind, to) = leads_to(&step);
    if to == DispatchState::CalledOff
        && let Some(trip) = trucks::trip_of(&mut tx, id).await?
    {
        trucks::take_off(&mut tx, trip, id).await?;
    }
    let missing: i64 = steps
        .iter()
        .filter(|one| one.to.is_some_and(|spot| spot.state == LotState::Lost))
        .map(|one| one.quantity)
        .sum();
    let told = Told {
        unit: dispatch.unit,
        kind,
        subject: id,
        body: json!({
            "number": dispatch.paper(), "lines": lines, "missing": missing, "moves": moves(&steps),
        }),
    };
    finish(tx, services, by, told).await?;
    Ok(to)
}

/// The fact of a step, and where it brings an order.
const fn leads_to(step: &Carry) -> (&'static str, DispatchState) {
    match step {
        Carry::Issue => ("goods.issued", DispatchState::Issued),
        Carry::Load => ("goods.loaded", DispatchState::InTransit),
        Carry::Receive { .. } => ("goods.received", DispatchState::Received),
        Carry::CallOff { .. } => ("goods.called_off", DispatchState::CalledOff),
    }
}

/// Carries a step of a locked order out, in the caller's transaction; gives its movements and how many lines it has.
///
/// # Errors
/// As [`carry`].
pub(crate) async fn step_in(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (dispatch, step): (&Dispatch, &Carry),
) -> Result<(Vec<Move>, usize), ReliefError> {
    let now = services.now();
    let (_, to) = leads_to(step);
    in_state(
        dispatch,
        match to {
            DispatchState::Issued | DispatchState::CalledOff => DispatchState::Ordered,
            DispatchState::InTransit => DispatchState::Issued,
            _ => DispatchState::InTransit,
        },
    )?;
    let lines = store::lines(tx, dispatch.id).await?;
    let mut steps = moves_of(dispatch, &lines, step)?;
    // Locks are taken in the order of the lots, as everywhere.
    steps.sort_by_key(|one| one.lot);
    for one in &steps {
        if matches!(to, DispatchState::Issued | DispatchState::InTransit) {
            let lot = stock::lot(tx, one.lot).await?.ok_or(ReliefError::NotFound("lot"))?;
            check_may_leave(&lot, now.business_day())?;
        }
        stock::apply(tx, (dispatch.unit, by.id), one, now).await?;
    }
    if to == DispatchState::InTransit {
        worth::book(tx, services, by, steps.iter().map(|one| one.lot)).await?;
    }
    if to == DispatchState::CalledOff {
        for line in &lines {
            take_back_grant(tx, line).await?;
        }
    }
    store::set_state(tx, dispatch.id, to, now).await?;
    Ok((steps, lines.len()))
}

async fn take_back_grant(tx: &mut Tx, line: &DispatchLine) -> Result<(), ReliefError> {
    if let Some(request) = line.request {
        let lot = stock::lot(tx, line.lot).await?.ok_or(ReliefError::NotFound("lot"))?;
        let base_units = line.quantity.saturating_mul(lot.per_base);
        crate::lists::grant(tx, request, -base_units).await?;
    }
    Ok(())
}

/// The movements of a step, line by line.
fn moves_of(dispatch: &Dispatch, lines: &[DispatchLine], step: &Carry) -> Result<Vec<Move>, ReliefError> {
    use LotState as S;
    let under = |state| Some(Spot::under(state, dispatch.id));
    let mut moves = Vec::with_capacity(lines.len());
    for line in lines {
        let mut push = |word: &str, (from, to): (Option<Spot>, Option<Spot>), quantity: i64, reason: &str| {
            if quantity > 0 {
                moves.push(Move {
                    lot: line.lot,
                    key: format!("dispatch/{}/{}/{word}", hex(&dispatch.id.bytes()), line.n),
                    from,
                    to,
                    quantity,
                    paper: dispatch.paper(),
                    reason: reason.trim().to_owned(),
                    device_at: None,
                });
            }
        };
        match step {
            Carry::Issue => push("issue", (under(S::Reserved), under(S::Issued)), line.quantity, ""),
            Carry::Load => push("load", (under(S::Issued), under(S::InTransit)), line.quantity, ""),
            Carry::CallOff { reason } => {
                let shelf = Some(Spot::at(S::Stocked, line.place));
                push("call_off", (under(S::Reserved), shelf), line.quantity, reason);
            }
            Carry::Receive { came, reason } => {
                let here = came.get(&line.n).copied().unwrap_or(line.quantity);
                if !(0..=line.quantity).contains(&here) {
                    return Err(invalid("came", "between nothing and what was sent is expected"));
                }
                let missing = line.quantity - here;
                if missing > 0 {
                    check_text("reason", reason, 1)?;
                }
                push("receive", (under(S::InTransit), under(S::Received)), here, "");
                push("lost", (under(S::InTransit), under(S::Lost)), missing, reason);
            }
        }
    }
    Ok(moves)
}

/// Goods handed to people, with the proof.
#[derive(Debug, Clone)]
pub struct HandOut<'a> {
    /// The lot.
    pub lot: LotId,
    /// How many.
    pub quantity: i64,
    /// Who signed; sealed. Empty where the recipient is on the order's list: the name there is taken.
    pub signer: &'a str,
    /// The signature as it was drawn, as [`Drawing`] reads it; empty where none was; sealed.
    pub drawn: &'a str,
    /// What proves it.
    pub proof: Proof,
    /// Who of the order's list; nobody: told by the code, or somebody without a list.
    pub recipient: Option<RecipientId>,
    /// The code on the recipient's slip; empty where somebody signs.
    pub code: &'a str,
    /// What makes it the same record when it is sent again.
    pub key: &'a str,
}

/// Writes down that goods of a received order were handed out, with the recipient's signature or the code of her slip. The
/// same key again changes nothing.
///
/// # Errors
/// [`ReliefError::WrongCode`], [`ReliefError::Short`] when less is there, [`ReliefError::State`] before it was received, [`ReliefError::Invalid`] for
/// what is no drawing.
pub async fn hand_out(services: &Services, by: &Actor, id: DispatchId, out: HandOut<'_>) -> Result<(), ReliefError> {
    check_quantity(out.quantity)?;
    check_text("key", out.key, 1)?;
    check_text(
        "signer",
        out.signer,
        usize::from(out.recipient.is_none() && out.proof == Proof::Signature),
    )?;
    let drawn = Drawing::of(out.drawn)?;
    let (mut tx, dispatch) = begin(services, by, id).await?;
    in_state(&dispatch, DispatchState::Received)?;
    let step = Move {
        lot: out.lot,
        key: out.key.to_owned(),
        from: Some(Spot::under(LotState::Received, id)),
        to: Some(Spot::under(LotState::Distributed, id)),
        quantity: out.quantity,
        paper: dispatch.paper(),
        reason: String::new(),
        device_at: None,
    };
    if stock::is_known(&mut tx, dispatch.unit, &step).await? {
        return Ok(());
    }
    let said = recipients::Said {
        proof: out.proof,
        recipient: out.recipient,
        code: out.code,
        quantity: out.quantity,
    };
    let found = recipients::taker(&mut tx, services, (id, out.lot), said).await;
    let taker = match found {
        Err(ReliefError::WrongCode) => {
            tx.rollback().await?;
            recipients::count_wrong_code(services, (id, out.lot)).await?;
            return Err(ReliefError::WrongCode);
        }
        found => found?,
    };
    let listed = match &taker {
        Some(taker) if out.signer.trim().is_empty() => Some(recipients::name_of(services, taker)?),
        _ => None,
    };
    let signer = listed.as_deref().unwrap_or(out.signer);
    let now = services.now();
    stock::apply(&mut tx, (dispatch.unit, by.id), &step, now).await?;
    let seal = |plain: &str, place| services.keys.seal(plain.as_bytes(), place, &*services.rng);
    let signature = store::NewSignature {
        id: SignatureId::new(now, &*services.rng),
        dispatch: &dispatch,
        lot: out.lot,
        quantity: out.quantity,
        proof: out.proof,
        shown: giving::donations::mask::name(signer),
        sealed: seal(signer, SIGNER_PLACE),
        drawn_sealed: drawn.map(|drawn| seal(drawn.as_str(), DRAWN_PLACE)),
    };
    let signed = signature.id;
    store::insert_signature(&mut tx, signature, now).await?;
    if let Some(taker) = &taker {
        recipients::sign(&mut tx, taker.id, signed, now).await?;
    }
    let told = Told {
        unit: dispatch.unit,
        kind: "goods.handed_out",
        subject: id,
        body: json!({ "proof": out.proof, "moves": moves(&[step]) }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Writes down that goods of a received order come back to a place. The same key again changes nothing.
///
/// # Errors
/// [`ReliefError::Short`], [`ReliefError::State`], [`ReliefError::NotFound`].
pub async fn give_back(
    services: &Services,
    by: &Actor,
    id: DispatchId,
    (lot, place, quantity): (LotId, PlaceId, i64),
    (key, reason): (&str, &str),
) -> Result<(), ReliefError> {
    check_quantity(quantity)?;
    check_text("key", key, 1)?;
    check_text("reason", reason, 1)?;
    let (mut tx, dispatch) = begin(services, by, id).await?;
    in_state(&dispatch, DispatchState::Received)?;
    stock::place_unit(&mut tx, place)
        .await?
        .ok_or(ReliefError::NotFound("place"))?;
    let step = Move {
        lot,
        key: key.to_owned(),
        from: Some(Spot::under(LotState::Received, id)),
        to: Some(Spot::at(LotState::Returned, place)),
        quantity,
        paper: dispatch.paper(),
        reason: reason.trim().to_owned(),
        device_at: None,
    };
    if stock::is_known(&mut tx, dispatch.unit, &step).await? {
        return Ok(());
    }
    stock::apply(&mut tx, (dispatch.unit, by.id), &step, services.now()).await?;
    let told = Told {
        unit: dispatch.unit,
        kind: "goods.given_back",
        subject: id,
        body: json!({ "moves": moves(&[step]) }),
    };
    let done: Result<(), DbError> = finish(tx, services, by, told).await;
    Ok(done?)
}
