//! `qiao`: the one program of Shanqiao. Composition root and command line.

mod admin;
mod app;
mod bench;
mod cli;
mod output;
mod router;
mod simulate;
mod work;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
