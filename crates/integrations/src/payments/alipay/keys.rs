//! Keys as Alipay's tools write them, and the signature RSA2 (RSA with SHA-256, PKCS#1 v1.5, base64).

use std::sync::Arc;

use data_encoding::BASE64;
use ring::rand::SecureRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};

use super::der::{self, Der};

/// A text that holds no usable key. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// The application's own key.
    #[error("the application’s private key is no RSA key of at least 2048 bits (PKCS#1 or PKCS#8)")]
    Private,
    /// Alipay's key.
    #[error("Alipay’s public key is no RSA public key")]
    Public,
    /// A certificate.
    #[error("a certificate cannot be read")]
    Certificate,
}

/// The application's own key. No `Debug`: it is a secret.
pub struct SigningKey {
    pair: RsaKeyPair,
    random: Arc<dyn SecureRandom + Send + Sync>,
}

impl SigningKey {
    /// Reads a key with or without its PEM lines, PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// [`KeyTextError::Private`].
    pub fn read(text: &str, random: Arc<dyn SecureRandom + Send + Sync>) -> Result<Self, KeyTextError> {
        let bytes = packed(text).ok_or(KeyTextError::Private)?;
        let pair = RsaKeyPair::from_pkcs8(&bytes).or_else(|_| RsaKeyPair::from_der(&bytes));
        let pair = pair.map_err(|_| KeyTextError::Private)?;
        Ok(Self { pair, random })
    }

    /// The signature of a text, in base64.
    ///
    /// # Errors
    /// [`KeyTextError::Private`] when the key cannot sign.
    pub fn sign(&self, text: &[u8]) -> Result<String, KeyTextError> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &*self.random, text, &mut signature)
            .map_err(|_| KeyTextError::Private)?;
        Ok(BASE64.encode(&signature))
    }
}

/// A key that checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Reads a key with or without its PEM lines.
    ///
    /// # Errors
    /// [`KeyTextError::Public`].
    pub fn read(text: &str) -> Result<Self, KeyTextError> {
        let bytes = packed(text).ok_or(KeyTextError::Public)?;
        let info = Der::new(&bytes).take(der::SEQUENCE).ok_or(KeyTextError::Public)?;
        let key = der::rsa_key(info).ok_or(KeyTextError::Public)?;
        Ok(Self(key.to_vec()))
    }

    /// From the bare key (PKCS#1).
    pub(super) const fn from_pkcs1(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Whether this key signed the text; `signature` is base64.
    pub fn verifies(&self, text: &[u8], signature: &str) -> bool {
        let Ok(signature) = BASE64.decode(signature.as_bytes()) else { return false };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0)
            .verify(text, &signature)
            .is_ok()
    }
}

/// The bytes of a PEM text or of bare base64.
fn packed(text: &str) -> Option<Vec<u8>> {
    let bare: String = text.lines().filter(|line| !line.contains("-----")).flat_map(str::split_whitespace).collect();
    BASE64.decode(bare.as_bytes()).ok().filter(|bytes| !bytes.is_empty())
}
