//! What everybody may ask: one's own gift by what only its donor knows, and sums.

use axum::extract::{Path, State};
use kernel::id::public;
use kernel::{BusinessDay, CampaignId, Fen, Instant};
use platform::Services;
use platform::identity::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::extract::ClientIp;
use web::limit::{LOOKUP, PAGES};
use web::{Json, Problem};

use super::super::intake::phone_index;
use super::super::queries::{self, GiftFacts, Latest, Standing};
use super::super::totals::{self, Of, Sums, Totals};
use super::{Desk, id_of, of_db};
use crate::donations::certificate_id;

/// Gifts in a public answer.
const LATEST: usize = 20;

/// What a donor knows of her gift: the exact amount and day, and the full number or the telephone she gave.
#[derive(Deserialize, ToSchema)]
pub(super) struct LookUp {
    /// The payment's full number.
    trade_no: Option<String>,
    /// The telephone that was given with the gift.
    phone: Option<String>,
    /// The amount in fen.
    amount_fen: i64,
    /// The business day.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
}

/// A gift as its donor sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct FoundOut {
    /// Public id.
    gift: String,
    /// Its certificate.
    certificate: String,
    /// The project's code.
    project: String,
    /// The amount in fen.
    amount_fen: i64,
    /// What was given back of it, in fen.
    refunded_fen: i64,
    /// What became of it.
    standing: Standing,
    /// When it was paid.
    #[schema(value_type = String, format = DateTime)]
    paid_at: Instant,
    /// The business day.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
    /// The masked name, where one may be shown.
    name: Option<String>,
}

/// What a look-up found; nothing looks the same whether a gift is missing or a figure is wrong.
#[derive(Serialize, ToSchema)]
pub(super) struct LookedUp {
    /// The gifts that fit.
    items: Vec<FoundOut>,
    /// The moment of the answer.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
}

fn found(desk: &Desk, gift: &GiftFacts) -> FoundOut {
    let keys = &*desk.giving.services.keys;
    FoundOut {
        gift: public(keys, gift.id),
        certificate: public(keys, certificate_id(gift.id)),
        project: code_of(desk, gift.project),
        amount_fen: gift.amount.get(),
        refunded_fen: gift.refunded.get(),
        standing: gift.standing,
        paid_at: gift.paid_at,
        day: gift.business_day,
        name: gift.shown_name.clone(),
    }
}

fn code_of(desk: &Desk, project: kernel::ProjectId) -> String {
    desk.giving
        .intake
        .directory()
        .project(project)
        .map(|p| p.code.clone())
        .unwrap_or_default()
}

/// Looks up one's own gift. Rate limited; all that is asked must fit exactly.
#[utoipa::path(post, path = "/api/v1/lookup", tag = "public", request_body = LookUp,
    responses((status = 200, body = LookedUp), (status = 429, description = "asked too often")))]
pub(super) async fn look_up(
    State(desk): State<Desk>,
    client: ClientIp,
    Json(body): Json<LookUp>,
) -> Result<Json<LookedUp>, Problem> {
    desk.limiter.take(client.0, "lookup", LOOKUP)?;
    let services = &desk.giving.services;
    let as_of = services.now();
    let amount = Fen::new(body.amount_fen);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let gifts = match (body.trade_no, body.phone) {
        (Some(number), None) => {
            let accounts = governance::network::queries::all_accounts(&mut at)
                .await
                .map_err(of_db)?;
            let accounts: Vec<_> = accounts.iter().map(|account| (account.unit_id, account.id)).collect();
            let key = (number.trim(), amount, body.day);
            queries::by_trade_no(&mut at, &accounts, key)
                .await
                .map_err(of_db)?
                .into_iter()
                .collect()
        }
        (None, Some(phone)) => {
            let index = phone_index(&services.keys, &phone);
            queries::by_phone(&mut at, &index, amount, body.day)
                .await
                .map_err(of_db)?
        }
        _ => return Err(Problem::invalid("trade_no", "either trade_no or phone is expected")),
    };
    Ok(Json(LookedUp {
        items: gifts.iter().map(|gift| found(&desk, gift)).collect(),
        as_of,
    }))
}

/// A gift in a public list.
#[derive(Serialize, ToSchema)]
pub struct LatestOut {
    /// The project's code.
    pub project: String,
    /// The amount in fen.
    pub amount_fen: i64,
    /// When it was paid.
    #[schema(value_type = String, format = DateTime)]
    pub paid_at: Instant,
    /// The masked name; none for anonymous gifts.
    pub name: Option<String>,
}

/// One project of a campaign.
#[derive(Serialize, ToSchema)]
pub struct ProjectLine {
    /// The project's code.
    pub project: String,
    /// Its sums.
    #[serde(flatten)]
    pub sums: Sums,
}

/// One unit of a rank.
#[derive(Serialize, ToSchema)]
pub struct UnitLine {
    /// The unit's public id.
    pub unit: String,
    /// Its short name.
    pub name: String,
    /// 1, 2, 2, 4.
    pub rank: i64,
    /// Its sums.
    #[serde(flatten)]
    pub sums: Sums,
}

/// A campaign in figures.
#[derive(Serialize, ToSchema)]
pub struct CampaignTotals {
    /// The moment of the figures.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Instant,
    /// Sums, channels, days.
    #[serde(flatten)]
    pub totals: Totals,
    /// The projects, the largest sum first.
    pub projects: Vec<ProjectLine>,
    /// The units, by rank.
    pub units: Vec<UnitLine>,
    /// The latest gifts.
    pub latest: Vec<LatestOut>,
}

/// A project in figures.
#[derive(Serialize, ToSchema)]
pub struct ProjectTotals {
    /// The moment of the figures.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Instant,
    /// Sums, channels, days.
    #[serde(flatten)]
    pub totals: Totals,
    /// The latest gifts.
    pub latest: Vec<LatestOut>,
}

fn latest_out(desk: &Desk, latest: Vec<Latest>) -> Vec<LatestOut> {
    let out = |gift: Latest| LatestOut {
        project: code_of(desk, gift.project),
        amount_fen: gift.amount.get(),
        paid_at: gift.paid_at,
        name: gift.shown_name,
    };
    latest.into_iter().map(out).collect()
}

/// A campaign in figures, of one moment.
#[utoipa::path(get, path = "/api/v1/campaigns/{campaign}/totals", tag = "public",
    params(("campaign" = String, Path, description = "public id")), responses((status = 200, body = CampaignTotals)))]
pub(super) async fn campaign_totals(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(campaign): Path<String>,
) -> Result<Json<CampaignTotals>, Problem> {
    desk.limiter.take(client.0, "totals", PAGES)?;
    let services: &Services = &desk.giving.services;
    let campaign = id_of::<CampaignId>(services, &campaign)?;
    let as_of = services.now();
    let (scope, tree) = (Scope::Everything, &*services.tree);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    crate::campaigns::queries::campaign(&mut at, campaign)
        .await
        .map_err(of_db)?
        .ok_or_else(Problem::not_found)?;
    let of = Of::Campaign(campaign);
    let totals = totals::totals(&mut at, of, &scope, tree).await.map_err(of_db)?;
    let projects = totals::by_project(&mut at, of, &scope, tree).await.map_err(of_db)?;
    let units = totals::by_unit(&mut at, of, &scope, tree).await.map_err(of_db)?;
    let latest = queries::latest_of_campaign(&mut at, campaign, LATEST)
        .await
        .map_err(of_db)?;
    let mut names = governance::network::queries::short_names(&mut at)
        .await
        .map_err(of_db)?;
    let projects = projects.iter().map(|p| ProjectLine {
        project: code_of(&desk, p.project),
        sums: p.sums,
    });
    let units = units.iter().map(|u| UnitLine {
        unit: public(&*services.keys, u.unit),
        name: names.remove(&u.unit).unwrap_or_default(),
        rank: u.rank,
        sums: u.sums,
    });
    let (projects, units) = (projects.collect(), units.collect());
    Ok(Json(CampaignTotals {
        as_of,
        totals,
        projects,
        units,
        latest: latest_out(&desk, latest),
    }))
}

/// A project in figures, of one moment.
#[utoipa::path(get, path = "/api/v1/projects/{project}/totals", tag = "public",
    params(("project" = String, Path, description = "code")), responses((status = 200, body = ProjectTotals)))]
pub(super) async fn project_totals(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(project): Path<String>,
) -> Result<Json<ProjectTotals>, Problem> {
    desk.limiter.take(client.0, "totals", PAGES)?;
    let services: &Services = &desk.giving.services;
    let as_of = services.now();
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let project = crate::projects::queries::project_by_code(&mut at, &project)
        .await
        .map_err(of_db)?;
    let project = project.ok_or_else(Problem::not_found)?.id;
    let of = Of::Project(project);
    let totals = totals::totals(&mut at, of, &Scope::Everything, &services.tree)
        .await
        .map_err(of_db)?;
    let latest = queries::latest_of_project(&mut at, project, LATEST)
        .await
        .map_err(of_db)?;
    Ok(Json(ProjectTotals {
        as_of,
        totals,
        latest: latest_out(&desk, latest),
    }))
}
