//! The staff console: its packages, its checks, its bundle in `console/dist`, which the programme serves.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::shell;

/// What the bundle is made of, besides the console's own sources: the interface's description and the words.
const BESIDE: [&str; 2] = ["docs/api/openapi.json", "locales"];
/// The console's own, without what is made: `dist`, `node_modules`, generated types.
const OWN: [&str; 9] = [
    "index.html",
    "wall.html",
    "phone.html",
    "package.json",
    "package-lock.json",
    "public",
    "scripts",
    "src",
    "vite.config.ts",
];

/// Types, bundle (which must not weigh too much), tests.
pub fn test() -> Result<()> {
    install()?;
    for words in [&["run", "check"][..], &["run", "build"][..], &["test"][..]] {
        npm(words)?;
    }
    Ok(())
}

/// Makes the bundle where it is not there or older than what it is made of.
pub fn build() -> Result<()> {
    let folder = folder();
    let made = fs::metadata(folder.join("dist/index.html")).and_then(|file| file.modified());
    let sources = OWN.iter().map(|own| folder.join(own));
    let sources = sources.chain(BESIDE.iter().map(|beside| shell::root().join(beside)));
    let newest = sources.map(|source| newest_in(&source)).max().flatten();
    if let (Ok(made), Some(newest)) = (made, newest)
        && made >= newest
    {
        return Ok(());
    }
    install()?;
    npm(&["run", "build"])
}

fn folder() -> PathBuf {
    shell::root().join("console")
}

fn install() -> Result<()> {
    if !shell::is_there("npm") {
        bail!("npm is missing: install Node.js 20 or newer (on Debian: apt-get install nodejs npm), then try again");
    }
    npm(&["ci", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"])
        .context("the packages of console/ could not be brought; is a package registry reachable?")
}

fn npm(words: &[&str]) -> Result<()> {
    let mut npm = shell::command("npm", words);
    npm.current_dir(folder());
    shell::run(npm)
}

/// When the newest file in a folder, or the file itself, was written.
fn newest_in(path: &Path) -> Option<SystemTime> {
    let Ok(entries) = fs::read_dir(path) else {
        return fs::metadata(path).and_then(|file| file.modified()).ok();
    };
    let generated = |path: &Path| path.to_str().is_some_and(|text| text.ends_with(".gen.ts"));
    let inside = entries.filter_map(|entry| Some(entry.ok()?.path()));
    inside
        .filter(|path| !generated(path))
        .filter_map(|path| newest_in(&path))
        .max()
}
