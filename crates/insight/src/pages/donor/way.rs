//! Which way of paying fits a browser.

use std::net::IpAddr;

use giving::donations::orders::{Provider, Way};

/// What is told by a browser's own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Browser {
    /// Inside WeChat.
    Wechat,
    /// Inside Alipay.
    Alipay,
    /// A phone's browser.
    Phone,
    /// A computer's.
    Desk,
}

/// Reads a browser's name.
pub(super) fn browser(agent: &str) -> Browser {
    if agent.contains("MicroMessenger") {
        Browser::Wechat
    } else if agent.contains("AlipayClient") {
        Browser::Alipay
    } else if ["Mobile", "Android", "iPhone", "HarmonyOS"]
        .iter()
        .any(|word| agent.contains(word))
    {
        Browser::Phone
    } else {
        Browser::Desk
    }
}

/// Of a unit's providers those that can be reached from this browser: each chat app blocks the other's payment.
pub(super) fn reachable(providers: &[Provider], browser: Browser) -> Vec<Provider> {
    let blocked = match browser {
        Browser::Wechat => Some(Provider::Alipay),
        Browser::Alipay => Some(Provider::Wechat),
        Browser::Phone | Browser::Desk => None,
    };
    providers
        .iter()
        .copied()
        .filter(|provider| Some(*provider) != blocked)
        .collect()
}

/// The way for a provider in this browser; `openid` is the donor's number, where the chat app has told it.
pub(super) fn way(provider: Provider, browser: Browser, (client, openid): (IpAddr, Option<String>)) -> Way {
    match (provider, browser, openid) {
        (Provider::Wechat, Browser::Wechat, Some(openid)) => Way::WechatJsapi { openid },
        (Provider::Wechat, Browser::Desk, _) => Way::WechatNative,
        (Provider::Wechat, ..) => Way::WechatH5 { client },
        (Provider::Alipay, Browser::Desk, _) => Way::AlipayPage,
        (Provider::Alipay, ..) => Way::AlipayWap,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WECHAT: &str = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Mobile MicroMessenger/8.0.50";
    const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";
    const DESK: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";

    #[test]
    fn each_browser_has_its_way() {
        let client = (IpAddr::from([203, 0, 113, 7]), None);
        let word = |provider, agent: &str| way(provider, browser(agent), client.clone()).as_str();
        assert_eq!(word(Provider::Wechat, DESK), "wechat_native");
        assert_eq!(word(Provider::Wechat, PHONE), "wechat_h5");
        assert_eq!(word(Provider::Wechat, WECHAT), "wechat_h5");
        assert_eq!(word(Provider::Alipay, DESK), "alipay_page");
        assert_eq!(word(Provider::Alipay, PHONE), "alipay_wap");
        let known = (client.0, Some("openid".to_owned()));
        assert_eq!(way(Provider::Wechat, browser(WECHAT), known).as_str(), "wechat_jsapi");
    }

    #[test]
    fn inside_a_chat_app_the_other_ones_payment_is_not_offered() {
        let both = [Provider::Wechat, Provider::Alipay];
        assert_eq!(reachable(&both, Browser::Wechat), [Provider::Wechat]);
        assert_eq!(reachable(&both, Browser::Alipay), [Provider::Alipay]);
        assert_eq!(reachable(&both, browser(PHONE)), both);
    }
}
