//! Everything the Makefile names, and the laws of the house: `cargo xtask help`.

#![allow(
    clippy::disallowed_methods,
    reason = "a developer's tool may read the environment and the time"
)]

mod bench;
mod bring;
mod check;
mod console;
mod demo;
mod deny;
mod hash;
mod postgres;
mod regions;
mod shell;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;

const HELP: &str = "\
cargo xtask COMMAND

  run             build, start the server on SQLite, replay a giving day (PORT, DATA, SPEED; STAY=no ends at once)
  test            everything CI checks: check, then the browser tests and all Rust tests
  check           format, laws, licences and sources of what we build on, lints
  deny            deny.toml: licences, banned packages, sources
  tidy            the laws of STYLE.md that a machine can check
  gen             bring fonts and the region table into generated/ (packages pinned in tools/gen), record new
                  migrations, write docs/errors.md
  bench           the programme's benchmarks against what was promised (PROFILE=dist: as shipped)
  bench-growth    intake with ten million gifts before it
  soak            the long variants of the crash tests; the interface against its document at length
  postgres stop   end the PostgreSQL server that the tests share
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command(&words) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
        None => {
            eprint!("{HELP}");
            ExitCode::from(2)
        }
    }
}

/// Does what the words say; `None` when they say nothing known.
fn command(words: &[&str]) -> Option<Result<()>> {
    Some(match words {
        ["run"] => demo::run(),
        // Only `run` calls it: the same program again, with Ctrl-C left to the server.
        ["watch"] => demo::watch(),
        ["test"] => check::all(),
        ["check"] => check::quick(),
        ["tidy"] => tidy::run().map(|files| println!("tidy: {files} files keep the laws")),
        ["deny"] => deny::run().map(|packages| println!("deny: {packages} packages keep deny.toml")),
        ["gen"] => bring::all()
            .and_then(|()| tidy::record_migrations())
            .and_then(|()| tidy::write_errors()),
        ["bench"] => bench::all(),
        ["bench-growth"] => bench::growth(),
        ["soak"] => check::soak(),
        ["postgres", "stop"] => postgres::stop_the_tests_server(),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => return None,
    })
}
