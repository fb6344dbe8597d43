//! Looking before, and doing it: by an officer with a reason, by the donor who showed a code.

use db::Reads;
use kernel::id::{Id as _, public};
use kernel::{BusinessDay, GiftId, OrderId, TeamId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use platform::parameters;
use serde_json::json;

use super::error::ErasureError;
use super::model::{Counts, ErasureId, KeepRule, OWN_LOOKS_MAX, OWN_PARTS_MAX, Report, Stage};
use super::rules::{self, Looked, MoneyBack};
use super::store;
use crate::data_copies::actions::read_gifts;
use crate::donations::certificate_id;
use crate::donations::queries::GiftFacts;
use crate::donations::sealed::{self, ErasureReason};
use crate::my_gifts::{self, ContactKind, Session};
use crate::recurring::{AgreementId, MandateId, actions as recurring};
use crate::teams::actions as teams;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["personal.erased"];

/// What an officer's erasure would destroy and what it would keep; changes nothing. Needs
/// [`Permission::PersonalManage`], and sees what stands in units where she has it.
///
/// # Errors
/// [`ErasureError`]: not allowed, no contact, nothing held in her units.
pub async fn preview(
    services: &Services,
    by: &Actor,
    contact: &str,
    before: Option<GiftId>,
) -> Result<Report, ErasureError> {
    by.require_somewhere(Permission::PersonalManage)?;
    let session = session_of(services, contact)?;
    let may = |unit: UnitId| by.require(Permission::PersonalManage, unit).is_ok();
    let found = look(services, &session, (before, &may)).await?;
    let is_whole = before.is_none() && found.more.is_none();
    if is_whole && found.counts().is_nothing() && found.kept.is_empty() {
        return Err(ErasureError::Nothing);
    }
    found.report(services, Stage::Preview, found.counts()).await
}

/// Destroys what [`preview`] shows. Cut off or repeated, it goes on with what is left; where nothing is left, nothing is
/// counted and no fact is written. Facts of the things themselves, and `personal.erased` with the reason and the counts.
///
/// # Errors
/// [`ErasureError`].
pub async fn erase(
    services: &Services,
    by: &Actor,
    (contact, reason): (&str, ErasureReason),
    before: Option<GiftId>,
) -> Result<Report, ErasureError> {
    by.require_somewhere(Permission::PersonalManage)?;
    let session = session_of(services, contact)?;
    let may = |unit: UnitId| by.require(Permission::PersonalManage, unit).is_ok();
    let found = look(services, &session, (before, &may)).await?;
    let done = destroy(services, (Some(by), reason), &session, &found).await?;
    found.report(services, Stage::Done, done).await
}

/// Destroys a donor's own at her wish: who showed the right code is she. Her session ends with the last part. Facts as
/// [`erase`], by nobody of the house.
///
/// # Errors
/// [`ErasureError`].
pub async fn erase_own(services: &Services, session: &Session) -> Result<Report, ErasureError> {
    let may = |_: UnitId| true;
    let mut before = None;
    let mut done = Counts::default();
    let mut kept = Vec::new();
    let mut newest: Option<BusinessDay> = None;
    let mut parts = 0;
    for _ in 0..OWN_LOOKS_MAX {
        let mut found = look(services, session, (before, &may)).await?;
        let reason = ErasureReason::GiverAsked;
        let part = destroy(services, (None, reason), session, &found).await?;
        // Parts of which all is kept cost little, and hold nobody up.
        parts += usize::from(!part.is_nothing());
        done = done.and(part);
        newest = newest.max(found.newest());
        kept.append(&mut found.kept);
        before = found.more;
        if before.is_none() || parts == OWN_PARTS_MAX {
            break;
        }
    }
    let whole = Found {
        kept,
        newest,
        more: before,
        ..Found::default()
    };
    whole.report(services, Stage::Done, done).await
}

fn session_of(services: &Services, contact: &str) -> Result<Session, ErasureError> {
    let contact = my_gifts::rules::contact(contact).ok_or(ErasureError::Contact)?;
    Ok(Session {
        kind: contact.kind,
        index: my_gifts::rules::index(&services.keys, &contact),
        expires_at: services.now(),
    })
}

/// A gift that is kept, why and until when.
type KeptGift = (GiftId, KeepRule, Option<BusinessDay>);

/// What is found of a contact.
#[derive(Default)]
struct Found {
    unit: Option<UnitId>,
    gifts: Vec<(GiftId, BusinessDay)>,
    kept: Vec<KeptGift>,
    mandates: Vec<MandateId>,
    agreements: Vec<AgreementId>,
    teams: Vec<TeamId>,
    orders: Vec<OrderId>,
    /// The newest day of the gifts destroyed, where they are not here any more.
    newest: Option<BusinessDay>,
    more: Option<GiftId>,
}

impl Found {
    fn counts(&self) -> Counts {
        let of = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Counts {
            gifts: of(self.gifts.len()),
            mandates: of(self.mandates.len()),
            news: of(self.agreements.len()),
            teams: of(self.teams.len()),
            orders: of(self.orders.len()),
        }
    }

    fn newest(&self) -> Option<BusinessDay> {
        self.gifts.iter().map(|(_, day)| *day).max().max(self.newest)
    }

    async fn report(&self, services: &Services, stage: Stage, erased: Counts) -> Result<Report, ErasureError> {
        let as_of = services.now();
        let mut at = services.db.snapshot().await?;
        let table = parameters::load(&mut at).await?;
        let gifts: Vec<_> = self.kept.iter().map(|(_, rule, until)| (*rule, *until)).collect();
        let gone = (erased.gifts, self.newest());
        Ok(Report {
            stage,
            as_of,
            erased,
            kept: rules::kept_lines(&gifts, gone, (&table, as_of.business_day())),
            next: self.more.map(|id| public(&*services.keys, certificate_id(id))),
        })
    }
}

async fn look(
    services: &Services,
    session: &Session,
    (before, may): (Option<GiftId>, &(impl Fn(UnitId) -> bool + Sync)),
) -> Result<Found, ErasureError> {
    let today = services.now().business_day();
    let mut at = services.db.snapshot().await?;
    let table = parameters::load(&mut at).await?;
    let years = table.whole("receipt.identity_keep_years", today)?;
    let (gifts, more) = read_gifts(&mut at, session, (today, before), may).await?;
    let mut found = Found {
        more,
        ..Found::default()
    };
    for gift in gifts {
        found.unit.get_or_insert(gift.unit);
        let looked = looked_at(&mut at, &gift).await?;
        match rules::why_kept(looked, years, today) {
            Some((rule, until)) => found.kept.push((gift.id, rule, until)),
            None if gift.erased => {}
            None => found.gifts.push((gift.id, gift.business_day)),
        }
    }
    // Once, with the first part.
    if before.is_none() {
        let held = recurring::held(&mut at, session).await?;
        for mandate in held.mandates.iter().filter(|mandate| may(mandate.unit)) {
            found.unit.get_or_insert(mandate.unit);
            found.mandates.push(mandate.id);
        }
        for agreement in held.agreements.iter().filter(|agreement| may(agreement.unit)) {
            found.unit.get_or_insert(agreement.unit);
            found.agreements.push(agreement.id);
        }
        for (team, unit) in teams::started_by(&mut at, services, session).await? {
            if may(unit) {
                found.unit.get_or_insert(unit);
                found.teams.push(team);
            }
        }
        if session.kind == ContactKind::Email {
            for (order, unit) in store::unpaid(&mut at, &session.index).await? {
                if may(unit) {
                    found.unit.get_or_insert(unit);
                    found.orders.push(order);
                }
            }
        }
    }
    Ok(found)
}

async fn looked_at(at: &mut impl Reads, gift: &GiftFacts) -> Result<Looked, ErasureError> {
    let waits = store::money_waits(at, (gift.unit, gift.id)).await?;
    Ok(Looked {
        receipt: gift.receipt_wish,
        day: gift.business_day,
        back: if waits { MoneyBack::Waits } else { MoneyBack::Nothing },
    })
}

/// Destroys what was found, each thing in its own transaction; what somebody else destroyed meanwhile is not counted.
async fn destroy(
    services: &Services,
    (by, reason): (Option<&Actor>, ErasureReason),
    session: &Session,
    found: &Found,
) -> Result<Counts, ErasureError> {
    let mut done = Counts::default();
    for (gift, _) in &found.gifts {
        let erased = match by {
            Some(by) => sealed::erase(services, by, *gift, reason).await?,
            None => sealed::erase_own(services, *gift).await?,
        };
        done.gifts += u64::from(!erased.is_nothing());
    }
    for mandate in &found.mandates {
        let was = recurring::erase_mandate(services, by, session, *mandate).await?;
        done.mandates += u64::from(was);
    }
    for agreement in &found.agreements {
        let was = recurring::erase_agreement(services, by, session, *agreement).await?;
        done.news += u64::from(was);
    }
    for team in &found.teams {
        done.teams += u64::from(teams::erase_starter(services, by, *team).await?);
    }
    let mut tx = services.db.begin().await?;
    let mut hidden = 0;
    for (gift, _, _) in &found.kept {
        hidden += store::stop_showing(&mut tx, *gift).await?;
    }
    for order in &found.orders {
        store::forget_order(&mut tx, *order).await?;
        done.orders += 1;
    }
    // An officer who found nothing of hers ends no session.
    if found.more.is_none() && (by.is_none() || found.unit.is_some()) {
        store::forget_codes(&mut tx, &session.index).await?;
    }
    if done.is_nothing() && hidden == 0 {
        tx.commit().await?;
        return Ok(done);
    }
    let root = services.tree.roots().first().copied().ok_or(ErasureError::NoRoot)?;
    let body = json!({
        "reason": reason,
        "gifts": done.gifts,
        "mandates": done.mandates,
        "news": done.news,
        "teams": done.teams,
        "orders": done.orders,
        "kept": found.kept.len(),
        "hidden": hidden,
    });
    let fact = NewFact {
        unit: found.unit.unwrap_or(root),
        kind: "personal.erased",
        subject: ErasureId::new(services.now(), &*services.rng).bytes(),
        actor: by.map(|by| by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(done)
}
