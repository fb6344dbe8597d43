//! Messages to people, handed to a gateway of the operator's choice: one signed POST a message.
//!
//! The body is `{"channel":"sms"|"email","to":…,"template":…,"text":…,"values":{…}}`, signed like every webhook of the
//! house: `X-Signature: hex(HMAC-SHA256(secret, body))`. Any answer below 300 means taken. Whether the gateway sends a
//! text message, a mail or something else is its own affair; providers of text messages want `template` and `values`.

use std::sync::Arc;

use platform::notify::{Address, Message, NotSent, Sender, Sent};
use ring::hmac;
use serde_json::{Map, Value, json};

use crate::payments::Http;
use crate::payments::http::{Method, Request};

/// The way to an operator's gateway. No `Debug`: it holds a secret.
pub struct Webhook {
    http: Arc<dyn Http>,
    url: String,
    secret: hmac::Key,
}

impl Webhook {
    /// A gateway at this address, with the secret that both sides know.
    pub fn new(http: Arc<dyn Http>, url: String, secret: &[u8]) -> Self {
        Self {
            http,
            url,
            secret: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    fn request(&self, message: &Message) -> Request {
        let (channel, to) = match &message.to {
            Address::Phone(number) => ("sms", number),
            Address::Email(address) => ("email", address),
        };
        let values: Map<String, Value> = message
            .values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect();
        let body = json!({
            "channel": channel, "to": to, "template": message.template, "text": message.text, "values": values,
        });
        let body = body.to_string().into_bytes();
        let signature = data_encoding::HEXLOWER.encode(hmac::sign(&self.secret, &body).as_ref());
        Request {
            method: Method::Post,
            url: self.url.clone(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("x-signature", signature),
            ],
            body,
        }
    }
}

impl Sender for Webhook {
    fn send<'a>(&'a self, message: &'a Message) -> Sent<'a> {
        Box::pin(async move {
            match self.http.send(self.request(message)).await {
                Ok(answer) if answer.status < 300 => Ok(()),
                Ok(answer) => Err(NotSent(format!("the gateway of messages answered {}", answer.status))),
                Err(error) => Err(NotSent(format!("the gateway of messages cannot be reached: {error}"))),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::payments::http::{self, Response};

    /// A gateway that remembers what it got.
    struct Heard {
        status: u16,
        got: Mutex<Vec<Request>>,
    }

    impl Http for Heard {
        fn send(&self, request: Request) -> http::Sent<'_> {
            self.got.lock().expect("not poisoned").push(request);
            let status = self.status;
            Box::pin(async move {
                Ok(Response {
                    status,
                    headers: vec![],
                    body: vec![],
                })
            })
        }
    }

    fn message() -> Message {
        Message {
            to: Address::Phone("13800000000".into()),
            template: "my_gifts_code",
            text: "您的验证码是 123456".into(),
            values: vec![("code", "123456".into())],
        }
    }

    #[tokio::test]
    async fn a_message_is_one_signed_post() {
        let heard = Arc::new(Heard {
            status: 204,
            got: Mutex::default(),
        });
        let webhook = Webhook::new(heard.clone(), "http://127.0.0.1:9/sms".into(), b"secret");
        assert_eq!(webhook.send(&message()).await, Ok(()));
        let got = heard.got.lock().expect("not poisoned");
        let request = &got[0];
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        assert_eq!(body["channel"], "sms");
        assert_eq!(body["to"], "13800000000");
        assert_eq!(body["values"]["code"], "123456");
        let header = request
            .headers
            .iter()
            .find(|(name, _)| *name == "x-signature")
            .expect("signed");
        let signature = data_encoding::HEXLOWER
            .decode(header.1.as_bytes())
            .expect("hexadecimal");
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
        assert!(hmac::verify(&key, &request.body, &signature).is_ok());
        let other = hmac::Key::new(hmac::HMAC_SHA256, b"other");
        assert!(hmac::verify(&other, &request.body, &signature).is_err());
    }

    #[tokio::test]
    async fn a_refusal_is_told_without_the_person() {
        let heard = Arc::new(Heard {
            status: 500,
            got: Mutex::default(),
        });
        let refused = Webhook::new(heard, "http://127.0.0.1:9/sms".into(), b"secret")
            .send(&message())
            .await;
        let words = refused.expect_err("refused").to_string();
        assert!(
            words.contains("500") && !words.contains("138") && !words.contains("123456"),
            "{words}"
        );
    }
}
