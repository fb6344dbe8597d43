//! The composition root: opens the data folder, the database and the keys, and wires the contexts.

use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use db::{Backend, Db, DbUrl, Migration};
use giving::donations::Intake;
use giving::donations::intake::WriterHandle;
use giving::donations::orders::Gateways;
use governance::approvals::api::events::Bell;
use governance::supervision::Watching;
use integrations::messages::Webhook;
use integrations::payments::{Payments, Tools};
use integrations::platforms::Platforms;
use integrations::sso::Providers;
use kernel::Clock as _;
use platform::facts::{AnyReaction, Reactions};
use platform::health::Metrics;
use platform::notify::{Nobody, Sender};
use platform::rewrap::SealedColumn;
pub use platform::settings::{setting, store_settings};
use platform::signin::sso::IdentityProviders;
use platform::{Keys, Parts, Services};
use proof::log::{Log, Published};

use crate::log_store;
use crate::sight::sight;
use crate::world::{
    SystemClock, key_from_environment, log_store_from_environment, messages_from_environment, system_rng,
};

/// How often a command looks for facts without a place before it leaves them to the next program.
const SETTLE_ROUNDS: u32 = 40;
/// How long a stopping program waits for the gifts that are being written.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where things are.
#[derive(Clone)]
pub struct Place {
    /// The data folder.
    pub data: PathBuf,
    /// The database, by default a file in the data folder.
    pub database: Option<String>,
    /// The public log's own database, by default beside the other.
    pub log_database: Option<String>,
    /// Where the public log is published; by default where it was published last, at first in the data folder.
    pub log_store: Option<String>,
}

impl Place {
    /// The database's address.
    pub fn url(&self) -> DbUrl {
        self.database
            .as_deref()
            .map_or_else(|| DbUrl::Sqlite(self.data.join("shanqiao.db")), DbUrl::parse)
    }
    /// The address of the public log's own database, which is never restored from a backup.
    pub fn log_url(&self) -> DbUrl {
        match (&self.log_database, self.url()) {
            (Some(named), _) => DbUrl::parse(named),
            (None, DbUrl::Sqlite(_)) => DbUrl::Sqlite(self.data.join("log.db")),
            (None, DbUrl::Postgres(url)) => {
                let (name, options) = url.split_once('?').map_or((url.as_str(), None), |(n, o)| (n, Some(o)));
                let options = options.map(|o| format!("?{o}")).unwrap_or_default();
                DbUrl::Postgres(format!("{name}_log{options}"))
            }
        }
    }
    fn key_file(&self) -> PathBuf {
        self.data.join("key")
    }
}

/// Why the program could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the SQLite database.
    #[error("another process holds the data folder")]
    Held,
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

impl From<anyhow::Error> for OpenError {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(format!("{error:#}"))
    }
}
impl From<db::DbError> for OpenError {
    fn from(error: db::DbError) -> Self {
        Self::Other(error.to_string())
    }
}
impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// All migrations of the program, in order of the tiers.
pub fn migrations() -> Vec<Migration> {
    [
        platform::MIGRATIONS,
        governance::MIGRATIONS,
        ledger::MIGRATIONS,
        giving::MIGRATIONS,
        proof::MIGRATIONS,
        relief::MIGRATIONS,
        partners::MIGRATIONS,
        integrations::MIGRATIONS,
    ]
    .concat()
}

/// What the installation's keys seal, in all contexts.
pub fn sealed_columns() -> Vec<SealedColumn> {
    [
        platform::rewrap::SEALED,
        governance::SEALED,
        giving::SEALED,
        relief::SEALED,
        partners::SEALED,
        integrations::SEALED,
    ]
    .concat()
}

/// The reactions of the program.
pub fn reactions() -> Reactions {
    let all = giving::reactions()
        .into_iter()
        .chain(proof::reactions())
        .chain(relief::reactions())
        .chain(partners::reactions())
        .chain([Box::new(Watching::new(sight())) as Box<dyn AnyReaction>]);
    Reactions::new(all.collect())
}

/// An open program. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The services every context is given.
    pub services: Services,
    /// The way in for gifts.
    pub intake: Intake,
    /// The payment providers, by unit.
    pub gateways: Arc<Gateways>,
    /// The same with their notices and settings.
    pub payments: Payments,
    /// The donation platforms.
    pub platforms: Platforms,
    /// Those who react to facts.
    pub reactions: Reactions,
    /// Rings the screens of those who decide.
    pub bell: Bell,
    /// Whether the reactions run in the background (`serve`); a command drains them itself.
    pub reactions_run: bool,
    /// The public log while it is written here (`serve`); other commands open it when they need it.
    pub log: Option<Log>,
    /// Where the public log's own database is.
    pub log_url: DbUrl,
    /// The public log's published files.
    pub published: Published,
    /// Where they lie, as it is named.
    pub log_store: String,
}

/// What must be given back at the end.
pub struct Opened {
    /// The program.
    pub app: App,
    writer: WriterHandle,
    _lock: Option<File>,
}

impl Opened {
    /// Lets the writer finish and closes the database.
    pub async fn close(self) {
        let Self { app, writer, _lock } = self;
        let db = app.services.db.clone();
        drop(app);
        let waited = tokio::task::spawn_blocking(move || writer.stop(PATIENCE)).await;
        if waited.is_err() {
            tracing::error!("the writer’s thread could not be waited for");
        }
        db.close().await;
    }
}

/// Whether the program may make what is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// `init`: makes the folder, the key and the database.
    Make,
    /// Everything else: what is missing is an error that says what to do.
    Existing,
}

/// Takes the data folder's lock: one process writes SQLite.
fn lock(place: &Place) -> Result<Option<File>, OpenError> {
    if matches!(place.url(), DbUrl::Postgres(_)) {
        return Ok(None);
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(place.data.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::Held),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn load_keys(place: &Place, opening: Opening) -> Result<Keys, OpenError> {
    let path = place.key_file();
    let text = match key_from_environment() {
        Some(text) => text,
        None if path.exists() => std::fs::read_to_string(&path)?,
        None if opening == Opening::Make => {
            let text = Keys::new_file(&system_rng()?);
            write_secret(&path, &text)?;
            text
        }
        None => {
            return Err(OpenError::Other(format!(
                "the key file {} is missing and QIAO_KEY is not set; put the key back from your safe copy. \
                 A new installation begins with `qiao init`",
                path.display()
            )));
        }
    };
    Keys::from_file(&text).map_err(|e| OpenError::Other(e.to_string()))
}

/// Writes a file that only its owner may read, whole or not at all.
pub fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let temporary = path.with_extension("new");
    let mut file = File::options()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    // The name too: what is told of a new key must not outlive it in a power cut.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Opens the program: lock, keys, database, migrations, tree, intake.
///
/// # Errors
/// [`OpenError::Held`] when a server has it; otherwise words that say what to do.
pub async fn open(place: &Place, opening: Opening) -> Result<Opened, OpenError> {
    if opening == Opening::Make {
        std::fs::create_dir_all(&place.data)?;
    } else if !place.data.is_dir() {
        return Err(OpenError::Other(format!(
            "there is no data folder {}; begin with `qiao init --unit NAME --region CODE`, or say where with --data",
            place.data.display()
        )));
    }
    let lock = lock(place)?;
    let keys = load_keys(place, opening)?;
    let db = Db::open(&place.url()).await?;
    db::migrate(&db, &migrations(), SystemClock.now()).await?;
    check_key(&db, &keys, opening).await?;
    let base_url = setting(&db, "base_url")
        .await?
        .unwrap_or_else(|| "http://127.0.0.1:8080".into());
    let services = Services::from(Parts {
        db,
        clock: Arc::new(SystemClock),
        rng: Arc::new(system_rng()?),
        keys: Arc::new(keys),
        notify: messages(),
        identity_providers: identity_providers(),
        tree: Arc::default(),
        metrics: Metrics::new(),
        facts_written: Arc::default(),
        shelf: Arc::default(),
        rush: Arc::default(),
        data: Arc::new(place.data.clone()),
        base_url: base_url.into(),
    });
    governance::network::actions::load_tree(&services).await?;
    let (intake, writer) = giving::donations::intake::start(&services).await?;
    let gateways: Arc<Gateways> = Arc::default();
    let payments = payments(&services, &intake, &gateways);
    payments.load().await?;
    let platforms = Platforms {
        giving: payments.giving.clone(),
        http: Arc::clone(&payments.tools.http),
    };
    let remembered = setting(&services.db, log_store::SETTING).await?;
    let log_store = place.log_store.clone().or(remembered);
    let log_store = log_store.unwrap_or_else(|| log_store::FOLDER.into());
    let access = log_store_from_environment();
    let published = log_store::open(&log_store, &place.data, &access, &services.clock);
    let app = App {
        services,
        intake,
        gateways,
        payments,
        platforms,
        reactions: reactions(),
        bell: Bell::new(),
        reactions_run: false,
        log: None,
        log_url: place.log_url(),
        published,
        log_store,
    };
    Ok(Opened {
        app,
        writer,
        _lock: lock,
    })
}

/// Who carries messages to people: the operator's gateway, or nobody.
fn messages() -> Arc<dyn Sender> {
    match messages_from_environment() {
        Some((url, secret)) => {
            let http = Arc::new(crate::client::Client::new());
            Arc::new(Webhook::new(http, url, secret.as_bytes()))
        }
        None => Arc::new(Nobody),
    }
}

/// The providers of identities over the program's own network client.
fn identity_providers() -> Arc<dyn IdentityProviders> {
    let http = Arc::new(crate::client::Client::new());
    Arc::new(Providers::new(http, Arc::new(SystemClock)))
}

/// The payment providers over the program's own network client.
fn payments(services: &Services, intake: &Intake, gateways: &Arc<Gateways>) -> Payments {
    let giving = giving::State {
        services: services.clone(),
        intake: intake.clone(),
        gateways: Arc::clone(gateways),
    };
    let tools = Tools {
        services: services.clone(),
        http: Arc::new(crate::client::Client::new()),
        system: crate::world::signing_chance(),
    };
    Payments::new(giving, tools)
}

/// Refuses to work with the wrong key: what it sealed could never be opened with the right one.
async fn check_key(db: &Db, keys: &Keys, opening: Opening) -> Result<(), OpenError> {
    match setting(db, "key_fingerprint").await? {
        Some(known) if known == keys.fingerprint() => Ok(()),
        Some(_) => Err(OpenError::Other(
            "the key does not belong to this database: nothing it sealed could be opened. Put back the key file that \
             was made with this database"
                .into(),
        )),
        None if opening == Opening::Make => Ok(()),
        None => Err(OpenError::Other(
            "the database is empty; begin with `qiao init --unit NAME --region CODE`".into(),
        )),
    }
}

impl App {
    /// What giving's actions need.
    pub fn giving(&self) -> giving::State {
        giving::State {
            services: self.services.clone(),
            intake: self.intake.clone(),
            gateways: Arc::clone(&self.gateways),
        }
    }

    /// Reads every fact there is now: what a command does before it ends, so that what it brought is complete.
    pub async fn settle(&self) -> Result<(), platform::facts::ReactionError> {
        if self.reactions_run && self.services.db.backend() == Backend::Sqlite {
            return Ok(());
        }
        // On PostgreSQL a fact gets its place only when no older transaction of the whole server is open; a busy
        // neighbour may hold it up for a moment.
        for _ in 0..SETTLE_ROUNDS {
            self.reactions.drain(&self.services).await?;
            let mut at = self.services.db.snapshot().await?;
            if platform::facts::unplaced(&mut at).await? == 0 {
                break;
            }
            drop(at);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}
