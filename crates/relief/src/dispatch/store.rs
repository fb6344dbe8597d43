//! The tables `goods_dispatch`, `goods_dispatch_line`, `goods_signature`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Instant, UnitId};

use super::model::{Dispatch, DispatchLine, DispatchState, Proof, Way, paper};
use crate::{DispatchId, LotId, PartyId, PlaceId, PlanId, RequestId, SignatureId};

/// Lines of one order.
const LINES_MAX: i64 = 10_000;

/// An order about to be written.
pub(crate) struct NewDispatch {
    pub(crate) id: DispatchId,
    pub(crate) unit: UnitId,
    pub(crate) plan: PlanId,
    pub(crate) party: PartyId,
}

/// A line about to be written.
pub(crate) struct NewDispatchLine {
    pub(crate) n: i64,
    pub(crate) lot: LotId,
    pub(crate) place: PlaceId,
    pub(crate) request: Option<RequestId>,
    pub(crate) quantity: i64,
}

/// Writes an order under the next number of its unit and year; gives the number as papers have it. The counter's row
/// is the lock: two at once wait for each other, and one that is given up leaves no gap.
pub(crate) async fn insert(tx: &mut Tx, new: &NewDispatch, now: Instant) -> Result<String, DbError> {
    let year = i64::from(now.business_day().year());
    tx.execute(
        "INSERT INTO goods_number (unit_id, year, last) VALUES (?1, ?2, 1)
         ON CONFLICT (unit_id, year) DO UPDATE SET last = goods_number.last + 1",
        params![(new.unit,), year],
    )
    .await?;
    let row = tx
        .query_one(
            "SELECT last FROM goods_number WHERE unit_id = ?1 AND year = ?2",
            params![(new.unit,), year],
        )
        .await?;
    let number = row.map_or(Ok(1), |row| row.int("last"))?;
    tx.execute(
        "INSERT INTO goods_dispatch (id, unit_id, year, number, plan_id, party_id, way, state, ordered_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'ordered', ?8)",
        params![
            (new.id,),
            (new.unit,),
            year,
            number,
            (new.plan,),
            (new.party,),
            Way::PointToPoint.as_str(),
            now
        ],
    )
    .await?;
    Ok(paper((year, number)))
}

pub(crate) async fn insert_line(tx: &mut Tx, id: DispatchId, line: &NewDispatchLine) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_dispatch_line (dispatch_id, n, lot_id, place_id, request_id, quantity)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            (id,),
            line.n,
            (line.lot,),
            (line.place,),
            line.request.map(|request| (request,)),
            line.quantity
        ],
    )
    .await
    .map(drop)
}

/// Columns of an order.
pub(super) const DISPATCH: &str =
    "SELECT d.id, d.unit_id, d.year, d.number, d.party_id, p.name AS party_name, d.way, d.state, d.ordered_at,
    d.left_at, d.received_at FROM goods_dispatch d JOIN goods_party p ON p.id = d.party_id";

/// An order's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Dispatch, DbError> {
    Ok(Dispatch {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        number: (row.int("year")?, row.int("number")?),
        party: row.id("party_id")?,
        party_name: row.text("party_name")?,
        way: row.word("way")?,
        state: row.word("state")?,
        ordered_at: row.instant("ordered_at")?,
        left_at: row.opt_instant("left_at")?,
        received_at: row.opt_instant("received_at")?,
    })
}

/// An order, locked until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: DispatchId) -> Result<Option<Dispatch>, DbError> {
    tx.execute("UPDATE goods_dispatch SET state = state WHERE id = ?1", params![(id,)])
        .await?;
    let row = tx
        .query_one(&format!("{DISPATCH} WHERE d.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// An order's lines in the order of their lots, as locks are taken.
pub(crate) async fn lines(at: &mut impl Reads, id: DispatchId) -> Result<Vec<DispatchLine>, DbError> {
    let rows = at
        .query(
            "SELECT n, lot_id, place_id, request_id, quantity FROM goods_dispatch_line WHERE dispatch_id = ?1
             ORDER BY lot_id, n LIMIT ?2",
            params![(id,), LINES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(DispatchLine {
                n: row.int("n")?,
                lot: row.id("lot_id")?,
                place: row.id("place_id")?,
                request: row.opt_id("request_id")?,
                quantity: row.int("quantity")?,
            })
        })
        .collect()
}

pub(crate) async fn set_way(tx: &mut Tx, id: DispatchId, way: Way) -> Result<(), DbError> {
    let sql = "UPDATE goods_dispatch SET way = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), way.as_str()]).await.map(drop)
}

pub(crate) async fn set_state(tx: &mut Tx, id: DispatchId, state: DispatchState, now: Instant) -> Result<(), DbError> {
    let (sql, mut values) = match state {
        DispatchState::InTransit => (
            "UPDATE goods_dispatch SET state = ?2, left_at = ?3 WHERE id = ?1",
            params![(id,)],
        ),
        DispatchState::Received => (
            "UPDATE goods_dispatch SET state = ?2, received_at = ?3 WHERE id = ?1",
            params![(id,)],
        ),
        _ => ("UPDATE goods_dispatch SET state = ?2 WHERE id = ?1", params![(id,)]),
    };
    values.extend(params![state.as_str()]);
    if matches!(state, DispatchState::InTransit | DispatchState::Received) {
        values.extend(params![now]);
    }
    tx.execute(sql, values).await.map(drop)
}

/// A signature about to be written.
pub(crate) struct NewSignature<'a> {
    pub(crate) id: SignatureId,
    pub(crate) dispatch: &'a Dispatch,
    pub(crate) lot: LotId,
    pub(crate) quantity: i64,
    pub(crate) proof: Proof,
    pub(crate) shown: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) drawn_sealed: Option<Vec<u8>>,
}

pub(crate) async fn insert_signature(tx: &mut Tx, new: NewSignature<'_>, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_signature (id, unit_id, dispatch_id, lot_id, quantity, proof, signer_shown, signer_sealed,
           drawn_sealed, signed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            (new.id,),
            (new.dispatch.unit,),
            (new.dispatch.id,),
            (new.lot,),
            new.quantity,
            new.proof.as_str(),
            new.shown,
            new.sealed,
            new.drawn_sealed,
            now
        ],
    )
    .await
    .map(drop)
}
