//! Opening the public log: its own database, its key, its published files.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use platform::Services;
use proof::log::points::{GoOn, Point, Points};
use proof::log::{
    CROWD_MIN, Log, LogError, LogKeys, Pace, Sm2Keys, Witnesses, new_key_file, sealed_anew, sealed_with_newest,
    sm2_sealed_anew,
};
use proof::tlog::Policy;

use crate::apart;
use crate::app::{App, setting, store_settings, write_secret};
use crate::client::Client;
use crate::log_store;
use crate::output::Failure;
use crate::world::log_store_from_environment;

/// The file of the log's key.
pub fn key_file(services: &Services) -> PathBuf {
    services.data.join("log.key")
}

/// The file of the second suite's key; there is none before it was switched on.
pub fn sm2_key_file(services: &Services) -> PathBuf {
    services.data.join("log.sm2.key")
}

/// What that file says, empty where there is none.
///
/// # Errors
/// The disk's.
pub fn sm2_key_text(services: &Services) -> anyhow::Result<String> {
    let path = sm2_key_file(services);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// The keys of the second suite, sealed under the newest of the installation's keys from now on.
fn sm2(services: &Services, origin: &str) -> anyhow::Result<Sm2Keys> {
    let text = sm2_key_text(services)?;
    if let Some(anew) = sm2_sealed_anew(&text, &services.keys, &*services.rng)? {
        write_secret(&sm2_key_file(services), &anew)?;
    }
    Ok(Sm2Keys::from_file(&text, &services.keys, origin)?)
}

/// Opens the log. Its key is made once, before anything was ever signed.
///
/// # Errors
/// Words that say what to do.
pub async fn open(app: &App) -> anyhow::Result<Log> {
    open_with(app, Box::new(GoOn)).await
}

/// Ends the process, at once and without a word, when the write path comes to this point.
pub struct AbortAt(pub Point);

impl Points for AbortAt {
    fn pass(&self, point: Point) -> Result<(), LogError> {
        if point == self.0 {
            std::process::abort();
        }
        Ok(())
    }
}

/// The same with somebody told at each point of the write path.
///
/// # Errors
/// As [`open`].
pub async fn open_with(app: &App, points: Box<dyn Points>) -> anyhow::Result<Log> {
    let s = &app.services;
    db::make_database(&app.log_url).await.context(
        "the public log’s own database cannot be made; make it by hand, or name another with --log-database",
    )?;
    let db = apart::open(&app.log_url)
        .await
        .context("the public log’s own database")?;
    db::migrate(&db, proof::log::MIGRATIONS, s.now()).await?;
    let origin = setting(&s.db, "origin").await?.context("the log has no origin")?;
    let (path, files) = (key_file(s), app.published.clone());
    if !path.exists() {
        let known = setting(&s.db, VKEY_SETTING).await?.is_some();
        if known || proof::log::has_signed(&db, &files).await? {
            bail!(
                "{} is missing, and the log has signed before. Put the file back from your safe copy; without it nothing \
                 more can be signed under this key",
                path.display()
            );
        }
        write_secret(&path, &new_key_file(&s.keys, &*s.rng))?;
    }
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    if !sealed_with_newest(&text, &s.keys) {
        // After `qiao key rotate`: the older key is about to be removed.
        write_secret(&path, &sealed_anew(&text, &s.keys, &*s.rng)?)?;
    }
    let keys = LogKeys::from_file(&text, &s.keys, &origin)?.with_sm2(sm2(s, &origin)?.signer);
    let own: Vec<String> = keys.known().map(|key| key.to_text()).collect();
    let remembered = own.join(" ");
    match setting(&s.db, VKEY_SETTING).await? {
        Some(known) if known == remembered => {}
        // A key was rotated since, or the database is older than the last rotation: one that it knows is among them.
        Some(known) if known.split(' ').any(|known| own.iter().any(|key| key == known)) => {
            store_settings(&s.db, &[(VKEY_SETTING, &remembered)]).await?;
        }
        Some(known) => bail!("{} holds another key than this log’s, which is {known}", path.display()),
        None => store_settings(&s.db, &[(VKEY_SETTING, &remembered)]).await?,
    }
    let log = Log::with(db, files, keys, CROWD_MIN, points);
    if let Some(pace) = kept_pace(&s.db).await? {
        log.be_paced(pace);
    }
    moved(app, &log).await?;
    if let Some(witnesses) = witnesses(s, log.keys())? {
        log.be_witnessed(witnesses);
    }
    Ok(log)
}

/// The setting of how large a batch of gifts should be and how long it waits: two numbers.
const PACE_SETTING: &str = "log_pace";

/// A pace as it was asked for.
///
/// # Errors
/// [`Failure::Usage`] outside its bounds.
pub fn pace(fewest: usize, longest_seconds: i64) -> Result<Pace, Failure> {
    Pace::new(fewest, longest_seconds).ok_or_else(|| {
        Failure::Usage(format!(
            "a batch of gifts waits for 1 to {} payers, 0 to {} seconds",
            Pace::FEWEST_MAX,
            Pace::LONGEST_MAX
        ))
    })
}

/// The pace that is kept; one that cannot be read is none, and is told.
async fn kept_pace(db: &db::Db) -> anyhow::Result<Option<Pace>> {
    let Some(text) = setting(db, PACE_SETTING).await? else {
        return Ok(None);
    };
    let numbers = text.split_once(' ');
    let pace = numbers.and_then(|(fewest, longest)| Pace::new(fewest.parse().ok()?, longest.parse().ok()?));
    if pace.is_none() {
        tracing::error!(%text, "the pace of the public log cannot be read; every batch goes at once");
    }
    Ok(pace)
}

/// Keeps a pace; the next start takes it.
///
/// # Errors
/// The database's.
pub async fn keep_pace(db: &db::Db, pace: Pace) -> anyhow::Result<()> {
    let text = format!("{} {}", pace.fewest, pace.longest_seconds);
    Ok(store_settings(db, &[(PACE_SETTING, &text)]).await?)
}

/// Remembers where the log is published. Somewhere else it is published only once it is known that nothing more was published
/// where it was before: a new place knows nothing, and over an old database a second tree could be signed.
async fn moved(app: &App, log: &Log) -> anyhow::Result<()> {
    let s = &app.services;
    let before = setting(&s.db, log_store::SETTING).await?;
    let before = before.unwrap_or_else(|| log_store::FOLDER.into());
    if before == app.log_store {
        return Ok(());
    }
    let old = log_store::open(&before, &s.data, &log_store_from_environment(), &s.clock);
    if let Err(error) = log.is_past(&old).await {
        let is_gone = matches!(error, LogError::Disk(_) | LogError::Store(_));
        if !(is_gone && log.is_whole_in_place().await?) {
            bail!(
                "the log was published to {before} so far, and is to be published to {}: {error}. Nothing is published \
                 elsewhere before it is known what stands there. If {before} is gone for ever, copy what others kept of it to \
                 the new place first",
                app.log_store
            );
        }
        tracing::warn!(%before, "where the log was published before cannot be read; all of it stands in the new place");
    }
    store_settings(&s.db, &[(log_store::SETTING, &app.log_store)]).await?;
    tracing::info!(%before, now = %app.log_store, "the log is published elsewhere from now on");
    Ok(())
}

/// The setting that remembers the log's public keys, so that a restored database does not begin another log.
const VKEY_SETTING: &str = "log_vkey";

/// The file of the policy: which witnesses must have seen a tree before it is published.
pub fn policy_file(services: &Services) -> PathBuf {
    services.data.join("log.policy")
}

/// Reads a policy that is to be this log's own, and names in it all keys that this log is trusted by.
///
/// # Errors
/// Words that say what is wrong with it.
pub fn policy(text: &str, own: &LogKeys) -> anyhow::Result<(Policy, String)> {
    let named = Policy::parse(text.as_bytes())?;
    if !named.logs().iter().all(|log| own.known().any(|key| key == log)) {
        bail!("its one log must be this one: log {}", own.newest().to_text());
    }
    let text = own.named_in(text);
    let policy = Policy::parse(text.as_bytes())?;
    for (name, _, url) in policy.witnesses() {
        if !url.is_some_and(|url| url.starts_with("http://") || url.starts_with("https://")) {
            bail!("the witness {name} needs an address, such as https://…, at the end of its line");
        }
    }
    Ok((policy, text))
}

fn witnesses(s: &Services, own: &LogKeys) -> anyhow::Result<Option<Witnesses>> {
    let path = policy_file(s);
    if !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let (policy, text) = policy(&text, own).with_context(|| path.display().to_string())?;
    let wire = Arc::new(Client::new());
    Ok(Some(Witnesses { policy, text, wire }))
}
