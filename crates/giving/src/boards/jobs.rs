//! The reaction that counts gifts, and the nightly job that freezes the day.

use std::collections::{BTreeMap, HashMap};

use db::{Reads, Snapshot, Tx};
use kernel::id::Id as _;
use kernel::{BusinessDay, Fen, GiftId};
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use platform::jobs::{Handler, JobError, Nightly, Run, Work};
use serde::Deserialize;
use serde_json::json;

use super::actions;
use super::error::BoardError;
use super::model::{Cell, Counted, Dims, Event, Standing, Tally};
use super::store::{self, GiftRow};

/// The cursor's name.
pub const COUNTING: &str = "board_counting";
/// The kind of the nightly job.
const FREEZE: &str = "boards_freeze";
/// When a day is frozen: as soon as it has ended.
pub const FREEZE_NIGHTLY: Nightly = Nightly { kind: FREEZE, hour: 0 };

/// Counts gifts for the boards, in the order of the facts.
pub struct Counting;

impl Reaction for Counting {
    /// The gifts that begin here, with the places of their facts.
    type Read = Vec<(i64, GiftRow)>;
    fn name(&self) -> &'static str {
        COUNTING
    }
    fn pace(&self) -> Pace {
        Pace::CALM
    }
    async fn read(
        &self,
        at: &mut Snapshot,
        facts: &[Fact],
        _: &Services,
    ) -> Result<Vec<(i64, GiftRow)>, ReactionError> {
        Ok(fresh(at, facts).await?)
    }
    async fn handle(
        &self,
        tx: &mut Tx,
        facts: &[Fact],
        read: Vec<(i64, GiftRow)>,
        _: &Services,
    ) -> Result<(), ReactionError> {
        Ok(count(tx, facts, &read).await?)
    }
}

/// What a refund's fact says.
#[derive(Deserialize)]
struct Refunded<'f> {
    #[serde(borrow)]
    gift: &'f str,
    amount_fen: Fen,
}

/// What a pool's fact says: the gift in which its money is locked, where it is one.
#[derive(Deserialize)]
struct Backed<'f> {
    #[serde(borrow, default)]
    backing_gift: Option<&'f str>,
}

fn gift_of(text: &str, fact: &Fact) -> Result<GiftId, BoardError> {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
    let gift = bytes.and_then(|bytes| GiftId::from_slice(&bytes).ok());
    gift.ok_or(BoardError::Fact(fact.place))
}

/// The gift that a fact is about and what it does to its counting; nothing for facts that boards do not read. A
/// confirmation is no event: it is the beginning.
pub(super) fn event(fact: &Fact) -> Result<Option<(GiftId, Event)>, BoardError> {
    let subject = GiftId::from_bytes(fact.subject);
    Ok(match fact.kind.as_str() {
        "refund.approved" => {
            let said: Refunded<'_> = serde_json::from_str(&fact.body).map_err(|_| BoardError::Fact(fact.place))?;
            Some((gift_of(said.gift, fact)?, Event::Refunded(said.amount_fen)))
        }
        "gift.taken_back" => Some((subject, Event::Returned)),
        "screening.held" => Some((subject, Event::Held)),
        "screening.cleared" => Some((subject, Event::Cleared)),
        "pool.created" => {
            let said: Backed<'_> = serde_json::from_str(&fact.body).map_err(|_| BoardError::Fact(fact.place))?;
            let gift = said.backing_gift.map(|text| gift_of(text, fact)).transpose()?;
            gift.map(|gift| (gift, Event::Sponsors))
        }
        _ => None,
    })
}

/// Whether a fact is the beginning of a gift.
pub(super) fn begins(fact: &Fact) -> bool {
    fact.kind == "gift.confirmed"
}

/// The gifts that these facts confirm, with the places of the facts.
async fn fresh(at: &mut impl Reads, facts: &[Fact]) -> Result<Vec<(i64, GiftRow)>, BoardError> {
    let places: HashMap<GiftId, i64> = facts
        .iter()
        .filter(|fact| begins(fact))
        .map(|fact| (GiftId::from_bytes(fact.subject), fact.place))
        .collect();
    let ids: Vec<GiftId> = places.keys().copied().collect();
    let rows = store::gifts(at, &ids).await?;
    Ok(rows.into_iter().map(|row| (places[&row.gift], row)).collect())
}

async fn count(tx: &mut Tx, facts: &[Fact], fresh: &[(i64, GiftRow)]) -> Result<(), BoardError> {
    let mut changes: BTreeMap<Dims, Tally> = BTreeMap::new();
    let mut add = |dims: Dims, tally: Tally| -> Result<(), BoardError> {
        let sum = changes.entry(dims).or_default();
        *sum = sum.plus(tally)?;
        Ok(())
    };
    let led = fresh.iter().filter(|(_, row)| row.is_led).map(|(_, row)| row.gift);
    store::name_gifts(tx, &led.collect::<Vec<_>>()).await?;
    store::insert_gifts(tx, fresh).await?;
    for (_, row) in fresh {
        add(row.dims, Standing::fresh(row.amount).counts()?)?;
    }
    let mut events = Vec::new();
    for fact in facts {
        if let Some((gift, event)) = event(fact)? {
            events.push((fact.place, gift, event));
        }
    }
    let mut touched: Vec<GiftId> = events.iter().map(|(_, gift, _)| *gift).collect();
    touched.sort_unstable();
    touched.dedup();
    let known = store::counted(tx, &touched).await?;
    let mut known: HashMap<GiftId, Counted> = known.into_iter().map(|counted| (counted.gift, counted)).collect();
    for (place, gift, event) in events {
        // A sponsor's own gift was never counted.
        let Some(counted) = known.get_mut(&gift) else { continue };
        let after = counted.standing.after(event)?;
        let tally = after.counts()?.minus(counted.standing.counts()?)?;
        counted.standing = after;
        store::put_standing(tx, gift, &after).await?;
        let cell = Cell {
            dims: counted.dims,
            tally,
        };
        store::insert_correction(tx, (place, gift), &cell).await?;
        add(cell.dims, tally)?;
    }
    Ok(store::add_cells(tx, &changes).await?)
}

/// Freezes the day that has just ended, and any before it that was missed.
pub struct FreezeBoards;

impl Handler for FreezeBoards {
    fn kind(&self) -> &'static str {
        FREEZE
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let day = run.job.input["day"]
                .as_str()
                .and_then(|text| BusinessDay::parse(text).ok());
            let day = day.unwrap_or_else(|| services.now().business_day().plus_days(-1));
            let frozen = actions::freeze_through(services, day).await;
            frozen
                .map(|days| json!({ "days": days.len() }))
                .map_err(|error| JobError::Retry(error.to_string()))
        })
    }
}
