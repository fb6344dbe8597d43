//! Changing the network: units, certificates, accounts. Each change is one transaction with one fact; afterwards the
//! tree in memory is loaded again.

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use kernel::{FileId, ReceivingAccountId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::error::NetworkError;
use super::holdings::Holdings;
use super::model::{
    Account, Books, Certificate, Closing, Happened, NewAccount, NewUnit, SECRET_PLACE, Unit, UnitChange, UnitState,
};
use super::{rules, store};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "unit.created",
    "unit.renamed",
    "unit.branded",
    "unit.moved",
    "unit.closed",
    "unit.certificate_set",
    "account.opened",
    "account.renamed",
    "account.secret_rotated",
    "account.closed",
];

/// An account just made, with the secret that signs its payment notices. It is shown this once. No `Debug`.
pub struct OpenedAccount {
    /// The account.
    pub account: Account,
    /// The secret, as text for the partner's settings; its ASCII bytes are the key of the HMAC.
    pub secret: String,
}

/// Loads the tree in memory: at start, and after each change of the network.
///
/// # Errors
/// Any [`DbError`].
pub async fn load_tree(services: &Services) -> Result<(), DbError> {
    let mut at = services.db.snapshot().await?;
    let links = store::links(&mut at).await?;
    services.tree.replace(links);
    Ok(())
}

/// Enters a unit. Without a parent it is the society of the installation, of which there is one, and only the operator
/// of the machine enters it (`qiao init`).
///
/// # Errors
/// [`NetworkError`]: not allowed, or what [`rules::check_new_unit`] says.
pub async fn create_unit(services: &Services, by: &Actor, new: NewUnit) -> Result<Unit, NetworkError> {
    match new.parent {
        Some(parent) => by.require(Permission::UnitManage, parent)?,
        None => by.require_everywhere(Permission::UnitManage)?,
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    store::lock_tree(&mut tx).await?;
    let parent = match new.parent {
        Some(id) => Some(store::unit(&mut tx, id).await?.ok_or(NetworkError::NotFound("unit"))?),
        None if store::links(&mut tx).await?.is_empty() => None,
        None => return Err(NetworkError::RootExists),
    };
    rules::check_new_unit(&new, parent.as_ref())?;
    let unit = Unit {
        id: UnitId::new(now, &*services.rng),
        parent: new.parent,
        short_name: if new.short_name.is_empty() {
            new.name.clone()
        } else {
            new.short_name
        },
        name: new.name,
        region: new.region,
        books: new.books,
        brand_color: if new.brand_color.is_empty() {
            rules::DEFAULT_COLOR.to_owned()
        } else {
            new.brand_color
        },
        contact: new.contact,
        phone: String::new(),
        address: String::new(),
        seal: None,
        created_at: now,
        state: UnitState::Open,
    };
    store::insert_unit(&mut tx, &unit).await?;
    let body = json!({
        "parent": unit.parent.map(|p| hex(&p.bytes())),
        "region": unit.region,
        "keeps_books": unit.books == Books::Own,
    });
    finish(tx, services, by, ("unit.created", unit.id, unit.id.bytes()), body).await?;
    load_tree(services).await?;
    Ok(unit)
}

/// Gives a unit other names.
///
/// # Errors
/// [`NetworkError`].
pub async fn rename_unit(
    services: &Services,
    by: &Actor,
    id: UnitId,
    name: &str,
    short_name: &str,
) -> Result<Unit, NetworkError> {
    rules::check_line("name", name)?;
    rules::check_line("short_name", short_name)?;
    let (mut tx, mut unit) = open_for(services, by, id).await?;
    name.clone_into(&mut unit.name);
    short_name.clone_into(&mut unit.short_name);
    store::update_unit(&mut tx, &unit).await?;
    finish(tx, services, by, ("unit.renamed", id, id.bytes()), json!({})).await?;
    Ok(unit)
}

/// How a unit looks and is reached: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Branding {
    /// `#rrggbb`.
    pub brand_color: Option<String>,
    /// Hours and whatever else the public should know: one text.
    pub contact: Option<String>,
    /// The telephone donors may call; empty: none.
    pub phone: Option<String>,
    /// The office's address; empty: none.
    pub address: Option<String>,
    /// The image of its seal.
    pub seal: SealChange,
}

/// What becomes of a unit's seal. Certificates numbered before keep the one they were frozen with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SealChange {
    /// It stays.
    #[default]
    Keep,
    /// This stored file, a PNG that was checked, takes its place.
    Set(FileId),
    /// The unit has none from now on: certificates show the house's ring.
    Remove,
}

/// Sets how a unit looks and is reached.
///
/// # Errors
/// [`NetworkError`].
pub async fn brand_unit(services: &Services, by: &Actor, id: UnitId, change: Branding) -> Result<Unit, NetworkError> {
    rules::check_color(change.brand_color.as_deref().unwrap_or_default())?;
    rules::check_contact(change.contact.as_deref().unwrap_or_default())?;
    rules::check_phone(change.phone.as_deref().unwrap_or_default())?;
    rules::check_address(change.address.as_deref().unwrap_or_default())?;
    let (mut tx, mut unit) = open_for(services, by, id).await?;
    unit.brand_color = change.brand_color.filter(|c| !c.is_empty()).unwrap_or(unit.brand_color);
    unit.contact = change.contact.unwrap_or(unit.contact);
    unit.phone = change.phone.unwrap_or(unit.phone);
    unit.address = change.address.unwrap_or(unit.address);
    unit.seal = match change.seal {
        SealChange::Keep => unit.seal,
        SealChange::Set(file) => Some(file),
        SealChange::Remove => None,
    };
    store::update_unit(&mut tx, &unit).await?;
    let body = json!({ "color": unit.brand_color, "seal": unit.seal.map(|s| hex(&s.bytes())) });
    finish(tx, services, by, ("unit.branded", id, id.bytes()), body).await?;
    Ok(unit)
}

/// Puts a unit below another, with the reason. The mover manages both places. Roles granted above the unit follow: who
/// works at the new place reaches it from the commit on, who works at the old one no longer does.
///
/// # Errors
/// [`NetworkError`]: not allowed, or what [`rules::check_move`] says.
pub async fn move_unit(
    services: &Services,
    by: &Actor,
    id: UnitId,
    below: UnitId,
    reason: &str,
) -> Result<Unit, NetworkError> {
    by.require(Permission::UnitManage, below)?;
    by.require(Permission::UnitManage, id)?;
    rules::check_reason(reason)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    store::lock_tree(&mut tx).await?;
    let units = store::all_units(&mut tx).await?;
    rules::check_move(id, below, &units)?;
    let mut unit = units
        .into_iter()
        .find(|u| u.id == id)
        .ok_or(NetworkError::NotFound("unit"))?;
    let from = unit.parent.replace(below);
    store::update_unit(&mut tx, &unit).await?;
    let change = UnitChange {
        what: Happened::Moved { from, to: below },
        day: now.business_day(),
        reason: reason.to_owned(),
        by: by.id,
        at: now,
    };
    store::add_change(&mut tx, id, &change).await?;
    let body = json!({ "from": from.map(|p| hex(&p.bytes())), "to": hex(&below.bytes()) });
    finish(tx, services, by, ("unit.moved", id, id.bytes()), body).await?;
    load_tree(services).await?;
    Ok(unit)
}

/// Closes a unit and its accounts, with the day and the reason. Its history stays; nothing below it may be open, and
/// nothing of its own.
///
/// # Errors
/// [`NetworkError::OpenBelow`], what [`rules::check_closing`] says, and others.
pub async fn close_unit(
    services: &Services,
    by: &Actor,
    id: UnitId,
    closing: Closing,
    holdings: &dyn Holdings,
) -> Result<(), NetworkError> {
    let (mut tx, mut unit) = open_for(services, by, id).await?;
    store::lock_unit(&mut tx, id).await?;
    if store::has_open_below(&mut tx, id).await? {
        return Err(NetworkError::OpenBelow);
    }
    let now = services.now();
    let holding = holdings.of(&mut tx, id).await?;
    rules::check_closing(&unit, &closing, holding, now.business_day())?;
    holdings.let_go(&mut tx, services, id).await?;
    unit.state = UnitState::Closed { at: now };
    store::update_unit(&mut tx, &unit).await?;
    let accounts = store::close_accounts_of(&mut tx, id, now).await?;
    let body = json!({ "accounts_closed": accounts, "day": closing.day });
    let change = UnitChange {
        what: Happened::Closed,
        day: closing.day,
        reason: closing.reason,
        by: by.id,
        at: now,
    };
    store::add_change(&mut tx, id, &change).await?;
    finish(tx, services, by, ("unit.closed", id, id.bytes()), body).await?;
    load_tree(services).await?;
    Ok(())
}

/// Records a certificate for public fundraising, or corrects the one of the same number.
///
/// # Errors
/// [`NetworkError`].
pub async fn set_certificate(
    services: &Services,
    by: &Actor,
    id: UnitId,
    certificate: &Certificate,
) -> Result<(), NetworkError> {
    rules::check_certificate(certificate)?;
    let (mut tx, _) = open_for(services, by, id).await?;
    store::put_certificate(&mut tx, id, certificate, services.now()).await?;
    let body = json!({
        "number": certificate.number,
        "valid_from": certificate.valid_from,
        "valid_to": certificate.valid_to,
        "status": certificate.status,
        "status_since": certificate.status_since,
    });
    finish(tx, services, by, ("unit.certificate_set", id, id.bytes()), body).await
}

/// Opens a receiving account and makes its secret.
///
/// # Errors
/// [`NetworkError`]: not allowed, code taken, unit closed.
pub async fn add_account(services: &Services, by: &Actor, new: NewAccount) -> Result<OpenedAccount, NetworkError> {
    by.require(Permission::AccountManage, new.unit)?;
    rules::check_new_account(&new)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let unit = store::unit(&mut tx, new.unit)
        .await?
        .ok_or(NetworkError::NotFound("unit"))?;
    if !unit.is_open() {
        return Err(NetworkError::Closed("unit"));
    }
    let account = Account {
        id: ReceivingAccountId::new(now, &*services.rng),
        unit: new.unit,
        channel: new.channel,
        name: new.name,
        masked_number: rules::mask_number(&new.number),
        opened_on: new.opened_on,
        code: new.code,
        closed_at: None,
    };
    let secret = fresh_secret(services);
    let sealed = services.keys.seal(secret.as_bytes(), SECRET_PLACE, &*services.rng);
    store::insert_account(&mut tx, &account, sealed, now)
        .await
        .map_err(|error| match error {
            DbError::Duplicate(_) => NetworkError::CodeTaken(account.code.clone()),
            other => other.into(),
        })?;
    let body = json!({ "channel": account.channel, "code": account.code });
    finish(
        tx,
        services,
        by,
        ("account.opened", account.unit, account.id.bytes()),
        body,
    )
    .await?;
    Ok(OpenedAccount { account, secret })
}

/// Gives an account another secret; the old one is worth nothing from the commit on.
///
/// # Errors
/// [`NetworkError`].
pub async fn rotate_secret(
    services: &Services,
    by: &Actor,
    id: ReceivingAccountId,
) -> Result<OpenedAccount, NetworkError> {
    let mut tx = services.db.begin().await?;
    let account = managed_account(&mut tx, by, id).await?;
    let secret = fresh_secret(services);
    let sealed = services.keys.seal(secret.as_bytes(), SECRET_PLACE, &*services.rng);
    store::set_secret(&mut tx, id, sealed, services.now()).await?;
    finish(
        tx,
        services,
        by,
        ("account.secret_rotated", account.unit, id.bytes()),
        json!({ "code": account.code }),
    )
    .await?;
    Ok(OpenedAccount { account, secret })
}

/// Gives an open account another name for people. Its code, which partners have in their settings, stays.
///
/// # Errors
/// [`NetworkError`].
pub async fn rename_account(
    services: &Services,
    by: &Actor,
    id: ReceivingAccountId,
    name: &str,
) -> Result<Account, NetworkError> {
    rules::check_line("name", name)?;
    let mut tx = services.db.begin().await?;
    let mut account = managed_account(&mut tx, by, id).await?;
    store::rename_account(&mut tx, id, name).await?;
    name.clone_into(&mut account.name);
    let body = json!({ "code": account.code });
    finish(tx, services, by, ("account.renamed", account.unit, id.bytes()), body).await?;
    Ok(account)
}

/// Closes an account: it takes no gifts from now on.
///
/// # Errors
/// [`NetworkError`].
pub async fn close_account(services: &Services, by: &Actor, id: ReceivingAccountId) -> Result<(), NetworkError> {
    let mut tx = services.db.begin().await?;
    let account = managed_account(&mut tx, by, id).await?;
    store::close_account(&mut tx, id, services.now()).await?;
    finish(
        tx,
        services,
        by,
        ("account.closed", account.unit, id.bytes()),
        json!({ "code": account.code }),
    )
    .await
}

/// 256 random bits in hexadecimal: what partners can paste into a settings page.
fn fresh_secret(services: &Services) -> String {
    hex(&services.rng.secret())
}

/// The open account, if the actor manages those of its unit; else it does not exist for her.
async fn managed_account(tx: &mut Tx, by: &Actor, id: ReceivingAccountId) -> Result<Account, NetworkError> {
    by.require_somewhere(Permission::AccountManage)?;
    let account = store::full_account(tx, id)
        .await?
        .ok_or(NetworkError::NotFound("account"))?;
    if by.require(Permission::AccountManage, account.unit).is_err() {
        return Err(NetworkError::NotFound("account"));
    }
    if account.closed_at.is_some() {
        Err(NetworkError::Closed("account"))
    } else {
        Ok(account)
    }
}

/// Begins a change of an open unit that the actor manages.
async fn open_for(services: &Services, by: &Actor, id: UnitId) -> Result<(Tx, Unit), NetworkError> {
    by.require(Permission::UnitManage, id)?;
    let mut tx = services.db.begin().await?;
    store::lock_tree(&mut tx).await?;
    let unit = store::unit(&mut tx, id).await?.ok_or(NetworkError::NotFound("unit"))?;
    if unit.is_open() {
        Ok((tx, unit))
    } else {
        Err(NetworkError::Closed("unit"))
    }
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, unit, subject): (&'static str, UnitId, [u8; 16]),
    body: serde_json::Value,
) -> Result<(), NetworkError> {
    let fact = NewFact {
        unit,
        kind,
        subject,
        actor: Some(by.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
