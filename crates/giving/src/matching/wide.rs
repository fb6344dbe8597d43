//! Deciding inside a wide transaction: lock the tallies, read the counters, decide, write it all with one statement a
//! table. The intake writer calls it for new gifts; releases and the close share its last part.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use db::DbError;
use db::bulk::{BulkTx, Cell, Kind, Lookup, Rows, Shape};
use kernel::id::{Id as _, public};
use kernel::{ActorId, Channel, Fen, GiftId, Instant, ProjectId};

use super::model::{Act, Candidate, Decision, Elsewhere, PayerKind, Person, PoolId, Review, Rule, Tallies};
use super::rules::{self, CounterKey, Tally, Verdict};
use crate::donations::intake::{Booker, OpenPool, ProjectEntry};

const TALLY: Lookup = Lookup {
    table: "match_tally",
    keys: &[("unit_id", Kind::Bytes), ("pool_id", Kind::Bytes)],
    wanted: &[
        ("locked_fen", Kind::Int),
        ("given_fen", Kind::Int),
        ("returned_fen", Kind::Int),
        ("decisions", Kind::Int),
        ("matches", Kind::Int),
        ("shrunk", Kind::Int),
    ],
};

const STATE: Lookup = Lookup {
    table: "match_pool",
    keys: &[("id", Kind::Bytes)],
    wanted: &[
        ("closing_number", Kind::Int),
        ("opened_at", Kind::Int),
        ("closed_at", Kind::Int),
    ],
};

const COUNTER: Lookup = Lookup {
    table: "match_counter",
    keys: &[
        ("unit_id", Kind::Bytes),
        ("pool_id", Kind::Bytes),
        ("counts", Kind::Text),
        ("subject", Kind::Bytes),
    ],
    wanted: &[("used", Kind::Int)],
};

const COUNTERS: Shape = Shape {
    table: "match_counter",
    columns: &[
        ("unit_id", Kind::Bytes),
        ("pool_id", Kind::Bytes),
        ("counts", Kind::Text),
        ("subject", Kind::Bytes),
        ("used", Kind::Int),
    ],
    conflict: "ON CONFLICT (unit_id, pool_id, counts, subject) DO UPDATE SET used = match_counter.used + excluded.used",
};

/// The locked money stands in every row, so that the row as proposed passes the table's check too.
const TALLIES: Shape = Shape {
    table: "match_tally",
    columns: &[
        ("unit_id", Kind::Bytes),
        ("pool_id", Kind::Bytes),
        ("locked_fen", Kind::Int),
        ("given_fen", Kind::Int),
        ("returned_fen", Kind::Int),
        ("decisions", Kind::Int),
        ("matches", Kind::Int),
        ("shrunk", Kind::Int),
    ],
    conflict: "ON CONFLICT (unit_id, pool_id) DO UPDATE SET
        given_fen = match_tally.given_fen + excluded.given_fen,
        decisions = match_tally.decisions + excluded.decisions, matches = match_tally.matches + excluded.matches",
};

const DECISIONS: Shape = Shape {
    table: "match_decision",
    columns: &[
        ("unit_id", Kind::Bytes),
        ("pool_id", Kind::Bytes),
        ("number", Kind::Int),
        ("act", Kind::Text),
        ("gift_id", Kind::Bytes),
        ("project_id", Kind::Bytes),
        ("offered_fen", Kind::Int),
        ("given_fen", Kind::Int),
        ("reason", Kind::Text),
        ("cap", Kind::Text),
        ("before_fen", Kind::Int),
        ("after_fen", Kind::Int),
        ("match_gift_id", Kind::Bytes),
        ("person", Kind::Bytes),
        ("payer_kind", Kind::Text),
        ("refunded_fen", Kind::Int),
        ("decided_at", Kind::Int),
        ("actor_id", Kind::Bytes),
    ],
    conflict: "",
};

/// A new gift that pools may match.
pub(crate) struct Wish<'w> {
    /// The open pools of its project, in the order of asking.
    pub pools: Vec<Arc<OpenPool>>,
    pub gift: GiftId,
    pub project: Arc<ProjectEntry>,
    pub channel: Channel,
    pub amount: Fen,
    pub paid_at: Instant,
    /// The payer's blind index.
    pub payer: Option<&'w [u8]>,
    pub payer_kind: PayerKind,
    pub review: Review,
}

/// A match that was decided and is to be written as its sponsor's gift.
pub(crate) struct Grant {
    pub pool: Arc<OpenPool>,
    pub number: i64,
    /// The sponsor's gift.
    pub gift: GiftId,
    pub project: Arc<ProjectEntry>,
    pub amount: Fen,
}

impl Grant {
    /// Its number as a gift: the pool's word and the running number, in order of time.
    pub fn trade_no(&self) -> String {
        format!("M-{}-{:010}", self.pool.code, self.number)
    }
}

/// The tally of a pool that is held, and what it stood at.
pub(crate) struct HeldPool {
    pub pool: Arc<OpenPool>,
    pub tally: Tally,
    before: Tallies,
    decisions: Vec<Decision>,
}

/// Holds pools in the order of their ids and reads their sums; those that are no longer in a state that `wanted` takes
/// are left out.
pub(crate) async fn hold(
    tx: &mut BulkTx<'_>,
    pools: BTreeMap<PoolId, Arc<OpenPool>>,
    wanted: Phase,
) -> Result<BTreeMap<PoolId, HeldPool>, DbError> {
    let keys: Vec<Cell> = pools
        .values()
        .flat_map(|pool| [Cell::id(pool.unit), Cell::id(pool.id)])
        .collect();
    let ids: Vec<Cell> = pools.keys().map(|id| Cell::id(*id)).collect();
    tx.lock(&TALLY, &keys).await?;
    // Statements of their own: only these see what the holder before us has committed.
    let sums = tx.find(&TALLY, &keys).await?;
    let states = tx.find(&STATE, &ids).await?;
    let mut held = BTreeMap::new();
    for ((pool, sums), state) in pools.into_values().zip(sums).zip(states) {
        let (Some(sums), Some(state)) = (sums, state) else {
            continue;
        };
        let [closing, opened, closed] = [0, 1, 2].map(|at: usize| state[at] != Cell::Null);
        let phase = match (opened, closing, closed) {
            (true, false, false) => Phase::Open,
            (true, true, false) => Phase::Closing,
            _ => continue,
        };
        if phase != wanted {
            continue;
        }
        let number = |at: usize| sums[at].int();
        let before = Tallies {
            locked: Fen::new(number(0)),
            given: Fen::new(number(1)),
            returned: Fen::new(number(2)),
            decisions: number(3),
            matches: number(4),
            shrunk: number(5),
        };
        held.insert(
            pool.id,
            HeldPool {
                tally: Tally::over(before),
                before,
                pool,
                decisions: Vec::new(),
            },
        );
    }
    Ok(held)
}

/// In which part of its life a pool must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Gifts are matched.
    Open,
    /// It is being shared out.
    Closing,
}

/// Reads the counters that these candidates need, in one look-up.
pub(crate) async fn read_counters(
    tx: &mut BulkTx<'_>,
    held: &mut BTreeMap<PoolId, HeldPool>,
    wanted: BTreeSet<(PoolId, CounterKey)>,
) -> Result<(), DbError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let mut keys = Vec::with_capacity(wanted.len() * COUNTER.keys.len());
    for (id, (counts, subject)) in &wanted {
        let Some(one) = held.get(id) else { continue };
        keys.extend([
            Cell::id(one.pool.unit),
            Cell::id(*id),
            counts.as_str().into(),
            Cell::Bytes(subject.to_vec()),
        ]);
    }
    let found = tx.find(&COUNTER, &keys).await?;
    for ((id, key), row) in wanted.into_iter().zip(found) {
        if let (Some(one), Some(row)) = (held.get_mut(&id), row) {
            one.tally.set(key, row[0].int());
        }
    }
    Ok(())
}

/// Decides about new gifts in their order and writes decisions, counters and sums; the matches are the caller's to
/// write, in the same transaction.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn decide(
    tx: &mut BulkTx<'_>,
    wishes: &[Wish<'_>],
    tools: &Booker<'_>,
) -> Result<Vec<Grant>, DbError> {
    if wishes.is_empty() {
        return Ok(Vec::new());
    }
    let pools: BTreeMap<PoolId, Arc<OpenPool>> = wishes
        .iter()
        .flat_map(|wish| &wish.pools)
        .map(|pool| (pool.id, Arc::clone(pool)))
        .collect();
    let draws = pools.values().any(|pool| pool.rule.draws());
    let mut held = hold(tx, pools, Phase::Open).await?;
    let mut wanted = BTreeSet::new();
    let mut people: HashMap<(PoolId, &[u8]), Person> = HashMap::new();
    for wish in wishes {
        for pool in &wish.pools {
            let Some(one) = held.get(&pool.id) else { continue };
            let person = wish.payer.map(|blind| {
                *people
                    .entry((pool.id, blind))
                    .or_insert_with(|| Person::in_pool(pool.id, blind))
            });
            let candidate = wish.candidate(&pool.rule, "", (person, Elsewhere::Nothing));
            let keys = rules::counters_read(&pool.rule, &one.tally.sums, &candidate);
            wanted.extend(keys.into_iter().map(|key| (pool.id, key)));
        }
    }
    read_counters(tx, &mut held, wanted).await?;
    let mut grants = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let public_id = if draws {
            public(tools.keys, wish.gift)
        } else {
            String::new()
        };
        let mut elsewhere = Elsewhere::Nothing;
        for pool in &wish.pools {
            let Some(one) = held.get_mut(&pool.id) else { continue };
            let person = wish.payer.and_then(|blind| people.get(&(pool.id, blind)).copied());
            let candidate = wish.candidate(&pool.rule, &public_id, (person, elsewhere));
            let before = one.tally.sums.left();
            let verdict = rules::decide(&pool.rule, Some(&pool.seed), &mut one.tally, &candidate);
            elsewhere = elsewhere.max(verdict.seen_elsewhere(&pool.rule));
            let about = About {
                act: Act::Decided,
                gift: Some(wish.gift),
                refunded: Fen::ZERO,
            };
            grants.extend(one.note(&about, &candidate, &wish.project, (before, verdict), tools));
        }
    }
    write(tx, held, None).await?;
    Ok(grants)
}

impl Wish<'_> {
    /// The gift as a pool with this rule sees it.
    fn candidate<'c>(
        &'c self,
        rule: &Rule,
        public_id: &'c str,
        (person, elsewhere): (Option<Person>, Elsewhere),
    ) -> Candidate<'c> {
        Candidate {
            public_id,
            project: self.project.id.bytes(),
            project_code: &self.project.code,
            unit: self.project.unit.bytes(),
            region: Some(self.project.region),
            channel: self.channel,
            amount: self.amount,
            paid_at: self.paid_at,
            person,
            payer_kind: rule.eligible.told(self.payer_kind),
            review: self.review,
            elsewhere,
        }
    }
}

/// What a decision is about.
pub(crate) struct About {
    pub act: Act,
    pub gift: Option<GiftId>,
    pub refunded: Fen,
}

impl HeldPool {
    /// The decision kept last.
    pub fn last(&self) -> Option<&Decision> {
        self.decisions.last()
    }

    /// Keeps a decision under the next running number; gives the match, if it gave one.
    pub fn note(
        &mut self,
        about: &About,
        candidate: &Candidate<'_>,
        project: &Arc<ProjectEntry>,
        (before, verdict): (Fen, Verdict),
        tools: &Booker<'_>,
    ) -> Option<Grant> {
        let number = self.tally.next_number();
        let grant = verdict.given.is_positive().then(|| Grant {
            pool: Arc::clone(&self.pool),
            number,
            gift: GiftId::new(tools.now, tools.rng),
            project: Arc::clone(project),
            amount: verdict.given,
        });
        self.decisions.push(Decision {
            pool: self.pool.id,
            number,
            act: about.act,
            gift: about.gift,
            project: ProjectId::from_bytes(candidate.project),
            offered: verdict.offered,
            given: verdict.given,
            reason: verdict.reason,
            cap: verdict.cap,
            before,
            after: self.tally.sums.left(),
            match_gift: grant.as_ref().map(|grant| grant.gift),
            person: candidate.person,
            payer_kind: candidate.payer_kind,
            refunded: about.refunded,
            at: tools.now,
        });
        grant
    }
}

/// Writes decisions, counters and sums of held pools.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn write(
    tx: &mut BulkTx<'_>,
    held: BTreeMap<PoolId, HeldPool>,
    actor: Option<ActorId>,
) -> Result<(), DbError> {
    let decided = held.values().map(|one| one.decisions.len()).sum();
    let mut decisions = Rows::with_capacity(&DECISIONS, decided);
    let mut counters = Rows::with_capacity(&COUNTERS, 0);
    let mut tallies = Rows::with_capacity(&TALLIES, held.len());
    for (id, one) in held {
        let (unit, sums) = (one.pool.unit, one.tally.sums);
        for decision in &one.decisions {
            decisions.push(decision_row(decision, &one.pool, actor));
        }
        tallies.push([
            Cell::id(unit),
            Cell::id(id),
            sums.locked.into(),
            (sums.given.get() - one.before.given.get()).into(),
            0.into(),
            (sums.decisions - one.before.decisions).into(),
            (sums.matches - one.before.matches).into(),
            0.into(),
        ]);
        for ((counts, subject), by) in one.tally.changes() {
            counters.push([
                Cell::id(unit),
                Cell::id(id),
                counts.as_str().into(),
                Cell::Bytes(subject.to_vec()),
                by.into(),
            ]);
        }
    }
    tx.insert(&decisions).await?;
    tx.insert(&counters).await?;
    tx.insert(&tallies).await
}

fn decision_row(decision: &Decision, pool: &OpenPool, actor: Option<ActorId>) -> [Cell; 18] {
    [
        Cell::id(pool.unit),
        Cell::id(decision.pool),
        decision.number.into(),
        decision.act.as_str().into(),
        decision.gift.map_or(Cell::Null, Cell::id),
        Cell::id(decision.project),
        decision.offered.into(),
        decision.given.into(),
        decision.reason.as_str().into(),
        decision.cap.map_or(Cell::Null, |cap| cap.as_str().into()),
        decision.before.into(),
        decision.after.into(),
        decision.match_gift.map_or(Cell::Null, Cell::id),
        decision.person.map_or(Cell::Null, |person| Cell::Id(person.0)),
        decision.payer_kind.as_str().into(),
        decision.refunded.into(),
        decision.at.into(),
        actor.map_or(Cell::Null, Cell::id),
    ]
}
