//! Certificates as WeChat hands them out: X.509 v3, RSA with SHA-256, written by hand.

use data_encoding::BASE64;
use kernel::Instant;
use rsa::pkcs8::EncodePublicKey as _;
use rsa::{RsaPrivateKey, RsaPublicKey};

use super::keys::sign;
use crate::SandboxError;

/// sha256WithRSAEncryption, 1.2.840.113549.1.1.11.
const ALGORITHM: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// commonName, 2.5.4.3.
const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        out.push(0x80 | bytes.len() as u8);
        out.extend(bytes);
    }
    out.extend_from_slice(content);
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

fn name(text: &str) -> Vec<u8> {
    let attribute = sequence(&[&COMMON_NAME, &value(0x0c, text.as_bytes())]);
    sequence(&[&value(0x31, &attribute)])
}

/// GeneralizedTime, which also says years after 2049.
fn moment(at: Instant) -> Vec<u8> {
    let at = at.to_datetime();
    let text = format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    value(0x18, text.as_bytes())
}

/// A certificate, PEM; `serial` is 20 bytes whose first is below 0x80 and not zero.
pub(super) fn issue(
    (issuer, issuer_name): (&RsaPrivateKey, &str),
    (key, subject): (&RsaPublicKey, &str),
    serial: &[u8],
    (from, to): (Instant, Instant),
) -> Result<String, SandboxError> {
    let odd = |error: &dyn std::fmt::Display| SandboxError::Keys(error.to_string());
    let algorithm = sequence(&[&ALGORITHM, &[0x05, 0x00]]);
    let info = key.to_public_key_der().map_err(|e| odd(&e))?;
    let signed = sequence(&[
        &value(0xa0, &[0x02, 0x01, 0x02]),
        &value(0x02, serial),
        &algorithm,
        &name(issuer_name),
        &sequence(&[&moment(from), &moment(to)]),
        &name(subject),
        info.as_bytes(),
    ]);
    let mut signature = vec![0];
    signature.extend(sign(issuer, &signed));
    let whole = sequence(&[&signed, &algorithm, &value(0x03, &signature)]);
    Ok(pem("CERTIFICATE", &whole))
}

fn pem(label: &str, bytes: &[u8]) -> String {
    let text = BASE64.encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out + &format!("-----END {label}-----\n")
}
