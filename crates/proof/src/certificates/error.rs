//! Why a certificate cannot be shown or drawn.

use db::DbError;
use papers::PapersError;
use web::{Kind, Problem};

/// An error of certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// There is no such gift, or the address is not one of ours.
    #[error("there is no such certificate")]
    NotFound,
    /// The gift's secret was destroyed at the donor's wish.
    #[error("the certificate was erased at the donor’s wish; its hash stays")]
    Erased,
    /// The gift is confirmed, its number follows within seconds.
    #[error("the certificate is being numbered; ask again in a moment")]
    NotYet,
    /// Who asks has not shown the key in the certificate's QR code.
    #[error("the papers are given only to holders of the certificate’s key")]
    Proof,
    /// What was stored cannot be opened, or was altered.
    #[error("the stored certificate cannot be opened: {0}")]
    Sealed(String),
    /// The picture of the seal is missing or altered.
    #[error("the seal of the certificate cannot be read: {0}")]
    Seal(#[from] platform::files::FileError),
    /// The drawing failed.
    #[error("the certificate cannot be drawn: {0}")]
    Drawing(#[from] PapersError),
    /// The database.
    #[error("{0}")]
    Db(#[from] DbError),
}

/// The papers of a certificate were asked for without the proof of its key.
pub const KEY_NEEDED: Kind = Kind {
    slug: "certificate-key-needed",
    status: 403,
};
/// Seconds after which a number has usually been given.
const NUMBER_SECONDS: u32 = 2;

impl CertificateError {
    /// As the outside sees it; causes are logged here, once.
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::Erased => Problem::erased(),
            Self::Proof => Problem::new(KEY_NEEDED),
            Self::NotYet => Problem::unavailable(NUMBER_SECONDS),
            Self::Db(error) if error.is_transient() => Problem::unavailable(NUMBER_SECONDS),
            Self::Sealed(_) | Self::Seal(_) | Self::Drawing(_) | Self::Db(_) => {
                tracing::error!(error = %self, "a certificate failed");
                Problem::internal()
            }
        }
    }
}
