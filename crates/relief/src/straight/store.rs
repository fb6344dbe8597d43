//! The table `goods_straight`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, UnitId};

use super::model::{NewStraight, Straight};
use crate::{DispatchId, StraightId};

/// Columns of a direct delivery.
pub(super) const STRAIGHT: &str =
    "SELECT t.id, t.unit_id, t.lot_id, t.place_id, t.party_id, t.request_id, t.quantity, t.state,
    t.first_by, t.second_by, t.dispatch_id FROM goods_straight t";

/// A row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Straight, DbError> {
    Ok(Straight {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        lot: row.id("lot_id")?,
        place: row.id("place_id")?,
        party: row.id("party_id")?,
        request: row.opt_id("request_id")?,
        quantity: row.int("quantity")?,
        state: row.word("state")?,
        first_by: row.id("first_by")?,
        second_by: row.opt_id("second_by")?,
        dispatch: row.opt_id("dispatch_id")?,
    })
}

pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Straight>, DbError> {
    let sql = format!("{STRAIGHT} WHERE t.unit_id = ?1 AND t.straight_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

/// A direct delivery, locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: StraightId) -> Result<Option<Straight>, DbError> {
    tx.execute("UPDATE goods_straight SET state = state WHERE id = ?1", params![(id,)])
        .await?;
    let row = tx
        .query_one(&format!("{STRAIGHT} WHERE t.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    tx: &mut Tx,
    (id, unit): (StraightId, UnitId),
    new: &NewStraight,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_straight (id, unit_id, straight_key, lot_id, place_id, party_id, request_id, quantity, state,
           first_by, first_at, list_number)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'counted_once', ?9, ?10, '')",
        params![
            (id,),
            (unit,),
            &new.key,
            (new.lot,),
            (new.place,),
            (new.party,),
            new.request.map(|request| (request,)),
            new.quantity,
            (by,),
            now,
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn counted(tx: &mut Tx, id: StraightId, (by, now): (ActorId, Instant)) -> Result<(), DbError> {
    let sql = "UPDATE goods_straight SET state = 'counted', second_by = ?2, second_at = ?3 WHERE id = ?1";
    tx.execute(sql, params![(id,), (by,), now]).await.map(drop)
}

pub(super) async fn booked(
    tx: &mut Tx,
    id: StraightId,
    (dispatch, list): (DispatchId, &str),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "UPDATE goods_straight SET state = 'booked', dispatch_id = ?2, list_number = ?3, booked_by = ?4,
         booked_at = ?5 WHERE id = ?1";
    tx.execute(sql, params![(id,), (dispatch,), list, (by,), now])
        .await
        .map(drop)
}
