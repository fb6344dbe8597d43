//! What is done with payments every day: comparing the bill of the day before, forgetting old notices.

use giving::donations::orders::payments::reconcile;
use kernel::BusinessDay;
use platform::Services;
use platform::jobs::{Handler, JobError, Nightly, Run, Work};
use serde_json::{Value, json};

use super::Payments;
use super::notices::forget_old;

/// The kind of the job.
pub const KIND: &str = "payments_reconcile";
/// Providers make the bill of a day between nine and ten of the next morning.
const HOUR: u8 = 11;
/// When the job is put in line.
pub const NIGHTLY: Nightly = Nightly { kind: KIND, hour: HOUR };

/// Compares every account's bill of the day that is over.
pub struct ReconcilePayments {
    /// The providers.
    pub payments: Payments,
}

impl Handler for ReconcilePayments {
    fn kind(&self) -> &'static str {
        KIND
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let day = run.job.input.get("day").and_then(Value::as_str);
            let day = day.map(BusinessDay::parse).and_then(Result::ok);
            let day = day.ok_or_else(|| JobError::Refused("the job names no day".into()))?;
            let retry = |error: &dyn std::fmt::Display| JobError::Retry(error.to_string());
            self.payments.load().await.map_err(|e| retry(&e))?;
            forget_old(services).await.map_err(|e| retry(&e))?;
            let mut found = Vec::new();
            // One account whose provider cannot be asked keeps the others not waiting; the job is then tried again.
            let mut failed = None;
            for connected in self.payments.giving.gateways.all().iter() {
                match reconcile(&self.payments.giving, connected, day).await {
                    Ok(result) => found.push(json!({
                        "provider": connected.gateway.provider(),
                        "lines": result.lines,
                        "found": result.found,
                        "held": result.held,
                        "missing": result.missing.len(),
                    })),
                    Err(error) => failed = Some(error.to_string()),
                }
            }
            match failed {
                Some(error) => Err(JobError::Retry(error)),
                None => Ok(json!({ "day": day, "accounts": found })),
            }
        })
    }
}
