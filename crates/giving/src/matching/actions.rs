//! Setting a pool up, opening and closing it; releasing what waits; shrinking what was refunded.

mod held;
mod shared_out;
mod shrink;

use db::{DbError, Tx};
use governance::network::store as network;
use kernel::id::{Id as _, hex};
use kernel::{CampaignId, Fen, FileId, ReceivingAccountId, UnitId};
use ledger::Restriction;
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::files;
use platform::identity::{Actor, Permission};
use platform::jobs::{self, NewJob};
use serde_json::json;

use super::error::MatchError;
use super::jobs::SHARE_OUT;
use super::model::{Backing, Pool, PoolId, PoolState, Rule, Sponsor, SponsorId};
use super::{rules, store};
use crate::State;
use crate::donations::queries::{self, Standing};

pub use held::{refuse, release, settle_waiting};
pub use shared_out::share_out;
pub(crate) use shrink::{Refunded, shrink};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "sponsor.added",
    "agreement.kept",
    "pool.created",
    "pool.rule_written",
    "pool.published",
    "pool.opened",
    "pool.closing",
    "pool.closed",
    "match.released",
    "match.refused",
    "match.shrunk",
];
/// The longest name of a sponsor or title of a pool.
const TITLE_CHARS_MAX: usize = 100;
/// Pools are asked in an order of so many steps.
const PRIORITY_MAX: i64 = 1_000;

/// A pool to be made.
#[derive(Debug, Clone)]
pub struct NewPool {
    /// The unit that keeps it.
    pub unit: UnitId,
    /// 2 to 40 of a-z, 0-9 and -.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Whose money.
    pub sponsor: SponsorId,
    /// The account under which its matches stand.
    pub account: ReceivingAccountId,
    /// Only gifts to projects of this campaign.
    pub campaign: Option<CampaignId>,
    /// Which pool is asked first: the lowest.
    pub priority: i64,
    /// What stands behind the money.
    pub backing: Backing,
    /// How much.
    pub locked: Fen,
}

fn title(field: &'static str, text: &str) -> Result<(), MatchError> {
    let fine =
        !text.trim().is_empty() && text.chars().count() <= TITLE_CHARS_MAX && !text.chars().any(char::is_control);
    if fine {
        Ok(())
    } else {
        Err(MatchError::Invalid {
            field,
            why: "1 to 100 characters in one line",
        })
    }
}

/// Adds a sponsor; its name is public. Needs [`Permission::MatchManage`]. Fact `sponsor.added`.
///
/// # Errors
/// [`MatchError`]: not allowed, out of shape, known already.
pub async fn add_sponsor(services: &Services, by: &Actor, unit: UnitId, name: &str) -> Result<Sponsor, MatchError> {
    by.require(Permission::MatchManage, unit)?;
    title("name", name)?;
    let sponsor = Sponsor {
        id: SponsorId::new(services.now(), &*services.rng),
        unit,
        name: name.trim().to_owned(),
        added_at: services.now(),
    };
    let mut tx = services.db.begin().await?;
    store::insert_sponsor(&mut tx, &sponsor)
        .await
        .map_err(|error| match error {
            DbError::Duplicate(_) => MatchError::SponsorExists,
            other => other.into(),
        })?;
    let fact = NewFact {
        unit,
        kind: "sponsor.added",
        subject: sponsor.id.bytes(),
        actor: Some(by.id),
        body: json!({}),
    };
    conclude(tx, fact, services).await?;
    Ok(sponsor)
}

/// Keeps a signed agreement as it is; a pool that is made under it names the file. Needs [`Permission::MatchManage`].
/// Fact `agreement.kept`.
///
/// # Errors
/// [`MatchError`]: not allowed, nothing in it, the disk.
pub async fn keep_agreement(services: &Services, by: &Actor, unit: UnitId, paper: &[u8]) -> Result<FileId, MatchError> {
    by.require(Permission::MatchManage, unit)?;
    if paper.is_empty() {
        return Err(MatchError::Invalid {
            field: "file",
            why: "the signed agreement is expected",
        });
    }
    let about = files::About {
        unit,
        media_type: "application/octet-stream".into(),
        sealed: files::Sealed::Plain,
    };
    let bytes = u64::try_from(paper.len()).unwrap_or(u64::MAX);
    let written = files::blobs(services).write(paper, bytes, &*services.rng).await;
    let written = written.map_err(MatchError::File)?;
    let mut tx = services.db.begin().await?;
    let file = files::record(&mut tx, &about, written, services).await?;
    let fact = NewFact {
        unit,
        kind: "agreement.kept",
        subject: file.bytes(),
        actor: Some(by.id),
        body: json!({ "bytes": bytes }),
    };
    conclude(tx, fact, services).await?;
    Ok(file)
}

/// Makes a pool with its money locked: from a received gift that is held to be passed on, or under a signed agreement.
/// Needs [`Permission::MatchManage`]. Fact `pool.created`.
///
/// # Errors
/// [`MatchError`]: not allowed, out of shape, code taken, money not there.
pub async fn create_pool(services: &Services, by: &Actor, new: NewPool) -> Result<Pool, MatchError> {
    by.require(Permission::MatchManage, new.unit)?;
    crate::projects::rules::check_code(&new.code).map_err(|_| MatchError::Invalid {
        field: "code",
        why: "2 to 40 of a-z, 0-9 and -, beginning with a letter",
    })?;
    title("title", &new.title)?;
    if !new.locked.is_positive() {
        return Err(MatchError::Invalid {
            field: "locked_fen",
            why: "above zero",
        });
    }
    if !(0..=PRIORITY_MAX).contains(&new.priority) {
        return Err(MatchError::Invalid {
            field: "priority",
            why: "0 to 1000",
        });
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let sponsor = store::sponsor(&mut tx, new.sponsor)
        .await?
        .filter(|s| s.unit == new.unit);
    let sponsor = sponsor.ok_or(MatchError::NotFound("sponsor"))?;
    let account = network::account(&mut tx, new.account).await?;
    let fits = |account: &governance::network::ReceivingAccount| {
        account.closed_at.is_none() && services.tree.is_within(new.unit, account.unit_id)
    };
    account.filter(fits).ok_or(MatchError::NotFound("account"))?;
    if let Some(campaign) = new.campaign {
        let found = crate::campaigns::store::campaign(&mut tx, campaign).await?;
        found.ok_or(MatchError::NotFound("campaign"))?;
    }
    covered(&mut tx, &new).await?;
    let seed = services.rng.secret();
    let pool = Pool {
        id: PoolId::new(now, &*services.rng),
        unit: new.unit,
        code: new.code,
        title: new.title.trim().to_owned(),
        sponsor: sponsor.id,
        sponsor_name: sponsor.name,
        account: new.account,
        campaign: new.campaign,
        priority: new.priority,
        backing: new.backing,
        locked: new.locked,
        rule_version: 0,
        state: PoolState::Draft,
        commitment: None,
        seed: None,
        created_at: now,
        opened_at: None,
        closed_at: None,
        closing_number: None,
    };
    store::insert_pool(&mut tx, &pool, store::seal_seed(&seed, services))
        .await
        .map_err(|error| match error {
            DbError::Duplicate(_) => MatchError::CodeTaken(pool.code.clone()),
            other => other.into(),
        })?;
    if let Some(free) = crate::debts::hold_back(&mut tx, services, &pool).await?
        && free < Fen::ZERO
    {
        return Err(MatchError::NotCovered(
            pool.locked.plus(free).unwrap_or_default().max(Fen::ZERO),
        ));
    }
    let backing_gift = match &pool.backing {
        Backing::Gift(gift) => Some(hex(&gift.bytes())),
        Backing::Agreement { .. } => None,
    };
    // Boards leave a sponsor's own gift out, so they must know it.
    let body =
        json!({ "sponsor": hex(&pool.sponsor.bytes()), "locked_fen": pool.locked, "backing_gift": backing_gift });
    finish(tx, services, by, &pool, ("pool.created", body)).await?;
    Ok(pool)
}

/// The money behind a pool is there and locked nowhere else.
async fn covered(tx: &mut Tx, new: &NewPool) -> Result<(), MatchError> {
    match &new.backing {
        Backing::Agreement { file, .. } => {
            let file = files::find(tx, *file).await?;
            file.ok_or(MatchError::NotFound("agreement file")).map(drop)
        }
        Backing::Gift(gift) => {
            // Held until the pool is stored: two pools never lock the same fen.
            crate::donations::refunds::hold_gift(tx, *gift).await?;
            let found = queries::gift(tx, *gift).await?;
            let gift = found.filter(|g| g.standing != Standing::TakenBack);
            let gift = gift.ok_or(MatchError::NotFound("gift"))?;
            let project = crate::projects::store::load_intake_project(tx, gift.project).await?;
            if project.is_none_or(|project| project.restriction != Restriction::None) {
                return Err(MatchError::NotPassedOn);
            }
            let locked = store::locked_of(tx, gift.id).await?;
            let left = gift.amount.minus(gift.refunded).and_then(|left| left.minus(locked));
            let left = left.unwrap_or_default();
            if new.locked > left {
                return Err(MatchError::NotCovered(left));
            }
            Ok(())
        }
    }
}

/// Writes the rule of a pool that is not open yet; a published one becomes a draft again. Needs
/// [`Permission::MatchManage`]. Fact `pool.rule_written`.
///
/// # Errors
/// [`MatchError`]: not allowed, open already, a rule that makes no sense.
pub async fn write_rule(services: &Services, by: &Actor, id: PoolId, rule: &Rule) -> Result<Pool, MatchError> {
    rule.check()?;
    let (mut tx, mut pool) = begin(services, by, id, Permission::MatchManage).await?;
    if !matches!(pool.state, PoolState::Draft | PoolState::Published) {
        return Err(MatchError::State(pool.state.as_str()));
    }
    let version = pool.rule_version + 1;
    store::insert_rule(&mut tx, &pool, (version, rule), (by.id, services.now())).await?;
    pool.rule_version = version;
    (pool.state, pool.commitment) = (PoolState::Draft, None);
    finish(
        tx,
        services,
        by,
        &pool,
        ("pool.rule_written", json!({ "version": version })),
    )
    .await?;
    Ok(pool)
}

/// Publishes rule and seed commitment. Needs [`Permission::MatchManage`]. Fact `pool.published`.
///
/// # Errors
/// [`MatchError`]: not allowed, no rule, published already, its unit closed.
pub async fn publish(services: &Services, by: &Actor, id: PoolId) -> Result<Pool, MatchError> {
    let (mut tx, mut pool) = begin(services, by, id, Permission::MatchManage).await?;
    if pool.state != PoolState::Draft || pool.rule_version == 0 {
        return Err(MatchError::State(pool.state.as_str()));
    }
    require_open_unit(&mut tx, &pool).await?;
    let seed = store::seed(&mut tx, id, &services.keys).await?;
    let commitment = rules::commitment(&seed);
    store::publish(&mut tx, id, &commitment, services.now()).await?;
    let body = json!({ "version": pool.rule_version, "commitment": hex(&commitment) });
    pool.state = PoolState::Published;
    pool.commitment = Some(commitment);
    finish(tx, services, by, &pool, ("pool.published", body)).await?;
    Ok(pool)
}

/// Opens a published pool: from now on its rule is frozen and gifts within its window are matched. Other nodes know it a
/// second later, so open it before its window begins. Needs [`Permission::MatchApprove`]. Fact `pool.opened`.
///
/// # Errors
/// [`MatchError`]: not allowed, not published, its unit closed.
pub async fn open(giving: &State, by: &Actor, id: PoolId) -> Result<Pool, MatchError> {
    let services = &giving.services;
    let (mut tx, mut pool) = begin(services, by, id, Permission::MatchApprove).await?;
    if pool.state != PoolState::Published {
        return Err(MatchError::State(pool.state.as_str()));
    }
    require_open_unit(&mut tx, &pool).await?;
    let now = services.now();
    store::open(&mut tx, id, now).await?;
    (pool.state, pool.opened_at) = (PoolState::Open, Some(now));
    let body = json!({ "version": pool.rule_version });
    finish(tx, services, by, &pool, ("pool.opened", body)).await?;
    giving.intake.directory().reload(services).await?;
    Ok(pool)
}

/// Closes an open pool: no more gifts are matched. A pool that is shared out at its close does so in a job and is closed
/// when that is done; any other reveals its seed at once. Needs [`Permission::MatchApprove`]. Fact `pool.closing` or
/// `pool.closed`.
///
/// # Errors
/// [`MatchError`]: not allowed, not open.
pub async fn close(giving: &State, by: &Actor, id: PoolId) -> Result<Pool, MatchError> {
    let services = &giving.services;
    let (mut tx, mut pool) = begin(services, by, id, Permission::MatchApprove).await?;
    if pool.state != PoolState::Open {
        return Err(MatchError::State(pool.state.as_str()));
    }
    let rule = store::rule(&mut tx, &pool, pool.rule_version).await?;
    let rule = rule.ok_or(MatchError::NotFound("rule"))?;
    let sums = store::tallies(&mut tx, pool.unit, id).await?;
    store::begin_close(&mut tx, id, sums.decisions).await?;
    pool.closing_number = Some(sums.decisions);
    let body = json!({ "decisions": sums.decisions, "given_fen": sums.given });
    if rule.is_at_close() {
        pool.state = PoolState::Closing;
        let job = NewJob {
            unit: pool.unit,
            kind: SHARE_OUT,
            input: json!({ "pool": hex(&id.bytes()) }),
            by: by.id,
            not_before: None,
            once_key: Some(format!("{SHARE_OUT}:{}", hex(&id.bytes()))),
        };
        jobs::enqueue(&mut tx, job, services).await?;
        finish(tx, services, by, &pool, ("pool.closing", body)).await?;
    } else {
        reveal(&mut tx, services, &mut pool).await?;
        finish(tx, services, by, &pool, ("pool.closed", body)).await?;
    }
    giving.intake.directory().reload(services).await?;
    Ok(pool)
}

/// A closed unit matches nothing any more.
async fn require_open_unit(tx: &mut Tx, pool: &Pool) -> Result<(), MatchError> {
    let unit = network::unit_kept(tx, pool.unit).await?;
    match unit.is_some_and(|unit| unit.is_open()) {
        true => Ok(()),
        false => Err(MatchError::NotFound("unit")),
    }
}

/// Runs work over the wide path, whose calls block on SQLite, on a thread of its own.
async fn apart<T, F, W>(work: F) -> Result<T, MatchError>
where
    T: Send + 'static,
    W: Future<Output = Result<T, MatchError>>,
    F: FnOnce() -> W + Send + 'static,
{
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work()));
    let done = done.await;
    done.unwrap_or_else(|_| Err(DbError::Other("deciding about a match broke off".into()).into()))
}

async fn reveal(tx: &mut Tx, services: &Services, pool: &mut Pool) -> Result<(), MatchError> {
    let now = services.now();
    let seed = store::seed(tx, pool.id, &services.keys).await?;
    store::close(tx, pool.id, &seed, now).await?;
    pool.state = PoolState::Closed;
    (pool.seed, pool.closed_at) = (Some(seed.to_vec()), Some(now));
    crate::debts::hold_back(tx, services, pool).await?;
    Ok(())
}

/// Begins a change of a pool that the actor may change; the pool is held.
async fn begin(services: &Services, by: &Actor, id: PoolId, permission: Permission) -> Result<(Tx, Pool), MatchError> {
    by.require_somewhere(permission)?;
    let mut tx = services.db.begin().await?;
    let pool = store::pool(&mut tx, id).await?.ok_or(MatchError::NotFound("pool"))?;
    if by.require(permission, pool.unit).is_err() {
        return Err(MatchError::NotFound("pool"));
    }
    store::lock(&mut tx, &[(pool.unit, id)]).await?;
    // Read again now that it is held: another change may have been under way.
    let pool = store::pool(&mut tx, id).await?.ok_or(MatchError::NotFound("pool"))?;
    Ok((tx, pool))
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    pool: &Pool,
    (kind, mut body): (&'static str, serde_json::Value),
) -> Result<(), MatchError> {
    body["pool"] = pool.code.clone().into();
    let fact = NewFact {
        unit: pool.unit,
        kind,
        subject: pool.id.bytes(),
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
