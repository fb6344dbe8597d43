//! Codes as values.

use kernel::{Instant, UnitId};

use crate::word::words;
use crate::{BoxId, DispatchId, LotId, SheetId};

words! {
    /// What a code is stuck on.
    #[schema(as = GoodsBoxKind)]
    BoxKind {
        /// A box with pieces of one lot.
        Box = "box",
        /// A pallet with boxes on it.
        Pallet = "pallet",
        /// A truck with pallets and boxes in it.
        Truck = "truck",
    }
}

impl BoxKind {
    /// What stands on the label.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Box => "物资箱",
            Self::Pallet => "托盘",
            Self::Truck => "车辆",
        }
    }
    /// The letter before its number: 箱, 托, 车.
    pub const fn letter(self) -> char {
        match self {
            Self::Box => 'X',
            Self::Pallet => 'T',
            Self::Truck => 'C',
        }
    }
    /// Whether this holds that.
    pub const fn holds(self, inside: Self) -> bool {
        matches!(
            (self, inside),
            (Self::Pallet | Self::Truck, Self::Box) | (Self::Truck, Self::Pallet)
        )
    }
}

/// What is in a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled {
    /// The lot.
    pub lot: LotId,
    /// How many of its unit.
    pub quantity: i64,
    /// When it was filled.
    pub at: Instant,
}

/// A code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Its id; the public form stands in the QR code.
    pub id: BoxId,
    /// Whose.
    pub unit: UnitId,
    /// The sheet it was printed with.
    pub sheet: SheetId,
    /// What it is stuck on.
    pub kind: BoxKind,
    /// Year and running number.
    pub number: (i64, i64),
    /// When it was made.
    pub made_at: Instant,
    /// What is in it.
    pub filled: Option<Filled>,
    /// The pallet or truck it is on.
    pub into: Option<BoxId>,
    /// The order it travels by.
    pub dispatch: Option<DispatchId>,
}

impl Code {
    /// The number as it stands on the label: `X2026-000001`.
    pub fn label(&self) -> String {
        label(self.kind, self.number)
    }
}

/// A number as it stands on a label.
pub fn label(kind: BoxKind, (year, number): (i64, i64)) -> String {
    format!("{}{year}-{number:06}", kind.letter())
}

/// Year and number of a label as somebody typed it; the letter may be left out.
pub fn of_label(text: &str) -> Option<(i64, i64)> {
    let text = text.trim();
    let rest = text.trim_start_matches(|c: char| matches!(c.to_ascii_uppercase(), 'X' | 'T' | 'C'));
    let (year, number) = rest.split_once('-')?;
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
    let plain = digits(year, 4) && digits(number, 9) && text.len() - rest.len() <= 1;
    plain
        .then(|| Some((year.parse().ok()?, number.parse().ok()?)))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_as_it_is_written() {
        assert_eq!(label(BoxKind::Box, (2026, 42)), "X2026-000042");
        for text in ["X2026-000042", " x2026-42 ", "2026-000042"] {
            assert_eq!(of_label(text), Some((2026, 42)), "{text}");
        }
        for text in ["", "X", "2026", "X2026-", "XX2026-1", "2026-1a", "20266-1", "-2026-1"] {
            assert_eq!(of_label(text), None, "{text}");
        }
    }

    #[test]
    fn a_truck_holds_pallets_and_boxes_and_a_box_holds_neither() {
        assert!(BoxKind::Truck.holds(BoxKind::Pallet) && BoxKind::Pallet.holds(BoxKind::Box));
        assert!(!BoxKind::Pallet.holds(BoxKind::Truck) && !BoxKind::Box.holds(BoxKind::Box));
    }
}
