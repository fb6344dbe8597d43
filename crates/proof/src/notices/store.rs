//! The tables `notice`, `notice_file` and `notice_series`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::id::Id as _;
use kernel::{FactId, Instant, UnitId};

use super::model::{Attached, Notice, NoticeId, NoticeState, Publication, StateWord, Texts};

pub(super) const NOTICE: &str = "n.id, n.unit_id, n.kind, n.campaign_id, n.project_id, n.title, n.body, n.title_en, \
    n.body_en, n.version, n.corrects_id, n.state, n.year, n.number, n.sha256, n.published_at, n.corrected_by_id, \
    n.ended_at, n.end_reason, n.created_by, n.created_at";

fn missing(column: &str) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: "missing in this state".to_owned(),
    }
}

fn digest(row: &Row, column: &str) -> Result<[u8; 32], DbError> {
    row.bytes(column)?.try_into().map_err(|_| DbError::Row {
        column: column.to_owned(),
        why: "not 32 bytes".to_owned(),
    })
}

fn read_publication(row: &Row) -> Result<Publication, DbError> {
    Ok(Publication {
        year: row.int("year")?,
        number: row.int("number")?,
        at: row.instant("published_at")?,
        sha256: digest(row, "sha256")?,
    })
}

fn read_state(row: &Row) -> Result<NoticeState, DbError> {
    let ended = || row.opt_instant("ended_at")?.ok_or_else(|| missing("ended_at"));
    Ok(match row.word::<StateWord>("state")? {
        StateWord::Draft => NoticeState::Draft,
        StateWord::Published => NoticeState::Published(read_publication(row)?),
        StateWord::Corrected => NoticeState::Corrected {
            publication: read_publication(row)?,
            by: row
                .opt_id("corrected_by_id")?
                .ok_or_else(|| missing("corrected_by_id"))?,
            at: ended()?,
        },
        StateWord::Withdrawn => NoticeState::Withdrawn {
            publication: read_publication(row)?,
            at: ended()?,
            reason: row.text("end_reason")?,
        },
        StateWord::Dropped => NoticeState::Dropped { at: ended()? },
    })
}

pub(super) fn read(row: &Row) -> Result<Notice, DbError> {
    Ok(Notice {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        kind: row.word("kind")?,
        campaign: row.opt_id("campaign_id")?,
        project: row.opt_id("project_id")?,
        texts: Texts {
            title: row.text("title")?,
            body: row.text("body")?,
            title_en: row.text("title_en")?,
            body_en: row.text("body_en")?,
        },
        version: row.int("version")?,
        corrects: row.opt_id("corrects_id")?,
        state: read_state(row)?,
        created_by: row.id("created_by")?,
        created_at: row.instant("created_at")?,
    })
}

/// A version of a notice.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn notice(at: &mut impl Reads, id: NoticeId) -> Result<Option<Notice>, DbError> {
    let sql = format!("SELECT {NOTICE} FROM notice n WHERE n.id = ?1");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// A version, held until the transaction ends.
pub(super) async fn hold(tx: &mut Tx, id: NoticeId) -> Result<Option<Notice>, DbError> {
    // Lock, then read: see `giving::campaigns::store::lock`.
    if tx.backend() == Backend::Postgres {
        tx.query("SELECT id FROM notice WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    notice(tx, id).await
}

/// The correction of a version that is written or decided.
pub(super) async fn open_correction(tx: &mut Tx, of: NoticeId) -> Result<Option<Notice>, DbError> {
    let sql = format!("SELECT {NOTICE} FROM notice n WHERE n.corrects_id = ?1 AND n.state = 'draft'");
    let row = tx.query_one(&sql, params![(of,)]).await?;
    row.as_ref().map(read).transpose()
}

/// How many drafts a unit has.
pub(super) async fn drafts_of(tx: &mut Tx, unit: UnitId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM notice WHERE unit_id = ?1 AND state = 'draft'";
    tx.query_one(sql, params![(unit,)])
        .await?
        .map_or(Ok(0), |row| row.int("n"))
}

pub(super) async fn insert(tx: &mut Tx, notice: &Notice) -> Result<(), DbError> {
    let row = params![
        (notice.id,),
        (notice.unit,),
        notice.kind.as_str(),
        notice.campaign.map(|id| (id,)),
        notice.project.map(|id| (id,)),
        &notice.texts.title,
        &notice.texts.body,
        &notice.texts.title_en,
        &notice.texts.body_en,
        notice.version,
        notice.corrects.map(|id| (id,)),
        notice.state.word().as_str(),
        (notice.created_by,),
        notice.created_at
    ];
    let sql = "INSERT INTO notice (id, unit_id, kind, campaign_id, project_id, title, body, title_en, body_en, version,
            corrects_id, state, created_by, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what a draft says anew.
pub(super) async fn rewrite(tx: &mut Tx, notice: &Notice) -> Result<(), DbError> {
    let row = params![
        (notice.id,),
        notice.kind.as_str(),
        notice.campaign.map(|id| (id,)),
        notice.project.map(|id| (id,)),
        &notice.texts.title,
        &notice.texts.body,
        &notice.texts.title_en,
        &notice.texts.body_en
    ];
    let sql = "UPDATE notice SET kind = ?2, campaign_id = ?3, project_id = ?4, title = ?5, body = ?6, title_en = ?7,
        body_en = ?8 WHERE id = ?1 AND state = 'draft'";
    tx.execute(sql, row).await.map(drop)
}

/// Marks a draft as published, by this fact.
pub(super) async fn publish(tx: &mut Tx, id: NoticeId, publication: &Publication, fact: FactId) -> Result<(), DbError> {
    let row = params![
        (id,),
        publication.year,
        publication.number,
        publication.sha256,
        publication.at,
        (fact,)
    ];
    let sql = "UPDATE notice SET state = 'published', year = ?2, number = ?3, sha256 = ?4, published_at = ?5,
        published_fact_id = ?6 WHERE id = ?1 AND state = 'draft'";
    tx.execute(sql, row).await.map(drop)
}

/// Marks what became of a version; what it said and its number stay.
pub(super) async fn put_state(tx: &mut Tx, notice: &Notice) -> Result<(), DbError> {
    let (by, at, reason): (Option<NoticeId>, Option<Instant>, Option<&str>) = match &notice.state {
        NoticeState::Draft | NoticeState::Published(_) => (None, None, None),
        NoticeState::Corrected { by, at, .. } => (Some(*by), Some(*at), None),
        NoticeState::Withdrawn { at, reason, .. } => (None, Some(*at), Some(reason.as_str())),
        NoticeState::Dropped { at } => (None, Some(*at), None),
    };
    let row = params![
        (notice.id,),
        notice.state.word().as_str(),
        by.map(|id| (id,)),
        at,
        reason
    ];
    let sql = "UPDATE notice SET state = ?2, corrected_by_id = ?3, ended_at = ?4, end_reason = ?5 WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

/// Takes the next number of a unit's year.
pub(super) async fn take_number(tx: &mut Tx, unit: UnitId, year: i64) -> Result<i64, DbError> {
    tx.execute(
        "INSERT INTO notice_series (unit_id, year, last_number) VALUES (?1, ?2, 1)
         ON CONFLICT (unit_id, year) DO UPDATE SET last_number = notice_series.last_number + 1",
        params![(unit,), year],
    )
    .await?;
    let sql = "SELECT last_number FROM notice_series WHERE unit_id = ?1 AND year = ?2";
    let row = tx.query_one(sql, params![(unit,), year]).await?;
    row.ok_or_else(|| DbError::Other("a series of numbers vanished".into()))?
        .int("last_number")
}

/// The files of a notice, in their order.
pub async fn files(at: &mut impl Reads, id: NoticeId) -> Result<Vec<Attached>, DbError> {
    let sql = "SELECT file_id, sha256, media_type, length, name FROM notice_file WHERE notice_id = ?1
        ORDER BY position, sha256";
    let read = |row: &Row| {
        Ok(Attached {
            file: row.id("file_id")?,
            sha256: digest(row, "sha256")?,
            media_type: row.text("media_type")?,
            length: row.int("length")?,
            name: row.text("name")?,
        })
    };
    at.query(sql, params![(id,)]).await?.iter().map(read).collect()
}

pub(super) async fn insert_file(tx: &mut Tx, (id, position): (NoticeId, i64), file: &Attached) -> Result<(), DbError> {
    let row = params![
        (id,),
        position,
        (file.file,),
        file.sha256,
        file.media_type.as_str(),
        file.length,
        file.name.as_str()
    ];
    let sql = "INSERT INTO notice_file (notice_id, position, file_id, sha256, media_type, length, name)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    tx.execute(sql, row).await.map(drop)
}

/// Takes a file off a draft; whether it was there. The stored bytes stay: another version may name them.
pub(super) async fn delete_file(tx: &mut Tx, id: NoticeId, sha256: [u8; 32]) -> Result<bool, DbError> {
    let sql = "DELETE FROM notice_file WHERE notice_id = ?1 AND sha256 = ?2";
    Ok(tx.execute(sql, params![(id,), sha256]).await? > 0)
}

/// The place after a notice's last file.
pub(super) async fn next_position(tx: &mut Tx, id: NoticeId) -> Result<i64, DbError> {
    let sql = "SELECT COALESCE(MAX(position), 0) AS last FROM notice_file WHERE notice_id = ?1";
    let row = tx.query_one(sql, params![id.bytes()]).await?;
    Ok(row.map_or(Ok(0), |row| row.int("last"))? + 1)
}
