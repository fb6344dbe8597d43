//! Witnesses in processes of their own: ours, and one that nobody here wrote, where its program is there.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::{Client, House};

/// How long a witness may take to start.
const PATIENCE: Duration = Duration::from_secs(40);

/// A running witness; ended when dropped.
pub struct Peer {
    child: Child,
    /// `127.0.0.1:port`.
    pub address: String,
    /// Its public key.
    pub vkey: String,
    /// The key of the monitor beside it, where there is one.
    pub totals: Option<String>,
}

impl Peer {
    /// `qiao witness`, watching this log; the folder is its own.
    pub fn ours(folder: &Path, log: &str) -> Self {
        Self::with(folder, log, &[])
    }

    /// The same, which ends by itself once a tree is durable and before that is answered.
    pub fn ending_after_persist(folder: &Path, log: &str) -> Self {
        Self::with(folder, log, &["--test-abort-after-persist"])
    }

    /// The same with a monitor, which reads the log where `ORIGIN=PLACE` says.
    pub fn monitoring(folder: &Path, log: &str, place: &str) -> Self {
        Self::with(folder, log, &["--monitor", place])
    }

    fn with(folder: &Path, log: &str, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_qiao"))
            .args([
                "witness",
                "--name",
                "w.example/ours",
                "--listen",
                "127.0.0.1:0",
                "--watch",
                log,
            ])
            .args(more)
            .arg("--state")
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("qiao witness starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut next = |lead: &str| {
            let line = lines.next().expect("the witness speaks").expect("UTF-8");
            let rest = line.strip_prefix(lead).unwrap_or_else(|| panic!("{line}"));
            rest.trim_end_matches('/').to_owned()
        };
        let (vkey, address) = (next("witness "), next("http://"));
        let totals = more.contains(&"--monitor").then(|| next("monitor "));
        if totals.is_some() {
            next("http://");
        }
        Self {
            child,
            address,
            vkey,
            totals,
        }
    }

    /// `aics-witness`, which shares no code with us; `None` where its program is not installed.
    pub fn theirs(folder: &Path, log: &str) -> Option<Self> {
        let program = aics("aics-witness")?;
        let address = format!("127.0.0.1:{}", free_port());
        std::fs::create_dir_all(folder).expect("a folder");
        let run = |words: &[&str]| {
            let out = Command::new(&program)
                .args(words)
                .current_dir(folder)
                .env("AICS_WITNESS_CONFIG", folder.join("witness.json"))
                .output()
                .expect("it runs");
            assert!(
                out.status.success(),
                "{words:?}: {}",
                String::from_utf8_lossy(&out.stderr)
            );
            String::from_utf8(out.stdout).expect("UTF-8")
        };
        let said = run(&["init", "--name", "w.example/theirs", "--listen", &address]);
        let vkey = said
            .split_whitespace()
            .find(|word| word.starts_with("w.example/theirs+"));
        let vkey = vkey.unwrap_or_else(|| panic!("it says its key: {said}")).to_owned();
        let origin = log.split('+').next().expect("a name");
        run(&["add-log", "--origin", origin, "--vkey", log]);
        Some(Self::theirs_at(&program, folder, address, vkey))
    }

    /// The same witness once more, over the folder of one that ended.
    pub fn theirs_again(folder: &Path) -> Option<Self> {
        let address = format!("127.0.0.1:{}", free_port());
        Some(Self::theirs_at(&aics("aics-witness")?, folder, address, String::new()))
    }

    fn theirs_at(program: &Path, folder: &Path, address: String, vkey: String) -> Self {
        let child = Command::new(program)
            .args(["serve", "--listen", &address, "--log-level", "ERROR"])
            .current_dir(folder)
            .env("AICS_WITNESS_CONFIG", folder.join("witness.json"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("aics-witness starts");
        let begun = Instant::now();
        while Client::connect(&address).is_err() {
            assert!(begun.elapsed() < PATIENCE, "aics-witness does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self {
            child,
            address,
            vkey,
            totals: None,
        }
    }

    /// A new connection; both close theirs when they like.
    pub fn client(&self) -> Client {
        Client::connect(&self.address).expect("a connection")
    }

    /// SIGKILL.
    pub fn kill_9(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Ours, started above.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program of the packages `aics-tlog` and `aics-witness` (Python 3.12 or newer), which `scripts/setup.sh test` installs
/// into `target/aics` where such a Python is found; `SHANQIAO_AICS` names another place. `None` only where
/// `SHANQIAO_WITHOUT_AICS` says that the machine has none, as `make test` does and tells in its last lines.
///
/// # Panics
/// When it is missing: a comparison that was not made must not look like one that held.
pub fn aics(program: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/aics");
    let place = std::env::var_os("SHANQIAO_AICS").map_or(own, PathBuf::from);
    let path = place.join("bin").join(program);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("SHANQIAO_WITHOUT_AICS").is_some(),
        "{} is missing: the log and its witness are held against programs that nobody here wrote. Install Python 3.12 or \
         newer with its venv module (Debian: python3.12-venv, or pyenv install 3.13) and run `scripts/setup.sh test`, which \
         installs aics-tlog and aics-witness; or name their folder with SHANQIAO_AICS",
        path.display()
    );
    println!("NOT RUN: {program} is not installed ({})", path.display());
    None
}

/// Our checker over golang.org/x/mod, built from Debian's packages; without them this fails and says what to install.
pub fn logcheck(house: &House) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/logcheck/main.go");
    let gopath = house.path("go");
    let package = gopath.join("src/logcheck");
    std::fs::create_dir_all(&package).expect("a folder");
    std::fs::copy(source, package.join("main.go")).expect("the checker's text");
    let program = house.path("logcheck");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg("logcheck")
        .env("GO111MODULE", "off")
        .env("GOFLAGS", "")
        .env("GOPATH", format!("{}:/usr/share/gocode", gopath.display()))
        .env("GOCACHE", std::env::temp_dir().join("shanqiao-go-cache"))
        .output()
        .expect("go runs; install Debian's golang-go and golang-golang-x-mod-dev (make setup)");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    program
}

/// What it says of these published files.
pub fn run_logcheck(program: &Path, folder: &Path, vkey: &str, older: &[PathBuf]) -> Output {
    let mut command = Command::new(program);
    command.arg(folder).arg(vkey).args(older);
    command.output().expect("the checker runs")
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("it").port()
}
