//! The adapters in memory, by account.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use db::DbError;
use giving::State as Giving;
use giving::donations::orders::{Connected, Gateway, GatewayError, Provider};
use kernel::ReceivingAccountId;
use kernel::id::Id as _;
use platform::identity::{Actor, Permission};

use super::Tools;
use super::alipay::Alipay;
use super::settings::actions::SettingsError;
use super::settings::{self, GatewaySettings, NewGateway, store};
use super::wechat::Wechat;

/// An adapter by its provider: what the notice routes need beyond the port.
#[derive(Clone)]
pub enum Adapter {
    /// WeChat Pay.
    Wechat(Arc<Wechat>),
    /// Alipay.
    Alipay(Arc<Alipay>),
}

impl Adapter {
    fn new(settings: GatewaySettings, notice_url: String, tools: &Tools) -> Result<Self, GatewayError> {
        match settings.provider {
            Provider::Wechat => Ok(Self::Wechat(Wechat::new(settings, notice_url, tools)?)),
            Provider::Alipay => Ok(Self::Alipay(Alipay::new(&settings, notice_url, tools)?)),
        }
    }
    fn gateway(&self) -> Arc<dyn Gateway> {
        match self {
            Self::Wechat(wechat) => Arc::clone(wechat) as Arc<dyn Gateway>,
            Self::Alipay(alipay) => Arc::clone(alipay) as Arc<dyn Gateway>,
        }
    }
}

/// The payment providers of a running program. Cheap to clone.
#[derive(Clone)]
pub struct Payments {
    /// Where gifts go in, with the gateways that this loads.
    pub giving: Giving,
    /// The world.
    pub tools: Tools,
    adapters: Arc<RwLock<HashMap<ReceivingAccountId, Adapter>>>,
    // What was loaded last, so that adapters live on (with what they know of certificates) while nothing changed.
    seen: Arc<RwLock<String>>,
}

impl Payments {
    /// Nothing connected yet; see [`Payments::load`].
    pub fn new(giving: Giving, tools: Tools) -> Self {
        Self {
            giving,
            tools,
            adapters: Arc::default(),
            seen: Arc::default(),
        }
    }

    /// Connects a unit with a provider, or changes how, and works with it at once. The keys are tried first, so that what
    /// works is never replaced by what cannot.
    ///
    /// # Errors
    /// [`SettingsError`]; nothing was changed, but for an account that may have been opened for it.
    pub async fn connect(&self, by: &Actor, new: &NewGateway) -> Result<ReceivingAccountId, SettingsError> {
        let services = &self.tools.services;
        by.require(Permission::AccountManage, new.unit)?;
        settings::actions::check(new)?;
        let tried = GatewaySettings {
            unit: new.unit,
            provider: new.provider,
            account: ReceivingAccountId::from_bytes([0; 16]),
            merchant_no: new.merchant_no.clone(),
            app_id: new.app_id.clone(),
            endpoint: new.endpoint.clone(),
            key_serial: new.key_serial.clone(),
            secrets: new.secrets.clone(),
            platform_keys: new.platform_keys.clone(),
        };
        Adapter::new(tried, String::new(), &self.tools)?;
        let account = settings::set(services, by, new).await?;
        self.giving.intake.directory().reload(services).await?;
        self.load().await?;
        Ok(account)
    }

    /// Reads the settings and connects. A gateway whose settings do not fit is logged and left out; the others work.
    ///
    /// # Errors
    /// Any [`DbError`]; what was connected stays.
    pub async fn load(&self) -> Result<(), DbError> {
        let services = &self.tools.services;
        let mut at = services.db.snapshot().await?;
        let version = store::version(&mut at).await?;
        if *self.seen.read().unwrap_or_else(PoisonError::into_inner) == version {
            return Ok(());
        }
        let all = store::all(&mut at, services).await?;
        drop(at);
        let mut adapters = HashMap::new();
        let mut connected = Vec::new();
        for settings in all {
            let (unit, account, provider) = (settings.unit, settings.account, settings.provider);
            let Some(notice_url) = self.notice_url(account, provider) else {
                continue;
            };
            match Adapter::new(settings, notice_url, &self.tools) {
                Ok(adapter) => {
                    let gateway = adapter.gateway();
                    connected.push(Connected { unit, account, gateway });
                    adapters.insert(account, adapter);
                }
                Err(error) => tracing::error!(provider = provider.as_str(), %error, "a payment gateway is left out"),
            }
        }
        *self.adapters.write().unwrap_or_else(PoisonError::into_inner) = adapters;
        self.giving.gateways.set(connected);
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = version;
        Ok(())
    }

    /// Where the provider sends its notices.
    fn notice_url(&self, account: ReceivingAccountId, provider: Provider) -> Option<String> {
        let account = self.giving.intake.directory().account(account)?;
        let base = self.tools.services.base_url.trim_end_matches('/');
        Some(format!(
            "{base}/api/v1/payments/{}/{}/notice",
            provider.as_str(),
            account.code
        ))
    }

    /// The adapter of an account.
    pub fn adapter(&self, account: ReceivingAccountId) -> Option<Adapter> {
        let adapters = self.adapters.read().unwrap_or_else(PoisonError::into_inner);
        adapters.get(&account).cloned()
    }
}
