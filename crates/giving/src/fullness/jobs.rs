//! The reaction that marks what is full.

use std::collections::BTreeSet;

use db::{Snapshot, Tx};
use kernel::id::Id as _;
use kernel::{CampaignId, ProjectId};
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use serde::Deserialize;

use super::store;
use crate::{campaigns, projects};

/// Marks projects and campaigns full whose target is reached.
pub struct TargetsReached;

/// What the fact of a gift says.
#[derive(Deserialize)]
struct GiftFact<'f> {
    #[serde(borrow)]
    project: &'f str,
}

/// The projects whose total or target was moved, and the campaigns whose target was raised.
type Touched = (BTreeSet<ProjectId>, BTreeSet<CampaignId>);

impl Reaction for TargetsReached {
    type Read = Touched;
    fn name(&self) -> &'static str {
        "targets_reached"
    }
    fn pace(&self) -> Pace {
        Pace::LIGHT
    }
    async fn read(&self, _: &mut Snapshot, facts: &[Fact], _: &Services) -> Result<Touched, ReactionError> {
        touched(facts)
    }
    async fn handle(&self, tx: &mut Tx, _: &[Fact], read: Touched, services: &Services) -> Result<(), ReactionError> {
        mark(tx, read, services).await
    }
}

async fn mark(tx: &mut Tx, (touched, raised): Touched, services: &Services) -> Result<(), ReactionError> {
    let mut campaigns = store::campaigns_to_watch(tx, &touched).await?;
    campaigns.extend(raised);
    // Campaigns are held before projects, in the order in which ending a campaign takes them.
    for id in campaigns {
        let raised = store::raised_for_campaign(tx, id).await?;
        let marked = campaigns::actions::fill_if_reached(tx, services, id, raised).await;
        marked.map_err(|error| ReactionError(error.to_string()))?;
    }
    for id in store::projects_to_watch(tx, &touched).await? {
        let raised = store::raised_for_project(tx, id).await?;
        let marked = projects::actions::fill_if_reached(tx, services, id, raised).await;
        marked.map_err(|error| ReactionError(error.to_string()))?;
    }
    Ok(())
}

/// What these facts moved.
fn touched(facts: &[Fact]) -> Result<Touched, ReactionError> {
    let (mut projects, mut campaigns) = (BTreeSet::new(), BTreeSet::new());
    let mut last: Option<&str> = None;
    for fact in facts {
        match fact.kind.as_str() {
            "gift.confirmed" => {
                let said: GiftFact<'_> =
                    serde_json::from_str(&fact.body).map_err(|e| ReactionError(format!("a fact of a gift: {e}")))?;
                // On a giving day thousands of gifts in a row are for a handful of projects.
                if last != Some(said.project) {
                    projects.insert(ProjectId::from_bytes(unhex(said.project)?));
                    last = Some(said.project);
                }
            }
            "project.target_raised" | "project.opened" => {
                projects.insert(ProjectId::from_bytes(fact.subject));
            }
            "campaign.target_raised" => {
                campaigns.insert(CampaignId::from_bytes(fact.subject));
            }
            _ => {}
        }
    }
    Ok((projects, campaigns))
}

fn unhex(text: &str) -> Result<[u8; 16], ReactionError> {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
    let id = bytes.and_then(|bytes| bytes.try_into().ok());
    id.ok_or_else(|| ReactionError("a fact of a gift holds an id that is none".into()))
}
