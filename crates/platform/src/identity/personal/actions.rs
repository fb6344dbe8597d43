//! Reading, changing and opening personal fields of the staff.

use db::Reads;
use kernel::ActorId;
use kernel::id::Id as _;
use serde_json::json;

use super::rules::{self, Change};
use crate::Services;
use crate::identity::actions::{PERSONAL, Personal, finish, fresh, managed_user, sealed};
use crate::identity::error::IdentityError;
use crate::identity::model::{Actor, PersonalReason, RevealReason};
use crate::identity::store;
use crate::signin::Current;

/// Personal fields of a user that one manages, masked.
///
/// # Errors
/// [`IdentityError`]: not allowed, no such user, what is sealed cannot be opened.
pub async fn of_user(services: &Services, by: &Actor, of: ActorId) -> Result<Personal, IdentityError> {
    let mut at = services.db.snapshot().await?;
    managed_user(&mut at, services, by, of).await?;
    Ok(rules::masked(&opened(&mut at, services, of).await?))
}

/// One's own personal fields, masked too: who sits down at an open desk need not read them.
///
/// # Errors
/// [`IdentityError`]: what is sealed cannot be opened.
pub async fn own(services: &Services, by: &Actor) -> Result<Personal, IdentityError> {
    let mut at = services.db.snapshot().await?;
    Ok(rules::masked(&opened(&mut at, services, by.id).await?))
}

/// Opens the personal fields of a user that one manages. Fact `user.personal_revealed` with the reason.
///
/// # Errors
/// [`IdentityError`]: not allowed, no such user.
pub async fn reveal(
    services: &Services,
    by: &Actor,
    of: ActorId,
    reason: RevealReason,
) -> Result<Personal, IdentityError> {
    let mut tx = services.db.begin().await?;
    let user = managed_user(&mut tx, services, by, of).await?;
    let open = opened(&mut tx, services, of).await?;
    let fact = ("user.personal_revealed", user.unit, of.bytes());
    finish(tx, services, by, fact, json!({ "reason": reason })).await?;
    Ok(open)
}

/// Changes personal fields of a user that one manages; one's own only as [`change_own`] does. Nothing changed is no fact.
/// Fact `user.personal_changed` with the fields and the reason, without a value.
///
/// # Errors
/// [`IdentityError`]: not allowed, no such user, a field out of shape, oneself in an old session.
pub async fn change(
    services: &Services,
    (by, session): (&Actor, Option<&Current>),
    of: ActorId,
    change: &Change,
    reason: PersonalReason,
) -> Result<Personal, IdentityError> {
    let mut tx = services.db.begin().await?;
    managed_user(&mut tx, services, by, of).await?;
    fresh(services, (by, session), of)?;
    write(tx, services, by, of, (change, reason.as_str())).await
}

/// Changes one's own telephone and e-mail after a fresh sign-in; the name on the card is for who manages users. Fact
/// `user.personal_changed`.
///
/// # Errors
/// [`IdentityError`]: a field out of shape, an old session or a token.
pub async fn change_own(
    services: &Services,
    (by, session): (&Actor, Option<&Current>),
    change: &Change,
) -> Result<Personal, IdentityError> {
    fresh(services, (by, session), by.id)?;
    let tx = services.db.begin().await?;
    write(tx, services, by, by.id, (change, "own")).await
}

async fn write(
    mut tx: db::Tx,
    services: &Services,
    by: &Actor,
    of: ActorId,
    (change, reason): (&Change, &str),
) -> Result<Personal, IdentityError> {
    store::hold_user(&mut tx, of).await?;
    let user = store::user_by_id(&mut tx, of).await?;
    let before = opened(&mut tx, services, of).await?;
    let (after, fields) = rules::changed(&before, change)?;
    let shown = rules::masked(&after);
    if fields.is_empty() {
        return Ok(shown);
    }
    store::put_personal(&mut tx, of, sealed(services, &after)).await?;
    let body = json!({ "fields": fields, "reason": reason });
    let fact = ("user.personal_changed", user.unit, of.bytes());
    finish(tx, services, by, fact, body).await?;
    Ok(shown)
}

async fn opened(at: &mut impl Reads, services: &Services, of: ActorId) -> Result<Personal, IdentityError> {
    let Some(sealed) = store::personal(at, of).await? else {
        return Ok(Personal::default());
    };
    let plain = services.keys.open(&sealed, PERSONAL)?;
    let read: Result<Personal, serde_json::Error> = serde_json::from_slice(&plain);
    read.map_err(|error| {
        let column = "actor.personal_sealed".to_owned();
        let why = error.to_string();
        db::DbError::Row { column, why }.into()
    })
}
