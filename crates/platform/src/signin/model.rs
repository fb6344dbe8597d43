//! Sessions, invitations and the rules in force, as values.

use std::net::IpAddr;

use kernel::{ActorId, Instant};
use serde::Serialize;

use crate::identity::Role;

kernel::ids! {
    /// A signed-in browser.
    SessionId,
    /// An invitation to choose a password.
    InvitationId,
    /// A password in force, or one before it.
    PasswordId,
    /// A code in the sealed envelope.
    BreakGlassId,
}

/// The numbers of a day, from the dated parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Shortest password.
    pub chars_min: i64,
    /// Shortest password of those who need a second factor.
    pub chars_min_with_factor: i64,
    /// Kinds of characters (capitals, small letters, digits, others) that must occur.
    pub classes_min: i64,
    /// How many passwords, the one in force among them, may not come back.
    pub no_reuse: i64,
    /// Days after which a password must be changed; never when there is no number.
    pub days_max: Option<i64>,
    /// Failed tries of one name until it is locked.
    pub failures_max: i64,
    /// Failed tries from one address until it is locked.
    pub failures_max_address: i64,
    /// How long a lock lasts, and how long failures are remembered.
    pub lock_micros: i64,
    /// How long a session lives without a request.
    pub idle_micros: i64,
    /// How long a session lives at all.
    pub session_micros: i64,
    /// Sessions of one user at a time.
    pub sessions_max: i64,
    /// How long an invitation lives.
    pub invitation_micros: i64,
    /// Roles that need a second factor.
    pub factor_roles: Vec<Role>,
}

/// What a signed-in person has to do before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// One of her roles needs a second factor.
    EnrolSecondFactor,
    /// Her password is too old.
    ChangePassword,
}

/// The session of a request, put beside its [`crate::identity::Actor`] by the guard. No `Debug`.
#[derive(Clone)]
pub struct Current {
    /// Its id.
    pub id: SessionId,
    /// What other requests than reading ones must show in `X-CSRF-Token`.
    pub csrf: String,
    /// Since when.
    pub started_at: Instant,
    /// It ends then unless something is asked before.
    pub idle_until: Instant,
    /// It ends then.
    pub ends_at: Instant,
    /// What has to be done first.
    pub must: Option<Must>,
}

/// Who knocks: what is told by the connection.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Its address.
    pub address: IpAddr,
    /// The family of its browser.
    pub agent: &'static str,
    /// The hash of a session it still shows; that one ends when a new one begins.
    pub shown: Option<[u8; 32]>,
}

/// A session as stored.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub actor: ActorId,
    /// Since when.
    pub started_at: Instant,
    /// Last seen, to the minute.
    pub last_seen_at: Instant,
    /// It ends then.
    pub ends_at: Instant,
    /// The address, shortened.
    pub address: String,
    /// The family of the browser.
    pub agent: String,
    /// When it was ended before its time.
    pub revoked_at: Option<Instant>,
}

/// A code in the sealed envelope, and what became of it.
#[derive(Debug, Clone)]
pub struct BreakGlassRow {
    /// Its id.
    pub id: BreakGlassId,
    /// The account as which it works.
    pub actor: ActorId,
    /// Since when.
    pub made_at: Instant,
    /// A newer one took its place.
    pub withdrawn_at: Option<Instant>,
    /// When it was used.
    pub used_at: Option<Instant>,
    /// Until when its session runs, unless it was ended before.
    pub ends_at: Option<Instant>,
    /// Why, sealed.
    pub reason: Option<Vec<u8>>,
}

/// Failed tries under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: i64,
    /// The last of them.
    pub last_at: Instant,
    /// Locked until then.
    pub locked_until: Option<Instant>,
}

/// A password as kept: parameters of Argon2id, salt and hash. No `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// The salt.
    pub salt: [u8; 16],
    /// The hash.
    pub hash: [u8; 32],
}

const PASSWORD_FORM: u8 = 1;
const PASSWORD_BYTES: usize = 1 + 3 * 4 + 16 + 32;

impl PasswordHash {
    /// As it is sealed: the form's number, three numbers, salt, hash.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(PASSWORD_BYTES);
        out.push(PASSWORD_FORM);
        for number in [self.memory_kib, self.passes, self.lanes] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&self.hash);
        out
    }

    /// What [`PasswordHash::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        if bytes.len() != PASSWORD_BYTES || bytes.first() != Some(&PASSWORD_FORM) {
            return None;
        }
        Some(Self {
            memory_kib: number(1)?,
            passes: number(5)?,
            lanes: number(9)?,
            salt: bytes.get(13..29)?.try_into().ok()?,
            hash: bytes.get(29..)?.try_into().ok()?,
        })
    }
}
