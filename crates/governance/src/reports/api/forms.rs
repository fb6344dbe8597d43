//! Forms and their hours.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{Instant, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use crate::approvals::model::Hex;
use crate::duty::api::{field_of, id_of};
use crate::reports::model::{Document, Form, FormId, FormRow, Reach, Slot};
use crate::reports::{actions, queries};

/// Who sees forms: who reads reports, and who hands them in.
pub(super) const READING: &[Permission] = &[Permission::DutyRead, Permission::DutyReport];

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff_any(READING, routes!(list_forms))
        .staff(Permission::DutyManage, routes!(publish_form))
        .staff_any(READING, routes!(get_form))
        .staff(Permission::DutyManage, routes!(amend_form))
        .staff(Permission::DutyManage, routes!(close_form))
        .staff(Permission::DutyManage, routes!(begin_emergency))
        .staff(Permission::DutyManage, routes!(end_emergency))
        .staff(Permission::DutyRead, routes!(list_slots))
}

/// Who must hand a form in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportReach)]
pub enum ReachWord {
    /// The units right below.
    Children,
    /// All units below.
    AllBelow,
    /// Those named in `units`.
    Chosen,
}

/// An emergency that runs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportEmergencyOut)]
pub struct EmergencyOut {
    /// Every so many minutes from midnight.
    pub minutes: i64,
    /// Since when.
    #[schema(value_type = String)]
    pub since: Instant,
    /// Why.
    pub reason: String,
}

/// A form with its version in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportFormOut)]
pub struct FormOut {
    /// Its public id.
    pub id: String,
    /// The public id of the unit that asks.
    pub unit: String,
    /// 1, 2, 3 …
    pub version: i64,
    /// The form.
    pub form: Form,
    /// Who must hand it in.
    pub reach: ReachWord,
    /// The public ids of those chosen.
    pub units: Vec<String>,
    /// When this version was published.
    #[schema(value_type = String)]
    pub published_at: Instant,
    /// When it was closed.
    #[schema(value_type = Option<String>)]
    pub closed_at: Option<Instant>,
    /// The emergency, while one runs.
    pub emergency: Option<EmergencyOut>,
}

pub(super) fn form_out(s: &Services, row: FormRow) -> FormOut {
    let (reach, units) = match &row.document.reach {
        Reach::Children => (ReachWord::Children, Vec::new()),
        Reach::AllBelow => (ReachWord::AllBelow, Vec::new()),
        Reach::Chosen { units } => {
            let units = units.iter().map(|unit| public(&*s.keys, unit.0)).collect();
            (ReachWord::Chosen, units)
        }
    };
    FormOut {
        id: public(&*s.keys, row.id),
        unit: public(&*s.keys, row.unit),
        version: row.version,
        form: row.document.form,
        reach,
        units,
        published_at: row.published_at,
        closed_at: row.closed_at,
        emergency: row.emergency.map(|one| EmergencyOut {
            minutes: one.minutes,
            since: one.since,
            reason: one.reason,
        }),
    }
}

/// A planned hour.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportSlotOut)]
pub struct SlotOut {
    /// Its public id.
    pub id: String,
    /// The version it was planned under.
    pub version: i64,
    /// From when it may be handed in.
    #[schema(value_type = String)]
    pub opens_at: Instant,
    /// The hour.
    #[schema(value_type = String)]
    pub due_at: Instant,
    /// After this it is late.
    #[schema(value_type = String)]
    pub late_at: Instant,
    /// Whether an emergency brought it.
    pub is_emergency: bool,
}

pub(super) fn slot_out(s: &Services, slot: &Slot) -> SlotOut {
    SlotOut {
        id: public(&*s.keys, slot.id),
        version: slot.version,
        opens_at: slot.opens_at,
        due_at: slot.due_at,
        late_at: slot.late_at,
        is_emergency: slot.is_emergency,
    }
}

/// An hour with how many units handed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportSlotLineOut)]
pub struct SlotLineOut {
    /// The hour.
    #[serde(flatten)]
    pub slot: SlotOut,
    /// Units that owe it, of those I may see.
    pub units: i64,
    /// Of those, how many have handed in.
    pub handed_in: i64,
    /// Of those, how many in time.
    pub in_time: i64,
}

/// The forms that my units ask for or owe, the newest first.
#[utoipa::path(get, path = "/api/v1/duty/forms", tag = "duty",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<FormOut>)))]
async fn list_forms(
    State(s): State<Services>,
    actor: Actor,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<FormOut>>, Problem> {
    let limit = page.limit()?;
    let before: Option<String> = page.after()?;
    let before = before.map(|text| id_of::<FormId>(&s, &text)).transpose()?;
    let scope = actor.scope_for_any(READING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let forms = queries::forms(&mut at, (&scope, &s.tree), before, limit as i64 + 1).await;
    let forms = forms.map_err(|e| problems::of_db(&e))?;
    let items = forms.into_iter().map(|form| form_out(&s, form)).collect();
    Ok(Json(Listing::cut(items, limit, |form: &FormOut| form.id.clone())))
}

/// A form that one of my units asks for or owes.
#[utoipa::path(get, path = "/api/v1/duty/forms/{form}", tag = "duty", params(("form" = String, Path)),
    responses((status = 200, body = FormOut)))]
async fn get_form(State(s): State<Services>, actor: Actor, Path(form): Path<String>) -> Result<Json<FormOut>, Problem> {
    let row = seen(&s, &actor, id_of(&s, &form)?).await?;
    Ok(Json(form_out(&s, row)))
}

pub(super) async fn seen(s: &Services, actor: &Actor, id: FormId) -> Result<FormRow, Problem> {
    let scope = actor.scope_for_any(READING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let row = queries::form_seen(&mut at, (&scope, &s.tree), id).await;
    row.map_err(|e| problems::of_db(&e))?.ok_or_else(Problem::not_found)
}

/// A version of a form as somebody writes it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReportFormIn)]
pub struct FormIn {
    /// The form.
    pub form: Form,
    /// Who must hand it in.
    pub reach: ReachWord,
    /// The public ids of those chosen.
    #[serde(default)]
    pub units: Vec<String>,
}

/// A form to be published.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReportPublishForm)]
pub struct PublishForm {
    /// The public id of the unit that asks.
    pub unit: String,
    /// The form.
    pub form: Form,
    /// Who must hand it in.
    pub reach: ReachWord,
    /// The public ids of those chosen.
    #[serde(default)]
    pub units: Vec<String>,
}

fn document(s: &Services, form: Form, (reach, units): (ReachWord, &[String])) -> Result<Document, Problem> {
    let reach = match reach {
        ReachWord::Children => Reach::Children,
        ReachWord::AllBelow => Reach::AllBelow,
        ReachWord::Chosen => {
            let units: Result<Vec<Hex<UnitId>>, Problem> =
                units.iter().map(|unit| field_of(s, "units", unit).map(Hex)).collect();
            Reach::Chosen { units: units? }
        }
    };
    Ok(Document { form, reach })
}

/// Publishes a form; its hours are planned at once.
#[utoipa::path(post, path = "/api/v1/duty/forms", tag = "duty", request_body = PublishForm,
    responses((status = 201, body = FormOut)))]
async fn publish_form(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<PublishForm>,
) -> Result<(StatusCode, Json<FormOut>), Problem> {
    let unit = field_of(&s, "unit", &body.unit)?;
    let document = document(&s, body.form, (body.reach, &body.units))?;
    let row = actions::publish(&s, &actor, unit, document).await?;
    Ok((StatusCode::CREATED, Json(form_out(&s, row))))
}

/// Publishes the next version of a form; hours that have opened keep theirs.
#[utoipa::path(post, path = "/api/v1/duty/forms/{form}/versions", tag = "duty", params(("form" = String, Path)),
    request_body = FormIn, responses((status = 201, body = FormOut)))]
async fn amend_form(
    State(s): State<Services>,
    actor: Actor,
    Path(form): Path<String>,
    Json(body): Json<FormIn>,
) -> Result<(StatusCode, Json<FormOut>), Problem> {
    let id = id_of(&s, &form)?;
    let document = document(&s, body.form, (body.reach, &body.units))?;
    let row = actions::amend(&s, &actor, id, document).await?;
    Ok((StatusCode::CREATED, Json(form_out(&s, row))))
}

/// Closes a form; what came stays.
#[utoipa::path(post, path = "/api/v1/duty/forms/{form}/close", tag = "duty", params(("form" = String, Path)),
    responses((status = 204)))]
async fn close_form(State(s): State<Services>, actor: Actor, Path(form): Path<String>) -> Result<StatusCode, Problem> {
    actions::close(&s, &actor, id_of(&s, &form)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A shorter interval for as long as an emergency lasts.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReportBeginEmergency)]
pub struct BeginEmergency {
    /// Every so many minutes from midnight; 15 to 720 that divide a day.
    pub minutes: i64,
    /// Why.
    pub reason: String,
}

/// Begins an emergency: reports every so many minutes, beside the form's own hours.
#[utoipa::path(post, path = "/api/v1/duty/forms/{form}/emergency", tag = "duty", params(("form" = String, Path)),
    request_body = BeginEmergency, responses((status = 200, body = FormOut)))]
async fn begin_emergency(
    State(s): State<Services>,
    actor: Actor,
    Path(form): Path<String>,
    Json(body): Json<BeginEmergency>,
) -> Result<Json<FormOut>, Problem> {
    let id = id_of(&s, &form)?;
    let row = actions::begin_emergency(&s, &actor, id, (body.minutes, &body.reason)).await?;
    Ok(Json(form_out(&s, row)))
}

/// Ends the emergency; hours that it brought and that have not opened are taken back.
#[utoipa::path(post, path = "/api/v1/duty/forms/{form}/emergency/end", tag = "duty", params(("form" = String, Path)),
    responses((status = 200, body = FormOut)))]
async fn end_emergency(
    State(s): State<Services>,
    actor: Actor,
    Path(form): Path<String>,
) -> Result<Json<FormOut>, Problem> {
    let row = actions::end_emergency(&s, &actor, id_of(&s, &form)?).await?;
    Ok(Json(form_out(&s, row)))
}

/// The hours of a form that have opened, the latest first, with how many of my units handed in.
#[utoipa::path(get, path = "/api/v1/duty/forms/{form}/slots", tag = "duty",
    params(("form" = String, Path), ("limit" = Option<u16>, Query, description = "1 to 500"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<SlotLineOut>)))]
async fn list_slots(
    State(s): State<Services>,
    actor: Actor,
    Path(form): Path<String>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<SlotLineOut>>, Problem> {
    let limit = page.limit()?;
    let before: Option<Instant> = page.after()?;
    let form = seen(&s, &actor, id_of(&s, &form)?).await?;
    let scope = actor.scope_for(Permission::DutyRead);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let lines = queries::slots(
        &mut at,
        (&scope, &s.tree),
        (form.id, s.now()),
        (before, limit as i64 + 1),
    );
    let lines = lines.await.map_err(|e| problems::of_db(&e))?;
    let items = lines.iter().map(|line| SlotLineOut {
        slot: slot_out(&s, &line.slot),
        units: line.units,
        handed_in: line.handed_in,
        in_time: line.in_time,
    });
    Ok(Json(Listing::cut(items.collect(), limit, |line: &SlotLineOut| {
        line.slot.due_at
    })))
}
