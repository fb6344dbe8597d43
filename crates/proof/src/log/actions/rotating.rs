//! The facts of a rotation of the log's key. The key itself changes in its file, before; the program takes it at its next
//! start.

use kernel::BusinessDay;
use platform::Services;
use platform::facts::{self, NewFact, conclude};
use platform::identity::Actor;
use serde_json::json;

use super::super::error::LogError;
use super::super::key::LogKeys;
use crate::tlog::Verifier;
use crate::tlog::hash::sha256;

/// A key was made that replaces another.
pub(crate) const KEY_ROTATED: &str = "log.key_rotated";
/// The older key signs no more.
const KEY_RETIRED: &str = "log.key_retired";
/// The kinds of fact of this slice.
pub const FACT_KINDS: &[&str] = &[KEY_ROTATED, KEY_RETIRED];

/// Tells that the newest key was made; once for each key. The fact is `log.key_rotated`, and becomes an entry. Returns
/// whether it was told now.
///
/// # Errors
/// [`LogError::Key`] where no rotation lasts, the database's.
pub async fn tell_rotated(services: &Services, by: &Actor, keys: &LogKeys) -> Result<bool, LogError> {
    let old = keys
        .older()
        .ok_or(LogError::Key("one alone signs: no rotation lasts"))?;
    let day = keys.since().unwrap_or_else(|| services.now().business_day());
    tell(services, by, (KEY_ROTATED, keys.newest()), old, day).await
}

/// Tells that a key signs no more; once for each. The fact is `log.key_retired`. Returns whether it was told now.
///
/// # Errors
/// [`LogError::Key`] where none is gone, the database's.
pub async fn tell_retired(services: &Services, by: &Actor, keys: &LogKeys) -> Result<bool, LogError> {
    let last = keys.gone().last().ok_or(LogError::Key("none of them is gone"))?;
    let today = services.now().business_day();
    tell(services, by, (KEY_RETIRED, keys.newest()), &last.1, today).await
}

async fn tell(
    services: &Services,
    by: &Actor,
    (kind, new): (&'static str, &Verifier),
    old: &Verifier,
    day: BusinessDay,
) -> Result<bool, LogError> {
    let roots = services.tree.roots();
    let unit = *roots.first().ok_or(LogError::Key("there is no unit whose log it is"))?;
    let mut about = kind.as_bytes().to_vec();
    about.extend(old.key_bytes());
    about.extend(new.key_bytes());
    let mut subject = [0; 16];
    subject.copy_from_slice(&sha256(&about).0[..16]);
    let mut tx = services.db.begin().await?;
    if !facts::by_subject(&mut tx, subject, 1).await?.is_empty() {
        return Ok(false);
    }
    let text = |key: &Verifier| data_encoding::BASE64.encode(key.key_bytes());
    let fact = NewFact {
        unit,
        kind,
        subject,
        actor: Some(by.id),
        body: json!({ "day": day, "old": text(old), "new": text(new) }),
    };
    conclude(tx, fact, services).await?;
    Ok(true)
}
