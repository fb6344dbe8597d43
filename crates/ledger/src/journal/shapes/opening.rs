//! Balances brought forward into new books: the lines as the old books close, which must sum to zero in each fund.

use super::When;
use crate::journal::{Entry, Journal, JournalError, JournalKind};

/// The journal of opening balances.
///
/// # Errors
/// [`JournalError`].
pub fn journal(balances: Vec<Entry>, when: When) -> Result<Journal, JournalError> {
    Journal::new(
        JournalKind::Opening,
        when.id,
        when.posting_day,
        when.business_day,
        balances,
    )
}
