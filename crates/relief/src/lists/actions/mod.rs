//! Asking, listing, proposing, deciding.

mod plans;

use db::DbError;
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{ListLine, NewRequest, Request, Wanted};
use super::{rules, store};
use crate::RequestId;
use crate::catalogue::store as catalogue;
use crate::error::{ReliefError, in_scope};
use crate::requesters::reach;
use crate::stock::store as stock;
use crate::told::{Told, finish};

pub use plans::{Destination, change, decide, note_asked, propose};
pub(super) use plans::{ready, settle};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.requested",
    "goods.request_confirmed",
    "goods.request_withdrawn",
    "goods.request_repeats",
    "goods.list_drawn",
    "goods.plan_proposed",
    "goods.plan_changed",
    "goods.plan_asked",
    "goods.plan_decided",
];

/// Hands a request in. The same key again is the same request. An account that only asks does so for its own receiver.
///
/// # Errors
/// [`ReliefError::Unbound`], [`ReliefError::NotFound`] for another receiver than one's own, [`ReliefError::Units`], [`ReliefError::Taken`] when the key named another request.
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
    reach(&mut tx, by, new.unit).await?.check(new.party, "receiver")?;
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

/// Confirms a request or takes it back; another receiver's is not there for an account that asks for one.
///
/// # Errors
/// [`ReliefError::Unbound`], [`ReliefError::State`] when it was taken back before.
pub async fn say(services: &Services, by: &Actor, id: RequestId, said: Said) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsRequest)?;
    let mut tx = services.db.begin().await?;
    let request = store::request(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("request"))?;
    in_scope(by, Permission::GoodsRequest, (request.unit, "request"))?;
    reach(&mut tx, by, request.unit)
        .await?
        .check(request.party, "request")?;
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
    reach(&mut tx, by, request.unit)
        .await?
        .check(request.party, "request")?;
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
