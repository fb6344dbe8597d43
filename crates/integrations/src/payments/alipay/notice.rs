//! Alipay's notices (异步通知): a form, signed; what it says once it is believed.

use giving::donations::orders::Payment;
use kernel::{Fen, Instant};

use super::params::{self, read_moment};

/// A notice as it came.
pub(super) struct Form(params::Form);

/// What a believed notice says.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// Alipay's number of the notice, the same in every repeat.
    pub notify_id: String,
    /// Our number of the order.
    pub trade_no: String,
    /// What happened.
    pub event: Event,
}

/// What happened to a trade.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// It was paid; given back in part or whole since, when `refunded` says so.
    Paid {
        /// The payment.
        payment: Payment,
        /// Money given back.
        refunded: Option<RefundTold>,
    },
    /// It can no longer be paid.
    Closed,
    /// It waits for the payer.
    Waiting,
}

/// Money given back, as a notice tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundTold {
    /// Our number of the refund, when the notice names one.
    pub refund_no: Option<String>,
    /// What the trade gave back in all.
    pub in_all: Fen,
    /// When.
    pub at: Option<Instant>,
}

/// Why a notice was not believed. Kept and shown to staff: no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeRefusal {
    /// It is no form, or lacks this field.
    #[error("the notice cannot be read: {0}")]
    Malformed(&'static str),
    /// Nobody we know signed it.
    #[error("the signature is wrong")]
    BadSignature,
    /// Signed with a certificate that does not lead to the root in the settings.
    #[error("the certificate {0} is not known")]
    UnknownCertificate(String),
    /// Signed with a certificate that holds no longer.
    #[error("the certificate {0} holds no longer")]
    StaleCertificate(String),
    /// Meant for another application.
    #[error("the notice is meant for another application")]
    WrongApp,
    /// The money went to another account.
    #[error("the notice speaks of another receiving account")]
    WrongSeller,
    /// The certificate it needs could not be fetched now: Alipay sends it again.
    #[error("the certificate could not be fetched now")]
    Later,
}

impl NoticeRefusal {
    /// A stable word for logs and problems.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::BadSignature => "bad_signature",
            Self::UnknownCertificate(_) => "unknown_certificate",
            Self::StaleCertificate(_) => "stale_certificate",
            Self::WrongApp => "wrong_app",
            Self::WrongSeller => "wrong_seller",
            Self::Later => "later",
        }
    }
}

impl Form {
    pub(super) fn read(body: &[u8]) -> Result<Self, NoticeRefusal> {
        params::Form::read(body)
            .map(Self)
            .ok_or(NoticeRefusal::Malformed("form"))
    }

    /// Reads a query in which one field is ours and not signed.
    pub(super) fn read_without(query: &[u8], ours: &str) -> Result<Self, NoticeRefusal> {
        let mut form = params::Form::read(query).ok_or(NoticeRefusal::Malformed("query"))?;
        form.remove(ours);
        Ok(Self(form))
    }

    /// The number of the order of which a donor's browser brings word. Only called once its signature was believed.
    pub(super) fn returned(&self, app_id: &str) -> Result<String, NoticeRefusal> {
        if self.field("app_id")? != app_id {
            return Err(NoticeRefusal::WrongApp);
        }
        self.field("out_trade_no")
    }

    /// The signed bytes, the signature, the serial of the certificate.
    pub(super) fn signature(&self) -> Result<(Vec<u8>, String, Option<String>), NoticeRefusal> {
        if self.0.text("sign_type").as_deref() != Some("RSA2") {
            return Err(NoticeRefusal::Malformed("sign_type"));
        }
        let signature = self.field("sign")?;
        Ok((self.0.signed_bytes(), signature, self.0.text("alipay_cert_sn")))
    }

    /// What it says. Only called once its signature was believed.
    pub(super) fn notice(&self, app_id: &str, seller_id: &str) -> Result<Notice, NoticeRefusal> {
        if self.field("app_id")? != app_id {
            return Err(NoticeRefusal::WrongApp);
        }
        if self.field("seller_id")? != seller_id {
            return Err(NoticeRefusal::WrongSeller);
        }
        let trade_no = self.field("out_trade_no")?;
        let paid_at = self.0.text("gmt_payment").as_deref().and_then(read_moment);
        let event = match (self.field("trade_status")?.as_str(), paid_at) {
            ("TRADE_SUCCESS" | "TRADE_FINISHED" | "TRADE_CLOSED", Some(paid_at)) => Event::Paid {
                payment: Payment {
                    trade_no: trade_no.clone(),
                    provider_no: self.field("trade_no")?,
                    amount: self
                        .amount("total_amount")?
                        .ok_or(NoticeRefusal::Malformed("total_amount"))?,
                    paid_at,
                    payer_id: self.0.text("buyer_open_id").or_else(|| self.0.text("buyer_id")),
                },
                refunded: self
                    .amount("refund_fee")?
                    .filter(|fee| fee.is_positive())
                    .map(|in_all| RefundTold {
                        refund_no: self.0.text("out_biz_no"),
                        in_all,
                        at: self.0.text("gmt_refund").as_deref().and_then(read_moment),
                    }),
            },
            ("TRADE_CLOSED", None) => Event::Closed,
            ("WAIT_BUYER_PAY", _) => Event::Waiting,
            ("TRADE_SUCCESS" | "TRADE_FINISHED", None) => return Err(NoticeRefusal::Malformed("gmt_payment")),
            _ => return Err(NoticeRefusal::Malformed("trade_status")),
        };
        Ok(Notice {
            notify_id: self.field("notify_id")?,
            trade_no,
            event,
        })
    }

    fn field(&self, name: &'static str) -> Result<String, NoticeRefusal> {
        self.0.text(name).ok_or(NoticeRefusal::Malformed(name))
    }

    fn amount(&self, name: &'static str) -> Result<Option<Fen>, NoticeRefusal> {
        let read = |text: String| Fen::parse_yuan(&text).map_err(|_| NoticeRefusal::Malformed(name));
        self.0.text(name).map(read).transpose()
    }
}
