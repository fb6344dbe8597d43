//! What of a gift is sealed, its opening for a reason, and its erasure at the donor's wish: the secret is destroyed, the gift stays.

pub mod actions;
mod model;
mod store;

use kernel::UnitId;
use platform::Services;
use platform::keys::{GiftSecret, KeyError};

use super::Payer;

pub(crate) use actions::erase_own;
pub use actions::{erase, reveal};
pub use model::{Erased, ErasureReason};
pub use store::{load, load_many};

/// The sealed part of a gift. Holds no clear text, but no `Debug` either.
pub struct Sealed {
    /// The unit in whose books the gift stands.
    pub unit: UnitId,
    /// The wrapped secret; none after erasure.
    pub secret_wrapped: Option<Vec<u8>>,
    /// The payer, sealed under the secret; none where nothing was told.
    pub payer_sealed: Option<Vec<u8>>,
    /// The blind index of the payer's telephone; none where none was told, and after erasure.
    pub phone_index: Option<Vec<u8>>,
    /// Whether the name is to be shown nowhere.
    pub anonymous: bool,
}

impl Sealed {
    /// The secret; `None` after erasure.
    ///
    /// # Errors
    /// [`KeyError::Open`].
    pub fn secret(&self, services: &Services) -> Result<Option<GiftSecret>, KeyError> {
        self.secret_wrapped
            .as_deref()
            .map(|wrapped| services.keys.gift_secret(wrapped))
            .transpose()
    }
    /// The payer; nobody where nothing was told.
    ///
    /// # Errors
    /// [`KeyError::Open`].
    pub fn payer(&self, secret: &GiftSecret) -> Result<Payer, KeyError> {
        let Some(sealed) = self.payer_sealed.as_deref() else {
            return Ok(Payer::default());
        };
        serde_json::from_slice(&secret.open("payer", sealed)?).map_err(|_| KeyError::Open)
    }
}
