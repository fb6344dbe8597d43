//! The mirror of a journal, line by line: how an error is mended, since no posting is ever changed.

use kernel::JournalId;

use super::When;
use crate::journal::{Entry, Journal, JournalError, JournalKind};

/// The journal that undoes `entries`, which are those of the stored journal `of`. Its business day is the original's
/// when the whole event never happened, today's when it was undone today: the caller says.
///
/// # Errors
/// [`JournalError`].
pub fn journal(of: JournalId, entries: &[Entry], when: When) -> Result<Journal, JournalError> {
    let mirrored: Result<Vec<Entry>, _> = entries.iter().map(|e| Entry::credit(e.dims, e.amount)).collect();
    let journal = Journal::new(
        JournalKind::Reversal,
        when.id,
        when.posting_day,
        when.business_day,
        mirrored?,
    )?;
    Ok(journal.mirroring(of))
}
