//! The public pages: typed contexts with samples, one file per page.
//!
//! A context holds only what its template shows, already scoped and masked by the queries that fill it. The `live`
//! part of a page is also the snapshot its event stream sends: one type, so that page and stream cannot disagree. A
//! public page never carries a gift's public id in a list: it is the address of the gift's certificate.
//!
//! Error pages (404, 410, 429, 500, 503) are `web::Problem`s, shown by `web::problem::speak`.

pub mod appraisal;
mod appraisal_handlers;
pub mod board;
pub mod campaign;
pub mod certificate;
pub mod common;
pub mod coverage;
pub mod donor;
pub mod fund;
pub mod goods;
mod handlers;
pub mod home;
mod house;
mod live;
pub mod log;
pub mod lookup;
pub mod notices;
pub mod parcel;
mod parcel_handlers;
pub mod pool;
pub mod project;
mod qr;
mod queries;
pub mod team;
#[cfg(test)]
mod tests;
pub mod trail;
#[cfg(test)]
mod walk;
#[cfg(test)]
mod walk_boards;

pub use board::{BoardLive, BoardPage};
pub use campaign::{CampaignLive, CampaignPage};
pub use certificate::CertificatePage;
pub use common::{
    CampaignCard, CampaignState, CardFigures, GiftState, LatestGift, Link, ProjectCard, ProjectState, RankRow,
};
pub use coverage::CoveragePage;
pub use goods::{GoodsLive, GoodsPage};
pub use handlers::routes;
pub use home::{HomeLive, HomePage};
pub use lookup::{FoundGift, LookupForm, LookupPage, Outcome, Step, StepKind};
pub use project::{ProjectLive, ProjectPage, TargetRaise};
pub use team::{TeamLive, TeamPage};
