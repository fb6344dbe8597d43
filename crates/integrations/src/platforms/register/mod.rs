//! The register: how each unit stands with each platform, and what it has there.
//!
//! A unit without an entry has not joined, and shows as such with the steps to join. Papers (certificates, filing numbers)
//! have an end; the nightly job tells of each at 60, 30, 7 and 1 days before it and when it is over, once each. A page's
//! capacity is raised by asking the platform; a page has at most one raise that waits. Keys are sealed and never shown.

mod actions;
pub mod api;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod rules;
mod store;

pub use actions::{
    FACT_KINDS, answer_raise, ask_raise, note_step, set_keys, set_page, set_paper, set_standing, tell_ending,
};
pub use model::{
    Account, Keys, NewKeys, NewRaise, Page, PageState, Paper, PaperKind, Raise, RaiseState, Standing, StandingIn, Step,
};
pub use store::{SECRET_PLACE, account, accounts, keys, page, pages_of};
