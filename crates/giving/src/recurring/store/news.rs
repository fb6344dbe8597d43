//! The tables `project_news`, `news_agreement`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, ProjectId};

use super::super::model::{Agreement, AgreementId, EndedHow, NEWS_CONSENT_VERSION, News, NewsId};
use super::super::rules::news_consent_hash;

const NEWS: &str = "SELECT id, unit_id, project_id, title, title_en, words, words_en, published_at FROM project_news";
const AGREEMENT: &str = "SELECT id, unit_id, project_id, contact_kind, contact_index, contact_sealed, language,
    agreed_at, ended_at FROM news_agreement";
/// Agreements of one donor that are shown: one a project.
const AGREEMENTS_MAX: i64 = 200;

fn read_news(row: &Row) -> Result<News, DbError> {
    Ok(News {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        title: row.text("title")?,
        title_en: row.text("title_en")?,
        words: row.text("words")?,
        words_en: row.text("words_en")?,
        published_at: row.instant("published_at")?,
    })
}

pub(in super::super) async fn insert_news(tx: &mut Tx, news: &News, by: ActorId) -> Result<(), DbError> {
    let sql = "INSERT INTO project_news (id, unit_id, project_id, title, title_en, words, words_en, published_by,
            published_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let row = params![
        (news.id,),
        (news.unit,),
        (news.project,),
        &news.title,
        &news.title_en,
        &news.words,
        &news.words_en,
        (by,),
        news.published_at
    ];
    tx.execute(sql, row).await.map(drop)
}

/// A piece of news.
pub(in super::super) async fn news(at: &mut impl Reads, id: NewsId) -> Result<Option<News>, DbError> {
    let row = at.query_one(&format!("{NEWS} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_news).transpose()
}

/// The news of a project with this title.
pub(in super::super) async fn news_by_title(
    at: &mut impl Reads,
    project: ProjectId,
    title: &str,
) -> Result<Option<News>, DbError> {
    let sql = format!("{NEWS} WHERE project_id = ?1 AND title = ?2");
    let row = at.query_one(&sql, params![(project,), title]).await?;
    row.as_ref().map(read_news).transpose()
}

/// The newest news of a project.
pub(in super::super) async fn news_of(
    at: &mut impl Reads,
    project: ProjectId,
    limit: i64,
) -> Result<Vec<News>, DbError> {
    let sql = format!("{NEWS} WHERE project_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(project,), limit]).await?;
    rows.iter().map(read_news).collect()
}

fn read_agreement(row: &Row) -> Result<Agreement, DbError> {
    Ok(Agreement {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        contact: row.word("contact_kind")?,
        index: row.bytes("contact_index")?,
        contact_sealed: row.opt_bytes("contact_sealed")?,
        language: row.word("language")?,
        agreed_at: row.instant("agreed_at")?,
        ended_at: row.opt_instant("ended_at")?,
    })
}

/// Writes an agreement; whether none ran for this contact and project.
pub(in super::super) async fn insert_agreement(tx: &mut Tx, agreement: &Agreement) -> Result<bool, DbError> {
    let sql = "INSERT INTO news_agreement (id, unit_id, project_id, contact_kind, contact_index, contact_sealed,
            language, consent_version, consent_hash, agreed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING";
    let row = params![
        (agreement.id,),
        (agreement.unit,),
        (agreement.project,),
        agreement.contact.as_str(),
        agreement.index.clone(),
        agreement.contact_sealed.clone(),
        agreement.language.0.tag(),
        NEWS_CONSENT_VERSION,
        news_consent_hash(),
        agreement.agreed_at
    ];
    Ok(tx.execute(sql, row).await? > 0)
}

/// An agreement.
pub(in super::super) async fn agreement(at: &mut impl Reads, id: AgreementId) -> Result<Option<Agreement>, DbError> {
    let row = at
        .query_one(&format!("{AGREEMENT} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_agreement).transpose()
}

/// The running agreements of a contact.
pub(in super::super) async fn agreements_of(at: &mut impl Reads, index: &[u8]) -> Result<Vec<Agreement>, DbError> {
    let sql = format!("{AGREEMENT} WHERE contact_index = ?1 AND ended_at IS NULL ORDER BY id LIMIT ?2");
    let rows = at.query(&sql, params![index, AGREEMENTS_MAX]).await?;
    rows.iter().map(read_agreement).collect()
}

/// The agreements that name a contact, running or over.
pub(in super::super) async fn all_agreements_of(at: &mut impl Reads, index: &[u8]) -> Result<Vec<Agreement>, DbError> {
    let sql = format!("{AGREEMENT} WHERE contact_index = ?1 ORDER BY id LIMIT ?2");
    let rows = at.query(&sql, params![index, AGREEMENTS_MAX]).await?;
    rows.iter().map(read_agreement).collect()
}

/// Forgets whom an agreement names.
pub(in super::super) async fn forget_agreement(tx: &mut Tx, agreement: &Agreement) -> Result<(), DbError> {
    let sql = "UPDATE news_agreement SET contact_sealed = NULL, contact_index = ?3 WHERE unit_id = ?1 AND id = ?2";
    tx.execute(sql, params![(agreement.unit,), (agreement.id,), Vec::<u8>::new()])
        .await
        .map(drop)
}

/// Ends an agreement and forgets its contact; whether it ran. What proves that it was there stays.
pub(in super::super) async fn end_agreement(
    tx: &mut Tx,
    agreement: &Agreement,
    (how, now): (EndedHow, Instant),
) -> Result<bool, DbError> {
    let sql = "UPDATE news_agreement SET ended_at = ?3, ended_how = ?4, contact_sealed = NULL
        WHERE unit_id = ?1 AND id = ?2 AND ended_at IS NULL";
    let row = params![(agreement.unit,), (agreement.id,), now, how.as_str()];
    Ok(tx.execute(sql, row).await? > 0)
}
