//! Notices and signatures of the platform.

use serde_json::{Value, json};

use super::orders::rfc3339;
use super::{keys, seconds, told};
use crate::Sandbox;
use crate::chance::letters;
use crate::delivery::Letter;

/// The headers with which the platform signs this body now; `wanted` is the serial that the merchant asked for.
pub(super) fn signed(sandbox: &Sandbox, body: &str, wanted: Option<&str>) -> Vec<(&'static str, String)> {
    let wechat = &sandbox.wechat;
    let (timestamp, nonce) = (seconds(sandbox.now()).to_string(), letters(&*sandbox.world.rng, 32));
    let message = format!("{timestamp}\n{nonce}\n{body}\n");
    let (serial, signature) = if sandbox.faults().stale_certificate {
        let stale = &wechat.stale;
        (stale.serial.clone(), keys::sign_base64(&stale.key, message.as_bytes()))
    } else {
        let by_public_key = wechat.wants_public_key(wanted);
        wechat.current(|current| {
            let serial = match by_public_key {
                true => wechat.public_key_id.clone(),
                false => current.serial.clone(),
            };
            (serial, keys::sign_base64(&current.key, message.as_bytes()))
        })
    };
    vec![
        ("Wechatpay-Timestamp", timestamp),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Serial", serial),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048".into()),
    ]
}

/// Something encrypted under the merchant's API v3 key.
pub(super) fn sealed(sandbox: &Sandbox, kind: &str, plain: &str) -> Value {
    let nonce = letters(&*sandbox.world.rng, 12);
    let ciphertext = keys::encrypt(&sandbox.wechat.merchant.api_key, &nonce, kind, plain.as_bytes());
    json!({
        "original_type": kind,
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": ciphertext.unwrap_or_default(),
        "associated_data": kind,
        "nonce": nonce,
    })
}

/// A number of a notice; all its repeats have it.
pub(super) fn event_id(sandbox: &Sandbox) -> String {
    let mut bytes = [0; 16];
    sandbox.world.rng.fill(&mut bytes);
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

struct PaymentNotice {
    number: String,
    event: String,
}

struct RefundNotice {
    number: String,
    refund: String,
    event: String,
}

pub(super) fn of_payment(number: &str, event: &str) -> Box<dyn Letter> {
    Box::new(PaymentNotice {
        number: number.to_owned(),
        event: event.to_owned(),
    })
}

pub(super) fn of_refund(number: &str, refund: &str, event: &str) -> Box<dyn Letter> {
    Box::new(RefundNotice {
        number: number.to_owned(),
        refund: refund.to_owned(),
        event: event.to_owned(),
    })
}

fn envelope(sandbox: &Sandbox, event: &str, (kind, summary): (&str, &str), resource: Value) -> String {
    json!({
        "id": event,
        "create_time": rfc3339(sandbox.now()),
        "resource_type": "encrypt-resource",
        "event_type": kind,
        "summary": summary,
        "resource": resource,
    })
    .to_string()
}

/// Headers of a notice: signed by the platform, or by nobody it knows.
fn headers(sandbox: &Sandbox, body: &str) -> Vec<(&'static str, String)> {
    let mut headers = signed(sandbox, body, None);
    if sandbox.faults().forge {
        let find = |name: &str| {
            headers
                .iter()
                .find(|(each, _)| *each == name)
                .map(|(_, value)| value.clone())
        };
        let message = format!(
            "{}\n{}\n{body}\n",
            find("Wechatpay-Timestamp").unwrap_or_default(),
            find("Wechatpay-Nonce").unwrap_or_default()
        );
        let forged = keys::sign_base64(&sandbox.wechat.forger, message.as_bytes());
        for header in headers.iter_mut().filter(|(name, _)| *name == "Wechatpay-Signature") {
            header.1.clone_from(&forged);
        }
    }
    headers.push(("Content-Type", "application/json".into()));
    headers
}

impl Letter for PaymentNotice {
    fn write(&self, sandbox: &Sandbox) -> (String, Vec<(&'static str, String)>, String) {
        let merchant = &sandbox.wechat.merchant;
        let order = sandbox.wechat.orders(|orders| orders.get(&self.number).cloned());
        let Some(order) = order else {
            return (String::new(), Vec::new(), String::new());
        };
        let plain = order.document((&merchant.mchid, &merchant.appid), told(sandbox, order.total));
        let resource = sealed(sandbox, "transaction", &plain.to_string());
        let body = envelope(sandbox, &self.event, ("TRANSACTION.SUCCESS", "支付成功"), resource);
        (order.notify_url, headers(sandbox, &body), body)
    }
    fn is_taken(&self, status: u16, _body: &str) -> bool {
        matches!(status, 200 | 204)
    }
    fn about(&self) -> String {
        self.number.clone()
    }
}

impl Letter for RefundNotice {
    fn write(&self, sandbox: &Sandbox) -> (String, Vec<(&'static str, String)>, String) {
        let order = sandbox.wechat.orders(|orders| orders.get(&self.number).cloned());
        let found = order.and_then(|order| {
            let refund = order.refunds.get(&self.refund)?.clone();
            Some((order, refund))
        });
        let Some((order, refund)) = found else {
            return (String::new(), Vec::new(), String::new());
        };
        let mut plain = order.refund_document(&self.refund, &refund);
        plain["mchid"] = json!(sandbox.wechat.merchant.mchid);
        plain["refund_status"] = plain["status"].take();
        if let Some(fields) = plain.as_object_mut() {
            fields.retain(|name, _| !matches!(name.as_str(), "status" | "channel" | "create_time"));
        }
        let resource = sealed(sandbox, "refund", &plain.to_string());
        let body = envelope(sandbox, &self.event, ("REFUND.SUCCESS", "退款成功"), resource);
        let url = refund.notify_url.unwrap_or(order.notify_url);
        (url, headers(sandbox, &body), body)
    }
    fn is_taken(&self, status: u16, _body: &str) -> bool {
        matches!(status, 200 | 204)
    }
    fn about(&self) -> String {
        self.refund.clone()
    }
}
