//! Sharing a closing pool out, in rounds: each round is one transaction, and cut off, the next call goes on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use db::bulk::BulkWriter;
use kernel::id::Id as _;
use kernel::{Channel, Fen, GiftId, Instant, ProjectId};
use ledger::wide::AccountCache;
use platform::Services;
use platform::facts::WideFacts;
use platform::identity::Actor;
use serde_json::json;

use super::super::error::MatchError;
use super::super::model::{
    Act, Candidate, Decision, Elsewhere, Kind, PayerKind, Person, Pool, PoolId, PoolState, Reason, Review, Rule,
};
use super::super::rules::{self, Counted, awards, kept_share, proportional, refunded_base};
use super::super::store;
use super::super::wide::{self, About, Phase};
use super::{apart, finish, reveal};
use crate::State;
use crate::donations::intake::{Booker, OpenPool, ProjectEntry, add_matches};

/// Awards in one transaction: short enough to let gifts through between two of them.
const AWARDS_PER_ROUND: usize = 500;
/// Decisions read at once.
const ROWS_PER_READ: i64 = 5_000;

/// What one gift or project is to get.
struct Share {
    gift: Option<GiftId>,
    project: ProjectId,
    sum: Fen,
    person: Option<Person>,
    payer_kind: PayerKind,
    /// Of the gift: its amount, and what of it had been given back when the pool began to close, and now.
    amount: Fen,
    refunded: (Fen, Fen),
}

/// Shares a closing pool out and closes it. Called by its job; called again, it goes on where it was cut off. Fact
/// `pool.closed`; each match has its own.
///
/// # Errors
/// [`MatchError`].
pub async fn share_out(giving: &State, by: &Actor, id: PoolId) -> Result<i64, MatchError> {
    let (giving, by) = (giving.clone(), by.clone());
    apart(move || async move { share_out_apart(&giving, &by, id).await }).await
}

async fn share_out_apart(giving: &State, by: &Actor, id: PoolId) -> Result<i64, MatchError> {
    let services = &giving.services;
    let mut at = services.db.snapshot().await?;
    let pool = store::pool(&mut at, id).await?.ok_or(MatchError::NotFound("pool"))?;
    match pool.state {
        PoolState::Closing => {}
        PoolState::Closed => return Ok(0),
        _ => return Err(MatchError::State(pool.state.as_str())),
    }
    let rule = store::rule(&mut at, &pool, pool.rule_version).await?;
    let rule = rule.ok_or(MatchError::NotFound("rule"))?;
    let seed = store::seed(&mut at, id, &services.keys).await?;
    let account = giving.intake.directory().account(pool.account);
    let open = Arc::new(OpenPool {
        id,
        unit: pool.unit,
        code: pool.code.clone(),
        priority: pool.priority,
        rule: rule.clone(),
        seed,
        locked: pool.locked,
        account: account.ok_or(MatchError::NotFound("account"))?,
        sponsor_name: pool.sponsor_name.clone(),
    });
    drop(at);
    let mut given = 0;
    loop {
        let mut at = services.db.snapshot().await?;
        let (shares, mut seen) = shares(&mut at, giving, (&pool, &rule)).await?;
        drop(at);
        let mut whole = true;
        for part in shares.chunks(AWARDS_PER_ROUND) {
            let Some(number) = round(giving, &open, part, seen).await? else {
                whole = false;
                break;
            };
            given += number - seen;
            seen = number;
        }
        if whole {
            break;
        }
    }
    let (mut tx, mut pool) = super::begin(services, by, id, platform::identity::Permission::MatchApprove).await?;
    if pool.state == PoolState::Closing {
        reveal(&mut tx, services, &mut pool).await?;
        let sums = store::tallies(&mut tx, pool.unit, id).await?;
        let body = json!({ "decisions": sums.decisions, "given_fen": sums.given });
        finish(tx, services, by, &pool, ("pool.closed", body)).await?;
    }
    Ok(given)
}

/// What is still to be given, and the last running number that was seen: computed from all decisions up to the closing number, so that every call computes the
/// same, less what was given already.
async fn shares(
    at: &mut impl db::Reads,
    giving: &State,
    (pool, rule): (&Pool, &Rule),
) -> Result<(Vec<Share>, i64), MatchError> {
    let last = pool.closing_number.unwrap_or(0);
    let (mut counted, mut then, mut now) = (Vec::new(), HashMap::new(), HashMap::new());
    let mut done: BTreeSet<[u8; 16]> = BTreeSet::new();
    let mut left = pool.locked;
    let mut after = 0;
    loop {
        let rows: Vec<Decision> = store::of_pool(at, (pool.unit, pool.id), after, ROWS_PER_READ).await?;
        let Some(end) = rows.last().map(|row| row.number) else {
            break;
        };
        after = end;
        for row in rows {
            if row.number <= last {
                left = row.after;
            }
            match row.act {
                Act::Shrunk => {
                    if row.number <= last {
                        then.insert(row.gift, row.refunded);
                    }
                    now.insert(row.gift, row.refunded);
                }
                Act::Awarded => {
                    done.insert(row.gift.map_or(row.project.bytes(), |gift| gift.bytes()));
                }
                _ if row.number <= last && row.reason == Reason::AtClose => counted.push(row),
                _ => {}
            }
        }
    }
    let code = |project: ProjectId| giving.intake.directory().project(project).map(|p| p.code.clone());
    let codes: Vec<String> = counted
        .iter()
        .map(|row| code(row.project).unwrap_or_default())
        .collect();
    let mut amounts = Vec::with_capacity(counted.len());
    for row in &counted {
        let gift = match row.gift {
            Some(gift) => store::gift_row(at, gift).await?,
            None => None,
        };
        amounts.push(gift.map_or(Fen::ZERO, |(_, _, amount, _)| amount));
    }
    let refunded = |map: &HashMap<Option<GiftId>, Fen>, row: &Decision| map.get(&row.gift).copied().unwrap_or_default();
    // What had been given back before a held match was released is not in what was offered then.
    let since = |then: Fen, before: Fen| then.minus(before).unwrap_or_default().max(Fen::ZERO);
    let gifts: Vec<Counted<'_>> = counted
        .iter()
        .zip(&codes)
        .zip(&amounts)
        .map(|((row, project), amount)| Counted {
            project,
            person: row.person.map(|person| person.0),
            base: row
                .offered
                .minus(refunded_base(rule, *amount, since(refunded(&then, row), row.refunded)))
                .unwrap_or_default(),
        })
        .collect();
    let mut shares = Vec::new();
    if rule.kind == Kind::Proportional {
        let weights: Vec<Fen> = gifts.iter().map(|gift| gift.base).collect();
        let sums = proportional(left, &weights, rule.caps.gift_fen);
        for ((row, sum), amount) in counted.iter().zip(sums).zip(amounts) {
            shares.push(Share {
                gift: row.gift,
                project: row.project,
                sum,
                person: row.person,
                payer_kind: row.payer_kind,
                amount,
                refunded: (refunded(&then, row), refunded(&now, row)),
            });
        }
    } else {
        let ids: HashMap<&str, ProjectId> = codes
            .iter()
            .map(String::as_str)
            .zip(counted.iter().map(|r| r.project))
            .collect();
        for award in awards(rule, left, &gifts) {
            let Some(project) = ids.get(award.project.as_str()) else {
                continue;
            };
            shares.push(Share {
                gift: None,
                project: *project,
                sum: award.sum,
                person: None,
                payer_kind: PayerKind::Organisation,
                amount: Fen::ZERO,
                refunded: (Fen::ZERO, Fen::ZERO),
            });
        }
    }
    shares.retain(|share| {
        share.sum.is_positive() && !done.contains(&share.gift.map_or(share.project.bytes(), |gift| gift.bytes()))
    });
    Ok((shares, after))
}

/// A share with its project, and how and when its gift came.
type Ready<'r> = (&'r Share, Arc<ProjectEntry>, Option<(Channel, Instant)>);

/// Gives one part; the running number afterwards, or nothing when a refund came between: then all is computed anew.
async fn round(giving: &State, open: &Arc<OpenPool>, shares: &[Share], seen: i64) -> Result<Option<i64>, MatchError> {
    let services: &Services = &giving.services;
    let mut at = services.db.snapshot().await?;
    let mut ready: Vec<Ready<'_>> = Vec::with_capacity(shares.len());
    for share in shares {
        let project = giving.intake.directory().project(share.project);
        let project = project.ok_or(MatchError::NotFound("project"))?;
        let row = match share.gift {
            Some(gift) => store::gift_row(&mut at, gift).await?,
            None => None,
        };
        ready.push((share, project, row.map(|(_, channel, _, paid_at)| (channel, paid_at))));
    }
    drop(at);
    let mut bulk = BulkWriter::open(&services.db).await?;
    let mut accounts = AccountCache::new();
    let mut book = Booker {
        accounts: &mut accounts,
        now: services.now(),
        rng: &*services.rng,
        keys: &services.keys,
    };
    let mut tx = bulk.begin().await?;
    let pools = BTreeMap::from([(open.id, Arc::clone(open))]);
    let mut held = wide::hold(&mut tx, pools, Phase::Closing).await?;
    let Some(sums) = held.get(&open.id).map(|one| one.tally.sums) else {
        return Err(MatchError::State("closed"));
    };
    if sums.decisions != seen {
        return Ok(None);
    }
    let candidates: Vec<Candidate<'_>> = ready.iter().map(candidate).collect();
    let keys = candidates
        .iter()
        .flat_map(|c| rules::counters_read(&open.rule, &sums, c));
    let wanted = keys.map(|key| (open.id, key)).collect();
    wide::read_counters(&mut tx, &mut held, wanted).await?;
    let mut grants = Vec::with_capacity(shares.len());
    if let Some(one) = held.get_mut(&open.id) {
        for ((share, project, _), candidate) in ready.iter().zip(&candidates) {
            let counts = |refunded: Fen| share.amount.minus(refunded).unwrap_or_default();
            let sum = match share.gift {
                Some(_) => kept_share(share.sum, counts(share.refunded.0), counts(share.refunded.1)),
                None => share.sum,
            };
            let before = one.tally.sums.left();
            let verdict = rules::award(&open.rule, &mut one.tally, candidate, sum);
            let about = About {
                act: Act::Awarded,
                gift: share.gift,
                refunded: share.refunded.1,
            };
            grants.extend(one.note(&about, candidate, project, (before, verdict), &book));
        }
    }
    wide::write(&mut tx, held, None).await?;
    let mut booked = Vec::new();
    add_matches(&mut tx, &grants, &mut booked, &book).await?;
    let mut facts = WideFacts::with_capacity(grants.len());
    book.book(&mut tx, &booked, &mut facts).await?;
    facts.write(&mut tx).await?;
    tx.commit().await?;
    services.facts_written.notify_waiters();
    Ok(Some(seen + shares.len() as i64))
}

fn candidate<'c>((share, project, row): &'c Ready<'_>) -> Candidate<'c> {
    let (channel, paid_at) = row.unwrap_or((Channel::Match, Instant::from_micros(0)));
    Candidate {
        public_id: "",
        project: project.id.bytes(),
        project_code: &project.code,
        unit: project.unit.bytes(),
        region: Some(project.region),
        channel,
        amount: share.amount.minus(share.refunded.1).unwrap_or_default(),
        paid_at,
        person: share.person,
        payer_kind: share.payer_kind,
        review: Review::No,
        elsewhere: Elsewhere::Nothing,
    }
}
