//! `qiao payments`: which payment provider serves which unit; comparing a day's bill.

use std::path::{Path, PathBuf};

use giving::donations::orders::Provider;
use giving::donations::orders::payments::reconcile;
use integrations::payments::alipay::Settings;
use integrations::payments::keys;
use integrations::payments::settings::{NewGateway, PlatformKey, Secrets};
use kernel::BusinessDay;
use kernel::id::public;
use platform::identity::Actor;
use serde_json::json;

use super::user::unit;
use crate::app::App;
use crate::output::{Done, Failure, Out};

/// A key file is some kilobytes.
const KEY_BYTES_MAX: u64 = 64 * 1024;

/// What to do with payments.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Connect a unit with a payment provider. Keys are read from files, sealed, and never shown again.
    Set(Box<Set>),
    /// Connect a unit with Alipay: numbers, keys and certificates from one JSON file, sealed, and never shown again.
    Alipay {
        /// The file: `app_id`, `seller_id`, `app_private_key`, `trust` and, for a sandbox, `gateway`.
        file: PathBuf,
        /// The unit's public id; by default the one made by `init`.
        #[arg(long)]
        unit: Option<String>,
        /// Code of the receiving account; by default the unit's Alipay account, which is opened when missing.
        #[arg(long)]
        account: Option<String>,
    },
    /// List what is connected.
    List,
    /// Compare a day's bill with the gifts; what notices missed comes in.
    Reconcile {
        /// The day, YYYY-MM-DD; by default yesterday.
        #[arg(long)]
        day: Option<String>,
    },
}

/// How a unit is connected.
#[derive(clap::Args)]
pub struct Set {
    /// The unit's public id; by default the one made by `init`.
    #[arg(long)]
    unit: Option<String>,
    /// `wechat` or `alipay`.
    #[arg(long)]
    provider: Provider,
    /// Code of the receiving account; by default the unit's account of this provider, which is opened when missing.
    #[arg(long)]
    account: Option<String>,
    /// Our number with the provider: mchid, or the seller's id.
    #[arg(long)]
    merchant: String,
    /// Number of the official account or application.
    #[arg(long)]
    app: String,
    /// Our private key, a PEM file.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Serial number of the merchant certificate (WeChat Pay).
    #[arg(long, default_value = "")]
    serial: String,
    /// The file that holds the API v3 key (WeChat Pay): 32 characters.
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// The file that holds the official account's secret (WeChat Pay): with it donors can pay inside WeChat.
    #[arg(long, value_name = "FILE")]
    app_secret_file: Option<PathBuf>,
    /// The provider's public key, a PEM file; WeChat Pay's certificates need not be given.
    #[arg(long, value_name = "FILE")]
    platform_key: Option<PathBuf>,
    /// The number of that public key (`PUB_KEY_ID_…`).
    #[arg(long, default_value = "")]
    platform_key_id: String,
    /// A platform certificate, a PEM file.
    #[arg(long, value_name = "FILE")]
    platform_certificate: Option<PathBuf>,
    /// Where the provider is asked: its own address, or a sandbox.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
}

/// Does it.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::Set(set) => connect(app, *set, out).await,
        Command::Alipay { file, unit, account } => alipay(app, (&file, unit.as_deref(), account), out).await,
        Command::List => list(app, out).await,
        Command::Reconcile { day } => compare(app, day.as_deref(), out).await,
    }
}

/// A file given on the command line; the words of a failure name the file, never its content.
fn read(out: &Out, path: &Path) -> Result<String, Failure> {
    let path = out.cwd.join(path);
    let failed = |why: &dyn std::fmt::Display| Failure::Usage(format!("{}: {why}", path.display()));
    let length = std::fs::metadata(&path).map_err(|e| failed(&e))?.len();
    if length > KEY_BYTES_MAX {
        return Err(failed(&"too long for a key"));
    }
    let text = std::fs::read_to_string(&path).map_err(|e| failed(&e))?;
    Ok(text.trim().to_owned())
}

async fn connect(app: &App, set: Set, out: &Out) -> Done {
    if set.provider == Provider::Alipay {
        return Err(Failure::Usage(
            "Alipay’s settings come in one file: qiao payments alipay FILE".into(),
        ));
    }
    let unit = unit(app, set.unit.as_deref()).await?;
    let usage = |path: &Path, error: keys::BadKey| Failure::Usage(format!("{}: {error}", path.display()));
    let mut platform_keys = Vec::new();
    if let Some(path) = &set.platform_key {
        platform_keys.push(PlatformKey {
            serial: set.platform_key_id.clone(),
            public_key: keys::public_key(&read(out, path)?).map_err(|e| usage(path, e))?,
            valid_from: None,
            valid_to: None,
        });
    }
    if let Some(path) = &set.platform_certificate {
        let certificate = keys::certificate(&read(out, path)?).map_err(|e| usage(path, e))?;
        platform_keys.push(PlatformKey::of_certificate(certificate));
    }
    let new = NewGateway {
        unit,
        provider: set.provider,
        account: set.account,
        merchant_no: set.merchant,
        app_id: set.app,
        endpoint: set
            .endpoint
            .as_deref()
            .unwrap_or(integrations::payments::wechat::OFFICIAL_URL)
            .trim_end_matches('/')
            .to_owned(),
        key_serial: set.serial,
        secrets: Secrets {
            private_key: read(out, &set.key)?,
            api_key: set
                .api_key_file
                .map(|path| read(out, &path))
                .transpose()?
                .unwrap_or_default(),
            app_secret: set
                .app_secret_file
                .map(|path| read(out, &path))
                .transpose()?
                .unwrap_or_default(),
            alipay: None,
        },
        platform_keys,
    };
    keep(app, new, out).await
}

/// The settings of Alipay; what is wrong is named by its field and never repeated.
async fn alipay(app: &App, (file, of, account): (&Path, Option<&str>, Option<String>), out: &Out) -> Done {
    let usage = |why: &dyn std::fmt::Display| Failure::Usage(format!("{}: {why}", file.display()));
    let text = read(out, file)?;
    let settings: Settings = serde_json::from_str(&text)
        .map_err(|error| usage(&format!("not the expected fields, line {}", error.line())))?;
    let new = settings.gateway(unit(app, of).await?, account).map_err(|e| usage(&e))?;
    keep(app, new, out).await
}

/// Stores, connects and tells.
async fn keep(app: &App, new: NewGateway, out: &Out) -> Done {
    let account = app
        .payments
        .connect(&Actor::operator(), &new)
        .await
        .map_err(|error| Failure::Refused(error.to_string()))?;
    app.settle().await?;
    let code = app
        .intake
        .directory()
        .account(account)
        .map(|a| a.code.clone())
        .unwrap_or_default();
    let fingerprint = new.secrets.fingerprint();
    let shown = json!({ "account": code, "provider": new.provider, "connected": true, "key": fingerprint });
    out.result(&shown, || {
        format!("{code}: {} is connected; key {fingerprint}", new.provider.as_str())
    });
    Ok(())
}

async fn list(app: &App, out: &Out) -> Done {
    app.payments.load().await?;
    let rows: Vec<(String, String, &'static str)> = app
        .gateways
        .all()
        .iter()
        .map(|each| {
            let account = app.intake.directory().account(each.account);
            let code = account.map(|a| a.code.clone()).unwrap_or_default();
            (
                public(&*app.services.keys, each.unit),
                code,
                each.gateway.provider().as_str(),
            )
        })
        .collect();
    let items: Vec<_> = rows
        .iter()
        .map(|(unit, account, provider)| json!({ "unit": unit, "account": account, "provider": provider }))
        .collect();
    out.result(&json!({ "items": items }), || {
        let lines: Vec<String> = rows
            .iter()
            .map(|(unit, code, provider)| format!("{unit}  {provider}  {code}"))
            .collect();
        lines.join("\n")
    });
    Ok(())
}

async fn compare(app: &App, day: Option<&str>, out: &Out) -> Done {
    let today = app.services.now().business_day();
    let day = match day {
        Some(text) => BusinessDay::parse(text).map_err(|e| Failure::Usage(format!("--day {text}: {e}")))?,
        None => today.plus_days(-1),
    };
    if day >= today {
        return Err(Failure::Usage(format!(
            "--day {day}: a day has its bill when it is over"
        )));
    }
    app.payments.load().await?;
    let mut found = Vec::new();
    for connected in app.gateways.all().iter() {
        let done = reconcile(&app.payments.giving, connected, day).await;
        let done = done.map_err(|error| Failure::Refused(error.to_string()))?;
        let account = app.intake.directory().account(done.account);
        found.push(json!({
            "account": account.map(|a| a.code.clone()),
            "lines": done.lines,
            "agreed": done.agreed,
            "found": done.found,
            "held": done.held,
            "missing": done.missing,
            "refunds_unknown": done.refunds_unknown,
        }));
    }
    app.settle().await?;
    out.result(&json!({ "day": day, "accounts": found }), || {
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}
