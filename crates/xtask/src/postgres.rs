//! A PostgreSQL server of our own for benchmarks (default durability, unlike the tests' one), and the end of the tests' one.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

/// A running server; stopped and removed with it.
pub struct Server {
    home: PathBuf,
    port: u16,
}

impl Server {
    /// Makes and starts one with the settings PostgreSQL has by default.
    pub fn start() -> Result<Self> {
        let home = std::env::temp_dir().join(format!("shanqiao-bench-postgres-{}", std::process::id()));
        fs::create_dir_all(&home)?;
        if is_root() {
            let mut own = Command::new("chown");
            own.arg("postgres:").arg(&home);
            shell::run(own)?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { home, port };
        let data = server.data();
        let mut make = as_owner(&bin("initdb"));
        make.arg("-D").arg(&data).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        shell::run_quietly(make).context("initdb")?;
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -k {}", server.home.display());
        let mut start = as_owner(&bin("pg_ctl"));
        start
            .args(["start", "-w", "-D"])
            .arg(&data)
            .args(["-o", &options, "-l"])
            .arg(server.home.join("log"));
        shell::run_quietly(start).context("pg_ctl start")?;
        Ok(server)
    }
    /// The URL of a new, empty database on it.
    pub fn database(&self, name: &str) -> Result<String> {
        let mut create = Command::new(bin("createdb"));
        create.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string(), name]);
        shell::run_quietly(create).context("createdb")?;
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }
    /// Transactions a second of `pgbench`'s own TPC-B-like test, the yardstick of the intake.
    pub fn pgbench_tps(&self) -> Result<f64> {
        self.database("pgbench")?;
        let port = self.port.to_string();
        let at = ["-h", "127.0.0.1", "-U", "postgres", "-p", &port];
        let mut fill = Command::new(bin("pgbench"));
        fill.args(at).args(["-i", "-s", "50", "-q", "pgbench"]);
        shell::run_quietly(fill).context("pgbench -i")?;
        let mut measure = Command::new(bin("pgbench"));
        measure.args(at).args(["-c", "32", "-j", "2", "-T", "30", "pgbench"]);
        let out = measure.output().context("pgbench")?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let tps = text
            .lines()
            .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        tps.with_context(|| format!("pgbench gave no tps: {text}"))
    }
    fn data(&self) -> PathBuf {
        self.home.join("data")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = stop(&self.data());
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// Stops the server that the tests share (crates/db/src/testing.rs) and removes it.
pub fn stop_the_tests_server() -> Result<()> {
    let user = if is_root() {
        "postgres".to_owned()
    } else {
        std::env::var("USER").unwrap_or_else(|_| "user".into())
    };
    let home = std::env::temp_dir().join(format!("shanqiao-test-postgres-{user}"));
    if !home.join("data").is_dir() {
        return Ok(());
    }
    stop(&home.join("data"))?;
    fs::remove_dir_all(&home).with_context(|| home.display().to_string())
}

fn stop(data: &Path) -> Result<()> {
    let mut stop = as_owner(&bin("pg_ctl"));
    stop.args(["stop", "-m", "fast", "-D"]).arg(data);
    shell::run_quietly(stop).context("pg_ctl stop")
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

/// PostgreSQL refuses root.
fn as_owner(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    command
}

/// The newest version Debian has, else what the path finds.
fn bin(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin").join(name)).collect();
    found.retain(|path| path.is_file());
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(name))
}

/// Refuses with a plain word when there is no server to start.
pub fn require() -> Result<()> {
    if bin("initdb").is_absolute() || shell::is_there("initdb") {
        Ok(())
    } else {
        bail!("PostgreSQL is missing: make setup")
    }
}
