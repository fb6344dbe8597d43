//! Who pays, inside WeChat: the official account's silent sign-in (网页授权, `snsapi_base`). The payment sheet wants the
//! donor's number in the official account, which WeChat tells to nobody but the account.

use giving::donations::orders::GatewayError;
use serde::Deserialize;

use super::OFFICIAL_URL;
use crate::payments::http::{Http, Method, Request};

/// Where a donor's browser is sent, for the real WeChat.
const AUTHORIZE_URL: &str = "https://open.weixin.qq.com";
/// Where a code becomes a number, for the real WeChat.
const TOKEN_URL: &str = "https://api.weixin.qq.com";
/// A code that was used before, or is too old (five minutes).
const SPENT: [i64; 2] = [40_029, 40_163];
/// WeChat is busy.
const BUSY: i64 = -1;
/// WeChat's codes are 32 characters.
const CODE_BYTES_MAX: usize = 128;

/// The official account that donors sign in with. No `Debug`: it holds its secret.
pub(super) struct Account {
    app_id: String,
    secret: String,
    authorize: String,
    token: String,
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    openid: String,
    #[serde(default)]
    errcode: i64,
}

impl Account {
    /// None without a secret: then donors inside WeChat are sent to a browser.
    pub(super) fn new(app_id: &str, secret: &str, endpoint: &str) -> Option<Self> {
        if secret.is_empty() {
            return None;
        }
        let at = |official: &str| if endpoint == OFFICIAL_URL { official } else { endpoint }.to_owned();
        Some(Self {
            app_id: app_id.to_owned(),
            secret: secret.to_owned(),
            authorize: at(AUTHORIZE_URL),
            token: at(TOKEN_URL),
        })
    }

    /// The address at which WeChat asks nobody anything and comes back with `code` and `state`.
    pub(super) fn url(&self, back: &str, state: &str) -> String {
        // WeChat wants the fields in this order.
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("appid", &self.app_id)
            .append_pair("redirect_uri", back)
            .append_pair("response_type", "code")
            .append_pair("scope", "snsapi_base")
            .append_pair("state", state)
            .finish();
        format!("{}/connect/oauth2/authorize?{query}#wechat_redirect", self.authorize)
    }

    /// The donor's number for a code.
    pub(super) async fn openid(&self, http: &dyn Http, code: &str) -> Result<String, GatewayError> {
        if code.is_empty() || code.len() > CODE_BYTES_MAX || !code.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(spent());
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("appid", &self.app_id)
            .append_pair("secret", &self.secret)
            .append_pair("code", code)
            .append_pair("grant_type", "authorization_code")
            .finish();
        let request = Request {
            method: Method::Get,
            url: format!("{}/sns/oauth2/access_token?{query}", self.token),
            headers: vec![("accept", "application/json".to_owned())],
            body: Vec::new(),
        };
        // The address holds the secret: what went wrong is told without it.
        let again = |why: &str| GatewayError::TryAgain(format!("WeChat’s sign-in {why}"));
        let answer = http.send(request).await.map_err(|_| again("gave no answer"))?;
        let told: Told = serde_json::from_slice(&answer.body).map_err(|_| again("gave an answer of another kind"))?;
        match told.errcode {
            0 if !told.openid.is_empty() => Ok(told.openid),
            0 => Err(again("named nobody")),
            BUSY => Err(again("is busy")),
            code if SPENT.contains(&code) => Err(spent()),
            code => Err(GatewayError::Misconfigured(format!(
                "WeChat refused the official account’s sign-in ({code}): check its number and secret"
            ))),
        }
    }
}

fn spent() -> GatewayError {
    GatewayError::Refused {
        code: "CODE_SPENT".to_owned(),
        words: "the sign-in is over; begin again".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_wechat_has_two_addresses_and_a_sandbox_one() {
        assert!(
            Account::new("wx1", "", OFFICIAL_URL).is_none(),
            "without a secret nobody signs in"
        );
        let real = Account::new("wx1", "s", OFFICIAL_URL).expect("an account");
        assert_eq!(
            real.url("https://g.example.org/o/1/pay?with=wechat", "one"),
            "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1\
             &redirect_uri=https%3A%2F%2Fg.example.org%2Fo%2F1%2Fpay%3Fwith%3Dwechat&response_type=code&scope=snsapi_base\
             &state=one#wechat_redirect"
        );
        assert_eq!(real.token, TOKEN_URL);
        let toy = Account::new("wx1", "s", "http://127.0.0.1:1").expect("an account");
        assert!(
            toy.url("b", "s")
                .starts_with("http://127.0.0.1:1/connect/oauth2/authorize?appid=wx1&")
        );
    }
}
