//! What a unit sets for its Alipay account, as a file and as stored. No `Debug`: it holds the private key.

use giving::donations::orders::{GatewayError, Provider};
use kernel::UnitId;
use ring::digest::{SHA256, digest};
use ring::signature::RsaKeyPair;
use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, root_sn};
use super::trust::Trust;
use crate::payments::Tools;
use crate::payments::keys::{self, BadKey};
use crate::payments::rsa::Signer;
use crate::payments::settings::{AlipayCertificates, GatewaySettings, NewGateway, PlatformKey, Secrets};

/// Alipay's own gateway.
pub const GATEWAY_URL: &str = "https://openapi.alipay.com/gateway.do";
/// Keys of Alipay that may be trusted at once: the present and the next, and room.
const KEYS_MAX: usize = 4;

/// The settings of one Alipay account, as a file holds them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The application's number (APPID).
    pub app_id: String,
    /// The number of the account that receives the money (PID, 2088…).
    pub seller_id: String,
    /// The application's private key (应用私钥), PEM or bare.
    pub app_private_key: String,
    /// Whose signatures are believed.
    pub trust: TrustSettings,
    /// The gateway's address; Alipay's own when absent.
    #[serde(default = "official")]
    pub gateway: String,
}

fn official() -> String {
    GATEWAY_URL.to_owned()
}

/// The two ways in which Alipay's signatures are checked.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AlipayTrust)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum TrustSettings {
    /// Public-key mode (公钥模式).
    PublicKey {
        /// Alipay's public keys (支付宝公钥): the present one first, the next one beside it while keys change.
        alipay_public_keys: Vec<String>,
    },
    /// Certificate mode (公钥证书模式). Texts are PEM.
    Certificate {
        /// The application's certificate (应用公钥证书).
        app_cert: String,
        /// Alipay's certificates (支付宝公钥证书); a newer one is fetched when Alipay signs with it.
        alipay_certs: Vec<String>,
        /// Alipay's roots (支付宝根证书).
        alipay_root_cert: String,
    },
}

/// Settings that do not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct SettingsError {
    /// Which field.
    pub field: &'static str,
    /// What is expected; never what stands there.
    pub why: &'static str,
}

/// Settings, read and ready.
pub(super) struct Ready {
    pub app_id: String,
    pub seller_id: String,
    pub gateway: String,
    pub key: Signer,
    pub trust: Trust,
    /// `app_cert_sn` and `alipay_root_cert_sn`, in the certificate mode.
    pub serials: Option<(String, String)>,
}

impl Settings {
    /// The gateway that they are, for this unit; `account` is the receiving account's code.
    ///
    /// # Errors
    /// [`SettingsError`], naming the field.
    pub fn gateway(self, unit: UnitId, account: Option<String>) -> Result<NewGateway, SettingsError> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let wrong = |field, why| SettingsError { field, why };
        if !digits(&self.app_id) || self.app_id.len() > 32 {
            return Err(wrong("app_id", "the application’s number has only digits"));
        }
        if !digits(&self.seller_id) || self.seller_id.len() != 16 || !self.seller_id.starts_with("2088") {
            return Err(wrong(
                "seller_id",
                "the receiving account’s number has 16 digits and begins with 2088",
            ));
        }
        let (platform_keys, alipay) = match self.trust {
            TrustSettings::PublicKey { alipay_public_keys } => {
                if alipay_public_keys.is_empty() || alipay_public_keys.len() > KEYS_MAX {
                    return Err(wrong("trust.alipay_public_keys", "one to four keys are expected"));
                }
                let keys: Result<Vec<_>, _> = alipay_public_keys.iter().map(|text| public_key(text)).collect();
                (
                    keys.map_err(|BadKey(why)| wrong("trust.alipay_public_keys", why))?,
                    None,
                )
            }
            TrustSettings::Certificate {
                app_cert,
                alipay_certs,
                alipay_root_cert,
            } => {
                if alipay_certs.len() > KEYS_MAX {
                    return Err(wrong("trust.alipay_certs", "at most four certificates are expected"));
                }
                let read = |field, text: &str| Certificate::all_from_pem(text).map_err(|BadKey(why)| wrong(field, why));
                read("trust.app_cert", &app_cert)?;
                read("trust.alipay_root_cert", &alipay_root_cert)?;
                for text in &alipay_certs {
                    read("trust.alipay_certs", text)?;
                }
                let certificates = AlipayCertificates {
                    app: app_cert,
                    alipay: alipay_certs,
                    root: alipay_root_cert,
                };
                (Vec::new(), Some(certificates))
            }
        };
        Ok(NewGateway {
            unit,
            provider: Provider::Alipay,
            account,
            merchant_no: self.seller_id,
            app_id: self.app_id,
            endpoint: self.gateway,
            key_serial: String::new(),
            secrets: Secrets {
                private_key: labelled(&self.app_private_key),
                api_key: String::new(),
                app_secret: String::new(),
                alipay,
            },
            platform_keys,
        })
    }
}

/// Alipay's tools give a key without PEM lines, in PKCS #8 for Java and in PKCS #1 for others: a label says which it is.
fn labelled(text: &str) -> String {
    if text.contains("-----BEGIN") {
        return text.to_owned();
    }
    let is_pkcs8 = keys::pem(text, "PRIVATE KEY").is_ok_and(|bytes| RsaKeyPair::from_pkcs8(&bytes).is_ok());
    let label = if is_pkcs8 { "PRIVATE KEY" } else { "RSA PRIVATE KEY" };
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", text.trim())
}

/// A public key of Alipay's; it has no number of its own, so the front of its hash serves as one.
fn public_key(text: &str) -> Result<PlatformKey, BadKey> {
    let public_key = keys::public_key(text)?;
    let hash = digest(&SHA256, &public_key);
    Ok(PlatformKey {
        serial: data_encoding::HEXLOWER.encode(&hash.as_ref()[..16]),
        public_key,
        valid_from: None,
        valid_to: None,
    })
}

impl Ready {
    /// Reads keys and certificates.
    pub(super) fn new(settings: &GatewaySettings, tools: &Tools) -> Result<Self, GatewayError> {
        let misfit = |BadKey(why): BadKey| GatewayError::Misconfigured(why.to_owned());
        let (trust, serials) = match &settings.secrets.alipay {
            None => {
                let keys: Vec<_> = settings
                    .platform_keys
                    .iter()
                    .map(|key| key.public_key.clone())
                    .collect();
                if keys.is_empty() {
                    return Err(GatewayError::Misconfigured("Alipay’s public key is missing".into()));
                }
                (Trust::of_keys(keys), None)
            }
            Some(certificates) => {
                let app = Certificate::all_from_pem(&certificates.app).map_err(misfit)?;
                let roots = Certificate::all_from_pem(&certificates.root).map_err(misfit)?;
                let app_sn = app.first().map(Certificate::sn).unwrap_or_default();
                let serials = Some((app_sn, root_sn(&roots)));
                let trust = Trust::of_roots(roots);
                for text in &certificates.alipay {
                    // One that no longer holds stays in the settings and is not trusted; a newer one is fetched.
                    if let Err(why) = trust.learn(text, tools.services.now()) {
                        tracing::warn!(%why, "a certificate of Alipay’s in the settings is not trusted");
                    }
                }
                (trust, serials)
            }
        };
        Ok(Self {
            app_id: settings.app_id.clone(),
            seller_id: settings.merchant_no.clone(),
            gateway: settings.endpoint.clone(),
            key: Signer::new(&settings.secrets.private_key, tools.system.clone())?,
            trust,
            serials,
        })
    }
}
