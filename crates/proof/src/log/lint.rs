//! The last look at an entry before it can never be taken back: nothing like a name, a telephone number or an id.
//!
//! The vocabulary has no field for such things; this catches the mistake of whoever widens it.

use serde_json::Value;

use super::leaf::{LeafError, PublicId};
use crate::tlog::Hash;

/// Keys whose values are numbers of money, pieces or entries, of any length.
const AMOUNTS: [&str; 12] = [
    "amt",
    "diff",
    "given",
    "gifts",
    "matched",
    "matches",
    "qty",
    "refunded",
    "refunds",
    "size",
    "sum",
    "unmatched",
];
/// Digits of a mobile telephone number, and of a citizen's id.
const PHONE_DIGITS: usize = 11;
const ID_DIGITS: usize = 17;
/// The longest value: a hash in base64.
const VALUE_CHARS_MAX: usize = 44;

/// Looks at every text of an entry.
///
/// # Errors
/// [`LeafError::Personal`].
pub fn check(value: &Value) -> Result<(), LeafError> {
    match value {
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            text(key)?;
            match value {
                Value::String(number) if AMOUNTS.contains(&key.as_str()) => amount(number),
                other => check(other),
            }
        }),
        Value::Array(list) => list.iter().try_for_each(check),
        Value::String(value) => text(value),
        Value::Number(number) if number.as_u64().is_some_and(|n| n < 1000) => Ok(()),
        _ => Err(LeafError::Personal("a number outside an amount")),
    }
}

/// Looks at a number written as text.
///
/// # Errors
/// [`LeafError::Personal`].
pub(super) fn amount(number: &str) -> Result<(), LeafError> {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if !digits.is_empty() && digits.len() <= 19 && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err(LeafError::Personal("something else in the place of an amount"))
    }
}

/// Looks at any other text.
///
/// # Errors
/// [`LeafError::Personal`].
pub(super) fn text(value: &str) -> Result<(), LeafError> {
    if value.len() > VALUE_CHARS_MAX {
        return Err(LeafError::Personal("a free text"));
    }
    if value.len() == VALUE_CHARS_MAX && Hash::from_base64(value).is_ok() {
        return Ok(());
    }
    // An enciphered id is 128 bits that look like chance: one in many billions has a long run of digits.
    if PublicId::new(value).is_ok() {
        return Ok(());
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+' | b'/' | b'=');
    if !value.bytes().all(plain) {
        return Err(LeafError::Personal("a name or a free text"));
    }
    let runs = value.split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '_' | '.'));
    for run in runs {
        let digits: Vec<u8> = run.bytes().filter(u8::is_ascii_digit).collect();
        if digits.len() >= ID_DIGITS {
            return Err(LeafError::Personal("a citizen’s id or an account"));
        }
        let phone = |d: &[u8]| d[0] == b'1' && (b'3'..=b'9').contains(&d[1]);
        if digits.windows(PHONE_DIGITS).any(phone) {
            return Err(LeafError::Personal("a telephone number"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_looks_personal_is_stopped_wherever_it_stands() {
        // Numbers are put together here so that no file holds one.
        let phone = ["138", "0013", "8000"].concat();
        let dashed = ["138", "-0013", "-8000"].concat();
        let id = ["371302", "1990", "0101", "123", "4"].concat();
        for value in [
            json!({ "note": "张三" }),
            json!({ "note": "Zhang San" }),
            json!({ "proj": &phone }),
            json!({ "members": [{ "id": dashed }] }),
            json!({ "id": format!("a{id}") }),
            json!({ "id": format!("{}x", &id[..17]) }),
            json!({ "张三": "a" }),
            json!({ "id": "a".repeat(45) }),
            json!({ "amt": "1@2" }),
            json!({ "amt": "12345678901234567890" }),
            json!({ "n": 13_800_138_000_u64 }),
            json!([true]),
        ] {
            assert!(matches!(check(&value), Err(LeafError::Personal(_))), "{value}");
        }
    }

    #[test]
    fn what_entries_hold_passes() {
        let phone_like_amount = ["138", "0013", "8000"].concat();
        let value = json!({
            "v": 1, "t": "donation.received", "id": "abcdefghijklmnopqrstuvwxyz", "day": "2026-11-22", "chan": "wechat",
            "amt": phone_like_amount, "c": { "donor": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
        });
        assert_eq!(check(&value), Ok(()));
    }
}
