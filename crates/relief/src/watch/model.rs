//! What is watched.

use kernel::{Instant, UnitId};

use crate::word::words;

words! {
    /// What is wrong with goods in store.
    Breach {
        /// A lot waits longer than it should since it arrived.
        WaitsWarn = "waits_warn",
        /// A lot waits much longer.
        WaitsAlarm = "waits_alarm",
        /// Less in store than the norm's least.
        TooLittle = "too_little",
        /// More in store than the norm's most.
        TooMuch = "too_much",
        /// Goods that arrived are to be looked at today at the latest.
        InspectDue = "inspect_due",
        /// Goods that arrived were not looked at in time.
        InspectLate = "inspect_late",
    }
}

/// What a breach is of: a kind, and the 16 bytes of a lot or of an item.
pub type BreachKey = (Breach, [u8; 16]);

/// A breach that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Going {
    /// Whose goods.
    pub unit: UnitId,
    /// What is wrong.
    pub kind: Breach,
    /// The item's name.
    pub item_name: String,
    /// How many there were when it began: of the lot's unit, or of the item's base unit.
    pub quantity: i64,
    /// Their unit.
    pub unit_word: String,
    /// Since when.
    pub began_at: Instant,
}
