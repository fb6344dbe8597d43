//! Whether what goods are worth and what the books say agree.

use std::collections::BTreeMap;

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{Fen, Instant, UnitId};
use ledger::AccountCode;

use super::model::{Valued, Worth};
use super::{rules, store};
use crate::error::ReliefError;
use crate::stock::store::{LOT, read_lot};
use crate::{DispatchId, LotId};

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

/// A dispatch order with what left by it, less what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentWorth {
    /// The order.
    pub id: DispatchId,
    /// Whose.
    pub unit: UnitId,
    /// Its number as it stands on papers.
    pub number: String,
    /// Where the receiver is: a region code.
    pub region: String,
    /// When it left.
    pub left_at: Option<Instant>,
    /// What left by it as the books were told it, less what its receiver gave back.
    pub value: Fen,
    /// Lots of it that have no value and are in no sum.
    pub unvalued: i64,
}

/// The order of a unit with this year and number.
///
/// # Errors
/// Any [`DbError`].
pub async fn order_of_number(
    at: &mut impl Reads,
    unit: UnitId,
    (year, number): (i64, i64),
) -> Result<Option<DispatchId>, DbError> {
    let sql = "SELECT id FROM goods_dispatch WHERE unit_id = ?1 AND year = ?2 AND number = ?3";
    let row = at.query_one(sql, params![(unit,), year, number]).await?;
    row.map(|row| row.id("id")).transpose()
}

/// What an order sent was worth; none where there is no such order. What was bought has no value here: it is in the books by
/// its purchase.
///
/// # Errors
/// The database's, and sums that do not fit.
pub async fn of_order(at: &mut impl Reads, id: DispatchId) -> Result<Option<SentWorth>, ReliefError> {
    let row = at
        .query_one(
            "SELECT d.unit_id, d.year, d.number, d.left_at, p.region_code FROM goods_dispatch d
             JOIN goods_party p ON p.id = d.party_id WHERE d.id = ?1",
            params![(id,)],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut sent = SentWorth {
        id,
        unit: row.id("unit_id")?,
        number: crate::dispatch::model::paper((row.int("year")?, row.int("number")?)),
        region: row.text("region_code")?,
        left_at: row.opt_instant("left_at")?,
        value: Fen::ZERO,
        unvalued: 0,
    };
    let lots = at
        .query(
            "SELECT DISTINCT lot_id FROM goods_dispatch_line WHERE dispatch_id = ?1 ORDER BY lot_id",
            params![(id,)],
        )
        .await?;
    for row in &lots {
        let lot = crate::stock::store::lot(at, row.id("lot_id")?)
            .await?
            .ok_or(ReliefError::NotFound("lot"))?;
        let (Some(value), Some(_)) = (lot.value, rules::holding(&lot)) else {
            sent.unvalued += 1;
            continue;
        };
        let valued = Valued {
            value,
            pieces: store::pieces(at, lot.id).await?,
            origin: rules::origin(lot.source),
        };
        let (left, back) = store::of_order(at, lot.id, id).await?;
        let mut worth = Worth::default();
        for one in store::moves(at, lot.id, (0, i64::MAX)).await? {
            let said = worth.take(&one, &valued)?;
            if left.contains(&one.n) {
                sent.value = sent.value.plus(said.map_or(Fen::ZERO, |(_, value)| value))?;
            }
            if back.contains(&one.n) {
                let came_back = rules::part(valued.value, (one.quantity, valued.pieces));
                sent.value = sent.value.minus(came_back)?;
            }
        }
    }
    Ok(Some(sent))
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
