//! The table `goods_worth`, and the movements that are not booked yet.

use std::collections::BTreeSet;

use db::{DbError, Reads, Row, Tx, params};
use kernel::UnitId;
use ledger::Restriction;
use ledger::journal::shapes::goods::Holding;

use super::model::{Crossing, Worth};
use crate::{DispatchId, LotId};

/// Movements of one lot that are booked at once: more than a lot ever has.
const MOVES_MAX: i64 = 200_000;

/// The word of a holding.
pub(super) const fn word(holding: Holding) -> &'static str {
    match holding {
        Holding::Own(Restriction::Restricted) => "restricted",
        Holding::Own(_) => "unrestricted",
        Holding::Agency => "agency",
    }
}

pub(super) fn read(row: &Row) -> Result<Worth, DbError> {
    Ok(Worth {
        entered: row.int("entered")?,
        held: row.int("held")?,
        value: row.fen("held_fen")?,
        upto: row.int("booked_upto")?,
    })
}

pub(super) async fn worth(at: &mut impl Reads, lot: LotId) -> Result<Option<Worth>, DbError> {
    let sql = "SELECT entered, held, held_fen, booked_upto FROM goods_worth WHERE lot_id = ?1";
    let row = at.query_one(sql, params![(lot,)]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn put(
    tx: &mut Tx,
    (lot, unit): (LotId, UnitId),
    holding: Holding,
    worth: &Worth,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_worth (lot_id, unit_id, holding, entered, held, held_fen, booked_upto)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (lot_id) DO UPDATE SET entered = excluded.entered,
           held = excluded.held, held_fen = excluded.held_fen, booked_upto = excluded.booked_upto",
        params![
            (lot,),
            (unit,),
            word(holding),
            worth.entered,
            worth.held,
            worth.value,
            worth.upto
        ],
    )
    .await
    .map(drop)
}

/// A lot's movements after one of them up to another, in order.
pub(super) async fn moves(
    at: &mut impl Reads,
    lot: LotId,
    (after, upto): (i64, i64),
) -> Result<Vec<Crossing>, DbError> {
    let rows = at
        .query(
            "SELECT n, from_state, to_state, quantity FROM goods_move WHERE lot_id = ?1 AND n > ?2 AND n <= ?3
             ORDER BY n LIMIT ?4",
            params![(lot,), after, upto, MOVES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Crossing {
                n: row.int("n")?,
                from: row.opt_word("from_state")?,
                to: row.opt_word("to_state")?,
                quantity: row.int("quantity")?,
            })
        })
        .collect()
}

/// How many pieces a lot's value is for: its first movement's.
pub(super) async fn pieces(at: &mut impl Reads, lot: LotId) -> Result<i64, DbError> {
    let sql = "SELECT quantity FROM goods_move WHERE lot_id = ?1 AND n = 1";
    let row = at.query_one(sql, params![(lot,)]).await?;
    row.map_or(Ok(1), |row| row.int("quantity"))
}

/// The movements of a lot by which it left with an order, and those by which the receiver gave it back.
pub(super) async fn of_order(
    at: &mut impl Reads,
    lot: LotId,
    order: DispatchId,
) -> Result<(BTreeSet<i64>, BTreeSet<i64>), DbError> {
    let numbers = |rows: Vec<Row>| {
        rows.iter()
            .map(|row| row.int("n"))
            .collect::<Result<BTreeSet<i64>, DbError>>()
    };
    let left = at
        .query(
            "SELECT n FROM goods_move WHERE lot_id = ?1 AND to_state = 'in_transit' AND to_holder = ?2 ORDER BY n",
            params![(lot,), (order,)],
        )
        .await?;
    let back = at
        .query(
            "SELECT n FROM goods_move WHERE lot_id = ?1 AND to_state = 'returned' AND from_holder = ?2 ORDER BY n",
            params![(lot,), (order,)],
        )
        .await?;
    Ok((numbers(left)?, numbers(back)?))
}
