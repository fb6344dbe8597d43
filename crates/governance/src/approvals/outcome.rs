//! What the facts say of cases that ended: for the reactions of those who act on it.

use platform::facts::{Fact, ReactionError};
use serde::Deserialize;

use super::model::{CaseId, CaseState, from_hex};

/// What the fact of a case says.
#[derive(Deserialize)]
struct Said {
    case: String,
    subject_kind: String,
    state: CaseState,
}

/// The cases of these kinds that were approved, in the order of their facts.
///
/// # Errors
/// [`ReactionError`]: a fact that is none of ours.
pub fn approved(facts: &[Fact], kinds: &[&str]) -> Result<Vec<CaseId>, ReactionError> {
    cases(facts, (&["approval.decided"], kinds), |state| {
        state == CaseState::Approved
    })
}

/// The cases of these kinds that were decided, either way, or taken back, in the order of their facts.
///
/// # Errors
/// As [`approved`].
pub fn ended(facts: &[Fact], kinds: &[&str]) -> Result<Vec<CaseId>, ReactionError> {
    let is_over = |state| !matches!(state, CaseState::Open | CaseState::SentBack);
    cases(facts, (&["approval.decided", "approval.withdrawn"], kinds), is_over)
}

fn cases(
    facts: &[Fact],
    (told, kinds): (&[&str], &[&str]),
    is_wanted: impl Fn(CaseState) -> bool,
) -> Result<Vec<CaseId>, ReactionError> {
    let mut cases = Vec::new();
    for fact in facts.iter().filter(|fact| told.contains(&fact.kind.as_str())) {
        let said: Said =
            serde_json::from_str(&fact.body).map_err(|e| ReactionError(format!("a fact of a decision: {e}")))?;
        if kinds.contains(&said.subject_kind.as_str()) && is_wanted(said.state) {
            let id = from_hex(&said.case);
            cases.push(id.ok_or_else(|| ReactionError("a fact of a decision names no case".into()))?);
        }
    }
    Ok(cases)
}
