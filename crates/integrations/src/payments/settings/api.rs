//! Which provider serves which unit, over HTTP. Keys go in and never come out: what is shown of one is a fingerprint.

use axum::Extension;
use axum::extract::{Path, State};
use giving::donations::orders::Provider;
use kernel::UnitId;
use kernel::id::{from_public, public};
use platform::Services;
use platform::identity::{Actor, GuardedRoutes as _, Permission};
use platform::problems::of_db;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Listing, Problem};

use super::actions::SettingsError;
use super::model::{NewGateway, PlatformKey, Secrets};
use super::queries::{self, Shown};
use crate::payments::alipay::{self, TrustSettings};
use crate::payments::keys::{self, BadKey};
use crate::payments::registry::Payments;
use crate::payments::wechat;

/// The routes; they carry the providers themselves.
pub fn routes(payments: &Payments) -> OpenApiRouter<Services> {
    let at = |routes: UtoipaMethodRouter<Payments>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(payments.clone()))
    };
    OpenApiRouter::new()
        .staff(Permission::AccountManage, at(routes!(list_gateways)))
        .staff(Permission::AccountManage, at(routes!(put_wechat)))
        .staff(Permission::AccountManage, at(routes!(put_alipay)))
}

/// A unit and its provider; never a key.
#[derive(Serialize, ToSchema)]
struct GatewayOut {
    /// The unit's public id.
    unit: String,
    /// The account's code.
    account: String,
    /// `wechat` or `alipay`.
    provider: String,
    /// Our number with the provider (`mchid`, PID).
    merchant: String,
    /// Number of the official account or application.
    app: String,
    /// Serial number of our certificate (WeChat Pay).
    serial: String,
    /// The front of the private key's SHA-256: tells keys apart.
    key: String,
    /// Whether it is the provider itself; otherwise a sandbox, with no money behind it.
    is_real: bool,
    /// Whether it works: its keys could be used.
    is_connected: bool,
}

fn shown(payments: &Payments, one: Shown) -> GatewayOut {
    let account = payments.giving.intake.directory().account(one.account);
    let official = match one.provider {
        Provider::Wechat => wechat::OFFICIAL_URL,
        Provider::Alipay => alipay::GATEWAY_URL,
    };
    GatewayOut {
        unit: public(&*payments.tools.services.keys, one.unit),
        account: account.map(|a| a.code.clone()).unwrap_or_default(),
        provider: one.provider.as_str().to_owned(),
        merchant: one.merchant_no,
        app: one.app_id,
        serial: one.key_serial,
        key: one.key_fingerprint,
        is_real: one.endpoint == official,
        is_connected: payments.adapter(one.account).is_some(),
    }
}

/// Which providers are connected for which units.
#[utoipa::path(get, path = "/api/v1/payments/gateways", tag = "payments",
    responses((status = 200, body = Listing<GatewayOut>)))]
async fn list_gateways(
    State(payments): State<Payments>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<Listing<GatewayOut>>, Problem> {
    let services = &payments.tools.services;
    let scope = actor.scope_for(Permission::AccountManage);
    let mut at = services.db.snapshot().await.map_err(|e| of_db(&e))?;
    let all = queries::all(&mut at, services).await.map_err(|e| of_db(&e))?;
    let visible = all.into_iter().filter(|each| scope.contains(each.unit, &services.tree));
    let items = visible.map(|each| shown(&payments, each)).collect();
    Ok(Json(Listing::cut(items, usize::MAX, |row: &GatewayOut| {
        row.account.clone()
    })))
}

/// How a unit is connected with WeChat Pay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WechatIn {
    /// Code of the receiving account; the unit's open one of this channel, or a new one, when absent.
    #[serde(default)]
    account: Option<String>,
    /// The merchant number.
    merchant: String,
    /// Number of the official account.
    app: String,
    /// Serial number of the merchant certificate.
    serial: String,
    /// The merchant's private key, PEM (`apiclient_key.pem`).
    private_key: String,
    /// The API v3 key, 32 characters.
    api_key: String,
    /// The official account's secret; without it nobody can pay inside WeChat.
    #[serde(default)]
    app_secret: String,
    /// WeChat Pay's public key with its number, for merchants that use it instead of certificates.
    #[serde(default)]
    platform_key: Option<WechatKeyIn>,
}

/// WeChat Pay's public key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WechatKeyIn {
    /// `PUB_KEY_ID_…`.
    id: String,
    /// PEM.
    key: String,
}

/// How a unit is connected with Alipay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AlipayIn {
    /// Code of the receiving account; the unit's open one of this channel, or a new one, when absent.
    #[serde(default)]
    account: Option<String>,
    /// The application's number (APPID).
    app: String,
    /// The number of the account that receives the money (PID, 2088…).
    seller: String,
    /// The application's private key (应用私钥), PEM or bare.
    private_key: String,
    /// Whose signatures are believed.
    trust: TrustSettings,
}

/// Connects a unit with WeChat Pay, or changes how. The keys are tried before anything is kept. Where the unit rehearses
/// with a sandbox (`qiao payments set --endpoint`) it stays there; otherwise it is WeChat Pay itself.
#[utoipa::path(put, path = "/api/v1/payments/gateways/{unit}/wechat", tag = "payments", params(("unit" = String, Path)),
    request_body = WechatIn, responses((status = 200, body = GatewayOut)))]
async fn put_wechat(
    State(payments): State<Payments>,
    Extension(actor): Extension<Actor>,
    Path(unit): Path<String>,
    Json(body): Json<WechatIn>,
) -> Result<Json<GatewayOut>, Problem> {
    let unit = unit_of(&payments, &actor, &unit)?;
    let platform_keys = match body.platform_key {
        Some(given) => vec![PlatformKey {
            public_key: keys::public_key(&given.key)
                .map_err(|BadKey(why)| Problem::invalid("platform_key.key", why))?,
            serial: given.id,
            valid_from: None,
            valid_to: None,
        }],
        None => Vec::new(),
    };
    let new = NewGateway {
        unit,
        provider: Provider::Wechat,
        account: body.account,
        merchant_no: body.merchant,
        app_id: body.app,
        endpoint: standing(&payments, (unit, Provider::Wechat), wechat::OFFICIAL_URL).await?,
        key_serial: body.serial,
        secrets: Secrets {
            private_key: body.private_key,
            api_key: body.api_key,
            app_secret: body.app_secret,
            alipay: None,
        },
        platform_keys,
    };
    connect(&payments, &actor, &new).await
}

/// Connects a unit with Alipay, or changes how; otherwise as for WeChat Pay. `trust` is
/// `{"mode":"public_key","alipay_public_keys":[…]}` or
/// `{"mode":"certificate","app_cert":…,"alipay_certs":[…],"alipay_root_cert":…}`.
#[utoipa::path(put, path = "/api/v1/payments/gateways/{unit}/alipay", tag = "payments", params(("unit" = String, Path)),
    request_body = AlipayIn, responses((status = 200, body = GatewayOut)))]
async fn put_alipay(
    State(payments): State<Payments>,
    Extension(actor): Extension<Actor>,
    Path(unit): Path<String>,
    Json(body): Json<AlipayIn>,
) -> Result<Json<GatewayOut>, Problem> {
    let unit = unit_of(&payments, &actor, &unit)?;
    let settings = alipay::Settings {
        app_id: body.app,
        seller_id: body.seller,
        app_private_key: body.private_key,
        trust: body.trust,
        gateway: standing(&payments, (unit, Provider::Alipay), alipay::GATEWAY_URL).await?,
    };
    let new = settings
        .gateway(unit, body.account)
        .map_err(|error| Problem::invalid(error.field, error.why))?;
    connect(&payments, &actor, &new).await
}

/// The unit of an address; one that the actor has no say in is nothing here.
fn unit_of(payments: &Payments, actor: &Actor, text: &str) -> Result<UnitId, Problem> {
    let services = &payments.tools.services;
    let unit = from_public(&*services.keys, text).map_err(|_| Problem::not_found())?;
    let scope = actor.scope_for(Permission::AccountManage);
    if scope.contains(unit, &services.tree) {
        Ok(unit)
    } else {
        Err(Problem::not_found())
    }
}

/// Where the unit's provider is asked now, else the provider's own address: an address of one's choice is set on the
/// machine only, since the house sends signed requests there.
async fn standing(payments: &Payments, of: (UnitId, Provider), official: &str) -> Result<String, Problem> {
    let services = &payments.tools.services;
    let mut at = services.db.snapshot().await.map_err(|e| of_db(&e))?;
    let all = queries::all(&mut at, services).await.map_err(|e| of_db(&e))?;
    let stands = all.into_iter().find(|one| (one.unit, one.provider) == of);
    Ok(stands.map_or_else(|| official.to_owned(), |one| one.endpoint))
}

async fn connect(payments: &Payments, actor: &Actor, new: &NewGateway) -> Result<Json<GatewayOut>, Problem> {
    let account = payments.connect(actor, new).await.map_err(SettingsError::problem)?;
    let services = &payments.tools.services;
    let mut at = services.db.snapshot().await.map_err(|e| of_db(&e))?;
    let all = queries::all(&mut at, services).await.map_err(|e| of_db(&e))?;
    let kept = all
        .into_iter()
        .find(|one| one.account == account && one.unit == new.unit);
    kept.map(|one| Json(shown(payments, one))).ok_or_else(Problem::internal)
}
