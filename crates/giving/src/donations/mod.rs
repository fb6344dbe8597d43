//! Gifts: one intake for all of them, and everything that may happen to one afterwards.
//!
//! A gift comes as a signed payment notice, at the counter or in a bill file; all go through [`intake`], which is
//! idempotent on (unit, receiving account, trade number), commits in groups and acknowledges nothing before it is
//! durable. Invariants: a gift is never changed or deleted; its two postings, its fact and the running totals stand
//! in its own transaction; the same number with another amount is held for review. Called by `api`, by `qiao import`
//! and `qiao simulate`.

pub mod api;
pub mod counter;
pub mod error;
pub mod imports;
pub mod intake;
pub mod mask;
pub mod model;
pub mod notice;
pub mod orders;
pub mod queries;
pub mod receipts;
pub mod refunds;
pub mod review;
pub mod sealed;

pub use error::DonationError;
pub use intake::{Directory, Intake, IntakeError};
pub use model::{Incoming, Outcome, Payer, Source, certificate_id, gift_of_certificate};
pub use queries::recount::recount;
pub use queries::{recount, totals};
pub use receipts::{ReceiptStatus, ReceiptWish};
