//! Partners and dockings for showing.

use db::{DbError, Reads, params};
use kernel::CampaignId;
use kernel::id::Id as _;
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Docking, Partner, PartnerId};
use super::store;
pub use super::store::{docking, partner};

/// Partners of one campaign: nearly forty were docked in a whole city.
pub const DOCKINGS_MAX: i64 = 200;

/// Partners of the reader's scope, in the order in which they were entered, after one, at most `limit`.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn partners(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    after: Option<PartnerId>,
    limit: i64,
) -> Result<Vec<Partner>, DbError> {
    let mut values = params![(after.unwrap_or(PartnerId::from_bytes([0; 16])),), limit];
    let within = scope.condition("p.unit_id", tree, &mut values);
    let sql = format!(
        "SELECT {} FROM partner p WHERE p.id > ?1 AND {within} ORDER BY p.id LIMIT ?2",
        store::PARTNER
    );
    at.query(&sql, values).await?.iter().map(store::read_partner).collect()
}

/// The dockings of a campaign, in the order in which they were begun.
pub async fn of_campaign(at: &mut impl Reads, campaign: CampaignId) -> Result<Vec<Docking>, DbError> {
    let sql = format!(
        "SELECT {} FROM docking d JOIN partner p ON p.id = d.partner_id WHERE d.campaign_id = ?1
         ORDER BY d.id LIMIT ?2",
        store::DOCKING
    );
    let rows = at.query(&sql, params![(campaign,), DOCKINGS_MAX]).await?;
    rows.iter().map(store::read).collect()
}

/// The partners that are named on a campaign: what its page shows.
pub async fn named_on(at: &mut impl Reads, campaign: CampaignId) -> Result<Vec<String>, DbError> {
    let sql = "SELECT p.name FROM docking d JOIN partner p ON p.id = d.partner_id
        WHERE d.campaign_id = ?1 AND d.state = 'named' ORDER BY d.named_at, d.id LIMIT ?2";
    let rows = at.query(sql, params![(campaign,), DOCKINGS_MAX]).await?;
    rows.iter().map(|row| row.text("name")).collect()
}
