//! JSON of regular giving: a project's plans for everybody; mandates, plans and news for staff. Donors use the pages.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, public};
use kernel::{BusinessDay, Fen, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions::{self, NewNews, Wanted};
use super::model::{Change, Mandate, MandateId, MandateState, MonthRow, NewPlan, Plan, PlanId, PlanState, PlanView};
use super::queries::{self, Only};
use crate::State as Giving;

/// What these handlers are given.
#[derive(Clone)]
struct Desk(Giving);

/// The routes of this slice.
pub fn routes(giving: &Giving) -> OpenApiRouter<Services> {
    let (schemas, paths, router): UtoipaMethodRouter<Desk> = routes!(change_mandate);
    let change = (schemas, paths, router.with_state(Desk(giving.clone())));
    OpenApiRouter::new()
        .public(routes!(get_monthly))
        .staff(Permission::GiftRead, routes!(list_mandates))
        .staff(Permission::GiftRead, routes!(get_mandate))
        .staff(Permission::GiftReview, change)
        .staff(Permission::ProjectManage, routes!(make_plan))
        .staff(Permission::ProjectManage, routes!(close_plan))
        .staff(Permission::ProjectManage, routes!(publish_news))
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn of_db(error: db::DbError) -> Problem {
    problems::of_db(&error)
}

/// A plan with its places.
#[derive(Serialize, ToSchema)]
struct PlanOut {
    /// Public id.
    id: String,
    /// What is sponsored.
    title: String,
    /// The same in English, or empty.
    title_en: String,
    /// A month's amount.
    #[schema(value_type = i64)]
    amount_fen: Fen,
    /// How many months.
    months: i64,
    /// How many sponsors it takes.
    places: i64,
    /// Places taken.
    taken: i64,
    /// Places left.
    left: i64,
    /// `open` or `closed`.
    state: PlanState,
}

fn plan_out(s: &Services, view: PlanView) -> PlanOut {
    let left = view.left();
    let PlanView { plan, taken } = view;
    PlanOut {
        id: public(&*s.keys, plan.id),
        title: plan.title,
        title_en: plan.title_en,
        amount_fen: plan.amount,
        months: plan.months,
        places: plan.places,
        taken,
        left,
        state: plan.state,
    }
}

/// A project's regular giving.
#[derive(Serialize, ToSchema)]
struct MonthlyOut {
    /// Donors who give every month.
    active: i64,
    /// What they give in a month, if all of them pay.
    #[schema(value_type = i64)]
    month_fen: Fen,
    /// The plans.
    plans: Vec<PlanOut>,
    /// As of.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
}

/// A project's regular giving: how many give every month, its plans with places taken and left.
#[utoipa::path(get, path = "/api/v1/projects/{project}/monthly", tag = "recurring",
    params(("project" = String, Path, description = "the project's code")), responses((status = 200, body = MonthlyOut)))]
async fn get_monthly(State(s): State<Services>, Path(project): Path<String>) -> Result<Json<MonthlyOut>, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let project = crate::projects::queries::project_by_code(&mut at, &project)
        .await
        .map_err(of_db)?;
    let project = project.filter(|p| p.state != crate::projects::ProjectState::Draft);
    let project = project.ok_or_else(Problem::not_found)?;
    let figures = queries::figures(&mut at, project.id).await.map_err(of_db)?;
    let plans = queries::plans(&mut at, project.id).await.map_err(of_db)?;
    Ok(Json(MonthlyOut {
        active: figures.active,
        month_fen: figures.month_fen,
        plans: plans.into_iter().map(|view| plan_out(&s, view)).collect(),
        as_of: s.now(),
    }))
}

/// A mandate; the donor is masked, the contact is never shown.
#[derive(Serialize, ToSchema)]
struct MandateOut {
    /// Public id.
    id: String,
    /// The project's public id.
    project: String,
    /// The plan's public id.
    plan: Option<String>,
    /// The donor, masked; none for anonymous ones and after the contact was forgotten.
    donor: Option<String>,
    /// The amount of each month.
    #[schema(value_type = i64)]
    amount_fen: Fen,
    /// The day of the month.
    day: i64,
    /// `waiting`, `active`, `paused` or `ended`.
    state: &'static str,
    /// Why it ended.
    end_reason: Option<&'static str>,
    /// When a paused one goes on by itself.
    #[schema(value_type = Option<String>, format = Date)]
    resume_on: Option<BusinessDay>,
    /// The next due day that was not looked at yet.
    #[schema(value_type = String, format = Date)]
    next_due: BusinessDay,
    /// The last day on which it may be due.
    #[schema(value_type = Option<String>, format = Date)]
    ends_on: Option<BusinessDay>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
}

fn mandate_out(s: &Services, m: Mandate) -> MandateOut {
    let (end_reason, resume_on) = match m.state {
        MandateState::Ended { reason } => (Some(reason.as_str()), None),
        MandateState::Paused { resume_on } => (None, resume_on),
        MandateState::Waiting | MandateState::Active => (None, None),
    };
    MandateOut {
        id: public(&*s.keys, m.id),
        project: public(&*s.keys, m.project),
        plan: m.plan.map(|plan| public(&*s.keys, plan)),
        donor: m.donor_masked,
        amount_fen: m.amount,
        day: m.day,
        state: m.state.as_str(),
        end_reason,
        resume_on,
        next_due: m.next_due,
        ends_on: m.ends_on,
        created_at: m.created_at,
    }
}

/// `?state=&project=&limit=&cursor=`.
#[derive(Debug, Deserialize)]
struct MandatesQuery {
    state: Option<String>,
    project: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// Mandates of my units, in order of making.
#[utoipa::path(get, path = "/api/v1/mandates", tag = "recurring",
    params(("state" = Option<String>, Query), ("project" = Option<String>, Query, description = "public id"),
        ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<MandateOut>)))]
async fn list_mandates(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<MandatesQuery>,
) -> Result<Json<Listing<MandateOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<MandateId>(&s, &text)).transpose()?;
    let project = query.project.map(|text| id_of(&s, &text)).transpose()?;
    let only = Only {
        state: query.state.as_deref(),
        project,
    };
    let scope = actor.scope_for(Permission::GiftRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::mandates(&mut at, (&scope, &s.tree), only, (after, limit as i64 + 1)).await;
    let items = found.map_err(of_db)?.into_iter().map(|m| mandate_out(&s, m));
    Ok(Json(Listing::cut(items.collect(), limit, |m: &MandateOut| {
        m.id.clone()
    })))
}

/// A month of a mandate.
#[derive(Serialize, ToSchema)]
struct MonthOut {
    /// `2026-05`.
    period: String,
    /// The due day.
    #[schema(value_type = String, format = Date)]
    due_on: BusinessDay,
    /// The last day on which it waits.
    #[schema(value_type = String, format = Date)]
    closes_on: BusinessDay,
    /// `open`, `paid`, `missed` or `skipped`.
    state: &'static str,
    /// Why it was missed or skipped.
    reason: Option<&'static str>,
    /// Its order's public id.
    order: Option<String>,
}

fn month_out(s: &Services, month: &MonthRow) -> MonthOut {
    MonthOut {
        period: month.period.to_string(),
        due_on: month.due_on,
        closes_on: month.closes_on,
        state: month.state.as_str(),
        reason: month.state.reason().map(super::model::SkipReason::as_str),
        order: month.order.map(|order| public(&*s.keys, order)),
    }
}

/// One line of a mandate's history.
#[derive(Serialize, ToSchema)]
struct ChangeOut {
    /// 1, 2, 3 …
    number: i64,
    /// The state from then on.
    state: String,
    /// `donor`, `staff` or `calendar`.
    by: super::model::ByWhom,
    /// Why.
    reason: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

fn change_out(change: Change) -> ChangeOut {
    ChangeOut {
        number: change.number,
        state: change.state,
        by: change.by,
        reason: change.reason,
        at: change.at,
    }
}

/// A mandate with its months and its history.
#[derive(Serialize, ToSchema)]
struct MandateViewOut {
    /// The mandate.
    mandate: MandateOut,
    /// Its months, newest first.
    months: Vec<MonthOut>,
    /// Its history, oldest first.
    changes: Vec<ChangeOut>,
}

/// One mandate, its newest months and its whole history.
#[utoipa::path(get, path = "/api/v1/mandates/{mandate}", tag = "recurring", params(("mandate" = String, Path)),
    responses((status = 200, body = MandateViewOut)))]
async fn get_mandate(
    State(s): State<Services>,
    actor: Actor,
    Path(mandate): Path<String>,
) -> Result<Json<MandateViewOut>, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::mandate(&mut at, id_of(&s, &mandate)?).await.map_err(of_db)?;
    let view = found.ok_or_else(Problem::not_found)?;
    if actor.require(Permission::GiftRead, view.mandate.unit).is_err() {
        // Outside her units there is none.
        return Err(Problem::not_found());
    }
    let changes = queries::changes(&mut at, &view.mandate).await.map_err(of_db)?;
    Ok(Json(MandateViewOut {
        months: view.months.iter().map(|month| month_out(&s, month)).collect(),
        changes: changes.into_iter().map(change_out).collect(),
        mandate: mandate_out(&s, view.mandate),
    }))
}

/// What is wanted of a mandate.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Act {
    /// No month is asked for.
    Pause,
    /// Months are asked for again.
    Resume,
    /// It is over.
    End,
}

/// A change that a donor asked staff for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeIn {
    /// `pause`, `resume` or `end`.
    act: Act,
    /// When a paused one goes on by itself.
    #[schema(value_type = Option<String>, format = Date)]
    resume_on: Option<BusinessDay>,
    /// Why: what the donor said and how.
    reason: String,
}

/// Pauses, resumes or ends a mandate for its donor, with the reason.
#[utoipa::path(post, path = "/api/v1/mandates/{mandate}/changes", tag = "recurring",
    params(("mandate" = String, Path)), request_body = ChangeIn,
    responses((status = 200, body = MandateOut), (status = 409, description = "it is in another state")))]
async fn change_mandate(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(mandate): Path<String>,
    Json(body): Json<ChangeIn>,
) -> Result<Json<MandateOut>, Problem> {
    let s = &desk.0.services;
    let wanted = match body.act {
        Act::Pause => Wanted::Pause(body.resume_on),
        Act::Resume => Wanted::Resume,
        Act::End => Wanted::End,
    };
    let changed = actions::change_for(&desk.0, &actor, id_of(s, &mandate)?, (wanted, &body.reason)).await?;
    Ok(Json(mandate_out(s, changed)))
}

/// A plan to be offered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanIn {
    /// What is sponsored.
    title: String,
    /// The same in English.
    #[serde(default)]
    title_en: String,
    /// A month's amount.
    #[schema(value_type = i64)]
    amount_fen: Fen,
    /// How many months.
    months: i64,
    /// How many sponsors it takes.
    places: i64,
}

/// Offers a plan that sponsors a thing. The same again changes nothing.
#[utoipa::path(post, path = "/api/v1/projects/{project}/plans", tag = "recurring",
    params(("project" = String, Path, description = "the project's code")), request_body = PlanIn,
    responses((status = 201, body = PlanOut), (status = 409, description = "another plan has this title")))]
async fn make_plan(
    State(s): State<Services>,
    actor: Actor,
    Path(project): Path<String>,
    Json(body): Json<PlanIn>,
) -> Result<(StatusCode, Json<PlanOut>), Problem> {
    let new = NewPlan {
        project,
        title: body.title,
        title_en: body.title_en,
        amount: body.amount_fen,
        months: body.months,
        places: body.places,
    };
    let plan: Plan = actions::make_plan(&s, &actor, &new).await?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let all = queries::plans(&mut at, plan.project).await.map_err(of_db)?;
    let view = all.into_iter().find(|view| view.plan.id == plan.id);
    let view = view.ok_or_else(Problem::not_found)?;
    Ok((StatusCode::CREATED, Json(plan_out(&s, view))))
}

/// Closes a plan to new sponsors; those there are go on.
#[utoipa::path(post, path = "/api/v1/plans/{plan}/close", tag = "recurring", params(("plan" = String, Path)),
    responses((status = 204)))]
async fn close_plan(State(s): State<Services>, actor: Actor, Path(plan): Path<String>) -> Result<StatusCode, Problem> {
    actions::close_plan(&s, &actor, id_of::<PlanId>(&s, &plan)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A piece of progress.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewsIn {
    /// Title in Chinese.
    title: String,
    /// Title in English.
    #[serde(default)]
    title_en: String,
    /// What happened, in Chinese.
    words: String,
    /// The same in English.
    #[serde(default)]
    words_en: String,
}

/// Published news.
#[derive(Serialize, ToSchema)]
struct NewsOut {
    /// Public id.
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    published_at: Instant,
}

/// Publishes progress of a project; each donor who agreed is prompted once. The same again changes nothing.
#[utoipa::path(post, path = "/api/v1/projects/{project}/news", tag = "recurring",
    params(("project" = String, Path, description = "the project's code")), request_body = NewsIn,
    responses((status = 201, body = NewsOut), (status = 409, description = "other news have this title")))]
async fn publish_news(
    State(s): State<Services>,
    actor: Actor,
    Path(project): Path<String>,
    Json(body): Json<NewsIn>,
) -> Result<(StatusCode, Json<NewsOut>), Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let project = crate::projects::queries::project_by_code(&mut at, &project)
        .await
        .map_err(of_db)?;
    drop(at);
    let new = NewNews {
        title: body.title,
        title_en: body.title_en,
        words: body.words,
        words_en: body.words_en,
    };
    let project = project.ok_or_else(Problem::not_found)?.id;
    let news = actions::publish_news(&s, &actor, project, &new).await?;
    let out = NewsOut {
        id: public(&*s.keys, news.id),
        published_at: news.published_at,
    };
    Ok((StatusCode::CREATED, Json(out)))
}
