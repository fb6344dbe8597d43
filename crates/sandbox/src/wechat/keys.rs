//! The keys of the platform and of the sandbox's merchant, and what is done with them.

use std::path::Path;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use data_encoding::{BASE64, HEXUPPER};
use kernel::{Instant, Rng};
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde::{Deserialize, Serialize};

use super::certificate;
use crate::chance::{Chance, letters};
use crate::{SandboxError, World};

/// What WeChat asks for.
const KEY_BITS: usize = 2048;
const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;
const ISSUER: &str = "Sandbox Root CA";

/// The merchant of the sandbox: what a society would get from WeChat's merchant platform.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Merchant {
    /// The merchant number.
    pub mchid: String,
    /// The official account.
    pub appid: String,
    /// The API v3 key.
    pub api_key: String,
    /// The official account's secret, with which a donor's number is asked for.
    pub app_secret: String,
    /// The serial number of the merchant's certificate.
    pub serial: String,
}

/// A certificate with its key.
pub(super) struct Platform {
    pub key: RsaPrivateKey,
    pub serial: String,
    pub certificate: String,
    pub valid_from: Instant,
    pub valid_to: Instant,
}

pub(super) fn sign(key: &RsaPrivateKey, message: &[u8]) -> Vec<u8> {
    SigningKey::<Sha256>::new(key.clone()).sign(message).to_vec()
}

pub(super) fn sign_base64(key: &RsaPrivateKey, message: &[u8]) -> String {
    BASE64.encode(&sign(key, message))
}

pub(super) fn fits(key: &RsaPublicKey, message: &[u8], signature: &str) -> bool {
    let signature = BASE64.decode(signature.as_bytes()).ok();
    let signature = signature.and_then(|bytes| Signature::try_from(bytes.as_slice()).ok());
    signature.is_some_and(|signature| {
        VerifyingKey::<Sha256>::new(key.clone())
            .verify(message, &signature)
            .is_ok()
    })
}

/// AES-256-GCM as WeChat wraps it: base64 of ciphertext and tag.
pub(super) fn encrypt(api_key: &str, nonce: &str, about: &str, plain: &[u8]) -> Option<String> {
    let cipher = Aes256Gcm::new_from_slice(api_key.as_bytes()).ok()?;
    let nonce = Nonce::try_from(nonce.as_bytes()).ok()?;
    let payload = Payload {
        msg: plain,
        aad: about.as_bytes(),
    };
    Some(BASE64.encode(&cipher.encrypt(&nonce, payload).ok()?))
}

fn make(rng: &dyn Rng) -> Result<RsaPrivateKey, SandboxError> {
    RsaPrivateKey::new(&mut Chance(rng), KEY_BITS).map_err(|e| SandboxError::Keys(e.to_string()))
}

/// The key in a file, made when it is not there.
fn key(path: &Path, rng: &dyn Rng) -> Result<RsaPrivateKey, SandboxError> {
    let odd = |error: &dyn std::fmt::Display| SandboxError::Keys(format!("{}: {error}", path.display()));
    if path.exists() {
        return RsaPrivateKey::from_pkcs8_pem(&std::fs::read_to_string(path)?).map_err(|e| odd(&e));
    }
    let key = make(rng)?;
    std::fs::write(path, key.to_pkcs8_pem(LineEnding::LF).map_err(|e| odd(&e))?.as_bytes())?;
    Ok(key)
}

/// Twenty bytes of a serial number, whose first makes it a positive number without a leading zero.
fn serial(rng: &dyn Rng) -> [u8; 20] {
    let mut bytes = [0; 20];
    rng.fill(&mut bytes);
    bytes[0] = (bytes[0] & 0x3f) | 0x40;
    bytes
}

/// The folder's merchant and its public key, made when they are not there: `apiclient_key.pem`, `apiclient_cert.pem`,
/// `merchant.json`.
pub(super) fn merchant(world: &World, folder: &Path) -> Result<(Merchant, RsaPublicKey), SandboxError> {
    let key = key(&folder.join("apiclient_key.pem"), &*world.rng)?;
    let public = RsaPublicKey::from(&key);
    let file = folder.join("merchant.json");
    if file.exists() {
        let text = std::fs::read_to_string(&file)?;
        let merchant = serde_json::from_str(&text).map_err(|e| SandboxError::Keys(e.to_string()))?;
        return Ok((merchant, public));
    }
    let number = serial(&*world.rng);
    let now = world.clock.now();
    let validity = (now.plus_micros(-DAY_MICROS), now.plus_micros(5 * 365 * DAY_MICROS));
    let certificate = certificate::issue((&key, ISSUER), (&public, "Sandbox Merchant"), &number, validity)?;
    std::fs::write(folder.join("apiclient_cert.pem"), certificate)?;
    let merchant = Merchant {
        mchid: format!("19{:08}", world.rng.below(100_000_000)),
        appid: format!("wx{}", letters(&*world.rng, 16).to_ascii_lowercase()),
        api_key: letters(&*world.rng, 32),
        app_secret: letters(&*world.rng, 32).to_ascii_lowercase(),
        serial: HEXUPPER.encode(&number),
    };
    let text = serde_json::to_string_pretty(&merchant).map_err(|e| SandboxError::Keys(e.to_string()))?;
    std::fs::write(file, text)?;
    std::fs::write(folder.join("api_key.txt"), &merchant.api_key)?;
    std::fs::write(folder.join("app_secret.txt"), &merchant.app_secret)?;
    Ok((merchant, public))
}

/// A platform certificate over the key in a file (made when it is not there), issued anew with each start.
pub(super) fn platform(world: &World, path: &Path, (from_days, to_days): (i64, i64)) -> Result<Platform, SandboxError> {
    let key = key(path, &*world.rng)?;
    let now = world.clock.now();
    let (valid_from, valid_to) = (
        now.plus_micros(from_days * DAY_MICROS),
        now.plus_micros(to_days * DAY_MICROS),
    );
    let number = serial(&*world.rng);
    let public = RsaPublicKey::from(&key);
    let certificate = certificate::issue(
        (&key, ISSUER),
        (&public, "Sandbox Platform"),
        &number,
        (valid_from, valid_to),
    )?;
    Ok(Platform {
        key,
        serial: HEXUPPER.encode(&number),
        certificate,
        valid_from,
        valid_to,
    })
}

/// A public key as a PEM file.
pub(super) fn public_pem(key: &RsaPrivateKey) -> Result<String, SandboxError> {
    let public = RsaPublicKey::from(key);
    let text = public.to_public_key_pem(LineEnding::LF);
    text.map_err(|e| SandboxError::Keys(e.to_string()))
}
