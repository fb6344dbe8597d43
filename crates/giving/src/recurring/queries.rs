//! Reads for showing: a donor's mandates, a project's plans and news, staff lists.

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{Fen, Instant, ProjectId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{
    Agreement, AgreementId, Change, Mandate, MandateId, MonthRow, News, NewsId, Period, PeriodState, Plan, PlanId,
    PlanView,
};
use super::store;
use crate::donations::orders::{self, OrderState};
use crate::my_gifts::Session;

/// Mandates of one donor that are shown.
const OF_DONOR_MAX: i64 = 50;
/// Months of one mandate that are shown: two years.
pub const MONTHS_SHOWN: i64 = 24;
/// News of one project that are shown.
pub const NEWS_SHOWN: i64 = 5;

/// A mandate with its newest months.
pub struct MandateView {
    /// The mandate.
    pub mandate: Mandate,
    /// Its months, newest first.
    pub months: Vec<MonthRow>,
    /// Its plan.
    pub plan: Option<Plan>,
}

/// Whether there is any mandate of this contact.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn has_any(at: &mut impl Reads, session: &Session) -> Result<bool, DbError> {
    let of = (session.kind.as_str(), session.index.as_slice());
    Ok(!store::of_contact(at, of, 1).await?.is_empty())
}

/// The mandates of a donor, newest first, but those that were never confirmed.
pub async fn of_donor(at: &mut impl Reads, session: &Session) -> Result<Vec<MandateView>, DbError> {
    let of = (session.kind.as_str(), session.index.as_slice());
    let mut views = Vec::new();
    for mandate in store::of_contact(at, of, OF_DONOR_MAX).await? {
        if mandate.state.as_str() == "waiting" {
            continue;
        }
        views.push(view(at, mandate).await?);
    }
    Ok(views)
}

async fn view(at: &mut impl Reads, mandate: Mandate) -> Result<MandateView, DbError> {
    let months = store::months_of(at, &mandate, MONTHS_SHOWN).await?;
    let plan = match mandate.plan {
        Some(plan) => store::plan(at, plan).await?,
        None => None,
    };
    Ok(MandateView { mandate, months, plan })
}

/// One mandate with its months.
pub async fn mandate(at: &mut impl Reads, id: MandateId) -> Result<Option<MandateView>, DbError> {
    match store::mandate(at, id).await? {
        Some(mandate) => Ok(Some(view(at, mandate).await?)),
        None => Ok(None),
    }
}

/// The history of a mandate, oldest first.
pub async fn changes(at: &mut impl Reads, mandate: &Mandate) -> Result<Vec<Change>, DbError> {
    store::changes(at, mandate).await
}

/// A month of a mandate as its donor sees it now: paid as soon as the gift is there, noted or not.
pub async fn month(
    at: &mut impl Reads,
    mandate: &Mandate,
    period: Period,
    now: Instant,
) -> Result<Option<(MonthRow, Option<OrderState>)>, DbError> {
    let Some(mut month) = store::month_seen(at, mandate, period).await? else {
        return Ok(None);
    };
    let order = match month.order {
        Some(order) => orders::find(at, order).await?,
        None => None,
    };
    let state = match &order {
        Some(order) => Some(orders::payments::state(at, order, now).await?),
        None => None,
    };
    if let Some(OrderState::Paid { gift, .. }) = state {
        month.state = PeriodState::Paid { gift };
    }
    Ok(Some((month, state)))
}

/// The plans of a project with their places.
pub async fn plans(at: &mut impl Reads, project: ProjectId) -> Result<Vec<PlanView>, DbError> {
    store::plans_of(at, project).await
}

/// A plan.
pub async fn plan(at: &mut impl Reads, id: PlanId) -> Result<Option<Plan>, DbError> {
    store::plan(at, id).await
}

/// The newest news of a project.
pub async fn news_of(at: &mut impl Reads, project: ProjectId) -> Result<Vec<News>, DbError> {
    store::news_of(at, project, NEWS_SHOWN).await
}

/// A piece of news.
pub async fn news(at: &mut impl Reads, id: NewsId) -> Result<Option<News>, DbError> {
    store::news(at, id).await
}

/// An agreement to be told of progress.
pub async fn agreement(at: &mut impl Reads, id: AgreementId) -> Result<Option<Agreement>, DbError> {
    store::agreement(at, id).await
}

/// The running agreements of a donor.
pub async fn agreements_of(at: &mut impl Reads, session: &Session) -> Result<Vec<Agreement>, DbError> {
    let all = store::agreements_of(at, &session.index).await?;
    Ok(all.into_iter().filter(|a| a.contact == session.kind).collect())
}

/// What a list of mandates is cut to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Only<'o> {
    /// One state.
    pub state: Option<&'o str>,
    /// One project.
    pub project: Option<ProjectId>,
}

/// Mandates in the reader's scope, in order of making after one, at most `limit`.
pub async fn mandates(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    only: Only<'_>,
    (after, limit): (Option<MandateId>, i64),
) -> Result<Vec<Mandate>, DbError> {
    let mut values = params![after.map_or([0; 16], MandateId::bytes).to_vec(), limit];
    let mut condition = scope.condition("unit_id", tree, &mut values);
    if let Some(state) = only.state {
        values.push(db::Param::param(state));
        condition.push_str(&format!(" AND state = ?{}", values.len()));
    }
    if let Some(project) = only.project {
        values.push(db::Param::param((project,)));
        condition.push_str(&format!(" AND project_id = ?{}", values.len()));
    }
    let sql = store::select(&format!("WHERE id > ?1 AND {condition} ORDER BY id LIMIT ?2"));
    at.query(&sql, values).await?.iter().map(store::read).collect()
}

/// The figures of regular giving.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Mandates that run.
    pub active: i64,
    /// Mandates that are paused.
    pub paused: i64,
    /// What the active ones give in a month, if all of them pay.
    pub month_fen: Fen,
}

/// The figures of a project.
pub async fn figures(at: &mut impl Reads, project: ProjectId) -> Result<Figures, DbError> {
    let sql = "SELECT state, COUNT(*) AS n, CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen FROM mandate
        WHERE project_id = ?1 AND state IN ('active', 'paused') GROUP BY state";
    let mut figures = Figures::default();
    for row in at.query(sql, params![(project,)]).await? {
        let n = row.int("n")?;
        if row.text("state")? == "active" {
            figures.active = n;
            figures.month_fen = row.fen("fen")?;
        } else {
            figures.paused = n;
        }
    }
    Ok(figures)
}
