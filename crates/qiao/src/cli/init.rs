//! `qiao init`: a new installation.

use governance::network::{self, Books, NewAccount, NewUnit};
use kernel::Channel;
use kernel::id::public;
use kernel::region::RegionCode;
use platform::identity::actions::{NewToken, NewUser, Personal};
use platform::identity::{self, Actor, ActorKind};
use proof::log::Pace;
use serde_json::json;

use crate::app::{self, Opening, Place, store_settings};
use crate::output::{Done, Failure, Out};
use crate::public_log;

/// What `init` is told.
#[derive(clap::Args)]
pub struct Args {
    /// The society's full name.
    #[arg(long)]
    unit: String,
    /// Its region code, 6 or 9 digits as in GB/T 2260: 371300 is Linyi.
    #[arg(long)]
    region: String,
    /// The origin of the public log; by default `localhost/<region>`.
    #[arg(long)]
    origin: Option<String>,
    /// The address under which the public reaches the pages, for certificates and links.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    base_url: String,
    /// Payers below which a batch of gifts waits for others before it enters the public log, so that nobody who polls it learns
    /// a gift to the second; 1 for none. `qiao log pace` changes it later.
    #[arg(long, default_value_t = 5)]
    log_fewest: usize,
    /// The longest such wait in seconds.
    #[arg(long, default_value_t = 60)]
    log_longest: i64,
    /// How the public reaches the society, shown on every page (慈善法 25).
    #[arg(long, default_value = "")]
    contact: String,
}

/// The accounts a society begins with, one a channel, so that a bill line meets an earlier notice.
const ACCOUNTS: [(Channel, &str, &str); 8] = [
    (Channel::Notice, "notice", "支付通知"),
    (Channel::Wechat, "wechat", "微信支付"),
    (Channel::Alipay, "alipay", "支付宝"),
    (Channel::Unionpay, "unionpay", "银联二维码及POS机"),
    (Channel::Bank, "bank", "银行账户"),
    (Channel::Cash, "cash", "现金"),
    (Channel::Platform, "platform", "公益平台"),
    (Channel::Other, "other", "其他"),
];

/// Makes the installation; a second run on the same data is refused.
pub async fn run(place: &Place, args: Args, out: &Out) -> Done {
    let region = args
        .region
        .parse::<RegionCode>()
        .map_err(|e| Failure::Usage(format!("--region: {e}")))?;
    let pace = public_log::pace(args.log_fewest, args.log_longest)?;
    let opened = match app::open(place, Opening::Make).await {
        Ok(opened) => opened,
        Err(app::OpenError::Held) => {
            return Err(Failure::Refused(format!(
                "{} is initialised and being served",
                place.data.display()
            )));
        }
        Err(error) => return Err(error.into()),
    };
    let outcome = make(&opened.app, &args, (region, pace), out).await;
    opened.close().await;
    outcome
}

async fn make(app: &app::App, args: &Args, (region, pace): (RegionCode, Pace), out: &Out) -> Done {
    let s = &app.services;
    if app::setting(&s.db, "origin").await?.is_some() {
        return Err(Failure::Refused(
            "this data folder is initialised already; nothing was changed. Another installation needs another --data"
                .into(),
        ));
    }
    if app.published.is_far() {
        // Before anything is made: what is shown once must not be lost at the end.
        let files = app.published.clone();
        let probed = tokio::task::spawn_blocking(move || files.probe()).await?;
        probed.map_err(|error| Failure::Refused(format!("{error}. Nothing was made; mend this and run init again")))?;
    }
    let operator = Actor::operator();
    let unit = NewUnit {
        parent: None,
        name: args.unit.clone(),
        short_name: args.unit.clone(),
        region,
        books: Books::Own,
        brand_color: "#B8442F".into(),
        contact: args.contact.clone(),
    };
    let unit = network::actions::create_unit(s, &operator, unit).await?;
    let mut accounts = serde_json::Map::new();
    let mut notice_secret = String::new();
    for (channel, code, name) in ACCOUNTS {
        let account = NewAccount {
            unit: unit.id,
            channel,
            name: name.into(),
            code: code.into(),
            number: String::new(),
            opened_on: s.now().business_day(),
        };
        let made = network::actions::add_account(s, &operator, account).await?;
        if channel == Channel::Notice {
            notice_secret = made.secret.clone();
        }
        accounts.insert(channel.as_str().into(), json!({ "code": code, "secret": made.secret }));
    }
    let general = giving::projects::actions::create_general(s, &operator, unit.id, "general", "人道救助基金").await?;
    let admin = NewUser {
        name: "admin".into(),
        kind: ActorKind::Person,
        unit: unit.id,
        roles: identity::rules::FIRST_USER.to_vec(),
        token: Some(NewToken {
            name: "init".into(),
            days: None,
        }),
        personal: Personal::default(),
    };
    let token = identity::actions::add_user(s, &operator, admin)
        .await?
        .token
        .map(|t| t.text)
        .unwrap_or_default();
    let origin = args.origin.clone().unwrap_or_else(|| format!("localhost/{region}"));
    let unit_id = public(&*s.keys, unit.id);
    store_settings(
        &s.db,
        &[
            ("origin", &origin),
            ("base_url", args.base_url.trim_end_matches('/')),
            ("unit", &unit_id),
            ("key_fingerprint", s.keys.fingerprint()),
        ],
    )
    .await?;
    public_log::keep_pace(&s.db, pace).await?;
    app.settle().await?;
    let log = public_log::open(app).await?;
    log.drain(s).await?;
    let vkey = log.verifier().to_text();
    log.db().close().await;
    let document = json!({
        "unit_id": unit_id,
        "general_project_id": public(&*s.keys, general.id),
        "notice_account": "notice",
        "notice_secret": notice_secret,
        "admin_token": token,
        "origin": origin,
        "log_vkey": vkey,
        "accounts": accounts,
    });
    out.result(&document, || {
        format!(
            "{} is ready.\n\nAdministrator’s token (shown once): {token}\nNotice account: notice, secret: {notice_secret}\n\n\
             The public log’s key, for those who check it: {vkey}\n\n\
             Keep {} in a safe place: without it nothing sealed can be opened. Keep {} beside it: without it the public log ends.\n\
             Next: qiao serve",
            args.unit,
            s.data.join("key").display(),
            public_log::key_file(s).display()
        )
    });
    Ok(())
}
