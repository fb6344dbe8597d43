//! Amendments and the house's approvals: where the unit (or one above it) has published a policy for `partner_amendment`
//! that demands a case, a signed agreement is amended by an approved case and by nothing else; the reaction on
//! `approval.decided` writes the version. Without one a leader amends it, with the signed paper.

use db::{DbError, Reads, Snapshot, Tx};
use governance::approvals::actions::NewCase;
use governance::approvals::model::{CaseId, Paper, SubjectId};
use governance::approvals::outcome;
use governance::approvals::queries::{case, policy_in_force};
use governance::approvals::subjects::{Looked, Owner, Thing};
use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use serde_json::json;

use super::actions::{self, Asking};
use super::model::Amendment;
use super::rules::in_words;
use crate::AmendmentId;
use crate::agreements::Agreement;

/// The kind of a case that decides an amendment.
pub const PARTNER_AMENDMENT: &str = "partner_amendment";
/// The kind of paper that the signed amendment is in a case.
const SIGNED: &str = "signed_amendment";
/// Characters of an agreement's title in the title of a case, which takes a hundred.
const TITLE_CHARS_MAX: usize = 70;

/// An amendment as a thing of approvals.
pub fn subject(id: AmendmentId) -> SubjectId {
    SubjectId::from_bytes(id.bytes())
}

/// Whether signed agreements of this unit are amended by cases. What ships demands nothing.
///
/// # Errors
/// Any [`DbError`].
pub async fn governs(at: &mut impl Reads, services: &Services, unit: UnitId) -> Result<bool, DbError> {
    let line = services.tree.ancestors(unit);
    let policy = policy_in_force(at, &line, PARTNER_AMENDMENT).await?;
    Ok(policy.is_some_and(|policy| policy.policy.required))
}

/// The case of an amendment: what the agreement shall say stands with the fingerprint of the signed paper.
pub(super) fn new_case((agreement, amendment): (&Agreement, &Amendment), sha256: &[u8], asking: Asking) -> NewCase {
    let title: String = agreement.title.chars().take(TITLE_CHARS_MAX).collect();
    let next = amendment.base + 1;
    let mut papers = asking.papers;
    papers.push(Paper {
        kind: SIGNED.to_owned(),
        name: "签署的补充协议".to_owned(),
        sha256: hex(sha256),
        words: in_words(&amendment.terms),
    });
    NewCase {
        unit: agreement.unit,
        subject_kind: PARTNER_AMENDMENT.to_owned(),
        subject: subject(amendment.id),
        title: format!("{title}：修改为第 {next} 版"),
        summary: asking.summary,
        papers,
        parties: asking.parties,
        hurry: asking.hurry,
        details: json!({
            "agreement": hex(&agreement.id.bytes()), "base": amendment.base, "sha256": hex(sha256),
            "first_day": amendment.terms.first_day, "last_day": amendment.terms.last_day,
        }),
    }
}

/// Tells whose an amendment is about which a case is put. A case is put by [`actions::ask`] alone, with the amendment itself:
/// asked for elsewhere, there is nothing to decide about.
pub struct Amendments;

impl Owner for Amendments {
    fn kinds(&self) -> &'static [&'static str] {
        &[PARTNER_AMENDMENT]
    }
    fn look<'a>(&'a self, _: &'a mut Snapshot, _: &'a str, _: SubjectId) -> Looked<'a> {
        Box::pin(async { Ok::<Option<Thing>, DbError>(None) })
    }
}

/// Carries out what cases said of amendments.
pub struct AmendmentsDecided;

impl Reaction for AmendmentsDecided {
    type Read = Vec<CaseId>;
    fn name(&self) -> &'static str {
        "partner_amendments_decided"
    }
    fn pace(&self) -> Pace {
        Pace::APART
    }
    async fn read(&self, _: &mut Snapshot, facts: &[Fact], _: &Services) -> Result<Vec<CaseId>, ReactionError> {
        outcome::ended(facts, &[PARTNER_AMENDMENT])
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
                let done = actions::settle(tx, services, &case).await;
                done.map_err(|error| ReactionError(error.to_string()))?;
            }
        }
        Ok(())
    }
}
