//! The table `mandate_period`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{BusinessDay, Instant, OrderId};

use super::super::model::{Mandate, MandateId, MonthRow, Period, PeriodState};
use super::{broken, held};

const MONTH: &str = "SELECT mandate_id, period, due_on, closes_on, state, reason, order_id, orders, gift_id
    FROM mandate_period";

/// A month's row as a value.
fn read_month(row: &Row) -> Result<MonthRow, DbError> {
    let state = match row.text("state")?.as_str() {
        "open" => PeriodState::Open,
        "paid" => PeriodState::Paid {
            gift: row.id("gift_id")?,
        },
        "missed" => PeriodState::Missed {
            reason: row.word("reason")?,
        },
        "skipped" => PeriodState::Skipped {
            reason: row.word("reason")?,
        },
        _ => return Err(broken("state", "unknown word")),
    };
    Ok(MonthRow {
        mandate: row.id("mandate_id")?,
        period: Period::from_number(row.int("period")?).ok_or_else(|| broken("period", "no month"))?,
        due_on: row.day("due_on")?,
        closes_on: row.day("closes_on")?,
        state,
        order: row.opt_id("order_id")?,
        orders: row.int("orders")?,
    })
}

/// Writes a month; whether it was not there before.
pub(in super::super) async fn insert_month(
    tx: &mut Tx,
    m: &Mandate,
    month: &MonthRow,
    now: Instant,
) -> Result<bool, DbError> {
    let sql = "INSERT INTO mandate_period (unit_id, mandate_id, period, due_on, closes_on, state, reason, order_id,
            orders, noted_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (unit_id, mandate_id, period) DO NOTHING";
    let row = params![
        (m.unit,),
        (m.id,),
        month.period.number(),
        month.due_on,
        month.closes_on,
        month.state.as_str(),
        month.state.reason().map(super::super::model::SkipReason::as_str),
        month.order.map(|order| (order,)),
        month.orders,
        now
    ];
    Ok(tx.execute(sql, row).await? > 0)
}

/// A month, held until the transaction ends.
pub(in super::super) async fn month(tx: &mut Tx, m: &Mandate, period: Period) -> Result<Option<MonthRow>, DbError> {
    let lock = held(tx.backend());
    let sql = format!("{MONTH} WHERE unit_id = ?1 AND mandate_id = ?2 AND period = ?3{lock}");
    let row = tx.query_one(&sql, params![(m.unit,), (m.id,), period.number()]).await?;
    row.as_ref().map(read_month).transpose()
}

/// A month, to be shown.
pub(in super::super) async fn month_seen(
    at: &mut impl Reads,
    m: &Mandate,
    period: Period,
) -> Result<Option<MonthRow>, DbError> {
    let sql = format!("{MONTH} WHERE unit_id = ?1 AND mandate_id = ?2 AND period = ?3");
    let row = at.query_one(&sql, params![(m.unit,), (m.id,), period.number()]).await?;
    row.as_ref().map(read_month).transpose()
}

/// Notes where a month is, if it is still where it was.
pub(in super::super) async fn set_month(
    tx: &mut Tx,
    m: &Mandate,
    (month, state): (&MonthRow, PeriodState),
    now: Instant,
) -> Result<bool, DbError> {
    let gift = match state {
        PeriodState::Paid { gift } => Some((gift,)),
        _ => None,
    };
    let sql = "UPDATE mandate_period SET state = ?4, reason = ?5, gift_id = ?6, noted_at = ?7
        WHERE unit_id = ?1 AND mandate_id = ?2 AND period = ?3 AND state = ?8";
    let row = params![
        (m.unit,),
        (m.id,),
        month.period.number(),
        state.as_str(),
        state.reason().map(super::super::model::SkipReason::as_str),
        gift,
        now,
        month.state.as_str()
    ];
    Ok(tx.execute(sql, row).await? > 0)
}

/// Puts a new order in the place of one that can no longer be paid.
pub(in super::super) async fn next_order(
    tx: &mut Tx,
    m: &Mandate,
    month: &MonthRow,
    order: OrderId,
) -> Result<(), DbError> {
    let sql = "UPDATE mandate_period SET order_id = ?4, orders = ?5
        WHERE unit_id = ?1 AND mandate_id = ?2 AND period = ?3";
    let row = params![(m.unit,), (m.id,), month.period.number(), (order,), month.orders + 1];
    tx.execute(sql, row).await.map(drop)
}

/// The order of a month that its form's key names.
pub(in super::super) async fn order_of_month(
    at: &mut impl Reads,
    m: &Mandate,
    key: [u8; 16],
) -> Result<Option<OrderId>, DbError> {
    let sql = "SELECT order_id FROM order_form WHERE unit_id = ?1 AND form_key = ?2";
    let row = at.query_one(sql, params![(m.unit,), key.to_vec()]).await?;
    row.map(|row| row.id("order_id")).transpose()
}

/// Months that may have been paid since: open ones, and missed ones that closed on or after a day; each with whether a
/// gift is there for its order.
pub(in super::super) async fn may_be_paid(
    at: &mut impl Reads,
    since: BusinessDay,
    after: (MandateId, i64),
    limit: i64,
) -> Result<Vec<MonthRow>, DbError> {
    let sql = format!(
        "{MONTH} WHERE state IN ('open', 'missed') AND closes_on >= ?1 AND order_id IS NOT NULL
            AND (mandate_id > ?2 OR (mandate_id = ?2 AND period > ?3))
        ORDER BY mandate_id, period LIMIT ?4"
    );
    let rows = at.query(&sql, params![since, (after.0,), after.1, limit]).await?;
    rows.iter().map(read_month).collect()
}

/// Months that are open and closed before a day.
pub(in super::super) async fn closing(
    at: &mut impl Reads,
    before: BusinessDay,
    limit: i64,
) -> Result<Vec<MonthRow>, DbError> {
    let sql = format!("{MONTH} WHERE state = 'open' AND closes_on < ?1 ORDER BY mandate_id, period LIMIT ?2");
    let rows = at.query(&sql, params![before, limit]).await?;
    rows.iter().map(read_month).collect()
}

/// The newest months of a mandate.
pub(in super::super) async fn months_of(
    at: &mut impl Reads,
    m: &Mandate,
    limit: i64,
) -> Result<Vec<MonthRow>, DbError> {
    let sql = format!("{MONTH} WHERE unit_id = ?1 AND mandate_id = ?2 ORDER BY period DESC LIMIT ?3");
    let rows = at.query(&sql, params![(m.unit,), (m.id,), limit]).await?;
    rows.iter().map(read_month).collect()
}
