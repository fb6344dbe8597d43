//! Orders and refunds of the sandbox, in memory.

use std::collections::BTreeMap;

use kernel::Instant;
use serde_json::{Value, json};

/// Orders kept: a rehearsal has hundreds, a test run thousands.
pub(super) const ORDERS_MAX: usize = 200_000;

/// An order.
#[derive(Clone)]
pub(super) struct Order {
    pub out_trade_no: String,
    pub description: String,
    pub total: i64,
    pub notify_url: String,
    pub openid: String,
    pub trade_type: &'static str,
    pub prepay_id: String,
    pub expires_at: Option<Instant>,
    pub state: State,
    pub refunds: BTreeMap<String, Refund>,
}

/// Where an order is.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum State {
    NotPaid,
    Closed,
    Paid { transaction_id: String, at: Instant },
}

/// A refund.
#[derive(Clone)]
pub(super) struct Refund {
    pub refund_id: String,
    pub amount: i64,
    pub at: Instant,
    pub notify_url: Option<String>,
}

pub(super) fn rfc3339(at: Instant) -> String {
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

impl Order {
    pub(super) fn refunded(&self) -> i64 {
        self.refunds.values().map(|refund| refund.amount).sum()
    }

    /// As a query or a notice tells it; `told` is the amount it tells.
    pub(super) fn document(&self, (mchid, appid): (&str, &str), told: i64) -> Value {
        let mut out = json!({
            "appid": appid,
            "mchid": mchid,
            "out_trade_no": self.out_trade_no,
            "trade_type": self.trade_type,
            "attach": "",
            "payer": { "openid": self.openid },
        });
        let (word, words) = match &self.state {
            State::NotPaid => ("NOTPAY", "订单未支付"),
            State::Closed => ("CLOSED", "订单已关闭"),
            State::Paid { transaction_id, at } => {
                out["transaction_id"] = json!(transaction_id);
                out["bank_type"] = json!("OTHERS");
                out["success_time"] = json!(rfc3339(*at));
                if self.refunds.is_empty() {
                    ("SUCCESS", "支付成功")
                } else {
                    ("REFUND", "订单发生过退款")
                }
            }
        };
        out["trade_state"] = json!(word);
        out["trade_state_desc"] = json!(words);
        out["amount"] = json!({ "total": told, "payer_total": told, "currency": "CNY", "payer_currency": "CNY" });
        out
    }

    /// A refund as its answer tells it.
    pub(super) fn refund_document(&self, number: &str, refund: &Refund) -> Value {
        let transaction_id = match &self.state {
            State::Paid { transaction_id, .. } => transaction_id.as_str(),
            State::NotPaid | State::Closed => "",
        };
        json!({
            "refund_id": refund.refund_id,
            "out_refund_no": number,
            "transaction_id": transaction_id,
            "out_trade_no": self.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "success_time": rfc3339(refund.at),
            "create_time": rfc3339(refund.at),
            "status": "SUCCESS",
            "amount": {
                "total": self.total,
                "refund": refund.amount,
                "payer_total": self.total,
                "payer_refund": refund.amount,
                "settlement_refund": refund.amount,
                "settlement_total": self.total,
                "discount_refund": 0,
                "currency": "CNY",
            },
        })
    }
}
