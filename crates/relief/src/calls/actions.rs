//! Publishing a script, and ending a call: the call, and what it ended in, in one transaction with one fact.

use db::{DbError, Tx};
use giving::donations::orders::{self, NewOrder};
use giving::donations::{DonationError, Payer};
use giving::teams::Tags;
use kernel::id::{Id as _, from_public, hex};
use kernel::{BusinessDay, Fen, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Answer, Call, CallOutcome, Fills, Published, Script};
use super::rules::{self, Walked};
use super::store::{self, NewRow};
use crate::CallId;
use crate::error::{ReliefError, in_scope, invalid};
use crate::stock::actions::announce_in;
use crate::stock::model::ValueBasis;
use crate::stock::rules::check_text;
use crate::stock::{NewLot, Source};
use crate::tables::rules::folded;
use crate::told::{Told, finish};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.script_published", "goods.call_answered"];
/// Where what was said is sealed for.
pub const ANSWERS_PLACE: &str = "goods_call.answers";
/// An order from a call waits a week: whoever called pays by a link, at the counter, at the bank.
const ORDER_DAYS: i64 = 7;
const DAY_MICROS: i64 = 86_400_000_000;

/// Why a call was not written down.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// What goods say.
    #[error(transparent)]
    Goods(#[from] ReliefError),
    /// What money says.
    #[error(transparent)]
    Money(#[from] DonationError),
}

impl From<DbError> for CallError {
    fn from(error: DbError) -> Self {
        Self::Goods(error.into())
    }
}

impl From<CallError> for web::Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Goods(error) => error.problem(),
            CallError::Money(error) => error.problem(),
        }
    }
}

/// Publishes a script for a unit and all below that have none of their own; gives its version.
///
/// # Errors
/// [`ReliefError::Invalid`] for one that is not whole.
pub async fn publish(services: &Services, by: &Actor, unit: UnitId, script: &Script) -> Result<i64, ReliefError> {
    by.require(Permission::GoodsManage, unit)?;
    rules::check(script)?;
    let document = serde_json::to_string(script).unwrap_or_default();
    let mut tx = services.db.begin().await?;
    let written = store::publish(&mut tx, unit, &document, (by.id, services.now())).await;
    let version = written.map_err(|error| match error {
        DbError::Duplicate(_) => ReliefError::Taken("script"),
        other => other.into(),
    })?;
    let told = Told {
        unit,
        kind: "goods.script_published",
        subject: unit,
        body: json!({ "version": version, "steps": script.steps.len() }),
    };
    finish(tx, services, by, told).await?;
    Ok(version)
}

/// The script in force in a unit.
///
/// # Errors
/// Any [`DbError`].
pub async fn in_force(services: &Services, unit: UnitId) -> Result<Published, ReliefError> {
    let mut at = services.db.snapshot().await?;
    Ok(store::in_force(&mut at, &services.tree.ancestors(unit)).await?)
}

/// A call to be written down. Holds what a donor said: no `Debug`.
#[derive(Clone)]
pub struct NewCall<'a> {
    /// Whose line.
    pub unit: UnitId,
    /// What makes it the same call when it is sent again.
    pub key: &'a str,
    /// The version of the script by which it was led.
    pub version: i64,
    /// What was said, step by step.
    pub answers: &'a [Answer],
}

/// Writes a call down with what it ended in: a gift of goods is announced, an order of money placed. The same key with
/// the same answers is the same call.
///
/// # Errors
/// [`ReliefError::Invalid`] for answers that do not walk the script, [`ReliefError::State`] when another version is in
/// force by now, [`ReliefError::Taken`], and what goods or orders say of their own.
pub async fn answer(giving: &giving::State, by: &Actor, new: &NewCall<'_>) -> Result<Call, CallError> {
    by.require(Permission::GoodsRecord, new.unit)
        .map_err(ReliefError::from)?;
    check_text("key", new.key, 1)?;
    match answer_once(giving, by, new).await {
        Err(CallError::Goods(ReliefError::Db(DbError::Duplicate(_)))) => answer_once(giving, by, new).await,
        settled => settled,
    }
}

async fn answer_once(giving: &giving::State, by: &Actor, new: &NewCall<'_>) -> Result<Call, CallError> {
    let services = &giving.services;
    let now = services.now();
    let said = serde_json::to_vec(new.answers).unwrap_or_default();
    let mut tx = services.db.begin().await?;
    if let Some((known, sealed)) = store::by_key(&mut tx, new.unit, new.key).await? {
        let before = services.keys.open(&sealed, ANSWERS_PLACE).map_err(ReliefError::from)?;
        return if before == said {
            Ok(known)
        } else {
            Err(ReliefError::Taken("call").into())
        };
    }
    let script = store::in_force(&mut tx, &services.tree.ancestors(new.unit)).await?;
    if script.version != new.version {
        return Err(ReliefError::State {
            state: "led by another version of the script",
            wanted: "by the one in force",
        }
        .into());
    }
    let walked = rules::walk(&script.script, new.answers)?;
    let id = CallId::new(now, &*services.rng);
    let row = |subject| NewRow {
        id,
        unit: new.unit,
        key: new.key,
        script: &script,
        sealed: services.keys.seal(&said, ANSWERS_PLACE, &*services.rng),
        outcome: walked.outcome,
        subject,
        by: by.id,
    };
    let subject = match walked.outcome {
        CallOutcome::Goods => {
            let lot = lot_of(services, (new.unit, id), &walked)?;
            let (lot, mut told) = announce_in(&mut tx, services, by, &lot).await?;
            told.body["call"] = hex(&id.bytes()).into();
            store::insert(&mut tx, row(Some(lot.id.bytes())), now).await?;
            finish(tx, services, by, told).await?;
            Some(lot.id.bytes())
        }
        CallOutcome::Money => {
            let order = place(&mut tx, giving, &walked).await?;
            store::insert(&mut tx, row(Some(order)), now).await?;
            // The order's own fact stands for both.
            tx.commit().await?;
            services.facts_written.notify_waiters();
            Some(order)
        }
        CallOutcome::None => {
            store::insert(&mut tx, row(None), now).await?;
            let told = Told {
                unit: new.unit,
                kind: "goods.call_answered",
                subject: id,
                body: json!({ "outcome": walked.outcome }),
            };
            finish(tx, services, by, told).await?;
            None
        }
    };
    Ok(Call {
        id,
        unit: new.unit,
        outcome: walked.outcome,
        subject,
        answered_at: now,
    })
}

fn filled(walked: &Walked, fills: Fills) -> &str {
    walked.filled.get(&fills).map_or("", String::as_str)
}

/// The gift of goods that a call promises. Nothing is valued on the telephone: evidence comes with the goods.
fn lot_of(services: &Services, (unit, call): (UnitId, CallId), walked: &Walked) -> Result<NewLot, ReliefError> {
    let said = |fills| filled(walked, fills);
    let day = said(Fills::ExpectedOn);
    let lot = NewLot {
        unit,
        key: format!("call/{}", hex(&call.bytes())),
        item: from_public(&*services.keys, said(Fills::Item)).map_err(|_| ReliefError::NotFound("item"))?,
        unit_word: folded(said(Fills::UnitWord)),
        quantity: said(Fills::Quantity)
            .parse()
            .map_err(|_| invalid("quantity", "one or more is expected"))?,
        per_box: 1,
        spec: String::new(),
        batch: String::new(),
        source: Source::Donation,
        donor: said(Fills::Donor).to_owned(),
        designated_for: None,
        expires_on: None,
        has_certificate: said(Fills::Certificate) == "yes",
        expected_on: (!day.is_empty()).then(|| BusinessDay::parse(day).ok()).flatten(),
        place: from_public(&*services.keys, said(Fills::Place)).map_err(|_| ReliefError::NotFound("place"))?,
        value: None,
        basis: ValueBasis::None,
        evidence: String::new(),
    };
    crate::stock::rules::check_new(&lot)?;
    Ok(lot)
}

/// The order of money that a call ends in; its payer is sealed by the order.
async fn place(tx: &mut Tx, giving: &giving::State, walked: &Walked) -> Result<[u8; 16], CallError> {
    let said = |fills| filled(walked, fills);
    let amount =
        Fen::parse_yuan(said(Fills::Amount)).map_err(|_| invalid("amount", "an amount in yuan is expected"))?;
    let new = NewOrder {
        project: said(Fills::Project).to_owned(),
        amount,
        payer: Payer {
            id: None,
            name: Some(said(Fills::Donor).to_owned()),
            phone: Some(said(Fills::Phone).to_owned()),
            on_behalf_of: None,
            memo: None,
        },
        anonymous: said(Fills::Anonymous) == "yes",
        receipt: None,
    };
    let until = giving.services.now().plus_micros(ORDER_DAYS * DAY_MICROS);
    let order = orders::place_until(tx, giving, (new, &Tags::default()), until).await?;
    Ok(order.id.bytes())
}

/// A call with what was said, for who must call back.
///
/// # Errors
/// [`ReliefError::NotFound`], [`ReliefError::Key`].
pub async fn heard(services: &Services, by: &Actor, id: CallId) -> Result<(Call, Vec<Answer>), ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    let mut at = services.db.snapshot().await?;
    let (call, sealed) = store::call(&mut at, id).await?.ok_or(ReliefError::NotFound("call"))?;
    in_scope(by, Permission::GoodsManage, (call.unit, "call"))?;
    let plain = services.keys.open(&sealed, ANSWERS_PLACE)?;
    let answers = serde_json::from_slice(&plain).map_err(|error| {
        ReliefError::Db(DbError::Row {
            column: "answers_sealed".to_owned(),
            why: error.to_string(),
        })
    })?;
    Ok((call, answers))
}

/// The calls of a unit, the newest first, without what was said.
///
/// # Errors
/// Any [`DbError`].
pub async fn calls(services: &Services, unit: UnitId) -> Result<Vec<Call>, ReliefError> {
    let mut at = services.db.snapshot().await?;
    Ok(store::calls(&mut at, unit).await?)
}
