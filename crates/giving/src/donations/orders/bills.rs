//! What is known here of the payments that a provider's bill names.
//!
//! A bill names a payment twice: by the provider's number and, where it was an order's, by the order's. A notice brings one
//! of them, a file by hand maybe the other. So a payment is looked for by both, and by what the provider told of our
//! orders, before a line of a bill becomes a gift.

use std::collections::HashMap;

use db::{DbError, Param as _, Reads, Row, Value, params};
use kernel::{Fen, ReceivingAccountId, UnitId};

use crate::donations::imports::known_numbers;

/// Numbers looked up in one statement.
const NUMBERS_PER_LOOKUP: usize = 200;

/// A payment as a line of a bill names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'l> {
    /// By the provider's number, or the one made for a line without any.
    pub provider_no: &'l str,
    /// By the order's number, where the bill tells it.
    pub order_no: Option<&'l str>,
}

/// What is known of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behind {
    /// Nothing: it goes by the provider's number.
    Nothing,
    /// A gift.
    Gift {
        /// The number under which it stands.
        trade_no: String,
        /// Its amount.
        amount: Fen,
    },
    /// An order of ours whose payment nobody has told of.
    Order {
        /// Its number.
        trade_no: String,
        /// What was ordered.
        amount: Fen,
    },
}

/// What an account knows of these payments, in their order.
///
/// # Errors
/// Any [`DbError`].
pub async fn behind(
    at: &mut impl Reads,
    (unit, account): (UnitId, ReceivingAccountId),
    named: &[Named<'_>],
) -> Result<Vec<Behind>, DbError> {
    let here = (unit, account);
    let told = told_of(at, here, named).await?;
    // What an order calls the payment comes first: under that number its notice will come.
    let numbers = |one: &Named<'_>| {
        let told = told.get(one.provider_no).cloned();
        let own = one.order_no.map(str::to_owned).into_iter().chain(told);
        own.collect::<Vec<String>>()
    };
    let own: Vec<Vec<String>> = named.iter().map(numbers).collect();
    let all = own.iter().flatten().map(String::as_str);
    let all: Vec<&str> = all.chain(named.iter().map(|one| one.provider_no)).collect();
    let gifts = known_numbers(at, unit, account, &all).await?;
    let orders = orders(at, here, &own).await?;
    let one = |(named, own): (&Named<'_>, &Vec<String>)| {
        let mut gift = own.iter().map(String::as_str).chain([named.provider_no]);
        if let Some((number, amount)) = gift.find_map(|number| gifts.get_key_value(number)) {
            let (trade_no, amount) = (number.clone(), *amount);
            return Behind::Gift { trade_no, amount };
        }
        let order = own.iter().find_map(|number| orders.get_key_value(number));
        order.map_or(Behind::Nothing, |(number, amount)| Behind::Order {
            trade_no: number.clone(),
            amount: *amount,
        })
    };
    Ok(named.iter().zip(&own).map(one).collect())
}

/// Our numbers of payments of which the provider told, by the provider's numbers.
async fn told_of(
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
async fn orders(
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
