//! JSON of agreements: what they say, where they are, how far they got.

mod amendments;
mod progress;
mod views;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::{BusinessDay, Fen, RegionCode};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Problem};

use super::model::{NewAgreement, Pair, Target, TargetKind, Terms};
use super::{actions, queries};
use crate::amendments::approval::governs;
use crate::amendments::queries::amendments as amended;
use crate::error::{PartnerError, in_scope, invalid};
use crate::http::{id_of, maybe, of_db, reading};
use crate::ports::Ports;
use views::{PartnerAgreementOut, PartnerAgreementWhole, agreement_out, whole};

/// The routes of this slice.
pub fn routes(ports: &Ports) -> OpenApiRouter<Services> {
    let with_ports = |routes: UtoipaMethodRouter<Ports>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(ports.clone()))
    };
    OpenApiRouter::new()
        .staff(Permission::PartnerRead, routes!(list_partner_agreements))
        .staff(Permission::PartnerManage, routes!(draft_partner_agreement))
        .staff(Permission::PartnerRead, routes!(show_partner_agreement))
        .staff_any(
            &[Permission::PartnerManage, Permission::PartnerApprove],
            routes!(amend_partner_agreement),
        )
        .staff(Permission::PartnerManage, routes!(amendments::ask_partner_amendment))
        .staff(Permission::PartnerApprove, routes!(sign_partner_agreement))
        .staff(Permission::PartnerManage, routes!(start_partner_agreement))
        .staff(Permission::PartnerApprove, routes!(end_partner_agreement))
        .staff(
            Permission::PartnerRead,
            with_ports(routes!(progress::show_partner_progress)),
        )
        .staff(
            Permission::PartnerRead,
            with_ports(routes!(progress::list_partner_rows)),
        )
        .staff(
            Permission::PartnerRead,
            with_ports(routes!(progress::export_partner_rows)),
        )
        .staff(Permission::PartnerManage, with_ports(routes!(link_partner_goods)))
        .staff(Permission::PartnerManage, with_ports(routes!(unlink_partner_goods)))
}

/// The agreements of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/partnership/{unit}/agreements", tag = "partnership", params(("unit" = String, Path)),
    responses((status = 200, body = [PartnerAgreementOut])))]
async fn list_partner_agreements(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<PartnerAgreementOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, (&unit, Permission::PartnerRead)).await?;
    let rows = queries::agreements(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| agreement_out(&s, row)).collect()))
}

/// A county of ours beside one of theirs.
#[derive(Deserialize, ToSchema)]
struct PartnerPairIn {
    /// Ours: a region code.
    ours: String,
    /// Theirs: a region code.
    theirs: String,
}

/// What is promised for a year.
#[derive(Deserialize, ToSchema)]
struct PartnerTargetIn {
    /// Counted in.
    kind: TargetKind,
    /// The calendar year.
    year: i64,
    /// How much, in fen.
    target_fen: i64,
}

/// What an agreement says.
#[derive(Deserialize, ToSchema)]
struct PartnerTermsIn {
    /// Its first day.
    #[schema(value_type = String)]
    first_day: BusinessDay,
    /// Its last day.
    #[schema(value_type = String)]
    last_day: BusinessDay,
    /// Counties, one to one.
    #[serde(default)]
    pairs: Vec<PartnerPairIn>,
    /// What is promised.
    targets: Vec<PartnerTargetIn>,
}

fn terms_in(said: PartnerTermsIn) -> Result<Terms, PartnerError> {
    let code = |text: &str| RegionCode::parse(text).map_err(|_| invalid("pairs", "region codes of counties"));
    let pairs: Result<Vec<Pair>, PartnerError> = said
        .pairs
        .iter()
        .map(|pair| {
            Ok(Pair {
                ours: code(&pair.ours)?,
                theirs: code(&pair.theirs)?,
            })
        })
        .collect();
    let target = |target: PartnerTargetIn| Target {
        kind: target.kind,
        year: target.year,
        amount: Fen::new(target.target_fen),
    };
    Ok(Terms {
        first_day: said.first_day,
        last_day: said.last_day,
        pairs: pairs?,
        targets: said.targets.into_iter().map(target).collect(),
    })
}

/// An agreement to be drawn up.
#[derive(Deserialize, ToSchema)]
struct DraftPartnerAgreement {
    /// What makes it the same agreement when it is sent again.
    key: String,
    /// Public id of the partner region.
    region: String,
    /// Its title.
    title: String,
    /// What it says.
    terms: PartnerTermsIn,
}

/// Draws an agreement with a partner region up.
#[utoipa::path(post, path = "/api/v1/partnership/{unit}/agreements", tag = "partnership", params(("unit" = String, Path)),
    request_body = DraftPartnerAgreement, responses((status = 201, body = PartnerAgreementOut), (status = 409, description = "the key of another")))]
async fn draft_partner_agreement(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<DraftPartnerAgreement>,
) -> Result<(StatusCode, Json<PartnerAgreementOut>), Problem> {
    let (_, _) = reading(&s, &actor, (&unit, Permission::PartnerManage)).await?;
    let new = NewAgreement {
        region: id_of(&s, &body.region)?,
        key: body.key,
        title: body.title,
        terms: terms_in(body.terms)?,
    };
    let agreement = actions::draft(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(agreement_out(&s, agreement))))
}

/// An agreement with all its versions.
#[utoipa::path(get, path = "/api/v1/partnership/agreements/{agreement}", tag = "partnership",
    params(("agreement" = String, Path)), responses((status = 200, body = PartnerAgreementWhole)))]
async fn show_partner_agreement(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
) -> Result<Json<PartnerAgreementWhole>, Problem> {
    Ok(Json(shown(&s, &actor, &agreement).await?))
}

/// An agreement as this reader sees it.
async fn shown(s: &Services, actor: &Actor, agreement: &str) -> Result<PartnerAgreementWhole, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::agreement(&mut at, id_of(s, agreement)?).await.map_err(of_db)?;
    let (agreement, versions) = found.ok_or_else(Problem::not_found)?;
    in_scope(actor, Permission::PartnerRead, (agreement.unit, "agreement"))?;
    let by_case = governs(&mut at, s, agreement.unit).await.map_err(of_db)?;
    let asked = amended(&mut at, &agreement).await.map_err(of_db)?;
    Ok(whole(s, agreement, versions, (by_case, asked)))
}

/// What an agreement says from now on.
#[derive(Deserialize, ToSchema)]
struct AmendPartnerAgreement {
    /// What it says.
    terms: PartnerTermsIn,
    /// Why; needed once it is signed.
    #[serde(default)]
    reason: String,
    /// Public id of the signed amendment; needed once it is signed.
    file: Option<String>,
}

/// Says anew what an agreement says: its next version.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/versions", tag = "partnership",
    params(("agreement" = String, Path)), request_body = AmendPartnerAgreement,
    responses((status = 201, body = PartnerAgreementOut), (status = 409, description = "it is over, or decided by a case")))]
async fn amend_partner_agreement(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
    Json(body): Json<AmendPartnerAgreement>,
) -> Result<(StatusCode, Json<PartnerAgreementOut>), Problem> {
    let file = maybe(&s, body.file.as_ref())?;
    let said = (terms_in(body.terms)?, body.reason.as_str(), file);
    let agreement = actions::amend(&s, &actor, id_of(&s, &agreement)?, said).await?;
    Ok((StatusCode::CREATED, Json(agreement_out(&s, agreement))))
}

/// That both sides signed.
#[derive(Deserialize, ToSchema)]
struct SignPartnerAgreement {
    /// The day.
    #[schema(value_type = String)]
    signed_on: BusinessDay,
    /// Public id of the signed paper.
    file: String,
}

/// Signs an agreement; another person than who drew it up.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/signature", tag = "partnership",
    params(("agreement" = String, Path)), request_body = SignPartnerAgreement,
    responses((status = 200, body = PartnerAgreementOut), (status = 409, description = "the same person, not a draft")))]
async fn sign_partner_agreement(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
    Json(body): Json<SignPartnerAgreement>,
) -> Result<Json<PartnerAgreementOut>, Problem> {
    let said = (id_of(&s, &agreement)?, body.signed_on, id_of(&s, &body.file)?);
    let agreement = actions::sign(&s, &actor, said).await?;
    Ok(Json(agreement_out(&s, agreement)))
}

/// Lets a signed agreement run, from its first day on.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/start", tag = "partnership",
    params(("agreement" = String, Path)), responses((status = 200, body = PartnerAgreementOut), (status = 409, description = "not signed, too early")))]
async fn start_partner_agreement(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
) -> Result<Json<PartnerAgreementOut>, Problem> {
    let agreement = actions::start(&s, &actor, id_of(&s, &agreement)?).await?;
    Ok(Json(agreement_out(&s, agreement)))
}

/// When an agreement ended, and why.
#[derive(Deserialize, ToSchema)]
struct EndPartnerAgreement {
    /// The day.
    #[schema(value_type = String)]
    day: BusinessDay,
    /// Why.
    reason: String,
}

/// Ends an agreement, when nothing of it is under way.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/end", tag = "partnership",
    params(("agreement" = String, Path)), request_body = EndPartnerAgreement,
    responses((status = 200, body = PartnerAgreementOut), (status = 409, description = "something is under way")))]
async fn end_partner_agreement(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
    Json(body): Json<EndPartnerAgreement>,
) -> Result<Json<PartnerAgreementOut>, Problem> {
    let said = (id_of(&s, &agreement)?, body.day, body.reason.as_str());
    let agreement = actions::end(&s, &actor, said).await?;
    Ok(Json(agreement_out(&s, agreement)))
}

/// Goods sent under an agreement.
#[derive(Deserialize, ToSchema)]
struct LinkPartnerGoods {
    /// The number of the dispatch order, as on its paper: `2026-0001`.
    number: String,
}

/// Says that goods went to the partner region under an agreement.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/goods", tag = "partnership",
    params(("agreement" = String, Path)), request_body = LinkPartnerGoods,
    responses((status = 204), (status = 409, description = "they went elsewhere, or under another agreement")))]
async fn link_partner_goods(
    State(ports): State<Ports>,
    Extension(actor): Extension<Actor>,
    Path(agreement): Path<String>,
    Json(body): Json<LinkPartnerGoods>,
) -> Result<StatusCode, Problem> {
    let id = id_of(&ports.services, &agreement)?;
    actions::link_goods(&ports, &actor, (id, &body.number)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Goods that did not go under an agreement after all.
#[derive(Deserialize, ToSchema)]
struct UnlinkPartnerGoods {
    /// The number of the dispatch order.
    number: String,
    /// Why.
    reason: String,
}

/// Takes back that goods went under an agreement.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/goods/undo", tag = "partnership",
    params(("agreement" = String, Path)), request_body = UnlinkPartnerGoods, responses((status = 204)))]
async fn unlink_partner_goods(
    State(ports): State<Ports>,
    Extension(actor): Extension<Actor>,
    Path(agreement): Path<String>,
    Json(body): Json<UnlinkPartnerGoods>,
) -> Result<StatusCode, Problem> {
    let id = id_of(&ports.services, &agreement)?;
    actions::unlink_goods(&ports, &actor, (id, &body.number, &body.reason)).await?;
    Ok(StatusCode::NO_CONTENT)
}
