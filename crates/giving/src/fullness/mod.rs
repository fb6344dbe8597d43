//! Fullness: a project or campaign whose running total, net of refunds, reaches its target is marked full.
//!
//! A reaction to the facts of gifts does it, about a second after the gift: what came in meanwhile is more than was
//! asked for and stays a gift. A mother project's total holds that of its sub-projects, as on its page. A refund does
//! not open a full project again; a raise of its target does, and is looked at here too, since it may be below what was
//! raised by then.

mod jobs;
mod store;
#[cfg(test)]
mod tests;

pub use jobs::TargetsReached;
