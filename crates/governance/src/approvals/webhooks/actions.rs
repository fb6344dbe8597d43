//! Setting a webhook, trying it, delivering.

use kernel::id::{Id as _, hex};
use kernel::{Instant, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use ring::hmac;
use serde_json::json;

use super::model::{Body, Told, Webhook};
use super::port::{Delivery, Post};
use super::queue::{self, Line};
use super::rules::{self, Answer};
use super::{SECRET_PLACE, store};
use crate::approvals::error::ApprovalError;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["approval.webhook_set", "approval.webhook_tried"];

/// The event that tells nothing but that it is a test.
const TEST: &str = "test";

/// A webhook as it shall be. No `Debug`: it holds a secret.
pub struct NewWebhook {
    /// Where to.
    pub address: String,
    /// The secret that the other side made; the one before stays when none is given, and the house makes the first.
    pub secret: Option<String>,
    /// Whether anything is told.
    pub is_on: bool,
}

/// A unit's webhook, if it has one; needs [`Permission::ApprovalManage`] there.
///
/// # Errors
/// [`ApprovalError`].
pub async fn webhook(services: &Services, by: &Actor, unit: UnitId) -> Result<Option<Webhook>, ApprovalError> {
    by.require(Permission::ApprovalManage, unit)?;
    let mut at = services.db.snapshot().await?;
    Ok(store::of_unit(&mut at, unit).await?.map(|(webhook, _)| webhook))
}

/// Sets a unit's webhook, or switches it off; gives the secret back once, where the house made it. Needs
/// [`Permission::ApprovalManage`] there. Fact `approval.webhook_set`.
///
/// # Errors
/// [`ApprovalError`]: not allowed, no such unit, an address or a secret that is not taken.
pub async fn set(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    new: NewWebhook,
) -> Result<(Webhook, Option<String>), ApprovalError> {
    by.require(Permission::ApprovalManage, unit)?;
    let address = new.address.trim();
    rules::address(address, rules::here(&services.base_url))?;
    let given = new.secret.as_deref().map(str::trim).filter(|text| !text.is_empty());
    given.map(rules::secret).transpose()?;
    let mut tx = services.db.begin().await?;
    if crate::network::store::unit(&mut tx, unit).await?.is_none() {
        return Err(ApprovalError::NotFound("unit"));
    }
    let before = store::of_unit(&mut tx, unit).await?;
    let seal = |text: &str| services.keys.seal(text.as_bytes(), SECRET_PLACE, &*services.rng);
    let (sealed, made) = match (given, before) {
        (Some(text), _) => (seal(text), None),
        (None, Some((_, sealed))) => (sealed, None),
        (None, None) => {
            let made = hex(&services.rng.secret());
            (seal(&made), Some(made))
        }
    };
    let now = services.now();
    store::put(&mut tx, (unit, address, new.is_on), sealed, (by.id, now)).await?;
    let webhook = Webhook {
        unit,
        address: address.to_owned(),
        is_on: new.is_on,
        set_at: now,
        last_at: None,
        last_status: None,
    };
    let body = json!({ "on": new.is_on, "new_secret": given.is_some() || made.is_some() });
    let fact = NewFact {
        unit,
        kind: "approval.webhook_set",
        subject: unit.bytes(),
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok((webhook, made))
}

/// Puts a delivery in line that tells nothing but that it is a test; how it went stands at the webhook. Needs
/// [`Permission::ApprovalManage`]. Fact `approval.webhook_tried`.
///
/// # Errors
/// [`ApprovalError`]: not allowed, no webhook that is on.
pub async fn attempt(services: &Services, by: &Actor, unit: UnitId) -> Result<(), ApprovalError> {
    by.require(Permission::ApprovalManage, unit)?;
    let mut tx = services.db.begin().await?;
    let found = store::of_unit(&mut tx, unit).await?;
    if !found.is_some_and(|(webhook, _)| webhook.is_on) {
        return Err(ApprovalError::NotFound("webhook"));
    }
    let told = Told {
        event: TEST.to_owned(),
        stage: None,
        due_at: None,
    };
    let line = Line {
        hook: unit,
        case: None,
        by: by.id,
        once_key: None,
    };
    queue::put(&mut tx, services, line, &told).await?;
    let fact = NewFact {
        unit,
        kind: "approval.webhook_tried",
        subject: unit.bytes(),
        actor: Some(by.id),
        body: json!({}),
    };
    Ok(conclude(tx, fact, services).await?)
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It was answered with this status.
    Answered(u16, Answer),
    /// No answer came.
    NoAnswer,
    /// The webhook was switched off or taken away meanwhile.
    Off,
}

/// How long other deliveries wait after one that nobody answered: as long as a few that time out.
const SILENCE_MICROS: i64 = 30 * 1_000_000;

/// Whether a webhook did not answer just now: what waits for it would only hold up the other jobs.
fn is_silent(webhook: &Webhook, now: Instant) -> bool {
    let heard = |at: Instant| now.micros() - at.micros() < SILENCE_MICROS;
    webhook.last_status.is_none() && webhook.last_at.is_some_and(heard)
}

/// Signs a body, sends it to the unit's webhook and notes how it went. One that did not answer just now is not asked,
/// but for a test.
///
/// # Errors
/// [`ApprovalError::Db`], [`ApprovalError::Key`].
pub async fn deliver(
    services: &Services,
    post: &dyn Post,
    hook: UnitId,
    body: &Body,
) -> Result<Delivered, ApprovalError> {
    let mut at = services.db.snapshot().await?;
    let found = store::of_unit(&mut at, hook).await?;
    drop(at);
    let Some((webhook, sealed)) = found.filter(|(webhook, _)| webhook.is_on) else {
        return Ok(Delivered::Off);
    };
    if body.told.event != TEST && is_silent(&webhook, services.now()) {
        return Ok(Delivered::NoAnswer);
    }
    let secret = services.keys.open(&sealed, SECRET_PLACE)?;
    // Ids, words and moments are always JSON.
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let signature = signature(&secret, &bytes);
    let delivery = Delivery {
        address: webhook.address,
        body: bytes,
        signature,
    };
    let (delivered, status) = match post.post(delivery).await {
        Ok(status) => (
            Delivered::Answered(status, rules::answer(status)),
            Some(i64::from(status)),
        ),
        Err(error) => {
            tracing::warn!(unit = ?hook, %error, "a webhook for cases did not answer");
            (Delivered::NoAnswer, None)
        }
    };
    let mut tx = services.db.begin().await?;
    store::note(&mut tx, hook, status, services.now()).await?;
    tx.commit().await?;
    Ok(delivered)
}

/// The value of `X-Signature`.
fn signature(secret: &[u8], body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hex(hmac::sign(&key, body).as_ref())
}
