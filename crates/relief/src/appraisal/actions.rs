//! Ordering an appraisal, and the appraiser's answer.

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Answer, Appraisal, AppraisalState};
use super::{rules, store};
use crate::error::{ReliefError, in_scope};
use crate::stock::rules::check_text;
use crate::stock::store as stock;
use crate::told::{Told, finish};
use crate::worth::actions as worth;
use crate::{AppraisalId, LotId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.appraisal_ordered",
    "goods.appraisal_withdrawn",
    "goods.appraised",
    "goods.not_appraisable",
];

const DAY_MICROS: i64 = 86_400_000_000;

/// Sends a lot without a value to an outside appraiser. The same key again is the same order.
///
/// # Errors
/// [`ReliefError::State`] for a lot that has a value, was bought or made into kits, [`ReliefError::Taken`] while another order waits.
pub async fn order(
    services: &Services,
    by: &Actor,
    lot: LotId,
    (key, appraiser): (&str, &str),
) -> Result<Appraisal, ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    check_text("key", key, 1)?;
    check_text("appraiser", appraiser, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let lot = stock::lock_lot(&mut tx, lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsManage, (lot.unit, "lot"))?;
    if let Some(known) = store::by_key(&mut tx, lot.unit, key).await? {
        let same = known.lot == lot.id && known.appraiser == appraiser.trim();
        return if same {
            Ok(known)
        } else {
            Err(ReliefError::Taken("appraisal order"))
        };
    }
    rules::check_lot(&lot)?;
    not_in_kits(&mut tx, lot.id).await?;
    if store::open(&mut tx, lot.id, now).await?.is_some() {
        return Err(ReliefError::Taken("appraisal order"));
    }
    let order = Appraisal {
        id: AppraisalId::new(now, &*services.rng),
        unit: lot.unit,
        lot: lot.id,
        appraiser: appraiser.trim().to_owned(),
        state: AppraisalState::Asked,
        value: None,
        report: String::new(),
        ordered_by: by.id,
        ordered_at: now,
        ends_at: now.plus_micros(rules::DAYS * DAY_MICROS),
        answered_at: None,
    };
    store::insert(&mut tx, &order, key).await.map_err(|error| match error {
        DbError::Duplicate(_) => ReliefError::Taken("appraisal order"),
        other => other.into(),
    })?;
    let told = Told {
        unit: lot.unit,
        kind: "goods.appraisal_ordered",
        subject: lot.id,
        body: json!({ "appraisal": hex(&order.id.bytes()) }),
    };
    finish(tx, services, by, told).await?;
    Ok(order)
}

/// Takes an order back before it is answered: its link takes no answer any more, and another may be asked. Again, it changes
/// nothing.
///
/// # Errors
/// [`ReliefError::State`] once it is answered, [`ReliefError::Invalid`] without a reason.
pub async fn withdraw(services: &Services, by: &Actor, id: AppraisalId, why: &str) -> Result<Appraisal, ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    check_text("reason", why, 1)?;
    let missing = || ReliefError::NotFound("appraisal order");
    let mut tx = services.db.begin().await?;
    let lot = store::order(&mut tx, id).await?.ok_or_else(missing)?.lot;
    // The lot is the lock, as for the answer: one of them comes first.
    stock::lock_lot(&mut tx, lot).await?.ok_or_else(missing)?;
    let mut order = store::order(&mut tx, id).await?.ok_or_else(missing)?;
    in_scope(by, Permission::GoodsManage, (order.unit, "appraisal order"))?;
    match order.state {
        AppraisalState::Withdrawn => return Ok(order),
        AppraisalState::Asked => {}
        AppraisalState::Valued | AppraisalState::Impossible => {
            return Err(ReliefError::State {
                state: order.state.as_str(),
                wanted: "asked",
            });
        }
    }
    order.state = AppraisalState::Withdrawn;
    order.report = why.trim().to_owned();
    order.answered_at = Some(services.now());
    store::answered(&mut tx, &order).await?;
    let told = Told {
        unit: order.unit,
        kind: "goods.appraisal_withdrawn",
        subject: lot,
        body: json!({ "appraisal": hex(&id.bytes()) }),
    };
    finish(tx, services, by, told).await?;
    Ok(order)
}

/// What was made into kits went into them without a value: one that comes later has nowhere to go.
async fn not_in_kits(tx: &mut Tx, lot: LotId) -> Result<(), ReliefError> {
    if stock::was_assembled(tx, lot).await? {
        return Err(ReliefError::State {
            state: "made into kits",
            wanted: "in store",
        });
    }
    Ok(())
}

/// Takes the appraiser's answer from behind the link. Saying the same again changes nothing.
///
/// # Errors
/// [`ReliefError::NotFound`] for a link that is none, [`ReliefError::State`] when another answer stands, the time is over
/// or the goods were made into kits.
pub async fn answer(services: &Services, link: &str, answer: &Answer) -> Result<AppraisalState, ReliefError> {
    let missing = || ReliefError::NotFound("appraisal order");
    let id = rules::of_link(&services.keys, link).ok_or_else(missing)?;
    let (by, now) = (Actor::operator(), services.now());
    let mut tx = services.db.begin().await?;
    let lot = store::order(&mut tx, id).await?.ok_or_else(missing)?.lot;
    // The lot is the lock: what is read of the order after that stays true.
    let lot = stock::lock_lot(&mut tx, lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    let mut order = store::order(&mut tx, id).await?.ok_or_else(missing)?;
    if rules::is_same(&order, answer) {
        return Ok(order.state);
    }
    rules::check_answer(&order, answer, now)?;
    rules::check_lot(&lot)?;
    order.answered_at = Some(now);
    let (kind, body) = match answer {
        Answer::Worth { value, report } => {
            not_in_kits(&mut tx, lot.id).await?;
            order.state = AppraisalState::Valued;
            order.value = Some(*value);
            order.report = report.trim().to_owned();
            store::set_value(&mut tx, lot.id, *value).await?;
            worth::book(&mut tx, services, &by, [lot.id]).await?;
            ("goods.appraised", json!({ "value_fen": value }))
        }
        Answer::Impossible { why } => {
            order.state = AppraisalState::Impossible;
            order.report = why.trim().to_owned();
            ("goods.not_appraisable", json!({}))
        }
    };
    store::answered(&mut tx, &order).await?;
    let mut body = body;
    body["appraisal"] = hex(&id.bytes()).into();
    let told = Told {
        unit: lot.unit,
        kind,
        subject: lot.id,
        body,
    };
    finish(tx, services, &by, told).await?;
    Ok(order.state)
}
