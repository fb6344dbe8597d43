//! `qiao log`: how the public log stands, what a certificate is proved with, and reading it back after a loss.

mod rotate;
mod sm2;

use std::path::PathBuf;

use giving::donations::gift_of_certificate;
use kernel::id::{from_public, public};
use kernel::{GiftId, UnitId};
use platform::identity::Actor;
use proof::log::{Log, Pace};
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
    /// Say whom those who check should trust: the log's key, its witnesses, how many are needed. With a file, set it.
    Policy {
        /// The new policy (C2SP tlog-policy), with an address at the end of each witness's line. Taken at the next start.
        #[arg(long, value_name = "FILE")]
        set: Option<PathBuf>,
    },
    /// State what the books say of each unit's gifts, for ever: it becomes an entry that everybody holds against the others.
    State {
        /// The public id of one unit; without it, all that have gifts.
        #[arg(long)]
        unit: Option<String>,
    },
    /// Sign and publish now whatever waits; a running server does so by itself.
    Write,
    /// Say how large a batch of gifts should be before it enters the log, and how long it may wait for that; with both numbers,
    /// set them. In a small society a batch of one tells to the second when somebody gave.
    Pace {
        /// Payers below which a batch waits, 1 to 1,000; 1: every batch goes at once.
        #[arg(long, requires = "longest")]
        fewest: Option<usize>,
        /// The longest wait in seconds, to 86,400 (a day).
        #[arg(long, requires = "fewest")]
        longest: Option<i64>,
    },
    /// Give the log a new key. From the next start the old one and the new one both sign, for ninety days at least, so that
    /// everybody who pinned the old one has time to pin the new; then it is ended.
    RotateKey(rotate::Args),
    /// The second suite: a signature by SM2 beside every other, and every night the root of all entries over SM3. Off at first;
    /// programs that do not know it pass it over. Without a flag, say how it stands.
    Sm2(sm2::Args),
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
            let place = log.files().place();
            let document = json!({ "log": status, "vkey": log.verifier().to_text(), "place": place });
            out.result(&document, || {
                let words = format!(
                    "{}: {} entries signed, {} published to {place}, {} wait for others, {} facts not read yet",
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
            let gift =
                gift_of_certificate(id).ok_or_else(|| Failure::Usage(format!("{certificate} is no certificate")))?;
            let proof = log.proof(s, gift).await?;
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
        Command::State { unit } => {
            let id = |text: String| {
                from_public::<UnitId>(&*s.keys, &text).map_err(|e| Failure::Usage(format!("{text}: {e}")))
            };
            let unit = unit.map(id).transpose()?;
            let stated = log.state(s, &Actor::operator(), unit).await?;
            let items: Vec<_> = stated
                .iter()
                .map(|(unit, said)| json!({ "unit": public(&*s.keys, *unit), "day": said.day, "size": said.size, "says": said.says }))
                .collect();
            out.result(&json!({ "stated": items }), || {
                format!(
                    "{} units were stated; those whose figures did not move were not stated again",
                    stated.len()
                )
            });
            Ok(())
        }
        Command::Write => {
            // Without a server nobody else gives facts their places.
            while platform::facts::sequencer::round(&s.db).await? > 0 {}
            let begin = s.now();
            let round = log.rounds(s).await?;
            let (took, status) = (s.now().micros() - begin.micros(), log.status());
            let document =
                json!({ "entries": round.entries, "log": status, "took_micros": took, "spent": round.spent });
            out.result(&document, || {
                format!(
                    "{} entries were added; {} are published",
                    round.entries, status.published
                )
            });
            Ok(())
        }
        Command::Policy { set: None } => {
            let text = log.policy_text();
            out.result(&json!({ "policy": text }), || text.trim_end().to_owned());
            Ok(())
        }
        Command::Policy { set: Some(file) } => {
            let text = std::fs::read_to_string(out.cwd.join(file))?;
            let (_, text) = public_log::policy(&text, log.keys()).map_err(|e| Failure::Refused(format!("{e:#}")))?;
            write_secret(&public_log::policy_file(s), &text)?;
            out.result(&json!({ "policy": text }), || {
                "The policy is kept; restart the server to follow it. From then on nothing is published without its quorum."
                    .into()
            });
            Ok(())
        }
        Command::Pace { fewest, longest } => pace(app, log, fewest.zip(longest), out).await,
        Command::RotateKey(args) => rotate::run(app, log, &args, out).await,
        Command::Sm2(args) => sm2::run(app, log, &args, out).await,
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

async fn pace(app: &App, log: &Log, wanted: Option<(usize, i64)>, out: &Out) -> Done {
    let told = |pace: Pace| json!({ "fewest": pace.fewest, "longest_seconds": pace.longest_seconds });
    let Some((fewest, longest)) = wanted else {
        let pace = log.pace();
        out.result(&told(pace), || {
            format!(
                "a batch of gifts waits for {} payers, {} seconds at most",
                pace.fewest, pace.longest_seconds
            )
        });
        return Ok(());
    };
    let pace = public_log::pace(fewest, longest)?;
    public_log::keep_pace(&app.services.db, pace)
        .await
        .map_err(|e| Failure::Refused(format!("{e:#}")))?;
    out.result(&told(pace), || {
        "The pace is kept; restart the server to follow it.".into()
    });
    Ok(())
}
