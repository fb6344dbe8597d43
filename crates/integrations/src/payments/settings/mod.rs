//! Which provider serves which unit, with which keys. Keys are sealed at rest and never shown again; what is shown of
//! them is a fingerprint.

pub mod actions;
pub mod api;
pub mod model;
mod queries;
pub mod store;

pub use actions::{keep_platform_keys, set};
pub use model::{AlipayCertificates, GatewaySettings, NewGateway, PlatformKey, Secrets};
pub use store::PLACE as SECRETS_PLACE;
