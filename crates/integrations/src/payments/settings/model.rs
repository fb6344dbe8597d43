//! The settings of a payment gateway as values.

use giving::donations::orders::Provider;
use kernel::id::hex;
use kernel::{Instant, ReceivingAccountId, UnitId};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::payments::keys;

/// Our secrets with a provider. No `Debug`: they enter no log.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Our private key, PEM.
    pub private_key: String,
    /// WeChat: the API v3 key, 32 characters. Empty elsewhere.
    #[serde(default)]
    pub api_key: String,
    /// WeChat: the official account's secret, with which a donor inside WeChat is known. Empty: nobody pays there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub app_secret: String,
    /// Alipay: the certificate mode's files. Absent in the public-key mode and elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alipay: Option<AlipayCertificates>,
}

impl Secrets {
    /// The front of the private key's SHA-256, 16 hexadecimal digits: tells keys apart without telling the key.
    pub fn fingerprint(&self) -> String {
        let hash = digest(&SHA256, self.private_key.as_bytes());
        hex(&hash.as_ref()[..8])
    }
}

/// The files of Alipay's certificate mode (公钥证书模式), PEM.
#[derive(Clone, Serialize, Deserialize)]
pub struct AlipayCertificates {
    /// The application's certificate (应用公钥证书).
    pub app: String,
    /// Alipay's certificates (支付宝公钥证书), with those that issued them behind each.
    pub alipay: Vec<String>,
    /// Alipay's roots (支付宝根证书).
    pub root: String,
}

/// A key with which the provider signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformKey {
    /// The certificate's serial number, or the number of a public key (`PUB_KEY_ID_…`).
    pub serial: String,
    /// The RSA key, PKCS #1.
    pub public_key: Vec<u8>,
    /// From when, for a certificate.
    pub valid_from: Option<Instant>,
    /// Until when, for a certificate.
    pub valid_to: Option<Instant>,
}

impl PlatformKey {
    /// Whether it may be believed at this time.
    pub fn is_valid(&self, now: Instant) -> bool {
        self.valid_from.is_none_or(|from| from <= now) && self.valid_to.is_none_or(|to| now < to)
    }

    /// A certificate's key.
    pub fn of_certificate(certificate: keys::Certificate) -> Self {
        Self {
            serial: certificate.serial,
            public_key: certificate.public_key,
            valid_from: Some(certificate.valid_from),
            valid_to: Some(certificate.valid_to),
        }
    }
}

/// A gateway as stored, its secrets opened.
pub struct GatewaySettings {
    /// The unit.
    pub unit: UnitId,
    /// The provider.
    pub provider: Provider,
    /// The account whose money it brings.
    pub account: ReceivingAccountId,
    /// Our number with the provider (`mchid`; the seller's id).
    pub merchant_no: String,
    /// The number of our application or official account.
    pub app_id: String,
    /// Where the provider is asked, without a slash at the end.
    pub endpoint: String,
    /// Serial number of our own certificate, where the provider asks for one.
    pub key_serial: String,
    /// Our secrets.
    pub secrets: Secrets,
    /// The provider's keys.
    pub platform_keys: Vec<PlatformKey>,
}

/// A gateway to be set.
pub struct NewGateway {
    /// The unit.
    pub unit: UnitId,
    /// The provider.
    pub provider: Provider,
    /// The account's code; the unit's open account of the provider's channel, or a new one, when absent.
    pub account: Option<String>,
    /// Our number with the provider.
    pub merchant_no: String,
    /// The number of our application.
    pub app_id: String,
    /// Where the provider is asked.
    pub endpoint: String,
    /// Serial number of our own certificate.
    pub key_serial: String,
    /// Our secrets.
    pub secrets: Secrets,
    /// The provider's keys that we have as files; those of WeChat's certificate mode are fetched.
    pub platform_keys: Vec<PlatformKey>,
}
