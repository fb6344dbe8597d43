//! Goods that nobody announced, recorded at the door: a lot of their own that has arrived and waits to be inspected.

use db::Reads;
use kernel::BusinessDay;
use kernel::id::{Id as _, from_public, hex};
use platform::Services;
use platform::identity::Actor;

use super::super::model::{Applied, Record, Subject};
use super::super::{rules, store};
use super::apply::{Named, Order, announce_photo, id_of, moved};
use crate::boxes::actions as boxes;
use crate::boxes::{BoxKind, Code};
use crate::catalogue::{self, Item};
use crate::error::{ReliefError, invalid};
use crate::stock::actions::{self as stock, Recorded};
use crate::stock::model::ValueBasis;
use crate::stock::{NewLot, Source, Step};
use crate::tables::rules::folded;
use crate::{ItemId, LotId, PlaceId};

/// Why an announcement is taken back, as the history of its lot says it.
const TAKEN_BACK: &str = "箱内已是其他物资：撤回登记";

/// What makes the lot the same when it is recorded again, and what makes its arrival so. A box is one lot, whichever phone
/// scans it first; without a box the record is its own.
struct Keys {
    lot: String,
    arrival: String,
}

fn keys(order: &Order<'_>, code: Option<&Code>) -> Keys {
    match code {
        Some(code) => {
            let id = hex(&code.id.bytes());
            Keys {
                lot: format!("box/{id}/unannounced"),
                arrival: format!("box/{id}/arrived"),
            }
        }
        None => Keys {
            lot: order.own_key(),
            arrival: order.own_key(),
        },
    }
}

/// Takes in what a record says. Each of its parts, the lot, what is in the box, the arrival, the photograph, is the same
/// when it is done again: a phone that was cut off in the middle goes on where it was.
///
/// # Errors
/// [`ReliefError::Unmapped`] for words that the catalogue does not know: an officer says what they mean and carries the
/// record out; [`ReliefError::Taken`] for a box that holds something else, [`ReliefError::BoxDiffers`] for one that another
/// phone recorded with another number.
pub(super) async fn take_in(
    services: &Services,
    by: &Actor,
    order: &Order<'_>,
    named: Named,
) -> Result<Applied, ReliefError> {
    let record = order.record;
    let quantity = order.quantity()?;
    let place: PlaceId = id_of(services, &record.place, "place")?;
    let device_at = rules::device_time(record.device_at_ms)?;
    if !record.sha256.is_empty() && rules::digest_of(&record.sha256).is_none() {
        return Err(invalid("sha256", "64 hexadecimal digits in small letters are expected"));
    }
    let keys = keys(order, named.code.as_ref());
    let mut at = services.db.snapshot().await?;
    check_box(&mut at, order, (&named, &keys)).await?;
    let item = item(services, &mut at, order).await?;
    drop(at);
    let new = new_lot(order, &item, (keys.lot.clone(), place, quantity))?;
    let lot = stock::announce(services, by, &new).await?.id;
    if let Some(code) = &named.code {
        let filled = boxes::fill(services, by, code.id, (lot, quantity)).await;
        if matches!(filled, Err(ReliefError::Taken(_))) {
            take_back(services, by, (lot, place, quantity), &keys.lot).await?;
        }
        filled?;
    }
    let subject = Subject {
        lot: Some(lot),
        code: named.subject.code,
        dispatch: None,
    };
    let wanted = Recorded {
        lot,
        step: Step::Arrive(place),
        quantity,
        key: keys.arrival,
        reason: record.note.clone(),
        device_at: Some(device_at),
    };
    let mut applied = moved(services, by, order, (&wanted, subject)).await?;
    applied.effect = keys.lot;
    if !record.sha256.is_empty() {
        announce_photo(services, by, order, Named { subject, code: None }).await?;
    }
    Ok(applied)
}

/// Takes a lot back that was announced for a box which somebody filled with something else meanwhile: nothing of it will
/// arrive, and nobody waits for it.
async fn take_back(
    services: &Services,
    by: &Actor,
    (lot, place, quantity): (LotId, PlaceId, i64),
    key: &str,
) -> Result<(), ReliefError> {
    let wanted = Recorded {
        lot,
        step: Step::Withdraw(place),
        quantity,
        key: format!("{key}/back"),
        reason: TAKEN_BACK.to_owned(),
        device_at: None,
    };
    match stock::record(services, by, &wanted).await {
        // Announced at another place by another phone's record, which takes it back itself.
        Ok(_) | Err(ReliefError::Short { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether the code can take these goods: none at all, an empty box, or the box that this very record or another phone's
/// filled.
async fn check_box(at: &mut impl Reads, order: &Order<'_>, (named, keys): (&Named, &Keys)) -> Result<(), ReliefError> {
    let Some(code) = &named.code else {
        return if named.subject == Subject::default() {
            Ok(())
        } else {
            Err(invalid("code", "the code of an empty box, or none, is expected"))
        };
    };
    if code.kind != BoxKind::Box {
        return Err(ReliefError::State {
            state: code.kind.as_str(),
            wanted: "box",
        });
    }
    let Some(filled) = code.filled else { return Ok(()) };
    let announced = format!("announce/{}", keys.lot);
    if store::moved(at, order.device.unit, &announced).await?.is_none() {
        return Err(ReliefError::Taken("box"));
    }
    match order.record.quantity {
        Some(said) if said != filled.quantity => Err(ReliefError::BoxDiffers {
            said,
            there: filled.quantity,
        }),
        _ => Ok(()),
    }
}

/// What they are: an item by its id, or by words that the catalogue knows, of no other grade.
async fn item(services: &Services, at: &mut impl Reads, order: &Order<'_>) -> Result<Item, ReliefError> {
    let words = order.record.item.trim();
    if words.is_empty() {
        return Err(invalid("item", "what it is, is expected"));
    }
    if let Ok(id) = from_public::<ItemId>(&*services.keys, words) {
        let item = catalogue::store::item(at, id).await?;
        return item.ok_or(ReliefError::NotFound("item"));
    }
    let found = catalogue::queries::resolve(at, order.device.unit, words).await?;
    let item = found.ok_or_else(|| ReliefError::Unmapped(words.to_owned()))?;
    catalogue::rules::check_grade(words, &item)?;
    Ok(item)
}

fn new_lot(
    order: &Order<'_>,
    item: &Item,
    (key, place, quantity): (String, PlaceId, i64),
) -> Result<NewLot, ReliefError> {
    let record = order.record;
    let said = folded(&record.unit_word);
    if said.is_empty() {
        // Three of what? No unit is guessed.
        return Err(invalid("unit_word", "the unit it was counted in is expected"));
    }
    Ok(NewLot {
        unit: order.device.unit,
        key,
        item: item.id,
        unit_word: said,
        quantity,
        per_box: 1,
        spec: String::new(),
        batch: String::new(),
        source: Source::Donation,
        donor: record.donor.trim().to_owned(),
        designated_for: None,
        expires_on: last_day(record)?,
        has_certificate: record.certificate,
        expected_on: None,
        place,
        value: None,
        basis: ValueBasis::None,
        evidence: String::new(),
    })
}

fn last_day(record: &Record) -> Result<Option<BusinessDay>, ReliefError> {
    if record.expires_on.is_empty() {
        return Ok(None);
    }
    let day = BusinessDay::parse(&record.expires_on);
    day.map(Some)
        .map_err(|_| invalid("expires_on", "a day YYYY-MM-DD is expected"))
}
