//! `qiao backup`, `qiao restore`, `qiao key`: keeping what must not be lost.

use std::path::{Path, PathBuf};

use platform::Keys;
use platform::backup;
use platform::rewrap::key_use;
use serde_json::json;

use crate::app::{App, Opening, Place, open, sealed_columns, write_secret};
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
    /// Add a key to the key file: new values are sealed with it, the server seals the older ones anew.
    Rotate,
    /// Remove the older keys from the key file, once nothing is left that they sealed.
    RemoveOld,
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

/// Adds a key, or removes the older ones.
pub async fn key(app: &App, command: KeyCommand, out: &Out) -> Done {
    let path = app.services.data.join("key");
    let file = std::fs::read_to_string(&path)
        .map_err(|e| Failure::Refused(format!("{} cannot be read: {e}; nothing was changed", path.display())))?;
    match command {
        KeyCommand::Rotate => rotate(app, &path, &file, out),
        KeyCommand::RemoveOld => remove_old(app, &path, &file, out).await,
    }
}

fn rotate(app: &App, path: &Path, file: &str, out: &Out) -> Done {
    let rotated = Keys::rotated_file(file, &*app.services.rng)?;
    write_secret(path, &rotated)?;
    out.result(&json!({ "rotated": true }), || {
        "a new key was added; restart the server to use it, and renew your safe copy of the key file. The server then \
         seals older values anew; `qiao doctor` says how many are left, and when none are, `qiao key remove-old` \
         removes the older keys"
            .into()
    });
    Ok(())
}

async fn remove_old(app: &App, path: &Path, file: &str, out: &Out) -> Done {
    let s = &app.services;
    // The file may be newer than what this server was started with; what counts is the file's own newest key.
    let keys = Keys::from_file(file)?;
    if keys.newest_number() != s.keys.newest_number() {
        return Err(Failure::Refused(
            "the key file has a newer key than this server uses; restart the server first. Nothing was changed".into(),
        ));
    }
    let mut at = s.db.snapshot().await?;
    let counted = key_use(&mut at, &keys, &sealed_columns()).await?;
    drop(at);
    if counted.older_keys > 0 && !counted.may_remove() {
        return Err(Failure::Refused(format!(
            "{} values and {} kept answers are left that older keys sealed; nothing was changed. A running server seals \
             the values anew in the background, the answers are forgotten within a week",
            counted.left, counted.answers_left
        )));
    }
    if counted.older_keys > 0 {
        write_secret(path, &Keys::file_without_older(file)?)?;
    }
    out.result(&json!({ "removed": counted.older_keys }), || match counted.older_keys {
        0 => "the key file holds one key; nothing was changed".into(),
        removed => format!(
            "{removed} older keys were removed; renew your safe copy of the key file. Keep the old copy for as long as you \
             keep backups made before today: they open with it alone"
        ),
    });
    Ok(())
}
