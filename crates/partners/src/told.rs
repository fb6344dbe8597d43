//! The common ending of this crate's actions.

use db::{DbError, Tx};
use kernel::UnitId;
use kernel::id::{Id, hex};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::Actor;
use serde_json::Value;

/// What happened to what, in which unit.
pub(crate) struct Told<I> {
    pub(crate) unit: UnitId,
    pub(crate) kind: &'static str,
    pub(crate) subject: I,
    /// Ids, codes and amounts; the subject's own id is added.
    pub(crate) body: Value,
}

/// Ends an action with its one fact.
pub(crate) async fn finish<I: Id>(tx: Tx, services: &Services, by: &Actor, told: Told<I>) -> Result<(), DbError> {
    let mut body = told.body;
    body["subject"] = hex(&told.subject.bytes()).into();
    let fact = NewFact {
        unit: told.unit,
        kind: told.kind,
        subject: told.subject.bytes(),
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await
}
