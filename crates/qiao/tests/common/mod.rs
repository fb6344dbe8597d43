//! A house of one's own for each test: a data folder, a database, the real binary, and a small HTTP client.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests choose their own chance and read SHANQIAO_… themselves"
)]

pub mod http;
pub mod phone;
pub mod seeded;
pub mod server;
pub mod store;
pub mod witness;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub use http::Client;
use serde_json::Value;
pub use server::Server;
use tempfile::TempDir;
pub use witness::Peer;

/// The unit of every house; made up.
pub const UNIT: &str = "示例市红十字会";
/// Where it is, unless a test says otherwise.
const REGION: &str = "371300";

/// Which database a house stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// A file in the data folder.
    Sqlite,
    /// A database of its own on the test server.
    Postgres,
}

/// Runs a test body on both databases: `both!(name, |on| { … });`
#[macro_export]
macro_rules! both {
    ($name:ident, $body:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "the body's names come from its module")]
            use super::*;
            #[test]
            fn sqlite() {
                let body: fn($crate::common::On) = $body;
                body($crate::common::On::Sqlite);
            }
            #[test]
            fn postgres() {
                let body: fn($crate::common::On) = $body;
                body($crate::common::On::Postgres);
            }
        }
    };
}

/// Copies a folder that is there to a name that is not.
#[track_caller]
pub fn copy_folder(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-r").arg(from).arg(to).status();
    assert!(done.expect("cp runs").success(), "{} copied", from.display());
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    /// The exit code.
    pub code: i32,
    /// The document on standard output; `Null` when there is none.
    pub json: Value,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// The document of a command that must succeed.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        assert!(self.json.is_object(), "no document: {}\n{}", self.out, self.err);
        self.json
    }
}

/// A data folder and a database.
pub struct House {
    folder: TempDir,
    data: PathBuf,
    database: Option<String>,
    drop_name: Option<String>,
    /// Where the public log is published, and the address of the store; by default in the data folder.
    log_store: Option<(String, String)>,
    /// What `init` said.
    pub made: Value,
}

impl House {
    /// Without an installation.
    pub fn empty(on: On) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("qiao-test-")
            .tempdir()
            .expect("a temporary folder");
        let data = folder.path().join("data");
        let (database, drop_name) = match on {
            On::Sqlite => (None, None),
            On::Postgres => {
                let server = db::testing::server_url();
                let unique = folder
                    .path()
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .to_lowercase();
                let name = format!(
                    "q_{}_{}",
                    std::process::id(),
                    unique.replace(|c: char| !c.is_ascii_alphanumeric(), "")
                );
                psql(&format!("{server}/postgres"), &format!("CREATE DATABASE {name}"));
                (Some(format!("{server}/{name}")), Some(name))
            }
        };
        Self {
            folder,
            data,
            database,
            drop_name,
            log_store: None,
            made: Value::Null,
        }
    }

    /// With an installation.
    pub fn new(on: On) -> Self {
        Self::in_region(on, REGION)
    }

    /// With an installation whose public log is published to this place (`s3://…`) of the store at this address.
    pub fn stored(on: On, place: &str, store: &str) -> Self {
        let mut house = Self::empty(on);
        house.log_store = Some((place.to_owned(), store.to_owned()));
        house.init(REGION);
        house
    }

    /// From now on its commands publish the log to this place of the store at this address.
    pub fn publish_to(&mut self, place: &str, store: &str) {
        self.log_store = Some((place.to_owned(), store.to_owned()));
    }

    /// With an installation of a society elsewhere.
    pub fn in_region(on: On, region: &str) -> Self {
        let mut house = Self::empty(on);
        house.init(region);
        house
    }

    /// With an installation whose data folder lies elsewhere.
    pub fn at(data: PathBuf) -> Self {
        let mut house = Self::empty(On::Sqlite);
        house.data = data;
        house.init(REGION);
        house
    }

    fn init(&mut self, region: &str) {
        self.made = self
            .run(&[
                "init",
                "--unit",
                UNIT,
                "--region",
                region,
                "--log-fewest",
                "1",
                "--json",
            ])
            .ok();
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }
    /// A path for the test's own files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    /// Writes a file of the test's own and returns its name for the command line.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).expect("a file");
        name.to_owned()
    }
    /// The PostgreSQL database's address.
    pub fn url(&self) -> &str {
        self.database.as_deref().expect("a house on PostgreSQL")
    }
    /// The word that `init` said under this key.
    #[track_caller]
    pub fn word(&self, key: &str) -> &str {
        self.made[key].as_str().unwrap_or_else(|| panic!("init says {key}"))
    }

    /// A command of this house, not started yet.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qiao"));
        command.current_dir(self.folder.path()).arg("--data").arg(&self.data);
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        if let Some((place, store)) = &self.log_store {
            command.args(["--log-store", place]);
            command.env("QIAO_LOG_STORE_ENDPOINT", format!("http://{store}"));
            command.env("QIAO_LOG_STORE_ACCESS_KEY", "a-made-up-key");
            command.env("QIAO_LOG_STORE_SECRET_KEY", "a-made-up-secret");
        }
        command.args(words).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &[&str]) -> Said {
        let output = self.command(words).output().expect("qiao runs");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        let json = serde_json::from_str(&out).unwrap_or_default();
        Said {
            code: output.status.code().unwrap_or(-1),
            json,
            out,
            err,
        }
    }

    /// Starts the server and waits until it answers.
    pub fn serve(&self) -> Server {
        Server::start(self)
    }

    /// `report totals`, without the time it was made.
    #[track_caller]
    pub fn totals(&self) -> Value {
        let mut totals = self.run(&["report", "totals", "--json"]).ok();
        totals
            .as_object_mut()
            .expect("an object")
            .remove("as_of")
            .expect("as_of");
        totals
    }

    /// `doctor --deep` finds nothing.
    #[track_caller]
    pub fn is_sound(&self) {
        let said = self.run(&["doctor", "--deep", "--json"]).ok();
        assert_eq!(said["ok"], true, "{said}");
    }

    /// Waits until no reaction is behind its own failure any more: each tries again by itself after a pause.
    #[track_caller]
    pub fn reactions_recover(&self, within: Duration) {
        let begin = Instant::now();
        loop {
            let said = self.run(&["doctor", "--json"]);
            let checks = said.json;
            let failed = |check: &Value| check["name"] == "reaction" && check["ok"] == false;
            let Some(left) = checks["checks"]
                .as_array()
                .and_then(|all| all.iter().find(|c| failed(c)))
            else {
                return;
            };
            assert!(begin.elapsed() < within, "it does not recover: {left}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(name) = &self.drop_name {
            let server = db::testing::server_url();
            for each in [name.clone(), format!("{name}_log")] {
                psql(
                    &format!("{server}/postgres"),
                    &format!("DROP DATABASE IF EXISTS {each} WITH (FORCE)"),
                );
            }
        }
    }
}

/// Runs a statement and returns its rows as text.
pub fn psql(url: &str, sql: &str) -> String {
    let out = Command::new("psql")
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, url])
        .output()
        .expect("psql runs; install Debian's postgresql packages (make setup)");
    assert!(
        out.status.success(),
        "psql: {sql}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// The sum over a list of objects.
#[track_caller]
pub fn sum(list: &Value, key: &str) -> i64 {
    let each = list.as_array().expect("a list").iter();
    each.map(|one| one[key].as_i64().unwrap_or_else(|| panic!("{one} has {key}")))
        .sum()
}

/// `gifts` and `sum_fen` of totals that agree with themselves: by channel, by day, and the books where no other
/// money moved.
#[track_caller]
pub fn figures(totals: &Value) -> (i64, i64) {
    let (gifts, sum_fen) = (
        totals["gifts"].as_i64().expect("gifts"),
        totals["sum_fen"].as_i64().expect("sum_fen"),
    );
    for list in ["by_channel", "by_day"] {
        assert_eq!(
            (sum(&totals[list], "gifts"), sum(&totals[list], "sum_fen")),
            (gifts, sum_fen),
            "{list}: {totals}"
        );
    }
    let balance = &totals["trial_balance"];
    assert_eq!(balance["debit_fen"], balance["credit_fen"], "{totals}");
    assert_eq!(
        balance["debit_fen"],
        sum_fen - totals["refunds"]["sum_fen"].as_i64().expect("refunds"),
        "{totals}"
    );
    (gifts, sum_fen)
}
