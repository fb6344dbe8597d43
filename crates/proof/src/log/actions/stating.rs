//! Stating totals: what the books say, at a moment at which it is known how much of it has its entry.

use std::collections::HashSet;
use std::time::Duration;

use db::Reads;
use giving::donations::totals;
use kernel::id::{Id as _, public};
use kernel::{Fen, UnitId};
use platform::Services;
use platform::facts::{self, Fact, NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde::Deserialize;
use serde_json::json;

use super::super::error::LogError;
use super::super::leaf::{LeafError, PublicId};
use super::super::queries;
use super::super::stated::{self, Books, STATED, Statement, UnitBooks, Waiting};
use super::super::store;
use super::Log;
use crate::tlog::hash::sha256;

/// The kinds of fact of this slice.
pub const FACT_KINDS: &[&str] = &[STATED];
/// How often books and log are looked at together before it is said that they do not stand still.
const LOOKS_MAX: u32 = 40;
/// The pause between, which outlasts a round of the log after a few.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Facts without an entry yet that are looked through; more means that the log is far behind.
const AHEAD_MAX: i64 = 20_000;

/// What the fact of a gift says.
#[derive(Deserialize)]
struct Confirmed<'f> {
    #[serde(borrow)]
    channel: &'f str,
    amount_fen: Fen,
}

impl Log {
    /// The books and the log at one moment: neither moved while both were read.
    ///
    /// # Errors
    /// [`LogError::Busy`] when that moment does not come, the databases'.
    pub async fn books(&self, services: &Services) -> Result<Books, LogError> {
        for _ in 0..LOOKS_MAX {
            // A server places facts by itself; a command alone does it here. Another who does the same is in order.
            if let Err(error) = facts::sequencer::round(&services.db).await {
                tracing::debug!(%error, "facts were not placed in this look");
            }
            if let Some(books) = self.look(services).await? {
                return Ok(books);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(LogError::Busy)
    }

    /// Entries signed, and how many wait. One that waits leaves only into a larger log.
    async fn stand(at: &mut impl Reads) -> Result<(u64, i64), LogError> {
        let size = store::head(at).await?.map_or(0, |head| head.size);
        Ok((size, store::count_held(at).await?))
    }

    async fn look(&self, services: &Services) -> Result<Option<Books>, LogError> {
        let mut own = self.inner.db.snapshot().await?;
        let before = Self::stand(&mut own).await?;
        let held = store::held(&mut own).await?;
        let mut waiting = Waiting::of(&held);
        let mut at = services.db.snapshot().await?;
        let as_of = services.now();
        let place = store::cursor(&mut at).await?;
        let ahead = facts::read_after(&mut at, place, AHEAD_MAX).await?;
        if facts::unplaced(&mut at).await? > 0 || ahead.len() as i64 == AHEAD_MAX {
            return Ok(None);
        }
        let idents: Vec<_> = ahead.iter().map(|fact| fact.id.bytes()).collect();
        let known = store::known(&mut own, &idents).await?;
        let held: HashSet<_> = held.iter().map(|candidate| candidate.ident).collect();
        let is_there = |fact: &Fact| known.contains_key(&fact.id.bytes()) || held.contains(&fact.id.bytes());
        for fact in ahead.iter().filter(|fact| !is_there(fact)) {
            match fact.kind.as_str() {
                "gift.confirmed" => {
                    let said: Confirmed<'_> =
                        serde_json::from_str(&fact.body).map_err(|error| LeafError::Vocabulary(error.to_string()))?;
                    let unit = PublicId::new(&public(&*services.keys, fact.unit))?;
                    waiting.add(unit, stated::gift(said.channel == "match", said.amount_fen.get()));
                }
                // Few, and gone within the second.
                "refund.approved" | "gift.taken_back" | "match.shrunk" => return Ok(None),
                _ => {}
            }
        }
        let sums = totals::of_units(&mut at).await?;
        drop((at, own));
        let mut own = self.inner.db.snapshot().await?;
        if Self::stand(&mut own).await? != before {
            return Ok(None);
        }
        let units = stated::units(services, &sums, &waiting);
        let size = before.0;
        Ok(Some(Books { size, as_of, units }))
    }

    /// States what the books say of a unit, or of all with gifts. What was stated before with the same figures is not
    /// stated again. The fact is `totals.stated`. Returns what is new.
    ///
    /// # Errors
    /// [`LogError::Forbidden`], [`LogError::Busy`], the databases'.
    pub async fn state(
        &self,
        services: &Services,
        by: &Actor,
        unit: Option<UnitId>,
    ) -> Result<Vec<(UnitId, Statement)>, LogError> {
        match unit {
            Some(unit) => by.require(Permission::BooksPost, unit)?,
            None => by.require_everywhere(Permission::BooksPost)?,
        }
        let books = self.books(services).await?;
        let mut stated = Vec::new();
        for of in books.units.iter().filter(|of| unit.is_none_or(|unit| unit == of.unit)) {
            let statement = Statement {
                day: books.as_of.business_day(),
                size: books.size,
                says: of.told,
            };
            if state_one(services, by, of, statement).await? {
                stated.push((of.unit, statement));
            }
        }
        Ok(stated)
    }
}

impl Log {
    /// What the night states: all units, once the log has stood for a night. On its first day there is no yesterday.
    ///
    /// # Errors
    /// As [`Log::state`].
    pub async fn state_nightly(&self, services: &Services, by: &Actor) -> Result<usize, LogError> {
        let mut own = self.inner.db.snapshot().await?;
        let first = queries::first_signed_at(&mut own).await?;
        drop(own);
        if first.is_none_or(|first| first.business_day() >= services.now().business_day()) {
            return Ok(0);
        }
        Ok(self.state(services, by, None).await?.len())
    }
}

/// One statement, once for the same figures; returns whether it is new.
async fn state_one(services: &Services, by: &Actor, of: &UnitBooks, statement: Statement) -> Result<bool, LogError> {
    let subject = subject_of(of);
    let mut tx = services.db.begin().await?;
    if !facts::by_subject(&mut tx, subject, 1).await?.is_empty() {
        return Ok(false);
    }
    let fact = NewFact {
        unit: of.unit,
        kind: STATED,
        subject,
        actor: Some(by.id),
        body: json!(statement),
    };
    conclude(tx, fact, services).await?;
    Ok(true)
}

/// What makes a statement the same: its unit and figures.
fn subject_of(of: &UnitBooks) -> [u8; 16] {
    let mut text = STATED.as_bytes().to_vec();
    text.extend(of.unit.bytes());
    for (_, figure) in of.told.each() {
        text.extend(figure.to_be_bytes());
    }
    let mut subject = [0; 16];
    subject.copy_from_slice(&sha256(&text).0[..16]);
    subject
}
