//! The tables `campaign`, `campaign_plan`, `campaign_filing`, `campaign_target`, `campaign_platform_link`, `theme`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{BusinessDay, CampaignId, Fen, Instant, ThemeId};

use super::model::{
    Campaign, CampaignState, Filing, FilingStep, FilingStepKind, LINKS_MAX, Page, Plan, PlanVersion, PlatformLink,
    Return, Standing, THEMES_MAX, Theme,
};
use crate::projects::TargetChange;

/// More corrections than a plan sees.
const VERSIONS_MAX: i64 = 1_000;

pub(super) const CAMPAIGN: &str = "SELECT c.id, c.unit_id, c.page_title, c.page_summary, c.online, c.target_fen,
    c.plan_version, c.state, c.filing_no, c.filed_on, c.filing_authority, c.emergency_event, c.opened_at, c.full_at,
    c.ended_at, c.settled_at, c.created_at, c.returned_on, c.return_reason, v.plan FROM campaign c
    JOIN campaign_plan v ON v.campaign_id = c.id AND v.version = c.plan_version";

fn broken(column: &str, why: impl ToString) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: why.to_string(),
    }
}

fn read_plan(row: &Row) -> Result<Plan, DbError> {
    serde_json::from_str(&row.text("plan")?).map_err(|e| broken("plan", e))
}

fn read_filing(row: &Row) -> Result<Option<Filing>, DbError> {
    let Some(number) = row.opt_text("filing_no")? else {
        return Ok(None);
    };
    Ok(Some(Filing {
        number,
        filed_on: row.day("filed_on")?,
        authority: row.text("filing_authority")?,
    }))
}

fn read_state(row: &Row) -> Result<CampaignState, DbError> {
    let moment = |column: &str| {
        row.opt_instant(column)?
            .ok_or_else(|| broken(column, "missing in this state"))
    };
    let standing = || match (read_filing(row)?, row.opt_text("emergency_event")?) {
        (Some(filing), _) => Ok(Standing::Filed(filing)),
        (None, Some(event)) => Ok(Standing::Emergency { event }),
        (None, None) => Err(broken("filing_no", "neither filed nor an emergency")),
    };
    match row.text("state")?.as_str() {
        "draft" => Ok(CampaignState::Draft),
        "filed" => read_filing(row)?
            .map(CampaignState::Filed)
            .ok_or_else(|| broken("filing_no", "missing")),
        "returned" => Ok(CampaignState::Returned(Return {
            filing: read_filing(row)?.ok_or_else(|| broken("filing_no", "missing"))?,
            on: row.day("returned_on")?,
            reason: row.text("return_reason")?,
        })),
        "open" => Ok(CampaignState::Open {
            standing: standing()?,
            opened_at: moment("opened_at")?,
        }),
        "full" => Ok(CampaignState::Full {
            standing: standing()?,
            opened_at: moment("opened_at")?,
            full_at: moment("full_at")?,
        }),
        "ended" => Ok(CampaignState::Ended {
            standing: standing()?,
            ended_at: moment("ended_at")?,
        }),
        "settled" => Ok(CampaignState::Settled {
            standing: standing()?,
            ended_at: moment("ended_at")?,
            settled_at: moment("settled_at")?,
        }),
        _ => Err(broken("state", "unknown word")),
    }
}

/// A campaign's row with its plan as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Campaign, DbError> {
    Ok(Campaign {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        plan: read_plan(row)?,
        plan_version: row.int("plan_version")?,
        page: Page {
            title: row.text("page_title")?,
            summary: row.text("page_summary")?,
        },
        online: row.flag("online")?,
        target: row.fen("target_fen")?,
        state: read_state(row)?,
        created_at: row.instant("created_at")?,
    })
}

/// A campaign with its plan in force.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn campaign(at: &mut impl Reads, id: CampaignId) -> Result<Option<Campaign>, DbError> {
    let row = at
        .query_one(&format!("{CAMPAIGN} WHERE c.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Reads a campaign for deciding on it: no other transaction changes it until this one ends.
pub(crate) async fn lock(tx: &mut Tx, id: CampaignId) -> Result<Option<Campaign>, DbError> {
    // Lock, then read: a locking read of two tables would see the row from before the wait beside the newer plan.
    if tx.backend() == db::Backend::Postgres {
        tx.query("SELECT id FROM campaign WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    campaign(tx, id).await
}

type Moments = [Option<Instant>; 4];

/// opened, full, ended, settled.
fn moments(state: &CampaignState) -> Moments {
    match state {
        CampaignState::Draft | CampaignState::Filed(_) | CampaignState::Returned(_) => [None; 4],
        CampaignState::Open { opened_at, .. } => [Some(*opened_at), None, None, None],
        CampaignState::Full { opened_at, full_at, .. } => [Some(*opened_at), Some(*full_at), None, None],
        CampaignState::Ended { ended_at, .. } => [None, None, Some(*ended_at), None],
        CampaignState::Settled {
            ended_at, settled_at, ..
        } => [None, None, Some(*ended_at), Some(*settled_at)],
    }
}

fn event(state: &CampaignState) -> Option<&str> {
    match state {
        CampaignState::Open {
            standing: Standing::Emergency { event },
            ..
        }
        | CampaignState::Full {
            standing: Standing::Emergency { event },
            ..
        }
        | CampaignState::Ended {
            standing: Standing::Emergency { event },
            ..
        }
        | CampaignState::Settled {
            standing: Standing::Emergency { event },
            ..
        } => Some(event),
        _ => None,
    }
}

/// Writes a new campaign, which is a draft, without its plan.
pub(super) async fn insert(tx: &mut Tx, campaign: &Campaign) -> Result<(), DbError> {
    let row = params![
        (campaign.id,),
        (campaign.unit,),
        &campaign.plan.title,
        &campaign.page.title,
        &campaign.page.summary,
        campaign.online,
        campaign.plan.starts_on,
        campaign.plan.ends_on,
        campaign.target,
        campaign.plan_version,
        campaign.state.as_str(),
        campaign.created_at
    ];
    let sql = "INSERT INTO campaign (id, unit_id, title, page_title, page_summary, online, starts_on, ends_on,
            target_fen, plan_version, state, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what may change of a campaign. A moment, a filing or an event once written stays until another takes its place;
/// what was filed and returned before stands in `campaign_filing`.
pub(super) async fn update(tx: &mut Tx, campaign: &Campaign) -> Result<(), DbError> {
    let [opened_at, full_at, ended_at, settled_at] = moments(&campaign.state);
    let filing = campaign.state.filing();
    let returned = campaign.state.returned();
    let row = params![
        (campaign.id,),
        &campaign.plan.title,
        &campaign.page.title,
        &campaign.page.summary,
        campaign.online,
        campaign.plan.starts_on,
        campaign.plan.ends_on,
        campaign.target,
        campaign.plan_version,
        campaign.state.as_str(),
        filing.map(|f| f.number.as_str()),
        filing.map(|f| f.filed_on),
        filing.map(|f| f.authority.as_str()),
        event(&campaign.state),
        opened_at,
        full_at,
        ended_at,
        settled_at,
        returned.map(|back| back.on),
        returned.map(|back| back.reason.as_str())
    ];
    let sql = "UPDATE campaign SET title = ?2, page_title = ?3, page_summary = ?4, online = ?5, starts_on = ?6,
        ends_on = ?7, target_fen = ?8, plan_version = ?9, state = ?10, filing_no = COALESCE(?11, filing_no),
        filed_on = COALESCE(?12, filed_on), filing_authority = COALESCE(?13, filing_authority),
        emergency_event = COALESCE(?14, emergency_event), opened_at = COALESCE(?15, opened_at),
        full_at = COALESCE(?16, full_at), ended_at = COALESCE(?17, ended_at), settled_at = COALESCE(?18, settled_at),
        returned_on = COALESCE(?19, returned_on), return_reason = COALESCE(?20, return_reason)
        WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

/// Writes a version of a plan; a draft's first version is written over.
pub(super) async fn put_plan(tx: &mut Tx, id: CampaignId, version: &PlanVersion) -> Result<(), DbError> {
    let plan = serde_json::to_string(&version.plan).map_err(|e| broken("plan", e))?;
    let row = params![
        (id,),
        version.version,
        plan,
        &version.reason,
        version.changed_on,
        version.recorded_at,
        version.late
    ];
    let sql = "INSERT INTO campaign_plan (campaign_id, version, plan, reason, changed_on, recorded_at, late)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (campaign_id, version) DO UPDATE SET plan = excluded.plan, changed_on = excluded.changed_on,
            recorded_at = excluded.recorded_at";
    tx.execute(sql, row).await.map(drop)
}

/// Every version of a plan, oldest first.
pub async fn plan_versions(at: &mut impl Reads, id: CampaignId) -> Result<Vec<PlanVersion>, DbError> {
    let sql = "SELECT version, plan, reason, changed_on, recorded_at, late FROM campaign_plan
        WHERE campaign_id = ?1 ORDER BY version LIMIT ?2";
    let read = |row: &Row| {
        Ok(PlanVersion {
            version: row.int("version")?,
            plan: read_plan(row)?,
            reason: row.text("reason")?,
            changed_on: row.day("changed_on")?,
            recorded_at: row.instant("recorded_at")?,
            late: row.flag("late")?,
        })
    };
    at.query(sql, params![(id,), VERSIONS_MAX])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// The step of a filing's history that comes next.
pub(super) async fn add_filing_step(tx: &mut Tx, id: CampaignId, step: &FilingStep) -> Result<(), DbError> {
    let row = params![
        (id,),
        step.kind.as_str(),
        &step.number,
        &step.authority,
        step.day,
        &step.reason,
        step.plan_version,
        step.recorded_at
    ];
    let sql = "INSERT INTO campaign_filing (campaign_id, number, kind, filing_no, authority, day, reason, plan_version,
            recorded_at)
        SELECT ?1, COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM campaign_filing WHERE campaign_id = ?1";
    tx.execute(sql, row).await.map(drop)
}

/// What was filed and returned, oldest first. Of a plan filed before this was kept, the steps since then alone.
pub async fn filing_steps(at: &mut impl Reads, id: CampaignId) -> Result<Vec<FilingStep>, DbError> {
    let sql = "SELECT kind, filing_no, authority, day, reason, plan_version, recorded_at FROM campaign_filing
        WHERE campaign_id = ?1 ORDER BY number LIMIT ?2";
    let rows = at.query(sql, params![(id,), VERSIONS_MAX]).await?;
    rows.iter().map(read_filing_step).collect()
}

fn read_filing_step(row: &Row) -> Result<FilingStep, DbError> {
    let kind = match row.text("kind")?.as_str() {
        "filed" => FilingStepKind::Filed,
        "returned" => FilingStepKind::Returned,
        _ => return Err(broken("kind", "unknown word")),
    };
    Ok(FilingStep {
        kind,
        number: row.text("filing_no")?,
        authority: row.text("authority")?,
        day: row.day("day")?,
        reason: row.text("reason")?,
        plan_version: row.int("plan_version")?,
        recorded_at: row.instant("recorded_at")?,
    })
}

/// Whether a filing number served another campaign before, also one that was returned there (R1.7b).
pub(super) async fn number_served_another(tx: &mut Tx, number: &str, id: CampaignId) -> Result<bool, DbError> {
    let sql = "SELECT campaign_id FROM campaign_filing WHERE filing_no = ?1 AND campaign_id <> ?2 LIMIT 1";
    Ok(tx.query_one(sql, params![number, (id,)]).await?.is_some())
}

/// The line of a target's history that comes next.
pub(super) async fn add_target(
    tx: &mut Tx,
    id: CampaignId,
    target: Fen,
    reason: &str,
    now: Instant,
) -> Result<(), DbError> {
    let sql = "INSERT INTO campaign_target (campaign_id, number, target_fen, reason, changed_at)
        SELECT ?1, COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4 FROM campaign_target WHERE campaign_id = ?1";
    tx.execute(sql, params![(id,), target, reason, now]).await.map(drop)
}

/// The history of a target, oldest first.
pub async fn targets(at: &mut impl Reads, id: CampaignId) -> Result<Vec<TargetChange>, DbError> {
    let sql = "SELECT number, target_fen, reason, changed_at FROM campaign_target WHERE campaign_id = ?1
        ORDER BY number LIMIT ?2";
    let rows = at.query(sql, params![(id,), VERSIONS_MAX]).await?;
    rows.iter().map(crate::projects::store::read_target).collect()
}

pub(super) async fn insert_theme(tx: &mut Tx, theme: &Theme, place: i64) -> Result<(), DbError> {
    let sql = "INSERT INTO theme (id, campaign_id, place, name) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, params![(theme.id,), (theme.campaign,), place, &theme.name])
        .await
        .map(drop)
}

/// The themes of a campaign, in their order.
pub async fn themes(at: &mut impl Reads, id: CampaignId) -> Result<Vec<Theme>, DbError> {
    let sql = "SELECT id, campaign_id, name FROM theme WHERE campaign_id = ?1 ORDER BY place LIMIT ?2";
    let rows = at.query(sql, params![(id,), THEMES_MAX as i64]).await?;
    rows.iter().map(read_theme).collect()
}

/// A theme.
pub async fn theme(at: &mut impl Reads, id: ThemeId) -> Result<Option<Theme>, DbError> {
    let row = at
        .query_one("SELECT id, campaign_id, name FROM theme WHERE id = ?1", params![(id,)])
        .await?;
    row.as_ref().map(read_theme).transpose()
}

fn read_theme(row: &Row) -> Result<Theme, DbError> {
    Ok(Theme {
        id: row.id("id")?,
        campaign: row.id("campaign_id")?,
        name: row.text("name")?,
    })
}

/// Writes a page on a designated platform, or corrects it.
pub(super) async fn put_link(tx: &mut Tx, id: CampaignId, link: &PlatformLink) -> Result<(), DbError> {
    let sql = "INSERT INTO campaign_platform_link (campaign_id, platform_code, url, listed_on) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (campaign_id, platform_code) DO UPDATE SET url = excluded.url, listed_on = excluded.listed_on";
    tx.execute(sql, params![(id,), &link.platform_code, &link.url, link.listed_on])
        .await
        .map(drop)
}

/// The pages on designated platforms.
pub async fn links(at: &mut impl Reads, id: CampaignId) -> Result<Vec<PlatformLink>, DbError> {
    let sql = "SELECT platform_code, url, listed_on FROM campaign_platform_link WHERE campaign_id = ?1
        ORDER BY platform_code LIMIT ?2";
    let rows = at.query(sql, params![(id,), LINKS_MAX]).await?;
    let read = |row: &Row| {
        Ok(PlatformLink {
            platform_code: row.text("platform_code")?,
            url: row.text("url")?,
            listed_on: row.day("listed_on")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Campaigns that run past their last day, at most `limit`: what the nightly job ends.
pub async fn overdue(at: &mut impl Reads, today: BusinessDay, limit: i64) -> Result<Vec<CampaignId>, DbError> {
    let sql = "SELECT id FROM campaign WHERE state IN ('open', 'full') AND ends_on < ?1 ORDER BY id LIMIT ?2";
    at.query(sql, params![today, limit])
        .await?
        .iter()
        .map(|row| row.id("id"))
        .collect()
}
