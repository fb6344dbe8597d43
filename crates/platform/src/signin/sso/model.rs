//! Providers, links and knocks, as values.

use kernel::{ActorId, Instant};
use serde::{Deserialize, Serialize};

kernel::ids! {
    /// A provider of identities.
    ProviderId,
    /// A subject of a provider that is a user of ours.
    LinkId,
    /// A subject that is nobody here yet.
    KnockId,
}

/// Where a provider is and what we are called there. Nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = IdentityWay)]
pub enum Way {
    /// OpenID Connect: everything else is read from the issuer (discovery).
    Oidc {
        /// The issuer's address, exactly as it calls itself.
        issuer: String,
        /// What we are called there.
        client_id: String,
        /// What is asked for beside `openid`.
        scopes: Vec<String>,
        /// The levels (`acr`) that count as a second factor; the first is asked for.
        levels: Vec<String>,
    },
    /// 企业微信 (WeCom): an application of an enterprise's own.
    Wecom {
        /// The enterprise (`corpid`).
        corp_id: String,
        /// Its application (`agentid`).
        agent_id: String,
        /// Where its interface is, when it is not the public one.
        api_url: Option<String>,
        /// Where people scan, when it is not the public page.
        login_url: Option<String>,
    },
}

impl Way {
    /// The word of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Oidc { .. } => "oidc",
            Self::Wecom { .. } => "wecom",
        }
    }

    /// Within what its subjects are unique: the same subject elsewhere is somebody else.
    pub fn realm(&self) -> String {
        match self {
            Self::Oidc { issuer, .. } => format!("oidc {issuer}"),
            Self::Wecom { corp_id, api_url, .. } => format!("wecom {} {corp_id}", api_url.as_deref().unwrap_or("")),
        }
    }

    /// The levels that count as a second factor.
    pub fn levels(&self) -> &[String] {
        match self {
            Self::Oidc { levels, .. } => levels,
            Self::Wecom { .. } => &[],
        }
    }
}

/// Whether the second factor that a provider states is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Never: whoever has one here shows it here.
    Never,
    /// When it says so.
    Stated,
}

impl Trust {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Stated => "stated",
        }
    }
    /// The value of a stored word.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "never" => Some(Self::Never),
            "stated" => Some(Self::Stated),
            _ => None,
        }
    }
}

/// A provider of identities as set here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// Its name in addresses.
    pub code: String,
    /// What its button says.
    pub label: String,
    /// Where it is.
    pub way: Way,
    /// Whether its second factor is believed.
    pub trust: Trust,
    /// Whether anybody may come in through it.
    pub is_on: bool,
    /// When it was last set.
    pub changed_at: Instant,
}

/// Somebody elsewhere. No `Debug`: it names a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name there.
    pub subject: String,
    /// What people call it.
    pub name: Option<String>,
}

/// A subject that is a user of ours; what names it is still sealed.
#[derive(Clone)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// The provider.
    pub provider: ProviderId,
    /// The user.
    pub actor: ActorId,
    /// Who, sealed.
    pub sealed: Option<Vec<u8>>,
    /// Since when.
    pub linked_at: Instant,
    /// Who said so.
    pub linked_by: ActorId,
    /// When somebody last came in by it.
    pub last_used_at: Option<Instant>,
}

/// A subject that is nobody here yet; what names it is still sealed.
#[derive(Clone)]
pub struct Knock {
    /// Its id.
    pub id: KnockId,
    /// The provider.
    pub provider: ProviderId,
    /// What it is found by.
    pub index: Vec<u8>,
    /// What the person reads out.
    pub reference: String,
    /// Who, sealed.
    pub sealed: Vec<u8>,
    /// When it last knocked.
    pub last_at: Instant,
    /// How often.
    pub times: i64,
}

/// A session that began with a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::signin) struct Origin {
    /// The provider stated a second factor and is believed.
    pub has_factor: bool,
}

/// On whose behalf a browser went to a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Errand {
    /// Somebody wants to come in.
    SignIn,
    /// A signed-in user wants to link the account; the session's id in hexadecimal.
    Link {
        /// The session that asked.
        session: String,
    },
}

/// What the browser holds while it is away, sealed. No `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    pub provider: String,
    pub errand: Errand,
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    pub back: String,
    pub ends_at: i64,
}

/// What the browser holds while the second factor is awaited, sealed. No `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Half {
    pub provider: String,
    /// Works once.
    pub once: String,
    /// The link in hexadecimal: it may end while the code or the key is looked for.
    pub link: String,
    pub back: String,
    pub ends_at: i64,
}
