//! Regular giving: a donor's mandate to give every month, plans that sponsor a thing, progress news and the prompts
//! that go with them.
//!
//! **No money is ever taken automatically.** Both providers' ways without a contract of their own know no standing
//! order: each month one payment order is made and the donor pays it herself from the reminder's link. What a provider's
//! contract would add stands behind a port ([`Rail`]); [`ByLink`] is the one that ships.
//!
//! Invariants: a mandate runs only after a one-time code showed that the contact is hers; each month of a mandate has
//! one row and at most one order that can be paid, whatever runs twice; each prompt is written down once before it is
//! sent. Waiting → active → paused → active → ended; each change says who, when and why.
//!
//! **Catch-up.** A month opens [`REMIND_DAYS`](model::REMIND_DAYS) days before its due day and closes
//! [`GRACE_DAYS`](model::GRACE_DAYS) after it. When nothing ran for a while: a month that is still open is opened late,
//! with one reminder; a month that closed meanwhile is noted as missed (`stopped`) and never asked for again. So nobody
//! is asked for two months at once, and nobody pays arrears of ours. A payment that comes after the close is still a
//! gift, and the month then counts as paid.

pub mod actions;
pub mod api;
pub mod error;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod rail;
pub mod rules;
mod store;
mod words;

pub use error::RecurringError;
pub use model::{
    AgreementId, EndReason, Mandate, MandateId, MandateState, MonthlyForm, NewsId, Period, PlanId, PlanState,
};
pub use rail::{ByLink, Collected, Rail};
