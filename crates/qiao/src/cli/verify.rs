//! `qiao verify`: checks a published log, or the proof of a certificate, with nothing but a policy.

use std::path::{Path, PathBuf};

use proof::log::leaf::Field;
use proof::log::{Folder, certificate, verify};
use proof::tlog::{Hash, Policy, Verifier};
use serde_json::json;

use crate::output::{Done, Failure, Out};

/// What to check.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Every entry and tile of a published log, its root and signatures, and every tree that was seen before.
    Log {
        /// The folder of published files: a copy, or a server's own.
        folder: PathBuf,
        #[command(flatten)]
        trust: Trust,
        /// A file that remembers what was seen: a log that was cut or rewritten since is refused.
        #[arg(long)]
        seen: Option<PathBuf>,
    },
    /// The proof of a certificate, off line.
    Certificate {
        /// The `.tlog-proof` file.
        file: PathBuf,
        #[command(flatten)]
        trust: Trust,
        /// Also write the same proof without the name to this file: amount and day can then be shown alone.
        #[arg(long)]
        without_name: Option<PathBuf>,
    },
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
pub fn run(command: &Command, out: &Out) -> Done {
    match command {
        Command::Log { folder, trust, seen } => log(&out.cwd.join(folder), &trust.policy(out)?, seen.as_deref(), out),
        Command::Certificate {
            file,
            trust,
            without_name,
        } => {
            let proof = bytes(&out.cwd.join(file))?;
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

fn log(folder: &Path, policy: &Policy, seen: Option<&Path>, out: &Out) -> Done {
    let seen = seen.map(|path| out.cwd.join(path));
    let mut earlier = match &seen {
        Some(path) if path.exists() => read_seen(&String::from_utf8_lossy(&bytes(path)?))?,
        _ => Vec::new(),
    };
    let verified = verify::verify(&mut Folder::at(folder.to_path_buf()), policy, &earlier)?;
    let tree = &verified.trusted.checkpoint;
    if let Some(path) = seen {
        if !earlier.contains(&(tree.size, tree.root)) {
            earlier.push((tree.size, tree.root));
        }
        let lines = earlier
            .iter()
            .map(|(size, root)| format!("{size} {}\n", root.to_base64()));
        std::fs::write(path, lines.collect::<String>())?;
    }
    let witnesses: Vec<String> = verified
        .trusted
        .witnesses
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let document = json!({
        "holds": true,
        "origin": tree.origin,
        "size": tree.size,
        "root": tree.root.to_base64(),
        "kinds": verified.kinds,
        "earlier": verified.earlier,
        "witnesses": witnesses,
    });
    out.result(&document, || {
        let kinds: Vec<String> = verified.kinds.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
        format!(
            "It holds: {} with {} entries ({}), root {}; {} earlier trees are its beginnings. {}",
            tree.origin,
            tree.size,
            kinds.join(", "),
            tree.root.to_base64(),
            verified.earlier,
            witnessed(&witnesses)
        )
    });
    Ok(())
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
