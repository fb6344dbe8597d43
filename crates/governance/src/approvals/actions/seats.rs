//! Who decides at a stage: the people behind a role, a committee, a body.

use std::collections::BTreeSet;

use db::{DbError, Tx};
use kernel::{ActorId, UnitId};
use platform::Services;
use platform::identity::{Actor, ActorKind, IdentityError, Permission, Role, queries as identity};
use platform::powers::{Grant, queries as powers};

use crate::approvals::model::{Sitting, StageState, Standing};
use crate::approvals::policy::{How, Level, Policy, Stage, Who};
use crate::approvals::rules::may_sit;

/// Those who could decide, and the unit in which they hold the role.
#[derive(Default)]
pub(super) struct Group {
    /// Who, in the order of their ids.
    pub(super) people: Vec<ActorId>,
    /// Where; nothing for named people and for co-hosts of many units.
    pub(super) unit: Option<UnitId>,
}

/// Those who may sit: persons only, never who asked or is concerned.
pub(super) async fn group(
    tx: &mut Tx,
    services: &Services,
    who: &Who,
    unit: UnitId,
    now: &Standing,
) -> Result<Group, DbError> {
    match who.role() {
        Some((role, level)) => holders(tx, services, (role, level), unit, now).await,
        None => named(tx, who.people(), now).await,
    }
}

async fn named(tx: &mut Tx, names: &[String], now: &Standing) -> Result<Group, DbError> {
    let mut people = BTreeSet::new();
    for name in names {
        match identity::user_named(tx, name).await {
            Ok(user) if user.kind == ActorKind::Person && may_sit(now, user.id) => {
                people.insert(user.id);
            }
            // Whoever left since the policy was published decides nothing.
            Ok(_) | Err(IdentityError::NoUser) => {}
            Err(IdentityError::Db(error)) => return Err(error),
            Err(error) => return Err(DbError::Other(error.to_string())),
        }
    }
    Ok(Group {
        people: people.into_iter().collect(),
        unit: None,
    })
}

async fn holders(
    tx: &mut Tx,
    services: &Services,
    (role, level): (Role, Level),
    unit: UnitId,
    now: &Standing,
) -> Result<Group, DbError> {
    let line = services.tree.ancestors(unit);
    let line: &[UnitId] = match level {
        Level::Own => &line,
        // The society itself has nobody above: its own people decide.
        Level::Above if line.len() > 1 => &line[1..],
        Level::Above => &line,
        Level::Top => line.last().map(std::slice::from_ref).unwrap_or_default(),
        Level::Peers => &[],
    };
    let today = now_day(services);
    let is_peers = level == Level::Peers;
    let units = if is_peers { None } else { Some(line) };
    let grants = powers::holders(tx, Permission::ApprovalDecide, units, today).await?;
    let sits = |grant: &&Grant| grant.role == role && grant.kind == ActorKind::Person && may_sit(now, grant.actor);
    let within = |at: UnitId| {
        let all = grants.iter().filter(sits).filter(|grant| grant.unit == at);
        all.map(|grant| grant.actor).collect::<BTreeSet<_>>()
    };
    if is_peers {
        let others = grants.iter().filter(sits).filter(|grant| grant.unit != unit);
        let people: BTreeSet<ActorId> = others.map(|grant| grant.actor).collect();
        return Ok(Group {
            people: people.into_iter().collect(),
            unit: None,
        });
    }
    let found = line
        .iter()
        .map(|at| (*at, within(*at)))
        .find(|(_, people)| !people.is_empty());
    let Some((at, people)) = found else {
        return Ok(Group {
            people: Vec::new(),
            unit: line.first().copied(),
        });
    };
    Ok(Group {
        people: people.into_iter().collect(),
        unit: Some(at),
    })
}

fn now_day(services: &Services) -> kernel::BusinessDay {
    services.now().business_day()
}

/// Whether somebody holds what seats her at an open stage of a case of this unit.
pub(in crate::approvals) fn at(
    by: &Actor,
    policy: &Policy,
    now: &Standing,
    (stage, case_unit): (&str, UnitId),
) -> bool {
    let found = policy.position(stage).map(|at| (&policy.stages[at], &now.stages[at]));
    matches!(found, Some((spec, StageState::Open(sitting))) if holds(by, spec, sitting, case_unit))
}

/// Whether somebody who stands in no history yet could take a seat now: where anyone of a role decides and she holds it,
/// whoever comes later may.
pub(in crate::approvals) fn could_take(
    by: &Actor,
    policy: &Policy,
    now: &Standing,
    (stage, case_unit): (&str, UnitId),
) -> bool {
    let is_anyone = policy.position(stage).is_some_and(|at| {
        let spec = &policy.stages[at];
        spec.how == How::Any && spec.draw.is_none() && spec.who.role().is_some()
    });
    is_anyone && may_sit(now, by.id) && self::at(by, policy, now, (stage, case_unit))
}

/// Whether somebody could take a seat at any open stage of a case of this unit.
pub(in crate::approvals) fn could_take_any(by: &Actor, policy: &Policy, now: &Standing, case_unit: UnitId) -> bool {
    let mut stages = policy.stages.iter();
    stages.any(|spec| could_take(by, policy, now, (&spec.key, case_unit)))
}

/// Whether somebody holds what would seat her at any open stage of a case of this unit.
pub(in crate::approvals) fn any_for(by: &Actor, policy: &Policy, now: &Standing, case_unit: UnitId) -> bool {
    let mut stages = policy.stages.iter();
    stages.any(|spec| at(by, policy, now, (&spec.key, case_unit)))
}

/// Whether somebody still holds what seats her at a stage, or would: the role in its unit, or that of the deputies, or
/// her name on the list.
fn holds(by: &Actor, spec: &Stage, sitting: &Sitting, case_unit: UnitId) -> bool {
    let as_one = |who: &Who, unit: Option<UnitId>| match (who.role(), unit) {
        (Some((role, _)), Some(unit)) => by.roles.contains(&(role, unit)),
        (Some((role, Level::Peers)), None) => by.roles.iter().any(|(held, at)| *held == role && *at != case_unit),
        (Some(_), None) => false,
        (None, _) => who.people().contains(&by.name),
    };
    let as_deputy = |who: &Who| sitting.is_escalated && as_one(who, sitting.deputy_unit);
    as_one(&spec.who, sitting.unit) || spec.deputy.as_ref().is_some_and(as_deputy)
}
