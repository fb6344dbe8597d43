//! Providers of identities over the network: the port of [`platform::signin::sso`] over OpenID Connect and 企业微信.
//!
//! Nothing is kept but what a provider publishes of itself and its access tokens, both in memory, both bounded, both for
//! minutes. What a provider says of its trouble goes to the operator's log, cut short, without code, token or person.

mod oidc;
mod wecom;

use std::sync::Arc;

use kernel::Clock;
use platform::signin::sso::{Ask, Begun, Checked, Connection, Finished, IdentityProviders, Returned, Way};

use crate::payments::Http;
use oidc::Oidc;
use wecom::Wecom;

/// Longer words of a provider are cut.
const WORDS_CHARS_MAX: usize = 200;

/// All kinds of providers over one network client.
pub struct Providers {
    oidc: Oidc,
    wecom: Wecom,
}

impl Providers {
    /// Over this client, by this clock.
    pub fn new(http: Arc<dyn Http>, clock: Arc<dyn Clock>) -> Self {
        Self {
            oidc: Oidc::new(Arc::clone(&http), Arc::clone(&clock)),
            wecom: Wecom::new(http, clock),
        }
    }
}

impl IdentityProviders for Providers {
    fn begin<'a>(&'a self, with: &'a Connection, ask: &'a Ask) -> Begun<'a> {
        Box::pin(async move {
            match &with.way {
                Way::Oidc { .. } => self.oidc.begin(with, ask).await,
                Way::Wecom { .. } => Ok(wecom::address(&with.way, ask)),
            }
        })
    }

    fn finish<'a>(&'a self, with: &'a Connection, back: &'a Returned) -> Finished<'a> {
        Box::pin(async move {
            match &with.way {
                Way::Oidc { .. } => self.oidc.finish(with, back).await,
                Way::Wecom { .. } => self.wecom.finish(with, back).await,
            }
        })
    }

    fn check<'a>(&'a self, with: &'a Connection) -> Checked<'a> {
        Box::pin(async move {
            match &with.way {
                Way::Oidc { .. } => self.oidc.check(with).await,
                Way::Wecom { .. } => self.wecom.check(with).await,
            }
        })
    }
}

/// What somebody else's program said, as far as a log line needs it.
fn cut(words: &str) -> String {
    let plain = words.chars().filter(|c| !c.is_control());
    plain.take(WORDS_CHARS_MAX).collect()
}
