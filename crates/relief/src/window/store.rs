//! The table `goods_window`.

use db::{DbError, Reads, Tx, params};
use kernel::{ActorId, Instant, UnitId};

pub(super) async fn address(at: &mut impl Reads, unit: UnitId) -> Result<Option<String>, DbError> {
    let row = at
        .query_one("SELECT video FROM goods_window WHERE unit_id = ?1", params![(unit,)])
        .await?;
    row.map(|row| row.text("video")).transpose()
}

pub(super) async fn put(tx: &mut Tx, unit: UnitId, video: &str, (by, now): (ActorId, Instant)) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_window (unit_id, video, set_by, set_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (unit_id) DO UPDATE SET video = excluded.video, set_by = excluded.set_by, set_at = excluded.set_at",
        params![(unit,), video, (by,), now],
    )
    .await
    .map(drop)
}

pub(super) async fn drop_video(tx: &mut Tx, unit: UnitId) -> Result<(), DbError> {
    let sql = "DELETE FROM goods_window WHERE unit_id = ?1";
    tx.execute(sql, params![(unit,)]).await.map(drop)
}
