//! Why a seal was not taken.

use governance::network::NetworkError;
use platform::files::FileError;
use platform::identity::Forbidden;
use web::{Kind, Problem};

/// The picture cannot serve as a seal; the words say what can.
pub const SEAL_UNUSABLE: Kind = Kind::new("seal-unusable", 422);

/// An error of seals; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The picture.
    #[error(transparent)]
    Picture(#[from] papers::seal::SealError),
    /// The unit.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The stored file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The work was cut off.
    #[error("the work on the picture was cut off")]
    CutOff,
}

impl SealError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::File(_) | Self::CutOff => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::Picture(error) => Problem::new(SEAL_UNUSABLE).arg("reason", error),
            Self::Network(error) => error.problem(),
            Self::File(error) => error.problem(),
            Self::CutOff => {
                tracing::error!("the work on a seal was cut off");
                Problem::internal()
            }
        }
    }
}

impl From<SealError> for Problem {
    fn from(error: SealError) -> Self {
        error.problem()
    }
}
