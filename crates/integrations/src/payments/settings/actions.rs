//! Setting a unit's gateway; keeping the keys that a provider published.

use db::DbError;
use giving::donations::orders::{GatewayError, Provider};
use governance::network::{NetworkError, NewAccount, actions as network};
use kernel::id::{Id as _, hex};
use kernel::{ReceivingAccountId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Forbidden, Permission};
use serde_json::json;
use web::Problem;

use super::model::{NewGateway, PlatformKey};
use super::store;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["payment.gateway_set", "payment.keys_renewed"];

/// Why a gateway was not set. Nothing was changed, but for an account that may have been opened for it.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The actor may not.
    #[error("{0}")]
    Forbidden(#[from] Forbidden),
    /// No such account, or of another unit or channel.
    #[error("{0} is no open account of this unit for this provider")]
    Account(String),
    /// A field.
    #[error("{field}: {why}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is expected; never what stands there.
        why: &'static str,
    },
    /// The keys cannot be used.
    #[error("{0}")]
    Keys(#[from] GatewayError),
    /// The account could not be opened.
    #[error("{0}")]
    Network(#[from] NetworkError),
    /// The database.
    #[error("{0}")]
    Db(#[from] DbError),
}

impl SettingsError {
    /// As a client hears it.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::Account(_) => Problem::invalid("account", self),
            Self::Field { field, why } => Problem::invalid(field, why),
            Self::Keys(error) => Problem::invalid("private_key", error),
            Self::Network(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

/// Connects a unit with a provider, or changes how; needs [`Permission::AccountManage`]. Fact `payment.gateway_set`.
///
/// # Errors
/// [`SettingsError`].
pub async fn set(services: &Services, by: &Actor, new: &NewGateway) -> Result<ReceivingAccountId, SettingsError> {
    by.require(Permission::AccountManage, new.unit)?;
    check(new)?;
    let account = account_of(services, by, new).await?;
    let mut tx = services.db.begin().await?;
    store::upsert(&mut tx, new, account, (by.id, services)).await?;
    if new.provider == Provider::Alipay {
        // A key that Alipay took out of use must not be believed any more; WeChat's are fetched and end by themselves.
        store::delete_keys(&mut tx, (new.unit, new.provider)).await?;
    }
    for key in &new.platform_keys {
        store::upsert_key(&mut tx, (new.unit, new.provider), key, services.now()).await?;
    }
    let body = json!({
        "provider": new.provider,
        "account": hex(&account.bytes()),
        "merchant_no": new.merchant_no,
        "key_serial": new.key_serial,
        "platform_keys": new.platform_keys.iter().map(|key| &key.serial).collect::<Vec<_>>(),
    });
    let fact = NewFact {
        unit: new.unit,
        kind: "payment.gateway_set",
        subject: account.bytes(),
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(account)
}

/// Looks at the fields, before anything is kept.
pub(in crate::payments) fn check(new: &NewGateway) -> Result<(), SettingsError> {
    let plain = |text: &str| !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_graphic());
    let wrong = |field, why| Err(SettingsError::Field { field, why });
    if !plain(&new.merchant_no) {
        return wrong("merchant", "the merchant number is 1 to 64 letters and digits");
    }
    if !plain(&new.app_id) {
        return wrong("app", "the application number is 1 to 64 letters and digits");
    }
    let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    if !new.endpoint.starts_with("https://") && !local.iter().any(|begin| new.endpoint.starts_with(begin)) {
        return wrong(
            "endpoint",
            "the endpoint begins with https://, or is a sandbox on this machine",
        );
    }
    if new.provider == Provider::Wechat {
        if new.secrets.api_key.len() != 32 {
            return wrong("api_key", "the API v3 key has 32 characters");
        }
        if !new.secrets.app_secret.is_empty() && !plain(&new.secrets.app_secret) {
            return wrong("app_secret", "the official account’s secret is 32 letters and digits");
        }
        if !plain(&new.key_serial) {
            return wrong("serial", "the serial number of the merchant certificate is missing");
        }
    }
    Ok(())
}

/// The named account, the unit's open one of the channel, or a new one.
async fn account_of(services: &Services, by: &Actor, new: &NewGateway) -> Result<ReceivingAccountId, SettingsError> {
    let channel = new.provider.channel();
    let mut at = services.db.snapshot().await?;
    let found = match &new.account {
        Some(code) => {
            let found = governance::network::store::account_by_code(&mut at, code).await?;
            let fits = found.filter(|a| a.unit_id == new.unit && a.channel == channel && a.closed_at.is_none());
            Some(fits.ok_or_else(|| SettingsError::Account(code.clone()))?.id)
        }
        None => governance::network::store::account_for_channel(&mut at, new.unit, channel)
            .await?
            .map(|account| account.id),
    };
    drop(at);
    if let Some(found) = found {
        return Ok(found);
    }
    let account = NewAccount {
        unit: new.unit,
        channel,
        name: channel.name_zh().to_owned(),
        code: format!("{}-{}", channel.as_str(), new.merchant_no.to_ascii_lowercase()),
        number: new.merchant_no.clone(),
        opened_on: services.now().business_day(),
    };
    Ok(network::add_account(services, by, account).await?.account.id)
}

/// Keeps keys that a provider published under our own key. Fact `payment.keys_renewed`.
///
/// # Errors
/// Any [`DbError`].
pub async fn keep_platform_keys(
    services: &Services,
    (unit, provider): (UnitId, Provider),
    keys: &[PlatformKey],
) -> Result<(), DbError> {
    let mut tx = services.db.begin().await?;
    for key in keys {
        store::upsert_key(&mut tx, (unit, provider), key, services.now()).await?;
    }
    let body = json!({ "provider": provider, "serials": keys.iter().map(|key| &key.serial).collect::<Vec<_>>() });
    let fact = NewFact {
        unit,
        kind: "payment.keys_renewed",
        subject: unit.bytes(),
        actor: None,
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
