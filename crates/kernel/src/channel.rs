//! The ways a gift can come in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The way a gift comes in; the word of JSON, of the store and of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// WeChat Pay.
    Wechat,
    /// Alipay.
    Alipay,
    /// UnionPay, 云闪付 among it.
    Unionpay,
    /// A bank account.
    Bank,
    /// A cash box or counter.
    Cash,
    /// A donation platform that pays out later.
    Platform,
    /// A signed payment notice of a partner.
    Notice,
    /// Anything else.
    Other,
    /// A sponsor's match of someone's gift: no way in which people give, and so not among [`Channel::ALL`].
    Match,
}

/// A word that is no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no channel: wechat, alipay, unionpay, bank, cash, platform, notice or other is expected")]
pub struct ChannelError(pub String);

impl Channel {
    /// All in which people give, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Wechat,
        Self::Alipay,
        Self::Unionpay,
        Self::Bank,
        Self::Cash,
        Self::Platform,
        Self::Notice,
        Self::Other,
    ];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
            Self::Unionpay => "unionpay",
            Self::Bank => "bank",
            Self::Cash => "cash",
            Self::Platform => "platform",
            Self::Notice => "notice",
            Self::Other => "other",
            Self::Match => "match",
        }
    }
    /// The name in Chinese.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Wechat => "微信支付",
            Self::Alipay => "支付宝",
            Self::Unionpay => "银联",
            Self::Bank => "银行转账",
            Self::Cash => "现金",
            Self::Platform => "募捐平台",
            Self::Notice => "支付通知",
            Self::Other => "其他",
            Self::Match => "配捐",
        }
    }
    /// The name in English.
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::Wechat => "WeChat Pay",
            Self::Alipay => "Alipay",
            Self::Unionpay => "UnionPay",
            Self::Bank => "Bank transfer",
            Self::Cash => "Cash",
            Self::Platform => "Donation platform",
            Self::Notice => "Payment notice",
            Self::Other => "Other",
            Self::Match => "Match",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = ChannelError;
    fn from_str(word: &str) -> Result<Self, ChannelError> {
        Self::ALL
            .into_iter()
            .chain([Self::Match])
            .find(|c| c.as_str() == word)
            .ok_or_else(|| ChannelError(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_read_back_from_its_word_and_its_json() {
        for channel in Channel::ALL.into_iter().chain([Channel::Match]) {
            assert_eq!(channel.as_str().parse(), Ok(channel));
            assert_eq!(
                serde_json::to_string(&channel).expect("a word"),
                format!("\"{channel}\"")
            );
        }
        assert_eq!("WeChat".parse::<Channel>(), Err(ChannelError("WeChat".into())));
    }
}
