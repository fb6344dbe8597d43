//! Signed requests, verified answers.

use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use giving::donations::orders::GatewayError;
use kernel::id::hex;
use platform::Services;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::notice::{Opened, Refused};
use super::trust::Trust;
use super::wire::{self, BillPlace, Failure, Sealed};
use crate::payments::Tools;
use crate::payments::http::{ATTEMPTS, Http, Method, Request, Response};
use crate::payments::rsa::{Signer, verifies};
use crate::payments::settings::GatewaySettings;

/// How far WeChat's clock and ours may be apart, in seconds: WeChat's own rule of five minutes.
pub const SKEW_SECONDS_MAX: i64 = 300;
/// The scheme of signed requests.
const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// The longest words of an answer that are kept.
const WORDS_CHARS_MAX: usize = 200;

/// The headers with which WeChat signs.
pub struct SignedHeaders {
    /// `Wechatpay-Timestamp`.
    pub timestamp: String,
    /// `Wechatpay-Nonce`.
    pub nonce: String,
    /// `Wechatpay-Signature`.
    pub signature: String,
    /// `Wechatpay-Serial`.
    pub serial: String,
}

impl SignedHeaders {
    /// Reads them by a look-up with lower-case names; `None` when one is missing.
    pub fn read<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        Some(Self {
            timestamp: header("wechatpay-timestamp")?.to_owned(),
            nonce: header("wechatpay-nonce")?.to_owned(),
            signature: header("wechatpay-signature")?.to_owned(),
            serial: header("wechatpay-serial")?.to_owned(),
        })
    }

    fn message(&self, body: &[u8]) -> Vec<u8> {
        let mut message = format!("{}\n{}\n", self.timestamp, self.nonce).into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        message
    }
}

/// Speaks with WeChat for one merchant. No `Debug`: it holds keys.
pub(super) struct Client {
    merchant_no: String,
    endpoint: String,
    key_serial: String,
    signer: Signer,
    api_key: LessSafeKey,
    trust: Trust,
    http: Arc<dyn Http>,
    services: Services,
}

impl Client {
    pub(super) fn new(settings: GatewaySettings, tools: &Tools) -> Result<Self, GatewayError> {
        let signer = Signer::new(&settings.secrets.private_key, tools.system.clone())?;
        let key = UnboundKey::new(&AES_256_GCM, settings.secrets.api_key.as_bytes());
        let key = key.map_err(|_| GatewayError::Misconfigured("the API v3 key has not 32 characters".into()))?;
        Ok(Self {
            merchant_no: settings.merchant_no,
            endpoint: settings.endpoint,
            key_serial: settings.key_serial,
            signer,
            api_key: LessSafeKey::new(key),
            trust: Trust::new(settings.unit, settings.platform_keys),
            http: Arc::clone(&tools.http),
            services: tools.services.clone(),
        })
    }

    fn now_seconds(&self) -> i64 {
        self.services.now().micros().div_euclid(1_000_000)
    }

    fn nonce(&self) -> String {
        hex(&self.services.rng.secret()[..16])
    }

    fn authorization(&self, method: Method, path: &str, body: &str) -> Result<String, GatewayError> {
        let (timestamp, nonce) = (self.now_seconds(), self.nonce());
        let message = format!("{}\n{path}\n{timestamp}\n{nonce}\n{body}\n", method.as_str());
        let signature = self.signer.sign(message.as_bytes())?;
        Ok(format!(
            "{SCHEME} mchid=\"{}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",\
             serial_no=\"{}\"",
            self.merchant_no, self.key_serial
        ))
    }

    /// Asks, and once more with a signature of its own when no answer came: a provider closes a connection that was idle
    /// in the moment it is used again. Nothing is done twice by it: orders, closings and refunds bear their own number.
    async fn send(&self, method: Method, url: &str, path: &str, body: String) -> Result<Response, GatewayError> {
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            match self.http.send(self.request(method, url, path, &body)?).await {
                Ok(response) => return Ok(response),
                Err(error) => last = error.to_string(),
            }
        }
        Err(GatewayError::TryAgain(last))
    }

    fn request(&self, method: Method, url: &str, path: &str, body: &str) -> Result<Request, GatewayError> {
        let mut headers = vec![
            ("authorization", self.authorization(method, path, body)?),
            ("accept", "application/json".to_owned()),
            ("user-agent", concat!("shanqiao/", env!("CARGO_PKG_VERSION")).to_owned()),
        ];
        if method == Method::Post {
            headers.push(("content-type", "application/json".to_owned()));
        }
        // Tells WeChat with which key it is to sign its answer; it matters while keys change.
        if let Some(serial) = self.trust.preferred(self.services.now()) {
            headers.push(("wechatpay-serial", serial));
        }
        Ok(Request {
            method,
            url: url.to_owned(),
            headers,
            body: body.as_bytes().to_vec(),
        })
    }

    async fn ask(&self, method: Method, path: &str, body: String) -> Result<Vec<u8>, GatewayError> {
        let response = self
            .send(method, &format!("{}{path}", self.endpoint), path, body)
            .await?;
        if !(200..300).contains(&response.status) {
            return Err(self.failure(&response));
        }
        let headers = SignedHeaders::read(|name| response.header(name));
        let headers = headers.ok_or_else(|| GatewayError::Untrusted("an answer without a signature".into()))?;
        self.trusts(&headers, &response.body).await?;
        Ok(response.body)
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, GatewayError> {
        parse(&self.ask(Method::Get, path, String::new()).await?)
    }
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, GatewayError> {
        parse(&self.ask(Method::Post, path, body.to_string()).await?)
    }
    /// For what is answered without content.
    pub(super) async fn post_silent(&self, path: &str, body: &Value) -> Result<(), GatewayError> {
        self.ask(Method::Post, path, body.to_string()).await.map(drop)
    }

    /// What an answer without success means.
    fn failure(&self, response: &Response) -> GatewayError {
        let failure: Failure = serde_json::from_slice(&response.body).unwrap_or(Failure {
            code: format!("HTTP_{}", response.status),
            message: String::new(),
        });
        let words: String = failure.message.chars().take(WORDS_CHARS_MAX).collect();
        match (response.status, failure.code.as_str()) {
            (401, _) => match self.clock_difference(response) {
                Some(seconds) if seconds.abs() > SKEW_SECONDS_MAX => clock(seconds),
                _ => GatewayError::Misconfigured(format!(
                    "WeChat Pay refused our signature ({}): check the merchant key and its serial number",
                    failure.code
                )),
            },
            (403, _) | (_, "NO_AUTH" | "APPID_MCHID_NOT_MATCH" | "MCH_NOT_EXISTS") => {
                GatewayError::Misconfigured(format!(
                    "WeChat Pay refused the merchant or application: {} {words}",
                    failure.code
                ))
            }
            (429 | 500.., _) => GatewayError::TryAgain(format!("{} {words}", failure.code)),
            _ => GatewayError::Refused {
                code: failure.code,
                words,
            },
        }
    }

    /// How far the server's clock runs ahead of ours, by its own telling.
    fn clock_difference(&self, response: &Response) -> Option<i64> {
        let date = response.header("date")?;
        let format = time::format_description::well_known::Rfc2822;
        // HTTP writes GMT where RFC 2822 writes +0000.
        let date = date.strip_suffix("GMT").map(|begin| format!("{begin}+0000"))?;
        let theirs = time::OffsetDateTime::parse(&date, &format).ok()?;
        Some(theirs.unix_timestamp() - self.now_seconds())
    }

    /// Whether the platform signed this, just now.
    pub(super) async fn trusts(&self, headers: &SignedHeaders, body: &[u8]) -> Result<(), GatewayError> {
        let untrusted = |why: &str| GatewayError::Untrusted(why.to_owned());
        let at: i64 = headers
            .timestamp
            .parse()
            .map_err(|_| untrusted("its time is no number"))?;
        let ahead = at.saturating_sub(self.now_seconds());
        let key = match self.trust.key(&headers.serial, self.services.now()) {
            Some(key) => key,
            None => self.renewed(&headers.serial).await?,
        };
        if !verifies(&key, &headers.message(body), &headers.signature) {
            return Err(untrusted("the signature does not fit"));
        }
        // After the signature: the clock of who did not sign says nothing.
        if ahead.abs() > SKEW_SECONDS_MAX {
            return Err(clock(ahead));
        }
        Ok(())
    }

    /// The key with this serial, after having looked once whether the platform has new ones.
    async fn renewed(&self, serial: &str) -> Result<Vec<u8>, GatewayError> {
        let missing = || {
            GatewayError::Untrusted(format!(
                "signed with the key {}, which is unknown or no longer valid; if WeChat Pay has changed its key, set it \
                 with `qiao payments set`",
                serial.chars().take(64).collect::<String>()
            ))
        };
        // Public keys are never handed out by the interface.
        if serial.starts_with("PUB_KEY_ID_") || !self.trust.may_renew(self.services.now()) {
            return Err(missing());
        }
        let path = "/v3/certificates";
        let response = self
            .send(Method::Get, &format!("{}{path}", self.endpoint), path, String::new())
            .await?;
        if response.status != 200 {
            return Err(self.failure(&response));
        }
        // The certificates are authenticated by our API v3 key; then their answer must be signed by one of them.
        let fresh = self.open_certificates(&response.body)?;
        let headers = SignedHeaders::read(|name| response.header(name));
        let headers = headers.ok_or_else(|| GatewayError::Untrusted("certificates without a signature".into()))?;
        let signer = fresh.iter().find(|key| key.serial == headers.serial);
        let is_signed =
            signer.is_some_and(|key| verifies(&key.public_key, &headers.message(&response.body), &headers.signature));
        if !is_signed {
            return Err(GatewayError::Untrusted(
                "the certificates’ own signature does not fit".into(),
            ));
        }
        self.trust.keep(&self.services, fresh).await;
        self.trust.key(serial, self.services.now()).ok_or_else(missing)
    }

    fn open_certificates(&self, body: &[u8]) -> Result<Vec<crate::payments::settings::PlatformKey>, GatewayError> {
        use crate::payments::keys;
        use crate::payments::settings::PlatformKey;
        let listed: wire::Certificates = parse(body)?;
        let open = |entry: wire::CertificateEntry| {
            let plain = self.open(&entry.encrypt_certificate).ok_or_else(|| {
                GatewayError::Misconfigured("the API v3 key does not open WeChat Pay’s certificates".into())
            })?;
            let text = String::from_utf8(plain).unwrap_or_default();
            let certificate = keys::certificate(&text).map_err(|e| GatewayError::Untrusted(e.to_string()))?;
            if certificate.serial == entry.serial_no {
                Ok(PlatformKey::of_certificate(certificate))
            } else {
                Err(GatewayError::Untrusted(
                    "a certificate with another serial number".into(),
                ))
            }
        };
        listed.data.into_iter().map(open).collect()
    }

    fn open(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        if sealed.algorithm != "AEAD_AES_256_GCM" {
            return None;
        }
        let nonce = Nonce::try_assume_unique_for_key(sealed.nonce.as_bytes()).ok()?;
        let mut buffer = BASE64.decode(sealed.ciphertext.as_bytes()).ok()?;
        let about = Aad::from(sealed.associated_data.as_bytes());
        let plain = self.api_key.open_in_place(nonce, about, &mut buffer).ok()?;
        Some(plain.to_vec())
    }

    /// A notice's content; its signature was verified before.
    pub(super) fn open_resource(&self, body: &[u8]) -> Result<Opened, Refused> {
        let envelope: wire::Envelope = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
        let plain = self.open(&envelope.resource).ok_or(Refused::Sealed)?;
        Ok(Opened {
            event: envelope.id,
            kind: envelope.event_type,
            plain,
        })
    }

    /// The parameters with which a page in WeChat calls up the payment sheet.
    pub(super) fn jsapi_params(&self, app_id: &str, prepay_id: &str) -> Result<Value, GatewayError> {
        let (timestamp, nonce) = (self.now_seconds().to_string(), self.nonce());
        let package = format!("prepay_id={prepay_id}");
        let message = format!("{app_id}\n{timestamp}\n{nonce}\n{package}\n");
        Ok(json!({
            "appId": app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self.signer.sign(message.as_bytes())?,
        }))
    }

    /// The bill's file: it is not signed, its hash came in a signed answer.
    pub(super) async fn download(&self, place: &BillPlace) -> Result<Vec<u8>, GatewayError> {
        let after_host = place.download_url.split_once("://").map_or("", |(_, rest)| rest);
        let path = after_host.find('/').map_or("/", |at| &after_host[at..]);
        let response = self.send(Method::Get, &place.download_url, path, String::new()).await?;
        if response.status != 200 {
            return Err(self.failure(&response));
        }
        let hash = HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &response.body).as_ref());
        if place.hash_type != "SHA1" || !place.hash_value.eq_ignore_ascii_case(&hash) {
            return Err(GatewayError::Untrusted("the bill’s hash does not fit its file".into()));
        }
        Ok(response.body)
    }
}

fn clock(seconds: i64) -> GatewayError {
    GatewayError::Clock {
        seconds,
        allowed: SKEW_SECONDS_MAX,
    }
}

/// The parser's words may repeat values, which may be personal.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, GatewayError> {
    serde_json::from_slice(body).map_err(|_| GatewayError::TryAgain("the answer has not the documented shape".into()))
}
