//! What is known here of the payments that a provider's bill names.
//!
//! A bill names a payment twice: by the provider's number and, where it was an order's, by the order's. A notice brings one
//! of them, a file by hand maybe the other. So a payment is looked for by both, and by what the provider told of our
//! orders, before a line of a bill becomes a gift.

mod queries;

use db::{DbError, Reads};
use kernel::{Fen, ReceivingAccountId, UnitId};

use crate::donations::imports::known_numbers;

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
    let told = queries::told_of(at, here, named).await?;
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
    let orders = queries::orders(at, here, &own).await?;
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
