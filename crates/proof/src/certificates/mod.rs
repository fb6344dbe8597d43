//! Certificates: numbered by a reaction, drawn when first asked for, the same bytes for ever.
//!
//! Invariants: numbers are gapless per issuing unit and year; a certificate's number, frame and template version never
//! change; its bytes are stored sealed under the gift's secret with their hash, so that erasure leaves the hash alone.
//! What becomes of a gift afterwards is kept beside the certificate (its *standing*) and changes no paper.
//! Called by the public pages and by `qiao bench certificate`.

mod actions;
pub mod api;
mod error;
mod jobs;
mod model;
mod store;

pub use actions::{is_holder, paper, paper_for_holder, paper_proof, shared_name, showing_key, shown};
pub(crate) use actions::{papers, printed_name};
pub use error::{CertificateError, KEY_NEEDED};
pub use jobs::Certifying;
pub use model::{Certificate, CertificateStanding, Format, Frame, Shown, number_text};
pub use store::{by_number, load, paper_hashes, standing};
