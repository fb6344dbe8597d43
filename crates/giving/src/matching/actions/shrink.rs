//! A gift is given back, whole or in part: its matches shrink in the same proportion and in the same transaction. A gift
//! whose hold a reviewer keeps is for its pools as if it were wholly given back.

use std::collections::BTreeMap;

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{ActorId, Fen, GiftId};
use platform::Services;
use platform::facts::{NewFact, append};
use serde_json::json;

use super::super::model::{Act, Candidate, Decision, Elsewhere, OnRefund, Pool, PoolId, PoolState, Reason, Review};
use super::super::rules::{Tally, refunded_base, shrinks_by};
use super::super::store;
use crate::donations::DonationError;
use crate::donations::refunds::take_back_match;
use crate::matching::MatchError;

/// A gift of which something is given back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refunded {
    /// The gift.
    pub gift: GiftId,
    /// All that has been given back of it, this time included.
    pub refunded: Fen,
    /// [`Reason::Refunded`], or [`Reason::Refused`] by a reviewer.
    pub why: Reason,
}

/// Shrinks the matches of a gift. Call it before anything else of the refund is booked: the pools are held first, as
/// the intake holds them. A fact `match.shrunk` for each pool that had a say.
///
/// # Errors
/// [`DonationError`].
pub(crate) async fn shrink(tx: &mut Tx, services: &Services, by: ActorId, what: Refunded) -> Result<(), DonationError> {
    let seen = store::of_gift(tx, what.gift).await?;
    let mut pools: BTreeMap<PoolId, Pool> = BTreeMap::new();
    for decision in &seen {
        if !pools.contains_key(&decision.pool)
            && let Some(pool) = store::pool(tx, decision.pool).await?
        {
            pools.insert(pool.id, pool);
        }
    }
    if pools.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = pools.values().map(|pool| (pool.unit, pool.id)).collect();
    store::lock(tx, &keys).await?;
    let decisions = store::of_gift(tx, what.gift).await?;
    for id in pools.into_keys() {
        // Read again now that it is held: it may have closed.
        let Some(pool) = store::pool(tx, id).await? else {
            continue;
        };
        let own: Vec<&Decision> = decisions.iter().filter(|decision| decision.pool == id).collect();
        let concerned = match what.why {
            // A reviewer’s refusal moves no money that could be given again: it takes back what was matched, and what
            // was to be counted at the close.
            Reason::Refused => own
                .iter()
                .any(|decision| decision.given.is_positive() || decision.reason == Reason::AtClose),
            _ => own.iter().any(|decision| weighed(decision.reason)),
        };
        if concerned {
            one(tx, services, by, (what, &pool, &own)).await?;
        }
    }
    Ok(())
}

/// Whether the gift came as far as the amount: giving again after a refund must not bring a second chance.
const fn weighed(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Matched
            | Reason::Cut
            | Reason::AtClose
            | Reason::NotDrawn
            | Reason::TooSmall
            | Reason::CapReached
            | Reason::PoolEmpty
            | Reason::NoPart
            | Reason::Held
    )
}

async fn one(
    tx: &mut Tx,
    services: &Services,
    by: ActorId,
    (what, pool, own): (Refunded, &Pool, &[&Decision]),
) -> Result<(), DonationError> {
    let missing = |what| DonationError::NotFound(what);
    let rule = store::rule(tx, pool, pool.rule_version).await?.ok_or(missing("rule"))?;
    let (project, channel, amount, paid_at) = store::gift_row(tx, what.gift).await?.ok_or(missing("gift"))?;
    let place = crate::projects::store::load_intake_project(tx, project).await?;
    let place = place.ok_or(missing("project"))?;
    let granted = own.iter().rev().find(|decision| decision.given.is_positive());
    let shrunk = own
        .iter()
        .filter(|d| d.act == Act::Shrunk && granted.is_some_and(|g| d.number > g.number));
    let shrunk = shrunk.fold(0i64, |sum, d| sum.saturating_sub(d.given.get()));
    let before = own.iter().map(|decision| decision.refunded).max().unwrap_or_default();
    // A part given back after a reviewer refused the whole match changes nothing more.
    let refunded = what.refunded.max(before);
    let back = granted.map_or(Fen::ZERO, |granted| {
        let since = |all: Fen| all.minus(granted.refunded).unwrap_or_default();
        shrinks_by(granted.given, Fen::new(shrunk), since(refunded), since(amount))
    });
    let again = refunded.minus(before).unwrap_or_default();
    let first = own.first().copied();
    let candidate = Candidate {
        public_id: "",
        project: project.bytes(),
        project_code: &place.code,
        unit: place.unit_id.bytes(),
        region: Some(place.region),
        channel,
        amount,
        paid_at,
        person: first.and_then(|decision| decision.person),
        payer_kind: first.map_or(super::super::PayerKind::Person, |decision| decision.payer_kind),
        review: Review::No,
        elsewhere: Elsewhere::Nothing,
    };
    let to_pool = rule.on_refund == OnRefund::ToPool && pool.state == PoolState::Open;
    let mut tally = Tally::over(store::tallies(tx, pool.unit, pool.id).await?);
    let left = tally.sums.left();
    let counted = refunded_base(&rule, amount, again);
    tally.shrink(&rule, &candidate, (counted, back), to_pool);
    let decision = Decision {
        pool: pool.id,
        number: tally.next_number(),
        act: Act::Shrunk,
        gift: Some(what.gift),
        project,
        offered: Fen::ZERO,
        given: back.negated().map_err(ledger::LedgerError::from)?,
        reason: what.why,
        cap: None,
        before: left,
        after: tally.sums.left(),
        match_gift: granted.and_then(|granted| granted.match_gift),
        person: candidate.person,
        payer_kind: candidate.payer_kind,
        refunded,
        at: services.now(),
    };
    store::insert_decision(tx, pool.unit, &decision, Some(by)).await?;
    let sums = tally.sums;
    store::write_tally(tx, (pool.unit, pool.id), &sums, tally.changes()).await?;
    if let (Some(gift), true) = (decision.match_gift, back.is_positive()) {
        take_back_match(tx, services, by, (gift, back)).await?;
    }
    if pool.state == PoolState::Closed {
        crate::debts::hold_back(tx, services, pool).await.map_err(of_books)?;
    }
    let body = json!({
        "pool": pool.code,
        "number": decision.number,
        "gift": hex(&what.gift.bytes()),
        "amount_fen": back,
        "to": if to_pool { "pool" } else { "sponsor" },
    });
    let fact = NewFact {
        unit: pool.unit,
        kind: "match.shrunk",
        subject: what.gift.bytes(),
        actor: Some(by),
        body,
    };
    append(tx, fact, services).await?;
    Ok(())
}

fn of_books(error: MatchError) -> DonationError {
    match error {
        MatchError::Books(error) => error.into(),
        MatchError::Db(error) => error.into(),
        MatchError::Donation(error) => error,
        _ => DonationError::NotFound("money behind the pool"),
    }
}
