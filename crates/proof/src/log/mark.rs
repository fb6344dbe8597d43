//! How the published log stands, as everybody can read it: what pages say of it.

use kernel::Instant;

use super::files::Published;
use super::folder::{CHECKPOINT, POLICY};
use super::leaf::{self, Leaf};
use crate::tlog::tile::{TILE_WIDTH, entries_path};
use crate::tlog::{Policy, SignedNote, entries};

/// The published checkpoint, checked against the published policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The log.
    pub origin: String,
    /// Its entries.
    pub size: u64,
    /// Its root, base64.
    pub root: String,
    /// Its public key.
    pub vkey: String,
    /// Who cosigned it, and when.
    pub witnesses: Vec<(String, Instant)>,
    /// Whether the policy asks for witnesses.
    pub is_witnessed: bool,
}

/// Reads it; `None` where there is none, or where it does not hold (the log itself says why, in its status).
pub async fn read(files: &Published) -> Option<Mark> {
    let policy = Policy::parse(&files.shown(POLICY).await.ok()??).ok()?;
    let note = SignedNote::parse(&files.shown(CHECKPOINT).await.ok()??).ok()?;
    let trusted = policy.check(&note).ok()?;
    let at = |seconds: u64| Instant::from_micros(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000));
    Some(Mark {
        origin: trusted.checkpoint.origin,
        size: trusted.checkpoint.size,
        root: trusted.checkpoint.root.to_base64(),
        vkey: policy.logs().first()?.to_text(),
        is_witnessed: !trusted.witnesses.is_empty(),
        witnesses: trusted
            .witnesses
            .into_iter()
            .map(|(name, time)| (name, at(time)))
            .collect(),
    })
}

/// A published entry: its text and what it says. `None` where the published tree has none at this place.
pub async fn entry(files: &Published, index: u64) -> Option<(String, Leaf)> {
    let size = read(files).await?.size;
    if index >= size {
        return None;
    }
    let bundle = index / TILE_WIDTH;
    let width = (size - bundle * TILE_WIDTH).min(TILE_WIDTH) as u16;
    let bytes = files.shown(&entries_path(bundle, width)).await.ok()??;
    let all = entries::decode(&bytes, width).ok()?;
    let own = all.get(usize::try_from(index % TILE_WIDTH).ok()?)?;
    Some((String::from_utf8(own.to_vec()).ok()?, leaf::decode(own).ok()?))
}
