//! Pools in lists: what a card and a link need, in one statement with their rules.

use db::{DbError, Reads, Row, Value, params};
use giving::matching::model::Tallies;
use giving::matching::rules::{takes_project, takes_region, takes_time};
use giving::matching::{PoolState, Rule};
use giving::projects::Project;
use kernel::{CampaignId, Fen, Instant, UnitId};
use platform::Services;
use platform::identity::Scope;

use super::super::common::PoolLink;

/// Pools of a list: a giving day has some dozens.
const POOLS_MAX: i64 = 200;

/// Open ones first, then those to come, then those that are over; each in the order of asking.
const ORDER: &str = "ORDER BY CASE p.state WHEN 'open' THEN 0 WHEN 'published' THEN 1 WHEN 'closing' THEN 2 ELSE 3 END,
    p.priority, p.code";

/// A published pool with its rule and what it has given.
pub(in super::super) struct Listed {
    pub(in super::super) code: String,
    pub(in super::super) title: String,
    pub(in super::super) sponsor: String,
    pub(in super::super) state: PoolState,
    pub(in super::super) sums: Tallies,
    pub(in super::super) rule: Rule,
    pub(in super::super) campaign: Option<CampaignId>,
    unit: UnitId,
}

/// Which pools.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Of {
    /// Those of a campaign.
    Campaign(CampaignId),
    /// Those that a unit keeps, and those below it.
    Unit(UnitId),
    /// Those that may match the same gifts as one of this campaign; without a campaign all may.
    Beside(Option<CampaignId>),
}

impl Listed {
    /// Its address on this server.
    pub(in super::super) fn href(&self) -> String {
        format!("/pools/{}", self.code)
    }
    /// How it stands for somebody who would give now.
    pub(in super::super) fn standing(&self, now: Instant) -> &'static str {
        standing(self.state, &self.rule, self.sums.left(), now)
    }
    /// The pool as a link on another page.
    pub(in super::super) fn link(&self, now: Instant) -> PoolLink {
        PoolLink {
            name: self.title.clone(),
            href: self.href(),
            sponsor: self.sponsor.clone(),
            state: self.standing(now),
            left_fen: self.sums.left(),
        }
    }
}

/// How a pool stands for somebody who would give now: `published`, `open`, `resting` outside its hours, `empty`,
/// `closing` or `closed`.
pub(in super::super) fn standing(state: PoolState, rule: &Rule, left: Fen, now: Instant) -> &'static str {
    match state {
        PoolState::Draft | PoolState::Published => "published",
        PoolState::Open if !left.is_positive() => "empty",
        PoolState::Open if !takes_time(rule, now) => "resting",
        PoolState::Open => "open",
        PoolState::Closing => "closing",
        PoolState::Closed => "closed",
    }
}

/// The published pools of a selection, open ones first.
///
/// # Errors
/// Any [`DbError`].
pub(in super::super) async fn listed(at: &mut impl Reads, services: &Services, of: Of) -> Result<Vec<Listed>, DbError> {
    let mut values: Vec<Value> = params![POOLS_MAX];
    let condition = match of {
        Of::Campaign(campaign) => {
            values.extend(params![(campaign,)]);
            "p.campaign_id = ?2".to_owned()
        }
        Of::Unit(unit) => Scope::below(unit).condition("p.unit_id", &services.tree, &mut values),
        Of::Beside(Some(campaign)) => {
            values.extend(params![(campaign,)]);
            "(p.campaign_id = ?2 OR p.campaign_id IS NULL)".to_owned()
        }
        Of::Beside(None) => "1 = 1".to_owned(),
    };
    let sql = format!(
        "SELECT p.code, p.title, p.unit_id, p.campaign_id, p.state, s.name AS sponsor_name, t.locked_fen, t.given_fen,
            t.returned_fen, r.rule
         FROM match_pool p JOIN match_sponsor s ON s.id = p.sponsor_id
         JOIN match_tally t ON t.unit_id = p.unit_id AND t.pool_id = p.id
         JOIN match_rule r ON r.unit_id = p.unit_id AND r.pool_id = p.id AND r.version = p.rule_version
         WHERE p.state <> 'draft' AND {condition} {ORDER} LIMIT ?1"
    );
    at.query(&sql, values).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Listed, DbError> {
    let rule = serde_json::from_str(&row.text("rule")?).map_err(|error| DbError::Row {
        column: "rule".into(),
        why: error.to_string(),
    })?;
    Ok(Listed {
        code: row.text("code")?,
        title: row.text("title")?,
        sponsor: row.text("sponsor_name")?,
        state: row.word::<PoolState>("state")?,
        sums: Tallies {
            locked: row.fen("locked_fen")?,
            given: row.fen("given_fen")?,
            returned: row.fen("returned_fen")?,
            ..Tallies::default()
        },
        rule,
        unit: row.id("unit_id")?,
        campaign: row.opt_id("campaign_id")?,
    })
}

/// The published pools that match gifts to a project, open ones first.
///
/// # Errors
/// Any [`DbError`].
pub(in super::super) async fn of_project(
    at: &mut impl Reads,
    services: &Services,
    project: &Project,
) -> Result<Vec<Listed>, DbError> {
    let campaign = project.place.campaign();
    let mut pools = listed(at, services, Of::Beside(campaign)).await?;
    pools.retain(|pool| {
        let within = match pool.campaign {
            Some(of) => Some(of) == campaign,
            None => services.tree.is_within(project.unit, pool.unit),
        };
        within && takes_project(&pool.rule, &project.code) && takes_region(&pool.rule, Some(project.region))
    });
    Ok(pools)
}
