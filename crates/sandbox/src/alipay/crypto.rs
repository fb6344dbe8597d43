//! Keys, signatures and certificates of the sandbox: other libraries than the adapter's, so that one tests the other.

use data_encoding::BASE64;
use kernel::{Instant, Rng};
use md5::{Digest as _, Md5};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256,
    SerialNumber,
};
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::{Signature, SigningKey};
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use rsa::sha2::Sha256;
use rsa::signature::{Keypair as _, SignatureEncoding as _, Signer as _, Verifier as _};

use super::Mode;

/// Bits of every key: what Alipay asks of RSA2.
const KEY_BITS: usize = 2048;
const DAY_MICROS: i64 = 86_400 * 1_000_000;

/// No key or certificate could be made.
#[derive(Debug, thiserror::Error)]
#[error("a key or certificate of the sandbox could not be made: {0}")]
pub struct KeyError(String);

fn failed(error: impl std::fmt::Display) -> KeyError {
    KeyError(error.to_string())
}

/// Whether a certificate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    Holds,
    RanOut,
}

/// A key pair of Alipay's with its certificate.
pub(super) struct Certified {
    key: SigningKey<Sha256>,
    /// The certificate.
    pub pem: String,
    /// Its serial as answers carry it.
    pub sn: String,
}

/// The application's key and, in the certificate mode, who certifies.
pub(super) struct House {
    app: SigningKey<Sha256>,
    authority: Option<Authority>,
}

/// The root and what it issued to the application.
struct Authority {
    key: KeyPair,
    params: CertificateParams,
    root_pem: String,
    app_pem: String,
}

/// Serials of the root and of the application's certificate.
const ROOT_SERIAL: u64 = 1;
const APP_SERIAL: u64 = 7;

impl House {
    pub(super) fn new(rng: &dyn Rng, now: Instant, mode: Mode) -> Result<Self, KeyError> {
        let app = key(rng)?;
        let authority = match mode {
            Mode::PublicKey => None,
            Mode::Certificate => Some(Authority::new(rng, now, &app)?),
        };
        Ok(Self {
            app: SigningKey::new(app),
            authority,
        })
    }

    /// A new signing key of Alipay's, with a certificate under the root in the certificate mode.
    pub(super) fn signer(&self, rng: &dyn Rng, number: u64, now: Instant, term: Term) -> Result<Certified, KeyError> {
        let key = key(rng)?;
        let certificate = match &self.authority {
            None => None,
            Some(authority) => {
                let serial = 1_000 + number;
                let issuer = Issuer::from_params(&authority.params, &authority.key);
                let made = params("Sandbox Alipay", serial, now, term)?;
                let made = made.signed_by(&key_pair(&key)?, &issuer).map_err(failed)?;
                Some((made.pem(), serial_text(serial)))
            }
        };
        let (pem, sn) = certificate.unwrap_or_default();
        Ok(Certified {
            key: SigningKey::new(key),
            pem,
            sn,
        })
    }

    /// Whether the application signed this.
    pub(super) fn app_signed(&self, text: &[u8], signature: &str) -> bool {
        let signature = BASE64.decode(signature.as_bytes()).ok();
        let signature = signature.and_then(|bytes| Signature::try_from(bytes.as_slice()).ok());
        signature.is_some_and(|signature| self.app.verifying_key().verify(text, &signature).is_ok())
    }

    /// A signature that is not Alipay's: the application's own, which a forger might have stolen.
    pub(super) fn forged(&self, text: &[u8]) -> String {
        BASE64.encode(&self.app.sign(text).to_bytes())
    }

    /// The application's and the root's certificate.
    pub(super) fn certificates(&self) -> Option<(&str, &str)> {
        self.authority
            .as_ref()
            .map(|each| (each.app_pem.as_str(), each.root_pem.as_str()))
    }

    /// The serials that a request must name, in the certificate mode.
    pub(super) fn serials(&self) -> Option<(String, String)> {
        self.authority
            .as_ref()
            .map(|_| (serial_text(APP_SERIAL), serial_text(ROOT_SERIAL)))
    }

    /// The application's private key as Alipay's tool writes it: bare base64 of PKCS#8.
    pub(super) fn app_private_key(&self) -> String {
        private_text(&self.app)
    }
}

impl Authority {
    fn new(rng: &dyn Rng, now: Instant, app: &RsaPrivateKey) -> Result<Self, KeyError> {
        let key = key_pair(&key(rng)?)?;
        let mut params = params(ROOT_NAME, ROOT_SERIAL, now, Term::Holds)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_pem = params.self_signed(&key).map_err(failed)?.pem();
        let issuer = Issuer::from_params(&params, &key);
        let made = self::params("Sandbox Application", APP_SERIAL, now, Term::Holds)?;
        let app_pem = made.signed_by(&key_pair(app)?, &issuer).map_err(failed)?.pem();
        Ok(Self {
            key,
            params,
            root_pem,
            app_pem,
        })
    }
}

impl Certified {
    /// The signature of a text.
    pub(super) fn sign(&self, text: &[u8]) -> String {
        BASE64.encode(&self.key.sign(text).to_bytes())
    }

    /// The private key, written like the application's.
    pub(super) fn private_key_text(&self) -> String {
        private_text(&self.key)
    }

    /// The public key as Alipay's console shows it.
    pub(super) fn public_key_text(&self) -> String {
        let public = self.key.as_ref().to_public_key();
        let der = public.to_public_key_der().map(|der| der.as_bytes().to_vec());
        BASE64.encode(&der.unwrap_or_default())
    }
}

fn private_text(key: &SigningKey<Sha256>) -> String {
    // A key that was made is always written.
    let der = key.as_ref().to_pkcs8_der().map(|der| der.as_bytes().to_vec());
    BASE64.encode(&der.unwrap_or_default())
}

fn key(rng: &dyn Rng) -> Result<RsaPrivateKey, KeyError> {
    RsaPrivateKey::new(&mut Source(rng), KEY_BITS).map_err(failed)
}

fn key_pair(key: &RsaPrivateKey) -> Result<KeyPair, KeyError> {
    let der = key.to_pkcs8_der().map_err(failed)?;
    KeyPair::from_pkcs8_der_and_sign_algo(&der.as_bytes().into(), &PKCS_RSA_SHA256).map_err(failed)
}

fn params(name: &str, serial: u64, now: Instant, term: Term) -> Result<CertificateParams, KeyError> {
    let mut params = CertificateParams::new(Vec::new()).map_err(failed)?;
    let mut full = DistinguishedName::new();
    full.push(DnType::CountryName, "CN");
    full.push(DnType::OrganizationName, "Shanqiao Sandbox");
    full.push(DnType::OrganizationalUnitName, "Certification Authority");
    full.push(DnType::CommonName, name);
    params.distinguished_name = full;
    params.serial_number = Some(SerialNumber::from(serial));
    let (from, to) = match term {
        Term::Holds => (-30, 365),
        Term::RanOut => (-365, -1),
    };
    params.not_before = now.plus_micros(from * DAY_MICROS).to_datetime();
    params.not_after = now.plus_micros(to * DAY_MICROS).to_datetime();
    Ok(params)
}

/// The root's own name.
const ROOT_NAME: &str = "Sandbox Root";

/// The serial of what the root issued, itself included, as Alipay counts it.
fn serial_text(serial: u64) -> String {
    let issuer = format!("CN={ROOT_NAME},OU=Certification Authority,O=Shanqiao Sandbox,C=CN");
    data_encoding::HEXLOWER.encode(&Md5::digest(format!("{issuer}{serial}")))
}

/// The injected source in the words of the key library.
struct Source<'a>(&'a dyn Rng);

impl rsa::rand_core::RngCore for Source<'_> {
    fn next_u32(&mut self) -> u32 {
        rsa::rand_core::impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        rsa::rand_core::impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        self.0.fill(buffer);
    }
    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.fill_bytes(buffer);
        Ok(())
    }
}

impl rsa::rand_core::CryptoRng for Source<'_> {}
