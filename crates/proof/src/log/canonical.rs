//! The one text of a JSON value (RFC 8785), for the part of JSON that entries use: objects, lists, texts, small whole
//! numbers. Anything whose text could be argued about is refused.

use serde_json::Value;

use super::leaf::LeafError;

/// How deep entries and what is beside them nest.
const DEPTH_MAX: u32 = 8;
/// Above this, other readers of JSON round.
const INTEGER_MAX: i64 = 1 << 53;

/// The canonical text.
///
/// # Errors
/// [`LeafError::Form`] for floats, large numbers, booleans, nothings and deep nests.
pub fn canonical(value: &Value) -> Result<String, LeafError> {
    let mut text = String::with_capacity(256);
    write(value, DEPTH_MAX, &mut text)?;
    Ok(text)
}

fn write(value: &Value, depth: u32, out: &mut String) -> Result<(), LeafError> {
    let depth = depth.checked_sub(1).ok_or(LeafError::Form("it nests too deep"))?;
    match value {
        Value::String(text) => out.push_str(&Value::from(text.as_str()).to_string()),
        Value::Number(number) => {
            let whole = number.as_i64().filter(|n| (-INTEGER_MAX..=INTEGER_MAX).contains(n));
            let whole = whole.ok_or(LeafError::Form("a number is not a small whole one"))?;
            out.push_str(&whole.to_string());
        }
        Value::Array(list) => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, depth, out)?;
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (at, key) in keys.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(&map[key], depth, out)?;
            }
            out.push('}');
        }
        Value::Bool(_) | Value::Null => return Err(LeafError::Form("it holds true, false or null")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_ordered_by_their_utf16_units_and_texts_escaped_as_the_rfc_says() {
        // The sorting example of RFC 8785 §3.2.3, without the keys our entries cannot have.
        let value = json!({ "\u{20ac}": "Euro", "\r": "CR", "1": "One", "\u{80}": "Control", "\u{1f600}": "Smiley", "\u{f6}": "o" });
        let text = "{\"\\r\":\"CR\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"o\",\"\u{20ac}\":\"Euro\",\"\u{1f600}\":\"Smiley\"}";
        assert_eq!(canonical(&value).as_deref(), Ok(text));
        let escapes = json!("\u{8}\t\n\u{c}\r\"\\/\u{1f}善");
        assert_eq!(canonical(&escapes).as_deref(), Ok(r#""\b\t\n\f\r\"\\/\u001f善""#));
    }

    #[test]
    fn what_has_two_texts_is_refused() {
        for value in [
            json!(1.5),
            json!(9_007_199_254_740_993_i64),
            json!(u64::MAX),
            json!(true),
            json!(null),
        ] {
            assert!(canonical(&value).is_err(), "{value}");
        }
        let deep = (0..9).fold(json!(1), |inner, _| json!([inner]));
        assert!(canonical(&deep).is_err());
        assert_eq!(
            canonical(&json!({"b": [1, -2], "a": {}})).as_deref(),
            Ok(r#"{"a":{},"b":[1,-2]}"#)
        );
    }
}
