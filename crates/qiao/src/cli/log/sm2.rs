//! `qiao log sm2`: the second suite of the public log, switched on and off.
//!
//! As with a rotation the key file changes first, whole and durable; the program takes it at its next start.

use std::path::PathBuf;

use platform::identity::Actor;
use proof::log::{Log, Sm2Keys, sm2_switched_off, sm2_switched_on};
use serde_json::json;

use crate::app::{App, setting, write_secret};
use crate::output::{Done, Failure, Out};
use crate::public_log;

/// What `log sm2` is told.
#[derive(clap::Args)]
pub struct Args {
    /// Make its key, in a file of its own beside the log's, sealed as that one is. It signs from the next start on.
    #[arg(long, conflicts_with_all = ["off", "state"])]
    on: bool,
    /// Destroy its key. What it signed can still be checked by its public half, which is kept.
    #[arg(long, conflicts_with = "state")]
    off: bool,
    /// State the root over SM3 now; every night it is stated by itself.
    #[arg(long)]
    state: bool,
    /// Write its public key to this file, as OpenSSL reads it.
    #[arg(long, value_name = "FILE")]
    pem: Option<PathBuf>,
}

/// Does it.
pub async fn run(app: &App, log: &Log, args: &Args, out: &Out) -> Done {
    let s = &app.services;
    let origin = setting(&s.db, "origin").await?.unwrap_or_default();
    let path = public_log::sm2_key_file(s);
    let refused = |error: anyhow::Error| Failure::Refused(format!("{error:#}"));
    let before = public_log::sm2_key_text(s).map_err(refused)?;
    let after = match (args.on, args.off) {
        (true, _) => sm2_switched_on(&before, &s.keys, &origin, &*s.rng)?,
        (_, true) => sm2_switched_off(&before, &s.keys, &origin)?,
        _ => before.clone(),
    };
    if after != before {
        write_secret(&path, &after)?;
    }
    let keys = Sm2Keys::from_file(&after, &s.keys, &origin)?;
    let own = keys.signer.as_ref().map(|signer| signer.verifier().clone());
    let stated = match args.state {
        true if log.keys().sm2().is_none() => {
            return Err(Failure::Refused(
                "the second suite is switched off here, or the server was not started since; nothing was stated".into(),
            ));
        }
        true => log.state_sm3_root(s, &Actor::operator()).await?,
        false => None,
    };
    if let Some(file) = &args.pem {
        let key = own.as_ref();
        let key = key.ok_or_else(|| Failure::Refused("the second suite is switched off: there is no key".into()))?;
        std::fs::write(out.cwd.join(file), key.to_pem())?;
    }
    let vkey = own.as_ref().map(|key| key.to_text());
    let retired: Vec<String> = keys.retired.iter().map(|key| key.to_text()).collect();
    let restart = own.as_ref() != log.keys().sm2();
    let document = json!({ "on": own.is_some(), "vkey": vkey, "retired": retired, "stated": stated });
    out.result(&document, || {
        let then = if restart { " Restart the server: it takes the key at its next start." } else { "" };
        let words = match &vkey {
            Some(vkey) => format!(
                "The second suite is on. Copy {} to the safe.{then}\nWho wants it checked adds this line to the policy:\nlog {vkey}",
                path.display()
            ),
            None => format!("The second suite is off.{then}"),
        };
        match stated {
            Some(size) => format!("{words}\nThe root over SM3 of the first {size} entries was stated"),
            None => words,
        }
    });
    Ok(())
}
