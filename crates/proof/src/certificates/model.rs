//! What a certificate is.

use giving::donations::queries::Standing;
use kernel::{BusinessDay, Fen, GiftId, Instant, UnitId};
use platform::files::Digest;
use serde::{Deserialize, Serialize};

/// What certificates of one unit and project have in common, frozen when the first of them is numbered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// The issuing unit's name.
    pub unit: String,
    /// Its region code, part of the number.
    pub region: String,
    /// Its colour, `#RRGGBB`.
    pub colour: String,
    /// The hash of its seal's picture as it was then, in hexadecimal; the bytes are a stored file, which never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal_sha256: Option<String>,
    /// The project's title.
    pub project: String,
}

impl Frame {
    /// The hash of its seal's picture.
    ///
    /// # Errors
    /// When what was stored is no hash.
    pub fn seal(&self) -> Result<Option<Digest>, BrokenHash> {
        let read = |text: &String| {
            let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
            bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(BrokenHash)
        };
        self.seal_sha256.as_ref().map(read).transpose()
    }
}

/// The hash of a seal in a frame is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the hash of the seal is none")]
pub struct BrokenHash;

/// How a certificate stands, as kept by the reaction: the paper itself stays as issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateStanding {
    /// All of the gift stands.
    Valid,
    /// Part of it was given back.
    PartlyRefunded {
        /// How much, in all.
        refunded: Fen,
        /// When, the last time.
        since: Instant,
    },
    /// All of it was given back.
    Refunded {
        /// How much, in all.
        refunded: Fen,
        /// When.
        since: Instant,
    },
    /// Its import was taken back: it certifies nothing any more.
    TakenBack {
        /// When.
        since: Instant,
    },
}

impl CertificateStanding {
    /// From what became of the gift, at this moment.
    pub const fn of(standing: Standing, refunded: Fen, since: Instant) -> Self {
        match standing {
            Standing::Confirmed => Self::Valid,
            Standing::PartlyRefunded => Self::PartlyRefunded { refunded, since },
            Standing::Refunded => Self::Refunded { refunded, since },
            Standing::TakenBack => Self::TakenBack { since },
        }
    }
    /// The word in the store and in answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::PartlyRefunded { .. } => "partly_refunded",
            Self::Refunded { .. } => "refunded",
            Self::TakenBack { .. } => "taken_back",
        }
    }
    /// What was given back of it.
    pub const fn refunded(self) -> Fen {
        match self {
            Self::PartlyRefunded { refunded, .. } | Self::Refunded { refunded, .. } => refunded,
            Self::Valid | Self::TakenBack { .. } => Fen::ZERO,
        }
    }
    /// Since when it stands so; none while it is valid.
    pub const fn since(self) -> Option<Instant> {
        match self {
            Self::Valid => None,
            Self::PartlyRefunded { since, .. } | Self::Refunded { since, .. } | Self::TakenBack { since } => {
                Some(since)
            }
        }
    }
}

/// An issued certificate.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The gift it certifies.
    pub gift: GiftId,
    /// The issuing unit.
    pub unit: UnitId,
    /// The year of its number.
    pub year: i64,
    /// Its number in that year.
    pub number: i64,
    /// The frozen data.
    pub frame: Frame,
    /// The template it is drawn with, for ever.
    pub template_version: u16,
    /// When it was numbered.
    pub issued_at: Instant,
}

/// The number as people read it: `371300-2026-0000123`.
pub fn number_text(region: &str, year: i64, number: i64) -> String {
    format!("{region}-{year}-{number:07}")
}

/// The forms it is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A4 landscape, for printing.
    Pdf,
    /// The same as a picture, for the phone.
    Png,
}

impl Format {
    /// The word in addresses and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
        }
    }
    /// From an address.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pdf, Self::Png].into_iter().find(|f| f.word() == word)
    }
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
        }
    }
}

/// What the page of a certificate shows without the key in the QR.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The number, once the reaction has given it.
    pub number: Option<String>,
    /// The amount.
    pub amount_fen: Fen,
    /// The business day.
    pub day: BusinessDay,
    /// The project's title.
    pub project: String,
    /// The issuing unit's name.
    pub unit: String,
    /// How the certificate stands.
    pub standing: CertificateStanding,
    /// The printed name sealed for the showing key: `nonce ‖ ciphertext ‖ tag`, base64url.
    pub name_envelope: String,
    /// The hashes of the papers drawn so far.
    pub paper_hashes: Vec<(Format, Vec<u8>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_frozen_before_there_were_seals_is_still_read() {
        let old = r##"{"unit":"某会","region":"371300","colour":"#B8442F","project":"人道救助"}"##;
        let frame: Frame = serde_json::from_str(old).expect("read");
        assert_eq!(frame.seal(), Ok(None));
        assert_eq!(
            serde_json::to_string(&frame).expect("written"),
            old,
            "and has the same id"
        );
        let sealed = Frame {
            seal_sha256: Some("ab".repeat(32)),
            ..frame.clone()
        };
        assert_eq!(sealed.seal(), Ok(Some([0xab; 32])));
        let broken = Frame {
            seal_sha256: Some("ab".into()),
            ..frame
        };
        assert_eq!(broken.seal(), Err(BrokenHash));
    }

    #[test]
    fn a_standing_says_what_was_given_back_and_since_when() {
        let at = Instant::from_micros(7);
        let of = |standing| CertificateStanding::of(standing, Fen::new(40), at);
        assert_eq!(of(Standing::Confirmed).since(), None);
        assert_eq!(of(Standing::PartlyRefunded).refunded(), Fen::new(40));
        assert_eq!(of(Standing::Refunded).since(), Some(at));
        assert_eq!(
            (of(Standing::TakenBack).refunded(), of(Standing::TakenBack).word()),
            (Fen::ZERO, "taken_back")
        );
    }
}
