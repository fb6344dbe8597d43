//! Opening balances, and restrictions that are lifted.

use kernel::{Fen, FundId};
use platform::Services;
use platform::identity::Actor;
use serde_json::{Value, json};

use super::{Also, Booked, Need, Purse, Slip, book, told_id};
use crate::LedgerError;
use crate::chart::{AccountCode, Class};
use crate::journal::shapes::{opening, restriction_lifted};
use crate::journal::{Dimensions, Entry};

/// A balance brought forward. The caller has checked that the fund exists and belongs to these books.
#[derive(Debug, Clone, Copy)]
pub struct Brought {
    /// The account: an asset, a liability or net assets.
    pub code: AccountCode,
    /// The fund; none for the unit's general money.
    pub fund: Option<FundId>,
    /// Debit above zero, credit below.
    pub amount: Fen,
}

/// Books balances brought forward into new books (R3.2): they sum to zero in each fund. Fact `books.opened`.
///
/// # Errors
/// [`LedgerError`]: also a field error for an account of income or expense, which begins at zero.
pub async fn record_opening(
    services: &Services,
    by: &Actor,
    slip: Slip,
    lines: &[Brought],
) -> Result<Booked, LedgerError> {
    let begins = |code: AccountCode| matches!(code.class(), Class::Asset | Class::Liability | Class::NetAssets);
    if lines.iter().any(|line| !begins(line.code)) {
        return Err(LedgerError::Field {
            field: "lines",
            reason: "income and expense begin at zero; only assets, liabilities and net assets are brought forward",
        });
    }
    let told: Vec<Value> = lines
        .iter()
        .map(|line| json!({ "code": line.code, "fund": told_id(line.fund), "amount_fen": line.amount.get() }))
        .collect();
    let (unit, told) = (slip.unit, json!({ "lines": told }));
    book(services, by, (slip, Also::Nothing), "books.opened", told, |when| {
        let entry = |line: &Brought| Entry {
            dims: Dimensions::general(unit, line.code).in_fund(line.fund),
            amount: line.amount,
        };
        opening::journal(lines.iter().map(entry).collect(), when)
    })
    .await
}

/// Books that a restriction is fully lifted (art. 69, 70): by its giver, by law, or because its time and use are over.
/// The slip's memo code names the ground. Fact `books.restriction_lifted`.
///
/// # Errors
/// [`LedgerError`]; [`LedgerError::FundLacks`] when the fund has less restricted money.
pub async fn lift_restriction(
    services: &Services,
    by: &Actor,
    slip: Slip,
    (fund, amount): (Option<FundId>, Fen),
) -> Result<Booked, LedgerError> {
    if slip.memo_code.is_none() {
        return Err(LedgerError::Field {
            field: "memo_code",
            reason: "the number of the decision that lifts the restriction is expected",
        });
    }
    let need = Need {
        fund,
        purse: Purse::Restricted,
        amount,
    };
    let (unit, told) = (slip.unit, json!({ "fund": told_id(fund), "amount_fen": amount.get() }));
    book(
        services,
        by,
        (slip, Also::Takes(need)),
        "books.restriction_lifted",
        told,
        |when| restriction_lifted::journal(unit, fund, amount, when),
    )
    .await
}
