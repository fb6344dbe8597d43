//! Payment providers: WeChat Pay (API v3), and Alipay beside it.
//!
//! Each provider is an adapter that implements [`giving::donations::orders::Gateway`] over [`Http`]. What a provider says
//! is believed only when its signature fits.

pub mod alipay;
pub mod http;

pub use http::Http;
