//! Lending a role for a leave, and taking it back.

use kernel::id::{Id as _, hex};
use serde_json::json;

use super::error::PowersError;
use super::model::{Delegation, DelegationId, NewDelegation};
use super::{rules, store};
use crate::Services;
use crate::facts::{NewFact, conclude};
use crate::identity::{Actor, IdentityError, Permission, rules as powers, store as identity};

/// Lends a role of one's own to another person for some days. Fact `role.lent`.
///
/// # Errors
/// [`PowersError`].
pub async fn lend(services: &Services, by: &Actor, new: NewDelegation) -> Result<DelegationId, PowersError> {
    let now = services.now();
    let today = now.business_day();
    if new.to == by.id {
        return Err(PowersError::NotAPerson);
    }
    let mut tx = services.db.begin().await?;
    let to = identity::user_by_id(&mut tx, new.to).await?;
    rules::lendable(&new, to.kind, today)?;
    // Granted, not lent: what was lent is not lent on.
    let own = identity::granted_roles(&mut tx, by.id, today).await?;
    if !own.contains(&(new.role, new.unit)) {
        return Err(PowersError::NotHeld);
    }
    identity::hold_user(&mut tx, new.to).await?;
    let held = identity::held_roles(&mut tx, new.to, today).await?;
    let lent = store::lent_to(&mut tx, new.to, today).await?;
    let beside = held.into_iter().chain(lent);
    if let Some(held) = powers::excluded_by(beside, new.role) {
        return Err(IdentityError::Excluded { held, new: new.role }.into());
    }
    let delegation = Delegation {
        id: DelegationId::new(now, &*services.rng),
        lender: by.id,
        lent: new,
        ended: false,
    };
    store::insert(&mut tx, &delegation, now).await?;
    let body = json!({
        "delegation": hex(&delegation.id.bytes()),
        "role": delegation.lent.role.as_str(),
        "from": delegation.lent.from_day.to_string(),
        "to": delegation.lent.to_day.to_string(),
        "reason": delegation.lent.reason,
    });
    conclude(tx, fact(by, "role.lent", &delegation, body), services).await?;
    Ok(delegation.id)
}

/// Takes a lent role back before its time: by its lender, by its borrower, or by who manages users there. Twice is as
/// good as once. Fact `role.returned`.
///
/// # Errors
/// [`PowersError::NoDelegation`].
pub async fn take_back(services: &Services, by: &Actor, id: DelegationId) -> Result<(), PowersError> {
    let mut tx = services.db.begin().await?;
    let found = store::by_id(&mut tx, id).await?.ok_or(PowersError::NoDelegation)?;
    let concerned = [found.lender, found.lent.to].contains(&by.id);
    if !concerned && by.require(Permission::UserManage, found.lent.unit).is_err() {
        return Err(PowersError::NoDelegation);
    }
    if found.ended || store::end(&mut tx, id, by.id, services.now()).await? == 0 {
        return Ok(());
    }
    let body = json!({ "delegation": hex(&id.bytes()), "role": found.lent.role.as_str() });
    conclude(tx, fact(by, "role.returned", &found, body), services).await?;
    Ok(())
}

fn fact(by: &Actor, kind: &'static str, about: &Delegation, body: serde_json::Value) -> NewFact {
    NewFact {
        unit: about.lent.unit,
        kind,
        subject: about.lent.to.bytes(),
        actor: Some(by.id),
        body,
    }
}
