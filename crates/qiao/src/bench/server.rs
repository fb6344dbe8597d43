//! A server under test, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, anyhow};
use serde_json::Value;

/// A fresh installation in a temporary folder, or on a PostgreSQL database that is empty.
pub struct House {
    folder: PathBuf,
    database: Option<String>,
    /// What `init` printed.
    pub made: Value,
}

/// A running server; ended when dropped.
pub struct Server {
    child: Child,
    /// `127.0.0.1:port`.
    pub address: String,
}

/// The path of this program.
///
/// # Errors
/// When the system does not tell it.
pub fn program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("the program’s own path")
}

impl House {
    /// Makes it.
    pub fn make(database: Option<&str>) -> anyhow::Result<Self> {
        let unique = format!("qiao-bench-{}", std::process::id());
        let mut folder = std::env::temp_dir().join(unique);
        let mut serial = 0;
        while folder.exists() {
            serial += 1;
            folder = folder.with_extension(serial.to_string());
        }
        let database = database.filter(|d| d.starts_with("postgres")).map(str::to_owned);
        let mut house = Self {
            folder,
            database,
            made: Value::Null,
        };
        house.made = house.run(&[
            "init",
            "--unit",
            "测量红十字会",
            "--region",
            "371300",
            // What is measured does not stand still for the last few gifts of a run.
            "--log-fewest",
            "1",
            "--json",
        ])?;
        Ok(house)
    }
    /// Its data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
    /// A text that `init` printed.
    pub fn text(&self, name: &str) -> anyhow::Result<String> {
        let text = self.made[name]
            .as_str()
            .ok_or_else(|| anyhow!("init printed no {name}"))?;
        Ok(text.to_owned())
    }
    fn command(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(program()?);
        command.args(arguments).arg("--data").arg(&self.folder);
        if let Some(database) = &self.database {
            command.arg("--database").arg(database);
        }
        Ok(command)
    }
    /// Runs a command of the program to its end and reads its document.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let out = self.command(arguments)?.stderr(Stdio::piped()).output()?;
        if !out.status.success() {
            return Err(anyhow!(
                "qiao {}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&out.stderr)
            ));
        }
        serde_json::from_slice(&out.stdout).with_context(|| format!("qiao {}", arguments.join(" ")))
    }
    /// Starts its server on a free port.
    pub fn serve(&self) -> anyhow::Result<Server> {
        self.serve_with(&[])
    }
    /// The same with more arguments.
    pub fn serve_with(&self, more: &[&str]) -> anyhow::Result<Server> {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--bench-bare"];
        let mut child = self
            .command(&arguments)?
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("the server’s words")?).lines();
        let address = loop {
            let line = lines
                .next()
                .ok_or_else(|| anyhow!("the server ended before it listened"))??;
            if let Some(rest) = line.strip_prefix("http://") {
                break rest.trim_end_matches('/').to_owned();
            }
        };
        // What it says later is passed on, so that its pipe never fills.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                crate::output::print(crate::output::Said::Words(line));
            }
        });
        Ok(Server { child, address })
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            crate::output::print(crate::output::Said::Words(format!(
                "{} could not be removed: {error}",
                self.folder.display()
            )));
        }
    }
}

impl Server {
    /// Asks it to stop and waits.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        self.child.wait()?;
        Ok(())
    }
    /// Memory it holds now, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ours, started above; already ended after `stop`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
