//! “My gifts”: a donor shows that a telephone or an e-mail is hers by a one-time code, and for an hour sees the gifts
//! given with it, their certificates, and may ask for money back.
//!
//! Invariants: a code lives ten minutes, takes five tries, is kept only as a keyed hash and never logged; the answer to
//! who asks is the same whether the contact is known or not, and only a known one is sent anything; a session's cookie
//! is kept only as a hash. A wish for a refund decides nothing: staff ask for the refund by the rules (R1.33).

pub mod actions;
pub mod api;
pub mod error;
pub mod model;
pub mod queries;
pub mod rules;
mod store;

pub use error::MyGiftsError;
pub use model::{AskId, Contact, ContactKind, Session, WishId, WishState};
