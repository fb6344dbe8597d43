//! Reads for showing: providers, links of a user, who knocked.

use db::{DbError, Reads, params};
use kernel::ActorId;

use super::error::SsoError;
use super::model::{Knock, Link, Provider, Subject};
use super::{SUBJECT_PLACE, rules, store};
use crate::Keys;
use crate::signin::{Must, SessionId};

/// Knocks shown: the newest are those somebody waits for.
const KNOCKS_SHOWN_MAX: i64 = 100;
/// Links of one user: one a provider.
const LINKS_SHOWN_MAX: i64 = 50;

/// All providers, by name.
///
/// # Errors
/// Any [`DbError`].
pub async fn providers(at: &mut impl Reads) -> Result<Vec<Provider>, DbError> {
    let sql = format!(
        "SELECT {} FROM sso_provider p ORDER BY p.code LIMIT {}",
        store::PROVIDER,
        rules::PROVIDERS_MAX
    );
    at.query(&sql, params![]).await?.iter().map(store::provider).collect()
}

/// The links of a user that hold.
///
/// # Errors
/// Any [`DbError`].
pub async fn links(at: &mut impl Reads, of: ActorId) -> Result<Vec<Link>, DbError> {
    let sql = format!(
        "SELECT {} FROM sso_link l WHERE l.actor_id = ?1 AND l.ended_at IS NULL ORDER BY l.linked_at, l.id LIMIT ?2",
        store::LINK
    );
    let rows = at.query(&sql, params![(of,), LINKS_SHOWN_MAX]).await?;
    rows.iter().map(store::link).collect()
}

/// Who knocked lately and is nobody here yet, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn knocks(at: &mut impl Reads) -> Result<Vec<Knock>, DbError> {
    let sql = format!(
        "SELECT {} FROM sso_knock k ORDER BY k.last_at DESC, k.id DESC LIMIT ?1",
        store::KNOCK
    );
    let rows = at.query(&sql, params![KNOCKS_SHOWN_MAX]).await?;
    rows.iter().map(store::knock).collect()
}

/// Who it is, opened for those who may see it.
///
/// # Errors
/// [`SsoError::Signin`] when it cannot be opened, [`SsoError::Damaged`].
pub fn opened(keys: &Keys, sealed: &[u8]) -> Result<Subject, SsoError> {
    let plain = keys.open(sealed, SUBJECT_PLACE)?;
    serde_json::from_slice(&plain).map_err(|_| SsoError::Damaged)
}

/// What is still owed in a session that began with a provider: no new password, since none was shown; and no second
/// factor where the provider stated one and is believed.
pub(in crate::signin) async fn relieved(
    at: &mut impl Reads,
    session: SessionId,
    must: Option<Must>,
) -> Result<Option<Must>, DbError> {
    let Some(owed) = must else { return Ok(None) };
    let Some(origin) = store::origin(at, session).await? else {
        return Ok(must);
    };
    let still = match owed {
        Must::EnrolSecondFactor => !origin.has_factor,
        Must::ChangePassword => false,
    };
    Ok(still.then_some(owed))
}
