//! Trade numbers: kept as text, or made for lines that have none.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use kernel::{Fen, Instant};

use super::mask::mask;
use super::reason::RefuseReason;
use super::row::{Cell, Kind};

/// Digits that survive a spreadsheet's number.
const SAFE_DIGITS: usize = 15;
/// The longest number taken: real ones have up to 46 characters; the unique index carries it.
const MOST_CHARS: usize = 128;

/// The number in a cell, `None` when the cell says that there is none (`/`, `-`).
pub(super) fn read(cell: Cell<'_>) -> Result<Option<String>, RefuseReason> {
    let text = cell.text;
    if cell.kind == Kind::Number {
        let whole = text.len() <= SAFE_DIGITS && text.bytes().all(|b| b.is_ascii_digit());
        return if whole {
            Ok(Some(text.to_owned()))
        } else {
            Err(RefuseReason::TradeNoLostDigits)
        };
    }
    // A spreadsheet's ways to keep digits as text: ="123" and '123.
    let text = text
        .strip_prefix("=\"")
        .and_then(|t| t.strip_suffix('"'))
        .unwrap_or(text);
    let text = text.strip_prefix('\'').unwrap_or(text);
    if is_placeholder(text) {
        return Ok(None);
    }
    if has_exponent(text) {
        return Err(RefuseReason::TradeNoLostDigits);
    }
    let number: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    if number.is_empty() || number.len() > MOST_CHARS {
        return Err(RefuseReason::TradeNoMissing);
    }
    Ok(Some(number))
}

/// Whether a cell stands for nothing: `/`, `-`, a row of dashes.
pub(super) fn is_placeholder(text: &str) -> bool {
    text.is_empty() || text == "/" || text.bytes().all(|b| b == b'-')
}

/// Whether a text could be somebody's number: some digits, nothing but letters, digits and masks.
pub(super) fn looks_like_number(text: &str) -> bool {
    let shape = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '*' | '_' | '-' | '=' | '"' | '\''));
    shape && (text.len() >= 4) && (text.bytes().any(|b| b.is_ascii_digit()) || text.contains('x'))
}

/// `1.02202E+27`: what a spreadsheet leaves of a long number when it saves it as text.
fn has_exponent(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    mantissa.contains('.') && digits(mantissa) && exponent.strip_prefix('+').is_some_and(digits)
}

/// Makes numbers for lines without one and counts how often the same line occurred.
#[derive(Debug, Default)]
pub(super) struct Maker {
    /// Fingerprints rather than texts: eight bytes a line, and nobody's name. Two lines that share one by chance
    /// (one in 10^13 for a million lines) only get a higher occurrence.
    seen: HashMap<u64, u32>,
}

/// What a made number is made of.
pub(super) struct Facts<'a> {
    pub(super) family: &'a str,
    pub(super) account: &'a str,
    pub(super) paid_at: Instant,
    pub(super) amount: Fen,
    pub(super) payer: Option<&'a str>,
}

impl Maker {
    /// The time leads, as in real numbers, so that the unique index grows at its edge:
    /// `20230422000000-icbc-debit-9876-123456-李*-1`.
    pub(super) fn make(&mut self, facts: &Facts<'_>) -> String {
        let at = facts.paid_at.to_beijing();
        let day = facts.paid_at.business_day().to_number();
        let payer: String = mask(facts.payer.unwrap_or("-"))
            .chars()
            .filter(|c| !c.is_whitespace())
            .take(12)
            .collect();
        let base = format!(
            "{day}{:02}{:02}{:02}-{}-{}-{}-{payer}",
            at.hour(),
            at.minute(),
            at.second(),
            facts.family,
            facts.account,
            facts.amount.get(),
        );
        let mut hasher = DefaultHasher::new();
        base.hash(&mut hasher);
        let occurrence = self.seen.entry(hasher.finish()).or_insert(0);
        *occurrence += 1;
        format!("{base}-{occurrence}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(kind: Kind, text: &str) -> Cell<'_> {
        Cell {
            column: 0,
            kind,
            text,
            formula: None,
        }
    }

    #[test]
    fn a_number_stays_text_and_one_that_lost_digits_is_refused() {
        let text = |t| read(cell(Kind::Text, t));
        assert_eq!(
            text("0102202001242359400081753152"),
            Ok(Some("0102202001242359400081753152".to_owned()))
        );
        assert_eq!(text("=\"0012\""), Ok(Some("0012".to_owned())));
        assert_eq!(text("2xxxxxx9"), Ok(Some("2xxxxxx9".to_owned())));
        assert_eq!(text("20E5"), Ok(Some("20E5".to_owned())));
        assert_eq!(text("/"), Ok(None));
        assert_eq!(text("1.02202E+26"), Err(RefuseReason::TradeNoLostDigits));
        assert_eq!(read(cell(Kind::Number, "3985734")), Ok(Some("3985734".to_owned())));
        assert_eq!(
            read(cell(Kind::Number, "1.0220200124236E+26")),
            Err(RefuseReason::TradeNoLostDigits)
        );
        assert_eq!(
            read(cell(Kind::Number, "1234567890123456")),
            Err(RefuseReason::TradeNoLostDigits)
        );
    }

    #[test]
    fn equal_lines_get_numbers_that_differ_only_by_their_occurrence() {
        let paid_at = Instant::parse_rfc3339("2023-04-21T16:00:00Z").expect("valid");
        let facts = Facts {
            family: "icbc-debit",
            account: "9876",
            paid_at,
            amount: Fen::new(123_456),
            payer: Some("李四"),
        };
        let mut maker = Maker::default();
        assert_eq!(maker.make(&facts), "20230422000000-icbc-debit-9876-123456-李*-1");
        assert_eq!(maker.make(&facts), "20230422000000-icbc-debit-9876-123456-李*-2");
        assert_eq!(
            Maker::default().make(&facts),
            "20230422000000-icbc-debit-9876-123456-李*-1"
        );
    }
}
