//! As much of PEM, DER and X.509 as payment providers need: the key in a file, and serial, validity and key of a
//! certificate. Chains are not followed: a certificate comes encrypted under the merchant's own key, or from its file.

use data_encoding::{BASE64, HEXUPPER};
use kernel::Instant;
use time::{Date, Month, PrimitiveDateTime, Time};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// A text that holds no such key. Says nothing about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadKey(pub &'static str);

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its serial number in upper-case hexadecimal.
    pub serial: String,
    /// From when.
    pub valid_from: Instant,
    /// Until when.
    pub valid_to: Instant,
    /// Its RSA key, PKCS #1.
    pub public_key: Vec<u8>,
}

/// The bytes of the first PEM block with this label; a bare base64 text is taken as the block's content.
///
/// # Errors
/// [`BadKey`].
pub fn pem(text: &str, label: &str) -> Result<Vec<u8>, BadKey> {
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let inner = match text.find(&begin) {
        Some(at) => {
            let rest = &text[at + begin.len()..];
            &rest[..rest.find(&end).ok_or(BadKey("the PEM block does not end"))?]
        }
        None if text.contains("-----BEGIN") => return Err(BadKey("the file holds another kind of key")),
        None => text,
    };
    let plain: String = inner.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64
        .decode(plain.as_bytes())
        .map_err(|_| BadKey("the key is not base64"))
}

/// A private RSA key as PKCS #8, from a PEM file of either kind.
///
/// # Errors
/// [`BadKey`].
pub fn private_key(text: &str) -> Result<PrivateKey, BadKey> {
    if text.contains("BEGIN RSA PRIVATE KEY") {
        return Ok(PrivateKey::Pkcs1(pem(text, "RSA PRIVATE KEY")?));
    }
    Ok(PrivateKey::Pkcs8(pem(text, "PRIVATE KEY")?))
}

/// A private key's bytes. No `Debug`.
pub enum PrivateKey {
    /// With its kind.
    Pkcs8(Vec<u8>),
    /// The bare RSA key.
    Pkcs1(Vec<u8>),
}

/// The RSA key (PKCS #1) in a `PUBLIC KEY` text.
///
/// # Errors
/// [`BadKey`].
pub fn public_key(text: &str) -> Result<Vec<u8>, BadKey> {
    let bytes = pem(text, "PUBLIC KEY")?;
    let mut outer = Der(&bytes);
    key_of(outer.take(SEQUENCE)?)
}

/// Reads a certificate, PEM.
///
/// # Errors
/// [`BadKey`].
pub fn certificate(text: &str) -> Result<Certificate, BadKey> {
    let bytes = pem(text, "CERTIFICATE")?;
    let mut outer = Der(&bytes);
    let mut certificate = Der(outer.take(SEQUENCE)?);
    let mut signed = Der(certificate.take(SEQUENCE)?);
    if signed.next_is(VERSION) {
        signed.take(VERSION)?;
    }
    let serial = signed.take(INTEGER)?;
    signed.take(SEQUENCE)?; // algorithm
    signed.take(SEQUENCE)?; // issuer
    let mut validity = Der(signed.take(SEQUENCE)?);
    let (valid_from, valid_to) = (validity.time()?, validity.time()?);
    signed.take(SEQUENCE)?; // subject
    let public_key = key_of(signed.take(SEQUENCE)?)?;
    // DER puts a zero before a number whose first bit is set; it is not part of the serial as people write it.
    let serial = match serial {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    Ok(Certificate {
        serial: HEXUPPER.encode(serial),
        valid_from,
        valid_to,
        public_key,
    })
}

/// The key inside a SubjectPublicKeyInfo's content.
fn key_of(info: &[u8]) -> Result<Vec<u8>, BadKey> {
    let mut info = Der(info);
    info.take(SEQUENCE)?; // algorithm
    match info.take(BIT_STRING)? {
        [0, key @ ..] if key.first() == Some(&SEQUENCE) => Ok(key.to_vec()),
        _ => Err(BadKey("the key is no RSA key")),
    }
}

/// What is left to read.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn next_is(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// The content of the next value, which must have this tag.
    fn take(&mut self, tag: u8) -> Result<&'a [u8], BadKey> {
        let broken = BadKey("the key or certificate is cut off or of another kind");
        let (&found, rest) = self.0.split_first().ok_or(broken)?;
        if found != tag {
            return Err(broken);
        }
        let (&first, rest) = rest.split_first().ok_or(broken)?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f)).ok_or(broken)?;
                (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
            _ => return Err(broken),
        };
        let (content, rest) = rest.split_at_checked(length).ok_or(broken)?;
        self.0 = rest;
        Ok(content)
    }

    fn time(&mut self) -> Result<Instant, BadKey> {
        let odd = BadKey("the certificate’s validity cannot be read");
        let (content, long) = if self.next_is(UTC_TIME) {
            (self.take(UTC_TIME)?, false)
        } else {
            (self.take(GENERALIZED_TIME)?, true)
        };
        let text = std::str::from_utf8(content).map_err(|_| odd)?;
        let digits = text.strip_suffix('Z').ok_or(odd)?;
        let (year, rest) = digits.split_at_checked(if long { 4 } else { 2 }).ok_or(odd)?;
        let number = |text: &str| text.parse::<u16>().map_err(|_| odd);
        let mut year = number(year)?;
        if !long {
            // X.509: 50 to 99 are of the last century.
            year += if year >= 50 { 1900 } else { 2000 };
        }
        if rest.len() != 10 || !rest.is_ascii() {
            return Err(odd);
        }
        let part = |at: usize| number(&rest[at..at + 2]).and_then(|n| u8::try_from(n).map_err(|_| odd));
        let month = Month::try_from(part(0)?).map_err(|_| odd)?;
        let date = Date::from_calendar_date(i32::from(year), month, part(2)?).map_err(|_| odd)?;
        let time = Time::from_hms(part(4)?, part(6)?, part(8)?).map_err(|_| odd)?;
        Ok(Instant::from_datetime(PrimitiveDateTime::new(date, time).assume_utc()))
    }
}
