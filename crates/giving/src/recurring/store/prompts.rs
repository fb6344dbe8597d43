//! The table `donor_prompt`: what is to be said, each once.

use db::{DbError, Reads, Row, Tx, params};
use kernel::id::Id as _;
use kernel::{BusinessDay, Instant, UnitId};

use super::super::model::{CLAIM_MICROS, News, PromptKind};

/// Something that is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Prompt {
    /// The unit of what it is about.
    pub unit: UnitId,
    /// The mandate or the agreement.
    pub about: [u8; 16],
    /// The month or the piece of news.
    pub topic: [u8; 16],
    /// What it says.
    pub kind: PromptKind,
    /// From which day on.
    pub send_on: BusinessDay,
    /// How often it was tried.
    pub tries: i64,
}

fn sixteen(row: &Row, column: &str) -> Result<[u8; 16], DbError> {
    let bytes = row.bytes(column)?;
    bytes.try_into().map_err(|_| super::broken(column, "not 16 bytes"))
}

/// Writes a prompt down; whether it was not there before.
pub(in super::super) async fn insert_prompt(tx: &mut Tx, prompt: Prompt) -> Result<bool, DbError> {
    let sql = "INSERT INTO donor_prompt (unit_id, about_id, topic_id, kind, send_on, state, tries)
        VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', 0) ON CONFLICT (unit_id, about_id, topic_id, kind) DO NOTHING";
    let row = params![
        (prompt.unit,),
        prompt.about.to_vec(),
        prompt.topic.to_vec(),
        prompt.kind.as_str(),
        prompt.send_on
    ];
    Ok(tx.execute(sql, row).await? > 0)
}

/// Writes down one prompt for each running agreement of a project; how many.
pub(in super::super) async fn insert_prompts_of_news(
    tx: &mut Tx,
    news: &News,
    today: BusinessDay,
) -> Result<u64, DbError> {
    let sql = "INSERT INTO donor_prompt (unit_id, about_id, topic_id, kind, send_on, state, tries)
        SELECT unit_id, id, ?2, ?3, ?4, 'waiting', 0 FROM news_agreement WHERE project_id = ?1 AND ended_at IS NULL
        ON CONFLICT (unit_id, about_id, topic_id, kind) DO NOTHING";
    let row = params![
        (news.project,),
        news.id.bytes().to_vec(),
        PromptKind::News.as_str(),
        today
    ];
    tx.execute(sql, row).await
}

/// Prompts to be said now, oldest first.
pub(in super::super) async fn waiting(
    at: &mut impl Reads,
    (today, now): (BusinessDay, Instant),
    limit: i64,
) -> Result<Vec<Prompt>, DbError> {
    let sql = "SELECT unit_id, about_id, topic_id, kind, send_on, tries FROM donor_prompt
        WHERE state = 'waiting' AND send_on <= ?1 AND (claimed_at IS NULL OR claimed_at < ?2)
        ORDER BY send_on, about_id, topic_id, kind LIMIT ?3";
    let stale = now.plus_micros(-CLAIM_MICROS);
    let rows = at.query(sql, params![today, stale, limit]).await?;
    let read = |row: &Row| {
        Ok(Prompt {
            unit: row.id("unit_id")?,
            about: sixteen(row, "about_id")?,
            topic: sixteen(row, "topic_id")?,
            kind: row.word("kind")?,
            send_on: row.day("send_on")?,
            tries: row.int("tries")?,
        })
    };
    rows.iter().map(read).collect()
}

const KEY: &str = "unit_id = ?1 AND about_id = ?2 AND topic_id = ?3 AND kind = ?4 AND state = 'waiting'";

/// Takes a prompt up before it is said; whether nobody else has.
pub(in super::super) async fn claim(tx: &mut Tx, prompt: &Prompt, now: Instant) -> Result<bool, DbError> {
    let sql = format!(
        "UPDATE donor_prompt SET claimed_at = ?5, tries = tries + 1 WHERE {KEY} AND (claimed_at IS NULL OR claimed_at < ?6)"
    );
    let row = params![
        (prompt.unit,),
        prompt.about.to_vec(),
        prompt.topic.to_vec(),
        prompt.kind.as_str(),
        now,
        now.plus_micros(-CLAIM_MICROS)
    ];
    Ok(tx.execute(&sql, row).await? > 0)
}

/// Notes that a prompt was said, or that it no longer needs to be.
pub(in super::super) async fn settle(
    tx: &mut Tx,
    prompt: &Prompt,
    (state, now): (&str, Instant),
) -> Result<bool, DbError> {
    let sql = format!("UPDATE donor_prompt SET state = ?5, settled_at = ?6 WHERE {KEY}");
    let row = params![
        (prompt.unit,),
        prompt.about.to_vec(),
        prompt.topic.to_vec(),
        prompt.kind.as_str(),
        state,
        now
    ];
    Ok(tx.execute(&sql, row).await? > 0)
}

/// Drops what waits about a mandate or an agreement.
pub(in super::super) async fn drop_of(
    tx: &mut Tx,
    unit: UnitId,
    about: [u8; 16],
    now: Instant,
) -> Result<u64, DbError> {
    let sql = "UPDATE donor_prompt SET state = 'dropped', settled_at = ?3
        WHERE unit_id = ?1 AND about_id = ?2 AND state = 'waiting'";
    tx.execute(sql, params![(unit,), about.to_vec(), now]).await
}
