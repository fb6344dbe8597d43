//! What a certificate is.

use giving::donations::queries::Standing;
use kernel::{BusinessDay, Fen, GiftId, Instant, UnitId};
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
    /// The picture of its seal as it was then, base64 in the stored frame.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seal_text")]
    pub seal: Option<Vec<u8>>,
    /// The project's title.
    pub project: String,
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
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// The number, once the reaction has given it.
    pub number: Option<String>,
    /// The amount.
    pub amount_fen: Fen,
    /// What was given back of it.
    pub refunded_fen: Fen,
    /// The business day.
    pub day: BusinessDay,
    /// The project's title.
    pub project: String,
    /// The issuing unit's name.
    pub unit: String,
    /// What became of the gift.
    pub standing: Standing,
    /// The printed name sealed for the showing key: `nonce ‖ ciphertext ‖ tag`, base64url.
    pub name_envelope: String,
}

/// The seal's bytes as base64 inside the frame's JSON.
mod seal_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(seal: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        match seal {
            Some(bytes) => to.serialize_str(&data_encoding::BASE64.encode(bytes)),
            None => to.serialize_none(),
        }
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|t| data_encoding::BASE64.decode(t.as_bytes()).map_err(D::Error::custom))
            .transpose()
    }
}
