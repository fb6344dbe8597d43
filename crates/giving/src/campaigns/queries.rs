//! Reads for showing: a campaign with all that its page must show (R1.13), lists.

use db::{DbError, Reads, params};
use governance::network::{Certificate, Unit};
use kernel::id::Id as _;
use kernel::{BusinessDay, CampaignId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Campaign, FilingStep, PlanVersion, PlatformLink, Theme};
use super::store;
pub use super::store::campaign;
use crate::projects::TargetChange;
use crate::projects::queries::{NamedProject, of_campaign};

/// A campaign with what its page shows: body, certificate, filed plan, contact (慈善法 25), themes and projects.
#[derive(Debug, Clone)]
pub struct CampaignView {
    /// The campaign.
    pub campaign: Campaign,
    /// The unit that raises.
    pub unit: Unit,
    /// The certificate in force on the campaign's first day, or the latest.
    pub certificate: Option<Certificate>,
    /// All certificates of the unit.
    pub certificates: Vec<Certificate>,
    /// Its themes, in their order.
    pub themes: Vec<Theme>,
    /// Its projects, mothers and subs.
    pub projects: Vec<NamedProject>,
    /// Its pages on designated platforms.
    pub links: Vec<PlatformLink>,
    /// The history of its target.
    pub targets: Vec<TargetChange>,
    /// The versions of its plan, the filed one first.
    pub versions: Vec<PlanVersion>,
    /// What was filed and returned, oldest first: for staff.
    pub filings: Vec<FilingStep>,
}

impl CampaignView {
    /// What the law wants shown and is empty (R1.13): a page with any of these is not ready for the public.
    pub fn not_shown(&self) -> Vec<&'static str> {
        let mut missing = super::rules::missing_fields(&self.campaign.plan);
        if self.certificate.is_none() {
            missing.push("certificate");
        }
        if self.unit.contact.trim().is_empty() {
            missing.push("contact");
        }
        missing
    }
}

/// A campaign with all of it, drafts too: the caller decides who may see one.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn campaign_view(at: &mut impl Reads, id: CampaignId) -> Result<Option<CampaignView>, DbError> {
    let Some(campaign) = store::campaign(at, id).await? else {
        return Ok(None);
    };
    let Some(unit) = governance::network::store::unit(at, campaign.unit).await? else {
        return Ok(None);
    };
    let certificates = governance::network::store::certificates(at, campaign.unit).await?;
    let on_first_day = certificates
        .iter()
        .find(|c| governance::network::rules::in_force(c, campaign.plan.starts_on));
    Ok(Some(CampaignView {
        certificate: on_first_day.or(certificates.first()).cloned(),
        themes: store::themes(at, id).await?,
        projects: of_campaign(at, id).await?,
        links: store::links(at, id).await?,
        targets: store::targets(at, id).await?,
        versions: store::plan_versions(at, id).await?,
        filings: store::filing_steps(at, id).await?,
        certificates,
        campaign,
        unit,
    }))
}

/// The same for the public: nothing of a draft, nor of one whose filing is returned, and no word of what came back.
pub async fn public_view(at: &mut impl Reads, id: CampaignId) -> Result<Option<CampaignView>, DbError> {
    let view = campaign_view(at, id).await?;
    let shown = view.filter(|view| view.campaign.state.is_public());
    Ok(shown.map(|view| CampaignView {
        filings: Vec::new(),
        ..view
    }))
}

/// Campaigns of a unit that raise money on this day, the newest first, at most `limit`.
pub async fn open_of_unit(
    at: &mut impl Reads,
    unit: UnitId,
    today: BusinessDay,
    limit: i64,
) -> Result<Vec<Campaign>, DbError> {
    let sql = format!(
        "{} WHERE c.unit_id = ?1 AND c.state IN ('open', 'full') AND c.ends_on >= ?2
         ORDER BY c.starts_on DESC, c.id DESC LIMIT ?3",
        store::CAMPAIGN
    );
    at.query(&sql, params![(unit,), today, limit])
        .await?
        .iter()
        .map(store::read)
        .collect()
}

/// Campaigns of a unit that the public may see, whatever their state, the newest first, at most `limit`.
pub async fn public_of_unit(at: &mut impl Reads, unit: UnitId, limit: i64) -> Result<Vec<Campaign>, DbError> {
    let sql = format!(
        "{} WHERE c.unit_id = ?1 AND c.state NOT IN ('draft', 'returned') ORDER BY c.starts_on DESC, c.id DESC LIMIT ?2",
        store::CAMPAIGN
    );
    at.query(&sql, params![(unit,), limit])
        .await?
        .iter()
        .map(store::read)
        .collect()
}

/// How many campaigns of a unit raise money.
pub async fn running_of(at: &mut impl Reads, unit: UnitId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM campaign WHERE unit_id = ?1 AND state IN ('open', 'full')";
    at.query_one(sql, params![(unit,)])
        .await?
        .map_or(Ok(0), |row| row.int("n"))
}

/// Campaigns in the reader's scope, drafts among them, in order of making after one, at most `limit`.
pub async fn campaigns(
    at: &mut impl Reads,
    scope: &Scope,
    tree: &UnitTree,
    after: Option<CampaignId>,
    limit: i64,
) -> Result<Vec<Campaign>, DbError> {
    let mut values = params![limit, (after.unwrap_or(CampaignId::from_bytes([0; 16])),)];
    let within = scope.condition("c.unit_id", tree, &mut values);
    let sql = format!(
        "{} WHERE c.id > ?2 AND {within} ORDER BY c.id LIMIT ?1",
        store::CAMPAIGN
    );
    at.query(&sql, values).await?.iter().map(store::read).collect()
}
