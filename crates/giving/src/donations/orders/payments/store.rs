//! The tables `payment_attempt`, `payment_refund`, `payment_reconciliation`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{BusinessDay, Fen, Instant, ReceivingAccountId, RefundId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::super::gateway::{Connected, RefundStep};
use super::super::model::{Order, OrderState, state_of};
use super::super::store::payment_of;
use super::model::{Attempt, AttemptState, Reconciliation, refund_no};

/// Accounts through which one order may be tried: each provider once, and room.
const ATTEMPTS_OF_ORDER_MAX: i64 = 8;

const ATTEMPT: &str = "SELECT order_id, unit_id, account_id, trade_no, provider, way, expires_at, checked_at, state,
    provider_no FROM payment_attempt";

fn read(row: &Row) -> Result<Attempt, DbError> {
    let state = match row.text("state")?.as_str() {
        "paid" => AttemptState::Paid {
            provider_no: row.opt_text("provider_no")?.unwrap_or_default(),
        },
        "closed" => AttemptState::Closed,
        _ => AttemptState::Pending,
    };
    Ok(Attempt {
        order: row.id("order_id")?,
        unit: row.id("unit_id")?,
        account: row.id("account_id")?,
        trade_no: row.text("trade_no")?,
        provider: row.word("provider")?,
        way: row.text("way")?,
        expires_at: row.instant("expires_at")?,
        checked_at: row.instant("checked_at")?,
        state,
    })
}

/// The attempts of an order, oldest first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn attempts_of(at: &mut impl Reads, order: &Order) -> Result<Vec<Attempt>, DbError> {
    let sql = format!("{ATTEMPT} WHERE order_id = ?1 ORDER BY begun_at, account_id LIMIT ?2");
    let rows = at.query(&sql, params![(order.id,), ATTEMPTS_OF_ORDER_MAX]).await?;
    rows.iter().map(read).collect()
}

/// Where an order is now.
pub async fn state(at: &mut impl Reads, order: &Order, now: Instant) -> Result<OrderState, DbError> {
    let paid = payment_of(at, order).await?;
    let attempts = attempts_of(at, order).await?;
    Ok(state_of(order, &attempts, paid, now))
}

/// The attempt that is paid under this number.
pub(super) async fn attempt(
    at: &mut impl Reads,
    (unit, account, trade_no): (UnitId, ReceivingAccountId, &str),
) -> Result<Option<Attempt>, DbError> {
    let sql = format!("{ATTEMPT} WHERE unit_id = ?1 AND account_id = ?2 AND trade_no = ?3");
    let row = at.query_one(&sql, params![(unit,), (account,), trade_no]).await?;
    row.as_ref().map(read).transpose()
}

/// Keeps an attempt; gives whether it is new. One that was begun before takes the later way.
pub(super) async fn insert_attempt(tx: &mut Tx, attempt: &Attempt) -> Result<bool, DbError> {
    let row = params![
        (attempt.unit,),
        (attempt.account,),
        &attempt.trade_no,
        (attempt.order,),
        attempt.provider.as_str(),
        &attempt.way,
        attempt.expires_at,
        attempt.checked_at
    ];
    let sql = "INSERT INTO payment_attempt (unit_id, account_id, trade_no, order_id, provider, way, state, expires_at,
            begun_at, checked_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', ?7, ?8, ?8)
        ON CONFLICT (unit_id, account_id, trade_no) DO NOTHING";
    Ok(tx.execute(sql, row).await? > 0)
}

/// Writes where an attempt is; gives whether that changed anything. What was paid stays paid.
pub(super) async fn set_state(
    tx: &mut Tx,
    attempt: &Attempt,
    state: &AttemptState,
    now: Instant,
) -> Result<bool, DbError> {
    let provider_no = match state {
        AttemptState::Paid { provider_no } => Some(provider_no.clone()),
        _ => None,
    };
    let row = params![
        (attempt.unit,),
        (attempt.account,),
        &attempt.trade_no,
        state.as_str(),
        provider_no,
        now
    ];
    let sql = "UPDATE payment_attempt SET state = ?4, provider_no = ?5, checked_at = ?6
        WHERE unit_id = ?1 AND account_id = ?2 AND trade_no = ?3 AND state <> 'paid' AND state <> ?4";
    Ok(tx.execute(sql, row).await? > 0)
}

/// Attempts of an account that wait and were not asked about since `before`, oldest look first.
pub(super) async fn waiting(
    at: &mut impl Reads,
    connected: &Connected,
    before: Instant,
    limit: i64,
) -> Result<Vec<Attempt>, DbError> {
    let sql = format!(
        "{ATTEMPT} WHERE unit_id = ?1 AND account_id = ?2 AND state = 'pending' AND checked_at < ?3
        ORDER BY checked_at, trade_no LIMIT ?4"
    );
    let values = params![(connected.unit,), (connected.account,), before, limit];
    at.query(&sql, values).await?.iter().map(read).collect()
}

/// Takes the asking upon this node: false when another one was quicker.
pub(super) async fn claim(tx: &mut Tx, attempt: &Attempt, now: Instant) -> Result<bool, DbError> {
    let row = params![
        (attempt.unit,),
        (attempt.account,),
        &attempt.trade_no,
        attempt.checked_at,
        now
    ];
    let sql = "UPDATE payment_attempt SET checked_at = ?5
        WHERE unit_id = ?1 AND account_id = ?2 AND trade_no = ?3 AND checked_at = ?4";
    Ok(tx.execute(sql, row).await? > 0)
}

/// An approved refund of a gift that was paid through an account's gateway.
pub(super) struct DueRefund {
    /// The refund.
    pub refund: RefundId,
    /// The gift's number.
    pub trade_no: String,
    /// How much.
    pub amount: Fen,
    /// The gift's amount.
    pub paid: Fen,
    /// Why, by its word.
    pub reason: String,
    /// Whether the provider was asked before.
    pub sent: bool,
}

/// Approved refunds that were not sent, or are on their way and were not asked about since `before`.
pub(super) async fn due_refunds(
    at: &mut impl Reads,
    connected: &Connected,
    before: Instant,
    limit: i64,
) -> Result<Vec<DueRefund>, DbError> {
    let sql = "SELECT r.id, g.trade_no, r.amount_fen, g.amount_fen AS paid_fen, r.reason, p.state
        FROM gift_refund r
        JOIN gift g ON g.id = r.gift_id
        JOIN payment_attempt a ON a.unit_id = g.unit_id AND a.account_id = g.account_id AND a.trade_no = g.trade_no
        LEFT JOIN payment_refund p ON p.unit_id = r.unit_id AND p.refund_id = r.id
        WHERE r.unit_id = ?1 AND g.account_id = ?2 AND r.state = 'approved' AND r.reason <> 'import_reversal'
            AND (p.state IS NULL OR (p.state = 'processing' AND p.checked_at < ?3))
        ORDER BY r.id LIMIT ?4";
    let rows = at
        .query(sql, params![(connected.unit,), (connected.account,), before, limit])
        .await?;
    let read = |row: &Row| {
        Ok(DueRefund {
            refund: row.id("id")?,
            trade_no: row.text("trade_no")?,
            amount: row.fen("amount_fen")?,
            paid: row.fen("paid_fen")?,
            reason: row.text("reason")?,
            sent: row.opt_text("state")?.is_some(),
        })
    };
    rows.iter().map(read).collect()
}

/// Keeps that a refund is being sent, before it is; nothing when it was kept before.
pub(super) async fn insert_refund(
    tx: &mut Tx,
    connected: &Connected,
    due: &DueRefund,
    now: Instant,
) -> Result<bool, DbError> {
    let row = params![
        (due.refund,),
        (connected.unit,),
        (connected.account,),
        &due.trade_no,
        refund_no(due.refund),
        due.amount,
        now
    ];
    let sql = "INSERT INTO payment_refund (refund_id, unit_id, account_id, trade_no, refund_no, amount_fen, state,
            sent_at, checked_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'processing', ?7, ?7) ON CONFLICT (unit_id, refund_id) DO NOTHING";
    Ok(tx.execute(sql, row).await? > 0)
}

/// Writes where a refund is; gives whether it changed. What is done stays done.
pub(super) async fn set_refund(
    tx: &mut Tx,
    connected: &Connected,
    refund: RefundId,
    (step, now): (&RefundStep, Instant),
) -> Result<bool, DbError> {
    let (state, provider_no, code) = match step {
        RefundStep::Processing | RefundStep::Unknown => ("processing", None, None),
        RefundStep::Done { provider_no, .. } => ("done", Some(provider_no.clone()), None),
        RefundStep::Failed { code } => ("failed", None, Some(code.clone())),
    };
    let row = params![
        (refund,),
        (connected.unit,),
        (connected.account,),
        state,
        provider_no,
        code,
        now
    ];
    let sql = "UPDATE payment_refund SET state = ?4, provider_no = ?5, code = ?6, checked_at = ?7
        WHERE refund_id = ?1 AND unit_id = ?2 AND account_id = ?3 AND state <> 'done'";
    Ok(tx.execute(sql, row).await? > 0 && state != "processing")
}

/// Which of these refund numbers an account knows.
pub(super) async fn knows_refund(at: &mut impl Reads, connected: &Connected, number: &str) -> Result<bool, DbError> {
    let sql = "SELECT refund_id FROM payment_refund WHERE unit_id = ?1 AND account_id = ?2 AND refund_no = ?3";
    let values = params![(connected.unit,), (connected.account,), number];
    Ok(at.query_one(sql, values).await?.is_some())
}

/// Numbers of an account's gifts of a day that came through its provider, in order, after `after`.
pub(super) async fn numbers_of_day(
    at: &mut impl Reads,
    connected: &Connected,
    day: BusinessDay,
    (after, limit): (&str, i64),
) -> Result<Vec<String>, DbError> {
    let sql = "SELECT a.trade_no FROM payment_attempt a
        JOIN gift g ON g.unit_id = a.unit_id AND g.account_id = a.account_id AND g.trade_no = a.trade_no
        WHERE a.unit_id = ?1 AND a.account_id = ?2 AND a.trade_no > ?3 AND g.business_day = ?4
        ORDER BY a.trade_no LIMIT ?5";
    let values = params![(connected.unit,), (connected.account,), after, day, limit];
    at.query(sql, values)
        .await?
        .iter()
        .map(|row| row.text("trade_no"))
        .collect()
}

/// Keeps what a comparison found.
pub(super) async fn upsert_reconciliation(tx: &mut Tx, found: &Reconciliation) -> Result<(), DbError> {
    let list = |numbers: &[String]| serde_json::Value::from(numbers.to_vec()).to_string();
    let row = params![
        (found.unit,),
        (found.account,),
        found.day,
        found.lines,
        found.agreed,
        found.found,
        found.held,
        list(&found.missing),
        list(&found.refunds_unknown),
        found.at
    ];
    let sql = "INSERT INTO payment_reconciliation (unit_id, account_id, day, lines, agreed, found, held, missing,
            refunds_unknown, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (unit_id, account_id, day) DO UPDATE SET lines = excluded.lines, agreed = excluded.agreed,
            found = payment_reconciliation.found + excluded.found, held = excluded.held, missing = excluded.missing,
            refunds_unknown = excluded.refunds_unknown, at = excluded.at";
    tx.execute(sql, row).await.map(drop)
}

/// What the latest comparisons found, newest day first.
pub async fn reconciliations(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    limit: i64,
) -> Result<Vec<Reconciliation>, DbError> {
    let mut values = params![limit];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!(
        "SELECT unit_id, account_id, day, lines, agreed, found, held, missing, refunds_unknown, at
        FROM payment_reconciliation WHERE {within} ORDER BY day DESC, unit_id, account_id LIMIT ?1"
    );
    let list = |text: String| serde_json::from_str(&text).unwrap_or_default();
    let read = |row: &Row| {
        Ok(Reconciliation {
            unit: row.id("unit_id")?,
            account: row.id("account_id")?,
            day: row.day("day")?,
            lines: row.int("lines")?,
            agreed: row.int("agreed")?,
            found: row.int("found")?,
            held: row.int("held")?,
            missing: list(row.text("missing")?),
            refunds_unknown: list(row.text("refunds_unknown")?),
            at: row.instant("at")?,
        })
    };
    at.query(&sql, values).await?.iter().map(read).collect()
}
