//! The job that shares a closing pool out.

use std::sync::Arc;

use kernel::id::Id as _;
use platform::Services;
use platform::identity::Actor;
use platform::jobs::{Handler, JobError, Run, Work};
use serde_json::json;

use super::actions;
use super::error::MatchError;
use super::model::PoolId;
use crate::State;
use crate::donations::Intake;

/// The kind of the job.
pub const SHARE_OUT: &str = "match_share_out";

/// Shares closing pools out, in rounds.
pub struct ShareOut {
    /// The way in for gifts, which knows accounts and projects.
    pub intake: Intake,
}

impl Handler for ShareOut {
    fn kind(&self) -> &'static str {
        SHARE_OUT
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let hex = run.job.input["pool"].as_str().unwrap_or_default();
            let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok();
            let bytes: Option<[u8; 16]> = bytes.and_then(|bytes| bytes.try_into().ok());
            let pool = PoolId::from_bytes(bytes.ok_or_else(|| JobError::Refused("no pool is named".into()))?);
            let giving = State {
                services: services.clone(),
                intake: self.intake.clone(),
                gateways: Arc::default(),
            };
            match actions::share_out(&giving, &Actor::operator(), pool).await {
                Ok(awards) => Ok(json!({ "awards": awards })),
                Err(MatchError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}
