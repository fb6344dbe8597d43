//! Asking that something be told, telling it, settling what stayed unclear.

use db::Tx;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use platform::jobs::{self, NewJob};
use serde_json::json;

use super::jobs::KIND;
use super::model::{NewPush, Push, PushState};
use super::store;
use crate::platforms::Platforms;
use crate::platforms::client::{self, ClientError};
use crate::platforms::error::PlatformError;
use crate::platforms::model::PushId;
use crate::platforms::register;
use crate::platforms::register::rules::check_number;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["platform.push_asked", "platform.push_told", "platform.push_resolved"];

/// Stores what is to be told and puts it in line; needs [`Permission::PlatformManage`]. The same key with the same content is
/// answered with the first. Fact `platform.push_asked`.
///
/// # Errors
/// [`PlatformError`]: not allowed, out of shape, no such page, not connected, the key used before.
pub async fn ask(platforms: &Platforms, by: &Actor, new: NewPush) -> Result<Push, PlatformError> {
    let services = &platforms.giving.services;
    by.require(Permission::PlatformManage, new.unit)?;
    check_number("key", &new.request_key)?;
    if let Some((field, why)) = new.content.wrong() {
        return Err(PlatformError::invalid(field, why));
    }
    let key = (new.unit, new.platform);
    let mut tx = services.db.begin().await?;
    if let Some(first) = store::by_key(&mut tx, key, &new.request_key).await? {
        let same = first.content == new.content && first.project_no == new.project_no;
        return if same { Ok(first) } else { Err(PlatformError::KeyReused) };
    }
    let page = register::page(&mut tx, key, &new.project_no).await?;
    page.ok_or_else(|| PlatformError::NotListed(new.project_no.clone()))?;
    client::connect(&mut tx, platforms, key).await?;
    let push = Push {
        id: PushId::new(services.now(), &*services.rng),
        unit: new.unit,
        platform: new.platform,
        project_no: new.project_no,
        request_key: new.request_key,
        content: new.content,
        state: PushState::Waiting,
        proc_id: None,
        trace: None,
        code: None,
        said: None,
        asked_at: services.now(),
        asked_by: by.id,
        told_at: None,
    };
    store::insert(&mut tx, &push).await?;
    in_line(&mut tx, services, by, &push).await?;
    finish(tx, services, Some(by), ("platform.push_asked", &push)).await?;
    Ok(push)
}

async fn in_line(tx: &mut Tx, services: &Services, by: &Actor, push: &Push) -> Result<(), PlatformError> {
    let job = NewJob {
        unit: push.unit,
        kind: KIND,
        input: json!({ "push": hex(&push.id.bytes()) }),
        by: by.id,
        not_before: None,
        once_key: None,
    };
    jobs::enqueue(tx, job, services).await?;
    Ok(())
}

/// Tells it, if it waits; gives how it stands. It is marked before it leaves, so that two who try send it once. Fact
/// `platform.push_told` when the platform has answered.
///
/// # Errors
/// [`PlatformError`]: no such push, not connected, the database.
pub async fn send(platforms: &Platforms, id: PushId) -> Result<Push, PlatformError> {
    let services = &platforms.giving.services;
    let mut tx = services.db.begin().await?;
    let mut push = store::lock(&mut tx, id).await?.ok_or(PlatformError::NotFound("push"))?;
    if push.state != PushState::Waiting {
        return Ok(push);
    }
    let port = client::connect(&mut tx, platforms, (push.unit, push.platform)).await?;
    push.state = PushState::Sending;
    store::update(&mut tx, &push).await?;
    tx.commit().await?;
    let told = port.tell(&push.content).await;
    match told {
        Ok(told) => {
            push.state = PushState::Told;
            push.proc_id = Some(told.data);
            push.trace = Some(told.trace);
            push.told_at = Some(services.now());
            (push.code, push.said) = (None, None);
        }
        Err(ClientError::Refused { code, said, trace }) => {
            push.state = PushState::Refused;
            push.trace = Some(trace);
            (push.code, push.said) = (Some(code), Some(said));
        }
        Err(error) => {
            push.state = PushState::Unclear;
            push.said = Some(error.to_string());
        }
    }
    let mut tx = services.db.begin().await?;
    store::update(&mut tx, &push).await?;
    finish(tx, services, None, ("platform.push_told", &push)).await?;
    Ok(push)
}

/// Settles what stayed unclear (or was being sent when the program ended): with the number found on the platform it stands as
/// told; without one it is sent again. Needs [`Permission::PlatformManage`]. Fact `platform.push_resolved`.
///
/// # Errors
/// [`PlatformError`]: not allowed, clear already.
pub async fn resolve(
    platforms: &Platforms,
    by: &Actor,
    id: PushId,
    found: Option<&str>,
) -> Result<Push, PlatformError> {
    let services = &platforms.giving.services;
    by.require_somewhere(Permission::PlatformManage)?;
    if let Some(number) = found {
        check_number("proc_id", number)?;
    }
    let mut tx = services.db.begin().await?;
    let push = store::lock(&mut tx, id).await?;
    let mut push = push.ok_or(PlatformError::NotFound("push"))?;
    if by.require(Permission::PlatformManage, push.unit).is_err() {
        return Err(PlatformError::NotFound("push"));
    }
    if !matches!(push.state, PushState::Unclear | PushState::Sending) {
        return Err(PlatformError::Answered(push.state.as_str()));
    }
    match found {
        Some(number) => {
            push.state = PushState::Told;
            push.proc_id = Some(number.to_owned());
            push.told_at = Some(services.now());
        }
        None => {
            push.state = PushState::Waiting;
            in_line(&mut tx, services, by, &push).await?;
        }
    }
    store::update(&mut tx, &push).await?;
    finish(tx, services, Some(by), ("platform.push_resolved", &push)).await?;
    Ok(push)
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: Option<&Actor>,
    (kind, push): (&'static str, &Push),
) -> Result<(), PlatformError> {
    let fact = NewFact {
        unit: push.unit,
        kind,
        subject: push.id.bytes(),
        actor: by.map(|by| by.id),
        body: json!({
            "platform": push.platform,
            "page": push.project_no,
            "state": push.state,
            "money_fen": push.content.money_fen,
            "proc_id": push.proc_id,
            "code": push.code,
        }),
    };
    Ok(conclude(tx, fact, services).await?)
}
