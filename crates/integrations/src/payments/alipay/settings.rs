//! What a unit sets for its Alipay account. Sealed at rest; no `Debug`, since it holds the private key.

use std::sync::Arc;

use kernel::Instant;
use ring::rand::SecureRandom;
use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, root_sn};
use super::keys::{KeyTextError, PublicKey, SigningKey};
use super::trust::Trust;

/// Alipay's own gateway.
pub const GATEWAY_URL: &str = "https://openapi.alipay.com/gateway.do";
/// Keys of Alipay that may be trusted at once: the present and the next.
const KEYS_MAX: usize = 4;

/// The settings of one Alipay account.
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
#[derive(Clone, Serialize, Deserialize)]
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
pub enum SettingsError {
    /// A key or certificate.
    #[error(transparent)]
    Key(#[from] KeyTextError),
    /// A field.
    #[error("{field}: {why}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
}

/// Settings, read and ready.
pub(super) struct Ready {
    pub app_id: String,
    pub seller_id: String,
    pub gateway: String,
    pub key: SigningKey,
    pub trust: Trust,
    /// `app_cert_sn` and `alipay_root_cert_sn`, in the certificate mode.
    pub serials: Option<(String, String)>,
}

impl Settings {
    /// Reads keys and certificates.
    ///
    /// # Errors
    /// [`SettingsError`], naming the field; never its content.
    pub(super) fn ready(
        &self,
        random: Arc<dyn SecureRandom + Send + Sync>,
        now: Instant,
    ) -> Result<Ready, SettingsError> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let wrong = |field, why| Err(SettingsError::Field { field, why });
        if !digits(&self.app_id) || self.app_id.len() > 32 {
            return wrong("app_id", "the application’s number has only digits");
        }
        if !digits(&self.seller_id) || self.seller_id.len() != 16 || !self.seller_id.starts_with("2088") {
            return wrong("seller_id", "the receiving account’s number has 16 digits and begins with 2088");
        }
        if !self.gateway.starts_with("https://") && !self.gateway.starts_with("http://") {
            return wrong("gateway", "an address that begins with https:// is expected");
        }
        let (trust, serials) = match &self.trust {
            TrustSettings::PublicKey { alipay_public_keys } => {
                if alipay_public_keys.is_empty() || alipay_public_keys.len() > KEYS_MAX {
                    return wrong("trust.alipay_public_keys", "one to four keys are expected");
                }
                let keys: Result<Vec<_>, _> = alipay_public_keys.iter().map(|text| PublicKey::read(text)).collect();
                (Trust::of_keys(keys?), None)
            }
            TrustSettings::Certificate {
                app_cert,
                alipay_certs,
                alipay_root_cert,
            } => {
                if alipay_certs.is_empty() || alipay_certs.len() > KEYS_MAX {
                    return wrong("trust.alipay_certs", "one to four certificates are expected");
                }
                let app = Certificate::all_from_pem(app_cert)?;
                let roots = Certificate::all_from_pem(alipay_root_cert)?;
                let app_sn = app.first().map(Certificate::sn).unwrap_or_default();
                let serials = Some((app_sn, root_sn(&roots)));
                let trust = Trust::of_roots(roots);
                for text in alipay_certs {
                    // One that no longer holds stays in the settings and is not trusted; a newer one is fetched.
                    if let Err(why) = trust.learn(text, now) {
                        tracing::warn!(%why, "a certificate of Alipay’s in the settings is not trusted");
                    }
                }
                (trust, serials)
            }
        };
        Ok(Ready {
            app_id: self.app_id.clone(),
            seller_id: self.seller_id.clone(),
            gateway: self.gateway.clone(),
            key: SigningKey::read(&self.app_private_key, random)?,
            trust,
            serials,
        })
    }
}
