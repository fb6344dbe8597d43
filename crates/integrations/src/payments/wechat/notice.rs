//! A notice, verified and opened.

use giving::donations::orders::{GatewayError, Payment, RefundStep};

use super::wire::{Refund, Transaction};

/// A notice's content, not yet understood.
pub(super) struct Opened {
    pub event: String,
    pub kind: String,
    pub plain: Vec<u8>,
}

/// A notice of the platform for us.
pub struct Notice {
    /// The platform's number of it; a repeat has the same.
    pub event: String,
    /// Its kind: `TRANSACTION.SUCCESS`, `REFUND.SUCCESS`, …
    pub kind: String,
    /// What it tells.
    pub told: Told,
}

/// What a notice tells.
pub enum Told {
    /// A payment.
    Payment(Payment),
    /// Where a refund is.
    Refund {
        /// Our number of it.
        refund_no: String,
        /// Where it is.
        step: RefundStep,
    },
    /// Something that needs nothing done.
    Nothing,
}

/// Why a notice is not believed; nothing of it is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its signature does not fit: forged, or a probe of WeChat's (`WECHATPAY/SIGNTEST/…`).
    #[error("signature")]
    Signature,
    /// Signed with a key that is unknown or no longer valid, also after looking for new ones.
    #[error("unknown_key")]
    UnknownKey,
    /// Its time and ours are too far apart.
    #[error("clock")]
    Clock {
        /// How far it runs ahead of us, in seconds.
        seconds: i64,
    },
    /// The platform's keys could not be asked for now.
    #[error("keys_unavailable")]
    KeysUnavailable,
    /// Not the documented shape.
    #[error("unreadable")]
    Unreadable,
    /// Our API v3 key does not open it.
    #[error("sealed")]
    Sealed,
    /// It is about another merchant or application.
    #[error("other_merchant")]
    OtherMerchant,
}

impl Refused {
    pub(super) fn of(error: GatewayError) -> Self {
        match error {
            GatewayError::Clock { seconds, .. } => Self::Clock { seconds },
            GatewayError::Untrusted(why) if why.starts_with("signed with") => Self::UnknownKey,
            GatewayError::Untrusted(_) => Self::Signature,
            GatewayError::TryAgain(_) | GatewayError::Refused { .. } | GatewayError::Misconfigured(_) => {
                Self::KeysUnavailable
            }
        }
    }

    /// The word of records.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::UnknownKey => "unknown_key",
            Self::Clock { .. } => "clock",
            Self::KeysUnavailable => "keys_unavailable",
            Self::Unreadable => "unreadable",
            Self::Sealed => "sealed",
            Self::OtherMerchant => "other_merchant",
        }
    }
}

impl Opened {
    /// What it tells this merchant.
    pub(super) fn of(self, merchant_no: &str, app_id: &str) -> Result<Notice, Refused> {
        let told = match self.kind.as_str() {
            kind if kind.starts_with("REFUND.") => {
                let refund: Refund = serde_json::from_slice(&self.plain).map_err(|_| Refused::Unreadable)?;
                if refund.mchid.as_deref().is_some_and(|mchid| mchid != merchant_no) {
                    return Err(Refused::OtherMerchant);
                }
                Told::Refund {
                    refund_no: refund.out_refund_no.clone(),
                    step: refund.step().map_err(|_| Refused::Unreadable)?,
                }
            }
            "TRANSACTION.SUCCESS" => {
                let transaction: Transaction = serde_json::from_slice(&self.plain).map_err(|_| Refused::Unreadable)?;
                let ours = transaction.mchid.as_deref() == Some(merchant_no)
                    && transaction.appid.as_deref().is_none_or(|app| app == app_id);
                if !ours {
                    return Err(Refused::OtherMerchant);
                }
                match transaction.trade_state.as_str() {
                    "SUCCESS" | "REFUND" => Told::Payment(transaction.payment().map_err(|_| Refused::Unreadable)?),
                    _ => Told::Nothing,
                }
            }
            _ => Told::Nothing,
        };
        Ok(Notice {
            event: self.event,
            kind: self.kind,
            told,
        })
    }
}
