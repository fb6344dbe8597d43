//! What somebody else changed in how a person signs in, told to her.
//!
//! Whoever looks after users may link somebody with an account of another house, and so open the console as her: she is
//! told at once, by a message to the telephone she left, and in “my work” until she marks it seen. A change and its telling
//! are written in one transaction ([`actions::note`]); what one does oneself is not told. Invariants: one sees and marks
//! one's own alone; nothing here holds personal data; of one person the newest are kept ([`rules::KEPT_MAX`]). Called by
//! [`super::sso`], the routes of one's own account and the job [`super::jobs::TellChanged`].

pub mod actions;
pub mod api;
mod model;
pub mod queries;
pub mod rules;
mod store;

pub use model::{Change, ChangeId, What};
