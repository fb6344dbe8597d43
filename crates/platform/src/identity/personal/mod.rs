//! How the staff themselves are reached: the name on the card, a telephone, an e-mail.
//!
//! Sealed in one field of the user, shown masked, changed by who manages her for a reason, or by herself after a fresh
//! sign-in. Invariants: no fact, log or error holds a value, only which fields changed; an empty text removes.

pub mod actions;
pub mod api;
pub mod rules;
