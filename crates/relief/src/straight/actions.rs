//! Counting at the place, twice, and booking both ways at once. Each is one transaction with one fact.

use db::{DbError, Tx};
use kernel::Instant;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{NewStraight, Straight, StraightState};
use super::store;
use crate::dispatch::actions::SIGNER_PLACE;
use crate::dispatch::model::{DispatchState, Proof, Way};
use crate::dispatch::store::{self as orders, NewDispatch, NewDispatchLine, NewSignature};
use crate::error::{ReliefError, in_scope, invalid};
use crate::lists::model::Wanted;
use crate::stock::actions::acceptance;
use crate::stock::rules::{check_may_leave, check_quantity, check_text, path};
use crate::stock::{Lot, LotState, Move, Spot, Step, store as stock};
use crate::told::{Told, finish, moves};
use crate::vouchers::{PaperKind, store as vouchers};
use crate::worth::actions as worth;
use crate::{DispatchId, PartyId, PlanId, RequestId, SignatureId, StraightId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.straight_counted", "goods.straight_booked"];
/// What movements in say of themselves on papers.
const VIRTUAL_IN: &str = "直达物资：虚拟入库";
/// What movements out say of themselves on papers.
const VIRTUAL_OUT: &str = "直达物资：虚拟出库";
/// What they say where the request was withdrawn after the counts.
const VIRTUAL_OUT_ALONE: &str = "直达物资：虚拟出库（清点后需求已撤回，按实际交付入账，不计入需求）";

/// The first count at the place of goods that go straight to a receiver. The same key again is the same delivery.
///
/// # Errors
/// [`ReliefError::Short`] for more than was announced there, [`ReliefError::NotFound`], [`ReliefError::Invalid`] where the
/// donor meant it for another receiver, [`ReliefError::Taken`] when the key named another delivery.
pub async fn count_first(services: &Services, by: &Actor, new: &NewStraight) -> Result<StraightId, ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    check_quantity(new.quantity)?;
    check_text("key", &new.key, 1)?;
    match count_once(services, by, new).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => count_once(services, by, new).await,
        settled => settled,
    }
}

async fn count_once(services: &Services, by: &Actor, new: &NewStraight) -> Result<StraightId, ReliefError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let lot = stock::lock_lot(&mut tx, new.lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsRecord, (lot.unit, "lot"))?;
    if let Some(known) = store::by_key(&mut tx, lot.unit, &new.key).await? {
        let same = (known.lot, known.place, known.quantity) == (new.lot, new.place, new.quantity)
            && (known.party, known.request) == (new.party, new.request);
        return if same {
            Ok(known.id)
        } else {
            Err(ReliefError::Taken("direct delivery"))
        };
    }
    check_receiver(&mut tx, &lot, new).await?;
    check_may_leave(&lot, now.business_day())?;
    let there = stock::in_spot(&mut tx, lot.id, Spot::at(LotState::Announced, new.place)).await?;
    if there < new.quantity {
        return Err(ReliefError::Short {
            wanted: new.quantity,
            there,
        });
    }
    let id = StraightId::new(now, &*services.rng);
    store::insert(&mut tx, (id, lot.unit), new, (by.id, now)).await?;
    let told = Told {
        unit: lot.unit,
        kind: "goods.straight_counted",
        subject: id,
        body: json!({
            "lot": hex(&lot.id.bytes()), "receiver": hex(&new.party.bytes()), "quantity": new.quantity, "count": 1,
        }),
    };
    finish(tx, services, by, told).await?;
    Ok(id)
}

async fn check_receiver(tx: &mut Tx, lot: &Lot, new: &NewStraight) -> Result<(), ReliefError> {
    if stock::party_unit(tx, new.party).await? != Some(lot.unit) {
        return Err(ReliefError::NotFound("receiver"));
    }
    if lot.designated_for.is_some_and(|meant| meant != new.party) {
        return Err(invalid("receiver", "the donor meant these goods for another receiver"));
    }
    let stands = still_asked(tx, lot, (new.party, new.request)).await?;
    if stands == new.request {
        Ok(())
    } else {
        Err(ReliefError::NotFound("request"))
    }
}

/// The request that a delivery answers, locked, which asks for these goods and names this receiver; nothing where none is
/// named or it was withdrawn.
async fn still_asked(
    tx: &mut Tx,
    lot: &Lot,
    (party, request): (PartyId, Option<RequestId>),
) -> Result<Option<RequestId>, ReliefError> {
    let Some(id) = request else { return Ok(None) };
    let request = crate::lists::lock_request(tx, id).await?;
    let request = request.ok_or(ReliefError::NotFound("request"))?;
    let wants = matches!(&request.wanted, Wanted::Goods { item, .. } if *item == lot.item);
    if !wants || request.party != party {
        return Err(ReliefError::NotFound("request"));
    }
    Ok(request.withdrawn_at.is_none().then_some(id))
}

/// Begins the next step of a direct delivery in this state.
async fn begin(
    services: &Services,
    (by, permission): (&Actor, Permission),
    (id, wanted): (StraightId, StraightState),
) -> Result<(Tx, Straight), ReliefError> {
    by.require_somewhere(permission)?;
    let mut tx = services.db.begin().await?;
    let known = store::lock(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("direct delivery"))?;
    in_scope(by, permission, (known.unit, "direct delivery"))?;
    if known.state == wanted {
        Ok((tx, known))
    } else {
        Err(ReliefError::State {
            state: known.state.as_str(),
            wanted: wanted.as_str(),
        })
    }
}

/// The second count, by another person, who must find the same.
///
/// # Errors
/// [`ReliefError::SamePerson`], [`ReliefError::Invalid`] for another number, [`ReliefError::State`].
pub async fn count_second(services: &Services, by: &Actor, id: StraightId, quantity: i64) -> Result<(), ReliefError> {
    let at = (by, Permission::GoodsRecord);
    let (mut tx, known) = begin(services, at, (id, StraightState::CountedOnce)).await?;
    if known.first_by == by.id {
        return Err(ReliefError::SamePerson);
    }
    if known.quantity != quantity {
        return Err(invalid(
            "quantity",
            "the first count found another number: count together again",
        ));
    }
    store::counted(&mut tx, id, (by.id, services.now())).await?;
    let told = Told {
        unit: known.unit,
        kind: "goods.straight_counted",
        subject: id,
        body: json!({ "lot": hex(&known.lot.bytes()), "quantity": quantity, "count": 2 }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// What came back from the receiver.
#[derive(Debug, Clone, Copy)]
pub struct SignedList<'a> {
    /// The number of the recipient's list.
    pub number: &'a str,
    /// Who signed it; sealed.
    pub signer: &'a str,
}

/// A direct delivery as it was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The number of its order.
    pub number: String,
    /// Whether the request that it answered was withdrawn after the counts: the goods were handed over all the same, and no
    /// request is granted by them.
    pub is_request_gone: bool,
}

/// Books the way in and the way out of a direct delivery whose signed list is back. Who books counted nothing. A request
/// that was withdrawn since the counts holds nothing up: the goods are with the receiver, and are booked without it.
///
/// # Errors
/// [`ReliefError::SamePerson`], [`ReliefError::Short`] when less is announced now, [`ReliefError::ShelfLife`],
/// [`ReliefError::Expired`], [`ReliefError::State`].
pub async fn book(
    services: &Services,
    by: &Actor,
    id: StraightId,
    list: SignedList<'_>,
) -> Result<Booked, ReliefError> {
    check_text("list", list.number, 1)?;
    check_text("signer", list.signer, 1)?;
    let at = (by, Permission::GoodsApprove);
    let (mut tx, mut known) = begin(services, at, (id, StraightState::Counted)).await?;
    if known.first_by == by.id || known.second_by == Some(by.id) {
        return Err(ReliefError::SamePerson);
    }
    let now = services.now();
    let lot = stock::lock_lot(&mut tx, known.lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    check_may_leave(&lot, now.business_day())?;
    let named = known.request;
    known.request = still_asked(&mut tx, &lot, (known.party, named)).await?;
    let is_request_gone = known.request != named;
    acceptance::check(&mut tx, services, by, (&lot, "")).await?;
    let dispatch = DispatchId::new(now, &*services.rng);
    let number = order(&mut tx, services, (&known, &lot, dispatch)).await?;
    let mut done = way_in(&mut tx, services, by, &known).await?;
    let reason = if is_request_gone {
        VIRTUAL_OUT_ALONE
    } else {
        VIRTUAL_OUT
    };
    done.extend(way_out(&mut tx, now, by, (&known, dispatch, &number, reason)).await?);
    for state in [DispatchState::InTransit, DispatchState::Received] {
        orders::set_state(&mut tx, dispatch, state, now).await?;
    }
    sign(&mut tx, services, (&known, dispatch), list.signer).await?;
    worth::book(&mut tx, services, by, [known.lot]).await?;
    store::booked(&mut tx, id, (dispatch, list.number.trim()), (by.id, now)).await?;
    crate::lists::jobs::follow(&mut tx, services, by, known.unit).await?;
    let told = Told {
        unit: known.unit,
        kind: "goods.straight_booked",
        subject: id,
        body: json!({
            "number": number, "receiver": hex(&known.party.bytes()), "moves": moves(&done),
            "request": named.map(|request| hex(&request.bytes())), "request_withdrawn": is_request_gone,
        }),
    };
    finish(tx, services, by, told).await?;
    Ok(Booked {
        number,
        is_request_gone,
    })
}

/// The order that the way out stands on, marked as a direct delivery; its decision is the delivery itself.
async fn order(
    tx: &mut Tx,
    services: &Services,
    (known, lot, dispatch): (&Straight, &Lot, DispatchId),
) -> Result<String, ReliefError> {
    let new = NewDispatch {
        id: dispatch,
        unit: known.unit,
        plan: PlanId::from_bytes(known.id.bytes()),
        party: known.party,
    };
    let number = orders::insert(tx, &new, services.now()).await?;
    orders::set_way(tx, dispatch, Way::Straight).await?;
    let line = NewDispatchLine {
        n: 1,
        lot: known.lot,
        place: known.place,
        request: known.request,
        quantity: known.quantity,
    };
    orders::insert_line(tx, dispatch, &line).await?;
    if let Some(request) = known.request {
        crate::lists::grant(tx, request, known.quantity.saturating_mul(lot.per_base)).await?;
    }
    Ok(number)
}

/// From announced to in store, with its receipt note.
async fn way_in(tx: &mut Tx, services: &Services, by: &Actor, known: &Straight) -> Result<Vec<Move>, ReliefError> {
    let now = services.now();
    let note = vouchers::take_number(tx, known.unit, PaperKind::ReceiptNote, now).await?;
    let mut done = Vec::with_capacity(3);
    for (step, word) in [
        (Step::Arrive(known.place), "arrive"),
        (Step::Inspect(known.place), "inspect"),
        (Step::Stock(known.place), "stock"),
    ] {
        let (from, to) = path(step);
        let one = Move {
            lot: known.lot,
            key: format!("straight/{}/{word}", hex(&known.id.bytes())),
            from,
            to,
            quantity: known.quantity,
            paper: PaperKind::ReceiptNote.number(note),
            reason: VIRTUAL_IN.to_owned(),
            device_at: None,
        };
        let n = stock::apply(tx, (known.unit, by.id), &one, now).await?;
        if matches!(step, Step::Stock(_)) {
            let record = (known.lot.bytes(), n);
            vouchers::register(tx, (known.unit, PaperKind::ReceiptNote), note, record, now).await?;
        }
        done.push(one);
    }
    Ok(done)
}

/// From the store to the people who signed, on the order.
async fn way_out(
    tx: &mut Tx,
    now: Instant,
    by: &Actor,
    (known, dispatch, number, reason): (&Straight, DispatchId, &str, &str),
) -> Result<Vec<Move>, ReliefError> {
    use LotState as S;
    let under = |state| Spot::under(state, dispatch);
    let mut from = Spot::at(S::Stocked, known.place);
    let mut done = Vec::with_capacity(5);
    for state in [S::Reserved, S::Issued, S::InTransit, S::Received, S::Distributed] {
        let one = Move {
            lot: known.lot,
            key: format!("straight/{}/{}", hex(&known.id.bytes()), state.as_str()),
            from: Some(from),
            to: Some(under(state)),
            quantity: known.quantity,
            paper: number.to_owned(),
            reason: reason.to_owned(),
            device_at: None,
        };
        stock::apply(tx, (known.unit, by.id), &one, now).await?;
        from = under(state);
        done.push(one);
    }
    Ok(done)
}

/// Who signed the list for the receiver.
async fn sign(
    tx: &mut Tx,
    services: &Services,
    (known, id): (&Straight, DispatchId),
    signer: &str,
) -> Result<(), ReliefError> {
    let now = services.now();
    let dispatch = orders::lock(tx, id)
        .await?
        .ok_or(ReliefError::NotFound("dispatch order"))?;
    let signature = NewSignature {
        id: SignatureId::new(now, &*services.rng),
        dispatch: &dispatch,
        lot: known.lot,
        quantity: known.quantity,
        proof: Proof::Signature,
        shown: giving::donations::mask::name(signer),
        sealed: services.keys.seal(signer.as_bytes(), SIGNER_PLACE, &*services.rng),
        drawn_sealed: None,
    };
    Ok(orders::insert_signature(tx, signature, now).await?)
}
