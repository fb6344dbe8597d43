//! `qiao log rotate-key`: a new key for the public log, and the end of the one before.
//!
//! The key file changes first, whole and durable; what is told of it follows. Cut off in between, the same command again
//! tells what was not told.

use kernel::BusinessDay;
use platform::identity::Actor;
use proof::log::actions::rotating;
use proof::log::{Gone, Log, LogKeys, ended, rotated};
use serde_json::json;

use crate::app::{App, setting, write_secret};
use crate::output::{Done, Failure, Out};
use crate::public_log;

/// How long both keys sign at least.
const DAYS_MIN: i64 = 90;
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// What `log rotate-key` is told.
#[derive(clap::Args)]
pub struct Args {
    /// End the rotation: the older key is destroyed. Policies go on naming its public half, so that what it signed holds.
    #[arg(long, conflicts_with = "distrust")]
    end: bool,
    /// End it at once because somebody else may have the older key: policies name it no longer.
    #[arg(long)]
    distrust: bool,
    /// Do not wait for the ninety days.
    #[arg(long, requires = "end")]
    now: bool,
}

/// Does it.
pub async fn run(app: &App, log: &Log, args: &Args, out: &Out) -> Done {
    let s = &app.services;
    let origin = setting(&s.db, "origin").await?.unwrap_or_default();
    let path = public_log::key_file(s);
    let text = std::fs::read_to_string(&path)?;
    let keys = LogKeys::from_file(&text, &s.keys, &origin)?;
    let today = s.now().business_day();
    let gone = match (args.end, args.distrust) {
        (_, true) => Some(Gone::Distrusted),
        (true, _) => Some(Gone::Retired),
        _ => None,
    };
    let Some(gone) = gone else {
        let keys = match keys.older() {
            Some(_) => keys,
            None => {
                write_secret(&path, &rotated(&text, &s.keys, &*s.rng, today)?)?;
                LogKeys::from_file(&std::fs::read_to_string(&path)?, &s.keys, &origin)?
            }
        };
        let is_new = rotating::tell_rotated(s, &Actor::operator(), &keys).await?;
        return said(log, &keys, is_new, out);
    };
    let keys = match keys.older() {
        // Ended before, and perhaps not told.
        None if keys.gone().last().is_some_and(|(before, _)| *before == gone) => keys,
        None => {
            return Err(Failure::Refused(
                "one key alone signs: there is no rotation to end".into(),
            ));
        }
        Some(_) => {
            let since = keys.since().unwrap_or(today);
            if gone == Gone::Retired && !args.now && days_between(since, today) < DAYS_MIN {
                return Err(Failure::Refused(format!(
                    "the new key was made on {since}; both sign for {DAYS_MIN} days, so that everybody who pinned the old \
                     one has time. Nothing was changed; --now does not wait, --distrust is for a key that was stolen"
                )));
            }
            write_secret(&path, &ended(&text, &s.keys, &origin, gone)?)?;
            LogKeys::from_file(&std::fs::read_to_string(&path)?, &s.keys, &origin)?
        }
    };
    let is_new = rotating::tell_retired(s, &Actor::operator(), &keys).await?;
    said(log, &keys, is_new, out)
}

/// Whole days from one to another.
fn days_between(from: BusinessDay, to: BusinessDay) -> i64 {
    to.start().micros().saturating_sub(from.start().micros()) / DAY_MICROS
}

fn said(log: &Log, keys: &LogKeys, is_new: bool, out: &Out) -> Done {
    let text = |key: &proof::tlog::Verifier| key.to_text();
    let signing: Vec<String> = keys.signing().map(text).collect();
    let document = json!({
        "new": keys.newest().to_text(),
        "signing": signing,
        "gone": keys.gone().iter().map(|(_, key)| text(key)).collect::<Vec<_>>(),
        "changed": is_new,
    });
    let begun = keys.older().is_some();
    let restart = keys.signing().ne(log.keys().signing());
    out.result(&document, || {
        let words = if begun {
            "Old and new key both sign. Copy log.key to the safe, publish the new key where it cannot be taken back, and tell \
             it to every witness (qiao witness --also KEY)"
        } else {
            "The older key signs no more. Copy log.key to the safe; witnesses need the older key no longer (--no-longer KEY)"
        };
        let then = if restart { " Restart the server: it takes the keys at its next start." } else { "" };
        format!("{words}.{then}\nThe key to pin: {}", keys.newest().to_text())
    });
    Ok(())
}
