//! What the intake must know of accounts and projects, in memory; loaded at start and whenever one is missing.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use db::{DbError, Reads};
use kernel::{BusinessDay, CampaignId, Channel, Fen, FundId, ProjectId, ReceivingAccountId, RegionCode, UnitId};
use ledger::Restriction;
use platform::Services;
use ring::hmac;

use crate::matching::rules::{Seed, takes_project, takes_region};
use crate::matching::{PoolId, Rule, store as matching};

/// A receiving account.
pub struct AccountEntry {
    /// Its id.
    pub id: ReceivingAccountId,
    /// The unit in whose books its money is.
    pub unit: UnitId,
    /// Its channel.
    pub channel: Channel,
    /// The word in notice addresses.
    pub code: String,
    /// Checks the signature of notices.
    pub signature: hmac::Key,
    /// Whether it still takes gifts.
    pub open: bool,
}

/// A project as the intake needs it.
#[derive(Debug, Clone)]
pub struct ProjectEntry {
    /// Its id.
    pub id: ProjectId,
    /// The unit that runs it, which totals and ranks count for.
    pub unit: UnitId,
    /// Where it works.
    pub region: RegionCode,
    /// Its campaign, if any.
    pub campaign: Option<CampaignId>,
    /// Its fund.
    pub fund: FundId,
    /// Whether its money is restricted.
    pub restriction: Restriction,
    /// The word in addresses and notices.
    pub code: String,
    /// Whether it takes new orders now; a payment already made is taken in any case.
    pub open: bool,
}

/// A pool that is open: what deciding about its matches needs.
pub struct OpenPool {
    /// Its id.
    pub id: PoolId,
    /// The unit that keeps it.
    pub unit: UnitId,
    /// The word in its trade numbers.
    pub code: String,
    /// Its place in the asking: the lowest first.
    pub priority: i64,
    /// Its rule, frozen.
    pub rule: Rule,
    /// The seed of its draws.
    pub seed: Seed,
    /// The money locked.
    pub locked: Fen,
    /// The account under which its matches stand.
    pub account: Arc<AccountEntry>,
    /// The sponsor's public name.
    pub sponsor_name: String,
}

/// How often a node looks whether another one has opened a pool.
const POOLS_LOOK_MICROS: i64 = 1_000_000;

/// One load, never changed afterwards.
#[derive(Default, Clone)]
struct Maps {
    accounts: HashMap<ReceivingAccountId, Arc<AccountEntry>>,
    by_code: HashMap<String, Arc<AccountEntry>>,
    projects: HashMap<ProjectId, Arc<ProjectEntry>>,
    projects_by_code: HashMap<String, Arc<ProjectEntry>>,
    general: HashMap<UnitId, Arc<ProjectEntry>>,
    /// Open pools by the projects they match, each list in the order of asking.
    pools: HashMap<ProjectId, Vec<Arc<OpenPool>>>,
    /// What the open pools were when this was loaded.
    pools_mark: i64,
    pools_seen_at: i64,
    /// Payers and telephones that screening marked, by their days; read only while a pool is open.
    marked: Arc<HashMap<BusinessDay, HashSet<Vec<u8>>>>,
}

/// Accounts and projects in memory.
#[derive(Default)]
pub struct Directory(RwLock<Arc<Maps>>);

impl Directory {
    fn maps(&self) -> Arc<Maps> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Loads everything anew.
    ///
    /// # Errors
    /// Any [`DbError`]; what was known stays known.
    pub async fn reload(&self, services: &Services) -> Result<(), DbError> {
        let mut at = services.db.snapshot().await?;
        let maps = load(&mut at, services).await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(maps);
        Ok(())
    }

    /// The account with this word.
    pub fn account_by_code(&self, code: &str) -> Option<Arc<AccountEntry>> {
        self.maps().by_code.get(code).cloned()
    }
    /// The account with this id.
    pub fn account(&self, id: ReceivingAccountId) -> Option<Arc<AccountEntry>> {
        self.maps().accounts.get(&id).cloned()
    }
    /// The project with this id.
    pub fn project(&self, id: ProjectId) -> Option<Arc<ProjectEntry>> {
        self.maps().projects.get(&id).cloned()
    }
    /// The project with this word.
    pub fn project_by_code(&self, code: &str) -> Option<Arc<ProjectEntry>> {
        self.maps().projects_by_code.get(code).cloned()
    }
    /// The general project of a unit.
    pub fn general_project(&self, unit: UnitId) -> Option<Arc<ProjectEntry>> {
        self.maps().general.get(&unit).cloned()
    }
    /// The open pools that match gifts to a project, in the order of asking.
    pub fn pools_of(&self, project: ProjectId) -> Vec<Arc<OpenPool>> {
        self.maps().pools.get(&project).cloned().unwrap_or_default()
    }
    /// Whether any pool is open.
    pub fn has_pools(&self) -> bool {
        !self.maps().pools.is_empty()
    }

    /// Whether screening marked this payer on this day: further matches wait from the first, a second after the mark.
    pub(super) fn is_marked(&self, day: BusinessDay, source: Option<&[u8]>) -> bool {
        let maps = self.maps();
        let of_day = maps.marked.get(&day);
        of_day
            .zip(source)
            .is_some_and(|(marked, source)| marked.contains(source))
    }

    /// Loads everything anew when another node has opened or closed a pool; looks at most once in
    /// [`POOLS_LOOK_MICROS`]. Open a pool that much before its window begins.
    ///
    /// # Errors
    /// Any [`DbError`]; what was known stays known.
    pub(super) async fn refresh_pools(&self, services: &Services) -> Result<(), DbError> {
        let (maps, now) = (self.maps(), services.now().micros());
        if now.saturating_sub(maps.pools_seen_at) < POOLS_LOOK_MICROS {
            return Ok(());
        }
        self.reload_if_changed(services, maps.pools_mark).await
    }

    async fn reload_if_changed(&self, services: &Services, known: i64) -> Result<(), DbError> {
        let mut at = services.db.snapshot().await?;
        if matching::pools_mark(&mut at).await? != known {
            drop(at);
            return self.reload(services).await;
        }
        let marked = match self.has_pools() {
            true => Some(load_marked(&mut at, services).await?),
            false => None,
        };
        let mut lock = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut maps = Maps::clone(&lock);
        maps.pools_seen_at = services.now().micros();
        if let Some(marked) = marked {
            maps.marked = Arc::new(marked);
        }
        *lock = Arc::new(maps);
        Ok(())
    }

    /// The first open account of a unit for a channel, which an import uses unless told otherwise.
    pub fn account_for(&self, unit: UnitId, channel: Channel) -> Option<Arc<AccountEntry>> {
        let maps = self.maps();
        let fits = |a: &&Arc<AccountEntry>| a.unit == unit && a.channel == channel && a.open;
        maps.accounts.values().filter(fits).min_by_key(|a| a.id).cloned()
    }
}

async fn load(at: &mut impl Reads, services: &Services) -> Result<Maps, DbError> {
    let mut maps = Maps::default();
    for account in governance::network::store::all_accounts(at).await? {
        let secret = services
            .keys
            .open(&account.sealed_secret, governance::network::SECRET_PLACE)
            .map_err(|e| DbError::Row {
                column: "notice_secret".into(),
                why: e.to_string(),
            })?;
        let entry = Arc::new(AccountEntry {
            id: account.id,
            unit: account.unit_id,
            channel: account.channel,
            code: account.code.clone(),
            signature: hmac::Key::new(hmac::HMAC_SHA256, &secret),
            open: account.closed_at.is_none(),
        });
        maps.by_code.insert(account.code, Arc::clone(&entry));
        maps.accounts.insert(account.id, entry);
    }
    for project in crate::projects::store::all_intake_projects(at).await? {
        let entry = Arc::new(ProjectEntry {
            id: project.id,
            unit: project.unit_id,
            region: project.region,
            campaign: project.campaign_id,
            fund: project.fund_id,
            restriction: project.restriction,
            code: project.code.clone(),
            open: project.accepts_gifts.is_ok(),
        });
        if project.is_general {
            maps.general.insert(project.unit_id, Arc::clone(&entry));
        }
        maps.projects_by_code.insert(project.code, Arc::clone(&entry));
        maps.projects.insert(project.id, entry);
    }
    load_pools(at, services, &mut maps).await?;
    Ok(maps)
}

/// What screening marked yesterday and today: notices come late, but hardly by two days.
async fn load_marked(
    at: &mut impl Reads,
    services: &Services,
) -> Result<HashMap<BusinessDay, HashSet<Vec<u8>>>, DbError> {
    let yesterday = services.now().business_day().plus_days(-1);
    let mut marked: HashMap<BusinessDay, HashSet<Vec<u8>>> = HashMap::new();
    for (day, source) in crate::screening::store::marked(at, yesterday).await? {
        marked.entry(day).or_default().insert(source);
    }
    Ok(marked)
}

async fn load_pools(at: &mut impl Reads, services: &Services, maps: &mut Maps) -> Result<(), DbError> {
    maps.pools_seen_at = services.now().micros();
    maps.pools_mark = matching::pools_mark(at).await?;
    for (pool, rule, seed) in matching::open_pools(at, &services.keys).await? {
        let Some(account) = maps.accounts.get(&pool.account).cloned() else {
            continue;
        };
        let entry = Arc::new(OpenPool {
            id: pool.id,
            unit: pool.unit,
            code: pool.code,
            priority: pool.priority,
            rule,
            seed,
            locked: pool.locked,
            account,
            sponsor_name: pool.sponsor_name,
        });
        for project in maps.projects.values() {
            let within = match pool.campaign {
                Some(campaign) => project.campaign == Some(campaign),
                None => services.tree.is_within(project.unit, pool.unit),
            };
            let wanted = takes_project(&entry.rule, &project.code) && takes_region(&entry.rule, Some(project.region));
            if within && wanted {
                maps.pools.entry(project.id).or_default().push(Arc::clone(&entry));
            }
        }
    }
    if !maps.pools.is_empty() {
        maps.marked = Arc::new(load_marked(at, services).await?);
    }
    for pools in maps.pools.values_mut() {
        pools.sort_by(|a, b| (a.priority, &a.code).cmp(&(b.priority, &b.code)));
    }
    Ok(())
}
