//! One gift: by its id, by what only its donor knows, by its telephone.

use db::{DbError, Param as _, Reads, params};
use kernel::{BusinessDay, Fen, GiftId, ReceivingAccountId, UnitId};

use super::{FIELDS, GiftFacts, read};

/// Accounts asked in one statement: two parameters each.
const ACCOUNTS_PER_STATEMENT: usize = 500;
/// Months of a search by telephone: two years, what a helpdesk is asked for.
pub const MONTHS_MAX: i64 = 24;
/// Gifts of one telephone in one answer.
const OF_PHONE_MAX: i64 = 100;
/// Gifts of the same telephone, amount and day that can be told apart by nothing else.
const SAME_MAX: i64 = 20;

/// A gift that a look-up found.
pub type Found = GiftFacts;

/// One gift by its id, in any scope: who asks must have been given the id.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn gift(at: &mut impl Reads, id: GiftId) -> Result<Option<GiftFacts>, DbError> {
    let sql = format!("SELECT {FIELDS} FROM gift g WHERE g.id = ?1");
    at.query_one(&sql, params![(id,)]).await?.as_ref().map(read).transpose()
}

/// A gift by its full number, exact amount and business day, in whichever of these accounts it came in. All three
/// must fit, so that numbers cannot be tried out.
pub async fn by_trade_no(
    at: &mut impl Reads,
    accounts: &[(UnitId, ReceivingAccountId)],
    (trade_no, amount, day): (&str, Fen, BusinessDay),
) -> Result<Option<Found>, DbError> {
    for part in accounts.chunks(ACCOUNTS_PER_STATEMENT) {
        let mut values = params![trade_no, amount, day];
        let mut pairs = Vec::with_capacity(part.len());
        for (unit, account) in part {
            values.extend([(*unit,).param(), (*account,).param()]);
            pairs.push(format!("(?{}, ?{})", values.len() - 1, values.len()));
        }
        // The pairs lead the unique key, so each costs one look into the index.
        let sql = format!(
            "WITH a (unit_id, account_id) AS (VALUES {})
             SELECT {FIELDS} FROM a JOIN gift g ON g.unit_id = a.unit_id AND g.account_id = a.account_id
             WHERE g.trade_no = ?1 AND g.amount_fen = ?2 AND g.business_day = ?3 LIMIT 1",
            pairs.join(", ")
        );
        if let Some(row) = at.query_one(&sql, values).await? {
            return read(&row).map(Some);
        }
    }
    Ok(None)
}

/// Gifts by telephone (its blind index), exact amount and business day: for donors without their number.
pub async fn by_phone(at: &mut impl Reads, index: &[u8], amount: Fen, day: BusinessDay) -> Result<Vec<Found>, DbError> {
    let sql = format!(
        "SELECT {FIELDS} FROM gift g WHERE g.phone_month = ?1 AND g.phone_index = ?2 AND g.amount_fen = ?3
         AND g.business_day = ?4 ORDER BY g.id DESC LIMIT {SAME_MAX}"
    );
    let rows = at
        .query(&sql, params![day.to_number() / 100, index, amount, day])
        .await?;
    rows.iter().map(read).collect()
}

/// All gifts of a telephone in the months up to `last` (a business day of its month), newest first: for staff who
/// have the caller on the line. At most [`MONTHS_MAX`] months and a hundred gifts.
pub async fn of_phone(
    at: &mut impl Reads,
    index: &[u8],
    last: BusinessDay,
    months: i64,
) -> Result<Vec<Found>, DbError> {
    let mut values = params![index];
    let mut marks = Vec::new();
    let newest = last.to_number() / 10_000 * 12 + last.to_number() / 100 % 100 - 1;
    for month in newest - months.clamp(1, MONTHS_MAX) + 1..=newest {
        values.push((month / 12 * 100 + month % 12 + 1).param());
        marks.push(format!("?{}", values.len()));
    }
    let sql = format!(
        "SELECT {FIELDS} FROM gift g WHERE g.phone_index = ?1 AND g.phone_month IN ({})
         ORDER BY g.id DESC LIMIT {OF_PHONE_MAX}",
        marks.join(", ")
    );
    let rows = at.query(&sql, values).await?;
    rows.iter().map(read).collect()
}
