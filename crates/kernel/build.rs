//! Finds the national region table that `make gen` brings, and says so plainly when it is not there.

#![allow(
    clippy::disallowed_methods,
    reason = "Cargo speaks to a build script through the environment"
)]

use std::path::PathBuf;

fn main() {
    // Asked for when the script runs: compiled in, it would name the checkout in which the script was built.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let table = PathBuf::from(own).join("../../generated/regions.tsv");
    println!("cargo::rerun-if-changed={}", table.display());
    println!("cargo::rerun-if-changed=build.rs");
    match table.canonicalize() {
        Ok(path) => println!("cargo::rustc-env=SHANQIAO_REGIONS={}", path.display()),
        Err(_) => println!("cargo::error=generated/regions.tsv is missing: run `make gen` once, then build again"),
    }
}
