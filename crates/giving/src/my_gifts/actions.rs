//! Asking for a code, showing it, leaving, wishing for a refund, deciding about wishes.

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{GiftId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use platform::notify::{Address, Message};
use serde_json::json;

use super::error::MyGiftsError;
use super::model::{
    AskId, CODE_LIFE_MICROS, Contact, ContactKind, SESSION_LIFE_MICROS, Session, StoredCode, Wish, WishId, WishState,
};
use super::{queries, rules, store};
use crate::donations::queries::gift;
use crate::donations::refunds::RefundReason;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "my_gifts.code_asked",
    "my_gifts.left",
    "my_gifts.opened",
    "refund_wish.decided",
    "refund_wish.made",
];
/// The word by which an operator's gateway knows which of its templates to fill.
pub const CODE_TEMPLATE: &str = "my_gifts_code";

/// What asking came to: the number that goes with the code, and the message to be sent after the commit, if any.
pub struct Asked {
    /// Names the asking; the same for who is not known.
    pub ask: AskId,
    /// What is to be sent; the caller hands it over without letting the donor wait for it.
    pub message: Option<Message>,
}

/// Asks for a code for this contact. `text` writes the message around the code. Nothing is sent to a contact that gave
/// nothing, or that asked too often; the outcome looks the same. Fact `my_gifts.code_asked`, without the contact.
///
/// # Errors
/// [`MyGiftsError::NoRoot`], [`MyGiftsError::Db`].
pub async fn ask(
    services: &Services,
    contact: &Contact,
    text: impl FnOnce(&str) -> String,
) -> Result<Asked, MyGiftsError> {
    let now = services.now();
    let unit = services.tree.roots().first().copied().ok_or(MyGiftsError::NoRoot)?;
    let code = rules::new_code(&*services.rng);
    let id = AskId::new(now, &*services.rng);
    let stored = StoredCode {
        id,
        kind: contact.kind,
        index: rules::index(&services.keys, contact),
        hash: rules::code_hash(&services.keys, id, &code),
        expires_at: now.plus_micros(CODE_LIFE_MICROS),
    };
    let asker = Session {
        kind: contact.kind,
        index: stored.index.clone(),
        expires_at: now,
    };
    let mut tx = services.db.begin().await?;
    let since = now.plus_micros(-rules::HOUR_MICROS);
    let times = store::asked_at(&mut tx, &stored.index, since).await?;
    let may = rules::may_ask(&times, now) && queries::is_known(&mut tx, &asker, now.business_day()).await?;
    store::forget_old(&mut tx, since).await?;
    store::insert_code(&mut tx, unit, &stored, now).await?;
    finish(
        tx,
        services,
        ("my_gifts.code_asked", unit, id.bytes()),
        (None, json!({})),
    )
    .await?;
    let message = may.then(|| Message {
        to: match contact.kind {
            ContactKind::Phone => Address::Phone(contact.text.clone()),
            ContactKind::Email => Address::Email(contact.text.clone()),
        },
        template: CODE_TEMPLATE,
        text: text(&code),
        values: vec![("code", code)],
    });
    Ok(Asked { ask: id, message })
}

/// Shows a code. A right one opens a session and gives its cookie. Every showing is counted, right or wrong. Fact
/// `my_gifts.opened`.
///
/// # Errors
/// [`MyGiftsError::WrongCode`] whatever is wrong with it; [`MyGiftsError::Db`].
pub async fn open(services: &Services, ask: AskId, code: &str) -> Result<String, MyGiftsError> {
    let now = services.now();
    let unit = services.tree.roots().first().copied().ok_or(MyGiftsError::NoRoot)?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let mut tx = services.db.begin().await?;
    // Counted first: whoever tries at the same time waits for this row, and is counted too.
    let counted = store::count_try(&mut tx, ask).await?;
    let stored = store::code(&mut tx, ask)
        .await?
        .filter(|stored| counted && now < stored.expires_at);
    let fits = |stored: &StoredCode| stored.hash == rules::code_hash(&services.keys, ask, &digits);
    let Some(stored) = stored.filter(fits) else {
        tx.commit().await?;
        return Err(MyGiftsError::WrongCode);
    };
    let cookie = data_encoding::BASE64URL_NOPAD.encode(&services.rng.secret());
    let session = Session {
        kind: stored.kind,
        index: stored.index,
        expires_at: now.plus_micros(SESSION_LIFE_MICROS),
    };
    store::mark_used(&mut tx, ask, now).await?;
    store::insert_session(&mut tx, unit, (&rules::session_hash(&cookie), &session), now).await?;
    finish(tx, services, ("my_gifts.opened", unit, ask.bytes()), (None, json!({}))).await?;
    Ok(cookie)
}

/// Ends a session. Repeating it changes nothing. Fact `my_gifts.left`.
///
/// # Errors
/// [`MyGiftsError::Db`].
pub async fn leave(services: &Services, cookie: &str) -> Result<(), MyGiftsError> {
    let unit = services.tree.roots().first().copied().ok_or(MyGiftsError::NoRoot)?;
    let hash = rules::session_hash(cookie);
    let mut tx = services.db.begin().await?;
    if !store::end_session(&mut tx, &hash).await? {
        return Ok(());
    }
    let mut subject = [0; 16];
    subject.copy_from_slice(&hash[..16]);
    finish(tx, services, ("my_gifts.left", unit, subject), (None, json!({}))).await
}

/// A donor wishes for her gift back: staff will look. The same wish again is the first one. Fact `refund_wish.made`.
///
/// # Errors
/// [`MyGiftsError::NotFound`] when the gift is not hers, [`MyGiftsError::Reason`].
pub async fn wish_refund(
    services: &Services,
    session: &Session,
    id: GiftId,
    reason: RefundReason,
) -> Result<Wish, MyGiftsError> {
    if !matches!(reason, RefundReason::WrongPayment | RefundReason::DuplicatePayment) {
        return Err(MyGiftsError::Reason);
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    if !queries::owns(&mut tx, session, id, now.business_day()).await? {
        return Err(MyGiftsError::NotFound("gift"));
    }
    let unit = gift(&mut tx, id).await?.ok_or(MyGiftsError::NotFound("gift"))?.unit;
    if let Some(known) = store::waiting_wish(&mut tx, unit, id).await? {
        return Ok(known);
    }
    let wish = Wish {
        id: WishId::new(now, &*services.rng),
        unit,
        gift: id,
        reason,
        state: WishState::Waiting,
        wished_at: now,
    };
    store::insert_wish(&mut tx, &wish).await?;
    let body = json!({ "gift": hex(&id.bytes()), "reason": reason });
    finish(tx, services, ("refund_wish.made", unit, wish.id.bytes()), (None, body)).await?;
    Ok(wish)
}

/// Notes what became of a wish: a refund was asked for (`Taken`), or not (`Declined`). Repeating it changes nothing.
/// Fact `refund_wish.decided`.
///
/// # Errors
/// [`MyGiftsError::NotFound`], [`MyGiftsError::Forbidden`].
pub async fn decide_wish(services: &Services, by: &Actor, id: WishId, state: WishState) -> Result<(), MyGiftsError> {
    by.require_somewhere(Permission::RefundRequest)?;
    let mut tx = services.db.begin().await?;
    let wish = store::wish(&mut tx, id).await?.ok_or(MyGiftsError::NotFound("wish"))?;
    by.require(Permission::RefundRequest, wish.unit)
        .map_err(|_| MyGiftsError::NotFound("wish"))?;
    if !store::decide_wish(&mut tx, &wish, state, (by.id, services.now())).await? {
        return Ok(());
    }
    let body = json!({ "gift": hex(&wish.gift.bytes()), "state": state });
    finish(
        tx,
        services,
        ("refund_wish.decided", wish.unit, id.bytes()),
        (Some(by), body),
    )
    .await
}

async fn finish(
    tx: Tx,
    services: &Services,
    (kind, unit, subject): (&'static str, UnitId, [u8; 16]),
    (by, body): (Option<&Actor>, serde_json::Value),
) -> Result<(), MyGiftsError> {
    let fact = NewFact {
        unit,
        kind,
        subject,
        actor: by.map(|by| by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
