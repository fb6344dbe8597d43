//! Campaigns of public fundraising, as the charity law wants them: a plan, filed with the civil affairs department,
//! opened on its day, raised when urgent, ended and settled.
//!
//! Invariants (rules.md 1.2): no campaign is open on a day without a certificate in force (R1.1); a filed plan has all
//! its fields (R1.6) and was filed ten days ahead (R1.7) unless an emergency is named (R1.8); a filing number serves
//! one campaign (R1.7b); the page says what the plan says (R1.7c), so words are locked by the filing and change only
//! with a reason, within ten days (R1.11); every version of the plan stays; a filing that the authority returned is
//! completed and filed again before the campaign opens, and each step of it stays (R1.7). Gates of joint fundraising (R1.16) are not
//! built: a campaign has no partner yet. Called by the pages, `qiao simulate` and the staff API.

pub mod actions;
pub mod api;
pub mod error;
pub mod model;
pub mod queries;
pub mod rules;
pub mod samples;
pub mod store;
#[cfg(test)]
mod tests;

pub use error::CampaignError;
pub use model::{Campaign, CampaignState, Filing, NewCampaign, Page, Plan, PlatformLink, Standing, Theme, Warning};
