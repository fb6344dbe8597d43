//! Selling goods, and undoing a sale. Each is one transaction with one fact: the movement, the value of the goods in the
//! books, the money, and the numbered note.

use db::{DbError, Tx};
use giving::projects::actions::general_fund;
use giving::projects::model::Nature;
use giving::projects::store::fund;
use kernel::id::{Id as _, hex};
use kernel::{FundId, UnitId};
use ledger::Restriction;
use ledger::actions::{Slip, book_sale, undo_sale};
use ledger::journal::shapes::goods_sold::GoodsSold;
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::{Value, json};

use super::model::{NewSale, Sale, Undone};
use super::{rules, store};
use crate::SaleId;
use crate::error::{ReliefError, in_scope, invalid};
use crate::stock::rules::{check_may_leave, check_text};
use crate::stock::{Lot, LotState, Move, Spot, store as stock};
use crate::told::{Told, finish, moves};
use crate::vouchers::{PaperKind, store as vouchers};
use crate::worth::actions as worth;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.sold", "goods.sale_undone"];
/// Where the buyer's name is sealed for.
pub const BUYER_PLACE: &str = "goods_sale.buyer";

/// Sells goods of a lot: they leave the store, and what they brought is in the books. The same key again is the same sale.
///
/// # Errors
/// [`ReliefError::Short`], [`ReliefError::Expired`], [`ReliefError::HeldFor`], [`ReliefError::Taken`] when the key named
/// another sale, [`ReliefError::Invalid`] where limited goods name no fund.
pub async fn sell(services: &Services, by: &Actor, new: &NewSale) -> Result<Sale, ReliefError> {
    by.require_somewhere(Permission::GoodsApprove)?;
    rules::check_new(new)?;
    match sell_once(services, by, new).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => sell_once(services, by, new).await,
        settled => settled,
    }
}

fn is_same(known: &Sale, new: &NewSale) -> bool {
    (known.lot, known.place, known.quantity, known.amount) == (new.lot, new.place, new.quantity, new.amount)
        && known.paid_into == new.paid_into
        && new.fund.is_none_or(|fund| fund == known.fund)
}

async fn sell_once(services: &Services, by: &Actor, new: &NewSale) -> Result<Sale, ReliefError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let lot = stock::lock_lot(&mut tx, new.lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsApprove, (lot.unit, "lot"))?;
    if let Some(known) = store::by_key(&mut tx, lot.unit, &new.key).await? {
        return if is_same(&known, new) {
            Ok(known)
        } else {
            Err(ReliefError::Taken("sale"))
        };
    }
    check_may_leave(&lot, now.business_day())?;
    let fund = fund_of(&mut tx, services, &lot, new.fund).await?;
    let id = SaleId::new(now, &*services.rng);
    let kind = PaperKind::SaleNote;
    let number = vouchers::take_number(&mut tx, lot.unit, kind, now).await?;
    let step = Move {
        lot: lot.id,
        key: format!("sale/{}", hex(&id.bytes())),
        from: Some(Spot::at(LotState::Stocked, new.place)),
        to: Some(Spot::at(LotState::Sold, new.place)),
        quantity: new.quantity,
        paper: kind.number(number),
        reason: new.reason.trim().to_owned(),
        device_at: None,
    };
    let n = stock::apply(&mut tx, (lot.unit, by.id), &step, now).await?;
    vouchers::register(&mut tx, (lot.unit, kind), number, (lot.id.bytes(), n), now).await?;
    worth::book(&mut tx, services, by, [lot.id]).await?;
    let proceeds = GoodsSold {
        unit: lot.unit,
        fund,
        restriction: rules::restriction(&lot),
        paid_into: new.paid_into,
        amount: new.amount,
    };
    let slip = slip_of(services, lot.unit, (&format!("sale:{}", hex(&id.bytes())), &step.paper));
    let journal = book_sale(&mut tx, services, by, (&slip, &proceeds)).await?;
    let buyer = new.buyer.trim();
    let sale = Sale {
        id,
        unit: lot.unit,
        lot: lot.id,
        n,
        place: new.place,
        quantity: new.quantity,
        fund,
        restriction: proceeds.restriction,
        paid_into: new.paid_into,
        amount: new.amount,
        buyer_shown: giving::donations::mask::name(buyer),
        journal,
        sold_by: by.id,
        sold_at: now,
        undone: None,
    };
    let sealed = services.keys.seal(buyer.as_bytes(), BUYER_PLACE, &*services.rng);
    store::insert(&mut tx, &sale, &new.key, sealed).await?;
    let body = body(&sale, &step);
    finish(tx, services, by, told(&sale, "goods.sold", body)).await?;
    Ok(sale)
}

/// The fund that takes the money: the one named, of the unit itself and its own; else the unit's general one, which takes
/// no limited money.
async fn fund_of(tx: &mut Tx, services: &Services, lot: &Lot, named: Option<FundId>) -> Result<FundId, ReliefError> {
    let Some(id) = named else {
        return match rules::restriction(lot) {
            Restriction::Restricted => Err(invalid(
                "fund",
                "the goods were given for somebody: name the fund that keeps their money for it",
            )),
            Restriction::Unrestricted | Restriction::None => Ok(general_fund(tx, services, lot.unit).await?),
        };
    };
    let found = fund(tx, id).await?.filter(|fund| fund.unit == lot.unit);
    let found = found.ok_or(ReliefError::NotFound("fund"))?;
    if found.nature == Nature::Agency {
        return Err(invalid("fund", "a fund of the society's own money is expected"));
    }
    Ok(found.id)
}

/// One sale, one journal in and at most one out: the key says which.
fn slip_of(services: &Services, unit: UnitId, (key, paper): (&str, &str)) -> Slip {
    Slip {
        key: key.to_owned(),
        unit,
        business_day: services.now().business_day(),
        memo_code: Some(paper.to_owned()),
    }
}

fn body(sale: &Sale, step: &Move) -> Value {
    json!({
        "lot": hex(&sale.lot.bytes()), "quantity": sale.quantity, "amount_fen": sale.amount,
        "fund": hex(&sale.fund.bytes()), "restriction": sale.restriction.as_str(), "paid_into": sale.paid_into.as_str(),
        "paper": step.paper, "moves": moves(std::slice::from_ref(step)),
    })
}

fn told(sale: &Sale, kind: &'static str, body: Value) -> Told<SaleId> {
    Told {
        unit: sale.unit,
        kind,
        subject: sale.id,
        body,
    }
}

/// Undoes a sale: the goods are in store again, the money was paid back out of its fund. By somebody else than who sold.
///
/// # Errors
/// [`ReliefError::SamePerson`], [`ReliefError::State`] for one that was undone, [`ReliefError::Books`] where the fund no
/// longer holds the money.
pub async fn undo(services: &Services, by: &Actor, id: SaleId, reason: &str) -> Result<Sale, ReliefError> {
    by.require_somewhere(Permission::GoodsApprove)?;
    check_text("reason", reason, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let known = store::sale(&mut tx, id).await?.ok_or(ReliefError::NotFound("sale"))?;
    in_scope(by, Permission::GoodsApprove, (known.unit, "sale"))?;
    // The lot is the lock, as for every movement; what is read after it stays true.
    stock::lock_lot(&mut tx, known.lot).await?;
    let mut sale = store::sale(&mut tx, id).await?.ok_or(ReliefError::NotFound("sale"))?;
    rules::check_undo(&sale, by.id)?;
    let (unit, kind): (UnitId, PaperKind) = (sale.unit, PaperKind::SaleReturn);
    let number = vouchers::take_number(&mut tx, unit, kind, now).await?;
    let step = Move {
        lot: sale.lot,
        key: format!("unsale/{}", hex(&id.bytes())),
        from: Some(Spot::at(LotState::Sold, sale.place)),
        to: Some(Spot::at(LotState::Stocked, sale.place)),
        quantity: sale.quantity,
        paper: kind.number(number),
        reason: reason.trim().to_owned(),
        device_at: None,
    };
    let n = stock::apply(&mut tx, (unit, by.id), &step, now).await?;
    vouchers::register(&mut tx, (unit, kind), number, (sale.lot.bytes(), n), now).await?;
    worth::book(&mut tx, services, by, [sale.lot]).await?;
    let slip = slip_of(services, unit, (&format!("unsale:{}", hex(&id.bytes())), &step.paper));
    let journal = undo_sale(&mut tx, services, by, (&slip, sale.journal, &sale.proceeds())).await?;
    store::undo(&mut tx, id, (n, journal), (by.id, now)).await?;
    sale.undone = Some(Undone {
        n,
        journal,
        by: by.id,
        at: now,
    });
    let body = body(&sale, &step);
    finish(tx, services, by, told(&sale, "goods.sale_undone", body)).await?;
    Ok(sale)
}
