//! Who decides at a stage: the people behind a role, a committee, a body.

use std::collections::BTreeSet;

use db::{DbError, Reads};
use kernel::{ActorId, BusinessDay, UnitId};
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

/// Somebody who could decide at a stage today. No `Debug`: it names her.
pub struct Decider {
    /// Who.
    pub id: ActorId,
    /// Her name in lists.
    pub name: String,
    /// Who lent her the role.
    pub lent_by: Option<String>,
    /// The last day, of what was lent and of a post with a term.
    pub until: Option<BusinessDay>,
}

/// The people of one stage.
pub struct StageDeciders {
    /// Who decides, or is drawn from.
    pub people: Vec<Decider>,
    /// Who is asked too when the limit has passed.
    pub deputies: Vec<Decider>,
}

/// Who could decide each stage of a policy today for a unit of which no case is at hand: nobody is concerned.
///
/// # Errors
/// Any [`DbError`].
pub async fn deciders(
    at: &mut impl Reads,
    services: &Services,
    policy: &Policy,
    unit: UnitId,
) -> Result<Vec<StageDeciders>, DbError> {
    let mut found = Vec::new();
    for spec in &policy.stages {
        let people = people_of(at, services, &spec.who, unit).await?;
        let deputies = match &spec.deputy {
            Some(who) => people_of(at, services, who, unit).await?,
            None => Vec::new(),
        };
        found.push(StageDeciders { people, deputies });
    }
    Ok(found)
}

async fn people_of(at: &mut impl Reads, services: &Services, who: &Who, unit: UnitId) -> Result<Vec<Decider>, DbError> {
    let group = group(at, services, who, unit, None).await?;
    let names = identity::names(at, &group.people).await?;
    let mut found = Vec::new();
    for (id, name) in names {
        let grants = powers::grants_of(at, id, now_day(services)).await?;
        let seated = |grant: &&Grant| {
            who.role().is_some_and(|(role, _)| role == grant.role) && group.unit.is_none_or(|unit| unit == grant.unit)
        };
        // Her own role before one that was lent to her.
        let grant = grants.iter().filter(seated).min_by_key(|grant| grant.lent.is_some());
        found.push(Decider {
            id,
            name,
            lent_by: grant.and_then(|grant| grant.lent.as_ref().map(|lent| lent.by.clone())),
            until: grant.and_then(|grant| grant.until),
        });
    }
    Ok(found)
}

/// Whether nothing of the case at hand keeps somebody from a seat.
fn is_free(now: Option<&Standing>, who: ActorId) -> bool {
    now.is_none_or(|now| may_sit(now, who))
}

/// Those who may sit: persons only, never who asked or is concerned by the case at hand.
pub(super) async fn group(
    at: &mut impl Reads,
    services: &Services,
    who: &Who,
    unit: UnitId,
    now: Option<&Standing>,
) -> Result<Group, DbError> {
    match who.role() {
        Some((role, level)) => holders(at, services, (role, level), unit, now).await,
        None => named(at, who.people(), now).await,
    }
}

async fn named(at: &mut impl Reads, names: &[String], now: Option<&Standing>) -> Result<Group, DbError> {
    let mut people = BTreeSet::new();
    for name in names {
        match identity::user_named(at, name).await {
            Ok(user) if user.kind == ActorKind::Person && is_free(now, user.id) => {
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
    at: &mut impl Reads,
    services: &Services,
    (role, level): (Role, Level),
    unit: UnitId,
    now: Option<&Standing>,
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
    let grants = powers::holders(at, Permission::ApprovalDecide, units, today).await?;
    let sits = |grant: &&Grant| grant.role == role && grant.kind == ActorKind::Person && is_free(now, grant.actor);
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

fn now_day(services: &Services) -> BusinessDay {
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
