//! 企业微信 (WeCom): an application of an enterprise's own. People scan with their telephone, the code that comes back is
//! exchanged with the application's access token for the member's number (`userid`).
//!
//! Read at developer.work.weixin.qq.com, paths 91039 (`gettoken`), 98152 (`wwlogin`) and 98177 (`auth/getuserinfo`). There is
//! neither nonce nor PKCE nor a signature: what binds the answer to the browser is the state alone, and it states no second
//! factor.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Clock, Instant};
use platform::signin::sso::{Ask, Connection, ProviderError, Returned, Verified, Way};
use serde::Deserialize;

use super::cut;
use crate::payments::Http;
use crate::payments::http::{Method, Request};

const API: &str = "https://qyapi.weixin.qq.com";
const LOGIN: &str = "https://login.work.weixin.qq.com/wwlogin/sso/login";
/// A token is fetched anew a little before it ends.
const EARLY_MICROS: i64 = 5 * 60 * 1_000_000;
/// Tokens remembered; more applications are never set up.
const TOKENS_MAX: usize = 32;
/// Longer members' numbers than 64 bytes there are not.
const USER_CHARS_MAX: usize = 64;

/// The token is none any more.
const TOKEN_ENDED: [i64; 3] = [40_014, 42_001, 41_001];
/// The code is wrong, used or too old.
const CODE_WRONG: [i64; 2] = [40_029, 41_008];
/// It is busy.
const BUSY: i64 = -1;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
    access_token: Option<String>,
    expires_in: Option<i64>,
    // The older interface wrote it `UserId`.
    #[serde(alias = "UserId")]
    userid: Option<String>,
    name: Option<String>,
}

/// Applications at 企业微信.
pub(super) struct Wecom {
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    tokens: Mutex<HashMap<Vec<u8>, (String, Instant)>>,
}

struct Settings<'a> {
    corp_id: &'a str,
    agent_id: &'a str,
    api: &'a str,
    login: &'a str,
}

fn settings(way: &Way) -> Option<Settings<'_>> {
    let Way::Wecom {
        corp_id,
        agent_id,
        api_url,
        login_url,
    } = way
    else {
        return None;
    };
    Some(Settings {
        corp_id,
        agent_id,
        api: api_url.as_deref().unwrap_or(API).trim_end_matches('/'),
        login: login_url.as_deref().unwrap_or(LOGIN),
    })
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Where people scan.
pub(super) fn address(way: &Way, ask: &Ask) -> String {
    let Some(set) = settings(way) else {
        return String::new();
    };
    let asked = query(&[
        ("login_type", "CorpApp"),
        ("appid", set.corp_id),
        ("agentid", set.agent_id),
        ("redirect_uri", &ask.return_to),
        ("state", &ask.state),
    ]);
    format!("{}?{asked}", set.login)
}

impl Wecom {
    pub(super) fn new(http: Arc<dyn Http>, clock: Arc<dyn Clock>) -> Self {
        Self {
            http,
            clock,
            tokens: Mutex::default(),
        }
    }

    pub(super) async fn check(&self, with: &Connection) -> Result<(), ProviderError> {
        let set = settings(&with.way).ok_or_else(other_kind)?;
        self.fresh_token(&set, &with.secret).await.map(drop)
    }

    pub(super) async fn finish(&self, with: &Connection, back: &Returned) -> Result<Verified, ProviderError> {
        let set = settings(&with.way).ok_or_else(other_kind)?;
        let mut token = self.token(&set, &with.secret).await?;
        let mut answer = self.member(&set, &token, &back.code).await?;
        if TOKEN_ENDED.contains(&answer.errcode) {
            token = self.fresh_token(&set, &with.secret).await?;
            answer = self.member(&set, &token, &back.code).await?;
        }
        if CODE_WRONG.contains(&answer.errcode) {
            return Err(ProviderError::Refused(said(&answer)));
        }
        let answer = good(answer)?;
        let member = answer
            .userid
            .filter(|user| !user.is_empty() && user.chars().count() <= USER_CHARS_MAX)
            .ok_or_else(|| ProviderError::Refused("not a member of the enterprise".to_owned()))?;
        let name = self.name(&set, &token, &member).await;
        Ok(Verified {
            subject: member,
            name,
            methods: Vec::new(),
            level: None,
        })
    }

    async fn member(&self, set: &Settings<'_>, token: &str, code: &str) -> Result<Answer, ProviderError> {
        let asked = query(&[("access_token", token), ("code", code)]);
        self.get(format!("{}/cgi-bin/auth/getuserinfo?{asked}", set.api)).await
    }

    /// What the member is called; many applications may not read it, which keeps nobody out.
    async fn name(&self, set: &Settings<'_>, token: &str, member: &str) -> Option<String> {
        let asked = query(&[("access_token", token), ("userid", member)]);
        let answer = self.get(format!("{}/cgi-bin/user/get?{asked}", set.api)).await.ok()?;
        good(answer).ok()?.name
    }

    /// The application's token, from memory while it holds: how often one is given is limited.
    async fn token(&self, set: &Settings<'_>, secret: &str) -> Result<String, ProviderError> {
        let now = self.clock.now();
        let kept = {
            let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            tokens.get(&place(set, secret)).cloned()
        };
        match kept.filter(|(_, until)| now < *until) {
            Some((token, _)) => Ok(token),
            None => self.fresh_token(set, secret).await,
        }
    }

    async fn fresh_token(&self, set: &Settings<'_>, secret: &str) -> Result<String, ProviderError> {
        let asked = query(&[("corpid", set.corp_id), ("corpsecret", secret)]);
        let answer = good(self.get(format!("{}/cgi-bin/gettoken?{asked}", set.api)).await?)?;
        let token = answer
            .access_token
            .filter(|token| !token.is_empty())
            .ok_or_else(|| ProviderError::Unusable("no access token was given".to_owned()))?;
        let seconds = answer.expires_in.unwrap_or(0).clamp(0, 86_400);
        let until = self.clock.now().plus_micros(seconds * 1_000_000 - EARLY_MICROS);
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= TOKENS_MAX {
            tokens.clear();
        }
        tokens.insert(place(set, secret), (token.clone(), until));
        Ok(token)
    }

    async fn get(&self, url: String) -> Result<Answer, ProviderError> {
        let request = Request {
            method: Method::Get,
            url,
            headers: vec![("accept", "application/json".to_owned())],
            body: Vec::new(),
        };
        let answer = self.http.send(request).await;
        let answer = answer.map_err(|error| ProviderError::Unreachable(cut(&error.0)))?;
        if answer.status != 200 {
            return Err(ProviderError::Unreachable(format!("it answered {}", answer.status)));
        }
        serde_json::from_slice(&answer.body)
            .map_err(|_| ProviderError::Unusable("it answered something that is no answer of 企业微信".to_owned()))
    }
}

fn other_kind() -> ProviderError {
    ProviderError::Unusable("not 企业微信".to_owned())
}

/// Where a token is remembered; a new secret finds no token of the old one.
fn place(set: &Settings<'_>, secret: &str) -> Vec<u8> {
    let text = format!("{}\n{}\n{}\n{secret}", set.api, set.corp_id, set.agent_id);
    ring::digest::digest(&ring::digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}

fn said(answer: &Answer) -> String {
    cut(&format!("errcode {}: {}", answer.errcode, answer.errmsg))
}

fn good(answer: Answer) -> Result<Answer, ProviderError> {
    match answer.errcode {
        0 => Ok(answer),
        BUSY => Err(ProviderError::Unreachable(said(&answer))),
        _ => Err(ProviderError::Unusable(said(&answer))),
    }
}

#[cfg(test)]
mod tests {
    use kernel::FixedClock;

    use super::*;
    use crate::payments::http::{Response, Sent};

    const NOW: Instant = Instant::from_micros(1_778_198_400_000_000);

    /// 企业微信 with one application, one member and codes that work once.
    struct Fake {
        tokens_given: Mutex<Vec<String>>,
        codes: Mutex<Vec<String>>,
    }

    impl Fake {
        fn answer(&self, url: &str) -> String {
            let (path, text) = url.split_once('?').expect("a query");
            let asked: HashMap<String, String> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
            let mut given = self.tokens_given.lock().expect("whole");
            if path.ends_with("/cgi-bin/gettoken") {
                if asked["corpid"] != "ww0000" || asked["corpsecret"] != "right" {
                    return r#"{"errcode":40001,"errmsg":"invalid credential"}"#.into();
                }
                let token = format!("t{}", given.len());
                given.push(token.clone());
                return format!(r#"{{"errcode":0,"errmsg":"ok","access_token":"{token}","expires_in":7200}}"#);
            }
            if given.last() != Some(&asked["access_token"]) {
                return r#"{"errcode":42001,"errmsg":"access_token expired"}"#.into();
            }
            if path.ends_with("/cgi-bin/user/get") {
                return r#"{"errcode":0,"errmsg":"ok","userid":"lin","name":"林一"}"#.into();
            }
            let mut codes = self.codes.lock().expect("whole");
            match codes.iter().position(|code| *code == asked["code"]) {
                Some(at) if codes[at] == "guest" => r#"{"errcode":0,"errmsg":"ok","openid":"o0000"}"#.into(),
                Some(at) => {
                    codes.remove(at);
                    r#"{"errcode":0,"errmsg":"ok","userid":"lin"}"#.into()
                }
                None => r#"{"errcode":40029,"errmsg":"invalid code"}"#.into(),
            }
        }
    }

    impl Http for Fake {
        fn send(&self, request: Request) -> Sent<'_> {
            let body = self.answer(&request.url).into_bytes();
            Box::pin(async move {
                Ok(Response {
                    status: 200,
                    headers: vec![],
                    body,
                })
            })
        }
    }

    fn fake(codes: &[&str]) -> (Arc<Fake>, Wecom, Arc<FixedClock>) {
        let fake = Arc::new(Fake {
            tokens_given: Mutex::default(),
            codes: Mutex::new(codes.iter().map(|code| (*code).to_owned()).collect()),
        });
        let clock = Arc::new(FixedClock::at(NOW));
        let http: Arc<dyn Http> = Arc::clone(&fake) as Arc<dyn Http>;
        let wecom = Wecom::new(http, Arc::clone(&clock) as Arc<dyn Clock>);
        (fake, wecom, clock)
    }

    fn connection(secret: &str) -> Connection {
        Connection {
            way: Way::Wecom {
                corp_id: "ww0000".into(),
                agent_id: "1000002".into(),
                api_url: Some("https://wx.example/".into()),
                login_url: None,
            },
            secret: secret.into(),
        }
    }

    fn back(code: &str) -> Returned {
        Returned {
            code: code.into(),
            issuer: None,
            nonce: String::new(),
            verifier: String::new(),
            return_to: "https://give.example/console/sso/wx".into(),
        }
    }

    #[test]
    fn people_are_sent_to_the_page_where_they_scan() {
        let ask = Ask {
            state: "abc123".into(),
            nonce: String::new(),
            verifier: String::new(),
            return_to: "https://give.example/console/sso/wx".into(),
        };
        assert_eq!(
            address(&connection("right").way, &ask),
            "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&appid=ww0000&agentid=1000002\
             &redirect_uri=https%3A%2F%2Fgive.example%2Fconsole%2Fsso%2Fwx&state=abc123"
        );
    }

    #[tokio::test]
    async fn a_code_is_a_member_once_and_one_token_serves_until_it_ends() {
        let (fake, wecom, clock) = fake(&["a", "b", "c"]);
        let with = connection("right");
        let verified = wecom.finish(&with, &back("a")).await.expect("a member");
        assert_eq!(
            (verified.subject.as_str(), verified.name.as_deref()),
            ("lin", Some("林一"))
        );
        assert!(verified.methods.is_empty() && verified.level.is_none());
        let again = wecom.finish(&with, &back("a")).await;
        assert!(matches!(again, Err(ProviderError::Refused(_))));
        wecom.finish(&with, &back("b")).await.expect("a member");
        assert_eq!(fake.tokens_given.lock().expect("whole").len(), 1);
        clock.set(NOW.plus_micros(7_200 * 1_000_000));
        wecom.finish(&with, &back("c")).await.expect("a member");
        assert_eq!(fake.tokens_given.lock().expect("whole").len(), 2);
    }

    #[tokio::test]
    async fn a_token_that_was_withdrawn_is_fetched_anew() {
        let (fake, wecom, _) = fake(&["a", "b"]);
        let with = connection("right");
        wecom.finish(&with, &back("a")).await.expect("a member");
        fake.tokens_given.lock().expect("whole").push("elsewhere".into());
        wecom.finish(&with, &back("b")).await.expect("a member");
        assert_eq!(fake.tokens_given.lock().expect("whole").len(), 3);
    }

    #[tokio::test]
    async fn guests_and_wrong_secrets_are_refused_with_words() {
        let (_, wecom, _) = fake(&["guest"]);
        let guest = wecom.finish(&connection("right"), &back("guest")).await;
        assert!(matches!(guest, Err(ProviderError::Refused(_))));
        let wrong = wecom.check(&connection("wrong")).await.expect_err("refused");
        assert!(
            matches!(&wrong, ProviderError::Unusable(why) if why.contains("40001")),
            "{wrong}"
        );
        assert!(!wrong.to_string().contains("wrong"), "no secret in the words");
        wecom.check(&connection("right")).await.expect("known");
    }
}
