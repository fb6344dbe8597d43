//! What stands beside a donor's gifts: the forms of their orders, words, wishes.

use db::{DbError, Reads, Row, params};
use kernel::{GiftId, Instant, UnitId};

use super::model::OTHERS_MAX;

/// The form with which an order was placed, and what stands beside it, still sealed.
pub(super) struct FormRow {
    /// The order's secret, wrapped; empty after erasure.
    pub secret_wrapped: Vec<u8>,
    /// When it was placed.
    pub created_at: Instant,
    /// Through whom it was to be paid.
    pub provider: String,
    /// The wording agreed to: whose, and which.
    pub consent: (UnitId, i64),
    /// What the receipt needs.
    pub receipt_sealed: Option<Vec<u8>>,
    /// Words beside the gift, and where they are.
    pub words: Option<(Vec<u8>, String)>,
}

fn read_form(row: &Row) -> Result<FormRow, DbError> {
    let words = match row.opt_bytes("words_sealed")? {
        Some(sealed) => Some((sealed, row.text("words_state")?)),
        None => None,
    };
    Ok(FormRow {
        secret_wrapped: row.bytes("secret_wrapped")?,
        created_at: row.instant("created_at")?,
        provider: row.text("provider")?,
        consent: (row.id("consent_unit_id")?, row.int("consent_version")?),
        receipt_sealed: row.opt_bytes("receipt_sealed")?,
        words,
    })
}

/// The forms of the orders that a gift paid, directly or through a provider's account.
pub(super) async fn forms(at: &mut impl Reads, gift: GiftId) -> Result<Vec<FormRow>, DbError> {
    let sql = "SELECT o.secret_wrapped, o.created_at, f.provider, f.consent_unit_id, f.consent_version,
            f.receipt_sealed, m.words_sealed, m.state AS words_state
        FROM gift_order o JOIN order_form f ON f.order_id = o.id LEFT JOIN donor_message m ON m.order_id = o.id
        WHERE o.id IN (
            SELECT o2.id FROM gift g JOIN gift_order o2
                ON o2.unit_id = g.unit_id AND o2.account_id = g.account_id AND o2.trade_no = g.trade_no
                WHERE g.id = ?1
            UNION SELECT a.order_id FROM gift g JOIN payment_attempt a
                ON a.unit_id = g.unit_id AND a.account_id = g.account_id AND a.trade_no = g.trade_no WHERE g.id = ?1)
        ORDER BY o.id LIMIT ?2";
    let rows = at.query(sql, params![(gift,), OTHERS_MAX]).await?;
    rows.iter().map(read_form).collect()
}

/// The wishes for a refund of a gift: why, where they are, when they were made.
pub(super) async fn wishes(
    at: &mut impl Reads,
    (unit, gift): (UnitId, GiftId),
) -> Result<Vec<(String, String, Instant)>, DbError> {
    let sql = "SELECT reason, state, wished_at FROM refund_wish WHERE unit_id = ?1 AND gift_id = ?2
        ORDER BY id LIMIT ?3";
    let rows = at.query(sql, params![(unit,), (gift,), OTHERS_MAX]).await?;
    let read = |row: &Row| Ok((row.text("reason")?, row.text("state")?, row.instant("wished_at")?));
    rows.iter().map(read).collect()
}
