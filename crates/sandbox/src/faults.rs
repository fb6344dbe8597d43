//! What goes wrong on demand.

use serde::{Deserialize, Serialize};

/// The faults; all off by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Every notice is sent so many times more.
    pub repeat: u32,
    /// Notices are held back until they are asked for (`POST /sandbox/deliver`).
    pub delay: bool,
    /// What was held back is sent last first.
    pub reorder: bool,
    /// Notices are lost.
    pub lose: bool,
    /// Notices are signed with a key that is not the provider's.
    pub forge: bool,
    /// Notices, queries and bills tell this amount, in fen, instead of the order's.
    pub wrong_amount_fen: Option<i64>,
    /// Answers and notices are signed with a certificate whose validity is over.
    pub stale_certificate: bool,
    /// The provider's clock runs so many seconds ahead (behind, when negative).
    pub clock_offset_seconds: i64,
    /// Every request is answered with the provider's own failure.
    pub down: bool,
}
