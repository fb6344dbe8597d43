//! Alipay's open platform: signed requests, signed answers, signed notices, the trade bill.
//!
//! [`Alipay`] implements the gateway of `giving` for one account. Invariants: nothing that Alipay did not sign is believed;
//! a notice counts only for our application and our receiving account; a request is repeated under the same number, never
//! under a new one; amounts are yuan texts on the wire and [`kernel::Fen`] here, without a float between. Keys may change
//! at any time: several public keys are trusted side by side, and in the certificate mode a newer certificate is fetched and
//! trusted when it leads to the root in the settings.

mod answer;
pub mod api;
mod bill;
mod certificate;
mod client;
mod notice;
mod params;
mod settings;
mod trade;
mod trust;

pub use bill::BillRefusal;
pub use client::SKEW_SECONDS_MAX;
pub use notice::{Event, Notice, NoticeRefusal, RefundTold};
pub use settings::{GATEWAY_URL, Settings, SettingsError, TrustSettings};
pub use trade::Alipay;
