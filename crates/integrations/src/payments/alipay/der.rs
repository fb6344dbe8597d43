//! The little of DER that keys and certificates need: one value after the other, nothing owned.

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
            0x81..=0x83 => {
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
}
