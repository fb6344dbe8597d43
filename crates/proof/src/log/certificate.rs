//! Checking the proof of a certificate with nothing but the policy: no server, no database.

use kernel::{BusinessDay, Channel, Fen};
use serde::{Deserialize, Serialize};

use super::canonical::canonical;
use super::commitment::Opening;
use super::error::LogError;
use super::leaf::{Field, Leaf, LeafError, PublicId, Received, decode};
use crate::tlog::{Policy, ProofFile, leaf_hash};

/// What a proof shows, once everything about it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The log.
    pub origin: String,
    /// The entry's place.
    pub index: u64,
    /// The size of the tree that holds it.
    pub size: u64,
    /// The gift's entry.
    pub entry: PublicId,
    /// The unit of the project.
    pub unit: PublicId,
    /// The project.
    pub project: PublicId,
    /// How it came.
    pub channel: Channel,
    /// The business day.
    pub day: BusinessDay,
    /// The amount.
    pub amount_fen: Fen,
    /// The name, where the proof opens it.
    pub donor: Option<String>,
    /// Whether the gift stands there as a member of a bundle.
    pub in_bundle: bool,
    /// The witnesses of the policy who cosigned.
    pub witnesses: Vec<String>,
}

/// What stands in the proof's extra line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Extra {
    leaf: serde_json::Value,
    member: Option<serde_json::Value>,
    #[serde(default)]
    openings: Vec<Opening>,
}

/// Checks a proof file.
///
/// # Errors
/// [`LogError`] of the first thing that does not hold.
pub fn verify(bytes: &[u8], policy: &Policy) -> Result<Shown, LogError> {
    let wrong = |why: &str| LogError::Leaf(LeafError::Vocabulary(format!("the proof: {why}")));
    let proof = ProofFile::parse(bytes)?;
    let extra = proof
        .extra
        .as_deref()
        .ok_or_else(|| wrong("it does not say of which entry"))?;
    let extra: Extra = serde_json::from_slice(extra).map_err(|e| wrong(&e.to_string()))?;
    let (leaf, leaf_bytes) = read(&extra.leaf)?;
    let trusted = proof.check(leaf_hash(&leaf_bytes), policy)?;
    let (gift, in_bundle) = match (leaf.gift(), leaf.bundle(), &extra.member) {
        (Some(gift), _, None) => (gift.clone(), false),
        (None, Some(bundle), Some(member)) => {
            let (member, bytes) = read(member)?;
            let hash = leaf_hash(&bytes);
            let listed = bundle.members.iter().any(|m| m.id == *member.id() && m.h == hash);
            let gift = member.gift().filter(|_| listed).cloned();
            (
                gift.ok_or_else(|| wrong("the gift is not a member of the bundle"))?,
                true,
            )
        }
        _ => return Err(wrong("its entry is not a gift’s")),
    };
    let donor = opened(&gift, &extra.openings).ok_or_else(|| wrong("an opening does not open its commitment"))?;
    Ok(Shown {
        origin: trusted.checkpoint.origin,
        index: proof.index,
        size: trusted.checkpoint.size,
        entry: gift.id,
        unit: gift.unit,
        project: gift.proj,
        channel: gift.chan,
        day: gift.day,
        amount_fen: gift.amt,
        donor,
        in_bundle,
        witnesses: trusted.witnesses.into_iter().map(|(name, _)| name).collect(),
    })
}

fn read(value: &serde_json::Value) -> Result<(Leaf, Vec<u8>), LogError> {
    let bytes = canonical(value)?.into_bytes();
    Ok((decode(&bytes)?, bytes))
}

/// The name, if it is opened; `None` where any opening does not hold.
fn opened(gift: &Received, openings: &[Opening]) -> Option<Option<String>> {
    let mut donor = None;
    for opening in openings {
        let commitment = gift.c.get(&opening.field)?;
        if !opening.opens(commitment, &gift.id) {
            return None;
        }
        match opening.field {
            Field::Donor => donor = Some(opening.value.clone()),
        }
    }
    Some(donor)
}

/// The same proof without what opens this field: its holder shows amount and day, and keeps the name.
///
/// # Errors
/// [`LogError`] when it is no proof.
pub fn without(bytes: &[u8], field: Field) -> Result<String, LogError> {
    let mut proof = ProofFile::parse(bytes)?;
    let extra = proof.extra.as_deref().unwrap_or_default();
    let mut value: serde_json::Value =
        serde_json::from_slice(extra).map_err(|e| LogError::Leaf(LeafError::Vocabulary(e.to_string())))?;
    if let Some(list) = value.get_mut("openings").and_then(|o| o.as_array_mut()) {
        list.retain(|opening| opening["field"] != field.as_str());
    }
    proof.extra = Some(canonical(&value)?.into_bytes());
    Ok(proof.to_text())
}
