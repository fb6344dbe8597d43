//! The tables `consent_text`, `order_form`, `donor_message`, `blocked_word`: writes, and reads for deciding.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, OrderId, ProjectId, UnitId};

use super::model::{BLOCKED_WORDS_MAX, Consent, HeldFor, MessageState};

pub(super) fn read_consent(row: &Row) -> Result<Consent, DbError> {
    Ok(Consent {
        unit: row.id("unit_id")?,
        version: row.int("version")?,
        words_zh: row.text("words_zh")?,
        words_en: row.text("words_en")?,
        published_at: Some(row.instant("published_at")?),
    })
}

/// The newest wording of one unit.
pub(super) async fn newest_consent(at: &mut impl Reads, unit: UnitId) -> Result<Option<Consent>, DbError> {
    let sql = "SELECT unit_id, version, words_zh, words_en, published_at FROM consent_text WHERE unit_id = ?1
        ORDER BY version DESC LIMIT 1";
    let row = at.query_one(sql, params![(unit,)]).await?;
    row.as_ref().map(read_consent).transpose()
}

pub(super) async fn insert_consent(tx: &mut Tx, consent: &Consent, by: ActorId, now: Instant) -> Result<(), DbError> {
    let sql = "INSERT INTO consent_text (unit_id, version, words_zh, words_en, published_by, published_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let words = (consent.words_zh.as_str(), consent.words_en.as_str());
    let row = params![(consent.unit,), consent.version, words.0, words.1, (by,), now];
    tx.execute(sql, row).await.map(drop)
}

/// What stands beside an order of the giving page.
pub(super) struct FormRow {
    pub order: OrderId,
    pub unit: UnitId,
    pub key: [u8; 16],
    pub body_hash: Vec<u8>,
    pub provider: &'static str,
    pub consent: (UnitId, i64, Vec<u8>),
    pub email_index: Option<Vec<u8>>,
    pub receipt_sealed: Option<Vec<u8>>,
}

pub(super) async fn insert_form(tx: &mut Tx, form: FormRow) -> Result<(), DbError> {
    let sql = "INSERT INTO order_form (order_id, unit_id, form_key, body_hash, provider, consent_unit_id,
            consent_version, consent_hash, email_index, receipt_sealed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let (consent_unit, version, hash) = form.consent;
    let row = params![
        (form.order,),
        (form.unit,),
        form.key.to_vec(),
        form.body_hash,
        form.provider,
        (consent_unit,),
        version,
        hash,
        form.email_index,
        form.receipt_sealed
    ];
    tx.execute(sql, row).await.map(drop)
}

/// The order that a form gave before, with the hash of what the form said.
pub(super) async fn order_of_form(
    at: &mut impl Reads,
    unit: UnitId,
    key: [u8; 16],
) -> Result<Option<(OrderId, Vec<u8>)>, DbError> {
    let sql = "SELECT order_id, body_hash FROM order_form WHERE unit_id = ?1 AND form_key = ?2";
    let row = at.query_one(sql, params![(unit,), key.to_vec()]).await?;
    row.map(|row| Ok((row.id("order_id")?, row.bytes("body_hash")?)))
        .transpose()
}

/// A message on its way into the table.
pub(super) struct NewMessage {
    pub id: [u8; 16],
    pub unit: UnitId,
    pub project: ProjectId,
    pub order: OrderId,
    pub words_sealed: Vec<u8>,
    pub held_for: Option<HeldFor>,
}

pub(super) async fn insert_message(tx: &mut Tx, message: NewMessage, now: Instant) -> Result<(), DbError> {
    let state = match message.held_for {
        Some(_) => MessageState::Waiting,
        None => MessageState::Shown,
    };
    let sql = "INSERT INTO donor_message (id, unit_id, project_id, order_id, words_sealed, state, held_for, written_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let row = params![
        message.id,
        (message.unit,),
        (message.project,),
        (message.order,),
        message.words_sealed,
        state.as_str(),
        message.held_for.map(HeldFor::as_str),
        now
    ];
    tx.execute(sql, row).await.map(drop)
}

/// The unit and the state of an order's message.
pub(super) async fn message(at: &mut impl Reads, order: OrderId) -> Result<Option<(UnitId, MessageState)>, DbError> {
    let sql = "SELECT unit_id, state FROM donor_message WHERE order_id = ?1";
    let row = at.query_one(sql, params![(order,)]).await?;
    row.map(|row| Ok((row.id("unit_id")?, row.word("state")?))).transpose()
}

pub(super) async fn decide_message(
    tx: &mut Tx,
    (unit, order): (UnitId, OrderId),
    state: MessageState,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql =
        "UPDATE donor_message SET state = ?3, decided_by = ?4, decided_at = ?5 WHERE unit_id = ?1 AND order_id = ?2";
    tx.execute(sql, params![(unit,), (order,), state.as_str(), (by,), now])
        .await
        .map(drop)
}

/// The words that run for these units, as they were added.
pub(super) async fn blocked(at: &mut impl Reads, unit: UnitId) -> Result<Vec<String>, DbError> {
    let sql = "SELECT word FROM blocked_word WHERE unit_id = ?1 AND ended_at IS NULL ORDER BY word LIMIT ?2";
    let rows = at.query(sql, params![(unit,), BLOCKED_WORDS_MAX]).await?;
    rows.iter().map(|row| row.text("word")).collect()
}

pub(super) async fn insert_word(
    tx: &mut Tx,
    unit: UnitId,
    word: &str,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "INSERT INTO blocked_word (unit_id, word, added_at, added_by) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, params![(unit,), word, now, (by,)]).await.map(drop)
}

/// Ends a word; whether it ran.
pub(super) async fn end_word(
    tx: &mut Tx,
    unit: UnitId,
    word: &str,
    (by, now): (ActorId, Instant),
) -> Result<bool, DbError> {
    let sql = "UPDATE blocked_word SET ended_at = ?3, ended_by = ?4 WHERE unit_id = ?1 AND word = ?2
        AND ended_at IS NULL";
    Ok(tx.execute(sql, params![(unit,), word, now, (by,)]).await? > 0)
}
