//! `qiao log`: how the public log stands, what a certificate is proved with, and reading it back after a loss.

use std::path::PathBuf;

use giving::donations::gift_of_certificate;
use kernel::GiftId;
use kernel::id::from_public;
use proof::log::Log;
use serde_json::json;

use crate::app::{App, write_secret};
use crate::output::{Done, Failure, Out};
use crate::public_log;

/// What to do with the log.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Say how many entries are signed and published, how many wait, and why it stands still, if it does.
    Status,
    /// Write the proof of a certificate: with it the gift is proved to be in the log, without this server.
    Proof {
        /// The certificate's id, as in its address /v/ID.
        certificate: String,
        /// The file to write.
        #[arg(long, short)]
        output: PathBuf,
    },
    /// Read the log's own database back from the published files, after it was lost or an old copy was put back.
    Recover,
}

/// Does it: in the server that writes the log, or here.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    if let Some(log) = &app.log {
        return work(app, log, command, out).await;
    }
    let log = public_log::open(app)
        .await
        .map_err(|e| Failure::Refused(format!("{e:#}")))?;
    let done = work(app, &log, command, out).await;
    log.db().close().await;
    done
}

async fn work(app: &App, log: &Log, command: Command, out: &Out) -> Done {
    let s = &app.services;
    match command {
        Command::Status => {
            let (wrong, status) = log.examine(s).await;
            out.result(&json!({ "log": status, "vkey": log.verifier().to_text() }), || {
                let words = format!(
                    "{}: {} entries signed, {} published, {} wait for others, {} facts not read yet",
                    log.verifier().name(),
                    status.size,
                    status.published,
                    status.held,
                    status.lag
                );
                match &status.stopped {
                    Some(why) => format!("{words}\nIt stands still: {why}"),
                    None => words,
                }
            });
            wrong.map_or(Ok(()), |error| Err(Failure::Said(error.to_string())))
        }
        Command::Proof { certificate, output } => {
            let id: GiftId =
                from_public(&*s.keys, &certificate).map_err(|e| Failure::Usage(format!("{certificate}: {e}")))?;
            let proof = log.proof(s, gift_of_certificate(id)).await?;
            let path = out.cwd.join(output);
            write_secret(&path, &proof.to_text())?;
            out.result(&json!({ "file": path, "index": proof.index }), || {
                format!(
                    "{} written. Who holds it can show the donor’s name: treat it like the certificate.",
                    path.display()
                )
            });
            Ok(())
        }
        Command::Recover => {
            let recovered = log.recover(s).await?;
            out.result(&json!(recovered), || {
                format!(
                    "the log’s database had {} entries and has {}; the facts are read again from the first",
                    recovered.had, recovered.has
                )
            });
            Ok(())
        }
    }
}
