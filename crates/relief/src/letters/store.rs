//! The table `goods_letter`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant};

use super::model::{Letter, LetterKind};
use crate::{LetterId, LotId};

const LETTER: &str = "SELECT id, unit_id, lot_id, kind, contact_sealed FROM goods_letter";

fn read(row: &Row) -> Result<Letter, DbError> {
    Ok(Letter {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        lot: row.id("lot_id")?,
        kind: row.word("kind")?,
        contact_sealed: row.bytes("contact_sealed")?,
    })
}

/// A letter by its id.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub(crate) async fn letter(at: &mut impl Reads, id: LetterId) -> Result<Option<Letter>, DbError> {
    let row = at.query_one(&format!("{LETTER} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// The letter of a kind about a lot.
pub(super) async fn of_lot(at: &mut impl Reads, lot: LotId, kind: LetterKind) -> Result<Option<Letter>, DbError> {
    let sql = format!("{LETTER} WHERE lot_id = ?1 AND kind = ?2");
    let row = at.query_one(&sql, params![(lot,), kind.as_str()]).await?;
    row.as_ref().map(read).transpose()
}

/// Writes a letter.
pub(super) async fn insert(tx: &mut Tx, letter: &Letter, (by, now): (ActorId, Instant)) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_letter (id, unit_id, lot_id, kind, contact_sealed, made_by, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            (letter.id,),
            (letter.unit,),
            (letter.lot,),
            letter.kind.as_str(),
            letter.contact_sealed.clone(),
            (by,),
            now
        ],
    )
    .await
    .map(drop)
}
