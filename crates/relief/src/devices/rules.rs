//! Decisions about phones and what they sign. Pure.

use std::collections::BTreeSet;

use kernel::Instant;
use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use super::model::{Digest, Record, RecordKind};
use crate::boxes::model::of_label;
use crate::dispatch::drawing::Drawing;
use crate::error::{ReliefError, invalid};
use crate::stock::rules::check_text;

/// Records of one batch: a phone with more sends more batches.
pub const RECORDS_MAX: usize = 100;
/// Bytes of one record's text.
pub const RECORD_BYTES_MAX: usize = 4_096;
/// An uncompressed point of P-256.
const POINT_BYTES: usize = 65;
/// The first byte of an uncompressed point.
const UNCOMPRESSED: u8 = 4;
/// r and s.
const SIGNATURE_BYTES: usize = 64;
/// A phone's clock lies between 2000 and 2200: outside it is broken, and nothing can be learned from it.
const CLOCK_MS: std::ops::Range<i64> = 946_684_800_000..7_258_118_400_000;
/// Lines that one record says something of.
const CAME_MAX: usize = 1_000;
/// Gaps that an answer names.
const GAPS_MAX: usize = 20;
/// What an app of ours makes a JPEG of at most.
pub const PHOTO_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Characters of a record's key: with the phone's id before it, it still fits where movements keep theirs.
const KEY_CHARS_MAX: usize = 64;
/// Digits of a SHA-256.
const DIGEST_CHARS: usize = 64;

/// The text that a phone signs.
pub fn signed_text(record: &Record) -> String {
    // The fields stand in the order of the alphabet in the type itself; a text never fails to be written.
    serde_json::to_string(record).unwrap_or_default()
}

/// The text that a phone signs to prove that it holds the key it brings.
pub fn enrolment_text(unit: &str, public_key: &str) -> String {
    format!("shanqiao-phone/{unit}/{public_key}")
}

/// The SHA-256 of bytes.
pub fn sha256(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// A SHA-256 in hexadecimal.
pub fn digest_of(text: &str) -> Option<Digest> {
    let lower = text.len() == DIGEST_CHARS && !text.chars().any(|c| c.is_ascii_uppercase());
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
    lower.then(|| bytes.try_into().ok()).flatten()
}

/// Whether these bytes can be a public key.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_key(public_key: &[u8]) -> Result<(), ReliefError> {
    if public_key.len() == POINT_BYTES && public_key.first() == Some(&UNCOMPRESSED) {
        Ok(())
    } else {
        Err(invalid("public_key", "an uncompressed point of P-256 is expected"))
    }
}

/// Whether this key signed this text.
///
/// # Errors
/// [`ReliefError::Signature`].
pub fn verify(public_key: &[u8], text: &str, signature: &[u8]) -> Result<(), ReliefError> {
    if signature.len() != SIGNATURE_BYTES {
        return Err(ReliefError::Signature);
    }
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key)
        .verify(text.as_bytes(), signature)
        .map_err(|_| ReliefError::Signature)
}

/// A phone's moment.
///
/// # Errors
/// [`ReliefError::Invalid`] outside this and the next centuries.
pub fn device_time(ms: i64) -> Result<Instant, ReliefError> {
    if CLOCK_MS.contains(&ms) {
        Ok(Instant::from_micros(ms * 1_000))
    } else {
        Err(invalid("device_at_ms", "the phone's clock is off by centuries: set it"))
    }
}

/// This house's clock less the phone's.
pub const fn offset_ms(now: Instant, sent_at_ms: i64) -> i64 {
    (now.micros() / 1_000).saturating_sub(sent_at_ms)
}

/// When something happened by this house's clock, as well as can be said.
pub const fn reckoned(device_at: Instant, offset_ms: i64) -> Instant {
    device_at.plus_micros(offset_ms.saturating_mul(1_000))
}

/// Checks the shape of a record; gives what it records.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_record(record: &Record, device: &str) -> Result<RecordKind, ReliefError> {
    if record.device != device {
        return Err(ReliefError::Signature);
    }
    if record.seq < 1 {
        return Err(invalid("seq", "1, 2, 3 … is expected"));
    }
    check_text("key", &record.key, 1)?;
    if record.key.chars().count() > KEY_CHARS_MAX {
        return Err(invalid("key", "at most 64 characters are expected"));
    }
    check_text("note", &record.note, 0)?;
    check_text("item", &record.item, 0)?;
    check_text("donor", &record.donor, 0)?;
    check_text("signer", &record.signer, 0)?;
    check_text("taker_code", &record.taker_code, 0)?;
    Drawing::of(&record.drawn)?;
    check_text("unit_word", &record.unit_word, 0)?;
    device_time(record.device_at_ms)?;
    if record.came.len() > CAME_MAX {
        return Err(invalid("came", "at most 1,000 lines are expected"));
    }
    record
        .kind
        .parse()
        .map_err(|_| invalid("kind", "one of the documented kinds is expected"))
}

/// What was scanned or typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned<'a> {
    /// Nothing.
    Nothing,
    /// The number on a label.
    Label((i64, i64)),
    /// The number of an order.
    Order((i64, i64)),
    /// A public id.
    Public(&'a str),
}

/// Reads what was scanned: `X2026-000001` is a label, `2026-0001` an order, everything else a public id.
pub fn scanned(code: &str) -> Scanned<'_> {
    let code = code.trim();
    let lettered = code
        .chars()
        .next()
        .is_some_and(|c| matches!(c.to_ascii_uppercase(), 'X' | 'T' | 'C'));
    match of_label(code) {
        _ if code.is_empty() => Scanned::Nothing,
        Some(number) if lettered => Scanned::Label(number),
        Some(number) => Scanned::Order(number),
        None => Scanned::Public(code),
    }
}

/// Numbers that never came. `seqs` are those above `whole` that are here; gives up to which number all are here, and the
/// first gaps.
pub fn gaps(whole: i64, seqs: &BTreeSet<i64>) -> (i64, Vec<(i64, i64)>) {
    let (mut upto, mut found, mut next) = (whole, Vec::new(), whole.saturating_add(1));
    for seq in seqs.range(next..) {
        if *seq > next && found.len() < GAPS_MAX {
            found.push((next, seq - 1));
        }
        next = seq.saturating_add(1);
        if found.is_empty() {
            upto = *seq;
        }
    }
    (upto, found)
}

/// Whether these bytes are a JPEG that says nothing of where and by what it was taken: our app draws each picture anew, so
/// that neither Exif nor a comment is left.
///
/// # Errors
/// [`ReliefError::PhotoUnfit`].
pub fn check_plain_jpeg(bytes: &[u8]) -> Result<(), ReliefError> {
    const START_OF_SCAN: u8 = 0xda;
    let mut rest = bytes
        .strip_prefix(&[0xff, 0xd8])
        .ok_or(ReliefError::PhotoUnfit("not a JPEG"))?;
    loop {
        let [0xff, marker, high, low, tail @ ..] = rest else {
            return Err(ReliefError::PhotoUnfit("cut off"));
        };
        match *marker {
            START_OF_SCAN => return Ok(()),
            // APP1 holds Exif and XMP, APP13 the press's fields, COM a comment.
            0xe1 | 0xed | 0xfe => return Err(ReliefError::PhotoUnfit("it says more than the picture")),
            _ => {}
        }
        let length = usize::from(*high) << 8 | usize::from(*low);
        rest = length
            .checked_sub(2)
            .and_then(|inner| tail.get(inner..))
            .ok_or(ReliefError::PhotoUnfit("cut off"))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devices::model::Came;

    /// What the app signs of the same record: `console/test/phone.test.ts` holds the same text.
    const SIGNED: &str = r#"{"came":[{"n":1,"quantity":9}],"code":"X2026-000001","device":"aaaaaaaaaaaaaaaaaaaaaaaaaa","device_at_ms":1778198400000,"key":"k1","kind":"received","note":"一箱受潮 “湿”","place":"bbbbbbbbbbbbbbbbbbbbbbbbbb","quantity":9,"seq":3,"unit_word":"箱"}"#;

    fn record() -> Record {
        Record {
            came: vec![Came { n: 1, quantity: 9 }],
            code: "X2026-000001".into(),
            device: "a".repeat(26),
            device_at_ms: 1_778_198_400_000,
            key: "k1".into(),
            kind: "received".into(),
            note: "一箱受潮 “湿”".into(),
            place: "b".repeat(26),
            quantity: Some(9),
            seq: 3,
            unit_word: "箱".into(),
            ..Record::default()
        }
    }

    #[test]
    fn the_signed_text_is_what_the_phone_writes_too() {
        assert_eq!(signed_text(&record()), SIGNED);
        assert_eq!(serde_json::from_str::<Record>(SIGNED).expect("read"), record());
        let names: Vec<&str> = SIGNED.split('"').collect();
        assert!(!names.contains(&"into"), "what is empty is left out");
        let drawn = Record {
            drawn: "10,20 90,60".into(),
            ..record()
        };
        let with = SIGNED.replace(r#""key""#, r#""drawn":"10,20 90,60","key""#);
        assert_eq!(signed_text(&drawn), with);
        let unannounced = Record {
            certificate: true,
            donor: "示例".into(),
            expires_on: "2027-05-08".into(),
            item: "棉被".into(),
            ..drawn
        };
        let with = with
            .replace(r#""code""#, r#""certificate":true,"code""#)
            .replace(r#""drawn""#, r#""donor":"示例","drawn""#)
            .replace(r#""key""#, r#""expires_on":"2027-05-08","item":"棉被","key""#);
        assert_eq!(signed_text(&unannounced), with);
    }

    #[test]
    fn a_record_of_another_phone_and_a_clock_of_another_century_are_refused() {
        let device = "a".repeat(26);
        assert!(matches!(check_record(&record(), &device), Ok(RecordKind::Received)));
        let other = check_record(&record(), &"c".repeat(26));
        assert!(matches!(other, Err(ReliefError::Signature)));
        let broken = Record {
            device_at_ms: 0,
            ..record()
        };
        assert!(check_record(&broken, &device).is_err());
        let unknown = Record {
            kind: "approve".into(),
            ..record()
        };
        assert!(check_record(&unknown, &device).is_err(), "a phone approves nothing");
        let markup = Record {
            drawn: "<svg/>".into(),
            ..record()
        };
        assert!(check_record(&markup, &device).is_err(), "strokes and nothing else");
    }

    #[test]
    fn labels_orders_and_ids_are_told_apart() {
        assert_eq!(scanned(" x2026-42 "), Scanned::Label((2026, 42)));
        assert_eq!(scanned("2026-0001"), Scanned::Order((2026, 1)));
        assert_eq!(scanned("abc"), Scanned::Public("abc"));
        assert_eq!(scanned(" "), Scanned::Nothing);
    }

    #[test]
    fn gaps_are_told_and_what_is_whole_moves_on() {
        let seqs = |list: &[i64]| list.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(gaps(0, &seqs(&[1, 2, 3])), (3, vec![]));
        assert_eq!(gaps(3, &seqs(&[5, 6, 9])), (3, vec![(4, 4), (7, 8)]));
        assert_eq!(gaps(3, &seqs(&[4, 6])), (4, vec![(5, 5)]));
        assert_eq!(gaps(3, &seqs(&[])), (3, vec![]));
    }

    #[test]
    fn a_clock_that_is_behind_is_reckoned_forward() {
        let now = Instant::from_micros(1_778_198_400_000_000);
        let offset = offset_ms(now, 1_778_198_400_000 - 300_000);
        assert_eq!(offset, 300_000);
        let device_at = Instant::from_micros(now.micros() - 400_000_000);
        assert_eq!(reckoned(device_at, offset), now.plus_micros(-100_000_000));
    }

    #[test]
    fn a_picture_that_says_where_it_was_taken_is_refused() {
        let plain = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xda, 0, 2, 7];
        check_plain_jpeg(&plain).expect("plain");
        let mut exif = plain;
        exif[3] = 0xe1;
        for bytes in [&exif[..], &plain[..6], b"\x89PNG", b""] {
            assert!(check_plain_jpeg(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_digest_is_read_in_one_form_only() {
        let text = "ab".repeat(32);
        assert_eq!(digest_of(&text), Some([0xab; 32]));
        assert_eq!(digest_of(&text.to_uppercase()), None);
        assert_eq!(digest_of("ab"), None);
    }
}
