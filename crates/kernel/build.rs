//! Finds the national region table that `make gen` brings, and says so plainly when it is not there.

use std::path::PathBuf;

fn main() {
    let table = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../generated/regions.tsv");
    println!("cargo::rerun-if-changed={}", table.display());
    println!("cargo::rerun-if-changed=build.rs");
    match table.canonicalize() {
        Ok(path) => println!("cargo::rustc-env=SHANQIAO_REGIONS={}", path.display()),
        Err(_) => println!("cargo::error=generated/regions.tsv is missing: run `make gen` once, then build again"),
    }
}
