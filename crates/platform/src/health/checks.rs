//! What `qiao doctor` and `/ready` look at here; other crates add their own checks to the list.

use std::path::Path;
use std::time::Duration;

use db::{DbError, Migration, Reads as _, params};
use serde::Serialize;

use crate::facts::{Reactions, unplaced};
use crate::identity::queries::tokens_ending;
use crate::{Services, jobs};

/// The setting in which `init` keeps [`crate::Keys::fingerprint`].
pub const KEY_SETTING: &str = "key_fingerprint";
/// Below this, a giving day could fill the disk within the hour: a million gifts with their log need about as much.
pub const DISK_FREE_MIN_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Below this nothing more is taken in: what is left is for the database to end its work in order.
pub const DISK_FREE_READY_BYTES: u64 = 256 * 1024 * 1024;
/// How long a database may think about nothing before it counts as gone.
const REACH_TIMEOUT: Duration = Duration::from_secs(3);
/// A clock this far behind the newest fact runs wrong, whatever the network's delays.
const CLOCK_BACK_MAX_MICROS: i64 = 60_000_000;
/// Tokens that end within so many days are told.
const TOKENS_SOON_DAYS: i64 = 14;
/// A reaction this far behind is stuck rather than busy: ten seconds of a full intake.
const LAG_MAX: i64 = 200_000;
const DAY_MICROS: i64 = 86_400_000_000;

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Check {
    /// A stable word: `database_reachable`.
    pub name: String,
    /// Whether it is well.
    pub ok: bool,
    /// What was found.
    pub what: String,
    /// What to do about it; nothing where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how_to_mend: Option<String>,
}

impl Check {
    /// It is well.
    pub fn well(name: &str, what: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            ok: true,
            what: what.into(),
            how_to_mend: None,
        }
    }
    /// It is not, and this is what to do.
    pub fn ill(name: &str, what: impl Into<String>, how_to_mend: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            ok: false,
            what: what.into(),
            how_to_mend: Some(how_to_mend.into()),
        }
    }
    /// It could not be looked at.
    pub fn unseen(name: &str, error: &DbError) -> Self {
        Self::ill(
            name,
            format!("it could not be looked at: {error}"),
            "mend the database first, then run this again",
        )
    }
}

/// All checks of the platform. `migrations` is the program's whole list.
pub async fn all(services: &Services, migrations: &[Migration], reactions: Option<&Reactions>) -> Vec<Check> {
    let reachable = database_reachable(services).await;
    let mut checks = vec![
        reachable.clone(),
        disk_space(&services.data, DISK_FREE_MIN_BYTES),
        data_folder(&services.data),
    ];
    if !reachable.ok {
        return checks;
    }
    checks.push(migrations_applied(services, migrations).await);
    if checks
        .iter()
        .all(|check| check.name != "migrations_applied" || check.ok)
    {
        checks.push(key_right(services).await);
        checks.push(clock_sane(services).await);
        checks.push(facts_placed(services).await);
        checks.push(jobs_well(services).await);
        checks.push(tokens_fresh(services).await);
        if let Some(reactions) = reactions {
            checks.push(reactions_near(services, reactions).await);
        }
    }
    checks
}

/// Whether the database answers.
pub async fn database_reachable(services: &Services) -> Check {
    const NAME: &str = "database_reachable";
    let asked = async {
        let mut at = services.db.snapshot().await?;
        at.query_one("SELECT 1 AS one", vec![]).await
    };
    let mend = "start the database, look at --database and at the network between";
    match tokio::time::timeout(REACH_TIMEOUT, asked).await {
        Ok(Ok(_)) => Check::well(NAME, format!("{} answers", services.db.url().word())),
        Ok(Err(error)) => Check::ill(NAME, error.to_string(), mend),
        Err(_) => Check::ill(NAME, format!("no answer within {} s", REACH_TIMEOUT.as_secs()), mend),
    }
}

/// Whether the database has all tables of this program.
pub async fn migrations_applied(services: &Services, migrations: &[Migration]) -> Check {
    const NAME: &str = "migrations_applied";
    let applied = async { db::applied(&mut services.db.snapshot().await?).await };
    let applied = match applied.await {
        Ok(applied) => applied,
        Err(error) => return Check::unseen(NAME, &error),
    };
    let missing: Vec<&str> = migrations
        .iter()
        .map(|m| m.name)
        .filter(|m| !applied.iter().any(|a| a == m))
        .collect();
    let unknown: Vec<&String> = applied
        .iter()
        .filter(|a| !migrations.iter().any(|m| m.name == *a))
        .collect();
    if !unknown.is_empty() {
        return Check::ill(
            NAME,
            format!("the database is newer than this program: {unknown:?}"),
            "run the newer program",
        );
    }
    if missing.is_empty() {
        Check::well(NAME, format!("all {} are applied", applied.len()))
    } else {
        Check::ill(
            NAME,
            format!("missing: {}", missing.join(", ")),
            "start `qiao serve` or run `qiao init`: both apply them",
        )
    }
}

/// Whether the key file is the one this database was made with.
pub async fn key_right(services: &Services) -> Check {
    const NAME: &str = "key_right";
    let asked = async {
        let mut at = services.db.snapshot().await?;
        let row = at
            .query_one("SELECT value FROM setting WHERE name = ?1", params![KEY_SETTING])
            .await?;
        row.map(|row| row.text("value")).transpose()
    };
    match asked.await {
        Ok(Some(kept)) if kept == services.keys.fingerprint() => {
            Check::well(NAME, format!("the key {kept} is the right one"))
        }
        Ok(Some(kept)) => Check::ill(
            NAME,
            format!(
                "the key file has {}, the database was made with {kept}",
                services.keys.fingerprint()
            ),
            "put the right key file in place; without it sealed names stay sealed and public addresses do not resolve",
        ),
        Ok(None) => Check::ill(NAME, "this database was never initialised", "run `qiao init`"),
        Err(error) => Check::unseen(NAME, &error),
    }
}

/// Whether the disk of the data folder has room.
pub fn disk_space(data: &Path, min_bytes: u64) -> Check {
    const NAME: &str = "disk_space";
    match free_bytes(data) {
        Ok(free) if free >= min_bytes => Check::well(NAME, format!("{} MiB free", free >> 20)),
        Ok(free) => Check::ill(
            NAME,
            format!("{} MiB free, {} MiB are wanted", free >> 20, min_bytes >> 20),
            "make room: old backups and exports first; nothing in the data folder may be deleted by hand",
        ),
        Err(error) => Check::ill(
            NAME,
            format!("the data folder cannot be looked at: {error}"),
            "look at --data",
        ),
    }
}

/// Free bytes for this user where the folder lies.
///
/// # Errors
/// What the system says.
pub fn free_bytes(folder: &Path) -> std::io::Result<u64> {
    let told = rustix::fs::statvfs(folder)?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

/// Whether the data folder can be written, and by nobody else read.
pub fn data_folder(data: &Path) -> Check {
    use std::os::unix::fs::PermissionsExt as _;
    const NAME: &str = "data_folder";
    let shown = data.display();
    let mode = match std::fs::metadata(data) {
        Ok(meta) if meta.is_dir() => meta.permissions().mode(),
        Ok(_) => return Check::ill(NAME, format!("{shown} is not a folder"), "look at --data"),
        Err(error) => return Check::ill(NAME, format!("{shown}: {error}"), "look at --data, or run `qiao init`"),
    };
    if let Err(error) = rustix::fs::access(data, rustix::fs::Access::WRITE_OK) {
        return Check::ill(
            NAME,
            format!("{shown} cannot be written: {error}"),
            "give it to the user that runs qiao",
        );
    }
    if mode & 0o007 == 0 {
        Check::well(NAME, format!("{shown} is ours alone"))
    } else {
        Check::ill(
            NAME,
            format!("every user of this machine may look into {shown}"),
            format!("chmod o-rwx {shown}"),
        )
    }
}

/// Whether the clock is ahead of everything that was ever written.
pub async fn clock_sane(services: &Services) -> Check {
    const NAME: &str = "clock_sane";
    // The newest by id: ids lead with their time, so this reads one row on either database.
    let asked = async {
        let mut at = services.db.snapshot().await?;
        let sql = match services.db.backend() {
            db::Backend::Sqlite => "SELECT happened_at FROM fact ORDER BY place DESC LIMIT 1",
            db::Backend::Postgres => "SELECT happened_at FROM fact ORDER BY id DESC LIMIT 1",
        };
        at.query_one(sql, vec![])
            .await?
            .map(|row| row.instant("happened_at"))
            .transpose()
    };
    let now = services.now();
    match asked.await {
        Ok(Some(last)) if last.micros() - now.micros() > CLOCK_BACK_MAX_MICROS => Check::ill(
            NAME,
            format!(
                "it is {} by this machine’s clock, but the last fact is of {}",
                now.to_rfc3339(),
                last.to_rfc3339()
            ),
            "set the clock (timedatectl, chrony) before anything more is written",
        ),
        Ok(_) => Check::well(NAME, format!("it is {}", now.to_rfc3339())),
        Err(error) => Check::unseen(NAME, &error),
    }
}

/// Whether the sequencer keeps up.
pub async fn facts_placed(services: &Services) -> Check {
    const NAME: &str = "facts_placed";
    let asked = async { unplaced(&mut services.db.snapshot().await?).await };
    match asked.await {
        Ok(waiting) if waiting <= LAG_MAX => Check::well(NAME, format!("{waiting} facts wait for their place")),
        Ok(waiting) => Check::ill(
            NAME,
            format!("{waiting} facts wait for their place"),
            "is a node running? A transaction left open holds all of them up: look at pg_stat_activity",
        ),
        Err(error) => Check::unseen(NAME, &error),
    }
}

/// Whether the reactions keep up and do not fail.
pub async fn reactions_near(services: &Services, reactions: &Reactions) -> Check {
    const NAME: &str = "reactions_near";
    let asked = async { reactions.progress(&mut services.db.snapshot().await?).await };
    let all = match asked.await {
        Ok(all) => all,
        Err(error) => return Check::unseen(NAME, &error),
    };
    let behind: Vec<String> = all
        .iter()
        .filter(|r| r.failures > 0 || r.lag > LAG_MAX)
        .map(|r| {
            format!(
                "{}: {} behind, {} failures ({})",
                r.name,
                r.lag,
                r.failures,
                r.last_error.as_deref().unwrap_or("-")
            )
        })
        .collect();
    if behind.is_empty() {
        Check::well(NAME, format!("all {} keep up", all.len()))
    } else {
        Check::ill(
            NAME,
            behind.join("; "),
            "mend the cause that is named; the reaction goes on by itself",
        )
    }
}

/// Whether jobs were given up.
pub async fn jobs_well(services: &Services) -> Check {
    const NAME: &str = "jobs_well";
    let asked = async { jobs::queries::count_by_state(&mut services.db.snapshot().await?).await };
    let states = match asked.await {
        Ok(states) => states,
        Err(error) => return Check::unseen(NAME, &error),
    };
    let of = |state: &str| {
        states
            .iter()
            .find(|(word, _)| word == state)
            .map_or(0, |(_, count)| *count)
    };
    match of("failed") {
        0 => Check::well(
            NAME,
            format!("{} wait, {} run, none failed", of("waiting"), of("running")),
        ),
        failed => Check::ill(
            NAME,
            format!("{failed} jobs were given up"),
            "see why under /api/v1/jobs and start them anew",
        ),
    }
}

/// Whether tokens in use end soon.
pub async fn tokens_fresh(services: &Services) -> Check {
    const NAME: &str = "tokens_fresh";
    let now = services.now();
    let soon = now.plus_micros(TOKENS_SOON_DAYS * DAY_MICROS);
    let asked = async { tokens_ending(&mut services.db.snapshot().await?, now, soon).await };
    match asked.await {
        Ok(0) => Check::well(NAME, format!("no token ends within {TOKENS_SOON_DAYS} days")),
        Ok(ending) => Check::ill(
            NAME,
            format!("{ending} tokens end within {TOKENS_SOON_DAYS} days"),
            "issue new ones in time: `qiao token issue NAME`",
        ),
        Err(error) => Check::unseen(NAME, &error),
    }
}
