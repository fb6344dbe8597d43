//! An answer of the gateway: the very text that was signed, who signed it, what it says.

use std::collections::HashMap;

use giving::donations::orders::GatewayError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// An answer taken apart; nothing of it is believed yet.
pub(super) struct Answer<'a> {
    /// The JSON object as it stood on the wire: what the signature covers.
    pub signed: &'a str,
    /// The signature, when there is one.
    pub signature: Option<String>,
    /// The serial of the certificate it was made with.
    pub certificate: Option<String>,
    /// Code and words.
    pub said: Said,
}

/// Code and words of an answer.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    pub sub_code: String,
    #[serde(default)]
    sub_msg: String,
}

/// The longest words of a provider that are kept.
const WORDS_CHARS_MAX: usize = 200;

impl<'a> Answer<'a> {
    /// Takes the answer to `method` apart.
    pub(super) fn read(method: &str, body: &'a str) -> Result<Self, GatewayError> {
        let unreadable = || GatewayError::TryAgain("the answer cannot be read".into());
        let mut parts: HashMap<String, &'a RawValue> = serde_json::from_str(body).map_err(|_| unreadable())?;
        let name = format!("{}_response", method.replace('.', "_"));
        let signed = parts.remove(&name).or_else(|| parts.remove("error_response"));
        let signed = signed.ok_or_else(unreadable)?.get();
        let text = |part: Option<&&RawValue>| part.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        Ok(Self {
            signed,
            signature: text(parts.get("sign")),
            certificate: text(parts.get("alipay_cert_sn")),
            said: serde_json::from_str(signed).map_err(|_| unreadable())?,
        })
    }

    /// What it says, as the method's own fields.
    pub(super) fn fields<T: DeserializeOwned>(&self) -> Result<T, GatewayError> {
        serde_json::from_str(self.signed)
            .map_err(|error| GatewayError::TryAgain(format!("a field of the answer cannot be read: {error}")))
    }
}

impl Said {
    /// Success.
    pub(super) fn is_success(&self) -> bool {
        self.code == "10000"
    }

    /// Whether the moment of the request was refused.
    pub(super) fn is_about_the_clock(&self) -> bool {
        self.sub_code.contains("invalid-timestamp")
    }

    /// The error that this refusal is.
    pub(super) fn error(&self) -> GatewayError {
        let words = |text: &str| text.chars().take(WORDS_CHARS_MAX).collect::<String>();
        let told = format!("{} {}", self.code, words(&self.msg));
        let sub = self.sub_code.as_str();
        let ours = sub.starts_with("isv.invalid-signature")
            || sub.starts_with("isv.invalid-app")
            || sub.starts_with("isv.missing-signature")
            || sub.starts_with("isv.missing-app")
            || sub.contains("cert");
        match self.code.as_str() {
            "20000" | "40005" => GatewayError::TryAgain(format!("{told} {sub}")),
            "20001" | "40006" => GatewayError::Misconfigured(format!("{told} {sub}")),
            _ if ours => GatewayError::Misconfigured(format!("{told} {sub}")),
            _ if sub.ends_with("SYSTEM_ERROR") || sub.contains("unknow-error") => {
                GatewayError::TryAgain(format!("{told} {sub}"))
            }
            _ => GatewayError::Refused {
                code: if sub.is_empty() {
                    self.code.clone()
                } else {
                    sub.to_owned()
                },
                words: words(if self.sub_msg.is_empty() {
                    &self.msg
                } else {
                    &self.sub_msg
                }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_is_the_object_as_it_stands_on_the_wire() {
        let body = r#"{"alipay_trade_query_response":{"code":"10000","msg":"Success", "a":"{\"sign\":1}","u":"https:\/\/x"},"alipay_cert_sn":"ab","sign":"s=="}"#;
        let answer = Answer::read("alipay.trade.query", body).expect("an answer");
        assert_eq!(
            answer.signed,
            r#"{"code":"10000","msg":"Success", "a":"{\"sign\":1}","u":"https:\/\/x"}"#
        );
        assert_eq!(answer.signature.as_deref(), Some("s=="));
        assert_eq!(answer.certificate.as_deref(), Some("ab"));
        assert!(answer.said.is_success());
    }

    #[test]
    fn refusals_are_told_apart_by_who_must_act() {
        let said = |code: &str, sub: &str| Said {
            code: code.into(),
            sub_code: sub.into(),
            ..Said::default()
        };
        assert!(matches!(
            said("20000", "isp.unknow-error").error(),
            GatewayError::TryAgain(_)
        ));
        assert!(matches!(
            said("40004", "ACQ.SYSTEM_ERROR").error(),
            GatewayError::TryAgain(_)
        ));
        assert!(matches!(
            said("40002", "isv.invalid-signature").error(),
            GatewayError::Misconfigured(_)
        ));
        assert!(matches!(
            said("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH").error(),
            GatewayError::Refused { code, .. } if code == "ACQ.SELLER_BALANCE_NOT_ENOUGH"
        ));
    }

    #[test]
    fn an_answer_to_another_method_is_not_taken() {
        let body = r#"{"alipay_trade_close_response":{"code":"10000"},"sign":"s"}"#;
        assert!(Answer::read("alipay.trade.query", body).is_err());
    }
}
