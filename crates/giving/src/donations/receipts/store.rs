//! The table `gift_receipt`.

use db::bulk::{Cell, Kind, Lookup, Shape};
use db::{DbError, Reads, Tx, params};
use kernel::id::Id;
use kernel::{GiftId, Instant, UnitId};

use super::ReceiptWish;

/// The wishes of a batch of gifts.
pub(crate) const WISHES: Shape = Shape {
    table: "gift_receipt",
    columns: &[
        ("unit_id", Kind::Bytes),
        ("id", Kind::Bytes),
        ("wish", Kind::Text),
        ("said_at", Kind::Int),
    ],
    conflict: "ON CONFLICT DO NOTHING",
};

/// The wish that is kept, for many gifts.
pub(crate) const WISH_OF: Lookup = Lookup {
    table: "gift_receipt",
    keys: &[("unit_id", Kind::Bytes), ("id", Kind::Bytes)],
    wanted: &[("wish", Kind::Text)],
};

/// A row of [`WISHES`], of a gift or of a line that is held.
pub(crate) fn row(unit: UnitId, id: impl Id, wish: ReceiptWish, now: Instant) -> [Cell; 4] {
    [Cell::id(unit), Cell::id(id), wish.as_str().into(), now.into()]
}

/// What was said about the receipt of a gift, or with a line that is held.
pub(crate) async fn wish(at: &mut impl Reads, unit: UnitId, id: impl Id) -> Result<Option<ReceiptWish>, DbError> {
    let sql = "SELECT wish FROM gift_receipt WHERE unit_id = ?1 AND id = ?2";
    let row = at.query_one(sql, params![(unit,), (id,)]).await?;
    row.map(|row| row.word("wish")).transpose()
}

/// Records a wish in place of the one before.
pub(super) async fn put(
    tx: &mut Tx,
    unit: UnitId,
    gift: GiftId,
    (wish, now): (ReceiptWish, Instant),
) -> Result<(), DbError> {
    let sql = "INSERT INTO gift_receipt (unit_id, id, wish, said_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (unit_id, id) DO UPDATE SET wish = excluded.wish, said_at = excluded.said_at";
    tx.execute(sql, params![(unit,), (gift,), wish.as_str(), now])
        .await
        .map(drop)
}
