//! Adding a region, writing a visit down with its needs, withdrawing a need. Each is one transaction with one fact.

use db::DbError;
use giving::donations::mask;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission, RevealReason};
use serde_json::json;

use super::model::{Need, NewRegion, NewVisit, Region, Visit, Wanted};
use super::store;
use crate::error::{PartnerError, check_line, check_prose, in_scope, invalid};
use crate::files::actions::of_unit;
use crate::told::{Told, finish};
use crate::{NeedId, RegionId, VisitId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "partner.region_added",
    "partner.region_changed",
    "partner.contact_revealed",
    "partner.visit_recorded",
    "partner.need_withdrawn",
];
/// Where name and telephone of who answers are sealed for.
pub const CONTACT_PLACE: &str = "partner_region.contact";
/// Files of one visit: the minutes and an album.
const VISIT_FILES_MAX: usize = 60;
/// Needs of one visit.
const VISIT_NEEDS_MAX: usize = 100;
/// The longest figure of a need or a delegation.
const QUANTITY_MAX: i64 = 100_000_000;

fn sealed(services: &Services, contact: &str) -> (String, Vec<u8>) {
    let plain = contact.trim();
    let name: &str = plain.split_whitespace().next().unwrap_or(plain);
    let bytes = services.keys.seal(plain.as_bytes(), CONTACT_PLACE, &*services.rng);
    (mask::name(name), bytes)
}

/// Adds a partner region; needs [`Permission::PartnerManage`]. Fact `partner.region_added`.
///
/// # Errors
/// [`PartnerError::Taken`] for one that stands already.
pub async fn add_region(services: &Services, by: &Actor, new: &NewRegion) -> Result<Region, PartnerError> {
    by.require(Permission::PartnerManage, new.unit)?;
    check_line("society", &new.society, 1)?;
    check_line("contact", &new.contact, 1)?;
    let now = services.now();
    let (shown, bytes) = sealed(services, &new.contact);
    let region = Region {
        id: RegionId::new(now, &*services.rng),
        unit: new.unit,
        region: new.region,
        society: new.society.trim().to_owned(),
        contact_shown: shown,
        made_at: now,
    };
    let mut tx = services.db.begin().await?;
    let row = (region.id, new);
    let written = store::insert_region(&mut tx, row, (&region.contact_shown, bytes), (by.id, now)).await;
    written.map_err(|error| match error {
        DbError::Duplicate(_) => PartnerError::Taken("region"),
        other => other.into(),
    })?;
    let told = Told {
        unit: new.unit,
        kind: "partner.region_added",
        subject: region.id,
        body: json!({ "region": new.region.to_string() }),
    };
    finish(tx, services, by, told).await?;
    Ok(region)
}

/// Says anew which society it is there and who answers. Fact `partner.region_changed`.
///
/// # Errors
/// [`PartnerError::NotFound`].
pub async fn change_region(
    services: &Services,
    by: &Actor,
    (id, society, contact): (RegionId, &str, &str),
) -> Result<Region, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    check_line("society", society, 1)?;
    check_line("contact", contact, 1)?;
    let mut tx = services.db.begin().await?;
    let region = store::region(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("region"))?;
    in_scope(by, Permission::PartnerManage, (region.unit, "region"))?;
    let (shown, bytes) = sealed(services, contact);
    store::update_region(&mut tx, (id, society.trim()), (&shown, bytes)).await?;
    let told = Told {
        unit: region.unit,
        kind: "partner.region_changed",
        subject: id,
        body: json!({ "region": region.region.to_string() }),
    };
    finish(tx, services, by, told).await?;
    Ok(Region {
        society: society.trim().to_owned(),
        contact_shown: shown,
        ..region
    })
}

/// Opens who answers for a region there; needs [`Permission::PersonalReveal`]. Fact `partner.contact_revealed` with the
/// reason.
///
/// # Errors
/// [`PartnerError::NotFound`], [`PartnerError::Key`].
pub async fn reveal_contact(
    services: &Services,
    by: &Actor,
    id: RegionId,
    reason: RevealReason,
) -> Result<String, PartnerError> {
    by.require_somewhere(Permission::PersonalReveal)?;
    let mut tx = services.db.begin().await?;
    let found = store::contact(&mut tx, id).await?;
    let (unit, bytes) = found.ok_or(PartnerError::NotFound("region"))?;
    in_scope(by, Permission::PersonalReveal, (unit, "region"))?;
    let plain = services.keys.open(&bytes, CONTACT_PLACE)?;
    let told = Told {
        unit,
        kind: "partner.contact_revealed",
        subject: id,
        body: json!({ "reason": reason }),
    };
    finish(tx, services, by, told).await?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

fn check_visit(new: &NewVisit) -> Result<(), PartnerError> {
    check_line("key", &new.key, 1)?;
    check_prose("minutes", &new.minutes, 1)?;
    if !(1..=10_000).contains(&new.people) {
        return Err(invalid("people", "one or more is expected"));
    }
    if new.files.len() > VISIT_FILES_MAX {
        return Err(invalid("files", "at most 60 files of a visit"));
    }
    if new.needs.len() > VISIT_NEEDS_MAX {
        return Err(invalid("needs", "at most 100 needs of a visit"));
    }
    for need in &new.needs {
        check_line("words", &need.words, 1)?;
        match &need.wanted {
            Wanted::Money(amount) if !amount.is_positive() => {
                return Err(invalid("amount_fen", "an amount above zero is expected"));
            }
            Wanted::Goods { unit_word, quantity } => {
                check_line("unit_word", unit_word, 1)?;
                check_count(*quantity)?;
            }
            Wanted::Children(children) => check_count(*children)?,
            Wanted::Money(_) => {}
        }
    }
    Ok(())
}

fn check_count(quantity: i64) -> Result<(), PartnerError> {
    if (1..=QUANTITY_MAX).contains(&quantity) {
        Ok(())
    } else {
        Err(invalid("quantity", "one or more is expected"))
    }
}

/// Writes a visit down with its files and needs; needs [`Permission::PartnerManage`]. The same key again is the same visit.
/// Fact `partner.visit_recorded`.
///
/// # Errors
/// [`PartnerError::Taken`] for the key of another visit, [`PartnerError::Invalid`].
pub async fn record_visit(services: &Services, by: &Actor, new: &NewVisit) -> Result<Visit, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    check_visit(new)?;
    let now = services.now();
    if new.day > now.business_day() {
        return Err(invalid("day", "a day not after today is expected"));
    }
    let mut tx = services.db.begin().await?;
    let region = store::region(&mut tx, new.region)
        .await?
        .ok_or(PartnerError::NotFound("region"))?;
    in_scope(by, Permission::PartnerManage, (region.unit, "region"))?;
    if let Some(known) = store::visit_by_key(&mut tx, region.unit, &new.key).await? {
        let same = (known.region, known.day, known.way, known.minutes.as_str())
            == (new.region, new.day, new.way, new.minutes.trim());
        return if same {
            Ok(known)
        } else {
            Err(PartnerError::Taken("visit"))
        };
    }
    for file in &new.files {
        of_unit(&mut tx, *file, region.unit).await?;
    }
    let visit = Visit {
        id: VisitId::new(now, &*services.rng),
        unit: region.unit,
        region: new.region,
        way: new.way,
        day: new.day,
        people: new.people,
        minutes: new.minutes.trim().to_owned(),
        written_by: by.id,
        written_at: now,
    };
    store::insert_visit(&mut tx, &visit, (&new.key, &new.files)).await?;
    for (n, need) in (1i64..).zip(&new.needs) {
        let id = NeedId::new(now, &*services.rng);
        store::insert_need(&mut tx, &visit, (id, n, need)).await?;
    }
    let told = Told {
        unit: region.unit,
        kind: "partner.visit_recorded",
        subject: visit.id,
        body: json!({
            "region": hex(&region.id.bytes()), "day": new.day, "way": new.way, "people": new.people,
            "files": new.files.len(), "needs": new.needs.len(),
        }),
    };
    finish(tx, services, by, told).await?;
    Ok(visit)
}

/// Withdraws a need; withdrawing again is answered with what stands. Fact `partner.need_withdrawn`.
///
/// # Errors
/// [`PartnerError::NotFound`], [`PartnerError::Invalid`] without a reason.
pub async fn withdraw_need(services: &Services, by: &Actor, id: NeedId, why: &str) -> Result<Need, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    check_line("reason", why, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut need = store::lock_need(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("need"))?;
    in_scope(by, Permission::PartnerManage, (need.unit, "need"))?;
    if need.withdrawn.is_some() {
        return Ok(need);
    }
    store::withdraw_need(&mut tx, id, (why.trim(), now)).await?;
    need.withdrawn = Some((now, why.trim().to_owned()));
    let told = Told {
        unit: need.unit,
        kind: "partner.need_withdrawn",
        subject: id,
        body: json!({ "region": hex(&need.region.bytes()) }),
    };
    finish(tx, services, by, told).await?;
    Ok(need)
}
