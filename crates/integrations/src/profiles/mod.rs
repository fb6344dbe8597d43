//! Profiles of one's own: how a unit's bank or platform lays its files out, kept as a setting of the unit.
//!
//! A profile is the same small TOML file that `--profile FILE` takes, with the same checks. Its name is none of the
//! built-in ones, so that nobody's file is read in an unexpected way. An import that names one takes its text along:
//! what is changed afterwards does not change what was uploaded before.

mod actions;
pub mod api;

pub use actions::{FACT_KINDS, ProfileError, own, own_text, remove, set};
