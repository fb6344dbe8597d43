//! JSON of the network: units are public to read; accounts and every change are for staff.

mod changes;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, public};
use kernel::{BusinessDay, Channel, Instant, ReceivingAccountId, RegionCode, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, Scope};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions::{self, Branding, OpenedAccount};
use super::holdings::Holdings;
use super::model::{Account, Books, Certificate, CertificateStatus, NewAccount, NewUnit, Unit, UnitState};
use super::queries::{self, UnitFilter, UnitView};

/// Who needs the list of accounts: also those who enter gifts, set up pools or read gifts. Numbers in it are masked.
const LISTING: &[Permission] = &[
    Permission::AccountManage,
    Permission::GiftRecord,
    Permission::MatchManage,
    Permission::GiftRead,
];

/// The routes of this slice; what a unit has open is asked before it is closed.
pub fn routes(holdings: &Arc<dyn Holdings>) -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .merge(changes::routes(holdings))
        .public(routes!(list_units))
        .public(routes!(get_unit))
        .staff(Permission::UnitManage, routes!(create_unit))
        .staff(Permission::UnitManage, routes!(change_unit))
        .staff(Permission::UnitManage, routes!(set_certificate))
        .staff_any(LISTING, routes!(list_accounts))
        .staff(Permission::AccountManage, routes!(add_account))
        .staff(Permission::AccountManage, routes!(rename_account))
        .staff(Permission::AccountManage, routes!(rotate_secret))
        .staff(Permission::AccountManage, routes!(close_account))
}

/// A unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitOut {
    /// Public id.
    pub id: String,
    /// The public id of the unit above.
    pub parent: Option<String>,
    /// The full name.
    pub name: String,
    /// A short name for tables.
    pub short_name: String,
    /// GB/T 2260 code, nine digits for a township.
    #[schema(value_type = String)]
    pub region_code: RegionCode,
    /// province, city, county or township.
    #[schema(value_type = String)]
    pub level: kernel::RegionLevel,
    /// Whose books its gifts stand in.
    pub books: Books,
    /// `#rrggbb`.
    pub brand_color: String,
    /// How the public reaches it.
    pub contact: String,
    /// The telephone donors may call; empty: none is named.
    pub phone: String,
    /// The office's address; empty: none is named.
    pub address: String,
    /// Whether it has a seal image of its own.
    pub has_seal: bool,
    /// When it was closed.
    #[schema(value_type = Option<String>)]
    pub closed_at: Option<Instant>,
}

/// A certificate for public fundraising, in and out.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CertificateIo {
    /// Its number.
    pub number: String,
    /// The authority that gave it.
    pub issuer: String,
    /// The first day.
    #[schema(value_type = String)]
    pub valid_from: BusinessDay,
    /// The last day.
    #[schema(value_type = String)]
    pub valid_to: BusinessDay,
    /// Whether it may be used.
    pub status: CertificateStatus,
    /// The day from which the status holds.
    #[schema(value_type = String)]
    pub status_since: BusinessDay,
}

/// A unit with those above it and its certificates.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitDetailOut {
    /// The unit.
    #[serde(flatten)]
    pub unit: UnitOut,
    /// Those above it, the nearest first.
    pub above: Vec<UnitOut>,
    /// Its certificates, the latest first.
    pub certificates: Vec<CertificateIo>,
}

/// A new unit.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateUnit {
    /// The public id of the unit above.
    pub parent: String,
    /// The full name.
    pub name: String,
    /// A short name for tables; the full name when nothing is said.
    #[serde(default)]
    pub short_name: String,
    /// GB/T 2260 code, nine digits for a township.
    #[schema(value_type = String)]
    pub region_code: RegionCode,
    /// Whose books.
    pub books: Books,
    /// `#rrggbb`.
    #[serde(default)]
    pub brand_color: String,
    /// How the public reaches it.
    #[serde(default)]
    pub contact: String,
}

/// What changes of a unit; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangeUnit {
    /// The full name; only together with the short one.
    pub name: Option<String>,
    /// A short name.
    pub short_name: Option<String>,
    /// `#rrggbb`.
    pub brand_color: Option<String>,
    /// How the public reaches it.
    pub contact: Option<String>,
    /// The telephone donors may call; empty takes it away.
    pub phone: Option<String>,
    /// The office's address; empty takes it away.
    pub address: Option<String>,
}

/// A receiving account; its secret is never among this.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountOut {
    /// Public id.
    pub id: String,
    /// The public id of its unit.
    pub unit: String,
    /// The way gifts come in.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// A name for people.
    pub name: String,
    /// The word in `/api/v1/notices/{account}`.
    pub code: String,
    /// The number with its middle masked.
    pub masked_number: String,
    /// The first day.
    #[schema(value_type = String)]
    pub opened_on: BusinessDay,
    /// When it was closed.
    #[schema(value_type = Option<String>)]
    pub closed_at: Option<Instant>,
}

/// A new receiving account.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AddAccount {
    /// The public id of its unit.
    pub unit: String,
    /// wechat, alipay, unionpay, bank, cash, platform, notice or other.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// A name for people.
    pub name: String,
    /// 2 to 32 of a-z, 0-9 and -.
    pub code: String,
    /// The account number; only its masked form is kept.
    #[serde(default)]
    pub number: String,
    /// The first day; today when nothing is said.
    #[schema(value_type = Option<String>)]
    pub opened_on: Option<BusinessDay>,
}

/// What changes of an account.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RenameAccount {
    /// A name for people: one line of 1 to 60 characters.
    pub name: String,
}

/// An account with the secret that signs its notices: the only time it is shown.
#[derive(Serialize, ToSchema)]
pub struct OpenedAccountOut {
    /// The account.
    #[serde(flatten)]
    pub account: AccountOut,
    /// The secret: keep it, it cannot be shown again.
    pub notice_secret: String,
}

/// `?limit=&cursor=&parent=&closed=`.
#[derive(Debug, Deserialize)]
struct UnitsQuery {
    limit: Option<u16>,
    cursor: Option<String>,
    parent: Option<String>,
    closed: Option<bool>,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn unit_field(s: &Services, field: &str, text: &str) -> Result<UnitId, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(field, error))
}

fn unit_out(s: &Services, unit: Unit) -> UnitOut {
    UnitOut {
        id: public(&*s.keys, unit.id),
        parent: unit.parent.map(|p| public(&*s.keys, p)),
        name: unit.name,
        short_name: unit.short_name,
        level: unit.region.level(),
        region_code: unit.region,
        books: unit.books,
        brand_color: unit.brand_color,
        contact: unit.contact,
        phone: unit.phone,
        address: unit.address,
        has_seal: unit.seal.is_some(),
        closed_at: match unit.state {
            UnitState::Open => None,
            UnitState::Closed { at } => Some(at),
        },
    }
}

fn detail_out(s: &Services, view: UnitView) -> UnitDetailOut {
    let certificate = |c: Certificate| CertificateIo {
        number: c.number,
        issuer: c.issuer,
        valid_from: c.valid_from,
        valid_to: c.valid_to,
        status: c.status,
        status_since: c.status_since,
    };
    UnitDetailOut {
        unit: unit_out(s, view.unit),
        above: view.above.into_iter().map(|u| unit_out(s, u)).collect(),
        certificates: view.certificates.into_iter().map(certificate).collect(),
    }
}

fn account_out(s: &Services, account: Account) -> AccountOut {
    AccountOut {
        id: public(&*s.keys, account.id),
        unit: public(&*s.keys, account.unit),
        channel: account.channel,
        name: account.name,
        code: account.code,
        masked_number: account.masked_number,
        opened_on: account.opened_on,
        closed_at: account.closed_at,
    }
}

fn opened_out(s: &Services, opened: OpenedAccount) -> OpenedAccountOut {
    OpenedAccountOut {
        account: account_out(s, opened.account),
        notice_secret: opened.secret,
    }
}

/// The units of the installation.
#[utoipa::path(get, path = "/api/v1/units", tag = "network",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query),
        ("parent" = Option<String>, Query, description = "only those right below this unit"),
        ("closed" = Option<bool>, Query, description = "closed ones too; without it those that work alone")),
    responses((status = 200, body = Listing<UnitOut>)))]
async fn list_units(
    State(s): State<Services>,
    Query(query): Query<UnitsQuery>,
) -> Result<Json<Listing<UnitOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<(RegionCode, String)> = page.after()?;
    let filter = UnitFilter {
        parent: query.parent.map(|p| unit_field(&s, "parent", &p)).transpose()?,
        after: after
            .map(|(region, text)| Ok::<_, Problem>((region, id_of(&s, &text)?)))
            .transpose()?,
        with_closed: query.closed.unwrap_or(false),
    };
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let units = queries::units(&mut at, &Scope::Everything, &s.tree, &filter, limit as i64 + 1).await;
    let items = units
        .map_err(|e| problems::of_db(&e))?
        .into_iter()
        .map(|u| unit_out(&s, u))
        .collect();
    Ok(Json(Listing::cut(items, limit, |unit: &UnitOut| {
        (unit.region_code, unit.id.clone())
    })))
}

/// One unit.
#[utoipa::path(get, path = "/api/v1/units/{unit}", tag = "network", params(("unit" = String, Path)),
    responses((status = 200, body = UnitDetailOut)))]
async fn get_unit(State(s): State<Services>, Path(unit): Path<String>) -> Result<Json<UnitDetailOut>, Problem> {
    let id = id_of(&s, &unit)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let view = queries::unit_view(&mut at, id).await.map_err(|e| problems::of_db(&e))?;
    Ok(Json(detail_out(&s, view.ok_or_else(Problem::not_found)?)))
}

/// Enters a unit below another.
#[utoipa::path(post, path = "/api/v1/units", tag = "network", request_body = CreateUnit,
    responses((status = 201, body = UnitOut)))]
async fn create_unit(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<CreateUnit>,
) -> Result<(StatusCode, Json<UnitOut>), Problem> {
    let new = NewUnit {
        parent: Some(unit_field(&s, "parent", &body.parent)?),
        name: body.name,
        short_name: body.short_name,
        region: body.region_code,
        books: body.books,
        brand_color: body.brand_color,
        contact: body.contact,
    };
    let unit = actions::create_unit(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, Json(unit_out(&s, unit))))
}

/// Renames a unit (name and short name together) or sets how it looks and is reached; one of the two a call.
#[utoipa::path(patch, path = "/api/v1/units/{unit}", tag = "network", params(("unit" = String, Path)),
    request_body = ChangeUnit, responses((status = 200, body = UnitOut)))]
async fn change_unit(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<ChangeUnit>,
) -> Result<Json<UnitOut>, Problem> {
    let id = id_of(&s, &unit)?;
    let reach = [&body.contact, &body.phone, &body.address];
    let looks = body.brand_color.is_some() || reach.iter().any(|text| text.is_some());
    let unit = match (body.name, body.short_name) {
        (Some(name), Some(short)) if !looks => actions::rename_unit(&s, &actor, id, &name, &short).await?,
        (None, None) if looks => {
            let change = Branding {
                brand_color: body.brand_color,
                contact: body.contact,
                phone: body.phone,
                address: body.address,
                ..Branding::default()
            };
            actions::brand_unit(&s, &actor, id, change).await?
        }
        _ => {
            return Err(Problem::invalid(
                "name",
                "name and short_name, or brand_color, contact, phone and address",
            ));
        }
    };
    Ok(Json(unit_out(&s, unit)))
}

/// Records a certificate for public fundraising, or corrects the one of the same number.
#[utoipa::path(put, path = "/api/v1/units/{unit}/certificate", tag = "network", params(("unit" = String, Path)),
    request_body = CertificateIo, responses((status = 204)))]
async fn set_certificate(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<CertificateIo>,
) -> Result<StatusCode, Problem> {
    let certificate = Certificate {
        number: body.number,
        issuer: body.issuer,
        valid_from: body.valid_from,
        valid_to: body.valid_to,
        status: body.status,
        status_since: body.status_since,
    };
    actions::set_certificate(&s, &actor, id_of(&s, &unit)?, &certificate).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The receiving accounts of my units.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "network",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<AccountOut>)))]
async fn list_accounts(
    State(s): State<Services>,
    actor: Actor,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<AccountOut>>, Problem> {
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<ReceivingAccountId>(&s, &text)).transpose()?;
    let scope = actor.scope_for_any(LISTING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let accounts = queries::accounts(&mut at, &scope, &s.tree, after, limit as i64 + 1).await;
    let items = accounts
        .map_err(|e| problems::of_db(&e))?
        .into_iter()
        .map(|a| account_out(&s, a))
        .collect();
    Ok(Json(Listing::cut(items, limit, |account: &AccountOut| {
        account.id.clone()
    })))
}

/// Opens a receiving account; the answer is the only place where its secret is shown.
#[utoipa::path(post, path = "/api/v1/accounts", tag = "network", request_body = AddAccount,
    responses((status = 201, body = OpenedAccountOut)))]
async fn add_account(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<AddAccount>,
) -> Result<(StatusCode, Json<OpenedAccountOut>), Problem> {
    let new = NewAccount {
        unit: unit_field(&s, "unit", &body.unit)?,
        channel: body.channel,
        name: body.name,
        code: body.code,
        number: body.number,
        opened_on: body.opened_on.unwrap_or_else(|| s.now().business_day()),
    };
    let opened = actions::add_account(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, Json(opened_out(&s, opened))))
}

/// Gives an account another name for people; its code stays.
#[utoipa::path(patch, path = "/api/v1/accounts/{account}", tag = "network", params(("account" = String, Path)),
    request_body = RenameAccount, responses((status = 200, body = AccountOut)))]
async fn rename_account(
    State(s): State<Services>,
    actor: Actor,
    Path(account): Path<String>,
    Json(body): Json<RenameAccount>,
) -> Result<Json<AccountOut>, Problem> {
    let account = actions::rename_account(&s, &actor, id_of(&s, &account)?, &body.name).await?;
    Ok(Json(account_out(&s, account)))
}

/// Gives an account another secret; the old one is worth nothing at once.
#[utoipa::path(post, path = "/api/v1/accounts/{account}/secret", tag = "network", params(("account" = String, Path)),
    responses((status = 200, body = OpenedAccountOut)))]
async fn rotate_secret(
    State(s): State<Services>,
    actor: Actor,
    Path(account): Path<String>,
) -> Result<Json<OpenedAccountOut>, Problem> {
    let opened = actions::rotate_secret(&s, &actor, id_of(&s, &account)?).await?;
    Ok(Json(opened_out(&s, opened)))
}

/// Closes an account.
#[utoipa::path(post, path = "/api/v1/accounts/{account}/close", tag = "network", params(("account" = String, Path)),
    responses((status = 204)))]
async fn close_account(
    State(s): State<Services>,
    actor: Actor,
    Path(account): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::close_account(&s, &actor, id_of(&s, &account)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
