//! Making a letter: one transaction with one fact, which takes its number.

use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Letter, NewLetter};
use super::store;
use crate::LetterId;
use crate::error::{ReliefError, in_scope};
use crate::stock::rules::check_text;
use crate::stock::{Source, store as stock};
use crate::told::{Told, finish};
use crate::vouchers::store as vouchers;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.letter_made"];
/// Where name and telephone are sealed for.
pub const CONTACT_PLACE: &str = "goods_letter.contact";

/// Makes the letter or agreement of a lot; the same again is the one that stands.
///
/// # Errors
/// [`ReliefError::Taken`] when one with another contact stands, [`ReliefError::State`] for what is no gift.
pub async fn make(services: &Services, by: &Actor, new: &NewLetter<'_>) -> Result<LetterId, ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    check_text("contact", new.contact, 1)?;
    check_text("phone", new.phone, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let lot = stock::lock_lot(&mut tx, new.lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsManage, (lot.unit, "lot"))?;
    let words = format!("{}\n{}", new.contact.trim(), new.phone.trim());
    if let Some(known) = store::of_lot(&mut tx, new.lot, new.kind).await? {
        let before = services.keys.open(&known.contact_sealed, CONTACT_PLACE)?;
        return if before == words.as_bytes() {
            Ok(known.id)
        } else {
            Err(ReliefError::Taken("letter"))
        };
    }
    if lot.source != Source::Donation {
        return Err(ReliefError::State {
            state: lot.source.as_str(),
            wanted: "donation",
        });
    }
    let id = LetterId::new(now, &*services.rng);
    let sealed = services.keys.seal(words.as_bytes(), CONTACT_PLACE, &*services.rng);
    let letter = Letter {
        id,
        unit: lot.unit,
        lot: lot.id,
        kind: new.kind,
        contact_sealed: sealed,
    };
    store::insert(&mut tx, &letter, (by.id, now)).await?;
    let kind = new.kind.paper();
    let number = vouchers::take_number(&mut tx, lot.unit, kind, now).await?;
    vouchers::register(&mut tx, (lot.unit, kind), number, (id.bytes(), 0), now).await?;
    let told = Told {
        unit: lot.unit,
        kind: "goods.letter_made",
        subject: id,
        body: json!({ "lot": hex(&lot.id.bytes()), "kind": new.kind, "number": kind.number(number) }),
    };
    finish(tx, services, by, told).await?;
    Ok(id)
}
