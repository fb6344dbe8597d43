//! Typed identifiers: a UUIDv7 inside, never shown; the public form is its encipherment.

use std::fmt;

use crate::{Instant, Rng};

/// Why an identifier could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The stored value does not have 16 bytes.
    #[error("an id has 16 bytes, this one has {0}")]
    Length(usize),
    /// The public form is not 26 characters of the base32 alphabet used here.
    #[error("not a public id: 26 characters of a-z and 2-7 are expected")]
    Public,
}

/// What all typed identifiers share, so that stores and codecs can be written once.
pub trait Id: Copy + Eq + Ord + fmt::Debug + Send + Sync + 'static {
    /// The 16 bytes of the UUIDv7, in order of time.
    fn bytes(self) -> [u8; 16];
    /// The identifier made of these 16 bytes.
    fn from_bytes(bytes: [u8; 16]) -> Self;
}

/// Makes the 16 bytes of a UUIDv7: 48 bits of milliseconds, then 74 random bits.
pub fn uuid_v7(now: Instant, rng: &dyn Rng) -> [u8; 16] {
    let mut bytes = [0u8; 16];
    rng.fill(&mut bytes[6..]);
    let millis = (now.micros() / 1_000).max(0).cast_unsigned();
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}

/// Declares identifier types: `ids! { /// A gift. GiftId }`.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A new identifier, ordered by `now`.
            pub fn new(now: $crate::Instant, rng: &dyn $crate::Rng) -> Self {
                Self($crate::id::uuid_v7(now, rng))
            }
            /// The identifier in a stored 16-byte value.
            ///
            /// # Errors
            /// [`$crate::id::IdError::Length`] when there are not 16 bytes.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, $crate::id::IdError> {
                bytes.try_into().map(Self).map_err(|_| $crate::id::IdError::Length(bytes.len()))
            }
        }
        impl $crate::id::Id for $name {
            fn bytes(self) -> [u8; 16] {
                self.0
            }
            fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), $crate::id::hex(&self.0))
            }
        }
    )+};
}

/// Lower-case hexadecimal, for logs and debug output only.
pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Enciphers identifiers for the outside: random to the eye, looked up by deciphering, no index.
///
/// The implementation (AES-128, one block, key of the installation) lives in `platform`.
pub trait PublicIdCodec: Send + Sync {
    /// One block enciphered.
    fn encipher(&self, block: [u8; 16]) -> [u8; 16];
    /// One block deciphered.
    fn decipher(&self, block: [u8; 16]) -> [u8; 16];
}

const BASE32_CHARS: usize = 26;

/// The public form of an id: 26 characters of lower-case base32.
pub fn public<I: Id>(codec: &dyn PublicIdCodec, id: I) -> String {
    let mut text = data_encoding::BASE32_NOPAD.encode(&codec.encipher(id.bytes()));
    text.make_ascii_lowercase();
    text
}

/// The id behind a public form, whatever its case. That a row with it exists is not yet said.
///
/// # Errors
/// [`IdError::Public`] when the text is not a public id.
pub fn from_public<I: Id>(codec: &dyn PublicIdCodec, text: &str) -> Result<I, IdError> {
    if text.len() != BASE32_CHARS {
        return Err(IdError::Public);
    }
    let raw = data_encoding::BASE32_NOPAD
        .decode(text.to_ascii_uppercase().as_bytes())
        .map_err(|_| IdError::Public)?;
    let block: [u8; 16] = raw.try_into().map_err(|_| IdError::Public)?;
    Ok(I::from_bytes(codec.decipher(block)))
}

ids! {
    /// A society or branch in the tree of units.
    UnitId,
    /// A bank account, merchant account or cash box into which gifts come.
    ReceivingAccountId,
    /// A public-fundraising campaign.
    CampaignId,
    /// A theme that groups projects inside a campaign.
    ThemeId,
    /// A project, mother or sub.
    ProjectId,
    /// A fund of the books.
    FundId,
    /// A gift.
    GiftId,
    /// An order: the wish to give, before it is paid.
    OrderId,
    /// A notice or line held for review.
    ReviewId,
    /// A refund of a gift.
    RefundId,
    /// One run of an import.
    ImportId,
    /// Money of others that is to be passed on.
    PayoutId,
    /// A journal of the books; a gift's journal has the bytes of the gift.
    JournalId,
    /// One combination of dimensions in the books (unit, account code, fund, project).
    BookAccountId,
    /// A fact.
    FactId,
    /// A stored file.
    FileId,
    /// A job.
    JobId,
    /// A person or machine that acts.
    ActorId,
    /// An API token.
    TokenId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRng;

    struct Xor;
    impl PublicIdCodec for Xor {
        fn encipher(&self, block: [u8; 16]) -> [u8; 16] {
            block.map(|b| b ^ 0x5a)
        }
        fn decipher(&self, block: [u8; 16]) -> [u8; 16] {
            self.encipher(block)
        }
    }

    #[test]
    fn ids_are_ordered_by_their_millisecond() {
        let rng = SeededRng::new(1);
        let early = GiftId::new(Instant::from_micros(1_000_000), &rng);
        let late = GiftId::new(Instant::from_micros(1_001_000), &rng);
        assert!(early < late);
        assert_eq!(early.bytes()[6] >> 4, 7);
        assert_eq!(early.bytes()[8] >> 6, 2);
    }

    #[test]
    fn a_public_id_leads_back_to_its_id_in_either_case() {
        let id = GiftId::new(Instant::from_micros(5), &SeededRng::new(2));
        let text = public(&Xor, id);
        assert_eq!(text.len(), BASE32_CHARS);
        assert_eq!(from_public::<GiftId>(&Xor, &text), Ok(id));
        assert_eq!(from_public::<GiftId>(&Xor, &text.to_uppercase()), Ok(id));
        assert_eq!(from_public::<GiftId>(&Xor, "善桥"), Err(IdError::Public));
        assert_eq!(from_public::<GiftId>(&Xor, &text[1..]), Err(IdError::Public));
    }
}
