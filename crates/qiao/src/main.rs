//! `qiao`: the one program of Shanqiao. Composition root and command line.

mod admin;
mod apart;
mod app;
mod bench;
mod cli;
mod client;
mod holdings;
mod log_store;
mod output;
mod partner_ports;
mod public_log;
mod router;
mod sight;
mod simulate;
mod work;
mod world;

use std::process::ExitCode;

/// Many small requests on few threads; docs/adr/0002 tells which profile led to it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
