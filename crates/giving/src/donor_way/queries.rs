//! Reads for showing: what to agree to, how much may be given, messages.

use db::{DbError, Reads, Row, params};
use kernel::{BusinessDay, Fen, OrderId, ProjectId, UnitId};
use platform::identity::Scope;
use platform::parameters::{self, OverrideError};
use platform::{Keys, UnitTree};

use super::actions::MESSAGE_PLACE;
use super::model::{Consent, MessageState, ShownMessage, WaitingMessage};
use super::store;
use crate::donations::orders::Provider;

/// Rows looked at for messages of one project: orders that were never paid stand among them.
const LOOKED_AT_MAX: i64 = 200;

/// The wording in force for a unit: of the nearest unit that has published one, itself first; else the shipped one.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn consent(at: &mut impl Reads, unit: UnitId, tree: &UnitTree) -> Result<Consent, DbError> {
    for each in line(unit, tree) {
        if let Some(consent) = store::newest_consent(at, each).await? {
            return Ok(consent);
        }
    }
    Ok(Consent::house(unit))
}

/// A wording by its number: what a donor agreed to then.
pub async fn consent_version(at: &mut impl Reads, unit: UnitId, version: i64) -> Result<Option<Consent>, DbError> {
    if version == 0 {
        return Ok(Some(Consent::house(unit)));
    }
    let sql = "SELECT unit_id, version, words_zh, words_en, published_at FROM consent_text
        WHERE unit_id = ?1 AND version = ?2";
    let row = at.query_one(sql, params![(unit,), version]).await?;
    row.as_ref().map(store::read_consent).transpose()
}

/// The unit and all above it.
pub(super) fn line(unit: UnitId, tree: &UnitTree) -> Vec<UnitId> {
    let line = tree.ancestors(unit);
    if line.is_empty() { vec![unit] } else { line }
}

/// The least and the greatest amount of an order on a day (`give.min_yuan`, `give.max_yuan`).
///
/// # Errors
/// [`OverrideError`] when the table of parameters cannot be used.
pub async fn bounds(at: &mut impl Reads, day: BusinessDay) -> Result<(Fen, Fen), OverrideError> {
    let table = parameters::load(at).await?;
    Ok((table.yuan("give.min_yuan", day)?, table.yuan("give.max_yuan", day)?))
}

/// The words that hold a message of this unit, those of the units above it among them.
pub async fn blocked_words(at: &mut impl Reads, unit: UnitId, tree: &UnitTree) -> Result<Vec<String>, DbError> {
    let mut words = Vec::new();
    for each in line(unit, tree) {
        words.extend(store::blocked(at, each).await?);
    }
    Ok(words)
}

/// The provider that was chosen with an order of the giving page.
pub async fn provider_of(at: &mut impl Reads, order: OrderId) -> Result<Option<Provider>, DbError> {
    let row = at
        .query_one("SELECT provider FROM order_form WHERE order_id = ?1", params![(order,)])
        .await?;
    row.map(|row| row.word("provider")).transpose()
}

/// Where the message of an order is; none where nothing was said.
pub async fn message_state(at: &mut impl Reads, order: OrderId) -> Result<Option<MessageState>, DbError> {
    Ok(store::message(at, order).await?.map(|(_, state)| state))
}

/// The newest messages of a project that may be shown: approved, and their orders paid.
pub async fn shown_messages(
    at: &mut impl Reads,
    project: ProjectId,
    keys: &Keys,
    limit: usize,
) -> Result<Vec<ShownMessage>, DbError> {
    let sql =
        "WITH m AS (SELECT order_id, words_sealed, id FROM donor_message WHERE project_id = ?1 AND state = 'shown'
            ORDER BY id DESC LIMIT ?2)
        SELECT m.id, m.words_sealed, g.payer_masked, g.anonymous, g.paid_at FROM m
        JOIN gift_order o ON o.id = m.order_id
        JOIN gift g ON g.unit_id = o.unit_id AND g.account_id = o.account_id AND g.trade_no = o.trade_no
        UNION ALL
        SELECT m.id, m.words_sealed, g.payer_masked, g.anonymous, g.paid_at FROM m
        JOIN gift_order o ON o.id = m.order_id
        JOIN payment_attempt a ON a.order_id = m.order_id AND a.account_id <> o.account_id
        JOIN gift g ON g.unit_id = a.unit_id AND g.account_id = a.account_id AND g.trade_no = a.trade_no
        ORDER BY 1 DESC";
    let rows = at.query(sql, params![(project,), LOOKED_AT_MAX]).await?;
    let read = |row: &Row| {
        let anonymous = row.flag("anonymous")?;
        Ok(ShownMessage {
            who: if anonymous { None } else { row.opt_text("payer_masked")? },
            words: open(&row.bytes("words_sealed")?, keys)?,
            at: row.instant("paid_at")?,
        })
    };
    rows.iter().take(limit).map(read).collect()
}

fn open(sealed: &[u8], keys: &Keys) -> Result<String, DbError> {
    let broken = |why: String| DbError::Row {
        column: "donor_message.words_sealed".into(),
        why,
    };
    let plain = keys.open(sealed, MESSAGE_PLACE).map_err(|e| broken(e.to_string()))?;
    String::from_utf8(plain).map_err(|e| broken(e.to_string()))
}

/// Messages for staff: in one state, oldest first, after one, at most `limit`.
pub async fn messages(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    state: &str,
    after: Option<OrderId>,
    (limit, keys): (i64, &Keys),
) -> Result<Vec<WaitingMessage>, DbError> {
    let mut values = params![state, after.map_or([0; 16], kernel::id::Id::bytes).to_vec(), limit];
    let within = scope.condition("m.unit_id", tree, &mut values);
    let sql = format!(
        "SELECT m.order_id, m.unit_id, m.project_id, m.words_sealed, m.state, m.held_for, m.written_at, m.decided_by
        FROM donor_message m WHERE {within} AND m.state = ?1 AND m.order_id > ?2 ORDER BY m.order_id LIMIT ?3"
    );
    let read = |row: &Row| {
        Ok(WaitingMessage {
            order: row.id("order_id")?,
            unit: row.id("unit_id")?,
            project: row.id("project_id")?,
            words: open(&row.bytes("words_sealed")?, keys)?,
            state: row.word("state")?,
            held_for: row.opt_text("held_for")?,
            written_at: row.instant("written_at")?,
            decided_by: row.opt_id("decided_by")?,
        })
    };
    at.query(&sql, values).await?.iter().map(read).collect()
}
