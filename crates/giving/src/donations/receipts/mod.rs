//! What a giver wishes about the receipt of a gift (公益事业捐赠票据, R1.27): wanted, waived, or not yet known.
//!
//! The law asks for a receipt on every gift, or a record that it was waived or that the giver is anonymous. What nothing
//! was said of is pending. The wish comes with a notice, an order or an entry at the counter, and staff may record a
//! later one. The receipt itself is issued elsewhere.

mod actions;
mod model;
pub(crate) mod store;

pub use actions::{FACT_KINDS, say};
pub use model::{ReceiptStatus, ReceiptWish};
