//! JSON of partner regions, visits and needs.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{BusinessDay, Fen, Instant, RegionCode};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, RevealReason};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::model::{Need, NeedKind, NewNeed, NewRegion, NewVisit, Region, Visit, VisitWay, Wanted};
use super::{actions, queries};
use crate::error::{PartnerError, in_scope, invalid};
use crate::http::{id_of, of_db, reading};
use crate::{HandedId, RegionId};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::PartnerRead, routes!(list_partner_regions))
        .staff(Permission::PartnerManage, routes!(add_partner_region))
        .staff(Permission::PartnerManage, routes!(change_partner_region))
        .staff(Permission::PersonalReveal, routes!(reveal_partner_contact))
        .staff(Permission::PartnerRead, routes!(list_partner_visits))
        .staff(Permission::PartnerManage, routes!(record_partner_visit))
        .staff(Permission::PartnerRead, routes!(list_partner_needs))
        .staff(Permission::PartnerManage, routes!(withdraw_partner_need))
}

/// A partner region.
#[derive(Serialize, ToSchema)]
struct PartnerRegionOut {
    /// Its public id.
    id: String,
    /// Its code.
    region: String,
    /// Its name from the province down; empty when the national table does not list it.
    region_name: String,
    /// The society there.
    society: String,
    /// Who answers for it there, masked.
    contact: String,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
}

fn region_out(s: &Services, region: Region) -> PartnerRegionOut {
    PartnerRegionOut {
        id: public(&*s.keys, region.id),
        region: region.region.to_string(),
        region_name: region.region.full_name().unwrap_or_default(),
        society: region.society,
        contact: region.contact_shown,
        made_at: region.made_at,
    }
}

/// The partner regions of a unit.
#[utoipa::path(get, path = "/api/v1/partnership/{unit}/regions", tag = "partnership", params(("unit" = String, Path)),
    responses((status = 200, body = [PartnerRegionOut])))]
async fn list_partner_regions(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<PartnerRegionOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, (&unit, Permission::PartnerRead)).await?;
    let rows = queries::regions(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| region_out(&s, row)).collect()))
}

/// A partner region to be added.
#[derive(Deserialize, ToSchema)]
struct AddPartnerRegion {
    /// Its code: six digits, nine for a township.
    region: String,
    /// The society there.
    society: String,
    /// Who answers for it there, with a telephone: kept sealed.
    contact: String,
}

/// Adds a partner region.
#[utoipa::path(post, path = "/api/v1/partnership/{unit}/regions", tag = "partnership", params(("unit" = String, Path)),
    request_body = AddPartnerRegion, responses((status = 201, body = PartnerRegionOut), (status = 409, description = "it stands already")))]
async fn add_partner_region(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<AddPartnerRegion>,
) -> Result<(StatusCode, Json<PartnerRegionOut>), Problem> {
    let region = RegionCode::parse(&body.region).map_err(|error| Problem::invalid("region", error))?;
    let new = NewRegion {
        unit: id_of(&s, &unit)?,
        region,
        society: body.society,
        contact: body.contact,
    };
    let region = actions::add_region(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(region_out(&s, region))))
}

/// What is said anew of a partner region.
#[derive(Deserialize, ToSchema)]
struct ChangePartnerRegion {
    /// The society there.
    society: String,
    /// Who answers for it there, with a telephone: kept sealed.
    contact: String,
}

/// Says anew which society it is there and who answers for it.
#[utoipa::path(put, path = "/api/v1/partnership/regions/{region}", tag = "partnership", params(("region" = String, Path)),
    request_body = ChangePartnerRegion, responses((status = 200, body = PartnerRegionOut)))]
async fn change_partner_region(
    State(s): State<Services>,
    actor: Actor,
    Path(region): Path<String>,
    Json(body): Json<ChangePartnerRegion>,
) -> Result<Json<PartnerRegionOut>, Problem> {
    let said = (id_of(&s, &region)?, body.society.as_str(), body.contact.as_str());
    let region = actions::change_region(&s, &actor, said).await?;
    Ok(Json(region_out(&s, region)))
}

/// Who answers for a partner region, in clear.
#[derive(Serialize, ToSchema)]
struct PartnerContactOut {
    /// Name and telephone.
    contact: String,
}

/// Why who answers for a partner region is opened.
#[derive(Deserialize, ToSchema)]
struct RevealPartnerContact {
    /// The reason; it stands in the audit trail.
    reason: RevealReason,
}

/// Opens who answers for a partner region there; it stands in the trail who did and why.
#[utoipa::path(post, path = "/api/v1/partnership/regions/{region}/contact/reveal", tag = "partnership",
    params(("region" = String, Path)), request_body = RevealPartnerContact,
    responses((status = 200, body = PartnerContactOut)))]
async fn reveal_partner_contact(
    State(s): State<Services>,
    actor: Actor,
    Path(region): Path<String>,
    Json(body): Json<RevealPartnerContact>,
) -> Result<Json<PartnerContactOut>, Problem> {
    let contact = actions::reveal_contact(&s, &actor, id_of(&s, &region)?, body.reason).await?;
    Ok(Json(PartnerContactOut { contact }))
}

/// A visit.
#[derive(Serialize, ToSchema)]
struct PartnerVisitOut {
    /// Its public id.
    id: String,
    /// Who went to whom.
    way: VisitWay,
    /// The day it began.
    #[schema(value_type = String)]
    day: BusinessDay,
    /// How many went.
    people: i64,
    /// What was seen and said.
    minutes: String,
    /// Public ids of its files.
    files: Vec<String>,
    /// When it was written down.
    #[schema(value_type = String, format = DateTime)]
    written_at: Instant,
}

fn visit_out(s: &Services, visit: Visit, files: &[HandedId]) -> PartnerVisitOut {
    PartnerVisitOut {
        id: public(&*s.keys, visit.id),
        way: visit.way,
        day: visit.day,
        people: visit.people,
        minutes: visit.minutes,
        files: files.iter().map(|file| public(&*s.keys, *file)).collect(),
        written_at: visit.written_at,
    }
}

async fn in_region(s: &Services, actor: &Actor, region: &str) -> Result<(RegionId, db::Snapshot), Problem> {
    let id: RegionId = id_of(s, region)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::region(&mut at, id).await.map_err(of_db)?;
    let region = found.ok_or(PartnerError::NotFound("region"))?;
    in_scope(actor, Permission::PartnerRead, (region.unit, "region"))?;
    Ok((id, at))
}

/// The visits of a partner region, the newest first.
#[utoipa::path(get, path = "/api/v1/partnership/regions/{region}/visits", tag = "partnership",
    params(("region" = String, Path)), responses((status = 200, body = [PartnerVisitOut])))]
async fn list_partner_visits(
    State(s): State<Services>,
    actor: Actor,
    Path(region): Path<String>,
) -> Result<Json<Vec<PartnerVisitOut>>, Problem> {
    let (id, mut at) = in_region(&s, &actor, &region).await?;
    let rows = queries::visits(&mut at, id).await.map_err(of_db)?;
    let rows = rows.into_iter().map(|(visit, files)| visit_out(&s, visit, &files));
    Ok(Json(rows.collect()))
}

/// A need as it is written down.
#[derive(Deserialize, ToSchema)]
struct PartnerNeedIn {
    /// What is needed.
    kind: NeedKind,
    /// What for, or which thing.
    words: String,
    /// How much money, in fen.
    amount_fen: Option<i64>,
    /// 件, 套, 台; for goods.
    #[serde(default)]
    unit_word: String,
    /// How many, for goods and children.
    quantity: Option<i64>,
}

fn need_in(need: PartnerNeedIn) -> Result<NewNeed, PartnerError> {
    let quantity = || need.quantity.ok_or(invalid("quantity", "one or more is expected"));
    let wanted = match need.kind {
        NeedKind::Money => {
            let amount = need.amount_fen.ok_or(invalid("amount_fen", "an amount is expected"))?;
            Wanted::Money(Fen::new(amount))
        }
        NeedKind::Goods => Wanted::Goods {
            unit_word: need.unit_word.trim().to_owned(),
            quantity: quantity()?,
        },
        NeedKind::Children => Wanted::Children(quantity()?),
    };
    Ok(NewNeed {
        words: need.words,
        wanted,
    })
}

/// A visit to be written down.
#[derive(Deserialize, ToSchema)]
struct RecordPartnerVisit {
    /// What makes it the same visit when it is sent again.
    key: String,
    /// Who went to whom.
    way: VisitWay,
    /// The day it began; not after today.
    #[schema(value_type = String)]
    day: BusinessDay,
    /// How many went.
    people: i64,
    /// What was seen and said.
    minutes: String,
    /// Public ids of files handed in.
    #[serde(default)]
    files: Vec<String>,
    /// What was found to be needed.
    #[serde(default)]
    needs: Vec<PartnerNeedIn>,
}

/// Writes a visit down with its files and what was found to be needed.
#[utoipa::path(post, path = "/api/v1/partnership/regions/{region}/visits", tag = "partnership",
    params(("region" = String, Path)), request_body = RecordPartnerVisit,
    responses((status = 201, body = PartnerVisitOut), (status = 409, description = "the key of another visit")))]
async fn record_partner_visit(
    State(s): State<Services>,
    actor: Actor,
    Path(region): Path<String>,
    Json(body): Json<RecordPartnerVisit>,
) -> Result<(StatusCode, Json<PartnerVisitOut>), Problem> {
    let files: Result<Vec<HandedId>, Problem> = body.files.iter().map(|file| id_of(&s, file)).collect();
    let needs: Result<Vec<NewNeed>, PartnerError> = body.needs.into_iter().map(need_in).collect();
    let new = NewVisit {
        region: id_of(&s, &region)?,
        key: body.key,
        way: body.way,
        day: body.day,
        people: body.people,
        minutes: body.minutes,
        files: files?,
        needs: needs?,
    };
    let visit = actions::record_visit(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(visit_out(&s, visit, &new.files))))
}

/// A need.
#[derive(Serialize, ToSchema)]
struct PartnerNeedOut {
    /// Its public id.
    id: String,
    /// Public id of the visit at which it was found.
    visit: String,
    /// What is needed.
    kind: NeedKind,
    /// What for, or which thing.
    words: String,
    /// How much money.
    amount_fen: Option<i64>,
    /// 件, 套, 台.
    unit_word: Option<String>,
    /// How many.
    quantity: Option<i64>,
    /// Why it was withdrawn.
    withdrawn: Option<String>,
}

fn need_out(s: &Services, need: Need) -> PartnerNeedOut {
    let kind = need.wanted.kind();
    let (amount_fen, unit_word, quantity) = match need.wanted {
        Wanted::Money(amount) => (Some(amount.get()), None, None),
        Wanted::Goods { unit_word, quantity } => (None, Some(unit_word), Some(quantity)),
        Wanted::Children(children) => (None, None, Some(children)),
    };
    PartnerNeedOut {
        id: public(&*s.keys, need.id),
        visit: public(&*s.keys, need.visit),
        kind,
        words: need.words,
        amount_fen,
        unit_word,
        quantity,
        withdrawn: need.withdrawn.map(|(_, why)| why),
    }
}

/// What was found to be needed in a partner region, the newest first.
#[utoipa::path(get, path = "/api/v1/partnership/regions/{region}/needs", tag = "partnership",
    params(("region" = String, Path)), responses((status = 200, body = [PartnerNeedOut])))]
async fn list_partner_needs(
    State(s): State<Services>,
    actor: Actor,
    Path(region): Path<String>,
) -> Result<Json<Vec<PartnerNeedOut>>, Problem> {
    let (id, mut at) = in_region(&s, &actor, &region).await?;
    let rows = queries::needs(&mut at, id).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| need_out(&s, row)).collect()))
}

/// Why a need is withdrawn.
#[derive(Deserialize, ToSchema)]
struct WithdrawPartnerNeed {
    /// Why.
    reason: String,
}

/// Withdraws a need.
#[utoipa::path(post, path = "/api/v1/partnership/needs/{need}/withdraw", tag = "partnership",
    params(("need" = String, Path)), request_body = WithdrawPartnerNeed, responses((status = 200, body = PartnerNeedOut)))]
async fn withdraw_partner_need(
    State(s): State<Services>,
    actor: Actor,
    Path(need): Path<String>,
    Json(body): Json<WithdrawPartnerNeed>,
) -> Result<Json<PartnerNeedOut>, Problem> {
    let need = actions::withdraw_need(&s, &actor, id_of(&s, &need)?, &body.reason).await?;
    Ok(Json(need_out(&s, need)))
}
