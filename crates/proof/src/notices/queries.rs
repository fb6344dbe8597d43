//! Notices for showing: what the public sees, and what staff see of their units.

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{CampaignId, FactId, ProjectId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Notice, NoticeId, StateWord};
use super::store;
pub use super::store::{files, notice};

/// Versions of one notice that its history shows: who corrects more often has another trouble.
pub const VERSIONS_MAX: i64 = 50;

/// Where a public list goes on: the moment of publication in microseconds, and the id.
pub type Mark = (i64, [u8; 16]);

/// What a public list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A unit's own.
    Unit(UnitId),
    /// About a project.
    Project(ProjectId),
    /// About a campaign.
    Campaign(CampaignId),
}

/// A notice that was published, for the public; nothing for a draft.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn published(at: &mut impl Reads, id: NoticeId) -> Result<Option<Notice>, DbError> {
    let found = store::notice(at, id).await?;
    Ok(found.filter(|notice| notice.state.publication().is_some()))
}

/// The fact that published a notice.
pub async fn published_as(at: &mut impl Reads, id: NoticeId) -> Result<Option<FactId>, DbError> {
    let sql = "SELECT published_fact_id FROM notice WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok(None), |row| row.opt_id("published_fact_id"))
}

/// Notices that stand or were withdrawn, newest first, before a mark, at most `limit`. Versions that were corrected are
/// reached from those that correct them.
pub async fn public_list(
    at: &mut impl Reads,
    of: Of,
    before: Option<Mark>,
    limit: i64,
) -> Result<Vec<Notice>, DbError> {
    let (column, id) = match of {
        Of::Unit(id) => ("n.unit_id", id.bytes()),
        Of::Project(id) => ("n.project_id", id.bytes()),
        Of::Campaign(id) => ("n.campaign_id", id.bytes()),
    };
    let (moment, last) = before.unwrap_or((i64::MAX, [0xff; 16]));
    let sql = format!(
        "SELECT {} FROM notice n WHERE {column} = ?1 AND n.state IN ('published', 'withdrawn')
           AND (n.published_at < ?2 OR (n.published_at = ?2 AND n.id < ?3))
         ORDER BY n.published_at DESC, n.id DESC LIMIT ?4",
        store::NOTICE
    );
    let rows = at.query(&sql, params![id, moment, last, limit]).await?;
    rows.iter().map(store::read).collect()
}

/// All published versions under a notice's number, the first one first.
pub async fn versions(at: &mut impl Reads, of: &Notice) -> Result<Vec<Notice>, DbError> {
    let Some(publication) = of.state.publication() else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT {} FROM notice n WHERE n.unit_id = ?1 AND n.year = ?2 AND n.number = ?3 ORDER BY n.version LIMIT ?4",
        store::NOTICE
    );
    let values = params![(of.unit,), publication.year, publication.number, VERSIONS_MAX];
    at.query(&sql, values).await?.iter().map(store::read).collect()
}

/// The version that stands for a number, to which every earlier one leads.
pub async fn current(at: &mut impl Reads, of: &Notice) -> Result<Option<NoticeId>, DbError> {
    Ok(versions(at, of).await?.last().map(|last| last.id))
}

/// Notices of the reader's units, drafts among them, newest first, before one, at most `limit`.
pub async fn staff_list(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    (unit, state): (Option<UnitId>, Option<StateWord>),
    (before, limit): (Option<NoticeId>, i64),
) -> Result<Vec<Notice>, DbError> {
    let before = before.unwrap_or(NoticeId::from_bytes([0xff; 16]));
    let mut values = params![(before,), limit];
    let mut wanted = vec![scope.condition("n.unit_id", tree, &mut values), "n.id < ?1".to_owned()];
    if let Some(unit) = unit {
        values.extend(params![(unit,)]);
        wanted.push(format!("n.unit_id = ?{}", values.len()));
    }
    if let Some(state) = state {
        values.extend(params![state.as_str()]);
        wanted.push(format!("n.state = ?{}", values.len()));
    }
    let sql = format!(
        "SELECT {} FROM notice n WHERE {} ORDER BY n.id DESC LIMIT ?2",
        store::NOTICE,
        wanted.join(" AND ")
    );
    at.query(&sql, values).await?.iter().map(store::read).collect()
}
