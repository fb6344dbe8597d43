//! Replaying a frozen day: all facts up to its place, from the first, against the rows that were written that night.

use std::collections::{BTreeMap, HashMap};

use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, GiftId};
use platform::Services;
use platform::facts::{Fact, read_after};
use serde::Serialize;

use super::error::BoardError;
use super::jobs::{begins, event};
use super::model::{Dims, Freeze, Standing, Tally};
use super::store;

/// Facts read at once; as many gifts are looked up with one statement.
const FACTS_PER_READ: i64 = 400;
/// Differences listed; more say nothing new.
const DIFFERENCES_MAX: usize = 100;
/// Cells of the whole installation.
const CELLS_MAX: i64 = 2_000_000;

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The day.
    pub day: BusinessDay,
    /// The last fact of the day.
    pub place: i64,
    /// How far it was known which gifts were held or given back.
    pub seen: i64,
    /// Whether every row is the same.
    pub agrees: bool,
    /// Rows that are not zero.
    pub cells: usize,
    /// Gifts and sum of all rows.
    pub replayed: Tally,
    /// The same as frozen.
    pub frozen: Tally,
    /// Rows that differ, at most a hundred.
    pub differences: Vec<Difference>,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The project, hex.
    pub project: String,
    /// The county, hex.
    pub county: String,
    /// The team, hex, if any.
    pub team: Option<String>,
    /// What was frozen.
    pub frozen: Tally,
    /// What the facts say.
    pub replayed: Tally,
}

#[derive(Default)]
struct Fold {
    gifts: HashMap<GiftId, (Dims, Standing)>,
    cells: BTreeMap<Dims, Tally>,
}

impl Fold {
    fn add(&mut self, dims: Dims, tally: Tally) -> Result<(), BoardError> {
        let sum = self.cells.entry(dims).or_default();
        *sum = sum.plus(tally)?;
        Ok(())
    }

    fn take(&mut self, fact: &Fact, dims: &HashMap<GiftId, store::GiftRow>) -> Result<(), BoardError> {
        if begins(fact) {
            let gift = GiftId::from_bytes(fact.subject);
            let Some(row) = dims.get(&gift) else { return Ok(()) };
            let standing = Standing::fresh(row.amount);
            self.gifts.insert(gift, (row.dims, standing));
            return self.add(row.dims, standing.counts()?);
        }
        let Some((gift, event)) = event(fact)? else {
            return Ok(());
        };
        let Some((dims, standing)) = self.gifts.get(&gift).copied() else {
            return Ok(());
        };
        let after = standing.after(event)?;
        self.gifts.insert(gift, (dims, after));
        self.add(dims, after.counts()?.minus(standing.counts()?)?)
    }
}

/// Replays a frozen day from the facts.
///
/// # Errors
/// [`BoardError::NotFrozen`] and others.
pub async fn replay(services: &Services, day: BusinessDay) -> Result<Replayed, BoardError> {
    let mut at = services.db.snapshot().await?;
    let freeze = store::freeze(&mut at, day).await?.ok_or(BoardError::NotFrozen(day))?;
    let mut fold = Fold::default();
    let mut place = 0;
    while place < freeze.seen {
        let mut facts = read_after(&mut at, place, FACTS_PER_READ).await?;
        facts.retain(|fact| fact.place <= freeze.seen);
        let Some(last) = facts.last() else { break };
        place = last.place;
        // Gifts of the next day are left out; what became known of this day's until it was frozen counts.
        facts.retain(|fact| fact.place <= freeze.place || !begins(fact));
        let ids: Vec<GiftId> = facts
            .iter()
            .filter(|fact| begins(fact))
            .map(|fact| GiftId::from_bytes(fact.subject))
            .collect();
        let rows = store::gifts(&mut at, &ids).await?;
        let rows = rows.into_iter().map(|row| (row.gift, row)).collect();
        for fact in &facts {
            fold.take(fact, &rows)?;
        }
    }
    let frozen = store::cells(&mut at, Some(day), None, CELLS_MAX).await?;
    let mut replayed = fold.cells;
    replayed.retain(|_, tally| !tally.is_zero());
    compare(
        &freeze,
        frozen.into_iter().map(|c| (c.dims, c.tally)).collect(),
        &replayed,
    )
}

fn compare(
    freeze: &Freeze,
    frozen: BTreeMap<Dims, Tally>,
    replayed: &BTreeMap<Dims, Tally>,
) -> Result<Replayed, BoardError> {
    let sum = |cells: &BTreeMap<Dims, Tally>| cells.values().try_fold(Tally::default(), |sum, tally| sum.plus(*tally));
    let mut keys: Vec<&Dims> = frozen.keys().chain(replayed.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let of = |cells: &BTreeMap<Dims, Tally>, dims: &Dims| cells.get(dims).copied().unwrap_or_default();
    let mut differences: Vec<Difference> = Vec::new();
    for dims in keys {
        let (before, now) = (of(&frozen, dims), of(replayed, dims));
        if before != now && differences.len() < DIFFERENCES_MAX {
            differences.push(Difference {
                project: hex(&dims.project.bytes()),
                county: hex(&dims.county.bytes()),
                team: dims.team.map(|team| hex(&team.bytes())),
                frozen: before,
                replayed: now,
            });
        }
    }
    Ok(Replayed {
        day: freeze.day,
        place: freeze.place,
        seen: freeze.seen,
        agrees: differences.is_empty(),
        cells: replayed.len(),
        replayed: sum(replayed)?,
        frozen: sum(&frozen)?,
        differences,
    })
}
