//! Docking and approvals: the case `docking` stands on the three gates, and its approval lets the partner be named.

use db::{DbError, Snapshot, Tx};
use governance::approvals::actions::{Asking, NewCase};
use governance::approvals::model::{CaseId, Paper, SubjectId};
use governance::approvals::outcome;
use governance::approvals::queries::case;
use governance::approvals::subjects::Thing;
use kernel::id::{Id as _, public};
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use serde_json::json;
use web::Locale;

use super::model::{Docking, DockingId, DockingState};
use super::{actions, rules, store};
use crate::campaigns::{self, Campaign};

/// The kind of a case about a docking.
pub const KIND: &str = "docking";

/// A docking as a thing of approvals.
pub fn subject(id: DockingId) -> SubjectId {
    SubjectId::from_bytes(id.bytes())
}

/// The case: its papers are the three gates, as they stand when it is put.
pub(super) fn new_case(services: &Services, docking: &Docking, campaign: &Campaign, asking: Asking) -> NewCase {
    let locale = Locale::default();
    let title = [
        ("partner", docking.partner_name.clone()),
        ("campaign", campaign.plan.title.clone()),
    ];
    let paper = |kind: &str, sha256: &str, words: String| Paper {
        kind: kind.to_owned(),
        name: locale.text(&format!("docking.paper.{kind}"), &[]),
        sha256: sha256.to_owned(),
        words,
    };
    let assessment = docking.assessment.iter();
    let mut papers: Vec<Paper> = assessment
        .map(|one| paper("assessment", &one.sha256, one.conclusion.clone()))
        .collect();
    let agreement = docking.agreement.iter();
    papers.extend(agreement.map(|one| paper("agreement", &one.sha256, one.number.clone())));
    let filing = campaign.state.filing().map(|filing| filing.number.clone());
    let place = [
        ("number", filing.unwrap_or_default()),
        ("version", campaign.plan_version.to_string()),
    ];
    papers.push(paper("plan_naming", "", locale.text("docking.plan_naming", &place)));
    papers.extend(asking.papers);
    // The engine takes a title of one short line; the partner's full name stands first in it.
    let title: String = locale
        .text("docking.case_title", &title)
        .chars()
        .take(governance::approvals::model::TITLE_CHARS_MAX)
        .collect();
    NewCase {
        unit: docking.unit,
        subject_kind: KIND.to_owned(),
        subject: subject(docking.id),
        title,
        summary: asking.summary,
        papers,
        parties: asking.parties,
        hurry: asking.hurry,
        details: json!({
            "campaign": public(&*services.keys, docking.campaign),
            "partner": public(&*services.keys, docking.partner),
        }),
    }
}

/// A docking that waits with all its gates open, for the port of approvals.
pub(crate) async fn thing(at: &mut Snapshot, id: SubjectId) -> Result<Option<Thing>, DbError> {
    let docking = store::docking(at, DockingId::from_bytes(id.bytes())).await?;
    let Some(docking) = docking.filter(|docking| docking.state == DockingState::Prepared) else {
        return Ok(None);
    };
    let campaign = campaigns::store::campaign(at, docking.campaign).await?;
    let is_whole = campaign.is_some_and(|campaign| rules::whole(&docking, &campaign).is_ok());
    Ok(is_whole.then_some(Thing {
        unit: docking.unit,
        parties: Vec::new(),
    }))
}

/// Lets partners be named that a case approved.
pub struct DockingsDecided;

impl Reaction for DockingsDecided {
    type Read = Vec<CaseId>;
    fn name(&self) -> &'static str {
        "dockings_decided"
    }
    fn pace(&self) -> Pace {
        Pace::APART
    }
    async fn read(&self, _: &mut Snapshot, facts: &[Fact], _: &Services) -> Result<Vec<CaseId>, ReactionError> {
        outcome::approved(facts, &[KIND])
    }
    async fn handle(
        &self,
        tx: &mut Tx,
        _: &[Fact],
        read: Vec<CaseId>,
        services: &Services,
    ) -> Result<(), ReactionError> {
        for id in read {
            let Some(case) = case(tx, id).await? else { continue };
            let docking = DockingId::from_bytes(case.subject.bytes());
            let is_ours = store::docking(tx, docking)
                .await?
                .is_some_and(|one| one.unit == case.unit);
            if is_ours {
                actions::approved(tx, services, docking, id).await?;
            }
        }
        Ok(())
    }
}
