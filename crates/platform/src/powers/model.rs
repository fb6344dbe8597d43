//! Grants and delegations as values.

use kernel::{ActorId, BusinessDay, UnitId};

use crate::identity::{ActorKind, LeaveReason, Role};

kernel::ids! {
    /// A role lent to another person.
    DelegationId,
}

/// A role that somebody holds today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub actor: ActorId,
    /// Her name in lists.
    pub name: String,
    /// Person or machine.
    pub kind: ActorKind,
    /// The role.
    pub role: Role,
    /// In this unit and all below it.
    pub unit: UnitId,
    /// Who lent it and until when; nothing for a role of her own.
    pub lent: Option<Lent>,
    /// The last day, of what was lent and of a post with a term.
    pub until: Option<BusinessDay>,
}

/// Where a lent role comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    /// The delegation.
    pub id: DelegationId,
    /// The name of its holder.
    pub by: String,
    /// The last day.
    pub to: BusinessDay,
}

/// A role to be lent.
#[derive(Debug, Clone)]
pub struct NewDelegation {
    /// To whom.
    pub to: ActorId,
    /// The role.
    pub role: Role,
    /// Held there.
    pub unit: UnitId,
    /// The first day.
    pub from_day: BusinessDay,
    /// The last day.
    pub to_day: BusinessDay,
    /// Why.
    pub reason: LeaveReason,
}

/// A delegation as one of the two concerned sees it.
#[derive(Debug, Clone)]
pub struct OwnDelegation {
    /// What stands.
    pub known: Delegation,
    /// The name of the other one in lists.
    pub other: String,
}

/// A delegation as stored.
#[derive(Debug, Clone)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// Who lends.
    pub lender: ActorId,
    /// What, to whom, for how long.
    pub lent: NewDelegation,
    /// Whether it was ended before its time.
    pub ended: bool,
}
