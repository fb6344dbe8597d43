//! Refunds: money given back, and imports taken back.
//!
//! There is no general right to a refund (R1.33): the reasons are enumerated, one person asks and another approves (or a
//! case does, where the unit has published who decides), the money goes back by the channel it came from, and the gift stays. Invariants: what is asked for and approved never
//! exceeds the gift, however many decide at once, because each decision holds the gift's row; an approved refund has
//! one journal, which undoes the gift's own postings in part, and stands in the totals of the same transaction.
//!
//! Taking an import back is no refund: no money moves. Its gifts are marked by a row with the reason
//! `import_reversal`, leave the totals, are undone in the books, and give their trade numbers free, so that the file
//! can be imported again elsewhere.

pub mod actions;
pub mod approval;
pub mod model;
pub mod store;

pub(crate) use actions::take_back_match;
pub use actions::{Approval, TakenBack, approve, reject, request, request_saying, take_back_import};
pub use model::{Refund, RefundReason, RefundState, remaining};
pub(crate) use store::hold_gift;
pub use store::{find, list, of_gift};
