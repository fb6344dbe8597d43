//! Stops a build that could only end in a program without fonts, with the one line that mends it.

#![allow(
    clippy::disallowed_methods,
    reason = "Cargo speaks to a build script through the environment"
)]

use std::path::Path;

/// The faces every paper is set in; `make gen` brings them. Other `*.ttf` files beside them are embedded too.
const NEEDED: [&str; 2] = ["NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"];

fn main() {
    // Asked for when the script runs: compiled in, it would name the checkout in which the script was built.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let folder = Path::new(&own).join("../../generated/fonts");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", folder.display());
    if NEEDED.iter().any(|name| !folder.join(name).is_file()) {
        println!(
            "cargo::error=run `make gen` first: fonts are missing (generated/fonts/{})",
            NEEDED.join(", ")
        );
    }
}
