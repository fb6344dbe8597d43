//! Printing codes, filling boxes, putting them on pallets, trucks and orders. Each change is one transaction with one
//! fact; what a phone sends twice changes nothing.

use std::sync::OnceLock;

use db::{DbError, Tx};
use kernel::id::{Id as _, hex, public};
use papers::labels::{Label, Labels, render_pdf};
use papers::{Papers, PapersError};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{BoxKind, Code, Filled};
use super::store::{self, SheetRow};
use super::{model, queries};
use crate::dispatch::store as dispatches;
use crate::error::{ReliefError, in_scope, invalid};
use crate::stock::rules::{check_quantity, check_text};
use crate::stock::{Source, store as stock};
use crate::told::{Told, finish};
use crate::{BoxId, DispatchId, LotId, SheetId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.codes_printed",
    "goods.box_filled",
    "goods.box_put",
    "goods.box_ordered",
];

/// Codes to be printed.
#[derive(Debug, Clone)]
pub struct NewSheet<'a> {
    /// Whose.
    pub unit: kernel::UnitId,
    /// What makes it the same sheet when it is sent again.
    pub key: &'a str,
    /// What they are stuck on.
    pub kind: BoxKind,
    /// How many.
    pub labels: i64,
}

/// Makes codes to be printed, before anybody knows what will be in the boxes. The same key again is the same sheet.
///
/// # Errors
/// [`ReliefError::Invalid`], [`ReliefError::Taken`] when the key named another sheet.
pub async fn print(services: &Services, by: &Actor, new: NewSheet<'_>) -> Result<(SheetId, Vec<Code>), ReliefError> {
    by.require(Permission::GoodsRecord, new.unit)?;
    check_text("key", new.key, 1)?;
    if !(1..=store::LABELS_MAX).contains(&new.labels) {
        return Err(invalid("labels", "1 to 240 labels are expected"));
    }
    let id = match print_once(services, by, &new).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => print_once(services, by, &new).await?,
        settled => settled?,
    };
    let mut at = services.db.snapshot().await?;
    Ok((id, queries::of_sheet(&mut at, id).await?))
}

async fn print_once(services: &Services, by: &Actor, new: &NewSheet<'_>) -> Result<SheetId, ReliefError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    if let Some(known) = store::sheet_by_key(&mut tx, new.unit, new.key).await? {
        return if (known.kind, known.labels) == (new.kind, new.labels) {
            Ok(known.id)
        } else {
            Err(ReliefError::Taken("sheet"))
        };
    }
    let sheet = SheetRow {
        id: SheetId::new(now, &*services.rng),
        unit: new.unit,
        kind: new.kind,
        labels: new.labels,
        made_at: now,
    };
    let year = i64::from(now.business_day().year());
    let ids: Vec<BoxId> = (0..new.labels).map(|_| BoxId::new(now, &*services.rng)).collect();
    store::insert_sheet(&mut tx, &sheet, new.key).await?;
    let first = store::take_numbers(&mut tx, new.unit, year, new.labels).await?;
    store::insert_codes(&mut tx, &sheet, (year, first), &ids).await?;
    let told = Told {
        unit: new.unit,
        kind: "goods.codes_printed",
        subject: sheet.id,
        body: json!({
            "kind": new.kind, "first": model::label(new.kind, (year, first)), "labels": new.labels,
        }),
    };
    finish(tx, services, by, told).await?;
    Ok(sheet.id)
}

/// A code of a unit in which the actor records, locked.
async fn locked(tx: &mut Tx, by: &Actor, id: BoxId) -> Result<Code, ReliefError> {
    let code = store::lock(tx, id).await?.ok_or(ReliefError::NotFound("code"))?;
    in_scope(by, Permission::GoodsRecord, (code.unit, "code"))?;
    Ok(code)
}

/// Writes down what is in a box. The same again changes nothing.
///
/// # Errors
/// [`ReliefError::Taken`] when something else is in it, [`ReliefError::Short`] when boxes would hold more than came,
/// [`ReliefError::HeldFor`] for a parcel in care.
pub async fn fill(
    services: &Services,
    by: &Actor,
    id: BoxId,
    (lot, quantity): (LotId, i64),
) -> Result<Code, ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    check_quantity(quantity)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut code = locked(&mut tx, by, id).await?;
    if code.kind != BoxKind::Box {
        return Err(ReliefError::State {
            state: code.kind.as_str(),
            wanted: "box",
        });
    }
    if let Some(known) = code.filled {
        return if (known.lot, known.quantity) == (lot, quantity) {
            Ok(code)
        } else {
            Err(ReliefError::Taken("box"))
        };
    }
    let of = stock::lock_lot(&mut tx, lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsRecord, (of.unit, "lot"))?;
    if of.source == Source::HeldForAddressee {
        return Err(ReliefError::HeldFor);
    }
    let there = store::announced(&mut tx, lot).await? - store::in_boxes(&mut tx, lot, None).await?;
    if quantity > there {
        return Err(ReliefError::Short {
            wanted: quantity,
            there,
        });
    }
    let filled = Filled { lot, quantity, at: now };
    store::fill(&mut tx, id, filled).await?;
    code.filled = Some(filled);
    let told = Told {
        unit: code.unit,
        kind: "goods.box_filled",
        subject: id,
        body: json!({ "lot": hex(&lot.bytes()), "quantity": quantity }),
    };
    finish(tx, services, by, told).await?;
    Ok(code)
}

/// Puts a box on a pallet, or either on a truck; with nothing, takes it down. The same again changes nothing.
///
/// # Errors
/// [`ReliefError::State`] for what cannot hold it.
pub async fn put(services: &Services, by: &Actor, id: BoxId, into: Option<BoxId>) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    let mut tx = services.db.begin().await?;
    let code = locked(&mut tx, by, id).await?;
    if let Some(into) = into {
        let holder = store::code(&mut tx, into).await?.ok_or(ReliefError::NotFound("code"))?;
        in_scope(by, Permission::GoodsRecord, (holder.unit, "code"))?;
        if !holder.kind.holds(code.kind) {
            return Err(ReliefError::State {
                state: holder.kind.as_str(),
                wanted: "pallet or truck",
            });
        }
    }
    if code.into == into {
        return Ok(());
    }
    store::put_into(&mut tx, id, into).await?;
    let told = Told {
        unit: code.unit,
        kind: "goods.box_put",
        subject: id,
        body: json!({ "into": into.map(|into| hex(&into.bytes())) }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Says that a filled box travels by an order, so that its page tells the way. The same again changes nothing.
///
/// # Errors
/// [`ReliefError::State`] for an empty box, [`ReliefError::Taken`] for one of another order, [`ReliefError::Short`] when
/// the order does not send so many of its lot.
pub async fn send_by(services: &Services, by: &Actor, id: BoxId, dispatch: DispatchId) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    let mut tx = services.db.begin().await?;
    let order = dispatches::lock(&mut tx, dispatch)
        .await?
        .ok_or(ReliefError::NotFound("dispatch order"))?;
    in_scope(by, Permission::GoodsRecord, (order.unit, "dispatch order"))?;
    let code = locked(&mut tx, by, id).await?;
    let Some(filled) = code.filled else {
        return Err(ReliefError::State {
            state: "empty",
            wanted: "filled",
        });
    };
    match code.dispatch {
        Some(known) if known == dispatch => return Ok(()),
        Some(_) => return Err(ReliefError::Taken("order")),
        None => {}
    }
    let lines = dispatches::lines(&mut tx, dispatch).await?;
    let of_lot = lines.iter().filter(|line| line.lot == filled.lot);
    let sent: i64 = of_lot.map(|line| line.quantity).sum();
    let there = sent - store::in_boxes(&mut tx, filled.lot, Some(dispatch)).await?;
    if filled.quantity > there {
        return Err(ReliefError::Short {
            wanted: filled.quantity,
            there,
        });
    }
    store::put_order(&mut tx, id, dispatch).await?;
    let told = Told {
        unit: code.unit,
        kind: "goods.box_ordered",
        subject: id,
        body: json!({ "dispatch": hex(&dispatch.bytes()) }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Fonts are read once for the whole program.
fn engine() -> Result<&'static Papers, ReliefError> {
    static ENGINE: OnceLock<Result<Papers, PapersError>> = OnceLock::new();
    let made = ENGINE.get_or_init(Papers::new).as_ref();
    made.map_err(|error| ReliefError::Paper(error.to_string()))
}

/// The labels of a sheet as PDF: each with its code, which leads to the public page.
///
/// # Errors
/// [`ReliefError::NotFound`], [`ReliefError::Paper`].
pub async fn labels(services: &Services, by: &Actor, id: SheetId) -> Result<Vec<u8>, ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    let mut at = services.db.snapshot().await?;
    let sheet = store::sheet(&mut at, id).await?.ok_or(ReliefError::NotFound("sheet"))?;
    in_scope(by, Permission::GoodsRecord, (sheet.unit, "sheet"))?;
    let unit = governance::network::store::unit(&mut at, sheet.unit).await?;
    let codes = queries::of_sheet(&mut at, id).await?;
    drop(at);
    let labels = codes.iter().map(|code| Label {
        number: code.label(),
        url: format!("{}/box/{}", services.base_url, public(&*services.keys, code.id)),
    });
    let data = Labels {
        unit_name: unit.map(|unit| unit.name).unwrap_or_default(),
        kind: sheet.kind.title(),
        day: sheet.made_at.business_day(),
        labels: labels.collect(),
    };
    let engine = engine()?;
    let drawn = tokio::task::spawn_blocking(move || render_pdf(engine, &data)).await;
    let drawn = drawn
        .map_err(|error| ReliefError::Paper(format!("the drawing was cut off: {error}")))?
        .map_err(|error| ReliefError::Paper(error.to_string()))?;
    Ok(drawn.bytes)
}
