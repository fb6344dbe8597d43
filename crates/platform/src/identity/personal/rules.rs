//! What a personal field looks like, and how it is masked: pure.

use crate::identity::actions::Personal;
use crate::identity::error::IdentityError;

/// The longest telephone with its blanks.
const PHONE_CHARS_MAX: usize = 24;
/// The longest name on a card.
const NAME_CHARS_MAX: usize = 64;
/// RFC 5321.
const EMAIL_CHARS_MAX: usize = 254;

/// What is to be changed: a text puts it there, an empty one removes it, nothing leaves it. No `Debug`.
#[derive(Clone, Default)]
pub struct Change {
    /// The name on the card.
    pub real_name: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
    /// The e-mail.
    pub email: Option<String>,
}

/// What stands after a change, and the words of the fields that differ.
///
/// # Errors
/// [`IdentityError::Field`] with the field at fault.
pub fn changed(before: &Personal, change: &Change) -> Result<(Personal, Vec<&'static str>), IdentityError> {
    let after = Personal {
        real_name: field("real_name", &change.real_name, before.real_name.as_ref(), is_name)?,
        phone: field("phone", &change.phone, before.phone.as_ref(), is_phone)?,
        email: field("email", &change.email, before.email.as_ref(), is_email)?,
    };
    let differ = [
        ("real_name", before.real_name != after.real_name),
        ("phone", before.phone != after.phone),
        ("email", before.email != after.email),
    ];
    let fields = differ.into_iter().filter(|(_, differs)| *differs);
    Ok((after, fields.map(|(name, _)| name).collect()))
}

fn field(
    name: &'static str,
    wanted: &Option<String>,
    before: Option<&String>,
    fits: fn(&str) -> bool,
) -> Result<Option<String>, IdentityError> {
    match wanted.as_deref().map(str::trim) {
        None => Ok(before.cloned()),
        Some("") => Ok(None),
        Some(text) if fits(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(IdentityError::Field {
            field: name,
            why: match name {
                "phone" => "a telephone of 7 to 15 digits is expected",
                "email" => "an e-mail is expected",
                _ => "1 to 64 characters on one line are expected",
            },
        }),
    }
}

fn is_name(text: &str) -> bool {
    text.chars().count() <= NAME_CHARS_MAX && !text.chars().any(char::is_control)
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let known = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' '));
    (7..=15).contains(&digits) && known && text.len() <= PHONE_CHARS_MAX
}

fn is_email(text: &str) -> bool {
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let parts = text.split_once('@');
    let parted = parts.is_some_and(|(who, at)| !who.is_empty() && at.contains('.') && !at.contains('@'));
    plain && parted && text.len() <= EMAIL_CHARS_MAX
}

/// The same, as it may be shown: a first character, a telephone's ends, an e-mail's house.
pub fn masked(open: &Personal) -> Personal {
    Personal {
        real_name: open.real_name.as_deref().map(first_alone),
        phone: open.phone.as_deref().map(ends_alone),
        email: open.email.as_deref().map(|text| match text.split_once('@') {
            Some((who, at)) => format!("{}@{at}", first_alone(who)),
            None => first_alone(text),
        }),
    }
}

fn first_alone(text: &str) -> String {
    let first = text.chars().next().map(String::from).unwrap_or_default();
    format!("{first}**")
}

fn ends_alone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let (head, tail) = if digits.len() >= 11 { (3, 4) } else { (0, 2) };
    let hidden = digits.len().saturating_sub(head + tail);
    let shown = |part: &[char]| part.iter().collect::<String>();
    let (before, after) = (shown(&digits[..head]), shown(&digits[head + hidden..]));
    format!("{before}{}{after}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Personal {
        Personal {
            real_name: Some("王小明".into()),
            phone: Some("13800000001".into()),
            email: None,
        }
    }

    fn change(phone: &str, email: &str) -> Change {
        Change {
            real_name: None,
            phone: Some(phone.to_owned()),
            email: Some(email.to_owned()),
        }
    }

    #[test]
    fn what_is_said_changes_an_empty_text_removes_and_silence_leaves() {
        let (after, fields) = changed(&known(), &change("", "wang@example.test")).expect("a change");
        assert_eq!(after.real_name.as_deref(), Some("王小明"));
        assert_eq!((after.phone, after.email.as_deref()), (None, Some("wang@example.test")));
        assert_eq!(fields, ["phone", "email"]);
        for (phone, email) in [
            ("123", ""),
            ("telephone", ""),
            ("", "wang"),
            ("", "a@b@c.d"),
            ("", "a b@c.d"),
        ] {
            let refused = changed(&known(), &change(phone, email));
            assert!(matches!(refused, Err(IdentityError::Field { .. })), "{phone} {email}");
        }
    }

    #[test]
    fn a_masked_field_tells_nobody_who_it_is() {
        let shown = masked(&Personal {
            email: Some("wang@example.test".into()),
            ..known()
        });
        assert_eq!(shown.real_name.as_deref(), Some("王**"));
        assert_eq!(shown.phone.as_deref(), Some("138****0001"));
        assert_eq!(shown.email.as_deref(), Some("w**@example.test"));
        assert_eq!(ends_alone("12"), "12");
    }
}
