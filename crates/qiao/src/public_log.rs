//! Opening the public log: its own database, its key, its folder.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use db::Db;
use platform::Services;
use proof::log::{Folder, Log, folder_in, new_key_file, signer_from_file};

use crate::app::{App, setting, write_secret};

/// The file of the log's key.
pub fn key_file(services: &Services) -> PathBuf {
    services.data.join("log.key")
}

/// The folder of published files.
pub fn folder(services: &Services) -> Folder {
    Folder::at(folder_in(&services.data))
}

/// Opens the log. Its key is made once, before anything was ever signed.
///
/// # Errors
/// Words that say what to do.
pub async fn open(app: &App) -> anyhow::Result<Log> {
    let s = &app.services;
    db::make_database(&app.log_url).await.context(
        "the public log’s own database cannot be made; make it by hand, or name another with --log-database",
    )?;
    let db = Db::open(&app.log_url).await.context("the public log’s own database")?;
    db::migrate(&db, proof::log::MIGRATIONS, s.now()).await?;
    let origin = setting(&s.db, "origin").await?.context("the log has no origin")?;
    let (path, folder) = (key_file(s), folder(s));
    if !path.exists() {
        if proof::log::has_signed(&db, &folder).await? {
            bail!(
                "{} is missing, and the log has signed before. Put the file back from your safe copy; without it nothing \
                 more can be signed under this key",
                path.display()
            );
        }
        write_secret(&path, &new_key_file(&s.keys, &*s.rng))?;
    }
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let signer = signer_from_file(&text, &s.keys, &origin)?;
    Ok(Log::new(db, folder, signer))
}
