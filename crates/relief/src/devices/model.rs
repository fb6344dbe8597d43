//! Phones, what they sign, and what becomes of it, as values.

use kernel::{ActorId, Instant, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::word::words;
use crate::{BoxId, DeviceId, DispatchId, LotId, RecordId};

/// A SHA-256.
pub type Digest = [u8; 32];

words! {
    /// What a phone records.
    #[schema(as = GoodsRecordKind)]
    RecordKind {
        /// What is in a box whose code was printed before.
        Filled = "filled",
        /// At the door.
        Arrived = "arrived",
        /// At the door, and announced by nobody: it becomes a lot of its own.
        Unannounced = "unannounced",
        /// Looked at.
        Inspected = "inspected",
        /// In store.
        Stocked = "stocked",
        /// A whole order picked, or one of its boxes seen when picking.
        Picked = "picked",
        /// A box put on a pallet or truck, or seen when loading.
        Loaded = "loaded",
        /// A whole order on the road.
        InTransit = "in_transit",
        /// A whole order with its receiver, or one of its boxes seen there.
        Received = "received",
        /// Handed to a person, who signed.
        Distributed = "distributed",
        /// Missing or broken: an officer decides.
        Lost = "lost",
        /// A blind count of a lot at a place.
        Counted = "counted",
        /// A photograph of goods.
        Photo = "photo",
    }
}

words! {
    /// What became of a record.
    #[schema(as = GoodsRecordOutcome)]
    Outcome {
        /// Kept and not yet carried out: the phone was cut off in the middle.
        Pending = "pending",
        /// Carried out.
        Taken = "taken",
        /// Done before, by another record or at a desk.
        Known = "known",
        /// Not carried out; an officer settles it.
        Refused = "refused",
        /// Settled by an officer, in words.
        Settled = "settled",
    }
}

/// Pieces of one line that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = GoodsPhoneCame)]
pub struct Came {
    /// The line's number.
    pub n: i64,
    /// How many came.
    pub quantity: i64,
}

/// What a phone signs. The signed text is this as JSON without white space: fields in the order of the alphabet, which is
/// the order here, and without those that are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = GoodsPhoneRecord)]
pub struct Record {
    /// What came, line by line, where not everything did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub came: Vec<Came>,
    /// Whether a certificate of quality came with goods that nobody announced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub certificate: bool,
    /// What was scanned: the public id in the QR code of a box, the number on its label, an order's public id or number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Public id of the phone.
    pub device: String,
    /// The phone's own clock, milliseconds since 1970.
    pub device_at_ms: i64,
    /// The giver of goods that nobody announced, as the parcel says it; kept sealed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub donor: String,
    /// The signature of who took what was handed out, as it was drawn; kept sealed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub drawn: String,
    /// The last day of goods that nobody announced, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expires_on: String,
    /// The pallet's or truck's code on which a box was put.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub into: String,
    /// What goods are that nobody announced: an item's public id, or words that the catalogue must know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub item: String,
    /// What makes it this record: chance of the phone's own.
    pub key: String,
    /// What happened, a word of `GoodsRecordKind`.
    pub kind: String,
    /// Public id of the lot, where no box names it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lot: String,
    /// A few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Public id of the place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// How many of the lot's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// The phone's running number: 1, 2, 3 …
    pub seq: i64,
    /// SHA-256 of a photograph's bytes, 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// Who signed for what was handed out; kept sealed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signer: String,
    /// The code on the slip of who took what was handed out; checked when it is handed in, and refused where it is wrong.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub taker_code: String,
    /// The unit in which was counted; it must be the lot's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit_word: String,
}

/// A record with its signature.
#[derive(Debug, Clone)]
pub struct Signed {
    /// What was signed.
    pub record: Record,
    /// ECDSA over P-256 with SHA-256: r and s, 64 bytes.
    pub signature: Vec<u8>,
}

/// A phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Where it records.
    pub unit: UnitId,
    /// Whose it is.
    pub actor: ActorId,
    /// Its name.
    pub name: String,
    /// The public half of its key: an uncompressed point, 65 bytes.
    pub public_key: Vec<u8>,
    /// When it was enrolled.
    pub enrolled_at: Instant,
    /// When it last handed in.
    pub seen_at: Option<Instant>,
    /// This house's clock less the phone's, then.
    pub offset_ms: Option<i64>,
    /// Its records up to this number are all here.
    pub seq_whole: i64,
    /// The greatest number that came.
    pub seq_last: i64,
    /// When an officer revoked it.
    pub revoked_at: Option<Instant>,
}

/// What a record is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subject {
    /// The lot.
    pub lot: Option<LotId>,
    /// The box.
    pub code: Option<BoxId>,
    /// The order.
    pub dispatch: Option<DispatchId>,
}

/// A record that was carried out, or had been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Whether it was new.
    pub is_new: bool,
    /// What it does, once in a unit.
    pub effect: String,
    /// What it is about.
    pub subject: Subject,
    /// When it was done, where it had been.
    pub done_at: Option<Instant>,
}

/// Why a record was refused: a kind of problem and what fills its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The problem's slug.
    pub slug: String,
    /// What fills its words.
    pub args: Vec<(String, String)>,
}

/// Who did first what a record wanted to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The phone's name; none: at a desk.
    pub device: Option<String>,
    /// When, by this house's clock.
    pub at: Option<Instant>,
}

/// What a phone is told of one of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The record.
    pub id: RecordId,
    /// Its number.
    pub seq: i64,
    /// Its key.
    pub key: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// Who was first.
    pub first: Option<First>,
    /// Whether the bytes of its photograph are still to come.
    pub wants_photo: bool,
}

/// The answer to a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedIn {
    /// This house's clock less the phone's.
    pub offset_ms: i64,
    /// Numbers that never came: from, to.
    pub gaps: Vec<(i64, i64)>,
    /// Record by record, in the order of the batch.
    pub answers: Vec<Answer>,
}
