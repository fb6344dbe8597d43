//! The table `goods_need_line`, and the imported lines that stand in it not yet.

use db::{DbError, Reads, Row, Tx, params};
use kernel::UnitId;
use kernel::id::Id as _;

use super::model::NeedLine;
use crate::{LineId, PartyId, RequestId};

/// Lines that are looked at in one call.
const LINES_MAX: i64 = 20_000;

const LINE: &str = "SELECT l.id, l.unit_id, l.party_shown, l.place, l.item, l.spec, l.unit_word, l.how, l.quantity
    FROM goods_line l LEFT JOIN goods_need_line n ON n.line_id = l.id WHERE n.line_id IS NULL AND l.kind = 'needs'";

fn read(row: &Row) -> Result<NeedLine, DbError> {
    let is_own = row.text("how")? == "own";
    Ok(NeedLine {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        party: row.text("party_shown")?,
        place: row.text("place")?,
        item: row.text("item")?,
        spec: row.text("spec")?,
        unit_word: row.text("unit_word")?,
        quantity: row.opt_int("quantity")?.filter(|_| is_own),
    })
}

/// Lines of a unit's lists of needs that are no requests yet.
pub(super) async fn open_lines(at: &mut impl Reads, unit: UnitId) -> Result<Vec<NeedLine>, DbError> {
    let sql = format!("{LINE} AND l.unit_id = ?1 AND l.how IN ('own', 'not_given') ORDER BY l.id LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), LINES_MAX]).await?;
    rows.iter().map(read).collect()
}

/// One of them.
pub(super) async fn open_line(at: &mut impl Reads, id: LineId) -> Result<Option<NeedLine>, DbError> {
    let row = at.query_one(&format!("{LINE} AND l.id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// Writes down that a line became a request; a duplicate when it did before.
pub(super) async fn became(tx: &mut Tx, line: &NeedLine, request: RequestId) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_need_line (line_id, unit_id, request_id) VALUES (?1, ?2, ?3)",
        params![(line.id,), (line.unit,), (request,)],
    )
    .await
    .map(drop)
}

/// A unit's receiver of this name, with its region.
pub(super) async fn party(at: &mut impl Reads, unit: UnitId, name: &str) -> Result<Option<(PartyId, String)>, DbError> {
    let row = at
        .query_one(
            "SELECT id, region_code FROM goods_party WHERE unit_id = ?1 AND name = ?2",
            params![(unit,), name],
        )
        .await?;
    row.map(|row| Ok((row.id("id")?, row.text("region_code")?))).transpose()
}

/// The key under which a line's request stands.
pub(super) fn key(line: LineId) -> String {
    format!("need/{}", kernel::id::hex(&line.bytes()))
}
