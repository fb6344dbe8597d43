//! Passkeys, challenges and what goes to and fro between browser and server, as values.

use kernel::{ActorId, Instant};

kernel::ids! {
    /// A passkey of an account.
    PasskeyId,
}

/// Bytes of the user handle: the enciphered id, random to the eye.
pub const HANDLE_BYTES: usize = 16;
/// Bytes of the signature counter and what stands beside it, as the library writes them.
pub const STATE_BYTES: usize = 7;

/// A passkey as stored.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    /// Its id.
    pub id: PasskeyId,
    /// Whose.
    pub actor: ActorId,
    /// The address it was made for.
    pub relying_party: String,
    /// What the authenticator calls it.
    pub credential_id: Vec<u8>,
    /// The public key.
    pub public_key: Vec<u8>,
    /// The signature counter and what stands beside it.
    pub state: Vec<u8>,
    /// How the browser reaches the authenticator, as bits.
    pub transports: u8,
    /// What its owner calls it, sealed.
    pub name: Vec<u8>,
    /// Since when.
    pub registered_at: Instant,
    /// When it was shown last.
    pub last_used_at: Option<Instant>,
}

/// What a challenge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To register a new passkey.
    Register,
    /// To show one when signing in.
    SignIn,
}

impl Purpose {
    /// The word of the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign_in",
        }
    }
}

/// A challenge as stored.
#[derive(Debug, Clone)]
pub struct ChallengeRow {
    /// What the library has to know when the answer comes.
    pub state: Vec<u8>,
    /// No answer is taken from then on.
    pub ends_at: Instant,
}

/// For whom passkeys are made, and from which pages they are taken: from the address of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// The name of the host.
    pub id: String,
    /// Scheme, host and port of its pages, as browsers write them.
    pub origin: String,
}

/// A credential that a browser is reminded of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What the authenticator calls it.
    pub credential_id: Vec<u8>,
    /// How the browser reaches the authenticator, as WebAuthn names it.
    pub transports: Vec<&'static str>,
}

/// What the browser needs to make a passkey.
#[derive(Debug, Clone)]
pub struct Offered {
    /// To be signed.
    pub challenge: [u8; 16],
    /// For whom.
    pub relying_party: String,
    /// The account, for the authenticator.
    pub handle: [u8; HANDLE_BYTES],
    /// The account, for its owner.
    pub name: String,
    /// The algorithms that are understood (COSE), the best first.
    pub algorithms: &'static [i32],
    /// What this account has already.
    pub known: Vec<Known>,
    /// How long the challenge waits.
    pub timeout_ms: u32,
}

/// What the browser needs to show a passkey.
#[derive(Debug, Clone)]
pub struct Asked {
    /// To be signed.
    pub challenge: [u8; 16],
    /// For whom.
    pub relying_party: String,
    /// Those that may be shown.
    pub known: Vec<Known>,
    /// How long the challenge waits.
    pub timeout_ms: u32,
}

/// A passkey that a browser has made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What its owner calls it.
    pub name: String,
    /// What the browser says it did, as it signed it: JSON.
    pub client_data: Vec<u8>,
    /// What the authenticator says: CBOR.
    pub attestation: Vec<u8>,
    /// How the browser reaches the authenticator, as WebAuthn names it; unknown ways are left out.
    pub transports: Vec<String>,
}

/// A passkey that a browser shows.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Which.
    pub credential_id: Vec<u8>,
    /// What the browser says it did: JSON.
    pub client_data: Vec<u8>,
    /// What the authenticator says.
    pub authenticator_data: Vec<u8>,
    /// Over both.
    pub signature: Vec<u8>,
    /// The account, where the authenticator remembers it.
    pub handle: Option<Vec<u8>>,
}

/// A passkey that was shown rightly; in force only when the transaction of the sign-in takes it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Which.
    pub id: PasskeyId,
    /// Its state when it was looked at.
    pub before: Vec<u8>,
    /// Its state from now on.
    pub after: Vec<u8>,
}

/// A passkey of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub registered_at: Instant,
    /// When it was shown last.
    pub last_used_at: Option<Instant>,
    /// Whether it was made for the present address of the installation.
    pub here: bool,
}

/// What stands between somebody and the removal of a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// How many passkeys there are, the one to be removed among them.
    pub passkeys: usize,
    /// The authenticator with the six digits is tied.
    pub authenticator: Authenticator,
    /// What the roles ask for.
    pub roles: RolesAsk,
}

/// Whether an authenticator with six digits is tied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authenticator {
    /// It is.
    Tied,
    /// It is not.
    None,
}

/// Whether one of the roles asks for a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolesAsk {
    /// One does.
    ForFactor,
    /// None does.
    ForNothing,
}
