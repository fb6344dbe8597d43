//! `check` and `test`: what must hold before a change is merged, in the order in which it is quick to know.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::{bring, console, deny, shell, tidy};

/// Format, laws, licences and lints.
pub fn quick() -> Result<()> {
    unbuilt()?;
    let mut lint = vec![
        "clippy".to_owned(),
        "--workspace".into(),
        "--all-targets".into(),
        "--quiet".into(),
    ];
    lint.extend(features());
    lint.extend(["--", "-D", "warnings"].map(str::to_owned));
    step("lints", || shell::run(cargo_owned(&lint)))
}

/// What can be known without a build.
fn unbuilt() -> Result<()> {
    bring::all()?;
    step("format", || shell::run(cargo(&["fmt", "--all", "--check"])))?;
    step("laws", || tidy::run().map(|_| ()))?;
    step("licences", || deny::run().map(|_| ()))
}

/// Everything CI runs. The Rust tests come last, so that the run ends with nextest's own summary; a failure in the
/// browser is reported even then.
pub fn all() -> Result<()> {
    unbuilt()?;
    step("console", console::test)?;
    let features = features();
    let mut build = vec![
        "nextest".to_owned(),
        "run".into(),
        "--workspace".into(),
        "--no-run".into(),
    ];
    build.extend(features.iter().cloned());
    step("build and lints", || shell::run(linted(&build)))?;
    let browser = step("browser", || node_tests("e2e"));
    let peers = step("peers", || node_tests("e2e/peers"));
    let contract = step("contract", || contract(Contract::Small));
    if !shared_data().is_dir() {
        eprintln!(
            "· not run: the suites on real files, since {} is not there",
            shared_data().display()
        );
    }
    let mut tests = vec![
        "nextest".to_owned(),
        "run".into(),
        "--workspace".into(),
        "--no-tests=pass".into(),
    ];
    tests.extend(features);
    let mut run = linted(&tests);
    let is_compared = has_aics();
    if !is_compared && !is_ci() {
        run.env("SHANQIAO_WITHOUT_AICS", "1");
    }
    let is_stored = has_store();
    if !is_stored && !is_ci() {
        run.env("SHANQIAO_WITHOUT_STORE", "1");
    }
    let rust = shell::run(run);
    if !is_compared {
        eprintln!(
            "· {}: the public log held against aics-tlog and aics-witness, which are not installed; install Python 3.12 or \
             newer with venv (Debian: python3.12-venv, or pyenv install 3.13) and run scripts/setup.sh test",
            if is_ci() { "failed" } else { "not run" }
        );
    }
    if !is_stored {
        eprintln!(
            "· {}: the public log published to a store that speaks S3 (moto), which is not installed; install Python 3.11 or \
             newer with venv (Debian: python3-venv) and run scripts/setup.sh test",
            if is_ci() { "failed" } else { "not run" }
        );
    }
    let failed = [
        ("in the browser", browser),
        ("with the peers", peers),
        ("of the interface’s document", contract),
        ("in Rust", rust),
    ]
    .into_iter()
    .filter_map(|(place, outcome)| Some(format!("{place}: {:#}", outcome.err()?)))
    .collect::<Vec<_>>();
    if failed.is_empty() {
        Ok(())
    } else {
        bail!("{}", failed.join("; and "))
    }
}

/// Whether CI runs this: there nothing may be left out.
fn is_ci() -> bool {
    std::env::var_os("SHANQIAO_CI").is_some()
}

/// Whether the verifier and the witness in Python are there, which scripts/setup.sh installs.
fn has_aics() -> bool {
    let place = std::env::var_os("SHANQIAO_AICS").map_or_else(|| shell::root().join("target/aics"), PathBuf::from);
    ["aics-tlog", "aics-witness"]
        .iter()
        .all(|program| place.join("bin").join(program).is_file())
}

/// Whether the store in Python is there, which scripts/setup.sh installs.
fn has_store() -> bool {
    let place = std::env::var_os("SHANQIAO_STORE").map_or_else(|| shell::root().join("target/store"), PathBuf::from);
    place.join("bin/python").is_file()
}

/// How much of the interface is tried.
#[derive(PartialEq, Eq)]
enum Contract {
    /// The same requests every time, for a minute.
    Small,
    /// Also random and chained ones, for some minutes a role.
    Full,
}

/// Holds the real server against its own OpenAPI document (scripts/contract), with the Python that scripts/setup.sh made.
fn contract(form: Contract) -> Result<()> {
    let python = shell::root().join("target/contract/bin/python");
    if !python.is_file() {
        let words = "the interface held against its document by Schemathesis, which is not installed; install Python 3.10 or \
                     newer with venv (Debian: python3-venv) and run scripts/setup.sh test";
        if is_ci() {
            bail!("{words}");
        }
        eprintln!("· not run: {words}");
        return Ok(());
    }
    let mut arguments = vec!["scripts/contract/run.py"];
    if form == Contract::Full {
        arguments.push("--full");
    }
    let mut run = shell::command(&python.to_string_lossy(), &arguments);
    run.env("QIAO_BIN", shell::root().join("target/debug/qiao"));
    shell::run(run)
}

/// The long variants of the crash tests, by name and with their full number of rounds; the whole interface against its
/// document.
pub fn soak() -> Result<()> {
    bring::all()?;
    shell::run(cargo(&["build", "--package", "qiao", "--features", "db/testing"]))?;
    step("contract", || contract(Contract::Full))?;
    let filter = "test(kill) | test(soak) | test(full_disk) | test(two_processes_never_overdraw)";
    let mut tests = cargo(&["nextest", "run", "--workspace", "--profile", "soak", "-E", filter]);
    tests.env("SHANQIAO_SOAK", "1");
    shell::run(tests)
}

/// Where the real files are, which the repository never holds.
pub fn shared_data() -> PathBuf {
    let place = std::env::var_os("SHANQIAO_SHARED").map(PathBuf::from);
    place.unwrap_or_else(|| shell::root().join("../shared/data"))
}

/// `--features` for the suites that need something beside the code: the peers' clients, which the step before brings,
/// and, if they are there, the real files.
fn features() -> Vec<String> {
    let mut names = vec!["integrations/peers".to_owned()];
    if shared_data().is_dir() {
        names.extend(crates_with_shared_data());
    }
    vec!["--features".into(), names.join(",")]
}

/// The features of the crates that have suites on the real files.
fn crates_with_shared_data() -> Vec<String> {
    let crates = fs::read_dir(shell::root().join("crates"))
        .into_iter()
        .flatten()
        .flatten();
    let has_it = |folder: &PathBuf| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.starts_with("shared-data ="))
    };
    let mut names: Vec<String> = crates
        .map(|entry| entry.path())
        .filter(has_it)
        .filter_map(|folder| Some(format!("{}/shared-data", folder.file_name()?.to_str()?)))
        .collect();
    names.sort();
    names
}

/// The tests of a folder with packages of its own, against the real binary: pages in a browser, clients of payment
/// providers that nobody here wrote.
fn node_tests(folder: &str) -> Result<()> {
    let folder = shell::root().join(folder);
    if !folder.join("package.json").is_file() {
        return Ok(());
    }
    let mut install = shell::command("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    install.current_dir(&folder);
    shell::run(install)?;
    let mut tests = shell::command("npm", &["test", "--silent"]);
    tests
        .current_dir(&folder)
        .env("QIAO_BIN", shell::root().join("target/debug/qiao"));
    shell::run(tests)
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let begun = Instant::now();
    let done = work();
    eprintln!("· {name}: {} s", begun.elapsed().as_secs());
    done
}

/// Cargo with a compiler that lints what it compiles, so that nothing is read a second time for it: `cargo clippy` takes the
/// same compiler for a build that is thrown away, and reads all dependencies for it (docs/adr/0003).
fn linted(words: &[String]) -> Command {
    let mut command = cargo_owned(words);
    command
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        .env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    command
}

fn cargo(words: &[&str]) -> Command {
    shell::command("cargo", words)
}

fn cargo_owned(words: &[String]) -> Command {
    cargo(&words.iter().map(String::as_str).collect::<Vec<_>>())
}
