//! The job that delivers, again and again with growing pauses until it is taken.

use std::sync::Arc;

use kernel::UnitId;
use kernel::id::public;
use platform::Services;
use platform::jobs::{Handler, JobError, Run, Work};
use serde_json::json;

use super::actions::{self, Delivered};
use super::model::{Body, Told};
use super::port::Post;
use super::rules::Answer;
use crate::approvals::error::ApprovalError;
use crate::approvals::model::{CaseId, from_hex};

/// The kind of the job.
pub const DELIVER: &str = "approval_webhook";
/// With the pauses of jobs some four hours: longer than a restart of the other side, shorter than a decision waits.
const ATTEMPTS: i64 = 8;

/// Delivers what happened to a case.
pub struct Deliver {
    /// The way out.
    pub post: Arc<dyn Post>,
}

impl Handler for Deliver {
    fn kind(&self) -> &'static str {
        DELIVER
    }
    fn attempts_max(&self) -> i64 {
        ATTEMPTS
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let (hook, body) = body(run, services)?;
            match actions::deliver(services, &*self.post, hook, &body).await {
                Ok(Delivered::Answered(status, Answer::Taken)) => Ok(json!({ "status": status })),
                Ok(Delivered::Answered(status, Answer::Later)) => Err(JobError::Retry(format!("answered {status}"))),
                Ok(Delivered::Answered(status, Answer::Never)) => Err(JobError::Refused(format!("answered {status}"))),
                Ok(Delivered::NoAnswer) => Err(JobError::Retry("no answer".to_owned())),
                Ok(Delivered::Off) => Ok(json!({ "off": true })),
                Err(ApprovalError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}

fn body(run: &Run, services: &Services) -> Result<(UnitId, Body), JobError> {
    let input = &run.job.input;
    let wrong = || JobError::Refused("the job names no webhook".to_owned());
    let hook: UnitId = input["hook"].as_str().and_then(from_hex).ok_or_else(wrong)?;
    let unit: UnitId = input["unit"].as_str().and_then(from_hex).ok_or_else(wrong)?;
    let told: Told = serde_json::from_value(input["told"].clone()).map_err(|_| wrong())?;
    let case: Option<CaseId> = input["case"].as_str().and_then(from_hex);
    let case = case.map(|case| public(&*services.keys, case));
    let link = case
        .as_ref()
        .map(|case| format!("{}/console/approvals/{case}", services.base_url));
    let body = Body {
        id: public(&*services.keys, run.job.id),
        at: run.job.created_at,
        told,
        case,
        kind: input["kind"].as_str().map(str::to_owned),
        unit: public(&*services.keys, unit),
        link,
    };
    Ok((hook, body))
}
