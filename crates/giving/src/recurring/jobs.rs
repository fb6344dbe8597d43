//! The job that looks after regular giving: once a day by the night watch, and whenever `qiao recurring due` asks.

use std::sync::Arc;

use platform::Services;
use platform::jobs::{Handler, JobError, Nightly, Run, Work};
use serde_json::json;

use super::actions;
use super::error::RecurringError;
use super::model::TRIES_MAX;
use super::rail::Rail;
use crate::State;

/// The kind of the job.
const DUE: &str = "recurring_due";
/// The hour of Beijing: when people look at their telephones and nobody sleeps.
pub const NIGHTLY: Nightly = Nightly { kind: DUE, hour: 9 };

/// Looks after all mandates.
pub struct LookAfter {
    /// What giving's actions need.
    pub giving: State,
    /// What collects by contract, where anything does.
    pub rail: Arc<dyn Rail>,
}

impl Handler for LookAfter {
    fn kind(&self) -> &'static str {
        DUE
    }
    /// A gateway of messages that is down for the morning is outlasted.
    fn attempts_max(&self) -> i64 {
        TRIES_MAX
    }
    fn work<'a>(&'a self, _run: &'a Run, _services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            match actions::run(&self.giving, &*self.rail).await {
                Ok(ran) if ran.unsaid > 0 => Err(JobError::Retry(format!(
                    "{} prompts could not be handed over; they are tried again",
                    ran.unsaid
                ))),
                Ok(ran) => Ok(json!(ran)),
                Err(RecurringError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}
