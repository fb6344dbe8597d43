//! JSON of the roster.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, public};
use kernel::{ActorId, BusinessDay, Instant, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem, Query};

use super::actions;
use super::model::{DAYS_MAX, NewShift, Person, RevealReason, Shift, ShiftId, Span, WEEK_DAYS, Who};
use super::{queries, rules};
use crate::reports::model::Hour;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::DutyRead, routes!(list_on_duty))
        .staff(Permission::DutyRead, routes!(get_roster))
        .staff(Permission::DutyManage, routes!(add_shifts))
        .staff(Permission::DutyManage, routes!(copy_week))
        .staff(Permission::DutyManage, routes!(swap_shifts))
        .staff(Permission::DutyManage, routes!(cancel_shift))
        .staff(Permission::DutyManage, routes!(reveal_shift))
}

/// A thing behind a public id; a wrong one names nothing.
pub(crate) fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// A thing behind a public id of a body; a wrong one is told at its field.
pub(crate) fn field_of<I: Id>(s: &Services, field: &str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(field, error))
}

/// A shift, its person masked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DutyShiftOut)]
pub struct ShiftOut {
    /// Its public id.
    pub id: String,
    /// The public id of the unit.
    pub unit: String,
    /// From then.
    #[schema(value_type = String)]
    pub from: Instant,
    /// Until then; that moment is the next one's.
    #[schema(value_type = String)]
    pub to: Instant,
    /// The public id of the user, where it is one of the staff.
    pub user: Option<String>,
    /// The name, masked.
    pub masked_name: String,
    /// The telephone, masked.
    pub masked_phone: String,
}

pub(crate) fn shift_out(s: &Services, shift: &Shift) -> ShiftOut {
    ShiftOut {
        id: public(&*s.keys, shift.id),
        unit: public(&*s.keys, shift.unit),
        from: shift.from,
        to: shift.to,
        user: shift.actor.map(|actor| public(&*s.keys, actor)),
        masked_name: shift.masked_name.clone(),
        masked_phone: shift.masked_phone.clone(),
    }
}

/// A stretch of time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DutySpanOut)]
pub struct SpanOut {
    /// From then.
    #[schema(value_type = String)]
    pub from: Instant,
    /// Until then.
    #[schema(value_type = String)]
    pub to: Instant,
}

fn span_out(span: Span) -> SpanOut {
    SpanOut {
        from: span.from,
        to: span.to,
    }
}

/// Two shifts at once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DutyOverlapOut)]
pub struct OverlapOut {
    /// The public id of the earlier one.
    pub first: String,
    /// The public id of the later one.
    pub second: String,
    /// When both are on.
    #[serde(flatten)]
    pub span: SpanOut,
}

/// A unit's roster over some days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DutyRosterOut)]
pub struct RosterOut {
    /// The public id of the unit.
    pub unit: String,
    /// The first day.
    #[schema(value_type = String)]
    pub from: BusinessDay,
    /// How many days.
    pub days: i64,
    /// The shifts, by their beginnings.
    pub shifts: Vec<ShiftOut>,
    /// When nobody is on.
    pub gaps: Vec<SpanOut>,
    /// Who is on at once.
    pub overlaps: Vec<OverlapOut>,
    /// The public ids of the shifts that are on now.
    pub on_now: Vec<String>,
}

/// `?from=&days=`.
#[derive(Debug, Deserialize)]
struct RosterQuery {
    from: Option<BusinessDay>,
    days: Option<i64>,
}

/// Who is on duty now in the units I may see.
#[utoipa::path(get, path = "/api/v1/duty/on", tag = "duty", responses((status = 200, body = Vec<ShiftOut>)))]
async fn list_on_duty(State(s): State<Services>, actor: Actor) -> Result<Json<Vec<ShiftOut>>, Problem> {
    let scope = actor.scope_for(Permission::DutyRead);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let on = queries::on_now(&mut at, (&scope, &s.tree), s.now()).await;
    let on = on.map_err(|e| problems::of_db(&e))?;
    Ok(Json(on.iter().map(|shift| shift_out(&s, shift)).collect()))
}

/// A unit's roster over some days, with its gaps and overlaps.
#[utoipa::path(get, path = "/api/v1/duty/rosters/{unit}", tag = "duty",
    params(("unit" = String, Path), ("from" = Option<String>, Query, description = "the first day; today"),
        ("days" = Option<i64>, Query, description = "1 to 31; 7")),
    responses((status = 200, body = RosterOut)))]
async fn get_roster(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Query(query): Query<RosterQuery>,
) -> Result<Json<RosterOut>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actor.require(Permission::DutyRead, unit)?;
    let days = query.days.unwrap_or(WEEK_DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Problem::invalid("days", format!("1 to {DAYS_MAX} days")));
    }
    let from = query.from.unwrap_or_else(|| s.now().business_day());
    shown(&s, unit, (from, days)).await
}

async fn shown(s: &Services, unit: UnitId, (from, days): (BusinessDay, i64)) -> Result<Json<RosterOut>, Problem> {
    let within = Span {
        from: from.start(),
        to: from.plus_days(days).start(),
    };
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let shifts = queries::between(&mut at, unit, within).await;
    let shifts = shifts.map_err(|e| problems::of_db(&e))?;
    let now = s.now();
    let overlaps = rules::overlaps(&shifts).into_iter().map(|one| OverlapOut {
        first: public(&*s.keys, one.first),
        second: public(&*s.keys, one.second),
        span: span_out(one.span),
    });
    Ok(Json(RosterOut {
        unit: public(&*s.keys, unit),
        from,
        days,
        gaps: rules::gaps(&shifts, within).into_iter().map(span_out).collect(),
        overlaps: overlaps.collect(),
        on_now: shifts
            .iter()
            .filter(|shift| rules::is_on(shift, now))
            .map(|shift| public(&*s.keys, shift.id))
            .collect(),
        shifts: shifts.iter().map(|shift| shift_out(s, shift)).collect(),
    }))
}

/// A shift to be entered: a person by name and telephone, or one of the staff.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DutyShiftIn)]
pub struct ShiftIn {
    /// The day it begins.
    #[schema(value_type = String)]
    pub day: BusinessDay,
    /// `HH:MM` in Beijing.
    #[schema(value_type = String)]
    pub from: Hour,
    /// `HH:MM` in Beijing; not after `from`: of the next day.
    #[schema(value_type = String)]
    pub to: Hour,
    /// The name; sealed, shown masked.
    #[serde(default)]
    pub name: String,
    /// The telephone; sealed, shown masked.
    #[serde(default)]
    pub phone: String,
    /// The public id of a user instead, who has left a telephone.
    #[serde(default)]
    pub user: Option<String>,
}

/// Shifts to be entered.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DutyShiftsIn)]
pub struct ShiftsIn {
    /// The shifts, at most 100.
    pub shifts: Vec<ShiftIn>,
}

fn new_shift(s: &Services, shift: ShiftIn) -> Result<NewShift, Problem> {
    let last = if shift.to > shift.from {
        shift.day
    } else {
        shift.day.plus_days(1)
    };
    let who = match shift.user {
        Some(user) => Who::User(field_of::<ActorId>(s, "user", &user)?),
        None => Who::Person(Person {
            name: shift.name,
            phone: shift.phone,
        }),
    };
    Ok(NewShift {
        from: shift.from.on(shift.day),
        to: shift.to.on(last),
        who,
    })
}

/// Enters shifts of a unit's roster.
#[utoipa::path(post, path = "/api/v1/duty/rosters/{unit}/shifts", tag = "duty", params(("unit" = String, Path)),
    request_body = ShiftsIn, responses((status = 201, body = Vec<ShiftOut>)))]
async fn add_shifts(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<ShiftsIn>,
) -> Result<(StatusCode, Json<Vec<ShiftOut>>), Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    let new: Result<Vec<NewShift>, Problem> = body.shifts.into_iter().map(|one| new_shift(&s, one)).collect();
    let added = actions::add(&s, &actor, unit, new?).await?;
    let shown = added.iter().map(|shift| shift_out(&s, shift)).collect();
    Ok((StatusCode::CREATED, Json(shown)))
}

/// The week that is to be filled.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DutyCopyWeek)]
pub struct CopyWeek {
    /// Its first day; the seven days before it are copied.
    #[schema(value_type = String)]
    pub first_day: BusinessDay,
}

/// Copies the week before into a week, where nothing stands yet.
#[utoipa::path(post, path = "/api/v1/duty/rosters/{unit}/copy", tag = "duty", params(("unit" = String, Path)),
    request_body = CopyWeek, responses((status = 200, body = RosterOut)))]
async fn copy_week(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<CopyWeek>,
) -> Result<Json<RosterOut>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actions::copy_week(&s, &actor, unit, body.first_day).await?;
    shown(&s, unit, (body.first_day, WEEK_DAYS)).await
}

/// With whom.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DutySwap)]
pub struct Swap {
    /// The public id of the other shift.
    pub with: String,
}

/// Lets the people of two shifts of a unit change places.
#[utoipa::path(post, path = "/api/v1/duty/shifts/{shift}/swap", tag = "duty", params(("shift" = String, Path)),
    request_body = Swap, responses((status = 204)))]
async fn swap_shifts(
    State(s): State<Services>,
    actor: Actor,
    Path(shift): Path<String>,
    Json(body): Json<Swap>,
) -> Result<StatusCode, Problem> {
    let (one, other): (ShiftId, ShiftId) = (id_of(&s, &shift)?, field_of(&s, "with", &body.with)?);
    actions::swap(&s, &actor, one, other).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a shift back that is not over.
#[utoipa::path(post, path = "/api/v1/duty/shifts/{shift}/cancel", tag = "duty", params(("shift" = String, Path)),
    responses((status = 204)))]
async fn cancel_shift(
    State(s): State<Services>,
    actor: Actor,
    Path(shift): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::cancel(&s, &actor, id_of(&s, &shift)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why it is opened.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DutyReveal)]
pub struct Reveal {
    /// call, handover or check.
    pub reason: RevealReason,
}

/// Who has a shift. No `Debug`: it names a person.
#[derive(Serialize, ToSchema)]
#[schema(as = DutyPersonOut)]
pub struct PersonOut {
    /// The name.
    pub name: String,
    /// The telephone.
    pub phone: String,
}

/// Opens the name and telephone of a shift; it stands in the trail who did and why.
#[utoipa::path(post, path = "/api/v1/duty/shifts/{shift}/reveal", tag = "duty", params(("shift" = String, Path)),
    request_body = Reveal, responses((status = 200, body = PersonOut)))]
async fn reveal_shift(
    State(s): State<Services>,
    actor: Actor,
    Path(shift): Path<String>,
    Json(body): Json<Reveal>,
) -> Result<Json<PersonOut>, Problem> {
    let person = actions::reveal(&s, &actor, id_of(&s, &shift)?, body.reason).await?;
    Ok(Json(PersonOut {
        name: person.name,
        phone: person.phone,
    }))
}
