//! Entering how a unit stands, its papers, pages, raises and keys; telling of papers that end.

use db::{DbError, Tx};
use governance::network::{self, Books, NewAccount};
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Channel, Fen, ReceivingAccountId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::{Value, json};

use super::model::{Account, NewKeys, NewRaise, Page, PageState, Paper, Raise, RaiseState, Standing, StandingIn, Step};
use super::{rules, store};
use crate::platforms::error::PlatformError;
use crate::platforms::model::{PlatformCode, RaiseId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "platform.standing_set",
    "platform.step_noted",
    "platform.paper_set",
    "platform.paper_ending",
    "platform.page_set",
    "platform.raise_asked",
    "platform.raise_answered",
    "platform.keys_set",
];

/// Enters how a unit stands with a platform; needs [`Permission::PlatformManage`]. Once it has joined its gifts and the
/// match have accounts, which are opened when they are missing (that needs [`Permission::AccountManage`]). Fact
/// `platform.standing_set`.
///
/// # Errors
/// [`PlatformError`]: not allowed, out of shape, accounts that cannot be opened.
pub async fn set_standing(services: &Services, by: &Actor, new: StandingIn) -> Result<Account, PlatformError> {
    by.require(Permission::PlatformManage, new.unit)?;
    rules::check_standing(&new, services.now().business_day())?;
    let key = (new.unit, new.platform);
    let known = {
        let mut at = services.db.snapshot().await?;
        store::account(&mut at, key).await?
    };
    let (mut gifts, mut matches) = known.map_or((None, None), |known| (known.account, known.match_account));
    if new.standing == Standing::Joined {
        gifts = Some(account_of(services, by, key, (gifts, Channel::Platform)).await?);
        matches = Some(account_of(services, by, key, (matches, Channel::Match)).await?);
    }
    let account = Account {
        unit: new.unit,
        platform: new.platform,
        standing: new.standing,
        since: new.since,
        org_no: new.org_no,
        org_name: new.org_name,
        account: gifts,
        match_account: matches,
        match_giver: new.match_giver,
        totals_with_match: new.totals_with_match,
    };
    let mut tx = services.db.begin().await?;
    store::put_account(&mut tx, &account, (by.id, services.now())).await?;
    let body = json!({
        "platform": account.platform,
        "standing": account.standing,
        "since": account.since,
        "org_no": account.org_no,
        "account": account.account.map(|id| hex(&id.bytes())),
        "match_account": account.match_account.map(|id| hex(&id.bytes())),
    });
    finish(tx, services, by, ("platform.standing_set", new.unit, body)).await?;
    Ok(account)
}

/// The account under which a platform's money stands: in the books of the unit, or of the nearest above that keeps them.
async fn account_of(
    services: &Services,
    by: &Actor,
    (unit, platform): (UnitId, PlatformCode),
    (known, channel): (Option<ReceivingAccountId>, Channel),
) -> Result<ReceivingAccountId, PlatformError> {
    if let Some(known) = known {
        return Ok(known);
    }
    let mut at = services.db.snapshot().await?;
    let view = network::queries::unit_view(&mut at, unit).await?;
    let view = view.ok_or(PlatformError::NotFound("unit"))?;
    let code = match channel {
        Channel::Match => format!("{}-{}-match", platform.short(), view.unit.region),
        _ => format!("{}-{}", platform.short(), view.unit.region),
    };
    let all = std::iter::once(&view.unit).chain(&view.above);
    let books = all
        .into_iter()
        .find(|unit| unit.books == Books::Own)
        .unwrap_or(&view.unit)
        .id;
    let found = network::store::account_by_code(&mut at, &code).await?;
    drop(at);
    if let Some(found) = found.filter(|account| account.unit_id == books && account.channel == channel) {
        return Ok(found.id);
    }
    let name = match channel {
        Channel::Match => format!("{}（配捐）", platform.zh()),
        _ => platform.zh().to_owned(),
    };
    let account = NewAccount {
        unit: books,
        channel,
        name,
        code,
        number: String::new(),
        opened_on: services.now().business_day(),
    };
    Ok(network::actions::add_account(services, by, account).await?.account.id)
}

/// Notes a step to join as done on a day, or as open again; needs [`Permission::PlatformManage`]. A unit without an entry
/// is on its way from then on. Fact `platform.step_noted`.
///
/// # Errors
/// [`PlatformError`].
pub async fn note_step(
    services: &Services,
    by: &Actor,
    (unit, platform): (UnitId, PlatformCode),
    (step, done_on): (Step, Option<BusinessDay>),
) -> Result<(), PlatformError> {
    by.require(Permission::PlatformManage, unit)?;
    let (now, today) = (services.now(), services.now().business_day());
    if done_on.is_some_and(|day| day > today) {
        return Err(PlatformError::invalid("done_on", "a day not after today"));
    }
    let mut tx = services.db.begin().await?;
    match done_on {
        Some(day) => store::put_step(&mut tx, (unit, platform, step), day, (by.id, now)).await?,
        None => store::delete_step(&mut tx, (unit, platform, step)).await?,
    }
    if store::account(&mut tx, (unit, platform)).await?.is_none() {
        let begun = Account {
            unit,
            platform,
            standing: Standing::Preparing,
            since: today,
            org_no: String::new(),
            org_name: String::new(),
            account: None,
            match_account: None,
            match_giver: String::new(),
            totals_with_match: false,
        };
        store::put_account(&mut tx, &begun, (by.id, now)).await?;
    }
    let body = json!({ "platform": platform, "step": step, "done_on": done_on });
    finish(tx, services, by, ("platform.step_noted", unit, body)).await
}

/// Enters a paper with its end, or corrects the one of the same number; needs [`Permission::PlatformManage`]. Fact
/// `platform.paper_set`.
///
/// # Errors
/// [`PlatformError`].
pub async fn set_paper(services: &Services, by: &Actor, mut paper: Paper) -> Result<Paper, PlatformError> {
    by.require(Permission::PlatformManage, paper.unit)?;
    rules::check_paper(&paper)?;
    let mut tx = services.db.begin().await?;
    let key = (paper.unit, paper.platform);
    let known = store::paper(&mut tx, key, (paper.kind, &paper.number)).await?;
    // A new end is told of anew.
    paper.told_days = known
        .filter(|known| known.valid_to == paper.valid_to)
        .and_then(|known| known.told_days);
    store::put_paper(&mut tx, &paper, (by.id, services.now())).await?;
    let body = json!({
        "platform": paper.platform,
        "kind": paper.kind,
        "number": paper.number,
        "valid_to": paper.valid_to,
        "replaced": paper.replaced,
    });
    finish(tx, services, by, ("platform.paper_set", paper.unit, body)).await?;
    Ok(paper)
}

/// Tells of every paper whose alert is due, once each. Fact `platform.paper_ending` a paper.
///
/// # Errors
/// Any [`DbError`]; what was told before it stays told.
pub async fn tell_ending(services: &Services) -> Result<Vec<(Paper, i64)>, DbError> {
    let today = services.now().business_day();
    let mut at = services.db.snapshot().await?;
    let found = store::ending_before(&mut at, today.plus_days(rules::TELL_DAYS[0])).await?;
    drop(at);
    let mut told = Vec::new();
    for paper in found {
        let Some(days) = rules::to_tell(&paper, today) else {
            continue;
        };
        let mut tx = services.db.begin().await?;
        store::note_told(&mut tx, &paper, days).await?;
        let fact = NewFact {
            unit: paper.unit,
            kind: "platform.paper_ending",
            subject: paper.unit.bytes(),
            actor: None,
            body: json!({
                "platform": paper.platform,
                "kind": paper.kind,
                "number": paper.number,
                "valid_to": paper.valid_to,
                "days_left": rules::days_left(paper.valid_to, today),
            }),
        };
        conclude(tx, fact, services).await?;
        tracing::warn!(
            platform = paper.platform.as_str(),
            kind = paper.kind.as_str(),
            valid_to = %paper.valid_to,
            "a paper that a donation platform asks for ends soon or has ended"
        );
        told.push((paper, days));
    }
    Ok(told)
}

/// Enters a project's page, or what changed of it; needs [`Permission::PlatformManage`] in the unit whose account it is.
/// Fact `platform.page_set`.
///
/// # Errors
/// [`PlatformError`]: not allowed, out of shape, the unit has no account, the project is none of its subtree.
pub async fn set_page(services: &Services, by: &Actor, page: Page) -> Result<Page, PlatformError> {
    by.require(Permission::PlatformManage, page.unit)?;
    rules::check_page(&page)?;
    let mut tx = services.db.begin().await?;
    let account = store::account(&mut tx, (page.unit, page.platform)).await?;
    account.ok_or(PlatformError::NotJoined(page.platform.zh()))?;
    let project = giving::projects::store::load_intake_project(&mut tx, page.project).await?;
    // A city lists its counties' sub-projects under its own account.
    let fits = project
        .is_some_and(|project| project.unit_id == page.unit || services.tree.is_within(project.unit_id, page.unit));
    if !fits {
        return Err(PlatformError::NotFound("project"));
    }
    store::put_page(&mut tx, &page, (by.id, services.now())).await?;
    let body = json!({
        "platform": page.platform,
        "page": page.project_no,
        "project": hex(&page.project.bytes()),
        "state": page.state,
        "capacity_fen": page.capacity,
        "filing_no": page.filing_no,
    });
    finish(tx, services, by, ("platform.page_set", page.unit, body)).await?;
    Ok(page)
}

/// Records that a raise of a page's capacity was asked for; needs [`Permission::PlatformManage`]. Fact
/// `platform.raise_asked`.
///
/// # Errors
/// [`PlatformError`]: not allowed, out of shape, no such page, one waits already.
pub async fn ask_raise(
    services: &Services,
    by: &Actor,
    (unit, platform): (UnitId, PlatformCode),
    project_no: &str,
    new: NewRaise,
) -> Result<Raise, PlatformError> {
    by.require(Permission::PlatformManage, unit)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let page = store::lock_page(&mut tx, (unit, platform), project_no).await?;
    let page = page.ok_or_else(|| PlatformError::NotListed(project_no.to_owned()))?;
    rules::check_raise(page.capacity, new.to, &new.reason)?;
    if store::raise_waits(&mut tx, (unit, platform), project_no).await? {
        return Err(PlatformError::RaiseWaits(project_no.to_owned()));
    }
    let raise = Raise {
        id: RaiseId::new(now, &*services.rng),
        unit,
        platform,
        project_no: project_no.to_owned(),
        from: page.capacity,
        to: new.to,
        reason: new.reason,
        asked_at: now,
        asked_by: by.id,
        needed_by: new.needed_by,
        state: RaiseState::Waiting,
        granted: None,
        answered_at: None,
        note: String::new(),
    };
    store::insert_raise(&mut tx, &raise).await?;
    let body = json!({ "platform": platform, "page": project_no, "to_fen": raise.to, "needed_by": raise.needed_by });
    finish(tx, services, by, ("platform.raise_asked", unit, body)).await?;
    Ok(raise)
}

/// Records the platform's answer; what was granted is the page's capacity from then on. Needs
/// [`Permission::PlatformManage`]. The same answer again is answered with the first. Fact `platform.raise_answered`.
///
/// # Errors
/// [`PlatformError`]: not allowed, answered otherwise before, out of shape.
pub async fn answer_raise(
    services: &Services,
    by: &Actor,
    id: RaiseId,
    (granted, note): (Option<Fen>, &str),
) -> Result<Raise, PlatformError> {
    by.require_somewhere(Permission::PlatformManage)?;
    let mut tx = services.db.begin().await?;
    let raise = store::lock_raise(&mut tx, id).await?;
    let mut raise = raise.ok_or(PlatformError::NotFound("raise"))?;
    if by.require(Permission::PlatformManage, raise.unit).is_err() {
        return Err(PlatformError::NotFound("raise"));
    }
    if raise.state != RaiseState::Waiting {
        let same = raise.granted == granted;
        return if same {
            Ok(raise)
        } else {
            Err(PlatformError::Answered(raise.state.as_str()))
        };
    }
    if granted.is_some_and(|granted| !granted.is_positive()) {
        return Err(PlatformError::invalid(
            "granted_fen",
            "above zero, or nothing when it was refused",
        ));
    }
    raise.state = if granted.is_some() {
        RaiseState::Granted
    } else {
        RaiseState::Refused
    };
    raise.granted = granted;
    raise.answered_at = Some(services.now());
    raise.note = note.trim().to_owned();
    store::answer_raise(&mut tx, &raise, by.id).await?;
    if let Some(granted) = granted {
        let key = (raise.unit, raise.platform);
        let page = store::lock_page(&mut tx, key, &raise.project_no).await?;
        let mut page = page.ok_or_else(|| PlatformError::NotListed(raise.project_no.clone()))?;
        page.capacity = Some(granted);
        // What was full raises again.
        if page.state == PageState::Full {
            page.state = PageState::Raising;
        }
        store::put_page(&mut tx, &page, (by.id, services.now())).await?;
    }
    let body = json!({
        "platform": raise.platform,
        "page": raise.project_no,
        "state": raise.state,
        "granted_fen": raise.granted,
    });
    finish(tx, services, by, ("platform.raise_answered", raise.unit, body)).await?;
    Ok(raise)
}

/// Sets the keys of a platform's interface; needs [`Permission::AccountManage`]. Fact `platform.keys_set`, without them.
///
/// # Errors
/// [`PlatformError`].
pub async fn set_keys(services: &Services, by: &Actor, new: &NewKeys) -> Result<(), PlatformError> {
    by.require(Permission::AccountManage, new.unit)?;
    rules::check_number("app_id", &new.app_id)?;
    rules::check_number("secret", &new.secret)?;
    rules::check_endpoint(&new.endpoint)?;
    let mut tx = services.db.begin().await?;
    store::put_keys(&mut tx, new, (by.id, services)).await?;
    let body = json!({ "platform": new.platform, "app_id": new.app_id, "endpoint": new.endpoint });
    finish(tx, services, by, ("platform.keys_set", new.unit, body)).await
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, unit, body): (&'static str, UnitId, Value),
) -> Result<(), PlatformError> {
    let fact = NewFact {
        unit,
        kind,
        subject: unit.bytes(),
        actor: Some(by.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
