//! Proceeds of goods that are sold, and paid back when a sale is undone: inside the transaction of the action downstream,
//! which has decided it, moves the goods and writes its own fact.

use db::Tx;
use kernel::JournalId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::Actor;
use serde_json::json;

use super::{Need, Purse, Slip, check, check_held};
use crate::LedgerError;
use crate::journal::shapes::goods_sold::{self, GoodsSold};
use crate::journal::shapes::{When, reversal};
use crate::journal::store::{self, Header, post};

fn when(services: &Services, slip: &Slip) -> When {
    let now = services.now();
    When {
        id: JournalId::new(now, &*services.rng),
        posting_day: now.business_day(),
        business_day: slip.business_day,
    }
}

fn header(services: &Services, by: &Actor, slip: &Slip, request: String) -> Header {
    Header {
        created_at: services.now(),
        actor: Some(by.id),
        memo_code: slip.memo_code.clone(),
        request: Some((slip.key.clone(), request)),
    }
}

/// Books what goods were sold for. Whether this person may sell them, the caller has asked.
///
/// # Errors
/// [`LedgerError`]; [`LedgerError::Db`] with a duplicate when the slip's key is in the books.
pub async fn book_sale(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (slip, what): (&Slip, &GoodsSold),
) -> Result<JournalId, LedgerError> {
    check(slip, services.now().business_day())?;
    let when = when(services, slip);
    let request = json!({ "amount_fen": what.amount }).to_string();
    let header = header(services, by, slip, request);
    post(tx, &goods_sold::journal(what, when)?, &header, services).await?;
    Ok(when.id)
}

/// Takes the proceeds of a sale out of the books again, since they were paid back: the mirror of its journal. The fund
/// must still hold the money.
///
/// # Errors
/// [`LedgerError::FundLacks`], [`LedgerError::BelowFloor`]; [`LedgerError::Db`] with a duplicate when it was undone
/// before.
pub async fn undo_sale(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (slip, of, what): (&Slip, JournalId, &GoodsSold),
) -> Result<JournalId, LedgerError> {
    check(slip, services.now().business_day())?;
    let need = Need {
        fund: Some(what.fund),
        purse: Purse::Money(what.restriction),
        amount: what.amount,
    };
    check_held(tx, what.unit, need).await?;
    let entries = store::entries(tx, of).await?;
    if entries.is_empty() {
        return Err(LedgerError::NoJournal);
    }
    let when = when(services, slip);
    let request = json!({ "reverses": hex(&of.bytes()) }).to_string();
    let header = header(services, by, slip, request);
    post(tx, &reversal::journal(of, &entries, when)?, &header, services).await?;
    Ok(when.id)
}
