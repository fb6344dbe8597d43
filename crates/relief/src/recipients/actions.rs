//! Making a list of recipients, its slips, and who of it takes goods with which proof.

use std::collections::BTreeSet;

use db::{DbError, Reads};
use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Person, Recipient};
use super::store;
use crate::dispatch::model::{DispatchState, Proof};
use crate::dispatch::{queries as dispatches, store as orders};
use crate::error::{ReliefError, in_scope, invalid};
use crate::stock::rules::{check_quantity, check_text};
use crate::told::{Told, finish};
use crate::{DispatchId, LotId, RecipientId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.recipients_listed", "goods.slips_opened"];
/// Where the name of who is to be handed goods is sealed for.
pub const NAME_PLACE: &str = "goods_recipient.name";
/// What the codes are marks of.
const CODE_BLIND: &str = "goods recipient code";
/// Recipients of one lot: a village, a hospital's wards.
const PEOPLE_MAX: usize = 2_000;
/// Wrong codes that are taken for one lot of an order; after that its list is made anew. Of a million codes two thousand
/// may be right: so many tries find one by guessing in one case of ten at most.
const TRIES_MAX: i64 = 50;

/// The six digits on a recipient's slip.
fn code_of(services: &Services, id: RecipientId) -> String {
    let mark = services.keys.blind_index(CODE_BLIND, &hex(&id.bytes()));
    let number = mark
        .iter()
        .take(4)
        .fold(0u32, |sum, byte| sum.wrapping_shl(8) | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}

/// A recipient's id whose code nobody else of the order has; there are ten times as many codes as recipients are read.
fn with_new_code(services: &Services, codes: &mut BTreeSet<String>) -> RecipientId {
    loop {
        let id = RecipientId::new(services.now(), &*services.rng);
        if codes.insert(code_of(services, id)) {
            return id;
        }
    }
}

/// Makes the list of who is to be handed a lot of an order. Those who signed stay; the others are as said now.
///
/// # Errors
/// [`ReliefError::Short`] for more than was sent, [`ReliefError::State`] for an order that was called off.
pub async fn make_list(
    services: &Services,
    by: &Actor,
    (id, lot): (DispatchId, LotId),
    people: &[Person],
) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    if people.len() > PEOPLE_MAX {
        return Err(invalid("people", "at most 2,000 recipients are expected"));
    }
    let mut wanted: i64 = 0;
    for person in people {
        check_text("name", &person.name, 1)?;
        check_quantity(person.quantity)?;
        wanted = wanted.saturating_add(person.quantity);
    }
    let mut tx = services.db.begin().await?;
    let order = orders::lock(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("dispatch order"))?;
    in_scope(by, Permission::GoodsManage, (order.unit, "dispatch order"))?;
    if order.state == DispatchState::CalledOff {
        return Err(ReliefError::State {
            state: order.state.as_str(),
            wanted: DispatchState::Received.as_str(),
        });
    }
    let lines = orders::lines(&mut tx, id).await?;
    let sent: i64 = lines
        .iter()
        .filter(|line| line.lot == lot)
        .map(|line| line.quantity)
        .sum();
    if sent == 0 {
        return Err(ReliefError::NotFound("lot"));
    }
    let known = store::list_of_lot(&mut tx, id, lot).await?;
    let signed: Vec<&Recipient> = known.iter().filter(|one| one.signed_at.is_some()).collect();
    let there = sent - signed.iter().map(|one| one.quantity).sum::<i64>();
    if wanted > there {
        return Err(ReliefError::Short { wanted, there });
    }
    store::remove_open(&mut tx, id, lot).await?;
    store::forget_tries(&mut tx, id, lot).await?;
    let others = store::ids(&mut tx, id).await?;
    let mut codes: BTreeSet<String> = others.into_iter().map(|one| code_of(services, one)).collect();
    let last = signed.iter().map(|one| one.n).max().unwrap_or_default();
    for (n, person) in (last + 1..).zip(people) {
        let name = person.name.trim();
        let new = Recipient {
            id: with_new_code(services, &mut codes),
            lot,
            n,
            quantity: person.quantity,
            shown: giving::donations::mask::name(name),
            sealed: services.keys.seal(name.as_bytes(), NAME_PLACE, &*services.rng),
            signed_at: None,
        };
        store::insert(&mut tx, (order.unit, id), &new).await?;
    }
    let told = Told {
        unit: order.unit,
        kind: "goods.recipients_listed",
        subject: id,
        body: json!({ "lot": hex(&lot.bytes()), "recipients": people.len(), "quantity": wanted }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// The recipients of an order with names masked, for who hands out.
///
/// # Errors
/// [`ReliefError::NotFound`].
pub async fn recipients(services: &Services, by: &Actor, id: DispatchId) -> Result<Vec<Recipient>, ReliefError> {
    let (_, known) = listed(services, by, (id, Permission::GoodsRecord)).await?;
    Ok(known)
}

async fn listed(
    services: &Services,
    by: &Actor,
    (id, permission): (DispatchId, Permission),
) -> Result<(UnitId, Vec<Recipient>), ReliefError> {
    by.require_somewhere(permission)?;
    let mut at = services.db.snapshot().await?;
    let found = dispatches::order(&mut at, id).await?;
    let (order, _) = found.ok_or(ReliefError::NotFound("dispatch order"))?;
    in_scope(by, permission, (order.unit, "dispatch order"))?;
    Ok((order.unit, store::list(&mut at, id).await?))
}

/// A slip that a recipient is given beforehand: the name in clear, and the code that proves the hand-over.
pub struct Slip {
    /// Who.
    pub recipient: Recipient,
    /// The name.
    pub name: String,
    /// Six digits.
    pub code: String,
}

/// The slips of those who have not signed, for who keeps the store. Fact `goods.slips_opened`, before a name is shown.
///
/// # Errors
/// [`ReliefError::NotFound`], [`ReliefError::Key`].
pub async fn slips(services: &Services, by: &Actor, id: DispatchId) -> Result<Vec<Slip>, ReliefError> {
    let (unit, open) = listed(services, by, (id, Permission::GoodsManage)).await?;
    let slip = |recipient: Recipient| {
        Ok::<_, ReliefError>(Slip {
            name: name_of(services, &recipient)?,
            code: code_of(services, recipient.id),
            recipient,
        })
    };
    let open = open.into_iter().filter(|one| one.signed_at.is_none());
    let slips: Vec<Slip> = open.map(slip).collect::<Result<_, _>>()?;
    let told = Told {
        unit,
        kind: "goods.slips_opened",
        subject: id,
        body: json!({ "recipients": slips.len() }),
    };
    finish(services.db.begin().await?, services, by, told).await?;
    Ok(slips)
}

/// The name of a recipient, opened.
///
/// # Errors
/// [`ReliefError::Key`].
pub(crate) fn name_of(services: &Services, recipient: &Recipient) -> Result<String, ReliefError> {
    let plain = services.keys.open(&recipient.sealed, NAME_PLACE)?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

/// What is said of who takes goods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    /// What proves it.
    pub(crate) proof: Proof,
    /// Who of the list; nobody: told by the code, or somebody without a list.
    pub(crate) recipient: Option<RecipientId>,
    /// The code on the slip.
    pub(crate) code: &'a str,
    /// How many.
    pub(crate) quantity: i64,
}

/// Counts a wrong code, in a transaction of its own: that of the hand-over is undone.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn count_wrong_code(services: &Services, (dispatch, lot): (DispatchId, LotId)) -> Result<(), DbError> {
    let mut tx = services.db.begin().await?;
    store::count_try(&mut tx, dispatch, lot).await?;
    tx.commit().await
}

/// Who of an order's list takes so many of a lot; nobody, where somebody signs without a list.
///
/// # Errors
/// [`ReliefError::WrongCode`] for a code of nobody who still waits and after too many of them, [`ReliefError::NotFound`] for who is not on the list
/// or signed before, [`ReliefError::Invalid`] for another number than the list's.
pub(crate) async fn taker(
    at: &mut impl Reads,
    services: &Services,
    (dispatch, lot): (DispatchId, LotId),
    said: Said<'_>,
) -> Result<Option<Recipient>, ReliefError> {
    if said.proof == Proof::Signature && said.recipient.is_none() {
        return Ok(None);
    }
    if said.proof == Proof::Code && store::tries(at, dispatch, lot).await? >= TRIES_MAX {
        return Err(ReliefError::WrongCode);
    }
    let known = store::list_of_lot(at, dispatch, lot).await?;
    let mut open = known.into_iter().filter(|one| {
        let named = said.recipient.is_none_or(|id| id == one.id);
        one.signed_at.is_none() && named
    });
    let found = match said.proof {
        Proof::Signature => open.next().ok_or(ReliefError::NotFound("recipient"))?,
        Proof::Code => open
            .find(|one| code_of(services, one.id) == said.code.trim())
            .ok_or(ReliefError::WrongCode)?,
    };
    if found.quantity == said.quantity {
        Ok(Some(found))
    } else {
        Err(invalid("quantity", "the number on the list of recipients is expected"))
    }
}
