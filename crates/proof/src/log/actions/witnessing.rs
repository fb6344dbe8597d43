//! Asking witnesses: before anything is signed, whether they know more than this log; before a checkpoint is published,
//! for their cosignatures. With a quorum in the policy nothing is published without it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use kernel::Instant;
use tokio::task::JoinSet;

use super::super::error::LogError;
use super::super::model::Head;
use super::super::proofs::Needed;
use super::super::store;
use super::Log;
use crate::tlog::note::Signature;
use crate::tlog::witness::AddCheckpoint;
use crate::tlog::{Checkpoint, Hash, Policy, SignedNote, Verifier, cosignature, proof};
use crate::witness::actions::origin_path;

/// How long a witness may take: it answers after one durable write.
const PATIENCE: Duration = Duration::from_secs(5);
/// How old cosignatures of an unchanged tree become before they are asked for anew.
const HEARTBEAT_SECONDS: i64 = 600;
/// How long an unchanged tree waits before its witnesses are asked again.
const QUIET_MICROS: i64 = 10 * 1_000_000;
/// Once with what the log believes, once with what the witness said.
const ATTEMPTS: u32 = 2;
const CONFLICT: u16 = 409;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer on its way, or why there is none.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Answer, String>> + Send + 'a>>;

/// The way to witnesses: only the program makes network clients.
pub trait Wire: Send + Sync {
    /// `GET`.
    fn get(&self, url: String) -> Reply<'_>;
    /// `POST` of a text.
    fn post(&self, url: String, body: String) -> Reply<'_>;
}

/// Whose cosignatures a log needs, and the way to them.
pub struct Witnesses {
    /// The policy, also told to everybody who checks.
    pub policy: Policy,
    /// Its text.
    pub text: String,
    /// The way.
    pub wire: Arc<dyn Wire>,
}

/// What is remembered of witnesses while the process lives.
#[derive(Default)]
pub(super) struct Remembered {
    /// The size each cosigned last, as far as is known.
    sizes: HashMap<String, u64>,
    /// Whether a quorum has said that it knows nothing more.
    asked: bool,
    /// When cosignatures were asked for last.
    asked_at: Option<Instant>,
}

impl Remembered {
    /// Whether they were asked so lately that asking again would only be noise.
    pub(super) fn were_asked_lately(&self, now: Instant) -> bool {
        self.asked_at.is_some_and(|at| now < at.plus_micros(QUIET_MICROS))
    }
}

/// A witness that can be asked.
#[derive(Clone)]
struct One {
    name: String,
    key: Verifier,
    url: String,
}

/// What a witness shows.
enum Shown {
    /// The tree it cosigned last, signed by this log's key.
    Tree(Checkpoint, SignedNote),
    /// It saw none.
    Nothing,
    /// No answer, or none that says anything.
    NotToBeAsked,
}

/// What asking one came to.
enum Said {
    /// Its lines, and the size they are for.
    Cosigned(Vec<Signature>),
    /// Nothing usable; why.
    Nothing(String),
}

impl Log {
    fn reachable(&self) -> Vec<One> {
        let Some(witnesses) = self.inner.witnesses.get() else {
            return Vec::new();
        };
        let all = witnesses.policy.witnesses();
        all.filter_map(|(name, key, url)| {
            Some(One {
                name: name.to_owned(),
                key: key.clone(),
                url: url?.to_owned(),
            })
        })
        .collect()
    }

    /// Asks every witness once after the start what it cosigned last. A log that signed on over an old copy of its
    /// database would fork; only they would know.
    pub(super) async fn check_witnesses(&self, remembered: &mut Remembered) -> Result<(), LogError> {
        let Some(witnesses) = self.inner.witnesses.get().filter(|_| !remembered.asked) else {
            return Ok(());
        };
        let mut asking = JoinSet::new();
        for one in self.reachable() {
            let log = self.clone();
            asking.spawn(async move { (one.name.clone(), log.last_seen(&one).await) });
        }
        let mut answered = BTreeSet::new();
        while let Some(asked) = asking.join_next().await {
            let Ok((name, said)) = asked else { continue };
            match said? {
                Some(size) => {
                    remembered.sizes.insert(name.clone(), size);
                    answered.insert(name);
                }
                None => tracing::warn!(witness = %name, "a witness cannot be asked what it saw last"),
            }
        }
        let names: BTreeSet<&str> = answered.iter().map(String::as_str).collect();
        if !witnesses.policy.is_quorum(&names) {
            return Err(LogError::Unwitnessed(
                "too few witnesses could be asked what they saw last, so nothing is signed".into(),
            ));
        }
        remembered.asked = true;
        Ok(())
    }

    /// What a witness shows of this log.
    async fn shown(&self, one: &One) -> Shown {
        let Some(witnesses) = self.inner.witnesses.get() else {
            return Shown::NotToBeAsked;
        };
        let url = format!("{}/{}/checkpoint", one.url, origin_path(self.verifier().name()));
        let answer = tokio::time::timeout(PATIENCE, witnesses.wire.get(url)).await;
        let Ok(Ok(answer)) = answer else {
            return Shown::NotToBeAsked;
        };
        match answer.status {
            200 => {}
            404 => return Shown::Nothing,
            _ => return Shown::NotToBeAsked,
        }
        match self.inner.keys.open(&answer.body) {
            Ok((seen, note)) => Shown::Tree(seen, note),
            Err(_) => Shown::NotToBeAsked,
        }
    }

    /// The largest tree, signed by this log's key, that any witness shows.
    pub(super) async fn largest_seen(&self) -> Option<(Checkpoint, SignedNote)> {
        let mut asking = JoinSet::new();
        for one in self.reachable() {
            let log = self.clone();
            asking.spawn(async move { log.shown(&one).await });
        }
        let mut largest: Option<(Checkpoint, SignedNote)> = None;
        while let Some(asked) = asking.join_next().await {
            if let Ok(Shown::Tree(seen, note)) = asked
                && largest.as_ref().is_none_or(|(known, _)| known.size < seen.size)
            {
                largest = Some((seen, note));
            }
        }
        largest
    }

    /// The size a witness saw last; `None` when it cannot be asked.
    ///
    /// # Errors
    /// [`LogError::Behind`] when it shows a tree, signed by this log's key, that this log does not know.
    async fn last_seen(&self, one: &One) -> Result<Option<u64>, LogError> {
        let seen = match self.shown(one).await {
            Shown::Tree(seen, _) => seen,
            Shown::Nothing => return Ok(Some(0)),
            Shown::NotToBeAsked => return Ok(None),
        };
        let mut at = self.inner.db.snapshot().await?;
        let head = store::head(&mut at).await?.map_or(0, |head| head.size);
        if seen.size > head {
            return Err(LogError::Behind(format!(
                "the witness {} cosigned {} entries, the database has {head}",
                one.name, seen.size
            )));
        }
        match store::root(&mut at, seen.size).await? {
            Some(root) if root == seen.root => Ok(Some(seen.size)),
            _ => Err(LogError::Behind(format!(
                "the witness {} cosigned another tree of {} entries",
                one.name, seen.size
            ))),
        }
    }

    /// Whether the cosignatures of what is published are still those of the policy, and fresh.
    pub(super) fn is_witnessed(&self, note: &SignedNote, now: Instant) -> bool {
        let Some(witnesses) = self.inner.witnesses.get() else {
            return true;
        };
        let Ok(trusted) = witnesses.policy.check(note) else {
            return false;
        };
        let oldest = now.micros().div_euclid(1_000_000) - HEARTBEAT_SECONDS;
        let fresh = |seconds: u64| i64::try_from(seconds).is_ok_and(|seconds| seconds > oldest);
        let fresh: BTreeSet<&str> = trusted
            .witnesses
            .iter()
            .filter(|(_, seconds)| fresh(*seconds))
            .map(|(name, _)| name.as_str())
            .collect();
        // Without a quorum whoever can be asked is asked again.
        witnesses.policy.is_quorum(&fresh) && fresh.len() >= self.reachable().len().min(1)
    }

    /// The checkpoint with the cosignatures that the policy wants.
    ///
    /// # Errors
    /// [`LogError::Unwitnessed`] with too few; nothing is published then.
    pub(super) async fn cosigned(
        &self,
        head: &Head,
        remembered: &mut Remembered,
        now: Instant,
    ) -> Result<SignedNote, LogError> {
        let mut note = SignedNote::parse(head.note.as_bytes())?;
        remembered.asked_at = Some(now);
        let Some(witnesses) = self.inner.witnesses.get() else {
            return Ok(note);
        };
        let mut asking = JoinSet::new();
        for one in self.reachable() {
            let (log, head) = (self.clone(), head.clone());
            let believed = remembered.sizes.get(&one.name).copied().unwrap_or(0).min(head.size);
            asking.spawn(async move { (one.name.clone(), log.ask(&one, &head, believed).await) });
        }
        let mut missing = Vec::new();
        let mut lines = BTreeMap::new();
        while let Some(asked) = asking.join_next().await {
            let Ok((name, said)) = asked else { continue };
            match said? {
                Said::Cosigned(signatures) => {
                    remembered.sizes.insert(name.clone(), head.size);
                    lines.insert(name, signatures);
                }
                Said::Nothing(why) => missing.push(format!("{name}: {why}")),
            }
        }
        // In the order of their names: the file depends on who answered, not on who was first.
        note.signatures.extend(lines.into_values().flatten());
        match witnesses.policy.check(&note) {
            Ok(_) => Ok(note),
            Err(error) => Err(LogError::Unwitnessed(format!("{error} ({})", missing.join("; ")))),
        }
    }

    async fn ask(&self, one: &One, head: &Head, believed: u64) -> Result<Said, LogError> {
        let Some(witnesses) = self.inner.witnesses.get() else {
            return Ok(Said::Nothing("no witnesses".into()));
        };
        let mut old = believed;
        for _ in 0..ATTEMPTS {
            let request = AddCheckpoint {
                old,
                proof: self.continues(old, head.size).await?,
                checkpoint: SignedNote::parse(head.note.as_bytes())?,
            };
            let url = format!("{}/add-checkpoint", one.url);
            let sent = witnesses.wire.post(url, request.to_text());
            let answer = match tokio::time::timeout(PATIENCE, sent).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(why)) => return Ok(Said::Nothing(why)),
                Err(_) => return Ok(Said::Nothing("no answer in time".into())),
            };
            match answer.status {
                200 => return Ok(lines_of(one, &request.checkpoint, &answer.body)),
                CONFLICT => match size_of(&answer.body).filter(|size| *size != old && *size <= head.size) {
                    Some(size) => old = size,
                    None => break,
                },
                422 => break,
                status => return Ok(Said::Nothing(format!("status {status}"))),
            }
        }
        // It holds something against this tree: what, is told by what it shows, if our own key signed that.
        self.last_seen(one).await?;
        Ok(Said::Nothing(
            "it refuses this tree and shows no other that this log signed".into(),
        ))
    }

    /// The proof that the tree of `size` entries continues the one of `old`.
    async fn continues(&self, old: u64, size: u64) -> Result<Vec<Hash>, LogError> {
        let mut tiles = Needed::default();
        proof::consistency(&mut tiles, old, size)?;
        let mut at = self.inner.db.snapshot().await?;
        tiles.load(&mut at).await?;
        Ok(proof::consistency(&mut tiles, old, size)?)
    }
}

/// The lines of an answer that are this witness's and hold.
fn lines_of(one: &One, checkpoint: &SignedNote, body: &[u8]) -> Said {
    let text = String::from_utf8_lossy(body);
    let read: Vec<Signature> = text
        .lines()
        .filter_map(|line| Signature::from_line(line).ok())
        .collect();
    let mut note = checkpoint.clone();
    note.signatures = read;
    if cosignature::check(&note, &one.key).is_err() {
        return Said::Nothing("its answer is no cosignature of its key".into());
    }
    Said::Cosigned(note.of(&one.key).cloned().collect())
}

fn size_of(body: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(body).ok()?;
    crate::tlog::decimal(text.strip_suffix('\n').unwrap_or(text))
}
