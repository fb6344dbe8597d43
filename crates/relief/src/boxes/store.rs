//! The tables `goods_box`, `goods_box_sheet`, `goods_box_number`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Instant, UnitId};

use super::model::{BoxKind, Code, Filled};
use crate::{BoxId, DispatchId, LotId, SheetId};

/// Codes of one sheet.
pub(super) const LABELS_MAX: i64 = papers::labels::LABELS_MAX as i64;

pub(super) const CODE: &str =
    "SELECT id, unit_id, sheet_id, kind, year, number, made_at, lot_id, quantity, filled_at, into_id, dispatch_id
     FROM goods_box";

/// A code's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Code, DbError> {
    let filled = match (
        row.opt_id("lot_id")?,
        row.opt_int("quantity")?,
        row.opt_instant("filled_at")?,
    ) {
        (Some(lot), Some(quantity), Some(at)) => Some(Filled { lot, quantity, at }),
        _ => None,
    };
    Ok(Code {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        sheet: row.id("sheet_id")?,
        kind: row.word("kind")?,
        number: (row.int("year")?, row.int("number")?),
        made_at: row.instant("made_at")?,
        filled,
        into: row.opt_id("into_id")?,
        dispatch: row.opt_id("dispatch_id")?,
    })
}

pub(super) async fn code(at: &mut impl Reads, id: BoxId) -> Result<Option<Code>, DbError> {
    let row = at.query_one(&format!("{CODE} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// A code, locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: BoxId) -> Result<Option<Code>, DbError> {
    tx.execute("UPDATE goods_box SET kind = kind WHERE id = ?1", params![(id,)])
        .await?;
    code(tx, id).await
}

/// A sheet: whose, of what, how many.
pub(super) struct SheetRow {
    pub(super) id: SheetId,
    pub(super) unit: UnitId,
    pub(super) kind: BoxKind,
    pub(super) labels: i64,
    pub(super) made_at: Instant,
}

const SHEET: &str = "SELECT id, unit_id, kind, labels, made_at FROM goods_box_sheet";

fn read_sheet(row: &Row) -> Result<SheetRow, DbError> {
    Ok(SheetRow {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        kind: row.word("kind")?,
        labels: row.int("labels")?,
        made_at: row.instant("made_at")?,
    })
}

pub(super) async fn sheet(at: &mut impl Reads, id: SheetId) -> Result<Option<SheetRow>, DbError> {
    let row = at.query_one(&format!("{SHEET} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_sheet).transpose()
}

pub(super) async fn sheet_by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<SheetRow>, DbError> {
    let sql = format!("{SHEET} WHERE unit_id = ?1 AND sheet_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read_sheet).transpose()
}

pub(super) async fn insert_sheet(tx: &mut Tx, sheet: &SheetRow, key: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_box_sheet (id, unit_id, sheet_key, kind, labels, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            (sheet.id,),
            (sheet.unit,),
            key,
            sheet.kind.as_str(),
            sheet.labels,
            sheet.made_at
        ],
    )
    .await
    .map(drop)
}

/// Takes so many numbers of a unit's codes in a year; gives the first. The counter's row is the lock.
pub(super) async fn take_numbers(tx: &mut Tx, unit: UnitId, year: i64, count: i64) -> Result<i64, DbError> {
    tx.execute(
        "INSERT INTO goods_box_number (unit_id, year, last) VALUES (?1, ?2, ?3)
         ON CONFLICT (unit_id, year) DO UPDATE SET last = goods_box_number.last + excluded.last",
        params![(unit,), year, count],
    )
    .await?;
    let sql = "SELECT last FROM goods_box_number WHERE unit_id = ?1 AND year = ?2";
    let row = tx.query_one(sql, params![(unit,), year]).await?;
    let row = row.ok_or_else(|| DbError::Other("a series of codes vanished".into()))?;
    Ok(row.int("last")? - count + 1)
}

pub(super) async fn insert_codes(
    tx: &mut Tx,
    sheet: &SheetRow,
    (year, first): (i64, i64),
    ids: &[BoxId],
) -> Result<(), DbError> {
    let backend = Reads::backend(tx);
    let sql = format!(
        "INSERT INTO goods_box (id, unit_id, sheet_id, kind, year, number, made_at) VALUES {}",
        db::wide_values(backend, ids.len(), 7)
    );
    let mut values = Vec::with_capacity(ids.len() * 7);
    for (id, number) in ids.iter().zip(first..) {
        values.extend(params![
            (*id,),
            (sheet.unit,),
            (sheet.id,),
            sheet.kind.as_str(),
            year,
            number,
            sheet.made_at
        ]);
    }
    tx.execute(&sql, values).await.map(drop)
}

pub(super) async fn fill(tx: &mut Tx, id: BoxId, filled: Filled) -> Result<(), DbError> {
    let sql = "UPDATE goods_box SET lot_id = ?2, quantity = ?3, filled_at = ?4 WHERE id = ?1";
    tx.execute(sql, params![(id,), (filled.lot,), filled.quantity, filled.at])
        .await
        .map(drop)
}

pub(super) async fn put_into(tx: &mut Tx, id: BoxId, into: Option<BoxId>) -> Result<(), DbError> {
    let sql = "UPDATE goods_box SET into_id = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), into.map(|into| (into,))])
        .await
        .map(drop)
}

pub(super) async fn put_order(tx: &mut Tx, id: BoxId, dispatch: DispatchId) -> Result<(), DbError> {
    let sql = "UPDATE goods_box SET dispatch_id = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), (dispatch,)]).await.map(drop)
}

/// Pieces of a lot that boxes hold; of one order where one is named.
pub(super) async fn in_boxes(at: &mut impl Reads, lot: LotId, dispatch: Option<DispatchId>) -> Result<i64, DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) AS n FROM goods_box WHERE lot_id = ?1";
    let row = match dispatch {
        Some(dispatch) => {
            let sql = format!("{sql} AND dispatch_id = ?2");
            at.query_one(&sql, params![(lot,), (dispatch,)]).await?
        }
        None => at.query_one(sql, params![(lot,)]).await?,
    };
    row.map_or(Ok(0), |row| row.int("n"))
}

/// Pieces of a lot that came, as they were announced.
pub(super) async fn announced(at: &mut impl Reads, lot: LotId) -> Result<i64, DbError> {
    let sql = "SELECT quantity FROM goods_move WHERE lot_id = ?1 AND n = 1";
    let row = at.query_one(sql, params![(lot,)]).await?;
    row.map_or(Ok(0), |row| row.int("quantity"))
}
