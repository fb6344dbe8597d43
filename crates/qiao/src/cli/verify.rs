//! `qiao verify`: checks a published log, or the proof of a certificate, with nothing but a policy.

mod live;
mod source;

use std::path::{Path, PathBuf};

use proof::log::leaf::Field;
use proof::log::totals::{Differs, Totals};
use proof::log::verify::{self, Then, Verified};
use proof::log::{LogError, certificate};
use proof::tlog::{Hash, Policy, Verifier};
use serde_json::json;

use crate::output::{Done, Failure, Out};
pub use source::Place;

/// What to check.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Every entry and tile of a published log, its root and signatures, and every tree that was seen before.
    Log {
        #[command(flatten)]
        which: Which,
    },
    /// The same, and what all entries come to: the same entries give the same bytes, whoever computes them.
    Totals {
        #[command(flatten)]
        which: Which,
        /// Write the sums to this file.
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// A file of sums that somebody else computed or published: they must be the same, byte for byte.
        #[arg(long)]
        stated: Option<PathBuf>,
        /// The address of the society's site, such as `https://…`: its figures are held against the entries, unit by
        /// unit and project by project. What has no entry yet is told and allowed.
        #[arg(long, value_name = "URL")]
        live: Option<String>,
    },
    /// The proof of a certificate, off line. Of a PDF with its proof attached, what the proof shows is what counts: it says
    /// amount, day and name, to be compared with what is printed.
    Certificate {
        /// The `.tlog-proof` file, or the PDF with its proof attached.
        file: PathBuf,
        #[command(flatten)]
        trust: Trust,
        /// Also write the same proof without the name to this file: amount and day can then be shown alone.
        #[arg(long)]
        without_name: Option<PathBuf>,
    },
}

/// Which log, and whom to trust about it.
#[derive(clap::Args)]
pub struct Which {
    /// Where the published files are: a folder, an address such as `https://…/log`, or `s3://BUCKET/PREFIX` with the keys of
    /// QIAO_LOG_STORE_… in the environment.
    log: String,
    #[command(flatten)]
    trust: Trust,
    /// A file that remembers what was seen: a log that was cut or rewritten since is refused.
    #[arg(long)]
    seen: Option<PathBuf>,
    /// Keep a copy of all that was read in this folder: the log can then be checked, and shown, without its server.
    #[arg(long)]
    mirror: Option<PathBuf>,
}

/// Whom to trust.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct Trust {
    /// The policy: the log's key, witnesses, quorum.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// The log's public key alone, `name+hash+key`, without witnesses.
    #[arg(long)]
    vkey: Option<String>,
}

impl Trust {
    fn policy(&self, out: &Out) -> Result<Policy, Failure> {
        match (&self.policy, &self.vkey) {
            (Some(file), _) => Ok(Policy::parse(&bytes(&out.cwd.join(file))?)?),
            (None, Some(key)) => Ok(Policy::of_log(Verifier::from_text(key.trim())?)),
            (None, None) => Err(Failure::Usage("--policy or --vkey is needed".into())),
        }
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| Failure::Refused(format!("{}: {e}", path.display())))
}

/// Does it.
///
/// # Errors
/// [`Failure`]: what does not hold.
pub async fn run(command: Command, out: &Out) -> Done {
    match command {
        Command::Log { which } => {
            let Checked { verified, .. } = checked(&which, None, out).await?;
            told(&verified, None, None, out);
            Ok(())
        }
        Command::Totals {
            which,
            output,
            stated,
            live,
        } => {
            // The site first: the log is then read as far as it had come, or further.
            let site = match &live {
                Some(address) => Some(live::Site::read(address).await?),
                None => None,
            };
            let checked = checked(&which, site.as_ref().map(live::Site::size), out).await?;
            let Checked { verified, totals, then } = checked;
            let text = totals.to_text()?;
            if let Some(path) = output {
                std::fs::write(out.cwd.join(path), &text)?;
            }
            if let Some(path) = stated
                && bytes(&out.cwd.join(&path))? != text.as_bytes()
            {
                return Err(Failure::Refused(format!(
                    "the sums in {} are not those of the entries",
                    path.display()
                )));
            }
            let compared = match &site {
                Some(site) => Some(site.compare(then.as_ref()).await?),
                None => None,
            };
            told(&verified, Some(&totals), compared.as_ref(), out);
            let mut wrong: Vec<String> = totals.differ.iter().map(Differs::words).collect();
            wrong.extend(compared.into_iter().flat_map(|compared| compared.differ));
            if wrong.is_empty() {
                Ok(())
            } else {
                Err(Failure::Said(wrong.join("\n")))
            }
        }
        Command::Certificate {
            file,
            trust,
            without_name,
        } => {
            let proof = bytes(&out.cwd.join(file))?;
            let proof = if proof.starts_with(b"%PDF") {
                let attached = papers::attach::attached(&proof);
                attached
                    .ok_or_else(|| Failure::Refused("no proof is attached to this PDF".into()))?
                    .to_vec()
            } else {
                proof
            };
            let shown = certificate::verify(&proof, &trust.policy(out)?)?;
            if let Some(path) = without_name {
                let text = certificate::without(&proof, Field::Donor)?;
                std::fs::write(out.cwd.join(path), text)?;
            }
            out.result(&json!({ "holds": true, "shown": shown }), || {
                let mut words = format!(
                    "It holds: {} yuan, {}, entry {} of {} in {}",
                    shown.amount_fen.to_grouped(),
                    shown.day,
                    shown.index,
                    shown.size,
                    shown.origin
                );
                match &shown.donor {
                    Some(name) => words.push_str(&format!("\nDonor: {name}")),
                    None => words.push_str("\nThe name is not shown by this proof"),
                }
                words + "\n" + &witnessed(&shown.witnesses)
            });
            Ok(())
        }
    }
}

fn witnessed(names: &[String]) -> String {
    if names.is_empty() {
        "Not witnessed 未见证".into()
    } else {
        format!("Witnessed by {}", names.join(", "))
    }
}

/// What was read and checked.
struct Checked {
    verified: Verified,
    totals: Totals,
    /// The sums at an earlier size, where one was asked for and the log has so many entries.
    then: Option<Then>,
}

/// Reads and checks everything, on a thread of its own: it may take minutes. With a size, waits until so much is
/// published.
async fn checked(which: &Which, size: Option<u64>, out: &Out) -> Result<Checked, Failure> {
    let policy = which.trust.policy(out)?;
    let seen = which.seen.as_ref().map(|path| out.cwd.join(path));
    let mut earlier = match &seen {
        Some(path) if path.exists() => read_seen(&String::from_utf8_lossy(&bytes(path)?))?,
        _ => Vec::new(),
    };
    let mut place = Place::of(
        &which.log,
        &out.cwd,
        which.mirror.as_ref().map(|path| out.cwd.join(path)),
    );
    let known = earlier.clone();
    let work = move || {
        let size = size.unwrap_or_default();
        place.wait_for(size)?;
        let checked = verify::verify_totals_then(&mut place, &policy, (&known, size))?;
        place.finish()?;
        Ok::<_, LogError>(checked)
    };
    let (verified, totals, then) = tokio::task::spawn_blocking(work).await??;
    if let Some(path) = seen {
        let tree = &verified.trusted.checkpoint;
        if !earlier.contains(&(tree.size, tree.root)) {
            earlier.push((tree.size, tree.root));
        }
        let lines = earlier
            .iter()
            .map(|(size, root)| format!("{size} {}\n", root.to_base64()));
        std::fs::write(path, lines.collect::<String>())?;
    }
    Ok(Checked { verified, totals, then })
}

fn told(verified: &Verified, totals: Option<&Totals>, live: Option<&live::Compared>, out: &Out) {
    let tree = &verified.trusted.checkpoint;
    let witnesses: Vec<String> = verified
        .trusted
        .witnesses
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let mut document = json!({
        "holds": totals.is_none_or(|totals| totals.differ.is_empty()) && live.is_none_or(|live| live.differ.is_empty()),
        "origin": tree.origin,
        "size": tree.size,
        "root": tree.root.to_base64(),
        "kinds": verified.kinds,
        "earlier": verified.earlier,
        "witnesses": witnesses,
    });
    if let Some(totals) = totals {
        document["totals"] = json!(totals);
    }
    if let Some(live) = live {
        document["live"] = json!(live);
    }
    out.result(&document, || {
        let kinds: Vec<String> = verified.kinds.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
        let mut words = format!(
            "It holds: {} with {} entries ({}), root {}; {} earlier trees are its beginnings. {}",
            tree.origin,
            tree.size,
            kinds.join(", "),
            tree.root.to_base64(),
            verified.earlier,
            witnessed(&witnesses)
        );
        if let Some(totals) = totals {
            let all = &totals.all;
            words.push_str(&format!(
                "\n{} gifts {} yuan, {} refunds {} yuan, corrections {} yuan, {} matches {} yuan less {} yuan, spent {} yuan",
                all.gifts,
                all.given.to_grouped(),
                all.refunds,
                all.refunded.to_grouped(),
                all.corrected.to_grouped(),
                all.matches,
                all.matched.to_grouped(),
                all.unmatched.to_grouped(),
                all.spent.to_grouped()
            ));
            if totals.stated > 0 {
                let right = totals.stated - totals.differ.len() as u64;
                words.push_str(&format!("\n{right} of {} stated totals are what the entries say", totals.stated));
            }
        }
        if let Some(live) = live {
            words.push_str(&format!("\n{}", live.words()));
        }
        words
    });
}

/// Lines of size and root.
fn read_seen(text: &str) -> Result<Vec<(u64, Hash)>, Failure> {
    let line = |line: &str| {
        let (size, root) = line.split_once(' ')?;
        Some((size.parse().ok()?, Hash::from_base64(root).ok()?))
    };
    let read: Option<Vec<(u64, Hash)>> = text.lines().map(line).collect();
    read.ok_or_else(|| Failure::Refused("the file of --seen is not lines of size and root".into()))
}
