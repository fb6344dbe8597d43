//! Asking, listing, proposing, deciding.

use std::collections::{BTreeMap, BTreeSet};

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Ask, ListLine, NewRequest, Offer, PlanDecision, PlanState, Request, Share, Wanted, Why};
use super::store::PlanRow;
use super::{rules, store};
use crate::catalogue::store as catalogue;
use crate::dispatch::store::{NewDispatch, NewDispatchLine};
use crate::error::{ReliefError, in_scope};
use crate::stock::rules::check_may_leave;
use crate::stock::{LotState, Move, Spot, store as stock};
use crate::told::{Told, finish};
use crate::{DispatchId, LotId, PartyId, PlaceId, PlanId, RequestId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.requested",
    "goods.request_confirmed",
    "goods.request_withdrawn",
    "goods.request_repeats",
    "goods.list_drawn",
    "goods.plan_proposed",
    "goods.plan_changed",
    "goods.plan_decided",
];

/// Hands a request in. The same key again is the same request.
///
/// # Errors
/// [`ReliefError::Units`], [`ReliefError::Taken`] when the key named another request.
pub async fn ask(services: &Services, by: &Actor, new: &NewRequest) -> Result<Request, ReliefError> {
    by.require(Permission::GoodsRequest, new.unit)?;
    rules::check_request(new)?;
    match ask_once(services, by, new).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => ask_once(services, by, new).await,
        settled => settled,
    }
}

async fn ask_once(services: &Services, by: &Actor, new: &NewRequest) -> Result<Request, ReliefError> {
    let mut tx = services.db.begin().await?;
    if let Some(known) = store::request_by_key(&mut tx, new.unit, &new.key).await? {
        let same = known.party == new.party && known.wanted == new.wanted;
        return if same {
            Ok(known)
        } else {
            Err(ReliefError::Taken("request"))
        };
    }
    stock::party_unit(&mut tx, new.party)
        .await?
        .ok_or(ReliefError::NotFound("receiver"))?;
    if let Wanted::Goods { item, unit_word, .. } = &new.wanted {
        let item = catalogue::item(&mut tx, *item)
            .await?
            .ok_or(ReliefError::NotFound("item"))?;
        item.per_base(unit_word)?;
    }
    let id = RequestId::new(services.now(), &*services.rng);
    store::insert_request(&mut tx, id, new, services.now()).await?;
    let made = store::request(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("request"))?;
    let (item, quantity, amount) = match &new.wanted {
        Wanted::Goods { item, quantity, .. } => (Some(hex(&item.bytes())), Some(*quantity), None),
        Wanted::Money(amount) => (None, None, Some(*amount)),
    };
    let told = Told {
        unit: new.unit,
        kind: "goods.requested",
        subject: id,
        body: json!({
            "receiver": hex(&new.party.bytes()), "item": item, "quantity": quantity, "amount_fen": amount,
            "priority": new.priority, "needed_by": new.needed_by,
        }),
    };
    finish(tx, services, by, told).await?;
    Ok(made)
}

/// What is said of a request that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It still stands: fresh for another two days.
    StillNeeded,
    /// It is taken back.
    Withdrawn,
}

/// Confirms a request or takes it back.
///
/// # Errors
/// [`ReliefError::State`] when it was taken back before.
pub async fn say(services: &Services, by: &Actor, id: RequestId, said: Said) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsRequest)?;
    let mut tx = services.db.begin().await?;
    let request = store::request(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("request"))?;
    in_scope(by, Permission::GoodsRequest, (request.unit, "request"))?;
    if request.withdrawn_at.is_some() {
        return Err(ReliefError::State {
            state: "withdrawn",
            wanted: "open",
        });
    }
    let kind = match said {
        Said::StillNeeded => {
            store::confirm(&mut tx, id, services.now()).await?;
            "goods.request_confirmed"
        }
        Said::Withdrawn => {
            store::withdraw(&mut tx, id, services.now()).await?;
            "goods.request_withdrawn"
        }
    };
    let told = Told {
        unit: request.unit,
        kind,
        subject: id,
        body: json!({}),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// How often a request comes again, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// Every so many days.
    pub every_days: i64,
    /// Not after this day.
    pub until: BusinessDay,
}

/// Lets a request come again every so many days, as a request of its own; with nothing, no more.
///
/// # Errors
/// [`ReliefError::Invalid`], [`ReliefError::State`] for one that was taken back.
pub async fn repeat(services: &Services, by: &Actor, id: RequestId, again: Option<Again>) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsRequest)?;
    let today = services.now().business_day();
    if let Some(again) = again {
        rules::check_again((again.every_days, again.until), today)?;
    }
    let mut tx = services.db.begin().await?;
    let request = store::lock_request(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("request"))?;
    in_scope(by, Permission::GoodsRequest, (request.unit, "request"))?;
    if request.withdrawn_at.is_some() {
        return Err(ReliefError::State {
            state: "withdrawn",
            wanted: "open",
        });
    }
    match again {
        Some(again) => {
            let repeat = store::Repeat {
                request: id,
                every_days: again.every_days,
                next_on: today.plus_days(again.every_days),
                until: again.until,
            };
            store::put_repeat(&mut tx, request.unit, &repeat).await?;
        }
        None => store::drop_repeat(&mut tx, id).await?,
    }
    let told = Told {
        unit: request.unit,
        kind: "goods.request_repeats",
        subject: id,
        body: json!({ "every_days": again.map(|again| again.every_days), "until": again.map(|again| again.until) }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Hands in again what is due; gives how many requests are new. What was taken back or has run out comes no more.
pub(super) async fn ask_again(services: &Services) -> Result<usize, ReliefError> {
    let (now, today) = (services.now(), services.now().business_day());
    let due = store::due_repeats(&mut services.db.snapshot().await?, today).await?;
    let mut asked = 0;
    for id in due {
        let mut tx = services.db.begin().await?;
        let request = store::lock_request(&mut tx, id)
            .await?
            .ok_or(ReliefError::NotFound("request"))?;
        let Some(mut repeat) = store::repeat(&mut tx, id).await? else {
            continue;
        };
        let ended = request.withdrawn_at.is_some() || repeat.next_on > repeat.until;
        let told = if ended {
            store::drop_repeat(&mut tx, id).await?;
            Told {
                unit: request.unit,
                kind: "goods.request_repeats",
                subject: id,
                body: json!({ "every_days": null, "until": null }),
            }
        } else {
            let new = NewRequest {
                unit: request.unit,
                key: format!("again/{}/{}", hex(&id.bytes()), repeat.next_on),
                party: request.party,
                wanted: request.wanted,
                priority: request.priority,
                basis: request.basis,
                needed_by: Some(repeat.next_on),
            };
            let next = RequestId::new(now, &*services.rng);
            store::insert_request(&mut tx, next, &new, now).await?;
            repeat.next_on = repeat.next_on.plus_days(repeat.every_days);
            store::put_repeat(&mut tx, request.unit, &repeat).await?;
            asked += 1;
            Told {
                unit: request.unit,
                kind: "goods.requested",
                subject: next,
                body: json!({ "again": hex(&id.bytes()), "needed_by": new.needed_by, "priority": new.priority }),
            }
        };
        finish(tx, services, &Actor::operator(), told).await?;
    }
    Ok(asked)
}

/// Draws list one for a day: what arrived since the cut-off hour of the day before and what is expected on the day. A
/// new version is written when it differs from the last one.
///
/// # Errors
/// [`ReliefError::Frozen`] once the day has ended.
pub async fn draw_list(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    day: BusinessDay,
) -> Result<(i64, Vec<ListLine>), ReliefError> {
    by.require(Permission::GoodsRecord, unit)?;
    if day < services.now().business_day() {
        return Err(ReliefError::Frozen(day));
    }
    match draw_once(services, by, unit, day).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => draw_once(services, by, unit, day).await,
        settled => settled,
    }
}

async fn draw_once(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    day: BusinessDay,
) -> Result<(i64, Vec<ListLine>), ReliefError> {
    let mut tx = services.db.begin().await?;
    let table = platform::parameters::load(&mut tx).await?;
    let hour = table.whole("goods.list_cut_off_hour", day)?.unwrap_or(16);
    let lines = store::listed(&mut tx, unit, rules::arrivals_of(day, hour), day).await?;
    let text = serde_json::to_string(&lines).unwrap_or_default();
    let last = store::last_list(&mut tx, unit, day).await?;
    let version = match last {
        Some((version, before)) if before == text => return Ok((version, lines)),
        Some((version, _)) => version + 1,
        None => 1,
    };
    store::insert_list(&mut tx, (unit, day, version), &text, (by.id, services.now())).await?;
    let told = Told {
        unit,
        kind: "goods.list_drawn",
        subject: unit,
        body: json!({ "for_day": day, "version": version, "lines": lines.len() }),
    };
    finish(tx, services, by, told).await?;
    Ok((version, lines))
}

/// Corrects the lists of today and tomorrow that are drawn already; gives how many versions are new.
pub(super) async fn correct(services: &Services, unit: UnitId) -> Result<usize, ReliefError> {
    let today = services.now().business_day();
    let mut new = 0;
    for day in [today, today.plus_days(1)] {
        let before = store::last_list(&mut services.db.snapshot().await?, unit, day).await?;
        if let Some((before, _)) = before {
            let (version, _) = draw_list(services, &Actor::operator(), unit, day).await?;
            new += usize::from(version > before);
        }
    }
    Ok(new)
}

/// Draws tomorrow's list of every unit that has goods; gives how many have a line.
pub(super) async fn draw_tomorrow(services: &Services) -> Result<usize, ReliefError> {
    let units = store::units_with_goods(&mut services.db.snapshot().await?).await?;
    let tomorrow = services.now().business_day().plus_days(1);
    let mut with_lines = 0;
    for unit in units {
        let (_, lines) = draw_list(services, &Actor::operator(), unit, tomorrow).await?;
        with_lines += usize::from(!lines.is_empty());
    }
    Ok(with_lines)
}

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
    let asks = asks.into_iter().filter_map(|request| {
        let Wanted::Goods { item, quantity, .. } = request.wanted else {
            return None;
        };
        Some(Ask {
            request: request.id,
            party: request.party,
            item,
            open: quantity.saturating_mul(request.per_base) - request.granted,
            priority: request.priority,
            needed_by: request.needed_by,
        })
    });
    let shares = rules::propose(offers.collect(), asks.filter(|ask| ask.open > 0).collect());
    let id = PlanId::new(now, &*services.rng);
    let row = PlanRow {
        id,
        unit,
        day: today,
        state: PlanState::Proposed,
        made_by: by.id,
        made_at: now,
        decided_at: None,
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

/// Changes who gets a lot, with a reason. The destinations must add up to what lies there.
///
/// # Errors
/// [`ReliefError::Sum`], [`ReliefError::State`] once somebody decided.
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
            stock::party_unit(&mut tx, party)
                .await?
                .ok_or(ReliefError::NotFound("receiver"))?;
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
    let there = store::there(&mut tx, &[(lot, place)]).await?;
    rules::check_sums(shares.iter().map(|share| ((lot, place), share.quantity)), &there)?;
    let first = store::remove_lines(&mut tx, id, (lot, place)).await?;
    store::insert_lines(&mut tx, id, first, (&shares, reason.trim())).await?;
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
/// [`ReliefError::SamePerson`], [`ReliefError::Sum`] when the store changed since it was proposed,
/// [`ReliefError::Expired`].
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
    if plan.made_by == by.id {
        return Err(ReliefError::SamePerson);
    }
    let said = store::insert_decision(&mut tx, id, (by.id, now), (decision, words.trim())).await;
    said.map_err(|error| match error {
        DbError::Duplicate(_) => ReliefError::SamePerson,
        other => other.into(),
    })?;
    let shares = store::lines(&mut tx, id).await?;
    let spots: BTreeSet<(LotId, PlaceId)> = shares.iter().map(|share| (share.lot, share.place)).collect();
    for lot in spots.iter().map(|(lot, _)| *lot).collect::<BTreeSet<_>>() {
        stock::lock_lot(&mut tx, lot).await?;
    }
    let mut state = PlanState::Proposed;
    let mut orders = 0;
    match decision {
        PlanDecision::Refuse => state = PlanState::Refused,
        PlanDecision::Approve => {
            let spots: Vec<_> = spots.into_iter().collect();
            let there = store::there(&mut tx, &spots).await?;
            rules::check_sums(
                shares.iter().map(|share| ((share.lot, share.place), share.quantity)),
                &there,
            )?;
            let table = platform::parameters::load(&mut tx).await?;
            let wanted = table.whole("goods.plan_approvals", now.business_day())?.unwrap_or(3);
            if store::approvals(&mut tx, id).await? >= wanted {
                state = PlanState::Approved;
                orders = order(&mut tx, services, by, (&plan, &shares)).await?;
            }
        }
    }
    if state != PlanState::Proposed {
        store::set_plan_state(&mut tx, id, state, now).await?;
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

/// The dispatch orders of a decided plan, one a receiver; their goods are set aside.
async fn order(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (plan, shares): (&PlanRow, &[Share]),
) -> Result<usize, ReliefError> {
    let now = services.now();
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
        let lot = stock::lot(tx, step.lot).await?.ok_or(ReliefError::NotFound("lot"))?;
        check_may_leave(&lot, now.business_day())?;
        stock::apply(tx, (plan.unit, by.id), step, now).await?;
    }
    Ok(by_party.len())
}
