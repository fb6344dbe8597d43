//! Changing forms and handing in. Each change is one transaction with one fact; drafts and plans alone have none.

mod clock;
mod forms;
mod handing;

use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::identity::{Actor, Permission};

use super::error::ReportError;
pub use clock::{alert, remind};
pub use forms::{amend, begin_emergency, close, end_emergency, plan_all, publish};
pub use handing::{HandIn, Said, hand_in, keep_draft};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "report.form_published",
    "report.form_amended",
    "report.form_closed",
    "report.emergency_begun",
    "report.emergency_ended",
    "report.handed_in",
    "report.corrected",
    "report.reminded",
    "report.missed",
];

/// Passes when the actor may do this in the unit; a unit elsewhere has no such thing for her.
fn in_scope(by: &Actor, permission: Permission, unit: UnitId, what: &'static str) -> Result<(), ReportError> {
    by.require_somewhere(permission)?;
    by.require(permission, unit).map_err(|_| ReportError::NotFound(what))
}

/// An id as facts and jobs hold it.
fn fact_id<I: kernel::id::Id>(id: I) -> String {
    hex(&id.bytes())
}

/// Ids as facts hold them.
fn fact_ids(units: &[UnitId]) -> Vec<String> {
    units.iter().map(|unit| hex(&unit.bytes())).collect()
}
