//! Orders and what providers told of them, by the numbers of a bill.

use std::collections::HashMap;

use db::{DbError, Param as _, Reads, Row, Value, params};
use kernel::{Fen, ReceivingAccountId, UnitId};

use super::Named;

/// Numbers looked up in one statement.
const NUMBERS_PER_LOOKUP: usize = 200;

/// Our numbers of payments of which the provider told, by the provider's numbers.
pub(super) async fn told_of(
    at: &mut impl Reads,
    here: (UnitId, ReceivingAccountId),
    named: &[Named<'_>],
) -> Result<HashMap<String, String>, DbError> {
    // A bank's account has no orders: its long lists are not looked through for them.
    let sql = "SELECT 1 AS found FROM payment_attempt WHERE unit_id = ?1 AND account_id = ?2 LIMIT 1";
    if at.query_one(sql, params![(here.0,), (here.1,)]).await?.is_none() {
        return Ok(HashMap::new());
    }
    let numbers: Vec<&str> = named.iter().map(|one| one.provider_no).collect();
    let sql = "SELECT provider_no, trade_no FROM payment_attempt
        WHERE unit_id = ?1 AND account_id = ?2 AND provider_no IN (#)";
    let rows = looked_up(at, here, (sql, &numbers)).await?;
    let read = |row: &Row| Ok((row.text("provider_no")?, row.text("trade_no")?));
    rows.iter().map(read).collect()
}

/// What was ordered under these numbers, paid through a provider or asked for by the giver's own means.
pub(super) async fn orders(
    at: &mut impl Reads,
    here: (UnitId, ReceivingAccountId),
    own: &[Vec<String>],
) -> Result<HashMap<String, Fen>, DbError> {
    let numbers: Vec<&str> = own.iter().flatten().map(String::as_str).collect();
    let sql = "SELECT a.trade_no, o.amount_fen FROM payment_attempt a JOIN gift_order o ON o.id = a.order_id
        WHERE a.unit_id = ?1 AND a.account_id = ?2 AND a.trade_no IN (#)";
    let mut rows = looked_up(at, here, (sql, &numbers)).await?;
    let sql = "SELECT trade_no, amount_fen FROM gift_order
        WHERE unit_id = ?1 AND account_id = ?2 AND trade_no IN (#)";
    rows.extend(looked_up(at, here, (sql, &numbers)).await?);
    let read = |row: &Row| Ok((row.text("trade_no")?, row.fen("amount_fen")?));
    rows.iter().map(read).collect()
}

/// The rows of a statement whose `#` stands for some of these numbers, a few hundred at a time.
async fn looked_up(
    at: &mut impl Reads,
    (unit, account): (UnitId, ReceivingAccountId),
    (sql, numbers): (&str, &[&str]),
) -> Result<Vec<Row>, DbError> {
    let mut rows = Vec::new();
    for chunk in numbers.chunks(NUMBERS_PER_LOOKUP) {
        let mut values: Vec<Value> = params![(unit,), (account,)];
        values.extend(chunk.iter().map(|number| (*number).param()));
        let marks: Vec<String> = (3..3 + chunk.len()).map(|n| format!("?{n}")).collect();
        rows.extend(at.query(&sql.replace('#', &marks.join(", ")), values).await?);
    }
    Ok(rows)
}
