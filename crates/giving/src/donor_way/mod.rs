//! The donor's way up to payment: the form of the giving page, what a donor agrees to, her words beside the gift.
//!
//! Invariants: one form gives one order, however often it is sent; which wording of the consent was agreed to stands
//! with the order, and a wording is never changed; a message is shown only when its words are on no list or a person
//! has read them, and only once its order is paid; receipt title, tax number and e-mail are sealed under the order's
//! secret. Called by the public pages of `insight` and by the staff API.

pub mod actions;
pub mod api;
pub mod error;
pub mod model;
pub mod queries;
pub mod rules;
mod store;

pub use error::GiveError;
pub use model::{
    Consent, Fault, Field, FormInput, HeldFor, Limits, MessageState, Receipt, ShownMessage, WaitingMessage, Wish,
};
