//! Matches that wait for a person: released, they are decided now, by the time of payment and with what is left now;
//! refused, they are not. The gift itself never waited.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::bulk::BulkWriter;
use kernel::id::{Id as _, hex, public};
use kernel::{Fen, GiftId};
use ledger::wide::AccountCache;
use platform::facts::WideFacts;
use platform::identity::{Actor, Permission};

use super::super::error::MatchError;
use super::super::model::{Act, Candidate, Decision, Elsewhere, PoolId, Reason, Review};
use super::super::rules::{self, Verdict};
use super::super::store;
use super::super::wide::{self, About, Phase};
use super::apart;
use crate::State;
use crate::donations::intake::{Booker, add_matches};

/// Releases a held match. Needs [`Permission::MatchApprove`]. Fact `match.released`, and the match's own.
///
/// # Errors
/// [`MatchError`]: not allowed, nothing waits, the pool is not open.
pub async fn release(giving: &State, by: &Actor, pool: PoolId, gift: GiftId) -> Result<Decision, MatchError> {
    settle(giving, by, (pool, gift), Act::Released).await
}

/// Refuses a held match. Needs [`Permission::MatchApprove`]. Fact `match.refused`.
///
/// # Errors
/// [`MatchError`]: not allowed, nothing waits, the pool is not open.
pub async fn refuse(giving: &State, by: &Actor, pool: PoolId, gift: GiftId) -> Result<Decision, MatchError> {
    settle(giving, by, (pool, gift), Act::Refused).await
}

/// Settles all matches of a gift that wait because the gift itself was held; gives how many. Where the pool's own rule
/// lets matches of such an amount wait, a release stays with whoever answers for the pool.
///
/// # Errors
/// [`MatchError`]; called again, it goes on where it was cut off.
pub async fn settle_waiting(giving: &State, by: &Actor, gift: GiftId, act: Act) -> Result<usize, MatchError> {
    let mut at = giving.services.db.snapshot().await?;
    let decisions = store::of_gift(&mut at, gift).await?;
    let row = store::gift_row(&mut at, gift).await?;
    drop(at);
    let (project, _, amount, _) = row.ok_or(MatchError::NotFound("gift"))?;
    let open = giving.intake.directory().pools_of(project);
    let waits = |one: &&Decision| one.act == Act::Decided && one.reason == Reason::Held;
    let mut settled = 0;
    for waiting in decisions.iter().filter(waits) {
        let pool = open.iter().find(|pool| pool.id == waiting.pool);
        let by_rule = pool.is_some_and(|pool| pool.rule.hold_from_fen.is_some_and(|from| amount >= from));
        if act == Act::Released && by_rule {
            continue;
        }
        match settle(giving, by, (waiting.pool, gift), act).await {
            Ok(_) => settled += 1,
            // Somebody settled it otherwise, or the pool has closed meanwhile.
            Err(MatchError::NotHeld | MatchError::State(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(settled)
}

async fn settle(giving: &State, by: &Actor, which: (PoolId, GiftId), act: Act) -> Result<Decision, MatchError> {
    let (giving, by) = (giving.clone(), by.clone());
    apart(move || async move { settle_apart(&giving, &by, which, act).await }).await
}

async fn settle_apart(
    giving: &State,
    by: &Actor,
    (id, gift): (PoolId, GiftId),
    act: Act,
) -> Result<Decision, MatchError> {
    let services = &giving.services;
    by.require_somewhere(Permission::MatchApprove)?;
    let mut at = services.db.snapshot().await?;
    let pool = store::pool(&mut at, id).await?.ok_or(MatchError::NotFound("pool"))?;
    if by.require(Permission::MatchApprove, pool.unit).is_err() {
        return Err(MatchError::NotFound("pool"));
    }
    let row = store::gift_row(&mut at, gift).await?;
    let (project, channel, amount, paid_at) = row.ok_or(MatchError::NotFound("gift"))?;
    drop(at);
    let project = giving
        .intake
        .directory()
        .project(project)
        .ok_or(MatchError::NotFound("project"))?;
    let pools = giving.intake.directory().pools_of(project.id);
    let open = pools.into_iter().find(|open| open.id == id);
    let open = open.ok_or(MatchError::State(pool.state.as_str()))?;

    let mut bulk = BulkWriter::open(&services.db).await?;
    let mut accounts = AccountCache::new();
    let mut book = Booker {
        accounts: &mut accounts,
        now: services.now(),
        rng: &*services.rng,
        keys: &services.keys,
    };
    let mut tx = bulk.begin().await?;
    let mut held = wide::hold(&mut tx, BTreeMap::from([(id, Arc::clone(&open))]), Phase::Open).await?;
    // What is decided about this gift can change only under the lock that we have now.
    let mut at = services.db.snapshot().await?;
    let mut own = store::of_gift(&mut at, gift).await?;
    drop(at);
    own.retain(|decision| decision.pool == id);
    let waiting = own.iter().find(|d| d.act == Act::Decided && d.reason == Reason::Held);
    let settled = own.iter().find(|d| matches!(d.act, Act::Released | Act::Refused));
    let first = match (waiting, settled) {
        (Some(_), Some(before)) if before.act == act => return Ok(before.clone()),
        (Some(waiting), None) => waiting,
        _ => return Err(MatchError::NotHeld),
    };
    let refunded = own.iter().map(|decision| decision.refunded).max().unwrap_or_default();
    let public_id = public(&*services.keys, gift);
    let candidate = Candidate {
        public_id: &public_id,
        project: project.id.bytes(),
        project_code: &project.code,
        unit: project.unit.bytes(),
        region: Some(project.region),
        channel,
        amount: amount.minus(refunded).unwrap_or_default(),
        paid_at,
        person: first.person,
        payer_kind: first.payer_kind,
        review: Review::Released,
        elsewhere: Elsewhere::Nothing,
    };
    let Some(sums) = held.get(&id).map(|one| one.tally.sums) else {
        return Err(MatchError::State("closed"));
    };
    let wanted = rules::counters_read(&open.rule, &sums, &candidate);
    let wanted = wanted.into_iter().map(|key| (id, key)).collect();
    wide::read_counters(&mut tx, &mut held, wanted).await?;
    let about = About {
        act,
        gift: Some(gift),
        refunded,
    };
    let mut decided = None;
    let mut grants = Vec::new();
    if let Some(one) = held.get_mut(&id) {
        let before = one.tally.sums.left();
        let verdict = match act {
            Act::Refused => Verdict {
                offered: Fen::ZERO,
                given: Fen::ZERO,
                reason: Reason::Refused,
                cap: None,
            },
            _ => rules::decide(&open.rule, Some(&open.seed), &mut one.tally, &candidate),
        };
        grants.extend(one.note(&about, &candidate, &project, (before, verdict), &book));
        decided = one.last().cloned();
    }
    wide::write(&mut tx, held, Some(by.id)).await?;
    let mut booked = Vec::new();
    add_matches(&mut tx, &grants, &mut booked, &book).await?;
    let mut facts = WideFacts::with_capacity(2);
    book.book(&mut tx, &booked, &mut facts).await?;
    let decided = decided.ok_or(MatchError::NotHeld)?;
    let kind = if act == Act::Refused {
        "match.refused"
    } else {
        "match.released"
    };
    let body = format!(
        r#"{{"pool":"{}","number":{},"gift":"{}","actor":"{}"}}"#,
        open.code,
        decided.number,
        hex(&gift.bytes()),
        hex(&by.id.bytes())
    );
    facts.push(open.unit, kind, gift.bytes(), book.now, body, book.rng);
    facts.write(&mut tx).await?;
    tx.commit().await?;
    services.facts_written.notify_waiters();
    Ok(decided)
}
