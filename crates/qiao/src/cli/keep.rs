//! `qiao backup`, `qiao restore`, `qiao key`: keeping what must not be lost.

use std::path::PathBuf;

use platform::Keys;
use platform::backup;
use serde_json::json;

use crate::app::{App, Opening, Place, open, write_secret};
use crate::output::{Done, Failure, Out};

/// The folder of stored bytes inside the data folder.
const FILES: &str = "files";

/// What `backup` is told.
#[derive(clap::Args)]
pub struct BackupArgs {
    /// The file to write; it must not exist.
    file: PathBuf,
}

/// What `restore` is told.
#[derive(clap::Args)]
pub struct RestoreArgs {
    /// A file written by `qiao backup`.
    file: PathBuf,
}

/// What to do with the key.
#[derive(clap::Subcommand)]
pub enum KeyCommand {
    /// Add a key to the key file: new values are sealed with it, old ones stay readable.
    Rotate,
}

/// Writes a backup from one snapshot, also while serving.
pub async fn backup(app: &App, args: BackupArgs, out: &Out) -> Done {
    let path = out.cwd.join(&args.file);
    let s = &app.services;
    let told = |step: backup::Step| out.say(format!("{}: {}", step.what, step.done));
    let written = backup::backup(&s.db, &s.data.join(FILES), &path, s.keys.fingerprint(), s.now(), told).await?;
    out.result(&json!(written), || {
        format!(
            "{} written. Keep the key file beside it, in another safe place.",
            path.display()
        )
    });
    Ok(())
}

/// Fills an empty database from a backup.
pub async fn restore(place: &Place, args: RestoreArgs, out: &Out) -> Done {
    let opened = open(place, Opening::Make).await?;
    let path = out.cwd.join(&args.file);
    let s = &opened.app.services;
    let told = |step: backup::Step| out.say(format!("{}: {}", step.what, step.done));
    let outcome = backup::restore(&s.db, &s.data.join(FILES), &path, told).await;
    opened.close().await;
    let restored = outcome?;
    out.result(&json!(restored), || {
        "restored; run `qiao doctor --deep` before serving".into()
    });
    Ok(())
}

/// Adds a key.
pub async fn key(app: &App, command: KeyCommand, out: &Out) -> Done {
    let KeyCommand::Rotate = command;
    let path = app.services.data.join("key");
    let file = std::fs::read_to_string(&path)
        .map_err(|e| Failure::Refused(format!("{} cannot be read: {e}; nothing was changed", path.display())))?;
    let rotated = Keys::rotated_file(&file, &*app.services.rng)?;
    write_secret(&path, &rotated)?;
    out.result(&json!({ "rotated": true }), || {
        "a new key was added; restart the server to use it, and renew your safe copy of the key file".into()
    });
    Ok(())
}
