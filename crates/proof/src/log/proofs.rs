//! The proof beside a certificate: that its gift stands in the published log.

use std::collections::BTreeMap;

use db::Reads;
use kernel::id::Id as _;
use kernel::{FactId, GiftId};
use platform::Services;
use serde_json::json;

use super::actions::Log;
use super::canonical::canonical;
use super::error::LogError;
use super::leaf::decode;
use super::model::{Group, Ident};
use super::{folder, prepare, rules, store};
use crate::tlog::{Hash, ProofFile, Tile, TileReader, TlogError, proof};

/// Waiting entries looked at to tell why one waits: twice the largest batch, some milliseconds. What waits for its batch
/// is among the newest.
const BATCH_LOOKED_AT: i64 = 2_000;

/// Tiles read from the database before the proof is made. The first reading finds out which are needed.
#[derive(Default)]
pub(super) struct Needed(BTreeMap<Tile, Vec<Hash>>);

impl Needed {
    /// Reads what was found to be needed.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn load(&mut self, at: &mut impl Reads) -> Result<(), LogError> {
        for (tile, hashes) in &mut self.0 {
            *hashes = store::hashes(at, *tile).await?;
        }
        Ok(())
    }
}

impl TileReader for Needed {
    fn read(&mut self, tile: Tile) -> Result<Vec<Hash>, TlogError> {
        let unknown = || vec![Hash([0; 32]); usize::from(tile.width)];
        Ok(self.0.entry(tile).or_insert_with(unknown).clone())
    }
}

/// Where a gift is on its way into the published log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// Its proof can be given.
    Published,
    /// It is about to be published.
    Soon,
    /// Enough gave to its project on its day; it waits for its batch to be large enough, or for the batch's time.
    WaitsForBatch,
    /// Too few gave to its project on its day: it waits to be put together with others.
    WaitsForOthers,
}

impl Log {
    /// Where a gift is.
    ///
    /// # Errors
    /// [`LogError`]: the databases, the published checkpoint.
    pub async fn whereabouts(&self, services: &Services, gift: GiftId) -> Result<Whereabouts, LogError> {
        let mut at = services.db.snapshot().await?;
        let fact = prepare::confirmed(&mut at, gift).await?;
        drop(at);
        let Some(ident) = fact.map(|fact| fact.id.bytes()) else {
            return Ok(Whereabouts::Soon);
        };
        let published = self.published_shown().await?.map_or(0, |tree| tree.size);
        let mut at = self.db().snapshot().await?;
        let known = store::known(&mut at, &[ident]).await?;
        Ok(match known.get(&ident) {
            Some((index, _)) if *index < published => Whereabouts::Published,
            Some(_) => Whereabouts::Soon,
            None => self.without_entry(&mut at, ident).await?,
        })
    }

    /// The place of a fact's entry in the published log; nothing until it is published.
    ///
    /// # Errors
    /// [`LogError`]: the log's database, the published checkpoint.
    pub async fn place_of(&self, fact: FactId) -> Result<Option<u64>, LogError> {
        let published = self.published_shown().await?.map_or(0, |tree| tree.size);
        let mut at = self.db().snapshot().await?;
        let ident = fact.bytes();
        let known = store::known(&mut at, &[ident]).await?;
        Ok(known
            .get(&ident)
            .map(|(index, _)| *index)
            .filter(|index| *index < published))
    }

    /// The proof of a gift: place, siblings, checkpoint, the entry and what opens it. Whoever holds it can prove the
    /// name, so it is given only to holders of the certificate.
    ///
    /// # Errors
    /// [`LogError::NotYet`] until the gift is published, [`LogError::Erased`].
    pub async fn proof(&self, services: &Services, gift: GiftId) -> Result<ProofFile, LogError> {
        let (ident, own, openings) = {
            let mut at = services.db.snapshot().await?;
            prepare::entry_of(&mut at, gift, services).await?
        };
        let note = self.files().shown(folder::CHECKPOINT).await?.ok_or(LogError::NotYet)?;
        let (tree, checkpoint) = self.keys().open(&note)?;
        let mut at = self.db().snapshot().await?;
        let known = store::known(&mut at, &[ident]).await?;
        let (index, member) = known.get(&ident).copied().ok_or(LogError::NotYet)?;
        if index >= tree.size {
            return Err(LogError::NotYet);
        }
        let stands = store::leaves(&mut at, index, 1).await?.pop().unwrap_or_default();
        let mut extra = json!({ "leaf": decode(&stands)?.to_value()?, "openings": openings });
        if member > 0 {
            extra["member"] = own.to_value()?;
        }
        let mut tiles = Needed::default();
        proof::inclusion(&mut tiles, index, tree.size)?;
        tiles.load(&mut at).await?;
        Ok(ProofFile {
            extra: Some(canonical(&extra)?.into_bytes()),
            index,
            path: proof::inclusion(&mut tiles, index, tree.size)?,
            checkpoint,
        })
    }

    /// Where a gift is that has no entry yet.
    async fn without_entry(&self, at: &mut impl Reads, ident: Ident) -> Result<Whereabouts, LogError> {
        let leaf = store::held_of(at, ident).await?;
        let Some(group) = leaf.as_ref().and_then(|leaf| leaf.gift().map(Group::of)) else {
            return Ok(Whereabouts::Soon);
        };
        let crowds = store::crowd(at, std::slice::from_ref(&group)).await?;
        let alone = crowds.get(&group).copied().unwrap_or_default();
        // Where no batch waits, who has a crowd is not held: this one has none, or its round is just to come.
        if self.pace().fewest <= 1 {
            return Ok(match alone > 0 {
                true => Whereabouts::Soon,
                false => Whereabouts::WaitsForOthers,
            });
        }
        let held = store::held_newest(at, BATCH_LOOKED_AT).await?;
        let with_it = held
            .iter()
            .filter(|one| one.leaf.gift().map(Group::of).as_ref() == Some(&group));
        Ok(match rules::is_crowd(with_it, alone, self.crowd_min()) {
            true => Whereabouts::WaitsForBatch,
            false => Whereabouts::WaitsForOthers,
        })
    }
}
