//! `qiao witness`: a stand-alone witness of public logs, for a supervisory board, an audit office, a discipline office;
//! with `--monitor` a second one beside it, under its own key, that adds up the entries before it cosigns.

mod monitor;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use db::{Db, DbUrl};
use kernel::{Clock as _, Rng as _};
use proof::tlog::{KeyKind, Signer, Verifier};
use proof::witness::{self, Witness};
use serde_json::json;
use tokio::net::TcpListener;

use super::serve::asked_to_stop;
use crate::app::write_secret;
use crate::output::{Done, Failure, Out};
use crate::world::{SystemClock, system_rng};
use monitor::Monitor;

/// What `witness` is told.
#[derive(clap::Args)]
pub struct Args {
    /// The witness's own folder: its key and what it has seen. Made at the first start.
    #[arg(long)]
    state: PathBuf,
    /// The witness's name, such as `jianshihui.example.cn/w1`; needed at the first start.
    #[arg(long)]
    name: Option<String>,
    /// The public key of a log to watch, as its society tells it; may be repeated.
    #[arg(long = "watch", value_name = "VKEY")]
    logs: Vec<String>,
    /// The new key of a log that is watched, which replaces its key, as its society announces it: from now on either is
    /// taken; may be repeated.
    #[arg(long = "also", value_name = "VKEY")]
    also: Vec<String>,
    /// A key of a watched log that is taken no longer, because another replaced it; may be repeated.
    #[arg(long = "no-longer", value_name = "VKEY")]
    no_longer: Vec<String>,
    /// Read the entries of a watched log at this address, and cosign under a second key what was added up and holds: no
    /// refund above its gift, nothing that speaks of what is not there, no stated total that differs. Served under
    /// `/totals`; may be repeated.
    #[arg(long = "monitor", value_name = "ORIGIN=URL")]
    monitored: Vec<String>,
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:7380")]
    listen: SocketAddr,
    /// Say the key and what is watched, and end.
    #[arg(long)]
    status: bool,
    /// For the tests: end as in a power cut when a tree is durable and not yet answered.
    #[arg(long, hide = true)]
    test_abort_after_persist: bool,
}

/// The key file: name and seed, so that no start with another name makes another witness.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    name: String,
    seed: String,
}

fn signer(folder: &Path, name: Option<&str>) -> Result<Signer, Failure> {
    let path = folder.join("witness.key");
    let file: KeyFile = if path.exists() {
        let text = std::fs::read_to_string(&path)?;
        let known: KeyFile =
            serde_json::from_str(&text).map_err(|e| Failure::Refused(format!("{}: {e}", path.display())))?;
        if let Some(name) = name.filter(|name| *name != known.name) {
            return Err(Failure::Refused(format!(
                "this folder belongs to the witness {}; give {name} a folder of its own",
                known.name
            )));
        }
        known
    } else {
        let name = name.ok_or_else(|| Failure::Usage("--name is needed at the first start".into()))?;
        if folder.join("witness.db").exists() {
            return Err(Failure::Refused(format!(
                "{} is missing, and this witness has seen logs before. Put the file back from your safe copy, or begin \
                 a new witness in another folder: it has another key, which every policy must be told",
                path.display()
            )));
        }
        let seed = data_encoding::BASE64.encode(&system_rng()?.secret());
        let made = KeyFile {
            name: name.to_owned(),
            seed,
        };
        // Checked before it is kept: the name must be able to stand on a line of signature.
        key_of(&made)?;
        write_secret(&path, &serde_json::to_string_pretty(&made)?)?;
        made
    };
    key_of(&file)
}

fn key_of(file: &KeyFile) -> Result<Signer, Failure> {
    let seed = data_encoding::BASE64.decode(file.seed.as_bytes()).ok();
    let seed: Option<[u8; 32]> = seed.and_then(|seed| seed.try_into().ok());
    let seed = seed.ok_or_else(|| Failure::Refused("the witness’s key file does not hold a key".into()))?;
    Ok(Signer::new(&file.name, KeyKind::Cosignature, &seed)?)
}

/// Makes what is missing, watches what is named, and serves until stopped.
pub async fn run(args: Args, out: &Out) -> Done {
    let folder = out.cwd.join(&args.state);
    std::fs::create_dir_all(&folder)?;
    let signer = signer(&folder, args.name.as_deref())?;
    let (mut witness, db) = opened(&folder, signer).await?;
    if args.test_abort_after_persist {
        witness = witness.told_after_persist(abort);
    }
    let mut monitor = None;
    if !args.monitored.is_empty() {
        let judge = Monitor::of(&args.monitored, &out.cwd)?;
        let second = folder.join("totals");
        std::fs::create_dir_all(&second)?;
        let name = format!("{}/totals", witness.verifier().name());
        let (second, second_db) = opened(&second, self::signer(&second, Some(&name))?).await?;
        monitor = Some((second.judged(Arc::new(judge)), second_db));
    }
    let outcome = work((&witness, monitor.as_ref().map(|(monitor, _)| monitor)), &args, out).await;
    db.close().await;
    if let Some((_, db)) = monitor {
        db.close().await;
    }
    outcome
}

/// Ends the process at once and without a word.
fn abort() {
    std::process::abort();
}

/// A witness over the folder of its own.
async fn opened(folder: &Path, signer: Signer) -> Result<(Witness, Db), Failure> {
    let db = Db::open(&DbUrl::Sqlite(folder.join("witness.db"))).await?;
    db::migrate(&db, witness::MIGRATIONS, SystemClock.now()).await?;
    Ok((Witness::new(db.clone(), signer, Arc::new(SystemClock)), db))
}

async fn work((witness, monitor): (&Witness, Option<&Witness>), args: &Args, out: &Out) -> Done {
    let key = |option: &str, text: &str| {
        Verifier::from_text(text.trim()).map_err(|e| Failure::Usage(format!("{option} {text}: {e}")))
    };
    for text in &args.logs {
        witness::actions::watch(witness, &key("--watch", text)?).await?;
    }
    for text in &args.also {
        witness::actions::take_also(witness, &key("--also", text)?).await?;
    }
    for text in &args.no_longer {
        witness::actions::take_no_longer(witness, &key("--no-longer", text)?).await?;
    }
    if let Some(monitor) = monitor {
        // What the witness watches, since its start or an earlier one, under the same keys.
        for log in witness.watched().await? {
            witness::actions::watch_as(monitor, &log.keys).await?;
        }
    }
    let watched = witness.watched().await?;
    let logs: Vec<_> = watched
        .iter()
        .map(|log| json!({ "origin": log.origin(), "size": log.size, "root": log.root.to_base64() }))
        .collect();
    let key = witness.verifier().to_text();
    let second = monitor.map(|monitor| monitor.verifier().to_text());
    if args.status {
        out.result(&json!({ "vkey": key, "totals_vkey": second, "logs": logs }), || {
            let lines = watched
                .iter()
                .map(|log| format!("\n{}: {} entries", log.origin(), log.size));
            format!("{key}{}", lines.collect::<String>())
        });
        return Ok(());
    }
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|e| Failure::Refused(format!("{} cannot be listened on: {e}", args.listen)))?;
    let address = listener.local_addr()?;
    let asked = asked_to_stop()?;
    out.say(format!("witness {key}"));
    out.say(format!("http://{address}/"));
    let mut routes = witness::http::routes(witness.clone());
    if let (Some(monitor), Some(key)) = (monitor, second) {
        out.say(format!("monitor {key}"));
        out.say(format!("http://{address}/totals"));
        routes = routes.nest("/totals", witness::http::routes(monitor.clone()));
    }
    let server = axum::serve(listener, routes).with_graceful_shutdown(asked);
    Ok(server.await?)
}
