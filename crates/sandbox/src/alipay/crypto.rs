//! Keys, signatures and certificates of the sandbox: other libraries than the adapter's, so that one tests the other.

use data_encoding::BASE64;
use kernel::{Instant, Rng};
use md5::{Digest as _, Md5};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256, SerialNumber,
};
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey};

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

/// The root, the application and whoever forges.
pub(super) struct House {
    root: KeyPair,
    root_params: CertificateParams,
    root_pem: String,
    root_sn: String,
    app: RsaPrivateKey,
    app_pem: String,
    app_sn: String,
    forger: SigningKey<Sha256>,
}

impl House {
    pub(super) fn new(rng: &dyn Rng, now: Instant) -> Result<Self, KeyError> {
        let root_key = key(rng)?;
        let root = key_pair(&root_key)?;
        let root_params = params("Sandbox Root Certification Authority", 1, now, Term::Holds, Kind::Root)?;
        let root_cert = root_params.self_signed(&root).map_err(failed)?;
        let app = key(rng)?;
        let issuer = Issuer::from_params(&root_params, &root);
        let app_params = params("2026000000000001", 7, now, Term::Holds, Kind::Leaf)?;
        let app_cert = app_params.signed_by(&key_pair(&app)?, &issuer).map_err(failed)?;
        Ok(Self {
            root_pem: root_cert.pem(),
            root_sn: serial_text(1),
            app_pem: app_cert.pem(),
            app_sn: serial_text(7),
            app,
            forger: SigningKey::new(key(rng)?),
            root_params,
            root,
        })
    }

    /// A new signing key of Alipay's with a certificate under the root.
    pub(super) fn signer(&self, rng: &dyn Rng, number: u64, now: Instant, term: Term) -> Result<Certified, KeyError> {
        let key = key(rng)?;
        let serial = 1_000 + number;
        let issuer = Issuer::from_params(&self.root_params, &self.root);
        let made = params("Sandbox Alipay", serial, now, term, Kind::Leaf)?;
        let made = made.signed_by(&key_pair(&key)?, &issuer).map_err(failed)?;
        Ok(Certified {
            key: SigningKey::new(key),
            pem: made.pem(),
            sn: serial_text(serial),
        })
    }

    /// Whether the application signed this.
    pub(super) fn app_signed(&self, text: &[u8], signature: &str) -> bool {
        let signature = BASE64.decode(signature.as_bytes()).ok();
        let signature = signature.and_then(|bytes| Signature::try_from(bytes.as_slice()).ok());
        let key = VerifyingKey::<Sha256>::new(RsaPublicKey::from(&self.app));
        signature.is_some_and(|signature| key.verify(text, &signature).is_ok())
    }

    /// A signature of nobody's.
    pub(super) fn forged(&self, text: &[u8]) -> String {
        BASE64.encode(&self.forger.sign(text).to_bytes())
    }

    pub(super) fn app_certificate(&self) -> &str {
        &self.app_pem
    }
    pub(super) fn root_certificate(&self) -> &str {
        &self.root_pem
    }
    pub(super) fn app_sn(&self) -> &str {
        &self.app_sn
    }
    pub(super) fn root_sn(&self) -> &str {
        &self.root_sn
    }

    /// The application's private key as Alipay's tool writes it: bare base64 of PKCS#8.
    pub(super) fn app_private_key(&self) -> String {
        // A key that was made is always written.
        let der = self.app.to_pkcs8_der().map(|der| der.as_bytes().to_vec());
        BASE64.encode(&der.unwrap_or_default())
    }
}

impl Certified {
    /// The signature of a text.
    pub(super) fn sign(&self, text: &[u8]) -> String {
        BASE64.encode(&self.key.sign(text).to_bytes())
    }

    /// The public key as Alipay's console shows it.
    pub(super) fn public_key_text(&self) -> String {
        let public = RsaPublicKey::from(self.key.as_ref());
        let der = public.to_public_key_der().map(|der| der.as_bytes().to_vec());
        BASE64.encode(&der.unwrap_or_default())
    }
}

enum Kind {
    Root,
    Leaf,
}

fn key(rng: &dyn Rng) -> Result<RsaPrivateKey, KeyError> {
    RsaPrivateKey::new(&mut Source(rng), KEY_BITS).map_err(failed)
}

fn key_pair(key: &RsaPrivateKey) -> Result<KeyPair, KeyError> {
    let der = key.to_pkcs8_der().map_err(failed)?;
    KeyPair::from_pkcs8_der_and_sign_algo(&der.as_bytes().into(), &PKCS_RSA_SHA256).map_err(failed)
}

fn params(name: &str, serial: u64, now: Instant, term: Term, kind: Kind) -> Result<CertificateParams, KeyError> {
    let mut params = CertificateParams::new(Vec::new()).map_err(failed)?;
    let mut full = DistinguishedName::new();
    for (kind, value) in ISSUER_BASE {
        full.push(kind, value);
    }
    full.push(DnType::CommonName, name);
    params.distinguished_name = full;
    params.serial_number = Some(SerialNumber::from(serial));
    let (from, to) = match term {
        Term::Holds => (-30, 365),
        Term::RanOut => (-365, -1),
    };
    params.not_before = now.plus_micros(from * DAY_MICROS).to_datetime();
    params.not_after = now.plus_micros(to * DAY_MICROS).to_datetime();
    if matches!(kind, Kind::Root) {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    Ok(params)
}

/// What every name of the sandbox begins with.
const ISSUER_BASE: [(DnType, &str); 3] = [
    (DnType::CountryName, "CN"),
    (DnType::OrganizationName, "Shanqiao Sandbox"),
    (DnType::OrganizationalUnitName, "Certification Authority"),
];

/// The serial of what the root issued, itself included, as Alipay counts it.
fn serial_text(serial: u64) -> String {
    let issuer = "CN=Sandbox Root Certification Authority,OU=Certification Authority,O=Shanqiao Sandbox,C=CN";
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
