//! Payment providers: WeChat Pay (API v3), and Alipay beside it.
//!
//! Each provider is an adapter that implements [`giving::donations::orders::Gateway`] over [`Http`]. What a provider says
//! is believed only when its signature fits; every notice leaves a row in the log of [`notices`]. The adapters of all
//! units are made from [`settings`] and stand in [`Payments`], which the notice routes and the staff routes share.

pub mod alipay;
pub mod api;
mod der;
pub mod http;
pub mod jobs;
pub mod keys;
pub mod notices;
mod registry;
pub mod rsa;
pub mod settings;
pub mod wechat;

use std::sync::Arc;

pub use http::Http;
use platform::Services;
pub use registry::{Adapter, Payments};

/// What an adapter needs of the world.
#[derive(Clone)]
pub struct Tools {
    /// Time, chance, database.
    pub services: Services,
    /// The way out.
    pub http: Arc<dyn Http>,
    /// What `ring` blinds signatures with; made by `qiao` like all chance.
    pub system: ring::rand::SystemRandom,
}
