//! What WeChat Pay sends and takes, as JSON.

use giving::donations::orders::{ChargeState, GatewayError, Payment, RefundStep};
use kernel::{Fen, Instant};
use serde::Deserialize;

/// The only currency of domestic merchants.
pub(super) const CURRENCY: &str = "CNY";

/// The answer to a JSAPI order.
#[derive(Deserialize)]
pub(super) struct Prepaid {
    pub prepay_id: String,
}
/// The answer to an H5 order.
#[derive(Deserialize)]
pub(super) struct H5 {
    pub h5_url: String,
}
/// The answer to a Native order.
#[derive(Deserialize)]
pub(super) struct Native {
    pub code_url: String,
}

/// Why WeChat did not do it.
#[derive(Deserialize)]
pub(super) struct Failure {
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub message: String,
}

/// A payment, in an answer or a notice.
#[derive(Deserialize)]
pub(super) struct Transaction {
    pub appid: Option<String>,
    pub mchid: Option<String>,
    pub out_trade_no: String,
    pub transaction_id: Option<String>,
    pub trade_state: String,
    pub success_time: Option<String>,
    pub payer: Option<PayerPart>,
    pub amount: Option<Amount>,
}
#[derive(Deserialize)]
pub(super) struct PayerPart {
    pub openid: Option<String>,
}
#[derive(Deserialize)]
pub(super) struct Amount {
    pub total: i64,
    pub currency: Option<String>,
}

fn odd(what: &str) -> GatewayError {
    GatewayError::TryAgain(format!("the answer lacks {what}"))
}

impl Transaction {
    /// What it says of the order that was asked about.
    pub(super) fn state(self, asked: &str) -> Result<ChargeState, GatewayError> {
        if self.out_trade_no != asked {
            return Err(odd("the order that was asked about"));
        }
        Ok(match self.trade_state.as_str() {
            "SUCCESS" | "REFUND" => ChargeState::Paid(self.payment()?),
            "CLOSED" | "REVOKED" | "PAYERROR" => ChargeState::Closed,
            _ => ChargeState::Waiting,
        })
    }

    /// The payment that it tells of.
    pub(super) fn payment(self) -> Result<Payment, GatewayError> {
        let amount = self.amount.ok_or_else(|| odd("an amount"))?;
        if amount.currency.is_some_and(|currency| currency != CURRENCY) {
            return Err(odd("an amount in yuan"));
        }
        let paid_at = self.success_time.as_deref().map(Instant::parse_rfc3339);
        let paid_at = paid_at.and_then(Result::ok).ok_or_else(|| odd("the time of payment"))?;
        Ok(Payment {
            trade_no: self.out_trade_no,
            provider_no: self.transaction_id.ok_or_else(|| odd("its number"))?,
            amount: Fen::new(amount.total),
            paid_at,
            payer_id: self.payer.and_then(|payer| payer.openid).filter(|id| !id.is_empty()),
        })
    }
}

/// A refund, in an answer (`status`) or a notice (`refund_status`).
#[derive(Deserialize)]
pub(super) struct Refund {
    pub mchid: Option<String>,
    pub out_refund_no: String,
    pub refund_id: Option<String>,
    #[serde(alias = "refund_status")]
    pub status: String,
    pub success_time: Option<String>,
}

impl Refund {
    pub(super) fn step(self) -> Result<RefundStep, GatewayError> {
        Ok(match self.status.as_str() {
            "SUCCESS" => {
                let at = self.success_time.as_deref().map(Instant::parse_rfc3339);
                RefundStep::Done {
                    provider_no: self.refund_id.ok_or_else(|| odd("the refund’s number"))?,
                    at: at.and_then(Result::ok).ok_or_else(|| odd("the time of the refund"))?,
                }
            }
            "PROCESSING" => RefundStep::Processing,
            // CLOSED: not carried out; ABNORMAL: the payer's card cannot take it.
            _ => RefundStep::Failed { code: self.status },
        })
    }
}

/// Where a bill is, and its hash.
#[derive(Deserialize)]
pub(super) struct BillPlace {
    pub hash_type: String,
    pub hash_value: String,
    pub download_url: String,
}

/// The platform's certificates.
#[derive(Deserialize)]
pub(super) struct Certificates {
    pub data: Vec<CertificateEntry>,
}
#[derive(Deserialize)]
pub(super) struct CertificateEntry {
    pub serial_no: String,
    pub encrypt_certificate: Sealed,
}

/// Something encrypted with AES-256-GCM under the API v3 key.
#[derive(Deserialize)]
pub(super) struct Sealed {
    pub algorithm: String,
    pub ciphertext: String,
    #[serde(default)]
    pub associated_data: String,
    pub nonce: String,
}

/// A notice around its encrypted resource.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub id: String,
    pub event_type: String,
    pub resource: Sealed,
}

/// Codes that say that an order was never placed (or long ago).
pub(super) fn is_unknown_order(code: &str) -> bool {
    matches!(code, "ORDER_NOT_EXIST" | "ORDERNOTEXIST")
}

/// A time as WeChat wants it: to the second, in Beijing's.
pub(super) fn rfc3339_beijing(at: Instant) -> String {
    let at = at.to_beijing();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+08:00",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction(state: &str) -> Transaction {
        let text = format!(
            r#"{{"out_trade_no":"SQ1","transaction_id":"42","trade_state":"{state}","amount":{{"total":100,"currency":"CNY"}},
               "success_time":"2026-05-08T09:00:00+08:00","payer":{{"openid":""}}}}"#
        );
        serde_json::from_str(&text).expect("the shape of WeChat")
    }

    #[test]
    fn what_was_paid_stays_paid_when_it_is_given_back() {
        for state in ["SUCCESS", "REFUND"] {
            let Ok(ChargeState::Paid(payment)) = transaction(state).state("SQ1") else {
                panic!("{state} is paid");
            };
            assert_eq!((payment.amount, payment.payer_id), (Fen::new(100), None));
            assert_eq!(payment.paid_at.to_rfc3339(), "2026-05-08T01:00:00Z");
        }
        assert!(matches!(transaction("NOTPAY").state("SQ1"), Ok(ChargeState::Waiting)));
        assert!(matches!(transaction("CLOSED").state("SQ1"), Ok(ChargeState::Closed)));
        assert!(
            transaction("SUCCESS").state("SQ2").is_err(),
            "an answer about another order"
        );
    }

    #[test]
    fn a_refund_that_cannot_be_carried_out_is_told_with_its_code() {
        let told = |status: &str| {
            let text = format!(r#"{{"out_refund_no":"R1","refund_id":"5","status":"{status}"}}"#);
            serde_json::from_str::<Refund>(&text)
                .expect("the shape of WeChat")
                .step()
        };
        assert_eq!(told("PROCESSING"), Ok(RefundStep::Processing));
        assert_eq!(
            told("ABNORMAL"),
            Ok(RefundStep::Failed {
                code: "ABNORMAL".into()
            })
        );
        assert!(told("SUCCESS").is_err(), "a success has its time");
    }

    #[test]
    fn times_are_beijings() {
        let at = Instant::parse_rfc3339("2026-05-07T17:30:05Z").expect("a time");
        assert_eq!(rfc3339_beijing(at), "2026-05-08T01:30:05+08:00");
    }
}
