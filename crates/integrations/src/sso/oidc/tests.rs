//! OpenID Connect against a provider in memory that signs with a key of its own.

use kernel::FixedClock;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreIdToken, CoreJsonWebKeySet};
use openidconnect::{
    Audience, AuthenticationMethodReference, EmptyAdditionalClaims, EndUserName, JsonWebKeyId, LocalizedClaim,
    PrivateSigningKey as _, StandardClaims,
};
use serde_json::json;

use super::*;
use crate::payments::http::{Response, Sent};

const NOW: Instant = Instant::from_micros(1_778_198_400_000_000);
const ISSUER: &str = "https://id.example";
const NONCE: &str = "the nonce";
/// Made for this test alone; it opens nothing.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICS/HsXSoVWJws2chQla6zP5mNH+qek3sLCmkZ5Dpnhy
-----END PRIVATE KEY-----
";

/// What the provider puts into its token.
#[derive(Clone)]
struct Says {
    issuer: &'static str,
    audience: &'static str,
    nonce: &'static str,
    issued_ago_s: i64,
    ends_in_s: i64,
    key: &'static str,
}

const HONEST: Says = Says {
    issuer: ISSUER,
    audience: "shanqiao",
    nonce: NONCE,
    issued_ago_s: 0,
    ends_in_s: 600,
    key: "k1",
};

struct Fake {
    says: Says,
    /// The keys it publishes, one after the other; the last for ever.
    keys: Mutex<Vec<&'static str>>,
    discovered: Mutex<usize>,
    codes: Mutex<Vec<String>>,
    bodies: Mutex<Vec<String>>,
}

fn signing_key(id: &str) -> CoreEdDsaPrivateSigningKey {
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(KEY, Some(JsonWebKeyId::new(id.to_owned()))).expect("a key")
}

fn at(seconds: i64) -> SystemTime {
    let now = u64::try_from(NOW.micros() / 1_000_000 + seconds).expect("after 1970");
    SystemTime::UNIX_EPOCH + Duration::from_secs(now)
}

impl Fake {
    fn token(&self) -> String {
        let Says {
            issuer,
            audience,
            nonce,
            issued_ago_s,
            ends_in_s,
            key,
        } = self.says.clone();
        let mut name = LocalizedClaim::new();
        name.insert(None, EndUserName::new("林一".to_owned()));
        let standard = StandardClaims::new(SubjectIdentifier::new("s-1".to_owned())).set_name(Some(name));
        let claims = CoreIdTokenClaims::new(
            IssuerUrl::new(issuer.to_owned()).expect("an address"),
            vec![Audience::new(audience.to_owned())],
            at(ends_in_s).into(),
            at(-issued_ago_s).into(),
            standard,
            EmptyAdditionalClaims {},
        )
        .set_nonce(Some(Nonce::new(nonce.to_owned())))
        .set_auth_context_ref(Some(AuthenticationContextClass::new("gold".to_owned())))
        .set_auth_method_refs(Some(vec![AuthenticationMethodReference::new("mfa".to_owned())]));
        let token = CoreIdToken::new(claims, &signing_key(key), CoreJwsSigningAlgorithm::EdDsa, None, None);
        token.expect("signed").to_string()
    }

    fn answer(&self, request: &Request) -> (u16, String) {
        let path = request.url.strip_prefix(ISSUER).expect("its own address");
        if path.ends_with("/.well-known/openid-configuration") {
            *self.discovered.lock().expect("whole") += 1;
        }
        match path {
            "/.well-known/openid-configuration" => {
                let published = json!({
                    "issuer": ISSUER, "authorization_endpoint": format!("{ISSUER}/auth"),
                    "token_endpoint": format!("{ISSUER}/token"), "jwks_uri": format!("{ISSUER}/jwks"),
                    "response_types_supported": ["code"], "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["EdDSA", "RS256"],
                });
                (200, published.to_string())
            }
            "/jwks" => {
                let mut keys = self.keys.lock().expect("whole");
                let key = if keys.len() > 1 { keys.remove(0) } else { keys[0] };
                let set = CoreJsonWebKeySet::new(vec![signing_key(key).as_verification_key()]);
                (200, serde_json::to_string(&set).expect("JSON"))
            }
            "/token" => {
                let body = String::from_utf8(request.body.clone()).expect("a form");
                let code = form_urlencoded::parse(body.as_bytes())
                    .find(|(name, _)| name == "code")
                    .map(|(_, code)| code.into_owned());
                self.bodies.lock().expect("whole").push(body.clone());
                let mut codes = self.codes.lock().expect("whole");
                let Some(found) = codes.iter().position(|known| Some(known) == code.as_ref()) else {
                    return (400, json!({ "error": "invalid_grant" }).to_string());
                };
                codes.remove(found);
                let tokens = json!({
                    "access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": self.token(),
                });
                (200, tokens.to_string())
            }
            _ => (404, String::new()),
        }
    }
}

impl Http for Fake {
    fn send(&self, request: Request) -> Sent<'_> {
        let (status, body) = self.answer(&request);
        Box::pin(async move {
            Ok(Response {
                status,
                headers: vec![("content-type".into(), "application/json".into())],
                body: body.into_bytes(),
            })
        })
    }
}

fn house(says: Says, keys: &[&'static str]) -> (Arc<Fake>, Oidc, Arc<FixedClock>) {
    let fake = Arc::new(Fake {
        says,
        keys: Mutex::new(keys.to_vec()),
        discovered: Mutex::default(),
        codes: Mutex::new(vec!["c1".into(), "c2".into()]),
        bodies: Mutex::default(),
    });
    let clock = Arc::new(FixedClock::at(NOW));
    let http: Arc<dyn Http> = Arc::clone(&fake) as Arc<dyn Http>;
    let oidc = Oidc::new(http, Arc::clone(&clock) as Arc<dyn Clock>);
    (fake, oidc, clock)
}

fn connection() -> Connection {
    Connection {
        way: Way::Oidc {
            issuer: ISSUER.into(),
            client_id: "shanqiao".into(),
            scopes: vec!["profile".into()],
            levels: vec!["gold".into()],
        },
        secret: "made-up".into(),
    }
}

fn back(code: &str) -> Returned {
    Returned {
        code: code.into(),
        issuer: None,
        nonce: NONCE.into(),
        verifier: "v".repeat(43),
        return_to: "https://give.example/console/sso/city".into(),
    }
}

#[tokio::test]
async fn a_browser_is_sent_away_with_state_nonce_challenge_and_level() {
    let (fake, oidc, _) = house(HONEST, &["k1"]);
    let ask = Ask {
        state: "s".into(),
        nonce: "n".into(),
        verifier: "v".repeat(43),
        return_to: "https://give.example/console/sso/city".into(),
    };
    let address = oidc.begin(&connection(), &ask).await.expect("an address");
    let (place, text) = address.split_once('?').expect("a query");
    let asked: HashMap<String, String> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    assert_eq!(place, "https://id.example/auth");
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "shanqiao"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge_method", "S256"),
        ("redirect_uri", "https://give.example/console/sso/city"),
        ("scope", "openid profile"),
        ("acr_values", "gold"),
    ] {
        assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!address.contains(&"v".repeat(43)), "the verifier stays here");
    oidc.begin(&connection(), &ask).await.expect("an address");
    assert_eq!(*fake.discovered.lock().expect("whole"), 1, "kept for minutes");
}

#[tokio::test]
async fn who_comes_back_is_who_the_signed_token_says_and_a_code_works_once() {
    let (fake, oidc, _) = house(HONEST, &["k1"]);
    let verified = oidc.finish(&connection(), &back("c1")).await.expect("verified");
    assert_eq!(
        (verified.subject.as_str(), verified.name.as_deref()),
        ("s-1", Some("林一"))
    );
    assert_eq!(
        (verified.methods, verified.level.as_deref()),
        (vec!["mfa".to_owned()], Some("gold"))
    );
    let sent = fake.bodies.lock().expect("whole")[0].clone();
    assert!(sent.contains(&format!("code_verifier={}", "v".repeat(43))), "{sent}");
    let again = oidc.finish(&connection(), &back("c1")).await;
    assert!(matches!(again, Err(ProviderError::Refused(_))));
}

#[tokio::test]
async fn a_token_for_another_time_audience_issuer_or_browser_is_refused() {
    let wrong = [
        Says {
            nonce: "another",
            ..HONEST
        },
        Says {
            audience: "another",
            ..HONEST
        },
        Says {
            issuer: "https://evil.example",
            ..HONEST
        },
        Says { ends_in_s: 0, ..HONEST },
        Says {
            issued_ago_s: 3_600,
            ..HONEST
        },
        Says {
            issued_ago_s: -3_600,
            ends_in_s: 7_200,
            ..HONEST
        },
        Says { key: "k2", ..HONEST },
    ];
    for says in wrong {
        let (_, oidc, _) = house(says, &["k1"]);
        let refused = oidc.finish(&connection(), &back("c1")).await;
        assert!(matches!(refused, Err(ProviderError::Refused(_))));
    }
    let (_, oidc, _) = house(HONEST, &["k1"]);
    let other = Returned {
        issuer: Some("https://evil.example".into()),
        ..back("c1")
    };
    assert!(matches!(
        oidc.finish(&connection(), &other).await,
        Err(ProviderError::Refused(_))
    ));
    let own = Returned {
        issuer: Some(ISSUER.into()),
        ..back("c1")
    };
    oidc.finish(&connection(), &own).await.expect("its own answer");
}

#[tokio::test]
async fn keys_that_were_changed_are_read_once_more() {
    let (fake, oidc, _) = house(Says { key: "k2", ..HONEST }, &["k1", "k2"]);
    oidc.finish(&connection(), &back("c1"))
        .await
        .expect("verified with the new key");
    assert_eq!(*fake.discovered.lock().expect("whole"), 2);
}

#[tokio::test]
async fn what_is_no_provider_is_told_so_and_not_asked_again_at_once() {
    let (fake, oidc, clock) = house(HONEST, &["k1"]);
    let mut elsewhere = connection();
    if let Way::Oidc { issuer, .. } = &mut elsewhere.way {
        *issuer = format!("{ISSUER}/realm");
    }
    let wrong = oidc.check(&elsewhere).await;
    assert!(matches!(wrong, Err(ProviderError::Unusable(_))));
    let ask = Ask {
        state: "s".into(),
        nonce: "n".into(),
        verifier: "v".repeat(43),
        return_to: "https://give.example/console/sso/city".into(),
    };
    assert!(oidc.begin(&elsewhere, &ask).await.is_err());
    assert_eq!(*fake.discovered.lock().expect("whole"), 1, "not asked again");
    clock.set(NOW.plus_micros(FAILED_KEPT_MICROS));
    assert!(oidc.begin(&elsewhere, &ask).await.is_err());
    assert_eq!(*fake.discovered.lock().expect("whole"), 2, "but a little later");
    oidc.begin(&connection(), &ask)
        .await
        .expect("another issuer is another matter");
}

#[test]
fn a_provider_leads_to_no_address_that_is_guarded_less_than_its_own() {
    let here = Some("127.0.0.1");
    assert!(guarded((Some("https"), Some("id.example")), false));
    assert!(guarded((Some("http"), here), is_here("http://localhost:4000")));
    for (scheme, host, issuer) in [
        (Some("http"), here, ISSUER),
        (Some("http"), Some("169.254.169.254"), ISSUER),
        (Some("http"), Some("169.254.169.254"), "http://127.0.0.1:4000"),
        (Some("javascript"), None, ISSUER),
        (Some("file"), None, ISSUER),
        (None, None, ISSUER),
    ] {
        assert!(!guarded((scheme, host), is_here(issuer)), "{scheme:?} {host:?}");
    }
}
