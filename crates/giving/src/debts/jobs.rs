//! The reaction that locks a pool's money again when a settlement is reversed in the books.

use db::{Snapshot, Tx};
use kernel::JournalId;
use kernel::id::Id as _;
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use serde::Deserialize;

use super::actions;

/// Locks again what a reversed settlement owes again.
pub struct SettlementsReversed;

/// What the fact of a reversal says.
#[derive(Deserialize)]
struct Reversed {
    what: Of,
}

#[derive(Deserialize)]
struct Of {
    reverses: String,
}

impl Reaction for SettlementsReversed {
    type Read = Vec<JournalId>;
    fn name(&self) -> &'static str {
        "settlements_reversed"
    }
    fn pace(&self) -> Pace {
        Pace::APART
    }
    async fn read(&self, _: &mut Snapshot, facts: &[Fact], _: &Services) -> Result<Vec<JournalId>, ReactionError> {
        facts
            .iter()
            .filter(|fact| fact.kind == "books.journal_reversed")
            .map(undone)
            .collect()
    }
    async fn handle(
        &self,
        tx: &mut Tx,
        _: &[Fact],
        read: Vec<JournalId>,
        services: &Services,
    ) -> Result<(), ReactionError> {
        for journal in read {
            let held = actions::hold_again(tx, services, journal).await;
            held.map_err(|error| ReactionError(error.to_string()))?;
        }
        Ok(())
    }
}

/// Which journal was undone.
fn undone(fact: &Fact) -> Result<JournalId, ReactionError> {
    let said: Reversed =
        serde_json::from_str(&fact.body).map_err(|e| ReactionError(format!("a fact of a reversal: {e}")))?;
    let bytes = data_encoding::HEXLOWER.decode(said.what.reverses.as_bytes()).ok();
    let id = bytes.and_then(|bytes| bytes.try_into().ok());
    id.map(JournalId::from_bytes)
        .ok_or_else(|| ReactionError("a fact of a reversal names no journal".into()))
}
