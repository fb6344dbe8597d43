//! The tables of matching in ordinary transactions: setting pools up, and what shrinking and closing read.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::id::Id as _;
use kernel::{ActorId, Fen, GiftId, Instant, ProjectId, UnitId};
use platform::Keys;

use super::model::{Backing, Decision, PayerKind, Person, Pool, PoolId, PoolState, Rule, Sponsor, SponsorId, Tallies};
use super::rules::{CounterKey, Seed};

/// What a seed is sealed about.
const SEED_PLACE: &str = "match.seed";
/// Pools that may be open at once.
const OPEN_POOLS_MAX: i64 = 1_000;
/// Decisions of one gift in all pools: a few each.
const DECISIONS_OF_GIFT_MAX: i64 = 10_000;

/// The columns of a pool with its sponsor's name, from `match_pool p JOIN match_sponsor s`.
pub(super) const POOL: &str = "SELECT p.id, p.unit_id, p.code, p.title, p.sponsor_id, s.name AS sponsor_name,
    p.account_id, p.campaign_id, p.priority, p.backing_gift_id, p.backing_file_id, p.signed_on, p.locked_fen,
    p.rule_version, p.state, p.commitment, p.seed_sealed, p.seed, p.created_at, p.opened_at, p.closed_at,
    p.closing_number FROM match_pool p JOIN match_sponsor s ON s.id = p.sponsor_id";

/// The columns of a decision, from `match_decision d`.
pub(super) const DECISION: &str = "d.pool_id, d.number, d.act, d.gift_id, d.project_id, d.offered_fen, d.given_fen,
    d.reason, d.cap, d.before_fen, d.after_fen, d.match_gift_id, d.person, d.payer_kind, d.refunded_fen, d.decided_at";

pub(super) fn read_pool(row: &Row) -> Result<Pool, DbError> {
    let backing = match (row.opt_id("backing_file_id")?, row.opt_day("signed_on")?) {
        (Some(file), Some(signed_on)) => Backing::Agreement { file, signed_on },
        _ => Backing::Gift(row.id("backing_gift_id")?),
    };
    Ok(Pool {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        code: row.text("code")?,
        title: row.text("title")?,
        sponsor: row.id("sponsor_id")?,
        sponsor_name: row.text("sponsor_name")?,
        account: row.id("account_id")?,
        campaign: row.opt_id("campaign_id")?,
        priority: row.int("priority")?,
        backing,
        locked: row.fen("locked_fen")?,
        rule_version: row.int("rule_version")?,
        state: row.word::<PoolState>("state")?,
        commitment: row.opt_bytes("commitment")?,
        seed: row.opt_bytes("seed")?,
        created_at: row.instant("created_at")?,
        opened_at: row.opt_instant("opened_at")?,
        closed_at: row.opt_instant("closed_at")?,
        closing_number: row.opt_int("closing_number")?,
    })
}

pub(super) fn read_decision(row: &Row) -> Result<Decision, DbError> {
    let person = row
        .opt_bytes("person")?
        .and_then(|bytes| bytes.try_into().ok())
        .map(Person);
    let cap = match row.opt_text("cap")? {
        Some(_) => Some(row.word("cap")?),
        None => None,
    };
    Ok(Decision {
        pool: row.id("pool_id")?,
        number: row.int("number")?,
        act: row.word("act")?,
        gift: row.opt_id("gift_id")?,
        project: row.id("project_id")?,
        offered: row.fen("offered_fen")?,
        given: row.fen("given_fen")?,
        reason: row.word("reason")?,
        cap,
        before: row.fen("before_fen")?,
        after: row.fen("after_fen")?,
        match_gift: row.opt_id("match_gift_id")?,
        person,
        payer_kind: row.word::<PayerKind>("payer_kind")?,
        refunded: row.fen("refunded_fen")?,
        at: row.instant("decided_at")?,
    })
}

fn bad_rule(why: impl ToString) -> DbError {
    DbError::Row {
        column: "rule".into(),
        why: why.to_string(),
    }
}

/// A pool by its id.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn pool(at: &mut impl Reads, id: PoolId) -> Result<Option<Pool>, DbError> {
    let row = at.query_one(&format!("{POOL} WHERE p.id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_pool).transpose()
}

/// A pool by its word.
pub async fn pool_by_code(at: &mut impl Reads, code: &str) -> Result<Option<Pool>, DbError> {
    let row = at
        .query_one(&format!("{POOL} WHERE p.code = ?1"), params![code])
        .await?;
    row.as_ref().map(read_pool).transpose()
}

/// The moving sums of a pool.
pub async fn tallies(at: &mut impl Reads, unit: UnitId, pool: PoolId) -> Result<Tallies, DbError> {
    let sql = "SELECT locked_fen, given_fen, returned_fen, decisions, matches, shrunk FROM match_tally
        WHERE unit_id = ?1 AND pool_id = ?2";
    let Some(row) = at.query_one(sql, params![(unit,), (pool,)]).await? else {
        return Ok(Tallies::default());
    };
    Ok(Tallies {
        locked: row.fen("locked_fen")?,
        given: row.fen("given_fen")?,
        returned: row.fen("returned_fen")?,
        decisions: row.int("decisions")?,
        matches: row.int("matches")?,
        shrunk: row.int("shrunk")?,
    })
}

/// One version of a pool's rule.
pub async fn rule(at: &mut impl Reads, pool: &Pool, version: i64) -> Result<Option<Rule>, DbError> {
    let sql = "SELECT rule FROM match_rule WHERE unit_id = ?1 AND pool_id = ?2 AND version = ?3";
    let row = at.query_one(sql, params![(pool.unit,), (pool.id,), version]).await?;
    row.map(|row| serde_json::from_str(&row.text("rule")?).map_err(bad_rule))
        .transpose()
}

/// The seed of a pool: sealed until it is closed.
pub async fn seed(at: &mut impl Reads, pool: PoolId, keys: &Keys) -> Result<Seed, DbError> {
    let sql = "SELECT seed_sealed FROM match_pool WHERE id = ?1";
    let row = at.query_one(sql, params![(pool,)]).await?;
    let row = row.ok_or_else(|| DbError::Other("a pool vanished".into()))?;
    let plain = keys.open(&row.bytes("seed_sealed")?, SEED_PLACE);
    let plain = plain.map_err(|error| DbError::Row {
        column: "seed_sealed".into(),
        why: error.to_string(),
    })?;
    plain.try_into().map_err(|_| DbError::Row {
        column: "seed_sealed".into(),
        why: "not 32 bytes".into(),
    })
}

/// A number that changes when a pool opens or closes.
pub async fn pools_mark(at: &mut impl Reads) -> Result<i64, DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(opened_at), 0) AS BIGINT) AS mark FROM match_pool WHERE state = 'open'";
    at.query_one(sql, vec![]).await?.map_or(Ok(0), |row| row.int("mark"))
}

/// All open pools with their rules and seeds.
pub async fn open_pools(at: &mut impl Reads, keys: &Keys) -> Result<Vec<(Pool, Rule, Seed)>, DbError> {
    let sql = format!("{POOL} WHERE p.state = 'open' ORDER BY p.priority, p.code LIMIT {OPEN_POOLS_MAX}");
    let rows = at.query(&sql, vec![]).await?;
    let pools = rows.iter().map(read_pool).collect::<Result<Vec<_>, _>>()?;
    let mut open = Vec::with_capacity(pools.len());
    for pool in pools {
        let rule = rule(at, &pool, pool.rule_version).await?;
        let rule = rule.ok_or_else(|| bad_rule("an open pool has none"))?;
        let seed = seed(at, pool.id, keys).await?;
        open.push((pool, rule, seed));
    }
    Ok(open)
}

/// A sponsor by its id.
pub async fn sponsor(at: &mut impl Reads, id: SponsorId) -> Result<Option<Sponsor>, DbError> {
    let sql = "SELECT id, unit_id, name, added_at FROM match_sponsor WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.as_ref().map(read_sponsor).transpose()
}

pub(super) fn read_sponsor(row: &Row) -> Result<Sponsor, DbError> {
    Ok(Sponsor {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        name: row.text("name")?,
        added_at: row.instant("added_at")?,
    })
}

/// What pools have locked of a received gift; of a closed pool only what it gave.
pub(crate) async fn locked_of(tx: &mut Tx, gift: GiftId) -> Result<Fen, DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN p.state = 'closed' THEN t.given_fen ELSE p.locked_fen END), 0)
            AS BIGINT) AS locked_fen
        FROM match_pool p JOIN match_tally t ON t.unit_id = p.unit_id AND t.pool_id = p.id
        WHERE p.backing_gift_id = ?1";
    let row = tx.query_one(sql, params![(gift,)]).await?;
    row.map_or(Ok(Fen::ZERO), |row| row.fen("locked_fen"))
}

pub(super) async fn insert_sponsor(tx: &mut Tx, sponsor: &Sponsor) -> Result<(), DbError> {
    let row = params![(sponsor.id,), (sponsor.unit,), &sponsor.name, sponsor.added_at];
    let sql = "INSERT INTO match_sponsor (id, unit_id, name, added_at) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, row).await.map(drop)
}

/// Stores a new pool with its sealed seed and its empty tally.
pub(super) async fn insert_pool(tx: &mut Tx, pool: &Pool, sealed: Vec<u8>) -> Result<(), DbError> {
    let (gift, file, signed_on) = match &pool.backing {
        Backing::Gift(gift) => (Some(*gift), None, None),
        Backing::Agreement { file, signed_on } => (None, Some(*file), Some(*signed_on)),
    };
    let row = params![
        (pool.id,),
        (pool.unit,),
        &pool.code,
        &pool.title,
        (pool.sponsor,),
        (pool.account,),
        pool.campaign.map(|id| (id,)),
        pool.priority,
        gift.map(|id| (id,)),
        file.map(|id| (id,)),
        signed_on,
        pool.locked,
        sealed,
        pool.created_at
    ];
    let sql = "INSERT INTO match_pool (id, unit_id, code, title, sponsor_id, account_id, campaign_id, priority,
            backing_gift_id, backing_file_id, signed_on, locked_fen, rule_version, state, seed_sealed, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 'draft', ?13, ?14)";
    tx.execute(sql, row).await?;
    let sql =
        "INSERT INTO match_tally (unit_id, pool_id, locked_fen, given_fen, returned_fen, decisions, matches, shrunk)
        VALUES (?1, ?2, ?3, 0, 0, 0, 0, 0)";
    tx.execute(sql, params![(pool.unit,), (pool.id,), pool.locked])
        .await
        .map(drop)
}

/// The seed as it is kept until the pool is closed.
pub(super) fn seal_seed(seed: &Seed, services: &platform::Services) -> Vec<u8> {
    services.keys.seal(seed, SEED_PLACE, &*services.rng)
}

/// Holds pools in the order of their ids until this transaction ends.
pub(crate) async fn lock(tx: &mut Tx, pools: &[(UnitId, PoolId)]) -> Result<(), DbError> {
    if tx.backend() != Backend::Postgres {
        return Ok(());
    }
    let mut ordered = pools.to_vec();
    ordered.sort_unstable_by_key(|(_, id)| *id);
    for (unit, id) in ordered {
        let sql = "SELECT pool_id FROM match_tally WHERE unit_id = ?1 AND pool_id = ?2 FOR UPDATE";
        tx.query(sql, params![(unit,), (id,)]).await?;
    }
    Ok(())
}

pub(super) async fn insert_rule(
    tx: &mut Tx,
    pool: &Pool,
    (version, rule): (i64, &Rule),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let text = serde_json::to_string(rule).map_err(bad_rule)?;
    let row = params![(pool.unit,), (pool.id,), version, text, now, (by,)];
    let sql = "INSERT INTO match_rule (unit_id, pool_id, version, rule, written_at, written_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.execute(sql, row).await?;
    let sql = "UPDATE match_pool SET rule_version = ?2, state = 'draft', commitment = NULL WHERE id = ?1";
    tx.execute(sql, params![(pool.id,), version]).await.map(drop)
}

pub(super) async fn publish(tx: &mut Tx, pool: PoolId, commitment: &[u8], now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE match_pool SET state = 'published', commitment = ?2, published_at = ?3 WHERE id = ?1";
    tx.execute(sql, params![(pool,), commitment, now]).await.map(drop)
}

pub(super) async fn open(tx: &mut Tx, pool: PoolId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE match_pool SET state = 'open', opened_at = ?2 WHERE id = ?1";
    tx.execute(sql, params![(pool,), now]).await.map(drop)
}

/// The pool takes no more gifts; what is shared out counts up to this number.
pub(super) async fn begin_close(tx: &mut Tx, pool: PoolId, number: i64) -> Result<(), DbError> {
    let sql = "UPDATE match_pool SET state = 'closing', closing_number = ?2 WHERE id = ?1";
    tx.execute(sql, params![(pool,), number]).await.map(drop)
}

pub(super) async fn close(tx: &mut Tx, pool: PoolId, seed: &Seed, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE match_pool SET state = 'closed', seed = ?2, closed_at = ?3 WHERE id = ?1";
    tx.execute(sql, params![(pool,), *seed, now]).await.map(drop)
}

/// All decisions about a gift, by pool and number.
pub async fn of_gift(at: &mut impl Reads, gift: GiftId) -> Result<Vec<Decision>, DbError> {
    let sql = format!(
        "SELECT {DECISION} FROM match_decision d WHERE d.gift_id = ?1 ORDER BY d.pool_id, d.number
         LIMIT {DECISIONS_OF_GIFT_MAX}"
    );
    let rows = at.query(&sql, params![(gift,)]).await?;
    rows.iter().map(read_decision).collect()
}

/// Decisions of a pool after a number, in order, at most `limit`.
pub async fn of_pool(
    at: &mut impl Reads,
    (unit, pool): (UnitId, PoolId),
    after: i64,
    limit: i64,
) -> Result<Vec<Decision>, DbError> {
    let sql = format!(
        "SELECT {DECISION} FROM match_decision d WHERE d.unit_id = ?1 AND d.pool_id = ?2 AND d.number > ?3
         ORDER BY d.number LIMIT ?4"
    );
    let rows = at.query(&sql, params![(unit,), (pool,), after, limit]).await?;
    rows.iter().map(read_decision).collect()
}

/// The project of a gift and how it came, as a decision about its refund needs them.
pub(super) async fn gift_row(
    at: &mut impl Reads,
    gift: GiftId,
) -> Result<Option<(ProjectId, kernel::Channel, Fen, Instant)>, DbError> {
    let sql = "SELECT project_id, channel, amount_fen, paid_at FROM gift WHERE id = ?1";
    let row = at.query_one(sql, params![(gift,)]).await?;
    row.map(|row| {
        Ok((
            row.id("project_id")?,
            row.word("channel")?,
            row.fen("amount_fen")?,
            row.instant("paid_at")?,
        ))
    })
    .transpose()
}

/// Writes one decision in an ordinary transaction; the pool is held.
pub(super) async fn insert_decision(
    tx: &mut Tx,
    unit: UnitId,
    decision: &Decision,
    actor: Option<ActorId>,
) -> Result<(), DbError> {
    let row = params![
        (unit,),
        (decision.pool,),
        decision.number,
        decision.act.as_str(),
        decision.gift.map(|id| (id,)),
        (decision.project,),
        decision.offered,
        decision.given,
        decision.reason.as_str(),
        decision.cap.map(super::model::Cap::as_str),
        decision.before,
        decision.after,
        decision.match_gift.map(|id| (id,)),
        decision.person.map(|person| person.0),
        decision.payer_kind.as_str(),
        decision.refunded,
        decision.at,
        actor.map(|id| (id,))
    ];
    let sql = "INSERT INTO match_decision (unit_id, pool_id, number, act, gift_id, project_id, offered_fen, given_fen,
            reason, cap, before_fen, after_fen, match_gift_id, person, payer_kind, refunded_fen, decided_at, actor_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what a held pool's sums are now, and by how much its counters changed.
pub(super) async fn write_tally(
    tx: &mut Tx,
    (unit, pool): (UnitId, PoolId),
    sums: &Tallies,
    changes: Vec<(CounterKey, i64)>,
) -> Result<(), DbError> {
    let row = params![
        (unit,),
        (pool,),
        sums.given,
        sums.returned,
        sums.decisions,
        sums.matches,
        sums.shrunk
    ];
    let sql = "UPDATE match_tally SET given_fen = ?3, returned_fen = ?4, decisions = ?5, matches = ?6, shrunk = ?7
        WHERE unit_id = ?1 AND pool_id = ?2";
    tx.execute(sql, row).await?;
    for ((counts, subject), by) in changes {
        let row = params![(unit,), (pool,), counts.as_str(), subject, by];
        let sql = "INSERT INTO match_counter (unit_id, pool_id, counts, subject, used) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (unit_id, pool_id, counts, subject) DO UPDATE SET used = match_counter.used + excluded.used";
        tx.execute(sql, row).await?;
    }
    Ok(())
}

/// The first id there can be, to begin a list.
pub(super) fn first_pool() -> PoolId {
    PoolId::from_bytes([0; 16])
}
