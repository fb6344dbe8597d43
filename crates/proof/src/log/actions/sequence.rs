//! From waiting facts to a signed head.

use std::collections::{HashMap, HashSet};

use db::Tx;
use kernel::Instant;
use platform::Services;

use super::super::error::LogError;
use super::super::leaf::{Leaf, LeafError, decode};
use super::super::model::{Candidate, Decision, Group, Head, Ident, Known, Limits, NewEntry, Round, Spent};
use super::super::points::Point;
use super::super::prepare::{self, Raw};
use super::super::rules::{self, RulesError};
use super::super::store;
use super::{Log, State};
use crate::tlog::{Checkpoint, EMPTY_ROOT, Frontier, Hash, NewNode, leaf_hash};

/// Facts of one round: a batch wide enough to be cheap, small enough to be published within the second.
const FACTS_PER_ROUND: i64 = 4_000;
/// Of one round while gifts come in a crowd: short bursts, for which nobody waits long.
const FACTS_IN_A_RUSH: i64 = 1_000;
/// How long gifts of a past day wait for others of their group, as an import brings them in several rounds.
const GATHER_MICROS: i64 = 5 * 60 * 1_000_000;
/// How often waiting entries are looked at when nothing new comes.
const HELD_EVERY_MICROS: i64 = 30 * 1_000_000;

/// A batch hashed and signed, not yet committed.
struct Batch {
    head: Head,
    frontier: Frontier,
    leaves: Vec<(Hash, Vec<u8>)>,
    nodes: Vec<NewNode>,
    facts: Vec<(Ident, u64, i64)>,
    crowd: HashMap<Group, i64>,
}

impl Log {
    /// Signs the empty tree, once.
    pub(super) async fn first_head(&self, services: &Services) -> Result<(), LogError> {
        let mut at = self.inner.db.snapshot().await?;
        let known = store::head(&mut at).await?;
        drop(at);
        if let Some(head) = known {
            let (_, note) = (self.inner.keys.open(head.note.as_bytes()))
                .map_err(|_| LogError::Key("the log’s database was signed with another key"))?;
            if !self.inner.keys.have_signed(&note) {
                // A key was added, or the last one taken away: the same tree, signed by all that sign now.
                let signed = self.sign(head.size, head.root)?;
                let mut tx = self.inner.db.begin().await?;
                store::sign_head_anew(&mut tx, &signed).await?;
                tx.commit().await?;
            }
            return Ok(());
        }
        if let Some(known) = self.published().await? {
            return Err(LogError::Behind(format!(
                "{} entries are published, the database has none",
                known.size
            )));
        }
        // A copy of the business database on a new machine remembers that there was a log; a new tree under the same
        // key would be a fork.
        let mut facts = services.db.snapshot().await?;
        let read = store::cursor(&mut facts).await?;
        drop(facts);
        if read > 0 {
            return Err(LogError::Behind(format!(
                "{read} facts were logged before, and neither the log’s database nor its published files are here; put \
                 the folder of published files back first"
            )));
        }
        let head = self.sign(0, EMPTY_ROOT)?;
        let mut tx = self.inner.db.begin().await?;
        store::move_head(&mut tx, None, &head, services.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    fn sign(&self, size: u64, root: Hash) -> Result<Head, LogError> {
        let origin = self.verifier().name().to_owned();
        let note = self.inner.keys.sign(&Checkpoint::new(&origin, size, root))?.to_text();
        Ok(Head { size, root, note })
    }

    /// Reads facts and signs what they add.
    pub(super) async fn sequence(&self, services: &Services, state: &mut State) -> Result<Round, LogError> {
        let now = services.now();
        let mut facts = services.db.snapshot().await?;
        let place = store::cursor(&mut facts).await?;
        drop(facts);
        let hurries = services.rush.is_on(now);
        let most = if hurries { FACTS_IN_A_RUSH } else { FACTS_PER_ROUND };
        let prepared = match state.ahead.join_next().await {
            Some(Ok(prepared)) => Some(prepared?).filter(|prepared| prepared.after == place),
            _ => None,
        };
        let prepared = match prepared {
            Some(prepared) => prepared,
            None => prepare_after(services.clone(), place, most).await?,
        };
        let pace = self.pace();
        let every = HELD_EVERY_MICROS.min(pace.longest_seconds.max(1) * 1_000_000);
        let every = if pace.fewest > 1 { every } else { HELD_EVERY_MICROS };
        let due = state.held_seen.is_none_or(|seen| now >= seen.plus_micros(every));
        if prepared.facts == 0 && !due {
            return Ok(Round::default());
        }
        state.held_seen = Some(now);
        if prepared.is_full && !hurries {
            state
                .ahead
                .spawn(prepare_after(services.clone(), prepared.last, FACTS_PER_ROUND));
        }
        let begin = services.now();
        let is_new = state.read_to == Some(place);
        state.read_to = None;
        let entries = self.commit(services, state, prepared.made, is_new).await?;
        if prepared.last > place {
            let moved = move_cursor(services.clone(), prepared.last, now);
            match &state.front {
                Some(front) => {
                    let moved = front.spawn(moved).await;
                    moved.map_err(|e| LogError::Broken(format!("the cursor was cut off: {e}")))??;
                }
                None => moved.await?,
            }
        }
        if !store::has_rivals(self.inner.db.backend()) {
            state.read_to = Some(prepared.last);
        }
        self.inner.points.pass(Point::BeforeFiles)?;
        let spent = Spent {
            making_micros: begin.micros() - now.micros(),
            sequencing_micros: services.now().micros() - begin.micros(),
            publishing_micros: 0,
        };
        Ok(Round {
            facts: prepared.facts,
            entries,
            published: false,
            is_full: prepared.is_full,
            spent,
        })
    }

    /// One transaction of the log's database; returns how many entries were added.
    async fn commit(
        &self,
        services: &Services,
        state: &mut State,
        made: Vec<Made>,
        is_new: bool,
    ) -> Result<usize, LogError> {
        let now = services.now();
        let mut tx = self.inner.db.begin().await?;
        let old = store::head(&mut tx).await?.ok_or(LogError::Moved)?;
        let remembered = state
            .held
            .take()
            .filter(|_| !store::has_rivals(self.inner.db.backend()));
        let held = match remembered {
            Some(held) => held,
            None => store::held(&mut tx).await?,
        };
        let fresh = unknown(&mut tx, made, &held, is_new).await?;
        let waiting: HashSet<Ident> = held.iter().map(|c| c.ident).collect();
        let pace = self.pace();
        let known = known_of(&mut tx, &held, &fresh).await?;
        let candidates: Vec<Candidate> = held.into_iter().chain(fresh).collect();
        let limits = Limits {
            crowd_min: self.inner.crowd_min,
            batch_min: pace.fewest,
            batch_before: now.plus_micros(-pace.longest_seconds * 1_000_000),
            today: now.business_day(),
            held_before: now.plus_micros(-GATHER_MICROS),
        };
        let mut decision = rules::decide(candidates, &known, &limits, &*services.rng).map_err(|error| match error {
            RulesError::Leaf(error) => LogError::Leaf(error),
            RulesError::Money(_) => LogError::Leaf(LeafError::Form("a bundle’s sum is too large")),
        })?;
        let holds = decision.keep.iter().any(|c| !waiting.contains(&c.ident));
        if decision.entries.is_empty() && !holds {
            state.held = Some(decision.keep);
            return Ok(0);
        }
        hold(&mut tx, &decision, &waiting).await?;
        let added = decision.entries.len();
        let mut batch = None;
        if added > 0 {
            let edge = self.edge(&mut tx, state, &old).await?;
            let (log, entries) = (self.clone(), std::mem::take(&mut decision.entries));
            let made = tokio::task::spawn_blocking(move || log.batch(entries, edge)).await;
            let made = made.map_err(|e| LogError::Broken(format!("the hashing was cut off: {e}")))??;
            write(&mut tx, &old, &made, now).await?;
            batch = Some(made);
        }
        let keep = decision.keep;
        self.inner.points.pass(Point::BeforeCommit)?;
        tx.commit().await?;
        self.inner.points.pass(Point::AfterCommit)?;
        if let Some(batch) = batch {
            state.frontier = Some(batch.frontier);
            state.tail.push(old.size, batch.leaves);
        }
        state.held = Some(keep);
        Ok(added)
    }

    /// The right edge of the head: remembered, or read and compared with the root that was signed.
    async fn edge(&self, tx: &mut Tx, state: &State, head: &Head) -> Result<Frontier, LogError> {
        if let Some(known) = &state.frontier
            && (known.size(), known.root()) == (head.size, head.root)
        {
            return Ok(known.clone());
        }
        let read = store::frontier(tx, head.size).await?;
        read.filter(|edge| edge.root() == head.root)
            .ok_or_else(|| LogError::Broken("its entries do not give the root that was signed".into()))
    }

    fn batch(&self, entries: Vec<NewEntry>, mut frontier: Frontier) -> Result<Batch, LogError> {
        let (mut leaves, mut nodes, mut facts) = (Vec::with_capacity(entries.len()), Vec::new(), Vec::new());
        let mut crowd: HashMap<Group, i64> = HashMap::new();
        for entry in &entries {
            let bytes = entry.leaf.encode()?;
            let (index, hash) = (frontier.size(), leaf_hash(&bytes));
            nodes.extend(frontier.push(hash));
            leaves.push((hash, bytes));
            facts.extend(entry.places().map(|(ident, member)| (ident, index, member)));
            if let Some(gift) = entry.leaf.gift() {
                *crowd.entry(Group::of(gift)).or_default() += 1;
            }
        }
        // In the order of the table, so that the shuffled entries are not sought out one by one.
        facts.sort_unstable();
        Ok(Batch {
            head: self.sign(frontier.size(), frontier.root())?,
            frontier,
            leaves,
            nodes,
            facts,
            crowd,
        })
    }
}

/// Moves the cursor beside the facts, without a sync of its own: facts that are read again are known.
async fn move_cursor(services: Services, place: i64, now: Instant) -> Result<(), LogError> {
    let mut tx = services.db.begin_quietly().await?;
    store::move_cursor(&mut tx, place, now).await?;
    Ok(tx.commit().await?)
}

/// Facts read, and the entries made of them.
pub(super) struct Prepared {
    /// The place they stand behind.
    after: i64,
    /// The place of the last, or `after` where there are none.
    last: i64,
    /// How many were read.
    facts: usize,
    is_full: bool,
    made: Vec<Made>,
}

/// Reads facts and makes their entries; nothing is written.
async fn prepare_after(services: Services, after: i64, most: i64) -> Result<Prepared, LogError> {
    let (read, raw) = {
        let mut at = services.db.snapshot().await?;
        let read = services.shelf.read(&mut at, after, most).await?;
        let raw = prepare::load(&mut at, &read, &services).await?;
        (read, raw)
    };
    let made = if read.is_empty() {
        Vec::new()
    } else {
        let (made, ()) = tokio::try_join!(make_all(raw, &services), durable(&services))?;
        made
    };
    Ok(Prepared {
        after,
        last: read.last().map_or(after, |fact| fact.place),
        facts: read.len(),
        is_full: read.is_full(),
        made,
    })
}

/// An entry made now, and whether making it again would give the same bytes.
struct Made {
    candidate: Candidate,
    is_fixed: bool,
}

/// Makes the entries on a thread of its own: each gift is unwrapped, opened and committed to.
async fn make_all(raw: Vec<Raw>, services: &Services) -> Result<Vec<Made>, LogError> {
    let services = services.clone();
    let work = move || {
        let made = raw.into_iter().map(|raw| match raw {
            Raw::Ready(candidate) => Ok(Made {
                candidate: *candidate,
                is_fixed: true,
            }),
            Raw::Gift(gift) => {
                let (candidate, openings) = prepare::gift(&gift, &services)?;
                Ok(Made {
                    candidate,
                    is_fixed: openings.is_some(),
                })
            }
        });
        made.collect()
    };
    let made = tokio::task::spawn_blocking(work).await;
    made.map_err(|e| LogError::Broken(format!("the making of entries was cut off: {e}")))?
}

/// What the log tells must be there after a power cut; reactions commit without a sync.
async fn durable(services: &Services) -> Result<(), LogError> {
    let db = services.db.clone();
    let synced = tokio::task::spawn_blocking(move || db.make_durable()).await;
    Ok(synced.map_err(|e| LogError::Disk(format!("the sync was cut off: {e}")))??)
}

/// Those that neither stand in the log nor wait. One that stands there with other content stops the log. Of facts that
/// nobody can have read before it is not asked; were one there all the same, the table would refuse it.
async fn unknown(tx: &mut Tx, made: Vec<Made>, held: &[Candidate], is_new: bool) -> Result<Vec<Candidate>, LogError> {
    let idents: Vec<Ident> = made.iter().map(|m| m.candidate.ident).collect();
    let known = match is_new {
        true => HashMap::new(),
        false => store::known(tx, &idents).await?,
    };
    let waiting: HashSet<Ident> = held.iter().map(|c| c.ident).collect();
    let mut fresh = Vec::with_capacity(made.len());
    let mut again = Vec::new();
    for Made { candidate, is_fixed } in made {
        match known.get(&candidate.ident) {
            Some(place) if is_fixed => again.push((candidate, *place)),
            Some(_) => {}
            None if waiting.contains(&candidate.ident) => {}
            None => fresh.push(candidate),
        }
    }
    same(tx, &again).await?;
    Ok(fresh)
}

/// Facts that are read again (after a crash, or from an older business database) give what stands in the log.
async fn same(tx: &mut Tx, again: &[(Candidate, (u64, i64))]) -> Result<(), LogError> {
    let places: Vec<u64> = again.iter().map(|(_, (index, _))| *index).collect();
    let stand = store::leaves_at(tx, &places).await?;
    for (candidate, (index, member)) in again {
        let stands = stand.get(index).map(Vec::as_slice).unwrap_or_default();
        let bytes = candidate.leaf.encode()?;
        let is_same = match usize::try_from(member - 1) {
            Err(_) => stands == bytes,
            Ok(place) => {
                let leaf = decode(stands);
                let bundle = leaf.as_ref().ok().and_then(Leaf::bundle);
                bundle
                    .and_then(|bundle| bundle.members.get(place))
                    .is_some_and(|member| member.h == leaf_hash(&bytes))
            }
        };
        if !is_same {
            return Err(LogError::Differs { index: *index });
        }
    }
    Ok(())
}

/// What is known of those that came now and of those that wait: where batches are paced, or were, others of their group may
/// have gone in before.
async fn known_of(tx: &mut Tx, held: &[Candidate], fresh: &[Candidate]) -> Result<Known, LogError> {
    let group = |c: &Candidate| c.leaf.gift().map(Group::of);
    let mut groups: Vec<Group> = fresh.iter().chain(held).filter_map(group).collect();
    groups.sort();
    groups.dedup();
    let awaited: Vec<Ident> = held.iter().chain(fresh).filter_map(|c| c.waits_for).collect();
    Ok(Known {
        crowd: store::crowd(tx, &groups).await?,
        idents: store::known(tx, &awaited).await?.into_keys().collect(),
    })
}

/// Writes those who wait from now on, removes those who wait no longer.
async fn hold(tx: &mut Tx, decision: &Decision, waiting: &HashSet<Ident>) -> Result<(), LogError> {
    let mut new = Vec::new();
    for candidate in decision.keep.iter().filter(|c| !waiting.contains(&c.ident)) {
        new.push((candidate, candidate.leaf.encode()?));
    }
    store::insert_held(tx, &new).await?;
    let out = decision.entries.iter().flat_map(|entry| entry.idents.iter().copied());
    let out: Vec<Ident> = out.filter(|ident| waiting.contains(ident)).collect();
    Ok(store::delete_held(tx, &out).await?)
}

async fn write(tx: &mut Tx, old: &Head, batch: &Batch, now: Instant) -> Result<(), LogError> {
    store::insert_leaves(tx, old.size, &batch.leaves).await?;
    store::insert_nodes(tx, &batch.nodes).await?;
    store::insert_known(tx, &batch.facts).await?;
    store::add_crowd(tx, &batch.crowd).await?;
    if store::move_head(tx, Some(old), &batch.head, now).await? {
        Ok(())
    } else {
        Err(LogError::Moved)
    }
}
