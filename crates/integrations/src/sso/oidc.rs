//! OpenID Connect with the code flow and PKCE, over the crate `openidconnect` and the house's own network client.
//!
//! Discovery and keys are kept ten minutes; when a signature's key is not among them they are read once more, since
//! providers change keys. Signatures by a shared secret and unsigned tokens are not accepted, times are read by our clock.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use kernel::{Clock, Instant};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdTokenClaims, CoreIdTokenVerifier,
    CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, DiscoveryError, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, SubjectIdentifier, TokenResponse as _, http,
};
use platform::signin::sso::{Ask, Connection, ProviderError, Returned, Verified, Way};

use super::cut;
use crate::payments::Http;
use crate::payments::http::{Method, NoAnswer, Request};

/// What a provider publishes of itself is read anew after this.
const KEPT_MICROS: i64 = 10 * 60 * 1_000_000;
/// After a failure it is not asked again at once: the start of a sign-in is open to everybody.
const FAILED_KEPT_MICROS: i64 = 5 * 1_000_000;
/// Issuers remembered; more are never set up.
const ISSUERS_MAX: usize = 32;
/// How far the clocks of two houses may be apart.
const SKEW_S: i64 = 5 * 60;
/// A token for signing in is fetched at once; one that is older was meant for something else.
const ISSUED_AGO_S_MAX: i64 = 15 * 60;

/// What a provider publishes, and its tokens, are some thousand bytes; longer answers are not looked at.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
const UNGUARDED: &str = "it names an address that is not over TLS";

/// Signatures that only the provider can make.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What we are to a provider.
type Party =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;
type Published = (Instant, Result<Arc<CoreProviderMetadata>, ProviderError>);

/// The way out, in the crate's terms. What a provider publishes of itself names further addresses: none is asked that
/// is guarded less than its own.
struct Wire {
    http: Arc<dyn Http>,
    /// The provider is on this machine.
    is_here: bool,
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;
    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let uri = request.uri();
        let may = guarded((uri.scheme_str(), uri.host()), self.is_here);
        Box::pin(async move {
            if !may {
                return Err(NoAnswer(UNGUARDED.to_owned()));
            }
            let answer = self.http.send(outward(request)).await?;
            if answer.body.len() > ANSWER_BYTES_MAX {
                return Err(NoAnswer("the answer is too long".to_owned()));
            }
            let mut response = http::Response::builder().status(answer.status);
            if let Some(kind) = answer.header("content-type") {
                response = response.header(http::header::CONTENT_TYPE, kind);
            }
            let strange = |error: http::Error| NoAnswer(format!("a strange answer: {error}"));
            response.body(answer.body).map_err(strange)
        })
    }
}

/// Over TLS, or on this machine where the provider itself is.
fn guarded((scheme, host): (Option<&str>, Option<&str>), is_here: bool) -> bool {
    match scheme {
        Some("https") => true,
        Some("http") => is_here && matches!(host, Some("127.0.0.1" | "localhost")),
        _ => false,
    }
}

/// Plain http is a setting only for providers on this machine ([`platform::signin::sso::rules::way`]).
fn is_here(issuer: &str) -> bool {
    issuer.starts_with("http://")
}

fn outward(request: HttpRequest) -> Request {
    let (parts, body) = request.into_parts();
    let method = if parts.method == http::Method::POST {
        Method::Post
    } else {
        Method::Get
    };
    let known = ["accept", "authorization", "content-type"];
    let headers = known.into_iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name, value.to_owned()))
    });
    Request {
        method,
        url: parts.uri.to_string(),
        headers: headers.collect(),
        body,
    }
}

/// Providers that speak OpenID Connect.
pub(super) struct Oidc {
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    published: Mutex<HashMap<String, Published>>,
}

/// The settings of this kind.
struct Settings<'a> {
    issuer: &'a str,
    client_id: &'a str,
    scopes: &'a [String],
    levels: &'a [String],
}

fn settings(way: &Way) -> Result<Settings<'_>, ProviderError> {
    match way {
        Way::Oidc {
            issuer,
            client_id,
            scopes,
            levels,
        } => Ok(Settings {
            issuer,
            client_id,
            scopes,
            levels,
        }),
        Way::Wecom { .. } => Err(ProviderError::Unusable("not OpenID Connect".to_owned())),
    }
}

impl Oidc {
    pub(super) fn new(http: Arc<dyn Http>, clock: Arc<dyn Clock>) -> Self {
        Self {
            http,
            clock,
            published: Mutex::default(),
        }
    }

    fn wire(&self, issuer: &str) -> Wire {
        Wire {
            http: Arc::clone(&self.http),
            is_here: is_here(issuer),
        }
    }

    pub(super) async fn check(&self, with: &Connection) -> Result<(), ProviderError> {
        let issuer = settings(&with.way)?.issuer;
        self.read(issuer).await.map(drop)
    }

    pub(super) async fn begin(&self, with: &Connection, ask: &Ask) -> Result<String, ProviderError> {
        let set = settings(&with.way)?;
        let metadata = self.metadata(set.issuer).await?;
        let party = party(&metadata, &set, &with.secret, &ask.return_to)?;
        let verifier = PkceCodeVerifier::new(ask.verifier.clone());
        let (state, nonce) = (ask.state.clone(), ask.nonce.clone());
        let asked = party.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        );
        let asked = asked
            .add_scopes(set.scopes.iter().map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        let asked = match set.levels.first() {
            Some(level) => asked.add_auth_context_value(AuthenticationContextClass::new(level.clone())),
            None => asked,
        };
        let (address, ..) = asked.url();
        if !guarded((Some(address.scheme()), address.host_str()), is_here(set.issuer)) {
            return Err(ProviderError::Unusable(UNGUARDED.to_owned()));
        }
        Ok(address.into())
    }

    pub(super) async fn finish(&self, with: &Connection, back: &Returned) -> Result<Verified, ProviderError> {
        let set = settings(&with.way)?;
        let metadata = self.metadata(set.issuer).await?;
        // RFC 9207: a code of another provider is not handed to this one.
        if back
            .issuer
            .as_deref()
            .is_some_and(|said| said != metadata.issuer().as_str())
        {
            return Err(ProviderError::Refused("the answer is another issuer's".to_owned()));
        }
        let party = party(&metadata, &set, &with.secret, &back.return_to)?;
        let asked = party
            .exchange_code(AuthorizationCode::new(back.code.clone()))
            .map_err(|error| ProviderError::Unusable(cut(&error.to_string())))?;
        let verifier = PkceCodeVerifier::new(back.verifier.clone());
        let wire = self.wire(set.issuer);
        let tokens: CoreTokenResponse = asked
            .set_pkce_verifier(verifier)
            .request_async(&wire)
            .await
            .map_err(of_token)?;
        let nonce = Nonce::new(back.nonce.clone());
        let now = self.clock.now();
        let mut verified = match read_token(&party, &tokens, &nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let fresh = self.read(set.issuer).await?;
                let party = self::party(&fresh, &set, &with.secret, &back.return_to)?;
                read_token(&party, &tokens, &nonce, now)
            }
            read => read,
        }
        .map_err(|error| ProviderError::Refused(cut(&error.to_string())))?;
        if verified.name.is_none() {
            verified.name = name(&wire, &party, &tokens, &verified.subject).await;
        }
        Ok(verified)
    }

    /// What a provider publishes of itself, from memory when it is fresh.
    async fn metadata(&self, issuer: &str) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let now = self.clock.now();
        let kept = {
            let published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
            published.get(issuer).cloned()
        };
        let fresh = kept.filter(|(at, read)| {
            let kept_micros = if read.is_ok() { KEPT_MICROS } else { FAILED_KEPT_MICROS };
            now.micros() - at.micros() < kept_micros
        });
        match fresh {
            Some((_, read)) => read,
            None => self.read(issuer).await,
        }
    }

    /// The same from the provider itself.
    async fn read(&self, issuer: &str) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let address = IssuerUrl::new(issuer.to_owned());
        let address = address.map_err(|error| ProviderError::Unusable(cut(&error.to_string())))?;
        let wire = self.wire(issuer);
        let read = CoreProviderMetadata::discover_async(address, &wire).await;
        let read = read.map(Arc::new).map_err(of_discovery);
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        if published.len() >= ISSUERS_MAX && !published.contains_key(issuer) {
            published.clear();
        }
        published.insert(issuer.to_owned(), (self.clock.now(), read.clone()));
        read
    }
}

/// What the person is called, where the token does not say; that it cannot be read keeps nobody out.
async fn name(wire: &Wire, party: &Party, tokens: &CoreTokenResponse, subject: &str) -> Option<String> {
    let same = SubjectIdentifier::new(subject.to_owned());
    let asked = party.user_info(tokens.access_token().clone(), Some(same)).ok()?;
    let info: CoreUserInfoClaims = asked.request_async(wire).await.ok()?;
    let name = info.name().and_then(|names| names.get(None));
    let name = name.map(|name| name.as_str().to_owned());
    name.or_else(|| info.preferred_username().map(|name| name.as_str().to_owned()))
}

fn party(
    metadata: &CoreProviderMetadata,
    set: &Settings<'_>,
    secret: &str,
    return_to: &str,
) -> Result<Party, ProviderError> {
    let back = RedirectUrl::new(return_to.to_owned());
    let back = back.map_err(|error| ProviderError::Unusable(cut(&error.to_string())))?;
    // Without a word of the provider it is the header (OpenID Connect Discovery, 3).
    let in_body = metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| {
        methods.contains(&CoreClientAuthMethod::ClientSecretPost)
            && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
    });
    let how = if in_body {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    };
    let client_id = ClientId::new(set.client_id.to_owned());
    let secret = ClientSecret::new(secret.to_owned());
    let party = CoreClient::from_provider_metadata(metadata.clone(), client_id, Some(secret));
    Ok(party.set_redirect_uri(back).set_auth_type(how))
}

/// Who the token says it is: its signature, issuer, audience, times and nonce hold.
fn read_token(
    party: &Party,
    tokens: &CoreTokenResponse,
    nonce: &Nonce,
    now: Instant,
) -> Result<Verified, ClaimsVerificationError> {
    let token = tokens
        .id_token()
        .ok_or_else(|| ClaimsVerificationError::Other("there is no id token".to_owned()))?;
    let micros = u64::try_from(now.micros()).unwrap_or(0);
    let verifier: CoreIdTokenVerifier<'_> = party
        .id_token_verifier()
        .set_allowed_algs(SIGNATURES)
        .set_time_fn(move || (SystemTime::UNIX_EPOCH + Duration::from_micros(micros)).into())
        .set_issue_time_verifier_fn(move |issued| issued_just_now(issued.timestamp(), now));
    let claims: &CoreIdTokenClaims = token.claims(&verifier, nonce)?;
    let name = claims.name().and_then(|names| names.get(None));
    let name = name.map(|name| name.as_str().to_owned());
    let methods = claims.auth_method_refs().into_iter().flatten();
    Ok(Verified {
        subject: claims.subject().as_str().to_owned(),
        name: name.or_else(|| claims.preferred_username().map(|name| name.as_str().to_owned())),
        methods: methods.map(|method| method.as_str().to_owned()).collect(),
        level: claims.auth_context_ref().map(|level| level.as_str().to_owned()),
    })
}

fn issued_just_now(issued_s: i64, now: Instant) -> Result<(), String> {
    let ago = now.micros().div_euclid(1_000_000) - issued_s;
    if (-SKEW_S..=ISSUED_AGO_S_MAX).contains(&ago) {
        Ok(())
    } else {
        Err(format!(
            "the token was issued {ago} seconds ago; are both clocks right?"
        ))
    }
}

fn of_discovery(error: DiscoveryError<NoAnswer>) -> ProviderError {
    match error {
        DiscoveryError::Request(error) => ProviderError::Unreachable(cut(&error.0)),
        DiscoveryError::Response(status, ..) if status.is_server_error() => {
            ProviderError::Unreachable(format!("it answered {status}"))
        }
        error => ProviderError::Unusable(cut(&error.to_string())),
    }
}

fn of_token<T>(error: RequestTokenError<NoAnswer, T>) -> ProviderError
where
    T: openidconnect::ErrorResponse + ToString + 'static,
{
    match error {
        RequestTokenError::Request(error) => ProviderError::Unreachable(cut(&error.0)),
        RequestTokenError::ServerResponse(said) => {
            let said = cut(&said.to_string());
            // The code is the person's affair, everything else is the settings'.
            if said.starts_with("invalid_grant") {
                ProviderError::Refused(said)
            } else {
                ProviderError::Unusable(said)
            }
        }
        error => ProviderError::Unreachable(cut(&error.to_string())),
    }
}

#[cfg(test)]
mod tests;
