//! The tables `partner_region`, `partner_visit`, `partner_visit_file`, `partner_need`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Fen, Instant, UnitId};

use super::model::{Need, NeedKind, NewNeed, NewRegion, Region, Visit, Wanted};
use crate::{HandedId, NeedId, RegionId, VisitId};

pub(super) const REGION: &str = "SELECT id, unit_id, region, society, contact_shown, made_at FROM partner_region";
pub(super) const VISIT: &str =
    "SELECT id, unit_id, region_id, way, day, people, minutes, written_by, written_at FROM partner_visit";
pub(super) const NEED: &str =
    "SELECT id, unit_id, region_id, visit_id, kind, words, amount_fen, unit_word, quantity, withdrawn_at, withdrawn_why
    FROM partner_need";

fn broken(column: &str, why: &str) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: why.to_owned(),
    }
}

/// A region's row as a value: the one place.
pub(super) fn read_region(row: &Row) -> Result<Region, DbError> {
    Ok(Region {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        region: row.word("region")?,
        society: row.text("society")?,
        contact_shown: row.text("contact_shown")?,
        made_at: row.instant("made_at")?,
    })
}

/// A visit's row as a value: the one place.
pub(super) fn read_visit(row: &Row) -> Result<Visit, DbError> {
    Ok(Visit {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        region: row.id("region_id")?,
        way: row.word("way")?,
        day: row.day("day")?,
        people: row.int("people")?,
        minutes: row.text("minutes")?,
        written_by: row.id("written_by")?,
        written_at: row.instant("written_at")?,
    })
}

/// A need's row as a value: the one place.
pub(super) fn read_need(row: &Row) -> Result<Need, DbError> {
    let quantity = row.opt_int("quantity")?;
    let counted = || quantity.ok_or_else(|| broken("quantity", "missing"));
    let wanted = match row.word::<NeedKind>("kind")? {
        NeedKind::Money => {
            let amount: Option<Fen> = row.opt_fen("amount_fen")?;
            Wanted::Money(amount.ok_or_else(|| broken("amount_fen", "missing"))?)
        }
        NeedKind::Goods => Wanted::Goods {
            unit_word: row.text("unit_word")?,
            quantity: counted()?,
        },
        NeedKind::Children => Wanted::Children(counted()?),
    };
    let why = row.opt_text("withdrawn_why")?.unwrap_or_default();
    Ok(Need {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        region: row.id("region_id")?,
        visit: row.id("visit_id")?,
        words: row.text("words")?,
        wanted,
        withdrawn: row.opt_instant("withdrawn_at")?.map(|at| (at, why)),
    })
}

/// A region by its id.
pub(crate) async fn region(at: &mut impl Reads, id: RegionId) -> Result<Option<Region>, DbError> {
    let row = at.query_one(&format!("{REGION} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_region).transpose()
}

/// Who answers for a region there, sealed.
pub(super) async fn contact(at: &mut impl Reads, id: RegionId) -> Result<Option<(UnitId, Vec<u8>)>, DbError> {
    let sql = "SELECT unit_id, contact_sealed FROM partner_region WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map(|row| Ok((row.id("unit_id")?, row.bytes("contact_sealed")?)))
        .transpose()
}

pub(super) async fn insert_region(
    tx: &mut Tx,
    (id, new): (RegionId, &NewRegion),
    (shown, sealed): (&str, Vec<u8>),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_region (id, unit_id, region, society, contact_shown, contact_sealed, made_by, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            (id,),
            (new.unit,),
            new.region.to_string(),
            new.society.trim(),
            shown,
            sealed,
            (by,),
            now
        ],
    )
    .await
    .map(drop)
}

/// Says anew which society it is there and who answers for it.
pub(super) async fn update_region(
    tx: &mut Tx,
    (id, society): (RegionId, &str),
    (shown, sealed): (&str, Vec<u8>),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_region SET society = ?2, contact_shown = ?3, contact_sealed = ?4 WHERE id = ?1",
        params![(id,), society, shown, sealed],
    )
    .await
    .map(drop)
}

pub(super) async fn visit_by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Visit>, DbError> {
    let sql = format!("{VISIT} WHERE unit_id = ?1 AND visit_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read_visit).transpose()
}

pub(super) async fn insert_visit(tx: &mut Tx, visit: &Visit, (key, files): (&str, &[HandedId])) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_visit (id, unit_id, region_id, visit_key, way, day, people, minutes, written_by, written_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            (visit.id,),
            (visit.unit,),
            (visit.region,),
            key,
            visit.way.as_str(),
            visit.day,
            visit.people,
            &visit.minutes,
            (visit.written_by,),
            visit.written_at
        ],
    )
    .await?;
    for (n, file) in (1i64..).zip(files) {
        tx.execute(
            "INSERT INTO partner_visit_file (visit_id, n, file_id) VALUES (?1, ?2, ?3)",
            params![(visit.id,), n, (*file,)],
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn insert_need(
    tx: &mut Tx,
    visit: &Visit,
    (id, n, need): (NeedId, i64, &NewNeed),
) -> Result<(), DbError> {
    let (amount, unit_word, quantity) = match &need.wanted {
        Wanted::Money(amount) => (Some(*amount), "", None),
        Wanted::Goods { unit_word, quantity } => (None, unit_word.as_str(), Some(*quantity)),
        Wanted::Children(children) => (None, "人", Some(*children)),
    };
    tx.execute(
        "INSERT INTO partner_need (id, unit_id, region_id, visit_id, n, kind, words, amount_fen, unit_word, quantity)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            (id,),
            (visit.unit,),
            (visit.region,),
            (visit.id,),
            n,
            need.wanted.kind().as_str(),
            need.words.trim(),
            amount,
            unit_word,
            quantity
        ],
    )
    .await
    .map(drop)
}

/// A need by its id.
pub(crate) async fn need(at: &mut impl Reads, id: NeedId) -> Result<Option<Need>, DbError> {
    let row = at.query_one(&format!("{NEED} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_need).transpose()
}

/// A need, locked until the transaction ends.
pub(super) async fn lock_need(tx: &mut Tx, id: NeedId) -> Result<Option<Need>, DbError> {
    tx.execute("UPDATE partner_need SET kind = kind WHERE id = ?1", params![(id,)])
        .await?;
    need(tx, id).await
}

pub(super) async fn withdraw_need(tx: &mut Tx, id: NeedId, (why, now): (&str, Instant)) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_need SET withdrawn_at = ?2, withdrawn_why = ?3 WHERE id = ?1",
        params![(id,), now, why],
    )
    .await
    .map(drop)
}

/// The ids of a visit's files, in their order.
pub(super) async fn visit_files(at: &mut impl Reads, id: VisitId) -> Result<Vec<HandedId>, DbError> {
    let sql = "SELECT file_id FROM partner_visit_file WHERE visit_id = ?1 ORDER BY n";
    let rows = at.query(sql, params![(id,)]).await?;
    rows.iter().map(|row| row.id("file_id")).collect()
}
