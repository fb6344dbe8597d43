//! Reads for showing: a session, its gifts page by page, wishes for refunds.

use db::{DbError, Param as _, Reads, params};
use kernel::id::Id as _;
use kernel::{BusinessDay, GiftId, Instant, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{ContactKind, EVER_MONTHS, MONTHS_BACK, PAGE_GIFTS, Session, Wish, WishId};
use super::rules::session_hash;
use super::store;
use crate::donations::queries::{GiftFacts, gift};

/// Orders of one e-mail that are looked at: more than a donor places in years.
const ORDERS_MAX: i64 = 500;

/// Who shows this cookie, while the session lives.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn session(at: &mut impl Reads, cookie: &str, now: Instant) -> Result<Option<Session>, DbError> {
    let found = store::session(at, &session_hash(cookie)).await?;
    Ok(found.filter(|session| now < session.expires_at))
}

/// A page of gifts, newest first, and the gift after which the next page begins. By telephone they are looked for so many
/// months back.
pub async fn gifts(
    at: &mut impl Reads,
    session: &Session,
    (today, months): (BusinessDay, i64),
    before: Option<GiftId>,
) -> Result<(Vec<GiftFacts>, Option<GiftId>), DbError> {
    let mut ids = ids(at, session, (today, months, before), PAGE_GIFTS + 1).await?;
    let more = ids.len() > PAGE_GIFTS;
    ids.truncate(PAGE_GIFTS);
    let mut found = Vec::with_capacity(ids.len());
    for id in &ids {
        found.extend(gift(at, *id).await?);
    }
    Ok((found, ids.last().copied().filter(|_| more)))
}

/// Whether there is any gift of this contact, or a mandate to give monthly. However old: who gave long ago may have it
/// erased.
pub(super) async fn is_known(at: &mut impl Reads, session: &Session, today: BusinessDay) -> Result<bool, DbError> {
    let has_given = !ids(at, session, (today, EVER_MONTHS, None), 1).await?.is_empty();
    Ok(has_given || crate::recurring::queries::has_any(at, session).await?)
}

/// Whether a gift is one of this contact's.
pub async fn owns(at: &mut impl Reads, session: &Session, id: GiftId, today: BusinessDay) -> Result<bool, DbError> {
    // The newest gift not above `id` is `id` itself, or it is none of hers.
    let above = next(id);
    Ok(ids(at, session, (today, MONTHS_BACK, above), 1).await?.first() == Some(&id))
}

/// The smallest id above this one.
fn next(id: GiftId) -> Option<GiftId> {
    let number = u128::from_be_bytes(id.bytes());
    number
        .checked_add(1)
        .map(|above| GiftId::from_bytes(above.to_be_bytes()))
}

async fn ids(
    at: &mut impl Reads,
    session: &Session,
    (today, months, before): (BusinessDay, i64, Option<GiftId>),
    limit: usize,
) -> Result<Vec<GiftId>, DbError> {
    let before = before.map_or([0xff; 16], GiftId::bytes);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (sql, values) = match session.kind {
        ContactKind::Phone => {
            let mut values = params![session.index.clone(), before.to_vec(), limit];
            let mut marks = Vec::new();
            let newest = today.to_number() / 10_000 * 12 + today.to_number() / 100 % 100 - 1;
            // A payer's clock may run ahead into the next month.
            for month in newest - months + 1..=newest + 1 {
                values.push((month / 12 * 100 + month % 12 + 1).param());
                marks.push(format!("?{}", values.len()));
            }
            let sql = format!(
                "SELECT id FROM gift WHERE phone_index = ?1 AND phone_month IN ({}) AND id < ?2 ORDER BY id DESC LIMIT ?3",
                marks.join(", ")
            );
            (sql, values)
        }
        ContactKind::Email => {
            let sql =
                "WITH f AS (SELECT order_id FROM order_form WHERE email_index = ?1 ORDER BY order_id DESC LIMIT ?4)
                SELECT id FROM (
                    SELECT g.id FROM f JOIN gift_order o ON o.id = f.order_id JOIN gift g
                        ON g.unit_id = o.unit_id AND g.account_id = o.account_id AND g.trade_no = o.trade_no
                    UNION
                    SELECT g.id FROM f JOIN payment_attempt a ON a.order_id = f.order_id JOIN gift g
                        ON g.unit_id = a.unit_id AND g.account_id = a.account_id AND g.trade_no = a.trade_no
                ) AS own WHERE id < ?2 ORDER BY id DESC LIMIT ?3";
            let values = params![session.index.clone(), before.to_vec(), limit, ORDERS_MAX];
            (sql.to_owned(), values)
        }
    };
    at.query(&sql, values).await?.iter().map(|row| row.id("id")).collect()
}

/// The wish that waits for a gift.
pub async fn waiting_wish(at: &mut impl Reads, unit: UnitId, gift: GiftId) -> Result<Option<Wish>, DbError> {
    store::waiting_wish(at, unit, gift).await
}

/// Wishes of the reader's units in one state, oldest first, after one, at most `limit`.
pub async fn wishes(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    state: &str,
    after: Option<WishId>,
    limit: i64,
) -> Result<Vec<Wish>, DbError> {
    let mut values = params![state, after.map_or([0; 16], WishId::bytes).to_vec(), limit];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = store::select_wishes(&format!(
        "WHERE {within} AND state = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    ));
    at.query(&sql, values).await?.iter().map(store::read_wish).collect()
}
