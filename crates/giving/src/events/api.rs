//! JSON of off-line events for staff; coverage is public.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, public};
use kernel::{BusinessDay, Fen, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, RevealReason};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions::{self, Part, Slip};
use super::model::{Event, EventId, EventKind, EventState, NewEvent, NewSolicitor, Person, SolicitorId, SourceKind};
use super::queries;
use super::rules::CountOutcome;
use super::sources;
use crate::State as Giving;

/// Who needs the list of events: also those who count and deposit what they took in.
const LISTING: &[Permission] = &[Permission::ProjectManage, Permission::GiftRecord, Permission::GiftRead];

/// The routes of this slice.
pub fn routes(giving: &Giving) -> OpenApiRouter<Services> {
    let with_intake = |routes: UtoipaMethodRouter<Giving>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(giving.clone()))
    };
    OpenApiRouter::new()
        .public(routes!(get_coverage))
        .merge(sources::routes())
        .staff_any(LISTING, routes!(list_events))
        .staff(Permission::ProjectManage, routes!(plan_event))
        .staff(Permission::GiftRecord, routes!(count_takings))
        .staff(Permission::GiftRecord, routes!(deposit_takings))
        .staff(Permission::GiftRecord, with_intake(routes!(match_bank_line)))
        .staff(Permission::GiftRecord, routes!(put_parts))
        .staff(Permission::ProjectManage, routes!(register_solicitor, list_solicitors))
        .staff(Permission::PersonalReveal, routes!(reveal_solicitor))
        .staff(Permission::ProjectManage, routes!(register_sources))
}

/// A new event.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PlanEvent {
    /// The public id of the unit that holds it.
    pub unit: String,
    /// The public id of the project.
    pub project: String,
    /// market, sale or stamp_card.
    pub kind: EventKind,
    /// Its title: it stands where a giver's name stands.
    pub title: String,
    /// When it is held.
    #[schema(value_type = String, format = Date)]
    pub held_on: BusinessDay,
    /// Made once by the form.
    pub key: String,
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventOut {
    /// Public id.
    pub event: String,
    /// The public id of the unit.
    pub unit: String,
    /// The public id of the project.
    pub project: String,
    /// market, sale or stamp_card.
    pub kind: EventKind,
    /// Its title.
    pub title: String,
    /// When it is held.
    #[schema(value_type = String, format = Date)]
    pub held_on: BusinessDay,
    /// planned, counted_once, counted, deposited or booked.
    pub state: &'static str,
    /// What two people counted, in fen.
    #[schema(value_type = Option<i64>)]
    pub counted_fen: Option<Fen>,
    /// The number on the deposit slip.
    pub slip_no: Option<String>,
    /// The public id of the gift that it became.
    pub gift: Option<String>,
}

/// What one person counted.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CountTakings {
    /// In fen.
    #[schema(value_type = i64)]
    pub amount_fen: Fen,
}

/// What the count made of the event.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakingsOut {
    /// The event.
    #[serde(flatten)]
    pub event: EventOut,
    /// first, agreed, differs (both count again) or known.
    pub outcome: &'static str,
}

/// A deposit.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DepositTakings {
    /// The public id of the bank account.
    pub account: String,
    /// When.
    #[schema(value_type = String, format = Date)]
    pub deposited_on: BusinessDay,
    /// The number on the slip.
    pub slip_no: String,
}

/// The bank's line.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MatchBankLine {
    /// Its number, as the bank's file has it.
    pub bank_no: String,
}

/// A helper. A minor has a guardian and the day of his consent.
#[derive(Deserialize, ToSchema)]
pub struct RegisterSolicitor {
    /// Her name.
    pub name: String,
    /// Where she, or her guardian, is reached.
    pub phone: String,
    /// Her age in years.
    pub age_years: u8,
    /// Her guardian's name.
    pub guardian: Option<String>,
    /// When the guardian consented.
    #[schema(value_type = Option<String>, format = Date)]
    pub consented_on: Option<BusinessDay>,
    /// Whether she is to handle cash.
    #[serde(default)]
    pub handles_cash: bool,
    /// Made once by the form.
    pub key: String,
}

/// A helper, for staff: masked in the list, open once she was revealed.
#[derive(Serialize, ToSchema)]
pub struct SolicitorOut {
    /// Public id.
    pub solicitor: String,
    /// Her name.
    pub name: String,
    /// Where she, or her guardian, is reached.
    pub phone: String,
    /// Whether she is a minor.
    pub minor: bool,
    /// Her guardian's name.
    pub guardian: Option<String>,
    /// When the guardian consented.
    #[schema(value_type = Option<String>, format = Date)]
    pub consented_on: Option<BusinessDay>,
}

/// Why a helper is opened.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RevealSolicitor {
    /// The reason; it stands in the audit trail.
    pub reason: RevealReason,
}

/// Whence the money came.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PutParts {
    /// The parts, at most 5,000.
    pub parts: Vec<PartIn>,
}

/// One part.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PartIn {
    /// village, shop or firm.
    pub kind: SourceKind,
    /// Its registered name.
    pub name: String,
    /// How much, in fen.
    #[schema(value_type = i64)]
    pub amount_fen: Fen,
}

/// Villages, shops and firms of a county.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RegisterSources {
    /// The public id of the county.
    pub unit: String,
    /// A file with the titles `kind,name`.
    pub csv: String,
}

/// What was registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredOut {
    /// How many are new.
    pub new: usize,
}

/// How far a county is covered.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageOut {
    /// The public id of the county.
    pub unit: String,
    /// Its short name.
    pub name: String,
    /// village, shop or firm.
    pub kind: SourceKind,
    /// How many are known.
    pub known: i64,
    /// How many of them have given.
    pub gave: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
}

/// `?within=`.
#[derive(Debug, Deserialize)]
struct CoverageQuery {
    within: Option<String>,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn field<I: Id>(s: &Services, name: &str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(name, error))
}

fn out(s: &Services, event: &Event) -> EventOut {
    let (deposit, gift) = match &event.state {
        EventState::Deposited(_, deposit) => (Some(deposit), None),
        EventState::Booked(_, deposit, gift) => (Some(deposit), Some(*gift)),
        EventState::Planned | EventState::CountedOnce(_) | EventState::Counted(_) => (None, None),
    };
    EventOut {
        event: public(&*s.keys, event.id),
        unit: public(&*s.keys, event.unit),
        project: public(&*s.keys, event.project),
        kind: event.kind,
        title: event.title.clone(),
        held_on: event.held_on,
        state: event.state.as_str(),
        counted_fen: event.state.counted().map(|counted| counted.amount),
        slip_no: deposit.map(|deposit| deposit.slip.clone()),
        gift: gift.map(|gift| public(&*s.keys, gift)),
    }
}

/// Plans an event.
#[utoipa::path(post, path = "/api/v1/events", tag = "events", request_body = PlanEvent,
    responses((status = 201, body = EventOut)))]
async fn plan_event(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<PlanEvent>,
) -> Result<(StatusCode, Json<EventOut>), Problem> {
    let new = NewEvent {
        unit: field(&s, "unit", &body.unit)?,
        project: field(&s, "project", &body.project)?,
        kind: body.kind,
        title: body.title,
        held_on: body.held_on,
        key: body.key,
    };
    let event = actions::plan(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, Json(out(&s, &event))))
}

/// The events of my units.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<EventOut>)))]
async fn list_events(
    State(s): State<Services>,
    actor: Actor,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<EventOut>>, Problem> {
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<EventId>(&s, &text)).transpose()?;
    let scope = actor.scope_for_any(LISTING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::list(&mut at, (&scope, &s.tree), after, limit as i64 + 1)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let items = found.iter().map(|event| out(&s, event)).collect();
    Ok(Json(Listing::cut(items, limit, |event: &EventOut| event.event.clone())))
}

/// Takes what one person counted; two must come to the same sum.
#[utoipa::path(post, path = "/api/v1/events/{event}/counts", tag = "events",
    params(("event" = String, Path, description = "public id")), request_body = CountTakings,
    responses((status = 200, body = TakingsOut), (status = 409, description = "counted already, or by the same person")))]
async fn count_takings(
    State(s): State<Services>,
    actor: Actor,
    Path(event): Path<String>,
    Json(body): Json<CountTakings>,
) -> Result<Json<TakingsOut>, Problem> {
    let (event, outcome) = actions::count(&s, &actor, id_of(&s, &event)?, body.amount_fen).await?;
    let outcome = match outcome {
        CountOutcome::First => "first",
        CountOutcome::Agreed => "agreed",
        CountOutcome::Differs => "differs",
        CountOutcome::Known => "known",
    };
    Ok(Json(TakingsOut {
        event: out(&s, &event),
        outcome,
    }))
}

/// Notes that the counted takings were paid into the bank.
#[utoipa::path(post, path = "/api/v1/events/{event}/deposit", tag = "events",
    params(("event" = String, Path, description = "public id")), request_body = DepositTakings,
    responses((status = 200, body = EventOut)))]
async fn deposit_takings(
    State(s): State<Services>,
    actor: Actor,
    Path(event): Path<String>,
    Json(body): Json<DepositTakings>,
) -> Result<Json<EventOut>, Problem> {
    let slip = Slip {
        account: field(&s, "account", &body.account)?,
        on: body.deposited_on,
        number: body.slip_no,
    };
    let event = actions::deposit(&s, &actor, id_of(&s, &event)?, slip).await?;
    Ok(Json(out(&s, &event)))
}

/// Matches the deposit to the bank's line: now the takings are a gift.
#[utoipa::path(post, path = "/api/v1/events/{event}/bank-line", tag = "events",
    params(("event" = String, Path, description = "public id")), request_body = MatchBankLine,
    responses((status = 200, body = EventOut), (status = 409, description = "the line is not this deposit")))]
async fn match_bank_line(
    State(giving): State<Giving>,
    Extension(actor): Extension<Actor>,
    Path(event): Path<String>,
    Json(body): Json<MatchBankLine>,
) -> Result<Json<EventOut>, Problem> {
    let id = id_of(&giving.services, &event)?;
    let event = actions::book(&giving, &actor, id, &body.bank_no).await?;
    Ok(Json(out(&giving.services, &event)))
}

/// Says which villages, shops and firms the takings came from.
#[utoipa::path(put, path = "/api/v1/events/{event}/parts", tag = "events",
    params(("event" = String, Path, description = "public id")), request_body = PutParts,
    responses((status = 204), (status = 409, description = "more than was counted")))]
async fn put_parts(
    State(s): State<Services>,
    actor: Actor,
    Path(event): Path<String>,
    Json(body): Json<PutParts>,
) -> Result<StatusCode, Problem> {
    let part = |part: PartIn| Part {
        kind: part.kind,
        name: part.name,
        amount: part.amount_fen,
    };
    let parts: Vec<Part> = body.parts.into_iter().map(part).collect();
    actions::part(&s, &actor, id_of(&s, &event)?, &parts).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Registers who asks for gifts at an event; a minor with a guardian's consent, and never with cash.
#[utoipa::path(post, path = "/api/v1/events/{event}/solicitors", tag = "events",
    params(("event" = String, Path, description = "public id")), request_body = RegisterSolicitor,
    responses((status = 204), (status = 422, description = "a minor without consent, or with cash")))]
async fn register_solicitor(
    State(s): State<Services>,
    actor: Actor,
    Path(event): Path<String>,
    Json(body): Json<RegisterSolicitor>,
) -> Result<StatusCode, Problem> {
    let new = NewSolicitor {
        event: id_of(&s, &event)?,
        person: Person {
            name: body.name,
            guardian: body.guardian,
            phone: body.phone,
        },
        age_years: body.age_years,
        consented_on: body.consented_on,
        handles_cash: body.handles_cash,
        key: body.key,
    };
    actions::register_solicitor(&s, &actor, new).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn solicitor_out(s: &Services, one: actions::Solicitor) -> SolicitorOut {
    SolicitorOut {
        solicitor: public(&*s.keys, one.id),
        name: one.person.name,
        phone: one.person.phone,
        minor: one.minor,
        guardian: one.person.guardian,
        consented_on: one.consented_on,
    }
}

/// The helpers of an event: names and telephones masked.
#[utoipa::path(get, path = "/api/v1/events/{event}/solicitors", tag = "events",
    params(("event" = String, Path, description = "public id")), responses((status = 200, body = [SolicitorOut])))]
async fn list_solicitors(
    State(s): State<Services>,
    actor: Actor,
    Path(event): Path<String>,
) -> Result<Json<Vec<SolicitorOut>>, Problem> {
    let found = actions::solicitors(&s, &actor, id_of(&s, &event)?).await?;
    Ok(Json(found.into_iter().map(|one| solicitor_out(&s, one)).collect()))
}

/// Opens one helper, to reach her or her guardian; it stands in the trail who did and why.
#[utoipa::path(post, path = "/api/v1/events/{event}/solicitors/{solicitor}/reveal", tag = "events",
    params(("event" = String, Path, description = "public id"), ("solicitor" = String, Path, description = "public id")),
    request_body = RevealSolicitor, responses((status = 200, body = SolicitorOut)))]
async fn reveal_solicitor(
    State(s): State<Services>,
    actor: Actor,
    Path((event, solicitor)): Path<(String, String)>,
    Json(body): Json<RevealSolicitor>,
) -> Result<Json<SolicitorOut>, Problem> {
    let which = (id_of(&s, &event)?, id_of::<SolicitorId>(&s, &solicitor)?);
    let open = actions::reveal_solicitor(&s, &actor, which, body.reason).await?;
    Ok(Json(solicitor_out(&s, open)))
}

/// Registers villages, shops and firms of a county, all or none.
#[utoipa::path(post, path = "/api/v1/giving-sources", tag = "events", request_body = RegisterSources,
    responses((status = 200, body = RegisteredOut)))]
async fn register_sources(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<RegisterSources>,
) -> Result<Json<RegisteredOut>, Problem> {
    let unit: UnitId = field(&s, "unit", &body.unit)?;
    let new = actions::register_sources(&s, &actor, unit, &body.csv).await?;
    Ok(Json(RegisteredOut { new }))
}

/// How far counties are covered: of the villages, shops and firms that are known, how many have given.
#[utoipa::path(get, path = "/api/v1/coverage", tag = "events",
    params(("within" = Option<String>, Query, description = "public id of a unit; all when absent")),
    responses((status = 200, body = [CoverageOut])))]
async fn get_coverage(
    State(s): State<Services>,
    Query(query): Query<CoverageQuery>,
) -> Result<Json<Vec<CoverageOut>>, Problem> {
    let within = query
        .within
        .as_deref()
        .map(|text| id_of::<UnitId>(&s, text))
        .transpose()?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let names = governance::network::queries::short_names(&mut at)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let found = queries::coverage(&mut at, within, &s.tree)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let one = |one: super::model::Coverage| CoverageOut {
        unit: public(&*s.keys, one.unit),
        name: names.get(&one.unit).cloned().unwrap_or_default(),
        kind: one.kind,
        known: one.known,
        gave: one.gave,
        sum_fen: one.sum,
    };
    Ok(Json(found.into_iter().map(one).collect()))
}
