//! Parameters on the wire: the text that is signed, forms read byte by byte, times and titles as Alipay writes them.

use std::collections::BTreeMap;

use kernel::Instant;
use kernel::clock::BEIJING;
use time::{PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// Parameters of a request, in the order in which they are signed.
pub(super) type Params = BTreeMap<String, String>;

/// `2026-05-08 09:30:00`, Beijing time.
const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
/// The longest title that is sent; Alipay takes 256 characters.
const TITLE_CHARS_MAX: usize = 120;
/// Fields of one form: a notice has about thirty.
const FIELDS_MAX: usize = 100;

/// The text that a request's signature covers: `key=value` joined by `&`, empty values and `sign` left out.
pub(super) fn signed_text(params: &Params) -> String {
    let kept = params.iter().filter(|(key, value)| *key != "sign" && !value.is_empty());
    let pairs: Vec<String> = kept.map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join("&")
}

/// As a query or a form's body.
pub(super) fn encoded<'a>(params: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish()
}

/// A moment as Alipay writes it.
pub(super) fn moment(at: Instant) -> String {
    at.to_beijing().format(MOMENT).unwrap_or_default()
}

/// A moment as Alipay writes it, with or without a fraction of a second.
pub(super) fn read_moment(text: &str) -> Option<Instant> {
    let whole = text.trim().get(..19)?;
    let at = PrimitiveDateTime::parse(whole, MOMENT).ok()?;
    Some(Instant::from_datetime(at.assume_offset(BEIJING)))
}

/// A title without the characters that Alipay refuses in one (`/`, `=`, `&`), cut where it is too long.
pub(super) fn title(text: &str) -> String {
    let plain = |c: char| {
        if matches!(c, '/' | '=' | '&') || c.is_control() {
            ' '
        } else {
            c
        }
    };
    text.chars().map(plain).take(TITLE_CHARS_MAX).collect()
}

/// A form as it came, percent signs resolved to bytes, so that a signature over another charset can be checked.
pub(super) struct Form(Vec<(String, Vec<u8>)>);

impl Form {
    /// Reads a form or query; `None` when a key is no plain text or a field stands twice.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let key = String::from_utf8(resolved(&pair[..at])?).ok()?;
            let value = resolved(pair.get(at + 1..).unwrap_or_default())?;
            // A key that stands twice could be read in one way and signed in the other.
            if fields.len() == FIELDS_MAX || fields.iter().any(|(known, _)| *known == key) {
                return None;
            }
            fields.push((key, value));
        }
        fields.sort_by(|one, other| one.0.cmp(&other.0));
        Some(Self(fields))
    }

    /// Takes a field out.
    pub(super) fn remove(&mut self, key: &str) {
        self.0.retain(|(known, _)| known != key);
    }

    /// The bytes that a notice's signature covers: all fields but `sign` and `sign_type`, sorted, empty ones left out.
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for (key, value) in &self.0 {
            if key == "sign" || key == "sign_type" || value.is_empty() {
                continue;
            }
            if !text.is_empty() {
                text.push(b'&');
            }
            text.extend_from_slice(key.as_bytes());
            text.push(b'=');
            text.extend_from_slice(value);
        }
        text
    }

    /// A field as text in the form's own charset; `None` when it is absent, empty or no text.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let raw = self.raw(key).filter(|raw| !raw.is_empty())?;
        let charset = self.raw("charset").unwrap_or(b"utf-8");
        let encoding = encoding_rs::Encoding::for_label(charset)?;
        let text = encoding.decode_without_bom_handling_and_without_replacement(raw)?;
        Some(text.into_owned())
    }

    fn raw(&self, key: &str) -> Option<&[u8]> {
        self.0
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.as_slice())
    }
}

/// Percent signs and pluses resolved; `None` for a broken one.
fn resolved(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
                digit(rest.next()?)? << 4 | digit(rest.next()?)?
            }
            other => other,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_over_its_sorted_parameters_without_empty_ones() {
        let params: Params = [("b", "2"), ("a", "一 = 1"), ("sign", "x"), ("c", "")]
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        assert_eq!(signed_text(&params), "a=一 = 1&b=2");
    }

    #[test]
    fn a_form_is_read_in_its_own_charset_and_signed_over_its_bytes() {
        let form = Form::read(b"subject=%BE%E8%BF%EE+1&charset=GBK&sign=s%3D&sign_type=RSA2&body=").expect("a form");
        assert_eq!(form.text("subject").as_deref(), Some("捐款 1"));
        assert_eq!(form.text("sign").as_deref(), Some("s="));
        assert_eq!(form.text("body"), None);
        assert_eq!(form.signed_bytes(), b"charset=GBK&subject=\xBE\xE8\xBF\xEE 1");
    }

    #[test]
    fn a_form_with_a_field_twice_or_a_broken_percent_sign_is_none() {
        for body in ["a=1&a=2", "a=%4", "a=%zz", "%ff=1"] {
            assert!(Form::read(body.as_bytes()).is_none(), "{body}");
        }
    }

    #[test]
    fn moments_are_beijings_and_titles_lose_what_alipay_refuses() {
        let at = read_moment("2026-05-08 08:00:00.123").expect("a moment");
        assert_eq!(at.to_rfc3339(), "2026-05-08T00:00:00Z");
        assert_eq!(moment(at), "2026-05-08 08:00:00");
        assert_eq!(read_moment("2026-05-08"), None);
        assert_eq!(title("A/B=C&D"), "A B C D");
    }
}
