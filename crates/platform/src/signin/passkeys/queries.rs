//! The passkeys of an account, for showing.

use db::Reads;
use kernel::ActorId;

use super::model::Listed;
use super::{NAME_PLACE, rules, store};
use crate::Services;
use crate::signin::SigninError;

/// The passkeys of an account, the oldest first.
///
/// # Errors
/// [`SigninError::Db`]; [`SigninError::Key`].
pub async fn list(at: &mut impl Reads, services: &Services, of: ActorId) -> Result<Vec<Listed>, SigninError> {
    let here = rules::relying_party(&services.base_url);
    let rows = store::list(at, of).await?;
    let shown = rows.into_iter().map(|row| {
        let name = services.keys.open(&row.name, NAME_PLACE)?;
        Ok(Listed {
            id: row.id,
            name: String::from_utf8_lossy(&name).into_owned(),
            registered_at: row.registered_at,
            last_used_at: row.last_used_at,
            here: here.as_ref().is_some_and(|here| here.id == row.relying_party),
        })
    });
    shown.collect()
}
