//! Plans: proposed, changed, decided by the group or by a case of the house's approvals; then their dispatch orders.

use std::collections::{BTreeMap, BTreeSet};

use db::{DbError, Reads, Tx};
use governance::approvals::queries::CaseRow;
use governance::approvals::{CaseId, CaseState};
use kernel::id::{Id as _, hex};
use kernel::{ActorId, BusinessDay, Instant, UnitId};
use platform::Services;
use platform::facts::{NewFact, append};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::model::{Offer, PlanDecision, PlanState, Request, Share, Why};
use super::super::store::PlanRow;
use super::super::{approval, rules, store};
use crate::dispatch::store::{NewDispatch, NewDispatchLine};
use crate::error::{ReliefError, in_scope};
use crate::stock::rules::check_may_leave;
use crate::stock::{Lot, LotState, Move, Spot, store as stock};
use crate::told::{Told, finish};
use crate::{DispatchId, LotId, PartyId, PlaceId, PlanId, RequestId};

/// Proposes who gets what of everything in store.
///
/// # Errors
/// [`ReliefError::Db`] and [`ReliefError::Forbidden`].
pub async fn propose(services: &Services, by: &Actor, unit: UnitId) -> Result<(PlanId, Vec<Share>), ReliefError> {
    by.require(Permission::GoodsPropose, unit)?;
    let (now, today) = (services.now(), services.now().business_day());
    let mut tx = services.db.begin().await?;
    let offers = store::in_store(&mut tx, unit, today).await?;
    let offers = offers.into_iter().map(|(lot, place, available)| Offer {
        lot: lot.id,
        place,
        item: lot.item,
        available,
        per_base: lot.per_base,
        per_box: lot.per_box,
        expires_on: lot.expires_on,
        designated_for: lot.designated_for,
    });
    let asks = store::open_requests(&mut tx, unit).await?;
    let asks = asks.iter().filter_map(|request| rules::open_ask(request, now));
    let home = governance::network::queries::unit(&mut tx, unit).await?;
    let whereabouts = store::whereabouts(&mut tx, unit, home.map(|unit| unit.region)).await?;
    let shares = rules::propose(offers.collect(), asks.collect(), &whereabouts);
    let id = PlanId::new(now, &*services.rng);
    let row = PlanRow {
        id,
        unit,
        day: today,
        state: PlanState::Proposed,
        made_by: by.id,
        made_at: now,
        decided_at: None,
        case: None,
    };
    store::insert_plan(&mut tx, &row).await?;
    store::insert_lines(&mut tx, id, 1, (&shares, "")).await?;
    let told = Told {
        unit,
        kind: "goods.plan_proposed",
        subject: id,
        body: json!({ "lines": shares.len() }),
    };
    finish(tx, services, by, told).await?;
    Ok((id, shares))
}

/// So many of a lot for a receiver; nobody: they stay in store.
#[derive(Debug, Clone, Copy)]
pub struct Destination {
    /// For whom.
    pub party: Option<PartyId>,
    /// The request it answers.
    pub request: Option<RequestId>,
    /// How many.
    pub quantity: i64,
}

async fn proposed(tx: &mut Tx, id: PlanId, (by, permission): (&Actor, Permission)) -> Result<PlanRow, ReliefError> {
    let plan = store::lock_plan(tx, id).await?.ok_or(ReliefError::NotFound("plan"))?;
    // Before its state, which another unit's people have no business to know.
    in_scope(by, permission, (plan.unit, "plan"))?;
    if plan.state == PlanState::Proposed {
        Ok(plan)
    } else {
        Err(ReliefError::State {
            state: plan.state.as_str(),
            wanted: "proposed",
        })
    }
}

/// A receiver of this unit, or of one above or below it.
async fn check_party(tx: &mut Tx, services: &Services, (unit, party): (UnitId, PartyId)) -> Result<(), ReliefError> {
    let owner = stock::party_unit(tx, party)
        .await?
        .ok_or(ReliefError::NotFound("receiver"))?;
    if services.tree.is_within(unit, owner) || services.tree.is_within(owner, unit) {
        Ok(())
    } else {
        Err(ReliefError::NotFound("receiver"))
    }
}

/// Whether these lines share out lots of this unit, for whom they were meant, to requests that ask for them.
async fn fit(at: &mut impl Reads, unit: UnitId, shares: &[Share]) -> Result<BTreeMap<LotId, Lot>, ReliefError> {
    let mut lots: BTreeMap<LotId, Lot> = BTreeMap::new();
    for id in shares.iter().map(|share| share.lot).collect::<BTreeSet<_>>() {
        lots.insert(id, stock::lot(at, id).await?.ok_or(ReliefError::NotFound("lot"))?);
    }
    let mut requests: BTreeMap<RequestId, Request> = BTreeMap::new();
    for id in shares.iter().filter_map(|share| share.request).collect::<BTreeSet<_>>() {
        let found = store::request(at, id).await?;
        requests.insert(id, found.ok_or(ReliefError::NotFound("request"))?);
    }
    for share in shares {
        let lot = lots.get(&share.lot).ok_or(ReliefError::NotFound("lot"))?;
        rules::check_share(unit, share, (lot, share.request.and_then(|id| requests.get(&id))))?;
    }
    Ok(lots)
}

/// Changes who gets a lot, with a reason. The destinations must add up to what lies there.
///
/// # Errors
/// [`ReliefError::Sum`], [`ReliefError::State`] once somebody decided, [`ReliefError::NotFound`] for what is another
/// unit's, [`ReliefError::RequestDiffers`], [`ReliefError::Designated`].
pub async fn change(
    services: &Services,
    by: &Actor,
    id: PlanId,
    ((lot, place), destinations): ((LotId, PlaceId), &[Destination]),
    reason: &str,
) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsPropose)?;
    crate::stock::rules::check_text("reason", reason, 1)?;
    let mut tx = services.db.begin().await?;
    let plan = proposed(&mut tx, id, (by, Permission::GoodsPropose)).await?;
    if store::approvals(&mut tx, id).await? > 0 {
        return Err(ReliefError::State {
            state: "being decided",
            wanted: "proposed",
        });
    }
    let mut shares = Vec::with_capacity(destinations.len());
    for one in destinations {
        crate::stock::rules::check_quantity(one.quantity)?;
        if let Some(party) = one.party {
            check_party(&mut tx, services, (plan.unit, party)).await?;
        }
        shares.push(Share {
            lot,
            place,
            party: one.party,
            request: one.request,
            quantity: one.quantity,
            why: Why::Changed,
        });
    }
    fit(&mut tx, plan.unit, &shares).await?;
    let there = store::there(&mut tx, &[(lot, place)]).await?;
    // Nobody named at all is as wrong as too few: what stays in store is said too.
    let said = shares.iter().map(|share| share.quantity).chain([0]);
    rules::check_sums(said.map(|quantity| ((lot, place), quantity)), &there)?;
    let before = store::history::destinations(&mut tx, id, (lot, place)).await?;
    let first = store::remove_lines(&mut tx, id, (lot, place)).await?;
    store::insert_lines(&mut tx, id, first, (&shares, reason.trim())).await?;
    let after = store::history::destinations(&mut tx, id, (lot, place)).await?;
    let noted = store::history::NewChange {
        plan: id,
        spot: (lot, place),
        before: &before,
        after: &after,
        reason: reason.trim(),
    };
    store::history::insert(&mut tx, &noted, (by.id, services.now())).await?;
    let told = Told {
        unit: plan.unit,
        kind: "goods.plan_changed",
        subject: id,
        body: json!({ "lot": hex(&lot.bytes()), "destinations": shares.len() }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Says yes or no to a plan. With the last approval that the rule asks for, its dispatch orders stand and their goods
/// are set aside; one refusal ends it.
///
/// # Errors
/// [`ReliefError::ByCase`] where the unit's policy demands a case, [`ReliefError::SamePerson`], [`ReliefError::Sum`] when
/// the store changed since it was proposed, [`ReliefError::Expired`].
pub async fn decide(
    services: &Services,
    by: &Actor,
    id: PlanId,
    (decision, words): (PlanDecision, &str),
) -> Result<PlanState, ReliefError> {
    by.require_somewhere(Permission::GoodsApprove)?;
    let least = usize::from(decision == PlanDecision::Refuse);
    crate::stock::rules::check_text("words", words, least)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let plan = proposed(&mut tx, id, (by, Permission::GoodsApprove)).await?;
    if approval::governs(&mut tx, services, plan.unit).await? {
        return Err(ReliefError::ByCase);
    }
    if plan.made_by == by.id {
        return Err(ReliefError::SamePerson);
    }
    let said = store::insert_decision(&mut tx, id, (by.id, now), (decision, words.trim())).await;
    said.map_err(|error| match error {
        DbError::Duplicate(_) => ReliefError::SamePerson,
        other => other.into(),
    })?;
    let shares = store::lines(&mut tx, id).await?;
    let mut state = PlanState::Proposed;
    let mut orders = 0;
    match decision {
        PlanDecision::Refuse => state = PlanState::Refused,
        PlanDecision::Approve => {
            lock(&mut tx, &shares).await?;
            ready(&mut tx, (plan.unit, &shares), now.business_day()).await?;
            let table = platform::parameters::load(&mut tx).await?;
            let wanted = table.whole("goods.plan_approvals", now.business_day())?.unwrap_or(3);
            if store::approvals(&mut tx, id).await? >= wanted {
                state = PlanState::Approved;
                orders = order(&mut tx, services, (by.id, &plan), (&shares, now)).await?;
            }
        }
    }
    if state != PlanState::Proposed {
        store::set_plan_state(&mut tx, id, state, Some(now)).await?;
    }
    let told = Told {
        unit: plan.unit,
        kind: "goods.plan_decided",
        subject: id,
        body: json!({ "decision": decision, "state": state, "dispatches": orders }),
    };
    finish(tx, services, by, told).await?;
    Ok(state)
}

/// Writes down that a plan is before those who decide by a case; nothing if that ended meanwhile.
///
/// # Errors
/// Any [`DbError`].
pub async fn note_asked(services: &Services, by: &Actor, id: PlanId, case: CaseId) -> Result<(), ReliefError> {
    let mut tx = services.db.begin().await?;
    let plan = store::lock_plan(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("plan"))?;
    let known = governance::approvals::queries::case(&mut tx, case).await?;
    let goes_on = known.is_some_and(|case| matches!(case.state, CaseState::Open | CaseState::SentBack));
    if !goes_on || plan.state != PlanState::Proposed {
        return Ok(());
    }
    store::set_case(&mut tx, id, case).await?;
    store::set_plan_state(&mut tx, id, PlanState::Asked, None).await?;
    let told = Told {
        unit: plan.unit,
        kind: "goods.plan_asked",
        subject: id,
        body: json!({ "approval": hex(&case.bytes()) }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Carries out what a case said of a plan, in the reaction's transaction: approved, its dispatch orders stand; refused,
/// it is refused; taken back, or no longer what the store holds, the desk has it again. Fact `goods.plan_decided`, by
/// nobody.
///
/// # Errors
/// [`ReliefError::Db`] and what a corrupt row says; then nothing was done and the fact comes again.
pub(in super::super) async fn settle(tx: &mut Tx, services: &Services, case: &CaseRow) -> Result<(), ReliefError> {
    let id = PlanId::from_bytes(case.subject.bytes());
    let plan = store::lock_plan(tx, id).await?;
    let waiting = |plan: &PlanRow| matches!(plan.state, PlanState::Proposed | PlanState::Asked);
    let Some(plan) = plan.filter(|plan| plan.unit == case.unit && waiting(plan)) else {
        return Ok(());
    };
    let now = services.now();
    let shares = store::lines(tx, id).await?;
    let (mut state, mut orders, mut left) = (PlanState::Proposed, 0, None);
    match case.state {
        CaseState::Refused => state = PlanState::Refused,
        CaseState::Approved if case.details["lines_sha256"] != approval::fingerprint(&shares) => {
            left = Some("changed");
        }
        CaseState::Approved => {
            lock(tx, &shares).await?;
            match ready(tx, (plan.unit, &shares), now.business_day()).await {
                Ok(()) => {
                    state = PlanState::Approved;
                    orders = order(tx, services, (Actor::operator().id, &plan), (&shares, now)).await?;
                }
                Err(error) => left = Some(word(error)?),
            }
        }
        CaseState::Open | CaseState::SentBack | CaseState::Withdrawn => {}
    }
    store::set_plan_state(tx, id, state, (state != PlanState::Proposed).then_some(now)).await?;
    let fact = NewFact {
        unit: plan.unit,
        kind: "goods.plan_decided",
        subject: id.bytes(),
        actor: None,
        body: json!({
            "subject": hex(&id.bytes()), "approval": hex(&case.id.bytes()), "state": state, "dispatches": orders,
            "left": left,
        }),
    };
    append(tx, fact, services).await?;
    Ok(())
}

/// Why an approved plan was left to the desk, as a word for the fact; what the database says goes on.
fn word(error: ReliefError) -> Result<&'static str, ReliefError> {
    match error {
        ReliefError::Sum { .. } => Ok("sum_differs"),
        ReliefError::Expired(_) => Ok("expired"),
        ReliefError::HeldFor => Ok("held_for_addressee"),
        ReliefError::RequestDiffers(_) => Ok("request_differs"),
        ReliefError::Designated => Ok("designated_for_another"),
        ReliefError::NotFound(_) => Ok("not_of_this_unit"),
        other => Err(other),
    }
}

/// Locks the lots of a plan, in their order.
async fn lock(tx: &mut Tx, shares: &[Share]) -> Result<(), DbError> {
    for lot in shares.iter().map(|share| share.lot).collect::<BTreeSet<_>>() {
        stock::lock_lot(tx, lot).await?;
    }
    Ok(())
}

/// Whether a plan can be carried out: its destinations add up to what lies there, what is sent may leave, and every
/// line fits its lot and its request.
///
/// # Errors
/// [`ReliefError::Sum`], [`ReliefError::Expired`], [`ReliefError::HeldFor`], [`ReliefError::NotFound`],
/// [`ReliefError::RequestDiffers`], [`ReliefError::Designated`].
pub(in super::super) async fn ready(
    at: &mut impl Reads,
    (unit, shares): (UnitId, &[Share]),
    today: BusinessDay,
) -> Result<(), ReliefError> {
    let spots: BTreeSet<(LotId, PlaceId)> = shares.iter().map(|share| (share.lot, share.place)).collect();
    let spots: Vec<_> = spots.into_iter().collect();
    let there = store::there(at, &spots).await?;
    rules::check_sums(
        shares.iter().map(|share| ((share.lot, share.place), share.quantity)),
        &there,
    )?;
    let sent: Vec<Share> = shares.iter().filter(|share| share.party.is_some()).cloned().collect();
    for lot in fit(at, unit, &sent).await?.values() {
        check_may_leave(lot, today)?;
    }
    Ok(())
}

/// The dispatch orders of a decided plan that is [`ready`], one a receiver; their goods are set aside in the moment for
/// which it was: what may still leave before midnight may not after it.
async fn order(
    tx: &mut Tx,
    services: &Services,
    (by, plan): (ActorId, &PlanRow),
    (shares, now): (&[Share], Instant),
) -> Result<usize, ReliefError> {
    let mut by_party: BTreeMap<PartyId, Vec<&Share>> = BTreeMap::new();
    for share in shares {
        if let Some(party) = share.party {
            by_party.entry(party).or_default().push(share);
        }
    }
    let mut moves: Vec<Move> = Vec::new();
    for (party, shares) in &by_party {
        let id = DispatchId::new(now, &*services.rng);
        let new = NewDispatch {
            id,
            unit: plan.unit,
            plan: plan.id,
            party: *party,
        };
        let number = crate::dispatch::store::insert(tx, &new, now).await?;
        for (at, share) in shares.iter().enumerate() {
            let line = NewDispatchLine {
                n: at as i64 + 1,
                lot: share.lot,
                place: share.place,
                request: share.request,
                quantity: share.quantity,
            };
            crate::dispatch::store::insert_line(tx, id, &line).await?;
            moves.push(Move {
                lot: share.lot,
                key: format!("dispatch/{}/{}/reserve", hex(&id.bytes()), line.n),
                from: Some(Spot::at(LotState::Stocked, share.place)),
                to: Some(Spot::under(LotState::Reserved, id)),
                quantity: share.quantity,
                paper: number.clone(),
                reason: String::new(),
                device_at: None,
            });
            if let Some(request) = share.request {
                let lot = stock::lot(tx, share.lot).await?.ok_or(ReliefError::NotFound("lot"))?;
                store::grant(tx, request, share.quantity.saturating_mul(lot.per_base)).await?;
            }
        }
    }
    for step in &moves {
        stock::apply(tx, (plan.unit, by), step, now).await?;
    }
    Ok(by_party.len())
}
