//! Decisions about codes: pure functions of values.

use kernel::{Instant, Rng};
use platform::Keys;
use ring::digest;

use super::model::{AskId, CODE_DIGITS, CODE_PAUSE_MICROS, CODES_PER_HOUR, Contact, ContactKind};
use crate::donations::intake::phone_index;
use crate::donor_way::rules::{email, phone};

/// An hour.
pub(super) const HOUR_MICROS: i64 = 3_600 * 1_000_000;

/// Reads a telephone or an e-mail.
pub fn contact(text: &str) -> Option<Contact> {
    let (kind, text) = if text.contains('@') {
        (ContactKind::Email, email(text).ok()??)
    } else {
        (ContactKind::Phone, phone(text).ok()??)
    };
    Some(Contact { kind, text })
}

/// The blind index of a contact: of a telephone the gift's own, of an e-mail the order's.
pub fn index(keys: &Keys, contact: &Contact) -> Vec<u8> {
    match contact.kind {
        ContactKind::Phone => phone_index(keys, &contact.text),
        ContactKind::Email => keys.blind_index("donor.email", &contact.text),
    }
}

/// A new code. A million is no multiple of two, but 2⁶⁴ is so large that no digit is likelier by anything that counts.
pub fn new_code(rng: &dyn Rng) -> String {
    let bound = 10_u64.pow(u32::try_from(CODE_DIGITS).unwrap_or(6));
    format!("{:0width$}", rng.below(bound), width = CODE_DIGITS)
}

/// What is kept of a code: keyed and bound to its asking, since a million codes are soon tried.
pub fn code_hash(keys: &Keys, ask: AskId, code: &str) -> Vec<u8> {
    let ask = kernel::id::hex(&kernel::id::Id::bytes(ask));
    keys.blind_index("my gifts code", &format!("{ask}/{code}"))
}

/// What is kept of a session's cookie.
pub fn session_hash(cookie: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, cookie.as_bytes()).as_ref().to_vec()
}

/// Whether a contact may have another code now: `times` are those of the last hour.
pub fn may_ask(times: &[Instant], now: Instant) -> bool {
    let pause = times.iter().any(|at| now.micros() - at.micros() < CODE_PAUSE_MICROS);
    !pause && i64::try_from(times.len()).unwrap_or(i64::MAX) < CODES_PER_HOUR
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRng;

    #[test]
    fn a_contact_is_a_telephone_or_an_address() {
        let phone = contact(" +86 138-0000-0000").expect("a telephone");
        assert!(phone.kind == ContactKind::Phone && phone.text == "13800000000");
        let mail = contact("Donor@Example.org").expect("an address");
        assert!(mail.kind == ContactKind::Email && mail.text == "donor@example.org");
        for text in ["", "张三", "138", "a@b", "@"] {
            assert!(contact(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_code_has_six_digits_and_its_hash_belongs_to_one_asking() {
        let rng = SeededRng::new(9);
        let keys = Keys::from_file(&Keys::new_file(&rng)).expect("keys");
        for _ in 0..100 {
            let code = new_code(&rng);
            assert!(
                code.len() == CODE_DIGITS && code.bytes().all(|b| b.is_ascii_digit()),
                "{code}"
            );
        }
        let [one, two] = [1, 2].map(|n| kernel::id::Id::from_bytes([n; 16]));
        assert_eq!(code_hash(&keys, one, "123456"), code_hash(&keys, one, "123456"));
        assert_ne!(code_hash(&keys, one, "123456"), code_hash(&keys, two, "123456"));
        assert_ne!(code_hash(&keys, one, "123456"), code_hash(&keys, one, "123457"));
    }

    #[test]
    fn a_contact_gets_a_code_a_minute_and_five_an_hour() {
        let at = |seconds: i64| Instant::from_micros(seconds * 1_000_000);
        assert!(may_ask(&[], at(0)));
        assert!(!may_ask(&[at(0)], at(59)));
        assert!(may_ask(&[at(0)], at(60)));
        let five: Vec<Instant> = (0..5).map(|n| at(n * 60)).collect();
        assert!(!may_ask(&five, at(600)));
        assert!(may_ask(&five[1..], at(600)));
    }
}
