//! Noting a change, and marking it seen.

use db::{DbError, Tx};
use kernel::ActorId;
use kernel::id::{Id as _, hex};
use serde_json::json;

use super::model::{ChangeId, What};
use super::store;
use crate::Services;
use crate::identity::{Actor, UserRow, store as identity};
use crate::jobs::{NewJob, enqueue};
use crate::signin::actions::finish;
use crate::signin::sso::ProviderId;
use crate::signin::{SigninError, jobs};

/// Notes in the transaction of the change what somebody else changed in a person's account, and has her told. What one does
/// oneself is not told.
///
/// # Errors
/// Any [`DbError`].
pub(in crate::signin) async fn note(
    tx: &mut Tx,
    services: &Services,
    (user, by): (&UserRow, ActorId),
    (what, provider): (What, ProviderId),
) -> Result<(), DbError> {
    if by == user.id {
        return Ok(());
    }
    let now = services.now();
    let id = ChangeId::new(now, &*services.rng);
    store::insert(tx, (id, what), (user.id, provider), (by, now)).await?;
    let named = hex(&id.bytes());
    let tell = NewJob {
        unit: user.unit,
        kind: jobs::TELL_CHANGED,
        input: json!({ "change": named }),
        by,
        not_before: None,
        once_key: Some(format!("account_change/{named}")),
    };
    enqueue(tx, tell, services).await.map(drop)
}

/// Marks a change of one's own account seen. Twice is as good as once. Fact `account.change_seen`.
///
/// # Errors
/// [`SigninError::NoChange`].
pub async fn see(services: &Services, by: &Actor, id: ChangeId) -> Result<(), SigninError> {
    let mut tx = services.db.begin().await?;
    if store::see(&mut tx, by.id, id, services.now()).await? == 0 {
        let known = store::is_of(&mut tx, by.id, id).await?;
        return known.then_some(()).ok_or(SigninError::NoChange);
    }
    let unit = identity::user_by_id(&mut tx, by.id).await?.unit;
    let body = json!({ "change": hex(&id.bytes()) });
    finish(tx, services, ("account.change_seen", unit, by.id), by.id, body).await
}
