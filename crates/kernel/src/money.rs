//! Money: whole fen in 64 bits, checked and named arithmetic, never a float.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in fen (1 yuan = 100 fen), of either sign. JSON: a plain integer in a `*_fen` field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(i64);

/// Why a text or number is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The sum or difference does not fit 64 bits.
    #[error("the amount is too large to be counted in fen")]
    Overflow,
    /// The text is not a yuan amount.
    #[error("“{0}” is not an amount in yuan")]
    NotAnAmount(String),
    /// More than two decimals that are not zero.
    #[error("“{0}” has a part smaller than one fen")]
    BelowFen(String),
    /// A spreadsheet number that is not close to a whole fen.
    #[error("the cell’s number {0} lies more than 0.000001 yuan from a whole fen")]
    CellNotFen(String),
}

/// How far a spreadsheet's double may lie from a whole fen, in yuan. Cells such as 4761028.68000006 are real.
const CELL_TOLERANCE_YUAN: f64 = 0.000_001;
/// Above this many yuan a double's steps (2^-20) come near the tolerance.
const CELL_MAX_YUAN: f64 = 8_000_000_000.0;

impl Fen {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount.
    pub const MAX: Self = Self(i64::MAX);

    /// This many fen.
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }
    /// The number of fen.
    pub const fn get(self) -> i64 {
        self.0
    }
    /// Whether the amount is above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::Overflow)
    }
    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_sub(other.0).map(Self).ok_or(MoneyError::Overflow)
    }
    /// The amount with the other sign.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for the smallest number only.
    pub fn negated(self) -> Result<Self, MoneyError> {
        self.0.checked_neg().map(Self).ok_or(MoneyError::Overflow)
    }
    /// The sum of many amounts.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }
    /// This amount as a share of `whole` in parts of `parts`, rounded half up; `None` when `whole` is zero.
    ///
    /// `Fen::new(932).share_of(Fen::new(1000), 1000) == Some(932)` is 93.2 %.
    pub fn share_of(self, whole: Self, parts: i64) -> Option<i64> {
        if whole.0 == 0 {
            return None;
        }
        let scaled = i128::from(self.0) * i128::from(parts) * 2 + i128::from(whole.0);
        i64::try_from(scaled.div_euclid(i128::from(whole.0) * 2)).ok()
    }

    /// Reads a yuan amount as people and bank files write it: `1,234.56`, `¥28.16`, `+10000.00`, `-5`, spaces and
    /// NBSP around, full-width digits not accepted.
    ///
    /// # Errors
    /// [`MoneyError::NotAnAmount`], [`MoneyError::BelowFen`], [`MoneyError::Overflow`].
    pub fn parse_yuan(text: &str) -> Result<Self, MoneyError> {
        let wrong = || MoneyError::NotAnAmount(text.trim().to_owned());
        let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let trimmed = trimmed.strip_suffix('元').unwrap_or(trimmed).trim_end();
        let (negative, rest) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let rest = rest.strip_prefix(['¥', '￥']).unwrap_or(rest).trim_start();
        let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
        if whole.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let mut yuan: i64 = 0;
        for (at, group) in whole.split(',').enumerate() {
            let comma_is_off = at > 0 && group.len() != 3;
            if group.is_empty() || comma_is_off || !group.bytes().all(|b| b.is_ascii_digit()) {
                return Err(wrong());
            }
            for digit in group.bytes() {
                let next = yuan
                    .checked_mul(10)
                    .and_then(|y| y.checked_add(i64::from(digit - b'0')));
                yuan = next.ok_or(MoneyError::Overflow)?;
            }
        }
        let mut digits = part.bytes();
        let mut next = || i64::from(digits.next().unwrap_or(b'0') - b'0');
        let small = next() * 10 + next();
        if digits.any(|d| d != b'0') {
            return Err(MoneyError::BelowFen(text.trim().to_owned()));
        }
        let fen = yuan
            .checked_mul(100)
            .and_then(|f| f.checked_add(small))
            .ok_or(MoneyError::Overflow)?;
        Ok(Self(if negative { -fen } else { fen }))
    }

    /// The one place where a double becomes money: a spreadsheet cell, in yuan.
    ///
    /// # Errors
    /// [`MoneyError::CellNotFen`] when the number lies more than 0.000001 yuan from a whole fen or is not finite,
    /// [`MoneyError::Overflow`] above eight billion yuan, where a double can no longer tell.
    #[allow(
        clippy::float_arithmetic,
        reason = "the edge where a spreadsheet cell arrives as a double"
    )]
    pub fn from_cell(yuan: f64) -> Result<Self, MoneyError> {
        if !yuan.is_finite() {
            return Err(MoneyError::CellNotFen(yuan.to_string()));
        }
        if yuan.abs() > CELL_MAX_YUAN {
            return Err(MoneyError::Overflow);
        }
        let fen = (yuan * 100.0).round();
        if (yuan - fen / 100.0).abs() > CELL_TOLERANCE_YUAN {
            return Err(MoneyError::CellNotFen(yuan.to_string()));
        }
        #[allow(clippy::cast_possible_truncation, reason = "bounded by CELL_MAX_YUAN above")]
        Ok(Self(fen as i64))
    }

    /// Plain yuan for files and machines: `1061100.00`, `-0.05`.
    pub fn to_yuan(self) -> String {
        let magnitude = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
    }
    /// Yuan as people read it: `1,061,100.00`.
    pub fn to_grouped(self) -> String {
        let plain = self.to_yuan();
        let (sign, rest) = plain.strip_prefix('-').map_or(("", plain.as_str()), |r| ("-", r));
        let (whole, part) = rest.split_once('.').unwrap_or((rest, "00"));
        let mut text = String::from(sign);
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text + "." + part
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_grouped())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_banks_write_them() {
        for (text, fen) in [
            ("1,234.56", 123_456),
            ("¥28.16", 2_816),
            ("+10000.00", 1_000_000),
            ("-71.89", -7_189),
            ("\u{a0} 154,920.00\u{a0}", 15_492_000),
            ("5.2", 520),
            ("0.010", 1),
            ("23元", 2_300),
        ] {
            assert_eq!(Fen::parse_yuan(text), Ok(Fen::new(fen)), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused_with_its_text() {
        for text in ["", "-", "xx,yyyy.zz", "1,23.00", "12a", ".5", "1.2.3", "NaN", "一百"] {
            assert!(
                matches!(Fen::parse_yuan(text), Err(MoneyError::NotAnAmount(_))),
                "{text}"
            );
        }
        assert!(matches!(Fen::parse_yuan("0.001"), Err(MoneyError::BelowFen(_))));
        assert_eq!(Fen::parse_yuan("99999999999999999999"), Err(MoneyError::Overflow));
    }

    #[test]
    fn a_cell_becomes_fen_only_near_a_whole_fen() {
        assert_eq!(Fen::from_cell(4_761_028.680_000_06), Ok(Fen::new(476_102_868)));
        assert_eq!(Fen::from_cell(0.1 + 0.2), Ok(Fen::new(30)));
        assert_eq!(Fen::from_cell(-5.2), Ok(Fen::new(-520)));
        assert!(matches!(Fen::from_cell(1.005), Err(MoneyError::CellNotFen(_))));
        assert!(matches!(Fen::from_cell(f64::NAN), Err(MoneyError::CellNotFen(_))));
        assert_eq!(Fen::from_cell(1e15), Err(MoneyError::Overflow));
    }

    #[test]
    fn amounts_are_written_for_machines_and_for_people() {
        assert_eq!(Fen::new(106_110_000).to_yuan(), "1061100.00");
        assert_eq!(Fen::new(106_110_000).to_grouped(), "1,061,100.00");
        assert_eq!(Fen::new(-5).to_grouped(), "-0.05");
        assert_eq!(Fen::new(i64::MIN).to_yuan(), "-92233720368547758.08");
        assert_eq!(Fen::new(165).share_of(Fen::new(177), 1000), Some(932));
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Fen::MAX.plus(Fen::new(1)), Err(MoneyError::Overflow));
        assert_eq!(Fen::new(i64::MIN).negated(), Err(MoneyError::Overflow));
        assert_eq!(Fen::sum([Fen::new(1), Fen::new(2)]), Ok(Fen::new(3)));
    }
}
