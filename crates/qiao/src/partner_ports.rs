//! What partner regions ask of goods, of the store and of sheets, put together here because crates of one tier do not know each other.

use std::sync::Arc;

use db::{DbError, Snapshot, Tx};
use integrations::bills::{Limits, whole_sheets};
use kernel::UnitId;
use kernel::id::{Id as _, hex};
use partners::ports::{Delivered, Kept, Later, Lot, NoSheet, SheetRow, StoreError};
use partners::{GoodsSent, Ports, Sent, Sheets, Store, StoreLotId, StorePlaceId};
use platform::Services;
use platform::identity::Actor;
use relief::stock::model::ValueBasis;
use relief::stock::{NewLot, Source, actions as stock};
use relief::worth::queries::{self as worth, SentWorth};
use relief::{DispatchId, ItemId, LotId, PlaceId, ReliefError};

/// The longest row that is looked at.
const COLUMNS_MAX: u16 = 64;

/// The ports over this installation's goods and readers.
pub fn ports(services: &Services) -> Ports {
    Ports {
        services: services.clone(),
        goods: Arc::new(Goods),
        store: Arc::new(Shelves {
            services: services.clone(),
        }),
        sheets: Arc::new(SheetFiles {
            services: services.clone(),
        }),
    }
}

struct Goods;

fn of_db(error: ReliefError) -> DbError {
    match error {
        ReliefError::Db(error) => error,
        other => DbError::Other(other.to_string()),
    }
}

fn sent(worth: SentWorth) -> Sent {
    Sent {
        dispatch: worth.id.bytes(),
        unit: worth.unit,
        number: worth.number,
        region: worth.region,
        left_on: worth.left_at.map(|at| at.business_day()),
        value: worth.value,
        unvalued: worth.unvalued,
    }
}

/// `2026-0001`.
fn year_and_number(text: &str) -> Option<(i64, i64)> {
    let (year, number) = text.trim().split_once('-')?;
    Some((year.parse().ok()?, number.parse().ok()?))
}

impl GoodsSent for Goods {
    fn by_number<'a>(&'a self, at: &'a mut Snapshot, unit: UnitId, number: &'a str) -> Later<'a, Option<Sent>> {
        Box::pin(async move {
            let Some(number) = year_and_number(number) else {
                return Ok(None);
            };
            match worth::order_of_number(at, unit, number).await? {
                Some(id) => Ok(worth::of_order(at, id).await.map_err(of_db)?.map(sent)),
                None => Ok(None),
            }
        })
    }

    fn values<'a>(&'a self, at: &'a mut Snapshot, dispatches: &'a [[u8; 16]]) -> Later<'a, Vec<Sent>> {
        Box::pin(async move {
            let mut all = Vec::with_capacity(dispatches.len());
            for bytes in dispatches {
                let found = worth::of_order(at, DispatchId::from_bytes(*bytes)).await;
                all.extend(found.map_err(of_db)?.map(sent));
            }
            Ok(all)
        })
    }
}

struct Shelves {
    services: Services,
}

fn refused(error: ReliefError) -> StoreError {
    match error {
        ReliefError::Db(error) => StoreError::Db(error),
        other => StoreError::Refused(Box::new(other.problem())),
    }
}

/// A lot as the store takes it in. What a partner buys is paid out of a fund that aids.
fn lot_of(goods: &Delivered) -> NewLot {
    NewLot {
        unit: goods.unit,
        key: goods.key.clone(),
        item: ItemId::from_bytes(goods.item.bytes()),
        unit_word: goods.unit_word.clone(),
        quantity: goods.quantity,
        per_box: goods.per_box,
        spec: goods.spec.clone(),
        batch: goods.batch.clone(),
        source: Source::AidFund,
        donor: String::new(),
        designated_for: None,
        expires_on: goods.expires_on,
        has_certificate: goods.has_certificate,
        expected_on: None,
        place: PlaceId::from_bytes(goods.place.bytes()),
        value: Some(goods.value),
        basis: ValueBasis::Purchase,
        evidence: goods.evidence.clone(),
    }
}

impl Store for Shelves {
    fn take_in<'a>(&'a self, tx: &'a mut Tx, by: &'a Actor, goods: &'a Delivered) -> Kept<'a, Lot> {
        Box::pin(async move {
            let new = lot_of(goods);
            let taken = stock::take_in(tx, &self.services, by, (&new, &goods.evidence)).await;
            let taken = taken.map_err(refused)?;
            Ok(Lot {
                id: StoreLotId::from_bytes(taken.lot.bytes()),
                paper: taken.paper,
            })
        })
    }

    fn take_out<'a>(
        &'a self,
        tx: &'a mut Tx,
        by: &'a Actor,
        (lot, place, quantity): (StoreLotId, StorePlaceId, i64),
        reason: &'a str,
    ) -> Kept<'a, ()> {
        Box::pin(async move {
            let pieces = (
                LotId::from_bytes(lot.bytes()),
                PlaceId::from_bytes(place.bytes()),
                quantity,
            );
            let out = stock::take_out(tx, &self.services, by, pieces, reason).await;
            out.map_err(refused)
        })
    }
}

struct SheetFiles {
    services: Services,
}

impl Sheets for SheetFiles {
    fn rows(&self, bytes: &[u8]) -> Result<Vec<SheetRow>, NoSheet> {
        let not_kept = |error: std::io::Error| {
            tracing::error!(%error, "a sheet could not be put aside to be read");
            NoSheet("the disk could not be written; try again".into())
        };
        let mut tag = [0; 16];
        self.services.rng.fill(&mut tag);
        let folder = self.services.data.join("files").join("tmp");
        std::fs::create_dir_all(&folder).map_err(not_kept)?;
        let path = folder.join(format!("sheet-{}", hex(&tag)));
        let written = std::fs::write(&path, bytes);
        let read = written
            .map_err(not_kept)
            .and_then(|()| whole_sheets(&path, &Limits::default()).map_err(|error| NoSheet(error.to_string())));
        // Names of children are in it: it goes whatever was read.
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::error!(%error, "a sheet that was put aside could not be taken away");
        }
        let sheets = read?;
        let Some(sheet) = sheets.first() else {
            return Ok(Vec::new());
        };
        let row = |row: u32| {
            let last = sheet.cells(row).map(|(column, _)| column).max().unwrap_or(0);
            let cells = (0..=last.min(COLUMNS_MAX)).map(|column| sheet.text(row, column).to_owned());
            (row, cells.collect())
        };
        Ok(sheet.row_numbers().map(row).collect())
    }
}
