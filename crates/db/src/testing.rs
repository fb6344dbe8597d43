//! The harness that runs a test body on both databases.
//!
//! PostgreSQL is a real server: the one named by `SHANQIAO_TEST_POSTGRES`, or a cluster this harness starts in a
//! temporary folder and leaves running for the next test (`cargo xtask postgres stop` ends it). It refuses root,
//! so as root it runs as the user `postgres`, in a folder of that user's, never in the checkout.

use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{Db, DbUrl, Migration};

/// The port of the shared test cluster; its socket folder keeps it apart from any other server.
const PORT: &str = "55439";
/// How often a pattern is renamed while the server still ends the connection that made it.
const RENAMES_MAX: u32 = 50;

/// A database of its own for one test; dropped with it.
pub struct TestDb {
    /// The open database, migrated.
    pub db: Db,
    url: DbUrl,
    _folder: tempfile::TempDir,
    drop_name: Option<String>,
}

impl TestDb {
    /// An empty SQLite database, migrated with `list`: a copy of a pattern that the first such test made.
    pub async fn sqlite(list: &[Migration]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("test.db");
        let pattern = std::env::temp_dir().join(format!("shanqiao-test-{}.db", name_of(list)));
        if !pattern.is_file() {
            make_file(&pattern, list).await;
        }
        fs::copy(&pattern, &file).expect("the pattern can be copied");
        Self::open(DbUrl::Sqlite(file), folder, None, list).await
    }

    /// An empty PostgreSQL database, migrated with `list`: a copy of a pattern that the first such test made.
    pub async fn postgres(list: &[Migration]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = server_url();
        let unique = folder
            .path()
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .to_lowercase();
        let name = format!(
            "t_{}_{}",
            std::process::id(),
            unique.replace(|c: char| !c.is_ascii_alphanumeric(), "")
        );
        let pattern = format!("pattern_{}", name_of(list));
        let copy = format!("CREATE DATABASE {name} TEMPLATE {pattern} STRATEGY FILE_COPY");
        if try_psql(&server, &copy).is_err() {
            make_pattern(&server, &pattern, list).await;
            psql(&server, &copy);
        }
        let url = DbUrl::Postgres(format!("{server}/{name}"));
        Self::open(url, folder, Some(name), list).await
    }

    async fn open(url: DbUrl, folder: tempfile::TempDir, drop_name: Option<String>, list: &[Migration]) -> Self {
        let db = Db::open(&url).await.expect("the test database opens");
        crate::migrate(&db, list, kernel::Instant::from_micros(0))
            .await
            .expect("the migrations apply");
        Self {
            db,
            url,
            _folder: folder,
            drop_name,
        }
    }

    /// Where it is, for a program under test.
    pub fn url(&self) -> String {
        match &self.url {
            DbUrl::Sqlite(path) => path.display().to_string(),
            DbUrl::Postgres(url) => url.clone(),
        }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some(name) = &self.drop_name {
            psql(&server_url(), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs an async test body on both databases: `both!(name, MIGRATIONS, async |test: TestDb| { … });`
#[macro_export]
macro_rules! both {
    ($(#[$meta:meta])* $name:ident, $list:expr, $body:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "the body's names come from its module")]
            use super::*;
            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let body = $body;
                body($crate::testing::TestDb::sqlite($list).await).await;
            }
            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let body = $body;
                body($crate::testing::TestDb::postgres($list).await).await;
            }
        }
    };
}

/// The URL of the test server without a database name, started when there is none.
#[allow(
    clippy::disallowed_methods,
    reason = "tests are told by the environment which server is theirs"
)]
pub fn server_url() -> String {
    std::env::var("SHANQIAO_TEST_POSTGRES").unwrap_or_else(|_| {
        start();
        format!("postgres://postgres@127.0.0.1:{PORT}")
    })
}

fn psql(server: &str, sql: &str) {
    try_psql(server, sql).unwrap_or_else(|said| panic!("psql: {sql}: {said}"));
}

/// What the statement answers, or what the server said against it. Debian's `psql` on the path is a script that looks for the
/// real one; a test that asks twice should not wait for it.
fn try_psql(server: &str, sql: &str) -> Result<String, String> {
    let program = Some(bin("psql")).filter(|program| program.is_file());
    let out = Command::new(program.unwrap_or_else(|| PathBuf::from("psql")))
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .arg(format!("{server}/postgres"))
        .output()
        .expect("psql runs; install Debian's postgresql packages (make setup)");
    if out.status.success() {
        return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&out.stderr).into_owned())
}

/// A name that changes with every change of a list of migrations.
fn name_of(list: &[Migration]) -> String {
    let mut hash = std::hash::DefaultHasher::new();
    for file in list {
        (file.name, file.sql).hash(&mut hash);
    }
    format!("{:016x}", hash.finish())
}

/// Makes the SQLite file that tests copy. Two that make it at once make the same, and the last one's name stands.
async fn make_file(pattern: &Path, list: &[Migration]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("pattern.db");
    let db = Db::open(&DbUrl::Sqlite(file.clone())).await.expect("the pattern opens");
    crate::migrate(&db, list, kernel::Instant::from_micros(0))
        .await
        .expect("the migrations apply");
    db.close().await;
    let log = folder.path().join("pattern.db-wal");
    assert!(!log.exists(), "the pattern's log is not in the pattern");
    // Renamed within one folder, so that nobody copies half a file.
    let beside = pattern.with_extension(format!("db-{}", std::process::id()));
    fs::copy(&file, &beside).expect("the pattern can be kept");
    fs::rename(&beside, pattern).expect("the pattern can be named");
}

/// Makes the PostgreSQL database that tests copy, unless another process just did.
async fn make_pattern(server: &str, pattern: &str, list: &[Migration]) {
    let lock = fs::File::create(std::env::temp_dir().join("shanqiao-test-patterns.lock")).expect("a lock can be made");
    lock.lock().expect("the patterns' lock can be taken");
    let there = format!("SELECT 1 FROM pg_database WHERE datname = '{pattern}'");
    if try_psql(server, &there).is_ok_and(|answer| answer.trim() == "1") {
        return;
    }
    let half = format!("{pattern}_half");
    psql(server, &format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)"));
    psql(server, &format!("CREATE DATABASE {half}"));
    let url = DbUrl::Postgres(format!("{server}/{half}"));
    let db = Db::open(&url).await.expect("the pattern opens");
    crate::migrate(&db, list, kernel::Instant::from_micros(0))
        .await
        .expect("the migrations apply");
    db.close().await;
    let name = format!("ALTER DATABASE {half} RENAME TO {pattern}");
    // The server ends a closed connection a moment later.
    for _ in 0..RENAMES_MAX {
        if try_psql(server, &name).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    psql(server, &name);
}

fn bin(name: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|all| all.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    folders
        .pop()
        .map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
}

fn is_root() -> bool {
    let out = Command::new("id").arg("-u").output().expect("id runs");
    out.stdout.trim_ascii() == b"0"
}

fn as_owner(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command.current_dir("/");
        return command;
    }
    Command::new(program)
}

/// Starts the shared cluster unless it runs; a lock file keeps two test processes from doing it at once.
#[allow(clippy::disallowed_methods, reason = "a cluster for each user of the machine")]
fn start() {
    let user = if is_root() {
        "postgres".to_owned()
    } else {
        std::env::var("USER").unwrap_or_else(|_| "user".into())
    };
    let home = std::env::temp_dir().join(format!("shanqiao-test-postgres-{user}"));
    fs::create_dir_all(&home).expect("the cluster's folder can be made");
    let lock = fs::File::create(home.join("lock")).expect("the cluster's lock can be made");
    lock.lock().expect("the cluster's lock can be taken");
    let data = home.join("data");
    let ready = |data: &Path| {
        let status = as_owner(&bin("pg_ctl")).args(["status", "-D"]).arg(data).output();
        status.is_ok_and(|out| out.status.success())
    };
    if ready(&data) {
        return;
    }
    if is_root() {
        run(Command::new("chown").args(["-R", "postgres"]).arg(&home));
    }
    if !data.join("PG_VERSION").exists() {
        run(as_owner(&bin("initdb"))
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data));
        let mut settings = fs::OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"))
            .expect("settings");
        writeln!(
            settings,
            "port = {PORT}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 300\n\
             shared_buffers = 256MB\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off"
        )
        .expect("settings can be written");
    }
    let log = home.join("log");
    run(as_owner(&bin("pg_ctl"))
        .args(["start", "-w", "-t", "60", "-D"])
        .arg(&data)
        .arg("-l")
        .arg(&log));
}

fn run(command: &mut Command) {
    let out = command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .expect("PostgreSQL’s programs run; install them with `make setup`");
    assert!(out.success(), "{command:?} failed");
}
