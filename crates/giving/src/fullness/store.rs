//! What could be full, and what was raised for it.

use std::collections::BTreeSet;

use db::{DbError, Param as _, Reads, Value, params};
use kernel::{CampaignId, Fen, ProjectId};

/// Ids of one statement.
const IDS_PER_STATEMENT: usize = 400;

fn marks<I: kernel::id::Id>(ids: &[I]) -> (String, Vec<Value>) {
    let text = (1..=ids.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    (text, ids.iter().map(|id| (*id,).param()).collect())
}

/// Of these projects and their mothers those that are open and stop at a target.
pub(super) async fn projects_to_watch(
    at: &mut impl Reads,
    touched: &BTreeSet<ProjectId>,
) -> Result<BTreeSet<ProjectId>, DbError> {
    let touched: Vec<ProjectId> = touched.iter().copied().collect();
    let mut found = BTreeSet::new();
    for part in touched.chunks(IDS_PER_STATEMENT) {
        let (marks, values) = marks(part);
        let sql = format!(
            "SELECT p.id FROM project p WHERE p.state = 'open' AND p.stop_when_full = 1 AND p.target_fen IS NOT NULL
             AND (p.id IN ({marks}) OR p.id IN (SELECT s.mother_id FROM project s WHERE s.id IN ({marks})))"
        );
        for row in at.query(&sql, values).await? {
            found.insert(row.id("id")?);
        }
    }
    Ok(found)
}

/// The open campaigns of these projects.
pub(super) async fn campaigns_to_watch(
    at: &mut impl Reads,
    touched: &BTreeSet<ProjectId>,
) -> Result<BTreeSet<CampaignId>, DbError> {
    let touched: Vec<ProjectId> = touched.iter().copied().collect();
    let mut found = BTreeSet::new();
    for part in touched.chunks(IDS_PER_STATEMENT) {
        let (marks, values) = marks(part);
        let sql = format!(
            "SELECT c.id FROM campaign c WHERE c.state = 'open'
             AND c.id IN (SELECT p.campaign_id FROM project p WHERE p.id IN ({marks}))"
        );
        for row in at.query(&sql, values).await? {
            found.insert(row.id("id")?);
        }
    }
    Ok(found)
}

const NET: &str = "SELECT CAST(COALESCE(SUM(t.sum_fen - t.refund_fen), 0) AS BIGINT) AS net
     FROM project p JOIN gift_total t ON t.unit_id = p.unit_id AND t.project_id = p.id";

/// What was raised for a project and its sub-projects, less what was given back.
pub(super) async fn raised_for_project(at: &mut impl Reads, id: ProjectId) -> Result<Fen, DbError> {
    let sql = format!("{NET} WHERE p.id = ?1 OR p.mother_id = ?1");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.map_or(Ok(Fen::ZERO), |row| row.fen("net"))
}

/// What was raised for a campaign, less what was given back.
pub(super) async fn raised_for_campaign(at: &mut impl Reads, id: CampaignId) -> Result<Fen, DbError> {
    let sql = format!("{NET} WHERE p.campaign_id = ?1");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.map_or(Ok(Fen::ZERO), |row| row.fen("net"))
}
