//! What several rooms of the platforms speak of.

use super::words::said;

/// A word that is none of an enum's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{word}” is not known; one of {known} is expected")]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// What would have been right.
    pub known: String,
}

said! {
    /// A donation platform designated by the ministry of civil affairs (R1.20); the word is that of the campaigns'
    /// platform links.
    PlatformCode {
        /// 腾讯公益.
        TencentGongyi = "tencent-gongyi", "腾讯公益", "Tencent Gongyi";
        /// 支付宝公益.
        AlipayGongyi = "alipay-gongyi", "支付宝公益", "Alipay Gongyi";
        /// 易宝公益.
        YeepayGongyi = "yeepay-gongyi", "易宝公益", "Yeepay Gongyi";
    }
}

impl PlatformCode {
    /// The letters that begin the codes of its accounts.
    pub const fn short(self) -> &'static str {
        match self {
            Self::TencentGongyi => "txgy",
            Self::AlipayGongyi => "zfbgy",
            Self::YeepayGongyi => "ybgy",
        }
    }
}

kernel::ids! {
    /// A statement of a platform.
    StatementId,
    /// An urgent raise of a page's capacity.
    RaiseId,
    /// A difference between a platform's totals and ours.
    DifferenceId,
    /// Something told to a platform.
    PushId,
    /// The keys of a platform's interface.
    PlatformKeyId,
}
