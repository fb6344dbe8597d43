//! As much of PEM and X.509 as all payment providers need: the key in a file, and serial, validity and key of a
//! certificate. Chains are not followed: a certificate comes encrypted under the merchant's own key, or from its file.

use data_encoding::{BASE64, HEXUPPER};
use kernel::Instant;

use super::der::{self, Der};

const BROKEN: BadKey = BadKey("the key or certificate is cut off or of another kind");

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
    key_of(Der::new(&bytes).next().ok_or(BROKEN)?)
}

/// Reads a certificate, PEM.
///
/// # Errors
/// [`BadKey`].
pub fn certificate(text: &str) -> Result<Certificate, BadKey> {
    let bytes = pem(text, "CERTIFICATE")?;
    let mut signed = Der::new(&bytes)
        .take(der::SEQUENCE)
        .and_then(|whole| whole.inside().take(der::SEQUENCE))
        .ok_or(BROKEN)?
        .inside();
    let mut serial = signed.next().ok_or(BROKEN)?;
    if serial.tag == der::VERSION {
        serial = signed.next().ok_or(BROKEN)?;
    }
    if serial.tag != der::INTEGER {
        return Err(BROKEN);
    }
    let mut part = || signed.take(der::SEQUENCE).ok_or(BROKEN);
    let (_algorithm, _issuer, validity, _subject, key) = (part()?, part()?, part()?, part()?, part()?);
    let mut validity = validity.inside();
    let mut moment = || {
        let moment = der::time(validity.next().ok_or(BROKEN)?);
        moment.ok_or(BadKey("the certificate’s validity cannot be read"))
    };
    let (valid_from, valid_to) = (moment()?, moment()?);
    let public_key = key_of(key)?;
    // DER puts a zero before a number whose first bit is set; it is not part of the serial as people write it.
    let serial = match serial.content {
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

fn key_of(info: der::Value<'_>) -> Result<Vec<u8>, BadKey> {
    let key = der::rsa_key(info).ok_or(BadKey("the key is no RSA key"))?;
    Ok(key.to_vec())
}
