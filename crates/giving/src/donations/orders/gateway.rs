//! What giving asks of a payment provider. `integrations` implements it (WeChat Pay, Alipay), `qiao` wires it.
//!
//! A gateway belongs to one receiving account of one unit. It speaks the provider's wire format and nothing else: it
//! decides nothing about gifts. Every payment it sees, by notice, by query or in a bill, becomes a [`Payment`] and goes
//! through [`super::confirm`], so that all of them take the one way in.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::str::FromStr;

use kernel::{BusinessDay, Channel, Fen, Instant, ReceivingAccountId, UnitId};
use serde::{Deserialize, Serialize};

/// A payment provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// WeChat Pay, API v3.
    Wechat,
    /// Alipay, open platform.
    Alipay,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Wechat, Self::Alipay];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
        }
    }
    /// The channel of accounts that are paid through it.
    pub const fn channel(self) -> Channel {
        match self {
            Self::Wechat => Channel::Wechat,
            Self::Alipay => Channel::Alipay,
        }
    }
}

impl FromStr for Provider {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|provider| provider.as_str() == word);
        found.ok_or_else(|| format!("“{word}” is no payment provider: wechat or alipay is expected"))
    }
}

/// How the donor will pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Inside WeChat: the page calls up the payment sheet.
    WechatJsapi {
        /// The donor's number in the official account.
        openid: String,
    },
    /// In a phone's browser, over to WeChat and back.
    WechatH5 {
        /// The donor's address, which WeChat compares.
        client: IpAddr,
    },
    /// A QR code that WeChat scans.
    WechatNative,
    /// In a phone's browser, over to Alipay and back.
    AlipayWap,
    /// On a computer, over to Alipay and back.
    AlipayPage,
}

impl Way {
    /// Whose way it is.
    pub const fn provider(&self) -> Provider {
        match self {
            Self::WechatJsapi { .. } | Self::WechatH5 { .. } | Self::WechatNative => Provider::Wechat,
            Self::AlipayWap | Self::AlipayPage => Provider::Alipay,
        }
    }
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::WechatJsapi { .. } => "wechat_jsapi",
            Self::WechatH5 { .. } => "wechat_h5",
            Self::WechatNative => "wechat_native",
            Self::AlipayWap => "alipay_wap",
            Self::AlipayPage => "alipay_page",
        }
    }
}

/// What the donor's browser does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum PayStep {
    /// Go there.
    Redirect {
        /// The address.
        url: String,
    },
    /// Send this form, which sends itself where scripts run and has a button where they do not.
    Form {
        /// A whole `<form>` element.
        html: String,
    },
    /// Show this as a QR code.
    Qr {
        /// What the code says.
        code_url: String,
    },
    /// Hand this to the payment sheet of the chat app (`WeixinJSBridge`, `getBrandWCPayRequest`).
    Jsapi {
        /// The parameters, signed.
        #[schema(value_type = Object)]
        params: serde_json::Value,
    },
}

/// What a gateway is told of an order. No personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Our number of the order; the same again when the donor tries again.
    pub trade_no: String,
    /// The amount.
    pub amount: Fen,
    /// What the payer reads: the project's title.
    pub description: String,
    /// Until when it may be paid.
    pub expires_at: Instant,
}

/// A payment that the provider says was made.
#[derive(Clone, PartialEq, Eq)]
pub struct Payment {
    /// Our number of the order.
    pub trade_no: String,
    /// The provider's number.
    pub provider_no: String,
    /// What was paid.
    pub amount: Fen,
    /// When.
    pub paid_at: Instant,
    /// The payer's number at the provider. Personal: it is sealed with the gift, so no `Debug` here.
    pub payer_id: Option<String>,
}

/// What the provider knows of an order.
#[derive(Clone, PartialEq, Eq)]
pub enum ChargeState {
    /// It waits for the payer.
    Waiting,
    /// It was paid, even if some or all was given back since.
    Paid(Payment),
    /// It can no longer be paid.
    Closed,
    /// The provider never heard of it (or the donor never reached the provider's page).
    Unknown,
}

/// Money to be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundCharge {
    /// Our number of the refund; the same again when we try again.
    pub refund_no: String,
    /// Our number of the order.
    pub trade_no: String,
    /// How much.
    pub amount: Fen,
    /// What was paid.
    pub paid: Fen,
    /// Why, for the payer to read; no personal data.
    pub reason: String,
}

/// Where a refund is at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundStep {
    /// It is on its way.
    Processing,
    /// The payer has the money.
    Done {
        /// The provider's number of the refund.
        provider_no: String,
        /// When.
        at: Instant,
    },
    /// The provider will not carry it out; a person must look (the words are the provider's code).
    Failed {
        /// The provider's code.
        code: String,
    },
    /// The provider never heard of it.
    Unknown,
}

/// One line of a bill.
#[derive(Clone, PartialEq, Eq)]
pub enum BillLine {
    /// A payment.
    Paid(Payment),
    /// Money given back.
    Refunded {
        /// Our number of the order.
        trade_no: String,
        /// Our number of the refund.
        refund_no: String,
        /// How much.
        amount: Fen,
    },
}

/// A day's bill.
#[derive(Clone, Default)]
pub struct Bill {
    /// The file as the provider gave it, whose hash or signature was checked; empty when there was no trade.
    pub file: Vec<u8>,
    /// Its lines.
    pub lines: Vec<BillLine>,
}

/// Why a gateway did not do what it was asked. The words are kept and shown to staff: never personal data, never keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// It may work in a moment: the network, the provider's servers, too many requests. The same number may be used.
    #[error("the payment provider could not be asked now: {0}")]
    TryAgain(String),
    /// The provider refuses this request.
    #[error("the payment provider refused: {code} {words}")]
    Refused {
        /// The provider's code.
        code: String,
        /// The provider's words.
        words: String,
    },
    /// Our settings are wrong: key, merchant number, certificate.
    #[error("the payment settings do not fit: {0}")]
    Misconfigured(String),
    /// What came back was not signed by the provider: nothing of it was believed.
    #[error("the answer is not signed by the payment provider: {0}")]
    Untrusted(String),
    /// Our clock and the provider's are too far apart.
    #[error("this machine’s clock and the payment provider’s differ by {seconds} seconds; at most {allowed} are taken")]
    Clock {
        /// How far the provider's clock runs ahead of ours.
        seconds: i64,
        /// How much is tolerated.
        allowed: i64,
    },
}

/// What a gateway's methods return.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, GatewayError>> + Send + 'a>>;

/// A payment provider, connected for one receiving account.
pub trait Gateway: Send + Sync {
    /// Which provider.
    fn provider(&self) -> Provider;
    /// Places the order with the provider. The same charge again gives a step for the same payment, never a second one.
    /// `back` is where the donor's browser returns to.
    fn begin<'a>(&'a self, charge: &'a Charge, way: &'a Way, back: &'a str) -> Asked<'a, PayStep>;
    /// Where a donor inside the provider's app says who she is, for a way that wants her number there: she comes back to
    /// `back` with `code` and `state`. None where no way wants it, or the settings do not allow it.
    fn sign_in_url(&self, _back: &str, _state: &str) -> Option<String> {
        None
    }
    /// The donor's number at the provider, for a code she came back with; a code counts once
    /// ([`GatewayError::Refused`]).
    fn payer<'a>(&'a self, _code: &'a str) -> Asked<'a, String> {
        Box::pin(async { Err(GatewayError::Misconfigured("nobody signs in here".into())) })
    }
    /// What the provider knows of an order.
    fn query<'a>(&'a self, trade_no: &'a str) -> Asked<'a, ChargeState>;
    /// Closes an order that was not paid; one that was closed or never known is no error.
    fn close<'a>(&'a self, trade_no: &'a str) -> Asked<'a, ()>;
    /// Gives money back; the same refund number again is the same refund.
    fn refund<'a>(&'a self, refund: &'a RefundCharge) -> Asked<'a, RefundStep>;
    /// What the provider knows of a refund.
    fn query_refund<'a>(&'a self, refund: &'a RefundCharge) -> Asked<'a, RefundStep>;
    /// The bill of a day that is over. A day without trades is an empty bill.
    fn bill(&self, day: BusinessDay) -> Asked<'_, Bill>;
}

/// A gateway with the account whose money it brings.
#[derive(Clone)]
pub struct Connected {
    /// The unit in whose books the money will stand.
    pub unit: UnitId,
    /// The account.
    pub account: ReceivingAccountId,
    /// The provider.
    pub gateway: std::sync::Arc<dyn Gateway>,
}
