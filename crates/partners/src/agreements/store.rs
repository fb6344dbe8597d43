//! The tables `partner_agreement`, `partner_agreement_version`, `partner_pair`, `partner_target`, `partner_dispatch`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, BusinessDay, Instant, UnitId};

use super::model::{Agreement, AgreementState, Pair, Signed, Target, Terms, Version};
use crate::{AgreementId, HandedId};

pub(super) const AGREEMENT: &str =
    "SELECT id, unit_id, region_id, title, state, version, made_by, made_at, signed_on, signed_file_id, signed_by, ended_on,
    ended_why FROM partner_agreement";
const VERSION: &str =
    "SELECT version, first_day, last_day, reason, file_id, made_by, made_at FROM partner_agreement_version";

/// An agreement's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Agreement, DbError> {
    let (on, file) = (row.opt_day("signed_on")?, row.opt_id("signed_file_id")?);
    let signed = on.zip(file).zip(row.opt_id("signed_by")?);
    let why = row.opt_text("ended_why")?.unwrap_or_default();
    Ok(Agreement {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        region: row.id("region_id")?,
        title: row.text("title")?,
        state: row.word("state")?,
        version: row.int("version")?,
        made_by: row.id("made_by")?,
        made_at: row.instant("made_at")?,
        signed: signed.map(|((on, file), by)| Signed { on, file, by }),
        ended: row.opt_day("ended_on")?.map(|on| (on, why)),
    })
}

/// An agreement by its id.
pub(crate) async fn agreement(at: &mut impl Reads, id: AgreementId) -> Result<Option<Agreement>, DbError> {
    let row = at
        .query_one(&format!("{AGREEMENT} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// An agreement, locked until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: AgreementId) -> Result<Option<Agreement>, DbError> {
    tx.execute(
        "UPDATE partner_agreement SET state = state WHERE id = ?1",
        params![(id,)],
    )
    .await?;
    agreement(tx, id).await
}

pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Agreement>, DbError> {
    let sql = format!("{AGREEMENT} WHERE unit_id = ?1 AND agreement_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, new: &Agreement, key: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_agreement (id, unit_id, region_id, agreement_key, title, state, version, made_by, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            (new.id,),
            (new.unit,),
            (new.region,),
            key,
            &new.title,
            new.state.as_str(),
            new.version,
            (new.made_by,),
            new.made_at
        ],
    )
    .await
    .map(drop)
}

/// Writes a version with its pairs and targets, and puts it in force.
pub(crate) async fn insert_version(tx: &mut Tx, id: AgreementId, new: &Version) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_agreement_version (agreement_id, version, first_day, last_day, reason, file_id, made_by, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            (id,),
            new.version,
            new.terms.first_day,
            new.terms.last_day,
            &new.reason,
            new.file.map(|file| (file,)),
            (new.made_by,),
            new.made_at
        ],
    )
    .await?;
    for pair in &new.terms.pairs {
        tx.execute(
            "INSERT INTO partner_pair (agreement_id, version, ours, theirs) VALUES (?1, ?2, ?3, ?4)",
            params![(id,), new.version, pair.ours.to_string(), pair.theirs.to_string()],
        )
        .await?;
    }
    for target in &new.terms.targets {
        tx.execute(
            "INSERT INTO partner_target (agreement_id, version, kind, year, target_fen) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![(id,), new.version, target.kind.as_str(), target.year, target.amount],
        )
        .await?;
    }
    tx.execute(
        "UPDATE partner_agreement SET version = ?2 WHERE id = ?1",
        params![(id,), new.version],
    )
    .await
    .map(drop)
}

async fn terms_of(at: &mut impl Reads, (id, version): (AgreementId, i64), row: &Row) -> Result<Terms, DbError> {
    let pairs = at
        .query(
            "SELECT ours, theirs FROM partner_pair WHERE agreement_id = ?1 AND version = ?2 ORDER BY ours",
            params![(id,), version],
        )
        .await?;
    let pairs: Result<Vec<Pair>, DbError> = pairs
        .iter()
        .map(|row| {
            Ok(Pair {
                ours: row.word("ours")?,
                theirs: row.word("theirs")?,
            })
        })
        .collect();
    let targets = at
        .query(
            "SELECT kind, year, target_fen FROM partner_target WHERE agreement_id = ?1 AND version = ?2 ORDER BY year, kind",
            params![(id,), version],
        )
        .await?;
    let targets: Result<Vec<Target>, DbError> = targets
        .iter()
        .map(|row| {
            Ok(Target {
                kind: row.word("kind")?,
                year: row.int("year")?,
                amount: row.fen("target_fen")?,
            })
        })
        .collect();
    Ok(Terms {
        first_day: row.day("first_day")?,
        last_day: row.day("last_day")?,
        pairs: pairs?,
        targets: targets?,
    })
}

/// A version's row with what it says: the one place.
async fn read_version(at: &mut impl Reads, id: AgreementId, row: &Row) -> Result<Version, DbError> {
    let version = row.int("version")?;
    Ok(Version {
        version,
        terms: terms_of(at, (id, version), row).await?,
        reason: row.text("reason")?,
        file: row.opt_id("file_id")?,
        made_by: row.id("made_by")?,
        made_at: row.instant("made_at")?,
    })
}

/// One version of an agreement.
pub(crate) async fn version(
    at: &mut impl Reads,
    (id, version): (AgreementId, i64),
) -> Result<Option<Version>, DbError> {
    let sql = format!("{VERSION} WHERE agreement_id = ?1 AND version = ?2");
    let row = at.query_one(&sql, params![(id,), version]).await?;
    match row {
        Some(row) => read_version(at, id, &row).await.map(Some),
        None => Ok(None),
    }
}

/// All versions of an agreement, the newest first.
pub(super) async fn versions(at: &mut impl Reads, id: AgreementId, most: i64) -> Result<Vec<Version>, DbError> {
    let sql = format!("{VERSION} WHERE agreement_id = ?1 ORDER BY version DESC LIMIT ?2");
    let rows = at.query(&sql, params![(id,), most]).await?;
    let mut versions = Vec::with_capacity(rows.len());
    for row in &rows {
        versions.push(read_version(at, id, row).await?);
    }
    Ok(versions)
}

pub(super) async fn sign(tx: &mut Tx, id: AgreementId, signed: &Signed) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_agreement SET state = 'signed', signed_on = ?2, signed_file_id = ?3, signed_by = ?4 WHERE id = ?1",
        params![(id,), signed.on, (signed.file,), (signed.by,)],
    )
    .await
    .map(drop)
}

pub(super) async fn put_state(tx: &mut Tx, id: AgreementId, state: AgreementState) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_agreement SET state = ?2 WHERE id = ?1",
        params![(id,), state.as_str()],
    )
    .await
    .map(drop)
}

pub(super) async fn end(tx: &mut Tx, id: AgreementId, (on, why): (BusinessDay, &str)) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_agreement SET state = 'ended', ended_on = ?2, ended_why = ?3 WHERE id = ?1",
        params![(id,), on, why],
    )
    .await
    .map(drop)
}

/// How many payments and purchases of an agreement are under way.
pub(super) async fn under_way(at: &mut impl Reads, id: AgreementId) -> Result<i64, DbError> {
    let sql = "SELECT (SELECT COUNT(*) FROM partner_payment WHERE agreement_id = ?1 AND state = 'proposed')
         + (SELECT COUNT(*) FROM partner_purchase WHERE agreement_id = ?1 AND state NOT IN ('paid', 'called_off')) AS n";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

/// The agreement that goods were sent under.
pub(super) async fn agreement_of(at: &mut impl Reads, dispatch: [u8; 16]) -> Result<Option<AgreementId>, DbError> {
    let sql = "SELECT agreement_id FROM partner_dispatch WHERE dispatch_id = ?1";
    let row = at.query_one(sql, params![dispatch]).await?;
    row.map(|row| row.id("agreement_id")).transpose()
}

pub(super) async fn link(
    tx: &mut Tx,
    agreement: &Agreement,
    dispatch: [u8; 16],
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_dispatch (dispatch_id, unit_id, agreement_id, linked_by, linked_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![dispatch, (agreement.unit,), (agreement.id,), (by,), now],
    )
    .await
    .map(drop)
}

/// Takes a link away; says whether there was one.
pub(super) async fn unlink(tx: &mut Tx, id: AgreementId, dispatch: [u8; 16]) -> Result<bool, DbError> {
    let gone = tx
        .execute(
            "DELETE FROM partner_dispatch WHERE dispatch_id = ?1 AND agreement_id = ?2",
            params![dispatch, (id,)],
        )
        .await?;
    Ok(gone == 1)
}

/// The orders of goods sent under an agreement.
pub(super) async fn dispatches(at: &mut impl Reads, id: AgreementId, most: i64) -> Result<Vec<[u8; 16]>, DbError> {
    let sql =
        "SELECT dispatch_id FROM partner_dispatch WHERE agreement_id = ?1 ORDER BY linked_at, dispatch_id LIMIT ?2";
    let rows = at.query(sql, params![(id,), most]).await?;
    rows.iter()
        .map(|row| {
            let id: HandedId = row.id("dispatch_id")?;
            Ok(kernel::id::Id::bytes(id))
        })
        .collect()
}
