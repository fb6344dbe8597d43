//! Commitments: 32 bytes that fix a value without telling it, and the openings that show it.

use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::canonical;
use super::leaf::{Commitment, Field, LeafError, PublicId};
use crate::tlog::Hash;

const DOMAIN: &[u8] = b"Shanqiao.commit.v1";
/// The longest value that is committed to: a name with its titles, and room.
pub const VALUE_CHARS_MAX: usize = 400;

/// `HMAC-SHA256(r, domain ‖ 0 ‖ field ‖ 0 ‖ entry ‖ 0 ‖ JCS(value))`. `r` has 32 random bytes that only the holder of
/// the gift's secret has; naming the entry keeps a commitment from being copied to another.
///
/// # Errors
/// [`LeafError::Form`] when the value is too long.
pub fn commit(r: &[u8; 32], field: Field, entry: &PublicId, value: &str) -> Result<Commitment, LeafError> {
    if value.chars().count() > VALUE_CHARS_MAX {
        return Err(LeafError::Form("a committed value is too long"));
    }
    let text = canonical(&Value::from(value))?;
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, r));
    for part in [DOMAIN, field.as_str().as_bytes(), entry.as_str().as_bytes()] {
        context.update(part);
        context.update(&[0]);
    }
    context.update(text.as_bytes());
    let tag = Hash::from_slice(context.sign().as_ref());
    tag.map(Commitment)
        .ok_or(LeafError::Form("a commitment of another length"))
}

/// What shows a committed value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Which field.
    pub field: Field,
    /// The value.
    pub value: String,
    /// The 32 bytes, base64.
    pub r: String,
}

impl Opening {
    /// An opening.
    pub fn new(field: Field, value: String, r: &[u8; 32]) -> Self {
        Self {
            field,
            value,
            r: data_encoding::BASE64.encode(r),
        }
    }
    /// Whether it opens this commitment of this entry.
    pub fn opens(&self, commitment: &Commitment, entry: &PublicId) -> bool {
        let r = data_encoding::BASE64.decode(self.r.as_bytes()).ok();
        let r: Option<[u8; 32]> = r.and_then(|r| r.try_into().ok());
        r.is_some_and(|r| commit(&r, self.field, entry, &self.value).as_ref() == Ok(commitment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_is_the_one_that_another_program_computes() {
        // Python: hmac.new(bytes(range(32)), b"Shanqiao.commit.v1\0donor\0" + b"a"*26 + b"\0" + '"张三"'.encode(), sha256)
        let r: [u8; 32] = std::array::from_fn(|n| n as u8);
        let entry = PublicId::new(&"a".repeat(26)).expect("an id");
        let made = commit(&r, Field::Donor, &entry, "张三").expect("a commitment");
        assert_eq!(made.0.to_base64(), "sZlxo7hm3NlcGETiu0vLkT31BtzSfjRfEw/HEI+Lx9k=");
    }

    #[test]
    fn only_the_right_value_of_the_right_entry_opens() {
        let entry = PublicId::from_bytes(&[1; 16]);
        let commitment = commit(&[5; 32], Field::Donor, &entry, "李四").expect("a commitment");
        let opening = Opening::new(Field::Donor, "李四".into(), &[5; 32]);
        assert!(opening.opens(&commitment, &entry));
        let mut other = opening.clone();
        other.value = "李五".into();
        assert!(!other.opens(&commitment, &entry));
        assert!(!opening.opens(&commitment, &PublicId::from_bytes(&[2; 16])));
        assert!(!Opening::new(Field::Donor, "李四".into(), &[6; 32]).opens(&commitment, &entry));
        assert!(commit(&[5; 32], Field::Donor, &entry, &"x".repeat(401)).is_err());
    }
}
