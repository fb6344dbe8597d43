//! Certificates of the certificate mode (公钥证书): their serial as Alipay counts it, their key, who signed them.

use data_encoding::BASE64;
use kernel::Instant;
use md5::{Digest as _, Md5};

use crate::payments::der::{self, Der, Value};
use crate::payments::keys::BadKey;
use crate::payments::rsa;

/// A certificate, read; nothing of it is believed before [`Certificate::is_signed_under`].
#[derive(Clone)]
pub struct Certificate {
    signed: Vec<u8>,
    signature: Vec<u8>,
    algorithm: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    issuer_text: String,
    subject: Vec<u8>,
    key: Option<Vec<u8>>,
    /// From when it holds.
    pub not_before: Instant,
    /// Until when it holds.
    pub not_after: Instant,
}

/// The most certificates one text may hold: Alipay's root file has four, a chain three.
const CERTIFICATES_MAX: usize = 16;
/// What the RSA signature algorithms begin with (1.2.840.113549.1.1).
const RSA_FAMILY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
/// sha256WithRSAEncryption.
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const UNREADABLE: BadKey = BadKey("a certificate cannot be read");
/// The longest way from a certificate to a root.
const CHAIN_MAX: usize = 4;

impl Certificate {
    /// Reads all certificates of a PEM text, in their order.
    ///
    /// # Errors
    /// [`BadKey`] when there is none or one that cannot be read.
    pub fn all_from_pem(text: &str) -> Result<Vec<Self>, BadKey> {
        let mut found = Vec::new();
        for part in text.split("-----BEGIN CERTIFICATE-----").skip(1).take(CERTIFICATES_MAX) {
            let inner = part.split("-----END").next().unwrap_or_default();
            let packed: String = inner.split_whitespace().collect();
            let bytes = BASE64.decode(packed.as_bytes()).map_err(|_| UNREADABLE)?;
            found.push(Self::from_der(&bytes).ok_or(UNREADABLE)?);
        }
        if found.is_empty() {
            return Err(UNREADABLE);
        }
        Ok(found)
    }

    fn from_der(bytes: &[u8]) -> Option<Self> {
        let mut outer = Der::new(bytes).take(der::SEQUENCE)?.inside();
        let signed = outer.take(der::SEQUENCE)?;
        let algorithm = outer.take(der::SEQUENCE)?.inside().take(der::OBJECT_ID)?;
        let signature = outer.take(der::BIT_STRING)?.bits()?;
        let mut inner = signed.inside();
        let mut serial = inner.next()?;
        if serial.tag == der::VERSION {
            serial = inner.next()?;
        }
        inner.take(der::SEQUENCE)?;
        let issuer = inner.take(der::SEQUENCE)?;
        let mut validity = inner.take(der::SEQUENCE)?.inside();
        let (not_before, not_after) = (der::time(validity.next()?)?, der::time(validity.next()?)?);
        let subject = inner.take(der::SEQUENCE)?;
        let key = der::rsa_key(inner.take(der::SEQUENCE)?).map(<[u8]>::to_vec);
        Some(Self {
            signed: signed.whole.to_vec(),
            signature: signature.to_vec(),
            algorithm: algorithm.content.to_vec(),
            serial: (serial.tag == der::INTEGER).then(|| serial.content.to_vec())?,
            issuer_text: name_text(issuer)?,
            issuer: issuer.whole.to_vec(),
            subject: subject.whole.to_vec(),
            key,
            not_before,
            not_after,
        })
    }

    /// The serial as requests and answers carry it (`app_cert_sn`, `alipay_cert_sn`): the MD5 of the issuer's name, last part
    /// first, and the number in decimal.
    pub fn sn(&self) -> String {
        let mut hash = Md5::new();
        hash.update(self.issuer_text.as_bytes());
        hash.update(decimal(&self.serial).as_bytes());
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }

    /// Its key (PKCS #1), when it is an RSA key.
    pub fn public_key(&self) -> Option<&[u8]> {
        self.key.as_deref()
    }

    /// Whether it holds at this moment.
    pub fn holds_at(&self, now: Instant) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// Whether a chain of signatures leads from it through `between` to one of the `roots`, all of which hold now.
    pub fn is_signed_under(&self, roots: &[Self], between: &[Self], now: Instant) -> bool {
        let mut at = self;
        for _ in 0..CHAIN_MAX {
            if !at.holds_at(now) {
                return false;
            }
            if let Some(root) = roots.iter().find(|root| at.is_signed_by(root)) {
                return root.holds_at(now);
            }
            match between
                .iter()
                .find(|each| each.subject != at.subject && at.is_signed_by(each))
            {
                Some(next) => at = next,
                None => return false,
            }
        }
        false
    }

    fn is_signed_by(&self, other: &Self) -> bool {
        let Some(key) = &other.key else { return false };
        self.issuer == other.subject
            && self.algorithm == SHA256_WITH_RSA
            && rsa::verifies(key, &self.signed, &BASE64.encode(&self.signature))
    }
}

/// The serials of the roots that sign with RSA, joined as `alipay_root_cert_sn` wants them.
pub fn root_sn(roots: &[Certificate]) -> String {
    let rsa = roots.iter().filter(|root| root.algorithm.starts_with(RSA_FAMILY));
    rsa.map(Certificate::sn).collect::<Vec<_>>().join("_")
}

/// A name as Alipay writes it: `CN=…,OU=…,O=…,C=CN`, the last part first.
fn name_text(name: Value<'_>) -> Option<String> {
    let mut parts = Vec::new();
    let mut sets = name.inside();
    while let Some(set) = sets.take(der::SET) {
        let mut pair = set.inside().take(der::SEQUENCE)?.inside();
        let kind = pair.take(der::OBJECT_ID)?;
        let value = String::from_utf8_lossy(pair.next()?.content).into_owned();
        parts.push(format!("{}={value}", short_name(kind.content)));
    }
    parts.reverse();
    Some(parts.join(","))
}

const fn short_name(id: &[u8]) -> &'static str {
    match id {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        _ => "",
    }
}

/// A number of any length in decimal.
fn decimal(number: &[u8]) -> String {
    let mut digits: Vec<u8> = vec![0];
    for byte in number {
        let mut carry = u16::from(*byte);
        for digit in &mut digits {
            carry += u16::from(*digit) << 8;
            // The remainder of ten fits a byte.
            *digit = (carry % 10) as u8;
            carry /= 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_of_twenty_bytes_is_written_in_decimal() {
        assert_eq!(decimal(&[0]), "0");
        assert_eq!(decimal(&[1, 0]), "256");
        assert_eq!(decimal(&[0xff; 16]), u128::MAX.to_string());
    }
}
