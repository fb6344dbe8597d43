//! `run`: builds, starts the server on SQLite, replays the giving day, says where to look, and stays until Ctrl-C.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{bring, console, shell};

/// Mission M-01: one giving day of one city.
const GIFTS: &str = "38000";
const SUM_YUAN: &str = "1061100.00";
const SEED: &str = "58";
/// A day in little more than a minute: slow enough to watch. `SPEED=0` is as fast as it goes.
const GIFTS_PER_SECOND: &str = "500";
const REGION: &str = "371300";
const UNIT: &str = "临沂市善桥慈善会（演示）";
/// A start that takes longer than this is a fault, not a slow machine.
const START_TIME_MAX: Duration = Duration::from_secs(60);

/// Builds, then hands over to [`watch`] in a process that leaves Ctrl-C to the server.
pub fn run() -> Result<()> {
    bring::all()?;
    console::build()?;
    // With the feature that the tests switch on, so that run and test share every artefact (docs/adr/0003).
    shell::run(shell::command(
        "cargo",
        &["build", "--package", "qiao", "--features", "db/testing"],
    ))?;
    // An ignored signal stays ignored through exec: this process waits while the server, which sets its own handler, stops
    // gracefully. Before this point Ctrl-C ends the build as usual.
    let mut handed_over = Command::new("sh");
    handed_over
        .args(["-c", "trap '' INT; exec \"$0\" watch"])
        .arg(std::env::current_exe()?);
    Err(handed_over.exec()).context("cannot start the demonstration")
}

/// Starts the server, gives the day its gifts, tells what to try, and waits for the end.
pub fn watch() -> Result<()> {
    let place = Place::from_environment();
    if TcpStream::connect(&place.listen).is_ok() {
        bail!(
            "something listens on {} already; choose another port: make run PORT=8081",
            place.listen
        );
    }
    place.init()?;
    let mut server = place
        .qiao(&["serve", "--listen", &place.listen])
        .spawn()
        .context("qiao serve")?;
    let shown = place
        .until_it_answers(&mut server)
        .and_then(|()| place.giving_day(&mut server));
    if let Err(error) = shown {
        let _ = server.kill();
        let _ = server.wait();
        return Err(error);
    }
    place.tell_what_to_try();
    if std::env::var("STAY").is_ok_and(|stay| stay == "no") {
        let _ = Command::new("kill").args(["-INT", &server.id().to_string()]).status();
    }
    let status = server.wait()?;
    if status.success() {
        Ok(())
    } else {
        bail!("the server ended with {status}")
    }
}

struct Place {
    listen: String,
    data: PathBuf,
}

impl Place {
    fn from_environment() -> Self {
        let port = std::env::var("PORT").unwrap_or_else(|_| "8080".into());
        let data = std::env::var_os("DATA").map_or_else(|| shell::root().join("data"), PathBuf::from);
        Self {
            listen: format!("127.0.0.1:{port}"),
            data,
        }
    }

    fn qiao(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(words)
            .arg("--data")
            .arg(&self.data)
            .current_dir(shell::root());
        command
    }

    /// A first start makes the installation and keeps the answer (with its tokens) readable by this user alone.
    fn init(&self) -> Result<()> {
        let notes = self.notes();
        if notes.is_file() {
            return Ok(());
        }
        let is_empty = fs::read_dir(&self.data).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty {
            eprintln!(
                "· {} holds an installation that `make run` did not make; it is used as it is",
                self.data.display()
            );
            return Ok(());
        }
        let base = format!("http://{}", self.listen);
        let words = [
            "init",
            "--unit",
            UNIT,
            "--region",
            REGION,
            "--base-url",
            &base,
            // One visitor at a time gives here, and wants to see it in the log.
            "--log-fewest",
            "1",
            "--json",
        ];
        let made = self.qiao(&words).stderr(Stdio::inherit()).output()?;
        if !made.status.success() {
            bail!("qiao init failed ({})", made.status);
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&notes)?;
        file.write_all(&made.stdout)?;
        let begun = self
            .qiao(&["goods", "catalogue-start"])
            .stdout(Stdio::null())
            .status()?;
        if begun.success() {
            Ok(())
        } else {
            bail!("qiao goods catalogue-start failed ({begun})")
        }
    }

    fn notes(&self) -> PathBuf {
        self.data.join("demo.json")
    }

    fn until_it_answers(&self, server: &mut Child) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < START_TIME_MAX {
            if let Some(status) = server.try_wait()? {
                bail!("the server ended at once ({status}); `target/debug/qiao doctor` says what is wrong");
            }
            if TcpStream::connect(&self.listen).is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(100));
        }
        bail!(
            "the server does not answer on {} after {} s",
            self.listen,
            START_TIME_MAX.as_secs()
        )
    }

    fn giving_day(&self, server: &mut Child) -> Result<()> {
        let done = self.data.join("giving-day.json");
        if done.is_file() {
            return Ok(());
        }
        eprintln!("\n  http://{}/   ← open it now: the giving day begins\n", self.listen);
        let speed = std::env::var("SPEED").unwrap_or_else(|_| GIFTS_PER_SECOND.into());
        let words = [
            "simulate",
            "giving-day",
            "--gifts",
            GIFTS,
            "--sum-yuan",
            SUM_YUAN,
            "--seed",
            SEED,
        ];
        let words = [&words[..], &["--per-second", &speed, "--json"]].concat();
        let mut day = self
            .qiao(&words)
            .stdout(fs::File::create(done.with_extension("part"))?)
            .spawn()?;
        loop {
            if let Some(status) = day.try_wait()? {
                if !status.success() {
                    bail!("the giving day broke off ({status})");
                }
                fs::rename(done.with_extension("part"), &done)?;
                return Ok(());
            }
            if server.try_wait()?.is_some() {
                let _ = day.kill();
                let _ = day.wait();
                bail!("the server was stopped during the giving day; `make run` goes on where it was");
            }
            sleep(Duration::from_millis(100));
        }
    }

    fn tell_what_to_try(&self) {
        let at = format!("http://{}", self.listen);
        let data = self.data.display();
        println!(
            "
  善桥 is running:   {at}/

  Try next
    the pages        {at}/            totals and ranks live; switch the language at the top
    the console      target/debug/qiao user invite admin --data {data}   then open the link it prints
    the books        target/debug/qiao report totals --data {data} --json
    your own files   target/debug/qiao import gifts FILE… --data {data} --dry-run
    a check          target/debug/qiao doctor --deep --data {data}
    tokens           {notes} (made at the first start)

  Ctrl-C stops it; the data stays in {data}.
",
            notes = self.notes().display()
        );
    }
}

/// Where cargo puts the programme.
pub fn binary() -> PathBuf {
    Path::new(&shell::root()).join("target/debug/qiao")
}
