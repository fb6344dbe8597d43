//! What was bought goes into the store as a lot, and comes out again where that was wrong. The purchase and its lot are
//! written in one transaction: neither is there without the other.

use kernel::id::{Id as _, hex};
use platform::identity::{Actor, Permission};

use super::delivery::delivered;
use super::{locked, told};
use crate::PurchaseId;
use crate::error::{PartnerError, check_line};
use crate::ports::{Delivered, Ports};
use crate::purchases::model::{Stocked, Stocking};
use crate::purchases::{rules, store};
use crate::told::finish;

/// Puts what two people counted into the store, at a place, as a lot worth what it cost; needs
/// [`Permission::PartnerPurchase`], and the store's own permission to record. The same again is the lot that stands. Fact
/// `partner.purchase_stocked`, beside the store's own.
///
/// # Errors
/// [`PartnerError::State`] before it is received and for a list of children, [`PartnerError::Taken`] when it stands as
/// another item or elsewhere, [`PartnerError::Store`] for what the store says.
pub async fn stock(ports: &Ports, by: &Actor, (id, new): (PurchaseId, &Stocking)) -> Result<Stocked, PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    check_line("batch", &new.batch, 0)?;
    let services = &ports.services;
    let mut tx = services.db.begin().await?;
    let purchase = locked(&mut tx, by, (id, Permission::PartnerPurchase)).await?;
    let before = store::stocked(&mut tx, id).await?;
    let n = before.as_ref().map_or(1, |before| before.n + 1);
    if let Some(known) = before.filter(Stocked::stands) {
        return if (known.item, known.place) == (new.item, new.place) {
            Ok(known)
        } else {
            Err(PartnerError::Taken("lot of this purchase"))
        };
    }
    rules::may_stock(&purchase)?;
    let (quantity, value) = delivered(&mut tx, &purchase).await?;
    let goods = Delivered {
        unit: purchase.unit,
        key: format!("purchase:{}:{n}", hex(&id.bytes())),
        item: new.item,
        place: new.place,
        unit_word: purchase.unit_word.clone(),
        quantity,
        per_box: new.per_box,
        spec: purchase.spec.clone(),
        batch: new.batch.trim().to_owned(),
        expires_on: new.expires_on,
        has_certificate: new.has_certificate,
        value,
        evidence: purchase.paper().unwrap_or_default(),
    };
    let lot = ports.store.take_in(&mut tx, by, &goods).await?;
    let stocked = Stocked {
        n,
        item: new.item,
        place: new.place,
        lot: lot.id,
        quantity,
        value,
        paper: lot.paper,
        by: by.id,
        at: services.now(),
        undone: None,
    };
    store::insert_stocked(&mut tx, &purchase, &stocked).await?;
    let mut told = told(&purchase, "partner.purchase_stocked");
    told.body["lot"] = hex(&stocked.lot.bytes()).into();
    told.body["value_fen"] = value.get().into();
    told.body["counted"] = quantity.into();
    finish(tx, services, by, told).await?;
    Ok(stocked)
}

/// Takes what was put into the store out again, all of it, with a reason; needs [`Permission::PartnerApprove`], the store's
/// own permission to approve, and another person than who put it in. It may be put in anew. Fact
/// `partner.purchase_unstocked`, beside the store's own.
///
/// # Errors
/// [`PartnerError::State`] when nothing is there, [`PartnerError::SamePerson`], [`PartnerError::Store`] where pieces were
/// set aside, moved or sent meanwhile.
pub async fn unstock(ports: &Ports, by: &Actor, (id, why): (PurchaseId, &str)) -> Result<Stocked, PartnerError> {
    by.require_somewhere(Permission::PartnerApprove)?;
    check_line("reason", why, 1)?;
    let services = &ports.services;
    let mut tx = services.db.begin().await?;
    let purchase = locked(&mut tx, by, (id, Permission::PartnerApprove)).await?;
    let mut stocked = rules::may_unstock(store::stocked(&mut tx, id).await?, by.id)?;
    let pieces = (stocked.lot, stocked.place, stocked.quantity);
    ports.store.take_out(&mut tx, by, pieces, why).await?;
    let said = (why.trim(), by.id, services.now());
    store::unstock(&mut tx, (id, stocked.n), said).await?;
    stocked.undone = Some(why.trim().to_owned());
    let mut told = told(&purchase, "partner.purchase_unstocked");
    told.body["lot"] = hex(&stocked.lot.bytes()).into();
    finish(tx, services, by, told).await?;
    Ok(stocked)
}
