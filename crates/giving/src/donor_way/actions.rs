//! Sending the form; publishing a wording; deciding about messages; the list of words.

use db::{DbError, Tx};
use kernel::id::{Id as _, hex, uuid_v7};
use kernel::{OrderId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::error::GiveError;
use super::model::{BLOCKED_CHARS_MAX, BLOCKED_WORDS_MAX, CONSENT_CHARS_MAX, Consent, FormInput, MessageState, Wish};
use super::{queries, rules, store};
use crate::State;
use crate::donations::orders::{self, NewOrder, Order};
use crate::donations::receipts::ReceiptWish;
use crate::teams::Tags;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "blocked_word.added",
    "blocked_word.ended",
    "consent.published",
    "message.decided",
];
/// Where the words of a message are sealed for.
pub(crate) const MESSAGE_PLACE: &str = "donor_message.words";
/// The field of an order's seal that holds what a receipt needs.
pub(crate) const RECEIPT: &str = "receipt";

/// The blind index of an e-mail address.
pub fn email_index(services: &Services, email: &str) -> Vec<u8> {
    services.keys.blind_index("donor.email", email)
}

/// Sends a form that was read: places its order with all that stands beside it, in one transaction; the order's own
/// fact. The same form again gives the same order.
///
/// # Errors
/// [`GiveError::FormReused`] when the form said something else before, [`GiveError::Order`] and others.
pub async fn give(
    giving: &State,
    project: &str,
    (key, form): ([u8; 16], &FormInput),
    wish: &Wish,
) -> Result<OrderId, GiveError> {
    match give_once(giving, project, (key, form), wish).await {
        // The same form came twice at once, and the other one was first: now it is there to be found.
        Err(
            GiveError::Db(DbError::Duplicate(_))
            | GiveError::Order(crate::donations::DonationError::Db(DbError::Duplicate(_))),
        ) => give_once(giving, project, (key, form), wish).await,
        settled => settled,
    }
}

async fn give_once(
    giving: &State,
    project: &str,
    (key, form): ([u8; 16], &FormInput),
    wish: &Wish,
) -> Result<OrderId, GiveError> {
    let services = &giving.services;
    let body_hash = rules::body_hash(form);
    let mut tx = services.db.begin().await?;
    let found = crate::projects::store::intake_project_by_code(&mut tx, project).await?;
    let unit = found.ok_or(GiveError::NotFound("project"))?.unit_id;
    if let Some((order, said)) = store::order_of_form(&mut tx, unit, key).await? {
        return if said == body_hash {
            Ok(order)
        } else {
            Err(GiveError::FormReused)
        };
    }
    let new = NewOrder {
        project: project.to_owned(),
        amount: wish.amount,
        payer: wish.payer.clone(),
        anonymous: wish.anonymous,
        receipt: (!wish.receipt.is_empty()).then_some(ReceiptWish::Wanted),
    };
    let tags = Tags::of_form(&form.team, &form.from);
    let order = orders::place_in(&mut tx, giving, new, &tags).await?;
    let consent = queries::consent(&mut tx, unit, &services.tree).await?;
    let sealed = seal_receipt(&order, wish, services)?;
    let row = store::FormRow {
        order: order.id,
        unit,
        key,
        body_hash,
        provider: wish.provider.as_str(),
        consent: (consent.unit, consent.version, rules::consent_hash(&consent)),
        email_index: wish.receipt.email.as_deref().map(|email| email_index(services, email)),
        receipt_sealed: sealed,
    };
    store::insert_form(&mut tx, row).await?;
    if let Some(words) = &wish.message {
        keep_message(&mut tx, services, (unit, &order), words).await?;
    }
    tx.commit().await?;
    services.facts_written.notify_waiters();
    Ok(order.id)
}

/// What stands beside an order that was placed without the giving page: a month of a mandate, say.
pub(crate) struct Beside {
    /// The project's unit.
    pub unit: UnitId,
    /// One order for a key, however often it is tried.
    pub key: [u8; 16],
    /// The provider that was chosen.
    pub provider: crate::donations::orders::Provider,
    /// What was agreed to: unit, version, hash.
    pub consent: (UnitId, i64, Vec<u8>),
    /// The e-mail by which it is found again.
    pub email: Option<String>,
}

/// Keeps it beside the order, in the transaction that places the order.
///
/// # Errors
/// [`DbError::Duplicate`] when the key has placed an order before; any other [`DbError`].
pub(crate) async fn stand_beside(
    tx: &mut Tx,
    services: &Services,
    order: OrderId,
    beside: Beside,
) -> Result<(), DbError> {
    let form = store::FormRow {
        order,
        unit: beside.unit,
        key: beside.key,
        body_hash: beside.key.to_vec(),
        provider: beside.provider.as_str(),
        consent: beside.consent,
        email_index: beside.email.map(|email| email_index(services, &email)),
        receipt_sealed: None,
    };
    store::insert_form(tx, form).await
}

fn seal_receipt(order: &Order, wish: &Wish, services: &Services) -> Result<Option<Vec<u8>>, GiveError> {
    if wish.receipt.is_empty() {
        return Ok(None);
    }
    let secret = services
        .keys
        .gift_secret(&order.secret_wrapped)
        .map_err(crate::donations::DonationError::Key)?;
    // Three optional texts are always JSON.
    let plain = serde_json::to_vec(&wish.receipt).unwrap_or_default();
    Ok(Some(secret.seal(RECEIPT, &plain)))
}

async fn keep_message(
    tx: &mut Tx,
    services: &Services,
    (unit, order): (UnitId, &Order),
    words: &str,
) -> Result<(), GiveError> {
    let blocked = queries::blocked_words(tx, unit, &services.tree).await?;
    let folded: Vec<String> = blocked.iter().map(|word| rules::folded(word)).collect();
    let message = store::NewMessage {
        id: uuid_v7(services.now(), &*services.rng),
        unit,
        project: order.project,
        order: order.id,
        words_sealed: services.keys.seal(words.as_bytes(), MESSAGE_PLACE, &*services.rng),
        held_for: rules::held_for(words, &folded),
    };
    store::insert_message(tx, message, services.now()).await?;
    Ok(())
}

/// Publishes a wording of the consent as `version`, which must be the next one: what was agreed to before stays as it
/// was. The same words again change nothing. Fact `consent.published`.
///
/// # Errors
/// [`GiveError::ConsentVersion`], [`GiveError::Invalid`], [`GiveError::Forbidden`].
pub async fn publish_consent(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    (version, zh, en): (i64, &str, &str),
) -> Result<Consent, GiveError> {
    by.require(Permission::CampaignFile, unit)?;
    for (field, text) in [("words_zh", zh), ("words_en", en)] {
        if text.trim().is_empty() || text.chars().count() > CONSENT_CHARS_MAX {
            let why = "1 to 2,000 characters are expected";
            return Err(GiveError::Invalid { field, why });
        }
    }
    let mut tx = services.db.begin().await?;
    let newest = store::newest_consent(&mut tx, unit).await?;
    let consent = Consent {
        unit,
        version,
        words_zh: zh.trim().to_owned(),
        words_en: en.trim().to_owned(),
        published_at: Some(services.now()),
    };
    let in_force = newest.as_ref().map_or(0, |c| c.version);
    if let Some(known) = newest.filter(|c| c.version == version) {
        let same = (&known.words_zh, &known.words_en) == (&consent.words_zh, &consent.words_en);
        return if same {
            Ok(known)
        } else {
            Err(GiveError::ConsentVersion(in_force))
        };
    }
    if version != in_force + 1 {
        return Err(GiveError::ConsentVersion(in_force));
    }
    let stored = store::insert_consent(&mut tx, &consent, by.id, services.now()).await;
    stored.map_err(|error| match error {
        DbError::Duplicate(_) => GiveError::ConsentVersion(version),
        other => other.into(),
    })?;
    let body = json!({ "version": version, "hash": hex(&rules::consent_hash(&consent)) });
    finish(tx, services, by, ("consent.published", unit, unit.bytes()), body).await?;
    Ok(consent)
}

/// Shows or refuses a message. Repeating it changes nothing. Fact `message.decided`.
///
/// # Errors
/// [`GiveError::NotFound`], [`GiveError::Forbidden`].
pub async fn decide_message(
    services: &Services,
    by: &Actor,
    order: OrderId,
    state: MessageState,
) -> Result<(), GiveError> {
    by.require_somewhere(Permission::GiftReview)?;
    let mut tx = services.db.begin().await?;
    let (unit, before) = store::message(&mut tx, order)
        .await?
        .ok_or(GiveError::NotFound("message"))?;
    by.require(Permission::GiftReview, unit)
        .map_err(|_| GiveError::NotFound("message"))?;
    if before == state {
        return Ok(());
    }
    store::decide_message(&mut tx, (unit, order), state, (by.id, services.now())).await?;
    let body = json!({ "state": state });
    finish(tx, services, by, ("message.decided", unit, order.bytes()), body).await
}

/// Puts a word on a unit's list, which its lower units use too. Repeating it changes nothing. Fact
/// `blocked_word.added`; the fact tells a hash, since the word may be a name.
///
/// # Errors
/// [`GiveError::Invalid`], [`GiveError::Forbidden`].
pub async fn add_blocked_word(services: &Services, by: &Actor, unit: UnitId, word: &str) -> Result<(), GiveError> {
    by.require(Permission::GiftReview, unit)?;
    let word = word.trim();
    let fits = !rules::folded(word).is_empty() && word.chars().count() <= BLOCKED_CHARS_MAX;
    if !fits || word.chars().any(char::is_control) {
        let why = "1 to 30 characters with a letter or digit are expected";
        return Err(GiveError::Invalid { field: "word", why });
    }
    let mut tx = services.db.begin().await?;
    let running = store::blocked(&mut tx, unit).await?;
    if running.iter().any(|known| known == word) {
        return Ok(());
    }
    if i64::try_from(running.len()).unwrap_or(i64::MAX) >= BLOCKED_WORDS_MAX {
        let why = "the list is full: 2,000 words";
        return Err(GiveError::Invalid { field: "word", why });
    }
    store::insert_word(&mut tx, unit, word, (by.id, services.now())).await?;
    let body = json!({ "word_hash": hex(&services.keys.blind_index("blocked word", word)) });
    finish(tx, services, by, ("blocked_word.added", unit, unit.bytes()), body).await
}

/// Takes a word off the list; messages that waited for it stay as they are. Fact `blocked_word.ended`.
///
/// # Errors
/// [`GiveError::NotFound`] when it is not on the list.
pub async fn end_blocked_word(services: &Services, by: &Actor, unit: UnitId, word: &str) -> Result<(), GiveError> {
    by.require(Permission::GiftReview, unit)?;
    let mut tx = services.db.begin().await?;
    if !store::end_word(&mut tx, unit, word.trim(), (by.id, services.now())).await? {
        return Err(GiveError::NotFound("word"));
    }
    let body = json!({ "word_hash": hex(&services.keys.blind_index("blocked word", word.trim())) });
    finish(tx, services, by, ("blocked_word.ended", unit, unit.bytes()), body).await
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, unit, subject): (&'static str, UnitId, [u8; 16]),
    body: serde_json::Value,
) -> Result<(), GiveError> {
    let fact = NewFact {
        unit,
        kind,
        subject,
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
