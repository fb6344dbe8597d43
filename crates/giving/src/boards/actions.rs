//! Freezing days, opening boards, loading population figures.

use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, CampaignId};
use platform::Services;
use platform::facts::{NewFact, conclude, cursor, last_place_before, pending, unplaced_before};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::error::BoardError;
use super::jobs::COUNTING;
use super::model::{Freeze, Kind};
use super::{population, store};
use crate::screening::{HELD, SCREENING};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["boards.frozen", "boards.opened", "population.loaded"];
/// Days caught up at once: a year of an installation that stood still.
const DAYS_MAX: i64 = 366;

/// Freezes a day that has ended, and those before it that have no frozen board yet, beginning with the day after the
/// last frozen one. A day frozen before stays as it is. Fact `boards.frozen` for each.
///
/// # Errors
/// [`BoardError::NotOver`], [`BoardError::Behind`] while gifts of the day are still being screened or counted.
pub async fn freeze_through(services: &Services, day: BusinessDay) -> Result<Vec<Freeze>, BoardError> {
    if day >= services.now().business_day() {
        return Err(BoardError::NotOver(day));
    }
    let last = {
        let mut at = services.db.snapshot().await?;
        store::last_freeze(&mut at).await?
    };
    let first = match last {
        Some(last) => last.day.plus_days(1),
        None => day,
    };
    let mut frozen = Vec::new();
    for offset in 0..DAYS_MAX {
        let next = first.plus_days(offset);
        if next > day {
            break;
        }
        frozen.extend(freeze_day(services, next).await?);
    }
    Ok(frozen)
}

async fn freeze_day(services: &Services, day: BusinessDay) -> Result<Option<Freeze>, BoardError> {
    let mut tx = services.db.begin().await?;
    let end = day.plus_days(1).start();
    let place = last_place_before(&mut tx, end).await?;
    // Screening first: what it has said by then is seen by the two looks after it.
    let screened = cursor(&mut tx, SCREENING).await?;
    let seen = cursor(&mut tx, COUNTING).await?;
    let behind = (place - screened.min(seen)).max(0)
        + unplaced_before(&mut tx, end).await?
        + pending(&mut tx, HELD, seen).await?;
    if behind > 0 {
        return Err(BoardError::Behind { behind });
    }
    let before = store::last_freeze(&mut tx).await?;
    // A clock that was set back must not make a later day end before an earlier one.
    let freeze = Freeze {
        day,
        place: place.max(before.map_or(0, |before| before.place)),
        seen,
        frozen_at: services.now(),
    };
    if !store::insert_freeze(&mut tx, &freeze).await? {
        return Ok(None);
    }
    let rows = store::insert_frozen(&mut tx, before.as_ref(), &freeze).await?;
    let root = services
        .tree
        .roots()
        .first()
        .copied()
        .ok_or(BoardError::NotFound("unit"))?;
    let fact = NewFact {
        unit: root,
        kind: "boards.frozen",
        subject: root.bytes(),
        actor: None,
        body: json!({ "day": day, "place": freeze.place, "seen": seen, "rows": rows }),
    };
    conclude(tx, fact, services).await?;
    Ok(Some(freeze))
}

/// Says which boards of a campaign the public sees; none hides them all. Fact `boards.opened`.
///
/// # Errors
/// [`BoardError`]: not allowed, no such campaign.
pub async fn open(services: &Services, by: &Actor, id: CampaignId, kinds: &[Kind]) -> Result<(), BoardError> {
    by.require_somewhere(Permission::CampaignManage)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let campaign = crate::campaigns::store::lock(&mut tx, id)
        .await?
        .filter(|campaign| by.require(Permission::CampaignManage, campaign.unit).is_ok())
        .ok_or(BoardError::NotFound("campaign"))?;
    let mut before = store::opened(&mut tx, id).await?;
    let mut wanted = kinds.to_vec();
    for list in [&mut before, &mut wanted] {
        list.sort_unstable();
        list.dedup();
    }
    if before == wanted {
        return Ok(());
    }
    store::put_opened(&mut tx, (campaign.unit, id), &wanted, (by.id, now)).await?;
    let fact = NewFact {
        unit: campaign.unit,
        kind: "boards.opened",
        subject: id.bytes(),
        actor: Some(by.id),
        body: json!({ "kinds": wanted }),
    };
    conclude(tx, fact, services).await?;
    Ok(())
}

/// Loads population figures, all or none; returns how many. The same county and day again is replaced. Fact
/// `population.loaded`.
///
/// # Errors
/// [`BoardError::Invalid`] with the line at fault; nothing was loaded.
pub async fn load_population(services: &Services, by: &Actor, text: &str) -> Result<usize, BoardError> {
    by.require_everywhere(Permission::ParameterManage)?;
    let figures = population::parse(text)?;
    let root = services
        .tree
        .roots()
        .first()
        .copied()
        .ok_or(BoardError::NotFound("unit"))?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let units = governance::network::store::all_units(&mut tx).await?;
    for figure in &figures {
        let unit = units.iter().find(|unit| unit.region == figure.region);
        let unit = unit.ok_or_else(|| BoardError::Invalid {
            field: format!("line {}", figure.line),
            why: format!("no unit of the network has the region code {}", figure.region),
        })?;
        let what = (figure.people, figure.source.as_str());
        store::put_population(&mut tx, (unit.id, figure.from), what, (by.id, now)).await?;
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let fact = NewFact {
        unit: root,
        kind: "population.loaded",
        subject: root.bytes(),
        actor: Some(by.id),
        body: json!({ "figures": figures.len(), "sha256": hex(digest.as_ref()) }),
    };
    conclude(tx, fact, services).await?;
    Ok(figures.len())
}
