//! Whether what goods are worth and what the books say agree.

use std::collections::BTreeMap;

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{Fen, UnitId};
use ledger::AccountCode;

use super::model::{Valued, Worth};
use super::{rules, store};
use crate::LotId;
use crate::error::ReliefError;
use crate::stock::store::{LOT, read_lot};

/// Lots looked at with one statement.
const LOTS_PER_BITE: i64 = 500;

/// What a recount of values found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorthRecount {
    /// Lots with a value in the books.
    pub lots: i64,
    /// What is held, together.
    pub value: Fen,
    /// Lots whose movements do not give what is kept of them.
    pub differing: i64,
    /// Units whose books say another value than their goods.
    pub books: i64,
}

impl WorthRecount {
    /// Whether movements, worth and books agree.
    pub const fn agrees(&self) -> bool {
        self.differing == 0 && self.books == 0
    }
}

/// Values every lot's movements again and compares with what is kept, and the sums with the books.
///
/// # Errors
/// The database's, and sums that do not fit.
pub async fn recount(at: &mut impl Reads) -> Result<WorthRecount, ReliefError> {
    let mut found = WorthRecount {
        lots: 0,
        value: Fen::ZERO,
        differing: 0,
        books: 0,
    };
    let mut by_books: BTreeMap<(UnitId, AccountCode), Fen> = BTreeMap::new();
    let mut after = LotId::from_bytes([0; 16]);
    loop {
        let rows = at
            .query(
                &format!(
                    "SELECT {LOT}, w.holding, w.entered, w.held, w.held_fen, w.booked_upto
                     FROM goods_worth w JOIN goods_lot l ON l.id = w.lot_id WHERE w.lot_id > ?1 ORDER BY w.lot_id LIMIT ?2"
                ),
                params![(after,), LOTS_PER_BITE],
            )
            .await?;
        for row in &rows {
            let lot = read_lot(row)?;
            after = lot.id;
            let kept = store::read(row)?;
            found.lots += 1;
            found.value = found.value.plus(kept.value)?;
            let code = if row.text("holding")? == "agency" {
                AccountCode::AGENCY_ASSETS
            } else {
                AccountCode::INVENTORIES
            };
            let sum = by_books.entry((lot.unit, code)).or_default();
            *sum = sum.plus(kept.value)?;
            let valued = Valued {
                value: lot.value.unwrap_or_default(),
                pieces: store::pieces(at, lot.id).await?,
                origin: rules::origin(lot.source),
            };
            let mut again = Worth::default();
            again.take_all(&store::moves(at, lot.id, (0, kept.upto)).await?, &valued)?;
            let on_hand = on_hand(at, lot.id).await?;
            found.differing += i64::from(again != kept || on_hand != kept.held);
        }
        if (rows.len() as i64) < LOTS_PER_BITE {
            break;
        }
    }
    for one in ledger::queries::goods::held(at).await? {
        let ours = by_books.remove(&(one.unit, one.code)).unwrap_or_default();
        found.books += i64::from(ours != one.value);
    }
    found.books += by_books.values().filter(|value| **value != Fen::ZERO).count() as i64;
    Ok(found)
}

/// What a movement of a lot was worth; none where the lot has no value or the movement crossed no door.
///
/// # Errors
/// The database's, and sums that do not fit.
pub(crate) async fn of_move(at: &mut impl Reads, (lot, n): (LotId, i64)) -> Result<Option<Fen>, ReliefError> {
    let lot = crate::stock::store::lot(at, lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    let Some(value) = lot.value else { return Ok(None) };
    let valued = Valued {
        value,
        pieces: store::pieces(at, lot.id).await?,
        origin: rules::origin(lot.source),
    };
    let moves = store::moves(at, lot.id, (0, n)).await?;
    let (mut worth, mut last) = (Worth::default(), None);
    for one in &moves {
        last = worth.take(one, &valued)?.map(|(_, value)| value);
    }
    Ok(last)
}

/// Pieces of a lot that the store answers for.
async fn on_hand(at: &mut impl Reads, lot: LotId) -> Result<i64, DbError> {
    let row = at
        .query_one(
            "SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) AS n FROM goods_balance
             WHERE lot_id = ?1 AND state IN ('stocked', 'reserved', 'issued')",
            params![(lot,)],
        )
        .await?;
    row.map_or(Ok(0), |row| row.int("n"))
}
