//! Goods in the log: how many pieces of which delivery went from where to where, in words of a fixed list.
//!
//! No place, no receiver, no value: a delivery is known by its enciphered id alone.

use kernel::BusinessDay;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::PublicId;

/// The most movements of one entry, which keeps it below the format's bound on length.
pub const MOVES_MAX: usize = 500;

/// Where pieces stand. Set aside or on the shelf is one: that is the house's own order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// Promised by a donor.
    Announced,
    /// At the door.
    Arrived,
    /// Looked at.
    Inspected,
    /// In store.
    #[serde(alias = "reserved")]
    Stocked,
    /// Handed over by the store.
    Issued,
    /// On the road.
    InTransit,
    /// With the receiver.
    Received,
    /// With the people, signed for.
    Distributed,
    /// Come back from a receiver.
    Returned,
    /// Back with the donor.
    GivenBack,
    /// Destroyed.
    Scrapped,
    /// Sold for the society's purpose.
    Sold,
    /// Gone, as a count or a delivery showed.
    Lost,
    /// Part of a kit.
    Assembled,
}

/// Pieces of a delivery that went.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Goes {
    /// The delivery.
    pub lot: PublicId,
    /// From where; none for the world outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Stands>,
    /// To where; none for the world outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Stands>,
    /// Pieces, in the delivery's own unit, as decimal text.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    pub qty: i64,
}

fn write<S: Serializer>(number: &i64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&number.to_string())
}

fn read<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let text = String::deserialize(from)?;
    text.parse()
        .map_err(|_| D::Error::custom("a number of pieces is expected"))
}

/// Goods moved, by one record of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goods {
    /// The entry's id.
    pub id: PublicId,
    /// The unit whose goods they are.
    pub unit: PublicId,
    /// The business day.
    pub day: BusinessDay,
    /// What went where, each way once, in order.
    pub moves: Vec<Goes>,
}

impl Goods {
    /// Whether the movements are real, few enough and in their one order.
    pub(super) fn is_ordered(&self) -> bool {
        let way = |goes: &Goes| (goes.lot.clone(), goes.from, goes.to);
        (1..=MOVES_MAX).contains(&self.moves.len())
            && self.moves.iter().all(|goes| goes.qty > 0 && goes.from != goes.to)
            && self.moves.windows(2).all(|pair| way(&pair[0]) < way(&pair[1]))
    }
}
