//! The port to providers of identities: declared here, implemented in `integrations`, wired by `qiao`.

use std::future::Future;
use std::pin::Pin;

use super::model::Way;

/// A provider and the secret we have with it. No `Debug`.
pub struct Connection {
    /// Where it is and what we are called there.
    pub way: Way,
    /// The secret.
    pub secret: String,
}

/// What goes along to the provider. No `Debug`: it must come back from the same browser.
pub struct Ask {
    /// Comes back beside the code; letters and digits only, as some providers want it.
    pub state: String,
    /// Comes back inside what the provider signs.
    pub nonce: String,
    /// The verifier of PKCE (RFC 7636); the provider is told its hash.
    pub verifier: String,
    /// The page of ours that the provider sends the browser back to.
    pub return_to: String,
}

/// What came back. No `Debug`.
pub struct Returned {
    /// The code, which works once.
    pub code: String,
    /// Who says it sent it (RFC 9207), where the provider does.
    pub issuer: Option<String>,
    /// The nonce that was sent along.
    pub nonce: String,
    /// The verifier of PKCE.
    pub verifier: String,
    /// The page that the provider sent the browser to.
    pub return_to: String,
}

/// Who it is, as the provider proves. No `Debug`: it names a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its name there, which never changes and never goes to another.
    pub subject: String,
    /// What people call it, where the provider says.
    pub name: Option<String>,
    /// How it showed itself there (`amr`, RFC 8176).
    pub methods: Vec<String>,
    /// How strong that was (`acr`).
    pub level: Option<String>,
}

/// Why a provider did not say who it is. The words name no person and no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No answer, or that of a broken server.
    #[error("the provider of identities cannot be reached: {0}")]
    Unreachable(String),
    /// The code is wrong, used or too old, or what was signed does not hold.
    #[error("the provider of identities does not vouch for this: {0}")]
    Refused(String),
    /// The settings do not fit the provider.
    #[error("the settings do not fit the provider of identities: {0}")]
    Unusable(String),
}

/// What [`IdentityProviders::begin`] returns: the address the browser is sent to.
pub type Begun<'a> = Pin<Box<dyn Future<Output = Result<String, ProviderError>> + Send + 'a>>;
/// What [`IdentityProviders::finish`] returns.
pub type Finished<'a> = Pin<Box<dyn Future<Output = Result<Verified, ProviderError>> + Send + 'a>>;
/// What [`IdentityProviders::check`] returns.
pub type Checked<'a> = Pin<Box<dyn Future<Output = Result<(), ProviderError>> + Send + 'a>>;

/// Talks to providers of identities.
pub trait IdentityProviders: Send + Sync {
    /// Where a browser goes to show who it is.
    fn begin<'a>(&'a self, with: &'a Connection, ask: &'a Ask) -> Begun<'a>;
    /// Who came back.
    fn finish<'a>(&'a self, with: &'a Connection, back: &'a Returned) -> Finished<'a>;
    /// Whether the provider is there and knows us, as far as that can be told without a person.
    fn check<'a>(&'a self, with: &'a Connection) -> Checked<'a>;
}

/// Nobody to ask: a program without a network.
pub struct NoProviders;

const NOBODY: &str = "this program has no way to providers of identities";

impl IdentityProviders for NoProviders {
    fn begin<'a>(&'a self, _with: &'a Connection, _ask: &'a Ask) -> Begun<'a> {
        Box::pin(async { Err(ProviderError::Unreachable(NOBODY.to_owned())) })
    }
    fn finish<'a>(&'a self, _with: &'a Connection, _back: &'a Returned) -> Finished<'a> {
        Box::pin(async { Err(ProviderError::Unreachable(NOBODY.to_owned())) })
    }
    fn check<'a>(&'a self, _with: &'a Connection) -> Checked<'a> {
        Box::pin(async { Err(ProviderError::Unreachable(NOBODY.to_owned())) })
    }
}
