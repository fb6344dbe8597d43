//! A refund of a gift, whole or in part: the gift's own accounts the other way round (income is reduced, art. 73).
//! The refund goes back by the channel it came from, so the same asset pays it.

use kernel::Fen;

use super::gift_received::GiftBooking;
use super::{When, positive};
use crate::journal::{Entry, Journal, JournalError, JournalKind};

/// The journal of a refund of `amount`; `of` is the gift as it was booked.
///
/// # Errors
/// [`JournalError`]; also [`JournalError::NotPositive`] when more is refunded than was given.
pub fn journal(of: &GiftBooking, amount: Fen, when: When) -> Result<Journal, JournalError> {
    let amount = positive(amount)?;
    if amount > of.amount {
        return Err(JournalError::NotPositive);
    }
    let entries = vec![
        Entry::debit(of.credit_dims(), amount),
        Entry::credit(of.debit_dims(), amount)?,
    ];
    Journal::new(
        JournalKind::GiftRefunded,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}
