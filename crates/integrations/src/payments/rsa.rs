//! RSA with SHA-256 (PKCS #1 v1.5), with which both providers sign, over `ring`.

use data_encoding::BASE64;
use giving::donations::orders::GatewayError;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};

use super::keys::{self, PrivateKey};

/// Our own key. No `Debug`.
pub struct Signer {
    key: RsaKeyPair,
    rng: SystemRandom,
}

impl Signer {
    /// Reads a private key, PEM; 2048 bits or more.
    ///
    /// # Errors
    /// [`GatewayError::Misconfigured`].
    pub fn new(pem: &str, rng: SystemRandom) -> Result<Self, GatewayError> {
        let wrong = |why: &dyn std::fmt::Display| GatewayError::Misconfigured(format!("the private key: {why}"));
        let key = match keys::private_key(pem).map_err(|e| wrong(&e))? {
            PrivateKey::Pkcs8(bytes) => RsaKeyPair::from_pkcs8(&bytes),
            PrivateKey::Pkcs1(bytes) => RsaKeyPair::from_der(&bytes),
        };
        let key = key.map_err(|e| wrong(&e))?;
        Ok(Self { key, rng })
    }

    /// The signature in base64.
    ///
    /// # Errors
    /// [`GatewayError::Misconfigured`], when the key does not work.
    pub fn sign(&self, message: &[u8]) -> Result<String, GatewayError> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &self.rng, message, &mut signature)
            .map_err(|_| GatewayError::Misconfigured("the private key does not sign".into()))?;
        Ok(BASE64.encode(&signature))
    }
}

/// Whether the signature (base64) is of this key (PKCS #1).
pub fn verifies(public_key: &[u8], message: &[u8], signature: &str) -> bool {
    let Ok(signature) = BASE64.decode(signature.as_bytes()) else {
        return false;
    };
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key)
        .verify(message, &signature)
        .is_ok()
}
