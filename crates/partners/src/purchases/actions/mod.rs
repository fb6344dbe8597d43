//! Suppliers and ties, asking for a purchase, collecting and striking quotes, choosing, calling off. Each is one transaction
//! with one fact; [`delivery`] holds what comes after the choice, [`stocking`] the way into the store.

mod delivery;
mod stocking;

use db::{DbError, Tx};
use giving::donations::mask;
use kernel::id::{Id as _, hex};
use kernel::{ActorId, Fen, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

pub use delivery::{Invoice, invoice, order, receive};
pub use stocking::{stock, unstock};

use super::model::{Fewer, NewPurchase, Purchase, PurchaseState, Quote, Supplier};
use super::rules::{self, Wanted};
use super::store;
use crate::agreements::{AgreementState, TargetKind, rules as agreements, store as agreement_store};
use crate::children::{ListState, store as children};
use crate::error::{PartnerError, check_line, in_scope, invalid};
use crate::files::actions::of_unit;
use crate::regions::store as regions;
use crate::told::{Told, finish};
use crate::{HandedId, PurchaseId, SupplierId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "partner.supplier_added",
    "partner.tie_declared",
    "partner.purchase_asked",
    "partner.quote_collected",
    "partner.quote_struck",
    "partner.fewer_quotes_asked",
    "partner.fewer_quotes_approved",
    "partner.quote_chosen",
    "partner.purchase_ordered",
    "partner.purchase_counted",
    "partner.purchase_invoiced",
    "partner.purchase_called_off",
    "partner.purchase_stocked",
    "partner.purchase_unstocked",
];
/// What an owner's name is blinded for.
const OWNER_BLIND: &str = "partner supplier owner";
/// The most pieces of one purchase.
const QUANTITY_MAX: i64 = 10_000_000;
/// The dearest piece: ten million yuan.
const PRICE_FEN_MAX: i64 = 1_000_000_000;

fn told(purchase: &Purchase, kind: &'static str) -> Told<PurchaseId> {
    Told {
        unit: purchase.unit,
        kind,
        subject: purchase.id,
        body: json!({
            "agreement": hex(&purchase.agreement.bytes()), "state": purchase.state, "counted_in": purchase.kind,
            "quantity": purchase.quantity, "number": purchase.paper(),
        }),
    }
}

/// A supplier to be added. Holds a name: no `Debug`.
pub struct NewSupplier<'a> {
    /// Whose register.
    pub unit: UnitId,
    /// Its unified social credit code, 18 characters.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Who owns or leads it: kept masked and as a blind mark.
    pub owner: &'a str,
}

/// Adds a supplier to a unit's register; needs [`Permission::PartnerPurchase`]. Fact `partner.supplier_added`.
///
/// # Errors
/// [`PartnerError::Taken`] for a code that stands.
pub async fn add_supplier(services: &Services, by: &Actor, new: &NewSupplier<'_>) -> Result<Supplier, PartnerError> {
    by.require(Permission::PartnerPurchase, new.unit)?;
    check_line("name", new.name, 1)?;
    check_line("owner", new.owner, 1)?;
    let code = new.code.trim().to_ascii_uppercase();
    if code.len() != 18 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(invalid("code", "the 18 characters of the unified social credit code"));
    }
    let now = services.now();
    let supplier = Supplier {
        id: SupplierId::new(now, &*services.rng),
        unit: new.unit,
        code,
        name: new.name.trim().to_owned(),
        owner_shown: mask::name(new.owner),
    };
    let owner = services.keys.blind_index(OWNER_BLIND, new.owner.trim());
    let mut tx = services.db.begin().await?;
    let written = store::insert_supplier(&mut tx, (&supplier, &owner), (by.id, now)).await;
    written.map_err(|error| match error {
        DbError::Duplicate(_) => PartnerError::Taken("supplier"),
        other => other.into(),
    })?;
    let told = Told {
        unit: new.unit,
        kind: "partner.supplier_added",
        subject: supplier.id,
        body: json!({ "code": supplier.code }),
    };
    finish(tx, services, by, told).await?;
    Ok(supplier)
}

/// Declares that somebody of the house is bound to a supplier; declared again it stands. Fact `partner.tie_declared`.
///
/// # Errors
/// [`PartnerError::NotFound`].
pub async fn declare_tie(
    services: &Services,
    by: &Actor,
    (id, actor, words): (SupplierId, ActorId, &str),
) -> Result<(), PartnerError> {
    by.require_somewhere(Permission::PartnerRead)?;
    check_line("words", words, 1)?;
    let mut tx = services.db.begin().await?;
    let (supplier, _) = store::supplier(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("supplier"))?;
    in_scope(by, Permission::PartnerRead, (supplier.unit, "supplier"))?;
    if actor != by.id {
        by.require(Permission::PartnerApprove, supplier.unit)?;
    }
    store::insert_tie(&mut tx, (id, actor), (words.trim(), by.id, services.now())).await?;
    let told = Told {
        unit: supplier.unit,
        kind: "partner.tie_declared",
        subject: id,
        body: json!({ "bound": hex(&actor.bytes()) }),
    };
    finish(tx, services, by, told).await?;
    Ok(())
}

fn check_new(new: &NewPurchase) -> Result<(), PartnerError> {
    check_line("key", &new.key, 1)?;
    check_line("item", &new.item, 1)?;
    check_line("spec", &new.spec, 0)?;
    check_line("unit_word", &new.unit_word, 1)?;
    if new.kind == TargetKind::Money {
        return Err(invalid("kind", "goods or student_aid"));
    }
    if new.list.is_none() && !(1..=QUANTITY_MAX).contains(&new.quantity) {
        return Err(invalid("quantity", "one or more is expected"));
    }
    Ok(())
}

/// Begins a purchase under a running agreement; needs [`Permission::PartnerPurchase`]. For a list of children the quantity is
/// theirs, and the list is closed to further ones. The same key again is the same purchase. Fact `partner.purchase_asked`.
///
/// # Errors
/// [`PartnerError::State`], [`PartnerError::Taken`], [`PartnerError::Invalid`].
pub async fn ask(services: &Services, by: &Actor, new: &NewPurchase) -> Result<Purchase, PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    check_new(new)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let agreement = agreement_store::lock(&mut tx, new.agreement)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    in_scope(by, Permission::PartnerPurchase, (agreement.unit, "agreement"))?;
    if let Some(known) = store::by_key(&mut tx, agreement.unit, &new.key).await? {
        let same = (known.agreement, known.kind, known.item.as_str()) == (new.agreement, new.kind, new.item.trim());
        return if same {
            Ok(known)
        } else {
            Err(PartnerError::Taken("purchase"))
        };
    }
    agreements::in_state(&agreement, AgreementState::Running)?;
    if let Some(need) = new.need {
        let need = regions::need(&mut tx, need)
            .await?
            .filter(|need| need.region == agreement.region)
            .ok_or(PartnerError::NotFound("need"))?;
        if need.withdrawn.is_some() {
            return Err(PartnerError::State {
                state: "withdrawn",
                wanted: "open",
            });
        }
    }
    let quantity = match new.list {
        None => new.quantity,
        Some(list) => {
            let list = children::lock_list(&mut tx, list)
                .await?
                .filter(|list| list.agreement == agreement.id)
                .ok_or(PartnerError::NotFound("list"))?;
            if list.state != ListState::Open {
                return Err(PartnerError::State {
                    state: list.state.as_str(),
                    wanted: "open",
                });
            }
            let children = children::fitted(&mut tx, list.id).await?;
            if children == 0 {
                return Err(invalid("list", "a list with children"));
            }
            children::put_state(&mut tx, list.id, ListState::Ordered).await?;
            children
        }
    };
    let purchase = Purchase {
        id: PurchaseId::new(now, &*services.rng),
        unit: agreement.unit,
        agreement: agreement.id,
        need: new.need,
        list: new.list,
        kind: new.kind,
        item: new.item.trim().to_owned(),
        spec: new.spec.trim().to_owned(),
        unit_word: new.unit_word.trim().to_owned(),
        quantity,
        state: PurchaseState::Collecting,
        asked_by: by.id,
        asked_on: now.business_day(),
        fewer: None,
        chosen: None,
        chosen_by: None,
        number: None,
        ordered_at: None,
        due_on: None,
        invoice: None,
        payment: None,
        called_off: None,
    };
    store::insert(&mut tx, &purchase, (&new.key, now)).await?;
    finish(tx, services, by, told(&purchase, "partner.purchase_asked")).await?;
    Ok(purchase)
}

/// A purchase, locked, for who may do this with it and is bound to nobody who quoted.
async fn locked(tx: &mut Tx, by: &Actor, (id, permission): (PurchaseId, Permission)) -> Result<Purchase, PartnerError> {
    let purchase = store::lock(tx, id).await?.ok_or(PartnerError::NotFound("purchase"))?;
    in_scope(by, permission, (purchase.unit, "purchase"))?;
    store::may_touch(tx, id, by.id).await?;
    Ok(purchase)
}

/// A quote as it was given.
#[derive(Debug, Clone, Copy)]
pub struct Collected {
    /// Whose.
    pub supplier: SupplierId,
    /// For one piece.
    pub price: Fen,
    /// The quote on paper.
    pub file: HandedId,
}

/// Keeps a quote; needs [`Permission::PartnerPurchase`]. The same again is the one that stands. Fact
/// `partner.quote_collected`.
///
/// # Errors
/// [`PartnerError::Conflict`] for a supplier that is not independent or to whom the collector is bound.
pub async fn collect(
    services: &Services,
    by: &Actor,
    (id, new): (PurchaseId, Collected),
) -> Result<Quote, PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    if !(1..=PRICE_FEN_MAX).contains(&new.price.get()) {
        return Err(invalid("price_fen", "a price above zero, for one piece"));
    }
    let mut tx = services.db.begin().await?;
    let purchase = locked(&mut tx, by, (id, Permission::PartnerPurchase)).await?;
    let (supplier, owner) = store::supplier(&mut tx, new.supplier)
        .await?
        .filter(|(supplier, _)| supplier.unit == purchase.unit)
        .ok_or(PartnerError::NotFound("supplier"))?;
    let quotes = store::quotes(&mut tx, id).await?;
    let known = rules::standing(&quotes).find(|quote| quote.supplier == new.supplier);
    if let Some(known) = known.filter(|known| (known.price, known.file) == (new.price, new.file)) {
        return Ok(known.clone());
    }
    rules::in_state(&purchase, PurchaseState::Collecting)?;
    of_unit(&mut tx, new.file, purchase.unit).await?;
    if store::is_tied(&mut tx, new.supplier, by.id).await? {
        return Err(PartnerError::Conflict("is bound to who does this, by declaration"));
    }
    let quote = Quote {
        n: quotes.last().map_or(1, |last| last.n + 1),
        supplier: supplier.id,
        supplier_name: supplier.name,
        owner,
        price: new.price,
        file: new.file,
        collected_by: by.id,
        collected_at: services.now(),
        struck: None,
    };
    rules::is_independent(&quotes, &quote)?;
    store::insert_quote(&mut tx, id, &quote).await?;
    let mut told = told(&purchase, "partner.quote_collected");
    told.body["quote"] = quote.n.into();
    told.body["price_fen"] = quote.price.get().into();
    finish(tx, services, by, told).await?;
    Ok(quote)
}

/// Strikes a quote that is wrong or over, while quotes are collected. Fact `partner.quote_struck`.
///
/// # Errors
/// [`PartnerError::NotFound`], [`PartnerError::State`] once chosen.
pub async fn strike(
    services: &Services,
    by: &Actor,
    (id, n, why): (PurchaseId, i64, &str),
) -> Result<(), PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    check_line("reason", why, 1)?;
    let mut tx = services.db.begin().await?;
    let purchase = locked(&mut tx, by, (id, Permission::PartnerPurchase)).await?;
    let quotes = store::quotes(&mut tx, id).await?;
    let quote = quotes.iter().find(|quote| quote.n == n);
    let quote = quote.ok_or(PartnerError::NotFound("quote"))?;
    if !quote.stands() {
        return Ok(());
    }
    rules::in_state(&purchase, PurchaseState::Collecting)?;
    store::strike(&mut tx, (id, n), (why.trim(), services.now())).await?;
    let mut told = told(&purchase, "partner.quote_struck");
    told.body["quote"] = n.into();
    finish(tx, services, by, told).await?;
    Ok(())
}

/// Asks that fewer quotes be enough, with a reason. Fact `partner.fewer_quotes_asked`.
///
/// # Errors
/// [`PartnerError::State`] once chosen.
pub async fn ask_fewer(services: &Services, by: &Actor, id: PurchaseId, why: &str) -> Result<Purchase, PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    check_line("reason", why, 1)?;
    let mut tx = services.db.begin().await?;
    let mut purchase = locked(&mut tx, by, (id, Permission::PartnerPurchase)).await?;
    rules::in_state(&purchase, PurchaseState::Collecting)?;
    let fewer = Fewer {
        why: why.trim().to_owned(),
        asked_by: by.id,
        approved_by: None,
    };
    store::put_fewer(&mut tx, id, &fewer).await?;
    purchase.fewer = Some(fewer);
    finish(tx, services, by, told(&purchase, "partner.fewer_quotes_asked")).await?;
    Ok(purchase)
}

/// Approves that fewer quotes are enough; needs [`Permission::PartnerApprove`] and another person than who asked or
/// collected. Fact `partner.fewer_quotes_approved`.
///
/// # Errors
/// [`PartnerError::SamePerson`], [`PartnerError::State`].
pub async fn approve_fewer(services: &Services, by: &Actor, id: PurchaseId) -> Result<Purchase, PartnerError> {
    by.require_somewhere(Permission::PartnerApprove)?;
    let mut tx = services.db.begin().await?;
    let mut purchase = locked(&mut tx, by, (id, Permission::PartnerApprove)).await?;
    rules::in_state(&purchase, PurchaseState::Collecting)?;
    let quotes = store::quotes(&mut tx, id).await?;
    rules::may_approve_fewer(purchase.fewer.as_ref(), &quotes, by.id)?;
    if let Some(fewer) = &mut purchase.fewer {
        fewer.approved_by = Some(by.id);
        store::put_fewer(&mut tx, id, fewer).await?;
    }
    finish(tx, services, by, told(&purchase, "partner.fewer_quotes_approved")).await?;
    Ok(purchase)
}

/// What the parameters of a purchase's day ask for.
///
/// # Errors
/// The parameters'.
pub async fn wanted(at: &mut impl db::Reads, purchase: &Purchase) -> Result<Wanted, PartnerError> {
    let table = platform::parameters::load(at).await?;
    Ok(Wanted {
        quotes: table.whole("partner.quotes_min", purchase.asked_on)?.unwrap_or(3),
        from: table.yuan("partner.quotes_threshold_yuan", purchase.asked_on)?,
    })
}

/// Chooses a quote; needs [`Permission::PartnerApprove`] and another person than who collected. Fact `partner.quote_chosen`.
///
/// # Errors
/// [`PartnerError::Quotes`], [`PartnerError::SamePerson`], [`PartnerError::Invalid`] for another than the lowest without a
/// reason.
pub async fn choose(
    services: &Services,
    by: &Actor,
    (id, n, why): (PurchaseId, i64, &str),
) -> Result<Purchase, PartnerError> {
    by.require_somewhere(Permission::PartnerApprove)?;
    check_line("reason", why, 0)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut purchase = locked(&mut tx, by, (id, Permission::PartnerApprove)).await?;
    let quotes = store::quotes(&mut tx, id).await?;
    let wanted = wanted(&mut tx, &purchase).await?;
    rules::may_choose(&purchase, &quotes, (n, why), (by.id, wanted))?;
    store::choose(&mut tx, id, (n, why.trim()), (by.id, now)).await?;
    purchase.state = PurchaseState::Chosen;
    (purchase.chosen, purchase.chosen_by) = (Some((n, why.trim().to_owned())), Some(by.id));
    let mut told = told(&purchase, "partner.quote_chosen");
    told.body["quote"] = n.into();
    finish(tx, services, by, told).await?;
    Ok(purchase)
}

/// Gives a purchase up before anything of it was received; its list of children is open again. Fact
/// `partner.purchase_called_off`.
///
/// # Errors
/// [`PartnerError::State`] once received.
pub async fn call_off(services: &Services, by: &Actor, id: PurchaseId, why: &str) -> Result<Purchase, PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    check_line("reason", why, 1)?;
    let mut tx = services.db.begin().await?;
    let mut purchase = locked(&mut tx, by, (id, Permission::PartnerPurchase)).await?;
    match purchase.state {
        PurchaseState::CalledOff => return Ok(purchase),
        PurchaseState::Collecting | PurchaseState::Chosen | PurchaseState::Ordered => {}
        PurchaseState::Received | PurchaseState::Invoiced | PurchaseState::Paid => {
            return Err(PartnerError::State {
                state: purchase.state.as_str(),
                wanted: "not received",
            });
        }
    }
    if let Some(list) = purchase.list {
        children::put_state(&mut tx, list, ListState::Open).await?;
    }
    store::call_off(&mut tx, id, why.trim()).await?;
    (purchase.state, purchase.list) = (PurchaseState::CalledOff, None);
    purchase.called_off = Some(why.trim().to_owned());
    finish(tx, services, by, told(&purchase, "partner.purchase_called_off")).await?;
    Ok(purchase)
}
