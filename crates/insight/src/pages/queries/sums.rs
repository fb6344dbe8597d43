//! Sums of projects, in one statement over the running totals, and the newest gifts of everybody.

use db::{DbError, Reads, Row, Value, params};
use kernel::{BusinessDay, CampaignId, Fen, Instant, ProjectId, UnitId};
use platform::Services;
use platform::identity::Scope;

use super::super::common::{LATEST_MAX, LatestGift};

/// Projects in one answer: more than a province has.
const PROJECTS_MAX: i64 = 20_000;
/// Newest gifts looked at for the list of the latest; the second is for the hour after a big import was taken back.
const WINDOWS: [i64; 2] = [60, 20_000];

/// What one project has received.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    pub(super) project: ProjectId,
    pub(super) title: String,
    pub(super) campaign: Option<CampaignId>,
    pub(super) mother: Option<ProjectId>,
    /// Gifts, those refunded later among them.
    pub(super) gifts: i64,
    /// Net of refunds.
    pub(super) net: Fen,
    /// Gifts of the day.
    pub(super) today_gifts: i64,
    /// Their amounts.
    pub(super) today: Fen,
}

/// Whose sums.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// All projects of a unit and those below it.
    Unit(UnitId),
    /// All projects of a campaign.
    Campaign(CampaignId),
    /// A project and those below it.
    Project(ProjectId),
}

/// The projects of a selection, of the table `project p`.
fn condition(of: Of, services: &Services, values: &mut Vec<Value>) -> String {
    match of {
        // The root has everything, without a list of its units.
        Of::Unit(unit) if services.tree.roots() == [unit] => "1 = 1".to_owned(),
        Of::Unit(unit) => Scope::below(unit).condition("p.unit_id", &services.tree, values),
        Of::Campaign(campaign) => {
            values.extend(params![(campaign,)]);
            format!("p.campaign_id = ?{}", values.len())
        }
        Of::Project(project) => {
            values.extend(params![(project,)]);
            let n = values.len();
            format!("(p.id = ?{n} OR p.mother_id = ?{n})")
        }
    }
}

/// What sponsors' pools gave beside the gifts, net of what went back.
pub(super) async fn matched(at: &mut impl Reads, of: Of, services: &Services) -> Result<Fen, DbError> {
    let mut values = Vec::new();
    let condition = condition(of, services, &mut values);
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(t.sum_fen) - SUM(t.refund_fen), 0) AS BIGINT) AS matched_fen
         FROM project p JOIN gift_total t ON t.unit_id = p.unit_id AND t.project_id = p.id
         WHERE t.channel = 'match' AND {condition}"
    );
    let row = at.query_one(&sql, values).await?;
    row.map_or(Ok(Fen::ZERO), |row| row.fen("matched_fen"))
}

/// The sums of each project that has any.
pub(super) async fn sums(
    at: &mut impl Reads,
    of: Of,
    services: &Services,
    today: BusinessDay,
) -> Result<Vec<Sum>, DbError> {
    let mut values: Vec<Value> = params![today, PROJECTS_MAX];
    let condition = condition(of, services, &mut values);
    let sql = format!(
        "SELECT p.id, p.title, p.campaign_id, p.mother_id,
            CAST(SUM(t.gifts) AS BIGINT) AS gifts,
            CAST(SUM(t.sum_fen) - SUM(t.refund_fen) AS BIGINT) AS net_fen,
            CAST(SUM(CASE WHEN t.business_day = ?1 THEN t.gifts ELSE 0 END) AS BIGINT) AS today_gifts,
            CAST(SUM(CASE WHEN t.business_day = ?1 THEN t.sum_fen ELSE 0 END) AS BIGINT) AS today_fen
         FROM project p JOIN gift_total t ON t.unit_id = p.unit_id AND t.project_id = p.id
         WHERE t.channel <> 'match' AND {condition} GROUP BY p.id, p.title, p.campaign_id, p.mother_id ORDER BY p.id LIMIT ?2"
    );
    at.query(&sql, values).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Sum, DbError> {
    Ok(Sum {
        project: row.id("id")?,
        title: row.text("title")?,
        campaign: row.opt_id("campaign_id")?,
        mother: row.opt_id("mother_id")?,
        gifts: row.int("gifts")?,
        net: row.fen("net_fen")?,
        today_gifts: row.int("today_gifts")?,
        today: row.fen("today_fen")?,
    })
}

/// Amount and count of several projects together.
pub(super) fn total<'s>(sums: impl Iterator<Item = &'s Sum>) -> Result<(Fen, i64), DbError> {
    added(sums.map(|sum| (sum.net, sum.gifts)))
}

/// The same of the day alone.
pub(super) fn today<'s>(sums: impl Iterator<Item = &'s Sum>) -> Result<(Fen, i64), DbError> {
    added(sums.map(|sum| (sum.today, sum.today_gifts)))
}

fn added(parts: impl Iterator<Item = (Fen, i64)>) -> Result<(Fen, i64), DbError> {
    let mut whole = (Fen::ZERO, 0_i64);
    for (fen, gifts) in parts {
        whole.0 = whole
            .0
            .plus(fen)
            .map_err(|e| DbError::Other(format!("the sum of a page: {e}")))?;
        whole.1 = whole.1.saturating_add(gifts);
    }
    Ok(whole)
}

/// The newest gifts of the whole installation, without those taken back with their import.
pub(super) async fn latest_of_all(at: &mut impl Reads) -> Result<Vec<LatestGift>, DbError> {
    let limit = i64::try_from(LATEST_MAX).unwrap_or(i64::MAX);
    let sql = "SELECT g.amount_fen, g.paid_at, g.anonymous, g.payer_masked, p.title
         FROM (SELECT * FROM gift ORDER BY id DESC LIMIT ?1) g JOIN project p ON p.id = g.project_id
         WHERE NOT EXISTS (SELECT 1 FROM gift_refund r WHERE r.unit_id = g.unit_id AND r.gift_id = g.id
            AND r.reason = 'import_reversal') AND g.channel <> 'match'
         ORDER BY g.id DESC LIMIT ?2";
    let mut found = Vec::new();
    for window in WINDOWS {
        found = at.query(sql, params![window, limit]).await?;
        if found.len() == LATEST_MAX {
            break;
        }
    }
    let gift = |row: &Row| -> Result<LatestGift, DbError> {
        let anonymous = row.flag("anonymous")?;
        let at: Instant = row.instant("paid_at")?;
        Ok(LatestGift {
            who: if anonymous { None } else { row.opt_text("payer_masked")? },
            amount_fen: row.fen("amount_fen")?,
            to: row.text("title")?,
            at,
        })
    };
    let mut latest = found.iter().map(gift).collect::<Result<Vec<_>, DbError>>()?;
    latest.sort_by_key(|gift| std::cmp::Reverse(gift.at));
    Ok(latest)
}
