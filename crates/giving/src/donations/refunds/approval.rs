//! Refunds and approvals: where the unit, or one above it, has published a policy for refunds, the case decides and not
//! two people; the approval itself gives the money back. There is no way around it: the routes of the two people refuse.
//!
//! The policy that ships changes nothing by itself. A refund asked for before a policy was published waits for a case,
//! which is put by `POST /api/v1/approvals`; who asked for the refund is a party of it.

use std::collections::{BTreeMap, BTreeSet};

use db::{DbError, Reads, Snapshot, Tx};
use governance::approvals::actions::{NewCase, is_published};
use governance::approvals::model::{CaseId, SubjectId};
use governance::approvals::queries::{case, latest_of};
use governance::approvals::subjects::Thing;
use governance::approvals::{CaseState, outcome};
use kernel::RefundId;
use kernel::id::{Id as _, public};
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use serde_json::json;
use web::Locale;

use super::actions::settle;
use super::model::{Refund, RefundState};
use super::store;
use crate::donations::error::DonationError;

/// The kind of a case about a refund.
pub const KIND: &str = "refund";

/// A refund as a thing of approvals.
pub fn subject(id: RefundId) -> SubjectId {
    SubjectId::from_bytes(id.bytes())
}

/// The way a refund is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// Whether a case decides it; else two people do.
    pub by_case: bool,
    /// The last case about it.
    pub case: Option<(CaseId, CaseState)>,
}

impl Course {
    /// Whether the last case approved it.
    pub fn is_approved(&self) -> bool {
        matches!(self.case, Some((_, CaseState::Approved)))
    }
}

/// The ways of some refunds, in their order.
///
/// # Errors
/// Any [`DbError`].
pub async fn courses(at: &mut impl Reads, services: &Services, refunds: &[Refund]) -> Result<Vec<Course>, DbError> {
    let units: BTreeSet<_> = refunds.iter().map(|refund| refund.unit).collect();
    let subjects: BTreeSet<_> = refunds.iter().map(|refund| subject(refund.id)).collect();
    let cases = latest_of(at, &units, KIND, &subjects).await?;
    let mut published = BTreeMap::new();
    for unit in units {
        published.insert(unit, is_published(at, services, unit, KIND).await?);
    }
    let course = |refund: &Refund| {
        let case = cases.get(&subject(refund.id)).copied();
        // A case that was taken back says nothing.
        let has_word = case.is_some_and(|(_, state)| state != CaseState::Withdrawn);
        let is_ruled = published.get(&refund.unit).copied().unwrap_or_default();
        Course {
            by_case: has_word || (is_ruled && refund.state == RefundState::Requested),
            case,
        }
    };
    Ok(refunds.iter().map(course).collect())
}

/// The way of one refund.
///
/// # Errors
/// Any [`DbError`].
pub(super) async fn course(at: &mut impl Reads, services: &Services, refund: &Refund) -> Result<Course, DbError> {
    let found = courses(at, services, std::slice::from_ref(refund)).await?;
    let none = Course {
        by_case: false,
        case: None,
    };
    Ok(found.first().copied().unwrap_or(none))
}

/// The case that opens with a refund: its title says how much and why, its details are for the screens.
pub(super) fn new_case(services: &Services, refund: &Refund, words: &str) -> NewCase {
    let locale = Locale::default();
    let reason = locale.text(&format!("console.refund_reason.{}", refund.reason.as_str()), &[]);
    let title = [("sum", refund.amount.to_grouped()), ("reason", reason)];
    NewCase {
        unit: refund.unit,
        subject_kind: KIND.to_owned(),
        subject: subject(refund.id),
        title: locale.text("refund.case_title", &title),
        summary: words.trim().to_owned(),
        papers: Vec::new(),
        parties: Vec::new(),
        hurry: None,
        details: json!({
            "amount_fen": refund.amount,
            "reason": refund.reason,
            "gift": public(&*services.keys, refund.gift),
        }),
    }
}

/// A refund that waits, for the port of approvals: who asked for it decides nothing, whoever puts the case.
pub(crate) async fn thing(at: &mut Snapshot, id: SubjectId) -> Result<Option<Thing>, DbError> {
    let refund = store::find(at, RefundId::from_bytes(id.bytes())).await?;
    let waiting = refund.filter(|refund| refund.state == RefundState::Requested);
    Ok(waiting.map(|refund| Thing {
        unit: refund.unit,
        parties: vec![refund.requested_by],
    }))
}

/// Carries out what cases decided about refunds.
pub struct RefundsDecided;

impl Reaction for RefundsDecided {
    type Read = Vec<CaseId>;
    fn name(&self) -> &'static str {
        "refunds_decided"
    }
    fn pace(&self) -> Pace {
        Pace::APART
    }
    async fn read(&self, _: &mut Snapshot, facts: &[Fact], _: &Services) -> Result<Vec<CaseId>, ReactionError> {
        outcome::ended(facts, &[KIND])
    }
    async fn handle(
        &self,
        tx: &mut Tx,
        _: &[Fact],
        read: Vec<CaseId>,
        services: &Services,
    ) -> Result<(), ReactionError> {
        for id in read {
            if let Some(case) = case(tx, id).await? {
                carried_out(settle(tx, services, &case).await, id)?;
            }
        }
        Ok(())
    }
}

/// What cannot be given back any more is left to staff, who see the approved case and the refund that waits: nothing was
/// written of it. Anything else stops here, since part of it may stand in the transaction.
fn carried_out(done: Result<(), DonationError>, case: CaseId) -> Result<(), ReactionError> {
    match done {
        Ok(()) => Ok(()),
        Err(
            error @ (DonationError::RefundTooMuch { .. } | DonationError::BacksPool { .. } | DonationError::TakenBack),
        ) => {
            tracing::info!(?case, %error, "a refund that was approved is left to staff");
            Ok(())
        }
        Err(DonationError::Db(error)) => Err(error.into()),
        Err(error) => Err(ReactionError(format!("a refund that was decided: {error}"))),
    }
}
