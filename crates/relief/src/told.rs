//! The common ending of this crate's actions.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use kernel::UnitId;
use kernel::id::{Id, hex};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::Actor;
use serde_json::Value;

use crate::LotId;
use crate::stock::{LotState, Move};

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

/// What a fact says of movements, for who tells them on (the public log): pieces by lot, state left and state reached.
/// A missing state is the world outside.
pub(crate) fn moves(steps: &[Move]) -> Value {
    let mut sums: BTreeMap<(LotId, Option<LotState>, Option<LotState>), i64> = BTreeMap::new();
    for step in steps {
        let way = (
            step.lot,
            step.from.map(|spot| spot.state),
            step.to.map(|spot| spot.state),
        );
        let sum = sums.entry(way).or_default();
        *sum = sum.saturating_add(step.quantity);
    }
    let said = sums.into_iter().map(|((lot, from, to), quantity)| {
        serde_json::json!({ "lot": hex(&lot.bytes()), "from": from, "to": to, "quantity": quantity })
    });
    said.collect()
}
