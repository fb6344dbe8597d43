//! Whose turn it is: stages that open, what the clock has to do, who is drawn.

use kernel::id::hex;
use kernel::{ActorId, Instant};

use super::{SECOND_MICROS, vote_may_close};
use crate::approvals::model::{Draw, Outcome, Sitting, StageState, Standing};
use crate::approvals::policy::{Policy, Stage};

/// The stages whose turn has come.
pub fn to_open(now: &Standing, policy: &Policy) -> Vec<usize> {
    if now.outcome != Outcome::Open {
        return Vec::new();
    }
    let is_through = |key: &String| {
        policy
            .position(key)
            .and_then(|at| now.stages.get(at))
            .is_some_and(|stage| match stage {
                StageState::Passed { .. } => true,
                // What the emergency lane leaves out holds nothing up, and what stood before it still does.
                StageState::Skipped => skipped_is_through(now, policy, key),
                _ => false,
            })
    };
    let turn = |at: &usize| {
        now.stages.get(*at) == Some(&StageState::Waiting) && policy.stages[*at].after.iter().all(is_through)
    };
    (0..policy.stages.len()).filter(turn).collect()
}

fn skipped_is_through(now: &Standing, policy: &Policy, key: &str) -> bool {
    let Some(at) = policy.position(key) else { return false };
    match now.stages.get(at) {
        Some(StageState::Passed { .. }) => true,
        // A stage stands only after earlier ones, so this ends.
        Some(StageState::Skipped) => policy.stages[at]
            .after
            .iter()
            .all(|before| skipped_is_through(now, policy, before)),
        _ => false,
    }
}

/// What the clock has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Remind the silent.
    Remind(String),
    /// Ask the deputies.
    Escalate(String),
    /// Count a vote as it stands.
    CloseVote(String),
    /// Ask for owed papers.
    RemindPapers,
}

/// When the silent are reminded: after half of the time.
pub fn reminder(spec: &Stage, sitting: &Sitting) -> Instant {
    sitting
        .opened_at
        .plus_micros(spec.limit_s.saturating_mul(SECOND_MICROS) / 2)
}

/// What is due at a moment, the first first.
pub fn due(now: &Standing, policy: &Policy, at: Instant) -> Option<Due> {
    if now.papers_due.is_some_and(|due| at >= due) && !now.papers_reminded {
        return Some(Due::RemindPapers);
    }
    if now.outcome != Outcome::Open {
        return None;
    }
    policy.stages.iter().zip(&now.stages).find_map(|(spec, state)| {
        let StageState::Open(sitting) = state else { return None };
        let key = spec.key.clone();
        if vote_may_close(spec, sitting, at) {
            Some(Due::CloseVote(key))
        } else if !sitting.is_escalated && (at >= sitting.deadline || sitting.is_short) {
            Some(Due::Escalate(key))
        } else if !sitting.is_reminded && at < sitting.deadline && at >= reminder(spec, sitting) {
            Some(Due::Remind(key))
        } else {
            None
        }
    })
}

/// Those whom a record draws: anybody can repeat it with the seed and the pool.
pub fn drawn_seats(record: &Draw, count: i64) -> Vec<ActorId> {
    let mut tickets: Vec<(String, ActorId)> = record
        .pool
        .iter()
        .enumerate()
        .map(|(at, who)| {
            let text = format!("{}:{}", record.seed, at + 1);
            let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
            (hex(digest.as_ref()), who.0)
        })
        .collect();
    tickets.sort();
    let count = usize::try_from(count).unwrap_or(0);
    tickets.into_iter().take(count).map(|(_, who)| who).collect()
}
