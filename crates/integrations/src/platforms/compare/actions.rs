//! Asking a platform, comparing, keeping what differs; explaining it.

use std::collections::{HashMap, HashSet};

use db::{DbError, Reads, Tx};
use giving::donations::queries::by_account;
use kernel::id::Id as _;
use kernel::{ActorId, BusinessDay, Fen, ProjectId, UnitId};
use ledger::queries::use_rate::{self, By, Subject};
use ledger::queries::{Part, Period};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission, Scope};
use serde_json::json;

use super::model::{Comparison, DifferenceState, Differing, What};
use super::rules::{self, Ours, Seen, Totals};
use super::store;
use crate::platforms::Platforms;
use crate::platforms::client::{self, Platform};
use crate::platforms::error::PlatformError;
use crate::platforms::model::{DifferenceId, PlatformCode};
use crate::platforms::register::{self, Account, Page, Standing};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["platform.compared", "platform.difference_explained"];
/// The longest note.
const NOTE_CHARS_MAX: usize = 500;

/// Compares one account's pages now; needs [`Permission::GiftImport`]. The day's comparison made again takes the place of the
/// first. Fact `platform.compared`.
///
/// # Errors
/// [`PlatformError`]: not allowed, not joined, not connected, no answer.
pub async fn compare(
    platforms: &Platforms,
    by: &Actor,
    key: (UnitId, PlatformCode),
    day: BusinessDay,
) -> Result<Comparison, PlatformError> {
    by.require(Permission::GiftImport, key.0)?;
    compare_one(platforms, Some(by.id), key, day).await
}

/// Compares every account that has joined and is connected, for the nightly job. One that cannot be asked keeps the others
/// not waiting.
///
/// # Errors
/// Any [`DbError`] of listing them.
pub async fn compare_all(
    platforms: &Platforms,
    day: BusinessDay,
) -> Result<Vec<(Account, Result<Comparison, PlatformError>)>, DbError> {
    let services = &platforms.giving.services;
    let mut at = services.db.snapshot().await?;
    let accounts = register::accounts(&mut at).await?;
    let mut connected = Vec::new();
    for account in accounts
        .into_iter()
        .filter(|account| account.standing == Standing::Joined)
    {
        let key = (account.unit, account.platform);
        if register::keys(&mut at, key, services).await?.is_some() {
            connected.push(account);
        }
    }
    drop(at);
    let mut made = Vec::with_capacity(connected.len());
    for account in connected {
        let compared = compare_one(platforms, None, (account.unit, account.platform), day).await;
        made.push((account, compared));
    }
    Ok(made)
}

async fn compare_one(
    platforms: &Platforms,
    by: Option<ActorId>,
    key: (UnitId, PlatformCode),
    day: BusinessDay,
) -> Result<Comparison, PlatformError> {
    let services = &platforms.giving.services;
    let (unit, platform) = key;
    let not_joined = || PlatformError::NotJoined(platform.zh());
    let mut at = services.db.snapshot().await?;
    let account = register::account(&mut at, key).await?.ok_or_else(not_joined)?;
    let mut pages = register::pages_of(&mut at, key).await?;
    pages.retain(rules::is_compared);
    let port = client::connect(&mut at, platforms, key).await?;
    drop(at);
    let numbers: Vec<String> = pages.iter().map(|page| page.project_no.clone()).collect();
    let theirs = port.totals(&numbers).await.map_err(|error| error.of(platform))?;
    let disclosed = disclosed(&*port, &pages, platform).await?;
    // Ours after theirs: what came in between makes us the later of the two, never the earlier.
    let mut at = services.db.snapshot().await?;
    let ours = ours(&mut at, platforms, &account, &pages).await?;
    drop(at);
    let totals = if account.totals_with_match {
        Totals::WithMatch
    } else {
        Totals::Gifts
    };
    let seen = rules::differences(&pages, &theirs.data, (&ours, totals), &disclosed);
    let projects: HashSet<ProjectId> = pages.iter().map(|page| page.project).collect();
    let made = Comparison {
        unit,
        platform,
        day,
        pages: pages.len() as i64,
        projects: projects.len() as i64,
        differing: seen.len() as i64,
        trace: theirs.trace,
        compared_at: services.now(),
    };
    let mut tx = services.db.begin().await?;
    let (opened, gone) = follow(&mut tx, services, &made, seen).await?;
    store::put_comparison(&mut tx, &made).await?;
    let fact = NewFact {
        unit,
        kind: "platform.compared",
        subject: unit.bytes(),
        actor: by,
        body: json!({
            "platform": platform,
            "day": day,
            "pages": made.pages,
            "differing": made.differing,
            "opened": opened,
            "gone": gone,
        }),
    };
    conclude(tx, fact, services).await?;
    Ok(made)
}

/// What the platform shows of spending, by page. A page that it refuses to tell about is left out.
async fn disclosed(
    port: &dyn Platform,
    pages: &[Page],
    platform: PlatformCode,
) -> Result<HashMap<String, Fen>, PlatformError> {
    let mut all = HashMap::new();
    for page in pages {
        match port.finances(&page.project_no).await {
            Ok(told) => {
                let sum = Fen::sum(told.data.iter().map(|payout| payout.total))?;
                all.insert(page.project_no.clone(), sum);
            }
            // An unauthorised project is an error here and an empty answer elsewhere.
            Err(client::ClientError::Refused { .. }) => {}
            Err(error) => return Err(error.of(platform)),
        }
    }
    Ok(all)
}

/// What stands here of the projects behind the pages.
async fn ours(
    at: &mut impl Reads,
    platforms: &Platforms,
    account: &Account,
    pages: &[Page],
) -> Result<HashMap<ProjectId, Ours>, PlatformError> {
    let directory = platforms.giving.intake.directory();
    let mut all: HashMap<ProjectId, Ours> = HashMap::new();
    for page in pages {
        all.entry(page.project).or_default();
    }
    if let Some(entry) = account.account.and_then(|id| directory.account(id)) {
        for (project, received) in by_account(at, (entry.unit, entry.id)).await? {
            let ours = all.entry(project).or_default();
            (ours.gifts, ours.gift_sum) = (received.gifts, received.sum);
        }
        let scope = Scope::below(entry.unit);
        let part = Part::of(&scope, &platforms.giving.services.tree);
        for line in use_rate::read(at, &part, always(), By::Project).await? {
            if let Subject::Project(Some(project)) = line.subject
                && let Some(ours) = all.get_mut(&project)
            {
                ours.spent = line.spent;
            }
        }
    }
    if let Some(entry) = account.match_account.and_then(|id| directory.account(id)) {
        for (project, received) in by_account(at, (entry.unit, entry.id)).await? {
            all.entry(project).or_default().match_sum = received.sum;
        }
    }
    Ok(all)
}

/// From before any books to after them.
fn always() -> Period {
    let first = kernel::Instant::from_micros(0).business_day();
    Period {
        from: first,
        to: first.plus_days(365 * 200),
    }
}

/// Opens what is new, follows what lasts, closes what is gone; gives how many were opened and are gone.
async fn follow(
    tx: &mut Tx,
    services: &Services,
    made: &Comparison,
    seen: Vec<Seen>,
) -> Result<(i64, i64), PlatformError> {
    let followed = store::lock_followed(tx, (made.unit, made.platform)).await?;
    let mut known: HashMap<(String, What), Differing> = followed
        .into_iter()
        .map(|each| ((each.project_no.clone(), each.what), each))
        .collect();
    let (mut opened, mut gone) = (0, 0);
    // What a hidden page raised was not compared, so nothing about its project is gone.
    let hidden: HashSet<ProjectId> = seen
        .iter()
        .filter(|each| each.what == What::Shown)
        .map(|each| each.project)
        .collect();
    for each in seen {
        match known.remove(&(each.project_no.clone(), each.what)) {
            Some(mut lasting) => {
                let same = (lasting.ours, lasting.theirs) == (each.ours, each.theirs);
                if !same && lasting.state == DifferenceState::Explained {
                    lasting.state = DifferenceState::Open;
                    opened += 1;
                }
                (lasting.ours, lasting.theirs, lasting.last_day) = (each.ours, each.theirs, made.day);
                store::update(tx, &lasting, None).await?;
            }
            None => {
                let new = Differing {
                    id: DifferenceId::new(made.compared_at, &*services.rng),
                    unit: made.unit,
                    platform: made.platform,
                    project: each.project,
                    project_no: each.project_no,
                    what: each.what,
                    ours: each.ours,
                    theirs: each.theirs,
                    first_day: made.day,
                    last_day: made.day,
                    state: DifferenceState::Open,
                    note: String::new(),
                };
                store::insert(tx, &new).await?;
                opened += 1;
            }
        }
    }
    for (_, mut over) in known {
        if hidden.contains(&over.project) {
            continue;
        }
        over.state = DifferenceState::Gone;
        store::update(tx, &over, Some((made.compared_at, None))).await?;
        gone += 1;
    }
    Ok((opened, gone))
}

/// Explains a difference; needs [`Permission::GiftImport`]. It stays explained while its values stay. Fact
/// `platform.difference_explained`.
///
/// # Errors
/// [`PlatformError`]: not allowed, gone already, no words.
pub async fn explain(
    services: &Services,
    by: &Actor,
    id: DifferenceId,
    note: &str,
) -> Result<Differing, PlatformError> {
    by.require_somewhere(Permission::GiftImport)?;
    let note = note.trim();
    if note.is_empty() || note.chars().count() > NOTE_CHARS_MAX || note.chars().any(char::is_control) {
        return Err(PlatformError::invalid("note", "1 to 500 characters on one line"));
    }
    let mut tx = services.db.begin().await?;
    let found = store::lock(&mut tx, id).await?;
    let mut found = found.ok_or(PlatformError::NotFound("difference"))?;
    if by.require(Permission::GiftImport, found.unit).is_err() {
        return Err(PlatformError::NotFound("difference"));
    }
    if found.state == DifferenceState::Gone {
        return Err(PlatformError::Answered(found.state.as_str()));
    }
    found.state = DifferenceState::Explained;
    note.clone_into(&mut found.note);
    store::update(&mut tx, &found, Some((services.now(), Some(by.id)))).await?;
    let fact = NewFact {
        unit: found.unit,
        kind: "platform.difference_explained",
        subject: id.bytes(),
        actor: Some(by.id),
        body: json!({
            "platform": found.platform,
            "page": found.project_no,
            "what": found.what,
            "ours": found.ours,
            "theirs": found.theirs,
        }),
    };
    conclude(tx, fact, services).await?;
    Ok(found)
}
