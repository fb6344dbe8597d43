//! The little of DER that keys and certificates need: one value after the other, nothing owned.

use kernel::Instant;
use time::{Date, PrimitiveDateTime, Time};

/// A cursor over DER values.
#[derive(Clone, Copy)]
pub(super) struct Der<'a>(&'a [u8]);

/// One value.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    /// Its tag.
    pub tag: u8,
    /// Its content.
    pub content: &'a [u8],
    /// Tag, length and content: what a signature covers.
    pub whole: &'a [u8],
}

/// `INTEGER`.
pub(super) const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub(super) const BIT_STRING: u8 = 0x03;
/// `OBJECT IDENTIFIER`.
pub(super) const OBJECT_ID: u8 = 0x06;
/// `UTCTime`, with a year of two digits.
pub(super) const UTC_TIME: u8 = 0x17;
/// `GeneralizedTime`, with a year of four.
pub(super) const GENERALIZED_TIME: u8 = 0x18;
/// `SEQUENCE`.
pub(super) const SEQUENCE: u8 = 0x30;
/// `SET`.
pub(super) const SET: u8 = 0x31;
/// The version of a certificate.
pub(super) const VERSION: u8 = 0xa0;

impl<'a> Der<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next value; `None` at the end or when what follows is no DER.
    pub(super) fn next(&mut self) -> Option<Value<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = digits.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                (length, rest)
            }
            _ => return None,
        };
        let (content, after) = rest.split_at_checked(length)?;
        let whole = &self.0[..self.0.len() - after.len()];
        self.0 = after;
        Some(Value { tag, content, whole })
    }

    /// The next value, when it has this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<Value<'a>> {
        self.next().filter(|value| value.tag == tag)
    }
}

impl<'a> Value<'a> {
    /// What is inside.
    pub(super) const fn inside(&self) -> Der<'a> {
        Der::new(self.content)
    }

    /// The bytes of a bit string that holds whole bytes.
    pub(super) fn bits(&self) -> Option<&'a [u8]> {
        match self.content.split_first() {
            Some((0, bytes)) if self.tag == BIT_STRING => Some(bytes),
            _ => None,
        }
    }
}

/// rsaEncryption, 1.2.840.113549.1.1.1.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// The RSA key (PKCS#1) in a public key's usual wrapping (SubjectPublicKeyInfo); `None` for another kind of key.
pub(super) fn rsa_key(info: Value<'_>) -> Option<&[u8]> {
    let mut parts = info.inside();
    let algorithm = parts.take(SEQUENCE)?.inside().take(OBJECT_ID)?;
    let key = parts.take(BIT_STRING)?.bits()?;
    (algorithm.content == RSA_ENCRYPTION).then_some(key)
}

/// A time of a certificate: always UTC, always with seconds.
pub(super) fn time(value: Value<'_>) -> Option<Instant> {
    let text = std::str::from_utf8(value.content).ok()?.strip_suffix('Z')?;
    let text = match value.tag {
        // RFC 5280: below 50 is this century.
        UTC_TIME if text.len() == 12 => format!("{}{text}", if text < "5" { "20" } else { "19" }),
        GENERALIZED_TIME if text.len() == 14 => text.to_owned(),
        _ => return None,
    };
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    let month = time::Month::try_from(number(4, 6)?).ok()?;
    let date = Date::from_calendar_date(text.get(..4)?.parse().ok()?, month, number(6, 8)?).ok()?;
    let time = Time::from_hms(number(8, 10)?, number(10, 12)?, number(12, 14)?).ok()?;
    Some(Instant::from_datetime(PrimitiveDateTime::new(date, time).assume_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_one_after_the_other_and_a_cut_one_is_none() {
        let bytes = [0x02, 0x01, 0x05, 0x30, 0x81, 0x03, 0x02, 0x01, 0x07];
        let mut der = Der::new(&bytes);
        assert_eq!(der.take(INTEGER).map(|v| v.content), Some(&[5_u8][..]));
        let list = der.take(SEQUENCE).expect("a sequence with a long length");
        assert_eq!(list.inside().next().map(|v| v.content), Some(&[7_u8][..]));
        assert!(der.next().is_none());
        assert!(Der::new(&bytes[3..8]).next().is_none(), "shorter than it says");
        assert!(
            Der::new(&[0x30, 0x85, 1, 1, 1, 1, 1]).next().is_none(),
            "longer than any key"
        );
    }

    #[test]
    fn both_kinds_of_time_are_read() {
        let value = |tag, content: &'static [u8]| Value {
            tag,
            content,
            whole: content,
        };
        let late = time(value(UTC_TIME, b"261122000000Z")).map(Instant::to_rfc3339);
        assert_eq!(late.as_deref(), Some("2026-11-22T00:00:00Z"));
        let early = time(value(UTC_TIME, b"991231235959Z")).map(Instant::to_rfc3339);
        assert_eq!(early.as_deref(), Some("1999-12-31T23:59:59Z"));
        let long = time(value(GENERALIZED_TIME, b"20510101000000Z")).map(Instant::to_rfc3339);
        assert_eq!(long.as_deref(), Some("2051-01-01T00:00:00Z"));
        assert_eq!(time(value(UTC_TIME, b"2611220000Z")), None);
    }
}
