//! Asking Alipay's gateway: signed out, checked in, with the clock's difference and newer certificates taken care of.

use std::sync::atomic::{AtomicI64, Ordering};

use data_encoding::BASE64;
use giving::donations::orders::GatewayError;
use kernel::Instant;
use serde::Deserialize;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc2822;

use super::answer::{Answer, Said};
use super::params::{Params, encoded, moment, signed_text};
use super::settings::Ready;
use super::trust::Verdict;
use crate::payments::Tools;
use crate::payments::http::{ATTEMPTS, Method, Request, Response};
use crate::payments::settings::GatewaySettings;

/// How far the two clocks may differ before a request is not sent again with Alipay's time.
pub const SKEW_SECONDS_MAX: i64 = 900;
/// Parameters that stand in the address; the rest is the body, as Alipay's own clients do it.
const IN_BODY: &str = "biz_content";

/// One application at Alipay.
pub(super) struct Client {
    pub ready: Ready,
    tools: Tools,
    /// Seconds that Alipay's clock runs ahead of ours, once it refused our time.
    ahead_seconds: AtomicI64,
}

/// What was said, believed.
pub(super) enum Reply<T> {
    /// It was done.
    Done(T),
    /// It was refused.
    Refused(Said),
}

#[derive(Deserialize)]
struct CertificateFields {
    alipay_cert_content: String,
}

impl Client {
    pub(super) fn new(settings: &GatewaySettings, tools: &Tools) -> Result<Self, GatewayError> {
        Ok(Self {
            ready: Ready::new(settings, tools)?,
            tools: tools.clone(),
            ahead_seconds: AtomicI64::new(0),
        })
    }

    pub(super) fn now(&self) -> Instant {
        self.tools.services.now()
    }

    /// Fetches a file.
    pub(super) async fn fetch(&self, url: String) -> Result<Vec<u8>, GatewayError> {
        let request = Request {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: Vec::new(),
        };
        let answer = self.tools.http.send(request).await;
        let answer = answer.map_err(|error| GatewayError::TryAgain(error.to_string()))?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(GatewayError::TryAgain(format!("the file: HTTP status {status}"))),
        }
    }

    /// The signed parameters of a call; `extra` are those beside the content (return and notice address).
    pub(super) fn signed(&self, method: &str, content: &Value, extra: &[(&str, &str)]) -> Result<Params, GatewayError> {
        let ahead = self.ahead_seconds.load(Ordering::Relaxed);
        let at = self.now().plus_micros(ahead.saturating_mul(1_000_000));
        let mut params: Params = [
            ("app_id", self.ready.app_id.as_str()),
            ("method", method),
            ("format", "JSON"),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("version", "1.0"),
        ]
        .into_iter()
        .chain(extra.iter().copied())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
        params.insert("timestamp".into(), moment(at));
        params.insert(IN_BODY.into(), content.to_string());
        if let Some((app, root)) = &self.ready.serials {
            params.insert("app_cert_sn".into(), app.clone());
            params.insert("alipay_root_cert_sn".into(), root.clone());
        }
        let signature = self.ready.key.sign(signed_text(&params).as_bytes())?;
        params.insert("sign".into(), signature);
        Ok(params)
    }

    /// Asks and believes the answer only when Alipay signed it.
    pub(super) async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        method: &str,
        content: &Value,
    ) -> Result<Reply<T>, GatewayError> {
        let mut response = self.send(method, content).await?;
        let mut body = text_of(&response)?;
        let mut answer = Answer::read(method, &body)?;
        if answer.said.is_about_the_clock() {
            let response_again = self.send_by_their_clock(method, content, &response).await?;
            response = response_again;
            body = text_of(&response)?;
            answer = Answer::read(method, &body)?;
        }
        self.believe(&answer).await?;
        if !answer.said.is_success() {
            return Ok(Reply::Refused(answer.said));
        }
        answer.fields().map(Reply::Done)
    }

    /// Our time was refused: once more with theirs, when the two are not too far apart.
    async fn send_by_their_clock(
        &self,
        method: &str,
        content: &Value,
        refused: &Response,
    ) -> Result<Response, GatewayError> {
        let now = self.now();
        let theirs = refused.header("date").and_then(read_http_date);
        let ahead = theirs.map_or(0, |theirs| (theirs.micros() - now.micros()) / 1_000_000);
        if theirs.is_none() || ahead.abs() > SKEW_SECONDS_MAX {
            return Err(GatewayError::Clock {
                seconds: ahead,
                allowed: SKEW_SECONDS_MAX,
            });
        }
        tracing::warn!(
            ahead_seconds = ahead,
            "Alipay refused this machine’s time; Alipay’s is used until the clock is set"
        );
        self.ahead_seconds.store(ahead, Ordering::Relaxed);
        self.send(method, content).await
    }

    async fn send(&self, method: &str, content: &Value) -> Result<Response, GatewayError> {
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            let params = self.signed(method, content, &[])?;
            let query = encoded(params.iter().filter(|(key, _)| *key != IN_BODY));
            let body = encoded(params.iter().filter(|(key, _)| *key == IN_BODY));
            let request = Request {
                method: Method::Post,
                url: format!("{}?{query}", self.ready.gateway),
                headers: vec![("content-type", "application/x-www-form-urlencoded;charset=utf-8".into())],
                body: body.into_bytes(),
            };
            match self.tools.http.send(request).await {
                Ok(response) if response.status == 200 => return Ok(response),
                Ok(response) => last = format!("HTTP status {}", response.status),
                Err(error) => last = error.to_string(),
            }
        }
        Err(GatewayError::TryAgain(last))
    }

    /// Refuses an answer that Alipay did not sign. What refuses our own signature comes unsigned and tells what to mend.
    async fn believe(&self, answer: &Answer<'_>) -> Result<(), GatewayError> {
        let Some(signature) = &answer.signature else {
            return Err(match answer.said.is_success() {
                true => GatewayError::Untrusted("it has no signature".into()),
                false => answer.said.error(),
            });
        };
        let verdict = self.judge(answer.signed, signature, answer.certificate.as_deref());
        let verdict = match verdict {
            Verdict::UnknownCertificate(sn) => {
                Box::pin(self.fetch_certificate(&sn)).await?;
                self.judge(answer.signed, signature, Some(&sn))
            }
            other => other,
        };
        trusted(verdict)
    }

    fn judge(&self, text: &str, signature: &str, sn: Option<&str>) -> Verdict {
        let now = self.now();
        match self.ready.trust.judge(text.as_bytes(), signature, sn, now) {
            // Alipay signs the text before it writes `\/` for `/`, in some of its services.
            Verdict::Forged if text.contains(r"\/") => {
                let plain = text.replace(r"\/", "/");
                self.ready.trust.judge(plain.as_bytes(), signature, sn, now)
            }
            verdict => verdict,
        }
    }

    /// Fetches the certificate of this serial and trusts it when it leads to the root in the settings.
    pub(super) async fn fetch_certificate(&self, sn: &str) -> Result<(), GatewayError> {
        let method = "alipay.open.app.alipaycert.download";
        let response = self.send(method, &json!({ "alipay_cert_sn": sn })).await?;
        let body = text_of(&response)?;
        let answer = Answer::read(method, &body)?;
        if !answer.said.is_success() {
            return Err(answer.said.error());
        }
        let fields: CertificateFields = answer.fields()?;
        let pem = BASE64
            .decode(fields.alipay_cert_content.as_bytes())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let now = self.now();
        // Its own signature under the root is the proof; the answer's was made with it.
        let learned = pem.and_then(|pem| self.ready.trust.learn(&pem, now).ok());
        if learned.as_deref() != Some(sn) {
            return Err(GatewayError::Untrusted(format!(
                "the certificate {sn} is not signed under the root certificate in the settings, or does not hold today"
            )));
        }
        tracing::info!(
            sn,
            "a newer certificate of Alipay’s is trusted: it is signed under the root in the settings"
        );
        Ok(())
    }
}

/// A verdict on an answer as an error.
fn trusted(verdict: Verdict) -> Result<(), GatewayError> {
    Err(GatewayError::Untrusted(match verdict {
        Verdict::Genuine => return Ok(()),
        Verdict::Forged => "its signature is wrong".into(),
        Verdict::UnknownCertificate(sn) => format!("the certificate {sn} is not known"),
        Verdict::StaleCertificate(sn) => format!("the certificate {sn} holds no longer"),
    }))
}

fn text_of(response: &Response) -> Result<String, GatewayError> {
    String::from_utf8(response.body.clone()).map_err(|_| GatewayError::TryAgain("the answer is no UTF-8".into()))
}

/// The `Date` of an answer.
fn read_http_date(text: &str) -> Option<Instant> {
    let numeric = text.trim().replace("GMT", "+0000");
    time::OffsetDateTime::parse(&numeric, &Rfc2822)
        .ok()
        .map(Instant::from_datetime)
}
